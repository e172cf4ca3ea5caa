"""A training step of nn's GPT: against the compiler's own, hand-spelled GPT, and against PyTorch eager.

With one thread: OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 python -m pytest tests/benchmarks/test_gpt.py
"""

import random
from collections.abc import Callable
from typing import Any

import pytest

from engine import record
from nn import Adam
from nn.gpt import GPT
from tests.compile import gpt as spelled
from tests.nn import gpt_twin

LENGTHS = [8, 16]
SIZES = [1, 8, 32]
MODELS: dict[str, Callable[[], GPT]] = {
    "micro": lambda: GPT.micro(27, rng=random.Random(0)),
    "layer norm, gelu, biases": lambda: GPT(
        27, 16, 4, 1, 16, norm="layer", activation="gelu", bias=True, rng=random.Random(0)
    ),
    "width 32, 2 blocks": lambda: GPT(27, 32, 4, 2, 16, rng=random.Random(0)),
}


def samples(size: int, length: int) -> list[Any]:
    rng = random.Random(0)
    return [(*spelled.document(rng, length), [1 / length] * length) for _ in range(size)]


def ours(model: Any, given: list[Any]) -> Callable[[], float]:
    """Return a step of Adam by a model, compiled by LLVM."""
    parameters = model.parameters()
    program = record(model.loss, *given[0], parameters=parameters, executor="llvm")
    batch, optimizer = program.batch(given), Adam(parameters)
    return lambda: program.train_step(batch, optimizer)


def theirs(torch: Any, model: GPT, given: list[Any]) -> Callable[[], float]:
    """Return the same step by the twin of a model."""
    module, batch = gpt_twin.twin(model), gpt_twin.tensors(given)
    optimizer = torch.optim.Adam(module.parameters(), lr=0.001)

    def step() -> float:
        optimizer.zero_grad()
        loss = gpt_twin.loss(module, *batch)
        loss.backward()
        optimizer.step()
        return float(loss.item())

    return step


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", MODELS)
def test_against_torch(versus: Callable[..., float], name: str, size: int) -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    model, given = MODELS[name](), samples(size, 16)
    step, peer = ours(model, given), theirs(torch, model, given)
    for _ in range(3):
        assert step() == pytest.approx(peer(), rel=1e-9)
    versus(step, peer, rounds=40, calls=5, repeats=10, target=1.0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("length", LENGTHS)
def test_against_the_one_spelled_out(versus: Callable[..., float], length: int, size: int) -> None:
    given = samples(size, length)
    step = ours(GPT.micro(27, rng=random.Random(0)), given)
    peer = ours(spelled.GPT(random.Random(0), block=16, explicit=False), [sample[:2] for sample in given])
    versus(step, peer, rounds=200, calls=20, target=1.1)
