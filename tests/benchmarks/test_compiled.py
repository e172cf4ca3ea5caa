"""Compiled steps against numpy written by hand and PyTorch, interleaved: forward, reverse and the update.

With one thread: OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python -m pytest tests/benchmarks/test_compiled.py
"""

from collections.abc import Callable
from typing import Any

import pytest

from engine.compile.numpy_executor import Numpy
from tests.benchmarks import by_hand
from tests.benchmarks.compiled import Workload, classifier, gpt, step_of, two_moons

DIGITS, IMAGES = [64, 32, 10], [784, 128, 10]
CASES: dict[str, tuple[Callable[[], Workload], Callable[..., Any], Callable[..., Any], float, float]] = {
    "two-moons": (two_moons, by_hand.moons_in_numpy, by_hand.moons_in_torch, 1.1, 0.5),
    "digits": (
        lambda: classifier(DIGITS),
        lambda w: by_hand.classifier_in_numpy(w, DIGITS),
        lambda torch, w: by_hand.classifier_in_torch(torch, w, DIGITS),
        1.2,
        0.65,
    ),
    "784-128-10": (
        lambda: classifier(IMAGES),
        lambda w: by_hand.classifier_in_numpy(w, IMAGES),
        lambda torch, w: by_hand.classifier_in_torch(torch, w, IMAGES),
        1.1,
        0.9,
    ),
    "gpt, 1": (lambda: gpt(1), by_hand.gpt_in_numpy, by_hand.gpt_in_torch, 2.0, 0.5),
    "gpt, 32": (lambda: gpt(32), by_hand.gpt_in_numpy, by_hand.gpt_in_torch, 1.5, 0.75),
}
"""By name: the workload, it in numpy and in PyTorch, and the shares of their time that ours may take."""


@pytest.mark.parametrize("name", CASES)
def test_against_numpy_by_hand(versus: Callable[..., float], name: str) -> None:
    make, hand, _, share, _ = CASES[name]
    workload = make()
    ours, theirs = step_of(Numpy, workload), hand(workload)
    for _ in range(3):
        assert ours() == pytest.approx(theirs(), rel=1e-10)
    versus(ours, theirs, rounds=40, calls=50, target=share)


@pytest.mark.parametrize("name", CASES)
def test_against_torch(versus: Callable[..., float], name: str) -> None:
    torch = pytest.importorskip("torch")
    make, _, peer, _, share = CASES[name]
    workload = make()
    ours, theirs = step_of(Numpy, workload), peer(torch, workload)
    for _ in range(3):
        assert ours() == pytest.approx(theirs(), rel=1e-10)
    versus(ours, theirs, rounds=40, calls=50, target=share)
