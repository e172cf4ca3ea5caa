"""Matrix products, two functions for all shapes.

`spread` is C[i, n] = Σ_k A[i, k] B[k, n], vectors along n, numbers of A spread over them. `inner` is
C[i, j] = Σ_n A[i, n] B[j, n], vectors along n, added up at the end. The axis n is contiguous: columns, and
the lanes beside each.
"""

from typing import Any

from engine.compile.llvm_kernel import SLOTS, Kernel
from engine.compile.llvm_tiles import Laid, begin, each, from_rows, multiplied, strips, sums, tiles
from engine.compile.llvm_turns import totals, turned

HELD = 2048
"""So many numbers of A stay in the nearest cache."""
INNER = {4: (4, 2, 1), 2: (8, 4, 2, 1), 1: (8, 4, 2, 1)}
"""By how many rows of B a tile of `inner` has, how many of A."""
NARROW_INNER = {2: (4, 2, 1), 1: (4, 2, 1)}
"""The same for a machine of 16 registers."""
PANEL = 128
"""So many numbers of rows of B are turned at a time."""
MANY, OTHERS = 64, 128
"""B is turned where A and B have so many rows, and these are no longer than those of A are many."""


def buffer_number(name: str) -> int:
    """Return the argument that says which buffer a matrix is in."""
    return SLOTS.index(name)


def emit_spread(kernel: Kernel) -> None:
    """Emit `spread`; its arguments: whether to add, rows, inner length, columns; the matrices A, B and C.

    A matrix is the number of its buffer, first row, distance of rows, of columns. B and C have lanes.
    """
    b = kernel.builder
    adds, rows, inner, columns = (kernel.argument() for _ in range(4))
    length = b.mul(columns, kernel.slot("stride"))
    left, right, out = (Laid.given(kernel, laned) for laned in (False, True, True))

    def strip(first: Any, vectors: int, mask: Any) -> None:
        matrices = left, _moved(kernel, right, first), _moved(kernel, out, first)
        multiplied(kernel, matrices, (rows, inner), adds, vectors, mask)

    strips(kernel, length, strip)


def _moved(kernel: Kernel, matrix: Laid, count: Any) -> Laid:
    """Return a matrix that begins so many elements later."""
    return matrix._replace(first=kernel.builder.add(matrix.first, count))


def emit_inner(kernel: Kernel) -> None:
    """Emit `inner`; its arguments: whether to add, rows of A, rows of B, columns; the matrices A, B and C.

    A and B have lanes; the columns of C stand one after the other. Where there are many short rows, adding up
    vectors would take long: B is turned.
    """
    b = kernel.builder
    adds, rows, others, columns = (kernel.argument() for _ in range(4))
    length = b.mul(columns, kernel.slot("stride"))
    matrices = Laid.given(kernel, True), Laid.given(kernel, True), Laid.given(kernel, False)
    turns = b.icmp_signed("==", b.srem(length, kernel.whole(kernel.width)), kernel.whole(0))
    for less, more in ((kernel.whole(MANY), rows), (kernel.whole(OTHERS), others), (length, rows)):
        turns = b.and_(turns, b.icmp_signed("<=", less, more))
    sizes = rows, others, length
    with b.if_else(turns) as (yes, no):
        with yes:
            _turning(kernel, matrices, sizes, adds)
        with no:
            _adding_up(kernel, matrices, sizes, adds)


def _turning(
    kernel: Kernel, matrices: tuple[Laid, Laid, Laid], sizes: tuple[Any, Any, Any], adds: Any
) -> None:
    """Emit a product along rows, strip by strip of B, turned so that vectors run along the columns of C."""
    b, width = kernel.builder, kernel.width
    left, right, out = matrices
    rows, others, length = sizes
    last = b.sub(others, kernel.whole(1))
    place = kernel.room(kernel.vector, max(tiles(kernel)) * PANEL)
    room = b.bitcast(place, kernel.pointer)

    def strip(first: Any, vectors: int, mask: Any) -> None:
        panel = Laid(room, kernel.whole(0), kernel.whole(vectors * width), kernel.whole(1))
        target = _moved(kernel, out, first)
        with kernel.loop(length, step=PANEL) as start:
            rest = b.sub(length, start)
            count = b.select(b.icmp_signed("<", rest, kernel.whole(PANEL)), rest, kernel.whole(PANEL))
            for v in range(vectors):
                places = [b.add(first, kernel.whole(v * width + i)) for i in range(width)]
                if mask is not None:
                    places = [b.select(b.icmp_signed("<", place, last), place, last) for place in places]
                lines = [b.add(from_rows(kernel, right, place, 1)[0], start) for place in places]
                with kernel.loop(count, step=width) as n:
                    square = [kernel.numbers(right.buffer, b.add(line, n)) for line in lines]
                    targets = from_rows(kernel, panel, n, width)
                    for x, place in zip(turned(kernel, square), targets, strict=True):
                        kernel.put(x, room, b.add(place, kernel.whole(v * width)))
            part = _moved(kernel, left, start)._replace(column=kernel.whole(1))
            multiplied(kernel, (part, panel, target), (rows, count), b.or_(adds, start), vectors, mask)

    strips(kernel, others, strip)


def _adding_up(
    kernel: Kernel, matrices: tuple[Laid, Laid, Laid], sizes: tuple[Any, Any, Any], adds: Any
) -> None:
    """Emit a product along rows, whose vectors are added up at the end.

    B is gone through for some rows of A after the other, so many that they stay in the nearest cache.
    """
    b, width = kernel.builder, kernel.width
    left, right, out = matrices
    rows, others, length = sizes
    whole = b.sub(length, b.srem(length, kernel.whole(width)))
    rest = b.sub(length, whole)
    mask = kernel.first(rest)
    heights = INNER if width == 8 else NARROW_INNER
    some = b.icmp_signed(">", rest, kernel.whole(0))

    def strip(other: Any, count: int) -> None:
        def tile(row: Any, height: int) -> None:
            held = [sums(kernel, count) for _ in range(height)]
            for line in held:
                for place in line:
                    b.store(kernel.splat(0.0), place)
            lefts = from_rows(kernel, left, row, height)
            rights = from_rows(kernel, right, other, count)

            def step(n: Any, mask: Any) -> None:
                xs = [kernel.numbers(left.buffer, b.add(x, n)) for x in lefts]
                ys = [kernel.numbers(right.buffer, b.add(y, n)) for y in rights]
                if mask is not None:
                    xs = [b.select(mask, x, kernel.splat(0.0)) for x in xs]
                    ys = [b.select(mask, y, kernel.splat(0.0)) for y in ys]
                for i, x in enumerate(xs):
                    for j, y in enumerate(ys):
                        total = b.load(held[i][j], typ=kernel.vector)
                        b.store(kernel.fma(x, y, total), held[i][j])

            with kernel.loop(whole, step=width) as n:
                step(n, None)
            with kernel.only_if(some):
                step(whole, mask)
            kind = kernel.ir.VectorType(kernel.double, count)
            before = [kernel.room(kind) for _ in range(height)]
            targets = [b.add(start, other) for start in from_rows(kernel, out, row, height)]
            begin(kernel, before, out.buffer, targets, adds, kind)
            for line, place, target in zip(held, before, targets, strict=True):
                found = totals(kernel, [b.load(x, typ=kernel.vector) for x in line])
                kernel.put(b.fadd(b.load(place, typ=kind), found), out.buffer, target)

        each(kernel, end, heights[count], tile, start)

    few = b.mul(kernel.whole(8), b.add(b.sdiv(kernel.whole(HELD // 8), length), kernel.whole(1)))
    with kernel.loop(b.sdiv(b.add(rows, b.sub(few, kernel.whole(1))), few)) as block:
        start = b.mul(block, few)
        end = b.add(start, few)
        end = b.select(b.icmp_signed("<", end, rows), end, rows)
        each(kernel, others, tuple(heights), strip)
