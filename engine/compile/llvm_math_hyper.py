"""The hyperbolic functions and their inverses as formulas on lanes."""

import math

from engine.compile.llvm_math_exp import exp_parts, power_of_two, scaled
from engine.compile.llvm_math_lanes import (
    Lanes,
    at_least,
    at_most,
    copysign,
    fma,
    polynomial,
    quick_two_sum,
    sqrt,
    two_product,
    two_sum,
    where,
)
from engine.compile.llvm_math_power import log_pair

LN2, LN2_LOW = 0.6931471805599453, 2.3190468138462996e-17
SINH_TAIL = [1 / math.factorial(n) for n in range(3, 15, 2)]
"""(sinh(x) - x) / x**3 in x**2, |x| <= 1/2."""
ATANH_TAIL = [1 / n for n in range(3, 28, 2)]
"""(atanh(x) - x) / x**3 in x**2, |x| <= 1/4."""
FAR = 2.0**28
"""Beyond it asinh and acosh are log(2 x)."""


def _with_mirror(x: Lanes, sign: float) -> Lanes:
    """Return (e**x + sign * e**-x) / 2 for x >= 0, all but the powers of two on one scale."""
    high, low, n = exp_parts(at_most(x, 720.0))
    mirror = power_of_two(at_least(-2.0 * n, -1000.0)) / high
    total, rest = quick_two_sum(high, sign * mirror)
    return scaled(total + (rest + low), n - 1.0)


def cosh(x: Lanes) -> Lanes:
    """(e**x + e**-x) / 2."""
    return _with_mirror(abs(x), 1.0)


def sinh(x: Lanes) -> Lanes:
    """(e**x - e**-x) / 2, within 1/2 of 0 its Taylor series."""
    square = x * x
    near = fma(x * square, polynomial(square, SINH_TAIL), x)
    return where(abs(x) < 0.5, near, copysign(_with_mirror(abs(x), -1.0), x))


def _root_pair(square: Lanes, low: Lanes) -> tuple[Lanes, Lanes]:
    """Return the square root of a sum of two as such a sum."""
    total, rest = quick_two_sum(square, low)
    root = sqrt(total)
    return root, 0.5 * ((fma(-root, root, total) + rest) / root)


def _log_of_sum(x: Lanes, root: Lanes, root_low: Lanes) -> Lanes:
    """Return log(x + root + root_low), beyond FAR log(2 x)."""
    far = x > FAR
    total, low = two_sum(where(far, x, root), where(far, 0.0, x))
    high, rest = log_pair(total)
    more = where(far, LN2_LOW, (low + root_low) / total)
    result, left = two_sum(high, where(far, LN2, 0.0))
    return result + (left + (rest + more))


def asinh(x: Lanes) -> Lanes:
    """log(x + sqrt(x**2 + 1)), next to 0 x - x**3/6."""
    size = abs(x)
    square, low = two_product(at_most(size, FAR), at_most(size, FAR))
    total, rest = two_sum(square, 1.0)
    usual = _log_of_sum(size, *_root_pair(total, rest + low))
    near = fma(size * square, -1 / 6, size)
    found = copysign(where(size < 2.0**-20, near, usual), x)
    return where(size < math.inf, found, x)


def acosh(x: Lanes) -> Lanes:
    """log(x + sqrt(x**2 - 1)); nan below 1."""
    near = at_most(x, FAR)
    square, low = two_product(near, near)
    total, rest = two_sum(square, -1.0)
    usual = _log_of_sum(x, *_root_pair(total, rest + low))
    return where((x > 1.0) & (x < math.inf), usual, where(x.same(1.0), 0.0, where(x < 1.0, math.nan, x)))


def atanh(x: Lanes) -> Lanes:
    """log((1 + x) / (1 - x)) / 2, within 1/4 of 0 its Taylor series; nan outside -1 ... 1."""
    size = abs(x)
    square = size * size
    near = fma(size * square, polynomial(square, ATANH_TAIL), size)
    above, above_low = two_sum(size, 1.0)
    below, below_low = two_sum(-size, 1.0)
    high, rest = log_pair(above)
    other, other_rest = log_pair(below)
    total, left = two_sum(high, -other)
    total_low = left + ((rest + above_low / above) - (other_rest + below_low / below))
    found = where(size < 0.25, near, 0.5 * (total + total_low))
    limit = where(size.same(1.0), math.inf, where(size > 1.0, math.nan, size))
    return copysign(where(size < 1.0, found, limit), x)
