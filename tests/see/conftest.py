"""The graphs that the tests of `engine.see` look at."""

import random
from collections.abc import Callable

import pytest

import engine.chain  # noqa: F401  (gives Value its backward)
from engine import ops
from engine.value import Value


@pytest.fixture
def neuron() -> Value:
    """micrograd's neuron, not swept."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    y: Value = ops.tanh(x1 * w1 + x2 * w2 + b)
    y.label = "y"
    return y


@pytest.fixture
def wide() -> Callable[..., Value]:
    """A dot of weights and inputs, the inputs Values or plain numbers; swept."""

    def make(size: int, *, numbers: bool = False) -> Value:
        rng = random.Random(0)
        weights = [Value(rng.uniform(-1, 1), label=f"w{i}") for i in range(size)]
        inputs = [rng.uniform(-1, 1) for _ in range(size)]
        values = inputs if numbers else [Value(x, label=f"x{i}") for i, x in enumerate(inputs)]
        y: Value = ops.dot(weights, values)
        y.label = "y"
        y.backward()
        return y

    return make


@pytest.fixture
def chain() -> Callable[[int], Value]:
    """A graph as deep as it is long."""

    def make(length: int) -> Value:
        y = Value(1.0, label="x")
        for _ in range(length):
            y = y + 1.0
        return y

    return make


OPERATIONS: list[Callable[[Value, Value], Value]] = [
    lambda x, y: x + y,
    lambda x, y: x * y,
    lambda x, y: x - y,
    lambda x, y: -x,
    lambda x, y: x * 3,
    lambda x, y: 2 - x,
    lambda x, y: ops.tanh(x),
    lambda x, y: ops.detach(x) * y,
    lambda x, y: ops.dot([x, y], [y, 0.5]),
    lambda x, y: ops.sum([x, x, y]),
    lambda x, y: ops.where(x, y, x),
    lambda x, y: x / (y * y + 1),
    lambda x, y: ops.max([x, y]),
]


@pytest.fixture(scope="session")
def program() -> Callable[[list[tuple[int, int, int]]], Value]:
    """The last result of a program: each choice takes an operation and two of the values so far."""

    def make(choices: list[tuple[int, int, int]]) -> Value:
        values = [Value(0.7, label="a"), Value(-1.3, label="b"), Value(0.0, label="c")]
        for operation, i, j in choices:
            x, y = values[i % len(values)], values[j % len(values)]
            values.append(OPERATIONS[operation % len(OPERATIONS)](x, y))
        return values[-1]

    return make
