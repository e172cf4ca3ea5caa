"""The exercises of notebook 09: derivatives of every order."""

import math
from typing import Any

from engine import Dual, grad, hessian, power, tanh
from nn.course.exercise import Judge, value

FIVE, START = 5.0, 2.0
"""The number whose root is looked for, and where Newton's method starts."""
AT = [1.0, 2.0]
"""The point of exercise 09.3."""


def _tanh(order: int) -> float:
    """Return the derivative of tanh of that order at 0."""
    f: Any = tanh
    for _ in range(order):
        f = grad(f)
    return float(f(0.0))


def _steps() -> float:
    """Return after how many of Newton's steps the root is there to the last bit."""
    x, count = START, 0.0
    while x != math.sqrt(FIVE):
        x -= (x * x - FIVE) / grad(lambda x: x * x - FIVE)(x)
        count += 1
    return count


def _power(n: int) -> Dual:
    """Return (2 + ε)ⁿ."""
    found = power(Dual(START, 1.0), n)
    assert isinstance(found, Dual)
    return found


def _xyy(v: Any) -> Any:
    return v[0] * v[1] ** 2


def _without_mixed() -> list[list[float]]:
    (across, _), (_, down) = hessian(_xyy)(AT)
    return [[across, 0.0], [0.0, down]]


EXERCISES: dict[str, Judge] = {
    "09.1": value(
        lambda: _tanh(3),
        {
            "that is the slope; twice more": lambda: _tanh(1),
            "that is the second derivative; once more": lambda: _tanh(2),
            "look at the sign: next to 0 the slope is smaller than at 0": lambda: -_tanh(3),
        },
        otherwise="grad(tanh) is a function, so it can be given to grad again",
    ),
    "09.2": value(
        _steps,
        {
            "that counts the start; the first step leads to 2.25": lambda: _steps() + 1,
            "after that many all printed digits may agree, and the last bit does not": lambda: _steps() - 1,
        },
        otherwise="start at 2.0, print x and x == math.sqrt(5) after each step",
    ),
    "09.3": value(
        lambda: hessian(_xyy)(AT),
        {
            "that is the Hessian of x²y; here y is squared": lambda: hessian(lambda v: v[0] ** 2 * v[1])(AT),
            "the slope by x changes when y moves: the mixed ones are not 0": _without_mixed,
        },
        otherwise="four numbers, [[by x and x, by x and y], [by y and x, by y and y]]",
    ),
    "09.4": value(
        lambda: _power(3).rate,
        {
            "that is the part without ε, the value": lambda: _power(3).data,
            "that is for x²; multiply by 2 + ε once more": lambda: _power(2).rate,
            "6x is the second derivative; ε stands beside the first": lambda: (
                grad(grad(lambda x: x**3))(START) / 2
            ),
        },
        otherwise="multiply (2 + ε) three times, and leave out ε² each time",
    ),
}
