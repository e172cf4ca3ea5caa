"""Planning: a graph as a list of array instructions."""

import math
from collections.abc import Sequence
from typing import Any

from engine import ops
from engine.collector import paused_gc
from engine.compile.graph import LIN, SELECT, Graph
from engine.compile.groups import Arrangement, Group, arranged
from engine.compile.instructions import (
    Dot,
    Instruction,
    Let,
    Loop,
    Matrix,
    Pick,
    Plan,
    View,
    flat,
    numbered,
    shape_of,
)
from engine.compile.layout import HIGHEST, LOWEST, NOTHING, ONE, Layout
from engine.compile.rectangles import Order, Rectangle, rectangles
from engine.compile.reverse import reversed_plan
from engine.compile.spelled import FOLDS
from engine.compile.sums import Factors, Sum
from engine.optional import load


def plan(graph: Graph, *, gradient: bool = True) -> Plan:
    """Return a graph as instructions, forward and, for the gradient of its first output, reverse.

    >>> from engine.compile.graph import INPUT, PARAMETER
    >>> made = plan(Graph([PARAMETER, INPUT, ops.mul], [(0,), (0,), (0, 1)], (2,), parameters=1, inputs=1))
    >>> [type(instruction).__name__ for instruction in made.forward + made.reverse]
    ['Loop', 'Loop']
    """
    return planned(arranged(graph), gradient=gradient)


@paused_gc()
def planned(arrangement: Arrangement, *, gradient: bool = True) -> Plan:
    """Return an arranged graph as instructions, as `plan` does; the groups are used up."""
    forward = _forward(arrangement)
    return reversed_plan(forward) if gradient else forward


def _forward(arrangement: Arrangement) -> Plan:
    """Return the forward pass; what is needed to make it is gone before there is a reverse pass."""
    np = load("numpy")
    graph = arrangement.graph
    made = Planner(arrangement)
    made.run()
    layout = made.layout
    outputs = tuple([("VP"[cell % 2], cell // 2) for cell in map(layout.cell, made.graph.outputs)])
    for x in (0.0, 1.0):  # the reverse pass may need them
        layout.constant(x)
    inputs = np.array(layout.inputs, dtype=np.intp)
    sizes, fixed = layout.sizes, layout.fixed
    return Plan(made.instructions, [], sizes, fixed, inputs, outputs, None, graph.parameters, graph.indices)


class Planner:
    """The instructions of a graph under construction, group by group."""

    def __init__(self, arrangement: Arrangement) -> None:
        graph, varying = arrangement.graph, arrangement.varying
        self.graph = graph
        self.groups: list[tuple[Group, list[Rectangle], list[int]]] = []
        self.matrices: dict[Any, Any] = {}
        """By weights the matrix that they are: products share it."""
        in_order = Order(graph)
        for group in arrangement.groups:
            products, rest = rectangles(graph, group, in_order) if group.op is LIN else ([], [])
            self.groups.append((group, products, rest))
        arrangement.groups.clear()  # there may be many: each is dropped when it has been emitted
        found = [product for _, products, _ in self.groups for product in products]
        self.numbers = {id(product): number for number, product in enumerate(found)}
        self.layout = Layout(graph, varying, found)
        self.instructions: list[Instruction] = []

    def run(self) -> None:
        """Place every group and emit what computes it."""
        self.groups.reverse()
        while self.groups:
            group, products, rest = self.groups.pop()
            if group.op is LIN:
                self._sums(group, products, rest)
            elif group.op is SELECT:
                self._selects(group)
            elif group.op in FOLDS:
                self._folds(group)
            else:
                self._rows(group)

    def view(self, cells: Any) -> View:
        """Return the view of an array of cells, all of one buffer."""
        return View("VP"[int(cells.flat[0]) % 2], cells // 2)

    def cells(self, operands: Sequence[Any]) -> Any:
        """Return the cells of operands, as an array."""
        return load("numpy").array([self.layout.cell(x) for x in operands], dtype="intp")

    def placed(self, group: Group, nodes: list[int], operands: list[list[int]]) -> tuple[list[int], View]:
        """Order nodes, place them, and return them with the view of their rows."""
        np = load("numpy")
        nodes = self.layout.sorted_by_operands(nodes, operands)
        rows = self.layout.place(nodes)
        return nodes, View("V" if group.varying else "P", np.arange(rows.start, rows.stop))

    # rows of the table and users' ops
    def _rows(self, group: Group) -> None:
        """Emit one Loop whose registers are the operands, the elements of lists one by one."""
        items = {node: flat(self.graph.operands[node]) for node in group.nodes}
        columns = [[self.layout.cell(x) for x in column] for column in zip(*items.values(), strict=True)]
        nodes, write = self.placed(group, group.nodes, columns)
        reads = tuple(
            self.view(self.cells(column)) for column in zip(*[items[n] for n in nodes], strict=True)
        )
        let = Let(group.op, numbered(shape_of(self.graph.operands[nodes[0]])))
        self.instructions.append(Loop(reads, (let,), write))

    def _folds(self, group: Group) -> None:
        """Emit one Loop that folds lists, the shorter ones filled up with what decides nothing."""
        lists = {node: self.cells(self.graph.operands[node][0]) for node in group.nodes}
        if group.varying:
            lists = self._copied(lists, whole=False)
        nodes, write = self.placed(group, group.nodes, [[int(cells[0]) for cells in lists.values()]])
        cell = 2 * (LOWEST if group.op is ops.max else HIGHEST)
        if not group.varying:
            cell = self.layout.constant(-math.inf if group.op is ops.max else math.inf)
        read = self.padded([lists[node] for node in nodes], cell)
        self.instructions.append(Loop((read,), (), write, fold=FOLDS[group.op]))

    def padded(self, lists: list[Any], cell: int) -> View:
        """Return the view [element, node] of lists of cells, the shorter ones filled up with `cell`."""
        np = load("numpy")
        table = np.full((max(map(len, lists)), len(lists)), cell, dtype=np.intp)
        for column, cells in enumerate(lists):
            table[: len(cells), column] = cells
        return self.view(table)

    # tables read at an index
    def _selects(self, group: Group) -> None:
        """Emit one Loop that reads tables whose entries stand at equal distances, after a copy if need be."""
        np = load("numpy")
        tables = {node: self.cells(self.graph.operands[node][0]) for node in group.nodes}
        steps = {node: _step(table) for node, table in tables.items()}
        if None in steps.values() or len(set(steps.values())) > 1:
            tables = self._copied(tables, whole=True)
            steps = dict.fromkeys(tables, 1)
        index = {node: self.graph.operands[self.graph.operands[node][1]][0] for node in group.nodes}
        first = [[int(tables[node][0]) for node in group.nodes], [index[node] for node in group.nodes]]
        nodes, write = self.placed(group, group.nodes, first)
        base = self.view(np.array([tables[node][0] for node in nodes]))
        numbers = np.array([index[node] for node in nodes], dtype=np.intp)
        pick = Pick(numbers, steps[nodes[0]] or 0, len(tables[nodes[0]]))
        self.instructions.append(Loop((View(base.buffer, base.rows, pick),), (), write))

    def _copied(self, tables: dict[int, Any], *, whole: bool) -> dict[int, Any]:
        """Copy the lists of nodes to rows of V of their own: the whole of them, or what is no row of V."""
        np = load("numpy")
        made = {}
        for node, table in tables.items():
            moved = np.arange(len(table)) if whole else np.flatnonzero(table % 2)
            made[node] = table.copy()
            made[node][moved] = 2 * (self.layout.rows("V", len(moved)) + np.arange(len(moved)))
            for odd in (0, 1):
                some = moved[table[moved] % 2 == odd]
                if len(some):
                    write = View("V", made[node][some] // 2)
                    self.instructions.append(Loop((self.view(table[some]),), (), write))
        return made

    # sums
    def _sums(self, group: Group, products: list[Rectangle], rest: list[int]) -> None:
        """Emit the matrix products of a group of sums, then Loops for what is in none."""
        parts = dict(zip(group.nodes, group.sums, strict=True))
        for rectangle in products:
            self._product(group, rectangle, parts)
        if rest:
            nodes = [group.nodes[i] for i in rest]
            firsts = self._firsts([parts[node] for node in nodes])
            nodes, write = self.placed(group, nodes, firsts)
            some = [parts[node] for node in nodes]
            started = self._pairs([s.weighted for s in some], write, False)
            self._remainder(some, write, started, with_fixed=True)

    def _firsts(self, some: list[Sum]) -> list[list[int]]:
        """Return the cells of the first factors and terms of sums, as far as all of them have these."""
        columns: list[tuple[Any, ...]] = []
        lists = "products", "weighted", "scaled", "plain"
        for pairs in ([getattr(s, name) for s in some] for name in lists):
            if all([xs for xs, _ in pairs]):
                columns += [tuple([pair[side][0] for pair in pairs]) for side in (0, 1)]
        for terms in ([s.terms for s in some], [s.fixed for s in some]):
            if all(terms):
                columns.append(tuple([term[0] for term in terms]))
        return [[self.layout.cell(x) for x in column] for column in columns]

    def _product(self, group: Group, rectangle: Rectangle, parts: dict[int, Any]) -> None:
        """Emit the Dot of a rectangle, its bias as one more column of weights against a row of ones."""
        np = load("numpy")
        nodes = [node for row in rectangle.nodes for node in row]
        rows = self.layout.place(nodes)
        write = np.arange(rows.start, rows.stop).reshape(len(rectangle.nodes), -1)
        columns = np.array([[self.layout.cell(x) for x in column] for column in rectangle.columns]).T // 2
        if rectangle.bias is not None:
            ones = self.layout.ones.get(self.numbers[id(rectangle)], [ONE] * len(rectangle.columns))
            columns = np.concatenate([columns, [ones]], axis=0)
        weights = self._weights(rectangle)
        self.instructions.append(Dot(Matrix("P", weights), Matrix("V", columns), Matrix("V", write)))
        some = [parts[node] for node in nodes]
        self._remainder(some, View("V", write.ravel()), True, with_fixed=rectangle.bias is None)

    def _weights(self, rectangle: Rectangle) -> Any:
        """Return the rows of a product's weights, the bias as the last column; equal ones are one array."""
        rows = rectangle.weights
        if rectangle.bias is not None:
            rows = [(*row, b) for row, b in zip(rows, rectangle.bias, strict=True)]
        key = tuple(rows), tuple([float in map(type, row) for row in rows])  # node 1 is not the number 1.0
        found = self.matrices.get(key)
        if found is None or any(key[1]):  # 0.0 and -0.0 are equal, not the same
            cells = [[self.layout.cell(w) for w in row] for row in rows]
            found = self.matrices[key] = load("numpy").array(cells) // 2
        return found

    def _remainder(self, some: list[Sum], write: View, started: bool, with_fixed: bool) -> None:
        """Emit the products and terms of sums that no matrix product computes."""
        started = self._pairs([s.scaled for s in some], write, started)
        started = self._pairs([s.products for s in some], write, started)
        started = self._pairs([s.plain for s in some], write, started)
        started = self._terms([s.terms for s in some], 2 * NOTHING, write, started)
        if with_fixed:
            fixed = [(*s.fixed, s.constant) if s.constant != 0.0 or not s.fixed else s.fixed for s in some]
            needed = not started or any(s.fixed or s.constant != 0.0 for s in some)
            self._terms(fixed if needed else [], self.layout.constant(0.0), write, started)

    def _pairs(self, lists: list[Factors], write: View, started: bool) -> bool:
        """Emit a Loop of products and their sum; return whether `write` holds something then."""
        if not any([xs for xs, _ in lists]):
            return started
        reads = []
        for side in (0, 1):
            cells = [self.cells(pair[side]) for pair in lists]
            odd = next(int(c[0]) % 2 for c in cells if len(c))
            reads.append(self.padded(cells, self.layout.constant(0.0) if odd else 2 * NOTHING))
        self._loop(tuple(reads), (Let(ops.mul, (0, 1)),), write, started)
        return True

    def _terms(self, lists: list[Any], cell: int, write: View, started: bool) -> bool:
        """Emit a Loop that sums terms; return whether `write` holds something then."""
        if not any(lists):
            return started
        self._loop((self.padded([self.cells(terms) for terms in lists], cell),), (), write, started)
        return True

    def _loop(self, reads: tuple[View, ...], lets: tuple[Let, ...], write: View, started: bool) -> None:
        """Emit a Loop over lists, without a fold where each has one element."""
        if reads[0].rows.shape[0] == 1:
            reads = tuple(View(view.buffer, view.rows[0]) for view in reads)
            self.instructions.append(Loop(reads, lets, write, accumulate=started))
        else:
            self.instructions.append(Loop(reads, lets, write, fold="sum", accumulate=started))


def _step(table: Any) -> int | None:
    """Return by how many rows the entries of a table are apart, None where that varies or buffers mix."""
    np = load("numpy")
    if len(set((table % 2).tolist())) > 1:
        return None
    steps = np.unique(np.diff(table // 2))
    return None if len(steps) > 1 else int(steps[0]) if len(steps) else 0
