"""How far a row of the table is from the oracle, in units in the last place, and how far it may be."""

import functools
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from engine import Value
from engine.op import Op
from engine.ops import TABLE
from tests.oracle import (
    LARGEST,
    SMALLEST_NORMAL,
    absolute_error,
    density,
    draw_points,
    exact_partial,
    exact_value,
    exactly,
    logistic,
    mp,
    power,
    ulp,
    unit,
)

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
    lambda exact, x, y: abs(1 + exactly(y) * mp.log(abs(x))) < 0.6,
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
            mp.hypot(x, y) < SMALLEST_NORMAL or numerator(abs(x), abs(y)) < SMALLEST_NORMAL * mp.hypot(x, y)
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


class Error(NamedTuple):
    """One result and how far it is from the exact one; `exempt` names the exemption under which it falls."""

    part: str
    ulp: float
    operands: tuple[Any, ...]
    got: float
    exact: Any
    exempt: Exemption | None
    scaled: float

    @property
    def bound(self) -> float:
        return VALUE if self.part == "z" else PARTIAL

    @property
    def ok(self) -> bool:
        return (self.ulp if self.exempt is None else self.scaled) <= self.bound

    def __str__(self) -> str:
        exact = mp.nstr(self.exact, 20)
        return f"{self.part} at {self.operands}: {self.got!r} is {self.ulp:.3g} ulp from {exact}"


def judged(op: Op, part: str, operands: tuple[Any, ...], exact: Any, got: float) -> Error:
    """Compare one result with the exact one."""
    error = ulp(exact, got)
    for exemption in EXEMPT.get((op.name, part), ()):
        if exemption.region(exact, *operands):
            scaled = 0.0
            if exemption.scale is not None:
                scale = exemption.scale(exact, *operands)
                scaled = float(absolute_error(exact, got) / max(unit(exact), unit(scale)))
            return Error(part, error, operands, got, exact, exemption, scaled)
    return Error(part, error, operands, got, exact, None, error)


def allowed(name: str, part: str, operands: tuple[Any, ...], exact: Any) -> Any:
    """The largest absolute error that a value or a partial may have."""
    bound = VALUE if part == "z" else PARTIAL
    for exemption in EXEMPT.get((name, part), ()):
        if exemption.region(exact, *operands):
            if exemption.scale is None:
                return mp.inf
            return bound * max(unit(exact), unit(exemption.scale(exact, *operands)))
    return bound * unit(exact)


def operands_at(node: Value) -> tuple[Any, ...]:
    """The operands of a recorded node as floats, tuples of them for lists."""
    assert node.op is not None
    return tuple(
        tuple(v.data if isinstance(v, Value) else v for v in x) if isinstance(x, tuple) else float(x)
        for x in (node.x, node.y)[: node.op.arity]
    )


def as_values(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Each number as a fresh Value."""
    return tuple(tuple(map(Value, x)) if isinstance(x, tuple) else Value(x) for x in operands)


def as_list(x: Any, length: int) -> list[Any]:
    return list(x) if isinstance(x, (list, tuple)) else [x] * length


def errors_at(op: Op, operands: tuple[Any, ...]) -> Iterable[Error]:
    """Yield the errors of the value and of all partials at one point, on floats and by a sweep over Values.

    On a kink (margin 0) the partials are conventions, and only the value is looked at.
    """
    z = op.evaluate(*operands)
    values = as_values(operands)
    node = op(*values)
    node.backward()
    exact = exact_value(op.name, operands)
    yield judged(op, "z", operands, exact, z)
    if _bits(node.data) != _bits(z):
        yield judged(op, "z", operands, exact, node.data)
    if op.margin is not None and op.margin(*operands) == 0.0:
        return
    for index, part in zip(range(op.arity), PARTS, strict=False):
        operand = values[index]
        nodes = operand if isinstance(operand, tuple) else (operand,)
        if op.name.startswith("power") and index == 1 and operands[0] < 0.0:
            continue  # x**y is real at whole numbers y only, and has no slope in y
        exact = exact_partial(op.name, index, operands)
        if exact is None:
            assert op.partials[index] is None and all(v.grad == 0.0 for v in nodes)
            continue
        direct = op.float_slope(index, z, operands)
        direct = [0.0] * len(nodes) if direct is None else as_list(direct, len(nodes))
        for truth, got, v in zip(as_list(exact, 1), direct, nodes, strict=True):
            yield judged(op, part, operands, truth, got)
            if _bits(v.grad) != _bits(got):
                yield judged(op, part, operands, truth, v.grad)


def _bits(x: float) -> str:
    return float(x).hex()


def check_row(op: Op, points: Iterable[tuple[Any, ...]]) -> dict[str, Error]:
    """Return the worst error of each part that no exemption covers; AssertionError where one is too large."""
    worst: dict[str, Error] = {}
    for operands in points:
        for error in errors_at(op, operands):
            assert error.ok, f"{op.name}: {error}; allowed {error.bound} ulp" + (
                f" of the scale where {error.exempt.reason}" if error.exempt else ""
            )
            if error.exempt is None and (error.part not in worst or error.ulp > worst[error.part].ulp):
                worst[error.part] = error
    return worst


@functools.cache
def worst_of(name: str, count: int, seed: int = 0) -> dict[str, Error]:
    """Check one row of the table at `count` points, and return its worst errors; kept for the table."""
    return check_row(TABLE[name], draw_points(TABLE[name], count, seed))
