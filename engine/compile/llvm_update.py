"""An optimizer's rule bound to vectors: one call of compiled code an update."""

from collections.abc import Sequence
from typing import Any

from engine.compile.graph import Graph
from engine.compile.llvm_machine import addresses, own_number, raise_again, run_function
from engine.compile.llvm_rule import rule_kind
from engine.optional import load

KEPT = 32
"""So many vectors are known by their address."""


class Rule:
    """A function of vectors and numbers that runs a graph element by element, for vectors of one length.

    The first output goes to one of two arrays in turn, `turns`, the others to two arrays each.
    """

    def __init__(self, graph: Graph, vectors: int, length: int, width: int, turns: tuple[Any, Any]) -> None:
        np = load("numpy")
        kind, own = rule_kind(graph, vectors, width)
        found, _ = addresses([kind])
        self.own = np.array([own_number(op, shape) for op, shape in own], dtype=np.int32)
        self.calls = np.array([found[kind], self.own.ctypes.data], dtype=np.int64)
        self.turns, self.length = turns, length
        self.rooms = [[np.empty(length) for _ in graph.outputs[1:]] for _ in range(2)]
        self.scalars = np.zeros(max(graph.inputs - vectors, 1))
        self.state = np.zeros(vectors + len(graph.outputs) + 2, dtype=np.int64)
        self.state[-2:] = self.scalars.ctypes.data, length
        self._addresses: dict[int, tuple[Any, int]] = {}
        self._known: list[Any] = [None] * (vectors + len(graph.outputs))
        self._run, self._state, self._calls = run_function(), self.state.ctypes.data, self.calls.ctypes.data

    def __call__(self, given: Sequence[Any], numbers: Sequence[float]) -> list[Any]:
        """Return the new vectors; the next call but one overwrites them."""
        first, second = self.turns
        outs = [second if given[0] is first else first, *self._room(given)]
        for i, array in enumerate([*given, *outs]):
            if self._known[i] is not array:
                self._point(i, array)
        for i, x in enumerate(numbers):
            self.scalars[i] = x
        self._run(self._state, self._calls, 1)
        if len(self.own):
            raise_again()
        return outs

    def _room(self, given: Sequence[Any]) -> list[Any]:
        """Return the arrays for the other outputs: those that are not read."""
        for room in self.rooms:
            if not any(x is y for x in room for y in given):
                return room
        return self.rooms[0]

    def _point(self, i: int, array: Any) -> None:
        """Let the state say where a vector is; the last few are kept, and with them their addresses."""
        found = self._addresses.get(id(array))
        if found is None:
            if len(self._addresses) >= KEPT:
                self._addresses.clear()
            if array.shape != (self.length,):
                raise ValueError(f"a rule for vectors of {self.length} numbers got one of {array.shape}")
            held = load("numpy").ascontiguousarray(array, dtype="float64")
            found = held, held.ctypes.data
            if held is array:
                self._addresses[id(array)] = found
        self._known[i], self.state[i] = found
