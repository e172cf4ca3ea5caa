"""Groups: the nodes of one level that do the same, so that one instruction computes them all."""

from collections import defaultdict
from typing import Any, NamedTuple

from engine import ops
from engine.collector import paused_gc
from engine.compile.graph import LEAVES, LIN, SELECT, Graph
from engine.compile.levels import reads_of, scheduled
from engine.compile.spelled import FOLDS, spelled
from engine.compile.sums import Splitter, Sum

WASTE = 4
"""Lists of one group are padded to the longest; so many times what they hold is too much."""


class Group(NamedTuple):
    """Alike nodes, the level they are on, whether they vary, and the parts of those that are sums."""

    level: int
    op: Any
    varying: bool
    nodes: list[int]
    sums: list[Sum]


class Arrangement(NamedTuple):
    """A graph in the kinds of node that the planner knows, which nodes vary, and its groups."""

    graph: Graph
    varying: list[bool]
    groups: list[Group]


@paused_gc()
def arranged(graph: Graph) -> Arrangement:
    """Return the groups of a graph, all that is known of it before any instruction is made."""
    graph = spelled(graph)
    varying = graph.varying()
    return Arrangement(graph, varying, grouped(graph, varying))


def grouped(graph: Graph, varying: list[bool]) -> list[Group]:
    """Return the nodes in groups, operands' groups before results'; `varying` is that of the graph."""
    splitter = Splitter(varying)
    sums = [
        splitter.split(operands) if op is LIN else None
        for op, operands in zip(graph.ops, graph.operands, strict=True)
    ]
    numbers: dict[Any, int] = {}
    keys = [
        None if op in LEAVES else numbers.setdefault(_key(graph, n, varying, sums[n]), len(numbers))
        for n, op in enumerate(graph.ops)
    ]
    level = scheduled(reads_of(graph), keys)
    found: dict[tuple[int, int], Group] = {}
    for node, op in enumerate(graph.ops):
        key = keys[node]
        if key is None:
            continue
        group = found.get((level[node], key))
        if group is None:
            group = found[level[node], key] = Group(level[node], op, varying[node], [], [])
        group.nodes.append(node)
        parts = sums[node]
        if parts is not None:
            group.sums.append(parts)
    ordered = sorted(found.values(), key=lambda group: group.level)
    return [part for group in ordered for part in _evened(graph, group)]


def _key(graph: Graph, node: int, varying: list[bool], parts: Sum | None) -> Any:
    """Return what alike nodes share."""
    op, operands = graph.ops[node], graph.operands[node]
    if parts is not None:
        lists = parts.terms, parts.weighted[0], parts.scaled[0], parts.products[0], parts.plain[0]
        form: Any = len(parts.fixed) + (parts.constant != 0.0), *[len(x) > 0 for x in lists]
    elif op is SELECT:
        form = len(operands[0]), *sorted({_kind(x, varying) for x in operands[0]})
    elif op in FOLDS:
        form = "folded"
    else:
        exponent = repr(operands[1]) if op is ops.power and type(operands[1]) is float else ""
        form = exponent, *[_kind(x, varying) for x in operands]
    return op, varying[node], form


def _kind(operand: Any, varying: list[bool]) -> Any:
    """Return in which buffer an operand stands, for a list that of each element."""
    if type(operand) is tuple:
        return tuple([_kind(x, varying) for x in operand])
    return "V" if type(operand) is int and varying[operand] else "P"


def _evened(graph: Graph, group: Group) -> list[Group]:
    """Split a group whose lists differ so much in length that padding them would cost more than a call."""
    if group.op is LIN:
        factors = [sum([len(xs) for xs, _ in s[3:]]) for s in group.sums]
        lengths = [max(n, len(s.terms), len(s.fixed)) for n, s in zip(factors, group.sums, strict=True)]
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
