"""The training steps that are timed compiled: a loss on Values, and the numbers that it is shown."""

import random
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import nn
import nn.gpt
from engine import Value, logsumexp, relu
from engine.compile.batch import Batch
from engine.compile.graph import INPUT, LIN, Graph
from engine.compile.record import Sample, recorded
from engine.compile.reduce import reduce
from engine.compile.signature import Signature
from engine.ops import select
from tests.benchmarks.workloads import moons
from tests.compile.gpt import GPT, HEADS, VOCABULARY, WIDTH, document

RATE = 0.01
"""The learning rate of every step."""


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
    """A small GPT, after Karpathy's microgpt; each of `length` tokens tells the next."""
    model = GPT(random.Random(0), block=length, explicit=explicit)
    return _of_tokens(model, size, length)


def transformer(size: int, length: int, layers: int) -> Workload:
    """nn's GPT of the same width with LayerNorm, gelu and biases, in so many blocks."""
    rng = random.Random(0)
    options = {"norm": "layer", "activation": "gelu", "bias": True}
    model = nn.gpt.GPT(VOCABULARY, WIDTH, HEADS, layers, length, **options, rng=rng)  # type: ignore[arg-type]
    return _of_tokens(model, size, length)


def _of_tokens(model: Any, size: int, length: int) -> Workload:
    tokens = np.random.default_rng(0).integers(0, VOCABULARY, (length + 1, size))
    indices = np.concatenate([tokens[:-1], tokens[1:]])
    example = document(random.Random(0), length)
    return Workload(model.loss, example, model.parameters(), np.zeros((0, size)), indices)


def step_of(executor: Callable[[Graph, Graph], Any], workload: Workload) -> Callable[[], float]:
    """Return a training step of a workload by an executor: forward, reverse, and descent."""
    graph = workload.graph()
    runs = executor(graph, graph)
    counts = graph.inputs, graph.indices
    size = workload.indices.shape[1]
    batch = Batch(size, counts, graph.limits, numbers=workload.numbers, indices=workload.indices)
    parameters = runs.vector([p.data for p in workload.parameters])
    # p + rate * g
    descent = Graph([INPUT] * 3 + [LIN], [(0,), (1,), (2,), (0.0, (0,), (2,), (1,))], (3,), inputs=3)
    rule = runs.rule(descent, 2)

    def step() -> float:
        nonlocal parameters
        done = runs.trained(parameters, batch, rule, [], [-RATE])
        if done is None:
            loss, gradient = runs.value_and_grad(parameters, batch)
            done = loss, rule([parameters, gradient], [-RATE])
        loss, (parameters,) = done
        return float(loss)

    return step
