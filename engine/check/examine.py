"""The numbers of one op, each with its verdict: at a point, at inf and nan, and its second derivatives."""

import itertools
import math
from collections.abc import Iterator, Sequence
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
    truths,
)
from engine.check.oracle import Oracle, Place, Truth
from engine.check.points import draw_points
from engine.check.ulps import mp, mpf
from engine.dual import Dual
from engine.op import Op
from engine.value import Value

SECOND = 2.0**-44
"""The bound on second derivatives, relative to the larger of it and the op's slopes."""
SECOND_POINTS = 12
CLEAR, MODERATE = 0.05, 8.0
"""Second derivatives are looked at between these sizes, and that far from kinks and ends of the domain."""


def examined(oracle: Oracle, operands: tuple[Any, ...], ulps: float | None = None) -> Iterator[Finding]:
    """Yield the value and all partials of an op at one point: on floats, by a sweep, and in forward mode.

    What a sweep and forward mode give is yielded only where it differs from what the partial gives.
    """
    op = oracle.op
    z = op.evaluate(*operands)
    values = as_values(operands)
    node = op(*values)
    node.backward()
    truth = oracle.value(operands)
    for got in _different([z, node.data]):
        yield judged(oracle, "z", None, operands, got, truth, ulps=ulps)
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
    """Yield the values of a user's op of one number at nan and at inf."""
    op = oracle.op
    if definition(op) is not None or op.arity > 1 or op.lists[0]:
        return
    low, high = op.domain[0].low, op.domain[0].high
    for x in (math.nan, *(end for end in (low, high) if math.isinf(end))):
        truth = Truth(mp.nan, mpf(0), "nan in, nan out") if x != x else oracle.value((x,))
        try:
            got = op.evaluate(x)
        except ArithmeticError:
            continue  # reported at an ordinary point, or where nothing is defined
        if x != x or not mp.isnan(truth.exact):
            yield judged(oracle, "z", None, (x,), got, truth, ulps=ulps)


def seconds(oracle: Oracle, seed: int) -> Iterator[Finding]:
    """Yield second derivatives, by sweeping the partials as recorded on Values."""
    op = oracle.op
    clear = (point for point in draw_points(op, 2000, seed + 1) if _is_clear(op, point))
    for operands in itertools.islice(clear, SECOND_POINTS):
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
                    truth = Truth(exact, SECOND * max(abs(exact), size), oracle.source)
                    yield _second(op, part + PARTS[then[0]], operands, got, truth)


def _second(op: Op, part: str, operands: tuple[Any, ...], got: float, truth: Truth) -> Finding:
    if mp.isnan(truth.exact):
        return Finding(op, part, None, operands, got, truth, 0.0, UNCHECKED)
    off = abs(got - truth.exact)
    size = max(abs(truth.exact), truth.error / SECOND)
    ulps = float(off / size * 2**52) if size else 0.0
    return Finding(op, part, None, operands, got, truth, ulps, RIGHT if off <= truth.error else WRONG)


def _is_clear(op: Op, operands: tuple[Any, ...]) -> bool:
    """Whether operands are of moderate size, and away from kinks and from the ends of the domain."""
    numbers = [x for operand in operands for x in as_list(operand, 1)]
    ends = [end for domain in op.domain for end in (domain.low, domain.high)]
    return (
        len(numbers) <= 3
        and all(CLEAR < abs(x) < MODERATE for x in numbers)
        and not (op.margin and abs(op.margin(*operands)) < CLEAR)
        and not any(abs(x - end) < CLEAR for x in numbers for end in ends)
    )


def _places(operands: tuple[Any, ...]) -> list[Place]:
    return [
        (i, k)
        for i, operand in enumerate(operands)
        for k in (range(len(operand)) if isinstance(operand, tuple) else [None])
    ]
