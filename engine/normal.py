"""The normal distribution and the error functions, accurate on floats to the ends of their tails."""

import math
from functools import cache

from engine.doubled import cut, exp_doubled, two_sum

LOG_ROOT_TWO_PI, LOG_ROOT_TWO_PI_LOW = 0.9189385332046728, -3.878294158067242e-17  # log(sqrt(2 pi))
ROOT_TWO, ROOT_TWO_LOW = 1.4142135679721832, -5.599088178737374e-09  # sqrt(2), its first 26 bits apart
LOWEST_GELU, LOWEST_GELU_LOW = -0.7517915246935645, 1.4956759177009883e-17  # where gelu's slope is 0


def gaussian(x: float) -> float:
    """Return e**(-x**2), as e**(-h**2) e**(-(x - h)(x + h)) with h the first 26 bits of x; 1.0 ulp."""
    if not abs(x) < 30.0:
        return 0.0 if x == x else x
    leading = cut(x)
    power = math.exp(-leading * leading)
    return power + power * math.expm1((leading - x) * (leading + x))


def normal_density(x: float) -> float:
    """Return e**(-x**2/2) / sqrt(2 pi), the normal density; 0.6 ulp."""
    if not abs(x) < 40.0:
        return 0.0 if x == x else x
    high, low, k = _density(x)
    return math.ldexp(high + low, k)


def _density(x: float, factor: float = 0.5) -> tuple[float, float, int]:
    """Return e**(-factor * x**2 - log(sqrt(2 pi))) as (high, low, k) for (high + low) * 2**k, |x| < 40."""
    leading = cut(x)
    exponent, rest = two_sum(-factor * leading * leading, -LOG_ROOT_TWO_PI)
    return exp_doubled(exponent, factor * (leading - x) * (leading + x) + (rest - LOG_ROOT_TWO_PI_LOW))


def normal_cdf(x: float) -> float:
    """Return the chance that a standard normal number is below x; 0.8 ulp."""
    if not abs(x) < 40.0:
        return 1.0 if x > 0.0 else 0.0 if x < 0.0 else x
    tail, k = _tail(abs(x), _density(x))
    return math.ldexp(tail, k) if x < 0.0 else 1.0 - math.ldexp(tail, k)


def gelu(x: float) -> float:
    """Return x * normal_cdf(x); 2.0 ulp."""
    if not abs(x) < 40.0:
        return -0.0 if x < 0.0 else x
    tail, k = _tail(abs(x), _density(x))
    return math.ldexp(x * tail, k) if x < 0.0 else x * (1.0 - math.ldexp(tail, k))


def gelu_slope(x: float) -> float:
    """Return normal_cdf(x) + x * normal_density(x), the slope of gelu; 2.2 ulp.

    Left of 0 it is the density times x + Mills' ratio of -x, next to its zero a Taylor series.
    """
    if x > 0.0:
        return 1.0 - gelu_slope(-x)
    if not x > -40.0:
        return -0.0 if x < 0.0 else x
    offset = (x - LOWEST_GELU) - LOWEST_GELU_LOW
    if abs(offset) < 1 / 1024:
        curve = -0.018199676398671087 + offset * (-0.1140082332972217 + offset * -0.014771522148244337)
        return offset * (0.4314939923140469 + offset * (0.388284982990552 + offset * curve))
    mills, rest = _mills_ratio(-x)
    total, rest = two_sum(mills + x, rest)
    high, low, k = _density(x)
    return math.ldexp(high * total + (low * total + high * rest), k)


def erfc(x: float) -> float:
    """Return 1 - erf(x), as twice the normal tail beyond sqrt(2) x; 0.8 ulp where the C library's has 3."""
    if not abs(x) < 28.0:
        return 0.0 if x > 0.0 else 2.0 if x < 0.0 else x
    leading = cut(abs(x))
    scaled, rest = two_sum(ROOT_TWO * leading, ROOT_TWO * (abs(x) - leading) + ROOT_TWO_LOW * abs(x))
    tail, k = _tail(scaled, _density(x, 1.0), rest)
    return math.ldexp(tail, k + 1) if x > 0.0 else 2.0 - math.ldexp(tail, k + 1)


def _tail(x: float, density: tuple[float, float, int], low: float = 0.0) -> tuple[float, int]:
    """Return the chance of more than x + low, below 40, as (t, k), t * 2**k: density times Mills' ratio."""
    high, rest_of_high, k = density
    mills, rest = _mills_ratio(x, low)
    leading = cut(high)
    return leading * mills + (((high - leading) + rest_of_high) * mills + high * rest), k


def _mills_ratio(x: float, low: float = 0.0) -> tuple[float, float]:
    """Return Mills' ratio of x + low, 0 to 40: 26 bits of it, then the rest."""
    nearest = round(8.0 * x)
    mills, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 = _mills()[nearest]
    d = x - 0.125 * nearest + low
    upper = c6 + d * (c7 + d * (c8 + d * (c9 + d * (c10 + d * c11))))
    return mills, c0 + d * (c1 + d * (c2 + d * (c3 + d * (c4 + d * (c5 + d * upper)))))


@cache
def _mills() -> list[tuple[float, ...]]:
    """Return the Taylor coefficients of Mills' ratio m(x) = (1 - cdf(x)) / density(x) at x = 0, 1/8, ..., 40.

    m' = x m - 1 gives all coefficients at c from m(c), and they give m(c - 1/8). From right to left errors
    shrink, by e**(-(40**2 - x**2)/2), so the start m(40) = 1/40 will do. In whole numbers, scaled by 2**160;
    the constant term is stored as its first 26 bits, then the rest.
    """
    bits, rows = 160, []
    value = (1 << bits) // 40
    for j in range(320, -1, -1):
        terms = [value, (j * value >> 3) - (1 << bits)]
        for i in range(2, 25):
            terms.append(((j * terms[-1] >> 3) + terms[-2]) // i)
        leading = cut(value / (1 << bits))
        low = (value - int(math.ldexp(leading, bits))) / (1 << bits)
        rows.append((leading, low, *(term / (1 << bits) for term in terms[1:12])))
        value = sum(-term >> 3 * i if i % 2 else term >> 3 * i for i, term in enumerate(terms))
    return rows[::-1]
