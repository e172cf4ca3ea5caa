"""Modules that say which of them is at work, so that drawings and tables know where a Value belongs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from sys import _getframe as getframe
from types import FrameType
from typing import Any, NamedTuple, TypeAlias, final
from weakref import ref

from engine import Value
from engine.see.origin import NOWHERE, Scope, current, inside, note, outside
from engine.see.watch import calls_of, enter, partners
from nn.module import Module, children

ANNOUNCED = ("__call__", "loss")
"""The methods that announce their module."""

_new = object.__new__

Place: TypeAlias = tuple[tuple[str, str], ...]
"""The way from an outermost module to one inside: a name and a description for each."""


class Home(NamedTuple):
    """The place of a module, which it keeps, and a token that tells its outermost module from namesakes.

    So all its graphs show it in one place with its parameters, whatever variables hold it later. It lasts as
    long as the module: `module` is a weak reference.
    """

    module: ref[Module]
    root: object
    place: Place


_homes: dict[int, Home] = {}


def _settle(module: Module, root: object, place: Place) -> None:
    """Give a module a home; it leaves when the module is no more."""
    _homes[id(module)] = Home(ref(module, partial(_leave, id(module))), root, place)


def _leave(key: int, _: ref[Module]) -> None:
    _homes.pop(key, None)


@cache
def _ours() -> frozenset[str]:
    """Return the files of the engine and of nn: their variables name no module of a user."""
    return inside() | frozenset(map(str, Path(__file__).parent.rglob("*.py")))


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
        self.name = _way(place)
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
        self.roots: dict[str, object] = {}

    def wrapped(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return a method of a module that announces the module first."""

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
        home = _homes.get(id(module))
        around: Place = ()
        if home is None or self.roots.setdefault(home.place[0][0], home.root) is not home.root:
            name, root = self.name(module, caller), object()
            self.roots[name] = root
        else:
            name, root, around = home.place[-1][0], home.root, home.place[:-1]
        place = (*around, (name, module.describe()))
        self.places[id(module)] = _places(module, root, place)
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
        """Return the name of an outermost module, each once: the user's first variable, else its class."""
        user = outside(caller, _ours())
        variables = () if user is None else (user.f_locals, user.f_globals)
        held = (
            name
            for named in variables
            for name, thing in list(named.items())
            if thing is module and name[:1].isalpha()
        )
        name = stem = next(held, type(module).__name__)
        number = 2
        while name in self.roots:
            name, number = f"{stem}#{number}", number + 1
        return name


def _places(outermost: Module, root: object, place: Place) -> dict[int, Place]:
    """Settle every module under an outermost one, name its parameters, and return the places."""
    places = {id(outermost): place}
    way = _way(place)
    owners = {way: _owner(place)}
    stack = [(outermost, place)]
    while stack:
        module, around = stack.pop()
        _settle(module, root, around)
        for name, child in children(module):
            if id(child) not in places:
                inside = (*around, (name, child.describe()))
                places[id(child)] = inside
                owners[_way(inside)] = _owner(inside)
                stack.append((child, inside))
    for end, value in outermost.named_parameters().items():
        owner = name = f"{way}.{end}" if way else end
        while owner not in owners:
            owner = owner.rpartition(".")[0]
        note(value, scope=owners[owner], name=name)
    return places


def _way(place: Place) -> str:
    """Return how one writes a place, from the outermost module on."""
    return ".".join(name for name, _ in place[1:])


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
    """Within this context every module announces itself when it is called, or its loss is asked for.

    `engine.watch` enters it. A class of modules that is defined meanwhile does not.

    >>> from nn import Neuron
    >>> with announced():
    ...     y = Neuron(1)([0.0])
    """
    announcer, before = _Announcer(), dict[tuple[type[Module], str], Any]()
    classes = [Module]
    for cls in classes:
        classes += [sub for sub in cls.__subclasses__() if sub not in classes]
        for name in ANNOUNCED:
            if name in vars(cls):
                before[cls, name] = vars(cls)[name]
    for (cls, name), call in before.items():
        setattr(cls, name, announcer.wrapped(call))
    try:
        yield
    finally:
        for (cls, name), call in before.items():
            setattr(cls, name, call)


partners["nn"] = announced
