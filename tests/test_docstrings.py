"""What is public says what it is: a docstring, an example, the errors, in the words of the house."""

import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import FunctionType, ModuleType
from typing import Any, NamedTuple, get_origin

import pytest

import engine
import engine.check
import engine.check.strategies
import engine.compile
import engine.see
import nn
from engine import Op

STRATEGIES = "Sample modules numbers programs".split()
SHADOWING = "abs max min sum".split()
OTHER_WORDS = {
    "vertex": "node", "vertices": "nodes", "backward pass": "sweep", "incoming gradient": "upstream",
    "local gradient": "partial", "local derivative": "partial",
    "behavior": "behaviour", "center": "centre", "color": "colour", "initializ": "initialis",
    "neighbor": "neighbour", "normaliz": "normalis", "standardiz": "standardis",
}  # fmt: skip
"""Words that the house does not use, and those that it uses."""


def names(module: ModuleType) -> list[str]:
    """Return the public names of a module."""
    if module is engine.check.strategies:
        return STRATEGIES
    return [*module.__all__, *(SHADOWING if module is engine else ())]


def modules() -> Iterator[ModuleType]:
    """Yield the modules that have public names."""
    yield from (engine, engine.check, engine.check.strategies, engine.compile, engine.see, nn)
    for found in iter_modules(nn.__path__, "nn."):
        if not found.name.rpartition(".")[2].startswith("_"):
            module = import_module(found.name)
            if hasattr(module, "__all__"):
                yield module


def public() -> dict[str, Any]:
    """Return every public function, class and op by where it is imported from, each once."""
    found: dict[int, tuple[str, Any]] = {}
    for module in modules():
        for name in names(module):
            thing = getattr(module, name)
            if callable(thing) and get_origin(thing) is None:
                found.setdefault(id(thing), (f"{module.__name__}.{name}", thing))
    return dict(found.values())


PUBLIC = public()


def members(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class that are ours, those of its bases included."""
    for name in dir(cls):
        if name.startswith("_") and name != "__call__":
            continue
        owner = next(base for base in cls.__mro__ if name in vars(base))
        member = vars(owner)[name]
        member = getattr(member, "__func__", member)
        if owner.__module__.partition(".")[0] in ("engine", "nn"):
            if isinstance(member, (property, FunctionType)) or hasattr(member, "attrname"):
                yield name, member


MEMBERS = {
    f"{where}.{name}": (member, cls)
    for where, cls in PUBLIC.items()
    if isinstance(cls, type)
    for name, member in members(cls)
}
"""Every public method and property, with its class."""
EVERYTHING = PUBLIC | {where: member for where, (member, _) in MEMBERS.items()}
METHODS = [where for where, (member, _) in MEMBERS.items() if isinstance(member, FunctionType)]


def own_doc(thing: Any) -> str:
    """Return the docstring that was written for a thing, not for its class, its base or every NamedTuple."""
    doc = thing.__doc__ or ""
    if isinstance(thing, type):
        doc = vars(thing).get("__doc__") or ""
        return "" if doc.startswith(f"{thing.__name__}(") else doc
    return "" if isinstance(thing, Op) and doc == Op.__doc__ else doc


def raised(function: Any) -> set[str]:
    """Return the names of the errors that a function itself raises, but for what a subclass must write."""
    if function.__code__.co_filename.startswith("<"):
        return set()  # made by a dataclass
    return set(re.findall(r"\braise (\w+Error)\(", inspect.getsource(function))) - {"NotImplementedError"}


@pytest.mark.parametrize("where", EVERYTHING)
def test_it_has_a_docstring(where: str) -> None:
    assert own_doc(EVERYTHING[where])


@pytest.mark.parametrize("where", PUBLIC)
def test_it_has_an_example(where: str) -> None:
    assert ">>> " in own_doc(PUBLIC[where])


@pytest.mark.parametrize("where", [where for where, thing in PUBLIC.items() if not isinstance(thing, Op)])
def test_the_errors_that_it_raises_are_named(where: str) -> None:
    thing = PUBLIC[where]
    function = vars(thing).get("__init__") if isinstance(thing, type) else thing
    if isinstance(function, FunctionType):
        assert {name for name in raised(function) if name not in own_doc(thing)} == set()


@pytest.mark.parametrize("where", METHODS)
def test_the_errors_that_a_method_raises_are_named(where: str) -> None:
    """By the method, or by its class or a base, which tells what a call takes."""
    method, cls = MEMBERS[where]
    doc = own_doc(method) + "".join(map(own_doc, cls.__mro__))
    assert {name for name in raised(method) if name not in doc} == set()


@pytest.mark.parametrize("where", EVERYTHING)
def test_it_speaks_the_words_of_the_house(where: str) -> None:
    prose = own_doc(EVERYTHING[where]).partition(">>> ")[0]
    text = re.sub(r"`[^`]*`|\"[^\"]*\"", "", prose).lower()
    assert {word: ours for word, ours in OTHER_WORDS.items() if word in text} == {}


def test_these_tests_see_what_is_missing() -> None:
    class Bare(NamedTuple):
        x: float = 0.0

    def refuse() -> None:
        """Refuse."""
        raise ValueError("always")

    assert own_doc(Bare) == own_doc(Op("bare", abs, 1)) == own_doc(type("Below", (Op,), {})) == ""
    assert own_doc(refuse) and raised(refuse) == {"ValueError"}
