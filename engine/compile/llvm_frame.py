"""A listing made ready to run: its functions' addresses, its buffers for a number of lanes."""

import time
from collections.abc import Callable
from typing import Any

from engine.compile.instructions import LANED, Plan
from engine.compile.llvm_batches import seed_arguments
from engine.compile.llvm_kernel import SLOTS
from engine.compile.llvm_listing import Call, Listing
from engine.compile.llvm_machine import addresses, own_number, raise_again, run_function
from engine.compile.machine import aligned
from engine.optional import load

PARAMETERS = SLOTS.index("P")
SLACK = 16
"""So many numbers may be read beyond the end of a buffer, with the last vector."""


class Code:
    """The calls of a listing with their functions, as lists that compiled code runs through."""

    def __init__(self, plan: Plan, width: int, *, lanes: bool) -> None:
        np = load("numpy")
        start = time.perf_counter()
        listing = Listing(plan, width, lanes=lanes)
        self.plan, self.width, self.lanes, self.sizes = plan, width, lanes, listing.rooms.sizes
        self.slow = listing.own
        self.own = [own_number(op, shape) for op, shape in listing.own]
        rows = [k for k, row in enumerate(plan.inputs) if row >= 0]
        given = Call("given", (
            len(rows), listing.table(plan.inputs[rows]), listing.table(np.array(rows)), plan.indices,
            *seed_arguments(plan.seed),
        ))  # fmt: skip
        buffer, row = plan.outputs[0]
        result = Call("result", (SLOTS.index(buffer), row, int(buffer in LANED)))
        finite = Call("finite", (plan.parameters,))
        forward, reverse = self._renumbered(listing.forward), self._renumbered(listing.reverse)
        self.lists = [given, *forward, result], [*reverse, finite]
        calls = [call for part in self.lists for call in part]
        self.kinds = {call.kind for call in calls}
        found, self.how = addresses(self.kinds, width)
        self.table = np.concatenate([*listing.tables, np.zeros(SLACK, dtype=np.int32)])
        arguments = [np.array(call.arguments, dtype=np.int32) for call in calls]
        starts = np.cumsum([0, *map(len, arguments)])[:-1]
        self.arguments = np.concatenate(arguments)
        self.calls = np.empty((len(calls), 2), dtype=np.int64)
        self.calls[:, 0] = [found[call.kind] for call in calls]
        self.calls[:, 1] = self.arguments.ctypes.data + 4 * starts
        self.counts = len(self.lists[0]), len(calls)
        self.start = self.calls.ctypes.data
        self.run = run_function()
        self.seconds = time.perf_counter() - start

    def _renumbered(self, calls: list[Call]) -> list[Call]:
        """Return calls in which what is called back has its number in the process."""
        made = []
        for call in calls:
            count = sum(not x.name for x in call.kind.lets.made) if hasattr(call.kind, "lets") else 0
            called = [self.own[i] for i in call.arguments[:count]]
            made.append(Call(call.kind, (*called, *call.arguments[count:])))
        return made


class Frame:
    """The buffers of a listing for some lanes, and the state that its functions read.

    `fresh` makes the buffers, by default without setting them.
    """

    def __init__(self, code: Code, stride: int, fresh: Callable[[tuple[int, ...]], Any]) -> None:
        np = load("numpy")
        self.code, self.stride = code, stride
        sizes = code.sizes
        self.buffers = {
            name: aligned(fresh, sizes.get(name, 0) * (stride if name in LANED else 1) + SLACK)
            for name in "VGD"
        }
        self.values = self.buffers["V"][: sizes["V"] * stride].reshape(-1, stride)
        for row, x in code.plan.fixed["V"].items():
            self.values[row] = x
        self.gradient = self.buffers["D"][: code.plan.parameters]
        self.indices = np.zeros((code.plan.indices, stride), dtype=np.int64)
        self.result = np.zeros(2)
        self.state = np.zeros(len(SLOTS), dtype=np.int64)
        self._share = self.state.view(np.float64)
        for name, buffer in self.buffers.items():
            self._set(name, buffer.ctypes.data)
        self._set("table", code.table.ctypes.data)
        self._set("stride", stride)
        self._set("indices", self.indices.ctypes.data)
        self._set("result", self.result.ctypes.data)
        self._address = self.state.ctypes.data
        self._run, self._start, self._counts = code.run, code.start, code.counts
        self._parameters = 0

    def _set(self, name: str, x: int) -> None:
        self.state[SLOTS.index(name)] = x

    def run(self, parameters: int, reverse: bool) -> None:
        """Run forward, maybe reverse, on the batch last pointed to; P begins at `parameters`."""
        if parameters != self._parameters:
            self._parameters = parameters
            self.state[PARAMETERS] = parameters
        self._run(self._address, self._start, self._counts[reverse])
        if self.code.own:
            raise_again()

    def point(self, numbers: Any, indices: Any, size: int, share: float) -> None:
        """Let the state say where a batch is, [number, sample]: it must stay there while it runs."""
        self._set("given", numbers.ctypes.data)
        self._set("given_stride", numbers.strides[0] // 8)
        self._set("whole", indices.ctypes.data)
        self._set("whole_stride", indices.strides[0] // 8)
        self._set("size", size)
        self._share[SLOTS.index("share")] = share
