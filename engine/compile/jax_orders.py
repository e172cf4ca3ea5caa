"""In which order the axes of a loop stand: so that what it reads most of is read as it stands.

A transposed array is copied for a matrix product, and an elementwise loop hands its order on. So the order is
that of the products, as in JAX written by hand: what a batch has in common first, what is summed last.
"""

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from engine import ops
from engine.compile.instructions import Let


class Points(NamedTuple):
    """The points of a loop along the axes of a shape, some of them `folded`, and the order they stand in."""

    shape: tuple[int, ...]
    folded: Collection[int]
    order: tuple[int, ...]

    @property
    def turned(self) -> tuple[int, ...]:
        """How long the axes are, in order."""
        return tuple([self.shape[axis] for axis in self.order])

    @property
    def over(self) -> tuple[int, ...]:
        """Where the folded axes stand."""
        return tuple([place for place, axis in enumerate(self.order) if axis in self.folded])

    @property
    def inner(self) -> tuple[int, ...]:
        """How long the axes are that are not folded, in order."""
        return tuple([self.shape[axis] for axis in self.order if axis not in self.folded])

    def results(self, rows: Any) -> Any:
        """Return rows, one for each point of the axes that are not folded, in order.

        >>> import numpy as np
        >>> Points((2, 3), (), (1, 0)).results(np.arange(6)).tolist()
        [0, 3, 1, 4, 2, 5]
        """
        kept = [axis for axis in range(len(self.shape)) if axis not in self.folded]
        turned = [kept.index(axis) for axis in self.order if axis not in self.folded]
        return rows.reshape([self.shape[axis] for axis in kept]).transpose(turned).ravel()


def is_dot(lets: Sequence[Let], fold: str) -> bool:
    """Return whether ops and a fold are a sum of products.

    >>> is_dot([Let(ops.mul, (0, 1))], "sum"), is_dot([], "sum")
    (True, False)
    """
    return fold == "sum" and [*lets] == [Let(ops.mul, (0, 1))]


def parted(moved: Sequence[Sequence[int]], folded: Collection[int]) -> list[list[int]] | None:
    """Return the axes of a product of matrices, None where it is none: batch, each one's own, folded.

    `moved` are the axes along which each of two arrays moves. In a product of matrices the folded axes are
    those of both, and each has another one of its own; all others are a batch of them.

    >>> parted([(0, 1, 3), (0, 2, 3)], [3]), parted([(0, 3), (0, 2, 3)], [3])
    ([[0], [1], [2], [3]], None)
    """
    inner = [[axis for axis in axes if axis in folded] for axes in moved]
    own = [[axis for axis in moved[side] if axis not in moved[1 - side]] for side in (0, 1)]
    if not inner[0] or sorted(inner[0]) != sorted(inner[1]) or not all(own):
        return None
    return [[axis for axis in moved[0] if axis in moved[1] and axis not in folded], *own, inner[0]]


def order_of(
    shape: Sequence[int],
    folded: Collection[int],
    strides: Sequence[tuple[int, ...] | None],
    laned: Sequence[bool],
    is_product: bool,
) -> tuple[int, ...]:
    """Return the order of axes for a loop whose reads rise by `strides` along them, None where one gathers.

    It is that in which the strides of the read along most axes fall, one that has lanes if there is one; then
    come the axes of the others. In a product of matrices the batch comes first, then each one's own.

    >>> order_of((4, 8), (), [(1, 4), (1, 0)], [True, False], False)
    (1, 0)
    >>> order_of((4, 2, 3, 3), [0], [(1, 4, 8, 0), (1, 4, 0, 8)], [True, True], True)
    (1, 2, 3, 0)
    """
    falling = [
        sorted([a for a, n in enumerate(shape) if n > 1 and steps[a]], key=lambda a: -abs(steps[a]))
        for steps in strides
        if steps is not None
    ]
    if is_product and len(falling) == 2:
        parts = parted(falling, folded)
        if parts is not None:
            return _first([*parts], len(shape))
    known = [has_lanes for has_lanes, steps in zip(laned, strides, strict=True) if steps is not None]
    ranked = sorted(zip(known, falling, strict=True), key=lambda pair: (-pair[0], -len(pair[1])))
    return _first([axes for _, axes in ranked], len(shape))


def _first(lists: Sequence[Sequence[int]], count: int) -> tuple[int, ...]:
    """Return all axes, those of earlier lists first."""
    return tuple(dict.fromkeys([axis for axes in [*lists, range(count)] for axis in axes]))
