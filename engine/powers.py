"""The derivatives of x**y of every order, accurate on floats."""

import math

from engine import ieee
from engine.doubled import two_sum

inf, nan = math.inf, math.nan
SMALLEST_NORMAL = 2.2250738585072014e-308


def power_derivative(n: int, m: int, x: float, y: float) -> float:
    """Return the n-th derivative in x of the m-th derivative in y of x**y.

    It is x**(y-n) times the sum over i of C(m, i) f_i(y) log(x)**(m-i), where f_i is the i-th derivative of
    f(y) = y (y-1) ... (y-n+1). Where that sum is 0 the result is 0, whatever the power: 0**0 has slopes 0.
    What rounding takes from y - n comes back as a factor 1 + rest * log(x). For (n, m) = (1, 0), (0, 1),
    (2, 0), (0, 2): 2.1, 2.3, 2.9, 3.4 ulp.

    >>> power_derivative(1, 0, -2.0, 3.0), power_derivative(2, 0, 0.0, 2.0), power_derivative(1, 0, 0.0, 0.0)
    (12.0, 2.0, 0.0)
    """
    if not 0.0 < x < inf or not abs(y) < inf:
        return _power_derivative_at_edge(n, m, x, y)
    exponent, rest = two_sum(y, -n)
    log = math.log(x) if m > 0 or rest != 0.0 else 0.0
    correction = 0.0
    if n == 0:
        factor = log**m
    elif n == 1 and m == 0:
        factor = y
    else:
        factor, correction = _power_factor(n, m, y, log)
    if factor == 0.0:
        return 0.0
    power = _power(x, exponent)
    if SMALLEST_NORMAL <= power < inf:
        result = power * factor
    else:  # the power alone leaves the range: multiply by its roots, one by one
        parts = 2 if _power(x, 0.5 * exponent) < inf else 4
        root = _power(x, exponent / parts)
        result = factor if root > 0.0 else math.copysign(0.0, factor)
        for _ in range(parts):
            result *= root
    correction += rest * log
    return result + result * correction if correction != 0.0 and abs(result) < inf else result


def slope(x: float, y: float) -> float:
    """Return y x**(y-1), the first derivative in x; at once for whole exponents, whose y - 1 is exact.

    >>> slope(-2.0, 3.0), slope(4.0, 0.5)
    (12.0, 0.25)
    """
    if y % 1.0 == 0.0 and 1e-30 < abs(x) < 1e30 and 0.0 < abs(y) < 10.0:
        return y * math.pow(x, y - 1.0)
    return power_derivative(1, 0, x, y)


def _power_derivative_at_edge(n: int, m: int, x: float, y: float) -> float:
    """Return `power_derivative` for a base that is negative, 0 or infinite, or an infinite exponent."""
    if x != x or y != y:
        return nan
    whole = abs(y) == inf or y % 1.0 == 0.0
    if x < 0.0 and (m > 0 or not whole):
        return nan
    if math.copysign(1.0, x) < 0.0:
        value = power_derivative(n, m, -x, y)
        return 0.0 - value if whole and (y % 2.0 + n) % 2.0 == 1.0 else value
    log = -inf if x == 0.0 else math.log(x)
    factor, _ = _power_factor(n, m, y, log)
    power = _power(x, y - n)
    if factor == 0.0 or power == 0.0 or (x == y == n == 0.0 and m > 0):
        return 0.0
    return power * factor


def _power_factor(n: int, m: int, y: float, log: float) -> tuple[float, float]:
    """Return what multiplies x**(y-n) in `power_derivative`, and a correction relative to it."""
    slopes = [1.0] + [0.0] * m  # f_0 ... f_m, factor by factor: (y-k) f has the slopes (y-k) f_i + i f_(i-1)
    correction = 0.0
    for k in range(n):
        gap, rest = two_sum(y, -k)
        if rest != 0.0 and m == 0:
            correction += rest / gap
        for i in range(m, 0, -1):
            slopes[i] = (gap * slopes[i] if slopes[i] else 0.0) + i * slopes[i - 1]
        slopes[0] = gap * slopes[0] if slopes[0] else 0.0
    terms = [
        math.comb(m, i) * slopes[i] * log ** (m - i)
        for i in range(m + 1)
        if slopes[i] != 0.0 and (log != 0.0 or i == m)
    ]
    if terms and abs(terms[0]) == inf:
        return terms[0], 0.0
    return sum(terms, 0.0), correction


def _power(x: float, y: float) -> float:
    """Return x**y, by its limit where `math.pow` raises."""
    try:
        return math.pow(x, y)
    except (ArithmeticError, ValueError):
        return ieee.power(x, y)
