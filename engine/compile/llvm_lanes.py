"""Loops over lanes: vectors of samples, a row of a buffer after the other."""

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.compile.llvm_kernel import Kernel
from engine.compile.llvm_lets import Lets, calls_of, computed, folded, neutral

BLOCK = 2
"""So many vectors of lanes are worked on at a time."""


class Read(NamedTuple):
    """How a view is read: its buffer, whether it has lanes, how rows follow ("A", "T", "F", see Rise).

    `picked`: an index of the sample says which row.
    """

    buffer: str
    laned: bool
    kind: str
    picked: bool


class LanesKind(NamedTuple):
    """What makes a function of its own of a loop over lanes.

    `flat` loops run over rows and lanes as over one list. `lists` is "" without a fold, "even" where all
    lists have one length, else "ragged". A `total` goes to a buffer without lanes, the lanes added up.
    """

    reads: tuple[Read, ...]
    lets: Lets
    write: Read
    fold: str
    lists: str
    flat: bool
    total: bool
    accumulate: bool


class _View:
    """The addresses of a view within a function."""

    def __init__(self, kernel: Kernel, read: Read) -> None:
        self.kernel, self.read = kernel, read
        self.buffer = kernel.slot(read.buffer)
        if read.picked:
            self.indices, self.numbers, self.pick_step = (
                kernel.slot("indices"),
                kernel.argument(),
                kernel.argument(),
            )
        if read.kind == "A":
            self.first, self.step, self.fold = (kernel.argument() for _ in range(3))
        else:
            self.table, self.fold = kernel.argument(), kernel.argument()

    def row(self, row: Any, place: Any, point: Any) -> Any:
        """Return the number of the row of a point; `place` counts all points."""
        b = self.kernel.builder
        if self.read.kind == "F":
            return self.kernel.entry(b.add(self.table, place))
        if self.read.kind == "T":
            first = self.kernel.entry(b.add(self.table, row))
        else:
            first = b.add(self.first, b.mul(row, self.step))
        return first if point is None else b.add(first, b.mul(point, self.fold))

    def picked_rows(self, found: Any, place: Any, lane: Any) -> list[Any]:
        """Return the rows of a vector's lanes, one by one."""
        kernel, b = self.kernel, self.kernel.builder
        number = kernel.entry(b.add(self.numbers, place))
        first = b.add(b.mul(number, kernel.slot("stride")), lane)
        rows = []
        for i in range(kernel.width):
            index = b.load(
                kernel.at(self.indices, b.add(first, kernel.whole(i)), kernel.long), typ=kernel.long
            )
            rows.append(b.add(found, b.mul(index, self.pick_step)))
        return rows

    def load(self, found: Any, place: Any, lanes: list[Any]) -> list[Any]:
        """Return the vectors of a row, from each of some lanes on."""
        kernel, b = self.kernel, self.kernel.builder
        if self.read.picked:
            return [self._gathered(found, place, lane) for lane in lanes]
        if not self.read.laned:
            return [kernel.spread(kernel.number(self.buffer, found))] * len(lanes)
        start = b.mul(found, kernel.slot("stride"))
        return [kernel.numbers(self.buffer, b.add(start, lane)) for lane in lanes]

    def _gathered(self, found: Any, place: Any, lane: Any) -> Any:
        kernel, b = self.kernel, self.kernel.builder
        made = kernel.splat(0.0)
        for i, row in enumerate(self.picked_rows(found, place, lane)):
            index = row
            if self.read.laned:
                index = b.add(b.mul(row, kernel.slot("stride")), b.add(lane, kernel.whole(i)))
            made = b.insert_element(made, kernel.number(self.buffer, index), kernel.short(i))
        return made

    def scatter(self, x: Any, found: Any, place: Any, lane: Any) -> None:
        """Add a vector to the rows that its lanes pick, lane after lane: some may be the same."""
        kernel, b = self.kernel, self.kernel.builder
        for i, row in enumerate(self.picked_rows(found, place, lane)):
            index = row
            if self.read.laned:
                index = b.add(b.mul(row, kernel.slot("stride")), b.add(lane, kernel.whole(i)))
            old = kernel.number(self.buffer, index)
            kernel.put(b.fadd(old, b.extract_element(x, kernel.short(i))), self.buffer, index)


def blocks(kernel: Kernel, count: Any, most: int, body: Callable[[list[Any]], None]) -> None:
    """Emit a body for `most` vectors at a time, then for one; it is given where each begins."""
    b, width = kernel.builder, kernel.width
    whole = kernel.whole(0)
    if most > 1:
        whole = b.sub(count, b.urem(count, kernel.whole(width * most)))
        with kernel.loop(whole, step=width * most) as first:
            body([b.add(first, kernel.whole(i * width)) for i in range(most)])
    with kernel.loop(count, whole, step=width) as first:
        body([first])


def emit_lanes(kernel: Kernel, kind: LanesKind) -> None:
    """Emit the function of a kind of loop over lanes.

    Its arguments: what is called back, how many rows; the length of lists or the place of their starts; then
    for each read, and the write, what `_View` takes.
    """
    for name in ("table", "stride"):
        kernel.slot(name)
    calls = calls_of(kernel, kind.lets)
    rows = kernel.argument()
    lists = kernel.argument() if kind.lists else None
    reads = [_View(kernel, read) for read in kind.reads]
    write = _View(kernel, kind.write)
    most = BLOCK if kind.lets.are_cheap else 1
    if kind.flat:
        _flat(kernel, kind, calls, rows, reads, write, most)
        return
    with kernel.loop(rows) as row:
        _row(kernel, kind, calls, row, lists, reads, write, most)


def _flat(
    kernel: Kernel, kind: LanesKind, calls: list[Any], rows: Any, reads: list[_View], write: _View, most: int
) -> None:
    """Emit one loop over all rows and lanes: what has lanes is read from one row on, without end."""
    b, stride = kernel.builder, kernel.slot("stride")
    held = {}
    starts = {}
    for i, view in enumerate(reads):
        if view.read.laned:
            starts[i] = b.mul(view.first, stride)
        else:
            held[i] = kernel.spread(kernel.number(view.buffer, view.first))
    target = b.mul(write.first, stride)

    def body(places: list[Any]) -> None:
        loaded = [
            [held[i]] * len(places)
            if i in held
            else [kernel.numbers(view.buffer, b.add(starts[i], place)) for place in places]
            for i, view in enumerate(reads)
        ]
        for n, x in enumerate(computed(kernel, kind.lets, calls, loaded, len(places))):
            index = b.add(target, places[n])
            if kind.accumulate:
                x = b.fadd(kernel.numbers(write.buffer, index), x)
            kernel.put(x, write.buffer, index)

    blocks(kernel, b.mul(rows, stride), most, body)


def _row(
    kernel: Kernel,
    kind: LanesKind,
    calls: list[Any],
    row: Any,
    lists: Any,
    reads: list[_View],
    write: _View,
    most: int,
) -> None:
    """Emit what one row takes: block after block of lanes, in each the fold over its points."""
    b = kernel.builder
    if kind.lists == "ragged":
        first = kernel.entry(b.add(lists, row))
        count = b.sub(kernel.entry(b.add(b.add(lists, row), kernel.whole(1))), first)
    else:
        first, count = (b.mul(row, lists), lists) if kind.lists else (row, None)
    known = {}
    if not kind.lists:
        known = {i: view.row(row, first, None) for i, view in enumerate(reads)}
    target = write.row(row, row, None)
    total = kernel.room(kernel.vector) if kind.total else None
    if total is not None:
        kernel.builder.store(kernel.splat(-0.0), total)

    def values(lanes: list[Any], point: Any) -> list[Any]:
        place = first if point is None else b.add(first, point)
        loaded = []
        for i, view in enumerate(reads):
            found = known[i] if i in known else view.row(row, place, point)
            loaded.append(view.load(found, place, lanes))
        return computed(kernel, kind.lets, calls, loaded, len(lanes))

    def body(lanes: list[Any]) -> None:
        if not kind.lists:
            results = values(lanes, None)
        else:
            places = [kernel.room(kernel.vector) for _ in lanes]
            for place in places:
                b.store(neutral(kernel, kind.fold), place)
            with kernel.loop(count) as point:
                for place, x in zip(places, values(lanes, point), strict=True):
                    b.store(folded(kernel, kind.fold, b.load(place, typ=kernel.vector), x), place)
            results = [b.load(place, typ=kernel.vector) for place in places]
        for lane, x in zip(lanes, results, strict=True):
            if total is not None:
                b.store(b.fadd(b.load(total, typ=kernel.vector), x), total)
            elif kind.write.picked:
                write.scatter(x, target, row, lane)
            else:
                index = b.add(b.mul(target, kernel.slot("stride")), lane)
                if kind.accumulate:
                    x = b.fadd(kernel.numbers(write.buffer, index), x)
                kernel.put(x, write.buffer, index)

    blocks(kernel, kernel.slot("stride"), 1 if kind.write.picked else most, body)
    if total is not None:
        x = kernel.total(b.load(total, typ=kernel.vector))
        if kind.accumulate:
            x = b.fadd(kernel.number(write.buffer, target), x)
        kernel.put(x, write.buffer, target)
