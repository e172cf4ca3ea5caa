"""The three instructions that a graph becomes: Loop, Dot and Zero, over rows of flat buffers.

Four buffers hold numbers by row. `V` and `G` have a number per row and lane (a lane is a sample of the
batch): the values that vary with the sample, and their gradients. `P` and `D` have one number per row: the
parameters, then constants and what depends on parameters alone, and the gradients of these. What a lane
contributes to a row of `D` is summed over all lanes.
"""

from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple, TypeAlias

from engine.op import Op
from engine.optional import load

Rows: TypeAlias = Any
"""A numpy array of row numbers."""

LANED = frozenset("VG")
"""The buffers with lanes."""


class Pick(NamedTuple):
    """Rows that depend on the sample: those of a View, plus `step` times a whole number of the sample.

    `numbers` tells for each point which of the whole numbers that is; each is below `choices`.
    """

    numbers: Rows
    step: int
    choices: int


@dataclass(frozen=True, eq=False, slots=True)
class View:
    """The rows of a buffer that the points of a loop touch, in an array of the loop's shape."""

    buffer: str
    rows: Rows
    pick: Pick | None = None

    @property
    def laned(self) -> bool:
        """Whether there is a number for every lane."""
        return self.buffer in LANED


class Slope(NamedTuple):
    """∂z/∂operand of an op called number by number: for partials that do not run on Symbols."""

    op: Op
    place: int
    element: int | None

    @property
    def name(self) -> str:
        """The op's name, primed."""
        return self.op.name + "'"


class Let(NamedTuple):
    """An op on registers: numbers of registers (int), numbers (float), tuples of these for lists."""

    op: Op | Slope
    operands: tuple[Any, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Loop:
    """For every point: read, compute, write.

    Registers are numbered: what was `read`, then the results of `lets`; the last one is written. With a
    `fold` ("sum", "max", "min") it is first folded over the first of the loop's two axes. Where a row is
    named several times in `write`, it receives the sum; with `accumulate` that is added to what it holds.
    """

    read: tuple[View, ...]
    lets: tuple[Let, ...]
    write: View
    fold: str = ""
    accumulate: bool = False

    @property
    def laned(self) -> bool:
        """Whether it runs for every lane."""
        return self.write.laned or any(view.laned or view.pick for view in self.read)


@dataclass(frozen=True, eq=False, slots=True)
class Matrix:
    """A matrix [row, column] of a buffer's rows; lanes stand beside the columns; then perhaps transposed."""

    buffer: str
    rows: Rows
    transposed: bool = False

    @property
    def laned(self) -> bool:
        """Whether every column stands for all lanes."""
        return self.buffer in LANED


@dataclass(frozen=True, eq=False, slots=True)
class Dot:
    """write = left @ right, or with `accumulate` write += left @ right."""

    left: Matrix
    right: Matrix
    write: Matrix
    accumulate: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Zero:
    """Set rows of a buffer to 0."""

    buffer: str
    rows: Rows


Instruction: TypeAlias = Loop | Dot | Zero


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """A graph as instructions: forward, then reverse; the sizes of the buffers, and what stands where.

    `fixed` holds the rows of V and P that are constants, `inputs` the row of V of the k-th number of a
    sample (-1 where it is unused), `outputs` the buffer and row of each output. `seed` is the output whose
    gradient is taken: buffer and row in G or D; its G is 1 / lanes, its D is 1. `parameters` and
    `indices` are how many there are.
    """

    forward: list[Instruction]
    reverse: list[Instruction]
    sizes: dict[str, int]
    fixed: dict[str, dict[int, float]]
    inputs: Rows
    outputs: tuple[tuple[str, int], ...]
    seed: tuple[str, int] | None
    parameters: int
    indices: int


def flat(operands: tuple[Any, ...]) -> list[Any]:
    """Return operands, the elements of lists one by one.

    >>> flat((1, (2, 0.5)))
    [1, 2, 0.5]
    """
    return [x for operand in operands for x in (operand if type(operand) is tuple else (operand,))]


def shape_of(operands: tuple[Any, ...]) -> tuple[int | None, ...]:
    """Return for each operand the length of the list, None for a number.

    >>> shape_of((1, (2, 0.5)))
    (None, 2)
    """
    return tuple([len(x) if type(x) is tuple else None for x in operands])


def numbered(shape: tuple[int | None, ...]) -> tuple[Any, ...]:
    """Return operands of a shape that are numbered through, as registers that have been read are.

    >>> numbered((None, 2))
    (0, (1, 2))
    """
    number = count()
    return tuple([next(number) if n is None else tuple([next(number) for _ in range(n)]) for n in shape])


def touched(view: View) -> Rows:
    """Return all rows that a view may touch, [choice, *shape]; without a pick there is one choice."""
    if view.pick is None:
        return view.rows[None]
    choices = load("numpy").arange(view.pick.choices) * view.pick.step
    return view.rows[None] + choices.reshape(-1, *[1] * view.rows.ndim)
