"""A stamp of a model or a function: what its attributes hold, to notice that it was changed."""

from functools import partial
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from engine import Value
from nn.module import Module

PLAIN = (int, float, str, bool, bytes, type(None))
WHOLE = (Value, type, ModuleType, BuiltinFunctionType)
"""What is looked at no further."""


def stamp(root: Any, *, exact: bool = True) -> tuple[Any, ...]:
    """Return the plain things among a model's attributes, and which other objects are there, in order.

    Through lists, tuples, dicts, arrays, functions and the attributes of objects; of Modules the classes'
    plain attributes count, too. The numbers in Values are not looked at. It is equal as long as no attribute
    was set anew, and tells nothing of what a function reads from elsewhere. Unless `exact` objects count as
    what they are of, not as themselves: two that are made alike have the same stamp.

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
        found.append(id(thing) if exact else type(thing).__qualname__)
        if isinstance(thing, WHOLE) or id(thing) in seen:
            continue
        seen.add(id(thing))
        stack += _parts(thing)
        if isinstance(thing, Module) and type(thing) not in kinds:
            kinds.add(type(thing))
            found += [x for kind in type(thing).__mro__ for x in vars(kind).values() if type(x) in PLAIN]
    return tuple(found)


def _parts(thing: Any) -> list[Any]:
    """Return what an object is made of, as far as that can be told."""
    if isinstance(thing, dict):
        return list(thing.values())
    if isinstance(thing, (list, tuple)):
        return list(thing)
    if isinstance(thing, partial):
        return [thing.func, thing.args, thing.keywords]
    if isinstance(thing, MethodType):
        return [thing.__func__, thing.__self__]
    if isinstance(thing, FunctionType):
        return [thing.__code__, thing.__defaults__, thing.__kwdefaults__, thing.__closure__]
    if isinstance(thing, CodeType):
        return [thing.co_code, thing.co_names, thing.co_consts]
    if isinstance(thing, CellType):
        return _content(thing)
    if hasattr(thing, "tobytes") and hasattr(thing, "dtype"):
        return [thing.tobytes()]
    return list(getattr(thing, "__dict__", {}).values())


def _content(cell: CellType) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:  # it is empty yet
        return []
