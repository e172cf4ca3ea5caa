"""Module: a part of a model, which finds its parameters by walking its attributes."""

import math
import numbers
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from engine import Value
from nn.checked import of_kind

MOST_NAMES = 5


class Module:
    """A part of a model: its parameters are the leaf Values among its attributes, and in them.

    The walk follows the attributes in order of assignment, through lists, tuples, dicts and other Modules;
    a Value that is met again, or was recorded by an op, is no further parameter. A subclass may override
    `parameters` (all else follows it) and `describe`.

    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope, self.offset = Value(2.0), Value(1.0)
    ...     def __call__(self, x):
    ...         return self.slope * x + self.offset
    >>> Line().state()
    {'slope': 2.0, 'offset': 1.0}
    """

    def parameters(self) -> list[Value]:
        """Return the parameters, each once.

        >>> Module().parameters()
        []
        """
        return [value for _, value in _walk(self, heed=True)]

    def named_parameters(self) -> dict[str, Value]:
        """Return the parameters by where they stand: "layers[0].neurons[3].w[2]".

        Errors: ValueError where two parameters would bear one name.

        >>> model = Module()
        >>> model.w = [Value(0.5), Value(0.25)]
        >>> list(model.named_parameters())
        ['w[0]', 'w[1]']
        """
        places: dict[Value, str] = {}
        for path, value in _walk(self, heed=False):
            places.setdefault(value, _text(path))
        named: dict[str, Value] = {}
        for i, value in enumerate(self.parameters()):
            name = places.get(value, f"parameters()[{i}]")
            if named.setdefault(name, value) is not value:
                raise ValueError(f"two parameters of {type(self).__name__} are called {name!r}")
        return named

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.

        >>> Module().zero_grad()
        """
        for value in self.parameters():
            value.grad = 0.0

    def state(self) -> dict[str, float]:
        """Return every parameter's number by its name: a plain dict, ready for JSON.

        >>> model = Module()
        >>> model.b = Value(0.5)
        >>> model.state()
        {'b': 0.5}
        """
        return {name: value.data for name, value in self.named_parameters().items()}

    def load_state(self, state: Mapping[str, float]) -> None:
        """Set every parameter to its number in state; all of them, or none.

        Errors: ValueError listing names that are missing, unexpected, or hold no finite number, TypeError for
        what is no dict.

        >>> model = Module()
        >>> model.b = Value(0.5)
        >>> model.load_state({"b": 2.0})
        >>> model.b.data
        2.0
        """
        of_kind("state", state, Mapping, "a dict of numbers by name, as Module.state gives")
        named = self.named_parameters()
        complaints = [
            ("missing", [repr(name) for name in named if name not in state]),
            ("unexpected", [repr(name) for name in state if name not in named]),
            (
                "not a finite number",
                [f"{k!r}: {v!r}" for k, v in state.items() if k in named and not _finite(v)],
            ),
        ]
        found = [f"{complaint}: {_listed(names)}" for complaint, names in complaints if names]
        if found:
            raise ValueError(
                f"this state does not fit {type(self).__name__}, nothing was loaded; {'; '.join(found)}"
            )
        for name, value in named.items():
            value.data = float(state[name])

    def describe(self) -> str:
        """Return the short text that stands for this module in the printed tree.

        >>> Module().describe()
        'Module'
        """
        return type(self).__name__

    def __repr__(self) -> str:
        total = f"{len(self.parameters()):,} parameters"
        return "\n".join([*_aligned(_tree(self)), total])


Path: TypeAlias = tuple[Any, Any, bool] | None
"""Where a thing stands: (path of what holds it, name or index, whether that is a name); None for the root."""


def _walk(root: Module, *, heed: bool) -> Iterator[tuple[Path, Value]]:
    """Yield (path, leaf) for every leaf Value under root, once; heed the submodules' own `parameters`."""
    seen: set[int] = set()
    stack: list[tuple[Path, Any]] = [(None, root)]
    while stack:
        path, thing = stack.pop()
        if id(thing) in seen:
            continue
        if type(thing) is Value:
            seen.add(id(thing))
            if thing.op is None:
                yield path, thing
        elif isinstance(thing, Module):
            seen.add(id(thing))
            if heed and thing is not root and type(thing).parameters is not Module.parameters:
                stack += [(path, value) for value in reversed(thing.parameters())]
            else:
                stack += reversed(_attributes(path, thing))
        elif isinstance(thing, (list, tuple, dict)):
            seen.add(id(thing))
            stack += reversed(_items(path, thing))


def _attributes(path: Path, module: Module) -> list[tuple[Path, Any]]:
    return [((path, name, True), thing) for name, thing in vars(module).items()]


def _items(path: Path, things: list[Any] | tuple[Any, ...] | dict[Any, Any]) -> list[tuple[Path, Any]]:
    pairs = things.items() if isinstance(things, dict) else enumerate(things)
    return [((path, key, False), thing) for key, thing in pairs]


def _text(path: Path) -> str:
    """Return a path as Python would write it: layers[0].neurons[3]."""
    pieces: list[str] = []
    while path is not None:
        path, key, named = path
        pieces.append(f".{key}" if named else f"[{key!r}]")
    return "".join(reversed(pieces)).removeprefix(".")


def _finite(x: Any) -> bool:
    try:
        return isinstance(x, numbers.Real) and math.isfinite(float(x))
    except OverflowError:
        return False


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more


def children(module: Module) -> list[tuple[str, Module]]:
    """Return the modules right below a module with their paths from it, through lists and dicts.

    >>> outer = Module()
    >>> outer.parts = [Module(), Module()]
    >>> [path for path, _ in children(outer)]
    ['parts[0]', 'parts[1]']
    """
    found: list[tuple[str, Module]] = []
    seen: set[int] = set()
    stack = list(reversed(_attributes(None, module)))
    while stack:
        path, thing = stack.pop()
        if isinstance(thing, Module):
            found.append((_text(path), thing))
        elif isinstance(thing, (list, tuple, dict)) and id(thing) not in seen:
            seen.add(id(thing))
            stack += reversed(_items(path, thing))
    return found


Block = list[tuple[str, str]]
"""The lines of a printed module: (text, number of parameters)."""


def _tree(root: Module) -> Block:
    """Return the printed tree of a module, made from the leaves up; a module met again is not repeated."""
    order: list[Module] = []
    below: dict[int, list[tuple[str, Module]]] = {}
    stack = [root]
    while stack:
        module = stack.pop()
        if id(module) not in below:
            order.append(module)
            below[id(module)] = children(module)
            stack += [child for _, child in reversed(below[id(module)])]
    blocks: dict[int, Block] = {}
    for module in reversed(order):
        lines = [(module.describe(), f"{len(module.parameters()):,}")]
        # a child that stands higher up in the order has no block yet: it is printed there
        known = [(path, blocks[id(child)]) for path, child in below[id(module)] if id(child) in blocks]
        groups = _folded(known)
        for i, (label, times, block) in enumerate(groups):
            first, more = ("└─ ", "   ") if i == len(groups) - 1 else ("├─ ", "│  ")
            (text, count), *rest = block
            times_text, each = (f" × {times}", f"{count} each") if times > 1 else ("", count)
            lines.append((f"{first}{label} {text}{times_text}", each))
            lines += [(more + text, count) for text, count in rest]
        blocks[id(module)] = lines
    return blocks[id(root)]


def _folded(children: list[tuple[str, Block]]) -> list[tuple[str, int, Block]]:
    """Return (label, times, block) for runs of equal children in one list."""
    groups: list[tuple[str, str, int, Block]] = []
    for path, block in children:
        stem = path.rpartition("[")[0]
        if groups and stem and groups[-1][0].rpartition("[")[0] == stem and groups[-1][3] == block:
            start, _, times, _ = groups[-1]
            groups[-1] = (start, path, times + 1, block)
        else:
            groups.append((path, path, 1, block))
    return [
        (start if times == 1 else f"{start[:-1]}…{end.rpartition('[')[2]}", times, block)
        for start, end, times, block in groups
    ]


def _aligned(lines: Block) -> list[str]:
    width = max(len(text) for text, _ in lines)
    figures = max(len(count.partition(" ")[0]) for _, count in lines)
    return [
        f"{text.ljust(width)}  {' ' * (figures - len(count.partition(' ')[0]))}{count}"
        for text, count in lines
    ]
