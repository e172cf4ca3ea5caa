"""The exercises of notebook 02: the chain rule, step by step."""

from typing import Any

from engine import Value, grad, paths
from nn.course.exercise import ROUNDING, Judge, leaf, value

AT = 3.0
"""The a of exercise 02.1."""
MADE_OF = {"u": "a", "v": "ua", "b": "uv"}
"""What each number of the example is made of, a letter each."""


def _example(a: Any) -> Any:
    u = a * a
    return u * (u + a)


def _with_u_passing(*totals: float) -> float:
    """Return the gradient of a where u passes these totals on, one after the other."""
    u = AT * AT
    return u + sum(total * 2 * AT for total in totals)


def _early() -> float:
    return AT * AT + AT


def _complete() -> float:
    return _early() + AT * AT


def _order(answer: Any) -> str:
    """Judge a row of names: a number comes after everything that was made of it."""
    names = [str(name).strip().lower() for name in answer] if isinstance(answer, (list, tuple)) else []
    if sorted(names) != ["a", "b", "u", "v"]:
        return 'hand in the four names, each once, in quotes and in brackets, such as ["a", "u", "v", "b"]'
    for name, parts in MADE_OF.items():
        early = [part for part in parts if names.index(part) < names.index(name)]
        if early:
            return f"{early[0]} would pass on its gradient before {name}, made of it, has sent its share"
    return ""


def _doublings(count: int) -> float:
    """Return how many routes lead back through so many additions of a number to itself."""
    a = d = Value(1.0)
    for _ in range(count):
        d = d + d
    return float(paths(d, a).count)


def _cancelling(answer: Any) -> str:
    """Judge a graph of one leaf, 1, of at least three routes that carry something, whose gradient is 0."""
    a = leaf(answer, 1.0, "a*a - a")
    found = paths(answer, a, top=3)
    if found.count < 3:
        return (
            f"at least three routes are asked for, here are {found.count}: use the Value more often; "
            "a*a has two arrows to it, a**2 has one"
        )
    if found.routes[2].product == 0:
        return "at least three of the routes are to carry something: a factor 0 stops whatever comes that way"
    if abs(found.total) <= ROUNDING * (found.positive - found.negative):
        return ""
    return f"the routes are to cancel, but they add up to {found.total:g}"


EXERCISES: dict[str, Judge] = {
    "02.1": value(
        lambda: grad(_example)(AT),
        {
            "u has passed on too early: it gets a share from b and one from v": lambda: _with_u_passing(
                _early()
            ),
            "u has passed on its running total twice: it passes on once, when it is complete": (
                lambda: _with_u_passing(_early(), _complete())
            ),
            "that is b itself, not its gradient": lambda: _example(AT),
            "that is at a = 2, as above; here a is 3": lambda: grad(_example)(2.0),
            "the arrow from a to v is missing": lambda: _with_u_passing(_complete()) - AT * AT,
            "a is both factors of u, so u passes something to it twice": (lambda: AT * AT + _complete() * AT),
            "that is u's gradient; it is still to be passed on": _complete,
            "that is one arrow out of three that lead to a": lambda: _complete() * AT,
        },
        otherwise="u and v first, then the gradients from the back: of v, of u from two sides, of a",
    ),
    "02.2": _order,
    "02.3": value(
        lambda: _doublings(10),
        {
            "those are the arrows, or steps of the sweep; routes double with each addition": lambda: 20.0,
            "one arrow for each addition? each has two": lambda: 10.0,
            "with each addition the number of routes doubles; it is no square": lambda: 100.0,
            "that was for thirty additions": lambda: _doublings(30),
        },
        otherwise="count the routes for one addition, for two and for three; how does it go on?",
    ),
    "02.4": _cancelling,
}
