"""Every row of the op table on arrays, against its own function on floats: over its domain, at its edges."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from engine import ops
from engine.check.points import draw_points
from engine.compile.emitter import Emitter, whole
from engine.compile.machine import bound
from engine.compile.vector_rows import emit_row, is_fast
from engine.op import Op

USUAL = 8.0
"""How many units in the last place an array's result may be from the float's."""
FURTHER = {"exp_sub": 800.0, "gelu": 16.0}
"""Rows that are further: exp_sub keeps the rounding of x - y."""
CANCELLING = {"silu_slope": 4e-16, "gelu_slope": 4e-16, "logaddexp": 4e-16}
"""Rows with a zero next to which digits cancel, and how far they may be from the float's result there."""
TINY = 1e-300
"""Below this the arrays' result may be 0."""
EDGES = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, math.inf, -math.inf, math.nan, 1e308, -1e308, 5e-324, 800.0, -800.0)
ROWS = [op for op in ops.TABLE.values() if not any(op.lists)]


def on_arrays(op: Op, columns: list[Any]) -> Any:
    """Return what the emitted code makes of columns of operands."""
    count = len(columns[0])
    emitter = Emitter({}, 1, {})
    operands = [whole(f"X{i}", (count,)) for i in range(len(columns))]
    out = whole("Z", (count,))
    emit_row(emitter, op, tuple(operands), out)
    buffers = {f"X{i}": np.array(column, dtype=float) for i, column in enumerate(columns)}
    buffers |= {"Z": np.full(count, np.nan), "S": np.full(emitter.sizes["S"], np.nan)}
    with np.errstate(all="ignore"):
        bound(emitter, emitter.lines, buffers, "run")()
    return buffers["Z"]


def distance(op: Op, found: Any, expected: Any) -> Any:
    """Return how many units in the last place numbers are apart, 0 where that is near enough."""
    with np.errstate(all="ignore"):
        gap = np.abs(found - expected)
        near = (found == expected) | (gap <= CANCELLING.get(op.name, TINY))
        return np.where(near, 0.0, gap / np.spacing(np.abs(expected)))


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_over_the_domain(op: Op) -> None:
    points = [p if isinstance(p, tuple) else (p,) for p in itertools.islice(draw_points(op, 400), 400)]
    expected = np.array([op.evaluate(*p) for p in points])
    found = on_arrays(op, [list(column) for column in zip(*points, strict=True)])
    usual = np.isfinite(expected)
    assert np.array_equal(found[~usual], expected[~usual], equal_nan=True)
    apart = distance(op, found[usual], expected[usual])
    worst = int(np.argmax(apart))
    assert apart[worst] <= FURTHER.get(op.name, USUAL), (np.array(points)[usual][worst], found[usual][worst])


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_at_the_edges(op: Op) -> None:
    points = list(itertools.product(EDGES, repeat=op.arity))
    expected = np.array([op.evaluate(*p) for p in points])
    found = on_arrays(op, [list(column) for column in zip(*points, strict=True)])
    wrong = [
        (p, x, y)
        for p, x, y in zip(points, found, expected, strict=True)
        if not (distance(op, x, y) <= FURTHER.get(op.name, USUAL) or (x != x and y != y))
    ]
    assert not wrong


@pytest.mark.parametrize("name", ["sigmoid", "silu", "silu_slope"])
def test_far_left_a_squashing_row_is_not_cut_to_0(name: str) -> None:
    """Where e**-x overflows and e**x does not yet vanish."""
    op, points = ops.TABLE[name], [-709.0, -709.9, -715.0, -720.0]
    assert on_arrays(op, [points]) == pytest.approx(list(map(op.evaluate, points)), rel=1e-10, abs=0.0)


def test_all_public_rows_are_fast() -> None:
    slow = {op.name for op in ops.TABLE.values() if not is_fast(op)}
    assert slow == {"dot", "logsumexp"}, "these two are spelled out"


def test_a_namesake_of_a_row_is_done_by_its_own_function() -> None:
    mine = Op("tanh", lambda x: x + 1, 1)
    assert list(on_arrays(mine, [[1.0, 2.0]])) == [2.0, 3.0]
