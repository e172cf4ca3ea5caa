"""Vectors turned in registers: a square of them transposed, the sums of several made one vector.

Both begin with pairs of vectors, which become one that holds the numbers at even places, by turns, and one
with those at odd places; then what stands together, two numbers, is moved as one, as processors like to.
"""

from typing import Any

from engine.compile.llvm_kernel import Kernel


def turned(kernel: Kernel, lines: list[Any]) -> list[Any]:
    """Return as many vectors as they have numbers, transposed."""
    columns = list(zip(*[_by_turns(kernel, *pair) for pair in _pairs(lines)], strict=True))
    while len(columns[0]) > 1:
        split = [
            list(zip(*[_apart(kernel, *pair, 2) for pair in _pairs(column)], strict=True))
            for column in columns
        ]
        columns = [column for half in zip(*split, strict=True) for column in half]
    return [column[0] for column in columns]


def totals(kernel: Kernel, vectors: list[Any]) -> Any:
    """Return a vector of the sums of 1, 2 or 4 vectors: neighbours are added, then theirs, and so on."""
    b, unit, parts = kernel.builder, 1, kernel.width
    if len(vectors) > 1:
        vectors = [b.fadd(*_by_turns(kernel, *pair)) for pair in _pairs(vectors)]
        unit, parts = 2, parts // 2
    while len(vectors) > 1:
        vectors = [b.fadd(*_apart(kernel, *pair, unit)) for pair in _pairs(vectors)]
        parts //= 2
    (x,) = vectors
    while parts > 1:
        x, parts = b.fadd(*_apart(kernel, x, None, unit)), parts // 2
    return x


def _pairs(vectors: Any) -> list[tuple[Any, Any]]:
    return list(zip(vectors[::2], vectors[1::2], strict=True))


def _by_turns(kernel: Kernel, x: Any, y: Any) -> tuple[Any, Any]:
    """Return x[0], y[0], x[2], y[2], ..., and x[1], y[1], x[3], y[3], ..."""
    places = [place for i in range(0, kernel.width, 2) for place in (i, kernel.width + i)]
    return _picked(kernel, x, y, places), _picked(kernel, x, y, [place + 1 for place in places])


def _apart(kernel: Kernel, x: Any, y: Any | None, unit: int) -> tuple[Any, Any]:
    """Return the units at even places of x, then of y if there is one, and those at odd places."""
    count = x.type.count if y is None else 2 * x.type.count
    places = [i + j for i in range(0, count, 2 * unit) for j in range(unit)]
    other = x if y is None else y
    return _picked(kernel, x, other, places), _picked(kernel, x, other, [place + unit for place in places])


def _picked(kernel: Kernel, x: Any, y: Any, places: list[int]) -> Any:
    """Return the numbers at some places of x and y, one after the other."""
    kind = kernel.ir.VectorType(kernel.short, len(places))
    return kernel.builder.shuffle_vector(x, y, kernel.ir.Constant(kind, places))
