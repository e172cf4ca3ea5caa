"""An optimizer's rule bound to vectors: one call of compiled code an update."""

from collections.abc import Callable, Sequence
from operator import is_
from typing import Any

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
        self._last: Bound | None = None
        self._next: Bound | None = None
        """What was asked for last, and what was asked for after that before: mostly it is again."""

    def __call__(self, given: Sequence[Any], numbers: Sequence[float]) -> list[Any]:
        """Return the new vectors; the next call but one overwrites them."""
        parameters, gradient, *kept = given
        bound = self.bound(parameters, gradient, kept, numbers)
        self._run(bound.job)
        if self.calls_back:
            raise_again()
        return list(bound.outs)

    def bound(self, parameters: Any, gradient: Any, kept: Sequence[Any], numbers: Sequence[float]) -> "Bound":
        """Return where it finds vectors and numbers, and where its outputs go."""
        if numbers != self._numbers:
            self._numbers = list(numbers)
            for i, x in enumerate(numbers):
                self._scalars[i] = x
        found = self._next
        if (
            found is None
            or found.parameters is not parameters
            or found.gradient is not gradient
            or (kept and not all(map(is_, kept, found.kept)))
        ):
            given = [parameters, gradient, *kept]
            key = tuple(map(id, given))
            found = self._known.get(key) or self._bound(given)
            if self._last is not None:
                self._last.next = self._known.get(key)
        self._last, self._next = found, found.next
        return found

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
        state[SLOTS.index("result")] = result.ctypes.data
        job = np.array([state.ctypes.data, self.calls.ctypes.data, 1, 0, work.ctypes.data], dtype=np.int64)
        start = addresses[0] if given[0] is first or given[0] is second else 0
        bound = Bound(given, outs, start, self.calls, job, work, [state, result, *held])
        if all(x is y for x, y in zip(held, given, strict=True)):
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[tuple(map(id, given))] = bound
        return bound


class Bound:
    """A rule's job for some vectors; these are kept, and its arrays, so that their addresses stay theirs.

    `work` is where it says what the rule works on. `start` is where P begins, if the parameters are at its
    beginning, else 0. `jobs` are a frame's, whose runs the rule ends. `next` is what was asked for after it.
    """

    __slots__ = (
        "call", "gradient", "held", "job", "jobs", "kept", "next", "outs", "parameters", "start", "work",
    )  # fmt: skip

    def __init__(
        self,
        given: Sequence[Any],
        outs: list[Any],
        start: int,
        call: Any,
        job: Any,
        work: Any,
        held: list[Any],
    ) -> None:
        self.parameters, self.gradient, *self.kept = given
        self.outs, self.start, self.call, self.held = outs, start, call, [job, work, *held]
        self.job, self.work = job.ctypes.data, work.ctypes.data
        self.jobs: tuple[int, int] | None = None
        self.next: Bound | None = None
