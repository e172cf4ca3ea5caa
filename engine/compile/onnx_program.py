"""A Program as an ONNX graph: its forward instructions, one after the other, over the whole batch."""

import math
from typing import Any

from engine.compile.boxes import box
from engine.compile.instructions import Dot, Loop, Plan
from engine.compile.onnx_buffers import Buffers
from engine.compile.onnx_nodes import Nodes
from engine.compile.onnx_rows import Tensor, call, chosen
from engine.compile.plan import plan
from engine.compile.program import Program
from engine.compile.signature import NUMBER, Signature
from engine.op import Op
from engine.optional import load

OUTPUT = "output"
"""What the one output of a file is called."""


def onnx_program(program: Program, *, dtype: str = "float32") -> Any:
    """Return a Program as an onnx.ModelProto, with its parameters as they are now.

    Each argument is an input of its name, [batch, ...] of the argument's shape; an index is of int64. The
    output is called "output": [batch], or [batch, n] where the function returned n numbers. An index outside
    of its table makes the runtime fail, as it does here. In float32 numbers beyond 3.4e38 are infinite.

    Errors: TypeError for what is no Program; ValueError for an op without a counterpart in ONNX, naming it,
    for no argument or one that is no box of numbers or of indices, for a number that the dtype cannot hold,
    and for an unknown dtype; ModuleNotFoundError where onnx is not installed.

    >>> from engine import record
    >>> onnx_program(record(lambda x: x * 2.0, 1.0)).graph.input[0].name  # doctest: +SKIP
    'x'
    """
    if not isinstance(program, Program):
        raise TypeError(f"onnx_program takes a Program, which record(f, ...) returns, got {program!r}")
    nodes = Nodes(program.name, dtype)
    made = plan(program.graph if program.exact else program.reduced, gradient=False)
    buffers = Buffers(nodes, made, program.parameters)
    _arguments(buffers, made, program.signature)
    for instruction in made.forward:
        if isinstance(instruction, Dot):
            _dot(buffers, instruction)
        elif isinstance(instruction, Loop) and instruction.laned:
            _loop(buffers, instruction)
    found = _outputs(buffers, made)
    if program.is_list:
        nodes.output(OUTPUT, call("Transpose", found, perm=[1, 0]).name, [len(made.outputs)])
    else:
        nodes.output(OUTPUT, call("Squeeze", found, buffers.whole([0])).name, [])
    return nodes.model()


# the arguments
def _arguments(buffers: Buffers, made: Plan, signature: Signature) -> None:
    """Add an input for each argument."""
    if not signature.trees:
        raise ValueError("a function of no argument has no batch: there is nothing to export")
    start = 0
    indices: list[Tensor] = []
    for tree, name in zip(signature.trees, signature.names, strict=True):
        shape, kind = box(tree, name, "tensor of ONNX")
        given = buffers.nodes.input(name.replace(" ", "_"), shape, whole=kind != NUMBER)
        tensor = Tensor(buffers.nodes, given)
        buffers.first = tensor
        rows = _flat(buffers, tensor, shape)
        if kind != NUMBER:
            indices.append(rows)
            continue
        count = math.prod(shape)
        buffers.write(rows, made.inputs[start : start + count])
        start += count
    if indices:
        buffers.indices = call("Concat", *indices, axis=0) if len(indices) > 1 else indices[0]


def _flat(buffers: Buffers, tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Return an input [batch, *shape] as [numbers, batch]."""
    if not shape:
        return call("Unsqueeze", tensor, buffers.whole([0]))
    if len(shape) > 1:
        tensor = call("Reshape", tensor, buffers.whole([0, -1]))
    return call("Transpose", tensor, perm=[1, 0])


# instructions
def _dot(buffers: Buffers, dot: Dot) -> None:
    """Add a matrix product; the rows that are known, of ones for a bias, become one constant."""
    weights = buffers.numbers[buffers.rows(dot.left.buffer, dot.left.rows)]
    columns, written = dot.right.rows, dot.write.rows.ravel()
    known = buffers.is_known(columns).all(axis=1)
    varying = columns[~known]
    if varying.shape[1] == 1:
        product = call("MatMul", buffers.constant(weights[:, ~known]), buffers.read(varying[:, 0]))
    else:
        right = call("Reshape", buffers.read(varying), buffers.whole([len(varying), -1]))
        product = call("MatMul", buffers.constant(weights[:, ~known]), right)
        product = call("Reshape", product, buffers.whole([len(written), -1]))
    if known.any():
        fixed = weights[:, known] @ buffers.numbers[columns[known]]
        product = call("Add", product, buffers.constant(fixed.reshape(-1, 1)))
    buffers.write(product, written)


def _loop(buffers: Buffers, loop: Loop) -> None:
    """Add a loop: what it reads, its ops on whole tensors, its fold."""
    registers: list[Any] = [buffers.view(view) for view in loop.read]

    def register(operand: Any) -> Any:
        if type(operand) is tuple:
            return tuple(map(register, operand))
        return registers[operand] if type(operand) is int else operand

    for let in loop.lets:
        assert isinstance(let.op, Op), "slopes are in the reverse pass alone"
        registers.append(let.op(*map(register, let.operands)))
    result = _folded(buffers, registers[-1], loop.fold) if loop.fold else registers[-1]
    rows = loop.write.rows
    if not any(view.laned or view.pick for view in loop.read):
        result = buffers.expanded(result, len(rows))
    if loop.accumulate:
        result = call("Add", result, buffers.read(rows))
    buffers.write(result, rows)


def _folded(buffers: Buffers, x: Tensor, fold: str) -> Tensor:
    """Return a tensor folded over its first axis; onnxruntime's ReduceMax and ReduceMin pass over nan."""
    axis = buffers.whole([0])
    if fold == "sum":
        return call("ReduceSum", x, axis, keepdims=0)
    odd = call("Cast", call("IsNaN", x), to=buffers.nodes.kind)
    is_odd = call("Greater", call("ReduceMax", odd, axis, keepdims=0), 0.0)
    folded = call("ReduceMax" if fold == "max" else "ReduceMin", x, axis, keepdims=0)
    return chosen(is_odd, math.nan, folded)


def _outputs(buffers: Buffers, made: Plan) -> Tensor:
    """Return the outputs as [output, batch]."""
    np = load("numpy")
    rows = np.array([buffers.rows(buffer, row) for buffer, row in made.outputs])
    found = buffers.read(rows)
    return buffers.expanded(found, len(rows)) if buffers.is_known(rows).all() else found
