"""An optimizer's rule on whole vectors: one call an op, what depends on numbers alone computed once."""

from collections.abc import Callable
from typing import Any

from engine import ops
from engine.compile.emitter import Array, Emitter, whole
from engine.compile.graph import CONSTANT, INPUT, LIN, Graph
from engine.compile.instructions import flat
from engine.compile.machine import aligned, namespace, view_of
from engine.compile.spelled import spelled
from engine.compile.vector_rows import emit_row
from engine.optional import load


def rule(graph: Graph, vectors: int, length: int) -> Callable[..., None]:
    """Return run(vectors, numbers, outs) for vectors of one length; it writes the outputs into `outs`.

    >>> import numpy as np
    >>> step = Graph([INPUT, INPUT, ops.mul], [(0,), (1,), (0, 1)], (2,), inputs=2)
    >>> out = np.empty(2)
    >>> rule(step, 1, 2)([np.array([1.0, 2.0])], [0.5], [out])
    >>> out
    array([0.5, 1. ])
    """
    made = Rule(spelled(graph), vectors, length)
    return made.bound()


class Rule:
    """The code of a rule under construction: a register for each node, an array or the text of a number."""

    def __init__(self, graph: Graph, vectors: int, length: int) -> None:
        self.graph, self.vectors, self.length = graph, vectors, length
        self.emitter = Emitter({}, 1, {})
        self.registers: list[Any] = []
        self.given = [whole(f"X{i}", (length,)) for i in range(vectors)]
        self.outs = [whole(f"O{i}", (length,)) for i in range(len(graph.outputs))]
        for array in self.given + self.outs:
            self.emitter.arrays[array] = array.buffer.lower()
        for node in range(len(graph.ops)):
            self.registers.append(self._register(node))
        for out, node in zip(self.outs, graph.outputs, strict=True):
            if self.registers[node] != out:
                self._copy(out, self.registers[node])

    def _copy(self, out: Array, x: Any) -> None:
        self.emitter.lines.append(f"copyto({self.emitter.name(out)}, {self.emitter.text(x)})")

    def _register(self, node: int) -> Any:
        """Emit a node and return what holds it."""
        op, operands = self.graph.ops[node], self.graph.operands[node]
        if op is INPUT:
            (k,) = operands
            return self.given[k] if k < self.vectors else f"numbers[{k - self.vectors}]"
        if op is CONSTANT:
            return operands[0]
        found = tuple([self._found(x) for x in operands])
        if op is LIN:
            return self._sum(node, *found)
        if not any(isinstance(x, Array) for x in flat(found)):
            return self._number(op, found)
        out = self._room(node)
        emit_row(self.emitter, op, found, out)  # type: ignore[arg-type]
        return out

    def _room(self, node: int) -> Array:
        """Return where a node goes: to the output that it is, else to scratch."""
        if self.graph.outputs.count(node) == 1:
            return self.outs[self.graph.outputs.index(node)]
        return self.emitter.scratch((self.length,))

    def _found(self, operand: Any) -> Any:
        if type(operand) is tuple:
            return tuple([self._found(x) for x in operand])
        return self.registers[operand] if type(operand) is int else operand

    def _number(self, op: Any, operands: tuple[Any, ...]) -> str:
        """Emit an op on numbers alone, by its own function."""
        name = f"n{len(self.registers)}_{len(self.emitter.lines)}"
        texts = [self._text(x) for x in operands]
        self.emitter.lines.append(
            f"{name} = {self.emitter.constant(op.evaluate, op.name)}({', '.join(texts)})"
        )
        return name

    def _text(self, operand: Any) -> str:
        if type(operand) is tuple:
            return f"({''.join(self._text(x) + ', ' for x in operand)})"
        return self.emitter.text(operand)

    def _sum(
        self, node: int, constant: float, terms: tuple[Any, ...], xs: tuple[Any, ...], ys: tuple[Any, ...]
    ) -> Any:
        """Emit a sum: numbers alone first, then the products, the first of them where the sum goes."""
        products = list(zip(xs, ys, strict=True))
        numbers: list[Any] = [constant] if constant or not (terms or products) else []
        numbers += [x for x in terms if not isinstance(x, Array)]
        numbers += [self._number(ops.mul, pair) for pair in products if not _has_array(pair)]
        total: Any = numbers[0] if numbers else None
        for x in numbers[1:]:
            total = self._number(ops.add, (total, x))
        arrays = [x for x in terms if isinstance(x, Array)]
        pairs = [pair for pair in products if _has_array(pair)]
        if not arrays and not pairs:
            return total
        out = self._room(node)
        made = [out, *(self.emitter.scratch((self.length,)) for _ in pairs[1:])][: len(pairs)]
        for (x, y), product in zip(pairs, made, strict=True):
            self.emitter.call("multiply", x, y, out=product)
        parts: list[Any] = made + arrays
        if total is None:
            total, *parts = parts
        for x in parts:
            self.emitter.call("add", total, x, out=out)
            total = out
        if total != out:
            self._copy(out, total)
        return out

    def bound(self) -> Callable[..., None]:
        """Return the code as a function."""
        np = load("numpy")
        buffers = {name: aligned(np.empty, size) for name, size in self.emitter.sizes.items()}
        names = namespace(np) | self.emitter.constants
        given = set(self.given + self.outs)
        names |= {t: view_of(a, buffers) for a, t in self.emitter.arrays.items() if a not in given}
        heads = [f"{', '.join(a.buffer.lower() for a in self.given)}, = vectors"] if self.given else []
        heads.append(f"{', '.join(a.buffer.lower() for a in self.outs)}, = outs")
        body = "\n    ".join([*heads, *self.emitter.lines])
        exec(compile(f"def rule(vectors, numbers, outs):\n    {body}", "<rule>", "exec"), names)
        made: Callable[..., None] = names["rule"]
        return made


def _has_array(pair: tuple[Any, Any]) -> bool:
    return isinstance(pair[0], Array) or isinstance(pair[1], Array)
