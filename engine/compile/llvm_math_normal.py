"""The normal distribution and the error functions as formulas on lanes, after `engine.normal`."""

import math
import struct

from engine import normal
from engine.compile.llvm_math_exp import exp_parts, scaled
from engine.compile.llvm_math_lanes import (
    SHIFT,
    Lanes,
    copysign,
    fma,
    polynomial,
    quick_two_sum,
    two_product,
    two_sum,
    where,
)
from engine.compile.llvm_math_table import gathered

ROOT_TWO, ROOT_TWO_LOW = 1.4142135623730951, -9.667293313452913e-17
TWO_OVER_ROOT_PI, TWO_OVER_ROOT_PI_LOW = 1.1283791670955126, 1.533545961316588e-17
ERF_SERIES = [(-1.0) ** n / (math.factorial(n) * (2 * n + 1)) for n in range(1, 15)]
"""(erf(x) / (2/sqrt(pi) x) - 1) / x**2 in x**2, |x| <= 1/2."""
COLUMNS = 13
"""Numbers in a row of the table of Mills' ratio."""


def _near(x: Lanes, bound: float) -> Lanes:
    """Return x where it is within a bound, else the bound; nan becomes the bound, too."""
    return where(abs(x) < bound, x, bound)


def _unless_far(x: Lanes, bound: float, near: Lanes, low: float, high: float | Lanes) -> Lanes:
    """Return what was computed, beyond a bound the limits at -inf and inf; nan where x is nan."""
    limit = where(x >= bound, high, where(x <= -bound, low, x))
    return where(abs(x) < bound, near, limit)


def gaussian(x: Lanes) -> Lanes:
    """e**(-x**2)."""
    square, low = two_product(_near(x, 30.0), _near(x, 30.0))
    high, rest, n = exp_parts(-square, -low)
    return _unless_far(x, 30.0, scaled(high + rest, n), 0.0, 0.0)


def normal_density(x: Lanes) -> Lanes:
    """e**(-x**2/2) / sqrt(2 pi)."""
    high, low, n = _density(_near(x, 40.0), 0.5)
    return _unless_far(x, 40.0, scaled(high + low, n), 0.0, 0.0)


def _density(x: Lanes, factor: float) -> tuple[Lanes, Lanes, Lanes]:
    """Return e**(-factor x**2) / sqrt(2 pi) as (high, low, n), |x| <= 40."""
    square, low = two_product(x, x)
    exponent, rest = two_sum(-factor * square, -normal.LOG_ROOT_TWO_PI)
    return exp_parts(exponent, rest - fma(low, factor, normal.LOG_ROOT_TWO_PI_LOW))


def _mills(x: Lanes, low: Lanes | None = None) -> tuple[Lanes, Lanes]:
    """Return Mills' ratio of x + low, 0 to 40, as a sum of two: a Taylor series about the nearest 1/8."""
    shifted = fma(x, 8.0, SHIFT)
    d = fma(shifted - SHIFT, -0.125, x)
    d = d if low is None else d + low
    row = shifted.bits() & 511
    values = gathered(x, "mills", _table, row, COLUMNS)
    return values[0], fma(d, polynomial(d, values[2:]), values[1])


def _table() -> bytes:
    """Return the table of Mills' ratio, row by row."""
    numbers = [number for row in normal._mills() for number in row]
    return struct.pack(f"={len(numbers)}d", *numbers)


def _tail(x: Lanes, density: tuple[Lanes, Lanes, Lanes], low: Lanes | None = None) -> tuple[Lanes, Lanes]:
    """Return the chance of more than x + low, 0 to 40, less the factor 2**n of the density, as a sum."""
    high, high_low, _ = density
    mills, rest = _mills(x, low)
    tail, tail_low = two_product(high, mills)
    return quick_two_sum(tail, fma(high, rest, fma(high_low, mills, tail_low)))


def normal_cdf(x: Lanes) -> Lanes:
    """The chance that a standard normal number is below x."""
    density = _density(_near(x, 40.0), 0.5)
    tail, low = _tail(abs(_near(x, 40.0)), density)
    left = scaled(tail + low, density[2])
    return _unless_far(x, 40.0, where(x < 0.0, left, 1.0 - left), 0.0, 1.0)


def gelu(x: Lanes) -> Lanes:
    """x times normal_cdf(x)."""
    near = _near(x, 40.0)
    density = _density(near, 0.5)
    tail, low = _tail(abs(near), density)
    product, rest = two_product(near, tail)
    left = scaled(product + fma(near, low, rest), density[2])
    share, missing = quick_two_sum(1.0, -scaled(tail, density[2]))
    return _unless_far(x, 40.0, where(x < 0.0, left, fma(near, share, near * missing)), -0.0, x)


def gelu_slope(x: Lanes) -> Lanes:
    """Left of 0 the density times x + Mills' ratio of -x, next to its zero a series; right 1 less it."""
    size = abs(_near(x, 40.0))
    high, low, n = _density(size, 0.5)
    mills, rest = _mills(size)
    gap, gap_low = two_sum(mills, -size)
    total, rest = two_sum(gap, gap_low + rest)
    left = scaled(fma(high, total, fma(low, total, high * rest)), n)
    offset = (-size - normal.LOWEST_GELU) - normal.LOWEST_GELU_LOW
    series = [
        0.4314939923140469, 0.388284982990552, -0.018199676398671087, -0.1140082332972217,
        -0.014771522148244337,
    ]  # fmt: skip
    left = where(abs(offset) < 1 / 1024, offset * polynomial(offset, series), left)
    return _unless_far(x, 40.0, where(x > 0.0, 1.0 - left, left), -0.0, 1.0)


def _erfc_of_size(size: Lanes) -> Lanes:
    """Return erfc(x), 0 <= x <= 28, as twice the normal tail beyond sqrt(2) x."""
    density = _density(size, 1.0)
    beyond, rest = two_product(size, ROOT_TWO)
    tail, low = _tail(beyond, density, fma(size, ROOT_TWO_LOW, rest))
    return scaled(tail + low, density[2] + 1.0)


def erfc(x: Lanes) -> Lanes:
    """1 - erf(x)."""
    tail = _erfc_of_size(abs(_near(x, 28.0)))
    return _unless_far(x, 28.0, where(x < 0.0, 2.0 - tail, tail), 2.0, 0.0)


def erf(x: Lanes) -> Lanes:
    """1 - erfc(x); within 1/2 of 0 its Taylor series."""
    size = abs(_near(x, 28.0))
    square = size * size
    slope, low = two_product(size, TWO_OVER_ROOT_PI)
    curve = square * polynomial(square, ERF_SERIES)
    near = slope + fma(slope, curve, fma(size, TWO_OVER_ROOT_PI_LOW, low))
    found = copysign(where(size < 0.5, near, 1.0 - _erfc_of_size(size)), x)
    return _unless_far(x, 28.0, found, -1.0, 1.0)
