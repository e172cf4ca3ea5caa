"""LeNet's training step against the same network in PyTorch, eager.

With one thread: OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
python -m pytest tests/benchmarks/test_conv.py
"""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.compile.llvm_executor import Llvm
from nn.conv import LeNet
from nn.losses import cross_entropy
from tests.benchmarks.by_hand import Step, trained
from tests.benchmarks.compiled import Workload, step_of

SIZES = [1, 8, 32]
CHANNELS = {"of default size": (16, 32), "of the paper's channels": (6, 16)}


def lenet(channels: tuple[int, int], size: int) -> tuple[LeNet, Workload]:
    """Return a LeNet, and the training step of its cross-entropy on random images of 8 × 8."""
    model = LeNet(channels=channels, rng=random.Random(0))

    def loss(x: list[float], label: int) -> Any:
        return cross_entropy(model(x), label)

    rng = np.random.default_rng(0)
    numbers = rng.random((64, size))
    example = ([float(x) for x in numbers[:, 0]], 1)
    return model, Workload(loss, example, model.parameters(), numbers, rng.integers(0, 10, (1, size)))


def in_torch(torch: Any, model: LeNet, workload: Workload) -> Step:
    """Return the same step in PyTorch."""

    def tensors(neurons: Any, *shape: int) -> list[Any]:
        weights = np.array([[w.data for w in neuron.w] for neuron in neurons]).reshape(len(neurons), *shape)
        biases = np.array([neuron.offset for neuron in neurons])
        return [torch.tensor(x, requires_grad=True) for x in (weights, biases)]

    functional = torch.nn.functional
    first = tensors(model.c1.filters, 1, 3, 3)
    second = tensors(model.c3.filters, len(model.c1.filters), 3, 3)
    last = tensors(model.output.neurons, -1)
    images = torch.tensor(workload.numbers.T.copy()).view(-1, 1, 8, 8)
    labels = torch.tensor(workload.indices[0])

    def loss() -> Any:
        x = images
        for weights, biases in (first, second):
            x = functional.max_pool2d(torch.relu(functional.conv2d(x, weights, biases, padding=1)), 2)
        return functional.cross_entropy(functional.linear(x.flatten(1), *last), labels)

    return trained(torch, [*first, *second, *last], loss)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", CHANNELS)
def test_against_torch(versus: Callable[..., float], name: str, size: int) -> None:
    torch = pytest.importorskip("torch")
    model, workload = lenet(CHANNELS[name], size)
    ours, theirs = step_of(Llvm, workload), in_torch(torch, model, workload)
    for _ in range(3):
        assert ours() == pytest.approx(theirs(), rel=1e-10)
    versus(ours, theirs, rounds=40, calls=20, repeats=5, target=1.0)
