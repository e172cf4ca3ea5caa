"""A number that leaves its place free in a text, so that a page can fill in what its sliders make of it."""

from typing import final

from engine.see.mathml import END, START


@final
class Slot(float):
    """A number that stands in a text as the name of its place.

    >>> from engine.see.digits import short
    >>> freed(f"x = {short(Slot('x'))}") == f"x = {START}x{END}"
    True
    """

    place: str

    def __new__(cls, place: str) -> "Slot":
        """Return the slot of a place."""
        slot = super().__new__(cls, 1.0)
        slot.place = place
        return slot

    def __format__(self, _: str) -> str:
        return f"{START}{self.place}{END}.0"


def freed(text: str) -> str:
    """Return a text in which slots were written as numbers with their places alone.

    >>> freed("x = 2.0")
    'x = 2.0'
    """
    return text.replace(f"{END}.0", END)
