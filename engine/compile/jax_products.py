"""Sums of products that are products of matrices, each along axes of its own: XLA has a kernel for them."""

from collections.abc import Sequence
from string import ascii_letters
from typing import Any

from engine.compile.jax_orders import parted
from engine.optional import load

SMALL = 8192
"""Of a product of so few numbers the transposes that XLA makes cost little."""


def product(x: Any, y: Any, folded: Sequence[int], is_point: Any = None) -> Any:
    """Return the sum of x * y along some axes as a dot_general, None where it is no matrix product.

    Both have the same axes, of length 1 where they stand still. `is_point` tells which of the summands there
    are, None that all are: the others are 0 times what stands there.

    >>> jnp = load("jax").numpy  # doctest: +SKIP
    >>> product(jnp.ones((2, 4, 1)), jnp.ones((1, 4, 3)), [1]).tolist()  # doctest: +SKIP
    [[4.0, 4.0, 4.0], [4.0, 4.0, 4.0]]
    """
    moved = [[axis for axis, n in enumerate(array.shape) if n > 1] for array in (x, y)]
    if parted(moved, folded) is None:
        return None
    jnp = load("jax").numpy
    if is_point is not None and max([is_point.shape[axis] for axis in folded]) > 1:
        if _covers(x, is_point):
            x = jnp.where(is_point, x, 0.0)
        elif _covers(y, is_point):
            y = jnp.where(is_point, y, 0.0)
        else:
            return None
    kept = [axis for axis in range(x.ndim) if axis not in folded]
    result = [axis for axis in kept if axis in moved[0] or axis in moved[1]]
    texts = ["".join([ascii_letters[axis] for axis in axes]) for axes in (*moved, result)]
    arrays = jnp.squeeze(x, _still(x)), jnp.squeeze(y, _still(y))
    found = jnp.einsum(f"{texts[0]},{texts[1]}->{texts[2]}", *arrays)
    return found.reshape([max(x.shape[axis], y.shape[axis]) for axis in kept])


def _covers(x: Any, is_point: Any) -> bool:
    """Return whether an array has all axes along which summands are missing."""
    return all(n > 1 or m == 1 for n, m in zip(x.shape, is_point.shape, strict=True))


def _still(x: Any) -> tuple[int, ...]:
    return tuple([axis for axis, n in enumerate(x.shape) if n == 1])


def applied(weights: Any, columns: Any) -> Any:
    """Return weights [row, element] times columns [lane, column, element]: [lane, column, row].

    Columns are the left operand, where the reverse that JAX makes of it is free of their transposes; where
    there is little of both it is the weights, and those are what is not transposed.

    >>> jnp = load("jax").numpy  # doctest: +SKIP
    >>> applied(jnp.ones((2, 3)), jnp.ones((1, 4, 3))).shape  # doctest: +SKIP
    (1, 4, 2)
    """
    jnp = load("jax").numpy
    count = columns.shape[0] * columns.shape[1]
    if weights.size + count * sum(weights.shape) > SMALL:
        return jnp.tensordot(columns, weights, (2, 1))
    return jnp.moveaxis(jnp.tensordot(weights, columns, (1, 2)), 0, 2)
