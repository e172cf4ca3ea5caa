"""The exercises of notebook 02: the chain rule, step by step."""

from typing import Any

from engine import Value, chain_rule, grad, paths
from nn.course.exercise import Judge, value

AT = 3.0
"""The x of exercise 02.1."""
MADE_OF = {"u": "x", "v": "ux", "y": "uv"}
"""What each number of the example is made of, a letter each."""


def _example(x: Any) -> Any:
    u = x * x
    return u * (u + x)


def _with_u_passing(*totals: float) -> float:
    """Return the gradient of x where u passes these totals on, one after the other."""
    u = AT * AT
    return u + sum(total * 2 * AT for total in totals)


def _early() -> float:
    return AT * AT + AT


def _complete() -> float:
    return _early() + AT * AT


def _order(answer: Any) -> str:
    """Judge a row of names: a number comes after everything that was made of it."""
    if not isinstance(answer, (list, tuple)) or sorted(map(str, answer)) != ["u", "v", "x", "y"]:
        return 'hand in a row of the four names, each once, such as ["x", "u", "v", "y"]'
    for name, parts in MADE_OF.items():
        early = [part for part in parts if answer.index(part) < answer.index(name)]
        if early:
            return f"{early[0]} would pass on its gradient before {name}, made of it, has sent its share"
    return ""


def _ten_doublings() -> float:
    x = z = Value(1.0)
    for _ in range(10):
        z = z + z
    return float(paths(z, x).count)


def _cancelling(answer: Any) -> str:
    """Judge a graph of one leaf, 1, of at least three routes, whose gradient is 0."""
    if type(answer) is not Value:
        return "hand in the result of a computation with one Value, such as x*x - x"
    leaves = {part for step in chain_rule(answer) for part in (step.node, step.input) if part.op is None}
    if len(leaves) != 1:
        return f"one Value is to be used, however often; here are {len(leaves)}"
    (x,) = leaves
    if x.data != 1.0:
        return f"the leaf is 1, here it is {x.data:g}"
    found = paths(answer, x)
    if found.count < 3:
        return f"at least three routes are asked for, here are {found.count}: use x more often"
    return "" if found.total == 0.0 else f"the routes are to cancel, but they add up to {found.total:g}"


EXERCISES: dict[str, Judge] = {
    "02.1": value(
        lambda: grad(_example)(AT),
        {
            "u has passed on too early: it gets a share from y and one from v": lambda: _with_u_passing(
                _early()
            ),
            "u has passed on its running total twice: it passes on once, when it is complete": (
                lambda: _with_u_passing(_early(), _complete())
            ),
            "that is y itself, not its gradient": lambda: _example(AT),
        },
    ),
    "02.2": _order,
    "02.3": value(
        _ten_doublings,
        {
            "those are the arrows, or steps of the sweep; routes double with each addition": lambda: 20.0,
            "one arrow for each addition? each has two": lambda: 10.0,
        },
    ),
    "02.4": _cancelling,
}
