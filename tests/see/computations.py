"""The computations whose pages are tested: a neuron, a small network, a classifier, and hostile names."""

import random

import engine
import nn
from engine.value import Value

HOSTILE = "</script><img src=x onerror=alert(1)>"


def neuron() -> Value:
    with engine.watch():
        x1, w1, x2, w2 = Value(2.0), Value(-3.0), Value(0.0), Value(1.0)
        b = Value(6.8813735870195432)
        y = engine.tanh(x1 * w1 + x2 * w2 + b)
    return y


def network() -> Value:
    with engine.watch():
        net = nn.MLP(2, [4, 4, 1], rng=random.Random(1))
        xs = [Value(0.5), Value(-1.0)]
        loss = (net(xs) - 1.0) ** 2
    return loss


def classifier() -> Value:
    with engine.watch():
        x = [Value(1.0), Value(-2.0)]
        w = [[Value(0.3), Value(-0.2)], [Value(0.8), Value(0.1)], [Value(-0.5), Value(0.4)]]
        b = [Value(0.1), Value(0.0), Value(-0.1)]
        scores = [engine.dot(wi, x) + bi for wi, bi in zip(w, b, strict=True)]
        loss = nn.cross_entropy(scores, 1)
    return loss


def hostile() -> Value:
    x, w = Value(2.0, label=HOSTILE), Value(-3.0, label='"><b onclick=alert(2)>&amp;')
    y: Value = x * w + engine.tanh(x)
    y.label = f"${{{HOSTILE}}}"
    return y


def odd() -> Value:
    """inf, -inf, nan and -0.0, as values and as gradients."""
    x, w = Value(0.0, label="x"), Value(-0.0, label="w")
    y: Value = engine.log(x) * w + engine.exp(-engine.log(x)) - w / x
    y.label = "y"
    return y


def small() -> Value:
    x = Value(2.0, label="x")
    y: Value = x * x + x
    y.label = "y"
    return y


def answered() -> Value:
    with engine.watch():
        window, w = [Value(0.5 + i) for i in range(4)], [Value(1.0 - i) for i in range(4)]
        answer = engine.dot(w, window)
    return answer


def large() -> Value:
    with engine.watch():
        net = nn.MLP(3, [16, 16, 1], rng=random.Random(2))
        xs = [Value(0.5), Value(-1.0), Value(2.0)]
        loss = (net(xs) - 1.0) ** 2
    return loss


COMPUTATIONS = {f.__name__: f for f in (neuron, network, classifier, hostile, odd)}
"""Those that are stepped through from end to end."""


def recomputed(y: Value) -> None:
    """Compute every node anew from its operands, after leaves were changed."""
    for node in engine.see.names.reading(y):
        if node.op is not None:
            node.data = node.op(*map(number, (node.x, node.y)[: node.op.arity]))


def number(operand: object) -> object:
    if isinstance(operand, tuple):
        return tuple([number(v) for v in operand])
    return operand.data if isinstance(operand, Value) else operand
