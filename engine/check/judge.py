"""One number against the truth: how far off it is, and whether rounding explains it."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.check.bounds import PARTIAL, allowed, bound, exemption
from engine.check.definitions import definition
from engine.check.oracle import OWN, UNKNOWN, Oracle, Truth
from engine.check.points import margin_at
from engine.check.ulps import LARGEST, SMALLEST_NORMAL, absolute_error, mp, mpf, ulp, unit
from engine.op import Op
from engine.value import Value

ULPS = 16.0
"""The error that the value and the partials of a user's op may have, in units in the last place."""
FLOATS = 4.0, -4.0, 1.9, -1.9, 0.83, -0.83, 0.29, -0.29
"""... or that of exact ones whose operands are so many floats away."""
PARTS = ("dx", "dy")
TITLES = {
    "z": "value", "dx": "∂z/∂x", "dy": "∂z/∂y",
    "dxdx": "∂²z/∂x²", "dxdy": "∂²z/∂x∂y", "dydx": "∂²z/∂y∂x", "dydy": "∂²z/∂y²",
}  # fmt: skip
AT_A_JUMP = Truth(mp.nan, mp.inf, "at a jump or a pole, where the slope is a convention")
RIGHT, WRONG, INACCURATE, UNCHECKED = "right", "wrong", "inaccurate", "unchecked"


class Finding(NamedTuple):
    """One number: `part` "z", "dx" or "dy" of an op (of a list's element), where, got, exact, and a verdict.

    The verdicts: right; wrong; inaccurate, where the function of a user's op, or the formula of a
    partial, is right in many digits and loses them in floats; unchecked, where there is no oracle. `ulp` is
    the error in units in the last place.
    """

    op: Op
    part: str
    element: int | None
    operands: tuple[Any, ...]
    got: float
    truth: Truth
    ulp: float
    verdict: str
    exempt: str = ""

    @property
    def title(self) -> str:
        """What the number is: value, ∂z/∂x, ∂z/∂y[2]."""
        return TITLES[self.part] + ("" if self.element is None else f"[{self.element}]")


def judged(
    oracle: Oracle,
    part: str,
    element: int | None,
    operands: tuple[Any, ...],
    got: float,
    truth: Truth,
    *,
    ulps: float | None = None,
) -> Finding:
    """Return the verdict on one number; `ulps` None stands for the table's own bounds, or ULPS for others."""
    op, exact = oracle.op, truth.exact

    def found(verdict: str, error: float, exempt: str = "") -> Finding:
        return Finding(op, part, element, operands, got, truth, error, verdict, exempt)

    if truth.sides is not None:
        low, high = sorted(truth.sides)
        room = PARTIAL * unit(max(abs(low), abs(high)))
        return found(RIGHT if low - room <= got <= high + room else WRONG, 0.0, "at a kink")
    if truth is AT_A_JUMP:
        return found(WRONG if math.isnan(got) else RIGHT, 0.0, truth.source)
    if mp.isnan(exact):
        if part != "z" or truth.error == mp.inf:
            return found(UNCHECKED, 0.0)  # no slope is defined here, or none is known
        return found(RIGHT if math.isnan(got) else WRONG, 0.0 if math.isnan(got) else math.inf)
    error = ulp(exact, got)
    if ulps is None and definition(op) is not None:
        exempt = exemption(op.name, part, operands, exact)
        if exempt is not None:
            inside = absolute_error(exact, got) <= allowed(op.name, part, operands, exact)
            return found(RIGHT if inside else WRONG, error, exempt.reason)
        return found(RIGHT if error <= bound(op.name, part) else WRONG, error)
    if error <= (ULPS if ulps is None else ulps):
        return found(RIGHT, error)
    off = absolute_error(exact, got)
    if off <= truth.error:
        known = truth.error <= max(abs(exact), SMALLEST_NORMAL) / 10
        return found(RIGHT if known else UNCHECKED, error, f"within the error of {truth.source}")
    on_jump = part == "z" and margin_at(op, operands) == 0.0
    if (
        ulps is None
        and truth.error == 0
        and not on_jump
        and off <= _nearby(oracle, part, element, operands, exact)
    ):
        return found(RIGHT, error, "as if the operands were a few floats away")
    if part == "z":
        return found(INACCURATE if truth.source == OWN else WRONG, error)
    return found(INACCURATE if _formula_is_right(oracle, part, element, operands, exact) else WRONG, error)


def _nearby(oracle: Oracle, part: str, element: int | None, operands: tuple[Any, ...], exact: Any) -> Any:
    """Return how far the exact number moves when operands move by a few floats, plus a few ulp of it.

    For each number of the operands that is twice the largest of its moves. Where it moves much, there may be
    waves between two floats: more moves are looked at, and the largest counts four times.
    """
    room = ULPS * unit(max(min(exact, LARGEST / 2), -LARGEST / 2))
    for moves in nearby(operands):
        furthest = mpf(0)
        for to in moves:
            truth = oracle.value(to) if part == "z" else _partial(oracle, part, element, to)
            if not mp.isnan(truth.exact):
                furthest = max(furthest, abs(truth.exact - exact))
            if to is moves[1] and furthest < abs(exact) / 1000:
                room += 2 * furthest
                break
        else:
            room += 4 * furthest
    return room


def nearby(operands: tuple[Any, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield for each number the operands with it so many floats lower or higher."""
    for i, operand in enumerate(operands):
        numbers = operand if isinstance(operand, tuple) else (operand,)
        for k, x in enumerate(numbers):
            near = [mpf(x) + floats * math.ulp(x) for floats in FLOATS] if math.isfinite(x) else [x, x]
            yield [
                (*operands[:i], (*numbers[:k], y, *numbers[k + 1 :]), *operands[i + 1 :])
                if isinstance(operand, tuple)
                else (*operands[:i], y, *operands[i + 1 :])
                for y in near
            ]


def _partial(oracle: Oracle, part: str, element: int | None, operands: tuple[Any, ...]) -> Truth:
    return oracle.partial(PARTS.index(part), operands)[element or 0]


def _formula_is_right(
    oracle: Oracle, part: str, element: int | None, operands: tuple[Any, ...], exact: Any
) -> bool:
    """Return whether the formula of a partial, run in many digits, is the derivative to 1e-13."""
    formula = oracle.formula(PARTS.index(part), element, operands)
    return formula is not None and abs(formula - exact) <= mpf(1e-13) * max(abs(exact), SMALLEST_NORMAL)


def truths(oracle: Oracle, index: int, operands: tuple[Any, ...]) -> list[Truth]:
    """Return the exact partials by one operand; on a kink of the op with the one-sided derivatives."""
    op, operand = oracle.op, operands[index]
    if margin_at(op, operands) != 0.0:
        return oracle.partial(index, operands)
    if definition(op) is not None:  # it says what is chosen on a kink
        chosen = oracle.partial(index, operands)
        if not any(mp.isnan(truth.exact) for truth in chosen):
            return chosen
    elements = range(len(operand)) if isinstance(operand, tuple) else [None]
    found = [oracle.slope(index, element, operands) for element in elements]
    return [truth if truth is not UNKNOWN else AT_A_JUMP for truth in found]


def operands_at(node: Value) -> tuple[Any, ...]:
    """Return the operands of a recorded node as floats, tuples of them for lists."""
    assert node.op is not None
    return tuple(
        tuple([v.data if isinstance(v, Value) else v for v in x]) if isinstance(x, tuple) else float(x)
        for x in (node.x, node.y)[: node.op.arity]
    )


def as_values(operands: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return each number of operands as a fresh Value."""
    return tuple(tuple(map(Value, x)) if isinstance(x, tuple) else Value(x) for x in operands)


def as_list(x: Any, length: int) -> list[Any]:
    """Return a list as it is, and a number as a list of that length."""
    return list(x) if isinstance(x, (list, tuple)) else [x] * length
