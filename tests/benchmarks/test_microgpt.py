"""1,000 training steps of microgpt, from a cold and from a warm cache of compiled objects.

The published C, C++ and Rust ports take 0.38 to 11.5 ms a step, so 0.38 to 11.5 s.
"""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.compile.careful import value_and_grad
from engine.compile.doors import record
from tests.benchmarks.microgpt import BLOCK, STEPS, Adam, Trained, names, train
from tests.compile.gpt import GPT

STEPS_ALONE, COLD, WARM = 0.1, 15.0, 2.0
"""Seconds for all steps, and end to end with recording and compiling, without and with the cache."""


def started(cache: Path) -> Trained:
    """The training in a process of its own, with its own folder for the cache."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.microgpt"],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"XDG_CACHE_HOME": str(cache)},
        capture_output=True,
        check=True,
        text=True,
    )
    print(ran.stderr, end="")
    return Trained(**json.loads(ran.stdout))


def test_end_to_end(note: Callable[[str, float, float], None], tmp_path: Path) -> None:
    cold = started(tmp_path)
    warm = [started(tmp_path) for _ in range(3)]
    note("microgpt, end to end, cold cache", cold.everything, COLD)
    note("microgpt, end to end, warm cache", min(run.everything for run in warm), WARM)
    note("microgpt, 1,000 steps alone", min(run.stepping for run in warm), STEPS_ALONE)
    assert all(run.losses == cold.losses for run in warm)


def test_losses_are_those_of_eager() -> None:
    """The first steps again, swept by the engine itself, and moved by the rule on floats."""
    model = GPT(random.Random(42), block=BLOCK, explicit=False)
    values = model.parameters()
    vector, optimizer = [v.data for v in values], Adam(values)
    mean, square, losses = optimizer.memory["mean"], optimizer.memory["square"], []
    for tokens in names()[:12]:
        pair = tokens[:-1][:BLOCK], tokens[1:][:BLOCK]
        program = record(model.loss, *pair, parameters=values, executor="python")
        loss, gradient = value_and_grad(program.graph, vector, program.batch([pair]).rows)
        losses.append(loss)
        rule = optimizer.update(t=float(optimizer.updates + 1), learning_rate=optimizer.learning_rate)
        moved = [rule(*column) for column in zip(vector, gradient, mean, square, strict=True)]
        vector, mean, square = (list(column) for column in zip(*moved, strict=True))
        optimizer.updates += 1
    assert train(STEPS).losses[:12] == pytest.approx(losses, rel=1e-10)
