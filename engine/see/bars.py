"""Bars: a gradient to the left or right of a middle, many up or down from a line, a sum by powers of ten."""

import math
from collections.abc import Sequence

from engine.see.cells import fixed, runs, slot, stack
from engine.see.scale import Scale, share
from engine.see.theme import stroke

WIDTH, HALF, THICK = 79, 39, 4
"""Of a bar, of its longer possible side, and how high it is, in points."""
TALL = 12
"""The longest possible small bar, in points."""
FEW = 10
"""Small bars that are drawn broad."""

Colours = dict[str, str]


def bar(gradient: float, largest: float, colours: Colours) -> str:
    """Return a gradient to the left or the right of the middle, as long as its share of the largest.

    A bar in ink is no finite number: one whole side of it is infinite, both are nan.

    >>> palette = dict.fromkeys(["drawn track", "soft", "posbar"], "#000000")
    >>> bar(0.5, 1.0, palette).count("<TD")
    4
    """
    length = _length(gradient, largest, HALF)
    track, colour = colours["drawn track"], colours[stroke(gradient)] if length else ""
    left, right = (length if side else 0 for side in _sides(gradient))
    return runs(
        [
            (HALF - left, track),
            (left, colour),
            (1, colours["soft"]),
            (right, colour),
            (HALF - right, track),
        ],
        THICK,
    )


def decades(total: float, scale: Scale, colours: Colours, ground: str) -> str:
    """Return a sum of |gradients| as a bar in pieces, each a factor of ten, gaps between them in `ground`.

    >>> palette = {"soft": "#000000", "drawn track": "#ffffff", "ink": "#000000"}
    >>> decades(0.1, Scale(1.0, 1.0, 1.0, 1.0, top=0, decades=2), palette, "#ffffff").count("#000000")
    1
    """
    piece = (WIDTH + 1) // scale.decades - 1
    filled = scale.shown(total) * scale.decades
    full, colour = (scale.decades, "ink") if not math.isfinite(total) else (filled, "soft")
    lengths = []
    for i in range(scale.decades):
        inked = round(piece * min(1.0, max(0.0, full - i)))
        if i == 0 and full > 0:
            inked = max(1, inked)
        lengths += [(inked, colours[colour]), (piece - inked, colours["drawn track"]), (1, ground)]
    return runs(lengths[:-1], THICK)


def strip(gradients: Sequence[tuple[str, float]], largest: float, colours: Colours) -> str:
    """Return small bars on one line, up is positive; a gap stands where another kind of name begins.

    >>> palette = {"edge": "grey", "posbar": "blue", "negbar": "orange"}
    >>> drawn = strip([("w[0]", 1.0), ("w[1]", 0.5), ("b", -0.5)], 1.0, palette)
    >>> drawn.count("blue"), drawn.count("orange")
    (2, 1)
    """
    broad, apart = (7, 2) if len(gradients) <= FEW else (4, 1)
    columns, width = [], 0
    before = None
    for name, gradient in gradients:
        kind = name.rpartition("[")[0] or name
        gap = 0 if before is None else apart if kind == before else 3 * apart
        if gap:
            columns.append((gap, [(TALL, ""), (1, colours["edge"]), (TALL, "")]))
        columns.append((broad, _small(gradient, largest, colours)))
        width += gap + broad
        before = kind
    slots = "".join(slot(stack(pieces, wide), wide, 2 * TALL + 1) for wide, pieces in columns)
    return fixed(slots, width, 2 * TALL + 1)


def _small(gradient: float, largest: float, colours: Colours) -> list[tuple[int, str]]:
    """Return the pieces of a small bar from its top to its end."""
    length = _length(gradient, largest, TALL)
    colour = colours[stroke(gradient)] if length else ""
    down, up = (length if side else 0 for side in _sides(gradient))
    return [(TALL - up, ""), (up, colour), (1, colours["edge"]), (down, colour), (TALL - down, "")]


def _length(gradient: float, largest: float, longest: int) -> int:
    if math.isnan(gradient):
        return longest
    return max(1, round(longest * share(gradient, largest))) if gradient != 0 else 0


def _sides(gradient: float) -> tuple[bool, bool]:
    """Tell whether a bar has a negative and a positive side; nan has both."""
    return not gradient >= 0, not gradient <= 0
