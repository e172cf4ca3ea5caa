"""The exercises of notebook 01: a value that remembers."""

from typing import Any

from engine import Value, chain_rule, grad
from nn.course.exercise import Judge, value


def _cubic(x: Any) -> Any:
    return x**3 - 4 * x


def _twice() -> float:
    x = Value(3.0)
    y = x * x + 2 * x
    y.backward()
    y.backward()
    return x.grad


def _one_leaf(answer: Any) -> str:
    """Judge a graph of one leaf, 3, without constants, of value 12 and gradient 7."""
    if type(answer) is not Value:
        return "hand in the result of a computation with one Value, such as x*x + x"
    steps = list(chain_rule(answer))
    leaves = {part for step in steps for part in (step.node, step.input) if part.op is None}
    if len(leaves) != 1:
        return f"one Value is to be used, however often; here are {len(leaves)}"
    (x,) = leaves
    if any(type(operand) is float for step in steps for operand in (step.node.x, step.node.y)):
        return "no plain numbers: x alone, combined with itself"
    if x.data != 3.0:
        return f"the leaf is 3, here it is {x.data:g}"
    if answer.data != 12.0:
        return f"the value is to be 12, here it is {answer.data:g}"
    x.grad = 0.0
    answer.backward()
    slope, x.grad = x.grad, 0.0
    return "" if slope == 7.0 else f"12 it is, but the gradient is to be 7, here it is {slope:g}"


def _steepest() -> str:
    slopes = grad(lambda row: row[0] * row[1] * row[2])([5.0, 2.0, 1.24])
    return max(zip(slopes, ("quantity", "price", "factor"), strict=True))[1]


EXERCISES: dict[str, Judge] = {
    "01.1": value(
        lambda: grad(_cubic)(2.0),
        {
            "that is the slope of x³ alone: -4x has a share of its own": lambda: grad(lambda x: x**3)(2.0),
            "that is the value of x³ - 4x at 2, not its slope": lambda: _cubic(2.0),
        },
    ),
    "01.2": value(
        _steepest,
        {
            "the largest input is not the one that matters most: look at the slopes": lambda: "quantity",
            "look at the slopes once more: one is larger still": lambda: "price",
        },
        otherwise='answer "quantity", "price" or "factor"',
    ),
    "01.3": _one_leaf,
    "01.4": value(
        _twice,
        {"that is one sweep; a leaf adds up until it is set back, and there were two": lambda: _twice() / 2},
    ),
}
