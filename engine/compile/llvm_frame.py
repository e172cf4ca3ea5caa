"""A script made ready to run: its functions in memory, its buffers for a number of lanes."""

from collections.abc import Callable
from typing import Any

from engine.compile.instructions import LANED
from engine.compile.llvm_kernel import SLOTS
from engine.compile.llvm_machine import raise_again, run_function
from engine.compile.llvm_script import SLACK, Script
from engine.compile.llvm_update import Bound
from engine.compile.machine import aligned
from engine.optional import load

FORWARD, BOTH = 0, 1
"""What a frame runs: forward, or forward and reverse."""
CALL, WORDS, JOB = 16, 5, 40
"""The bytes of a call, a function and its arguments; the numbers and the bytes of a job, see `run`."""
PARAMETERS = 3
"""Where in a job it stands where P begins."""


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
        self._run, self._slow = code.run, bool(script.slow)
        jobs = np.zeros((4, WORDS), dtype=np.int64)
        for what, count in enumerate(code.counts):
            jobs[2 * what : 2 * what + 2] = self._two_jobs(code.start, count, 0, 0)
        self._jobs, self._first_job = memoryview(jobs.ravel()), jobs.ctypes.data
        """For each of FORWARD, BOTH a job, and one without the first call, the batch's copy."""
        self._done = False
        """Whether the batch has been copied in."""

    def _two_jobs(self, start: int, count: int, parameters: int, work: int) -> list[tuple[int, ...]]:
        """Return a job, and the same without the first call."""
        state = self.state.ctypes.data
        return [(state, start + CALL * i, count - i, parameters, work) for i in range(2)]

    def _set(self, name: str, x: int) -> None:
        self.state[SLOTS.index(name)] = x

    def run(self, parameters: int, reverse: bool) -> None:
        """Run forward, maybe reverse, on the batch last pointed to; P begins at `parameters`."""
        what = 2 * (BOTH if reverse else FORWARD) + self._done
        self._jobs[WORDS * what + PARAMETERS] = parameters
        self._run(self._first_job + JOB * what)
        self._done = True
        if self._slow:
            raise_again()

    def train(self, bound: Bound, parameters: int) -> float:
        """Run forward, reverse, and a rule; P begins at `parameters`, wherever this rule is bound so.

        Return the sum of the losses; what is not finite where some number is not.
        """
        jobs = bound.jobs or self._bind(bound, parameters)
        found = self._run(jobs[self._done])
        self._done = True
        return found

    def _bind(self, bound: Bound, parameters: int) -> tuple[int, int]:
        """Make the jobs of a training step: its last call is that of the rule."""
        np = load("numpy")
        calls = self.code.calls.copy()
        calls[-1] = bound.call
        jobs = np.array(self._two_jobs(calls.ctypes.data, len(calls), parameters, bound.work))
        bound.held += [calls, jobs]
        bound.jobs = jobs.ctypes.data, jobs.ctypes.data + JOB
        return bound.jobs

    def point(self, numbers: Any, indices: Any, size: int, share: float) -> None:
        """Let the state say where a batch is, [number, sample]: it must stay there while it runs."""
        self._set("given", numbers.ctypes.data)
        self._set("given_stride", numbers.strides[0] // 8)
        self._set("whole", indices.ctypes.data)
        self._set("whole_stride", indices.strides[0] // 8)
        self._set("size", size)
        self._share[SLOTS.index("share")] = share
        self._done = False
