"""Index: a whole number that a recorded program takes as an input, and that `select` reads tables at."""

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


REFUSED = """index int float bool hash eq ne lt le gt ge neg pos abs invert round trunc floor ceil
repr str format add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow
and rand or ror xor rxor lshift rlshift rshift rrshift"""
for _name in REFUSED.split():
    setattr(Index, f"__{_name}__", _refused)
