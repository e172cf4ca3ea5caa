"""Index: a whole number that a recorded program takes as an input, and that `select` reads tables at."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, final

from engine.carrier import Carrier


@final
class Index(Carrier):
    """A whole number that is known only when the program runs; `select(table, index)` is all it is for.

    `place` is its number among the indices of the program, `number` what it is in the sample that is
    recorded, `read` records an entry of a table at it.

    Errors: TypeError, which says what to write instead, for anything else that is done with it.

    >>> index = Index(0, 1, lambda table, index: table)
    >>> ["a", "b"][index]
    Traceback (most recent call last):
        ...
    TypeError: a recorded index cannot be used as a whole number, it would be frozen: \
write select(table, index) in place of table[index]; a number of another meaning is given as a float
    """

    __slots__ = ("number", "place", "read")
    rank = 4

    def __init__(self, place: int, number: int, read: Callable[[Sequence[Any], "Index"], Any]) -> None:
        self.place = place
        self.number = number
        self.read = read

    def __repr__(self) -> str:
        return f"<index {self.place}>"

    @classmethod
    def apply(cls, op: Any, operands: tuple[Any, ...]) -> NoReturn:
        """Refuse an op on an index."""
        _refuse()


def _refuse(*operands: Any) -> NoReturn:
    raise TypeError(
        "a recorded index cannot be used as a whole number, it would be frozen: write select(table, "
        "index) in place of table[index]; a number of another meaning is given as a float"
    )


REFUSED = """index int float bool hash eq ne lt le gt ge neg pos abs invert round trunc floor ceil format
add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow
and rand or ror xor rxor lshift rlshift rshift rrshift"""
for _name in REFUSED.split():
    setattr(Index, f"__{_name}__", _refuse)
