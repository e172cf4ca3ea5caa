"""The trigonometric functions as formulas on lanes: x less a multiple of pi/2, then fdlibm's polynomials."""

import math

from engine.compile.llvm_math_calls import library_call
from engine.compile.llvm_math_lanes import (
    SHIFT,
    Bits,
    Lanes,
    fma,
    polynomial,
    quick_two_sum,
    quotient,
    sqrt,
    two_product,
    two_sum,
    where,
    where_rare,
)

TWO_OVER_PI = 0.6366197723675814
HALF_PI = (1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33)
"""pi/2 as a sum of three floats."""
FAR = 2.0**30
"""Numbers beyond are left to the C library."""
SIN_TAIL = [
    -0.16666666666666632, 0.00833333333332249, -0.0001984126982985795, 2.7557313707070068e-06,
    -2.5050760253406863e-08, 1.58969099521155e-10,
]  # fmt: skip
"""(sin(r) - r) / r**3 in r**2, |r| <= pi/4 (fdlibm's S1 to S6)."""
COS_TAIL = [
    0.0416666666666666, -0.001388888888887411, 2.480158728947673e-05, -2.7557314351390663e-07,
    2.087572321298175e-09, -1.1359647557788195e-11,
]  # fmt: skip
"""(cos(r) - 1 + r**2/2) / r**4 in r**2 (fdlibm's C1 to C6)."""


def _reduced(x: Lanes) -> tuple[Bits, Lanes, Lanes]:
    """Return n as bits, r and its rest: x = n pi/2 + r, |r| <= pi/4, for |x| < FAR."""
    shifted = fma(x, TWO_OVER_PI, SHIFT)
    n = shifted - SHIFT
    first = fma(n, -HALF_PI[0], x)  # exact
    product, low = two_product(n, HALF_PI[1])
    r, rest = two_sum(first, -product)
    return shifted.bits(), r, fma(n, -HALF_PI[2], rest - low)


def _both(r: Lanes, rest: Lanes) -> tuple[Lanes, Lanes, Lanes, Lanes]:
    """Return sin(r + rest) and cos(r + rest), each as a sum of two."""
    square = r * r
    half = 0.5 * square
    bend = fma(r * square, polynomial(square, SIN_TAIL), fma(-half, rest, rest))
    sine, sine_low = quick_two_sum(r, bend)
    cosine, low = quick_two_sum(1.0, -half)
    low = low + fma(square * square, polynomial(square, COS_TAIL), fma(-0.5 * r, r, half) - r * rest)
    return sine, sine_low, *quick_two_sum(cosine, low)


def _wave(x: Lanes, quarters: int) -> Lanes:
    """Return sin(x + quarters pi/2)."""
    n, r, rest = _reduced(x)
    turns = n + quarters
    sine, sine_low, cosine, cosine_low = _both(r, rest)
    size = where(turns.is_odd(), cosine + cosine_low, sine + sine_low)
    return (size.bits() ^ (turns >> 1 << 63)).numbers()


def _unless_far(x: Lanes, near: Lanes, name: str) -> Lanes:
    """Return what was computed, from the C library where x is far."""
    far = (abs(x) >= FAR) & (abs(x) < math.inf)
    return where_rare(far, lambda: library_call(name, x), near)


def sin(x: Lanes) -> Lanes:
    """The sine of x."""
    return _unless_far(x, where(abs(x) < 2.0**-27, x, _wave(x, 0)), "sin")


def cos(x: Lanes) -> Lanes:
    """The cosine of x."""
    return _unless_far(x, _wave(x, 1), "cos")


def tan(x: Lanes) -> Lanes:
    """sin(r) / cos(r), or in odd quarters -cos(r) / sin(r)."""
    n, r, rest = _reduced(x)
    sine, sine_low, cosine, cosine_low = _both(r, rest)
    odd = n.is_odd()
    above, above_low = where(odd, -cosine, sine), where(odd, -cosine_low, sine_low)
    below, below_low = where(odd, sine, cosine), where(odd, sine_low, cosine_low)
    near = quotient(above, above_low, below, below_low)
    return _unless_far(x, where(abs(x) < 2.0**-27, x, near), "tan")


def _distance(x: Lanes, y: Lanes) -> tuple[Lanes, Lanes, Lanes]:
    """Return the distance of (x, y) from the origin as a sum of two, times a power of two, and that power."""
    size, other = abs(x), abs(y)
    largest = where(size > other, size, other)
    scale = where(largest < 2.0**-400, 2.0**700, where(largest > 2.0**400, 2.0**-600, 1.0))
    square, rest = two_product(x * scale, x * scale)
    more, more_rest = two_product(y * scale, y * scale)
    total, low = two_sum(square, more)
    distance = sqrt(total)
    gap = fma(-distance, distance, total) + (low + (rest + more_rest))
    return distance, 0.5 * (gap / distance), scale


def cosine(x: Lanes, y: Lanes) -> Lanes:
    """x / hypot(x, y); x / |y| where x is next to nothing, 0 at the origin."""
    size, other = abs(x), abs(y)
    distance, low, scale = _distance(x, y)
    usual = quotient(x * scale, 0.0, distance, low)
    slim = where(size.same(0.0) & other.same(0.0), 0.0, x / other)
    infinite = size.same(math.inf) & (other < math.inf)
    usual = where(infinite, where(x > 0.0, 1.0, -1.0), usual)
    return where(size <= 1e-20 * other, slim, usual)


def hypot(x: Lanes, y: Lanes) -> Lanes:
    """The distance of (x, y) from the origin; inf where one of the two is."""
    size, other = abs(x), abs(y)
    distance, low, scale = _distance(x, y)
    found = where(distance > 0.0, (distance + low) / scale, distance)
    return where(size.same(math.inf) | other.same(math.inf), math.inf, found)
