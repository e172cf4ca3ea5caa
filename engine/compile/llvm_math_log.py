"""log and its kin as formulas on lanes, after fdlibm (Sun, 1993): log(1 + f) by s = f / (2 + f)."""

import math

from engine.compile.llvm_math_exp import ONE
from engine.compile.llvm_math_lanes import Lanes, Number, fma, polynomial, two_sum, where

LN2_HIGH, LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""log(2): its first 33 bits, so that an exponent times them is exact, and the rest."""
SERIES = [
    0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784,
    0.1818357216161805, 0.15313837699209373, 0.14798198605116586,
]  # fmt: skip
"""(log(1 + f) - 2 s) / s**3 in s**2, within 2**-58 (fdlibm's Lg1 to Lg7)."""
ROOT_HALF = 0x3FE6A09E667F3BCD
EXPONENT, FRACTION = 0x4330000000000000, 0x000FFFFFFFFFFFFF
"""The bits of 2**52, whose last bits are those of a whole number added to it; the bits of a fraction."""


def split(x: Lanes) -> tuple[Lanes, Lanes]:
    """Return (m, e) with x = m * 2**e and m from sqrt(1/2) to sqrt(2), for normal x > 0."""
    shifted = x.bits() + (ONE - ROOT_HALF)
    m = (shifted & FRACTION) + ROOT_HALF
    e = (shifted >> 52) | EXPONENT
    return m.numbers(), e.numbers() - (2.0**52 + 1023.0)


def _log(m: Lanes, e: Lanes, low: Number = 0.0) -> Lanes:
    """Return log(m (1 + low)) + e log(2) for what `split` returns."""
    f = m - 1.0
    s = f / (f + 2.0)
    square = s * s
    half = 0.5 * f * f
    curve = s * fma(square, polynomial(square, SERIES), half)
    return fma(e, LN2_HIGH, f - (half - (fma(e, LN2_LOW, curve) + low)))


def limits(x: Lanes, pole: float, result: Lanes) -> Lanes:
    """Return -inf where x is at the pole of a logarithm, nan below it, inf at inf, nan where x is nan."""
    outside = where(x.same(pole), -math.inf, where(x < pole, math.nan, x))
    inside = (x > pole) & (x < math.inf)
    return where(inside, result, outside)


def log(x: Lanes) -> Lanes:
    """log(x)."""
    tiny = x < 2.0**-1022
    m, e = split(where(tiny, x * 2.0**54, x))
    return limits(x, 0.0, _log(m, where(tiny, e - 54.0, e)))


def log_of_sum(x: Lanes, low: Lanes) -> Lanes:
    """Return log(x + low) for normal x > 0."""
    return _log(*split(x), low / x)


def log1p(x: Lanes) -> Lanes:
    """log(1 + x): the logarithm of the rounded sum, plus what rounding took away, over it."""
    return where(abs(x) < 2.0**-54, x, limits(x, -1.0, log_of_sum(*two_sum(x, 1.0))))
