"""A training step of the LSTM forecaster against PyTorch's nn.LSTM and nn.Linear of the same numbers.

With one thread: OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
python -m pytest tests/benchmarks/test_recurrent.py
"""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.compile.llvm_executor import Llvm
from nn.recurrent import Forecaster, LSTMCell
from tests.benchmarks.by_hand import Step, trained
from tests.benchmarks.compiled import Workload, step_of
from tests.nn.test_recurrent import torchs_tensors

WINDOW, HIDDEN = 10, 16


def forecaster(size: int) -> tuple[Forecaster, Workload]:
    """A forecaster and its square error on random windows."""
    model = Forecaster("lstm", HIDDEN, rng=random.Random(0))

    def loss(window: list[float], target: float) -> Any:
        return (model(window) - target) ** 2

    numbers = np.random.default_rng(0).normal(size=(WINDOW + 1, size))
    example = ([float(x) for x in numbers[:-1, 0]], 1.0)
    indices = np.zeros((0, size), dtype=np.intp)
    return model, Workload(loss, example, model.parameters(), numbers, indices)


def in_torch(torch: Any, model: Forecaster, workload: Workload) -> Step:
    lstm, head = torch.nn.LSTM(1, HIDDEN).double(), torch.nn.Linear(HIDDEN, 1).double()
    (cell,) = model.recurrent.cells
    assert isinstance(cell, LSTMCell)
    with torch.no_grad():
        for place, numbers in zip(lstm.parameters(), torchs_tensors(torch, cell), strict=True):
            place.copy_(numbers)
        head.weight.copy_(torch.tensor([[w.data for w in model.output.w]], dtype=torch.float64))
        head.bias.fill_(model.output.offset)
    lstm.bias_hh_l0.requires_grad_(False)  # we have one bias: two would move it twice as far
    windows = torch.tensor(workload.numbers[:-1])[:, :, None]  # [time, sample, feature]
    targets = torch.tensor(workload.numbers[-1])

    def loss() -> Any:
        hidden, _ = lstm(windows)
        return ((head(hidden[-1])[:, 0] - targets) ** 2).mean()

    return trained(torch, [p for p in [*lstm.parameters(), *head.parameters()] if p.requires_grad], loss)


@pytest.mark.parametrize("size", [1, 8, 32])
def test_against_torch(versus: Callable[..., float], size: int) -> None:
    torch = pytest.importorskip("torch")
    model, workload = forecaster(size)
    ours, theirs = step_of(Llvm, workload), in_torch(torch, model, workload)
    for _ in range(3):
        assert ours() == pytest.approx(theirs(), rel=1e-10)
    versus(ours, theirs, rounds=40, calls=20, repeats=10, target=1.0)
