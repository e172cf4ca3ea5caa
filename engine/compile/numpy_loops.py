"""Loops by numpy's functions on whole arrays: a Loop as one call an op, on views where there are any."""

import math
from typing import Any

from engine.compile.axes import Axes, axes_of
from engine.compile.emitter import Array, Emitter
from engine.compile.instructions import Let, Loop, View, flat
from engine.compile.numpy_picks import emit_pick, emit_unpick
from engine.compile.numpy_writes import Target, emit_write, materialised
from engine.compile.strides import are_distinct
from engine.compile.vector_rows import emit_row

FOLD = {"sum": "add", "max": "maximum", "min": "minimum"}
"""numpy's function for each fold."""


def emit_loop(emitter: Emitter, loop: Loop, fixed: dict[int, float]) -> None:
    """Emit a Loop; `fixed` holds the constants of P, by row."""
    emitter.begin()
    if loop.read[0].pick is not None:
        emit_pick(emitter, loop.read[0], loop.write)
        return
    numbers = {i: x for i, view in enumerate(loop.read) if (x := _number(view, fixed)) is not None}
    views = [view for i, view in enumerate(loop.read) if i not in numbers]
    axes = axes_of(loop, views)
    lanes = (emitter.lanes,) if loop.laned else ()
    arrays = iter(
        [_array(emitter, view, s, axes, bool(lanes)) for view, s in zip(views, axes.reads, strict=True)]
    )
    registers = [numbers[i] if i in numbers else next(arrays) for i in range(len(loop.read))]
    full = (*axes.shape, *lanes)
    direct = _direct(emitter, loop, axes, full)
    for number, let in enumerate(loop.lets):
        is_last = number == len(loop.lets) - 1
        registers.append(_computed(emitter, let, registers, full, direct if is_last else None))
    result = registers[-1]
    if loop.fold:
        result = _folded(emitter, loop, axes, result, full)
        full = full[axes.folded :]
    if direct is not None and result == direct:
        return
    if loop.write.pick is not None:
        emit_unpick(emitter, materialised(emitter, result, full), loop.write)
        return
    emit_write(emitter, Target(loop.write, axes.write, loop.laned, loop.accumulate), result, full)


def _number(view: View, fixed: dict[int, float]) -> float | None:
    """Return the number that a view shows at every point, None where it shows others."""
    first = int(view.rows.flat[0])
    if view.buffer != "P" or first not in fixed or (view.rows != first).any():
        return None
    return fixed[first]


def _array(
    emitter: Emitter, view: View, strides: tuple[int, ...] | None, axes: Axes, has_lanes: bool
) -> Array:
    """Return a view as an array over the loop's axes, of length 1 along those on which it stands still."""
    lanes = emitter.lanes if view.laned else 1
    if strides is None:
        made = emitter.gathered(view.buffer, view.rows)
        shape = (*axes.shape, lanes) if has_lanes else axes.shape
        return made.reshaped(*shape)
    offset = int(view.rows.flat[0]) * lanes
    shape = tuple([1 if step == 0 else n for n, step in zip(axes.shape, strides, strict=True)])
    steps = tuple([step * lanes for step in strides])
    if has_lanes:
        shape, steps = (*shape, lanes), (*steps, 1 if view.laned else 0)
    return Array(view.buffer, offset, shape, steps)


def _direct(emitter: Emitter, loop: Loop, axes: Axes, full: tuple[int, ...]) -> Array | None:
    """Return the array to write to if the last op of the loop can write there itself."""
    if loop.fold or loop.accumulate or not loop.lets or loop.write.pick is not None:
        return None
    if axes.write is None or 0 in axes.write or (loop.laned and not loop.write.laned):
        return None
    if not are_distinct(axes.shape, axes.write):
        return None
    return _array(emitter, loop.write, axes.write, axes, loop.laned)


def _computed(
    emitter: Emitter, let: Let, registers: list[Array | float], full: tuple[int, ...], direct: Array | None
) -> Array:
    """Emit one op; its result has the shape that its operands need, no larger."""

    def found(operand: Any) -> Any:
        if isinstance(operand, tuple):
            return tuple([found(x) for x in operand])
        return registers[operand] if type(operand) is int else operand

    operands = tuple([found(x) for x in let.operands])
    shapes = [x.shape for x in flat(operands) if isinstance(x, Array)]
    shape = tuple([max(sizes) for sizes in zip(*shapes, strict=True)]) if shapes else (1,) * len(full)
    out = direct if direct is not None and direct.shape == shape else emitter.scratch(shape)
    emit_row(emitter, let.op, operands, out)
    return out


def _folded(emitter: Emitter, loop: Loop, axes: Axes, result: Array | float, full: tuple[int, ...]) -> Array:
    """Emit the fold of a result over the loop's first axes; into the written rows at once if that can be."""
    count, rest = math.prod(full[: axes.folded]), full[axes.folded :]
    made = result
    if not isinstance(made, Array) or made.shape != full:
        made = materialised(emitter, result, full)
    out = emitter.scratch(rest)
    if loop.write.laned == loop.laned and axes.write is not None and not loop.accumulate:
        target = Target(loop.write, axes.write, loop.laned, False).array(emitter, rest)
        if target is not None and target.is_contiguous:
            out = target
    if loop.fold == "sum" and made.is_contiguous:
        emitter.total(made, count, out)
    else:
        emitter.fold(FOLD[loop.fold], made, tuple(range(axes.folded)), out)
    return out
