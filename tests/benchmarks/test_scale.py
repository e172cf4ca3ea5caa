"""Graphs of a million nodes, and of ten million with -m slow: seconds and memory of making their plans.

A graph of 1e7 nodes is to be recorded, reduced and planned within 5 minutes and 8 GB.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SECONDS, BYTES = 300.0, 8e9


@pytest.mark.parametrize("nodes", ["1e6", pytest.param("1e7", marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["points", "explicit", "steps"])
def test_a_large_graph(note: Callable[[str, float, float], None], kind: str, nodes: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.scale", kind, nodes],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=True,
        text=True,
    )
    found = json.loads(ran.stdout)
    share = found["nodes"] / 1e7
    seconds = found["record and reduce"] + found["arrange"] + found["plan"]
    told = f"{kind}: {found['nodes']:,} nodes, {found['bytes a node']:.0f} bytes each"
    note(told, seconds, SECONDS * share)
    assert found["peak"] < BYTES
