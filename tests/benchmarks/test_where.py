"""What runs where: eager, our three executors, JAX on one device and on eight, on the same batches.

python -m pytest tests/benchmarks/test_where.py; two lines a case: until the first result, and a later one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import pytest

CASES = [
    ("two-moons", 1),
    ("two-moons", 96),
    ("two-moons", 4096),
    ("digits", 64),
    ("gpt", 1),
    ("gpt", 32),
    ("784-128-10", 64),
    ("784-128-10", 1024),
    ("784-512-512-10", 64),
    ("784-512-512-10", 1024),
]
DEVICES = 8

Note: TypeAlias = Callable[[str, float, float | None], None]


def timed(model: str, size: int, devices: int, cache: Path) -> dict[str, tuple[float, float]]:
    """Return for each way the seconds of a process of its own: to the first result, of a later one."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.where", model, str(size), str(devices)],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        check=True,
        text=True,
    )
    return dict(json.loads(ran.stdout))


@pytest.mark.parametrize("model, size", CASES)
def test_ways(note: Note, tmp_path: Path, model: str, size: int) -> None:
    found = timed(model, size, 1, tmp_path)
    if find_spec("jax") and size % DEVICES == 0:
        found |= timed(model, size, DEVICES, tmp_path)
    for name, (first, later) in found.items():
        note(f"{model}, {size}: {name}, first", first, None)
        note(f"{model}, {size}: {name}", later, None)
