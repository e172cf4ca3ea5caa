"""The inverse trigonometric functions as formulas on lanes: all are the angle of a point."""

import math

from engine.compile.llvm_math_lanes import (
    Lanes,
    Mask,
    Number,
    copysign,
    fma,
    polynomial,
    quick_two_sum,
    sqrt,
    two_product,
    two_sum,
    where,
)

PI, PI_LOW = 3.141592653589793, 1.2246467991473532e-16
TAN_EIGHTH = 0.41421356237309503
"""tan(pi/8)."""
ATAN_TAIL = [
    -0.3333333333333333, 0.1999999999999552, -0.14285714284666534, 0.11111111015255701, -0.0909090457809704,
    0.07692183190202043, -0.06664511438591643, 0.05858148836440617, -0.050854493383409805,
    0.03923164675132557, -0.019176872981101354,
]  # fmt: skip
"""(atan(z) - z) / z**3 in z**2: atan(z) within 2**-57 of z for |z| <= tan(pi/8) (a fit by Chebyshev's)."""


def _angle(y: Lanes, y_low: Number, x: Lanes, x_low: Number, is_left: Mask) -> Lanes:
    """Return the angle, from 0 to pi, of the point (x + x_low, y + y_low), x, y >= 0; mirrored if it is left.

    The smaller over the larger is t; beyond tan(pi/8) the angle is pi/4 + atan((t - 1) / (t + 1)).
    """
    zero = x * 0.0
    steep = y > x
    short, short_low = where(steep, x, y), where(steep, zero + x_low, zero + y_low)
    long, long_low = where(steep, y, x), where(steep, zero + y_low, zero + x_low)
    wide = short > TAN_EIGHTH * long
    gap, gap_rest = two_sum(short, -long)
    both, both_rest = two_sum(short, long)
    above = where(wide, gap, short)
    above_low = where(wide, gap_rest + (short_low - long_low), short_low)
    below = where(wide, both, long)
    below_low = where(wide, both_rest + (short_low + long_low), long_low)
    inverse = 1.0 / below
    z = above * inverse
    z_low = inverse * (fma(-z, below, above) + (above_low - z * below_low))
    square = z * z
    tail = fma(z * square, polynomial(square, ATAN_TAIL), z_low - z_low * square)
    high, low = quick_two_sum(where(wide, PI / 4, 0.0), z)
    low = low + (tail + where(wide, PI_LOW / 4, 0.0))
    high, low = _mirrored(steep, PI / 2, PI_LOW / 2, high, low)
    high, low = _mirrored(is_left, PI, PI_LOW, high, low)
    return high + low


def _mirrored(mask: Mask, whole: float, whole_low: float, high: Lanes, low: Lanes) -> tuple[Lanes, Lanes]:
    """Return whole less an angle in the lanes of a mask."""
    total, rest = quick_two_sum(whole, -high)
    return where(mask, total, high), where(mask, rest + (whole_low - low), low)


def atan(x: Lanes) -> Lanes:
    """The angle of (1, x)."""
    size = where(abs(x) < 2.0**100, abs(x), 2.0**100)
    found = copysign(_angle(size, 0.0, size * 0.0 + 1.0, 0.0, x.is_nan()), x)
    return where(x.is_nan() | (abs(x) < 2.0**-30), x, found)


def atan2(y: Lanes, x: Lanes) -> Lanes:
    """The angle of (x, y): with the sign of y; of zeros and infs as IEEE 754 has it."""
    width, height = abs(x), abs(y)
    largest = where(width > height, width, height)
    scale = where(largest < 2.0**-400, 2.0**700, where(largest > 2.0**400, 2.0**-600, 1.0))
    far, high = width.same(math.inf), height.same(math.inf)
    a = where(far | largest.same(0.0), 1.0, where(high, 0.0, width * scale))
    b = where(high, 1.0, where(far, 0.0, height * scale))
    is_left = x.bits() < 0
    found = _angle(b, 0.0, a, 0.0, is_left)
    slim = (height <= 1e-20 * width) & ~is_left & (width > 0.0) & (width < math.inf)
    found = copysign(where(slim, height / width, found), y)
    return where(x.is_nan() | y.is_nan(), x + y, found)


def _across(x: Lanes) -> tuple[Lanes, Lanes]:
    """Return sqrt(1 - x**2) as a sum of two."""
    square, low = two_product(x, x)
    total, rest = two_sum(-square, 1.0)
    total, rest = quick_two_sum(total, rest - low)
    root = sqrt(total)
    return root, where(root > 0.0, 0.5 * ((fma(-root, root, total) + rest) / root), 0.0)


def asin(x: Lanes) -> Lanes:
    """The angle of (sqrt(1 - x**2), x); nan outside -1 ... 1."""
    size = abs(x)
    near = where(size <= 1.0, size, 1.0)
    root, low = _across(near)
    found = copysign(_angle(near, 0.0, root, low, x.is_nan()), x)
    return where(size <= 1.0, where(size < 2.0**-30, x, found), math.nan)


def acos(x: Lanes) -> Lanes:
    """The angle of (x, sqrt(1 - x**2)); nan outside -1 ... 1."""
    size = where(abs(x) <= 1.0, abs(x), 1.0)
    found = _angle(*_across(size), size, 0.0, x < 0.0)
    return where(abs(x) <= 1.0, found, math.nan)
