"""exp and its kin as formulas on lanes, after the scalar kernels."""

import math
from functools import cache

from engine import kernels
from engine.compile.llvm_math_lanes import (
    SHIFT,
    Lanes,
    at_least,
    at_most,
    copysign,
    fma,
    polynomial,
    quick_two_sum,
    quotient,
    two_product,
    two_sum,
    where,
)
from engine.optional import load

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 0.6931471805598903, 5.497923018708371e-14
"""log(2): its first 42 bits, so that a whole number below 2048 times them is exact, and the rest."""
LIMIT = 800.0
"""e**x is inf above, 0 below the negative."""
EXP_TAIL = [
    0.5, 0.1666666666666667, 0.04166666666666667, 0.008333333333326141, 0.0013888888888883752,
    0.00019841269874800683, 2.4801587325533502e-05, 2.75572554255029e-06, 2.7557273661174726e-07,
    2.5105206475334834e-08, 2.091467944897855e-09,
]  # fmt: skip
"""(e**r - 1 - r) / r**2 as a polynomial: e**r within 2**-61 for |r| <= log(2)/2 (a fit by Chebyshev's)."""
ONE = 0x3FF0000000000000


def reduced(x: Lanes, low: Lanes | None = None) -> tuple[Lanes, Lanes, Lanes]:
    """Return n, whole, and r with its rest: x + low = n log(2) + r, |r| <= log(2)/2, for |x| <= 800."""
    n = fma(x, LOG2_E, SHIFT) - SHIFT
    first = fma(n, -LN2_HIGH, x)
    r = fma(n, -LN2_LOW, first)
    rest = fma(n, -LN2_LOW, first - r)
    return (n, r, rest) if low is None else (n, *two_sum(r, rest + low))


def growth(r: Lanes, rest: Lanes) -> tuple[Lanes, Lanes]:
    """Return e**(r + rest) - 1 as a sum of two, within 2**-56, for a reduced r."""
    curve = polynomial(r, EXP_TAIL)
    return quick_two_sum(r, fma(r * r, curve, rest))


def fine_growth(r: Lanes, rest: Lanes) -> tuple[Lanes, Lanes]:
    """Return e**(r + rest) - 1 as a sum of two, within 2**-58: the square to twice the digits."""
    square, low = two_product(r, r)
    head, left = quick_two_sum(r, 0.5 * square)
    last = fma(low, 0.5, fma(rest, head, rest))
    curve = fma(r * square, polynomial(r, EXP_TAIL[1:]), last)
    return quick_two_sum(head, curve + left)


def exp_parts(x: Lanes, low: Lanes | None = None) -> tuple[Lanes, Lanes, Lanes]:
    """Return e**(x + low) as (high, low, n), (high + low) * 2**n, for |x| <= 800."""
    n, r, rest = reduced(x, low)
    more, tail = growth(r, rest)
    high, left = quick_two_sum(1.0, more)
    return high, left + tail, n


def power_of_two(n: Lanes) -> Lanes:
    """Return 2**n for whole n from -1022 to 1023."""
    return (((n + SHIFT).bits() << 52) + ONE).numbers()


def scaled(x: Lanes, n: Lanes) -> Lanes:
    """Return x * 2**n, rounded once, for whole n from -2044 to 2046; at once on machines that can."""
    if x.width == 8 and _has_scalef():
        return _scalef(x, n)
    half = fma(n, 0.5, SHIFT) - SHIFT
    return x * power_of_two(half) * power_of_two(n - half)


@cache
def _has_scalef() -> bool:
    """Return whether this machine has AVX-512, which scales 8 numbers at once."""
    return bool(load("llvmlite.binding", "fast").get_host_cpu_features().get("avx512f"))


def _scalef(x: Lanes, n: Lanes) -> Lanes:
    ir = load("llvmlite.ir", "fast")
    name, mask, rounding = "llvm.x86.avx512.mask.scalef.pd.512", ir.IntType(8)(-1), ir.IntType(32)(4)
    operands = [x.value, n.value, x.value, mask, rounding]
    function = x.builder.module.globals.get(name)
    if function is None:
        signature = ir.FunctionType(x.value.type, [operand.type for operand in operands])
        function = ir.Function(x.builder.module, signature, name)
    return x.new(x.builder.call(function, operands))


def clipped(x: Lanes) -> Lanes:
    """Return x within the range of exp."""
    return at_least(at_most(x, LIMIT), -LIMIT)


def exp(x: Lanes) -> Lanes:
    """e**x."""
    n, r, rest = reduced(clipped(x))
    return scaled(1.0 + (r + fma(r * r, polynomial(r, EXP_TAIL), rest)), n)


def exp_sub(x: Lanes, y: Lanes) -> Lanes:
    """e**(x - y), with the rounding error of the difference put back."""
    difference, low = two_sum(x, -y)
    high, rest, n = exp_parts(clipped(difference), where(abs(difference) < LIMIT, low, 0.0))
    return scaled(high + rest, n)


def expm1_parts(x: Lanes) -> tuple[Lanes, Lanes]:
    """Return half of e**x - 1 as a sum of two, for -800 <= x <= 800."""
    n, r, rest = reduced(at_least(x, -80.0))
    more, tail = growth(r, rest)
    half = power_of_two(n - 1.0)
    high, low = quick_two_sum(half - 0.5, half * more)
    return high, fma(half, tail, low)


def expm1(x: Lanes) -> Lanes:
    """e**x - 1."""
    high, low = expm1_parts(at_most(x, 709.8))
    return where(abs(x) < 2.0**-54, x, where(x > 709.8, math.inf, 2.0 * (high + low)))


def tanh(x: Lanes) -> Lanes:
    """(1 - t) / (1 + t) with t = e**(-2|x|), which is m / (2 - m) with m = 1 - t."""
    size = abs(x)
    n, r, rest = reduced(at_least(-2.0 * size, -80.0))
    more, tail = growth(r, rest)
    power = power_of_two(n)
    m, low = quick_two_sum(1.0 - power, -power * more)
    low = fma(-power, tail, low)
    below, below_low = quick_two_sum(2.0, -m)
    return copysign(quotient(m, low, below, below_low - low), x)


def sech2(x: Lanes) -> Lanes:
    """4t / (1 + t)**2 with t = e**(-2|x|)."""
    high, low, n = exp_parts(at_least(-2.0 * abs(x), -LIMIT))
    power = power_of_two(at_least(n, -1000.0))
    total, rest = quick_two_sum(1.0, high * power)
    square, square_low = two_product(total, total)
    square_low = fma(2.0 * total, fma(low, power, rest), square_low)
    return scaled(quotient(4.0 * high, 4.0 * low, square, square_low), n)


def _logistic(x: Lanes) -> tuple[Lanes, Lanes, Lanes, Lanes, Lanes]:
    """Return (high, low, n) of e**-|x|, and 1 + e**-|x| as a sum of two."""
    high, low, n = exp_parts(at_least(-abs(x), -LIMIT))
    power = power_of_two(at_least(n, -1000.0))
    total, rest = quick_two_sum(1.0, high * power)
    return high, low, n, total, fma(low, power, rest)


def sigmoid(x: Lanes) -> Lanes:
    """1 / (1 + t) right of 0, t / (1 + t) left of it, with t = e**-|x|."""
    high, low, n, total, rest = _logistic(x)
    left = x < 0.0
    share = quotient(where(left, high, 1.0), where(left, low, 0.0), total, rest)
    return scaled(share, where(left, n, 0.0))


def silu(x: Lanes) -> Lanes:
    """x / (1 + t) right of 0, x t / (1 + t) left of it, with t = e**-|x|."""
    high, low, n, total, rest = _logistic(x)
    left = x < 0.0
    near = at_most(at_least(x, -LIMIT), LIMIT)
    product, product_low = two_product(near, where(left, high, 1.0))
    share = quotient(product, where(left, fma(near, low, product_low), 0.0), total, rest)
    return where(x > LIMIT, x, copysign(scaled(share, where(left, n, 0.0)), x))


def elu(x: Lanes, alpha: Lanes) -> Lanes:
    """x where x > 0, else alpha * (e**x - 1)."""
    return where(x > 0.0, x, alpha * expm1(at_most(x, 0.0)))


def silu_slope(x: Lanes) -> Lanes:
    """p (1 + x + p) / (1 + p)**2 left of 0, with p = e**x; right of 0, 1 less that of -x.

    Next to its zero, at c + d, 1 + x + p is (1 + c + e**c) + d + e**c (e**d - 1).
    """
    size = -abs(x)
    high, low, n, total, rest = _logistic(x)
    power = power_of_two(at_least(n, -1000.0))
    near = at_least(size, -LIMIT)
    offset = near - kernels.LOWEST_SILU
    rise, rise_low = growth(offset, offset * 0.0)
    close, close_low = two_sum(offset, fma(rise, kernels.POWER_THERE, kernels.SUM_THERE))
    close_low = fma(rise_low, kernels.POWER_THERE, close_low)
    part, part_low = two_sum(near, 1.0)
    far, far_low = two_sum(part, high * power)
    far_low = fma(low, power, far_low + part_low)
    is_close = abs(offset) < 0.25
    factor, factor_low = where(is_close, close, far), where(is_close, close_low, far_low)
    product, product_low = two_product(high, factor)
    product_low = fma(high, factor_low, fma(low, factor, product_low))
    square, square_low = two_product(total, total)
    square_low = fma(2.0 * total, rest, square_low)
    left = scaled(quotient(product, product_low, square, square_low), n)
    return where(x > 0.0, 1.0 - left, left)
