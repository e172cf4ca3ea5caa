"""The reverse pass of a list of instructions, from the table's partials, last instruction first."""

import math
from dataclasses import replace
from typing import Any

from engine import ops
from engine.compile.formulas import FIRST, RESULT, UPSTREAM, contribution
from engine.compile.instructions import (
    Dot,
    Instruction,
    Let,
    Loop,
    Matrix,
    Plan,
    View,
    Zero,
    shape_of,
    touched,
)
from engine.compile.layout import NOTHING
from engine.optional import load

GRADIENT = {"V": "G", "P": "D"}


def reversed_plan(plan: Plan) -> Plan:
    """Return the plan with the reverse pass of its first output."""
    np = load("numpy")
    made = ReversePlan(plan)
    made.run()
    never = np.flatnonzero(~made.written["D"][: plan.parameters])
    if len(never):
        made.instructions.insert(0, Zero("D", never))
    sizes = plan.sizes | {"G": made.sizes["G"], "D": made.sizes["D"]}
    buffer, row = plan.outputs[0]
    return replace(plan, reverse=made.instructions, sizes=sizes, seed=(GRADIENT[buffer], row))


class ReversePlan:
    """The reverse pass under construction.

    `written` tells which rows of G and D hold something: the first to write to a row sets it, others add.
    Where a value is read once, by an instruction that passes its upstream on as it is, its gradient is the
    reader's: `alias` sends its row there, and nothing is computed.
    """

    def __init__(self, plan: Plan) -> None:
        np = load("numpy")
        self.plan = plan
        self.sizes = {"G": plan.sizes["V"], "D": plan.sizes["P"]}
        self.active = _active(plan)
        self.reached = {name: np.zeros(size, dtype=bool) for name, size in plan.sizes.items()}
        self.written = {GRADIENT[name]: np.zeros(size, dtype=bool) for name, size in plan.sizes.items()}
        buffer, row = plan.outputs[0]
        self.reached[buffer][row] = self.written[GRADIENT[buffer]][row] = True
        self.uses = _uses(plan)
        self.alias = np.arange(plan.sizes["V"])
        self.distinct: dict[int, tuple[Any, bool]] = {}
        self.instructions: list[Instruction] = []
        self.dropped = {"G": NOTHING, "D": _row(plan, 0.0)}

    def run(self) -> None:
        """Emit the reverse of every instruction that the output depends on."""
        for instruction in reversed(self.plan.forward):
            if isinstance(instruction, Zero):
                continue
            buffer, rows = instruction.write.buffer, instruction.write.rows
            if not (self.reached[buffer][rows] & self.active[buffer][rows]).any():
                continue
            self._complete(self.upstream(buffer, rows))
            if isinstance(instruction, Dot):
                self._dot(instruction)
            elif instruction.fold in ("max", "min"):
                self._extremes(instruction)
            else:
                self._loop(instruction)

    def _complete(self, upstream: View) -> None:
        """Set the gradients to 0 that nothing has written, where an instruction reads them with others."""
        rows = upstream.rows[~self.written[upstream.buffer][upstream.rows]]
        if len(rows):
            self.instructions.append(Zero(upstream.buffer, load("numpy").unique(rows)))
            self.written[upstream.buffer][rows] = True

    def upstream(self, buffer: str, rows: Any) -> View:
        """Return the view of the gradients of rows of V or P."""
        return View(GRADIENT[buffer], self.alias[rows] if buffer == "V" else rows)

    def _wanted(self, view: View) -> bool:
        """Return whether some of the rows that a view reads want a gradient."""
        return bool(self.active[view.buffer][touched(view)].any())

    # loops
    def _loop(self, loop: Loop) -> None:
        """Emit a loop for each operand of a loop's one op; sums and copies pass the upstream on."""
        np = load("numpy")
        shape = loop.read[0].rows.shape
        result = np.broadcast_to(loop.write.rows, shape)
        upstream = self.upstream(loop.write.buffer, result)
        let = _let(loop)
        is_square = let.op is ops.mul and _are_same(*loop.read)
        for place, view in enumerate(loop.read[:1] if is_square else loop.read):
            if not self._wanted(view):
                continue
            made = contribution(let.op, shape_of(let.operands), place)
            if made is None:
                continue
            if not made.lets and self._passed_on(view, upstream):
                continue
            sources = {UPSTREAM: upstream, RESULT: View(loop.write.buffer, result)}
            reads = [sources[name] if name < 0 else loop.read[name] for name in made.reads]
            numbers = {name: register for register, name in enumerate(made.reads)}
            numbers |= {FIRST + i: len(reads) + i for i in range(len(made.lets))}
            lets = tuple(Let(x.op, _renumbered(x.operands, numbers)) for x in made.lets)
            if is_square:
                last = len(reads) + len(lets) - 1
                lets = *lets, Let(ops.add, (last, last))
            self._emit(tuple(reads), lets, view)

    def _passed_on(self, view: View, upstream: View) -> bool:
        """Let the gradients of a view be those of its only reader, if they can."""
        if view.buffer != "V" or upstream.buffer != "G" or view.pick is not None:
            return False
        real = (view.rows != NOTHING) & self.active["V"][view.rows]
        rows = view.rows[real]
        if (self.uses["V"][rows] > 1).any():
            return False
        self.alias[rows] = upstream.rows[real]
        self.reached["V"][rows] = True
        return True

    def _extremes(self, loop: Loop) -> None:
        """Emit the reverse of a fold by max or min: those that tie share the upstream."""
        np = load("numpy")
        (view,) = loop.read
        if not self._wanted(view):
            return
        shape = view.rows.shape
        result = View(loop.write.buffer, np.broadcast_to(loop.write.rows, shape))
        ahead = Let(ops.ahead, (0, 1) if loop.fold == "max" else (1, 0))
        is_padding = np.isin(view.rows, self._padding(view.buffer, loop.fold))
        real = View("P", np.where(is_padding, _row(self.plan, 0.0), _row(self.plan, 1.0)))
        ties = View(GRADIENT[loop.write.buffer], self._own(GRADIENT[loop.write.buffer], shape[1]))
        self.instructions.append(Loop((view, result, real), (ahead, Let(ops.mul, (3, 2))), ties, fold="sum"))
        ties = View(ties.buffer, np.broadcast_to(ties.rows, shape))
        upstream = self.upstream(loop.write.buffer, result.rows)
        lets = (ahead, Let(ops.mul, (5, 3)), Let(ops.ratio, (6, 2)), Let(ops.mul, (7, 4)))
        self._emit((view, result, ties, real, upstream), lets, view)

    def _padding(self, buffer: str, fold: str) -> list[int]:
        """Return the rows with which shorter lists of a fold are filled up."""
        lowest = -math.inf if fold == "max" else math.inf
        return [row for row, x in self.plan.fixed[buffer].items() if x == lowest]

    def _own(self, buffer: str, count: int) -> Any:
        """Give out rows of G or D beyond the gradients."""
        first = self.sizes[buffer]
        self.sizes[buffer] += count
        return load("numpy").arange(first, first + count)

    def _emit(self, reads: tuple[View, ...], lets: tuple[Let, ...], view: View) -> None:
        """Emit a loop that gives what it computes to the gradients of a view."""
        np = load("numpy")
        rows = view.rows
        if view.pick is None:
            wanted = self.active[view.buffer][rows]
            if not wanted.all():
                rows = np.where(wanted, rows, self.dropped[GRADIENT[view.buffer]])
        write = View(GRADIENT[view.buffer], rows, view.pick)
        every = touched(write)
        accumulate = self._start(view.buffer, every, sparse=view.pick is not None)
        self.instructions.append(Loop(reads, lets, write, accumulate=accumulate))

    def _start(self, buffer: str, rows: Any, *, sparse: bool = False) -> bool:
        """Note that rows are written; return whether to add to what they hold, 0 where that was nothing."""
        np = load("numpy")
        self.reached[buffer][rows] = True
        name = GRADIENT[buffer]
        before = self.written[name][rows]
        self.written[name][rows] = True
        self.written[name][self.dropped[name]] = False
        if not sparse and not before.any():
            return False
        fresh = np.unique(rows[~before])
        fresh = fresh[fresh != self.dropped[name]]
        if len(fresh):
            self.instructions.append(Zero(name, fresh))
        return True

    # matrix products
    def _dot(self, dot: Dot) -> None:
        """Emit the two products of the reverse pass: upstream @ right.T and left.T @ upstream."""
        upstream = Matrix(GRADIENT[dot.write.buffer], self.upstream(dot.write.buffer, dot.write.rows).rows)
        left, right = dot.left, dot.right
        if self.active[left.buffer][left.rows].any():
            product = Dot(upstream, Matrix(right.buffer, right.rows, True), Matrix("D", left.rows))
            self._emit_dot(product, left)
        wanted = self.active[right.buffer][right.rows].any(axis=1)
        if wanted.any():
            some, rows = Matrix(left.buffer, left.rows[:, wanted], True), right.rows[wanted]
            product = Dot(some, upstream, Matrix(GRADIENT[right.buffer], rows))
            self._emit_dot(product, Matrix(right.buffer, rows))

    def _emit_dot(self, dot: Dot, target: Matrix) -> None:
        """Emit a product into the gradients of a matrix; by way of rows of its own where cells repeat."""
        rows = target.rows
        wanted = self.active[target.buffer][rows]
        if wanted.all() and self._are_distinct(rows):
            accumulate = self._start(target.buffer, rows)
            self.instructions.append(Dot(dot.left, dot.right, dot.write, accumulate))
            return
        name = GRADIENT[target.buffer]
        own = self._own(name, rows.size).reshape(rows.shape)
        self.instructions.append(replace(dot, write=Matrix(name, own)))
        self._emit((View(name, own.ravel()),), (), View(target.buffer, rows.ravel()))

    def _are_distinct(self, rows: Any) -> bool:
        """Return whether no row is named twice; products share matrices, so it is noted for each array."""
        known = self.distinct.get(id(rows))
        if known is None:
            known = self.distinct[id(rows)] = rows, len(load("numpy").unique(rows)) == rows.size
        return known[1]


def _let(loop: Loop) -> Let:
    """Return the one op of a loop of the forward pass."""
    return loop.lets[0] if loop.lets else Let(ops.identity, (0,))


def _are_same(x: View, y: View) -> bool:
    """Return whether two views show the same rows."""
    return x.buffer == y.buffer and not x.pick and not y.pick and bool((x.rows == y.rows).all())


def _renumbered(operands: tuple[Any, ...], numbers: dict[int, int]) -> tuple[Any, ...]:
    return tuple(
        [
            _renumbered(x, numbers) if isinstance(x, tuple) else numbers[x] if type(x) is int else x
            for x in operands
        ]
    )


def _row(plan: Plan, constant: float) -> int:
    """Return the row of P that holds a constant; its row of D is never read."""
    return next(row for row, x in plan.fixed["P"].items() if x == constant)


def _active(plan: Plan) -> dict[str, Any]:
    """Return which rows depend on a parameter by a way on which gradients flow."""
    np = load("numpy")
    active = {name: np.zeros(size, dtype=bool) for name, size in plan.sizes.items()}
    active["P"][: plan.parameters] = True
    for instruction in plan.forward:
        if isinstance(instruction, Dot):
            found = any(active[m.buffer][m.rows].any() for m in (instruction.left, instruction.right))
        elif isinstance(instruction, Loop):
            flows = not (instruction.lets and None in instruction.lets[0].op.partials)  # type: ignore[union-attr]
            found = flows and _active_points(plan, instruction, active)
        else:
            continue
        active[instruction.write.buffer][instruction.write.rows] |= found
    return active


def _active_points(plan: Plan, loop: Loop, active: dict[str, Any]) -> Any:
    """Return which points of a loop read an active row."""
    found = load("numpy").zeros(loop.write.rows.shape, dtype=bool)
    for view in loop.read:
        points = active[view.buffer][touched(view)].any(axis=0)
        found |= points.any(axis=0) if loop.fold else points
    return found


def _uses(plan: Plan) -> dict[str, Any]:
    """Return how often each row is read by what may pass it a gradient; an output is, once."""
    np = load("numpy")
    uses = {name: np.zeros(size, dtype=np.intp) for name, size in plan.sizes.items()}
    buffer, row = plan.outputs[0]
    uses[buffer][row] = 1
    for instruction in reversed(plan.forward):
        if isinstance(instruction, Zero) or not uses[instruction.write.buffer][instruction.write.rows].any():
            continue
        if isinstance(instruction, Dot):
            for matrix in (instruction.left, instruction.right):
                np.add.at(uses[matrix.buffer], matrix.rows, 1)
            continue
        let = _let(instruction)
        for place, view in enumerate(instruction.read):
            if contribution(let.op, shape_of(let.operands), place) is not None:
                np.add.at(uses[view.buffer], touched(view), 1)
    return uses
