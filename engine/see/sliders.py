"""How far the sliders of a graph's leaves reach."""

import math
from collections.abc import Iterable

from engine.op import Op
from engine.ops import power
from engine.value import Value

REACH = 2.0
"""A slider reaches so far to both sides at least, and so many times its number."""
INSIDE = 1e-3
"""So far from an end that does not belong to a domain a slider stays, in parts of its reach."""
LARGEST = 1e300


def reaches(nodes: Iterable[Value]) -> dict[Value, tuple[float, float]]:
    """Return the lowest and the highest number of the slider of every leaf among a graph's nodes.

    The slider stays in the domains of the ops that read the leaf, unless its own number does not.

    >>> from engine import log
    >>> x, w = Value(3.0), Value(0.5)
    >>> list(reaches([x, w, log(x), x * w]).values())
    [(0.006, 6.0), (-2.0, 2.0)]
    """
    nodes = list(nodes)
    result = {leaf: _around(leaf.data) for leaf in nodes if leaf.op is None}
    for node in nodes:
        operands = (node.x, node.y) if node.op is not None else ()
        for index, operand in enumerate(operands):
            for leaf in operand if isinstance(operand, tuple) else (operand,):
                if leaf in result and node.op is not None:
                    result[leaf] = _within(result[leaf], leaf.data, node.op, index, node.y)
    return result


def _around(number: float) -> tuple[float, float]:
    """Return a range around 0 that holds a number, its ends of two digits."""
    size = min(REACH * abs(number), LARGEST)
    if not size > REACH:
        return -REACH, REACH
    digit = 10.0 ** (math.floor(math.log10(size)) - 1)
    high = float(f"{math.ceil(size / digit * (1 - 1e-12)) * digit:.1e}")
    return -high, high


def _within(reach: tuple[float, float], number: float, op: Op, index: int, y: object) -> tuple[float, float]:
    """Return the part of a range that lies in the domain of an operand."""
    whole = op is power and index == 0 and isinstance(y, float) and y % 1.0 == 0.0
    domain = op.domain[index]
    if whole or number not in domain:
        return reach
    gap = 0.0 if domain.closed else INSIDE * max(map(abs, reach))
    low, high = max(reach[0], domain.low + gap), min(reach[1], domain.high - gap)
    return min(low, number), max(high, number)
