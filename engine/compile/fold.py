"""Folding: constants are computed, x + 0 and x * 1 are x, and equal nodes are one."""

import math
from typing import Any

from engine import ops
from engine.compile.graph import CONSTANT, LEAVES, SELECT, Form, Graph, mover
from engine.op import Op

COMMUTE = (ops.add, ops.mul)


class Folding:
    """A graph under construction in which no node is there twice."""

    def __init__(self) -> None:
        self.ops: list[Op | Form] = []
        self.operands: list[tuple[Any, ...]] = []
        self.known: dict[Any, int] = {}
        self.lists: dict[int, tuple[str, tuple[Any, ...], tuple[Any, ...]]] = {}
        """By the id of a list what `listed` says of it."""
        self.contents: dict[tuple[Any, ...], tuple[str, tuple[Any, ...]]] = {}

    def node(self, op: Op | Form, operands: tuple[Any, ...]) -> int:
        """Return the number of a node, a new one where there is none like it."""
        key = op, *[x if type(x) is int else self.key(x) for x in operands]
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = len(self.ops)
            self.ops.append(op)
            self.operands.append(tuple([self.listed(x)[1] if type(x) is tuple else x for x in operands]))
        return found

    def key(self, x: Any) -> str:
        """Return what tells a number from a node and from a list, and 0.0 from -0.0."""
        return repr(x) if type(x) is float else self.listed(x)[0]

    def listed(self, x: tuple[Any, ...]) -> tuple[str, tuple[Any, ...], tuple[Any, ...]]:
        """Return the name of a list, the first list that is like it, and itself, so that its id stays its."""
        found = self.lists.get(id(x))
        if found is None:
            content = tuple([i if type(i) is int else repr(i) for i in x])
            name, first = self.contents.setdefault(content, (f"list {len(self.contents)}", x))
            found = self.lists[id(x)] = name, first, x
        return found

    def pair(self, op: Op, x: int, y: int) -> int:
        """Return the number of an op's node on two nodes."""
        if x > y and op in COMMUTE:
            x, y = y, x
        key = op, x, y
        found = self.known.get(key)
        if found is None:
            found = self.known[key] = len(self.ops)
            self.ops.append(op)
            self.operands.append((x, y))
        return found

    def fold(self, op: Op, operands: tuple[Any, ...]) -> Any:
        """Return what an op comes to: a node, or a float where all operands are."""
        if all([_is_constant(x) for x in operands]):
            return op.evaluate(*operands)
        simpler = self.simpler(op, operands)
        if simpler is not None:
            return simpler
        return self.node(op, operands)

    def simpler(self, op: Op, operands: tuple[Any, ...]) -> Any:
        """Return a node or number that op(*operands) is, whatever the numbers; None where there is none.

        x + 0.0 is not x where that is -0.0; x * 0.0 is not 0.0 where x is inf or nan.
        """
        x, y = (*operands, None)[:2]
        if op is ops.mul:
            return x if _is_one(y) else y if _is_one(x) else None
        if op is ops.add:
            return x if is_nothing(y) else y if is_nothing(x) else None
        if op is ops.sub:
            return x if type(y) is float and y == 0.0 and not is_nothing(y) else None
        if op is ops.div:
            if _is_one(y):
                return x
            if type(y) is float and math.frexp(y)[0] in (0.5, -0.5) and 1e-300 < abs(y) < 1e300:
                return self.fold(ops.mul, (x, 1.0 / y))  # a power of 2: the same number
        if op is ops.power and type(y) is float:
            if y == 1.0:
                return x
            if y == 2.0:
                return self.pair(ops.mul, x, x)
        if op is ops.identity:
            return x
        if op is ops.neg and self.ops[x] is ops.neg:
            return self.operands[x][0]
        return None


def _is_one(x: Any) -> bool:
    return type(x) is float and x == 1.0


def is_nothing(x: Any) -> bool:
    """Tell whether x is -0.0, which may be added to anything and changes nothing."""
    return type(x) is float and x == 0.0 and math.copysign(1.0, x) < 0.0


def _is_constant(operand: Any) -> bool:
    kind = type(operand)
    return kind is float or (kind is tuple and all([type(x) is float for x in operand]))


def folded(graph: Graph) -> Graph:
    """Return a graph that computes the same with constants folded and equal nodes shared.

    >>> from engine.compile.graph import INPUT
    >>> folded(Graph([INPUT, ops.mul, ops.mul, ops.add], [(0,), (0, 1.0), (0, 2.0), (1, 2)], (3,), inputs=1))
    <graph of 3 nodes>
    """
    made = Folding()
    codes: list[Any] = []
    moved = mover(codes)
    for op, operands in zip(graph.ops, graph.operands, strict=True):
        if isinstance(op, Op):
            if len(operands) == 2:
                x, y = map(moved, operands)
                if type(x) is int and type(y) is int:
                    codes.append(made.pair(op, x, y))
                else:
                    codes.append(made.fold(op, (x, y)))
            else:
                codes.append(made.fold(op, (moved(operands[0]),)))
        elif op is CONSTANT:
            codes.append(operands[0])
        elif op in LEAVES:
            made.ops.append(op)
            made.operands.append(operands)
            codes.append(len(made.ops) - 1)
        elif op is SELECT:
            codes.append(made.node(op, (moved(operands[0]), codes[operands[1]])))
        else:
            raise ValueError(f"folded takes a graph as it was recorded, got a node of {op!r}")
    outputs = [codes[n] for n in graph.outputs]
    outputs = [n if type(n) is int else made.node(CONSTANT, (n,)) for n in outputs]
    return graph._replace(ops=made.ops, operands=made.operands, outputs=tuple(outputs))
