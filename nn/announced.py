"""Modules that say which of them is at work, so that drawings and tables know where a Value belongs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from sys import _getframe as getframe
from types import FrameType
from typing import Any, NamedTuple, TypeAlias

from engine import Value
from engine.see.origin import Scope, note, origin
from engine.see.watch import partners, scope
from nn.module import Module, children

Place: TypeAlias = tuple[tuple[str, str], ...]
"""The way from an outermost module to one inside: a name and a description for each."""


class Work(NamedTuple):
    """The module that is being called, the outermost one that it is called in, and where it stands."""

    root: Module
    module: Module
    place: Place


_work: ContextVar[Work | None] = ContextVar("work", default=None)


class _Announcer:
    """What one watch knows of modules: the names of the outermost, and every place inside them."""

    def __init__(self) -> None:
        self.names: dict[str, Module] = {}
        self.places: dict[int, dict[int, Place]] = {}

    def wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a module's __call__ that announces the module first."""

        def announce(module: Module, *args: Any, **options: Any) -> Any:
            work = _work.get()
            if work is not None and work.module is module:  # super().__call__, or recursion
                return call(module, *args, **options)
            root, place, entered = self.entered(work, module, getframe(1))
            token = _work.set(Work(root, module, place))
            try:
                with ExitStack() as scopes:
                    for name, about in entered:
                        last = scopes.enter_context(scope(name, about=about))
                    result = call(module, *args, **options)
            finally:
                _work.reset(token)
            _name_results(result, last)
            return result

        return announce

    def entered(self, work: Work | None, module: Module, caller: FrameType) -> tuple[Module, Place, Place]:
        """Return the outermost module of a call, the place of the called one, and the scopes to enter."""
        if work is None:
            place = ((self.name(module, caller), module.describe()),)
            if id(module) not in self.places:
                self.places[id(module)] = _places(module, place)
            return module, place, place
        found = self.places[id(work.root)].get(id(module))
        if found is None:  # no part of what is at work
            found = ((type(module).__name__, module.describe()),)
            return work.root, work.place + found, found
        inside = found[: len(work.place)] == work.place
        return work.root, found, found[len(work.place) :] if inside else found[-1:]

    def name(self, module: Module, caller: FrameType) -> str:
        """Return the name of an outermost module, each once: the caller's variable, else its class."""
        for name, known in self.names.items():
            if known is module:
                return name
        variables = {**caller.f_globals, **caller.f_locals}
        held = [name for name, thing in variables.items() if thing is module and not name.startswith("_")]
        name = stem = held[-1] if held else type(module).__name__
        number = 2
        while name in self.names:
            name, number = f"{stem}#{number}", number + 1
        self.names[name] = module
        return name


def _places(root: Module, place: Place) -> dict[int, Place]:
    """Return the place of every module under an outermost one, and name its parameters by theirs."""
    places = {id(root): place}
    owners = {"": _owner(place)}
    stack = [(root, place)]
    while stack:
        module, around = stack.pop()
        for name, child in children(module):
            if id(child) not in places:
                inside = (*around, (name, child.describe()))
                places[id(child)] = inside
                owners[".".join(name for name, _ in inside[1:])] = _owner(inside)
                stack.append((child, inside))
    for name, value in root.named_parameters().items():
        owner = name
        while owner not in owners:
            owner = owner.rpartition(".")[0]
        note(value, scope=owners[owner], name=name)
    return places


def _owner(place: Place) -> Scope:
    """Return the scope of what belongs to a module whatever the call."""
    around = None
    for name, about in place:
        around = Scope(name, around, call=None, about=about)
    assert around is not None
    return around


def _name_results(result: Any, entered: Scope) -> None:
    """Call what a module has made and returned after the module, if it is not the outermost one."""
    name = ".".join(entered.path[1:])
    results = result if isinstance(result, (list, tuple)) else [result]
    for i, v in enumerate(results):
        if type(v) is Value and name:
            made = origin(v)
            if not made.name and made.scope is not None and entered in made.scope.outward():
                note(v, name=name if results is not result else f"{name}[{i}]")


@contextmanager
def announced() -> Iterator[None]:
    """Within this context every module announces itself when it is called; engine.see.watch enters it.

    A class of modules that is defined meanwhile does not.

    >>> from nn import Neuron
    >>> with announced():
    ...     y = Neuron(1)([0.0])
    """
    announcer, before = _Announcer(), dict[type[Module], Any]()
    classes = [Module]
    for cls in classes:
        classes += [sub for sub in cls.__subclasses__() if sub not in classes]
        if "__call__" in vars(cls):
            before[cls] = vars(cls)["__call__"]
    for cls, call in before.items():
        setattr(cls, "__call__", announcer.wrapped(call))  # noqa: B010
    try:
        yield
    finally:
        for cls, call in before.items():
            setattr(cls, "__call__", call)  # noqa: B010


partners.append(announced)
