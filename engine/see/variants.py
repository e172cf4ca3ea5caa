"""Whether a function records the same graph wherever the sliders of its leaves stand."""

import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from engine.see.digits import short
from engine.see.names import names, reading
from engine.see.sliders import reaches
from engine.see.traced import traced
from engine.value import Value

ALONE = 16
"""So many leaves are moved one by one."""
DRAWS = 12
"""So often all leaves are moved at random."""
MOST_TOLD = 3
"""So many leaves are named in a sentence."""

EACH_TIME = "this code records another graph each time it runs"

Move = dict[Value, float]


def other_graph(function: Callable[..., Any], inputs: Sequence[Any]) -> str:
    """Return at which inputs a function records another graph, as half a sentence; "" where none was found.

    The function is called some dozen times at numbers that sliders reach; the Values that it reads, its
    inputs and those that it finds elsewhere, are moved for these calls and then have their numbers again.

    >>> other_graph(lambda x: x * x if x > 1 else -x, [3.0])
    'at x = −6.0 this code records another graph'
    >>> other_graph(lambda x: x * x, [3.0])
    ''
    """
    arguments = [_lifted(x) for x in inputs]
    nodes = reading(traced(function, arguments, by="other_graph"))
    again = set(reading(traced(function, arguments, by="other_graph")))
    leaves = [v for v in nodes if v.op is None and v in again]
    shape = _shape(nodes, leaves)
    called = names(nodes)
    before = {leaf: leaf.data for leaf in leaves}
    try:
        for move in _moves({v: reach for v, reach in reaches(nodes).items() if v in before}):
            for leaf, number in (before | move).items():
                leaf.data = number
            told = [f"{called[v].text} = {short(number)}" for v, number in move.items()]
            there = ", ".join(told[:MOST_TOLD]) + (", …" if len(told) > MOST_TOLD else "")
            try:
                y = function(*arguments)
            except Exception as error:  # whatever the user's code raises there
                return f"at {there} this code raises {type(error).__name__}"
            if not isinstance(y, Value) or _shape(reading(y), leaves) != shape:
                return f"at {there} this code records another graph" if move else EACH_TIME
    finally:
        for leaf, number in before.items():
            leaf.data = number
    return ""


def _lifted(x: Any) -> Any:
    """Return an input as a Value, a list as a list of them."""
    if isinstance(x, (list, tuple)):
        return [_lifted(item) for item in x]
    return x if isinstance(x, Value) else Value(x)


def _shape(nodes: Sequence[Value], leaves: Sequence[Value]) -> list[Any]:
    """Return what a graph is besides the numbers of some leaves: ops, operands, and all other numbers."""
    place = {node: i for i, node in enumerate(nodes)}
    moving = {leaf: i for i, leaf in enumerate(leaves)}

    def operand(v: Any) -> Any:
        if isinstance(v, tuple):
            return [operand(item) for item in v]
        return place[v] if isinstance(v, Value) else repr(v)

    return [
        (node.op, operand(node.x), operand(node.y)) if node.op
        else ("leaf", moving[node]) if node in moving
        else repr(node.data)
        for node in nodes
    ]  # fmt: skip


def _moves(reach: dict[Value, tuple[float, float]]) -> Iterator[Move]:
    """Yield where leaves are moved: nowhere, one by one to where their sliders end, and all together."""
    yield {}
    rng = random.Random(0)
    for leaf in list(reach)[:ALONE]:
        low, high = reach[leaf]
        for number in (low, high, max(low, min(-leaf.data, high)), max(low, min(0.0, high))):
            yield {leaf: number}
    yield {leaf: max(low, min(-leaf.data, high)) for leaf, (low, high) in reach.items()}
    yield {leaf: max(low, min(leaf.data / 2, high)) for leaf, (low, high) in reach.items()}
    for _ in range(DRAWS):
        yield {leaf: rng.uniform(low, high) for leaf, (low, high) in reach.items()}
