"""The operands of one node as rows: one of a list, or a pair of a dot, with the steps that reach them."""

import math
from collections.abc import Iterable
from itertools import count
from typing import TypeAlias

from engine.chain import Step, local_steps
from engine.value import Value

Operand: TypeAlias = Value | float
Arm: TypeAlias = tuple[Operand, Step | None, int | None]
"""An operand, the step that reaches it (None: a number, or detached) and its position in `inputs`."""
Row: TypeAlias = tuple[Arm, ...]
"""The operands that belong together."""


def rows(node: Value, *, swept: bool = True) -> list[Row]:
    """Return the operands of a node with their steps, those of a dot in pairs.

    Without `swept` there are no steps: the sweep does not come by here.

    >>> x = Value(2.0)
    >>> [[position for _, _, position in row] for row in rows(3 * x)]
    [[None], [0]]
    """
    if node.op is None:
        return []
    steps, places = local_steps(node) if swept else iter(()), count()
    operands = [v if isinstance(v, tuple) else (v,) for v in (node.x, node.y)[: node.op.arity]]
    columns = [
        [(v, swept and partial is not None, next(places) if isinstance(v, Value) else None) for v in column]
        for column, partial in zip(operands, node.op.partials, strict=True)
    ]

    def arm(operand: Operand, flowing: bool, position: int | None) -> Arm:
        return operand, next(steps) if flowing and isinstance(operand, Value) else None, position

    if isinstance(node.x, tuple):
        return [tuple([arm(*v) for v in row]) for row in zip(*columns, strict=True)]
    return [(arm(*v),) for column in columns for v in column]


def values(lines: Iterable[Row]) -> list[Value]:
    """Return the operands of rows that are Values.

    >>> x = Value(2.0)
    >>> values(rows(3 * x)) == [x]
    True
    """
    return [v for row in lines for v, _, _ in row if isinstance(v, Value)]


def weight(row: Row) -> float:
    """Return how much passes through a row; what is not a number stands first.

    >>> weight(((2.0, None, None),))
    0
    """
    total = sum(abs(step.contribution) for _, step, _ in row if step is not None)
    return total if total == total else math.inf
