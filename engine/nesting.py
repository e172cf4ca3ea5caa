"""Derivatives within derivatives: variables that outer ones see through, and where Values are given back."""

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine import ops
from engine.carrier import Carrier, as_number
from engine.chain import order
from engine.collector import paused_gc
from engine.dual import Dual
from engine.value import Value


class _Nesting(threading.local):
    depth = 0


_nesting = _Nesting()
_running: set[Value] = set()
"""The variables of the functions that are being differentiated, in all threads."""


@contextmanager
def inside(variables: Sequence[Value] = ()) -> Iterator[None]:
    """Call a function of variables that is being differentiated in here."""
    _nesting.depth += 1
    _running.update(variables)
    try:
        with paused_gc():
            yield
    finally:
        _running.difference_update(variables)
        _nesting.depth -= 1


def is_inside() -> bool:
    """Return whether this thread is within a function that is being differentiated.

    >>> is_inside()
    False
    """
    return _nesting.depth > 0


def reaches_out(outputs: Iterable[Any]) -> bool:
    """Return whether outputs depend on a variable of a function that is being differentiated elsewhere.

    That is in the thread that started this one: within one thread `is_inside` knows.
    """
    return bool(_running) and not all(_running.isdisjoint(order(v)) for v in values_in(outputs))


def lifted(x: Any, name: str) -> Any:
    """Return a fresh variable that stands for x; what encloses this derivative sees through it.

    >>> v = Value(3.0)
    >>> lifted(v, "f").inputs == (v,)
    True
    """
    x = as_number(x, name)
    if type(x) is Value:
        return ops.identity(x)
    if type(x) is Dual:
        return Dual(lifted(x.data, name), x.rate, x.level)
    return Value(x)


def variable(x: Any) -> Value:
    """Return the Value within what `lifted` gave."""
    while type(x) is Dual:
        x = x.data
    return x  # type: ignore[no-any-return]


def stand_in(x: Any, originals: dict[Value, Value]) -> Any:
    """Return x with a fresh leaf for every Value in it, which `originals` then maps to that Value.

    >>> originals = {}
    >>> leaf = stand_in(Value(3.0) * 2, originals)
    >>> leaf.op is None, originals[leaf].data
    (True, 6.0)
    """
    if type(x) is Dual:
        return Dual(stand_in(x.data, originals), stand_in(x.rate, originals), x.level)
    if type(x) is not Value:
        return x
    leaf = Value(x.data)
    originals[leaf] = x
    return leaf


def values_in(numbers: Iterable[Any]) -> list[Value]:
    """Return the Values among numbers, in both parts of Duals, too.

    >>> [v.data for v in values_in([1.0, Value(2.0), Dual(3.0, Value(4.0))])]
    [2.0, 4.0]
    """
    values: list[Value] = []
    for x in numbers:
        if type(x) is Value:
            values.append(x)
        elif type(x) is Dual:
            values += values_in((x.data, x.rate))
    return values


def carried(x: Any) -> Any:
    """Return a number as a Value, a carrier as it is."""
    return x if isinstance(x, Carrier) else Value(x)


def plain(x: Any) -> Any:
    """Return a Value as its number, anything else as it is."""
    return x.data if type(x) is Value else x
