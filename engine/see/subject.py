"""What is drawn: the nodes of a graph or of a slice of it, and what is known of them."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.chain import gradients, interior
from engine.see.marks import Highlight, Marks, Ways, highlighted, told, ways
from engine.see.names import Name, names
from engine.value import Value


class Subject(NamedTuple):
    """Nodes, operands before results and the output last, with their names, marks and what is now.

    `operands` are those among the nodes; `swept` holds what the sweep from the output visits.
    """

    nodes: Sequence[Value]
    operands: Mapping[Value, Sequence[Value]]
    swept: frozenset[Value]
    known: dict[Value, Name]
    marks: Marks
    ways: Ways
    highlight: Highlight
    expand: bool

    def gradient(self, node: Value) -> float:
        """Return the gradient of a node; 0 where it is recorded and the sweep does not come by.

        >>> x = Value(2.0)
        >>> subject_of([x]).gradient(x)
        0.0
        """
        return node.grad if node.op is None or node in self.swept else 0.0

    def is_swept_alone(self) -> bool:
        """Whether the gradients are what one sweep from the output gives where there were none before.

        >>> x = Value(2.0)
        >>> y = x * 3
        >>> y.backward()
        >>> subject_of([x, y]).is_swept_alone()
        True
        """
        found = gradients(self.nodes[-1], list(self.nodes))
        given = [self.gradient(v) for v in self.nodes]
        return all(a == b or (a != a and b != b) for a, b in zip(found, given, strict=True))


def subject_of(
    every: Sequence[Value],
    nodes: Sequence[Value] | None = None,
    *,
    marks: Marks | None = None,
    highlight: object = None,
    expand: bool = False,
) -> Subject:
    """Return what is drawn of a graph: its nodes as one reads them, or those of a slice.

    Errors: as those of `highlighted`, and ValueError for a mark outside of the slice.

    >>> x = Value(2.0)
    >>> subject_of([x, x * 2]).operands[x]
    ()
    """
    nodes, marks = every if nodes is None else nodes, marks or {}
    kept = set(nodes)
    lost = next((v for v in marks if v not in kept), None)
    if lost is not None:
        raise ValueError(f"the marked {told(lost)} is not in the part of the graph that is drawn")
    whole = len(nodes) == len(every)
    operands = {v: v.inputs if whole else tuple([w for w in v.inputs if w in kept]) for v in nodes}
    now = highlighted(highlight, nodes)
    routes = ways(nodes[-1], [v for v in nodes if v in now.nodes or v in marks], operands)
    return Subject(nodes, operands, frozenset(interior(nodes[-1])), names(every), marks, routes, now, expand)
