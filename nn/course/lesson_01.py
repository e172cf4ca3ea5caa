"""The exercises of notebook 01: a value that remembers."""

from typing import Any

from engine import Value, chain_rule, grad
from nn.course.exercise import Judge, leaf, value

AT = 2.0
"""The number at which the slopes of exercises 01.1 and 01.4 are asked for."""
BOUGHT = {"quantity": 1.0, "price": 20.0, "factor": 1.24}
"""The inputs of exercise 01.2."""


def _cubic(x: Any) -> Any:
    return x**3 - 4 * x


def _slope(f: Any) -> float:
    return float(grad(f)(AT))


def _sweeps(first: int, then: int, at: float = AT) -> float:
    """Return the gradient of a in a*a + 2*a after so many sweeps, a reset, and so many more."""
    a = Value(at)
    b = a * a + 2 * a
    for count in (first, then):
        a.grad = 0.0
        for _ in range(count):
            b.backward()
    return a.grad


def _one_leaf(answer: Any) -> str:
    """Judge a graph of one leaf, 3, without constants, of value 12 and gradient 7."""
    a = leaf(answer, 3.0, "a*a*a")
    if any(type(operand) is float for step in chain_rule(answer) for operand in (step.node.x, step.node.y)):
        return "no plain numbers: the Value alone, combined with itself"
    if answer.data != 12.0:
        return f"the value is to be 12, here it is {answer.data:g}"
    a.grad = 0.0
    answer.backward()
    slope, a.grad = a.grad, 0.0
    return "" if slope == 7.0 else f"12 it is, but the gradient is to be 7, here it is {slope:g}"


def _steepest() -> str:
    slopes = grad(lambda row: row[0] * row[1] * row[2])(list(BOUGHT.values()))
    return max(zip(slopes, BOUGHT, strict=True))[1]


EXERCISES: dict[str, Judge] = {
    "01.1": value(
        lambda: _slope(_cubic),
        {
            "that is the slope of x³ alone: -4x has a share of its own": lambda: _slope(lambda x: x**3),
            "that is the value of x³ - 4x at 2, not its slope; or one x of x·x·x was counted, not three": (
                lambda: _cubic(AT)
            ),
            "-4x pulls down: its share has a minus": lambda: _slope(lambda x: x**3 + 4 * x),
            "the slope of 4x is the same at every x, so no x stands in it": (
                lambda: _slope(lambda x: x**3) - 4 * AT
            ),
            "in x·x·x the share of each x is the product of the two others, not one of them": (
                lambda: 3 * AT - 4
            ),
            "that is the share of -4x alone: x³ has one as well": lambda: _slope(lambda x: -4 * x),
        },
        otherwise="write x³ as x·x·x: what does each of the three x say, and what does -4x say?",
    ),
    "01.2": value(
        _steepest,
        {
            "that is the largest input, and it is not the one that matters most: look at the slopes": (
                lambda: "price"
            ),
            "that was so for five pieces at 2 €; the slopes are others here": lambda: "factor",
        },
        otherwise='answer "quantity", "price" or "factor"',
    ),
    "01.3": _one_leaf,
    "01.4": value(
        lambda: _sweeps(1, 2),
        {
            "that counts all three sweeps; what the first one left was set back": lambda: _sweeps(0, 3),
            "that is one sweep; after the reset there were two, and a leaf adds up": lambda: _sweeps(0, 1),
            "the sweeps add up, they do not multiply": lambda: _sweeps(0, 1) ** 2,
            "that is b, not the gradient of a": lambda: AT * AT + 2 * AT,
            "that is for a = 3; here a is 2": lambda: _sweeps(1, 2, at=3.0),
            "the gradient was set back after the first sweep, not at the end": lambda: _sweeps(3, 0),
        },
        otherwise="what does one sweep leave in a.grad, at a = 2? Then count the sweeps since the reset",
    ),
}
