"""A graph in the few kinds of node that become array instructions.

Sums and dots become LIN, a LIN of one product or of two terms becomes a row, `logsumexp` is spelled out in
`max`, `exp_sub`, a sum and `log`: its gradient then is the softmax that the forward pass has computed.
"""

from itertools import compress
from typing import Any

from engine import ops
from engine.compile.graph import LEAVES, LIN, Graph, mover
from engine.op import Op

FOLDS = {ops.max: "max", ops.min: "min"}
"""Rows of one list that are folded along it."""


class Speller:
    """A graph under construction in the few kinds, node by node."""

    def __init__(self, shift: Op) -> None:
        self.shift = shift
        self.ops: list[Any] = []
        self.operands: list[tuple[Any, ...]] = []

    def add(self, op: Any, operands: tuple[Any, ...]) -> int:
        """Add a node and return its number."""
        self.ops.append(op)
        self.operands.append(operands)
        return len(self.ops) - 1

    def total(self, operands: tuple[Any, ...]) -> int:
        """Add a LIN, as a row of two operands where it is one."""
        constant, terms, xs, ys = operands
        if not xs:
            if constant == 0.0 and len(terms) == 2:
                return self.add(ops.add, terms)
            if len(terms) == 1:
                return self.add(ops.add, (terms[0], constant)) if constant else self.add(ops.identity, terms)
        elif len(xs) == 1:
            x, y = xs[0], ys[0]
            first = terms if constant == 0.0 else (constant, *terms)
            if not first:
                return self.add(ops.mul, (x, y))
            if len(first) == 1 and (_is_minus_one(x) or _is_minus_one(y)):
                return self.add(ops.sub, (first[0], x if _is_minus_one(y) else y))
        return self.add(LIN, operands)

    def listed(self, xs: tuple[Any, ...]) -> int:
        """Add the sum of a list, its numbers added up."""
        numbers = [x for x in xs if type(x) is float]
        constant = ops.sum.evaluate(tuple(numbers)) if numbers else 0.0
        return self.total((constant, tuple([x for x in xs if type(x) is int]), (), ()))

    def logsumexp(self, xs: tuple[Any, ...]) -> int:
        """Add the logarithm of the sum of exponentials."""
        peak = self.add(self.shift, (self.add(ops.max, (xs,)),))
        shares = tuple([self.add(ops.exp_sub, (x, peak)) for x in xs])
        return self.add(ops.add, (peak, self.add(ops.log, (self.listed(shares),))))


def _is_minus_one(factor: Any) -> bool:
    return type(factor) is float and factor == -1.0


def _dotted(xs: tuple[Any, ...], ys: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the operands of the LIN that a dot is."""
    plain = [type(x) is float and type(y) is float for x, y in zip(xs, ys, strict=True)]
    if not any(plain):
        return 0.0, (), xs, ys
    constant = 0.0
    for x, y in compress(zip(xs, ys, strict=True), plain):
        constant += x * y
    kept = [not is_plain for is_plain in plain]
    return constant, (), tuple(compress(xs, kept)), tuple(compress(ys, kept))


def spelled(graph: Graph, shift: Op = ops.detach) -> Graph:
    """Return the graph in the kinds of node that the planner knows.

    `shift` makes of the largest of some numbers what is taken from each before `logsumexp` exponentiates it:
    itself, where whatever is not finite is computed again by eager, as executors do.

    >>> from engine.compile.graph import PARAMETER
    >>> spelled(Graph([PARAMETER, ops.dot], [(0,), ((0,), (0,))], (1,), parameters=1)).counts()
    {'mul': 1, 'parameter': 1}
    """
    made = Speller(shift)
    new: list[int] = []  # the numbers of nodes, from the first on that has not kept its own
    moved = mover(new)
    for node, (op, operands) in enumerate(zip(graph.ops, graph.operands, strict=True)):
        found = tuple([moved(x) for x in operands]) if new and op not in LEAVES else operands
        if op is LIN:
            number = made.total(found)
        elif op is ops.sum:
            number = made.listed(*found)
        elif op is ops.dot:
            number = made.total(_dotted(*found))
        elif op is ops.logsumexp and found[0]:
            number = made.logsumexp(*found)
        else:
            number = made.add(op, found)
        if number != node and not new:
            new.extend(range(node))
        if number != node or new:
            new.append(number)
    outputs = tuple([new[i] for i in graph.outputs]) if new else graph.outputs
    return graph._replace(ops=made.ops, operands=made.operands, outputs=outputs)
