"""Graphs to compile, and what eager Values make of them: the oracle of every executor."""

import math
import random
from typing import Any

import numpy as np

from engine import Value
from engine.check.programs import SMOOTH, Program, seeded
from engine.compile.graph import INPUT, PARAMETER, Graph, run
from engine.compile.instructions import Plan
from engine.compile.reference import Reference
from engine.ops import mul


def graph_of(program: Program, parameters: int) -> Graph:
    """Return the graph of a program, its first inputs the parameters, the others the numbers of a sample."""
    count = len(program.inputs)
    ops: list[Any] = [PARAMETER] * parameters + [INPUT] * (count - parameters)
    operands: list[Any] = [(i,) for i in range(parameters)] + [(i,) for i in range(count - parameters)]
    for line in program.lines:
        ops.append(line.op)
        operands.append(line.operands)
    return Graph(ops, operands, (len(ops) - 1,), parameters=parameters, inputs=count - parameters)


def random_graph(seed: int, size: int = 30) -> tuple[Graph, list[float], list[float]]:
    """Return a random graph, its parameters and the numbers of one sample."""
    program = seeded(seed, SMOOTH, size)
    parameters = 1 + seed % len(program.inputs)
    return (
        graph_of(program, parameters),
        list(program.inputs[:parameters]),
        list(program.inputs[parameters:]),
    )


def batch(graph: Graph, numbers: list[float], lanes: int, seed: int = 0) -> tuple[Any, Any]:
    """Return numbers [input, lane] near those of one sample, and random indices [index, lane]."""
    rng = random.Random(seed)
    varied = [[x * (1 + 0.01 * rng.uniform(-1, 1) * (lane > 0)) for lane in range(lanes)] for x in numbers]
    indices = [[rng.randrange(limit) for _ in range(lanes)] for limit in graph.limits]
    return (
        np.array(varied).reshape(graph.inputs, lanes),
        np.array(indices, dtype=np.intp).reshape(graph.indices, lanes),
    )


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


def referred(plan: Plan, parameters: Any, numbers: Any, indices: Any) -> tuple[Any, Any]:
    """Return the first output of each sample and the gradient, from the reference interpreter."""
    machine = Reference(plan, numbers.shape[1], poisoned)
    machine.run(parameters, numbers, indices)
    return np.broadcast_to(machine.outputs()[0], numbers.shape[1:]), machine.gradient()


def wobbled(graph: Graph, seed: int) -> Graph:
    """Return a graph in which every result is rounded otherwise: times 1 + 2**-52 or 1 - 2**-52."""
    rng, ops, operands, new = random.Random(seed), list[Any](), list[Any](), list[int]()

    def moved(operand: Any) -> Any:
        if type(operand) is int:
            return new[operand]
        return tuple(map(moved, operand)) if isinstance(operand, tuple) else operand

    for op, given in zip(graph.ops, graph.operands, strict=True):
        leaf = op is INPUT or op is PARAMETER
        ops.append(op)
        operands.append(given if leaf else moved(given))
        if not leaf:
            ops.append(mul)
            operands.append((len(ops) - 2, 1.0 + rng.choice((-1, 1)) * 2.0**-52))
        new.append(len(ops) - 1)
    return graph._replace(ops=ops, operands=operands, outputs=tuple(map(moved, graph.outputs)))


def shaky(graph: Graph, parameters: Any, numbers: Any, indices: Any) -> tuple[float, float]:
    """Return by how much the output and the gradient change when every result is rounded otherwise.

    Where contributions cancel, the gradient is no better than the rounding of what flows through the graph.
    """
    values, gradient = eager(graph, parameters, numbers, indices)
    leaves = [Value(float(p)) for p in parameters]
    nodes = run(graph, leaves, [Value(float(x)) for x in numbers[:, 0]], [int(i) for i in indices[:, 0]])
    nodes[graph.outputs[0]].backward()
    flows = [abs(v.grad) for v in nodes if type(v) is Value and math.isfinite(v.grad)]
    most = [0.0, 2.0**-52 * max(flows)]
    for seed in range(3):
        others = eager(wobbled(graph, seed), parameters, numbers, indices)
        for i, (a, b) in enumerate(zip(others, (values, gradient), strict=True)):
            with np.errstate(all="ignore"):
                gap = np.abs(a - b)
            most[i] = max(most[i], float(np.max(gap[np.isfinite(gap)], initial=0.0)))
    return most[0], most[1]


def assert_close(found: Any, expected: Any, share: float = 1e-12, slack: float = 0.0) -> None:
    """Hold numbers to a share of the largest; where that is no number, to the same numbers that are none."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    with np.errstate(all="ignore"):
        usual = np.isfinite(expected)
        assert np.array_equal(np.isfinite(found), usual)
        assert np.array_equal(found[~usual], expected[~usual], equal_nan=True)
        largest = np.max(np.abs(expected[usual]), initial=0.0)
        assert np.all(np.abs(found[usual] - expected[usual]) <= share * largest + slack)
