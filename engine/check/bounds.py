"""How far a row of the table may be from its definition, and where it may be further."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from engine.check.definitions import density, logistic
from engine.check.power import power, power_terms
from engine.check.ulps import LARGEST, SMALLEST_NORMAL, exactly, mp, unit

VALUE, PARTIAL = 2.5, 4.0
"""The largest error allowed of a value and of a partial, in units in the last place of the exact result."""

PARTS = ("dx", "dy")


class Exemption(NamedTuple):
    """Where a row may be further off: there the ulp counted are those of `scale`, not of the result.

    `region` and `scale` take the exact result and the operands. Where `scale` is None nothing is claimed.
    """

    reason: str
    region: Callable[..., bool]
    scale: Callable[..., Any] | None


def _products(xs: tuple[float, ...], ys: tuple[float, ...]) -> list[Any]:
    return [abs(x * y) for x, y in zip(exactly(xs), exactly(ys), strict=True)]


_near_power_zero = Exemption(
    "x**(y-1) (1 + y log x) is 0 where y log x = -1",
    lambda exact, x, y: x > 0 and abs(1 + exactly(y) * mp.log(x)) < 0.6,
    lambda exact, x, y: power(exactly(x), exactly(y) - 1),
)
_quotient_underflows = Exemption(
    "-x / y**2 is made of z = x / y, which is subnormal where x is next to 0",
    lambda exact, x, y: abs(x) < SMALLEST_NORMAL,
    lambda exact, x, y: SMALLEST_NORMAL / abs(exactly(y)),
)
_log_crosses_zero = Exemption(
    "the largest operand and the rest of the sum cancel next to the zero of the result",
    lambda exact, *operands: abs(exact) < 1 / 256,
    lambda exact, *operands: 1 / 256,
)


def _angle_underflows(numerator: Callable[[float, float], float]) -> Exemption:
    return Exemption(
        "the distance is subnormal, or numerator / distance is, next to the zero of the slope",
        lambda exact, x, y: (
            0 < mp.hypot(x, y) < SMALLEST_NORMAL
            or numerator(abs(x), abs(y)) < SMALLEST_NORMAL * mp.hypot(x, y)
        ),
        lambda exact, x, y: (1 + 2 * abs(exact)) * SMALLEST_NORMAL / mp.hypot(x, y),
    )


def _tail(width: Callable[[Any], Any]) -> Exemption:
    return Exemption(
        "where e**-x, or e**-(x*x), is subnormal; the slope, x or x*x times as large, is next to 0",
        lambda exact, x: abs(exact) < width(exactly(x)) * SMALLEST_NORMAL,
        lambda exact, x: width(exactly(x)) * SMALLEST_NORMAL,
    )


def _crosses_zero(zero: float, width: float, scale: Callable[[Any], Any]) -> Exemption:
    return Exemption(
        f"a difference of two rounded numbers is 0 at {zero:.4f}, and likewise left of 0",
        lambda exact, x: abs(abs(x) - zero) < width,
        lambda exact, x: scale(exactly(x)),
    )


_distance_underflows = Exemption(
    "hypot is subnormal, next to its zero; cosine / hypot may overflow though cosine times that does not",
    lambda exact, x, y: mp.hypot(x, y) < SMALLEST_NORMAL,
    None,
)


EXEMPT: dict[tuple[str, str], tuple[Exemption, ...]] = {
    ("dot", "z"): (
        Exemption(
            "a product is beyond the floats: inf, as IEEE 754 has it",
            lambda exact, xs, ys: max(_products(xs, ys)) >= LARGEST * (1 - mp.mpf(2) ** -54),
            None,
        ),
        Exemption(
            "the products are rounded before they are summed, and cancel",
            lambda exact, xs, ys: abs(exact) < mp.fsum(_products(xs, ys)) / 2,
            lambda exact, xs, ys: mp.fsum(_products(xs, ys)),
        ),
    ),
    ("logaddexp", "z"): (_log_crosses_zero,),
    ("logsumexp", "z"): (_log_crosses_zero,),
    ("silu_slope", "dx"): (
        _crosses_zero(2.399357280520468, 0.2, lambda x: 2 * logistic(x) * logistic(-x)),
        _tail(lambda x: abs(x)),
    ),
    ("gelu_slope", "dx"): (
        _crosses_zero(1.4142135623730951, 0.25, lambda x: 4 * density(x)),
        _tail(lambda x: x * x),
    ),
    ("gaussian", "dx"): (_tail(lambda x: 2 * abs(x)),),
    ("normal_density", "dx"): (_tail(lambda x: abs(x)),),
    ("elu", "dx"): (
        Exemption(
            "e**x is subnormal or 0, however large alpha makes the product",
            lambda exact, x, alpha: x < -708,
            lambda exact, x, alpha: max(1, abs(exactly(alpha))) * SMALLEST_NORMAL,
        ),
    ),
    ("power_derivative_1_0", "dy"): (_near_power_zero,),
    ("power_derivative_0_1", "dx"): (_near_power_zero,),
    ("div", "dy"): (_quotient_underflows,),
    ("ratio", "dy"): (_quotient_underflows,),
    ("atan2", "dx"): (_angle_underflows(lambda x, y: y),),
    ("atan2", "dy"): (_angle_underflows(lambda x, y: x),),
    ("cosine", "dx"): (_distance_underflows,),
    ("cosine", "dy"): (_angle_underflows(min),),
}
"""Every place where a row may exceed the bounds, by row and part: "z" the value, "dx", "dy" the partials."""


def _order(name: str, part: str) -> tuple[int, int]:
    """Return how often x**y is differentiated, in x and in y, in a part of a row of its derivatives."""
    found = re.fullmatch(r"power_derivative_(\d+)_(\d+)", name)
    if found is None:
        return 0, 0
    return int(found[1]) + (part == "dx"), int(found[2]) + (part == "dy")


def bound(name: str, part: str) -> float:
    """Return the bound of a part of a row, in ulp; derivatives of x**y of order k are held to 2k.

    >>> bound("tanh", "z"), bound("tanh", "dx"), bound("power_derivative_0_1", "dy")
    (2.5, 4.0, 4.0)
    """
    return max(VALUE if part == "z" else PARTIAL, 2.0 * sum(_order(name, part)))


@cache
def _mixed(n: int, m: int) -> Exemption:
    return Exemption(
        "the terms of a mixed derivative of x**y cancel next to its zero",
        lambda exact, x, y: x > 0 and abs(exact) < 0.6 * power_terms(n, m, exactly(x), exactly(y)),
        lambda exact, x, y: power_terms(n, m, exactly(x), exactly(y)),
    )


def exemption(name: str, part: str, operands: tuple[Any, ...], exact: Any) -> Exemption | None:
    """Return the exemption under which a part of a row falls at its operands, None where there is none."""
    n, m = _order(name, part)
    mixed: tuple[Exemption, ...] = (_mixed(n, m),) if n and m and (name, part) not in EXEMPT else ()
    for exempt in (*EXEMPT.get((name, part), ()), *mixed):
        if exempt.region(exact, *operands):
            return exempt
    return None


def allowed(name: str, part: str, operands: tuple[Any, ...], exact: Any) -> Any:
    """Return the largest absolute error that the value "z" of a row, or its partial "dx" or "dy", may have.

    >>> from engine.check.ulps import mpf
    >>> allowed("mul", "z", (1.0, 1.5), mpf(1.5)) == mpf(2) ** -52 * 2.5
    True
    """
    ulps = bound(name, part)
    exempt = exemption(name, part, operands, exact)
    if exempt is None:
        return ulps * unit(exact)
    return mp.inf if exempt.scale is None else ulps * max(unit(exact), unit(exempt.scale(exact, *operands)))
