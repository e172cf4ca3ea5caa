"""The training steps that are timed compiled: a loss on Values, and the numbers that it is shown."""

import operator
import random
from collections.abc import Callable
from functools import reduce as folded
from typing import Any, NamedTuple

import numpy as np

import nn
from engine import Value, dot, log, logsumexp, relu
from engine.compile.graph import Graph
from engine.compile.record import Sample, recorded
from engine.compile.reduce import reduce
from engine.compile.signature import Signature
from engine.ops import select, softmax
from tests.benchmarks.workloads import moons

VOCABULARY, WIDTH, HEADS, BLOCK = 27, 16, 4, 16


class Workload(NamedTuple):
    """A loss of one sample, an example, the parameters, and a batch: numbers [input, lane], indices."""

    loss: Callable[..., Any]
    example: tuple[Any, ...]
    parameters: list[Value]
    numbers: Any
    indices: Any

    def graph(self) -> Graph:
        """Record the loss, twice and a third time, and reduce it."""
        signature = Signature.of(self.loss, self.example)
        sample = Sample(*signature.flat(self.example if len(self.example) > 1 else self.example[0]))
        return reduce(recorded(self.loss, sample, self.parameters, signature).graph)


def two_moons(size: int = 100, explicit: bool = False) -> Workload:
    """2-16-16-1 with the hinge loss."""
    model = nn.MLP(2, [16, 16, 1], rng=random.Random(0), explicit=explicit)

    def loss(x: list[float], label: float) -> Any:
        return relu(1 - label * model(x))

    points = (moons(100) * (size // 100 + 1))[:size]
    numbers = np.array([[*x, y] for x, y in points]).T.copy()
    return Workload(loss, ([0.5, 0.25], 1.0), model.parameters(), numbers, np.zeros((0, size), dtype=np.intp))


def classifier(sizes: list[int], size: int = 64, explicit: bool = False) -> Workload:
    """A multilayer perceptron with relu and the cross-entropy of its logits, on random images."""
    model = nn.MLP(sizes[0], sizes[1:], rng=random.Random(0), explicit=explicit)
    for neuron in (neuron for layer in model.layers for neuron in layer.neurons):
        for w in neuron.w:
            w.data /= len(neuron.w) ** 0.5

    def loss(x: list[float], label: int) -> Any:
        logits = model(x)
        return logsumexp(logits) - select(logits, label)

    rng = np.random.default_rng(0)
    numbers = rng.random((sizes[0], size))
    example = ([float(x) for x in numbers[:, 0]], 1)
    return Workload(loss, example, model.parameters(), numbers, rng.integers(0, sizes[-1], (1, size)))


def gpt(size: int = 1, length: int = 8, explicit: bool = False) -> Workload:
    """Karpathy's microgpt: one layer of width 16, 4 heads, no biases, on `length` tokens."""
    rng = random.Random(0)

    def matrix(rows: int, columns: int) -> list[list[Value]]:
        return [[Value(rng.gauss(0.0, 0.08)) for _ in range(columns)] for _ in range(rows)]

    weights = {
        "wte": matrix(VOCABULARY, WIDTH), "wpe": matrix(BLOCK, WIDTH), "head": matrix(VOCABULARY, WIDTH),
        "q": matrix(WIDTH, WIDTH), "k": matrix(WIDTH, WIDTH), "v": matrix(WIDTH, WIDTH),
        "o": matrix(WIDTH, WIDTH), "up": matrix(4 * WIDTH, WIDTH), "down": matrix(WIDTH, 4 * WIDTH),
    }  # fmt: skip

    def inner(xs: list[Any], ys: list[Any]) -> Any:
        return folded(operator.add, map(operator.mul, xs, ys)) if explicit else dot(xs, ys)

    def linear(x: list[Any], name: str) -> list[Any]:
        return [inner(row, x) for row in weights[name]]

    def normed(x: list[Any]) -> list[Any]:
        scale = (inner(x, x) / len(x) + 1e-5) ** -0.5
        return [xi * scale for xi in x]

    def attended(q: list[Any], keys: list[list[Any]], values: list[list[Any]], first: int) -> list[Any]:
        part = slice(first, first + WIDTH // HEADS)
        shares = softmax([inner(q[part], key[part]) / (WIDTH // HEADS) ** 0.5 for key in keys])
        return [inner(shares, [value[j] for value in values]) for j in range(WIDTH)[part]]

    def loss(tokens: list[int]) -> Any:
        keys: list[list[Any]] = []
        values: list[list[Any]] = []
        losses = []
        for position in range(length):
            embedded = [select([row[i] for row in weights["wte"]], tokens[position]) for i in range(WIDTH)]
            x = normed([a + b for a, b in zip(embedded, weights["wpe"][position], strict=True)])
            before, x = x, normed(x)
            q = linear(x, "q")
            keys.append(linear(x, "k"))
            values.append(linear(x, "v"))
            heads = [attended(q, keys, values, first) for first in range(0, WIDTH, WIDTH // HEADS)]
            x = [a + b for a, b in zip(linear([y for head in heads for y in head], "o"), before, strict=True)]
            before = x
            x = linear([relu(y) for y in linear(normed(x), "up")], "down")
            x = [a + b for a, b in zip(x, before, strict=True)]
            losses.append(-log(select(softmax(linear(x, "head")), tokens[position + 1])))
        return folded(operator.add, losses) / length

    indices = np.random.default_rng(0).integers(0, VOCABULARY, (length + 1, size))
    parameters = [w for rows in weights.values() for row in rows for w in row]
    return Workload(loss, ([1] * (length + 1),), parameters, np.zeros((0, size)), indices)
