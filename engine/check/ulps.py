"""Numbers of 70 digits, and how far a float is from one in units in the last place."""

import math
from typing import Any

from engine.optional import load

mp = load("mpmath", extra="check").mp.clone()
mp.dps = 70
mpf = mp.mpf
LARGEST = mpf(2) ** 1024
SMALLEST_NORMAL = mpf(2) ** -1022


def exactly(operand: Any) -> Any:
    """Return a float as a number of many digits, a list or tuple of them as a list."""
    return [mpf(x) for x in operand] if isinstance(operand, (tuple, list)) else mpf(operand)


def unit(exact: Any) -> Any:
    """The distance between floats next to a number: 2**-52 at 1, 2**-1074 below the normal floats."""
    return mp.ldexp(mpf(1), max(mp.frexp(exact)[1] - 53, -1074) if exact else -1074)


def ulp(exact: Any, got: float) -> float:
    """The error of a float in units in the last place of the exact result; inf counts as 2**1024.

    A result that is 0 must come out as 0. One that is below the normal floats has fewer bits: it must stay
    below them, and its error is not counted.

    >>> ulp(mpf(1) / 3, 1 / 3), ulp(mpf(10) ** 400, math.inf), ulp(mpf(1), 1.0 + 2**-51)
    (0.3333333333333333, 0.0, 2.0)
    """
    exponent = exact.exp + exact.bc if exact._mpf_[1] else 0  # 0, inf and nan have no digits
    if -1021 <= exponent <= 1024 and exact._mpf_[1] and math.isfinite(got):
        return float(mp.ldexp(abs(exact - got), 53 - exponent))
    if math.isnan(got):
        return math.inf
    if abs(exact) < SMALLEST_NORMAL:
        stays_below = got == 0 if exact == 0 else abs(got) <= SMALLEST_NORMAL * (1 + mpf(2) ** -50)
        return 0.0 if stays_below else math.inf
    return float(absolute_error(exact, got) / unit(max(min(exact, LARGEST / 2), -LARGEST / 2)))


def absolute_error(exact: Any, got: float) -> Any:
    """|got - exact|, where everything beyond 2**1024 counts as 2**1024; inf where got is nan."""
    if math.isnan(got):
        return mp.inf
    number = mpf(got) if math.isfinite(got) else LARGEST * math.copysign(1.0, got)
    return abs(number - max(min(exact, LARGEST), -LARGEST))
