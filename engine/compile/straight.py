"""Straight-line Python source of a graph: what computes each node, and each partial from its row."""

from collections.abc import Sequence
from typing import Any

from engine import ops
from engine.compile.fold import is_nothing
from engine.compile.graph import CONSTANT, INDEX, INPUT, PARAMETER, SELECT, Graph
from engine.compile.order import resolved
from engine.compile.texts import Names, Written, is_row, number, scalar_template, traced, value_text
from engine.op import Op

LONGEST = 200
"""A sum of more terms is written in several lines: the compiler of Python nests as deep as a line is long."""


class Straight:
    """The lines of a graph's forward and reverse, node by node.

    `tables` are the parameters that tables hold, whose gradients stand in the list `G` so that an index can
    find them. With `choices`, the indices of a sample, an entry that is read stands for the read, as in
    eager; -1 is an index that is not known. Without, it may be `quick` kernels that compute.
    """

    def __init__(self, graph: Graph, choices: Sequence[int] | None = None, *, quick: bool = False) -> None:
        self.graph = graph
        self.choices = choices
        self.names = Names(quick=quick)
        self.lines: list[str] = []
        self.text: list[Any] = [None] * len(graph.ops)
        """By node what the source calls it."""
        self.temporaries = 0
        self.tables = {
            graph.operands[n][0]
            for op, operands in zip(graph.ops, graph.operands, strict=True)
            if op is SELECT
            for n in operands[0]
            if type(n) is int and graph.ops[n] is PARAMETER
        }
        for node, (op, operands) in enumerate(zip(graph.ops, graph.operands, strict=True)):
            if op is PARAMETER:
                self.text[node] = f"p{operands[0]}"
            elif op is INPUT:
                self.text[node] = f"x{operands[0]}"
            elif op is INDEX:
                self.text[node] = f"i{operands[0]}"
            elif op is CONSTANT:
                self.text[node] = number(operands[0])

    def emit(self, line: str) -> None:
        """Add a line."""
        self.lines.append(line)

    def fresh(self) -> str:
        """Return a new name."""
        self.temporaries += 1
        return f"t{self.temporaries}"

    def told(self, operand: Any) -> Any:
        """Return the text of an operand; a tuple of texts for a list."""
        kind = type(operand)
        if kind is int:
            return self.text[operand]
        if kind is float:
            return number(operand)
        text = self.text
        return tuple([text[x] if type(x) is int else number(x) for x in operand])

    def forward(self, node: int) -> None:
        """Write the line that computes a node."""
        op, operands = self.graph.ops[node], self.graph.operands[node]
        if self.text[node] is not None:
            return
        name = f"v{node}"
        if isinstance(op, Op):
            made = value_text(op, [self.told(operand) for operand in operands], self.names)
            if made.isidentifier():
                name = made
            else:
                self.emit(f"{name} = {made}")
        elif op is SELECT:
            entry = node if self.choices is None else resolved(self.graph, node, self.choices)
            if entry != node:
                name = self.told(entry)
            else:
                self.emit(f"{name} = {self.selected(operands[0], self.text[operands[1]])}")
        else:
            self.total(name, operands)
        self.text[node] = name

    def selected(self, table: tuple[Any, ...], index: str) -> str:
        """Return the text of an entry of a table; parameters are read at a step into their vector."""
        places = self.places(table)
        if places is None:
            return f"({', '.join(self.told(table))},)[{index}]"
        return f"P[{step_text(places, index, self.names)}]"

    def places(self, table: tuple[Any, ...]) -> tuple[int, ...] | None:
        """Return where in the vector of parameters a table's entries lie; None for other entries."""
        graph = self.graph
        if all(type(n) is int and graph.ops[n] is PARAMETER for n in table):
            return tuple([graph.operands[n][0] for n in table])
        return None

    def total(self, name: str, operands: tuple[Any, ...]) -> None:
        """Write a sum of terms and products, in pieces where it is long."""
        constant, terms, xs, ys = operands
        text = self.text
        pieces = [("", text[n]) for n in terms]
        for x, y in zip(xs, ys, strict=True):
            a = text[x] if type(x) is int else x
            b = text[y] if type(y) is int else y
            if a == -1.0 or b == -1.0:
                pieces.append(("-", b if a == -1.0 else a))
            else:
                a, b = (n if type(n) is str else number(n) for n in (a, b))
                pieces.append(("", f"{a} * {b}"))
        if not is_nothing(constant) or not pieces:
            pieces.append(("", number(constant)))
        pieces.sort(key=lambda piece: piece[0] == "-")
        for first in range(0, len(pieces), LONGEST):
            group = pieces[first : first + LONGEST]
            joined = "".join([f" {sign or '+'} {piece}" for sign, piece in group])
            if first == 0:
                joined = joined[3:] if joined[1] == "+" else f"-{joined[3:]}"
                self.emit(f"{name} = {joined}")
            else:
                self.emit(f"{name} = {name}{joined}")

    def partials(self, node: int, index: int) -> Any:
        """Return the text of ∂z/∂operand, one for each element of a list; None where nothing flows."""
        op, operands = self.graph.ops[node], self.graph.operands[node]
        assert isinstance(op, Op)
        partial = op.partials[index]
        if partial is None:
            return None
        operand, z = operands[index], self.text[node]
        if not callable(partial):
            constant = number(partial)
            return (constant,) * len(operand) if type(operand) is tuple else constant
        if op is ops.dot:
            return self.told(operands[1 - index])
        template = scalar_template(op, index)
        texts = [self.told(o) for o in operands]
        if template is not None:
            return template.format(z=z, x=texts[0], y=texts[1] if len(texts) > 1 else "")
        if not is_row(op):
            return self.called(op, index, z, texts, operand)
        trace = traced(op, index, next((len(o) for o in operands if type(o) is tuple), 0))
        written = Written(trace, z, texts, self.names, self.fresh, self.emit)
        slopes = trace.slope if isinstance(trace.slope, (list, tuple)) else [trace.slope]
        written.count(slopes)
        made = [written.text(slope) for slope in slopes]
        if type(operand) is tuple:
            return made if len(made) == len(operand) else made * len(operand)
        return made[0]

    def called(self, op: Op, index: int, z: str, texts: list[Any], operand: Any) -> Any:
        """Write the call of a user's own partial."""
        slope = self.names.function(f"{op.name}_slope", op.float_slope)
        told = [f"({', '.join(t)},)" if isinstance(t, tuple) else t for t in texts]
        name = self.fresh()
        self.emit(f"{name} = {slope}({index}, {z}, ({', '.join(told)},))")
        if type(operand) is not tuple:
            return name
        listed = self.names.function("listed", _listed)
        self.emit(f"{name} = {listed}({name}, {len(operand)})")
        return [f"{name}[{i}]" for i in range(len(operand))]


def _listed(slope: Any, length: int) -> Sequence[float]:
    return slope if isinstance(slope, (list, tuple)) else [slope] * length


def step_text(places: Sequence[int], index: str, names: Names) -> str:
    """Return the text of places[index]: a straight line where the places lie on one.

    >>> step_text([3, 5, 7], "i0", Names())
    '3 + 2 * i0'
    """
    step = places[1] - places[0] if len(places) > 1 else 0
    if all(place == places[0] + step * i for i, place in enumerate(places)):
        return f"{places[0]} + {step} * {index}" if step else str(places[0])
    return f"{names.function('places', tuple(places))}[{index}]"
