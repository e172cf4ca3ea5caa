"""A heat map of numbers: blue above 0, orange with a minus below, white at 0 or for no number."""

import math
from collections.abc import Sequence
from typing import Any

from nn.plot.axes import EDGE, INK, diverging, rising

FAINT = 0.1
"""Below this share of the largest size a negative cell has no minus: it is next to white."""


def heat(ax: Any, rows: Sequence[Sequence[float]], unit: str, *, aspect: str = "equal") -> Any:
    """Draw rows of numbers as cells, with a bar of their colours at the right; return the image.

    A nan is an empty cell, the other numbers are finite. So that no sign rests on its colour, every cell
    that is clearly below 0 bears a minus. Where none is below 0, the colours are those from white to blue.

    >>> from nn.plot.axes import axes
    >>> heat(axes(), [[1.0, -2.0]], "weight").get_clim()
    (-2.0, 2.0)
    >>> heat(axes(), [[1.0, 2.0]], "answer").get_clim()
    (0.0, 2.0)
    """
    numbers = [x for row in rows for x in row if not math.isnan(x)]
    largest = max(map(abs, numbers), default=0.0) or 1.0
    colours, lowest = diverging(), -largest
    if all(x >= 0 for x in numbers):
        colours, lowest = rising(), 0.0
    image = ax.imshow(rows, cmap=colours, vmin=lowest, vmax=largest, aspect=aspect, interpolation="nearest")
    below = [(j, i) for i, row in enumerate(rows) for j, x in enumerate(row) if x < -FAINT * largest]
    if below:
        across, down = zip(*below, strict=True)
        ax.plot(across, down, linestyle="none", marker="_", color=INK, markersize=_room(ax, rows))
    ax.set_xlim(-0.5, len(rows[0]) - 0.5)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    bar = ax.figure.colorbar(image, ax=ax, label=unit, shrink=0.8)
    bar.outline.set_edgecolor(EDGE)
    ax.spines[:].set_visible(False)
    return image


def _room(ax: Any, rows: Sequence[Sequence[float]]) -> float:
    """Return how many points wide a minus in a cell may be."""
    box = ax.get_window_extent()
    points = 72 / ax.figure.dpi
    room: float = 0.5 * points * min(box.width / len(rows[0]), box.height / len(rows))
    return max(1.0, min(7.0, room))
