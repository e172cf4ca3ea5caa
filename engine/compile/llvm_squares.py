"""Loops without lanes whose views run across each other: squares of points, turned in registers."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.compile.instructions import View
from engine.compile.llvm_kernel import Kernel
from engine.compile.llvm_lets import Lets, computed
from engine.compile.llvm_turns import turned
from engine.optional import load

SQUARE = 2.0
"""What a vector of a square costs for each view, in vectors that are read."""


class Side(NamedTuple):
    """How a view is read: its buffer, whether its rows run down the columns, whether an index says which."""

    buffer: str
    turned: bool
    picked: bool


class SquaresKind(NamedTuple):
    """What makes a function of its own of a loop over squares; where `masked` some are not full."""

    reads: tuple[Side, ...]
    lets: Lets
    write: Side
    masked: bool
    accumulate: bool


class Squares(NamedTuple):
    """Points in squares: which views are turned, the places [square, line] of their lines' first points.

    A square has so many lines, and columns; all cost so much.
    """

    turned: list[bool]
    places: list[Any]
    heights: Any
    widths: Any
    cost: float


def squares(views: Sequence[View], width: int) -> Squares | None:
    """Return the squares of points [point], None where some view runs neither way or none is turned.

    >>> import numpy as np
    >>> across = np.arange(6).reshape(2, 3).T.ravel()
    >>> made = squares([View("V", across), View("G", np.arange(6))], 4)
    >>> made.turned, made.places[0].tolist(), made.places[1].tolist(), made.heights, made.widths
    ([True, False], [[0, 1, 1, 1]], [[0, 2, 4, 4]], array([3]), array([2]))
    """
    np = load("numpy")
    flat = [(np.ravel(view.rows), _numbers(view)) for view in views]
    nexts = [np.flatnonzero((rows == rows[0] + 1) & (numbers == numbers[0])) for rows, numbers in flat]
    if not all(map(len, nexts)):
        return None
    count, columns = len(flat[0][0]), max(int(found[0]) for found in nexts)
    if columns == 1 or count % columns:
        return None
    grid = np.arange(count).reshape(-1, columns)
    axes = [_axis(rows[grid], numbers[grid]) for rows, numbers in flat]
    if None in axes:
        return None
    tops, lefts = (np.arange(0, size, width) for size in grid.shape)
    first, second = (x.ravel() for x in np.meshgrid(tops, lefts, indexing="ij"))
    heights, widths = np.minimum(width, len(grid) - first), np.minimum(width, columns - second)
    steps = np.arange(width)
    right = grid[first[:, None], np.minimum(second[:, None] + steps, (second + widths - 1)[:, None])]
    down = grid[np.minimum(first[:, None] + steps, (first + heights - 1)[:, None]), second[:, None]]
    places = [down if axis else right for axis in axes]
    cost = SQUARE * width * len(views) * len(first)
    return Squares([axis == 0 for axis in axes], places, heights, widths, cost)


def _numbers(view: View) -> Any:
    """Return for each point the number of the index that says which row; 0 where none does."""
    np = load("numpy")
    return np.ravel(view.pick.numbers) if view.pick else np.zeros(view.rows.size, dtype=int)


def _axis(rows: Any, numbers: Any) -> int | None:
    """Return along which axis rows stand one after the other, picked by one index."""
    np = load("numpy")
    for axis in (0, 1):
        if (np.diff(rows, axis=axis) == 1).all() and not np.diff(numbers, axis=axis).any():
            return axis
    return None


class _Side:
    """The addresses of a view within a function."""

    def __init__(self, kernel: Kernel, side: Side) -> None:
        self.kernel, self.side = kernel, side
        self.buffer = kernel.slot(side.buffer)
        if side.picked:
            self.indices, self.stride = kernel.slot("indices"), kernel.slot("stride")
            self.numbers, self.step = kernel.argument(), kernel.argument()
        self.table = kernel.argument()

    def rows(self, first: Any) -> list[Any]:
        """Return the first row of each line of a square."""
        kernel, b = self.kernel, self.kernel.builder
        places = [b.add(first, kernel.whole(i)) for i in range(kernel.width)]
        rows = [kernel.entry(b.add(self.table, place)) for place in places]
        if self.side.picked:
            for i, place in enumerate(places):
                number = kernel.entry(b.add(self.numbers, place))
                at = kernel.at(self.indices, b.mul(number, self.stride), kernel.long)
                rows[i] = b.add(rows[i], b.mul(b.load(at, typ=kernel.long), self.step))
        return rows


def emit_squares(kernel: Kernel, kind: SquaresKind) -> None:
    """Emit the function of a kind of loop over squares.

    Its arguments: how many squares; where some are not full the places of their heights and widths; then for
    each read, and the write: if picked, the place of the index of each line, and its step; the place of the
    first rows of the lines.
    """
    b, width = kernel.builder, kernel.width
    kernel.slot("table")
    squares = kernel.argument()
    heights, widths = (kernel.argument(), kernel.argument()) if kind.masked else (None, None)
    reads = [_Side(kernel, side) for side in kind.reads]
    write = _Side(kernel, kind.write)
    with kernel.loop(squares) as square:
        first = b.mul(square, kernel.whole(width))
        loaded = []
        for read in reads:
            lines = [kernel.numbers(read.buffer, row) for row in read.rows(first)]
            loaded.append(turned(kernel, lines) if read.side.turned else lines)
        found = computed(kernel, kind.lets, [None] * len(kind.lets.made), loaded, width)
        results = turned(kernel, found) if kind.write.turned else found
        count, length = (widths, heights) if kind.write.turned else (heights, widths)
        mask = kernel.first(kernel.entry(b.add(length, square))) if kind.masked else None
        for i, (row, x) in enumerate(zip(write.rows(first), results, strict=True)):
            if mask is None:
                _store(kernel, write, row, x, kind.accumulate, None)
                continue
            with kernel.only_if(b.icmp_signed("<", kernel.whole(i), kernel.entry(b.add(count, square)))):
                _store(kernel, write, row, x, kind.accumulate, mask)


def _store(kernel: Kernel, write: _Side, row: Any, x: Any, accumulate: bool, mask: Any) -> None:
    """Store a line, as much of it as the mask says."""
    b = kernel.builder
    if accumulate:
        x = b.fadd(kernel.numbers(write.buffer, row), x)
    if mask is not None:
        x = b.select(mask, x, kernel.numbers(write.buffer, row))
    kernel.put(x, write.buffer, row)
