"""Lowering: from Values that were recorded to a Graph."""

from collections.abc import Sequence
from typing import Any

from engine.carrier import Carrier
from engine.compile.graph import CONSTANT, INDEX, INPUT, PARAMETER, SELECT, Form, Graph
from engine.index import Index
from engine.op import Op
from engine.value import Value, make_node


def _entry(table: Sequence[Any], index: Index) -> float:
    index.refuse()


def _is_read(z: Any, table: Sequence[Any], index: Index) -> list[Any]:
    """Return ∂z/∂entry for each entry of a table: 1 for the one that is read, whichever that is."""
    zero, one, places = Value(0.0), Value(1.0), range(len(table))
    return [index.read([one if j == i else zero for j in places], index) for i in places]


READ = Op("select", _entry, _is_read, 0, lists=(True, False))
"""What a recorded read of a table is called while it is recorded; its second operand is an Index."""


def read(table: Sequence[Any], index: Index, *, number: int) -> Any:
    """Record the entry of a table at an index; of a table of lists a list, entry by entry.

    `number` is what the index is in this sample.

    Errors: TypeError for entries that are neither numbers nor lists of one length, IndexError for an index
    that is outside of the table.
    """
    rows = list(table)
    if not number < len(rows):
        within = f"is outside 0 ... {len(rows) - 1}" if rows else "in an empty table"
        raise IndexError(f"select: index {number} {within}")
    if all(isinstance(row, (list, tuple)) for row in rows):
        lengths = {len(row) for row in rows}
        if len(lengths) > 1:
            raise TypeError(f"select: the lists of a table have one length, got {sorted(lengths)}")
        return [read(column, index, number=number) for column in zip(*rows, strict=True)]
    for entry in rows:
        if isinstance(entry, Carrier) and type(entry) is not Value:
            raise TypeError(
                f"select: a recorded index reads numbers and Values, got one of type {type(entry).__name__}; "
                "take engine.grad in place of jvp, or the derivative outside of select"
            )
    entries = tuple([entry if type(entry) is Value else Value(entry) for entry in rows])
    return make_node(entries[number].data, READ, entries, index)


class Lowering:
    """The numbering of one recording: which Values are which nodes, and which leaves are constants."""

    def __init__(self, parameters: Sequence[Value], inputs: Sequence[Value], indices: int) -> None:
        self.ops: list[Op | Form] = [*[PARAMETER] * len(parameters), *[INPUT] * len(inputs)]
        self.operands: list[tuple[Any, ...]] = [
            (k,) for leaves in (parameters, inputs) for k in range(len(leaves))
        ]
        self.codes: dict[Value, Any] = {v: node for node, v in enumerate([*parameters, *inputs])}
        """By Value its node, or for a constant leaf its number. Arguments and parameters stand first."""
        self.constants: list[Value] = []
        self.index_nodes: dict[int, int] = {}
        self.limits = [0] * indices
        self.tuples: dict[int, tuple[Any, ...]] = {}
        """By the id of a tuple of operands that nodes share what it became."""

    def graph(self, outputs: Sequence[Value], parameters: int, inputs: int) -> Graph:
        """Return the graph of everything under the outputs; no recursion."""
        for output in outputs:
            self.visit(output)
        numbers = [self.numbered(output) for output in outputs]
        limits = tuple(self.limits)
        return Graph(self.ops, self.operands, tuple(numbers), parameters, inputs, len(limits), limits)

    def numbered(self, output: Value) -> int:
        """Return the node of an output, which may be a constant."""
        code = self.codes[output]
        return code if type(code) is int else self.append(CONSTANT, (code,))

    def append(self, op: Op | Form, operands: tuple[Any, ...]) -> int:
        """Add a node and return its number."""
        self.ops.append(op)
        self.operands.append(operands)
        return len(self.ops) - 1

    def leaf(self, v: Value) -> float:
        """Return the number of a leaf that is a constant, and is met for the first time."""
        self.constants.append(v)
        self.codes[v] = v.data
        return v.data

    def visit(self, output: Value) -> None:
        """Number all that an output is computed from, operands before results."""
        codes, ops, all_operands, leaf = self.codes, self.ops, self.operands, self.leaf
        get, stack = codes.get, [output]
        push, pop = stack.append, stack.pop
        while stack:
            v = stack[-1]
            if v in codes:
                pop()
                continue
            x, y, op = v.x, v.y, v.op
            if op is None:
                leaf(v)
                pop()
                continue
            if type(x) is Value:
                a = get(x)
                if a is None:
                    if x.op is not None:
                        push(x)
                        continue
                    a = leaf(x)
            elif type(x) is float:
                a = x
            else:
                a = self.listed(x, stack)
                if a is None:
                    continue
            if y is None:
                operands: tuple[Any, ...] = (a,)
            else:
                if type(y) is Value:
                    b = get(y)
                    if b is None:
                        if y.op is not None:
                            push(y)
                            continue
                        b = leaf(y)
                elif type(y) is float:
                    b = y
                elif type(y) is Index:
                    b = self.index(y, len(x))
                else:
                    b = self.listed(y, stack)
                    if b is None:
                        continue
                operands = (a, b)
            codes[v] = len(ops)
            ops.append(SELECT if op is READ else op)
            all_operands.append(operands)
            pop()

    def listed(self, operand: Any, stack: list[Value]) -> tuple[Any, ...] | None:
        """Return the codes of a list operand; None where some of it is put on the stack to be numbered."""
        known = self.tuples.get(id(operand))
        if known is not None:
            return known
        if type(operand) is not tuple:
            made = tuple(operand)  # Floats
        else:
            get, leaf = self.codes.get, self.leaf
            found = [get(v) for v in operand]
            if None in found:
                missing = [v for v, code in zip(operand, found, strict=True) if code is None]
                recorded = [v for v in missing if v.op is not None]
                if recorded:
                    stack.extend(recorded)
                    return None
                for v in missing:
                    if v not in self.codes:
                        leaf(v)
                found = [get(v) for v in operand]
            made = tuple(found)
        self.tuples[id(operand)] = made
        return made

    def index(self, index: Index, length: int) -> int:
        """Return the node of an index that reads a table of some length."""
        k = index.place
        limit = self.limits[k]
        self.limits[k] = min(limit, length) if limit else length
        if k not in self.index_nodes:
            self.index_nodes[k] = self.append(INDEX, (k,))
        return self.index_nodes[k]
