"""The package: what it exports, and what it says when another `engine` is in the way."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import engine
import nn
from nn._together import check

ROOT = Path(__file__).parents[2]


def test_all_is_sorted_and_there():
    assert nn.__all__ == sorted(nn.__all__)
    assert all(hasattr(nn, name) for name in nn.__all__)


def test_the_versions_are_one():
    assert nn.__version__ == engine.__version__


@pytest.mark.parametrize(
    ("version", "message"),
    [
        (None, "was found has no version and lies at /somewhere/engine.py: another package or file"),
        ("99.0", "was found has version 99.0 and lies at /somewhere/engine.py"),
    ],
)
def test_another_version_is_refused(version, message):
    with pytest.raises(ImportError, match=message):
        check(version, "/somewhere/engine.py")


def test_a_file_called_engine_is_named(tmp_path):
    (tmp_path / "engine.py").write_text("def train_one_epoch(): ...\n")
    environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    result = subprocess.run(
        [sys.executable, "-c", "import nn"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert "another package or file of that name is in the way" in result.stderr
    assert str(tmp_path / "engine.py") in result.stderr
