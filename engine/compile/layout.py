"""Layout: which row of which buffer holds a node, such that what is read together stands together."""

import struct
from collections.abc import Iterable
from typing import Any

from engine.compile.graph import CONSTANT, INPUT, LIN, PARAMETER, Graph
from engine.compile.rectangles import Rectangle
from engine.op import Op
from engine.optional import load

NOTHING = 0
"""The row of V that holds 0.0, with which shorter lists of a group are filled up; its G is never read."""
LOWEST, HIGHEST, ONE = 1, 2, 3
"""The rows of V that hold -inf, inf and 1.0."""


class Layout:
    """The rows of V and P, given out group by group.

    A cell is a row of V as 2 * row, a row of P as 2 * row + 1, so that arrays of cells can be told apart.
    """

    def __init__(self, graph: Graph, varying: list[bool], found: list[Rectangle]) -> None:
        self.graph, self.varying, self.rectangles = graph, varying, found
        self.cells: list[int] = [-1] * len(graph.ops)
        self.sizes = {"V": 4, "P": graph.parameters}
        self.fixed: dict[str, dict[int, float]] = {
            "V": {NOTHING: 0.0, LOWEST: -float("inf"), HIGHEST: float("inf"), ONE: 1.0},
            "P": {},
        }
        self.constants: dict[bytes, int] = {}
        self.ones: dict[int, list[int]] = {}
        self.hints = _hints(graph, found)
        self._ends = {_end(r): number for number, r in enumerate(found) if r.bias is not None}
        self.inputs = [-1] * graph.inputs
        self._leaves()

    def _leaves(self) -> None:
        read = [node for node, op in enumerate(self.graph.ops) if op is INPUT]
        self.place([node for node in self.by_hint(read) if node in self.hints])
        self.place([node for node in read if node not in self.hints])
        for node, op in enumerate(self.graph.ops):
            (first, *_) = self.graph.operands[node]
            if op is PARAMETER:
                self.cells[node] = 2 * first + 1
            elif op is CONSTANT:
                self.cells[node] = self.constant(first)
            elif op is INPUT:
                self.inputs[first] = self.cells[node] // 2

    def rows(self, buffer: str, count: int) -> int:
        """Give out rows of V or P, and return the first of them."""
        first = self.sizes[buffer]
        self.sizes[buffer] += count
        return first

    def constant(self, x: float) -> int:
        """Return the cell of a constant, a row of P; equal bits share one."""
        bits = struct.pack("d", x)
        if bits not in self.constants:
            row = self.rows("P", 1)
            self.fixed["P"][row] = x
            self.constants[bits] = 2 * row + 1
        return self.constants[bits]

    def cell(self, operand: Any) -> int:
        """Return the cell of an operand: a node that has been placed, or a number."""
        return self.cells[operand] if type(operand) is int else self.constant(operand)

    def by_hint(self, nodes: list[int]) -> list[int]:
        """Return nodes in the order in which a matrix product wants them, those without a hint last."""
        return sorted(nodes, key=lambda node: self.hints.get(node, (len(self.rectangles), 0)))

    def place(self, nodes: list[int]) -> range:
        """Give rows to nodes, one after the other; ones follow where a product with a bias reads them."""
        if not nodes:
            return range(0)
        buffer = "V" if self.varying[nodes[0]] else "P"
        first = self.rows(buffer, len(nodes))
        for row, node in enumerate(nodes, first):
            self.cells[node] = 2 * row + (buffer == "P")
            number = self._ends.get(node)
            if number is not None and self._stands(self.rectangles[number], row):
                self._put_ones(number, nodes[row - first + 1 :])
        return range(first, first + len(nodes))

    def _stands(self, rectangle: Rectangle, last: int) -> bool:
        """Return whether the columns of a product stand in its order in the rows up to `last`."""
        _, inner, count = rectangle.shape
        first = last - inner * count + 1
        return all(
            self.cells[rectangle.columns[j][k]] == 2 * (first + k * count + j)
            for k in range(inner)
            for j in range(count)
        )

    def _put_ones(self, number: int, after: list[int]) -> None:
        """Let ones follow the columns of a product, unless other nodes of the group must."""
        if after:
            return
        count = len(self.rectangles[number].columns)
        first = self.rows("V", count)
        self.ones[number] = list(range(first, first + count))
        self.fixed["V"].update({row: 1.0 for row in self.ones[number]})

    def sorted_by_operands(self, nodes: list[int], operands: Iterable[list[int]]) -> list[int]:
        """Return nodes ordered by hint, else by the cells that they read.

        Of several operands the one with the most distinct cells counts first: so a matrix that meets a
        vector keeps its own order.
        """
        np = load("numpy")
        hinted = [node for node in nodes if node in self.hints]
        if len(hinted) == len(nodes):
            return self.by_hint(nodes)
        columns = [np.array(column) for column in operands]
        if not columns or len(nodes) == 1:
            return nodes
        columns.sort(key=lambda column: -len(np.unique(column)))
        return [nodes[i] for i in np.lexsort(columns[::-1])]


def _end(rectangle: Rectangle) -> int:
    return rectangle.columns[-1][-1]


def _hints(graph: Graph, found: list[Rectangle]) -> dict[int, tuple[int, int]]:
    """Return for nodes that are columns of a product their place in it, and for what these are made of.

    The largest product that reads a node decides.
    """
    hints: dict[int, tuple[int, int]] = {}
    by_size = sorted(range(len(found)), key=lambda number: -_size(found[number]))
    for number in by_size:
        rectangle = found[number]
        count = len(rectangle.columns)
        for j, column in enumerate(rectangle.columns):
            for k, node in enumerate(column):
                hints.setdefault(node, (number, k * count + j))
    for node in range(len(graph.ops) - 1, -1, -1):
        op = graph.ops[node]
        if node in hints and (isinstance(op, Op) or op is LIN):
            for operand in graph.operands[node] if isinstance(op, Op) else graph.operands[node][1]:
                if type(operand) is int:
                    hints.setdefault(operand, hints[node])
    return hints


def _size(rectangle: Rectangle) -> int:
    rows, inner, count = rectangle.shape
    return rows * inner * count
