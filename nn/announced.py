"""Modules that say which of them is at work, so that drawings and tables know where a Value belongs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from sys import _getframe as getframe
from types import FrameType
from typing import Any, TypeAlias, final

from engine import Value
from engine.see.origin import NOWHERE, Scope, current, note
from engine.see.watch import calls_of, enter, partners
from nn.module import Module, children

_new = object.__new__

Place: TypeAlias = tuple[tuple[str, str], ...]
"""The way from an outermost module to one inside: a name and a description for each."""


@final
class Work:
    """A module that is called: in which outermost one, where it stands, and the modules it calls in turn.

    `inside` is the part of its place that a call enters, `name` its way from the outermost module; `around`
    the path of the scope in which it was entered last, `known` the calls of its own path there.
    """

    __slots__ = ("around", "called", "inside", "known", "module", "name", "place", "root")

    def __init__(self, root: Module, module: Module, place: Place, inside: Place) -> None:
        self.root = root
        self.module = module
        self.place = place
        self.inside = inside
        self.name = ".".join(name for name, _ in place[1:])
        self.called: dict[int, Work] = {}
        self.around: tuple[str, ...] | None = None
        self.known: list[Any] = []

    def entered(self, around: Scope | None) -> Scope:
        """Return the scope of one more call."""
        if around is None or len(self.inside) != 1:
            return enter(self.inside)
        scope = _new(Scope)
        scope.parent, scope.about = around, self.inside[0][1]
        if self.around is not around.path:
            self.around, self.known = around.path, calls_of((*around.path, self.inside[0][0]))
        scope.path, scope.call = self.known
        self.known[1] += 1
        return scope


class _Announcer:
    """What one watch knows of modules: the calls of the outermost ones, and every place inside them."""

    def __init__(self) -> None:
        self.outermost: dict[int, Work] = {}
        self.at_work: dict[Scope, Work] = {}
        self.places: dict[int, dict[int, Place]] = {}

    def wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a module's __call__ that announces the module first."""

        at_work = self.at_work

        def announce(module: Module, *args: Any, **options: Any) -> Any:
            around = current.get()
            caller = None if around is None else at_work.get(around) or self.caller(around)
            if caller is None:
                work = self.outermost.get(id(module)) or self.first(module, getframe(1))
            elif caller.module is module:  # super().__call__, or recursion
                return call(module, *args, **options)
            else:
                work = caller.called.get(id(module)) or self.below(caller, module)
            entered = work.entered(around)
            at_work[entered] = work
            token = current.set(entered)
            try:
                result = call(module, *args, **options)
            finally:
                current.reset(token)
                del at_work[entered]
            if caller is not None:
                if type(result) is not Value:
                    _name_results(result, entered, work.name)
                else:
                    made = getattr(result, "_origin", NOWHERE)
                    if len(made) == 3 and (made[0] is entered or _is_nameless(result, entered)):
                        result._origin = (*made, work.name)
            return result

        return announce

    def caller(self, around: Scope) -> Work | None:
        """Return the work that a user's own scope stands in."""
        works = [self.at_work[s] for s in around.outward() if s in self.at_work]
        return works[0] if works else None

    def first(self, module: Module, caller: FrameType) -> Work:
        """Return the work of a module that no other calls, and learn the places inside it."""
        place = ((self.name(module, caller), module.describe()),)
        self.places[id(module)] = _places(module, place)
        work = self.outermost[id(module)] = Work(module, module, place, place)
        return work

    def below(self, caller: Work, module: Module) -> Work:
        """Return the work of a module that another one calls."""
        place = self.places[id(caller.root)].get(id(module))
        if place is None:  # no part of what is at work
            inside: Place = ((type(module).__name__, module.describe()),)
            place = caller.place + inside
        else:
            depth = len(caller.place)
            inside = place[depth:] if place[:depth] == caller.place else place[-1:]
        work = caller.called[id(module)] = Work(caller.root, module, place, inside)
        return work

    def name(self, module: Module, caller: FrameType) -> str:
        """Return the name of an outermost module, each once: the caller's variable, else its class."""
        variables = {**caller.f_globals, **caller.f_locals}
        held = [name for name, thing in variables.items() if thing is module and not name.startswith("_")]
        name = stem = held[-1] if held else type(module).__name__
        number = 2
        taken = {work.place[0][0] for work in self.outermost.values()}
        while name in taken:
            name, number = f"{stem}#{number}", number + 1
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


def _name_results(results: Any, entered: Scope, name: str) -> None:
    """Call the Values in a list that a module has made and returned after the module."""
    if isinstance(results, (list, tuple)):
        for i, v in enumerate(results):
            if type(v) is Value and _is_nameless(v, entered):
                v._origin = (*v._origin, f"{name}[{i}]")


def _is_nameless(v: Value, entered: Scope) -> bool:
    """Tell whether a Value was made within a scope and has no name yet."""
    made: tuple[Any, ...] = getattr(v, "_origin", NOWHERE)
    if len(made) == len(NOWHERE) or made[0] is None:
        return False
    return made[0] is entered or entered in made[0].outward()


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


partners["nn"] = announced
