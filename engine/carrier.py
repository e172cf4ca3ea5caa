"""Carriers and operands: what flows through an op, and what is taken for a number or a list."""

import math
import numbers
from collections.abc import Iterable
from typing import Any, ClassVar

from engine.ieee import Ieee


class Carrier:
    """What flows through an op beside floats: a Value, a Dual, a Symbol.

    The arithmetic operators of all carriers are made from the table's rows, by `engine.ops`.
    """

    __slots__ = ()
    __array_ufunc__: ClassVar[Any] = None
    """numpy's scalars and arrays leave the arithmetic to us."""
    rank: ClassVar[int]
    """Where carriers meet in one op, the one of the highest rank takes the op."""

    @classmethod
    def apply(cls, op: Any, operands: tuple[Any, ...]) -> Any:
        """Return op(*operands); an operand is a float, a carrier, or for list ops Floats or a tuple."""
        raise NotImplementedError(f"{cls.__name__} is a carrier and must say how it goes through an op")


class Floats(tuple[float, ...]):
    """A list operand that holds floats alone; made once, it need not be looked through again."""

    __slots__ = ()


def as_floats(xs: Any) -> Any:
    """Return a list or tuple of floats as Floats, anything else as it is.

    >>> type(as_floats([1.0, 2.0])).__name__, as_floats([1.0, "2"])
    ('Floats', [1.0, '2'])
    """
    if (type(xs) is tuple or type(xs) is list) and set(map(type, xs)) == {float}:
        return Floats(xs)
    return xs


def leading(operands: Iterable[Any]) -> type[Carrier] | None:
    """Return the class of the highest rank among the operands, lists looked into; None for numbers."""
    kinds: set[type] = set()
    for operand in operands:
        if type(operand) is tuple:
            kinds.update(map(type, operand))
        else:
            kinds.add(type(operand))
    carriers = [kind for kind in kinds if issubclass(kind, Carrier)]
    return max(carriers, key=lambda kind: kind.rank, default=None)


def as_number(x: Any, name: str) -> Any:
    """Return x as a float, or as it is when it is a carrier or an Ieee; TypeError for anything else.

    Takes int, bool, numpy's and torch's scalars and arrays of one element.
    """
    if isinstance(x, (float, Carrier)):
        return x if type(x) in (float, Ieee) or isinstance(x, Carrier) else float(x)
    if isinstance(x, numbers.Real):
        return _fitting(x, name)
    if hasattr(x, "item") and hasattr(x, "dtype"):
        if math.prod(x.shape) != 1:
            raise TypeError(
                f"{name} takes one number, got an array of shape {tuple(x.shape)}; give its elements one by "
                "one, or array.tolist() where a list can stand"
            )
        element = x.item()
        if isinstance(element, numbers.Real):
            return _fitting(element, name)
    if hasattr(x, "__float__") and not isinstance(x, (str, bytes)) and not hasattr(x, "dtype"):
        return _fitting(x, name)
    raise TypeError(f"{name} takes a number, got {x!r} of type {type(x).__name__}")


def _fitting(x: Any, name: str) -> float:
    try:
        return float(x)
    except OverflowError as error:
        raise TypeError(
            f"{name} takes a number that fits a float, got one of {type(x).__name__} that does not"
        ) from error


def as_numbers(xs: Any, name: str) -> tuple[Any, ...]:
    """Return a list of numbers as Floats, or as a tuple where there are carriers in it.

    Errors: TypeError for what is no list, such as a text, a dict or a set, and for what is no number in it.

    >>> as_numbers([1, 2.5], "sum")
    (1.0, 2.5)
    """
    if type(xs) is Floats:
        return xs
    if isinstance(xs, (str, bytes, dict, set, frozenset, Carrier)) or not isinstance(xs, Iterable):
        raise TypeError(f"{name} takes a list of numbers, got {xs!r}")
    items = tuple(xs)
    if not all(kind is float or issubclass(kind, Carrier) for kind in set(map(type, items))):
        items = tuple([as_number(x, name) for x in items])
    return Floats(items) if set(map(type, items)) <= {float} else items


def careful(operand: Any) -> Any:
    """Return a float operand, or Floats, as Ieee floats."""
    return tuple(map(Ieee, operand)) if isinstance(operand, tuple) else Ieee(operand)
