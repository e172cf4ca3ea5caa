"""The three instructions that a graph becomes: Loop, Dot and Zero, over rows of flat buffers.

Four buffers hold numbers by row. `V` and `G` have a number per row and lane (a lane is a sample of the
batch): the values that vary with the sample, and their gradients. `P` and `D` have one number per row: the
parameters, then constants and what depends on parameters alone, and the gradients of these. What a lane
contributes to a row of `D` is summed over all lanes.
"""

from dataclasses import dataclass
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


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
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


@dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix [row, column] of a buffer's rows; lanes stand beside the columns; then perhaps transposed."""

    buffer: str
    rows: Rows
    transposed: bool = False

    @property
    def laned(self) -> bool:
        """Whether every column stands for all lanes."""
        return self.buffer in LANED


@dataclass(frozen=True, eq=False)
class Dot:
    """write = left @ right, or with `accumulate` write += left @ right."""

    left: Matrix
    right: Matrix
    write: Matrix
    accumulate: bool = False


@dataclass(frozen=True, eq=False)
class Zero:
    """Set rows of a buffer to 0."""

    buffer: str
    rows: Rows


Instruction: TypeAlias = Loop | Dot | Zero


@dataclass(frozen=True, eq=False)
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


def touched(view: View) -> Rows:
    """Return all rows that a view may touch, [choice, *shape]; without a pick there is one choice."""
    if view.pick is None:
        return view.rows[None]
    choices = load("numpy").arange(view.pick.choices) * view.pick.step
    return view.rows[None] + choices.reshape(-1, *[1] * view.rows.ndim)
