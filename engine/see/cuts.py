"""Which nodes of a graph are drawn: wide lists folded, a graph that is too large cut around its marks."""

from collections.abc import Collection, Hashable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from engine.see.groups import Crowd, Grouping
from engine.see.rows import rows, values, weight
from engine.see.subject import Subject
from engine.value import Value

Drawn: TypeAlias = dict[Value, frozenset[int] | None]
"""Every node that is drawn by itself, with the positions of its drawn rows; None where all of them are."""
NEAREST = 6
"""In a cut drawing, the nodes behind each marked one that are drawn of its way to the output."""


class Choice(NamedTuple):
    """What may be drawn: nodes by themselves, and the `reached` of the crowds.

    `calls` holds the call in which each node of a crowd was recorded; `cut` tells that more is left out than
    folds say.

    >>> Choice({Value(2.0): None}).size
    1
    """

    drawn: Drawn
    reached: Collection[Crowd] = ()
    crowds: Mapping[Value, Crowd] = {}
    calls: Mapping[Value, Hashable] = {}
    cut: bool = False

    @property
    def size(self) -> int:
        """How many boxes it takes, folds and products not counted."""
        return len(self.drawn) + len(self.reached)


class Chooser(NamedTuple):
    """What there is to draw, and which nodes of it are drawn as one.

    `fold` is how many operands of a list are drawn, `needed` the positions in `inputs` that are in any case.

    >>> from engine.see.subject import subject_of
    >>> x = Value(2.0)
    >>> Chooser(subject_of([x]), Grouping({}, {}), fold=8, needed={}).whole().size
    1
    """

    subject: Subject
    grouping: Grouping
    fold: int | None
    needed: Mapping[Value, set[int]]

    def whole(self, most: int | None = None) -> Choice:
        """Return what a drawing of all shows; a part of it where that is more than `most` boxes."""
        operands, crowds = self.subject.operands, self.grouping.crowds
        drawn: Drawn = {}
        reached: set[Crowd] = set()
        stack = [self.subject.nodes[-1]]
        while stack and (most is None or len(drawn) + len(reached) <= most):
            node = stack.pop()
            crowd = crowds.get(node)
            if crowd is not None:
                if crowd not in reached:
                    reached.add(crowd)
                    stack += [
                        v for member in crowd.members for v in operands[member] if crowds.get(v) is not crowd
                    ]
            elif node not in drawn:
                drawn[node], shown = self.chosen(node, self.fold)
                stack += shown
        return Choice(drawn, reached, *self.grouping)

    def around(self) -> Iterator[Choice]:
        """Yield less and less around the marks, for a drawing without crowds."""
        marks, ways = self.subject.marks, self.subject.ways
        for width, reach in ((self.fold, NEAREST), (0, 0)):
            drawn: Drawn = {self.subject.nodes[-1]: None}
            for marked in marks:
                drawn[marked], shown = self.chosen(marked, width)
                node = marked
                for _ in range(reach):
                    node = ways.get(node, node)
                    shown.append(node)
                for node in shown:
                    drawn.setdefault(node, None)
            around = frozenset(drawn)
            for node in around.difference(marks):
                drawn[node], _ = self.chosen(node, width, around)
            yield Choice(drawn, cut=True)

    def chosen(
        self, node: Value, fold: int | None, around: frozenset[Value] | None = None
    ) -> tuple[frozenset[int] | None, list[Value]]:
        """Return the positions of a node's drawn rows, None for all, and the operands that are drawn with it.

        What is in a crowd takes no room: it is drawn however many there are.
        """
        known = dict.fromkeys(self.subject.operands[node])
        if fold is None or not isinstance(node.x, tuple) or len(node.x) <= fold:
            return None, list(known)
        kept = known if around is None else around
        lines = dict(enumerate(rows(node, swept=node in self.subject.swept)))
        lines = {i: row for i, row in lines.items() if any(v in kept for v in values([row]))}
        single = [i for i, row in lines.items() if any(v not in self.grouping.crowds for v in values([row]))]
        if len(single) <= fold and around is None:
            return None, list(known)
        ranks = {i: -weight(lines[i]) for i in single}
        must = self.needed.get(node, set())
        positions = set(lines) - set(single)
        positions.update(sorted(single, key=ranks.__getitem__)[:fold])
        positions.update([i for i, row in lines.items() if any(position in must for _, _, position in row)])
        shown = [v for i in sorted(positions) for v in values([lines[i]])]
        in_crowds = [
            v for i in single if i not in positions for v in values([lines[i]]) if v in self.grouping.crowds
        ]
        return frozenset(positions), [v for v in shown + in_crowds if v in known]
