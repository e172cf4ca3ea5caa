"""Rows that depend on the sample: read by one gather, their gradients added where they were read."""

from typing import Any

from engine.compile.emitter import Array, Emitter, whole
from engine.compile.instructions import View, touched
from engine.compile.numpy_writes import Target, emit_write
from engine.compile.strides import joint
from engine.optional import load

INDICES = "indices"
"""The name of the whole numbers [index, lane] in the emitted code."""


def emit_pick(emitter: Emitter, read: View, write: View) -> None:
    """Emit the read of the rows that a view picks for every lane."""
    places = _places(emitter, read)
    shape = (len(read.rows), emitter.lanes)
    found = joint([write.rows])
    strides = found[1][0] if found is not None and len(found[0]) < 2 else None
    target = Target(write, strides if strides != () else (1,), True, False)
    written = target.array(emitter, shape)
    direct = written is not None and written.is_contiguous
    out = written if direct and written is not None else emitter.scratch(shape)
    emitter.lines.append(f"take({_source(emitter, read)}, {places}, 0, {emitter.name(out)}, 'clip')")
    if not direct:
        emit_write(emitter, target, out, shape)


def emit_unpick(emitter: Emitter, made: Array, write: View) -> None:
    """Emit the addition of gradients [point, lane] to the rows from which a pick has read."""
    places = _places(emitter, write)
    source = _source(emitter, write)
    if write.laned and _are_apart(write):
        rows = made.reshaped(len(write.rows), emitter.lanes)
        emitter.lines.append(f"{source}[{places}] += {emitter.name(rows)}")
        return
    flat = emitter.name(made.reshaped(made.size))
    emitter.lines.append(f"add({source}, bincount({places}.ravel(), {flat}, len({source})), {source})")


def _source(emitter: Emitter, view: View) -> str:
    """Return the name of the part of a flat buffer in which a view picks."""
    rows, lanes = touched(view), emitter.lanes if view.laned else 1
    first, last = int(rows.min()), int(rows.max())
    return emitter.name(whole(view.buffer, ((last - first + 1) * lanes,), first * lanes))


def _are_apart(view: View) -> bool:
    """Return whether no two points of a view can touch the same row."""
    rows = touched(view)
    return bool(len(load("numpy").unique(rows)) == rows.size)


def _places(emitter: Emitter, view: View) -> str:
    """Return the name of the places in that part, computed once a run: rows + step * index, by lane."""
    np = load("numpy")
    assert view.pick is not None
    lanes, (numbers, step, _) = emitter.lanes, view.pick
    key = "places", view.laned, step, numbers.tobytes(), view.rows.tobytes()
    if key not in emitter.kept:
        base: Any = view.rows[:, None] - touched(view).min()
        if view.laned:
            base = base * lanes + np.arange(lanes)
        name = emitter.constant(np.empty((len(view.rows), lanes), dtype=np.intp), "places")
        start = emitter.constant(np.ascontiguousarray(base, dtype=np.intp), "rows")
        scale = step * lanes if view.laned else step
        chosen = emitter.constant(numbers, "numbers")
        emitter.lines.append(f"take({INDICES}, {chosen}, 0, {name}, 'clip')")
        emitter.lines.append(f"multiply({name}, {scale}, {name})")
        emitter.lines.append(f"add({name}, {start}, {name})")
        emitter.kept[key] = name  # type: ignore[assignment]
    return str(emitter.kept[key])
