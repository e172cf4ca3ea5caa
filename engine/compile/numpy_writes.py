"""Writes of loops: to a view, summed over lanes, over axes, or over the places that name a row."""

from typing import Any, NamedTuple

from engine.compile.emitter import Array, Emitter
from engine.compile.instructions import View
from engine.compile.strides import are_distinct, joint, segments
from engine.optional import load

WASTE = 4
"""Places of a row are filled up to the longest list of them, unless that is so many times what there is."""


class Target(NamedTuple):
    """Where a loop writes: a view, its strides, None where irregular, whether the loop has lanes, and how."""

    view: View
    strides: tuple[int, ...] | None
    laned: bool
    accumulate: bool

    def array(self, emitter: Emitter, full: tuple[int, ...]) -> Array | None:
        """Return the written rows as an array over the loop's axes, None where several points share one."""
        if self.strides is None:
            return None
        rest = full[: len(self.strides)]
        if not are_distinct(rest, self.strides):
            return None
        lanes = (emitter.lanes,) if self.view.laned else ()
        scale = emitter.lanes if lanes else 1
        first = int(self.view.rows.flat[0]) * scale
        steps = tuple([step * scale for step in self.strides])
        return Array(self.view.buffer, first, (*rest, *lanes), (*steps, *([1] if lanes else [])))


def materialised(emitter: Emitter, result: Array | float, full: tuple[int, ...]) -> Array:
    """Return a result in one piece and in full size."""
    if isinstance(result, Array) and result.shape == full and result.is_contiguous:
        return result
    made = emitter.scratch(full)
    emitter.lines.append(f"copyto({emitter.name(made)}, {emitter.text(result)})")
    return made


def emit_write(emitter: Emitter, target: Target, result: Array | float, full: tuple[int, ...]) -> None:
    """Emit the write of a result over the axes `full`, to the rows of a target."""
    if target.laned and not target.view.laned:
        result = _over_lanes(emitter, target, result, full)
        full, target = full[:-1], target._replace(laned=False)
        if isinstance(result, Array) and result == target.array(emitter, full):
            return
    written = target.array(emitter, full)
    if written is not None:
        _put(emitter, written, result, target.accumulate)
    elif target.strides is not None and _stands_still(target, full):
        _over_axes(emitter, target, result, full)
    else:
        _over_places(emitter, target, materialised(emitter, result, full))


def _put(emitter: Emitter, written: Array, result: Array | float, accumulate: bool) -> None:
    if accumulate:
        emitter.call("add", written, result, out=written)
    elif result != written:
        emitter.lines.append(f"copyto({emitter.name(written)}, {emitter.text(result)})")


def _over_lanes(emitter: Emitter, target: Target, result: Array | float, full: tuple[int, ...]) -> Array:
    """Emit the sum over lanes, into the written rows at once if that can be."""
    made = materialised(emitter, result, full)
    out = target.array(emitter, full[:-1])
    if out is None or target.accumulate or not out.is_contiguous:
        out = emitter.scratch(full[:-1])
    lanes, flat = full[-1], out.reshaped(out.size)
    rows = made.reshaped(made.size // lanes, lanes)
    emitter.lines.append(f"dot({emitter.name(rows)}, {emitter.ones(lanes)}, {emitter.name(flat)})")
    return out


def _stands_still(target: Target, full: tuple[int, ...]) -> bool:
    """Return whether points share a row along whole axes, and only so."""
    assert target.strides is not None
    moving = tuple([step for step in target.strides if step])
    rest = tuple([n for n, step in zip(full, target.strides, strict=False) if step])
    return len(moving) < len(target.strides) and are_distinct(rest, moving)


def _over_axes(emitter: Emitter, target: Target, result: Array | float, full: tuple[int, ...]) -> None:
    """Emit the sum over the axes along which the target stands still."""
    assert target.strides is not None
    still = tuple([axis for axis, step in enumerate(target.strides) if step == 0])
    if not isinstance(result, Array) or any(result.shape[axis] != full[axis] for axis in still):
        result = materialised(emitter, result, full)
    moving = tuple([step for step in target.strides if step])
    rest = tuple([n for axis, n in enumerate(full) if axis not in still])
    short = target._replace(strides=moving)
    written = short.array(emitter, rest)
    assert written is not None
    shape = tuple([n for axis, n in enumerate(result.shape) if axis not in still])
    is_direct = not target.accumulate and shape == rest
    out = written if is_direct else emitter.scratch(shape)
    leading = still == tuple(range(len(still)))
    if leading and result.is_contiguous and out.is_contiguous:
        emitter.total(result, result.size // out.size, out)
    else:
        emitter.fold("add", result, still, out)
    if not is_direct:
        _put(emitter, written, out, target.accumulate)


def _over_places(emitter: Emitter, target: Target, made: Array) -> None:
    """Emit the sum, for every row, of the places that name it: the rows gathered, then added up."""
    rows = target.view.rows.ravel()
    lanes = (emitter.lanes,) if target.view.laned else ()
    distinct, table = segments(rows, emitter.dropped.get(target.view.buffer, -1))
    if not len(distinct):
        return
    source = made.reshaped(len(rows), *lanes)
    out = _destination(emitter, target, distinct)
    is_direct = out is not None and out.is_contiguous and not target.accumulate
    total = out if is_direct and out is not None else emitter.scratch((len(distinct), *lanes))
    if len(table) == 1:
        emitter.take(source, table[0], total)
    elif table.size > WASTE * len(rows):
        _by_runs(emitter, source, table, total)
    else:
        _by_table(emitter, source, table, total)
    if is_direct:
        return
    if out is not None:
        _put(emitter, out, total, target.accumulate)
    else:
        emitter.put(target.view.buffer, distinct, total, accumulate=target.accumulate)


def _destination(emitter: Emitter, target: Target, distinct: Any) -> Array | None:
    """Return the array of distinct rows that rise evenly, None where they do not."""
    found = joint([distinct])
    if found is None or len(found[0]) > 1:
        return None
    step = found[1][0][0] if found[0] else 1
    view = View(target.view.buffer, distinct)
    return Target(view, (step,), target.laned, False).array(emitter, (len(distinct),))


def _by_table(emitter: Emitter, source: Array, table: Any, total: Array) -> None:
    """Emit the sum over a table [time, row] of places; a row of zeros stands behind the last place."""
    count, *lanes = source.shape
    if (table == count).any():
        longer = emitter.own((count + 1, *lanes))
        emitter.zeroed.append(longer)
        copy = longer._replace(shape=source.shape)
        emitter.lines.append(f"copyto({emitter.name(copy)}, {emitter.name(source)})")
        source = longer
    gathered = emitter.scratch((*table.shape, *lanes))
    emitter.take(source, table, gathered)
    emitter.total(gathered, len(table), total)


def _by_runs(emitter: Emitter, source: Array, table: Any, total: Array) -> None:
    """Emit the sum over runs of places, for rows that are named very unequal numbers of times."""
    np = load("numpy")
    columns = [column[column < source.shape[0]] for column in table.T]
    starts = np.cumsum([0, *map(len, columns[:-1])])
    places = np.concatenate(columns)
    gathered = emitter.scratch((len(places), *source.shape[1:]))
    emitter.take(source, places, gathered)
    index = emitter.constant(starts, "starts")
    emitter.lines.append(f"add_reduceat({emitter.name(gathered)}, {index}, 0, None, {emitter.name(total)})")
