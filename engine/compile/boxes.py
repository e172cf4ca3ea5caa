"""Arguments that are boxes: a number or an index, or even lists of such, so that they can be arrays."""

from typing import Any


def box(tree: Any, name: str, array: str) -> tuple[tuple[int, ...], str]:
    """Return the shape of an argument, and whether it holds numbers or indices; `array` is what it has to be.

    Errors: ValueError, naming the argument, for one that is no box.

    >>> box(("list", ("number", "number")), "x", "tensor")
    ((2,), 'number')
    """
    shape: list[int] = []
    while not isinstance(tree, str):
        branches = set(tree[1])
        if len(branches) != 1:
            raise ValueError(
                f"{name} is no box of numbers or of indices, so it is no {array}; give its parts as "
                "arguments of their own"
            )
        shape.append(len(tree[1]))
        tree = branches.pop()
    return tuple(shape), tree
