"""Watching: while it is on, every Value that is made keeps where it was made."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from sys import _getframe as getframe
from types import CodeType
from typing import Any

from engine.chain import sweep
from engine.recording import install
from engine.see.anomalies import checked, guarded
from engine.see.origin import Scope, bindings, current, inside, note, origin, outside
from engine.value import Value

partners: dict[str, Callable[[], AbstractContextManager[None]]] = {}
"""Contexts that the first watch enters and the last one leaves, by package: nn announces its modules."""


class _Watching:
    """How many watches are on in all threads, how many refuse anomalies, and what to undo after the last."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.depth = self.refusing = 0
        self.undo = ExitStack()
        self.calls: dict[tuple[str, ...], list[Any]] = {}
        """The scopes of each path that were entered."""


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
    entered = enter([(name, about)])
    token = current.set(entered)
    try:
        yield entered
    finally:
        current.reset(token)


def enter(place: Iterable[tuple[str, str]]) -> Scope:
    """Return the innermost of new scopes, one inside the other, by their names and descriptions.

    They count as called; to work in them is to set `current`.

    >>> enter([("net", "MLP(2, [1])"), ("layers[0]", "Layer(2, 1)")])
    net.layers[0]
    """
    entered = current.get()
    for name, about in place:
        entered = Scope(name, entered, 0, about)
        known = calls_of(entered.path)
        entered.path, entered.call = known
        known[1] += 1
    if entered is None:
        raise ValueError("a place has one name at least, got none")
    return entered


def calls_of(path: tuple[str, ...]) -> list[Any]:
    """Return a path and how often it was entered in this watch, the same list for all that enter it.

    >>> with watch(), scope("net"):
    ...     calls_of(("net",))
    [('net',), 1]
    """
    return _watching.calls.setdefault(path, [path, 0])


@contextmanager
def watch(*, anomalies: bool = False) -> Iterator[None]:
    """Within this context every Value that is made keeps where: its code, its variable, its module.

    At the end, the Values that variables of the surrounding code hold, alone or in lists, are called after
    them (`y`, `xs[0]`), those made before included. Recording takes up to twice as long meanwhile. Watches
    nest; what other threads record meanwhile is watched, too.

    With `anomalies` the op whose value, and the sweep whose gradient, is born nan or inf raises
    engine.BirthError, which says where and of what (`engine.births` says it of a graph as it is).

    >>> from engine import Value, tanh
    >>> with watch():
    ...     x, w = Value(2.0), Value(-3.0)
    ...     y = tanh(x * w)
    >>> origin(x).name, origin(y).name
    ('x', 'y')
    """
    with _watching.lock:
        if not _watching.depth:
            _watching.undo = _begun()
        _watching.depth += 1
        _watching.refusing += anomalies
        if anomalies and _watching.refusing == 1:
            _record()
    try:
        yield
    finally:
        with _watching.lock:
            _watching.depth -= 1
            _watching.refusing -= anomalies
            if not _watching.depth:
                _watching.undo.close()
            elif anomalies and not _watching.refusing:
                _record()
        left = outside(getframe(), frozenset((__file__, contextlib.__file__)))
        if left is not None and left.f_code.co_filename not in inside():
            christen(left.f_locals, bindings(left.f_code))


def _begun() -> ExitStack:
    """Turn watching on, and return what turns it off; where a partner fails it stays off."""
    _watching.calls.clear()
    with ExitStack() as undo:
        undo.callback(setattr, Value, "__init__", Value.__init__)
        undo.callback(setattr, Value, "backward", Value.backward)
        undo.callback(install)
        _record()
        setattr(Value, "__init__", _initializer())  # noqa: B010  mypy takes no other signature
        for partner in partners.values():
            undo.enter_context(partner())
        return undo.pop_all()


def _record() -> None:
    """Let Values be recorded and swept as the watches ask for that are on."""
    refusing = _watching.refusing > 0
    install(_maker(2), _maker(3), guarded if refusing else None)
    setattr(Value, "backward", checked(sweep) if refusing else sweep)  # noqa: B010


def christen(variables: Mapping[str, Any], bound: Mapping[str, bool] | None = None) -> None:
    """Name Values after the variables that hold them, alone or in lists; alone first.

    `bound` tells of the variables of some code which it assigns, and which are left from a `for` alone: these
    come last, for `xs[1]` says more than the `x` of a loop over xs. One that other code has bound, as another
    cell of a notebook, may be left from a loop: it counts as one more list does, in the order of variables.

    >>> x, ys = Value(1.0), [Value(2.0)]
    >>> christen({"x": x, "ys": ys})
    >>> origin(x).name, origin(ys[0]).name
    ('x', 'ys[0]')
    """
    named: set[Value] = set()
    ranks = {True: 0, None: 1, False: 2}
    held = [
        (name, thing, ranks[bound.get(name)] if bound is not None else 0)
        for name, thing in list(variables.items())
        if name[:1].isalpha()
    ]
    for last, depth in ((0, 0), (1, 2), (2, 2)):
        for variable, thing, rank in held:
            for name, v in _values(variable, thing, depth) if rank <= last else ():
                if v not in named and not _is_owned(v):
                    named.add(v)
                    note(v, name=name)


def _values(name: str, held: Any, depth: int) -> Iterator[tuple[str, Value]]:
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


def _maker(depth: int) -> Callable[[type[Value]], Value]:
    """Return what makes an empty Value and notes from where; its caller is one of the engine's methods.

    Values that one instruction makes in one scope share what they keep: less to make, to scan and to free.
    """
    create, files, scope = object.__new__, inside(), current.get
    origins: dict[int, dict[int, Any]] = {}  # by code, whose hash would take longer than its id, and offset
    last: tuple[CodeType | None, dict[int, Any]] = None, {}

    def make(cls: type[Value]) -> Value:
        nonlocal last
        z = create(cls)
        frame: Any = getframe(depth)
        code = frame.f_code
        known, places = last  # read at once: another thread may replace it
        while code is not known and code.co_filename in files:
            frame = frame.f_back
            if frame is None:  # the engine itself is the program that runs
                return z
            code = frame.f_code
        if code is not known:
            places = origins.setdefault(id(code), {})
            last = code, places
        around, offset = scope(), frame.f_lasti
        made = places.get(offset)
        if made is None or made[0] is not around:
            made = places[offset] = around, code, offset
        z._origin = made
        return z

    return make


def _initializer() -> Callable[[Value, float, str], None]:
    """Return what does Value.__init__ and notes from where, too."""
    initialize, files, scope = Value.__init__, inside(), current.get

    def __init__(self: Value, data: float, label: str = "") -> None:
        initialize(self, data, label)
        frame: Any = getframe(1)
        while frame is not None and frame.f_code.co_filename in files:
            frame = frame.f_back
        if frame is not None:
            self._origin = scope(), frame.f_code, frame.f_lasti

    return __init__
