"""The python executor against eager Values without the collector, interleaved; how long recording takes."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from engine import Value, logsumexp, paused_gc, record, relu, select
from nn import MLP
from tests.benchmarks.workloads import moons
from tests.compile.gpt import GPT, document

Step = tuple[Callable[..., Any], list[Any], list[Value]]
"""A loss of one sample, a batch, the parameters."""


def two_moons(explicit: bool) -> Step:
    model = MLP(2, [16, 16, 1], rng=random.Random(0), explicit=explicit)
    batch = [(list(x), float(y)) for x, y in moons()]
    return lambda x, label: relu(1 - label * model(x)), batch, model.parameters()


def digits(explicit: bool, activation: str = "relu") -> Step:
    rng = random.Random(0)
    model = MLP(64, [32, 10], activation=activation, rng=rng, explicit=explicit)

    def loss(x: list[Any], label: Any) -> Any:
        scores = model(x)
        return logsumexp(scores) - select(scores, label)

    return (
        loss,
        [([rng.random() for _ in range(64)], rng.randrange(10)) for _ in range(64)],
        model.parameters(),
    )


def digits_tanh(explicit: bool) -> Step:
    return digits(explicit, "tanh")


def gpt(explicit: bool) -> Step:
    rng = random.Random(0)
    model = GPT(rng, explicit=explicit)
    return model.loss, [document(rng) for _ in range(2)], model.parameters()


STEPS = [two_moons, digits, digits_tanh, gpt]


@pytest.mark.parametrize("explicit", [True, False], ids=["explicit", "dots"])
@pytest.mark.parametrize("make", STEPS, ids=lambda make: make.__name__)
def test_python_against_eager(versus: Callable[..., float], make: Any, explicit: bool) -> None:
    """25 times as fast where the neurons are spelled out; a dot of Values is fast itself."""
    loss, samples, parameters = make(explicit)
    program = record(loss, *samples[0], parameters=parameters, executor="python")
    batch = program.batch(samples)

    def eager() -> None:
        for p in parameters:
            p.grad = 0.0
        with paused_gc():
            for sample in samples:
                (loss(*sample) * (1 / len(samples))).backward()

    program.value_and_grad(batch)
    target = 1 / 25 if explicit else None
    versus(lambda: program.value_and_grad(batch), eager, rounds=10, repeats=4, target=target)


@pytest.mark.parametrize("explicit", [True, False], ids=["explicit", "dots"])
def test_recording_a_gpt(alone: Callable[..., float], explicit: bool) -> None:
    loss, samples, parameters = gpt(explicit)
    alone(lambda: record(loss, *samples[0], parameters=parameters), rounds=3, target=0.8)


@pytest.mark.parametrize("explicit", [True, False], ids=["explicit", "dots"])
def test_recording_300_000_nodes(alone: Callable[..., float], explicit: bool) -> None:
    rng = random.Random(0)
    model = MLP(784, [128, 10], rng=rng, explicit=explicit)

    def loss(x: list[Any], label: Any) -> Any:
        scores = model(x)
        return logsumexp(scores) - select(scores, label)

    example = [rng.random() for _ in range(784)], 3
    alone(lambda: record(loss, *example, parameters=model), rounds=3, target=4.0)
