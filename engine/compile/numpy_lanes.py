"""A plan for one number of lanes: its emitted code, its buffers, and what runs on them."""

import re
from collections.abc import Callable
from typing import Any

from engine.compile.emitter import Emitter
from engine.compile.instructions import LANED, Dot, Instruction, Loop, Plan
from engine.compile.machine import aligned, bound
from engine.compile.numpy_dots import emit_dot
from engine.compile.numpy_loops import emit_loop
from engine.optional import load


class Lanes:
    """A plan made ready for a batch size: run it with `run(buffer of P)`.

    `fresh` makes the buffers, by default without setting them.
    """

    def __init__(self, plan: Plan, lanes: int, fresh: Callable[[tuple[int, ...]], Any] | None = None) -> None:
        np = load("numpy")
        self.plan, self.lanes = plan, lanes
        self.fresh = fresh or np.empty
        sizes = {name: rows * (lanes if name in LANED else 1) for name, rows in plan.sizes.items()}
        zero = next((row for row, x in plan.fixed["P"].items() if x == 0.0), -1)
        self.emitter = Emitter(sizes, lanes, {"G": 0, "D": zero})
        self.forward = self._emitted(plan.forward)
        self.reverse = self._emitted(plan.reverse)
        self.indices = np.zeros((plan.indices, lanes), dtype=np.intp)
        self.emitter.constants["indices"] = self.indices
        self.buffers = {
            name: aligned(self.fresh, size) for name, size in self.emitter.sizes.items() if name != "P"
        }
        self._fill()
        self._runs: dict[int, tuple[Any, Callable[[], None], Callable[[], None]]] = {}
        self._inputs = self._copies()

    def _emitted(self, instructions: list[Instruction]) -> list[str]:
        """Return the lines of instructions."""
        self.emitter.lines = []
        for instruction in instructions:
            if isinstance(instruction, Loop):
                emit_loop(self.emitter, instruction, self.plan.fixed["P"])
            elif isinstance(instruction, Dot):
                emit_dot(self.emitter, instruction)
            else:
                self._zero(instruction.buffer, instruction.rows)
        return self.emitter.lines

    def _zero(self, buffer: str, rows: Any) -> None:
        name = self.emitter.name(self.emitter.everything(buffer))
        if int(rows[-1] - rows[0]) == len(rows) - 1:
            self.emitter.lines.append(f"{name}[{rows[0]}:{rows[-1] + 1}] = 0.0")
        else:
            self.emitter.lines.append(f"{name}[{self.emitter.constant(rows, 'rows')}] = 0.0")

    def _fill(self) -> None:
        """Set what no instruction sets: constants, rows of zeros, the gradient of the output."""
        values = self.buffers["V"].reshape(-1, self.lanes)
        for row, x in self.plan.fixed["V"].items():
            values[row] = x
        for array in self.emitter.zeroed:
            self.buffers[array.buffer].reshape(array.shape)[-1] = 0.0
        if self.plan.seed is not None:
            name, row = self.plan.seed
            seeds = self.buffers[name].reshape(-1, self.lanes if name == "G" else 1)
            seeds[row] = 1.0 / self.lanes if name == "G" else 1.0

    def _copies(self) -> list[tuple[Any, int, int]]:
        """Return runs of inputs that stand together in V: their view, the first of them and the last + 1."""
        values = self.buffers["V"].reshape(-1, self.lanes)
        rows, copies, start = self.plan.inputs, [], 0
        for k in range(1, len(rows) + 1):
            if k == len(rows) or rows[k] != rows[k - 1] + 1:
                if rows[start] >= 0:
                    copies.append((values[rows[start] : rows[start] + k - start], start, k))
                start = k
        return copies

    def run(self, parameters: Any, numbers: Any, indices: Any, *, reverse: bool) -> None:
        """Run forward, maybe reverse, on a buffer of P, numbers [input, lane], indices [index, lane]."""
        for view, first, last in self._inputs:
            view[...] = numbers[first:last]
        if len(self.indices):
            self.indices[...] = indices
        key = id(parameters)
        if key not in self._runs:
            everything = self.buffers | {"P": parameters}
            self._runs[key] = (
                parameters,
                bound(self.emitter, self.forward, everything, "forward"),
                bound(self.emitter, self.reverse, everything, "reverse"),
            )
        _, forward, backward = self._runs[key]
        forward()
        if reverse:
            backward()

    def output(self, number: int, parameters: Any) -> Any:
        """Return an output: a view, a number a lane."""
        buffer, row = self.plan.outputs[number]
        if buffer == "V":
            return self.buffers["V"][row * self.lanes : (row + 1) * self.lanes]
        return load("numpy").full(self.lanes, parameters[row])

    def source(self) -> str:
        """Return the emitted code, the shapes of the arrays beside each line."""
        shapes = {name: array.shape for array, name in self.emitter.arrays.items()}

        def told(line: str) -> str:
            seen = [str(shapes[name]) for name in re.findall(r"\w+", line) if name in shapes]
            return f"{line}  # {', '.join(seen)}" if seen else line

        return "\n".join(["# forward", *map(told, self.forward), "# reverse", *map(told, self.reverse)])

    @property
    def gradient(self) -> Any:
        """The gradient of the last run, a view."""
        return self.buffers["D"][: self.plan.parameters]
