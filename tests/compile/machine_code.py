"""A formula on lanes as machine code that runs over arrays: for the tests of the kernels."""

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

import llvmlite.binding as llvm
from llvmlite import ir

from engine.compile.llvm_math import emit
from engine.compile.llvm_math_calls import bind_library
from engine.compile.llvm_math_lanes import types


def formula(name: str) -> Callable[..., Any]:
    """What `emit` makes of a row, as a function of a builder and IR values."""
    return lambda builder, *operands: emit(builder, name, operands)


class Compiled:
    """A function of (builder, *IR values), compiled for a width (0: single numbers), run on columns.

    It is compiled for this machine, or without its features for a plain `cpu`.
    """

    def __init__(self, function: Callable[..., Any], arity: int, width: int, cpu: str = "") -> None:
        self.arity, self.step = arity, max(width, 1)
        module = _looped(function, arity, width)
        self.text = str(module)
        bind_library()
        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=cpu or llvm.get_host_cpu_name(),
            features="" if cpu else llvm.get_host_cpu_features().flatten(),
            opt=1,
        )
        parsed = llvm.parse_assembly(self.text)
        parsed.verify()
        self.engine = llvm.create_mcjit_compiler(parsed, machine)
        self.engine.finalize_object()
        pointers = [ctypes.c_void_p] * (arity + 1)
        prototype = ctypes.CFUNCTYPE(None, *pointers, ctypes.c_int64)
        self.run = prototype(self.engine.get_function_address("run"))

    def __call__(self, *columns: Sequence[float]) -> list[float]:
        """Return the function's values on columns of operands, any number of them."""
        count = len(columns[0])
        arrays = [np.array([*column, *[1.0] * (-count % self.step)]) for column in columns]
        out = np.full(len(arrays[0]), np.nan)
        self.run(out.ctypes.data, *[array.ctypes.data for array in arrays], len(out))
        return [float(x) for x in out[:count]]


def _looped(function: Callable[..., Any], arity: int, width: int) -> ir.Module:
    """A module with run(out, *columns, count), a loop over the columns."""
    module = ir.Module()
    number, pointer, whole = types(width)[0], ir.PointerType(), ir.IntType(64)
    signature = ir.FunctionType(ir.VoidType(), [pointer] * (arity + 1) + [whole])
    run = ir.Function(module, signature, "run")
    start, body, end = [run.append_basic_block(name) for name in ("start", "body", "end")]
    builder = ir.IRBuilder(start)
    builder.branch(body)
    builder.position_at_end(body)
    i = builder.phi(whole)
    i.add_incoming(whole(0), start)
    places = [builder.gep(column, [i], source_etype=ir.DoubleType()) for column in run.args[:-1]]
    operands = [builder.load(place, align=8, typ=number) for place in places[1:]]
    builder.store(function(builder, *operands), places[0], align=8)
    following = builder.add(i, whole(max(width, 1)))
    i.add_incoming(following, builder.block)
    builder.cbranch(builder.icmp_signed("<", following, run.args[-1]), body, end)
    builder.position_at_end(end)
    builder.ret_void()
    return module
