"""The squashing functions as formulas on lanes, after the scalar kernels: all are made of e**-|x|."""

from typing import NamedTuple

from engine import kernels
from engine.compile.llvm_math_exp import LIMIT, exp_parts, expm1, growth, power_of_two, reduced, scaled
from engine.compile.llvm_math_lanes import (
    Lanes,
    at_least,
    at_most,
    copysign,
    fma,
    quick_two_sum,
    quotient,
    two_product,
    two_sum,
    where,
)
from engine.compile.llvm_math_log import log_of_sum


class Decay(NamedTuple):
    """t = e**-|x| as (high + low) * 2**n, all its digits however small it is; and 1 + t as a sum of two."""

    high: Lanes
    low: Lanes
    n: Lanes
    total: Lanes
    rest: Lanes


def _decay(x: Lanes) -> Decay:
    """Return e**x for x <= 0."""
    high, low, n = exp_parts(at_least(x, -LIMIT))
    power = power_of_two(at_least(n, -1000.0))
    total, rest = quick_two_sum(1.0, high * power)
    return Decay(high, low, n, total, fma(low, power, rest))


def _square_of_total(decay: Decay) -> tuple[Lanes, Lanes]:
    """Return (1 + t)**2 as a sum of two."""
    square, low = two_product(decay.total, decay.total)
    return square, fma(2.0 * decay.total, decay.rest, low)


def tanh(x: Lanes) -> Lanes:
    """(1 - t) / (1 + t) with t = e**(-2|x|), which is m / (2 - m) with m = 1 - t."""
    size = abs(x)
    n, r, rest = reduced(at_least(-2.0 * size, -80.0))
    more, tail = growth(r, rest)
    power = power_of_two(n)
    most, left = quick_two_sum(1.0, -power)
    m, low = quick_two_sum(most, -power * more)
    low = fma(-power, tail, low + left)
    below, below_low = quick_two_sum(2.0, -m)
    return copysign(quotient(m, low, below, below_low - low), x)


def sech2(x: Lanes) -> Lanes:
    """4t / (1 + t)**2 with t = e**(-2|x|)."""
    t = _decay(-2.0 * abs(x))
    return scaled(quotient(4.0 * t.high, 4.0 * t.low, *_square_of_total(t)), t.n)


def sigmoid(x: Lanes) -> Lanes:
    """1 / (1 + t) right of 0, t / (1 + t) left of it, with t = e**-|x|."""
    t, left = _decay(-abs(x)), x < 0.0
    share = quotient(where(left, t.high, 1.0), where(left, t.low, 0.0), t.total, t.rest)
    return scaled(share, where(left, t.n, 0.0))


def softplus(x: Lanes) -> Lanes:
    """max(x, 0) + log1p(e**-|x|)."""
    t = _decay(-abs(x))
    rise = where(t.n < -54.0, scaled(t.high + t.low, t.n), log_of_sum(t.total, t.rest))
    return where(x > 0.0, x + rise, rise)


def silu(x: Lanes) -> Lanes:
    """x / (1 + t) right of 0, x t / (1 + t) left of it, with t = e**-|x|."""
    t, left = _decay(-abs(x)), x < 0.0
    near = at_most(at_least(x, -LIMIT), LIMIT)
    product, low = two_product(near, where(left, t.high, 1.0))
    share = quotient(product, where(left, fma(near, t.low, low), 0.0), t.total, t.rest)
    return where(x > LIMIT, x, copysign(scaled(share, where(left, t.n, 0.0)), x))


def elu(x: Lanes, alpha: Lanes) -> Lanes:
    """x where x > 0, else alpha * (e**x - 1)."""
    return where(x > 0.0, x, alpha * expm1(at_most(x, 0.0)))


def silu_slope(x: Lanes) -> Lanes:
    """p (1 + x + p) / (1 + p)**2 left of 0, with p = e**x; right of 0, 1 less that of -x.

    Next to its zero, at c + d, 1 + x + p is (1 + c + e**c) + d + e**c (e**d - 1).
    """
    near = at_least(-abs(x), -LIMIT)
    t = _decay(near)
    offset = near - kernels.LOWEST_SILU
    rise, rise_low = growth(offset, offset * 0.0)
    close, close_low = two_sum(offset, fma(rise, kernels.POWER_THERE, kernels.SUM_THERE))
    far, far_low = two_sum(near, t.total)
    is_close = abs(offset) < 0.25
    factor = where(is_close, close, far)
    factor_low = where(is_close, fma(rise_low, kernels.POWER_THERE, close_low), far_low + t.rest)
    product, low = two_product(t.high, factor)
    low = fma(t.high, factor_low, fma(t.low, factor, low))
    left = scaled(quotient(product, low, *_square_of_total(t)), t.n)
    return where(x > 0.0, 1.0 - left, left)
