"""The numpy executor: a graph as array instructions, run by numpy's functions and BLAS over the batch."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from engine.compile import careful
from engine.compile.batch import Batch
from engine.compile.contents import told
from engine.compile.graph import Graph
from engine.compile.groups import Arrangement, arranged
from engine.compile.instructions import Loop
from engine.compile.machine import aligned
from engine.compile.numpy_lanes import Lanes
from engine.compile.numpy_rule import rule
from engine.compile.plan import planned
from engine.compile.vector_rows import is_fast
from engine.optional import load

SIZES = 4
"""So many batch sizes are kept ready."""


class Numpy:
    """Runs a graph as array instructions, made ready for each batch size that it meets.

    `graph` is what it runs, `whole` the graph as it was recorded: where a result is not finite the batch runs
    on that once more, as eager would. It works on buffers of its own: one thread at a time.

    >>> from engine.compile.graph import INPUT, PARAMETER
    >>> from engine.ops import mul
    >>> graph = Graph([INPUT, PARAMETER, mul], [(0,), (0,), (0, 1)], (2,), parameters=1, inputs=1)
    >>> Numpy(graph, graph).value_and_grad([3.0], Batch(1, (1, 0), (), rows=[(2.0,)]))
    (6.0, array([2.]))
    """

    name = "numpy"

    def __init__(self, graph: Graph, whole: Graph, arrangement: Arrangement | None = None) -> None:
        self.graph, self.whole = graph, whole
        self.plan = planned(arrangement or arranged(graph), gradient=len(graph.outputs) == 1)
        self.fresh: Callable[[tuple[int, ...]], Any] = load("numpy").empty
        self._lanes: dict[int, Lanes] = {}
        self._vectors: list[tuple[Any, Any]] = []
        self._turn = 0

    def vector(self, numbers: Iterable[float]) -> Any:
        """Return a vector in the form that this executor works on."""
        np = load("numpy")
        if isinstance(numbers, np.ndarray):
            return numbers.astype(np.float64, copy=False)
        return np.array(list(numbers), dtype=np.float64)

    def lanes(self, size: int) -> Lanes:
        """Return the plan made ready for a batch size, one of the last few."""
        made = self._lanes.pop(size, None)
        if made is None:
            made = Lanes(self.plan, size, self.fresh)
            while len(self._lanes) >= SIZES:
                del self._lanes[next(iter(self._lanes))]
        self._lanes[size] = made
        return made

    def _buffers(self) -> list[tuple[Any, Any]]:
        """Return three buffers of P, each with the view of its parameters: two for rules, one for others."""
        if not self._vectors:
            for _ in range(3):
                buffer = aligned(load("numpy").zeros, self.plan.sizes["P"])
                for row, x in self.plan.fixed["P"].items():
                    buffer[row] = x
                self._vectors.append((buffer, buffer[: self.plan.parameters]))
        return self._vectors

    def _held(self, parameters: Any) -> Any:
        """Return the buffer of P that holds the parameters, copied into one if need be."""
        buffers = self._buffers()
        for buffer, view in buffers[:2]:
            if parameters is view:
                return buffer
        buffer, view = buffers[2]
        view[...] = parameters
        return buffer

    def forward(self, parameters: Any, batch: Batch) -> list[Any]:
        """Return for each output the samples' numbers."""
        np = load("numpy")
        lanes, held = self.lanes(batch.size), self._held(parameters)
        with np.errstate(all="ignore"):
            lanes.run(held, batch.numbers, batch.indices, reverse=False)
            found = [lanes.output(i, held).copy() for i in range(len(self.plan.outputs))]
            if not all(math.isfinite(column.sum()) for column in found):
                return careful.forward(self.whole, list(map(float, parameters)), batch.rows)
        return found

    def value_and_grad(self, parameters: Any, batch: Batch) -> tuple[float, Any]:
        """Return the mean of the first output over the samples, and its gradient, a view."""
        np = load("numpy")
        lanes, held = self.lanes(batch.size), self._held(parameters)
        with np.errstate(all="ignore"):
            lanes.run(held, batch.numbers, batch.indices, reverse=True)
            value = float(lanes.output(0, held).sum()) / batch.size
            gradient = lanes.gradient
            if not (math.isfinite(value) and math.isfinite(gradient.dot(gradient))):
                value, exact = careful.value_and_grad(self.whole, list(map(float, parameters)), batch.rows)
                return value, np.array(exact)
        return value, gradient

    def trained(self, *_: Any) -> None:
        """Return None: a sweep and a rule are two steps."""

    def rule(self, graph: Graph, vectors: int) -> Callable[[Sequence[Any], Sequence[float]], list[Any]]:
        """Return a function of vectors and numbers that runs a graph element by element.

        The first output, the parameters, goes to one of two buffers in turn, the others to two arrays each.
        """
        np = load("numpy")
        length = self.plan.parameters
        run = rule(graph, vectors, length)
        rooms = [[np.empty(length) for _ in graph.outputs[1:]] for _ in range(2)]

        def step(given: Sequence[Any], numbers: Sequence[float]) -> list[Any]:
            buffers = self._buffers()
            self._turn = 1 if given[0] is buffers[0][1] else 0
            other = next((room for room in rooms if not any(x is y for x in room for y in given)), rooms[0])
            outs = [buffers[self._turn][1], *other]
            with np.errstate(all="ignore"):
                run(given, numbers, outs)
            return outs

        return step

    def source(self) -> str:
        """Return what is run for the batch size that was last met, as text."""
        return self.lanes(next(reversed(self._lanes), 1)).source()

    def describe(self) -> list[str]:
        """Return lines that say of what it is made and how much memory it takes."""
        lines = told(self.plan)
        slow = sorted(
            {
                let.op.name
                for x in [*self.plan.forward, *self.plan.reverse]
                if isinstance(x, Loop)
                for let in x.lets
                if not is_fast(let.op)
            }
        )
        if slow:
            lines.append(f"number by number, which is slow: {', '.join(slow)}")
        return lines
