"""x**y, its derivatives, and logarithms to twice the digits, as formulas on lanes."""

import math

from engine.compile.llvm_math_exp import (
    LIMIT,
    LN2_HIGH,
    LN2_LOW,
    clipped,
    exp,
    exp_parts,
    fine_growth,
    reduced,
    scaled,
)
from engine.compile.llvm_math_lanes import (
    Lanes,
    Mask,
    Number,
    at_least,
    copysign,
    floor,
    fma,
    polynomial,
    quick_two_sum,
    two_product,
    two_sum,
    where,
)
from engine.compile.llvm_math_log import limits, log, split

THIRD, THIRD_LOW = 0.6666666666666666, 3.700743415417188e-17
SERIES = [2 / n for n in range(5, 27, 2)]
"""(log((1 + s) / (1 - s)) - 2 s - 2/3 s**3) / s**5 in s**2."""
ONE_OVER_LN2 = (1.4426950408889634, 2.0355273740931033e-17)
ONE_OVER_LN10 = (0.4342944819032518, 1.098319650216765e-17)


def log_pair(x: Lanes) -> tuple[Lanes, Lanes]:
    """Return log(x) as a sum of two, within 2**-64 of the result, for finite x > 0.

    x = m 2**e, and log(m) = 2 s + 2/3 s**3 + ... of s = (m - 1) / (m + 1), to twice the digits.
    """
    tiny = x < 2.0**-1022
    m, e = split(where(tiny, x * 2.0**54, x))
    e = where(tiny, e - 54.0, e)
    f = m - 1.0
    below, below_low = two_sum(m, 1.0)
    inverse = 1.0 / below
    s = f * inverse
    s_low = (fma(-s, below, f) - s * below_low) * inverse
    z, z_low = two_product(s, s)
    z_low = fma(2.0 * s, s_low, z_low)
    cube, cube_low = two_product(z, s)
    cube_low = cube_low + fma(z, s_low, z_low * s)
    factor, factor_low = quick_two_sum(THIRD, z * polynomial(z, SERIES))
    term, term_low = two_product(cube, factor)
    term_low = fma(cube, factor_low + THIRD_LOW, fma(cube_low, factor, term_low))
    high, low = quick_two_sum(2.0 * s, term)
    low = low + (2.0 * s_low + term_low)
    total, rest = two_sum(e * LN2_HIGH, high)
    more, more_low = two_product(e, LN2_LOW)
    return quick_two_sum(total, rest + (more + (low + more_low)))


def _scaled_log(x: Lanes, factor: tuple[float, float]) -> Lanes:
    """Return factor * log(x), a factor of two parts."""
    high, low = log_pair(x)
    product = high * factor[0]
    rest = fma(high, factor[0], -product)
    return limits(x, 0.0, product + (rest + fma(low, factor[0], high * factor[1])))


def log2(x: Lanes) -> Lanes:
    """The logarithm to base 2."""
    return _scaled_log(x, ONE_OVER_LN2)


def log10(x: Lanes) -> Lanes:
    """The logarithm to base 10."""
    return _scaled_log(x, ONE_OVER_LN10)


def _log_of_size(x: Lanes) -> tuple[Lanes, Lanes]:
    """Return log|x| as a sum of two: -inf at 0, inf at inf."""
    size = abs(x)
    high, low = log_pair(size)
    usual = (size > 0.0) & (size < math.inf)
    edge = where(size.same(0.0), -math.inf, size)
    return where(usual, high, edge), where(usual, low, 0.0)


def _power_parts(log: tuple[Lanes, Lanes], y: Lanes, y_low: Number) -> tuple[Lanes, Lanes, Lanes]:
    """Return e**((y + y_low) log) as (high, low, n)."""
    product = y * log[0]
    rest = fma(y, log[0], -product) + fma(y, log[1], log[0] * y_low)
    return exp_parts(clipped(product), where(abs(product) < LIMIT, rest, 0.0))


def _parity(y: Lanes) -> tuple[Mask, Mask]:
    """Return where y is a whole number (or infinite), and where it is an odd one."""
    whole = floor(y).same(y)
    half = 0.5 * y
    return whole, whole & (floor(half) < half)


def _signed(size: Lanes, opposite: Lanes, x: Lanes, whole: Mask, odd: Mask) -> Lanes:
    """Return a power of |x| as that of x: left of 0 its opposite in odd exponents, nan in fractions."""
    turned = where(odd & (x.bits() < 0), opposite, size)
    return where((x < 0.0) & ~whole, math.nan, turned)


def _of_size(x: Lanes, y: Lanes, log: tuple[Lanes, Lanes]) -> Lanes:
    """Return |x|**y from log|x|."""
    high, low, n = _power_parts(log, y, 0.0)
    is_one = y.same(0.0) | abs(x).same(1.0)
    return where(is_one, 1.0, scaled(high + low, n))


def power(x: Lanes, y: Lanes) -> Lanes:
    """x**y, as the C library's pow: 1**nan is 1, and a power of -inf is one of inf, its sign apart."""
    whole, odd = _parity(y)
    size = _of_size(x, y, _log_of_size(x))
    whole = whole | x.same(-math.inf)
    size = where(y.is_nan() & ~x.same(1.0), y, size)
    return _signed(size, -size, x, whole, odd)


def power_x(x: Lanes, y: Lanes) -> Lanes:
    """y x**(y-1): the factor before the power leaves the range; 0 where y or the power is 0."""
    log = _log_of_size(x)
    exponent, rest = two_sum(y, -1.0)
    high, low, n = _power_parts(log, exponent, rest)
    edge = _of_size(x, exponent, log)
    edge = where(edge.same(0.0), 0.0, y * edge)
    tiny = abs(y) < 2.0**-500  # which the product would leave with few bits
    factor, n = where(tiny, y * 2.0**600, y), where(tiny, n - 600.0, n)
    usual = scaled(fma(factor, high, factor * low), n)
    size = where(_is_usual(x, y, exponent, log), usual, edge)
    size = where(x.is_nan(), x, where(y.same(0.0), 0.0, size))
    whole, odd = _parity(y)
    even = whole & ~odd & (abs(y) < math.inf)
    return _signed(size, 0.0 - size, x, whole, even)


def power_y(x: Lanes, y: Lanes) -> Lanes:
    """x**y log(x), 0 where one of the two is 0; nan left of 0, at -0.0 odd powers have their sign."""
    log = _log_of_size(x)
    high, low, n = _power_parts(log, y, 0.0)
    usual = scaled(fma(high, log[0], fma(low, log[0], high * log[1])), n)
    edge = _of_size(x, y, log)
    vanishes = edge.same(0.0) | x.same(1.0) | (x.same(0.0) & y.same(0.0))
    edge = where(vanishes, 0.0, edge * log[0])
    size = where(_is_usual(x, y, y, log), usual, edge)
    size = where((x < 0.0) | y.is_nan(), math.nan, size)
    return _signed(size, 0.0 - size, x, y.same(y), _parity(y)[1])


def _is_usual(x: Lanes, y: Lanes, exponent: Lanes, log: tuple[Lanes, Lanes]) -> Mask:
    """Return where |x| is neither 0 nor infinite, y is finite, and the power within the range of exp."""
    size = abs(x)
    inside = (size > 0.0) & (size < math.inf) & (abs(y) < math.inf)
    return inside & (abs(exponent * log[0]) < LIMIT)


def cbrt(x: Lanes) -> Lanes:
    """The cube root: one Halley step from 26 bits of e**(log|x| / 3)."""
    size = abs(x)
    tiny = size < 1e-200
    size = where(tiny, size * 2.0**600, size)
    start = exp(log(size) * (1 / 3))
    y = 134217729.0 * start
    y = y - (y - start)
    gap = fma(-(y * y), y, size) / size  # y * y is exact
    root = y + y * gap / (3.0 - 2.0 * gap)
    root = copysign(where(tiny, root * 2.0**-200, root), x)
    return where((abs(x) > 0.0) & (abs(x) < math.inf), root, x)


def plus_log1p(shift: Lanes, x: Lanes, low: Lanes) -> Lanes:
    """Return shift + log(1 + x + low) for x >= 0, rounded about once."""
    total, rest = quick_two_sum(1.0, x)
    high, tail = log_pair(total)
    tail = tail + (rest + low) / total
    result, left = two_sum(shift, high)
    return result + (left + tail)


def logaddexp(x: Lanes, y: Lanes) -> Lanes:
    """log(e**x + e**y): the larger operand and log1p of e**difference, which is 0 from -746 down."""
    larger = where(x < y, y, x)
    difference, rest = two_sum(where(x < y, x, y), -larger)
    usual = difference > -746.0
    n, r, rest = reduced(at_least(difference, -746.0), where(usual, rest, 0.0))
    more, tail = fine_growth(r, rest)
    high, low = quick_two_sum(1.0, more)
    total = plus_log1p(larger, scaled(high, n), scaled(low + tail, n))
    tied = x.same(y) | (difference <= -746.0)
    return where(usual, total, where(tied, larger, math.nan))
