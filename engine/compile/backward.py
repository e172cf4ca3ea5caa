"""Straight-line Python source of the reverse pass: what each node hands to its operands."""

from collections.abc import Container
from typing import Any

from engine.compile.graph import LIN, PARAMETER, SELECT, Graph
from engine.compile.order import resolved
from engine.compile.straight import Straight, step_text
from engine.op import Op


class Reverse:
    """The lines of the reverse pass: each node hands its gradient to its operands.

    `active` nodes depend on a parameter. The gradients of `kept` nodes, and those of parameters, stand in
    variables that live from sample to sample: `a3`, or `G[3]` for the parameters that tables hold.
    """

    def __init__(self, straight: Straight, kept: Container[int] = ()) -> None:
        self.straight, self.graph, self.kept = straight, straight.graph, kept
        self.active = active(self.graph)
        self.gradient: dict[int, str] = {}
        """By node what its gradient is called."""

    def seed(self, node: int, text: str) -> None:
        """Begin with the gradient of the output."""
        if self.active[node]:
            self.add(node, text, "1.0")

    def add(self, node: int, upstream: str, partial: str) -> None:
        """Write that upstream * partial is added to a node's gradient."""
        choices = self.straight.choices
        if choices is not None:
            entry = resolved(self.graph, node, choices)
            if type(entry) is not int:
                return
            node = entry
        emit, op = self.straight.emit, self.graph.ops[node]
        contribution = product(upstream, partial)
        if op is PARAMETER:
            k = self.graph.operands[node][0]
            emit(f"{f'G[{k}]' if k in self.straight.tables else f'a{k}'} += {contribution}")
        elif op is SELECT and choices is not None:
            self.add_selected(node, contribution)
        elif node in self.kept:
            emit(f"g{node} += {contribution}")
        elif node not in self.gradient:
            if contribution.isidentifier():
                self.gradient[node] = contribution
            else:
                emit(f"g{node} = {contribution}")
                self.gradient[node] = f"g{node}"
        else:
            emit(f"g{node} = {self.gradient[node]} + {contribution}")
            self.gradient[node] = f"g{node}"

    def add_selected(self, node: int, contribution: str) -> None:
        """Write a contribution straight to the entry of a table of parameters, as eager does."""
        table, index = self.graph.operands[node]
        places = self.straight.places(table)
        assert places is not None
        step = step_text(places, self.straight.text[index], self.straight.names)
        self.straight.emit(f"G[{step}] += {contribution}")

    def node(self, node: int) -> None:
        """Write what a node hands to its operands, in the order of an eager sweep."""
        upstream = f"g{node}" if node in self.kept else self.gradient.pop(node, "")
        if not upstream:
            return
        op, operands = self.graph.ops[node], self.graph.operands[node]
        if op is LIN:
            self.lin(upstream, operands)
        elif op is SELECT:
            self.select(upstream, operands)
        elif isinstance(op, Op):
            self.op(node, upstream, operands)

    def op(self, node: int, upstream: str, operands: tuple[Any, ...]) -> None:
        """Write the contributions of a row."""
        walks = []
        for index, operand in enumerate(operands):
            targets = operand if type(operand) is tuple else (operand,)
            if not any([type(n) is int and self.active[n] for n in targets]):
                continue
            partial = self.straight.partials(node, index)
            if partial is not None:
                walks.append(
                    list(zip(targets, partial if type(operand) is tuple else [partial], strict=True))
                )
        if len(walks) == 2 and len(walks[0]) == len(walks[1]):
            walks = [[edge for pair in zip(*walks, strict=True) for edge in pair]]
        for walk in walks:
            for target, partial in walk:
                if type(target) is int and self.active[target] and partial != "0.0":
                    self.add(target, upstream, partial)

    def lin(self, upstream: str, operands: tuple[Any, ...]) -> None:
        """Write the contributions of a sum of terms and products."""
        told, active = self.straight.told, self.active
        for n in operands[1]:
            if active[n]:
                self.add(n, upstream, "1.0")
        for x, y in operands[2]:
            if type(x) is int and active[x]:
                self.add(x, upstream, told(y))
            if type(y) is int and active[y]:
                self.add(y, upstream, told(x))

    def select(self, upstream: str, operands: tuple[Any, ...]) -> None:
        """Write the gradient of a read of a table: it goes to the entry at the index alone."""
        table, index = operands
        places, text = self.straight.places(table), self.straight.text[index]
        if places is not None:
            self.straight.emit(f"G[{step_text(places, text, self.straight.names)}] += {upstream}")
            return
        name = self.straight.fresh()
        self.straight.emit(f"{name} = [0.0] * {len(table)}")
        self.straight.emit(f"{name}[{text}] = {upstream}")
        for i, n in enumerate(table):
            if type(n) is int and self.active[n]:
                self.add(n, f"{name}[{i}]", "1.0")


def product(upstream: str, partial: str) -> str:
    """Return the text of upstream * partial.

    >>> product("g", "1.0"), product("g", "-1.0"), product("g", "x")
    ('g', '-g', 'g * x')
    """
    if partial == "1.0":
        return upstream
    return f"-{upstream}" if partial == "-1.0" else f"{upstream} * {partial}"


def active(graph: Graph) -> list[bool]:
    """Return for each node whether it depends on a parameter through what passes a gradient."""
    found: list[bool] = []
    for op, reads in zip(graph.ops, graph.all_reads(), strict=True):
        passes = not (isinstance(op, Op) and None in op.partials)
        found.append(op is PARAMETER or (passes and any([found[n] for n in reads])))
    return found
