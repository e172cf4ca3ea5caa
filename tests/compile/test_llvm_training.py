"""A training step in one call of compiled code: the same as a sweep and an update after it."""

import math
import random
from typing import Any

import numpy as np
import pytest

import nn
from engine import Value, exp
from engine.compile import llvm_executor, record
from engine.compile.program import Program
from tests.compile.oracle import assert_close, poisoned
from tests.compile.test_program import Momentum
from tests.parts import needed

needed("llvmlite")
needed("platformdirs")

OPTIMIZERS = {
    "descent": lambda parameters: nn.SGD(parameters, learning_rate=0.05),
    "momentum": lambda parameters: nn.Momentum(parameters, learning_rate=0.05),
    "adam": lambda parameters: nn.Adam(parameters, learning_rate=0.05),
}


def program(model: nn.MLP) -> Program:
    """Return the squared error of a perceptron of two inputs, its buffers full of nan at first."""
    made = record(lambda x, y: (model(x) - y) ** 2, [0.5, 0.25], 1.0, parameters=model, executor="llvm")
    made.executor.fresh = poisoned  # type: ignore[attr-defined]
    return made


def samples(rng: random.Random, count: int) -> list[Any]:
    return [([rng.gauss(0.0, 1.0), rng.gauss(0.0, 1.0)], rng.gauss(0.0, 1.0)) for _ in range(count)]


def in_two_steps(program: Program, batch: Any, optimizer: Any) -> float:
    loss, gradient = program.value_and_grad(batch)
    program.move(gradient, optimizer)
    return loss


def test_it_is_what_python_does() -> None:
    model = nn.MLP(2, [6, 1], activation="tanh", rng=random.Random(0))

    def loss(x: list[float], y: float) -> Any:
        return (model(x) - y) ** 2

    samples = [([0.1 * i, 1.0 - 0.2 * i], 0.5 * i) for i in range(7)]
    trained = []
    for executor in ("python", "llvm"):
        program = record(loss, *samples[0], parameters=model, executor=executor)
        optimizer = Momentum(model.parameters())
        for _ in range(20):
            program.train_step(samples, optimizer)
        trained.append(list(map(float, program.parameters)))
    assert_close(trained[1], trained[0])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_is_a_sweep_and_an_update_bit_by_bit(name: str) -> None:
    """Batches of several sizes in turn, one of them twice: it is copied in once."""
    rng = random.Random(0)
    model = nn.MLP(2, [5, 1], activation="tanh", rng=rng)
    batches = [samples(rng, count) for count in (1, 7, 7, 100)]
    kept = []
    for step in (Program.train_step, in_two_steps):
        made, optimizer = program(model), OPTIMIZERS[name](model.parameters())
        ready = [made.batch(batch) for batch in batches]
        order = [ready[i] for i in (0, 1, 1, 2, 1, 3, 3, 0, 2, 2)]
        losses = [step(made, batch, optimizer) for batch in order]
        memory = [list(map(float, column)) for column in optimizer.memory.values()]
        kept.append((losses, list(map(float, made.parameters)), memory, optimizer.updates))
    assert kept[0] == kept[1]


def test_answers_between_two_steps() -> None:
    """A forward pass on another batch takes its place; the next step copies its own in again."""
    rng = random.Random(1)
    model = nn.MLP(2, [4, 1], activation="tanh", rng=rng)
    first, second = samples(rng, 6), samples(rng, 6)
    found = []
    for asks in (False, True):
        made, optimizer = program(model), nn.SGD(model.parameters(), learning_rate=0.1)
        ready = made.batch(first)
        losses = []
        for _ in range(4):
            losses.append(made.train_step(ready, optimizer))
            if asks:
                made(second)
        found.append(losses)
    assert found[0] == found[1]


def test_parameters_that_were_set_are_taken() -> None:
    rng = random.Random(2)
    model = nn.MLP(2, [4, 1], activation="tanh", rng=rng)
    batch = samples(rng, 5)
    made, optimizer = program(model), nn.SGD(model.parameters(), learning_rate=0.1)
    loss = made.train_step(batch, optimizer)
    made.train_step(batch, optimizer)
    made.parameters = np.array([p.data for p in model.parameters()])
    assert made.train_step(batch, optimizer) == loss


def test_a_batch_in_parts_trains_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    model = nn.MLP(2, [4, 1], activation="tanh", rng=rng)
    batch, found = samples(rng, 50), []
    for size in (0, llvm_executor.BYTES):
        monkeypatch.setattr(llvm_executor, "BYTES", size)
        made, optimizer = program(model), nn.SGD(model.parameters(), learning_rate=0.1)
        found.append([made.train_step(batch, optimizer) for _ in range(3)])
    assert found[0] == pytest.approx(found[1], rel=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_would_not_be_finite_changes_nothing(name: str) -> None:
    """Neither a gradient that overflows, nor an update that does."""
    w = Value(1.0)
    made = record(lambda x: exp(w * x), 1.0, parameters=[w], executor="llvm")
    optimizer = OPTIMIZERS[name]([w])
    made.train_step([1.0, 2.0], optimizer)
    before = list(made.parameters), {slot: list(column) for slot, column in optimizer.memory.items()}
    with pytest.raises(FloatingPointError):
        made.train_step([5000.0, 1.0], optimizer)
    optimizer.learning_rate = 1e308
    if name != "adam":
        with pytest.raises(FloatingPointError, match="parameter 0 would become"):
            made.train_step([20.0, 1.0], optimizer)
    after = list(made.parameters), {slot: list(column) for slot, column in optimizer.memory.items()}
    assert after == before and optimizer.updates == 1
    optimizer.learning_rate = 0.05
    assert math.isfinite(made.train_step([1.0, 2.0], optimizer))
