"""A Loop by what it writes: every row once, with the list of points that are folded into it."""

from typing import Any, NamedTuple

from engine.compile.instructions import Loop, Pick, View
from engine.optional import load


class Points(NamedTuple):
    """What a loop writes and reads, row by row.

    `write` holds the rows [row], each once. Each row folds `length` points, or where `starts` is given those
    from starts[row] up to starts[row + 1]. `reads` holds the views, their rows [row, point], or [place] where
    there are starts. `fold` is "", "sum", "max" or "min".
    """

    write: Any
    length: int
    starts: Any
    reads: tuple[View, ...]
    fold: str


def points(loop: Loop, dropped: int) -> Points:
    """Return a loop row by row; the row `dropped`, which nothing reads, is written by none.

    >>> import numpy as np
    >>> read, write = np.array([0, 1, 2, 3]), np.array([5, 7, 5, 7])
    >>> points(Loop((View("V", read),), (), View("G", write)), 0).reads[0].rows.tolist()
    [[0, 2], [1, 3]]
    """
    np = load("numpy")
    if loop.fold in ("max", "min") or (loop.fold and _are_distinct(loop.write.rows)):
        count = len(loop.read[0].rows)
        reads = tuple([_moved(view, lambda rows: rows.T) for view in loop.read])
        return Points(loop.write.rows, count, None, reads, loop.fold)
    shape = loop.read[0].rows.shape if loop.read else loop.write.rows.shape
    write = np.broadcast_to(loop.write.rows, shape).ravel()
    kept = np.flatnonzero(write != dropped)
    write = write[kept]
    if loop.write.pick is not None or _are_distinct(write):
        reads = tuple([_moved(view, lambda rows: rows.ravel()[kept][:, None]) for view in loop.read])
        return Points(write, 1, None, reads, "")
    order = np.argsort(write, kind="stable")
    distinct, starts, counts = np.unique(write[order], return_index=True, return_counts=True)
    kept = kept[order]
    if (counts == counts[0]).all():
        count = int(counts[0])
        reads = tuple(
            [_moved(view, lambda rows: rows.ravel()[kept].reshape(-1, count)) for view in loop.read]
        )
        return Points(distinct, count, None, reads, "sum")
    reads = tuple([_moved(view, lambda rows: rows.ravel()[kept]) for view in loop.read])
    return Points(distinct, 0, np.append(starts, len(order)), reads, "sum")


def _are_distinct(rows: Any) -> bool:
    return bool(len(load("numpy").unique(rows)) == rows.size)


def _moved(view: View, move: Any) -> View:
    """Return a view with its rows, and the numbers of its pick, moved."""
    if view.pick is None:
        return View(view.buffer, move(view.rows))
    numbers = move(load("numpy").broadcast_to(view.pick.numbers, view.rows.shape))
    return View(view.buffer, move(view.rows), Pick(numbers, view.pick.step, view.pick.choices))


class Rise(NamedTuple):
    """How rows follow each other: row r, point k is first + r * step + k * fold, or a table says."""

    kind: str
    first: int
    step: int
    fold: int
    table: Any


def rise(rows: Any, ragged: bool) -> Rise:
    """Return how rows [row, point] follow each other, or [place] where the lists are ragged.

    "A" is all by rule; "T" has a table of the first points; "F" one of all.

    >>> import numpy as np
    >>> rise(np.array([[0, 4], [1, 5]]), False)[:4], rise(np.array([[0, 1], [7, 8]]), False).kind
    (('A', 0, 1, 4), 'A')
    """
    np = load("numpy")
    first = int(rows.flat[0])
    if ragged:
        if (rows == first).all():
            return Rise("A", first, 0, 0, None)
        return Rise("F", 0, 0, 0, rows)
    count, length = rows.shape
    fold = int(rows[0, 1]) - first if length > 1 else 0
    step = int(rows[1, 0]) - first if count > 1 else 0
    if (rows != rows[:, :1] + fold * np.arange(length)).any():
        return Rise("F", 0, 0, 0, rows.ravel())
    if (rows[:, 0] != first + step * np.arange(count)).any():
        return Rise("T", 0, 0, fold, rows[:, 0])
    return Rise("A", first, step, fold, None)
