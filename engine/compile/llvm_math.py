"""The functions of the op table as code of LLVM: one function of the module for each that is used."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.compile import (
    llvm_math_arcs as arcs,
    llvm_math_exp as exps,
    llvm_math_hyper as hypers,
    llvm_math_log as logs,
    llvm_math_normal as normals,
    llvm_math_power as powers,
    llvm_math_squash as squashes,
    llvm_math_trig as waves,
)
from engine.compile.llvm_math_lanes import Lanes, width_of
from engine.optional import load

FORMULAS: dict[str, Callable[..., Lanes]] = {
    "acos": arcs.acos, "acosh": hypers.acosh, "asin": arcs.asin, "asinh": hypers.asinh, "atan": arcs.atan,
    "atan2": arcs.atan2, "atanh": hypers.atanh, "cbrt": powers.cbrt, "cos": waves.cos, "cosh": hypers.cosh,
    "cosine": waves.cosine, "elu": squashes.elu, "erf": normals.erf, "erfc": normals.erfc, "exp": exps.exp,
    "exp_sub": exps.exp_sub, "expm1": exps.expm1, "gaussian": normals.gaussian, "gelu": normals.gelu,
    "gelu_slope": normals.gelu_slope, "hypot": waves.hypot, "log": logs.log, "log10": powers.log10,
    "log1p": logs.log1p, "log2": powers.log2, "logaddexp": powers.logaddexp,
    "normal_cdf": normals.normal_cdf, "normal_density": normals.normal_density, "power": powers.power,
    "power_derivative_0_1": powers.power_y, "power_derivative_1_0": powers.power_x, "sech2": squashes.sech2,
    "sigmoid": squashes.sigmoid, "silu": squashes.silu, "silu_slope": squashes.silu_slope, "sin": waves.sin,
    "sinh": hypers.sinh, "softplus": squashes.softplus, "tan": waves.tan, "tanh": squashes.tanh,
}  # fmt: skip
"""Rows as formulas on lanes, written after the scalar kernels."""


def emit(builder: Any, name: str, operands: Sequence[Any]) -> Any | None:
    """Return the value of a row on vectors of one width, or on doubles; None where there is no code for it.

    The code is a function of the module, named by row and width, which is called: at 8 lanes the call costs a
    tenth at most, and the module stays small.
    """
    if name not in FORMULAS:
        return None
    width = width_of(operands[0].type)
    full = f"{name}_{width or 1}"
    function = builder.module.globals.get(full) or _defined(builder.module, full, name, operands)
    return builder.call(function, operands, cconv=function.calling_convention)


def _defined(module: Any, full: str, name: str, operands: Sequence[Any]) -> Any:
    """Return a new function of the module that does a row."""
    ir = load("llvmlite.ir", "fast")
    kinds = [x.type for x in operands]
    function = ir.Function(module, ir.FunctionType(kinds[0], kinds), full)
    function.linkage = "internal"
    function.calling_convention = "fastcc"
    function.attributes.add("noinline")
    function.attributes.add("nounwind")
    builder = ir.IRBuilder(function.append_basic_block())
    builder.ret(FORMULAS[name](*[Lanes(builder, x) for x in function.args]).value)
    return function
