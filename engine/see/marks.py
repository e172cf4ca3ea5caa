"""Marks on a drawing: what is wrong, what is now, and the way from each to the output."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from engine.chain import Step
from engine.see.names import elided, given
from engine.value import Value

LONGEST = 60
"""Of what a message quotes."""
Marks: TypeAlias = Mapping[Value, Mapping[int | None, str]]
"""What is wrong, in words: with the edge from the operand at a position in `inputs`; None: with the value."""
Ways: TypeAlias = Mapping[Value, Value]
"""For each node on the way from a mark to the output, the next one."""


class Highlight(NamedTuple):
    """What is now: nodes, and edges by node and input; of several edges in one pair the partials tell which.

    >>> Highlight().has(Value(1.0), Value(2.0), None)
    False
    """

    nodes: frozenset[Value] = frozenset()
    edges: Mapping[tuple[Value, Value], frozenset[str] | None] = {}

    def has(self, node: Value, operand: Value, step: Step | None) -> bool:
        """Tell whether an edge between two nodes, with its step, is highlighted.

        >>> x = Value(2.0)
        >>> Highlight(edges={(x, x): None}).has(x, x, None)
        True
        """
        if (node, operand) not in self.edges:
            return False
        partials = self.edges[node, operand]
        return partials is None or step is None or repr(step.partial) in partials


def told(thing: object) -> str:
    """Return what a message calls a thing: a Value by its name where it has one, anything else on a line.

    >>> told(Value(2.0, label="x")), told([1.0] * 20)
    ('x', '[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0…')
    """
    name = given(thing) if isinstance(thing, Value) else ""
    return name or elided(" ".join(repr(thing).split()), LONGEST)


def highlighted(highlight: object, nodes: Sequence[Value]) -> Highlight:
    """Return what a Step, a Value or several of them highlight among the nodes of a graph.

    A step stands for its edge and both ends; Values in a row, for the edges between them, too.

    Errors: TypeError for anything else, ValueError for what is not among the nodes.

    >>> x = Value(2.0)
    >>> highlighted(x, [x]).nodes == {x}
    True
    """
    if highlight is None:
        return Highlight()
    if hasattr(highlight, "routes") or hasattr(highlight, "steps"):
        raise TypeError(
            f"highlight is a Step, a Value, or several of them, got {type(highlight).__name__}; to highlight "
            "the largest route write paths(y, x).draw(), or draw(y, highlight=paths(y, x).routes[0].steps)"
        )
    several = isinstance(highlight, Iterable) and not isinstance(highlight, Step | Value)
    things = list(highlight) if several and isinstance(highlight, Iterable) else [highlight]
    known, graph = set(nodes), f"the graph under {told(nodes[-1])}"
    chosen: set[Value] = set()
    edges: dict[tuple[Value, Value], frozenset[str] | None] = {}
    before: Value | None = None
    for thing in things:
        if not isinstance(thing, Step | Value):
            raise TypeError(f"highlight is a Step, a Value, or several of them, got {told(thing)}")
        ends = [thing.node, thing.input] if isinstance(thing, Step) else [thing]
        for end in ends:
            if end not in known:
                raise ValueError(f"{told(thing)} is not in what is drawn of {graph}")
        if isinstance(thing, Step):
            if thing.input not in thing.node.inputs:
                raise ValueError(f"{told(thing)} is no edge of {graph}")
            pair = thing.node, thing.input
            partials = edges.get(pair, frozenset())
            edges[pair] = None if partials is None else partials | {repr(thing.partial)}
            before = None
        else:
            for one, other in ((before, thing), (thing, before)):
                if one is not None and other is not None and other in one.inputs:
                    edges[one, other] = None
            before = thing
        chosen.update(ends)
    return Highlight(frozenset(chosen), edges)


def ways(output: Value, marked: Iterable[Value], kept: Mapping[Value, Sequence[Value]]) -> Ways:
    """Return the shortest way from each marked node to the output, node by node.

    >>> x = Value(2.0)
    >>> y = x * 3
    >>> ways(y, [x], {x: [], y: [x]}) == {x: y}
    True
    """
    marked = list(marked)
    behind = {output: output}
    queue = [output] if marked else []
    for node in queue:
        for operand in kept[node]:
            if operand not in behind:
                behind[operand] = node
                queue.append(operand)
    result: dict[Value, Value] = {}
    for node in marked:
        while node is not output and node not in result:
            result[node] = behind[node]
            node = result[node]
    return result
