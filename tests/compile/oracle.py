"""Graphs to compile, and what eager Values make of them: the oracle of every executor."""

from typing import Any

import numpy as np

from engine import Value
from engine.compile import careful
from engine.compile.batch import Batch
from engine.compile.graph import Graph, run
from engine.compile.instructions import Plan
from engine.compile.plan import plan
from engine.compile.reference import Reference


def eager(graph: Graph, parameters: Any, numbers: Any, indices: Any) -> tuple[Any, Any]:
    """Return the first output of each sample, and the gradient of their mean, from one sweep a sample."""
    lanes = numbers.shape[1]
    total = np.zeros(len(parameters))
    values = []
    for lane in range(lanes):
        leaves = [Value(float(p)) for p in parameters]
        results = run(
            graph, leaves, [Value(float(x)) for x in numbers[:, lane]], [int(i) for i in indices[:, lane]]
        )
        output = results[graph.outputs[0]]
        values.append(output.data)
        output.backward()
        total += [p.grad for p in leaves]
    return np.array(values), total / lanes


def poisoned(shape: tuple[int, ...]) -> Any:
    """Return a buffer in which nothing may be read before it is written."""
    return np.full(shape, np.nan)


class Referred:
    """The reference interpreter as an executor."""

    def __init__(self, graph: Graph, whole: Graph) -> None:
        self.plan, self.whole = plan(graph), whole

    def vector(self, numbers: Any) -> Any:
        return numbers

    def forward(self, parameters: Any, batch: Batch) -> list[Any]:
        values, _ = referred(self.plan, parameters, batch.numbers, batch.indices)
        if np.isfinite(values).all():
            return [values]
        return careful.forward(self.whole, parameters, batch.rows)

    def value_and_grad(self, parameters: Any, batch: Batch) -> tuple[float, Any]:
        values, gradient = referred(self.plan, parameters, batch.numbers, batch.indices)
        if np.isfinite(values).all() and np.isfinite(gradient).all():
            return float(np.mean(values)), gradient
        return careful.value_and_grad(self.whole, parameters, batch.rows)


def referred(made: Plan, parameters: Any, numbers: Any, indices: Any) -> tuple[Any, Any]:
    """Return the first output of each sample and the gradient, from the reference interpreter."""
    machine = Reference(made, numbers.shape[1], poisoned)
    machine.run(parameters, numbers, indices)
    return np.broadcast_to(machine.outputs()[0], numbers.shape[1:]), machine.gradient()


def assert_close(found: Any, expected: Any, share: float = 1e-12) -> None:
    """Hold numbers to a share of the largest; where that is no number, to the same numbers that are none."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    with np.errstate(all="ignore"):
        usual = np.isfinite(expected)
        assert np.array_equal(np.isfinite(found), usual)
        assert np.array_equal(found[~usual], expected[~usual], equal_nan=True)
        largest = np.max(np.abs(expected[usual]), initial=0.0)
        assert np.all(np.abs(found[usual] - expected[usual]) <= share * largest)
