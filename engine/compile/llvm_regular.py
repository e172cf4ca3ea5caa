"""Matrix products on matrices whose rows are evenly apart: others are copied there and back."""

from dataclasses import replace
from typing import Any, NamedTuple

from engine.compile.instructions import LANED, Dot, Instruction, Loop, Matrix, View
from engine.optional import load


class Even(NamedTuple):
    """A matrix as it stands: element [i, j] is row first + i * row + j * column of the buffer."""

    buffer: str
    first: int
    row: int
    column: int
    shape: tuple[int, int]

    @property
    def turned(self) -> "Even":
        """The matrix transposed."""
        return Even(self.buffer, self.first, self.column, self.row, self.shape[::-1])


def even(matrix: Matrix) -> Even | None:
    """Return a matrix by the distances of its rows and columns, None where these vary; `transposed` applied.

    >>> import numpy as np
    >>> even(Matrix("P", np.array([[0, 1, 2], [4, 5, 6]])))
    Even(buffer='P', first=0, row=4, column=1, shape=(2, 3))
    """
    np = load("numpy")
    rows = matrix.rows
    height, width = rows.shape
    step = int(rows[1, 0] - rows[0, 0]) if height > 1 else 0
    column = int(rows[0, 1] - rows[0, 0]) if width > 1 else 1
    if (rows != rows[0, 0] + step * np.arange(height)[:, None] + column * np.arange(width)).any():
        return None
    made = Even(matrix.buffer, int(rows[0, 0]), step, column, (height, width))
    return made.turned if matrix.transposed else made


class Rooms:
    """Rows beyond a plan's own, by buffer, for copies."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self.sizes = dict(sizes)

    def rows(self, buffer: str, shape: tuple[int, int]) -> Any:
        """Give out the rows of a matrix, row by row."""
        first = self.sizes.get(buffer, 0)
        self.sizes[buffer] = first + shape[0] * shape[1]
        return load("numpy").arange(first, self.sizes[buffer]).reshape(shape)


def home(buffer: str) -> str:
    """Return the buffer that takes copies of rows of a buffer: P is left as it is, others may hold it."""
    return "D" if buffer == "P" else buffer


def copied(rooms: Rooms, matrix: Matrix) -> tuple[Loop, Matrix]:
    """Return the copy of a matrix to rows of its own, and what it is then."""
    buffer = home(matrix.buffer)
    own = rooms.rows(buffer, matrix.rows.shape)
    loop = Loop((View(matrix.buffer, matrix.rows.ravel()),), (), View(buffer, own.ravel()))
    return loop, Matrix(buffer, own, matrix.transposed)


def regular(instructions: list[Instruction], rooms: Rooms, *, lanes: bool) -> list[Instruction]:
    """Return instructions in which all matrices of products are even; with lanes, columns stand together."""
    made: list[Instruction] = []
    for instruction in instructions:
        if not isinstance(instruction, Dot):
            made.append(instruction)
            continue
        left, right, write, after = instruction.left, instruction.right, instruction.write, None
        if not _fits(left, lanes):
            loop, left = copied(rooms, left)
            made.append(loop)
        if not _fits(right, lanes):
            loop, right = copied(rooms, right)
            made.append(loop)
        accumulate = instruction.accumulate
        if not _fits(write, True):
            own = rooms.rows(write.buffer, write.rows.shape)
            after = Loop(
                (View(write.buffer, own.ravel()),), (), View(write.buffer, write.rows.ravel()),
                accumulate=accumulate,
            )  # fmt: skip
            write, accumulate = Matrix(write.buffer, own), False
        made.append(replace(instruction, left=left, right=right, write=write, accumulate=accumulate))
        if after is not None:
            made.append(after)
    return made


def _fits(matrix: Matrix, together: bool) -> bool:
    found = even(replace(matrix, transposed=False))
    if found is None:
        return False
    needs = together and (matrix.buffer in LANED or matrix.buffer == "D")
    return not needs or found.column == 1
