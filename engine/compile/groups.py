"""Groups: the nodes of one level that do the same, so that one instruction computes them all."""

from collections import defaultdict
from typing import Any, NamedTuple

from engine import ops
from engine.compile.graph import LEAVES, LIN, SELECT, Graph
from engine.compile.spelled import FOLDS

WASTE = 4
"""Lists of one group are padded to the longest; so many times what they hold is too much."""


class Sum(NamedTuple):
    """The parts of a LIN node, told apart by what varies with the sample.

    `terms` vary, `fixed` do not; both factors of `products` vary, the second one of `weighted`, none of
    `plain`.
    """

    constant: float
    terms: tuple[int, ...]
    fixed: tuple[Any, ...]
    weighted: tuple[tuple[Any, int], ...]
    products: tuple[tuple[int, int], ...]
    plain: tuple[tuple[Any, Any], ...]


class Group(NamedTuple):
    """Alike nodes, the level they are on, whether they vary, and the parts of those that are sums.

    `folds` tells that the op is a max or min to be folded along its list.
    """

    level: int
    op: Any
    varying: bool
    folds: bool
    nodes: list[int]
    sums: list[Sum]


def levels(graph: Graph) -> list[int]:
    """Return for each node the length of the longest way to it, 0 for a leaf.

    >>> from engine.compile.graph import INPUT
    >>> levels(Graph([INPUT, ops.sin, ops.mul], [(0,), (0,), (0, 1)], (2,), inputs=1))
    [0, 1, 2]
    """
    found: list[int] = []
    for node, op in enumerate(graph.ops):
        leaf = op in LEAVES
        found.append(0 if leaf else 1 + max([found[i] for i in graph.reads(node)], default=0))
    return found


def split(operands: tuple[Any, ...], varying: list[bool]) -> Sum:
    """Return the parts of a LIN node: of each product with one factor that varies, that one stands second."""
    constant, terms, pairs = operands
    weighted, products, plain = [], [], []
    for x, y in pairs:
        first = type(x) is int and varying[x]
        second = type(y) is int and varying[y]
        if first and second:
            products.append((x, y))
        elif first or second:
            weighted.append((y, x) if first else (x, y))
        else:
            plain.append((x, y))
    return Sum(
        constant,
        tuple([x for x in terms if varying[x]]),
        tuple([x for x in terms if not varying[x]]),
        tuple(weighted),
        tuple(products),
        tuple(plain),
    )


def grouped(graph: Graph) -> list[Group]:
    """Return the nodes in groups, operands' groups before results'."""
    varying, level = graph.varying(), levels(graph)
    found: dict[Any, Group] = {}

    def kind(operand: Any) -> Any:
        if type(operand) is tuple:
            return tuple([kind(x) for x in operand])
        return "V" if type(operand) is int and varying[operand] else "P"

    for node, op in enumerate(graph.ops):
        if op in LEAVES:
            continue
        operands, parts = graph.operands[node], None
        folds = op in FOLDS and len(operands[0]) > 2
        if op is LIN:
            parts = split(operands, varying)
            fixed = len(parts.fixed) + (parts.constant != 0.0)
            key: Any = (
                fixed,
                *(len(x) > 0 for x in (parts.terms, parts.weighted, parts.products, parts.plain)),
            )
        elif op is SELECT:
            key = (*_table_kind(operands[0], kind), len(operands[0]))
        elif folds:
            key = "fold"
        else:
            key = tuple([kind(x) for x in operands])
            if op is ops.power and type(operands[1]) is float:
                key += (repr(operands[1]),)
        place = level[node], varying[node], op, key
        group = found.get(place)
        if group is None:
            group = found[place] = Group(level[node], op, varying[node], folds, [], [])
        group.nodes.append(node)
        if parts is not None:
            group.sums.append(parts)
    ordered = sorted(found.values(), key=lambda group: group.level)
    return [part for group in ordered for part in _evened(graph, group)]


def _table_kind(table: tuple[Any, ...], kind: Any) -> tuple[str, ...]:
    kinds = {kind(x) for x in table}
    return ("mixed",) if len(kinds) > 1 else tuple(kinds)


def _evened(graph: Graph, group: Group) -> list[Group]:
    """Split a group whose lists differ so much in length that padding them would cost more than a call."""
    if group.op is LIN:
        lengths = [
            max(len(s.terms), len(s.fixed), len(s.weighted) + len(s.products) + len(s.plain))
            for s in group.sums
        ]
    elif group.folds:
        lengths = [len(graph.operands[node][0]) for node in group.nodes]
    else:
        return [group]
    if len(lengths) * max(lengths) <= WASTE * sum(lengths):
        return [group]
    parts: dict[int, list[int]] = defaultdict(list)
    for place, length in enumerate(lengths):
        parts[length.bit_length()].append(place)
    return [
        group._replace(
            nodes=[group.nodes[i] for i in places], sums=[group.sums[i] for i in places] if group.sums else []
        )
        for places in parts.values()
    ]
