"""Reducing: trees of sums and products become one node each, and what no output needs is left out."""

from collections.abc import Sequence
from typing import Any, final

from engine import ops
from engine.collector import paused_gc
from engine.compile.fold import folded, is_nothing
from engine.compile.graph import LEAVES, LIN, Graph, mover

SUMS = (ops.add, ops.sub, ops.sum, ops.dot)
NOTHING = -0.0
"""The number that changes no sum it is added to; 0.0 would change -0.0."""


@final
class Parts:
    """A sum in the making: constant + Σ terms + Σ x*y. Its lists are made when it is first added to.

    >>> made = Parts(NOTHING, (), (0, 1), (2, 3))
    >>> made.add(4, -1.0)
    >>> made.operands()
    (-0.0, (), (0, 1, 4), (2, 3, -1.0))
    """

    __slots__ = ("constant", "terms", "xs", "ys")

    def __init__(self, constant: float, terms: Sequence[int], xs: Sequence[Any], ys: Sequence[Any]) -> None:
        self.constant, self.terms, self.xs, self.ys = constant, terms, xs, ys

    def operands(self) -> tuple[float, tuple[int, ...], tuple[Any, ...], tuple[Any, ...]]:
        """Return the operands of a LIN."""
        return self.constant, tuple(self.terms), tuple(self.xs), tuple(self.ys)

    def has_products(self) -> bool:
        """Tell whether there is a product of two nodes, which has no room for a sign."""
        return any(map(_is_product, self.xs, self.ys))

    def add(self, x: int, sign: float) -> None:
        """Add sign * x."""
        if sign == 1.0:
            self.terms = _longer(self.terms, (x,))
        else:
            self.xs, self.ys = _longer(self.xs, (x,)), _longer(self.ys, (sign,))

    def multiply(self, x: Any, y: Any) -> None:
        """Add x * y; a number times a number is a constant, a node times 1 a term."""
        if type(x) is float:
            x, y = y, x
        if type(x) is float:
            self.constant += x * y
        elif type(y) is float and y == 1.0:
            self.terms = _longer(self.terms, (x,))
        else:
            self.xs, self.ys = _longer(self.xs, (x,)), _longer(self.ys, (y,))

    def join(self, more: "Parts", sign: float) -> None:
        """Add sign * another sum; the longer lists are added to, so a chain takes linear time."""
        if sign != 1.0:
            constant = more.constant if is_nothing(more.constant) else sign * more.constant
            xs, ys = [*more.terms, *more.xs], [*([sign] * len(more.terms)), *[sign * y for y in more.ys]]
            more = Parts(constant, (), xs, ys)
        self.constant += more.constant
        self.terms = _longer(self.terms, more.terms)
        self.xs, self.ys = _longer(self.xs, more.xs), _longer(self.ys, more.ys)


def _longer(a: Sequence[Any], b: Sequence[Any]) -> Sequence[Any]:
    """Return the elements of both, in the longer list, or as they are where the other has none."""
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    if not shorter:
        return longer
    made = longer if type(longer) is list else list(longer)
    made += shorter
    return made


def _is_product(x: Any, y: Any) -> bool:
    return type(x) is int and type(y) is int


def reduce(graph: Graph) -> Graph:
    """Return a graph that computes the same in fewer, larger nodes; sums may be rounded in another order.

    Constants are folded and equal nodes shared; a tree of sums and products, each read once, becomes one LIN.
    What depends on parameters alone stays apart from what depends on the sample, so that it is computed once.

    >>> from engine.compile.graph import INPUT, PARAMETER
    >>> w, x = [(PARAMETER, (0,)), (PARAMETER, (1,))], [(INPUT, (0,)), (INPUT, (1,))]
    >>> rows = [*w, *x, (ops.mul, (0, 2)), (ops.mul, (1, 3)), (ops.add, (4, 5))]
    >>> made = reduce(Graph([op for op, _ in rows], [o for _, o in rows], (6,), parameters=2, inputs=2))
    >>> made.ops[-1], made.operands[-1]
    (<lin>, (-0.0, (), (0, 1), (2, 3)))
    """
    with paused_gc():
        return _reduced(folded(graph))


def _reduced(graph: Graph) -> Graph:
    """Reduce a graph in place, so that a large one is not there twice, and return what is left of it."""
    uses = _uses(graph)
    varying = graph.varying()
    plain: dict[int, bool] = {}
    sums: dict[int, Parts] = {}
    for node, op in enumerate(graph.ops):
        if op is ops.dot:
            xs, ys = graph.operands[node]
            sums[node] = _dotted(xs, ys, plain)
        elif op in SUMS:
            sums[node] = _gathered(graph, node, sums, uses, varying)
    while sums:
        node, parts = sums.popitem()
        graph.ops[node], graph.operands[node] = LIN, parts.operands()
    return _pruned(graph)


def _uses(graph: Graph) -> list[int]:
    """Return how often each node is read; an output counts twice, it has to stay."""
    uses = [0] * len(graph.ops)
    lists: dict[int, list[Any]] = {}
    for op, operands in zip(graph.ops, graph.operands, strict=True):
        if op in LEAVES:
            continue
        for operand in operands:
            if type(operand) is int:
                uses[operand] += 1
            elif type(operand) is tuple:
                lists.setdefault(id(operand), [operand, 0])[1] += 1
    for operand, count in lists.values():
        for n in operand:
            if type(n) is int:
                uses[n] += count
    for n in graph.outputs:
        uses[n] += 2
    return uses


def _dotted(xs: tuple[Any, ...], ys: tuple[Any, ...], plain: dict[int, bool]) -> Parts:
    """Return the parts of a dot; its lists as they are where no number is among them, as `plain` notes."""
    for operand in (xs, ys):
        if id(operand) not in plain:
            plain[id(operand)] = float not in map(type, operand)
    if plain[id(xs)] and plain[id(ys)]:
        return Parts(0.0, (), xs, ys)
    made = Parts(0.0, (), (), ())
    for x, y in zip(xs, ys, strict=True):
        made.multiply(x, y)
    return made


def _gathered(graph: Graph, node: int, sums: dict[int, Parts], uses: list[int], varying: list[bool]) -> Parts:
    """Return the parts of a sum, with those of the sums that only it reads, which are taken from `sums`."""
    op, operands = graph.ops[node], graph.operands[node]
    if op is ops.sum:
        made = Parts(0.0, (), (), ())
        edges = [(x, 1.0) for x in operands[0]]
    else:
        made = Parts(NOTHING, (), (), ())
        edges = [(operands[0], 1.0), (operands[1], -1.0 if op is ops.sub else 1.0)]
    for x, sign in edges:
        if type(x) is float:
            made.constant += sign * x
        elif uses[x] > 1 or (varying[node] and not varying[x]):
            made.add(x, sign)
        elif x in sums and (sign == 1.0 or not sums[x].has_products()):
            made.join(sums.pop(x), sign)
        elif graph.ops[x] is ops.mul and (sign == 1.0 or not _is_product(*graph.operands[x])):
            a, b = graph.operands[x]
            if type(a) is float:
                a, b = b, a
            made.multiply(a, sign * b if type(b) is float else b)
        elif graph.ops[x] is ops.neg:
            made.add(graph.operands[x][0], -sign)
        else:
            made.add(x, sign)
    return made


def _pruned(graph: Graph) -> Graph:
    """Return the graph without the nodes that no output needs, renumbered; the lists are its own."""
    needed = _needed(graph)
    if all(needed):
        return graph
    numbers = [0] * len(graph.ops)
    kept = [node for node, is_needed in enumerate(needed) if is_needed]
    for new, old in enumerate(kept):
        numbers[old] = new
    moved = mover(numbers)
    for new, old in enumerate(kept):
        op, operands = graph.ops[old], graph.operands[old]
        graph.ops[new] = op
        graph.operands[new] = operands if op in LEAVES else tuple([moved(x) for x in operands])
    del graph.ops[len(kept) :], graph.operands[len(kept) :]
    return graph._replace(outputs=tuple([numbers[n] for n in graph.outputs]))


def _needed(graph: Graph) -> list[bool]:
    """Return for each node whether an output is computed from it."""
    needed = [False] * len(graph.ops)
    for n in graph.outputs:
        needed[n] = True
    seen: set[int] = set()  # the lists that nodes share
    for node in range(len(graph.ops) - 1, -1, -1):
        if not needed[node] or graph.ops[node] in LEAVES:
            continue
        for operand in graph.operands[node]:
            if type(operand) is int:
                needed[operand] = True
            elif type(operand) is tuple and id(operand) not in seen:
                seen.add(id(operand))
                for n in operand:
                    if type(n) is int:
                        needed[n] = True
    return needed
