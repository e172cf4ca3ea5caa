"""A choice of what is drawn, put together: where each node stands, what leads from place to place."""

import math
from collections.abc import Iterator
from itertools import chain

from engine import ops
from engine.chain import local_steps
from engine.see.arrivals import Arrivals
from engine.see.cuts import Choice
from engine.see.digits import MINUS, short
from engine.see.frames import Frames
from engine.see.names import product
from engine.see.parts import Box, Edge, Fold, Group
from engine.see.rows import Row, rows, values
from engine.see.subject import Subject
from engine.value import Value


def sketched(subject: Subject, choice: Choice, frames: Frames) -> tuple[list[Box | Fold | Group], list[Edge]]:
    """Return the boxes of a choice in reading order, the output last, and the edges between them.

    >>> from engine.see.modules import Modules
    >>> from engine.see.subject import subject_of
    >>> x = Value(2.0, label="x")
    >>> boxes, edges = sketched(subject_of([x]), Choice({x: None}), Frames(Modules([x])))
    >>> [box.name for box in boxes], edges
    (['x'], [])
    """
    sketch = _Sketch(subject, choice, frames)
    return list(sketch.parts()), sketch.arrivals.edges()


class _Sketch:
    """Where the nodes of one choice stand: `places` holds the keys of their boxes."""

    def __init__(self, subject: Subject, choice: Choice, frames: Frames) -> None:
        self.subject, self.choice, self.frames = subject, choice, frames
        self.drawn = choice.drawn
        self.own = [node for node in subject.nodes if node in self.drawn]
        self.rows = {node: rows(node, swept=node in subject.swept) for node in self.own}
        self.crowds = {v: crowd for v, crowd in choice.crowds.items() if crowd in choice.reached}
        in_order = dict.fromkeys([self.crowds[v] for v in subject.nodes if v in self.crowds])
        self.keys = {crowd: frames.key(crowd, subject) for crowd in in_order}
        self.places = {node: subject.known[node].key for node in self.own}
        self.places.update({v: self.keys[crowd] for v, crowd in self.crowds.items()})
        self.hidden: dict[str, int] = {}
        for node in self.own:
            self.hide(node)
        self.arrivals = Arrivals(subject, self.places)
        self.used: set[Value] = set()
        for node in subject.nodes:
            self.arrive(node)

    def is_drawn(self, node: Value, number: int) -> bool:
        """Tell whether a row of a node is drawn."""
        positions = self.drawn[node]
        return positions is None or number in positions

    def folded(self, node: Value) -> list[Row]:
        """Return the rows of a node that are not drawn though they are part of what is to be drawn."""
        if self.drawn[node] is None:
            return []
        known = set(self.subject.operands[node])
        rest = [row for i, row in enumerate(self.rows[node]) if not self.is_drawn(node, i)]
        return [row for row in rest if any(v in known for v in values([row]))]

    def shown(self, node: Value) -> list[Row]:
        """Return the drawn rows of a node with an operand that stands somewhere."""
        drawn = [row for i, row in enumerate(self.rows[node]) if self.is_drawn(node, i)]
        return [row for row in drawn if any(v in self.places for v in values([row]))]

    def is_expanded(self, node: Value) -> bool:
        """Tell whether a node is drawn as its products and their sum."""
        return self.subject.expand and node.op is ops.dot

    def rest(self, node: Value) -> list[tuple[str, list[Value]]]:
        """Return the folds of a node, for each list or for all, each with the operands that it may hide."""
        key, folded = self.subject.known[node].key, self.folded(node)
        if self.is_expanded(node):
            return [(f"{key}~rest", values(folded))] if folded else []
        return [(f"{key}~rest{i}", values([arms])) for i, arms in enumerate(zip(*folded, strict=True), 1)]

    def hide(self, node: Value) -> None:
        """Put the operands of a node that are drawn nowhere into its folds, with all that is behind them."""
        known = set(self.subject.operands[node])
        for key, operands in self.rest(node):
            stack = [v for v in operands if v in known]
            while stack:
                v = stack.pop()
                if v not in self.places:
                    self.places[v] = key
                    self.hidden[key] = self.hidden.get(key, 0) + (v.op is not None)
                    stack += () if self.choice.cut else self.subject.operands[v]

    def arrive(self, node: Value) -> None:
        """Add the edges into a node, and note what it uses of others."""
        crossing = self.crossing(node)
        self.used.update(crossing)
        if node in self.drawn:
            self.arrive_at_box(node)
        elif crossing and node in self.places and not self.choice.cut:
            flowing = set()
            for step in local_steps(node) if node in self.subject.swept else ():
                if step.input in crossing:
                    flowing.add(step.input)
                    self.arrivals.gathered(node, self.places[node], step.input, step)
            for v in self.subject.operands[node]:
                if v in crossing and v not in flowing:
                    self.arrivals.gathered(node, self.places[node], v, None)

    def crossing(self, node: Value) -> set[Value]:
        """Return the operands of a node that stand elsewhere, or are the results of another call."""
        place, operands = self.places.get(node), self.subject.operands[node]
        others = {v for v in operands if self.places.get(v) != place}
        if node in self.crowds and len(self.crowds[node].calls) > 1:
            calls = self.choice.calls
            others |= {v for v in operands if v not in others and None is not calls[v] != calls[node]}
        return others

    def arrive_at_box(self, node: Value) -> None:
        """Add the edges into a node that is drawn by itself, or into its products and their sum."""
        place, gradient, arrivals = self.places[node], self.subject.gradient(node), self.arrivals
        if self.is_expanded(node):
            for i, row in enumerate(self.shown(node), 1):
                arrivals.row(node, f"{place}~{i}", row)
                arrivals.plain(f"{place}~{i}", place, partial=1.0, upstream=gradient)
            for rest, _ in self.rest(node):
                for v, step, _ in chain.from_iterable(self.folded(node)):
                    if isinstance(v, Value) and self.places.get(v, rest) != rest:
                        arrivals.gathered(node, rest, v, step)
                arrivals.plain(rest, place, partial=1.0, upstream=gradient, size=len(self.folded(node)))
        else:
            for row in self.shown(node) + self.folded(node):
                arrivals.row(node, place, row)
        gap, end = self.gap(node)
        if gap:
            arrivals.plain(place, f"{place}~way")
            arrivals.plain(f"{place}~way", self.places[end])

    def gap(self, node: Value) -> tuple[list[Value], Value]:
        """Return the nodes that are not drawn of the way from a node to the output, and where it goes on."""
        between: list[Value] = []
        end = self.subject.ways.get(node, node)
        while end not in self.places:
            between.append(end)
            end = self.subject.ways[end]
        return between, end

    def parts(self) -> Iterator[Box | Fold | Group]:
        """Yield the boxes; a group stands where its last node would."""
        last = {crowd.members[-1]: crowd for crowd in self.keys}
        for node in self.subject.nodes:
            if node in self.drawn:
                yield from self.folds(node)
                yield from self.products(node)
                yield self.box(node)
            elif node in last:
                yield self.frames.group(last[node], self.keys[last[node]], self.subject, self.used)

    def name(self, node: Value, text: str) -> str:
        """Return the name of a node without what its frame says; "#2", of a second of that name, stays."""
        first, mark, number = text.partition("#")
        return self.frames.name(node, first) + mark + number

    def box(self, node: Value) -> Box:
        """Return the box of a node that is drawn by itself."""
        (text, key), subject = self.subject.known[node], self.subject
        is_sum = subject.expand and node.op in (ops.dot, ops.sum)
        more = any(v not in self.places and subject.ways.get(v) is not node for v in node.inputs)
        return Box(
            key,
            self.name(node, text),
            "+" if is_sum else corner_of(node),
            node.data,
            subject.gradient(node),
            subject.marks.get(node, {}).get(None, ""),
            more,
            self.frames.around(node),
            node in subject.highlight.nodes,
        )

    def folds(self, node: Value) -> Iterator[Fold]:
        """Yield what stands for the operands of a node that are not drawn, and for the way from it."""
        subject, frame = self.subject, self.frames.around(node)
        for key, operands in self.rest(node):
            inside = [v for v in operands if self.places.get(v) == key]
            nodes = self.hidden.get(key, 0)
            if self.is_expanded(node):
                size = len(self.folded(node))
                yield Fold(key, "products", "*", size, size * abs(subject.gradient(node)), frame, nodes)
            elif inside:
                total = sum(abs(subject.gradient(v)) for v in dict.fromkeys(inside))
                first, last = [self.name(v, subject.known[v].text) for v in (inside[0], inside[-1])]
                name = first if first == last else f"{first} … {last}"
                yield Fold(key, name, "", len(inside), total, frame, nodes)
        gap, end = self.gap(node)
        if gap:
            total = sum(abs(subject.gradient(v)) for v in gap)
            name = f"on the way to {subject.known[end].text}"
            yield Fold(f"{self.places[node]}~way", name, "", len(gap), total, nodes=len(gap))

    def products(self, node: Value) -> Iterator[Box]:
        """Yield the products of a dot, whose gradient each is the dot's own."""
        (total, key), known = self.subject.known[node], self.subject.known
        for i, row in enumerate(self.shown(node) if self.is_expanded(node) else (), 1):
            x, y = [operand for operand, _, _ in row]
            number = next((v for v in (x, y) if not isinstance(v, Value)), None)
            yield Box(
                f"{key}~{i}",
                product(x, y, known) or f"{total}.{i}",
                "*" if number is None else f"* {short(number)}",
                math.prod(v.data if isinstance(v, Value) else v for v in (x, y)),
                self.subject.gradient(node),
                cluster=self.frames.around(node),
            )


def corner_of(node: Value) -> str:
    """Return the op of a node with the numbers among its operands: "* 2.0", "3.0 −", "atan2(1.0, ·)".

    >>> corner_of(Value(3.0) * 2)
    '* 2.0'
    """
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
