"""The programs that are timed: each runs on our Value and on the peer's."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Point = tuple[Sequence[Any], float]


def expression(value: Callable[[float], Any]) -> tuple[float, float, float]:
    """Record and sweep an expression of 24 operations on two leaves."""
    a, b = value(-4.0), value(2.0)
    g = recorded(a, b)
    g.backward()
    return g.data, a.grad, b.grad


def recorded(a: Any, b: Any) -> Any:
    """Record the expression of 24 operations, without a sweep."""
    c = a + b
    d = a * b + b**3
    c = c + (c + 1)
    c = c + (1 + c + (-a))
    d = d + (d * 2 + (b + a).relu())
    d = d + (3 * d + (b - a).relu())
    e = c - d
    f = e**2
    g = f / 2.0
    return g + 10.0 / f


def moons(n: int = 100, noise: float = 0.1) -> list[Point]:
    """Return two interleaved half circles as points with labels -1 and 1."""
    from nn.data import moons as drawn

    return [(point, 2.0 * label - 1.0) for point, label in drawn(n, noise=noise, seed=1337)]


def training(
    model: Any, points: list[Point], value: Callable[[float], Any], pause: Callable[[], Any]
) -> Iterator[float]:
    """Train by gradient descent on the hinge loss with L2 regularisation, yielding the loss of each step.

    The loop of micrograd's demo: the last loss, and so its graph, lives until the next one replaces it.
    """
    while True:
        with pause():
            inputs = [list(map(value, point)) for point, _ in points]
            scores = list(map(model, inputs))
            losses = [(1 + -label * score).relu() for (_, label), score in zip(points, scores, strict=True)]
            data_loss = sum(losses) * (1.0 / len(losses))
            total_loss = data_loss + 1e-4 * sum(p * p for p in model.parameters())
            model.zero_grad()
            total_loss.backward()
            for p in model.parameters():
                p.data -= 0.1 * p.grad
        yield total_loss.data


def chain(value: Callable[[float], Any], n: int) -> Any:
    """Record and sweep a chain of n products, and free it."""
    x = value(1.0)
    y = x
    for _ in range(n):
        y = y * 1.0001
    y.backward()
    return x.grad


def wide(value: Callable[[float], Any], add: Callable[[list[Any]], Any], n: int) -> Any:
    """Record and sweep a sum over n leaves."""
    leaves = [value(1.0) for _ in range(n)]
    add(leaves).backward()
    return leaves[-1].grad


def seeded(build: Callable[[], Any]) -> Any:
    """Build a model from the same state of the `random` module."""
    random.seed(1337)
    return build()


def scores(model: Any, points: list[Point], value: Callable[[float], Any]) -> list[Any]:
    """Record a model's answers to a batch of points."""
    return [model(list(map(value, point))) for point, _ in points]
