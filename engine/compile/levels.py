"""Levels: how far each node stands from the leaves, and on which level alike nodes meet."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from engine.compile.graph import LEAVES, SHARED, Graph

Reads: TypeAlias = tuple[Any, ...]
"""What a node reads: node numbers, and lists of them that nodes may share."""


def reads_of(graph: Graph) -> list[Reads]:
    """Return what each node reads, in order; a longer list of operands once for all that read it.

    >>> from engine.compile.graph import INPUT
    >>> from engine.ops import dot
    >>> reads_of(Graph([INPUT, INPUT, dot], [(0,), (1,), ((0, 1), (1, 0.5))], (2,), inputs=2))
    [(), (), ((0, 1), 1)]
    """
    lists: dict[int, tuple[int, ...]] = {}

    found: list[Reads] = []
    for op, operands in zip(graph.ops, graph.operands, strict=True):
        if op in LEAVES:
            found.append(())
            continue
        reads: list[Any] = []
        for operand in operands:
            if type(operand) is int:
                reads.append(operand)
            elif type(operand) is tuple:
                known = lists.get(id(operand))
                if known is None:
                    known = tuple([n for n in operand if type(n) is int])
                    if len(operand) >= SHARED:
                        lists[id(operand)] = known
                if len(known) < SHARED:
                    reads += known
                else:
                    reads.append(known)
        found.append(tuple(reads))
    return found


def levels(reads: Sequence[Reads]) -> list[int]:
    """Return for each node the length of the longest way to it, 0 where it reads none.

    >>> levels([(), (0,), (0, (1,))])
    [0, 1, 2]
    """
    found: list[int] = []
    lists: dict[int, int] = {}
    for operands in reads:
        highest = -1
        for operand in operands:
            if type(operand) is int:
                level = found[operand]
            else:
                known = lists.get(id(operand))
                if known is None:
                    known = lists[id(operand)] = max([found[n] for n in operand])
                level = known
            if level > highest:
                highest = level
        found.append(highest + 1)
    return found


def scheduled(reads: Sequence[Reads], keys: list[Any]) -> list[int]:
    """Return a level for each node: its own, or a later one at which others of its key stand anyway.

    So the positions of a sequence stay together where one of them has a shorter way: a softmax of one score.

    >>> reads = [(), (0,), (0,), (2,), (1, 3)]
    >>> levels(reads), scheduled(reads, [None, "sin", "exp", "sin", "add"])
    ([0, 1, 1, 2, 3], [0, 2, 1, 2, 3])
    """
    level = levels(reads)
    latest = [len(level)] * len(level)
    opened: dict[Any, list[int]] = {}
    lists: dict[int, int] = {}
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
            if type(operand) is int:
                if latest[operand] > before:
                    latest[operand] = before
            elif lists.get(id(operand), len(level)) > before:
                lists[id(operand)] = before
                for n in operand:
                    if latest[n] > before:
                        latest[n] = before
    return level
