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

    `terms` vary, `fixed` do not; both factors of `products` vary, the second one of `weighted` and `scaled`,
    none of `plain`. `scaled` are what is times a number beside what is times a parameter: x in w·h - x.
    """

    constant: float
    terms: tuple[int, ...]
    fixed: tuple[Any, ...]
    weighted: tuple[tuple[Any, int], ...]
    scaled: tuple[tuple[float, int], ...]
    products: tuple[tuple[int, int], ...]
    plain: tuple[tuple[Any, Any], ...]


class Group(NamedTuple):
    """Alike nodes, the level they are on, whether they vary, and the parts of those that are sums."""

    level: int
    op: Any
    varying: bool
    nodes: list[int]
    sums: list[Sum]


def levels(reads: list[tuple[int, ...]]) -> list[int]:
    """Return for each node the length of the longest way to it, 0 where it reads none.

    >>> levels([(), (0,), (0, 1)])
    [0, 1, 2]
    """
    found: list[int] = []
    for operands in reads:
        found.append(1 + max([found[i] for i in operands]) if operands else 0)
    return found


def split(operands: tuple[Any, ...], varying: list[bool]) -> Sum:
    """Return the parts of a LIN node: of each product with one factor that varies, that one stands second."""
    constant, terms, pairs = operands
    weighted, products, plain = [], [], []
    scaled: list[Any] = []
    for x, y in pairs:
        first = type(x) is int and varying[x]
        second = type(y) is int and varying[y]
        if first and second:
            products.append((x, y))
        elif first or second:
            weighted.append((y, x) if first else (x, y))
        else:
            plain.append((x, y))
    if any([type(w) is int for w, _ in weighted]):
        scaled = [pair for pair in weighted if type(pair[0]) is float]
        weighted = [pair for pair in weighted if type(pair[0]) is int]
    return Sum(
        constant,
        tuple([x for x in terms if varying[x]]),
        tuple([x for x in terms if not varying[x]]),
        tuple(weighted),
        tuple(scaled),
        tuple(products),
        tuple(plain),
    )


def scheduled(reads: list[tuple[int, ...]], keys: list[Any]) -> list[int]:
    """Return a level for each node: its own, or a later one at which others of its key stand anyway.

    So the positions of a sequence stay together where one of them has a shorter way: a softmax of one score.

    >>> reads = [(), (0,), (0,), (2,), (1, 3)]
    >>> levels(reads), scheduled(reads, [None, "sin", "exp", "sin", "add"])
    ([0, 1, 1, 2, 3], [0, 2, 1, 2, 3])
    """
    level = levels(reads)
    latest = [len(level)] * len(level)
    opened: dict[Any, list[int]] = {}
    for node in sorted(range(len(level)), key=lambda node: -level[node]):
        if keys[node] is None:
            continue
        stands = opened.setdefault(keys[node], [])
        if stands and stands[-1] <= latest[node]:
            level[node] = stands[-1]
        else:
            stands.append(level[node])
        before = level[node] - 1
        for operand in reads[node]:
            if latest[operand] > before:
                latest[operand] = before
    return level


def grouped(graph: Graph, varying: list[bool]) -> list[Group]:
    """Return the nodes in groups, operands' groups before results'; `varying` is that of the graph."""
    sums = {node: split(graph.operands[node], varying) for node, op in enumerate(graph.ops) if op is LIN}
    keys = [_key(graph, node, varying, sums.get(node)) for node in range(len(graph.ops))]
    level = scheduled(graph.all_reads(), keys)
    found: dict[Any, Group] = {}
    for node, op in enumerate(graph.ops):
        if op in LEAVES:
            continue
        group = found.get((level[node], keys[node]))
        if group is None:
            group = found[level[node], keys[node]] = Group(level[node], op, varying[node], [], [])
        group.nodes.append(node)
        if node in sums:
            group.sums.append(sums[node])
    ordered = sorted(found.values(), key=lambda group: group.level)
    return [part for group in ordered for part in _evened(graph, group)]


def _key(graph: Graph, node: int, varying: list[bool], parts: Sum | None) -> Any:
    """Return what alike nodes share, None for a leaf."""
    op, operands = graph.ops[node], graph.operands[node]

    def kind(operand: Any) -> Any:
        if type(operand) is tuple:
            return tuple([kind(x) for x in operand])
        return "V" if type(operand) is int and varying[operand] else "P"

    if op in LEAVES:
        return None
    if parts is not None:
        lists = parts.terms, parts.weighted, parts.scaled, parts.products, parts.plain
        form: Any = len(parts.fixed) + (parts.constant != 0.0), *(len(x) > 0 for x in lists)
    elif op is SELECT:
        form = len(operands[0]), *sorted({kind(x) for x in operands[0]})
    elif op in FOLDS:
        form = "folded"
    else:
        exponent = repr(operands[1]) if op is ops.power and type(operands[1]) is float else ""
        form = exponent, *(kind(x) for x in operands)
    return op, varying[node], form


def _evened(graph: Graph, group: Group) -> list[Group]:
    """Split a group whose lists differ so much in length that padding them would cost more than a call."""
    if group.op is LIN:
        lengths = [
            max(len(s.terms), len(s.fixed), sum(map(len, (s.weighted, s.scaled, s.products, s.plain))))
            for s in group.sums
        ]
    elif group.op in FOLDS:
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
