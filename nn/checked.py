"""What is given, checked at the door: numbers within their bounds, lists of parameters."""

import math
import numbers
from collections.abc import Iterable
from typing import Any

from engine import Value
from engine.carrier import as_number


def positive(name: str, given: float) -> float:
    """Return a number above 0 and below infinity as a float; else TypeError or ValueError.

    >>> positive("the rate", 1)
    1.0
    """
    number = _number(name, given)
    if not 0 < number < math.inf:
        raise ValueError(f"{name} must be positive and finite, got {given!r}")
    return number


def from_zero(name: str, given: float, below: float = math.inf) -> float:
    """Return a number of at least 0 and below a bound as a float; else TypeError or ValueError.

    >>> from_zero("the share", 0, below=1)
    0.0
    """
    number = _number(name, given)
    if not 0 <= number < below:
        bound = "0 or more and finite" if below == math.inf else f"at least 0 and below {below:g}"
        raise ValueError(f"{name} must be {bound}, got {given!r}")
    return number


def finite(name: str, given: Any) -> float:
    """Return what stands for a number as a float; ValueError for nan or infinity, TypeError for no number.

    It takes what a Value takes, such as numpy's scalars, too.

    >>> finite("b", 2)
    2.0
    """
    number = float(as_number(given, name))
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {number}")
    return number


def _number(name: str, given: float) -> float:
    if not isinstance(given, numbers.Real) or isinstance(given, bool):
        raise TypeError(f"{name} is a number, got {given!r}")
    return float(given)


def values(name: str, given: Iterable[Any]) -> list[Value]:
    """Return parameters as a list; TypeError, naming who takes them, for anything but Values.

    >>> values("SGD", (Value(1.0),))
    [Value(data=1.0, grad=0.0)]
    """
    if not isinstance(given, Iterable):
        raise TypeError(f"{name} takes a list of Values, such as model.parameters(), got {given!r}")
    parameters = list(given)
    for i, p in enumerate(parameters):
        if not isinstance(p, Value):
            raise TypeError(f"{name} takes Values, got {p!r} at position {i}")
    return parameters
