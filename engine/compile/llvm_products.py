"""Which way a matrix product is computed: along columns or along the inner axis, as it is or transposed."""

from typing import Any

from engine.compile.instructions import LANED, Loop, View
from engine.compile.llvm_regular import Even, Rooms, home
from engine.optional import load

ADDING = 3
"""What it costs to add up a vector's numbers, in products of vectors."""
COPYING = 1.5
"""What it costs to copy a number to another place."""

Product = tuple[list[Loop], str, tuple[Even, Even, Even]]
"""Loops that copy matrices first; the function; its matrices: of `inner` the second is transposed."""


def product(left: Even, right: Even, write: Even, rooms: Rooms, width: int, *, lanes: bool) -> Product:
    """Return how write = left @ right is computed.

    With lanes there is one way: `spread` where what is written has lanes, else `inner`.
    """
    if lanes:
        if write.buffer in LANED:
            return [], "spread", (left, right, write)
        return [], "inner", (left, right.turned, write)
    ways: list[tuple[float, Any]] = []
    for a, b, c in ((left, right, write), (right.turned, left.turned, write.turned)):
        rows, inner = a.shape
        columns = b.shape[1]
        if not _stands(c):
            continue
        spreading = rows * inner * -(-columns // width)
        ways.append((spreading + (0 if _stands(b) else COPYING * inner * columns), ("spread", a, b, c)))
        if _stands(a) and _stands(b.turned):
            ways.append((rows * columns * (-(-inner // width) + ADDING), ("inner", a, b.turned, c)))
    _, (name, a, b, c) = min(ways, key=lambda way: way[0])
    before = []
    if name == "spread" and not _stands(b):
        loop, b = _packed(b, rooms)
        before.append(loop)
    return before, name, (a, b, c)


def _stands(matrix: Even) -> bool:
    """Return whether the numbers of a row stand one after the other."""
    return matrix.column == 1 or matrix.shape[1] == 1


def _packed(matrix: Even, rooms: Rooms) -> tuple[Loop, Even]:
    """Return the copy of a matrix to rows of its own, and where it stands then."""
    np = load("numpy")
    height, length = matrix.shape
    rows = matrix.first + matrix.row * np.arange(height)[:, None] + matrix.column * np.arange(length)
    buffer = home(matrix.buffer)
    own = rooms.rows(buffer, matrix.shape)
    loop = Loop((View(matrix.buffer, rows.ravel()),), (), View(buffer, own.ravel()))
    return loop, Even(buffer, int(own[0, 0]), length, 1, matrix.shape)
