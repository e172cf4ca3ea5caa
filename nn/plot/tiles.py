"""Tiles: small images on one sheet, in one scale of colours."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from engine.optional import load
from nn.plot.axes import EDGE, SOFT, dressed
from nn.plot.heat import heat

Image: TypeAlias = Sequence[Sequence[float]]
"""The numbers of one channel, row by row."""
ROOM = 2
"""So many rows of cells does a text above a line of tiles take, where there are many cells in a line."""
WIDTH, HEAD, BAR = 8.0, 0.8, 1.4
"""Inches of a new sheet: its width, what the title takes of its height, the bar of colours of its width."""


class Tile(NamedTuple):
    """An image on a sheet: the row and the column of its first cell, and a short text above it."""

    top: int
    left: int
    image: Image
    text: str = ""

    @property
    def bottom(self) -> int:
        """The row below it."""
        return self.top + len(self.image)

    @property
    def right(self) -> int:
        """The column beside it."""
        return self.left + len(self.image[0])


def lined(
    images: Sequence[Image],
    texts: Sequence[str],
    most: int,
    *,
    top: int = 0,
    left: int = 0,
    room: int = ROOM,
) -> list[Tile]:
    """Return images of one size as tiles in even lines of at most `most`, one cell apart.

    Above a line with texts there are `room` more rows.

    >>> [tile[:2] for tile in lined([[[1.0]]] * 4, ["a", "b", "", ""], 3)]
    [(2, 0), (2, 2), (4, 0), (4, 2)]
    """
    height, width, tiles = len(images[0]), len(images[0][0]), list[Tile]()
    across = -(-len(images) // -(-len(images) // most))
    for first in range(0, len(images), across):
        line = range(first, min(first + across, len(images)))
        top += room if any(texts[i] for i in line) else 0
        tiles += [Tile(top, left + (i - first) * (width + 1), images[i], texts[i]) for i in line]
        top += height + 1
    return tiles


def sheet(ax: Any, tiles: Sequence[Tile]) -> Any:
    """Return the given Axes in the dress of every plot, or without them new ones as high as tiles need.

    >>> sheet(None, [Tile(0, 0, [[0.0] * 20])]).figure.get_size_inches().tolist()
    [8.0, 2.0]
    """
    rows, columns = max(tile.bottom for tile in tiles), max(tile.right for tile in tiles)
    return dressed(ax, WIDTH, min(max(HEAD + (WIDTH - BAR) * rows / columns, 2.0), WIDTH))


def draw(ax: Any, tiles: Sequence[Tile], unit: str) -> None:
    """Draw tiles, each with a thin frame, and a bar of their colours: blue above 0, orange below.

    >>> from nn.plot.axes import axes
    >>> ax = axes()
    >>> draw(ax, [Tile(0, 0, [[1.0, -2.0]], "a")], "weight")
    >>> [text.get_text() for text in ax.texts]
    ['a']
    """
    grid = [[math.nan] * max(tile.right for tile in tiles) for _ in range(max(tile.bottom for tile in tiles))]
    for tile in tiles:
        for i, row in enumerate(tile.image):
            grid[tile.top + i][tile.left : tile.right] = row
    heat(ax, grid, unit)
    framed(ax, tiles)


def framed(ax: Any, tiles: Sequence[Tile]) -> None:
    """Draw a thin frame around each tile, and its text above it.

    >>> from nn.plot.axes import axes
    >>> ax = axes()
    >>> framed(ax, [Tile(0, 0, [[1.0, -2.0]])])
    >>> len(ax.patches)
    1
    """
    rectangle = load("matplotlib.patches", extra="lab").Rectangle
    for tile in tiles:
        corner = tile.left - 0.5, tile.top - 0.5
        size = tile.right - tile.left, tile.bottom - tile.top
        ax.add_patch(rectangle(corner, *size, fill=False, edgecolor=EDGE, linewidth=0.5, clip_on=False))
        if tile.text:
            ax.text(tile.left - 0.4, tile.top - 0.6, tile.text, fontsize=8, color=SOFT, va="bottom")
    ax.set_xticks([])
    ax.set_yticks([])
