"""A script made ready to run: its functions in memory, its buffers for a number of lanes."""

from collections.abc import Callable
from typing import Any

from engine.compile.instructions import LANED
from engine.compile.llvm_kernel import SLOTS
from engine.compile.llvm_machine import raise_again, run_function
from engine.compile.llvm_script import SLACK, Script
from engine.compile.machine import aligned
from engine.optional import load

PARAMETERS, RULE = SLOTS.index("P"), SLOTS.index("rule")
FORWARD, BOTH, TRAINING = 0, 1, 2
"""What a frame runs: forward, forward and reverse, these and an optimizer's rule."""
CALL, JOB = 16, 24
"""The bytes of a call, a function and its arguments, and of a job, see `run`."""


class Code:
    """A script whose functions are in memory: lists that compiled code runs through.

    `how` tells how they came to be there, `seconds` how long that took.
    """

    def __init__(self, script: Script, found: dict[str, int], how: str, seconds: float) -> None:
        np = load("numpy")
        self.script, self.how, self.seconds = script, how, seconds
        self.table = np.frombuffer(script.table, dtype=np.int32)
        lines = script.forward + script.reverse
        arguments = [np.array(numbers, dtype=np.int32) for _, numbers in lines]
        starts = np.cumsum([0, *map(len, arguments)])[:-1]
        self.arguments = np.concatenate(arguments)
        self.calls = np.empty((len(lines), 2), dtype=np.int64)
        self.calls[:, 0] = [found[name] for name, _ in lines]
        self.calls[:, 1] = self.arguments.ctypes.data + 4 * starts
        self.counts = len(script.forward), len(lines)
        self.start = self.calls.ctypes.data
        self.run = run_function()


class Frame:
    """The buffers of a script for some lanes, and the state that its functions read.

    `fresh` makes the buffers, by default without setting them.
    """

    def __init__(
        self, code: Code, stride: int, parameters: int, fresh: Callable[[tuple[int, ...]], Any]
    ) -> None:
        np = load("numpy")
        self.code, self.stride = code, stride
        script = code.script
        sizes = script.sizes
        self.buffers = {
            name: aligned(fresh, sizes.get(name, 0) * (stride if name in LANED else 1) + SLACK)
            for name in "VGD"
        }
        self.values = self.buffers["V"][: sizes["V"] * stride].reshape(-1, stride)
        for row, x in script.fixed["V"].items():
            self.values[row] = x
        self.gradient = self.buffers["D"][:parameters]
        self.indices = np.zeros((script.indices, stride), dtype=np.int64)
        self.result = np.zeros(2)
        self.state = np.zeros(len(SLOTS), dtype=np.int64)
        self._share = self.state.view(np.float64)
        for name, buffer in self.buffers.items():
            self._set(name, buffer.ctypes.data)
        self._set("table", code.table.ctypes.data)
        self._set("stride", stride)
        self._set("indices", self.indices.ctypes.data)
        self._set("result", self.result.ctypes.data)
        self._slots = memoryview(self.state)
        self._run, self._slow = code.run, bool(script.slow)
        self._jobs = np.zeros((6, 3), dtype=np.int64)
        """For each of FORWARD, BOTH, TRAINING a job, and one without the first call, the batch's copy."""
        self._first_job = self._jobs.ctypes.data
        self._done = False
        """Whether the batch has been copied in."""
        self._rule: Any = None
        self._training = code.calls.copy()
        """The calls of a training step: the last one, which looks at what is not finite, is a rule's."""
        state, starts = self.state.ctypes.data, (code.start, code.start, self._training.ctypes.data)
        for what, start in enumerate(starts):
            count = code.counts[what > FORWARD]
            self._jobs[2 * what] = state, start, count
            self._jobs[2 * what + 1] = state, start + CALL, count - 1

    def _set(self, name: str, x: int) -> None:
        self.state[SLOTS.index(name)] = x

    def run(self, parameters: int, reverse: bool) -> None:
        """Run forward, maybe reverse, on the batch last pointed to; P begins at `parameters`."""
        self._slots[PARAMETERS] = parameters
        self._run(self._first_job + JOB * (2 * (BOTH if reverse else FORWARD) + self._done))
        self._done = True
        if self._slow:
            raise_again()

    def train(self, parameters: int, rule: Any, work: int) -> None:
        """Run forward, reverse, and the call of a rule, which finds at `work` what it works on."""
        if self._rule is not rule:
            self._rule = self._training[-1] = rule
        slots = self._slots
        slots[PARAMETERS], slots[RULE] = parameters, work
        self._run(self._first_job + JOB * (2 * TRAINING + self._done))
        self._done = True

    def point(self, numbers: Any, indices: Any, size: int, share: float) -> None:
        """Let the state say where a batch is, [number, sample]: it must stay there while it runs."""
        self._set("given", numbers.ctypes.data)
        self._set("given_stride", numbers.strides[0] // 8)
        self._set("whole", indices.ctypes.data)
        self._set("whole_stride", indices.strides[0] // 8)
        self._set("size", size)
        self._share[SLOTS.index("share")] = share
        self._done = False
