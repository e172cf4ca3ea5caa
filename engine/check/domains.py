"""Where the operands of an op may stand: inside its domain, off its kinks, simple or on the edge."""

import math
import random
from collections.abc import Callable
from functools import cache
from typing import Any

from engine import ops
from engine.check.points import EDGES, corners, ends
from engine.op import Interval, Op

NUMBERS = (0.5, 1.0, 2.0, -1.0, 3.0, 0.25, 0.1, 1.7, 1.25, 0.7, -0.3, -0.75, -1.5, -2.5)
NEAREST_KINK, LARGEST = 1e-3, 1e4
TRIES = 300


def clear_of_trouble(op: Op, operands: tuple[Any, ...]) -> bool:
    """Whether operands are inside the domain of an op, well away from its ends and kinks."""
    for operand, domain in zip(operands, op.domain, strict=True):
        for x in operand if isinstance(operand, tuple) else (operand,):
            if not domain.low + NEAREST_KINK < x < domain.high - NEAREST_KINK:
                return False
    if op.margin is not None and not abs(op.margin(*operands)) > NEAREST_KINK:
        return False
    return not (op in (ops.div, ops.ratio) and abs(operands[1]) < NEAREST_KINK)


@cache
def numbers_within(within: Interval) -> tuple[float, ...]:
    """Return a few simple numbers inside an interval, away from its ends; none where it is too narrow.

    >>> numbers_within(Interval(5.0, 6.0))
    (5.5, 5.25, 5.75)
    """
    inside = Interval(within.low + NEAREST_KINK, within.high - NEAREST_KINK)
    found = tuple(x for x in NUMBERS if x in inside)
    if found:
        return found
    low, high = max(within.low, -1e300), min(within.high, 1e300)
    if within.low == -math.inf or within.high == math.inf:
        end = low if within.high == math.inf else high
        size = math.copysign(max(1.0, abs(end)), 1.0 if within.high == math.inf else -1.0)
        spread = [end + size * k for k in (1.0, 0.5, 2.0)]
    else:
        spread = [low + (high - low) * share for share in (0.5, 0.25, 0.75)]
    return tuple(x for x in spread if x in inside)


def value_at(op: Op, operands: tuple[Any, ...]) -> float | None:
    """Return the value of an op where operands are clear of trouble and it is moderate, else None."""
    if not clear_of_trouble(op, operands):
        return None
    try:
        z = op.evaluate(*operands)
    except ArithmeticError:
        return None
    return z if 1 / LARGEST < abs(z) < LARGEST or z == 0.0 else None  # relu, where, minimum give 0.0


def edges(within: Interval) -> list[float]:
    """Return what is worth a try in an interval: its corners, and places where functions are hard."""
    low, high = ends(within)
    places = (sign * x for x in EDGES for sign in (1.0, -1.0))
    return list(
        dict.fromkeys([*(x + 0.0 for x in corners(within)), *(x + 0.0 for x in places if low <= x <= high)])
    )


def _near(ulps: int) -> Callable[[float], tuple[float, float]]:
    def pair(x: float) -> tuple[float, float]:
        y = x
        for _ in range(ulps):
            y = math.nextafter(y, math.inf)
        return x, y

    return pair


RELATED: tuple[Callable[[float], tuple[float, float]], ...] = (
    lambda x: (x, x),
    lambda x: (x, 0.0 - x),
    _near(1),
    _near(3),
    lambda x: (x, x + 1.0),
    lambda x: (x, x - 40.0),
    lambda x: (x, x * 0.75),
    lambda x: (x, x * 2.0**60),
)


def is_inside(op: Op, operands: tuple[Any, ...]) -> bool:
    """Whether floats are in the domain of an op."""
    return all(low <= x <= high for x, (low, high) in zip(operands, map(ends, op.domain), strict=True))


def is_off_kinks(op: Op, operands: tuple[Any, ...], margin: float) -> bool:
    """Whether operands are that far from a kink, and no divisor is 0."""
    if op in (ops.div, ops.ratio) and operands[1] == 0.0:
        return False
    return op.margin is None or abs(op.margin(*operands)) >= margin


def is_drawable(op: Op) -> bool:
    """Whether some simple operands suit an op."""
    rng = random.Random(0)
    numbers = [numbers_within(within) for within in op.domain]
    if not all(numbers):
        return False
    for _ in range(TRIES):
        operands = tuple(
            tuple([rng.choice(some), rng.choice(some)]) if is_list else rng.choice(some)
            for some, is_list in zip(numbers, op.lists, strict=True)
        )
        if value_at(op, operands) is not None:
            return True
    return False
