"""The modules that the nodes of a graph were recorded in, and which of them are drawn as one box."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from engine.see.origin import Scope, origin
from engine.value import Value

Path: TypeAlias = tuple[str, ...]
"""The names of a module and of those around it, the outermost first; () for what is in no module."""
MOST_NAMES = 8
"""So many names are listed in a message."""


class Modules:
    """What is known of the modules of a graph.

    `scopes` holds the call in which each node was recorded, `lines` the calls from the outermost to each. For
    each path, `about` describes the module, `calls` holds the numbers of its calls, `parameters` counts those
    in the graph. `watched` tells that somebody watched at all.

    >>> Modules([Value(2.0)]).watched
    False
    """

    def __init__(self, nodes: Iterable[Value]) -> None:
        self.scopes: dict[Value, Scope] = {}
        self.lines: dict[Scope, list[Scope]] = {}
        self.about: dict[Path, str] = {}
        self.calls: dict[Path, set[int]] = {}
        self.parameters: Counter[Path] = Counter()
        self.watched = False
        for node in nodes:
            scope, code, _, _ = origin(node)
            self.watched = self.watched or code is not None
            if scope is None:
                continue
            self.scopes[node] = scope
            if scope not in self.lines:
                self.lines[scope] = list(scope.outward())[::-1]
                for around in self.lines[scope]:
                    self.about[around.path] = self.about.get(around.path) or around.about
                    calls = self.calls.setdefault(around.path, set())
                    if around.call is not None:
                        calls.add(around.call)
            if scope.call is None:
                self.parameters.update([around.path for around in self.lines[scope]])

    def path(self, node: Value) -> Path:
        """Return the path of the module that a node belongs to."""
        return self.scopes[node].path if node in self.scopes else ()

    @property
    def deepest(self) -> int:
        """How many modules stand inside each other at most."""
        return max(map(len, self.calls), default=0)


def short_path(path: Path) -> str:
    """Return a path as one writes it, without the outermost name where there are more.

    >>> short_path(("mlp", "layers[0]", "neurons[3]")), short_path(("mlp",))
    ('layers[0].neurons[3]', 'mlp')
    """
    return ".".join(path[1:] or path)


class Plan(NamedTuple):
    """Which modules become one box: those at a depth, or those called by a name; never the `opened`.

    `opened` holds modules with all those around them: in their place the modules right inside become boxes.
    With `repeats`, what was recorded again and again at one place of the code becomes one box, too.
    """

    depth: int = 0
    name: str = ""
    opened: frozenset[Path] = frozenset()
    repeats: bool = True

    @property
    def collapses(self) -> bool:
        """Whether anything becomes one box with others."""
        return bool(self.depth or self.name or self.repeats)

    def cut(self, path: Path) -> int:
        """Return how many names of a path lead to the module that is one box; 0 for none.

        >>> Plan(depth=1).cut(("mlp", "layers[0]")), Plan(name="layers").cut(("mlp", "layers[0]"))
        (1, 2)
        """
        if self.depth:
            start = self.depth
        elif self.name:
            called = (i for i, part in enumerate(path, 1) if self.name in (part, _stem(part)))
            start = next(called, 0)
        else:
            return 0
        if not start:
            return 0
        return next((i for i in range(start, len(path) + 1) if path[:i] not in self.opened), 0)


def plans(
    modules: Modules, collapse: int | str | None, opened: str | Iterable[str], pinned: Iterable[Value]
) -> list[Plan]:
    """Return the plans to try, the finest first; nodes that are `pinned` are never inside of a box.

    Errors: TypeError for what is neither "auto", None, a number nor a name; ValueError for a module that is
    not there, listing those that are.

    >>> [plan.depth for plan in plans(Modules([]), None, (), ())]
    [0]
    """
    if collapse is not None and (isinstance(collapse, bool) or not isinstance(collapse, int | str)):
        raise TypeError(f'collapse is "auto", None, a depth or the name of modules, got {collapse!r}')
    texts = [opened] if isinstance(opened, str) else list(opened)
    open_paths = {
        path[:i] for text in texts for path in _found(modules, text) for i in range(1, len(path) + 1)
    }
    for node in pinned:
        path = modules.path(node)
        open_paths |= {path[:i] for i in range(1, len(path) + 1)}
    around = frozenset(open_paths)
    if collapse is None:
        return [Plan(repeats=False)]
    if collapse == "auto":
        finest = [] if texts else [Plan(repeats=False)]
        depths = range(modules.deepest, 0, -1) if modules.calls else range(1)
        return [*finest, *(Plan(depth=depth, opened=around) for depth in depths)]
    if not modules.calls:
        raise ValueError(
            f"collapse={collapse!r} needs to know which modules there are: record the graph inside `with "
            "engine.watch():`, calling modules of nn, or inside `with engine.see.scope(name):`"
        )
    if isinstance(collapse, int):
        if not 1 <= collapse <= modules.deepest:
            raise ValueError(f"collapse is a depth from 1 to {modules.deepest} in this graph, got {collapse}")
        return [Plan(depth=collapse, opened=around)]
    last = [path[-1] for path in sorted(modules.calls, key=len)]
    if collapse not in last and collapse not in map(_stem, last):
        raise ValueError(f"no module is called {collapse!r}; there are {_listed(map(_stem, last))}")
    return [Plan(name=collapse, opened=around)]


def _found(modules: Modules, text: str) -> list[Path]:
    """Return the modules of a path as one writes it, with or without the outermost name."""
    if not isinstance(text, str):
        raise TypeError(f'open takes paths of modules, such as "layers[0].neurons[3]", got {text!r}')
    found = [path for path in modules.calls if text in (".".join(path), short_path(path))]
    if not found and not modules.calls:
        raise ValueError(
            f"open={text!r} needs to know which modules there are: record the graph inside "
            "`with engine.watch():`"
        )
    if not found:
        there = sorted(modules.calls, key=lambda path: (len(path), [_counted(name) for name in path]))
        raise ValueError(f"no module is called {text!r}; there are {_listed(map(short_path, there))}")
    return found


def _counted(name: str) -> list[str | int]:
    """Return what sorts names as one counts."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]


def _stem(name: str) -> str:
    """Return a name without its index."""
    return name.partition("[")[0] or name


def _listed(texts: Iterable[str]) -> str:
    different: Sequence[str] = list(dict.fromkeys(texts))
    more = f", ... ({len(different)} in all)" if len(different) > MOST_NAMES else ""
    return ", ".join(map(repr, different[:MOST_NAMES])) + more
