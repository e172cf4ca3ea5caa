"""The llvm executor on random programs, and on graphs without structure, against eager."""

import math
import random
from typing import Any

import numpy as np
import pytest

from engine import ops
from engine.check.programs import SMOOTH
from engine.compile.batch import Batch
from engine.compile.graph import INPUT, PARAMETER, Graph
from engine.compile.llvm_executor import Llvm
from engine.compile.reduce import reduce
from tests.compile.agreement import disagreement, drawn
from tests.compile.oracle import Referred, assert_close, eager, poisoned
from tests.parts import needed

needed("llvmlite")
needed("platformdirs")


@pytest.mark.parametrize("start", range(0, 30, 10))
def test_random_programs(start: int) -> None:
    for seed in range(start, start + 10):
        graph, parameters, given = drawn(seed, SMOOTH, 30)
        for form in (graph, reduce(graph)):
            executor = Llvm(form, graph)
            executor.fresh = poisoned
            for judged in (executor, Referred(form, graph)):
                assert disagreement(judged, graph, parameters, given) == "", seed


@pytest.mark.slow
@pytest.mark.parametrize("start", range(1000, 11_000, 100))
def test_ten_thousand_random_programs(start: int) -> None:
    for seed in range(start, start + 100):
        graph, parameters, given = drawn(seed, SMOOTH, 10 + seed % 50)
        for form in (graph, reduce(graph)):
            executor = Llvm(form, graph)
            executor.fresh = poisoned
            assert disagreement(executor, graph, parameters, given) == "", seed


def tangled(nodes: int, reach: int, seed: int = 0) -> Graph:
    """Return a graph without structure: each node reads any of the last `reach` ones, some a parameter."""
    rng = random.Random(seed)
    forms: list[Any] = [PARAMETER] * 200 + [INPUT] * 8
    operands: list[Any] = [(i,) for i in range(200)] + [(i,) for i in range(8)]
    read = set()
    while len(forms) < nodes:
        op = rng.choice([ops.add, ops.mul, ops.sub, ops.tanh, ops.sigmoid, ops.sin, ops.where])
        low = max(0, len(forms) - reach)
        x, y, z = (rng.randrange(low, len(forms)) for _ in range(3))
        if rng.random() < 0.3:
            y = rng.randrange(200)
        given = (z, (x, y)) if op is ops.where else (x, y)[: op.arity]
        read.update((x, y, z))
        forms += [op, ops.tanh]  # which keeps all of them small
        operands += [given, (len(forms) - 2,)]
    ends = [node for node in range(208, len(forms)) if node not in read]
    return Graph([*forms, ops.sum], [*operands, (tuple(ends),)], (len(forms),), parameters=200, inputs=8)


def hold_tangled(nodes: int, reach: int, lanes: int, poison: float) -> None:
    graph, rng = tangled(nodes, reach), np.random.default_rng(lanes)
    parameters, numbers = rng.normal(size=200), rng.normal(size=(8, lanes))
    values, gradient = eager(graph, parameters, numbers, np.zeros((0, lanes), int))
    for form in (graph, reduce(graph)):
        executor = Llvm(form, graph)
        executor.fresh = lambda shape: np.full(shape, poison)
        given = Batch(lanes, (8, 0), (), numbers=numbers, indices=np.zeros((0, lanes), int))
        value, found = executor.value_and_grad(parameters, given)
        assert_close(value, values.mean())
        assert_close(found, gradient)


@pytest.mark.parametrize("reach", [30, 10_000])
@pytest.mark.parametrize("lanes", [1, 3])
def test_graphs_without_structure(reach: int, lanes: int) -> None:
    hold_tangled(600, reach, lanes, math.nan)
    hold_tangled(600, reach, lanes, 1e300)


@pytest.mark.slow
@pytest.mark.parametrize("nodes", [20_000, 100_000])
@pytest.mark.parametrize("reach", [200, 1_000_000])
@pytest.mark.parametrize("lanes", [1, 2, 7])
def test_large_graphs_without_structure(nodes: int, reach: int, lanes: int) -> None:
    hold_tangled(nodes, reach, lanes, math.nan)
