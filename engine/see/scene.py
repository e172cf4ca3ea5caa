"""What a drawing shows, of any size: boxes, groups, frames and edges, at most as many as one can read."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from numbers import Integral

from engine.see.cuts import Choice, Chooser
from engine.see.frames import Frames
from engine.see.groups import WAYS, Grouping, grouped
from engine.see.marks import Marks, told
from engine.see.modules import Modules, Plan, plans
from engine.see.names import reading
from engine.see.parts import Scene
from engine.see.sketch import sketched
from engine.see.slices import sliced
from engine.see.subject import Subject, subject_of
from engine.see.trail import outdated
from engine.value import Value

READABLE = 60
MOST_EDGES = 120
"""So many boxes, and so many edges between them, can be read; more are collapsed where it is known how."""


def scene(
    output: Value,
    *,
    expand: bool = False,
    fold: int | None = 8,
    limit: int = 300,
    marks: Marks | None = None,
    collapse: int | str | None = "auto",
    open: str | Iterable[str] = (),  # noqa: A002
    depth: int | None = None,
    through: Value | Iterable[Value] | None = None,
    sample: int | None = None,
    highlight: object = None,
) -> Scene:
    """Return what a drawing of the graph under output shows; ValueError where it is too large to read.

    The options are those of `engine.draw`. A graph with marks, all of them on nodes under output, is not too
    large but cut to what is around them.

    Errors: TypeError for a fold or a limit that is no whole number, or where open is no text nor list.

    >>> x = Value(2.0, label="x")
    >>> [box.name for box in scene(x * x).boxes]
    ['x', 'x*x']
    """
    if fold is not None and not isinstance(fold, Integral):
        raise TypeError(f"fold is a whole number of operands, or None to draw all; got {fold!r}")
    if fold is not None and fold < 1:
        raise ValueError(f"fold is the number of operands drawn, 1 or more, or None to draw all; got {fold}")
    if not isinstance(limit, Integral):
        raise TypeError(f"limit is a whole number of boxes, got {limit!r}")
    if limit < 1:
        raise ValueError(f"limit is the number of boxes that a picture may take, 1 or more; got {limit}")
    if not isinstance(open, Iterable):
        raise TypeError(
            f'open takes the path of a module, such as "layers[0].neurons[3]", or several; got {open!r}'
        )
    every = reading(output)
    modules = Modules(every)
    nodes = sliced(every, modules, depth=depth, through=through, sample=sample)
    subject = subject_of(every, nodes, marks=marks, highlight=highlight, expand=expand)
    painter = _Painter(subject, modules, fold, limit)
    tried = plans(modules, collapse, open, subject.marks)
    if subject.marks and collapse == "auto":
        tried = tried[:1]
    return painter.scene(tried, may_cut=bool(marks) and collapse in ("auto", None))


class _Painter:
    """The choices of what is drawn of one subject."""

    def __init__(self, subject: Subject, modules: Modules, fold: int | None, limit: int) -> None:
        self.subject, self.modules, self.fold, self.limit = subject, modules, fold, limit
        needed = {node: {i for i in marks if i is not None} for node, marks in subject.marks.items()}
        for operand, node in subject.ways.items():
            needed.setdefault(node, set()).add(node.inputs.index(operand))
        for node, operand in subject.highlight.edges:
            places = [i for i, v in enumerate(node.inputs) if v is operand]
            needed.setdefault(node, set()).update(places)
        self.needed = needed

    def scene(self, tried: Sequence[Plan], *, may_cut: bool) -> Scene:
        """Return the first choice that can be read, else the smallest within the limit."""
        best: Choice | None = None
        dense: Scene | None = None
        for plan in tried:
            may_fill = not plan.collapses and (len(tried) == 1 or not self.modules.calls)
            goal = self.limit if may_fill else min(READABLE, self.limit)
            for choice in self.choices(plan, self.limit):
                if choice.size <= goal:
                    found = self.drawn(choice)
                    if len(found.boxes) <= goal and (len(found.edges) <= MOST_EDGES or len(tried) == 1):
                        return found
                    dense = dense or (found if len(found.boxes) <= goal else None)
                if choice.size <= self.limit and (best is None or choice.size < best.size):
                    best = choice
        if dense is not None:
            return dense
        for choice in chain([best] if best else [], self.cuts() if may_cut else []):
            if choice.size <= self.limit:
                found = self.drawn(choice)
                if len(found.boxes) <= self.limit:
                    return found
        raise ValueError(self.too_large(tried, may_cut))

    def choices(self, plan: Plan, most: int | None) -> Iterator[Choice]:
        """Yield the ways to draw by a plan, the finest first; only begun where they take more than `most`."""
        pinned = frozenset(self.subject.marks)
        for way in WAYS if plan.collapses else WAYS[:1]:
            grouping = grouped(
                self.subject.nodes,
                self.subject.operands,
                self.modules,
                plan,
                way,
                fold=self.fold,
                pinned=pinned,
            )
            if grouping is not None:
                yield self.chooser(grouping).whole(most)

    def cuts(self) -> Iterator[Choice]:
        """Yield less and less around the marks."""
        return self.chooser(Grouping({}, {})).around()

    def chooser(self, grouping: Grouping) -> Chooser:
        """Return what chooses the nodes to draw, some of which are drawn as one."""
        return Chooser(self.subject, grouping, self.fold, self.needed)

    def drawn(self, choice: Choice) -> Scene:
        """Return the scene of a choice."""
        frames, nodes = Frames(self.modules), self.subject.nodes
        boxes, edges = sketched(self.subject, choice, frames)
        clusters = frames.clusters(box.cluster for box in boxes if box.cluster)
        swept = nodes[-1].grad != 0
        title = self.subject.known[nodes[-1]].text
        changed = outdated(nodes[-1])
        return Scene(
            boxes,
            edges,
            swept,
            len(nodes) if choice.cut else 0,
            clusters,
            len(nodes),
            title,
            is_own=swept and self.subject.is_swept_alone(),
            outdated="" if changed is None else self.subject.known[changed].text,
        )

    def too_large(self, tried: Sequence[Plan], may_cut: bool) -> str:
        """Return the message for a graph that cannot be read, with the calls that would help."""
        choices = [choice for plan in tried for choice in self.choices(plan, None)]
        if may_cut:
            choices = list(self.cuts())
        smallest = min(choices, key=lambda choice: choice.size)
        size = smallest.size if smallest.size > self.limit else len(self.drawn(smallest).boxes)
        part = "what is marked in " if self.subject.marks else ""
        nodes = self.subject.nodes
        if self.modules.calls:
            first = "" if tried[0].collapses or len(tried) > 1 else 'collapse its modules (collapse="auto"); '
        elif self.modules.watched:
            first = (
                "record parts of it inside `with engine.see.scope(name):`, each of which becomes one box; "
            )
        else:
            first = "record it inside `with engine.watch():`, then modules and repeats become one box each; "
        return (
            f"{part}the graph under {told(nodes[-1])} has {len(nodes)} nodes and takes {size} boxes, more "
            f"than limit={self.limit}: {first}draw a part (depth=5, through=x, or an interior Value), draw "
            f"fewer operands of wide lists (fold=4), or raise the limit (limit={size})"
        )
