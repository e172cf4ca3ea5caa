"""Points of a ragged loop as a box with holes: what it reads stands at even distances then.

The scores of causal attention are a triangle for each head: position t has those of positions 0 ... t alone.
In the flat rows of a plan triangle follows triangle, and whoever reads them must gather. As a box [head, t,
place], a part of which nobody asks for, each read is a view.
"""

import math
from collections.abc import Sequence
from itertools import permutations
from typing import Any, NamedTuple

from engine.optional import load

WASTE = 2
"""So many times the points that are asked for may a box have; a triangle has nearly twice as many."""


class Holes(NamedTuple):
    """Which points along axes of a shape are asked for, [*shape] with 1 where that stands still.

    The others, its holes, are given what stands beside them where the axis `axis` is at `place`: there all
    points are asked for.
    """

    shape: tuple[int, ...]
    is_point: Any
    axis: int
    place: int

    def turned(self, order: Sequence[int]) -> "Holes":
        """Return the holes with the axes in another order."""
        shape = tuple([self.shape[axis] for axis in order])
        return Holes(shape, self.is_point.transpose(order), order.index(self.axis), self.place)

    def are(self, other: "Holes | None") -> bool:
        """Return whether other holes are the same."""
        if other is None or (self.shape, self.axis, self.place) != (other.shape, other.axis, other.place):
            return False
        return bool(load("numpy").array_equal(self.is_point, other.is_point))


class Box(NamedTuple):
    """Axes of a loop, some of them `folded`, and what of the box is asked for.

    Each read stands at `firsts` and rises by `strides` along the axes. `holes` is None where all points are
    asked for. `nodes` are the results that the box has along the axes which are not folded, one after the
    other, -1 where it has none.
    """

    shape: tuple[int, ...]
    folded: tuple[int, ...]
    firsts: list[int]
    strides: list[tuple[int, ...]]
    holes: Holes | None
    nodes: Any

    @property
    def inner(self) -> tuple[int, ...]:
        """How long the axes are that are not folded."""
        return tuple([n for axis, n in enumerate(self.shape) if axis not in self.folded])

    def turned(self, order: Sequence[int]) -> "Box":
        """Return the box with its axes in another order."""
        folded = tuple([place for place, axis in enumerate(order) if axis in self.folded])
        kept = [axis for axis in range(len(self.shape)) if axis not in self.folded]
        inner = [kept.index(axis) for axis in order if axis not in self.folded]
        return Box(
            tuple([self.shape[axis] for axis in order]),
            folded,
            self.firsts,
            [tuple([steps[axis] for axis in order]) for steps in self.strides],
            None if self.holes is None else self.holes.turned(order),
            self.nodes.reshape(self.inner).transpose(inner).ravel(),
        )

    @property
    def result(self) -> Holes | None:
        """The holes of what is folded, None where there are none, or they are not those of the points."""
        if self.holes is None or any([self.holes.is_point.shape[axis] > 1 for axis in self.folded]):
            return None
        axis = self.holes.axis - sum([other < self.holes.axis for other in self.folded])
        return Holes(self.inner, self.holes.is_point.squeeze(self.folded), axis, self.holes.place)


def box_of(reads: Sequence[tuple[Any, tuple[int, ...]]], is_there: Any, order: Any) -> Box | None:
    """Return a box for a loop over elements and nodes, None where there is none that is dense enough.

    `reads` are places [element, node] in arrays of a shape each, `is_there` tells which elements a node has.
    The axes are in the order in which the numbers `order` of the first nodes rise, if that can be; what is
    folded stands where the first read has it.

    >>> import numpy as np
    >>> scores = np.array([[0, 3, 6], [-1, 4, 7], [-1, -1, 8]])  # a table of 3 * 3, as far as it is causal
    >>> box = box_of([(scores, (3, 3))], scores >= 0, np.arange(3))
    >>> box.shape, box.folded, box.strides, box.holes.is_point.astype(int).tolist()
    ((3, 3), (1,), [(3, 1)], [[1, 0, 0], [1, 1, 0], [1, 1, 1]])
    """
    np = load("numpy")
    elements, nodes = np.nonzero(is_there)
    first = np.unique(nodes, return_index=True)[1]
    columns = [np.unravel_index(places[elements, nodes], shape) for places, shape in reads]
    every = [column for read in columns for column in read]
    axes = _axes([*[_lowest(column, nodes)[nodes] for column in every], *every])
    is_folded = [bool((_lowest(axis, nodes)[nodes] != axis).any()) for axis in axes]
    of_nodes = _ordered([a for a, folded in zip(axes, is_folded, strict=True) if not folded], first, order)
    folded = [a for a, folded in zip(axes, is_folded, strict=True) if folded]
    if math.prod([int(axis.max()) + 1 for axis in axes]) > WASTE * len(nodes):
        return None
    found = [_strides(places[elements, nodes], [*of_nodes, *folded], math.prod(n)) for places, n in reads]
    even = [pair for pair in found if pair is not None]
    if len(even) < len(found):
        return None
    places = _interleaved(len(of_nodes), even[0][1])
    axes = [[*of_nodes, *folded][place] for place in places]
    is_point = np.zeros([int(axis.max()) + 1 for axis in axes], dtype=bool)
    is_point[tuple(axes)] = True
    placed = np.full([int(axis.max()) + 1 for axis in of_nodes], -1)
    placed[tuple([axis[first] for axis in of_nodes])] = np.arange(len(first)) if of_nodes else 0
    if is_point.sum() != len(nodes) or (placed >= 0).sum() != len(first):
        return None
    strides = [tuple([steps[place] for place in places]) for _, steps in even]
    holes = _holes(is_point, [sum(map(bool, column)) for column in zip(*strides, strict=True)])
    if holes is None and not is_point.all():
        return None
    inside = tuple([axis for axis, place in enumerate(places) if place >= len(of_nodes)])
    return Box(is_point.shape, inside, [corner for corner, _ in even], strides, holes, placed.ravel())


def _lowest(column: Any, groups: Any) -> Any:
    """Return the lowest number of each group."""
    np = load("numpy")
    lowest = np.full(int(groups.max()) + 1, np.iinfo(np.intp).max)
    np.minimum.at(lowest, groups, column)
    return lowest


def _axes(columns: list[Any]) -> list[Any]:
    """Return axes, whole numbers from 0 for each point, of which every column is a sum of multiples.

    A column of 4 * head + feature beside one of heads leaves an axis of features.
    """
    np = load("numpy")
    found: list[Any] = []
    for column in sorted(columns, key=lambda column: len(np.unique(column))):
        rest = column - column.min()
        for axis in found:
            rest = rest - _slope(rest, axis) * axis
        rest = rest - rest.min()
        if rest.any():
            found.append(rest // np.gcd.reduce(rest))
    return found


def _slope(column: Any, axis: Any) -> int:
    """Return how much of a column an axis is: 0 where it is no digit of the column, neither high nor low.

    What is left beside a high digit is less than a step of it, beside a low one a multiple of all its steps.
    """
    np = load("numpy")
    values, groups = np.unique(axis, return_inverse=True)
    rises, steps = np.diff(_lowest(column, groups)), np.diff(values)
    slope = int(rises[0]) // int(steps[0])
    if slope == 0 or (rises != slope * steps).any():
        return 0
    left = column - slope * axis
    left = left - left.min()
    is_digit = left.max() < abs(slope) or not (left % (slope * (values[-1] + 1))).any()
    return slope if is_digit else 0


def _ordered(axes: list[Any], first: Any, order: Any) -> list[Any]:
    """Return axes in an order in which the first nodes rise as `order` does; as they are if there is none."""
    np = load("numpy")
    rising = np.argsort(order)
    for places in permutations(range(len(axes))):
        rank = np.zeros(len(order), dtype=np.intp)
        for place in places:
            rank = rank * (int(axes[place].max()) + 1) + axes[place][first[: len(order)]]
        if (np.diff(rank[rising]) > 0).all():
            return [axes[place] for place in places]
    return axes


def _interleaved(count: int, strides: Sequence[int]) -> list[int]:
    """Return the order of axes: the first `count` as they are, each other before the first smaller stride.

    >>> _interleaved(2, [64, 1, 8])
    [0, 2, 1]
    """
    order = list(range(count))
    for axis in range(count, len(strides)):
        smaller = [at for at, other in enumerate(order) if abs(strides[other]) < abs(strides[axis])]
        order.insert(smaller[0] if smaller else len(order), axis)
    return order


def _holes(is_point: Any, moving: Sequence[int]) -> Holes | None:
    """Return the holes among points, None where there are none, or nowhere along an axis there are none.

    Of several axes it is one along which few reads move, the last of these.
    """
    for axis in sorted(range(is_point.ndim), key=lambda axis: (moving[axis], -axis)):
        others = tuple([other for other in range(is_point.ndim) if other != axis])
        places = load("numpy").flatnonzero(is_point.all(axis=others))
        if len(places) and not is_point.all():
            return Holes(is_point.shape, _thinned(is_point), axis, int(places[0]))
    return None


def _strides(places: Any, axes: list[Any], count: int) -> tuple[int, tuple[int, ...]] | None:
    """Return the place of a read at the corner of the box, and by how much it rises along each axis.

    None where it does not rise evenly, or leaves its array of `count` rows.
    """
    np = load("numpy")
    table = np.stack([np.ones_like(places), *axes], axis=1)
    solved = np.rint(np.linalg.lstsq(table.astype(float), places.astype(float), rcond=None)[0]).astype(int)
    if (table @ solved != places).any():
        return None
    first, *strides = map(int, solved)
    ends = [step * int(axis.max()) for step, axis in zip(strides, axes, strict=True)]
    low, high = first + sum([min(0, end) for end in ends]), first + sum([max(0, end) for end in ends])
    return (first, tuple(strides)) if 0 <= low and high < count else None


def _thinned(is_point: Any) -> Any:
    """Return which points are asked for, of length 1 along axes on which that stands still."""
    for axis in range(is_point.ndim):
        one = load("numpy").take(is_point, [0], axis=axis)
        is_point = one if (is_point == one).all() else is_point
    return is_point
