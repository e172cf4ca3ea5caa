"""Choosing by name: what a name stands for, or an error with the nearest name."""

import difflib
from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")

LIKENESS = 0.65
"""A name is offered for another from this `difflib` ratio on: 'tanh' for 'tahn' (0.75), not 'moons' for
'mnist' (0.6)."""


def pick(kind: str, choice: str, table: Mapping[str, T]) -> T:
    """Return what a name stands for in a table of things of one kind.

    Errors: TypeError where the choice is no text; ValueError for an unknown name, with the nearest one and
    all that there are.

    >>> pick("number", "two", {"one": 1, "two": 2})
    2
    >>> pick("number", "tow", {"one": 1, "two": 2})
    Traceback (most recent call last):
    ...
    ValueError: no number is called 'tow'; did you mean 'two'? there are one, two
    """
    if not isinstance(choice, str):
        raise TypeError(f"{kind} is chosen by a name, got {choice!r}; there are {', '.join(table)}")
    if choice in table:
        return table[choice]
    near = difflib.get_close_matches(choice.lower(), table, n=1, cutoff=LIKENESS)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ValueError(f"no {kind} is called {choice!r}; {hint}there are {', '.join(table)}")
