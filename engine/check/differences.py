"""Derivatives of a function of floats where no many digits can be had: complex step, then Ridders."""

import cmath
import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from engine.check.precise import rebound

STEP = 1e-150
"""Of the complex step: its square vanishes beside 1, so that no digit is lost."""
SHRINK, ROWS = 1.4, 14


class Difference(NamedTuple):
    """A derivative with an estimate of its absolute error, and the method it comes from."""

    slope: float
    error: float
    method: str


def _complex_calls(name: str) -> Callable[..., Any]:
    plain, wide = getattr(math, name), getattr(cmath, name)

    @functools.wraps(plain, updated=())
    def call(*operands: Any) -> Any:
        return (wide if any(isinstance(x, complex) for x in operands) else plain)(*operands)

    return call


_COMPLEX = {
    getattr(math, name): _complex_calls(name)
    for name in "exp log log10 sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh".split()
}


def complex_step(f: Callable[[Any], Any], x: float) -> Difference | None:
    """Return f'(x) as Im f(x + ih) / h; None where f does not take complex numbers or is not smooth on them.

    Squire and Trapp, SIAM Review 40 (1998). f may call `math`; its error is that of f's own rounding.

    >>> complex_step(lambda x: math.exp(x) * x, 1.0).slope == 2 * math.e
    True
    """
    try:
        z, plain = rebound(f, _COMPLEX)(complex(x, STEP)), f(x)
    except Exception:
        return None
    if not isinstance(z, complex) or not abs(z.real - plain) <= 1e-12 * abs(plain) or z.imag == 0.0:
        return None
    slope = z.imag / STEP
    return Difference(slope, 1e-12 * abs(slope), "complex step")


def ridders(f: Callable[[float], float], x: float) -> Difference | None:
    """Return f'(x) by central differences extrapolated to step 0, with the error that the table shows.

    The error is at least 1e-9 of the slope, and what rounding f costs.

    Ridders, Advances in Engineering Software 4 (1982). None where f raises next to x.

    >>> found = ridders(math.exp, 1.0)
    >>> abs(found.slope - math.e) <= found.error < 1e-8
    True
    """
    h = 0.2 * abs(x) if x else 0.2
    best, error = math.nan, math.inf
    above: list[float] = []
    for _ in range(ROWS):
        try:
            high, low = f(x + h), f(x - h)
            row = [(high - low) / ((x + h) - (x - h))]
        except (ArithmeticError, ValueError):
            h /= SHRINK
            above = []
            continue
        factor = SHRINK**2
        for j, coarse in enumerate(above):
            row.append((row[j] * factor - coarse) / (factor - 1.0))
            factor *= SHRINK**2
            guess = max(abs(row[-1] - row[-2]), abs(row[-1] - coarse), 1e-9 * abs(row[-1]))
            guess += max(math.ulp(high), math.ulp(low)) / h
            if guess <= error:
                best, error = row[-1], guess
        if above and abs(row[-1] - above[-1]) >= 2.0 * error:
            break
        above = row
        h /= SHRINK
    return Difference(best, error, "Ridders") if error < math.inf else None
