"""x**y and its derivatives of every order, in many digits."""

import math
from typing import Any

from engine.check.ulps import mp, mpf

LARGEST_EXPONENT = 20000


def e_to(t: Any) -> Any:
    """e**t; beyond any float, a number that is certainly beyond any float."""
    return mp.exp(max(min(t, LARGEST_EXPONENT), -LARGEST_EXPONENT))


def power(x: Any, y: Any) -> Any:
    """x**y, where x < 0 by its real value for whole y, nan for others."""
    if x == 0:
        return mpf(1) if y == 0 else mpf(0) if y > 0 else mp.inf
    if x < 0 and y % 1 != 0:
        return mp.nan
    size = e_to(y * mp.log(abs(x)))
    return -size if x < 0 and y % 2 == 1 else size


def _terms(n: int, m: int, x: Any, y: Any) -> list[Any]:
    """The terms of ∂ⁿ/∂xⁿ of x**y log(x)**m, without their factor x**(y-n), by Leibniz.

    y (y-1) ... (y-n+1) x**(y-n) is differentiated m times in y.
    """
    factor = [mpf(1)]  # the falling factorial as a polynomial in y, the highest power first
    for k in range(n):
        factor = [a - k * b for a, b in zip([*factor, mpf(0)], [mpf(0), *factor], strict=True)]
    terms = []
    for i in range(m + 1):
        size = mpf(0)
        for coefficient in factor:
            size = size * y + coefficient
        terms.append(math.comb(m, i) * size * (mp.log(x) ** (m - i) if i < m else 1))
        factor = [a * (len(factor) - 1 - k) for k, a in enumerate(factor[:-1])]
    return terms


def power_derivative(n: int, m: int, x: Any, y: Any) -> Any:
    """∂ⁿ/∂xⁿ of x**y log(x)**m."""
    if m > 0 and x <= 0:  # for x < 0 there is x**y at whole y alone; 0**y jumps at y = 0
        return mpf(0) if x == 0 and y > n else mp.nan
    total = mp.fsum(_terms(n, m, x, y))
    return total * power(x, y - n) if total != 0 else total


def power_terms(n: int, m: int, x: Any, y: Any) -> Any:
    """The sum of the absolute values of the terms of `power_derivative`, for x > 0."""
    return mp.fsum(map(abs, _terms(n, m, x, y))) * power(x, y - n)
