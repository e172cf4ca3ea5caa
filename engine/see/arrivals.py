"""The edges of a picture, gathered: between two nodes one for each step, to and from groups one for all."""

from collections.abc import Mapping, Sequence

from engine.chain import Step
from engine.see.parts import Edge
from engine.see.rows import Row
from engine.see.subject import Subject
from engine.value import Value


class Arrivals:
    """The edges so far; `places` holds the key of the box in which each node stands.

    >>> from engine.see.subject import subject_of
    >>> arrivals = Arrivals(subject_of([Value(2.0)]), {})
    >>> arrivals.plain("x", "y")
    >>> arrivals.edges()
    [Edge(source='x', target='y', partials=(), contributions=(), mark='', now=False)]
    """

    def __init__(self, subject: Subject, places: Mapping[Value, str]) -> None:
        self._subject = subject
        self._places = places
        self._edges: list[Edge] = []
        self._steps: dict[int, list[Step]] = {}
        self._numbers: dict[tuple[str, str], int] = {}

    def plain(
        self, source: str, target: str, *, partial: float | None = None, upstream: float = 0.0, size: int = 1
    ) -> None:
        """Add an edge between two boxes that no step of the sweep has made: with a partial, or without."""
        partials = (partial,) * size if partial is not None else ()
        self._edges.append(Edge(source, target, partials, tuple([upstream * p for p in partials])))

    def row(self, node: Value, target: str, row: Row) -> None:
        """Add the edges from a row of a node's operands to a box of its own."""
        texts, highlight = self._subject.marks.get(node, {}), self._subject.highlight
        for v, step, position in row:
            if not isinstance(v, Value) or v not in self._places:
                continue
            if self._places[v] == self._subject.known[v].key:
                steps, mark = [step] if step else [], texts.get(position, "")
                self._edges.append(_edge(self._places[v], target, steps, mark, highlight.has(node, v, step)))
            else:
                self.gathered(node, target, v, step)

    def gathered(self, node: Value, target: str, operand: Value, step: Step | None) -> None:
        """Add the step to an operand, or None, to the edge that holds all steps between two boxes."""
        pair = self._places[operand], target
        number = self._numbers.get(pair)
        if number is None:
            number = self._numbers[pair] = len(self._edges)
            self._edges.append(Edge(*pair, (), ()))
            self._steps[number] = []
        if step is not None:
            self._steps[number].append(step)
        if self._subject.highlight.edges and self._subject.highlight.has(node, operand, step):
            self._edges[number] = self._edges[number]._replace(now=True)

    def edges(self) -> list[Edge]:
        """Return the edges."""
        return [
            _edge(edge.source, edge.target, self._steps[i], edge.mark, edge.now) if i in self._steps else edge
            for i, edge in enumerate(self._edges)
        ]


def _edge(source: str, target: str, steps: Sequence[Step], mark: str, now: bool) -> Edge:
    partials = tuple([step.partial for step in steps])
    return Edge(source, target, partials, tuple([step.contribution for step in steps]), mark, now)
