"""An optimizer's rule bound to vectors: one call of compiled code an update."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.compile.graph import Graph
from engine.compile.llvm_kernel import SLOTS
from engine.compile.llvm_machine import ADDRESSES, had, name_of, own_number, raise_again, run_function
from engine.compile.llvm_rule import rule_kind
from engine.optional import load

KEPT = 32
"""So many lists of vectors are known by their addresses."""


class Rule:
    """A function of vectors and numbers that runs a graph element by element, for vectors of one length.

    The first output goes to one of two arrays in turn, what `turns` gives, the others to two arrays each.
    """

    def __init__(
        self, graph: Graph, vectors: int, length: int, width: int, turns: Callable[[], tuple[Any, Any]]
    ) -> None:
        np = load("numpy")
        kind, own = rule_kind(graph, vectors, width)
        name = name_of(kind, width)
        had({name: kind}, width)
        self.own = np.array([own_number(op, shape) for op, shape in own], dtype=np.int32)
        self.calls_back = len(own) > 0
        self.calls = np.array([ADDRESSES[name], self.own.ctypes.data], dtype=np.int64)
        self.turns, self.length = turns, length
        self.rooms = [[np.empty(length) for _ in graph.outputs[1:]] for _ in range(2)]
        self.scalars = np.zeros(max(graph.inputs - vectors, 1))
        self._scalars: Any = memoryview(self.scalars)
        self._run = run_function()
        self._numbers: Sequence[float] = ()
        self._known: dict[tuple[int, ...], Bound] = {}

    def __call__(self, given: Sequence[Any], numbers: Sequence[float]) -> list[Any]:
        """Return the new vectors; the next call but one overwrites them."""
        bound = self.bound(given, numbers)
        self._run(bound.job)
        if self.calls_back:
            raise_again()
        return list(bound.outs)

    def bound(self, given: Sequence[Any], numbers: Sequence[float]) -> "Bound":
        """Return where it finds vectors and numbers, and where its outputs go."""
        if numbers != self._numbers:
            self._numbers = list(numbers)
            for i, x in enumerate(numbers):
                self._scalars[i] = x
        return self._known.get(tuple(map(id, given))) or self._bound(given)

    def _room(self, given: Sequence[Any]) -> list[Any]:
        """Return the arrays for the other outputs: those that are not read."""
        for room in self.rooms:
            if not any(x is y for x in room for y in given):
                return room
        return self.rooms[0]

    def _bound(self, given: Sequence[Any]) -> "Bound":
        """Return where vectors and outputs are; the last few are kept, and with them their addresses."""
        np = load("numpy")
        first, second = self.turns()
        outs = [second if given[0] is first else first, *self._room(given)]
        held = [np.ascontiguousarray(x, dtype=np.float64) for x in given]
        for x in held:
            if x.shape != (self.length,):
                raise ValueError(f"a rule for vectors of {self.length} numbers got one of {x.shape}")
        addresses = [x.ctypes.data for x in [*held, *outs, self.scalars]]
        state, result = np.zeros(len(SLOTS), dtype=np.int64), np.zeros(2)
        work = np.array([*addresses, self.length], dtype=np.int64)
        state[SLOTS.index("rule")], state[SLOTS.index("result")] = work.ctypes.data, result.ctypes.data
        job = np.array([state.ctypes.data, self.calls.ctypes.data, 1], dtype=np.int64)
        kept = [state, result, work, job, *held]
        start = addresses[0] if given[0] is first or given[0] is second else 0
        bound = Bound(job.ctypes.data, work.ctypes.data, start, outs, list(given), kept)
        if all(x is y for x, y in zip(held, given, strict=True)):
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[tuple(map(id, given))] = bound
        return bound


class Bound(NamedTuple):
    """A rule's job for some vectors; these are kept, and its arrays, so that their addresses stay theirs.

    `work` is where it says what the rule works on: what a frame is told where the rule ends its run. `start`
    is where P begins, if the parameters are at its beginning, else 0.
    """

    job: int
    work: int
    start: int
    outs: list[Any]
    given: list[Any]
    kept: list[Any]
