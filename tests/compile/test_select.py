"""Tables read at an index: of parameters, of results, of all kinds of entries, by several indices."""

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from engine import Value, ops, select
from engine.compile.choose import chosen
from engine.compile.doors import record
from engine.compile.graph import INDEX, INPUT, PARAMETER, SELECT, Graph
from engine.ops import sum as total
from tests.benchmarks.compiled import two_moons
from tests.compile.test_numpy import hold

EXECUTORS = ["python", "numpy", *(["llvm"] if find_spec("llvmlite") else [])]
P, Q, R, X, TANH, SINE, FIRST, SECOND = range(8)
LEAVES: list[Any] = [PARAMETER, PARAMETER, PARAMETER, INPUT, ops.tanh, ops.sin, INDEX, INDEX]
OPERANDS: list[Any] = [(0,), (1,), (2,), (0,), (X,), (P,), (0,), (1,)]

TABLES = {
    "parameters": [((P, Q, R), FIRST)],
    "parameters, backwards": [((R, Q, P), FIRST)],
    "one parameter, twice": [((P, P, Q), FIRST)],
    "one parameter alone": [((P, P, P), FIRST)],
    "results": [((X, TANH, X), FIRST)],
    "all kinds": [((P, TANH, 0.5), FIRST), ((SINE, X, -1.0), SECOND)],
    "two indices": [((P, Q, R), FIRST), ((P, Q, R), SECOND)],
    "one index, two nodes": [((P, Q, R), FIRST), ((P, Q, R), FIRST)],
    "tables of unequal lengths": [((P, Q), FIRST), ((P, Q, R), SECOND)],
    "numbers": [((0.5, 1.5, 2.5), FIRST), ((P, Q, R), SECOND)],
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("lanes", [1, 5])
def test_tables(name: str, lanes: int) -> None:
    forms, operands = list(LEAVES), list(OPERANDS)
    picked = []
    for table, index in TABLES[name]:
        forms.append(SELECT)
        operands.append((table, index))
        picked.append(len(forms) - 1)
    for node in picked:
        forms.append(ops.mul)
        operands.append((node, P))
    first = len(forms) - len(picked)
    forms.append(ops.sum)
    operands.append(((*range(first, len(forms) - 1), *picked),))
    limits = [
        min((len(table) for table, index in TABLES[name] if index == which), default=0)
        for which in (FIRST, SECOND)
    ]
    graph = Graph(forms, operands, (len(forms) - 1,), 3, 1, 2, tuple(limits))
    rng = np.random.default_rng(lanes)
    indices = np.array([rng.integers(0, max(limit, 1), lanes) for limit in limits])
    hold(graph, [0.5, -1.5, 2.0], rng.normal(size=(1, lanes)), indices)


def test_the_cheaper_executor_is_chosen() -> None:
    small = Graph([PARAMETER, INPUT, ops.mul], [(0,), (0,), (0, 1)], (2,), parameters=1, inputs=1)
    executor, why = chosen(small, small, "auto", exact=False)
    assert executor.name == "python" and why.endswith("too few operations for calls on arrays")
    network = two_moons(1).graph()
    executor, why = chosen(network, network, "auto", exact=False)
    assert executor.name == ("llvm" if find_spec("llvmlite") else "numpy") and "operations a sample" in why
    assert chosen(network, network, "python", exact=False)[0].name == "python"


@pytest.mark.parametrize("executor", EXECUTORS)
def test_two_tables_read_at_one_index(executor):
    """The last state of a padded sequence, both of its parts: their gradients go to where they were read."""
    w = [Value(0.5), Value(-0.25)]

    def loss(xs, last):
        first, second = [0.0, 0.0], [1.0, 1.0]
        firsts, seconds = [], []
        for x in xs:
            first = [a * w[0] + x for a in first]
            second = [a * w[1] + b for a, b in zip(second, first, strict=True)]
            firsts.append(first)
            seconds.append(second)
        return total([*select(firsts, last), *select(seconds, last)])

    program = record(loss, [0.5] * 4, 0, parameters=w, executor=executor)
    samples = [([0.5, -1.0, 2.0, 0.25], place) for place in (0, 3, 1)]
    found, gradient = program.value_and_grad(samples)
    losses = [loss(*sample) for sample in samples]
    mean = sum(losses[1:], losses[0]) * (1 / 3)
    mean.backward()
    assert found == pytest.approx(mean.data, rel=1e-13)
    assert list(gradient) == pytest.approx([v.grad for v in w], rel=1e-12)
