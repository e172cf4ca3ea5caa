"""The instructions of a plan in JAX: Dot is a dot_general, Loop its ops on whole arrays and its fold."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from engine.compile.instructions import Dot, Instruction, Loop, Plan
from engine.compile.jax_buffers import Buffers, State, spread
from engine.compile.jax_cuts import product_parts
from engine.compile.jax_loops import Made, Step, made_of
from engine.compile.jax_picks import picked
from engine.compile.jax_products import applied
from engine.compile.jax_ragged import Ragged
from engine.compile.jax_rows import constant
from engine.optional import load


def steps_of(plan: Plan, buffers: Buffers) -> list[Callable[[State], Sequence[Any]]]:
    """Return the forward instructions of a plan, what makes arrays; their rows are noted in the buffers.

    Errors: ValueError for a user's op that JAX cannot run.
    """
    steps: list[Callable[[State], Sequence[Any]]] = []
    ragged, parts = Ragged(plan, buffers), product_parts(plan)
    for number, instruction in enumerate(plan.forward):
        if number in ragged.parts:
            continue
        counts = [len(part) for part in parts.get(number, [])]
        if counts:
            assert isinstance(instruction, Dot), "only these are cut"
            instruction = _turned(instruction, load("numpy").concatenate(parts[number]))
        for made in _made(plan, buffers, ragged, number, instruction):
            steps.append(_in_parts(made, counts))
            for rows in _rows_in_parts(made, counts):
                buffers.write(made.buffer, rows.ravel(), rows.shape)
    return steps


def _turned(dot: Dot, order: Any) -> Dot:
    """Return a matrix product with its rows in another order."""
    left, write = [replace(matrix, rows=matrix.rows[order]) for matrix in (dot.left, dot.write)]
    return replace(dot, left=left, write=write)


def _rows_in_parts(made: Made, counts: Sequence[int]) -> list[Any]:
    np, rows = load("numpy"), made.rows.reshape(made.shape)
    return np.split(rows, np.cumsum(counts)[:-1], axis=-1) if counts else [rows]


def _in_parts(made: Made, counts: Sequence[int]) -> Callable[[State], Sequence[Any]]:
    """Return what makes an array, or the parts of it that have so many places along its last axis each."""

    def step(state: State) -> Sequence[Any]:
        found = made.step(state)
        if not counts:
            return [found]
        parts = load("jax").lax.split(found.reshape(-1, *made.shape), counts, axis=len(made.shape))
        return [part.reshape(len(part), -1) for part in parts]

    return step


def _made(plan: Plan, buffers: Buffers, ragged: Ragged, number: int, instruction: Instruction) -> list[Made]:
    """Return what makes the arrays of an instruction, one after the other."""
    if isinstance(instruction, Dot):
        write, step = instruction.write, _dot(buffers, instruction)
        return [Made(step, write.buffer, write.rows.T.ravel(), write.rows.T.shape)]
    assert isinstance(instruction, Loop), "zeros are set in the reverse pass alone"
    if instruction.read[0].pick is not None:
        step, order = picked(buffers, instruction.read[0])
        rows = instruction.write.rows[order]
        return [Made(step, instruction.write.buffer, rows.ravel(), rows.shape)]
    return made_of(plan, buffers, ragged, number, instruction)


def _dot(buffers: Buffers, dot: Dot) -> Step:
    """Return a matrix product, [lane, column * row].

    Columns that are known, of ones for a bias, are a product of their own.
    """
    left, right = dot.left.rows, dot.right.rows
    known = buffers.is_known(dot.right.buffer, right).all(axis=1)
    numbers = buffers.known(dot.right.buffer, right[known])
    if known.any() and (numbers == numbers[:, :1]).all():
        numbers = numbers[:, :1]
    weights = None if known.all() else buffers.whole(dot.left.buffer, left[:, ~known])
    columns = None if known.all() else buffers.whole(dot.right.buffer, right[~known].T)
    biases = buffers.whole(dot.left.buffer, left[:, known]) if known.any() else None
    is_sum = len(left) == 1 and bool(buffers.is_known(dot.left.buffer, left[:, ~known]).all())

    def step(state: State) -> Any:
        parts: list[Any] = []
        if weights is not None and columns is not None:
            factors, others = weights(state)[0], columns(state)
            if is_sum:  # of one row of numbers: what XLA can fuse with other loops
                parts.append((others * factors[0]).sum(axis=2, keepdims=True))
            else:
                parts.append(applied(factors, others))
        if biases is not None:
            offsets = biases(state)[0]
            is_bias = len(numbers) == 1 and (numbers == 1.0).all()
            fixed = offsets if is_bias else offsets @ constant(numbers)
            parts.append(fixed.T[None])
        return spread(sum(parts[1:], parts[0]), dot.write.rows.T.shape).reshape(-1, dot.write.rows.size)

    return step
