"""Numbers as short text: four decimals at most, a true minus, columns that align on the point."""

import math
from collections.abc import Iterable

MINUS = "\N{MINUS SIGN}"
FIGURE_SPACE = "\N{FIGURE SPACE}"
SMALL, LARGE = 5e-4, 1e5
"""Outside of these magnitudes a number is written with an exponent."""


def short(number: float) -> str:
    """Return a number in at most four decimals and at least one, or three digits and an exponent.

    >>> short(0.70710678), short(2), short(-1.234e-7), short(-0.0), short(float("inf"))
    ('0.7071', '2.0', '−1.23e−7', '−0.0', 'inf')
    """
    size = abs(number)
    if not math.isfinite(number):
        text = f"{number}"
    elif number == 0.0 or (size >= SMALL and round(size, 4) < LARGE):
        text = _trimmed(f"{number:.4f}")
    else:
        digits, _, exponent = f"{number:.2e}".partition("e")
        text = f"{_trimmed(digits)}e{int(exponent)}"
    return text.replace("-", MINUS)


def _trimmed(text: str) -> str:
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0') or '0'}"


def signed(number: float) -> str:
    """Return `short(number)` with a figure space where a positive number has no sign.

    Minus and figure space are three bytes each, so Graphviz, which measures bytes, keeps columns straight.

    >>> signed(-1.5), signed(1.5)
    ('−1.5', '\\u20071.5')
    """
    text = short(number)
    return text if text.startswith(MINUS) else FIGURE_SPACE + text


def aligned(texts: Iterable[str]) -> list[str]:
    """Return texts of numbers padded with spaces so that their points stand in one column.

    >>> aligned(["10.5", "−0.25"])
    ['10.5 ', '−0.25']
    """
    parts = [text.partition(".") for text in texts]
    left = max((len(whole) for whole, _, _ in parts), default=0)
    right = max((len(point + decimals) for _, point, decimals in parts), default=0)
    return [whole.rjust(left) + (point + decimals).ljust(right) for whole, point, decimals in parts]
