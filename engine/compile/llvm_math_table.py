"""Rows of a constant table, another row in every lane."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.compile.llvm_math_lanes import Bits, Lanes, types
from engine.optional import load


def gathered(like: Lanes, name: str, content: Callable[[], bytes], row: Bits, columns: int) -> list[Lanes]:
    """Return the numbers of one row of a table of numbers, its rows of `columns` numbers one after the other.

    `row` is a whole number in every lane; `name` is that of the table in the module.
    """
    start = row * (8 * columns) + Bits(like.builder, _spread(like, _address(like.builder, name, content)))
    return [like.new(_loaded(like, (start + 8 * column).value)) for column in range(columns)]


def _address(builder: Any, name: str, content: Callable[[], bytes]) -> Any:
    """Return where a constant table of the module is, as a whole number."""
    ir = load("llvmlite.ir", "fast")
    table = builder.module.globals.get(name)
    if table is None:
        numbers = bytearray(content())
        kind = ir.ArrayType(ir.IntType(8), len(numbers))
        table = ir.GlobalVariable(builder.module, kind, name)
        table.linkage, table.global_constant, table.align = "internal", True, 64
        table.initializer = kind(numbers)
    return builder.ptrtoint(table, ir.IntType(64))


def _spread(like: Lanes, x: Any) -> Any:
    """Return a whole number in every lane."""
    if not like.width:
        return x
    ir = load("llvmlite.ir", "fast")
    place = ir.IntType(32)
    first = like.builder.insert_element(types(like.width)[1](ir.Undefined), x, place(0))
    return like.builder.shuffle_vector(first, first, ir.VectorType(place, like.width)([0] * like.width))


def _loaded(like: Lanes, places: Any) -> Any:
    """Return the numbers at some addresses."""
    ir = load("llvmlite.ir", "fast")
    build, kind, width = like.builder, like.value.type, like.width
    if not width:
        return build.load(build.inttoptr(places, ir.PointerType()), typ=kind)
    pointers, mask = ir.VectorType(ir.PointerType(), width), ir.VectorType(ir.IntType(1), width)
    operands: Sequence[Any] = [
        build.inttoptr(places, pointers), ir.IntType(32)(8), mask([1] * width), kind(ir.Undefined)
    ]  # fmt: skip
    name = f"llvm.masked.gather.v{width}f64.v{width}p0"
    function = build.module.globals.get(name)
    if function is None:
        signature = ir.FunctionType(kind, [x.type for x in operands])
        function = ir.Function(build.module, signature, name)
    return build.call(function, operands)
