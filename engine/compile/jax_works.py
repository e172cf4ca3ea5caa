"""Loops of a plan as works: in one form, so that those that do the same can be one.

The first positions of causal attention are written in another way than the others: a sum of one number is
that number, a sum of two is a row of its own.
"""

import math
from typing import Any, NamedTuple

from engine import ops
from engine.compile.instructions import Let, Loop
from engine.compile.jax_rows import PEAK
from engine.compile.layout import HIGHEST, LOWEST, NOTHING
from engine.optional import load

NEUTRAL = {"sum": 0.0, "max": -math.inf, PEAK: -math.inf, "min": math.inf}
"""What shorter lists of a fold are filled up with."""
FILLING = {"": NOTHING, "sum": NOTHING, "max": LOWEST, PEAK: LOWEST, "min": HIGHEST}
"""The rows of V that hold it."""


class Work(NamedTuple):
    """What a loop does: its reads as rows [element, node] of their buffers, and the rows of V that it writes.

    Without a fold there is one element.
    """

    buffers: tuple[str, ...]
    lets: tuple[Let, ...]
    fold: str
    reads: tuple[Any, ...]
    written: Any

    @property
    def key(self) -> Any:
        """What works that may be one have in common."""
        return self.buffers, self.lets, self.fold

    @property
    def is_sum(self) -> bool:
        """Whether it sums what it reads."""
        return self.fold == "sum" and not self.lets

    def joins(self, other: "Work") -> bool:
        """Return whether another work of the same key can be one with this, its lists filled up in V."""
        return len(self.reads[0]) == len(other.reads[0]) or set(self.buffers) == {"V"}

    def joined(self, other: "Work") -> "Work":
        """Return this work, then another one that joins; the shorter lists are filled up.

        >>> import numpy as np
        >>> two = Work(("V",), (), "sum", (np.array([[4], [5]]),), np.array([8]))
        >>> two.joined(two._replace(reads=(np.array([[6]]),), written=np.array([9]))).reads[0].tolist()
        [[4, 6], [5, 0]]
        """
        np = load("numpy")
        elements, filling = max(len(self.reads[0]), len(other.reads[0])), FILLING[self.fold]

        def filled(rows: Any) -> Any:
            return np.pad(rows, [(0, elements - len(rows)), (0, 0)], constant_values=filling)

        pairs = zip(self.reads, other.reads, strict=True)
        reads = tuple([np.concatenate([filled(a), filled(b)], axis=1) for a, b in pairs])
        return self._replace(reads=reads, written=np.concatenate([self.written, other.written]))


def works(loop: Loop) -> list[Work]:
    """Return a loop as a work, and as a sum if it is one of few numbers; nothing where it can be no part.

    >>> import numpy as np
    >>> from engine.compile.instructions import View
    >>> x, y, z = [View("V", np.array([row])) for row in (4, 5, 6)]
    >>> [(work.fold, work.reads[0].tolist()) for work in works(Loop((x, y), (Let(ops.add, (0, 1)),), z))]
    [('', [[4]]), ('sum', [[4], [5]])]
    """
    if loop.accumulate or loop.write.buffer != "V" or any([view.pick for view in loop.read]):
        return []
    buffers = tuple([view.buffer for view in loop.read])
    reads = tuple([view.rows if loop.fold else view.rows[None] for view in loop.read])
    found = [Work(buffers, loop.lets, loop.fold, reads, loop.write.rows)]
    if loop.fold or set(buffers) != {"V"}:
        return found
    op = loop.lets[0].op if loop.lets else ops.identity
    if op is ops.identity:
        found.append(found[0]._replace(lets=(), fold="sum"))
    elif op is ops.mul:
        found.append(found[0]._replace(fold="sum"))
    elif op is ops.add:
        both = load("numpy").concatenate(reads)
        found.append(found[0]._replace(buffers=("V",), lets=(), fold="sum", reads=(both,)))
    return found
