"""exp, expm1 and exp_sub as formulas on lanes, and e**x as a sum of two for what is made of it."""

import math
from functools import cache

from engine.compile.llvm_math_lanes import (
    SHIFT,
    Lanes,
    at_least,
    at_most,
    fma,
    polynomial,
    quick_two_sum,
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
    more, n = _growth_rounded(clipped(x))
    return scaled(1.0 + more, n)


def _growth_rounded(x: Lanes) -> tuple[Lanes, Lanes]:
    """Return e**r - 1 for the reduced r of x, rounded, and n."""
    n, r, rest = reduced(x)
    return r + fma(r * r, polynomial(r, EXP_TAIL), rest), n


def exp_sub(x: Lanes, y: Lanes) -> Lanes:
    """e**(x - y), with the rounding error of the difference put back: as a part of the power."""
    difference, low = two_sum(x, -y)
    within = clipped(difference)
    more, n = _growth_rounded(within)
    power, left = quick_two_sum(1.0, more)
    return scaled(power + fma(power, where(within.same(difference), low, 0.0), left), n)


def expm1(x: Lanes) -> Lanes:
    """e**x - 1, as twice the half of it, which is in range up to the end."""
    n, r, rest = reduced(at_least(at_most(x, 709.8), -80.0))
    more, tail = growth(r, rest)
    half = power_of_two(n - 1.0)
    high, low = quick_two_sum(half - 0.5, half * more)
    found = 2.0 * (high + fma(half, tail, low))
    return where(abs(x) < 2.0**-54, x, where(x > 709.8, math.inf, found))
