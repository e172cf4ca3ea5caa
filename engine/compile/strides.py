"""Strides: row numbers that rise evenly are a view of a buffer; all other rows must be gathered."""

from collections.abc import Sequence
from typing import Any

from engine.optional import load

DEEPEST = 4
"""More axes than these are not worth a view."""


def joint(vectors: Sequence[Any]) -> tuple[tuple[int, ...], list[tuple[int, ...]]] | None:
    """Return the axes along which all vectors rise evenly, and the strides of each; None if there are none.

    Vectors are of one length; the axes run through them in order, the last one fastest.

    >>> import numpy as np
    >>> joint([np.array([0, 1, 2, 3]), np.array([7, 7, 9, 9])])
    ((2, 2), [(2, 1), (2, 0)])
    >>> joint([np.array([0, 1, 5])]) is None
    True
    """
    np = load("numpy")
    table = np.stack(vectors, axis=1)
    shape: list[int] = []
    strides: list[Any] = []
    while len(table) > 1:
        if len(shape) == DEEPEST:
            return None
        steps = np.diff(table, axis=0)
        uneven = np.flatnonzero((steps != steps[0]).any(axis=1))
        length = int(uneven[0]) + 1 if len(uneven) else len(table)
        if len(table) % length:
            return None
        blocks = table.reshape(-1, length, table.shape[1])
        if (blocks - blocks[:, :1] != blocks[0] - blocks[0, :1]).any():
            return None
        shape.append(length)
        strides.append(steps[0])
        table = blocks[:, 0]
    return (
        tuple(shape[::-1]),
        [tuple([int(step[i]) for step in reversed(strides)]) for i in range(len(vectors))],
    )


def are_distinct(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Return whether strides lead from every point of a shape to a row of its own.

    >>> are_distinct((2, 3), (3, 1)), are_distinct((2, 3), (1, 1))
    (True, False)
    """
    reach = 1
    for length, step in sorted(zip(shape, strides, strict=True), key=lambda axis: abs(axis[1])):
        if abs(step) < reach and length > 1:
            return False
        reach += abs(step) * (length - 1)
    return True


def separated(rows: Any) -> tuple[Any, Any] | None:
    """Return vectors a, b with rows[k, n] = a[k] + b[n], None where there are none.

    >>> import numpy as np
    >>> separated(np.array([[0, 1], [5, 6]]))
    (array([0, 5]), array([0, 1]))
    """
    first, offsets = rows[0], rows[:, 0] - rows[0, 0]
    return (offsets, first) if (rows == offsets[:, None] + first).all() else None


def segments(rows: Any, dropped: int) -> tuple[Any, Any]:
    """Return the distinct rows but `dropped`, and a table of the places where each is named.

    The table is [time, row]; where a row is named fewer times than another, len(rows) stands for nothing.

    >>> import numpy as np
    >>> segments(np.array([5, 7, 5, 0]), dropped=0)
    (array([5, 7]), array([[0, 1],
           [2, 4]]))
    """
    np = load("numpy")
    order = np.argsort(rows, kind="stable")
    order = order[rows[order] != dropped]
    distinct, starts, counts = np.unique(rows[order], return_index=True, return_counts=True)
    table = np.full((counts.max(initial=0), len(distinct)), len(rows), dtype=np.intp)
    column = np.repeat(np.arange(len(distinct)), counts)
    time = np.arange(len(order)) - np.repeat(starts, counts)
    table[time, column] = order
    return distinct, table
