"""What CI does not run twice: tests that have passed and looked for no package in vain, and no other."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CI = Path(__file__).parent.parent / ".ci"
TESTS = """
from importlib.util import find_spec

import pytest

@pytest.mark.parametrize("x", [1, "a b"])
def test_passes(x): pass
def test_fails(): assert False
def test_is_skipped(): pytest.importorskip("no_such_package")
def test_takes_another_way(): assert find_spec("no_such_package") is None
def test_does_without():
    try:
        import no_such_package
    except ImportError:
        pass
@pytest.fixture
def broken():
    yield
    assert False
def test_ends_badly(broken): pass
def test_passes_again(): assert find_spec("json")
"""


def run(folder: Path, *options: str) -> set[str]:
    """Run those tests in two processes, and return which have been run, by name."""
    plugins = ["-p", "xdist", "-p", "passed", "-p", "no:cacheprovider"]
    alone = {"PYTHONPATH": str(CI), "PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-n", "2", "-v", *options],
        cwd=folder, capture_output=True, text=True, check=False, timeout=120, env=os.environ | alone,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    return set(re.findall(r"test_some\.py::(\w+)", done.stdout))


@pytest.mark.skipif(not CI.is_dir(), reason="what is distributed has no .ci")
def test_what_has_passed_is_left_out_of_the_next_run(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    noted = tmp_path / "noted"
    first = run(tmp_path, f"--note-passed={noted}")
    assert len(first) == 7
    names = [line.partition("::")[2] for line in noted.read_text().splitlines()]
    assert names == ["test_passes[1]", "test_passes[a b]", "test_passes_again"]
    assert run(tmp_path, f"--but-passed={noted}") == first - {"test_passes", "test_passes_again"}
