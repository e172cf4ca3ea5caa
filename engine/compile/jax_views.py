"""Rows of an array of JAX at even distances: slices and reshapes, where a gather would be slow in reverse."""

from collections.abc import Sequence
from typing import Any

from engine.optional import load

Axis = tuple[int, int]
"""How many rows along an axis, and how far they are apart."""
MOST = 64
"""Axes that overlap, as the windows of a convolution do, are read slice by slice, if these are so few."""


def is_view(shape: Sequence[int], strides: Sequence[int]) -> bool:
    """Return whether rows at these strides are read by few enough slices.

    >>> is_view((3, 4), (4, 1)), is_view((100, 100), (1, 1))
    (True, False)
    """
    axes = [(n, abs(step)) for n, step in zip(shape, strides, strict=True) if step and n > 1]
    axes.sort(key=lambda axis: -axis[1])
    slices = 1
    while (place := _overlapping(axes)) is not None:
        slices *= axes.pop(place)[0]
    return slices <= MOST


def strided(x: Any, first: int, shape: Sequence[int], strides: Sequence[int]) -> Any:
    """Return the rows of x [lane, row] at first + i * strides[0] + j * strides[1] + ...: [lane, i, j, ...].

    Axes of stride 0 have length 1 in the result.
    """
    jnp = load("jax").numpy
    kept = [a for a, (n, step) in enumerate(zip(shape, strides, strict=True)) if step and n > 1]
    lowest = first + sum([(shape[a] - 1) * strides[a] for a in kept if strides[a] < 0])
    kept.sort(key=lambda a: -abs(strides[a]))
    found = _sliced(x, lowest, [(shape[a], abs(strides[a])) for a in kept])
    order = sorted(range(len(kept)), key=lambda place: kept[place])
    if order != list(range(len(kept))):
        found = jnp.transpose(found, (0, *[place + 1 for place in order]))
    found = found.reshape(len(x), *[n if a in kept else 1 for a, n in enumerate(shape)])
    falling = [a + 1 for a in kept if strides[a] < 0]
    return jnp.flip(found, falling) if falling else found


def _reach(axes: Sequence[Axis]) -> int:
    """Return how many rows there are from the first that axes touch to the last."""
    return 1 + sum([(n - 1) * step for n, step in axes])


def _overlapping(axes: Sequence[Axis]) -> int | None:
    """Return the place of an axis to read slice by slice, the shorter of two that overlap; None for none."""
    for place, (n, step) in enumerate(axes):
        if step < _reach(axes[place + 1 :]):
            return place if n <= axes[place + 1][0] else place + 1
    return None


def _sliced(x: Any, first: int, axes: list[Axis]) -> Any:
    """Return rows along axes, of falling strides: [lane, *axes]."""
    place = _overlapping(axes)
    if place is None:
        return _nested(x, first, axes)
    others = axes[:place] + axes[place + 1 :]
    n, step = axes[place]
    return load("jax").numpy.stack([_sliced(x, first + i * step, others) for i in range(n)], axis=place + 1)


def _nested(x: Any, first: int, axes: list[Axis]) -> Any:
    """Return rows along axes that do not overlap: each cuts the rows into as many equal parts."""
    jax = load("jax")

    def cut(x: Any, start: int, count: int, axis: int) -> Any:
        whole = start == 0 and count == x.shape[axis]
        return x if whole else jax.lax.slice_in_dim(x, start, start + count, axis=axis)

    for depth, (n, step) in enumerate(axes, 1):
        if step == 1:  # the last one
            return cut(x, first, n, depth)
        reach, rows = _reach(axes[depth - 1 :]), x.shape[depth]
        if n * step > rows:
            x = cut(x, first, reach, depth)
            x = jax.numpy.pad(x, [(0, n * step - reach if axis == depth else 0) for axis in range(x.ndim)])
            first = 0
        else:
            inside = max(0, first + n * step - rows)
            x, first = cut(x, first - inside, n * step, depth), inside
        x = x.reshape(*x.shape[:depth], n, step, *x.shape[depth + 1 :])
    return jax.lax.index_in_dim(x, first, axis=len(axes) + 1, keepdims=False)
