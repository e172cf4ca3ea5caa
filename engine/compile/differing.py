"""Where two recordings of one function differ, and how."""

import marshal
from typing import Any

from engine.compile.graph import Graph

PART = 100_000
"""So many nodes are compared at a time."""


def is_same(a: Graph, b: Graph) -> bool:
    """Compare two graphs, their numbers bit by bit; as bytes, for a number of a node may equal a constant."""
    same = a.ops == b.ops and a.outputs == b.outputs
    parts = [slice(first, first + PART) for first in range(0, len(a.ops), PART)]
    return same and all(
        marshal.dumps(a.operands[part], 2) == marshal.dumps(b.operands[part], 2) for part in parts
    )


def are_alike(a: Any, b: Any) -> bool:
    """Compare operands: nan is alike nan, -0.0 is not alike 0.0."""
    if type(a) is tuple and type(b) is tuple:
        return len(a) == len(b) and all(map(are_alike, a, b))
    return type(a) is type(b) and (repr(a) == repr(b) if type(a) is float else bool(a == b))


def parting(a: Graph, b: Graph) -> int | None:
    """Return the first node in which two graphs differ."""
    for i, (op, other) in enumerate(zip(a.ops, b.ops, strict=False)):
        if op is not other or not are_alike(a.operands[i], b.operands[i]):
            return i
    shorter, longer = sorted((len(a.ops), len(b.ops)))
    return shorter if shorter < longer else None


def difference(a: Graph, b: Graph, node: int) -> str:
    """Return in words how two graphs differ in a node, the first one that does."""
    if node >= min(len(a.ops), len(b.ops)):
        return f"it has {len(b.ops):,} nodes, not {len(a.ops):,}"
    if a.ops[node] is not b.ops[node]:
        if a.ops[node].name == b.ops[node].name:
            return f"the op {a.ops[node].name} is made anew each time; make it once, outside"
        return f"here {a.ops[node].name} was recorded, there {b.ops[node].name}"
    for x, y in zip(_flat(a.operands[node]), _flat(b.operands[node]), strict=False):
        if not are_alike(x, y):
            if type(x) is float and type(y) is float:
                return f"the constant {x!r} in {a.ops[node].name} is {y!r} there"
            return f"{a.ops[node].name} has other operands"
    return (
        f"{a.ops[node].name} has {len(_flat(b.operands[node]))} operands, not {len(_flat(a.operands[node]))}"
    )


def _flat(operand: Any) -> list[Any]:
    return [x for part in operand for x in _flat(part)] if type(operand) is tuple else [operand]
