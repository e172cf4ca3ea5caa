"""A plan as a list of calls: which function with which arguments, and the table of rows that these name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.compile.instructions import LANED, Dot, Instruction, Loop, Plan, View, Zero, touched
from engine.compile.llvm_along import LIST, Along, along, placed
from engine.compile.llvm_blocks import Blocks, even_blocks, ragged_blocks
from engine.compile.llvm_dots import buffer_number
from engine.compile.llvm_flats import GATHER, FlatRead, FlatsKind
from engine.compile.llvm_lanes import LanesKind, Read
from engine.compile.llvm_lets import Lets, Made, flattened, is_known
from engine.compile.llvm_lists import ListsKind
from engine.compile.llvm_points import Points, points, rise
from engine.compile.llvm_products import product
from engine.compile.llvm_regular import Even, Rooms, even, regular
from engine.compile.llvm_rows import LITERAL, is_row
from engine.compile.llvm_squares import Side, Squares, SquaresKind, squares
from engine.optional import load


class Call(NamedTuple):
    """A function, told by what makes it one of its own, and its arguments."""

    kind: Any
    arguments: tuple[int, ...]


class Listing:
    """The calls of a plan, for many lanes or for one, and the table of rows; `own` are ops to call back."""

    def __init__(self, plan: Plan, width: int, *, lanes: bool) -> None:
        self.plan, self.width, self.lanes = plan, width, lanes
        self.rooms = Rooms(plan.sizes)
        self.tables: list[Any] = []
        self.length = 0
        self.own: list[tuple[Any, tuple[int | None, ...]]] = []
        self._known: dict[bytes, int] = {}
        self._patterns: dict[Any, Blocks] = {}
        zero = next((row for row, x in plan.fixed["P"].items() if x == 0.0), -1)
        self.zero = zero
        # without a gradient D has no rows of its own: what stands there are copies, all of which are read
        self.dropped = {"G": 0, "D": zero if "D" in plan.sizes else -1, "V": -1, "P": -1}
        self.forward = self._calls(plan.forward)
        self.reverse = self._calls(plan.reverse)

    def _calls(self, instructions: list[Instruction]) -> list[Call]:
        made: list[Call] = []
        for instruction in regular(instructions, self.rooms, lanes=self.lanes):
            if isinstance(instruction, Dot):
                made += self._dot(instruction)
            elif isinstance(instruction, Zero):
                rows = instruction.rows
                nothing = View("P", load("numpy").full(len(rows), self.zero))
                made += self._loop(Loop((nothing,), (), View(instruction.buffer, rows)))
            else:
                made += self._loop(instruction)
        return made

    def table(self, rows: Any) -> int:
        """Put rows into the table, once, and return their place."""
        np = load("numpy")
        if rows.size and (int(rows.min()) < -(2**31) or int(rows.max()) >= 2**31):
            raise OverflowError(f"a program of {int(rows.max()):,} rows is too large for the llvm executor")
        flat = np.ascontiguousarray(rows, dtype=np.int32).ravel()
        key = flat.tobytes()
        if key not in self._known:
            self._known[key] = self.length
            self.tables.append(flat)
            self.length += len(flat)
        return self._known[key]

    def _check(self, buffer: str, rows: Any) -> None:
        """Hold row numbers to those of their buffer: compiled code reads and writes without asking."""
        if rows.size:
            size = self.rooms.sizes.get(buffer, 0)
            assert 0 <= int(rows.min()) and int(rows.max()) < size, f"rows outside of {buffer}[{size}]"

    def _dot(self, dot: Dot) -> list[Call]:
        for part in (dot.left, dot.right, dot.write):
            self._check(part.buffer, part.rows)
        left, right, write = even(dot.left), even(dot.right), even(dot.write)
        assert left is not None and right is not None and write is not None
        before, name, (a, b, c) = product(left, right, write, self.rooms, self.width, lanes=self.lanes)
        calls = [call for loop in before for call in self._loop(loop)]
        if name == "spread":
            sizes = a.shape[0], a.shape[1], c.shape[1]
        else:
            sizes = c.shape[0], c.shape[1], a.shape[1]
        arguments = [int(dot.accumulate), *sizes]
        for matrix in (a, b, c):
            arguments += _matrix(matrix)
        return [*calls, Call(name, tuple(arguments))]

    def _loop(self, loop: Loop) -> list[Call]:
        for view in (*loop.read, loop.write):
            self._check(view.buffer, touched(view))
        found = points(loop, self.dropped[loop.write.buffer])
        lets, kept, called = self._lets(loop)
        reads = [found.reads[i] for i in kept]
        if self.lanes and loop.laned:
            kind, arguments = self._lanes(loop, found, reads, lets)
            return [Call(kind, (*called, *arguments))]
        return self._plain(loop, found, reads, lets, called)

    def _lets(self, loop: Loop) -> tuple[Lets, list[int], list[int]]:
        """Return what a loop computes, which of its views are read, and what is called back."""
        made, called = [], []
        wanted = {x for let in loop.lets if let.op.name in LITERAL for x in flattened(let)}
        literal = [self._literal(view) if i in wanted else None for i, view in enumerate(loop.read)]
        for let in loop.lets:
            name = let.op.name if is_row(let.op) and self.has_code(let, literal) else ""
            if not name:
                called.append(len(self.own))
                self.own.append(
                    (let.op, tuple([len(x) if isinstance(x, tuple) else None for x in let.operands]))
                )
            made.append(Made(name, flattened(let)))
        return Lets(tuple(made), tuple(literal)), [i for i, x in enumerate(literal) if x is None], called

    def has_code(self, let: Any, literal: Sequence[float | None]) -> bool:
        """Return whether there is code for a let."""
        numbers = [
            (literal[x] if x < len(literal) else None) if type(x) is int else x for x in flattened(let)
        ]
        return is_known(let.op.name, tuple(numbers), self.width)

    def _literal(self, view: View) -> float | None:
        """Return the number that a view shows at every point, None where it shows others."""
        first = int(view.rows.flat[0])
        if view.buffer != "P" or view.pick or first not in self.plan.fixed["P"] or (view.rows != first).any():
            return None
        return self.plan.fixed["P"][first]

    # loops over lanes
    def _lanes(self, loop: Loop, found: Points, reads: list[View], lets: Lets) -> tuple[Any, list[int]]:
        lists = "" if not found.fold else "even" if found.starts is None else "ragged"
        arguments = [len(found.write)]
        if lists:
            arguments.append(found.length if lists == "even" else self.table(found.starts))
        kinds = []
        rises = []
        views = [*reads, View(loop.write.buffer, found.write[:, None], loop.write.pick)]
        for view in views:
            how = rise(view.rows, lists == "ragged" and view is not views[-1])
            rises.append(how)
            kinds.append(Read(view.buffer, view.buffer in LANED, how.kind, view.pick is not None))
            if view.pick is not None:
                arguments += [self.table(view.pick.numbers), view.pick.step]
            if how.kind == "A":
                arguments += [how.first, how.step, how.fold]
            else:
                arguments += [self.table(how.table), how.fold]
        total = not loop.write.laned and loop.write.pick is None
        one = len(found.write) == 1
        flat = (
            not lists
            and not total
            and not any(kind.picked for kind in kinds)
            and all(
                how.kind == "A" and (one or how.step == kind.laned)
                for how, kind in zip(rises, kinds, strict=True)
            )
        )
        *read, write = kinds
        return LanesKind(tuple(read), lets, write, found.fold, lists, flat, total, loop.accumulate), arguments

    # loops without lanes
    def _plain(
        self, loop: Loop, found: Points, reads: list[View], lets: Lets, called: list[int]
    ) -> list[Call]:
        """Return the calls of a loop without lanes: along its lists, in squares, or in blocks, as always."""
        lists = "" if not found.fold else "even" if found.starts is None else "ragged"
        views = [*reads, View(loop.write.buffer, found.write[:, None], loop.write.pick)]
        blocks = (ragged_blocks if lists == "ragged" else self._even)(found, views, self.width)
        if (
            lists
            and not called
            and not any(view.pick for view in views)
            and LIST * len(found.write) < blocks.cost
        ):
            lines = along(found, reads, loop.lets, self.plan.fixed, self.width)
            if lines.cost < blocks.cost:
                return self._lists(loop, found, lines, lets)
        if not lists and lets.are_cheap and any(part.kind == GATHER for part in blocks.parts):
            whole = squares(views, self.width)
            if whole is not None and whole.cost < blocks.cost:
                return [self._squares(loop, views, whole, lets)]
        kind, arguments = self._blocks(loop, found, views, blocks, lets, lists)
        return [Call(kind, (*called, *arguments))]

    def _even(self, found: Points, views: list[View], width: int) -> Blocks:
        """Return the blocks of lists of one length: those of a loop that is alike but for where it stands."""
        if any(view.pick for view in views):
            return even_blocks(found, views, width)
        firsts = [int(view.rows.flat[0]) for view in views]
        moved = [View(view.buffer, view.rows - first) for view, first in zip(views, firsts, strict=True)]
        key = *[view.rows.tobytes() for view in moved], len(found.write), found.length
        if key not in self._patterns:
            self._patterns[key] = even_blocks(found, moved, width)
        blocks = self._patterns[key]
        parts = [part._replace(table=part.table + n) for part, n in zip(blocks.parts, firsts, strict=True)]
        return blocks._replace(parts=parts)

    def _lists(self, loop: Loop, found: Points, lines: Along, lets: Lets) -> list[Call]:
        """Return the calls of a fold along its lists, the copies first."""
        before: list[Call] = []
        starts = []
        for listed in lines.listed:
            copies, buffer, first = placed(listed, lines.sizes, self.rooms)
            before += [call for copy in copies for call in self._loop(copy)]
            starts.append((buffer, listed.kind == "same", first))
        blocks = even_blocks(
            found._replace(length=1), [View(loop.write.buffer, found.write[:, None])], self.width
        )
        sizes = lines.sizes[blocks.rows]
        is_long = bool(sizes.max() > self.width)
        arguments = [len(blocks.lengths), self.table(blocks.lengths), self.table(sizes)]
        if is_long:
            arguments.append(self.table(sizes.max(axis=1)))
        arguments += [self.table(first[blocks.rows]) for _, _, first in starts]
        (part,) = blocks.parts
        arguments += [self.table(part.table), part.fold]
        reads = tuple([(buffer, is_same) for buffer, is_same, _ in starts])
        write = FlatRead(loop.write.buffer, part.kind, part.every, False)
        kind = ListsKind(reads, lets, write, found.fold, is_long, blocks.masked, loop.accumulate)
        return [*before, Call(kind, tuple(arguments))]

    def _squares(self, loop: Loop, views: list[View], whole: Squares, lets: Lets) -> Call:
        """Return the call of a loop over squares."""
        is_masked = bool((whole.heights != self.width).any() or (whole.widths != self.width).any())
        arguments = [len(whole.heights)]
        if is_masked:
            arguments += [self.table(whole.heights), self.table(whole.widths)]
        sides = []
        for view, is_turned, places in zip(views, whole.turned, whole.places, strict=True):
            sides.append(Side(view.buffer, is_turned, view.pick is not None))
            if view.pick is not None:
                arguments += [self.table(load("numpy").ravel(view.pick.numbers)[places]), view.pick.step]
            arguments.append(self.table(view.rows.ravel()[places]))
        *read, write = sides
        return Call(SquaresKind(tuple(read), lets, write, is_masked, loop.accumulate), tuple(arguments))

    def _blocks(
        self, loop: Loop, found: Points, views: list[View], blocks: Blocks, lets: Lets, lists: str
    ) -> tuple[Any, list[int]]:
        arguments = [len(blocks.lengths), self.table(blocks.lengths) if blocks.masked else 0]
        if lists == "even":
            arguments.append(found.length)
        elif lists:
            arguments += [self.table(blocks.starts), self.table(blocks.counts)]
        kinds = []
        for view, part in zip(views, blocks.parts, strict=True):
            kinds.append(FlatRead(view.buffer, part.kind, part.every, view.pick is not None))
            if view.pick is not None:
                assert part.numbers is not None
                arguments += [self.table(part.numbers), view.pick.step]
            arguments += [self.table(part.table), part.fold]
        *read, write = kinds
        assert write.kind == GATHER or loop.write.pick is None
        return FlatsKind(
            tuple(read), lets, write, found.fold, lists, blocks.masked, loop.accumulate
        ), arguments


def _matrix(matrix: Even) -> list[int]:
    return [buffer_number(matrix.buffer), matrix.first, matrix.row, matrix.column]
