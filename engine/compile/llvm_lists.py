"""Folds without lanes along their lists: a vector of a list's points at a time, as many lists together."""

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.compile.llvm_flats import FlatRead, FlatView
from engine.compile.llvm_kernel import Kernel
from engine.compile.llvm_lets import Lets, computed, folded, neutral


class ListsKind(NamedTuple):
    """What makes a function of its own of a fold along its lists.

    `reads` holds the buffer of each view, and whether a list reads one row all along; else its rows stand one
    after the other. Where `long` some lists take several vectors, where `masked` some blocks have fewer lists
    than a vector has numbers.
    """

    reads: tuple[tuple[str, bool], ...]
    lets: Lets
    write: FlatRead
    fold: str
    long: bool
    masked: bool
    accumulate: bool


def emit_lists(kernel: Kernel, kind: ListsKind) -> None:
    """Emit the function of a kind of fold along its lists.

    Its arguments: how many blocks of lists, the place of how many lists each has; the place of the lists'
    lengths, where they are long that of the blocks' longest; for each read the place of the lists' first
    rows; then for the write what `FlatView` takes. What is read beyond the end of a list counts nothing.
    """
    b, width = kernel.builder, kernel.width
    kernel.slot("table")
    blocks, lengths, sizes = (kernel.argument() for _ in range(3))
    longest = kernel.argument() if kind.long else None
    reads = [(kernel.slot(buffer), is_same, kernel.argument()) for buffer, is_same in kind.reads]
    write = FlatView(kernel, kind.write)
    rooms = [kernel.room(kernel.vector) for _ in range(width)] if kind.long else []
    nothing = neutral(kernel, kind.fold)

    def join(x: Any, y: Any) -> Any:
        return folded(kernel, kind.fold, x, y)

    with kernel.loop(blocks) as block:
        first = b.mul(block, kernel.whole(width))

        def entries(table: Any, first: Any = first) -> list[Any]:
            return [kernel.entry(b.add(b.add(table, first), kernel.whole(i))) for i in range(width)]

        own = [kernel.short_entry(b.add(b.add(sizes, first), kernel.whole(i))) for i in range(width)]
        rows = [entries(table) for _, _, table in reads]

        def value(i: int, done: Any, own: list[Any] = own, rows: list[list[Any]] = rows) -> Any:
            loaded, left = [], own[i]
            if done is not None:
                left = b.sub(left, b.trunc(done, kernel.short))
                has_more = b.icmp_signed(">", left, kernel.short(0))
                done = b.select(has_more, done, kernel.whole(0))
            for (buffer, is_same, _), starts in zip(reads, rows, strict=True):
                if is_same:
                    loaded.append([kernel.spread(kernel.number(buffer, starts[i]))])
                else:
                    at = starts[i] if done is None else b.add(starts[i], done)
                    loaded.append([kernel.numbers(buffer, at)])
            x = computed(kernel, kind.lets, [None] * len(kind.lets.made), loaded, 1)[0]
            return b.select(kernel.first(left), x, nothing)

        if longest is None:
            found = [value(i, None) for i in range(width)]
        else:
            for room in rooms:
                b.store(nothing, room)
            with kernel.loop(kernel.entry(b.add(longest, block)), step=width) as done:
                for i, room in enumerate(rooms):
                    b.store(join(b.load(room, typ=kernel.vector), value(i, done)), room)
            found = [b.load(room, typ=kernel.vector) for room in rooms]
        length = kernel.entry(b.add(lengths, block)) if kind.masked else kernel.whole(width)
        mask = kernel.first(length) if kind.masked else None
        x = crossed(kernel, found, join)
        write.store(x, write.rows(block, block, None), mask, length, kind.accumulate)


def crossed(kernel: Kernel, vectors: list[Any], join: Callable[[Any, Any], Any]) -> Any:
    """Return the vector of the folds of as many vectors as each has numbers.

    Two vectors are joined with each other's numbers at a distance of 1, pairs of these of 2, and so on.
    """
    b, width = kernel.builder, kernel.width
    distance = 1
    while len(vectors) > 1:
        stays = [i if not i & distance else width + i for i in range(width)]
        moves = [i + distance if not i & distance else width + i - distance for i in range(width)]
        masks = [
            kernel.ir.Constant(kernel.ir.VectorType(kernel.short, width), places) for places in (stays, moves)
        ]
        vectors = [
            join(*(b.shuffle_vector(x, y, mask) for mask in masks))
            for x, y in zip(vectors[::2], vectors[1::2], strict=True)
        ]
        distance *= 2
    return vectors[0]
