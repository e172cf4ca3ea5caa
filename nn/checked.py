"""What is given, checked at the door: numbers within their bounds, lists of parameters, things of a kind."""

import math
import numbers
from collections.abc import Iterable
from typing import Any

from engine import Value
from engine.carrier import as_number

MODULE = "a Module, such as MLP(2, [4, 1])"
DATASET = "a Dataset, such as nn.moons()"
GRAPH = "a Graph, such as nn.data.karate_graph()"
"""What is wanted, in the words of `of_kind`."""


def positive(name: str, given: float) -> float:
    """Return a number above 0 and below infinity as a float; else TypeError or ValueError.

    >>> positive("the rate", 1)
    1.0
    """
    number = real(name, given)
    if not 0 < number < math.inf:
        raise ValueError(f"{name} must be positive and finite, got {given!r}")
    return number


def from_zero(name: str, given: float, below: float = math.inf) -> float:
    """Return a number of at least 0 and below a bound as a float; else TypeError or ValueError.

    >>> from_zero("the share", 0, below=1)
    0.0
    """
    number = real(name, given)
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


def real(name: str, given: float) -> float:
    """Return a number as a float; TypeError for what is none, such as True, ValueError for one too large.

    >>> real("test", 1)
    1.0
    """
    if not isinstance(given, numbers.Real) or isinstance(given, bool):
        raise TypeError(f"{name} is a number, got {shown(given)}")
    try:
        return float(given)
    except OverflowError:
        raise ValueError(f"{name} is too large for a float") from None


def of_kind(name: str, given: Any, kind: type | tuple[type, ...], wanted: str) -> None:
    """Refuse what is not of a kind; TypeError with what is wanted in its place, and what came.

    >>> of_kind("word", 0, str, "a text")
    Traceback (most recent call last):
    ...
    TypeError: word is a text, got 0
    """
    if not isinstance(given, kind):
        raise TypeError(f"{name} is {wanted}, got {shown(given)}")


def function(name: str, given: Any, wanted: str) -> None:
    """Refuse what cannot be called; TypeError with what is wanted in its place, and what came.

    >>> function("a loss", "mse", "a function of (answer, target)")
    Traceback (most recent call last):
    ...
    TypeError: a loss is a function of (answer, target), got 'mse'
    """
    if not callable(given):
        raise TypeError(f"{name} is {wanted}, got {shown(given)}")


def shown(given: Any) -> str:
    """Return how a thing of any size stands in an error: its first line, the first 80 letters of it.

    >>> len(shown([0.5] * 100))
    80
    """
    first, *more = repr(given).splitlines() or [""]
    first = " ".join(first.split())
    return f"{first[:76]} ..." if more or len(first) > 80 else first


def values(name: str, given: Iterable[Any]) -> list[Value]:
    """Return parameters as a list; TypeError, naming who takes them, for anything but Values.

    >>> values("SGD", (Value(1.0),))
    [Value(data=1.0, grad=0.0)]
    """
    if not isinstance(given, Iterable):
        raise TypeError(f"{name} takes a list of Values, such as model.parameters(), got {shown(given)}")
    parameters = list(given)
    for i, p in enumerate(parameters):
        if not isinstance(p, Value):
            raise TypeError(f"{name} takes Values, got {shown(p)} at position {i}")
    return parameters
