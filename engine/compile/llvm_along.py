"""Folds without lanes along their lists: where their points stand one after the other, or are copied so."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.compile.instructions import Let, Loop, Slope, View
from engine.compile.llvm_points import Points
from engine.compile.llvm_regular import Rooms, home
from engine.compile.reference import sloped
from engine.optional import load

LIST, COPIED = 4.0, 1.5
"""What a list costs beside its vectors, and a number that is copied, in vectors that are read."""
NEUTRAL = {"sum": 0.0, "max": float("-inf"), "min": float("inf")}
"""What counts nothing in a fold."""


class Listed(NamedTuple):
    """How the lists of a view are read: each names one row ("same"), or rows one after the other ("along").

    `rows` are the first ones. Else they have to be "copied": `rows` are those of the lists that differ,
    `which` tells which of these each list is.
    """

    buffer: str
    kind: str
    rows: Any
    which: Any


class Along(NamedTuple):
    """Lists that are read along: how long each is, how its points are read, and what that costs."""

    sizes: Any
    listed: list[Listed]
    cost: float


def along(
    found: Points, reads: Sequence[View], lets: Sequence[Let], fixed: dict[str, dict[int, float]], width: int
) -> Along:
    """Return how lists are read along; points at the end of a list that count nothing are left out.

    >>> import numpy as np
    >>> view = View("V", np.array([[3, 4, 0], [5, 0, 0]]))
    >>> made = along(Points(np.array([7, 8]), 3, None, (view,), "sum"), [view], (), {"V": {0: 0.0}}, 4)
    >>> made.sizes.tolist(), made.listed[0].kind, made.listed[0].rows.tolist()
    ([2, 1], 'along', [3, 5])
    """
    np = load("numpy")
    if found.starts is None:
        kept = _counting(found, lets, fixed)
        sizes = kept.sum(axis=1)
        rows = [view.rows[kept] for view in reads]
    else:
        sizes = np.diff(found.starts)
        rows = [view.rows for view in reads]
    starts = np.cumsum(sizes) - sizes
    listed = [_listed(view.buffer, own, starts, sizes) for view, own in zip(reads, rows, strict=True)]
    vectors = int((-(-sizes // width)).sum()) * (len(reads) + max(len(lets), 1))
    copied = sum([len(x.rows) for x in listed if x.kind == "copied"])
    return Along(sizes, listed, vectors + LIST * len(sizes) + COPIED * copied)


def _counting(found: Points, lets: Sequence[Let], fixed: dict[str, dict[int, float]]) -> Any:
    """Return which points [row, point] are not at the end of a list among those that count nothing."""
    np = load("numpy")
    shape = found.reads[0].rows.shape
    known = np.ones(shape, dtype=bool)
    for view in found.reads:
        known &= np.isin(view.rows, list(fixed.get(view.buffer, ())))
    places = np.flatnonzero(known)
    if not len(places):
        return known | True
    together = np.stack([view.rows.ravel()[places] for view in found.reads])
    kinds, which = np.unique(together, axis=1, return_inverse=True)
    nothing = [
        _value(lets, [fixed[v.buffer][int(row)] for v, row in zip(found.reads, kind, strict=True)])
        == NEUTRAL[found.fold]
        for kind in kinds.T
    ]
    counts = np.ones(shape, dtype=bool)
    counts.ravel()[places] = ~np.array(nothing, dtype=bool)[which.ravel()]
    counts[:, 0] = True
    return np.logical_or.accumulate(counts[:, ::-1], axis=1)[:, ::-1]


def _value(lets: Sequence[Let], registers: list[float]) -> float:
    """Return what a loop computes from numbers."""
    for op, operands in lets:
        given = [
            tuple([registers[x] if type(x) is int else x for x in operand])
            if isinstance(operand, tuple)
            else registers[operand] if type(operand) is int else operand
            for operand in operands
        ]  # fmt: skip
        registers.append(sloped(op, given) if isinstance(op, Slope) else op.evaluate(*given))
    return registers[-1]


def _listed(buffer: str, rows: Any, starts: Any, sizes: Any) -> Listed:
    """Return how the lists of a view are read."""
    np = load("numpy")
    steps = rows - rows[starts].repeat(sizes)
    if not steps.any():
        return Listed(buffer, "same", rows[starts], None)
    inside = np.arange(len(rows)) - starts.repeat(sizes)
    if (steps == inside).all():
        return Listed(buffer, "along", rows[starts], None)
    known: dict[bytes, int] = {}
    ends = starts + sizes
    lists = [rows[first:end].tobytes() for first, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    which = np.array([known.setdefault(x, len(known)) for x in lists])
    return Listed(buffer, "copied", np.frombuffer(b"".join(known), dtype=rows.dtype), which)


def placed(listed: Listed, sizes: Any, rooms: Rooms) -> tuple[list[Loop], str, Any]:
    """Return the copies that are made of lists, if any, in which buffer they stand, and where each begins."""
    np = load("numpy")
    if listed.kind != "copied":
        return [], listed.buffer, listed.rows
    buffer = home(listed.buffer)
    own = rooms.rows(buffer, (1, len(listed.rows))).ravel()
    loop = Loop((View(listed.buffer, listed.rows),), (), View(buffer, own))
    _, first = np.unique(listed.which, return_index=True)
    lengths = sizes[first]
    return [loop], buffer, own[np.cumsum(lengths) - lengths][listed.which]
