"""Numbers held as an unevaluated sum of two floats, about 106 bits, and exp and log on them.

A pair (high, low) stands for high + low with |low| at most half an ulp of high or so. The functions here
keep a relative error near 2**-60, so that a result rounded once at the end is wrong by little more than
half an ulp. Sources: Knuth, TAOCP volume 2, 4.2.2 (two-sum); Dekker 1971 (cut, after Veltkamp); Tang 1989
(exp by a table of 2**(j/N)); all are in Muller et al., Handbook of Floating-Point Arithmetic.
"""

import math

HALVING_CUT = 134217729.0  # 2**27 + 1
STEPS = 128
STEPS_PER_UNIT = 184.6649652337873  # STEPS / log(2)
STEP_HIGH, STEP_LOW = 0.005415212347998022, 1.2655086083325438e-13  # log(2) / STEPS; n * STEP_HIGH is exact


def _table_of_powers() -> list[tuple[float, float]]:
    """Return 2**(j/STEPS) as pairs for j = 0 ... STEPS - 1, by square roots of whole numbers."""
    bits = 160
    root = 2 << bits
    for _ in range(STEPS.bit_length() - 1):
        root = math.isqrt(root << bits)
    table, power = [], 1 << bits
    for _ in range(STEPS):
        high = power / (1 << bits)
        table.append((high, (power - int(math.ldexp(high, bits))) / (1 << bits)))
        power = power * root >> bits
    return table


POWERS = _table_of_powers()


def two_sum(x: float, y: float) -> tuple[float, float]:
    """Return x + y as a pair: the rounded sum and, exactly, what rounding took away (Knuth).

    >>> two_sum(1.0, 1e-20)
    (1.0, 1e-20)
    """
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def cut(x: float) -> float:
    """Return x rounded to 26 bits, so that the product of two cut numbers is exact (Veltkamp, Dekker)."""
    scaled = HALVING_CUT * x
    return scaled - (scaled - x)


def two_product(x: float, y: float) -> tuple[float, float]:
    """Return x * y as a pair: the rounded product and, exactly, what rounding took away (Dekker).

    >>> two_product(1.0 + 2.0**-30, 1.0 + 2.0**-30)
    (1.0000000018626451, 8.673617379884035e-19)
    """
    product = x * y
    a, b = cut(x), cut(y)
    return product, ((a * b - product) + a * (y - b) + (x - a) * b) + (x - a) * (y - b)


def exp_doubled(x: float, low: float = 0.0) -> tuple[float, float, int]:
    """Return exp(x + low) as (high, low, k): (high + low) * 2**k, relative error below 2**-59, |x| < 1e4.

    x = n log(2)/128 + r gives exp(x) = 2**(n/128) e**r, the first factor from the table (Tang).

    >>> exp_doubled(0.0)
    (1.0, 0.0, 0)
    """
    n = round(x * STEPS_PER_UNIT)
    r = x - n * STEP_HIGH
    low -= n * STEP_LOW
    s = r + low
    power, power_low = POWERS[n & 127]
    growth = power_low + power * (
        r + (low + s * s * (0.5 + s * (0.16666666666666666 + s * (0.041666666666666664 + s / 120))))
    )
    high = power + growth
    return high, growth - (high - power), n >> 7


def log_doubled(x: float, low: float = 0.0) -> tuple[float, float]:
    """Return log(x + low) as a pair, absolute error below 2**-59, by one Newton step on exp.

    >>> log_doubled(1.0)
    (0.0, 0.0)
    """
    y = math.log(x)
    high, rest, k = exp_doubled(y)
    return y, ((x - math.ldexp(high, k)) - math.ldexp(rest, k) + low) / x


def log1p_doubled(x: float, low: float = 0.0) -> tuple[float, float]:
    """Return log(1 + x + low) as a pair for x >= 0: by log, or near 0 by its Taylor series.

    The error is below 2**-59, and below 2**-52 relative to the result.
    """
    if x > 0.0078125:
        total, rest = two_sum(1.0, x)
        return log_doubled(total, rest + low)
    return x, low - x * x * (0.5 - x * (1 / 3 - x * (0.25 - x * (0.2 - x * (1 / 6 - x * (1 / 7 - x / 8))))))
