"""The functions of the op table as code of LLVM: one function of the module for each that is used."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.compile import (
    llvm_math_exp as exps,
    llvm_math_log as logs,
    llvm_math_normal as normals,
    llvm_math_power as powers,
    llvm_math_trig as waves,
)
from engine.compile.llvm_math_calls import ROWS as LIBRARY, library_call
from engine.compile.llvm_math_lanes import Lanes, width_of
from engine.optional import load

FORMULAS: dict[str, Callable[..., Lanes]] = {
    "cbrt": powers.cbrt, "cos": waves.cos, "cosine": waves.cosine, "elu": exps.elu, "erf": normals.erf,
    "erfc": normals.erfc, "exp": exps.exp, "exp_sub": exps.exp_sub, "expm1": exps.expm1,
    "gaussian": normals.gaussian, "gelu": normals.gelu, "gelu_slope": normals.gelu_slope, "log": logs.log,
    "log10": powers.log10, "log1p": logs.log1p, "log2": powers.log2, "logaddexp": powers.logaddexp,
    "normal_cdf": normals.normal_cdf, "normal_density": normals.normal_density, "power": powers.power,
    "power_derivative_0_1": powers.power_y, "power_derivative_1_0": powers.power_x, "sech2": exps.sech2,
    "sigmoid": exps.sigmoid, "silu": exps.silu, "silu_slope": exps.silu_slope, "sin": waves.sin,
    "softplus": logs.softplus, "tan": waves.tan, "tanh": exps.tanh,
}  # fmt: skip
"""Rows as formulas on lanes, written after the scalar kernels."""


def emit(
    builder: Any, name: str, operands: Sequence[Any], numbers: Sequence[float | None] = ()
) -> Any | None:
    """Return the value of a row on vectors of one width, or on doubles; None where there is no code for it.

    `numbers` tells which operands are one number, known here. The code is a function of the module, named
    by row and width, which is called: at 8 lanes the call costs a tenth at most, and the module stays small.
    """
    if name not in FORMULAS and name not in LIBRARY:
        return None
    width = width_of(operands[0].type)
    full = f"{name}_{width or 1}"
    function = builder.module.globals.get(full) or _defined(builder.module, full, name, operands)
    return builder.call(function, operands, cconv=function.calling_convention)


def does(name: str) -> str:
    """Return what does a row: "vector" code, the "C" library lane by lane, or "" where `emit` gives None.

    >>> does("tanh"), does("atan2"), does("dot")
    ('vector', 'C', '')
    """
    return "vector" if name in FORMULAS else "C" if name in LIBRARY else ""


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
    parameters = [Lanes(builder, x) for x in function.args]
    formula = FORMULAS.get(name)
    result = library_call(LIBRARY[name], *parameters) if formula is None else formula(*parameters)
    builder.ret(result.value)
    return function
