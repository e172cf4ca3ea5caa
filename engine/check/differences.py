"""Derivatives of a function of floats where no many digits can be had: complex step, then Ridders."""

import cmath
import functools
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from engine.check.rebound import rebound

STEP = 1e-150
"""Of the complex step: its square vanishes beside 1, so that no digit is lost."""
SHRINK, ROWS = 1.4, 10
FACTOR, SMOOTH = 64.0, 256.0
"""Over a step 64 times as long second differences are 4096 times as large where f is smooth, about as large
where rounding makes them; between is 256."""
STARTS = tuple(0.2 * 10.0**-k for k in range(7))
"""Ridders' first steps, relative to x: the shorter ones show where a longer one saw another function."""
COMPLEX_STEP, RIDDERS = "the complex step", "Ridders' differences"
DIGITS = {COMPLEX_STEP: 1e-12, RIDDERS: 1e-9}
"""The best relative error that each method claims."""


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


def on_complex(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of floats as one of complex numbers, on which `math` calls `cmath`."""
    return rebound(f, _COMPLEX)


def derivative(
    f: Callable[[Any], Any], x: float, *, wide: Callable[[Any], Any] | None = None, room: float = math.inf
) -> Difference | None:
    """Return f'(x) by the complex step where Ridders' differences confirm it, else by these.

    They stay within `room` of x; `wide` is f on complex numbers. None where f raises next to x.

    >>> derivative(lambda x: x * x, 3.0), derivative(lambda x: x * abs(x), 3.0).method
    (Difference(slope=6.0, error=6e-12, method='the complex step'), "Ridders' differences")
    """
    found, close = ridders(f, x, room=room), complex_step(f, x, wide)
    if found is None or close is None or abs(close.slope - found.slope) > found.error + close.error:
        return found
    return close


def complex_step(
    f: Callable[[Any], Any], x: float, wide: Callable[[Any], Any] | None = None
) -> Difference | None:
    """Return f'(x) as Im f(x + ih) / h; None where f does not take complex numbers.

    Squire and Trapp, SIAM Review 40 (1998). f may call `math`. The error is at least 1e-12 of the slope, and
    what rounding f costs, from the slopes at floats next to x. It is no derivative where f is not made of
    analytic functions, as x abs(x): `derivative` asks Ridders.

    >>> complex_step(lambda x: math.exp(x) * x, 1.0).slope == 2 * math.e
    True
    """
    wide = wide or on_complex(f)

    def slope(t: float) -> float:
        return float(wide(complex(t, STEP)).imag) / STEP

    try:
        z, plain = wide(complex(x, STEP)), f(x)
        if not isinstance(z, complex) or not abs(z.real - plain) <= 1e-12 * abs(plain) or z.imag == 0.0:
            return None
        here = slope(x)
        shaken = roughness(slope, x)
        error = max(DIGITS[COMPLEX_STEP] * abs(here), 4.0 * shaken if shaken < math.inf else 0.0)
    except Exception:
        return None
    return Difference(here, error, COMPLEX_STEP) if math.isfinite(here + error) else None


def roughness(f: Callable[[float], float], x: float, *, room: float = math.inf) -> float:
    """Return how much rounding shakes f next to x: second differences that do not shrink with their step.

    Those of a smooth f shrink with the square of the step. inf where f is flat as far as `room` lets see.
    After Moré and Wild, SIAM Journal on Scientific Computing 33 (2011).

    >>> roughness(lambda x: (1 + x) - 1, 1e-9) > 1e-17 > roughness(lambda x: x, 1e-9)
    True
    """
    found, flat, gap = [], True, 1.6 * math.ulp(x)
    while gap < max(0.2 * abs(x), 1e-300) and 3.0 * gap <= room:
        table = [f(x + k * gap) for k in range(-3, 4)]
        flat = flat and min(table) == max(table)
        found.append(max(abs(a - 2.0 * b + c) for a, b, c in zip(table, table[1:], table[2:], strict=False)))
        gap *= FACTOR
    rough = 0.0
    for fine, coarse in itertools.pairwise(found):
        if SMOOTH * fine <= coarse <= FACTOR**4 / SMOOTH * fine and coarse:
            break
        if coarse < SMOOTH * fine or not fine:
            rough = max(rough, fine or coarse)
    return math.inf if flat else rough


def ridders(f: Callable[[float], float], x: float, *, room: float = math.inf) -> Difference | None:
    """Return f'(x) by central differences extrapolated to step 0, with the error that the tables show.

    The error is at least 1e-9 of the slope, and what rounding f costs. Tables are made from several first
    steps, and one is believed as far as those from shorter steps bear it out. Steps stay within `room`.

    Ridders, Advances in Engineering Software 4 (1982). None where f raises next to x.

    >>> found = ridders(math.exp, 1.0)
    >>> abs(found.slope - math.e) <= found.error < 1e-8
    True
    """
    try:
        noise = roughness(f, x, room=room)
    except (ArithmeticError, ValueError):
        noise = 0.0  # next to the end of where f is defined
    best: Difference | None = None
    finer: list[Difference] = []
    for start in reversed(STARTS):
        found = _ridders(f, x, min(start * abs(x) if x else start, room), noise)
        if found is None:
            continue
        borne_out = all(abs(found.slope - other.slope) <= found.error + other.error for other in finer)
        finer.append(found)
        if borne_out and (best is None or found.error < best.error):
            best = found
    return best


def _ridders(f: Callable[[float], float], x: float, h: float, noise: float) -> Difference | None:
    """Return what the table from one first step gives."""
    best, error = math.nan, math.inf
    above: list[float] = []
    for step, high, low in _steps(f, x, h):
        row = [(high - low) / ((x + step) - (x - step))]
        factor = SHRINK**2
        shaken = 4.0 * max(noise, math.ulp(high), math.ulp(low)) / step
        for j, coarse in enumerate(above):
            row.append((row[j] * factor - coarse) / (factor - 1.0))
            factor *= SHRINK**2
            guess = max(abs(row[-1] - row[-2]), abs(row[-1] - coarse), DIGITS[RIDDERS] * abs(row[-1]))
            guess += shaken
            if guess <= error:
                best, error = row[-1], guess
        if above and abs(row[-1] - above[-1]) >= 2.0 * error:
            break
        above = row
    return Difference(best, error, RIDDERS) if error < math.inf else None


def _steps(f: Callable[[float], float], x: float, h: float) -> Iterator[tuple[float, float, float]]:
    """Yield shrinking steps, and f on both sides, from the first at which it does not raise on."""
    for _ in range(ROWS):
        if x + h > x > x - h:
            try:
                high, low = float(f(x + h)), float(f(x - h))
            except (ArithmeticError, ValueError):
                h /= SHRINK
                continue
            yield h, high, low
        h /= SHRINK
