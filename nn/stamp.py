"""A stamp of a model: what its attributes hold, to notice that it was changed."""

from typing import Any

from engine import Value
from nn.module import Module

PLAIN = (int, float, str, bool, type(None))


def stamp(root: Any) -> tuple[Any, ...]:
    """Return the plain things among a model's attributes, and which other objects are there, in order.

    Through lists, tuples, dicts and Modules, whose classes' plain attributes count, too. The numbers in
    Values are not looked at. It is equal as long as no attribute was set anew, and tells nothing of what the
    model reads from elsewhere.

    >>> model = Module()
    >>> model.w, model.rate = Value(0.5), 0.25
    >>> before = stamp(model)
    >>> model.w.data, model.rate = 1.0, 0.5
    >>> before == stamp(model)
    False
    """
    found: list[Any] = []
    seen: set[int] = set()
    kinds: set[type] = set()
    stack: list[Any] = [root]
    while stack:
        thing = stack.pop()
        if type(thing) in PLAIN:
            found.append(thing)
            continue
        found.append(id(thing))
        if type(thing) is Value or id(thing) in seen:
            continue
        seen.add(id(thing))
        if isinstance(thing, Module):
            stack += vars(thing).values()
            if type(thing) not in kinds:
                kinds.add(type(thing))
                found += [x for kind in type(thing).__mro__ for x in vars(kind).values() if type(x) in PLAIN]
        elif isinstance(thing, (list, tuple)):
            stack += thing
        elif isinstance(thing, dict):
            stack += thing.values()
    return tuple(found)
