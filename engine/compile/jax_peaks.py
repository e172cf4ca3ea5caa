"""Maxima that are only taken from numbers before an exponential: in these a nan need not be looked for.

It is in the numbers themselves, and so in their exponentials and in the sum of these.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from engine import ops
from engine.compile.instructions import Dot, Instruction, Loop, Plan, View, flat
from engine.compile.jax_rows import PEAK, SHIFT
from engine.op import Op
from engine.optional import load

Use = Callable[[Any, Any, int], bool]
"""Whether an op of a loop may have a register as the operand of some number."""


def with_peaks(plan: Plan) -> Plan:
    """Return a plan in which the folds "max" of a softmax and of a logsumexp are PEAKs.

    >>> from engine.compile.graph import INPUT, Graph
    >>> from engine.compile.plan import plan
    >>> from engine.compile.spelled import spelled
    >>> inputs = [(i,) for i in range(9)]
    >>> graph = Graph([INPUT] * 9 + [ops.logsumexp], [*inputs, (tuple(range(9)),)], (9,), inputs=9)
    >>> made = plan(spelled(graph, shift=SHIFT), gradient=False)
    >>> [loop.fold for loop in with_peaks(made).forward if loop.fold]
    ['peak', 'sum']
    """
    np = load("numpy")
    shifts = np.zeros(plan.sizes["V"], dtype=bool)
    steps = [loop for loop in plan.forward if isinstance(loop, Loop) and _is_step(loop)]
    for loop in steps:
        if loop.lets[0].op is SHIFT and loop.write.buffer == "V":
            shifts[loop.write.rows] = True
    unlike_exp = _otherwise(plan, lambda loop, op, number: op is ops.exp)

    def is_taken(loop: Loop, op: Op, number: int) -> bool:
        if op is ops.sub:
            return number == 1 and loop.write.buffer == "V" and not unlike_exp[loop.write.rows].any()
        return op is ops.exp_sub and number == 1

    otherwise = _otherwise(plan, lambda loop, op, number: _is_step(loop) or is_taken(loop, op, number))
    otherwise &= ~shifts  # a logsumexp adds its own again
    for loop in steps:
        if loop.write.buffer != "V" or otherwise[loop.write.rows].any():
            for _, rows in _read(loop):
                otherwise[rows] = True
    return replace(plan, forward=[_peaked(instruction, otherwise) for instruction in plan.forward])


def _is_step(loop: Loop) -> bool:
    """Tell whether a loop makes of maxima what is taken from numbers."""
    return not loop.fold and [let.op for let in loop.lets] in ([ops.detach], [SHIFT])


def _otherwise(plan: Plan, is_so: Use) -> Any:
    """Return for each row of V whether it is an output, or used otherwise than so."""
    found = load("numpy").zeros(plan.sizes["V"], dtype=bool)
    for buffer, row in plan.outputs:
        if buffer == "V":
            found[row] = True
    for instruction in plan.forward:
        for place, rows in _read(instruction):
            uses = [
                is_so(instruction, let.op, number)
                for let in (instruction.lets if isinstance(instruction, Loop) else ())
                for number, register in enumerate(flat(let.operands))
                if type(register) is int and register == place
            ]
            found[rows] |= not uses or not all(uses)
    return found


def _read(instruction: Instruction) -> Iterator[tuple[int, Any]]:
    """Return for each view of V its place among those that are read, and its rows."""
    np = load("numpy")
    if isinstance(instruction, Dot):
        views: list[Any] = [instruction.left, instruction.right]
    else:
        views = list(instruction.read) if isinstance(instruction, Loop) else []
    for place, view in enumerate(views):
        if view.buffer == "V":
            pick = view.pick if isinstance(view, View) else None
            yield place, view.rows[..., None] + (0 if pick is None else pick.step * np.arange(pick.choices))


def _peaked(instruction: Instruction, otherwise: Any) -> Instruction:
    if not isinstance(instruction, Loop) or instruction.fold != "max" or instruction.write.buffer != "V":
        return instruction
    return instruction if otherwise[instruction.write.rows].any() else replace(instruction, fold=PEAK)
