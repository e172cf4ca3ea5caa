"""Dual: a number with its rate of change, which is forward mode."""

import itertools
from collections.abc import Iterator
from typing import Any

from engine.carrier import Carrier, as_number, leading
from engine.op import Op

_levels: Iterator[int] = itertools.count(1)


def new_level() -> int:
    """Return a level above all that were given out: an inner derivative takes outer Duals as constants."""
    return next(_levels)


class Dual(Carrier):
    """A number `data` that changes at the rate `rate`; an op on Duals carries the rate along: forward mode.

    The rate of z = op(x, y) is ∂z/∂x times the rate of x plus ∂z/∂y times the rate of y (dual numbers:
    Clifford, 1873). Both parts may be floats, Values or Duals of a lower `level`, so derivatives nest to any
    order; the level keeps the rates of nested derivatives apart (Siskind and Pearlmutter, 2005). `==` and
    `hash` go by identity; `<`, `<=`, `>`, `>=`, `bool` and `float` by the number.

    Errors: TypeError for a part that is not one number.

    >>> x = Dual(3.0, 1.0)
    >>> x * x
    Dual(data=9.0, rate=6.0)
    """

    __slots__ = ("data", "level", "rate")
    rank = 2

    def __init__(self, data: Any, rate: Any = 0.0, level: int = 0) -> None:
        self.data = as_number(data, "Dual")
        self.rate = as_number(rate, "Dual")
        self.level = level

    @classmethod
    def apply(cls, op: Op, operands: tuple[Any, ...]) -> "Dual":
        """Return op(*operands) with the rate Σ partial · rate."""
        level = max(_level_of(operand) for operand in operands)
        data = tuple([_part(operand, level, "data") for operand in operands])
        z = op(*data)
        slope = op.float_slope if leading(data) is None else op.slope
        rate: Any = 0.0
        for index, operand in enumerate(operands):
            if op.partials[index] is None or _level_of(operand) != level:
                continue
            partial = slope(index, z, data)
            if type(operand) is tuple:
                listed = isinstance(partial, (list, tuple))
                for i, x in enumerate(operand):
                    if type(x) is Dual and x.level == level:
                        rate = rate + (partial[i] if listed else partial) * x.rate
            else:
                rate = rate + partial * operand.rate
        return cls(z, rate, level)

    def __repr__(self) -> str:
        return f"Dual(data={self.data}, rate={self.rate})"

    def __pos__(self) -> "Dual":
        return self

    def __float__(self) -> float:
        return float(self.data)

    def __bool__(self) -> bool:
        return bool(self.data)

    def __lt__(self, other: Any) -> bool:
        return float(self) < _comparable(other)

    def __le__(self, other: Any) -> bool:
        return float(self) <= _comparable(other)

    def __gt__(self, other: Any) -> bool:
        return float(self) > _comparable(other)

    def __ge__(self, other: Any) -> bool:
        return float(self) >= _comparable(other)


def _comparable(other: Any) -> float:
    return float(as_number(other, "comparison"))


def _level_of(operand: Any) -> int:
    if type(operand) is tuple:
        return max((_level_of(x) for x in operand), default=-1)
    return operand.level if type(operand) is Dual else -1


def _part(operand: Any, level: int, name: str) -> Any:
    if type(operand) is tuple:
        return tuple([_part(x, level, name) for x in operand])
    return getattr(operand, name) if type(operand) is Dual and operand.level == level else operand
