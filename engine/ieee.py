"""IEEE 754 where Python raises: what 1/0, log(-1) or exp(710) are as floats.

The C functions of `math` follow IEEE 754, but Python turns their exceptional results into exceptions. A
row of the op table names one of the functions below as its `limit`; it is called only after its value
function has raised, so the ordinary path pays nothing.
"""

import math
import operator
from collections.abc import Iterable
from typing import Any

inf, nan = math.inf, math.nan


def divide(x: float, y: float) -> float:
    """Return x / y, by its limit where y is 0.

    >>> divide(1.0, 0.0), divide(-1.0, 0.0), divide(1.0, -0.0), divide(0.0, 0.0)
    (inf, -inf, -inf, nan)
    """
    if y != 0.0:
        return x / y
    if x == 0.0 or x != x:
        return nan
    return math.copysign(1.0, x) * math.copysign(inf, y)


def power(x: float, y: float) -> float:
    """Return x ** y where `math.pow` raises: a pole at 0, a negative base, or overflow.

    >>> power(0.0, -1.0), power(-0.0, -1.0), power(-8.0, 1 / 3), power(-10.0, 401.0)
    (inf, -inf, nan, -inf)
    """
    odd = math.fmod(y, 2.0) != 0.0 and y == math.floor(y)
    if x == 0.0:
        return math.copysign(inf, x) if odd else inf
    if x < 0.0 and y != math.floor(y):
        return nan
    return -inf if x < 0.0 and odd else inf


def overflow(x: float) -> float:
    """Return inf: the limit of exp, expm1 and cosh, which raise only when the result is too large."""
    return inf


def undefined(x: float) -> float:
    """Return nan: the limit of a function that raises only outside its domain."""
    return nan


def log(x: float) -> float:
    """Return log(x) where `math.log` raises: -inf at 0, nan below.

    >>> log(0.0), log(-1.0)
    (-inf, nan)
    """
    return -inf if x == 0.0 else nan


def log1p(x: float) -> float:
    """Return log(1 + x) where `math.log1p` raises: -inf at -1, nan below."""
    return -inf if x == -1.0 else nan


def total(xs: Iterable[float]) -> float:
    """Return the correctly rounded sum where `math.fsum` raises: on overflow, or on inf - inf.

    >>> total([1e308, 1e308, -1e308]), total([1e308, 1e308]), total([inf, -inf])
    (1e+308, inf, nan)
    """
    terms = list(xs)
    special = [x for x in terms if not math.isfinite(x)]
    if special:
        return sum(special)
    scaled = math.fsum(math.ldexp(x, -200) for x in terms)
    try:
        return math.ldexp(scaled, 200)
    except OverflowError:
        return math.copysign(inf, scaled)


def total_of_products(xs: Iterable[float], ys: Iterable[float]) -> float:
    """Return the sum of products, by `total`, where `math.fsum` raises."""
    return total(map(operator.mul, xs, ys))


class Ieee(float):
    """A float whose division and power never raise; partials run on it after they raised on floats.

    >>> 1 / Ieee(0.0), Ieee(-8.0) ** 0.5
    (inf, nan)
    """

    __slots__ = ()

    def __add__(self, other: Any) -> "Ieee":
        return Ieee(float(self) + other)

    def __sub__(self, other: Any) -> "Ieee":
        return Ieee(float(self) - other)

    def __mul__(self, other: Any) -> "Ieee":
        return Ieee(float(self) * other)

    def __truediv__(self, other: Any) -> "Ieee":
        return Ieee(divide(float(self), float(other)))

    def __pow__(self, other: Any, modulo: None = None) -> "Ieee":
        return Ieee(_power(float(self), float(other)))

    def __radd__(self, other: Any) -> "Ieee":
        return Ieee(other + float(self))

    def __rsub__(self, other: Any) -> "Ieee":
        return Ieee(other - float(self))

    def __rmul__(self, other: Any) -> "Ieee":
        return Ieee(other * float(self))

    def __rtruediv__(self, other: Any) -> "Ieee":
        return Ieee(divide(float(other), float(self)))

    def __rpow__(self, other: Any, modulo: None = None) -> "Ieee":
        return Ieee(_power(float(other), float(self)))

    def __neg__(self) -> "Ieee":
        return Ieee(-float(self))

    def __abs__(self) -> "Ieee":
        return Ieee(abs(float(self)))


def _power(x: float, y: float) -> float:
    try:
        return math.pow(x, y)
    except (ArithmeticError, ValueError):
        return power(x, y)
