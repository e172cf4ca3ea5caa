"""Signature: the structure of a function's arguments, how they nest and what their leaves are."""

import inspect
import math
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from engine.carrier import Carrier, as_number

NUMBER, WHOLE = "number", "index"

Tree: TypeAlias = Any
"""NUMBER, WHOLE, or a pair of "list" or "tuple" and a tuple of trees."""


class Signature(NamedTuple):
    """The structure of a sample: a tree for each argument, and the arguments' names.

    A float is a number, an int an index, whatever else is a list: tuples, arrays. A sample of a function of
    one argument is that argument itself, of a function of several a tuple of them.

    >>> signature = Signature.of(lambda x, label: x, ([0.5, 1.0], 3))
    >>> signature
    (x: 2 numbers, label: index)
    >>> signature.flat(([0.0, 2.0], 1))
    ([0.0, 2.0], [1])
    """

    trees: tuple[Tree, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, f: Callable[..., Any], examples: Sequence[Any]) -> "Signature":
        """Return the signature of example arguments.

        Errors: TypeError for what is neither a number, nor a list of them.
        """
        names = _names(f, len(examples))
        return cls(tuple([_tree(x, name) for x, name in zip(examples, names, strict=True)]), tuple(names))

    def __repr__(self) -> str:
        return f"({', '.join(f'{n}: {_told(t)}' for n, t in zip(self.names, self.trees, strict=True))})"

    @property
    def places(self) -> tuple[list[str], list[str]]:
        """What each number and each index is called: `x[0][2]`."""
        numbers: list[str] = []
        indices: list[str] = []
        for tree, name in zip(self.trees, self.names, strict=True):
            for kind, place in _leaves(tree, name):
                (numbers if kind is NUMBER else indices).append(place)
        return numbers, indices

    def arguments(self, sample: Any) -> Sequence[Any]:
        """Return a sample as a tuple of arguments.

        Errors: TypeError for what is no tuple of as many.
        """
        if len(self.trees) == 1:
            return (sample,)
        if not isinstance(sample, (tuple, list)):
            raise TypeError(f"a sample is a tuple {self!r}, got {_shown(sample)}")
        if len(sample) != len(self.trees):
            raise TypeError(f"a sample is a tuple {self!r} of {len(self.trees)}, got {len(sample)} arguments")
        return sample

    def flat(self, sample: Any) -> tuple[list[float], list[int]]:
        """Return the numbers and the indices of a sample, in order.

        Errors: TypeError and ValueError, naming the place, for another structure, for what is no number, for
        a nan, and for a negative index.
        """
        numbers: list[float] = []
        indices: list[int] = []
        arguments = self.arguments(sample)
        for tree, name, argument in zip(self.trees, self.names, arguments, strict=True):
            _flatten(tree, name, argument, numbers, indices)
        return numbers, indices

    def shaped(self, numbers: Iterator[Any], indices: Iterator[Any]) -> tuple[Any, ...]:
        """Return arguments of this structure, filled in order."""
        return tuple([_shaped(tree, numbers, indices) for tree in self.trees])


def takes_one(f: Callable[..., Any]) -> bool:
    """Tell whether a function asks for one argument, so that a sample is that argument itself.

    >>> takes_one(lambda x: x), takes_one(lambda x, y: x), takes_one(lambda x, y=1.0: x)
    (True, False, True)
    """
    return len(_positional(f, required=True)) == 1


def _positional(f: Callable[..., Any], *, required: bool = False) -> list[str]:
    try:
        parameters = inspect.signature(f).parameters
    except (TypeError, ValueError):
        return []
    return [
        name
        for name, p in parameters.items()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        and not (required and p.default is not p.empty)
    ]


def _names(f: Callable[..., Any], count: int) -> list[str]:
    known = _positional(f)[:count]
    return known + [f"argument {i}" for i in range(len(known), count)]


def _tree(x: Any, name: str) -> Tree:
    x = _listed(x)
    if isinstance(x, (list, tuple)):
        kind = "list" if isinstance(x, list) else "tuple"
        return kind, tuple([_tree(item, f"{name}[{i}]") for i, item in enumerate(x)])
    leaf = None if isinstance(x, (bool, Carrier)) else _leaf_kind(x)
    if leaf is None:
        raise TypeError(
            f"{name} is {_shown(x)}; an argument of a program is a float, an int (which is an index), or a "
            "list of such; parameters are given as parameters=..., and anything else is left to the function"
        )
    return leaf


def _leaf_kind(x: Any) -> str | None:
    if type(x) is float:
        return NUMBER
    try:
        operator.index(x)
        return WHOLE
    except TypeError:
        pass
    try:
        as_number(x, "number")
        return NUMBER
    except TypeError:
        return None


def _listed(x: Any) -> Any:
    """Return an array as nested lists, a scalar of numpy's as Python's number."""
    return x.tolist() if hasattr(x, "tolist") and not isinstance(x, Carrier) else x


def _leaves(tree: Tree, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(tree, str):
        yield tree, name
    else:
        for i, branch in enumerate(tree[1]):
            yield from _leaves(branch, f"{name}[{i}]")


def _told(tree: Tree) -> str:
    if isinstance(tree, str):
        return tree
    kinds = set(tree[1])
    if not kinds:
        return "nothing"
    if len(kinds) == 1:
        (kind,) = kinds
        plural = {NUMBER: "numbers", WHOLE: "indices"}.get(kind) if isinstance(kind, str) else None
        return (
            f"{len(tree[1])} {plural}" if plural and len(tree[1]) > 1 else f"{len(tree[1])} × {_told(kind)}"
        )
    return f"({', '.join(map(_told, tree[1][:4]))}{', ...' if len(tree[1]) > 4 else ''})"


def _flatten(tree: Tree, name: str, x: Any, numbers: list[float], indices: list[int]) -> None:
    if tree is NUMBER:
        numbers.append(_number(x, name))
        return
    if tree is WHOLE:
        indices.append(_whole(x, name))
        return
    x = _listed(x)
    branches = tree[1]
    if not isinstance(x, (list, tuple)):
        raise TypeError(f"{name} is {_told(tree)}, got {_shown(x)}")
    if len(x) != len(branches):
        raise ValueError(f"{name} is {_told(tree)}, got {len(x)}; record a program for each length")
    if set(map(type, x)) == {float} and all(branch is NUMBER for branch in branches):
        if any(map(math.isnan, x)):
            _number(next(item for item in x if item != item), f"{name}[{[v != v for v in x].index(True)}]")
        numbers.extend(x)
        return
    for i, (branch, item) in enumerate(zip(branches, x, strict=True)):
        _flatten(branch, f"{name}[{i}]", item, numbers, indices)


def _number(x: Any, name: str) -> float:
    if type(x) is not float:
        if isinstance(x, (Carrier, list, tuple)):
            raise TypeError(f"{name} is a number, got {_shown(x)}")
        x = float(as_number(x, name))
    if math.isnan(x):
        raise ValueError(f"{name} is nan")
    return float(x)


def _whole(x: Any, name: str) -> int:
    try:
        i = operator.index(x)
    except TypeError:
        raise TypeError(f"{name} is an index, a whole number, got {_shown(x)}") from None
    if isinstance(x, bool):
        raise TypeError(f"{name} is an index, a whole number, got {x!r}")
    if i < 0:
        raise IndexError(f"{name} is an index, 0 or more, got {i}")
    return i


def _shaped(tree: Tree, numbers: Iterator[Any], indices: Iterator[Any]) -> Any:
    if tree is NUMBER:
        return next(numbers)
    if tree is WHOLE:
        return next(indices)
    made = [_shaped(branch, numbers, indices) for branch in tree[1]]
    return made if tree[0] == "list" else tuple(made)


def _shown(x: Any) -> str:
    text = repr(x)
    return (
        f"{text[:60]}..., of type {type(x).__name__}"
        if len(text) > 60
        else f"{text} of type {type(x).__name__}"
    )
