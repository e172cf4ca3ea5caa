"""The instructions of a plan in JAX: Dot is a dot_general, Loop its ops on whole arrays and its fold."""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from engine.compile.instructions import Dot, Instruction, Let, Loop, Plan, View, Zero
from engine.compile.jax_buffers import Buffers, State, spread
from engine.compile.jax_picks import picked
from engine.compile.jax_rows import check, computed, constant, extreme, total
from engine.op import Op
from engine.optional import load

Step: TypeAlias = Callable[[State], Any]
"""What makes the next array of a State: [row, lane]."""


def steps_of(plan: Plan, buffers: Buffers) -> list[Step]:
    """Return the forward instructions of a plan as steps, their rows noted in the buffers.

    Errors: ValueError for a user's op that JAX cannot run.
    """
    steps = []
    for instruction in plan.forward:
        steps.append(_step(plan, buffers, instruction))
        buffers.write(instruction.write.buffer, instruction.write.rows.ravel())  # type: ignore[union-attr]
    return steps


def _step(plan: Plan, buffers: Buffers, instruction: Instruction) -> Step:
    assert not isinstance(instruction, Zero), "zeros are set in the reverse pass alone"
    if isinstance(instruction, Dot):
        return _dot(buffers, instruction)
    if instruction.read[0].pick is not None:
        return picked(buffers, instruction.read[0])
    return _loop(plan, buffers, instruction)


def _dot(buffers: Buffers, dot: Dot) -> Step:
    """Return a matrix product; columns that are known, of ones for a bias, are a product of their own."""
    left, right = dot.left.rows, dot.right.rows
    known = buffers.is_known(dot.right.buffer, right).all(axis=1)
    numbers = buffers.known(dot.right.buffer, right[known])
    if known.any() and (numbers == numbers[:, :1]).all():
        numbers = numbers[:, :1]
    weights = None if known.all() else buffers.whole(dot.left.buffer, left[:, ~known])
    columns = None if known.all() else buffers.whole(dot.right.buffer, right[~known])
    biases = buffers.whole(dot.left.buffer, left[:, known]) if known.any() else None

    def step(state: State) -> Any:
        jnp, parts = load("jax").numpy, []
        if weights is not None and columns is not None:
            parts.append(jnp.tensordot(weights(state)[..., 0], columns(state), 1))
        if biases is not None:
            offsets = biases(state)[..., 0]
            is_bias = len(numbers) == 1 and (numbers == 1.0).all()
            fixed = offsets if is_bias else offsets @ constant(numbers)
            parts.append(fixed[..., None])
        return spread(sum(parts[1:], parts[0]), dot.write.rows.shape).reshape(dot.write.rows.size, -1)

    return step


def _loop(plan: Plan, buffers: Buffers, loop: Loop) -> Step:
    """Return a loop: what it reads, its ops on whole arrays, its fold, what it is added to."""
    reads, axes = buffers.reads(loop)
    before = buffers.whole(loop.write.buffer, loop.write.rows[None]) if loop.accumulate else None
    over = tuple(range(axes.folded)) if loop.fold else ()
    real = None if loop.fold in ("", "sum") else _real(plan, loop.read[0], loop.fold)
    for let in loop.lets:
        check(_op(let), let.operands)

    def step(state: State) -> Any:
        registers = [read(state) for read in reads]
        for let in loop.lets:
            registers.append(computed(_op(let), _filled(let.operands, registers)))
        found = spread(registers[-1], axes.shape)
        if loop.fold == "sum":
            found = total(found, over)
        elif loop.fold:
            found = extreme(loop.fold, found, over, None if real is None else real.reshape(*axes.shape, 1))
        found = found.reshape(len(loop.write.rows), -1)
        return found if before is None else found + before(state)[0]

    return step


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
    filling = -math.inf if fold == "max" else math.inf
    rows = [row for row, x in plan.fixed[view.buffer].items() if x == filling]
    is_filling = load("numpy").isin(view.rows, rows)
    return ~is_filling if is_filling.any() else None
