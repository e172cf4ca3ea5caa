"""A plan as a list of calls: which function with which arguments, and the table of rows that these name."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.compile.instructions import LANED, Dot, Instruction, Loop, Plan, View, Zero, touched
from engine.compile.llvm_blocks import even_blocks, ragged_blocks
from engine.compile.llvm_dots import buffer_number
from engine.compile.llvm_flats import GATHER, FlatRead, FlatsKind
from engine.compile.llvm_lanes import LanesKind, Read
from engine.compile.llvm_lets import Lets, Made, flattened, is_known
from engine.compile.llvm_points import Points, points, rise
from engine.compile.llvm_products import product
from engine.compile.llvm_regular import Even, Rooms, even, regular
from engine.compile.llvm_rows import LITERAL, is_row
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
                made.append(self._loop(Loop((nothing,), (), View(instruction.buffer, rows))))
            else:
                made.append(self._loop(instruction))
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
        calls = [self._loop(loop) for loop in before]
        if name == "spread":
            sizes = a.shape[0], a.shape[1], c.shape[1]
        else:
            sizes = c.shape[0], c.shape[1], a.shape[1]
        arguments = [int(dot.accumulate), *sizes]
        for matrix in (a, b, c):
            arguments += _matrix(matrix)
        return [*calls, Call(name, tuple(arguments))]

    def _loop(self, loop: Loop) -> Call:
        for view in (*loop.read, loop.write):
            self._check(view.buffer, touched(view))
        found = points(loop, self.dropped[loop.write.buffer])
        lets, kept, called = self._lets(loop)
        reads = [found.reads[i] for i in kept]
        laned = self.lanes and loop.laned
        kind, arguments = (self._lanes if laned else self._flats)(loop, found, reads, lets)
        return Call(kind, (*called, *arguments))

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
    def _flats(self, loop: Loop, found: Points, reads: list[View], lets: Lets) -> tuple[Any, list[int]]:
        views = [*reads, View(loop.write.buffer, found.write[:, None], loop.write.pick)]
        lists = "" if not found.fold else "even" if found.starts is None else "ragged"
        cut = ragged_blocks if lists == "ragged" else even_blocks
        blocks = cut(found, views, self.width)
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
