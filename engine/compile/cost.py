"""What a step costs on arrays and number by number, as an estimate, before anything is emitted."""

from typing import NamedTuple

from engine.compile.graph import LEAVES, LIN, Graph
from engine.compile.groups import grouped

CALL, NUMBER, OPERATION = 1.0, 0.001, 0.04
"""Microseconds: of a call of numpy's, of a number in it, of an operation in Python; forward and reverse."""
CALLS = 4
"""So many calls does a group of alike nodes take, forward and reverse."""


class Cost(NamedTuple):
    """How many operations a sample takes, and how many calls a batch takes on arrays.

    >>> Cost(work=2000, calls=50).favours_arrays(lanes=1)
    True
    """

    work: int
    calls: int

    def favours_arrays(self, lanes: int) -> bool:
        """Return whether a batch of so many samples takes less time on arrays than in Python."""
        return self.calls * CALL + self.work * lanes * NUMBER < self.work * lanes * OPERATION


def work_of(graph: Graph) -> int:
    """Return how many operations a graph takes for a sample, the products of a sum one by one."""
    work = 0
    for op, operands in zip(graph.ops, graph.operands, strict=True):
        if op is LIN:
            work += len(operands[1]) + len(operands[2])
        elif op not in LEAVES:
            work += max([len(x) for x in operands if type(x) is tuple], default=1)
    return work


def estimated(graph: Graph) -> Cost:
    """Return the cost of a graph, from its groups of alike nodes."""
    return Cost(work_of(graph), CALLS * len(grouped(graph, graph.varying())))
