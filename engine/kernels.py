"""Values of functions that the C library lacks or rounds badly, accurate on floats.

Every function is total: it raises for no float, takes its IEEE limit at inf, keeps nan, and keeps the
sign of zero where it is odd. The figure at the end of a docstring is the largest error measured, in units
in the last place of the exact result, over its whole domain (subnormal results: within one of theirs).
"""

import math
import operator
from collections.abc import Sequence

from engine import ieee
from engine.doubled import cut, exp_doubled, log_doubled, two_product, two_sum

inf, nan = math.inf, math.nan
LARGEST_SINH = 710.4758600739439  # sinh of anything above overflows
LOWEST_SILU = -1.2784645427610737  # next to the zero of 1 + x + e**x
POWER_THERE, SUM_THERE = 0.27846454276107385, 1.3995343912896686e-16  # e**x and 1 + x + e**x there


# squashing functions
def sigmoid(x: float) -> float:
    """Return 1 / (1 + e**-x), below 0 as t / (1 + t) with t = e**x and the rounding error of 1 + t.

    2.0 ulp.
    """
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    power = math.exp(x)
    total = 1.0 + power
    quotient = power / total
    return quotient - quotient * ((power - (total - 1.0)) / total)


def silu(x: float) -> float:
    """Return x * sigmoid(x), as x / (1 + e**-x), below 0 with the rounding error of 1 + e**-x; 1.5 ulp."""
    if x >= 0.0:
        return x / (1.0 + math.exp(-x))
    if x < -700.0:
        return _scaled_exp(x, x)
    power = math.exp(-x)
    total = 1.0 + power
    quotient = x / total
    return quotient - quotient * ((1.0 - (total - power)) / total)


def silu_slope(x: float) -> float:
    """Return the slope of silu, p (1 + x + p) / (1 + p)**2 with p = e**x; right of 0, 1 less that of -x.

    Next to its zero, at c + d, 1 + x + p is (1 + c + e**c) + d + e**c (e**d - 1), of few rounding errors.
    2.4 ulp.
    """
    if x > 0.0:
        return 1.0 - silu_slope(-x)
    if x < -700.0:
        return _scaled_exp(x, 1.0 + x)
    power = math.exp(x)
    total = cut(1.0 + power)  # its square is exact
    rest = (power - (total - 1.0)) / total
    offset = x - LOWEST_SILU
    if abs(offset) < 0.25:
        numerator, low = two_sum(offset, POWER_THERE * math.expm1(offset) + SUM_THERE)
    else:
        numerator, low = two_sum(1.0 + x, power)
    quotient = power * numerator / (total * total)
    return quotient + quotient * (low / numerator - rest * (2.0 - 3.0 * rest))


def _scaled_exp(x: float, factor: float) -> float:
    """Return factor * e**x for x below -600, where e**x may be subnormal though the product is not."""
    if x < -800.0:
        return math.copysign(0.0, factor)
    high, low, k = exp_doubled(x)
    return math.ldexp(factor * (high + low), k)


def softplus(x: float) -> float:
    """Return log(1 + e**x), as max(x, 0) + log1p(e**-|x|); 1.5 ulp."""
    if x > 0.0:
        return x + math.log1p(math.exp(-x))
    return math.log1p(math.exp(x))


def sech2(x: float) -> float:
    """Return 1 / cosh(x)**2, the slope of tanh, as 4t / (1 + t(2 + t)) with t = e**(-2|x|); 2.0 ulp."""
    if abs(x) > 350.0:
        return _scaled_exp(-2.0 * abs(x), 4.0)
    power = math.exp(-2.0 * abs(x))
    excess = power * (2.0 + power)
    total = 1.0 + excess
    rest = excess - (total - 1.0) if excess < 1.0 else 1.0 - (total - excess)
    quotient = 4.0 * power / total
    return quotient - quotient * (rest / total)


def elu(x: float, alpha: float) -> float:
    """Return x where x > 0, else alpha * (e**x - 1); 1.4 ulp."""
    return x if x > 0.0 else alpha * math.expm1(x)


def relu(x: float) -> float:
    """Return 0 where x < 0, else x, so that nan stays nan."""
    return 0.0 if x < 0.0 else x


def leaky_relu(x: float, slope: float) -> float:
    """Return slope * x where x < 0, else x."""
    return slope * x if x < 0.0 else x


# comparisons as numbers
def step(x: float) -> float:
    """Return 1 where x > 0, 0 where x <= 0."""
    return 1.0 if x > 0.0 else 0.0 if x <= 0.0 else x


def sign(x: float) -> float:
    """Return 1, 0 or -1 as x is above, at or below 0."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 if x == 0.0 else x


def ahead(x: float, y: float) -> float:
    """Return 1 where x > y, a half where they tie, 0 where x < y: the slope of max(x, y) in x."""
    return 1.0 if x > y else 0.0 if x < y else 0.5 if x == y else nan


def maximum(x: float, y: float) -> float:
    """Return the larger of two numbers, nan if either is nan."""
    return x if x > y or x != x else y


def minimum(x: float, y: float) -> float:
    """Return the smaller of two numbers, nan if either is nan."""
    return x if x < y or x != x else y


def largest(xs: Sequence[float]) -> float:
    """Return the largest of the numbers, nan if any is nan."""
    return nan if any(map(math.isnan, xs)) else max(xs)


def smallest(xs: Sequence[float]) -> float:
    """Return the smallest of the numbers, nan if any is nan."""
    return nan if any(map(math.isnan, xs)) else min(xs)


def choose(x: float, pair: tuple[float, float]) -> float:
    """Return the first of a pair where x > 0, else the second; nan where x is nan."""
    return pair[0] if x > 0.0 else pair[1] if x == x else nan


# sums and quotients
def dot(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Return the sum of the products of two lists of one length; the products are rounded, their sum once.

    Errors: OverflowError and ValueError where `math.fsum` raises them; there `ieee.total_of_products` helps.
    """
    return math.fsum(map(operator.mul, xs, ys))


def cosine(x: float, y: float) -> float:
    """Return x / hypot(x, y), the cosine of the angle of the point (x, y), 0 at the origin; 0.5 ulp.

    What rounding took from the distance and from the quotient is put back.

    >>> cosine(1.7e308, 1.7e308), cosine(3.0, 4.0), cosine(0.0, 0.0), cosine(inf, 1.0)
    (0.7071067811865476, 0.6, 0.0, 1.0)
    """
    if abs(x) <= 1e-20 * abs(y):
        return ratio(x, abs(y))
    if not abs(x) < inf:
        return math.copysign(1.0, x) if abs(x) == inf and abs(y) < inf else nan
    distance = math.hypot(x, y)
    if not 1e-140 < distance < 1e140:
        scale = 2.0**700 if distance < 1.0 else 2.0**-600
        x, y = x * scale, y * scale
        distance = math.hypot(x, y)
    squares = [*two_product(x, x), *two_product(y, y), *two_product(-distance, distance)]
    quotient = x / distance
    product, rest = two_product(quotient, distance)
    return quotient + (x - product - rest - quotient * (math.fsum(squares) / (2.0 * distance))) / distance


def ratio(x: float, y: float) -> float:
    """Return x / y, but 0 where both are 0.

    >>> ratio(0.0, 0.0), ratio(1.0, -0.0)
    (0.0, -inf)
    """
    if y != 0.0:
        return x / y
    return 0.0 if x == 0.0 else ieee.divide(x, y)


# hyperbolic functions and roots
def sinh(x: float) -> float:
    """Return (e**x - e**-x) / 2: its Taylor series below 1/2; 0.9 ulp."""
    if not abs(x) <= LARGEST_SINH:
        return math.copysign(inf, x) if x == x else x
    y, rest, tail = _sinh(abs(x))
    return math.copysign(y + (rest + tail), x)


def _sinh(x: float) -> tuple[float, float, float]:
    """Return sinh(x) as a sum of three floats of falling size, for 0 <= x <= LARGEST_SINH."""
    if x < 0.5:
        s = x * x
        terms = 1 / 5040 + s * (1 / 362880 + s * (1 / 39916800 + s / 6227020800))
        return x, x * s * (1 / 6 + s * (1 / 120 + s * terms)), 0.0
    high, low, k = exp_doubled(x)
    half = math.ldexp(high, k - 1)
    mirror = 0.25 / half
    total = half - mirror
    return total, (half - total) - mirror, math.ldexp(low, k - 1)


def asinh(x: float) -> float:
    """Return the number whose sinh is x: one Newton step from the C library's value; 0.9 ulp."""
    if not 0.0 < abs(x) < inf:
        return x
    return math.copysign(_asinh(abs(x), 0.0), x)


def _asinh(x: float, low: float) -> float:
    """Return asinh(x + low) for finite x > 0."""
    y = min(math.asinh(x), LARGEST_SINH)
    total, rest, tail = _sinh(y)
    return y + (((x - total) - rest) - (tail - low)) / math.hypot(1.0, x)


def acosh(x: float) -> float:
    """Return the number above 0 whose cosh is x, as 2 asinh(sqrt((x - 1) / 2)); nan below 1; 0.9 ulp."""
    if not 1.0 < x < inf:
        return 0.0 if x == 1.0 else x if x > 1.0 else nan
    square, low = two_sum(0.5 * x, -0.5)
    root = math.sqrt(square)
    leading = cut(root)
    gap = (square - leading * leading) - (root - leading) * (root + leading)
    return 2.0 * _asinh(root, 0.5 * (gap + low) / root)


def atanh(x: float) -> float:
    """Return log((1 + x) / (1 - x)) / 2, below 1/4 by its Taylor series; nan outside -1 ... 1; 0.6 ulp."""
    size = abs(x)
    if size < 0.25:
        s = x * x
        series = 0.0
        for odd in range(27, 1, -2):
            series = s * (1 / odd + series)
        return x + x * series
    if not size < 1.0:
        return math.copysign(inf, x) if size == 1.0 else nan
    above, above_rest = log_doubled(*two_sum(1.0, size))
    below, below_rest = log_doubled(*two_sum(1.0, -size))
    total, rest = two_sum(above, -below)
    return math.copysign(0.5 * (total + (rest + (above_rest - below_rest))), x)


def cbrt(x: float) -> float:
    """Return the cube root: one Halley step from 26 bits of the C library's value; 0.5 ulp."""
    if not 0.0 < abs(x) < inf:
        return x
    if abs(x) < 1e-200:
        return math.ldexp(cbrt(math.ldexp(x, 600)), -200)
    y = cut(math.cbrt(x))
    square = y * y  # exact
    leading = cut(square)
    gap = ((x - leading * y) - (square - leading) * y) / x
    return y + y * gap / (3.0 - 2.0 * gap)
