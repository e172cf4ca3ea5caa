"""A training step of the VAE of the digits against PyTorch's of the same numbers.

With one thread: OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
python -m pytest tests/benchmarks/test_autoencoder.py
"""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.compile.llvm_executor import Llvm
from nn.autoencoder import VAE
from tests.benchmarks.by_hand import Step, trained
from tests.benchmarks.compiled import Workload, step_of
from tests.nn.test_autoencoder import tensors, torchs

PIXELS, CODE = 64, 2


def vae(size: int) -> tuple[VAE, Workload]:
    """The VAE and its loss, on random pictures and noise."""
    model = VAE(PIXELS, [128, 64], CODE, rng=random.Random(0))
    rng = np.random.default_rng(0)
    numbers = np.concatenate([rng.random((PIXELS, size)), rng.normal(size=(CODE, size))])
    example = ([float(x) for x in numbers[:PIXELS, 0]], [float(x) for x in numbers[PIXELS:, 0]])
    indices = np.zeros((0, size), dtype=np.intp)
    return model, Workload(model.loss, example, model.parameters(), numbers, indices)


def in_torch(torch: Any, model: VAE, workload: Workload) -> Step:
    weights = tensors(torch, model)
    x, noise = (torch.tensor(part.T.copy()) for part in np.split(workload.numbers, [PIXELS]))
    parameters = [p for pair in weights for p in pair]
    return trained(torch, parameters, lambda: torchs(torch, model, weights, x, noise, torch.relu))


@pytest.mark.parametrize("size", [1, 8, 32])
def test_against_torch(versus: Callable[..., float], size: int) -> None:
    torch = pytest.importorskip("torch")
    model, workload = vae(size)
    ours, theirs = step_of(Llvm, workload), in_torch(torch, model, workload)
    for _ in range(3):
        assert ours() == pytest.approx(theirs(), rel=1e-10)
    versus(ours, theirs, rounds=40, calls=20, repeats=3, target=1.0)
