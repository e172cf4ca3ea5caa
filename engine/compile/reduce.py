"""Reducing: trees of sums and products become one node each, and what no output needs is left out."""

from typing import Any

from engine import ops
from engine.collector import paused_gc
from engine.compile.fold import folded, is_nothing
from engine.compile.graph import LEAVES, LIN, Graph

SUMS = (ops.add, ops.sub, ops.sum, ops.dot)
NOTHING = -0.0
"""The number that changes no sum it is added to; 0.0 would change -0.0."""

Parts = tuple[float, list[int], list[tuple[Any, Any]]]
"""A sum in the making: its constant, its terms, its products."""


def reduce(graph: Graph) -> Graph:
    """Return a graph that computes the same in fewer, larger nodes; sums may be rounded in another order.

    Constants are folded and equal nodes shared; a tree of sums and products, each read once, becomes one LIN.
    What depends on parameters alone stays apart from what depends on the sample, so that it is computed once.

    >>> from engine.compile.graph import INPUT, PARAMETER
    >>> w, x = [(PARAMETER, (0,)), (PARAMETER, (1,))], [(INPUT, (0,)), (INPUT, (1,))]
    >>> rows = [*w, *x, (ops.mul, (0, 2)), (ops.mul, (1, 3)), (ops.add, (4, 5))]
    >>> made = reduce(Graph([op for op, _ in rows], [o for _, o in rows], (6,), parameters=2, inputs=2))
    >>> made.ops[-1], made.operands[-1]
    (<lin>, (-0.0, (), ((0, 2), (1, 3))))
    """
    with paused_gc():
        return _reduced(folded(graph))


def _reduced(graph: Graph) -> Graph:
    uses = _uses(graph)
    varying = graph.varying()
    sums: dict[int, Parts] = {}
    all_ops, all_operands = list(graph.ops), list(graph.operands)
    for node, op in enumerate(graph.ops):
        if op in SUMS:
            sums[node] = _gathered(graph, node, sums, uses, varying)
            all_ops[node] = LIN
    for node, (constant, terms, products) in sums.items():
        all_operands[node] = constant, tuple(terms), tuple(products)
    return _pruned(graph._replace(ops=all_ops, operands=all_operands))


def _uses(graph: Graph) -> list[int]:
    """Return how often each node is read; an output counts twice, it has to stay."""
    uses = [0] * len(graph.ops)
    for reads in graph.all_reads():
        for n in reads:
            uses[n] += 1
    for n in graph.outputs:
        uses[n] += 2
    return uses


def _gathered(graph: Graph, node: int, sums: dict[int, Parts], uses: list[int], varying: list[bool]) -> Parts:
    """Return the parts of a sum, with those of the sums that only it reads, which are taken from `sums`."""
    op, operands = graph.ops[node], graph.operands[node]
    if op is ops.dot:
        made: Parts = 0.0, [], []
        for x, y in zip(*operands, strict=True):
            made = _with_product(made, x, y)
        return made
    if op is ops.sum:
        made = 0.0, [], []
        edges = [(x, 1.0) for x in operands[0]]
    else:
        made = NOTHING, [], []
        edges = [(operands[0], 1.0), (operands[1], -1.0 if op is ops.sub else 1.0)]
    for x, sign in edges:
        if type(x) is float:
            made = made[0] + sign * x, made[1], made[2]
        elif uses[x] > 1 or (varying[node] and not varying[x]):
            made = _with_term(made, x, sign)
        elif x in sums and (sign == 1.0 or not any(_is_product(p) for p in sums[x][2])):
            made = _joined(made, sums.pop(x), sign)
        elif graph.ops[x] is ops.mul and (sign == 1.0 or _is_scaled(graph.operands[x])):
            a, b = graph.operands[x]
            if type(a) is float:
                a, b = b, a
            made = _with_product(made, a, sign * b if type(b) is float else b)
        elif graph.ops[x] is ops.neg:
            made = _with_term(made, graph.operands[x][0], -sign)
        else:
            made = _with_term(made, x, sign)
    return made


def _is_product(pair: tuple[Any, Any]) -> bool:
    """Tell whether a pair is a product of two nodes, which has no room for a sign."""
    return type(pair[0]) is int and type(pair[1]) is int


def _is_scaled(pair: tuple[Any, Any]) -> bool:
    return not _is_product(pair)


def _with_term(parts: Parts, x: int, sign: float) -> Parts:
    if sign == 1.0:
        parts[1].append(x)
    else:
        parts[2].append((x, sign))
    return parts


def _with_product(parts: Parts, x: Any, y: Any) -> Parts:
    """Return parts with x * y; a number times a number is a constant, a node times 1 a term."""
    if type(x) is float:
        x, y = y, x
    if type(x) is float:
        return parts[0] + x * y, parts[1], parts[2]
    if type(y) is float and y == 1.0:
        parts[1].append(x)
    else:
        parts[2].append((x, y))
    return parts


def _joined(parts: Parts, more: Parts, sign: float) -> Parts:
    """Return two sums as one; the longer lists are added to, so that a chain of sums takes linear time."""
    if sign != 1.0:
        constant = more[0] if is_nothing(more[0]) else sign * more[0]
        more = constant, [], [(x, sign) for x in more[1]] + [(x, sign * y) for x, y in more[2]]
    return parts[0] + more[0], _together(parts[1], more[1]), _together(parts[2], more[2])


def _together(a: list[Any], b: list[Any]) -> list[Any]:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    longer += shorter
    return longer


def _pruned(graph: Graph) -> Graph:
    """Return the graph without the nodes that no output needs, renumbered."""
    needed = [False] * len(graph.ops)
    for n in graph.outputs:
        needed[n] = True
    for node, reads in zip(range(len(graph.ops) - 1, -1, -1), reversed(graph.all_reads()), strict=True):
        if needed[node]:
            for n in reads:
                needed[n] = True
    if all(needed):
        return graph
    moved = [0] * len(graph.ops)
    kept = [node for node, is_needed in enumerate(needed) if is_needed]
    for new, old in enumerate(kept):
        moved[old] = new
    tuples: dict[int, Any] = {}

    def renumbered(operand: Any) -> Any:
        kind = type(operand)
        if kind is int:
            return moved[operand]
        if kind is not tuple:
            return operand
        known = tuples.get(id(operand))
        if known is None:
            known = tuples[id(operand)] = tuple([renumbered(x) for x in operand])
        return known

    operands = [
        graph.operands[node]
        if graph.ops[node] in LEAVES
        else tuple([renumbered(x) for x in graph.operands[node]])
        for node in kept
    ]
    outputs = tuple([moved[n] for n in graph.outputs])
    return graph._replace(ops=[graph.ops[node] for node in kept], operands=operands, outputs=outputs)
