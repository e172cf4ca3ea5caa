"""The exercises of notebook 08: checking gradients."""

import math
from collections.abc import Callable
from typing import Any

from engine import Op, Value, grad, sigmoid, silu, sin
from engine.chain import interior
from engine.optional import load
from nn.course.exercise import Judge, NotRight, tried, value

arc = Op("arc", math.atan, lambda z, x: 1 / (1 + x * x))
bowl = Op("bowl", lambda x: math.hypot(1.0, x), lambda z, x: x / z)
witch = Op("witch", lambda x: 1 / (1 + x * x), lambda z, x: -2 * x * z)
OPS = (arc, bowl, witch)
"""The ops of exercise 08.1: the slope of one of them is wrong."""
SLOPES: dict[str, Callable[[float], Any]] = {
    "x · sigmoid(x) is a product, and that is the slope by its first factor alone": sigmoid,
    "that is the slope of sigmoid; x is a factor of the product, too": grad(sigmoid),
    "that is the slope by the second factor alone; the first one moves, too": (
        lambda x: x * grad(sigmoid)(x)
    ),
}
"""Slopes of a swish that are wrong in a way that one knows."""
PLACES = (-2.0, -0.5, 0.25, 3.0)
"""Where the value of a swish is tried."""
AT = 2.0
"""Where its slope is looked at."""
POINT, DECADES = 1.0, range(1, 16)
"""Where the slope of sin(100x) is taken, and the steps 1e-1 to 1e-15 for its difference."""


def _fault(op: Op, *points: float, order: int = 1) -> Any:
    """Return the culprit that the check of an op finds, over its domain or at the points; None for none."""
    check = load("engine.check", extra="check")
    try:
        check.check_op(op, points or None, count=200, order=order)
    except check.GradientError as error:
        return error.report.culprit
    return None


def _broken() -> str:
    return next(op.name for op in OPS if _fault(op) is not None)


def _which(answer: Any) -> str:
    """Judge the name of the op that is broken, or the op itself."""
    name = answer.name if isinstance(answer, Op) else str(answer).strip().casefold()
    names = [op.name for op in OPS]
    if name not in names:
        return f"answer one of {', '.join(repr(known) for known in names)}"
    return (
        "" if name == _broken() else f"check_op({name}) finds nothing wrong; what does it say of the others?"
    )


def _swish(answer: Any) -> str:
    """Judge an op by its value, x · sigmoid(x), and by what the check says of its slope."""
    if not isinstance(answer, Op):
        return 'an op is asked for: Op("swish", lambda x: ..., lambda z, x: ...)'
    for x in PLACES:
        got, truth = tried(answer, x), silu(x)
        if not math.isclose(got, truth, rel_tol=1e-12):
            return f"the value at x = {x:g} is {got:g}, that of x · sigmoid(x) is {truth:.6g}"
    try:
        culprit = _fault(answer, order=2)
        slope = tried(grad(answer), AT)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise NotRight(f"the check could not be made: {error}") from None
    if culprit is None:
        return ""
    for hint, wrong in SLOPES.items():
        if math.isclose(slope, wrong(AT), rel_tol=1e-9):
            return hint
    return f"the check says: {culprit}"


def _wave(x: Any) -> Any:
    return sin(100 * x)


def _best(f: Any, *, sides: int = 2) -> int:
    """Return the k for which the difference of f with step 10^-k is nearest to the slope."""
    slope = float(grad(f)(POINT))

    def off(k: int) -> float:
        h = 10.0**-k
        below = POINT - h if sides == 2 else POINT
        found = float(f(POINT + h) - f(below)) / (sides * h)
        return abs(found - slope)

    return min(DECADES, key=off)


def _smallest(answer: Any) -> str:
    """Judge a graph that fails the check: one op, at a number at which its slope is wrong."""
    if type(answer) is not Value:
        return "hand in the result of a computation on Values, such as sin(Value(1.0))"
    nodes = interior(answer)
    if not nodes:
        return "that is a leaf: nothing was computed"
    calls = [(v.op, v.inputs[0].data) for v in nodes if v.op is not None and v.op.arity == 1 and v.inputs]
    if any(_fault(op, x) is not None for op, x in calls):
        few = len(nodes) == 1
        return "" if few else f"it fails, and it has {len(nodes)} ops; leave out those that are right"
    if any(op.name == _broken() for op, _ in calls):
        return "at that number the wrong slope is the right one by chance: take another number"
    return "all of its slopes are right: the op that is broken has to be in it"


EXERCISES: dict[str, Judge] = {
    "08.1": _which,
    "08.2": _swish,
    "08.3": value(
        lambda: _best(_wave),
        {
            "that is the best for sin(x); a faster wave needs a shorter step": lambda: _best(sin),
            "that is the best for a difference to one side": lambda: _best(_wave, sides=1),
            "the shortest step is the worst: next to nothing is left of the two values' digits": (
                lambda: DECADES[-1]
            ),
            "k is asked for, a positive number: h = 10^-k": lambda: -_best(_wave),
        },
        otherwise="print the error for each k from 1 to 15, with math.sin(100*x) and 100*math.cos(100*x)",
    ),
    "08.4": _smallest,
}
