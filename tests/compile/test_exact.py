"""exact=True: eager's very bits on the edges of the floats, where 0 * inf is nan."""

import math
import random

import pytest

from engine import Value, maximum, step, where
from engine.check.programs import SMOOTH
from engine.compile import record
from engine.compile.batch import Batch
from engine.compile.python import Python
from engine.ops import TABLE
from tests.compile.agreement import drawn, eager_bits

EDGES = (0.0, -0.0, 5e-324, 1e308, -1e308, 1e200, -1e200, 1.0)
ALL = tuple(TABLE.values())


def bits(executor, parameters, batch):
    loss, gradient = executor.value_and_grad(parameters, batch)
    return [x.hex() for x in executor.forward(parameters, batch)[0]], [x.hex() for x in gradient]


def held(seeds):
    """Compare exact programs with eager on edge values; return how often eager's gradient has a nan."""
    count = 0
    for seed in seeds:
        rng = random.Random(seed)
        graph, parameters, batch = drawn(seed, (SMOOTH, ALL)[seed % 2], 3 + seed % 12)
        exact = Python(graph, graph, exact=True)
        for _ in range(3):
            edges = [rng.choice(EDGES) for _ in parameters]
            rows = [tuple([rng.choice(EDGES) for _ in row]) for row in batch.rows[:2]]
            expected = eager_bits(graph, edges, rows)
            assert bits(exact, edges, Batch(len(rows), batch.counts, (), rows=rows)) == expected, seed
            count += "nan" in expected[1]
    return count


def test_random_programs_on_edges_are_eagers_bit_by_bit():
    assert held(range(150)) > 50


@pytest.mark.slow
def test_five_thousand_random_programs_on_edges():
    assert held(range(1000, 6000)) > 1000


@pytest.mark.parametrize(
    "cut",
    [
        step,
        TABLE["sign"],
        lambda z: where(z, 1.0, 2.0),
        lambda z: where(maximum(z, 1.0), 1.0, 2.0),
        lambda z: TABLE["ahead"](z, 1.0),
        lambda z: TABLE["ahead"](1.0, z),
    ],
)
def test_a_constant_slope_of_0_times_infinity_is_nan(cut):
    w, v = Value(2.0), Value(1.0)

    def f(x):
        z = x * w
        return cut(z * z * z) + v

    loss, gradient = record(f, 1.0, parameters=[w, v], exact=True).value_and_grad([1e200])
    y = f(1e200)
    y.backward()
    assert loss == y.data and math.isnan(w.grad)
    assert [x.hex() for x in gradient] == [w.grad.hex(), v.grad.hex()]
