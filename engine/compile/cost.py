"""What a step costs an executor, as an estimate, before anything is emitted."""

from typing import NamedTuple

from engine.compile.graph import LEAVES, LIN, Graph
from engine.compile.groups import Arrangement

CALL, NUMBER, OPERATION = 1.0, 0.001, 0.04
"""Microseconds: of a call of numpy's, of a number in it, of an operation in Python; forward and reverse."""
CALLS = 4
"""So many calls does a group of alike nodes take, forward and reverse."""
FAST_STEP, FAST_CALL, FAST_NUMBER = 2.0, 0.05, 0.00007
"""Microseconds: of a step of compiled code, of a call in it, of a number in that."""
COMPILING, COMPILING_CALL, COMPILING_ALL, PLANNING_CALL = 0.3, 0.008, 8.0, 0.00005
"""Seconds that compiling takes: at least, more with each call, at most: then all kinds of calls are there;
planning them takes as long as there are calls."""


class Cost(NamedTuple):
    """How many operations a sample takes, and how many calls a batch takes on arrays.

    >>> Cost(work=2000, calls=50).favours_arrays(lanes=1)
    True
    """

    work: int
    calls: int

    def favours_arrays(self, lanes: int) -> bool:
        """Return whether a batch of so many samples takes less time on arrays than in Python."""
        return self.on_arrays(lanes) < self.in_python(lanes)

    def in_python(self, lanes: int) -> float:
        """Return the microseconds of a step in Python."""
        return self.work * lanes * OPERATION

    def on_arrays(self, lanes: int) -> float:
        """Return the microseconds of a step on arrays."""
        return self.calls * CALL + self.work * lanes * NUMBER

    def compiled(self, lanes: int) -> float:
        """Return the microseconds of a step in compiled code."""
        return FAST_STEP + self.calls * FAST_CALL + self.work * lanes * FAST_NUMBER

    @property
    def compiling(self) -> float:
        """The seconds that compiling takes, where nothing of it is in the cache."""
        kinds = min(COMPILING + self.calls * COMPILING_CALL, COMPILING_ALL)
        return kinds + self.calls * PLANNING_CALL

    def favours_compiling(self, lanes: int, steps: int) -> bool:
        """Return whether so many steps on batches of so many samples win back what compiling takes.

        >>> Cost(work=2000, calls=50).favours_compiling(lanes=16, steps=20_000)
        True
        """
        saved = min(self.in_python(lanes), self.on_arrays(lanes)) - self.compiled(lanes)
        return saved * 1e-6 * steps > self.compiling


def work_of(graph: Graph) -> int:
    """Return how many operations a graph takes for a sample, the products of a sum one by one."""
    work = 0
    for op, operands in zip(graph.ops, graph.operands, strict=True):
        if op is LIN:
            work += len(operands[1]) + len(operands[2])
        elif op not in LEAVES:
            work += max([len(x) for x in operands if type(x) is tuple], default=1)
    return work


def estimated(graph: Graph, arrangement: Arrangement) -> Cost:
    """Return the cost of a graph, from its groups of alike nodes."""
    return Cost(work_of(graph), CALLS * len(arrangement.groups))
