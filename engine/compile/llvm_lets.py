"""The ops of a loop as code on vectors, those without code of their own called back lane by lane."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from engine.compile.instructions import Let
from engine.compile.llvm_kernel import Kernel
from engine.compile.llvm_math import emit as emit_function
from engine.compile.llvm_rows import row
from engine.optional import load


class Made(NamedTuple):
    """An op by name, and its operands: registers (int) and numbers (float).

    Without a name it is a function that is called back; which one is an argument.
    """

    name: str
    operands: tuple[int | float, ...]


class Lets(NamedTuple):
    """What a loop computes; `literal` holds the numbers among the first registers, None for what is read."""

    made: tuple[Made, ...]
    literal: tuple[float | None, ...]

    @property
    def are_cheap(self) -> bool:
        """Whether each is an instruction or a few."""
        return all(x.name in CHEAP for x in self.made)


CALLED = "chainrule_called"
"""The function that calls back."""

CHEAP = frozenset(
    "abs add ahead detach div identity leaky_relu maximum minimum mul neg ratio relu sign sqrt step sub "
    "where".split()
)


def neutral(kernel: Kernel, fold: str) -> Any:
    """Return the vector with which a fold begins."""
    return kernel.splat({"sum": -0.0, "max": float("-inf"), "min": float("inf")}[fold])


def folded(kernel: Kernel, fold: str, total: Any, x: Any) -> Any:
    """Return a fold's total with one more vector."""
    return row(kernel, {"sum": "add", "max": "maximum", "min": "minimum"}[fold], [total, x], [None, None])


def flattened(let: Let) -> tuple[int | float, ...]:
    """Return a let's operands, those of lists one by one."""
    return tuple(
        [x for operand in let.operands for x in (operand if isinstance(operand, tuple) else (operand,))]
    )


def calls_of(kernel: Kernel, lets: Lets) -> list[Any]:
    """Read from the arguments which function each let without a name calls back."""
    return [None if made.name else kernel.argument() for made in lets.made]


def computed(
    kernel: Kernel,
    lets: Lets,
    calls: list[Any],
    loaded: Sequence[Sequence[Any]],
    count: int,
    length: Any = None,
) -> list[Any]:
    """Return the result for each of `count` vectors of what was read: `loaded` is [read][vector].

    Where vectors hold fewer numbers, their `length`, functions are called back for those alone.
    """
    length = kernel.whole(kernel.width) if length is None else length
    results = []
    for n in range(count):
        read = iter(loaded)
        registers: list[Any] = [next(read)[n] if x is None else kernel.splat(x) for x in lets.literal]
        numbers: list[float | None] = list(lets.literal)
        for made, called in zip(lets.made, calls, strict=True):
            operands = [registers[x] if type(x) is int else kernel.splat(x) for x in made.operands]
            known = [numbers[x] if type(x) is int else float(x) for x in made.operands]
            registers.append(_computed(kernel, made, operands, known, called, length))
            numbers.append(None)
        results.append(registers[-1])
    return results


def _computed(
    kernel: Kernel, made: Made, operands: list[Any], numbers: list[float | None], called: Any, length: Any
) -> Any:
    if not made.name:
        return _called(kernel, called, operands, length)
    x = row(kernel, made.name, operands, numbers)
    if x is None:
        x = emit_function(kernel.builder, made.name, operands)
    return x


def _called(kernel: Kernel, called: Any, operands: list[Any], length: Any) -> Any:
    """Call a function back number by number: CALLED takes which one and an array, and returns a float."""
    b, ir = kernel.builder, kernel.ir
    function = kernel.function.module.globals.get(CALLED)
    if function is None:
        kind = ir.FunctionType(kernel.double, [kernel.long, kernel.pointer])
        function = ir.Function(kernel.function.module, kind, CALLED)
    room = kernel.room(kernel.double, max(len(operands), 1))
    result = kernel.room(kernel.vector)
    b.store(kernel.splat(0.0), result)
    with kernel.loop(length) as lane:
        for i, x in enumerate(operands):
            kernel.put(b.extract_element(x, lane), room, kernel.whole(i))
        x = b.insert_element(b.load(result, typ=kernel.vector), b.call(function, [called, room]), lane)
        b.store(x, result)
    return b.load(result, typ=kernel.vector)


@lru_cache(maxsize=4096)
def is_known(name: str, numbers: tuple[float | None, ...], width: int) -> bool:
    """Return whether there is code for a row, some of whose operands are numbers.

    >>> is_known("tanh", (None,), 4), is_known("dot", (None,), 4)
    (True, False)
    """
    ir = load("llvmlite.ir", extra="fast")
    kernel = Kernel(ir.Module(name="trial"), "trial", width)
    operands = [kernel.splat(0.5)] * len(numbers)
    if row(kernel, name, operands, numbers) is not None:
        return True
    return emit_function(kernel.builder, name, operands) is not None
