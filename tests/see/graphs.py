"""The graphs that the tests of `engine.see` draw."""

import random

from engine import ops
from engine.value import Value


def neuron() -> Value:
    """micrograd's neuron."""
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    y = ops.tanh(x1 * w1 + x2 * w2 + b)
    y.label = "y"
    return y


def wide(size: int, *, numbers: bool = False) -> Value:
    """A dot of weights and inputs, the inputs Values or plain numbers."""
    rng = random.Random(0)
    weights = [Value(rng.uniform(-1, 1), label=f"w{i}") for i in range(size)]
    inputs = [rng.uniform(-1, 1) for _ in range(size)]
    y: Value = ops.dot(weights, inputs if numbers else [Value(x, label=f"x{i}") for i, x in enumerate(inputs)])
    y.label = "y"
    return y


def chain(length: int) -> Value:
    """A graph as deep as it is long."""
    y = Value(1.0, label="x")
    for _ in range(length):
        y = y + 1.0
    return y
