"""Loops without lanes: vectors of rows, blocks of them that stand one after the other where they do."""

from typing import Any, NamedTuple

from engine.compile.llvm_kernel import Kernel
from engine.compile.llvm_lets import Lets, calls_of, computed, folded, neutral

VIEW, SAME, GATHER = "v", "s", "g"
"""How a block of rows is read: as a vector, as one row, or row by row."""


class FlatRead(NamedTuple):
    """How a view is read: its buffer, how a block is, whether every point has an entry in the table.

    Else there is an entry for the first point of a list, the others are evenly apart.
    """

    buffer: str
    kind: str
    every: bool
    picked: bool


class FlatsKind(NamedTuple):
    """What makes a function of its own of a loop without lanes.

    `lists` is "" without a fold, "even" where all lists have one length, else "ragged". Where `masked` some
    blocks are shorter than a vector.
    """

    reads: tuple[FlatRead, ...]
    lets: Lets
    write: FlatRead
    fold: str
    lists: str
    masked: bool
    accumulate: bool


class FlatView:
    """The addresses of a view within a function."""

    def __init__(self, kernel: Kernel, read: FlatRead) -> None:
        self.kernel, self.read = kernel, read
        self.buffer = kernel.slot(read.buffer)
        if read.picked:
            self.indices, self.stride = kernel.slot("indices"), kernel.slot("stride")
            self.numbers, self.step = kernel.argument(), kernel.argument()
        self.table, self.fold = kernel.argument(), kernel.argument()
        self.entries = kernel.width if read.kind == GATHER else 1

    def rows(self, block: Any, place: Any, point: Any) -> list[Any]:
        """Return the row of each number of a block, or of its first."""
        kernel, b = self.kernel, self.kernel.builder
        first = b.add(self.table, b.mul(place if self.read.every else block, kernel.whole(self.entries)))
        found = [kernel.entry(b.add(first, kernel.whole(i))) for i in range(self.entries)]
        if point is not None and not self.read.every:
            shift = b.mul(point, self.fold)
            found = [b.add(row, shift) for row in found]
        if self.read.picked:
            which = b.add(self.numbers, b.mul(block, kernel.whole(self.entries)))
            found = [b.add(row, self._pick(b.add(which, kernel.whole(i)))) for i, row in enumerate(found)]
        return found

    def _pick(self, place: Any) -> Any:
        kernel, b = self.kernel, self.kernel.builder
        at = kernel.at(self.indices, b.mul(kernel.entry(place), self.stride), kernel.long)
        return b.mul(b.load(at, typ=kernel.long), self.step)

    def load(self, rows: list[Any]) -> Any:
        """Return a block as a vector."""
        kernel, b = self.kernel, self.kernel.builder
        if self.read.kind == VIEW:
            return kernel.numbers(self.buffer, rows[0])
        if self.read.kind == SAME:
            return kernel.spread(kernel.number(self.buffer, rows[0]))
        made = kernel.splat(0.0)
        for i, row in enumerate(rows):
            made = b.insert_element(made, kernel.number(self.buffer, row), kernel.short(i))
        return made

    def store(self, x: Any, rows: list[Any], mask: Any, length: Any, accumulate: bool) -> None:
        """Store the first `length` numbers of a vector in a block."""
        kernel, b = self.kernel, self.kernel.builder
        if self.read.kind == VIEW:
            if accumulate:
                x = b.fadd(kernel.numbers(self.buffer, rows[0]), x)
            if mask is not None:
                x = b.select(mask, x, kernel.numbers(self.buffer, rows[0]))
            kernel.put(x, self.buffer, rows[0])
            return
        for i, row in enumerate(rows):
            with kernel.only_if(b.icmp_signed("<", kernel.whole(i), length)):
                one = b.extract_element(x, kernel.short(i))
                if accumulate:
                    one = b.fadd(kernel.number(self.buffer, row), one)
                kernel.put(one, self.buffer, row)


def emit_flats(kernel: Kernel, kind: FlatsKind) -> None:
    """Emit the function of a kind of loop without lanes.

    Its arguments: what is called back, how many blocks, the place of their lengths; of lists the length, or
    the places of their starts and of the lists' lengths, row by row; then for each read, and the write, what
    `FlatView` takes. Ragged lists are filled up within a block: what fills up counts nothing.
    """
    b = kernel.builder
    kernel.slot("table")
    calls = calls_of(kernel, kind.lets)
    blocks, lengths = kernel.argument(), kernel.argument()
    lists = kernel.argument() if kind.lists else None
    sizes = kernel.argument() if kind.lists == "ragged" else None
    reads = [FlatView(kernel, read) for read in kind.reads]
    write = FlatView(kernel, kind.write)
    room = kernel.room(kernel.vector) if kind.lists else None
    with kernel.loop(blocks) as block:
        length = kernel.entry(b.add(lengths, block)) if kind.masked else kernel.whole(kernel.width)
        first = block
        count = lists
        if kind.lists == "even":
            first = b.mul(block, lists)
        elif kind.lists:
            first = kernel.entry(b.add(lists, block))
            count = b.sub(kernel.entry(b.add(b.add(lists, block), kernel.whole(1))), first)

        def values(place: Any, point: Any, block: Any = block, length: Any = length) -> Any:
            loaded = [[view.load(view.rows(block, place, point))] for view in reads]
            return computed(kernel, kind.lets, calls, loaded, 1, length)[0]

        if room is None:
            x = values(first, None)
        else:
            b.store(neutral(kernel, kind.fold), room)
            own = _own(kernel, sizes, block) if sizes is not None else None
            with kernel.loop(count) as point:
                x = values(b.add(first, point), point)
                if own is not None:
                    x = b.select(_fewer(kernel, point, own), x, neutral(kernel, kind.fold))
                b.store(folded(kernel, kind.fold, b.load(room, typ=kernel.vector), x), room)
            x = b.load(room, typ=kernel.vector)
        mask = kernel.first(length) if kind.masked else None
        write.store(x, write.rows(block, block, None), mask, length, kind.accumulate)


def _own(kernel: Kernel, sizes: Any, block: Any) -> Any:
    """Return the lengths of a block's lists, as a vector."""
    b = kernel.builder
    made = kernel.ir.Constant(kernel.longs, [0] * kernel.width)
    first = b.add(sizes, b.mul(block, kernel.whole(kernel.width)))
    for i in range(kernel.width):
        made = b.insert_element(made, kernel.entry(b.add(first, kernel.whole(i))), kernel.short(i))
    return made


def _fewer(kernel: Kernel, point: Any, own: Any) -> Any:
    """Return the mask of the lists that have this point."""
    return kernel.builder.icmp_signed("<", kernel.spread(point), own)
