"""Index: a whole number that a recorded program takes as an input, and that `select` reads tables at."""

import operator
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, final

from engine.carrier import Carrier


@final
class Index(Carrier):
    """A whole number that is known only when the program runs; `select(table, index)` is all it is for.

    `place` is its number among the indices of the program, `read` records an entry of a table at it, `refuse`
    raises an error that says what to write instead. What it is in the sample that is recorded it does not
    tell.

    Errors: those of `refuse` for anything else that is done with it.

    >>> def refuse():
    ...     raise TypeError("write select(table, index) in place of table[index]")
    >>> index = Index(0, lambda table, index: table[2], refuse)
    >>> ["a", "b"][index]
    Traceback (most recent call last):
        ...
    TypeError: write select(table, index) in place of table[index]
    """

    __slots__ = ("place", "read", "refuse")
    rank = 4

    def __init__(
        self, place: int, read: Callable[[Sequence[Any], "Index"], Any], refuse: Callable[[], NoReturn]
    ) -> None:
        self.place = place
        self.read = read
        self.refuse = refuse

    @classmethod
    def apply(cls, op: Any, operands: tuple[Any, ...]) -> NoReturn:
        """Refuse an op on an index."""
        flat = [x for operand in operands for x in (operand if type(operand) is tuple else (operand,))]
        next(x for x in flat if type(x) is Index).refuse()


def _refused(index: Index, *others: Any) -> NoReturn:
    index.refuse()


def select(table: Sequence[Any], index: int | Index) -> Any:
    """Return table[index]; a program that is recorded can take the index as an input.

    `table` is a list or an array, of numbers, Values, or lists of them.

    Errors: TypeError where `table` is no list or index no whole number, IndexError where it is outside of
    0 ... len(table) - 1.

    >>> select([1.0, 4.0, 9.0], 2)
    9.0
    """
    if isinstance(table, (str, dict)) or not hasattr(table, "__getitem__"):
        raise TypeError(f"select takes a list as its table, got {table!r}")
    if isinstance(index, Index):
        return index.read(table, index)
    try:
        i = operator.index(index)
    except TypeError:
        raise TypeError(f"select takes a whole number as its index, got {index!r}") from None
    if not 0 <= i < len(table):
        within = f"is outside 0 ... {len(table) - 1}" if len(table) else "in an empty table"
        raise IndexError(f"select: index {i} {within}")
    return table[i]


REFUSED = """index int float bool hash eq ne lt le gt ge neg pos abs invert round trunc floor ceil
repr str format add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow
and rand or ror xor rxor lshift rlshift rshift rrshift"""
for _name in REFUSED.split():
    setattr(Index, f"__{_name}__", _refused)
