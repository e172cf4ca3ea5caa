"""What a page tells of a computation, as plain data: its nodes, what happens, the rules, the sources."""

import json
import math
from collections.abc import Hashable, Sequence
from itertools import count
from types import SimpleNamespace
from typing import Any

from engine import ops
from engine.op import Op
from engine.see.digits import short
from engine.see.ledger import Entries
from engine.see.mathml import CLOSE, END, OPEN, START, called, is_sum, mathml
from engine.see.names import Name, elided, is_plain
from engine.see.slots import Slot, freed
from engine.see.spelling import rule_of, typed
from engine.see.telling import happened, parts, rule, source_of
from engine.see.trail import Event, Place, Product, Recorded, Swept, Vertex, products
from engine.symbol import SUBSCRIPTS, Symbol, partial_formula, written
from engine.value import Value

MOST_ELEMENTS = 6
"""So many elements of a list are spelled out in a formula."""
MOST_IN_LINE = 2
"""In the ledger."""
LONGEST_LINE = 60
"""A line of source up to this length stands in the ledger whole, of a longer one the expression alone."""

Data = dict[str, Any]


class Story:
    """The data of a page, put together event by event; what many events share is held once.

    `data` holds nodes, events, laws (formulas of values and of partials) and sources; events name them by
    their places in these lists. `formulas` are MathML, which nodes and laws name by their places, too. In
    texts and formulas, places of numbers are left free.

    >>> from engine.see.ledger import entries
    >>> story = Story(entries(Value(2.0, "x") * 3))
    >>> [node["name"] for node in story.data["nodes"]], len(story.data["events"])
    (['x', 'x*3'], 3)
    """

    def __init__(self, found: Entries) -> None:
        self.found = found
        self.places: dict[Vertex, int] = {vertex: i for i, vertex in enumerate(found.names)}
        self.expanded = any(isinstance(vertex, Product) for vertex in found.names)
        self._laws: dict[Hashable, int] = {}
        self._sources: dict[Hashable, int] = {}
        self._texts: dict[str, int] = {}
        self.formulas: dict[str, int] = {}
        self.data: Data = {"laws": [], "sources": [], "records": len(found.records)}
        self.data["nodes"] = [self._node(vertex) for vertex in found.names]
        last = {_receiver(event): i for i, event in enumerate(found.events) if isinstance(event, Swept)}
        texts = [row.source for row in found.records] + [row.source for row in found.rows]
        self.data["events"] = [
            self._event(event, text, complete=last.get(_receiver(event)) == i)
            for i, event, text in zip(count(), found.events, texts, strict=False)
        ]
        self.data["texts"] = list(self._texts)

    def _node(self, vertex: Vertex) -> Data:
        name, key = self.found.names[vertex]
        node: Data = {"name": elided(name), "math": self._formula(called(name)), "value": vertex.data}
        if elided(name) != name:
            node["full"] = name
        if is_sum(name):
            node["sum"] = True
        if name == key and vertex.op is not None and name not in ("", getattr(vertex, "label", "")):
            expression = typed(vertex, vertex.op, self.found.names)
            if key.startswith("v") and key[1:].isdigit():
                node["where"] = elided(expression, LONGEST_LINE)
        if "." in name and is_plain(name):
            node["where"] = name
        if vertex.op is not None:
            node["args"] = [self._operand(v) for v in self._operands(vertex)]
        return node

    def _operands(self, vertex: Vertex) -> tuple[Any, ...]:
        """Return the operands of a node; of a dot that is spelled out, its products."""
        pieces = products(vertex) if self.expanded and isinstance(vertex, Value) else []
        return (tuple(pieces),) if pieces else _operands(vertex)

    def _operand(self, operand: Any) -> Any:
        if isinstance(operand, Value | Product):
            return self.places[operand]
        if isinstance(operand, tuple):
            return [self._operand(v) for v in operand]
        return {"is": operand}

    def _event(self, event: Event, text: str, *, complete: bool) -> Data:
        names = self.found.names
        data: Data = {"node": self.places[event.node], "source": self._source(event, text)}
        if isinstance(event, Recorded):
            said = happened(event, names, before=0.0, complete=False)
            data["say"] = self._text(said.removesuffix(f"{short(event.node.data)}.") + f"{START}z{END}.")
            data["op"] = event.op.symbol
            data["law"] = self._recorded(event)
            return data
        data["numbers"] = list(event[4:])
        data["say"] = self._said(event, complete)
        if event.op is not None and event.place is not None and event.input is not None:
            data["to"], data["op"] = self.places[event.input], event.op.symbol
            data["law"] = self._partial(event.op, event.place)
            here = rule(Swept(_free(event.node), *event[1:])).partition("; ")[2]
            if here:
                data["here"] = freed(here)
        return data

    def _said(self, event: Swept, complete: bool) -> int:
        """Return the place of the sentence on a step, its names and numbers left free."""
        slots = [Slot(place) for place in ("upstream", "partial", "contribution", "after")]
        names: dict[Vertex, Name] = {event.node: Name(f"{START}node{END}", "")}
        if event.input is not None:
            names[event.input] = Name(f"{START}to{END}", "")
        free = Swept(*event[:4], *slots)
        return self._text(freed(happened(free, names, before=Slot("before"), complete=complete)))

    def _text(self, text: str) -> int:
        return self._texts.setdefault(text, len(self._texts))

    def _recorded(self, event: Recorded) -> int:
        """Return the place of z = op(x, y) in free places, the textbook form of what is computed."""
        sizes = tuple([len(v) if _is_list(v) else 0 for v in self._operands(event.node)])
        key = "value", event.op, sizes
        if key not in self._laws:
            self._laws[key] = len(self.data["laws"])
            shorter = [_beginning(sizes, most) for most in (MOST_ELEMENTS, MOST_IN_LINE)]
            whole, line = _value(event.op, *shorter[0], START, END), _value(event.op, *shorter[1])
            self._add_law(bare(mathml(whole)), mathml(line))
        return self._laws[key]

    def _partial(self, op: Op, place: Place) -> int:
        """Return the place of ∂z/∂x = ..., as it stands in the rule and, shorter, in the ledger."""
        key = "partial", op, place
        if key not in self._laws:
            self._laws[key] = len(self.data["laws"])
            latex = partial_formula(op, *place).latex
            letter = mathml(rule_of(op, *place).partition("=")[0].strip()[len("∂z/∂") :])
            shown = range(1, 3) if isinstance(op, ops.Where) else [place[1] + 1]
            lists = tuple([shown if is_list else () for is_list in op.lists])
            value = mathml(_value(op, lists, any(op.lists) and len(shown) == 1))
            over, slope = f"<mrow><mi>∂</mi>{OPEN}{value}{CLOSE}</mrow>", mathml(latex)
            whole = f"<mfrac>{over}<mrow><mi>∂</mi>{letter}</mrow></mfrac><mo>=</mo>{slope}"
            line = f'<mi>∂</mi><mi>z</mi><mo lspace="0" rspace="0">/</mo><mi>∂</mi>{letter}<mo>=</mo>{slope}'
            self._add_law(whole, line)
        return self._laws[key]

    def _add_law(self, whole: str, line: str) -> None:
        self.data["laws"].append({"math": self._formula(whole), "line": self._formula(line)})

    def _formula(self, inside: str) -> int:
        return self.formulas.setdefault(inside, len(self.formulas))

    def _source(self, event: Event, text: str) -> int:
        found = source_of(event)
        key = found if found is not None else text
        if key not in self._sources:
            self._sources[key] = len(self.data["sources"])
            lines = [("", text, "")]
            if found is not None:
                lines = [(line[:a], line[a:b], line[b:]) for line, a, b in parts(found)]
            one = len(lines) == 1 and sum(map(len, lines[0])) <= LONGEST_LINE
            source: Data = {"place": found.place if found else "", "lines": lines}
            if not one:
                source["short"] = elided(text, LONGEST_LINE)
            self.data["sources"].append(source)
        return self._sources[key]


def bare(law: str) -> str:
    """Return a formula in which a free place that stands alone in brackets says so: it needs no second pair.

    >>> bare(f"{OPEN}{START}x{END}{CLOSE}") == f"{OPEN}{START}x!{END}{CLOSE}"
    True
    """
    pieces = law.split(f"{OPEN}{START}")
    for i, piece in enumerate(pieces[1:], 1):
        place, end, rest = piece.partition(END)
        pieces[i] = f"{place}!{end}{rest}" if rest.startswith(CLOSE) else piece
    return f"{OPEN}{START}".join(pieces)


def _beginning(sizes: Sequence[int], most: int) -> tuple[tuple[Sequence[int], ...], bool]:
    """Return the numbers of the first elements of lists, and whether there are more."""
    return tuple([range(1, min(size, most) + 1) for size in sizes]), max(sizes) > most


def _value(op: Op, lists: tuple[Sequence[int], ...], more: bool, start: str = "", end: str = "") -> str:
    """Return the LaTeX of an op, its operands between `start` and `end`; a dot is the sum of its products.

    `lists` holds for each operand the numbers of those of its elements that are written, none where it is no
    list; with `more` there are others.
    """
    operands: list[Any] = []
    for letter, shown in zip("xy", lists, strict=False):
        numbers = [str(i) if start else str(i).translate(SUBSCRIPTS) for i in shown]
        elements = [Symbol(f"{start}{letter}{number}{end}") for number in numbers]
        operands.append(tuple(elements) if shown else Symbol(f"{start}{letter}{end}"))
    if op in (ops.dot, ops.sum):
        terms = [x * y for x, y in zip(*operands, strict=True)] if op is ops.dot else operands[0]
        return " + ".join([term.latex for term in terms] + ["…"] * more)
    if more:
        operands = [(*v, Symbol("…")) if isinstance(v, tuple) else v for v in operands]
    return written(Symbol.apply(op, tuple(operands))).latex


def _free(vertex: Vertex) -> Any:
    """Return what stands for a node where a rule asks for its numbers: slots."""
    operands = [
        tuple([Slot(f"{letter}{i}") for i in range(1, len(v) + 1)]) if _is_list(v) else Slot(letter)
        for letter, v in zip("xy", _operands(vertex), strict=False)
    ]
    x, y = (*operands, None, None)[:2]
    return SimpleNamespace(x=x, y=y, data=Slot("z"), op=vertex.op)


def _is_list(operand: object) -> bool:
    return isinstance(operand, tuple) and not isinstance(operand, Product)


def _operands(vertex: Vertex) -> tuple[Any, ...]:
    return (vertex.x, vertex.y)[: vertex.op.arity] if vertex.op is not None else ()


def _receiver(event: Event) -> Vertex | None:
    if isinstance(event, Recorded):
        return None
    return event.node if event.input is None else event.input


def packed(data: Any) -> str:
    """Return data as JSON that may stand inside a script element: no <, > or &; nan and inf are texts.

    >>> packed({"name": "</script>", "value": float("nan")})
    '{"name":"\\\\u003c/script\\\\u003e","value":"nan"}'
    """
    text = json.dumps(_plain(data), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _plain(data: Any) -> Any:
    """Return data whose floats JSON can hold; its depth is that of a page's data, four."""
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    return [_plain(value) for value in data] if isinstance(data, list | tuple) else data
