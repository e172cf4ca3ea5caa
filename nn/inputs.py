"""What neurons take: whole numbers, sizes, rows of numbers or Values."""

import math
import operator
from collections.abc import Iterable
from typing import Any

from engine import Value
from engine.carrier import Floats, as_number
from engine.recording import Values
from nn.checked import shown


def whole(name: str, given: Any) -> int:
    """Return a whole number, such as numpy's, as an int; TypeError for anything else, True and False too.

    >>> whole("a token", 2)
    2
    """
    try:
        number = operator.index(given)
    except TypeError:
        number = None
    if number is None or isinstance(given, bool):
        raise TypeError(f"{name} is a whole number, got {shown(given)}")
    return number


def size(name: str, given: int) -> int:
    """Return a size as an int; TypeError for what is not a whole number, ValueError for one below 1.

    >>> size("nin", 2)
    2
    """
    number = whole(name, given)
    if number < 1:
        raise ValueError(f"{name} is at least 1, got {number}")
    return number


def layer_sizes(name: str, given: Iterable[int], example: str) -> list[int]:
    """Return the sizes of layers as ints; TypeError for what is no list, the errors of `size` with the place.

    >>> layer_sizes("hidden", (32, 16), "[32]")
    [32, 16]
    """
    if not isinstance(given, Iterable) or isinstance(given, (str, bytes, dict, set)):
        raise TypeError(f"{name} is a list of layer sizes, such as {example}, got {given!r}")
    return [size(f"{name}[{i}]", one) for i, one in enumerate(given)]


def row(x: Any) -> tuple[Any, ...]:
    """Return inputs as Floats, or as Values where one of them is a Value; a bare number as one.

    Errors: TypeError for what is no list of numbers, ValueError for nan, with its position. A nan that was
    recorded passes: its origin is for `engine.births` to tell.

    >>> row([1, 2])
    (1.0, 2.0)
    """
    if isinstance(x, (str, bytes)):
        raise TypeError(f"a neuron takes a list of numbers or Values, got {x!r}")
    if not isinstance(x, Iterable) or getattr(x, "ndim", 1) == 0:
        x = (x,)
    xs = tuple(x)
    kinds = {*map(type, xs)}
    if not kinds <= {float, Value}:
        xs = tuple([as_number(v, "a neuron") for v in xs])
        kinds = {*map(type, xs)}
    if not kinds <= {float, Value}:
        return xs  # Duals: the ops know what to do
    if kinds == {float, Value}:
        xs = tuple([v if type(v) is Value else Value(v) for v in xs])
    made = Floats(xs) if kinds == {float} else Values.of(xs)
    if any(map(math.isnan, made if isinstance(made, Floats) else made.numbers)):
        _refuse_nan(xs)
    return made


def _refuse_nan(xs: tuple[Any, ...]) -> None:
    for i, x in enumerate(xs):
        if _is_nan(x):
            raise ValueError(f"input {i} of {len(xs)} is nan")


def _is_nan(x: Any) -> bool:
    if type(x) is float:
        return math.isnan(x)
    return type(x) is Value and x.op is None and math.isnan(x.data)
