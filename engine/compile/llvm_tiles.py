"""Tiles of a matrix product: some rows by a few vectors, whose sums stay in registers."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.compile.llvm_kernel import Kernel

Tiles = dict[int, tuple[int, ...]]
"""By how many vectors a strip is wide, how many rows its tiles have, the most first."""
TILES: Tiles = {3: (8, 4, 2, 1), 2: (8, 4, 2, 1), 1: (8, 4, 2, 1)}
"""24 sums at most, of 32 registers."""
NARROW_TILES: Tiles = {2: (4, 2, 1), 1: (4, 2, 1)}
"""The same for a machine of 16 registers."""


class Laid(NamedTuple):
    """A matrix as it lies: its buffer, first element, the distances of its rows and columns, in elements."""

    buffer: Any
    first: Any
    row: Any
    column: Any

    @classmethod
    def given(cls, kernel: Kernel, laned: bool) -> "Laid":
        """Return the matrix that the next arguments tell; where it has lanes, they count rows of them."""
        b = kernel.builder
        place = kernel.at(kernel.function.args[0], kernel.argument(), kernel.long)
        unit = kernel.slot("stride") if laned else kernel.whole(1)
        return cls(b.load(place, typ=kernel.pointer), *[b.mul(kernel.argument(), unit) for _ in range(3)])


def sums(kernel: Kernel, count: int) -> list[Any]:
    """Return places on the stack for so many vectors, which become registers."""
    return [kernel.room(kernel.vector) for _ in range(count)]


def each(
    kernel: Kernel, count: Any, sizes: Sequence[int], body: Callable[[Any, int], None], first: Any = None
) -> None:
    """Emit a body for `sizes[0]` rows at a time, what is left for the smaller sizes, which halve.

    It begins at row `first`, 0 by default, and ends before row `count`.
    """
    b = kernel.builder
    done = kernel.whole(0) if first is None else first
    for size in sizes:
        left = b.sub(count, done)
        end = b.add(done, b.sub(left, b.srem(left, kernel.whole(size))))
        with kernel.loop(end, done, step=size) as row:
            body(row, size)
        done = end


def strips(kernel: Kernel, length: Any, body: Callable[[Any, int, Any], None]) -> None:
    """Emit a body for each strip of columns: the first, how many vectors, a mask where it is not full."""
    b, width = kernel.builder, kernel.width
    counts = _counts(kernel, b.sdiv(length, kernel.whole(width)), max(tiles(kernel)))
    start = kernel.whole(0)
    for size in sorted(counts, reverse=True):
        end = b.add(start, b.mul(counts[size], kernel.whole(size * width)))
        with kernel.loop(end, start, step=size * width) as first:
            body(first, size, None)
        start = end
    rest = b.sub(length, start)
    with kernel.only_if(b.icmp_signed(">", rest, kernel.whole(0))):
        body(start, 1, kernel.first(rest))


def tiles(kernel: Kernel) -> Tiles:
    """Return the tiles of a machine: by vectors of a strip, rows."""
    return TILES if kernel.width == 8 else NARROW_TILES


def _counts(kernel: Kernel, vectors: Any, most: int) -> dict[int, Any]:
    """Return how many strips of each width there are: of 3 as many as leave no single vector."""
    b, zero, one = kernel.builder, kernel.whole(0), kernel.whole(1)
    pairs, single = b.sdiv(vectors, kernel.whole(2)), b.srem(vectors, kernel.whole(2))
    if most == 2:
        return {2: pairs, 1: single}
    threes, left = b.sdiv(vectors, kernel.whole(3)), b.srem(vectors, kernel.whole(3))
    some = b.icmp_signed(">", threes, zero)
    is_one, is_two = (b.icmp_signed("==", left, kernel.whole(n)) for n in (1, 2))
    fewer = b.and_(some, is_one)
    twos = b.select(fewer, kernel.whole(2), b.select(is_two, one, zero))
    ones = b.select(some, zero, b.select(is_one, one, zero))
    return {3: b.select(fewer, b.sub(threes, one), threes), 2: twos, 1: ones}


def multiplied(
    kernel: Kernel,
    matrices: tuple[Laid, Laid, Laid],
    sizes: tuple[Any, Any],
    adds: Any,
    vectors: int,
    mask: Any,
) -> None:
    """Emit the product of a matrix and a strip of so many vectors; the sizes: rows and inner length."""
    b, width = kernel.builder, kernel.width
    left, right, out = matrices
    rows, inner = sizes

    def tile(row: Any, height: int) -> None:
        held = [sums(kernel, vectors) for _ in range(height)]
        targets = [
            b.add(start, kernel.whole(v * width))
            for start in from_rows(kernel, out, row, height)
            for v in range(vectors)
        ]
        places = [place for line in held for place in line]
        begin(kernel, places, out.buffer, targets, adds, kernel.vector)
        starts = from_rows(kernel, left, row, height)
        with kernel.loop(inner) as k:
            line = b.add(right.first, b.mul(k, right.row))
            strip = [
                kernel.numbers(right.buffer, b.add(line, kernel.whole(v * width))) for v in range(vectors)
            ]
            step = b.mul(k, left.column)
            for i in range(height):
                x = kernel.spread(kernel.number(left.buffer, b.add(starts[i], step)))
                for v in range(vectors):
                    total = b.load(held[i][v], typ=kernel.vector)
                    b.store(kernel.fma(x, strip[v], total), held[i][v])
        for place, target in zip(places, targets, strict=True):
            x = b.load(place, typ=kernel.vector)
            if mask is not None:
                x = b.select(mask, x, kernel.numbers(out.buffer, target))
            kernel.put(x, out.buffer, target)

    each(kernel, rows, tiles(kernel)[vectors], tile)


def from_rows(kernel: Kernel, matrix: Laid, row: Any, count: int) -> list[Any]:
    """Return the places at which some rows begin that follow each other."""
    b = kernel.builder
    places = [b.add(matrix.first, b.mul(row, matrix.row))]
    while len(places) < count:
        places.append(b.add(places[-1], matrix.row))
    return places


def begin(kernel: Kernel, places: list[Any], buffer: Any, targets: list[Any], adds: Any, kind: Any) -> None:
    """Let sums begin with what is there, or with 0."""
    b = kernel.builder
    with b.if_else(b.icmp_signed("!=", adds, kernel.whole(0))) as (added, fresh):
        with added:
            for place, target in zip(places, targets, strict=True):
                held = b.load(kernel.at(buffer, target, kernel.double), typ=kind)
                held.align = 8
                b.store(held, place)
        with fresh:
            for place in places:
                b.store(kernel.ir.Constant(kind, [0.0] * kind.count), place)
