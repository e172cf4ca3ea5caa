"""Rows that take more than a few calls, as functions on numpy arrays, after the scalar kernels.

The last resort is `slow`, which does an op number by number.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from engine import normal, powers
from engine.compile.instructions import Slope
from engine.compile.reference import sloped
from engine.doubled import two_sum
from engine.op import Op
from engine.ops import TABLE
from engine.optional import load


def slow(op: Op | Slope, shape: tuple[int | None, ...]) -> Callable[..., None]:
    """Return a function that does an op on arrays, number by number; `shape` tells lists from numbers.

    >>> import numpy as np
    >>> out = np.empty(2)
    >>> slow(Op("double", lambda x: 2 * x, 2), (None,))(out, np.array([1.0, 3.0]))
    >>> out
    array([2., 6.])
    """

    def run(out: Any, *arrays: Any) -> None:
        np = load("numpy")
        columns = [np.broadcast_to(x, out.shape).ravel().tolist() for x in arrays]
        results = []
        for numbers in zip(*columns, strict=True) if columns else [()] * out.size:
            rest = iter(numbers)
            operands = [next(rest) if n is None else tuple([next(rest) for _ in range(n)]) for n in shape]
            results.append(sloped(op, operands) if isinstance(op, Slope) else op.evaluate(*operands))
        out[...] = np.array(results, dtype=np.float64).reshape(out.shape)

    return run


def _where(out: Any, c: Any, a: Any, b: Any) -> None:
    np = load("numpy")
    out[...] = np.where(np.greater(c, 0.0), a, np.where(np.equal(c, c), b, math.nan))


def _ahead(out: Any, x: Any, y: Any) -> None:
    np = load("numpy")
    tied = np.where(np.equal(x, y), 0.5, np.where(np.less(x, y), 0.0, math.nan))
    out[...] = np.where(np.greater(x, y), 1.0, tied)


def _ratio(out: Any, x: Any, y: Any) -> None:
    np = load("numpy")
    np.divide(x, y, out)
    out[np.broadcast_to((np.equal(x, 0.0)) & (np.equal(y, 0.0)), out.shape)] = 0.0


def _leaky_relu(out: Any, x: Any, slope: Any) -> None:
    np = load("numpy")
    out[...] = np.where(np.less(x, 0.0), np.multiply(slope, x), x)


def _elu(out: Any, x: Any, alpha: Any) -> None:
    np = load("numpy")
    out[...] = np.where(np.greater(x, 0.0), x, np.multiply(alpha, np.expm1(np.minimum(x, 0.0))))


def _silu_slope(out: Any, x: Any) -> None:
    """s (1 + x (1 - s)) with s = sigmoid(x); beyond 800 it is 0 or 1 already."""
    np = load("numpy")
    x = np.clip(x, -800.0, 800.0)
    power, inverse = np.exp(np.minimum(x, 40.0)), np.exp(np.minimum(-x, 40.0))
    share, other = power / (1.0 + power), inverse / (1.0 + inverse)
    out[...] = share * (1.0 + x * other)


def _cosine(out: Any, x: Any, y: Any) -> None:
    np = load("numpy")
    distance = np.hypot(x, y)
    np.divide(x, distance, out)
    _repaired(out, ~((distance > 1e-300) & (distance < math.inf)), TABLE["cosine"].evaluate, x, y)


def power_slope(y: float) -> Callable[..., None]:
    """Return y x**(y-1) for a fixed y; by the careful kernel where a number is very large or small."""
    careful = _power_derivative(1, 0)
    is_exact = abs(y) <= 3.0 and y not in (0.0, 1.0) and two_sum(y, -1.0)[1] == 0.0

    def run(out: Any, x: Any) -> None:
        np = load("numpy")
        if is_exact and x.min() > 1e-70 and x.max() < 1e70:
            np.power(x, y - 1.0, out)
            np.multiply(out, y, out)
        else:
            careful(out, x, y)

    return run


def _power_derivative(n: int, m: int) -> Callable[..., None]:
    """Return the first derivatives of x**y where nothing leaves the range, else number by number.

    What rounding takes from y - 1 comes back as a factor.
    """

    def kernel(x: float, y: float) -> float:
        return powers.power_derivative(n, m, x, y)

    def run(out: Any, x: Any, y: Any) -> None:
        np = load("numpy")
        exponent, log = np.subtract(y, 1.0), np.log(x)
        if n:
            _, rest = two_sum(y, -1.0)
            out[...] = y * np.power(x, exponent) * (1.0 + rest * log)
        else:
            out[...] = np.power(x, y) * log
        usual = (np.abs(out) > 1e-290) & np.isfinite(out) & (np.abs(y) < 1e3) & (x > 0.0)
        _repaired(out, ~usual, kernel, x, y)

    return run


def _repaired(out: Any, odd: Any, kernel: Callable[..., float], *operands: Any) -> None:
    """Do the odd ones of the elements by a kernel on floats."""
    if odd.any():
        np = load("numpy")
        columns = [np.broadcast_to(x, out.shape)[odd].tolist() for x in operands]
        out[odd] = [kernel(*numbers) for numbers in zip(*columns, strict=True)]


# the normal distribution
def _density(x: Any, factor: float) -> Any:
    """Return e**(-factor x**2), x cut in two so that the square is exact."""
    np = load("numpy")
    scaled = x * 134217729.0
    leading = scaled - (scaled - x)
    return np.exp(-factor * leading * leading) * np.exp(factor * (leading - x) * (leading + x))


def _bounded(x: Any, bound: float) -> Any:
    """Return x where it is within a bound beyond which the functions have reached their limits."""
    np = load("numpy")
    return np.clip(x, -bound, bound)


def _gaussian(out: Any, x: Any) -> None:
    out[...] = _density(_bounded(x, 30.0), 1.0)


def _normal_density(out: Any, x: Any) -> None:
    out[...] = _density(_bounded(x, 40.0), 0.5) / ROOT_TWO_PI


def _tail(x: Any) -> Any:
    """Return the chance of a standard normal number above x, from 0 to 40: density times Mills' ratio."""
    return _density(x, 0.5) / ROOT_TWO_PI * _mills(x)


def _mills(x: Any) -> Any:
    """Return Mills' ratio by Taylor series about the nearest multiple of 1/8."""
    np = load("numpy")
    nearest = np.rint(8.0 * np.nan_to_num(x)).astype(np.intp)
    leading, *coefficients = (column.take(nearest) for column in _mills_columns())
    d = x - 0.125 * nearest
    series = coefficients.pop()
    while coefficients:
        series *= d
        series += coefficients.pop()
    return leading + series


@cache
def _mills_columns() -> list[Any]:
    """Return the table of Taylor coefficients, an array for each power."""
    np = load("numpy")
    return [np.array(column) for column in zip(*normal._mills(), strict=True)]


def _normal_cdf(out: Any, x: Any) -> None:
    np = load("numpy")
    x = _bounded(x, 40.0)
    tail = _tail(np.abs(x))
    out[...] = np.where(np.less(x, 0.0), tail, 1.0 - tail)


def _gelu(out: Any, x: Any) -> None:
    np = load("numpy")
    near = _bounded(x, 40.0)
    tail = _tail(np.abs(near))
    out[...] = np.where(np.less(x, 0.0), near * tail, x * (1.0 - tail))


def _gelu_slope(out: Any, x: Any) -> None:
    """cdf + x density, left of 0 the density times x + Mills' ratio of -x; right of 0 1 less that of -x."""
    np = load("numpy")
    x = _bounded(x, 40.0)
    size = np.abs(x)
    left = _density(size, 0.5) / ROOT_TWO_PI * (_mills(size) - size)
    out[...] = np.where(np.greater(x, 0.0), 1.0 - left, left)


def _erfc(out: Any, x: Any) -> None:
    """Twice the normal tail beyond sqrt(2) x."""
    np = load("numpy")
    x = _bounded(x, 28.0)
    size = np.abs(x)
    tail = 2.0 * (_density(size, 1.0) / ROOT_TWO_PI * _mills(ROOT_TWO * size))
    out[...] = np.where(np.less(x, 0.0), 2.0 - tail, tail)


def _erf(out: Any, x: Any) -> None:
    """1 - erfc, within 1/2 of 0 the Taylor series."""
    np = load("numpy")
    _erfc(out, np.abs(x))
    s = np.square(np.clip(x, -0.5, 0.5))
    series = 0.0 * s
    for n in range(14, 0, -1):
        series = (-1.0) ** n / (math.factorial(n) * (2 * n + 1)) + s * series
    near = 2.0 / math.sqrt(math.pi) * x * (1.0 + s * series)
    out[...] = np.where(np.less(np.abs(x), 0.5), near, np.copysign(1.0 - out, x))


ROOT_TWO, ROOT_TWO_PI = math.sqrt(2.0), math.sqrt(2.0 * math.pi)

KERNELS: dict[str, Callable[..., None]] = {
    "ahead": _ahead, "cosine": _cosine, "elu": _elu, "erf": _erf, "erfc": _erfc, "gaussian": _gaussian,
    "gelu": _gelu, "gelu_slope": _gelu_slope, "leaky_relu": _leaky_relu, "normal_cdf": _normal_cdf,
    "normal_density": _normal_density, "power_derivative_0_1": _power_derivative(0, 1),
    "power_derivative_1_0": _power_derivative(1, 0), "ratio": _ratio,
    "silu_slope": _silu_slope, "where": _where,
}  # fmt: skip
"""kernel(out, *operands) for rows by name."""
