"""The llvm executor: a graph as array instructions, run by machine code that is made for them."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from engine.compile import careful
from engine.compile.batch import Batch
from engine.compile.graph import Graph
from engine.compile.groups import Arrangement, arranged
from engine.compile.instructions import LANED, Plan
from engine.compile.llvm_frame import Code, Frame
from engine.compile.llvm_machine import ADDRESSES, had, read, text_of, width
from engine.compile.llvm_script import SLACK, is_storable, packed, scripted, unpacked
from engine.compile.llvm_update import Rule
from engine.compile.machine import aligned
from engine.compile.object_cache import ObjectCache, key
from engine.compile.plan import planned
from engine.compile.waiting import announced
from engine.optional import load

FRAMES = 4
"""So many batch sizes are kept ready."""
BYTES = 9 << 18
"""A batch is run in parts whose values and gradients take about so many bytes."""
FEWEST, MOST_LANES = 16, 4096
"""Parts have at least, and at most, so many samples."""


class Llvm:
    """Runs a graph as machine code: one kind of code for batches of any size, one for single samples.

    `graph` is what it runs, `whole` the graph as it was recorded: where a result is not finite the batch runs
    on that once more, as eager would.

    >>> from engine.compile.graph import INPUT, PARAMETER
    >>> from engine.ops import mul
    >>> graph = Graph([INPUT, PARAMETER, mul], [(0,), (0,), (0, 1)], (2,), parameters=1, inputs=1)
    >>> Llvm(graph, graph).value_and_grad([3.0], Batch(1, (1, 0), (), rows=[(2.0,)]))
    (6.0, array([2.]))
    """

    name = "llvm"

    def __init__(self, graph: Graph, whole: Graph, arrangement: Arrangement | None = None) -> None:
        load("llvmlite", extra="fast")
        self.graph, self.whole = graph, whole
        self._arrangement = arrangement
        self._plan: Plan | None = None
        self.width = width()
        """So many floats does a vector hold."""
        self._numpy = load("numpy")
        self.fresh: Callable[[tuple[int, ...]], Any] = self._numpy.empty
        self._codes: dict[bool, Code] = {}
        self._frames: dict[int, Frame] = {}
        self._vectors: list[tuple[Any, Any, int]] = []
        self._last: Ready | None = None

    def vector(self, numbers: Iterable[float]) -> Any:
        """Return a vector in the form that this executor works on."""
        np = self._numpy
        if isinstance(numbers, np.ndarray):
            return numbers if numbers.dtype == np.float64 else numbers.astype(np.float64)
        return np.array(list(numbers), dtype=np.float64)

    @property
    def plan(self) -> Plan:
        """The graph as instructions; made where it is not known from the cache what they come to."""
        if self._plan is None:
            made = self._arrangement or arranged(self.graph)
            with announced(f"planning {len(self.graph.ops):,} nodes"):
                self._plan, self._arrangement = planned(made, gradient=len(self.graph.outputs) == 1), None
        return self._plan

    def _code(self, lanes: bool) -> Code:
        """Return the code for many lanes or for one."""
        if lanes not in self._codes:
            self._codes[lanes] = self._read_code(lanes) or self._made_code(lanes)
            self._arrangement = None
        return self._codes[lanes]

    def _name(self, lanes: bool) -> str:
        return key(self.graph, f"script for vectors of {self.width}, lanes: {lanes}")

    def _read_code(self, lanes: bool) -> Code | None:
        """Return the code that the cache holds, None where it does not."""
        start = time.perf_counter()
        content = ObjectCache().read(self._name(lanes)) if is_storable(self.graph) else None
        if content is None:
            return None
        script = unpacked(content)
        if not read(script.names):
            return None
        return Code(script, ADDRESSES, "read from the cache", time.perf_counter() - start)

    def _made_code(self, lanes: bool) -> Code:
        """Return the code of the plan."""
        start = time.perf_counter()
        script, kinds = scripted(self.plan, self.width, lanes=lanes)
        how = had(kinds, self.width)
        if is_storable(self.graph) and not script.slow:
            ObjectCache().write(self._name(lanes), packed(script))
        return Code(script, ADDRESSES, how, time.perf_counter() - start)

    def _frame(self, stride: int) -> Frame:
        """Return the buffers for some lanes, of the last few numbers of them."""
        made = self._frames.pop(stride, None)
        if made is None:
            made = Frame(self._code(stride > 1), stride, self.graph.parameters, self.fresh)
            while len(self._frames) >= FRAMES:
                del self._frames[next(iter(self._frames))]
        self._frames[stride] = made
        return made

    def _stride(self, size: int) -> int:
        """Return how many lanes a batch is run in at a time."""
        if size == 1:
            return 1
        sizes = self._code(True).script.sizes
        rows = sizes["V"] + sizes.get("G", 0)
        most = max(FEWEST, min(MOST_LANES, BYTES // (8 * rows + 1)))
        parts = math.ceil(size / most)
        return math.ceil(math.ceil(size / parts) / self.width) * self.width

    def _held(self, parameters: Any) -> int:
        """Return the address of the buffer of P that holds the parameters, copied into one if need be."""
        if not self._vectors:
            self._make_vectors()
        for _, view, address in self._vectors[:2]:
            if parameters is view:
                return address
        _, view, address = self._vectors[2]
        view[...] = parameters
        return address

    def _make_vectors(self) -> None:
        """Make three buffers of P, each with the view of its parameters: two for rules, one for others."""
        code = next(iter(self._codes.values()), None) or self._code(False)
        script = code.script
        for _ in range(3):
            buffer = aligned(load("numpy").zeros, script.sizes["P"] + SLACK)
            for row, x in script.fixed["P"].items():
                buffer[row] = x
            self._vectors.append((buffer, buffer[: self.graph.parameters], buffer.ctypes.data))

    def _ready(self, batch: Batch) -> "Ready":
        """Return a batch with its buffers; that of the last call is kept."""
        if self._last is None or self._last.batch is not batch:
            frame = self._frame(self._stride(batch.size))
            numbers, indices = _rows(batch.numbers, "float64"), _rows(batch.indices, "int64")
            fits = batch.size <= frame.stride
            ready = Ready(batch, frame, numbers, indices, fits and not frame.code.script.slow)
            self._last = None
            if fits:
                frame.point(numbers, indices, batch.size, 1.0 / batch.size)
            self._last = ready
        return self._last

    def _parts(self, ready: "Ready", held: int, *, reverse: bool) -> Iterable[int]:
        """Run a batch, part by part; yield how many samples the part in the frame has."""
        size, frame = ready.batch.size, ready.frame
        if size <= frame.stride:
            frame.run(held, reverse)
            yield size
            return
        for first in range(0, size, frame.stride):
            count = min(frame.stride, size - first)
            frame.point(ready.numbers[:, first:], ready.indices[:, first:], count, 1.0 / size)
            frame.run(held, reverse)
            yield count

    def forward(self, parameters: Any, batch: Batch) -> list[Any]:
        """Return for each output the samples' numbers."""
        np = load("numpy")
        ready, held = self._ready(batch), self._held(parameters)
        outputs = ready.frame.code.script.outputs
        found: list[list[Any]] = [[] for _ in outputs]
        for count in self._parts(ready, held, reverse=False):
            for column, (buffer, row) in zip(found, outputs, strict=True):
                if buffer == "V":
                    column.append(ready.frame.values[row, :count].copy())
                else:
                    column.append(np.full(count, self._row(held, row)))
        columns = [np.concatenate(column) for column in found]
        with np.errstate(all="ignore"):
            if not all(math.isfinite(column.sum()) for column in columns):
                return careful.forward(self.whole, list(map(float, parameters)), batch.rows)
        return columns

    def _row(self, held: int, row: int) -> float:
        """Return a row of P after a run."""
        return float(next(buffer for buffer, _, address in self._vectors if address == held)[row])

    def value_and_grad(self, parameters: Any, batch: Batch) -> tuple[float, Any]:
        """Return the mean of the first output over the samples, and its gradient, a view."""
        ready, held = self._ready(batch), self._held(parameters)
        frame, size = ready.frame, batch.size
        if size <= frame.stride:
            frame.run(held, True)
            total, zero = frame.result.tolist()
            gradient = frame.gradient
        else:
            total, zero, gradient = self._added(ready, held)
        if zero != 0.0 or not math.isfinite(total):
            value, exact = careful.value_and_grad(self.whole, list(map(float, parameters)), batch.rows)
            return value, load("numpy").array(exact)
        return total / size, gradient

    def _added(self, ready: "Ready", held: int) -> tuple[float, float, Any]:
        """Return the loss and the gradient added up over the parts of a batch; 0 or, unless finite, nan."""
        np = load("numpy")
        total, zero, gradient = 0.0, 0.0, np.zeros(self.graph.parameters)
        is_laned = ready.frame.code.script.outputs[0][0] in LANED
        for part, _ in enumerate(self._parts(ready, held, reverse=True)):
            value, nothing = ready.frame.result.tolist()
            total, zero = total + value, zero + nothing
            if is_laned or part == 0:  # without lanes each part finds the whole gradient
                with np.errstate(all="ignore"):
                    gradient += ready.frame.gradient
        return total, zero, gradient

    def trained(
        self, parameters: Any, batch: Batch, rule: Rule, kept: Sequence[Any], numbers: Sequence[float]
    ) -> tuple[float, list[Any]] | None:
        """Return the loss, and what a rule makes of parameters, gradient and what is kept, all in one call.

        None where that takes more, or some number is not finite; nothing has changed then.
        """
        ready = self._last
        if ready is None or ready.batch is not batch:
            ready = self._ready(batch)
        if rule.calls_back or not ready.in_one_call:
            return None
        frame = ready.frame
        bound = rule.bound(parameters, frame.gradient, kept, numbers)
        total = frame.train(bound, bound.start or self._held(parameters))
        if not math.isfinite(total):
            return None
        return total / batch.size, bound.outs

    def rule(self, graph: Graph, vectors: int) -> Callable[[Sequence[Any], Sequence[float]], list[Any]]:
        """Return a function of vectors and numbers that runs a graph element by element.

        The first output, the parameters, goes to one of two buffers in turn, the others to two arrays each.
        """
        return Rule(graph, vectors, self.graph.parameters, self.width, self._turns)

    def _turns(self) -> tuple[Any, Any]:
        """Return the two arrays that parameters go to in turn."""
        if not self._vectors:
            self._make_vectors()
        return self._vectors[0][1], self._vectors[1][1]

    def source(self) -> str:
        """Return the code that runs on many samples, as text of LLVM."""
        _, kinds = scripted(self.plan, self.width, lanes=True)
        return text_of([kinds[name] for name in sorted(kinds)], self.width)

    def describe(self) -> list[str]:
        """Return lines that say of what it is made, how its code was had, how much memory it takes."""
        codes = list(self._codes.values()) or [self._code(True)]
        lines = list(codes[0].script.told)
        for code in codes:
            script = code.script
            calls, count = len(script.forward) + len(script.reverse), len(script.names)
            lines.append(
                f"for {'many samples' if script.lanes else 'one sample'}: {calls:,} calls of {count} "
                f"functions on vectors of {script.width} floats, {code.how} in {code.seconds:.3f} s"
            )
        slow = sorted({name for code in codes for name in code.script.slow})
        return lines + [f"number by number, which is slow: {', '.join(slow)}"] * bool(slow)


class Ready(NamedTuple):
    """A batch, the buffers it runs in, its numbers and indices in rows of one piece.

    `in_one_call`: its buffers hold all samples, and compiled code calls nothing back.
    """

    batch: Batch
    frame: Frame
    numbers: Any
    indices: Any
    in_one_call: bool


def _rows(array: Any, kind: str) -> Any:
    """Return an array [number, sample] of 8-byte numbers whose rows are in one piece."""
    if array.dtype != kind or (array.strides[1] != 8 and array.shape[1] > 1) or array.strides[0] % 8:
        return load("numpy").ascontiguousarray(array, dtype=kind)
    return array
