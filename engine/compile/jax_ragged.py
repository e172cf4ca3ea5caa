"""Ragged loops of a plan, found to be boxes with holes: those of causal attention, above all."""

import math
from typing import Any, NamedTuple

from engine.compile.instructions import Loop, Plan, Zero
from engine.compile.jax_boxes import Box, Holes, box_of
from engine.compile.jax_buffers import Buffers
from engine.compile.jax_orders import is_dot, order_of
from engine.compile.jax_works import NEUTRAL, Work, works
from engine.optional import load

NEAREST = 5
"""So many loops that do the same, a ragged one among them, are asked whether they are parts of it."""


class Place(NamedTuple):
    """Where rows stand: the array and its shape, their places [element, node], -1 where a number is known."""

    source: int
    shape: tuple[int, ...]
    places: Any


class Stand(NamedTuple):
    """An array, its first row that is read, and how far rows are apart along the axes of a box.

    `is_filled` tells whether what is read in the holes of the box is what its holes are given.
    """

    source: int
    first: int
    strides: tuple[int, ...]
    is_filled: bool


class Boxed(NamedTuple):
    """A work along a box: of each read the number that it is, or where it stands.

    The box may have more nodes than the work: copies of numbers that stand elsewhere, too.
    """

    work: Work
    box: Box
    reads: list["float | Stand"]

    @property
    def rows(self) -> Any:
        """The rows of V that the work writes in the order of the box, -1 where it writes none."""
        nodes, written = self.box.nodes, self.work.written
        is_own = (nodes >= 0) & (nodes < len(written))
        return load("numpy").where(is_own, written[nodes * is_own], -1)


class Ragged:
    """The loops of a plan that are ragged, as boxes."""

    def __init__(self, plan: Plan, buffers: Buffers) -> None:
        np = load("numpy")
        self.buffers = buffers
        self.last = np.full(len(buffers.source), -1)
        """Which instruction is the last one to write to a row."""
        self.works: dict[Any, list[tuple[int, Work]]] = {}
        """By key works, and which instructions they are."""
        for number, instruction in enumerate(plan.forward):
            assert not isinstance(instruction, Zero), "zeros are set in the reverse pass alone"
            self.last[buffers.at(instruction.write.buffer, instruction.write.rows)] = number
            for work in works(instruction) if isinstance(instruction, Loop) else []:
                self.works.setdefault(work.key, []).append((number, work))
        self.parts: set[int] = set()
        """The instructions that have become parts of others."""
        self.sums: dict[int, Work] = {}
        """By array which sum it is, if it is a box."""
        self.holes: dict[int, Holes | None] = {}
        """By array its holes, if it is a box."""

    def boxes(self, number: int, loop: Loop) -> list[Boxed]:
        """Return an instruction as a box, after sums to be computed anew for it; nothing where it is none.

        Loops that do the same, before it or after it, become parts of it, if they can.
        """
        if not works(loop):
            return []
        work = works(loop)[0]
        first = len(work.written)
        found = self._fitted(work, first, 0)
        near = sorted(self.works[work.key], key=lambda pair: abs(pair[0] - number))
        for other, part in near[1:NEAREST]:
            if other in self.parts or not work.joins(part):
                continue
            if not self._is_settled(part, other, min(other, number)):
                continue
            fitted = self._fitted(work.joined(part), first, 0)
            if fitted:
                work, found = work.joined(part), fitted
                self.parts.add(other)
        for array, boxed in enumerate(found, len(self.buffers.counts)):
            self.holes[array] = boxed.box.result
            if boxed.work.is_sum:
                self.sums[array] = boxed.work
        return found

    def _is_settled(self, work: Work, number: int, before: int) -> bool:
        """Return whether what an instruction reads stays as it is before another one, and what it writes."""
        reads = zip(work.buffers, work.reads, strict=True)
        is_read = all([(self.last[self.buffers.at(b, rows)] < before).all() for b, rows in reads])
        return is_read and bool((self.last[self.buffers.at("V", work.written)] == number).all())

    def _fitted(self, work: Work, first: int, ahead: int) -> list[Boxed]:
        """Return a work as a box, behind the sums that it needs, in the arrays after the next `ahead`.

        The rows of the first nodes tell the order of the axes.
        """
        np, views = load("numpy"), list(zip(work.buffers, work.reads, strict=True))
        is_there = np.ones(work.reads[0].shape, dtype=bool)
        if work.fold:
            neutral = NEUTRAL[work.fold]
            is_there = ~np.logical_and.reduce([self.buffers.is_number(b, rows, neutral) for b, rows in views])
        if not is_there.any(axis=0).all():
            return []
        made: list[Boxed] = []
        found: list[float | Place] = []
        for buffer, rows in views:
            number = self._number(buffer, rows[is_there])
            place = None if number is not None else self._place(buffer, rows, is_there, ahead, made)
            if number is None and place is None:
                return []
            found += [x for x in (number, place) if x is not None]
        moving = [(x.places, x.shape) for x in found if isinstance(x, Place)]
        box = box_of(moving, is_there, work.written[:first])
        if box is None:
            return []
        laned = [x.source >= len(self.buffers.parts) for x in found if isinstance(x, Place)]
        box = box.turned(order_of(box.shape, box.folded, box.strides, laned, is_dot(work.lets, work.fold)))
        corners = iter(zip(box.firsts, box.strides, strict=True))
        reads = [self._stand(x.source, box, *next(corners)) if isinstance(x, Place) else x for x in found]
        return [*made, Boxed(work, box, reads)]

    def _stand(self, source: int, box: Box, first: int, strides: tuple[int, ...]) -> Stand:
        """Return where an array is read along a box."""
        if box.holes is None or strides[box.holes.axis] == 0:
            return Stand(source, first, strides, True)
        is_all = first == 0 and strides == _rising(box.shape)
        return Stand(source, first, strides, is_all and box.holes.are(self.holes.get(source)))

    def _number(self, buffer: str, rows: Any) -> float | None:
        """Return the one number that all rows hold, if it is known."""
        numbers = self.buffers.known(buffer, rows)
        return float(numbers[0]) if self.buffers.is_number(buffer, rows, numbers[0]).all() else None

    def _place(self, buffer: str, rows: Any, is_there: Any, ahead: int, made: list[Boxed]) -> Place | None:
        """Return where rows stand, if that is one array; of a sum and a few others one is to be made.

        That is noted in what has been `made` so far after the next `ahead` arrays.
        """
        np = load("numpy")
        sources, places = self.buffers.stand(buffer, rows)
        distinct, counts = np.unique(sources[is_there], return_counts=True)
        source = int(distinct[np.argmax(counts)])
        if len(distinct) == 1 and source >= 0:
            return Place(source, self.buffers.shapes[source], np.where(is_there, places, -1))
        if source not in self.sums or buffer != "V" or (distinct < 0).any():
            return None
        work = self.sums[source]
        others = np.unique(rows[is_there & (sources != source)])
        longer = work.joined(work._replace(reads=(others[None],), written=others))
        fitted = self._fitted(longer, len(work.written), ahead + len(made))
        if not fitted:
            return None
        made += [*fitted[:-1], fitted[-1]._replace(work=work)]
        nodes = fitted[-1].box.nodes
        place = np.full(max(rows.max(), longer.written.max()) + 1, -1)
        place[longer.written[nodes[nodes >= 0]]] = np.flatnonzero(nodes >= 0)
        number = len(self.buffers.counts) + ahead + len(made) - 1
        return Place(number, fitted[-1].box.inner, np.where(is_there, place[rows], -1))


def _rising(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the strides of rows that follow each other along axes.

    >>> _rising((2, 3, 4))
    (12, 4, 1)
    """
    return tuple([math.prod(shape[axis + 1 :]) for axis in range(len(shape))])
