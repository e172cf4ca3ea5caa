"""What all tests share: hypothesis profiles, a folder for compiled code, and what may be missing."""

import os
from collections.abc import Iterator
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, settings

from engine.compile import object_cache

settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


OF_LLVM = ("engine.compile.llvm_", "engine.compile.object_cache")
"""So begin the names of doctests that need the extra `fast`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the doctests of what is compiled by LLVM where that is missing; in CI it has to be there."""
    missing = [name for name in ("llvmlite", "platformdirs") if find_spec(name) is None]
    if not missing or os.environ.get("CI") == "true":
        return
    skip = pytest.mark.skip(reason=f"needs {' and '.join(missing)}: the extra fast")
    for item in items:
        if item.name.startswith(OF_LLVM):
            item.add_marker(skip)


@pytest.fixture(scope="session", autouse=True)
def _folder_for_compiled_code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave the user's own cache alone."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(object_cache, "user_folder", lambda: folder)
        yield
