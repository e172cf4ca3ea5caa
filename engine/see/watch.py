"""Watching: while it is on, every Value that is made keeps where it was made."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from sys import _getframe as getframe
from typing import Any

from engine.recording import install
from engine.see.origin import Scope, note, origin
from engine.value import Value

partners: list[Callable[[], AbstractContextManager[None]]] = []
"""Contexts that the first watch enters and the last one leaves: in one of them nn announces its modules."""

_initialize = Value.__init__


_scope: ContextVar[Scope | None] = ContextVar("scope", default=None)


class _Watching:
    """How many watches are on in all threads, what to undo after the last, and the calls of each path."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.depth = 0
        self.undo = ExitStack()
        self.calls: Counter[tuple[str, ...]] = Counter()


_watching = _Watching()


@contextmanager
def scope(name: str, *, about: str = "") -> Iterator[Scope]:
    """Within this context what is recorded belongs to a part called `name`, inside the part around it.

    Drawings show it as a cluster that can be collapsed; it is kept while watching alone. Modules of nn
    announce themselves. `about` is a line that describes the part.

    Errors: TypeError for a name that is no text, ValueError for an empty one.

    >>> from engine import Value
    >>> with watch(), scope("encoder"):
    ...     code = Value(2.0) * 3
    >>> origin(code).scope
    encoder
    """
    if not isinstance(name, str) or not isinstance(about, str):
        raise TypeError(f"a scope is called by a text, got {name!r} and {about!r}")
    if not name.strip():
        raise ValueError("a scope needs a name, got an empty one")
    around = _scope.get()
    path = (name,) if around is None else (*around.path, name)
    entered = Scope(name, around, call=_watching.calls[path], about=about)
    _watching.calls[path] += 1
    token = _scope.set(entered)
    try:
        yield entered
    finally:
        _scope.reset(token)


@contextmanager
def watch() -> Iterator[None]:
    """Within this context every Value that is made keeps where: its code, its variable, its module.

    At the end, the Values that variables of the surrounding code hold, alone or in lists, are called after
    them (`y`, `xs[0]`), those made before included. Recording takes up to twice as long meanwhile. Watches
    nest; what other threads record meanwhile is watched, too.

    >>> from engine import Value, tanh
    >>> with watch():
    ...     x, w = Value(2.0), Value(-3.0)
    ...     y = tanh(x * w)
    >>> origin(x).name, origin(y).name
    ('x', 'y')
    """
    with _watching.lock:
        _watching.depth += 1
        if _watching.depth == 1:
            _begin(_watching.undo)
    try:
        yield
    finally:
        with _watching.lock:
            _watching.depth -= 1
            if _watching.depth == 0:
                _watching.undo.close()
        around = getframe(2)  # this generator, contextlib's __exit__, the code around
        if around.f_code.co_filename not in _inside():
            christen(around.f_locals)


def _begin(undo: ExitStack) -> None:
    _watching.calls.clear()
    undo.callback(install)
    undo.callback(setattr, Value, "__init__", _initialize)
    install(_maker())
    Value.__init__ = _initialized  # type: ignore[method-assign]
    for partner in partners:
        undo.enter_context(partner())


def christen(variables: dict[str, Any]) -> None:
    """Name Values after the variables that hold them, alone or in lists; of several the first.

    >>> x, ys = Value(1.0), [Value(2.0)]
    >>> christen({"x": x, "ys": ys})
    >>> origin(x).name, origin(ys[0]).name
    ('x', 'ys[0]')
    """
    named: set[Value] = set()
    for variable, held in list(variables.items()):
        if not variable.startswith("_"):
            for name, v in _values(variable, held):
                if v not in named and not _is_owned(v):
                    named.add(v)
                    note(v, name=name)


def _values(name: str, held: Any, depth: int = 2) -> Iterator[tuple[str, Value]]:
    """Yield the Values in a variable, in its list, and in lists of that list, with their names."""
    if type(held) is Value:
        yield name, held
    elif depth and (type(held) is list or type(held) is tuple):
        for i, item in enumerate(held):
            yield from _values(f"{name}[{i}]", item, depth - 1)


def _is_owned(v: Value) -> bool:
    """Tell whether a Value is a parameter, which has its name from its module."""
    around = origin(v).scope
    return around is not None and around.call is None


@cache
def _inside() -> frozenset[str]:
    """Return the files of the engine: what is recorded inside of them is meant by the code that called."""
    return frozenset(map(str, Path(__file__).parent.parent.rglob("*.py")))


def _maker() -> Callable[[type[Value]], Value]:
    """Return what makes an empty Value and notes from where; its caller is one of the engine's methods."""
    create, inside, scope = object.__new__, _inside(), _scope.get

    def make(cls: type[Value]) -> Value:
        z = create(cls)
        frame: Any = getframe(2)
        code = frame.f_code
        while code.co_filename in inside:
            frame = frame.f_back
            if frame is None:  # the engine itself is the program that runs
                return z
            code = frame.f_code
        z._origin = scope(), code, frame.f_lasti
        return z

    return make


def _initialized(self: Value, data: float, label: str = "") -> None:
    _initialize(self, data, label)
    frame: Any = getframe(1)
    while frame is not None and frame.f_code.co_filename in _inside():
        frame = frame.f_back
    if frame is not None:
        self._origin = _scope.get(), frame.f_code, frame.f_lasti
