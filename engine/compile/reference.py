"""A slow interpreter of instructions, number by number: the oracle of every back end."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.compile.instructions import Dot, Instruction, Let, Loop, Matrix, Plan, Slope, View, Zero
from engine.optional import load


class Reference:
    """The buffers of a plan for some lanes; what is computed with the ops' own functions.

    `fresh` makes the buffers: what a plan reads before it is written shows if they hold nan.
    """

    def __init__(self, plan: Plan, lanes: int, fresh: Callable[[tuple[int, ...]], Any]) -> None:
        self.plan, self.lanes = plan, lanes
        sizes = plan.sizes
        self.buffers = {
            name: fresh((sizes.get(name, 0), lanes) if name in "VG" else (sizes.get(name, 0),))
            for name in "VGPD"
        }
        for name, rows in plan.fixed.items():
            for row, x in rows.items():
                self.buffers[name][row] = x
        if plan.seed:
            self.buffers[plan.seed[0]][plan.seed[1]] = 1.0 / lanes if plan.seed[0] == "G" else 1.0

    def run(self, parameters: Sequence[float], numbers: Any, indices: Any) -> None:
        """Run forward and reverse on parameters, numbers [input, lane] and whole numbers [index, lane]."""
        np = load("numpy")
        self.indices = np.asarray(indices, dtype=np.intp).reshape(-1, self.lanes)
        self.buffers["P"][: self.plan.parameters] = parameters
        for k, row in enumerate(self.plan.inputs):
            if row >= 0:
                self.buffers["V"][row] = numbers[k]
        with np.errstate(all="ignore"):
            for instruction in [*self.plan.forward, *self.plan.reverse]:
                self.step(instruction)

    def outputs(self) -> list[Any]:
        """Return each output: a number a lane, or one for all."""
        return [self.buffers[buffer][row] for buffer, row in self.plan.outputs]

    def gradient(self) -> Any:
        """Return the gradient of the mean of the first output by the parameters."""
        return self.buffers["D"][: self.plan.parameters]

    def step(self, instruction: Instruction) -> None:
        """Do one instruction."""
        if isinstance(instruction, Zero):
            self.buffers[instruction.buffer][instruction.rows] = 0.0
        elif isinstance(instruction, Dot):
            self._dot(instruction)
        else:
            self._loop(instruction)

    def _dot(self, dot: Dot) -> None:
        product = self._matrix(dot.left) @ self._matrix(dot.right)
        buffer, rows = self.buffers[dot.write.buffer], dot.write.rows
        product = product.reshape((*rows.shape, self.lanes) if dot.write.laned else rows.shape)
        buffer[rows] = buffer[rows] + product if dot.accumulate else product

    def _matrix(self, matrix: Matrix) -> Any:
        found = self.buffers[matrix.buffer][matrix.rows].reshape(len(matrix.rows), -1)
        return found.T if matrix.transposed else found

    def _places(self, view: View) -> Any:
        """Return what to index a buffer with for a view: rows, or rows and lanes."""
        np = load("numpy")
        if view.pick is None:
            return view.rows
        rows = view.rows[..., None] + view.pick.step * self.indices[view.pick.numbers]
        return (rows, np.arange(self.lanes)) if view.laned else rows

    def _loop(self, loop: Loop) -> None:
        np = load("numpy")
        shape = loop.read[0].rows.shape
        lanes = self.lanes if loop.laned else 1
        registers = []
        for view in loop.read:
            found = self.buffers[view.buffer][self._places(view)]
            if not view.laned and view.pick is None:
                found = found[..., None]
            registers.append(np.broadcast_to(found, (*shape, lanes)))
        for let in loop.lets:
            registers.append(_elementwise(let, registers, (*shape, lanes)))
        result = registers[-1]
        if loop.fold:
            result = {"sum": np.sum, "max": np.max, "min": np.min}[loop.fold](result, axis=0)
        self._write(loop, result)

    def _write(self, loop: Loop, result: Any) -> None:
        """Write a result [*shape, lane]; rows that are named several times receive the sum."""
        np = load("numpy")
        buffer = self.buffers[loop.write.buffer]
        places = self._places(loop.write)
        if not loop.write.laned:
            if loop.write.pick is None:
                result = result.sum(axis=-1)
            else:
                result = np.broadcast_to(result, places.shape)
        total = np.zeros_like(buffer)
        np.add.at(total, places, result)
        touched = np.zeros(buffer.shape, dtype=bool)
        touched[places] = True
        buffer[touched] = buffer[touched] + total[touched] if loop.accumulate else total[touched]


def _elementwise(let: Let, registers: list[Any], shape: tuple[int, ...]) -> Any:
    """Return an op done number by number."""
    np = load("numpy")

    def found(operand: Any, place: int) -> Any:
        if isinstance(operand, tuple):
            return tuple([found(x, place) for x in operand])
        return float(registers[operand].flat[place]) if type(operand) is int else operand

    def one(place: int) -> Any:
        operands = [found(x, place) for x in let.operands]
        return sloped(let.op, operands) if isinstance(let.op, Slope) else let.op.evaluate(*operands)

    result = np.empty(shape)
    result.flat = [one(place) for place in range(result.size)]
    return result


def sloped(slope: Slope, operands: Sequence[Any]) -> float:
    """Return ∂z/∂operand of an op, from z and all operands, on floats.

    >>> from engine import ops
    >>> sloped(Slope(ops.sin, 0, None), [0.0, 0.0])
    1.0
    """
    z, *rest = operands
    found = slope.op.float_slope(slope.place, z, tuple(rest))
    is_list = isinstance(found, (list, tuple)) and slope.element is not None
    return float(found[slope.element] if is_list else found)
