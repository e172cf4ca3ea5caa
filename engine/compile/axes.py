"""The axes of a loop: which of its views are strided views of their buffers, and which are gathered."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from engine.compile.instructions import Loop, View
from engine.compile.strides import joint, separated
from engine.optional import load

FEW = 5
"""Of so many views it is tried which of them to gather; of more, all are."""


class Axes(NamedTuple):
    """The axes of a loop, the first `folded` of which are folded.

    `reads` has the strides of each view that was asked for, in rows, None for what is gathered: then rows
    follow the points. `write` has those of the axes that are not folded, None where it is irregular.
    """

    shape: tuple[int, ...]
    folded: int
    reads: list[tuple[int, ...] | None]
    write: tuple[int, ...] | None


def axes_of(loop: Loop, views: Sequence[View]) -> Axes:
    """Return axes for a loop that reads `views`, with as few gathers as can be."""
    np = load("numpy")
    shape = loop.write.rows.shape if not loop.fold else loop.read[0].rows.shape
    parts = [_parts(view.rows, shape) for view in views]
    count, length = shape if len(shape) == 2 else (1, shape[0])
    natural = np.arange(count) * length, np.arange(length)
    write = (np.zeros(count, dtype=int), loop.write.rows) if loop.fold else _parts(loop.write.rows, shape)
    for written in (write, None) if write is not None else (None,):
        for chosen in _choices([part is None for part in parts]):
            pairs = [natural if chosen[i] else parts[i] for i in range(len(views))]
            pairs.append(natural)
            if written is not None:
                pairs.append(written)
            found = _joined(pairs, fold=bool(loop.fold), count=count)
            if found is not None:
                axes, folded, strides = found
                last = strides[len(views) + 1][folded:] if written is not None else None
                reads = [None if gather else strides[i] for i, gather in enumerate(chosen)]
                return Axes(axes, folded, reads, last)
    raise AssertionError(f"no axes for {loop}, though all its views are gathered")


def _parts(rows: Any, shape: tuple[int, ...]) -> Any:
    """Return row numbers as offsets of the first axis and of the second, None where they do not separate."""
    if len(shape) == 2:
        return separated(rows)
    return load("numpy").zeros(1, dtype=int), rows


def _choices(must: list[bool]) -> Iterator[list[bool]]:
    """Yield which views to gather: what must be, then one more, or two, then all."""
    free = [i for i, is_must in enumerate(must) if not is_must]
    counts = {0, 1, 2, len(free)} if len(free) <= FEW else {0, len(free)}
    for count in sorted(counts):
        for more in combinations(free, count):
            yield [is_must or i in more for i, is_must in enumerate(must)]


def _joined(pairs: list[Any], fold: bool, count: int) -> Any:
    """Return joint axes, how many of them belong to the first axis, and the strides of each pair."""
    second = joint([pair[1] for pair in pairs])
    if second is None:
        return None
    first = joint([pair[0] for pair in pairs]) if count > 1 else ((), [()] * len(pairs))
    if first is None:
        return None
    strides = [a + b for a, b in zip(first[1], second[1], strict=True)]
    return first[0] + second[0], len(first[0]) if fold else 0, strides
