"""Matrix products by BLAS: a Dot as one call on views, or on gathered rows where there is no view."""

from engine.compile.emitter import Array, Emitter
from engine.compile.instructions import Dot, Matrix
from engine.compile.strides import joint, separated


def emit_dot(emitter: Emitter, dot: Dot) -> None:
    """Emit a Dot; where its result is not in one piece, by way of scratch."""
    emitter.begin()
    left, right = matrix(emitter, dot.left), matrix(emitter, dot.right)
    out = _view(emitter, dot.write)
    if out is None:
        rows = dot.write.rows.ravel()
        made = emitter.scratch((len(dot.write.rows), right.shape[1]))
        emitter.call("dot", left, right, out=made)
        lanes = emitter.everything(dot.write.buffer).shape[1:]
        emitter.put(dot.write.buffer, rows, made.reshaped(len(rows), *lanes), accumulate=dot.accumulate)
        return
    target, transposed = out, out.transposed
    if target.is_contiguous and not dot.accumulate:
        emitter.call("dot", left, right, out=target)
    elif transposed.is_contiguous and not dot.accumulate:
        emitter.call("dot", right.transposed, left.transposed, out=transposed)
    else:
        made = emitter.scratch(target.shape)
        emitter.call("dot", left, right, out=made)
        if dot.accumulate:
            emitter.call("add", target, made, out=target)
        else:
            emitter.lines.append(f"copyto({emitter.name(target)}, {emitter.name(made)})")


def matrix(emitter: Emitter, given: Matrix) -> Array:
    """Return a matrix as an array of two axes that BLAS reads as it is."""
    found = _view(emitter, given)
    if found is None:
        rows = emitter.gathered(given.buffer, given.rows)
        found = rows.reshaped(len(given.rows), rows.size // len(given.rows))
    return found.transposed if given.transposed else found


def _view(emitter: Emitter, given: Matrix) -> Array | None:
    """Return the view of a matrix, None where its rows do not rise evenly or lanes do not join columns."""
    parts = separated(given.rows)
    if parts is None:
        return None
    down, across = (joint([part]) for part in parts)
    if down is None or across is None or len(down[0]) > 1 or len(across[0]) > 1:
        return None
    count, width = given.rows.shape
    step = down[1][0][0] if down[0] else width
    side = across[1][0][0] if across[0] else 1
    first = int(given.rows[0, 0])
    if not given.laned:
        return Array(given.buffer, first, (count, width), (step, side)) if step and side else None
    lanes = emitter.lanes
    if side != 1 or step == 0:
        return None
    return Array(given.buffer, first * lanes, (count, width * lanes), (step * lanes, 1))
