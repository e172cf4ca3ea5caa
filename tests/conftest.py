"""What all tests share: the hypothesis profiles, and a folder of their own for compiled code."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from engine.compile import object_cache

settings.register_profile("dev", deadline=None)
settings.register_profile(
    "ci", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "dev")


@pytest.fixture(scope="session", autouse=True)
def _folder_for_compiled_code(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave the user's own cache alone."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(object_cache, "user_folder", lambda: folder)
        yield
