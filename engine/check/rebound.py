"""A user's function with other functions in the place of those of `math`, wherever it finds them."""

import builtins
import functools
import math
import types
from collections.abc import Callable, Iterable
from typing import Any

from engine.carrier import Carrier
from engine.op import Op

LARGEST_TABLE = 1000
"""Longer lists and dictionaries are data, not tables of functions, and are not looked through."""
MOST = 2000
"""So many functions are rebound; those of a large library are left as they are."""


def rebound(
    function: Callable[..., Any],
    functions: dict[Any, Any],
    constants: dict[str, Any] | None = None,
    op: Callable[[Op, Callable[..., Any]], Any] | None = None,
) -> Callable[..., Any]:
    """Return a Python function that finds other functions where it looks up those of `math`.

    The code is the user's own, as is that of the Python functions it calls; only the names `math`, `exp` and
    so on mean something else there: in globals, closures, defaults, partials, attributes of objects, tables
    and other modules. `op` makes what stands for a user's op, from it and its rebound value. The original
    function, its module and `math` stay as they are.

    >>> rebound(lambda x: math.exp(x), {math.exp: str})(2)
    '2'
    """
    names = {name: functions.get(f, f) if callable(f) else f for name, f in vars(math).items()}
    module = types.SimpleNamespace(**names | (constants or {}))
    return _Twins({math: module, **functions}, op).of(function)  # type: ignore[no-any-return]


class _Twins:
    """What stands for each thing that a function reaches; itself where nothing in it changes."""

    def __init__(self, mapped: dict[Any, Any], op: Callable[..., Any] | None) -> None:
        self.mapped = mapped
        self.op = op
        self.made: dict[int, tuple[Any, Any]] = {}

    def of(self, thing: Any, names: Iterable[str] = ()) -> Any:
        """Return the twin of a thing; of a module with those of its attributes that are in `names`."""
        if isinstance(thing, (types.ModuleType, types.BuiltinFunctionType)) and thing in self.mapped:
            return self.mapped[thing]
        if id(thing) in self.made:
            return self.made[id(thing)][1]
        if isinstance(thing, types.ModuleType):
            return self._module(thing, names)
        if isinstance(thing, types.FunctionType):
            return self._function(thing) if len(self.made) < MOST else thing
        if isinstance(thing, types.MethodType):
            return types.MethodType(self.of(thing.__func__), self.of(thing.__self__))
        if isinstance(thing, functools.partial):
            keywords = self._named(thing.keywords)
            return functools.partial(self.of(thing.func), *map(self.of, thing.args), **keywords)
        if isinstance(thing, functools._lru_cache_wrapper):
            return self.of(thing.__wrapped__)
        if isinstance(thing, Op):
            return thing if self.op is None else self.op(thing, self.of(thing.value))
        if type(thing) in (tuple, list, dict) and len(thing) <= LARGEST_TABLE:
            return self._table(thing)
        if isinstance(thing, (Carrier, type)) or not hasattr(thing, "__dict__"):
            return thing
        return self._instance(thing)

    def _named(self, things: dict[Any, Any]) -> dict[Any, Any]:
        return {name: self.of(thing) for name, thing in things.items()}

    def _module(self, module: types.ModuleType, names: Iterable[str]) -> Any:
        old = {name: vars(module)[name] for name in names if name in vars(module)}
        new = {name: self.of(thing, names) for name, thing in old.items()}
        same = all(new[name] is thing for name, thing in old.items())
        return module if same else types.SimpleNamespace(**vars(module) | new)

    def _table(self, table: Any) -> Any:
        self.made[id(table)] = table, table  # of a table that holds itself
        old = list(table.values()) if isinstance(table, dict) else list(table)
        new = [self.of(thing) for thing in old]
        if any(a is not b for a, b in zip(old, new, strict=True)):
            twin = dict(zip(table, new, strict=True)) if isinstance(table, dict) else type(table)(new)
            self.made[id(table)] = table, twin
        return self.made[id(table)][1]

    def _function(self, function: types.FunctionType) -> Any:
        names: dict[str, Any] = {"__builtins__": builtins}
        cells = tuple([types.CellType() for _ in function.__closure__ or ()])
        twin = types.FunctionType(function.__code__, names, function.__name__, None, cells)
        self.made[id(function)] = function, twin
        twin.__defaults__ = self.of(function.__defaults__)
        twin.__kwdefaults__ = self.of(function.__kwdefaults__)
        for cell, source in zip(cells, function.__closure__ or (), strict=True):
            try:
                cell.cell_contents = self.of(source.cell_contents)
            except ValueError:
                continue  # nothing in it yet
        looked_up = _names(function.__code__)
        for name in looked_up:
            if name in function.__globals__:
                names[name] = self.of(function.__globals__[name], looked_up)
            elif isinstance(vars(builtins).get(name), types.BuiltinFunctionType):
                names[name] = self.of(vars(builtins)[name])
        return twin

    def _instance(self, thing: Any) -> Any:
        """Return an object with the twins of its attributes, of a class with the twins of its methods."""
        kind = type(thing)
        try:
            twin = object.__new__(kind)
        except TypeError:
            return thing  # made by C
        self.made[id(thing)] = thing, twin
        methods = {name: f for k in reversed(kind.__mro__) for name, f in vars(k).items()}
        changed = {name: self.of(f) for name, f in methods.items() if isinstance(f, types.FunctionType)}
        vars(twin).update(self._named(vars(thing)))
        try:
            twin.__class__ = types.new_class(
                kind.__name__, (kind,), exec_body=lambda names: names.update(changed)
            )
        except TypeError:
            self.made[id(thing)] = thing, thing  # a class that cannot be subclassed
        return self.made[id(thing)][1]


def _names(code: types.CodeType) -> set[str]:
    """Return the names that a function and the functions inside it look up."""
    found = set(code.co_names)
    pending = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    while pending:
        inner = pending.pop()
        found.update(inner.co_names)
        pending += [c for c in inner.co_consts if isinstance(c, types.CodeType)]
    return found
