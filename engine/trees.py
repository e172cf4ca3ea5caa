"""Trees of numbers: nested lists, tuples and dicts, as functions take and return them."""

from collections.abc import Iterator
from typing import Any


def leaves(tree: Any) -> list[Any]:
    """Return the numbers of a tree, in order.

    >>> leaves({"w": [1.0, (2.0, 3.0)], "b": 4.0})
    [1.0, 2.0, 3.0, 4.0]
    """
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        return [leaf for branch in tree for leaf in leaves(branch)]
    return [tree]


def leaves_like(tree: Any, form: Any, name: str) -> list[Any]:
    """Return the numbers of a tree in the order of `form`, another tree; `name` is what it is called.

    Errors: ValueError where it has another form.

    >>> leaves_like({"b": 4.0, "w": 1.0}, {"w": 0.0, "b": 0.0}, "gradient")
    [1.0, 4.0]
    """
    if isinstance(form, dict):
        if isinstance(tree, dict) and tree.keys() == form.keys():
            return [leaf for key, part in form.items() for leaf in leaves_like(tree[key], part, name)]
    elif isinstance(form, (list, tuple)):
        if isinstance(tree, (list, tuple)) and len(tree) == len(form):
            pairs = zip(tree, form, strict=True)
            return [leaf for branch, part in pairs for leaf in leaves_like(branch, part, name)]
    elif not isinstance(tree, (dict, list, tuple)):
        return [tree]
    raise ValueError(f"{name} must have the form of {form!r}, got {tree!r}")


def shaped(tree: Any, numbers: Iterator[Any]) -> Any:
    """Return the tree with its numbers replaced, in order.

    >>> shaped([1.0, (2.0, 3.0)], iter("abc"))
    ['a', ('b', 'c')]
    """
    if isinstance(tree, dict):
        return {key: shaped(branch, numbers) for key, branch in tree.items()}
    if isinstance(tree, (list, tuple)):
        branches = [shaped(branch, numbers) for branch in tree]
        return branches if isinstance(tree, list) else tuple(branches)
    return next(numbers)
