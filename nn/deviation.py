"""How far straight pieces are from the function that they stand for."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from nn.checked import finite

Function: TypeAlias = Callable[[float], Any]

PARTS = 16
"""Into so many equal parts a piece is cut in search of what is largest on it."""
NEAR = 0.99
"""A piece is looked at closely where its parts come to this share of the largest."""
GOLDEN = (math.sqrt(5) - 1) / 2
SECTIONS = 32
"""After so many golden sections an interval is as short as the rounding of a largest value allows."""


class Deviation(NamedTuple):
    """Where pieces are off, and by how much: piece - function at x."""

    x: float
    gap: float


def deviations(f: Function, xs: Sequence[float], ys: Sequence[float]) -> tuple[Deviation, Deviation]:
    """Return where the straight pieces between the points (x, y) are lowest and highest against f.

    f is compared with each piece at the ends of 16 equal parts of it, and where that comes near the lowest or
    the highest of all, between the neighbours by golden sections (Kiefer 1953). To rounding that is the truth
    for a smooth f and pieces that follow it; a peak of f that is narrower than a part may be missed.

    Errors: ValueError where f fails or is not finite, TypeError where it answers no number.

    >>> deviations(lambda x: x * x, [0.0, 1.0], [0.0, 1.0])
    (Deviation(x=0.0, gap=0.0), Deviation(x=0.5, gap=0.25))
    """
    pieces = [_Piece(f, xs[i], xs[i + 1], ys[i], ys[i + 1]) for i in range(len(xs) - 1)]
    return _extreme(pieces, -1), _extreme(pieces, 1)


def value(f: Function, x: float) -> float:
    """Return f(x) as a float; ValueError where f fails or is not finite, TypeError where it is no number.

    >>> value(abs, -2.0)
    2.0
    """
    try:
        y = f(x)
    except (ArithmeticError, ValueError) as error:
        raise ValueError(
            f"the function fails at x = {x:g} ({type(error).__name__}: {error}): "
            "give an interval on which it has a value everywhere"
        ) from error
    return finite(f"the function at x = {x:g}", y)


class _Piece:
    """One straight piece from (left, low) to (right, high), and its deviations from f on a grid."""

    def __init__(self, f: Function, left: float, right: float, low: float, high: float) -> None:
        self.f, self.left, self.right, self.low, self.high = f, left, right, low, high
        xs = [left + (right - left) * i / PARTS for i in range(PARTS)] + [right]
        self.grid = [Deviation(x, self.gap(x)) for x in xs]

    def gap(self, x: float) -> float:
        share = (x - self.left) / (self.right - self.left)
        return self.low * (1 - share) + self.high * share - value(self.f, x)

    def best(self, sign: int) -> int:
        """Return the place on the grid where sign · gap is largest."""
        return max(range(PARTS + 1), key=lambda i: sign * self.grid[i].gap)

    def section(self, sign: int) -> Deviation:
        """Return the top of sign · gap between the neighbours of the best place, by golden sections."""
        best = self.best(sign)
        left, right = self.grid[max(best - 1, 0)].x, self.grid[min(best + 1, PARTS)].x
        low, high = right - GOLDEN * (right - left), left + GOLDEN * (right - left)
        at_low, at_high = self.gap(low), self.gap(high)
        for _ in range(SECTIONS):
            if sign * at_low >= sign * at_high:
                right, high, at_high = high, low, at_low
                low = right - GOLDEN * (right - left)
                at_low = self.gap(low)
            else:
                left, low, at_low = low, high, at_high
                high = left + GOLDEN * (right - left)
                at_high = self.gap(high)
        return Deviation(low, at_low)


def _extreme(pieces: Sequence[_Piece], sign: int) -> Deviation:
    found = [piece.grid[piece.best(sign)] for piece in pieces]
    top = max(sign * deviation.gap for deviation in found)
    close = [
        piece for piece, at in zip(pieces, found, strict=True) if sign * at.gap >= top - (1 - NEAR) * abs(top)
    ]
    return max(
        [*found, *[piece.section(sign) for piece in close]], key=lambda deviation: sign * deviation.gap
    )
