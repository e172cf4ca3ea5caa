"""Modules as they are drawn: as frames around their boxes, or closed, as one box."""

import re
from collections.abc import Collection, Iterable, Sequence
from types import CodeType

from engine.see.excerpt import called
from engine.see.groups import Crowd, stem
from engine.see.modules import Modules, Path, short_path
from engine.see.names import Unique, elided
from engine.see.origin import excerpt, origin, variable
from engine.see.parts import Cluster, Group
from engine.see.subject import Subject
from engine.value import Value


class Frames:
    """The keys of modules, and the names of what stands inside their frames.

    >>> Frames(Modules([])).around(Value(2.0))
    ''
    """

    def __init__(self, modules: Modules) -> None:
        self.modules = modules
        self.unique = Unique("-")
        self.keys: dict[Path, str] = {(): ""}

    def around(self, node: Value) -> str:
        """Return the key of the frame around a node, "" for none."""
        return self.frame(self.modules.path(node))

    def frame(self, path: Path) -> str:
        """Return the key of the frame of a module."""
        if path not in self.keys:
            self.keys[path] = f"{self.unique.take(_plain(path))}~frame"
        return self.keys[path]

    def key(self, crowd: Crowd, subject: Subject) -> str:
        """Return a new key for a group."""
        if crowd.kind.repeat:
            return f"{subject.known[crowd.members[0]].key}~group"
        return f"{self.unique.take(_plain(crowd.kind.path))}~group"

    def name(self, node: Value, text: str) -> str:
        """Return the name of a node without what the frame around it says."""
        return inside(self.modules.path(node), text)

    def clusters(self, used: Iterable[str]) -> tuple[Cluster, ...]:
        """Return the frames that are used and those around them, the outer ones first."""
        wanted: dict[Path, None] = {}
        of_keys = {key: path for path, key in self.keys.items()}
        for key in used:
            path = of_keys[key]
            wanted.update(dict.fromkeys([path[: i + 1] for i in range(len(path))]))
        return tuple(
            Cluster(
                self.frame(path),
                path[-1],
                self.modules.about.get(path, ""),
                self.modules.parameters[path],
                self.frame(path[:-1]),
            )
            for path in wanted
        )

    def group(self, crowd: Crowd, key: str, subject: Subject, used: Collection[Value]) -> Group:
        """Return the box that stands for a crowd; `used` holds the nodes that others use."""
        kind, members, modules = crowd.kind, crowd.members, self.modules
        owned = [v for v in members if v in modules.scopes and modules.scopes[v].call is None]
        others = set(members).difference(owned)
        results = [v for v in members if v in others and (v in used or v is subject.nodes[-1])]
        one = results[0] if len(results) == 1 else None
        shown = _ordered(owned) if owned else results
        base = kind.path
        name, about = self.title(crowd)
        return Group(
            key,
            name,
            about,
            sum(v.op is not None for v in members),
            max(1, len(crowd.calls)),
            None if one is None else one.data,
            None if one is None else subject.gradient(one),
            tuple([(inside(base, subject.known[v].text), subject.gradient(v)) for v in shown]),
            bool(owned),
            self.frame(base if kind.repeat else base[:-1]),
            any(v in subject.highlight.nodes for v in members),
        )

    def title(self, crowd: Crowd) -> tuple[str, str]:
        """Return the name of a group and the line that describes it."""
        kind, first = crowd.kind, crowd.members[0]
        turn = f"#{crowd.turn}" if crowd.turn > 1 else ""
        if not kind.repeat:
            apart = " parameters" if kind.of_parameters else ""
            return kind.path[-1] + turn + apart, self.modules.about.get(kind.path, "")
        held = inside(kind.path, stem(crowd.members))
        found = None if kind.of_parameters else excerpt(first)
        symbol = first.op.symbol if first.op is not None else "leaves"
        if found is None:
            return (held or symbol) + turn, ""
        if held or not _is_of(first):
            return (held or symbol) + turn, found.text
        return elided(found.text) + turn, found.place


def _is_of(node: Value) -> bool:
    """Tell whether the code that made a node is that of its op alone, not `reduce(add, map(mul, w, x))`."""
    code, offset = origin(node)[1:3]
    name = called(code, offset) if isinstance(code, CodeType) else ""
    return name in ("", "Value" if node.op is None else node.op.name)


def inside(path: Path, text: str) -> str:
    """Return a name as it reads inside the frame of a module.

    >>> inside(("mlp", "layers[0]"), "layers[0].neurons[3].b")
    'neurons[3].b'
    """
    whole = short_path(path) if len(path) > 1 else ""
    if whole and text == whole:
        return path[-1]
    return text.removeprefix(f"{whole}.") if whole else text


def _plain(path: Path) -> str:
    return re.sub(r"[^\w.\[\]]", "_", ".".join(path))


def _ordered(parameters: Sequence[Value]) -> list[Value]:
    """Return parameters as one counts: those in lists first, by number, those of one name together."""
    met: dict[str, int] = {}

    def place(v: Value) -> list[tuple[bool, int, int]]:
        result = []
        for part in variable(v).split("."):
            name, _, index = part.partition("[")
            number = re.match(r"\d+", index)
            result.append((not index, met.setdefault(name, len(met)), int(number[0]) if number else 0))
        return result

    return sorted(parameters, key=place)
