"""What a drawing shows: boxes and edges, wide lists folded, dots expanded."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from engine.chain import Step, local_steps
from engine.see.digits import MINUS, short
from engine.see.names import Name, names, product, reading
from engine.value import Value

Operand: TypeAlias = Value | float
Arm: TypeAlias = tuple[Operand, Step | None]
"""An operand and the step that reaches it; no step where it is a number or detached."""
Row: TypeAlias = tuple[Arm, ...]
"""The operands that belong together: one of a list, or a pair of a dot."""


class Box(NamedTuple):
    """A node: `corner` tells the op and its numbers, "" for a leaf."""

    key: str
    name: str
    corner: str
    data: float
    grad: float


class Fold(NamedTuple):
    """Operands of one op that are not drawn: how many, which, and the sum of their |gradient|."""

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


class Scene(NamedTuple):
    """Boxes in reading order, the output last; `swept` tells whether there are gradients to show."""

    boxes: list[Box | Fold]
    edges: list[Edge]
    swept: bool

    @property
    def output(self) -> Box:
        """The box of the node that is drawn."""
        box = self.boxes[-1]
        assert isinstance(box, Box)
        return box


def scene(output: Value, *, expand: bool, fold: int | None, limit: int) -> Scene:
    """Return what a drawing of the graph under output shows; ValueError where it is too large to read.

    >>> x = Value(2.0, label="x")
    >>> [box.name for box in scene(x * x, expand=False, fold=8, limit=300).boxes]
    ['x', 'x*x']
    """
    if fold is not None and fold < 1:
        raise ValueError(f"fold is the number of operands drawn, 1 or more, or None to draw all; got {fold}")
    nodes = reading(output)
    drawn = _drawn(output, fold)
    _check_size(len(drawn), len(nodes), output, limit)
    known = names(nodes)
    parts = [part for node in nodes if node in drawn for part in _parts(node, drawn[node], known, expand)]
    boxes = [part for part in parts if not isinstance(part, Edge)]
    _check_size(len(boxes), len(nodes), output, limit)
    swept = any(node.grad != 0 for node in nodes)
    return Scene(boxes, [part for part in parts if isinstance(part, Edge)], swept)


def _check_size(boxes: int, nodes: int, output: Value, limit: int) -> None:
    if boxes > limit:
        raise ValueError(
            f"the graph under {output!r} has {nodes} nodes and takes {boxes} boxes, more than limit={limit}: "
            "draw a part (any interior Value is the output of a smaller graph), draw fewer operands of "
            f"wide lists (fold=4), or raise the limit (limit={boxes})"
        )


def _drawn(output: Value, fold: int | None) -> dict[Value, frozenset[int] | None]:
    """Return every node that is drawn, with the positions of its drawn rows; None where all of them are."""
    result: dict[Value, frozenset[int] | None] = {}
    stack = [output]
    while stack:
        node = stack.pop()
        if node in result:
            continue
        if fold is None or not isinstance(node.x, tuple) or len(node.x) <= fold:
            result[node] = None
            stack += node.inputs
        else:
            rows = _rows(node)
            ranks = [-_weight(row) for row in rows]
            positions = sorted(range(len(rows)), key=ranks.__getitem__)[:fold]
            result[node] = frozenset(positions)
            stack += [v for i in positions for v, _ in rows[i] if isinstance(v, Value)]
    return result


def _weight(row: Row) -> float:
    """How much passes through a row; what is not a number stands first."""
    total = sum(abs(step.contribution) for _, step in row if step is not None)
    return total if total == total else math.inf


def _rows(node: Value) -> list[Row]:
    """Return the operands of a node with their steps, those of a dot in pairs."""
    if node.op is None:
        return []
    steps = local_steps(node)
    columns = [v if isinstance(v, tuple) else (v,) for v in (node.x, node.y)[: node.op.arity]]
    flows = [partial is not None for partial in node.op.partials]

    def arm(operand: Operand, flowing: bool) -> Arm:
        return operand, next(steps) if flowing and isinstance(operand, Value) else None

    if isinstance(node.x, tuple):
        return [tuple(map(arm, row, flows)) for row in zip(*columns, strict=True)]
    return [(arm(v, flowing),) for column, flowing in zip(columns, flows, strict=True) for v in column]


def _parts(
    node: Value, drawn: frozenset[int] | None, known: dict[Value, Name], expand: bool
) -> Iterator[Box | Fold | Edge]:
    """Yield what stands for one node: its folds and products, the edges, and last its box."""
    name, key = known[node]
    rows = _rows(node)
    folded = [] if drawn is None else [row for i, row in enumerate(rows) if i not in drawn]
    rows = rows if drawn is None else [row for i, row in enumerate(rows) if i in drawn]
    expanded = expand and node.op is not None and node.op.name in ("dot", "sum")
    if expanded and isinstance(node.y, tuple):
        yield from _products(node, rows, folded, known)
    else:
        for row in rows:
            for operand, step in row:
                if isinstance(operand, Value):
                    yield _edge(known[operand].key, key, [] if step is None else [step])
        for i, arms in enumerate(zip(*folded, strict=True), 1):
            yield from _folded(f"{key}~rest{i}", key, arms, known)
    yield Box(key, name, "+" if expanded else _corner(node), node.data, node.grad)


def _edge(source: str, target: str, steps: Sequence[Step]) -> Edge:
    return Edge(
        source, target, tuple([step.partial for step in steps]), tuple([step.contribution for step in steps])
    )


def _folded(key: str, target: str, arms: Sequence[Arm], known: dict[Value, Name]) -> Iterator[Fold | Edge]:
    values = [operand for operand, _ in arms if isinstance(operand, Value)]
    if values:
        total = sum(abs(value.grad) for value in dict.fromkeys(values))
        first, last = known[values[0]].text, known[values[-1]].text
        yield Fold(key, first if first == last else f"{first} … {last}", "", len(values), total)
        yield _edge(key, target, [step for _, step in arms if step is not None])


def _products(
    node: Value, rows: list[Row], folded: list[Row], known: dict[Value, Name]
) -> Iterator[Box | Fold | Edge]:
    """Yield the products of a dot, whose gradient each is the dot's own, and the edges into its sum."""
    total, key = known[node]
    for i, row in enumerate(rows, 1):
        (x, _), (y, _) = row
        own = f"{key}~{i}"
        name = product(x, y, known) or f"{total}.{i}"
        number = next((v for v in (x, y) if not isinstance(v, Value)), None)
        for operand, step in row:
            if isinstance(operand, Value):
                yield _edge(known[operand].key, own, [] if step is None else [step])
        corner = "*" if number is None else f"* {short(number)}"
        yield Box(own, name, corner, _number(x) * _number(y), node.grad)
        yield Edge(own, key, (1.0,), (node.grad,))
    if folded:
        count = len(folded)
        yield Fold(f"{key}~rest", "products", "*", count, count * abs(node.grad))
        yield Edge(f"{key}~rest", key, (1.0,) * count, (node.grad,) * count)


def _number(operand: Operand) -> float:
    return operand.data if isinstance(operand, Value) else operand


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
