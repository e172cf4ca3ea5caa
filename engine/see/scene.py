"""What a drawing shows: boxes and edges, wide lists folded, dots expanded."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import NamedTuple, TypeAlias

from engine.chain import Step, local_steps
from engine.see.digits import MINUS, short
from engine.see.names import Name, names, product, reading
from engine.value import Value

Operand: TypeAlias = Value | float
Marks: TypeAlias = Mapping[Value, Mapping[int | None, str]]
"""What is wrong, in words: with the edge from the operand at a position in `inputs`; None: with the value."""
Ways: TypeAlias = Mapping[Value, Value]
"""For each node on the way from a mark to the output, the next one."""
Drawn: TypeAlias = dict[Value, frozenset[int] | None]
"""Every node that is drawn, with the positions of its drawn rows; None where all of them are."""
NEAREST = 6
"""In a cut drawing, the nodes behind each marked one that are drawn of its way to the output."""


Arm: TypeAlias = tuple[Operand, Step | None, int | None]
"""An operand, the step that reaches it (None: a number, or detached) and its position in `inputs`."""
Row: TypeAlias = tuple[Arm, ...]
"""The operands that belong together: one of a list, or a pair of a dot."""


class Box(NamedTuple):
    """A node: `corner` tells the op and its numbers, "" for a leaf; `mark` what is wrong with its value.

    `more` tells that a cut drawing leaves operands of it out.
    """

    key: str
    name: str
    corner: str
    data: float
    grad: float
    mark: str = ""
    more: bool = False


class Fold(NamedTuple):
    """Operands of one op, or nodes on a way, that are not drawn: how many, which, the sum of |gradient|."""

    key: str
    name: str
    corner: str
    size: int
    total: float


class Edge(NamedTuple):
    """An edge between two boxes, by their keys, with its step; a fold has many, a detached edge none."""

    source: str
    target: str
    partials: tuple[float, ...]
    contributions: tuple[float, ...]
    mark: str = ""


class Scene(NamedTuple):
    """Boxes in reading order, the output last; `swept` tells whether there are gradients to show.

    `cut` is the number of nodes of a graph that is too large and shown only around its marks, else 0.
    """

    boxes: list[Box | Fold]
    edges: list[Edge]
    swept: bool
    cut: int = 0

    @property
    def output(self) -> Box:
        """The box of the node that is drawn."""
        box = self.boxes[-1]
        assert isinstance(box, Box)
        return box


def scene(output: Value, *, expand: bool, fold: int | None, limit: int, marks: Marks | None = None) -> Scene:
    """Return what a drawing of the graph under output shows; ValueError where it is too large to read.

    A graph with marks, all of them on nodes under output, is not too large but cut to what is around them.

    >>> x = Value(2.0, label="x")
    >>> [box.name for box in scene(x * x, expand=False, fold=8, limit=300).boxes]
    ['x', 'x*x']
    """
    if fold is not None and fold < 1:
        raise ValueError(f"fold is the number of operands drawn, 1 or more, or None to draw all; got {fold}")
    nodes = reading(output)
    marks = marks or {}
    ways = _ways(output, marks)
    size = 0
    for cut, drawn in enumerate(_choices(output, fold, marks, ways)):
        size = len(drawn)
        if size > limit:
            continue
        sketch = _Sketch(drawn, names(nodes), marks, ways, expand)
        parts = [part for node in nodes if node in drawn for part in sketch.node(node)]
        boxes = [part for part in parts if not isinstance(part, Edge)]
        size = len(boxes)
        if size <= limit:
            edges = [part for part in parts if isinstance(part, Edge)]
            return Scene(boxes, edges, any(node.grad != 0 for node in nodes), len(nodes) if cut else 0)
    part = "what is marked in " if marks else ""
    raise ValueError(
        f"{part}the graph under {output!r} has {len(nodes)} nodes and takes {size} boxes, more than "
        f"limit={limit}: draw a part (any interior Value is the output of a smaller graph), draw fewer "
        f"operands of wide lists (fold=4), or raise the limit (limit={size})"
    )


def _ways(output: Value, marks: Marks) -> Ways:
    """Return the shortest way from each marked node to the output, node by node."""
    behind = {output: output}
    queue = [output] if marks else []
    for node in queue:
        for operand in node.inputs:
            if operand not in behind:
                behind[operand] = node
                queue.append(operand)
    result: dict[Value, Value] = {}
    for node in marks:
        while node is not output and node not in result:
            result[node] = behind[node]
            node = result[node]
    return result


def _choices(output: Value, fold: int | None, marks: Marks, ways: Ways) -> Iterator[Drawn]:
    """Yield what may be drawn: the whole graph; where there are marks, then less and less around them."""
    needed = {node: {position for position in marks[node] if position is not None} for node in marks}
    for node, behind in ways.items():
        needed.setdefault(behind, set()).add(behind.inputs.index(node))
    drawn: Drawn = {}
    stack = [output]
    while stack:
        node = stack.pop()
        if node not in drawn:
            drawn[node], operands = _chosen(node, fold, needed)
            stack += operands
    yield drawn
    for width, reach in ((fold, NEAREST), (0, 0)) if marks else ():
        drawn = {output: None}
        for marked in marks:
            drawn[marked], shown = _chosen(marked, width, needed)
            node = marked
            for _ in range(reach):
                node = ways.get(node, node)
                shown.append(node)
            for node in shown:
                drawn.setdefault(node, None)
        around = frozenset(drawn)
        for node in around.difference(marks):
            drawn[node], _ = _chosen(node, width, needed, around)
        yield drawn


def _chosen(
    node: Value, fold: int | None, needed: Mapping[Value, set[int]], around: frozenset[Value] | None = None
) -> tuple[frozenset[int] | None, list[Value]]:
    """Return the positions of a node's drawn rows, None for all of them, and the operands in these rows."""
    if fold is None or not isinstance(node.x, tuple) or len(node.x) <= fold:
        return None, list(node.inputs)
    rows = dict(enumerate(_rows(node)))
    if around is not None:
        rows = {i: row for i, row in rows.items() if any(v in around for v, _, _ in row)}
    ranks = {i: -_weight(row) for i, row in rows.items()}
    must = needed.get(node, set())
    positions = sorted(rows, key=ranks.__getitem__)[:fold]
    positions += [i for i, row in rows.items() if any(position in must for _, _, position in row)]
    return frozenset(positions), [v for i in positions for v, _, _ in rows[i] if isinstance(v, Value)]


def _weight(row: Row) -> float:
    """How much passes through a row; what is not a number stands first."""
    total = sum(abs(step.contribution) for _, step, _ in row if step is not None)
    return total if total == total else math.inf


def _rows(node: Value) -> list[Row]:
    """Return the operands of a node with their steps, those of a dot in pairs."""
    if node.op is None:
        return []
    steps, places = local_steps(node), count()
    operands = [v if isinstance(v, tuple) else (v,) for v in (node.x, node.y)[: node.op.arity]]
    columns = [
        [(v, partial is not None, next(places) if isinstance(v, Value) else None) for v in column]
        for column, partial in zip(operands, node.op.partials, strict=True)
    ]

    def arm(operand: Operand, flowing: bool, position: int | None) -> Arm:
        return operand, next(steps) if flowing and isinstance(operand, Value) else None, position

    if isinstance(node.x, tuple):
        return [tuple([arm(*v) for v in row]) for row in zip(*columns, strict=True)]
    return [(arm(*v),) for column in columns for v in column]


class _Sketch(NamedTuple):
    """The parts of a scene: those that stand for each drawn node."""

    drawn: Drawn
    known: dict[Value, Name]
    marks: Marks
    ways: Ways
    expand: bool

    def node(self, node: Value) -> Iterator[Box | Fold | Edge]:
        """Yield what stands for one node: its folds and products, the edges, and last its box."""
        name, key = self.known[node]
        positions = self.drawn[node]
        rows = _rows(node)
        folded = [] if positions is None else [row for i, row in enumerate(rows) if i not in positions]
        rows = rows if positions is None else [row for i, row in enumerate(rows) if i in positions]
        operands = [v for row in rows for v, _, _ in row if isinstance(v, Value)]
        more = any(v not in self.drawn and self.ways.get(v) is not node for v in operands)
        rows = [row for row in rows if any(v in self.drawn for v, _, _ in row)]
        expanded = self.expand and node.op is not None and node.op.name in ("dot", "sum")
        if expanded and isinstance(node.y, tuple):
            yield from self.products(node, rows, folded)
        else:
            for row in rows:
                yield from self.arriving(node, row, key)
            for i, arms in enumerate(zip(*folded, strict=True), 1):
                yield from self.folded(f"{key}~rest{i}", key, arms)
        yield from self.gap(node)
        mark = self.marks.get(node, {}).get(None, "")
        yield Box(key, name, "+" if expanded else _corner(node), node.data, node.grad, mark, more)

    def arriving(self, node: Value, row: Row, target: str) -> Iterator[Edge]:
        """Yield the edges from the drawn operands of a row."""
        texts = self.marks.get(node, {})
        for operand, step, position in row:
            if isinstance(operand, Value) and operand in self.drawn:
                yield _edge(self.known[operand].key, target, [step] if step else [], texts.get(position, ""))

    def gap(self, node: Value) -> Iterator[Fold | Edge]:
        """Yield a fold for the nodes that are not drawn of the way from a node to the output."""
        between = []
        end = self.ways.get(node, node)
        while end not in self.drawn:
            between.append(end)
            end = self.ways[end]
        if between:
            name, key = self.known[end]
            own = f"{self.known[node].key}~way"
            yield Fold(own, f"on the way to {name}", "", len(between), sum(abs(v.grad) for v in between))
            yield from (_edge(self.known[node].key, own, []), _edge(own, key, []))

    def folded(self, key: str, target: str, arms: Sequence[Arm]) -> Iterator[Fold | Edge]:
        """Yield the fold of operands that are not drawn, and its edge."""
        values = [operand for operand, _, _ in arms if isinstance(operand, Value)]
        if values:
            total = sum(abs(value.grad) for value in dict.fromkeys(values))
            first, last = self.known[values[0]].text, self.known[values[-1]].text
            yield Fold(key, first if first == last else f"{first} … {last}", "", len(values), total)
            yield _edge(key, target, [step for _, step, _ in arms if step is not None])

    def products(self, node: Value, rows: list[Row], folded: list[Row]) -> Iterator[Box | Fold | Edge]:
        """Yield the products of a dot, whose gradient each is the dot's own, and the edges into its sum."""
        total, key = self.known[node]
        for i, row in enumerate(rows, 1):
            x, y = [operand for operand, _, _ in row]
            own = f"{key}~{i}"
            name = product(x, y, self.known) or f"{total}.{i}"
            number = next((v for v in (x, y) if not isinstance(v, Value)), None)
            yield from self.arriving(node, row, own)
            corner = "*" if number is None else f"* {short(number)}"
            data = math.prod(v.data if isinstance(v, Value) else v for v in (x, y))
            yield Box(own, name, corner, data, node.grad)
            yield Edge(own, key, (1.0,), (node.grad,))
        if folded:
            size = len(folded)
            yield Fold(f"{key}~rest", "products", "*", size, size * abs(node.grad))
            yield Edge(f"{key}~rest", key, (1.0,) * size, (node.grad,) * size)


def _edge(source: str, target: str, steps: Sequence[Step], mark: str = "") -> Edge:
    partials = tuple([step.partial for step in steps])
    return Edge(source, target, partials, tuple([step.contribution for step in steps]), mark)


def _corner(node: Value) -> str:
    """Return the op of a node with the numbers among its operands: "* 2.0", "3.0 −", "atan2(1.0, ·)"."""
    if node.op is None:
        return ""
    symbol = node.op.symbol.replace("-", MINUS)
    numbers = [operand for operand in (node.x, node.y) if isinstance(operand, float)]
    if not numbers:
        return symbol
    if node.op.infix is not None:
        return f"{short(node.x)} {symbol}" if isinstance(node.x, float) else f"{symbol} {short(node.y)}"
    texts = [short(v) if isinstance(v, float) else "·" for v in (node.x, node.y)[: node.op.arity]]
    return f"{symbol}({', '.join(texts)})"
