"""The loops of a plan in JAX: ops on whole arrays, then a fold; ragged ones along boxes with holes."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from engine.compile.instructions import Let, Loop, Plan, View
from engine.compile.jax_boxes import Holes
from engine.compile.jax_buffers import Buffers, State, spread
from engine.compile.jax_orders import is_dot
from engine.compile.jax_products import product
from engine.compile.jax_ragged import Boxed, Ragged, Stand
from engine.compile.jax_rows import check, computed, extreme, total
from engine.compile.jax_views import strided
from engine.compile.jax_works import NEUTRAL
from engine.op import Op
from engine.optional import load

Step: TypeAlias = Callable[[State], Any]
"""What makes the next array of a State: [lane, row]."""


class Made(NamedTuple):
    """A step, the rows of a buffer that it makes, -1 for none of them, and along which axes they stand."""

    step: Step
    buffer: str
    rows: Any
    shape: tuple[int, ...]


def made_of(plan: Plan, buffers: Buffers, ragged: Ragged, number: int, loop: Loop) -> list[Made]:
    """Return what makes the arrays of a loop: one, or several that stand in boxes, where it had to gather.

    Errors: ValueError for a user's op that JAX cannot run.
    """
    for let in loop.lets:
        check(_op(let), let.operands)
    reads, points, gathers = buffers.reads(loop)
    boxes = ragged.boxes(number, loop) if gathers else []
    if boxes:
        return [Made(_boxed(boxed), "V", boxed.rows, boxed.box.inner) for boxed in boxes]
    rows = points.results(loop.write.rows)
    before = buffers.whole(loop.write.buffer, rows[None]) if loop.accumulate else None
    over = tuple([place + 1 for place in points.over])
    real = None if loop.fold in ("", "sum") else _real(plan, loop.read[0], loop.fold)
    is_real = None if real is None else real.reshape(points.shape).transpose(points.order)[None]
    behind = bool(loop.fold) and gathers and len(reads) == 1
    """Whether lanes go behind the points for a fold: rows are gathered so, and fewer are left."""

    def step(state: State) -> Any:
        registers = [read(state) for read in reads]
        found = _product(loop.lets, loop.fold, registers, over, None)
        if found is None:
            found = spread(_result(loop.lets, registers), points.turned)
            found = _folded(loop.fold, found, over, is_real, behind)
        found = spread(found, points.inner).reshape(-1, len(rows))
        return found if before is None else found + before(state)[:, 0]

    return [Made(step, loop.write.buffer, rows, points.inner)]


def _folded(fold: str, x: Any, over: tuple[int, ...], is_real: Any, behind: bool) -> Any:
    """Return an array [lane, *axes] folded along some axes, maybe with the lanes behind them meanwhile."""
    jnp = load("jax").numpy
    if not fold:
        return x
    if behind:
        x, over = jnp.moveaxis(x, 0, -1), tuple([axis - 1 for axis in over])
        is_real = None if is_real is None else jnp.moveaxis(is_real, 0, -1)
    found = total(x, over) if fold == "sum" else extreme(fold, x, over, is_real)
    return jnp.moveaxis(found, -1, 0) if behind else found


def _boxed(boxed: Boxed) -> Step:
    """Return a work along a box, whose holes no fold takes in."""
    (work, box, reads), holes = boxed, boxed.box.holes
    is_point = None if holes is None else holes.is_point[None]
    over = tuple([axis + 1 for axis in box.folded])
    filled = [isinstance(x, float) or x.is_filled for x in reads]
    is_own = holes is not None and holes.axis in box.folded and all(filled)  # of the same fold: max has it
    is_masked = is_point is not None and (work.fold == "sum" or not is_own)

    def read(x: float | Stand, state: State) -> Any:
        return x if isinstance(x, float) else strided(state.arrays[x.source], x.first, box.shape, x.strides)

    def step(state: State) -> Any:
        registers = [read(x, state) for x in reads]
        found = _product(work.lets, work.fold, registers, over, is_point)
        if found is None:
            if work.lets or not work.fold:
                pairs = zip(registers, filled, strict=True)
                registers = [x if is_filled else _filled_up(x, holes) for x, is_filled in pairs]
            found = spread(_result(work.lets, registers), box.shape)
            if work.fold and is_masked:
                found = load("jax").numpy.where(is_point, found, NEUTRAL[work.fold])
            found = _folded(work.fold, found, over, is_point, False)
        found = spread(found, box.inner)
        if work.fold:
            found = _filled_up(found, box.result)
        return found.reshape(-1, math.prod(box.inner))

    return step


def _filled_up(x: Any, holes: Holes | None) -> Any:
    """Return an array with what a point has in the holes beside it, from where no gradient comes.

    So an op on it has no value and no partial in a hole that it has not in a point: 0 times it is 0.
    """
    if holes is None:
        return x
    jax = load("jax")
    point = jax.lax.slice_in_dim(x, holes.place, holes.place + 1, axis=holes.axis + 1)
    return jax.numpy.where(holes.is_point, x, jax.lax.stop_gradient(point))


def _product(
    lets: Sequence[Let], fold: str, registers: list[Any], folded: Sequence[int], is_point: Any
) -> Any:
    """Return a sum of products as a product of matrices, None where it is none."""
    if not is_dot(lets, fold) or any([isinstance(x, float) for x in registers]):
        return None
    return product(registers[0], registers[1], folded, is_point)


def _result(lets: Sequence[Let], registers: list[Any]) -> Any:
    """Return what the ops of a loop make of what it has read."""
    for let in lets:
        registers = [*registers, computed(_op(let), _filled(let.operands, registers))]
    return registers[-1]


def _op(let: Let) -> Op:
    assert isinstance(let.op, Op), "slopes are in the reverse pass alone"
    return let.op


def _filled(operands: tuple[Any, ...], registers: list[Any]) -> tuple[Any, ...]:
    """Return operands with what stands in the registers that they name."""
    return tuple(
        [
            _filled(x, registers) if isinstance(x, tuple) else registers[x] if type(x) is int else x
            for x in operands
        ]
    )


def _real(plan: Plan, view: View, fold: str) -> Any:
    """Return which elements of a fold are not there to fill up shorter lists, None where all are."""
    filling = math.inf if fold == "min" else -math.inf
    rows = [row for row, x in plan.fixed[view.buffer].items() if x == filling]
    is_filling = load("numpy").isin(view.rows, rows)
    return ~is_filling if is_filling.any() else None
