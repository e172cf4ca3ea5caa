"""The numbers of one op, each with its verdict: at a point, at inf and nan, and its second derivatives."""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.chain import gradients
from engine.check.definitions import definition
from engine.check.judge import (
    PARTS,
    RIGHT,
    UNCHECKED,
    WRONG,
    Finding,
    as_list,
    as_values,
    judged,
    nearby,
    truths,
)
from engine.check.oracle import Oracle, Place, Truth
from engine.check.points import margin_at
from engine.check.ulps import SMALLEST_NORMAL, mp, mpf
from engine.dual import Dual
from engine.op import Interval, Op
from engine.value import Value

SECOND = 2.0**-44
"""The bound on second derivatives, relative to the larger of it and the op's slopes."""
SECOND_POINTS = 12
LARGE = 1e308
CLEAR, MODERATE = 0.05, 8.0
SIZES = (-MODERATE, -CLEAR), (CLEAR, MODERATE)
"""Second derivatives are looked at between these sizes, and that far from kinks and ends of the domain."""


class Raised(ArithmeticError):
    """An op raised at some operands: its value, part "z", or one of its partials, part "dx"."""

    def __init__(self, part: str, operands: tuple[Any, ...], error: ArithmeticError) -> None:
        super().__init__(str(error))
        self.part = part
        self.operands = operands


def examined(oracle: Oracle, operands: tuple[Any, ...], ulps: float | None = None) -> Iterator[Finding]:
    """Yield the value and all partials of an op at one point: on floats, by a sweep, and in forward mode.

    What a sweep and forward mode give is yielded only where it differs from what the partial gives.

    Errors: Raised where the op does not give its value, or a partial.
    """
    op = oracle.op
    try:
        z = op.evaluate(*operands)
    except ArithmeticError as error:
        raise Raised("z", operands, error) from error
    values = as_values(operands)
    node = op(*values)
    truth = oracle.value(operands)
    for got in _different([z, node.data]):
        yield judged(oracle, "z", None, operands, got, truth, ulps=ulps)
    try:
        node.backward()
        yield from _partials(oracle, operands, z, values, ulps)
    except ArithmeticError as error:
        raise Raised("dx", operands, error) from error


def _partials(
    oracle: Oracle, operands: tuple[Any, ...], z: float, values: tuple[Any, ...], ulps: float | None
) -> Iterator[Finding]:
    op = oracle.op
    for index, part in zip(range(op.arity), PARTS, strict=False):
        operand = values[index]
        swept = [v.grad for v in (operand if isinstance(operand, tuple) else (operand,))]
        slopes = op.float_slope(index, z, operands) if op.partials[index] is not None else 0.0
        slopes = [0.0] * len(swept) if slopes is None else as_list(slopes, len(swept))
        exact = truths(oracle, index, operands) or [Truth(mpf(0), mpf(0), oracle.source)] * len(swept)
        for k, (slope, grad, true) in enumerate(zip(slopes, swept, exact, strict=True)):
            element = k if isinstance(operand, tuple) else None
            for got in _different([slope, grad, _rate(op, operands, index, element)]):
                yield judged(oracle, part, element, operands, got, true, ulps=ulps)


def _different(numbers: Sequence[float]) -> list[float]:
    """Return the numbers that are not the same float as one before; 0.0 and -0.0 are."""
    return [x for i, x in enumerate(numbers) if not any(x == y or (x != x and y != y) for y in numbers[:i])]


def _rate(op: Op, operands: tuple[Any, ...], index: int, element: int | None) -> float:
    """Return ∂z by one number of the operands in forward mode."""

    def moving(x: float) -> Dual:
        return Dual(x, 1.0, 1)

    operand = operands[index]
    if element is None:
        operand = moving(operand)
    else:
        operand = (*operand[:element], moving(operand[element]), *operand[element + 1 :])
    z = op(*operands[:index], operand, *operands[index + 1 :])
    return float(z.rate)


def specials(oracle: Oracle, ulps: float | None) -> Iterator[Finding]:
    """Yield the value of a user's op of one number at nan."""
    if not _is_single(oracle.op):
        return
    truth = Truth(mp.nan, mpf(0), "nan in, nan out")
    try:
        got = oracle.op.evaluate(math.nan)
    except ArithmeticError:
        return  # nothing is silent
    yield judged(oracle, "z", None, (math.nan,), got, truth, ulps=ulps)


def at_infinity(oracle: Oracle) -> Iterator[str]:
    """Yield a note where a user's op of one number misses a limit at infinity, which no domain includes."""
    op = oracle.op
    for end in (op.domain[0].low, op.domain[0].high) if _is_single(op) else ():
        if math.isfinite(end):
            continue
        far, near = (oracle.value((math.copysign(x, end),)).exact for x in (LARGE, LARGE / 2.0))
        try:
            got = op.evaluate(end)
        except ArithmeticError:
            continue
        settled = abs(far - near) <= SECOND * abs(far) or max(abs(far), abs(near)) < SMALLEST_NORMAL
        if settled and abs(far) < LARGE and not abs(got - far) <= SECOND * abs(far) + SMALLEST_NORMAL:
            yield f"The value at x = {end!r} is {got!r}; next to it, it is {float(far)!r}."


def _is_single(op: Op) -> bool:
    """Whether it is a user's op of one number."""
    return definition(op) is None and op.arity == 1 and not op.lists[0]


def seconds(oracle: Oracle, points: Iterable[tuple[Any, ...]]) -> Iterator[Finding]:
    """Yield second derivatives at some of the points, by sweeping the partials as recorded on Values."""
    clear = (point for point in points if _is_clear(oracle.op, point))
    for operands in itertools.islice(clear, SECOND_POINTS):
        try:
            yield from _seconds_at(oracle, operands)
        except ArithmeticError:
            continue  # reported at an ordinary point


def _seconds_at(oracle: Oracle, operands: tuple[Any, ...]) -> Iterator[Finding]:
    op = oracle.op
    values = as_values(operands)
    z = op(*values)
    places = _places(operands)
    leaves = [v for x in values for v in (x if isinstance(x, tuple) else (x,))]
    for index, part in zip(range(op.arity), PARTS, strict=False):
        if op.partials[index] is None:
            continue
        slopes = as_list(op.slope(index, z, values), len(as_list(operands[index], 1)))
        size = max((abs(float(s)) for s in slopes), default=0.0)
        for element, slope in enumerate(slopes):
            first = (index, element if isinstance(operands[index], tuple) else None)
            found = gradients(slope, leaves) if isinstance(slope, Value) else [0.0] * len(leaves)
            for then, got in zip(places, found, strict=True):
                exact = oracle.second(first, then, operands)
                room = SECOND * max(abs(exact), size)
                if abs(got - exact) > room:
                    room += _waves(oracle, first, then, operands, exact)
                truth = Truth(exact, room, oracle.source)
                yield _second(op, part + PARTS[then[0]], operands, got, truth)


def _waves(oracle: Oracle, first: Place, then: Place, operands: tuple[Any, ...], exact: Any) -> Any:
    """Return how far a second derivative moves, where it moves much when operands move by a few floats."""
    furthest = mpf(0)
    for moves in nearby(operands):
        for to in moves:
            moved = oracle.second(first, then, to)
            furthest = max(furthest, abs(moved - exact)) if not mp.isnan(moved) else furthest
            if furthest < abs(exact) / 1000:
                break
    return 4 * furthest


def _second(op: Op, part: str, operands: tuple[Any, ...], got: float, truth: Truth) -> Finding:
    if mp.isnan(truth.exact):
        return Finding(op, part, None, operands, got, truth, 0.0, UNCHECKED)
    off = abs(got - truth.exact)
    size = max(abs(truth.exact), truth.error / SECOND)
    ulps = float(off / size * 2**52) if size else 0.0
    return Finding(op, part, None, operands, got, truth, ulps, RIGHT if off <= truth.error else WRONG)


def _is_clear(op: Op, operands: tuple[Any, ...]) -> bool:
    """Whether operands are of moderate size, and away from kinks and from the ends of the domain."""
    placed = [(x, within) for x, within in zip(operands, op.domain, strict=True)]
    numbers = [(x, within) for operand, within in placed for x in as_list(operand, 1)]
    return (
        len(numbers) <= 3
        and all(_is_moderate(x, within) for x, within in numbers)
        and not abs(margin_at(op, operands)) < CLEAR
    )


def _is_moderate(x: float, within: Interval) -> bool:
    width = within.high - within.low
    inside = min(x - within.low, within.high - x) > CLEAR * min(1.0, width)
    reached = any(max(within.low, low) + CLEAR < min(within.high, high) for low, high in SIZES)
    return inside and (not reached or CLEAR < abs(x) < MODERATE)


def _places(operands: tuple[Any, ...]) -> list[Place]:
    return [
        (i, k)
        for i, operand in enumerate(operands)
        for k in (range(len(operand)) if isinstance(operand, tuple) else [None])
    ]
