"""Matrix products in tiles held in registers: two functions for all shapes.

`spread` is C[i, n] = Σ_k A[i, k] B[k, n], vectors along n, numbers of A spread over them. `inner` is
C[i, j] = Σ_n A[i, n] B[j, n], vectors along n, added up at the end. The axis n is contiguous: columns, and
the lanes beside each.
"""

from collections.abc import Callable, Sequence
from typing import Any

from engine.compile.llvm_kernel import SLOTS, Kernel

TILES = {3: (8, 4, 2, 1), 2: (8, 4, 2, 1), 1: (8, 4, 2, 1)}
"""By how many vectors a strip is wide, how many rows its tiles have: 24 sums at most, of 32 registers."""
NARROW_TILES = {2: (4, 2, 1), 1: (4, 2, 1)}
"""The same for a machine of 16 registers."""
HELD = 2048
"""So many numbers of A stay in the nearest cache."""
INNER = {4: (4, 2, 1), 2: (8, 4, 2, 1), 1: (8, 4, 2, 1)}
"""By how many rows of B a tile of `inner` has, how many of A."""


class _Matrix:
    """A matrix by its first element and the distances of its rows and columns, in elements."""

    def __init__(self, kernel: Kernel, laned: bool) -> None:
        b = kernel.builder
        state = kernel.function.args[0]
        self.kernel = kernel
        place = kernel.at(state, kernel.argument(), kernel.long)
        self.buffer = b.load(place, typ=kernel.pointer)
        unit = kernel.slot("stride") if laned else kernel.whole(1)
        self.first, self.row, self.column = (b.mul(kernel.argument(), unit) for _ in range(3))

    def from_row(self, row: Any) -> Any:
        """Return the place at which a row begins."""
        b = self.kernel.builder
        return b.add(self.first, b.mul(row, self.row))


def buffer_number(name: str) -> int:
    """Return the argument that says which buffer a matrix is in."""
    return SLOTS.index(name)


def _sums(kernel: Kernel, count: int) -> list[Any]:
    return [kernel.room(kernel.vector) for _ in range(count)]


def _each(
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


def emit_spread(kernel: Kernel) -> None:
    """Emit `spread`; its arguments: whether to add, rows, inner length, columns; the matrices A, B and C.

    A matrix is the number of its buffer, first row, distance of rows, of columns. B and C have lanes.
    """
    b, width = kernel.builder, kernel.width
    adds, rows, inner, columns = (kernel.argument() for _ in range(4))
    length = b.mul(columns, kernel.slot("stride"))
    left, right, out = _Matrix(kernel, False), _Matrix(kernel, True), _Matrix(kernel, True)
    tiles = TILES if width == 8 else NARROW_TILES
    vectors = b.sdiv(length, kernel.whole(width))
    counts = _strips(kernel, vectors, max(tiles))
    start = kernel.whole(0)
    for size in sorted(tiles, reverse=True):
        end = b.add(start, b.mul(counts[size], kernel.whole(size * width)))
        with kernel.loop(end, start, step=size * width) as first:
            _each(
                kernel, rows, tiles[size], _tile(kernel, (left, right, out), inner, adds, first, size, None)
            )
        start = end
    rest = b.sub(length, start)
    with kernel.only_if(b.icmp_signed(">", rest, kernel.whole(0))):
        mask = kernel.first(rest)
        _each(kernel, rows, tiles[1], _tile(kernel, (left, right, out), inner, adds, start, 1, mask))


def _strips(kernel: Kernel, vectors: Any, most: int) -> dict[int, Any]:
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


def _tile(
    kernel: Kernel,
    matrices: tuple[_Matrix, _Matrix, _Matrix],
    inner: Any,
    adds: Any,
    first: Any,
    vectors: int,
    mask: Any,
) -> Callable[[Any, int], None]:
    """Return what emits a tile of some rows by `vectors` vectors, which begin at column `first`."""
    b, width = kernel.builder, kernel.width
    left, right, out = matrices

    def emit(row: Any, rows: int) -> None:
        sums = [_sums(kernel, vectors) for _ in range(rows)]
        targets = [
            b.add(b.add(out.from_row(b.add(row, kernel.whole(i))), first), kernel.whole(v * width))
            for i in range(rows)
            for v in range(vectors)
        ]
        places = [place for line in sums for place in line]
        _begin(kernel, places, out.buffer, targets, adds, kernel.vector)
        starts = [left.from_row(b.add(row, kernel.whole(i))) for i in range(rows)]
        base = b.add(right.first, first)
        with kernel.loop(inner) as k:
            line = b.add(base, b.mul(k, right.row))
            strip = [
                kernel.numbers(right.buffer, b.add(line, kernel.whole(v * width))) for v in range(vectors)
            ]
            step = b.mul(k, left.column)
            for i in range(rows):
                x = kernel.spread(kernel.number(left.buffer, b.add(starts[i], step)))
                for v in range(vectors):
                    total = b.load(sums[i][v], typ=kernel.vector)
                    b.store(kernel.fma(x, strip[v], total), sums[i][v])
        for place, target in zip(places, targets, strict=True):
            x = b.load(place, typ=kernel.vector)
            if mask is not None:
                x = b.select(mask, x, kernel.numbers(out.buffer, target))
            kernel.put(x, out.buffer, target)

    return emit


def _begin(kernel: Kernel, places: list[Any], buffer: Any, targets: list[Any], adds: Any, kind: Any) -> None:
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


def emit_inner(kernel: Kernel) -> None:
    """Emit `inner`; its arguments: whether to add, rows of A, rows of B, columns; the matrices A, B and C.

    A and B have lanes; the columns of C stand one after the other. B is gone through for some rows of A after
    the other, so many that they stay in the nearest cache meanwhile.
    """
    b, width = kernel.builder, kernel.width
    adds, rows, others, columns = (kernel.argument() for _ in range(4))
    length = b.mul(columns, kernel.slot("stride"))
    left, right, out = _Matrix(kernel, True), _Matrix(kernel, True), _Matrix(kernel, False)
    whole = b.sub(length, b.srem(length, kernel.whole(width)))
    rest = b.sub(length, whole)
    mask = kernel.first(rest)
    tiles = INNER if width == 8 else NARROW_TILES
    some = b.icmp_signed(">", rest, kernel.whole(0))

    def strip(other: Any, count: int) -> None:
        def tile(row: Any, height: int) -> None:
            sums = [_sums(kernel, count) for _ in range(height)]
            for line in sums:
                for place in line:
                    b.store(kernel.splat(0.0), place)
            lefts = [left.from_row(b.add(row, kernel.whole(i))) for i in range(height)]
            rights = [right.from_row(b.add(other, kernel.whole(j))) for j in range(count)]

            def step(n: Any, mask: Any) -> None:
                xs = [kernel.numbers(left.buffer, b.add(x, n)) for x in lefts]
                ys = [kernel.numbers(right.buffer, b.add(y, n)) for y in rights]
                if mask is not None:
                    xs = [b.select(mask, x, kernel.splat(0.0)) for x in xs]
                    ys = [b.select(mask, y, kernel.splat(0.0)) for y in ys]
                for i, x in enumerate(xs):
                    for j, y in enumerate(ys):
                        total = b.load(sums[i][j], typ=kernel.vector)
                        b.store(kernel.fma(x, y, total), sums[i][j])

            with kernel.loop(whole, step=width) as n:
                step(n, None)
            with kernel.only_if(some):
                step(whole, mask)
            kind = kernel.ir.VectorType(kernel.double, count)
            held = [kernel.room(kind) for _ in range(height)]
            targets = [b.add(out.from_row(b.add(row, kernel.whole(i))), other) for i in range(height)]
            _begin(kernel, held, out.buffer, targets, adds, kind)
            for line, before, target in zip(sums, held, targets, strict=True):
                found = totals(kernel, [b.load(place, typ=kernel.vector) for place in line])
                kernel.put(b.fadd(b.load(before, typ=kind), found), out.buffer, target)

        _each(kernel, end, tiles[count], tile, start)

    few = b.mul(kernel.whole(8), b.add(b.sdiv(kernel.whole(HELD // 8), length), kernel.whole(1)))
    with kernel.loop(b.sdiv(b.add(rows, b.sub(few, kernel.whole(1))), few)) as block:
        start = b.mul(block, few)
        end = b.add(start, few)
        end = b.select(b.icmp_signed("<", end, rows), end, rows)
        _each(kernel, others, tuple(tiles), strip)


def totals(kernel: Kernel, vectors: list[Any]) -> Any:
    """Return a vector of the sums of 1, 2 or 4 vectors: neighbours are added, then theirs, and so on."""
    width = kernel.width
    while len(vectors) > 1 and width > 1:
        pairs = zip(vectors[::2], vectors[1::2], strict=True)
        vectors = [_halved(kernel, x, y, 2 * kernel.width) for x, y in pairs]
        width //= 2
    (x, *more) = vectors
    if more:
        x = kernel.builder.shuffle_vector(x, more[0], _places(kernel, range(2 * kernel.width)))
    size = x.type.count
    while width > 1:
        x, size, width = _halved(kernel, x, x, size), size // 2, width // 2
    return x


def _halved(kernel: Kernel, x: Any, y: Any, size: int) -> Any:
    """Return the sums of neighbours in x, then in y, as far as `size` numbers go."""
    b = kernel.builder
    even, odd = _places(kernel, range(0, size, 2)), _places(kernel, range(1, size, 2))
    return b.fadd(b.shuffle_vector(x, y, even), b.shuffle_vector(x, y, odd))


def _places(kernel: Kernel, places: range) -> Any:
    return kernel.ir.Constant(kernel.ir.VectorType(kernel.short, len(places)), list(places))
