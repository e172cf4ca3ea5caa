"""Sums of exponentials and their logarithms, accurate on floats.

As in `kernels`, every function is total, and the figure in a docstring is the largest error measured.
"""

import math
from collections.abc import Sequence

from engine.doubled import exp_doubled, log1p_doubled, two_sum

inf, nan = math.inf, math.nan


def exp_sub(x: float, y: float) -> float:
    """Return e**(x - y), with the rounding error of the difference put back (Knuth's two-sum); 1.0 ulp.

    >>> exp_sub(inf, inf), exp_sub(-inf, 0.0)
    (nan, 0.0)
    """
    difference, rest = two_sum(x, -y)
    if not abs(difference) < 709.0:
        return _exp(difference, rest)
    power = math.exp(difference)
    return power + power * rest


def _exp(x: float, low: float) -> float:
    """Return e**(x + low) at the ends of the range."""
    if not abs(x) < 800.0:
        return inf if x > 0.0 else 0.0 if x < 0.0 else x
    half = math.exp(0.5 * x)
    return half * (half + half * low)


def logaddexp(x: float, y: float) -> float:
    """Return log(e**x + e**y); 1.7 ulp where it is not within 1/256 of 0.

    Nearer to 0 the larger operand and log1p cancel: there the error is below 2**-59, besides rounding.

    >>> logaddexp(-inf, -inf), logaddexp(1000.0, 1000.0)
    (-inf, 1000.6931471805599)
    """
    if x < y:
        x, y = y, x
    difference, rest = two_sum(y, -x)
    if not difference > -746.0:
        return x if x == y or difference < 0.0 else nan
    high, low, k = exp_doubled(difference, rest)
    return _plus_log1p(x, math.ldexp(high, k), math.ldexp(low, k))


def logsumexp(xs: Sequence[float]) -> float:
    """Return the logarithm of the sum of e**x over xs, -inf for none; 2.1 ulp, near 0 as `logaddexp`."""
    if any(map(math.isnan, xs)):
        return nan
    largest = max(xs, default=-inf)
    if abs(largest) == inf:
        return largest
    log = math.log1p(math.fsum([-1.0, *(exp_sub(x, largest) for x in xs)]))  # the largest itself is the 1
    if abs(largest + log) >= log:
        return largest + log
    return _logsumexp_of_pairs(xs, largest)


def _logsumexp_of_pairs(xs: Sequence[float], largest: float) -> float:
    """Return `logsumexp` where its two terms cancel."""
    terms, rests = [-1.0], []
    for x in xs:
        difference, rest = two_sum(x, -largest)
        if difference > -746.0:
            high, low, k = exp_doubled(difference, rest)
            terms.append(math.ldexp(high, k))
            rests.append(math.ldexp(low, k))
    total = math.fsum(terms)
    terms.append(-total)
    return _plus_log1p(largest, total, math.fsum(terms) + math.fsum(rests))


def _plus_log1p(shift: float, x: float, low: float) -> float:
    """Return shift + log(1 + x + low) for x >= 0, rounded about once."""
    log, log_low = log1p_doubled(x, low)
    total, rest = two_sum(shift, log)
    return total + (rest + log_low)
