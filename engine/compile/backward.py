"""Straight-line Python source of the reverse pass: what each node hands to its operands."""

from collections.abc import Container, Sequence
from typing import Any

from engine import ops
from engine.compile.graph import LIN, PARAMETER, SELECT, Graph
from engine.compile.order import resolved
from engine.compile.straight import LONGEST, Straight, step_text
from engine.op import Op

FEWEST = 4
"""A sum of fewer products is not worth a question."""
ROW = 20
"""So many names stand in one line of source."""


class ReverseLines:
    """The lines of the reverse pass: each node hands its gradient to its operands.

    `active` nodes depend on a parameter. The gradients of `kept` nodes, and those of parameters, stand in
    variables that live from sample to sample: `a3`, or `G[3]` for the parameters that tables hold. `gated`
    are sums whose gradient is often 0: they hand nothing on then, if they are finite, for 0 * inf is nan.
    What is times a constant 0, as the slope of step, is left out, but in the order of an eager sweep.
    """

    def __init__(self, straight: Straight, kept: Container[int] = (), gated: Container[int] = ()) -> None:
        self.straight, self.graph, self.kept, self.gated = straight, straight.graph, kept, gated
        self.active = active(self.graph)
        self.gradient: dict[int, list[str]] = {}
        """By node what was added to its gradient, until the node's turn comes."""
        self.sums: dict[str, list[str]] = {}
        """By variable that lives from sample to sample what this sample adds to it."""

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
            if k in self.straight.tables:
                emit(f"G[{k}] += {contribution}")
            else:
                self.sums.setdefault(f"a{k}", []).append(contribution)
        elif op is SELECT and choices is not None:
            self.add_selected(node, contribution)
        elif node in self.kept:
            self.sums.setdefault(f"g{node}", []).append(contribution)
        else:
            self.gradient.setdefault(node, []).append(contribution)

    def flush(self) -> None:
        """Write the sums into variables that live from sample to sample."""
        for name, contributions in self.sums.items():
            self.total(name, [name, *contributions])
        self.sums.clear()

    def total(self, name: str, contributions: Sequence[str]) -> None:
        """Write a sum, added up from the left, in pieces where it is long."""
        for first in range(0, len(contributions), LONGEST):
            group = list(contributions[first : first + LONGEST])
            if first:
                group.insert(0, name)
            rest = [f" - {c[1:]}" if c[0] == "-" else f" + {c}" for c in group[1:]]
            self.straight.emit(f"{name} = {group[0]}{''.join(rest)}")

    def add_selected(self, node: int, contribution: str) -> None:
        """Write a contribution straight to the entry of a table of parameters, as eager does."""
        table, index = self.graph.operands[node]
        places = self.straight.places(table)
        assert places is not None
        step = step_text(places, self.straight.text[index], self.straight.names)
        self.straight.emit(f"G[{step}] += {contribution}")

    def node(self, node: int) -> None:
        """Write what a node hands to its operands, in the order of an eager sweep."""
        upstream = f"g{node}"
        if node not in self.kept:
            contributions = self.gradient.pop(node, [])
            if not contributions:
                return
            if len(contributions) == 1 and contributions[0].isidentifier():
                upstream = contributions[0]
            else:
                self.total(upstream, contributions)
        op, operands = self.graph.ops[node], self.graph.operands[node]
        if op is LIN and node in self.gated:
            self.gate(node, upstream, operands)
        elif op is LIN:
            self.lin(upstream, operands)
        elif op is SELECT:
            self.select(upstream, operands)
        elif isinstance(op, Op):
            self.op(node, upstream, operands)

    def op(self, node: int, upstream: str, operands: tuple[Any, ...]) -> None:
        """Write the contributions of a row."""
        walks = []
        is_whole = self.straight.choices is not None
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
                if type(target) is int and self.active[target] and (is_whole or partial != "0.0"):
                    self.add(target, upstream, partial)

    def lin(self, upstream: str, operands: tuple[Any, ...]) -> None:
        """Write the contributions of a sum of terms and products."""
        told, active = self.straight.told, self.active
        for n in operands[1]:
            if active[n]:
                self.add(n, upstream, "1.0")
        for x, y in zip(*operands[2:], strict=True):
            if type(x) is int and active[x]:
                self.add(x, upstream, told(y))
            if type(y) is int and active[y]:
                self.add(y, upstream, told(x))

    def gate(self, node: int, upstream: str, operands: tuple[Any, ...]) -> None:
        """Write the contributions of a sum where its gradient is not 0, or the sum itself not finite."""
        lines: list[str] = []
        begin: list[str] = []
        told, z = self.straight.told, self.straight.text[node]
        edges = [(n, "1.0") for n in operands[1]]
        edges += [pair for x, y in zip(*operands[2:], strict=True) for pair in ((x, told(y)), (y, told(x)))]
        for target, partial in edges:
            if type(target) is not int or not self.active[target]:
                continue
            contribution = product(upstream, partial)
            if self.graph.ops[target] is PARAMETER:
                k = self.graph.operands[target][0]
                name = f"G[{k}]" if k in self.straight.tables else f"a{k}"
            else:
                name = f"g{target}"
                if target not in self.kept and name not in self.gradient.setdefault(target, []):
                    self.gradient[target].insert(0, name)
                    begin.append(name)
            lines.append(f"    {name} += {contribution}")
        for first in range(0, len(begin), ROW):
            self.straight.emit(f"{' = '.join(begin[first : first + ROW])} = 0.0")
        self.straight.emit(f"if {upstream} or {z} - {z}:")
        self.straight.lines += lines

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


def gated(graph: Graph) -> set[int]:
    """Return the longer sums that only a relu reads, be it through other ops: their gradient is often 0."""
    readers: list[list[int]] = [[] for _ in graph.ops]
    for node, reads in enumerate(graph.all_reads()):
        for n in reads:
            readers[n].append(node)
    found: set[int] = set()
    opens = [False] * len(graph.ops)
    for node in range(len(graph.ops) - 1, -1, -1):
        op = graph.ops[node]
        alone = readers[node][0] if len(readers[node]) == 1 else None
        if alone is None or not isinstance(op, Op) and op is not LIN:
            continue
        opens[node] = graph.ops[alone] is ops.relu or opens[alone]
        if opens[node] and op is LIN and len(graph.operands[node][2]) >= FEWEST:
            found.add(node)
    return found


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
