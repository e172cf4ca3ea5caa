"""Rows in blocks of a vector's length, cut where they do not stand one after the other."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.compile.instructions import View
from engine.compile.llvm_flats import GATHER, SAME, VIEW
from engine.compile.llvm_points import Points
from engine.optional import load

BLOCK = 2
"""What a block costs beside its reads, in vectors that are read; what is gathered is one for each number."""


class Part(NamedTuple):
    """How a view is read, block by block: see FlatRead. `numbers` are those of its pick, row by row."""

    kind: str
    every: bool
    table: Any
    fold: int
    numbers: Any


class Blocks(NamedTuple):
    """The lengths of blocks, whether some are short, the rows of each; the cost, in vectors that are read.

    Of ragged lists where a block's points begin, and counts.
    """

    lengths: Any
    masked: bool
    rows: Any
    parts: list[Part]
    cost: float
    starts: Any = None
    counts: Any = None


def even_blocks(found: Points, views: Sequence[View], width: int) -> Blocks:
    """Return the blocks of rows with lists of one length.

    >>> import numpy as np
    >>> view = View("V", np.array([[0], [1], [2], [7], [8], [9]]))
    >>> even_blocks(Points(view.rows[:, 0], 1, None, (), ""), [view], 2).lengths.tolist()
    [2, 1, 2, 1]
    """
    np = load("numpy")
    rows = len(found.write)
    runs = [_runs(view) for view in views]
    kinds = [kind for kind, _ in runs]
    least: float = math.inf
    chosen = (kinds, *_cut(rows, width, []))
    while True:
        cuts = [breaks for kind, (_, breaks) in zip(kinds, runs, strict=True) if kind != GATHER]
        starts, lengths = _cut(rows, width, cuts)
        cost = len(starts) * (BLOCK + sum(width if kind == GATHER else 1 for kind in kinds))
        if cost < least:
            least, chosen = cost, (list(kinds), starts, lengths)
        if not cuts:
            break
        most = max((i for i, kind in enumerate(kinds) if kind != GATHER), key=lambda i: int(runs[i][1].sum()))
        kinds[most] = GATHER
    kinds, starts, lengths = chosen
    places = np.minimum(starts[:, None] + np.arange(width), rows - 1)
    places = np.minimum(places, (starts + lengths - 1)[:, None])
    parts = [_part(view, kind, places) for view, kind in zip(views, kinds, strict=True)]
    least *= found.length
    return Blocks(lengths, bool((lengths != width).any()), places, parts, least)


def _runs(view: View) -> tuple[str, Any]:
    """Return how most rows of a view follow each other, and after which of them that ends."""
    np = load("numpy")
    if len(view.rows) == 1:
        return (GATHER if view.pick else VIEW), np.zeros(0, dtype=bool)
    steps = np.diff(view.rows, axis=0)
    one, same = (steps == 1).all(axis=1), (steps == 0).all(axis=1)
    if view.pick is not None:
        return GATHER, ~one
    return (VIEW, ~one) if one.sum() >= same.sum() else (SAME, ~same)


def _cut(rows: int, width: int, cuts: list[Any]) -> tuple[Any, Any]:
    """Return where blocks begin and how long they are."""
    np = load("numpy")
    if not any(breaks.any() for breaks in cuts):
        starts = np.arange(0, rows, width)
    else:
        ends = np.flatnonzero(np.logical_or.reduce(cuts)) + 1
        firsts = np.concatenate([[0], ends])
        sizes = np.diff(np.append(firsts, rows))
        counts = -(-sizes // width)
        inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        starts = np.repeat(firsts, counts) + inside * width
        return starts, np.minimum(width, np.repeat(sizes, counts) - inside * width)
    return starts, np.minimum(width, rows - starts)


def _part(view: View, kind: str, places: Any) -> Part:
    """Return how a view is read at the rows [block, number]."""
    np = load("numpy")
    rows = view.rows
    length = rows.shape[1]
    numbers = None if view.pick is None else np.ravel(view.pick.numbers)[places]
    fold = int(rows[0, 1] - rows[0, 0]) if length > 1 else 0
    if kind != GATHER:
        places = places[:, :1]
    if (rows != rows[:, :1] + fold * np.arange(length)).any():
        return Part(kind, True, rows[places].transpose(0, 2, 1), 0, numbers)
    return Part(kind, False, rows[:, 0][places], fold, numbers)


def ragged_blocks(found: Points, views: Sequence[View], width: int) -> Blocks:
    """Return the blocks of rows with lists of unequal length, those of a block filled up to the longest."""
    np = load("numpy")
    counts = np.diff(found.starts)
    order = np.argsort(counts, kind="stable")
    blocks = -(-len(counts) // width)
    order = np.append(order, np.repeat(order[-1], blocks * width - len(order))).reshape(blocks, width)
    lengths = np.full(blocks, width)
    lengths[-1] = len(counts) - (blocks - 1) * width
    own = counts[order]
    longest = own.max(axis=1)
    starts = np.append(0, np.cumsum(longest))
    block = np.repeat(np.arange(blocks), longest)
    time = np.arange(starts[-1]) - np.repeat(starts[:-1], longest)
    entries = found.starts[:-1][order][block] + np.minimum(time[:, None], own[block] - 1)
    parts = []
    for view in views[:-1]:
        same = (view.rows == view.rows[0]).all()
        if same:
            parts.append(Part(SAME, True, np.full(starts[-1], view.rows[0]), 0, None))
        else:
            parts.append(Part(GATHER, True, view.rows[entries], 0, None))
    parts.append(Part(GATHER, False, found.write[order], 0, None))
    cost = int(starts[-1]) * (BLOCK + sum(width if part.kind == GATHER else 1 for part in parts[:-1]))
    return Blocks(lengths, bool(lengths[-1] != width), order, parts, cost, starts, own)
