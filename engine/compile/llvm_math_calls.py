"""Calls of the C library for every lane: for sines of far numbers, which a vector form would be long for."""

import ctypes
import math
from functools import cache
from typing import Any

from engine.compile.llvm_math_lanes import Lanes, types
from engine.optional import load

FUNCTIONS = ("cos", "sin", "tan", "floor", "fma")
"""What code calls of the C library: the last two on machines that have no such instructions."""


@cache
def bind_library() -> None:
    """Tell LLVM where the functions of the C library are; to be called before code is linked.

    Errors: OSError where there is no C library.
    """
    binding = load("llvmlite.binding", "fast")
    library = _library()
    for name in FUNCTIONS:
        binding.add_symbol(name, ctypes.cast(getattr(library, name), ctypes.c_void_p).value)


def _library() -> Any:
    """Return the C library that Python's own math uses."""
    for name in (getattr(math, "__file__", None), None, "ucrtbase", "msvcrt"):
        try:
            library = ctypes.CDLL(name)
            library["cos"]
        except (OSError, AttributeError, TypeError):
            continue
        return library
    raise OSError("the C library's cos was not found; choose the executor 'numpy' or 'python'")


def library_call(name: str, *operands: Lanes) -> Lanes:
    """Call a function of the C library for every lane."""
    like = operands[0]
    build = like.builder
    function = build.module.globals.get(name)
    ir = load("llvmlite.ir", "fast")
    if function is None:
        number, _ = types(0)
        function = ir.Function(build.module, ir.FunctionType(number, [number] * len(operands)), name)
    if not like.width:
        return like.new(build.call(function, [x.value for x in operands]))
    result = ir.Constant(like.value.type, ir.Undefined)
    for lane in range(like.width):
        place = ir.IntType(32)(lane)
        numbers = [build.extract_element(x.value, place) for x in operands]
        result = build.insert_element(result, build.call(function, numbers), place)
    return like.new(result)
