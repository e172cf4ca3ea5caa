"""How each row of the op table is written in numpy: a few calls on whole arrays, the last into `out`.

`out` is no operand, so that it serves for what comes between. A row that is not here, a user's for one, is
done number by number.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from engine import ops
from engine.compile.emitter import Array, Emitter
from engine.compile.instructions import Slope, flat, shape_of
from engine.compile.vector_kernels import KERNELS, power_slope, slow
from engine.op import Op

Operand: TypeAlias = Any
"""An Array, a number, or a tuple of these."""
Writer: TypeAlias = Callable[..., None]
"""writer(emitter, out, *operands) emits the calls of a row."""

DIRECT = {
    "abs": "absolute", "acos": "arccos", "acosh": "arccosh", "add": "add", "asin": "arcsin",
    "asinh": "arcsinh", "atan": "arctan", "atan2": "arctan2", "atanh": "arctanh", "cbrt": "cbrt",
    "cos": "cos", "cosh": "cosh", "div": "divide", "exp": "exp", "expm1": "expm1", "hypot": "hypot",
    "log": "log", "log10": "log10", "log1p": "log1p", "log2": "log2", "logaddexp": "logaddexp",
    "maximum": "maximum", "minimum": "minimum", "mul": "multiply", "neg": "negative", "sign": "sign",
    "sin": "sin", "sinh": "sinh", "sqrt": "sqrt", "sub": "subtract", "tan": "tan", "tanh": "tanh",
}  # fmt: skip
"""Rows that are one function of numpy."""


def emit_row(emitter: Emitter, op: Op | Slope, operands: tuple[Operand, ...], out: Array) -> None:
    """Emit out = op(*operands)."""
    if not is_fast(op):
        emitter.run(slow(op, shape_of(operands)), out, *flat(operands))
    elif op.name in DIRECT:
        emitter.call(DIRECT[op.name], *operands, out=out)
    elif op.name in WRITERS:
        WRITERS[op.name](emitter, out, *operands)
    else:
        emitter.run(KERNELS[op.name], out, *flat(operands))


def is_fast(op: Op | Slope) -> bool:
    """Return whether a row is done on whole arrays.

    >>> is_fast(ops.tanh), is_fast(Op("mine", lambda x: x, 1))
    (True, False)
    """
    if isinstance(op, Slope):
        return False
    known = ops.TABLE.get(op.name) is op or isinstance(op, ops.PowerDerivative)
    return known and (op.name in DIRECT or op.name in WRITERS or op.name in KERNELS)


def _copy(emitter: Emitter, out: Array, x: Operand) -> None:
    emitter.lines.append(f"copyto({emitter.name(out)}, {emitter.text(x)})")


def _relu(emitter: Emitter, out: Array, x: Operand) -> None:
    """0 first: of equal numbers numpy keeps the second, and relu(-0.0) is -0.0."""
    emitter.call("maximum", 0.0, x, out=out)


def _step(emitter: Emitter, out: Array, x: Operand) -> None:
    emitter.call("maximum", 0.0, x, out=out)
    emitter.call("sign", out, out=out)


def _sech2(emitter: Emitter, out: Array, x: Operand) -> None:
    """(1 / cosh(x))**2: where cosh overflows the result is below the smallest normal number."""
    emitter.call("cosh", x, out=out)
    emitter.call("divide", 1.0, out, out=out)
    emitter.call("multiply", out, out, out=out)


def _sigmoid(emitter: Emitter, out: Array, x: Operand) -> None:
    """e**x / (1 + e**x), which keeps what is below the smallest normal number; from 40 on it is 1."""
    total = emitter.scratch(out.shape)
    emitter.call("minimum", x, 40.0, out=out)
    emitter.call("exp", out, out=out)
    emitter.call("add", out, 1.0, out=total)
    emitter.call("divide", out, total, out=out)


def _softplus(emitter: Emitter, out: Array, x: Operand) -> None:
    """max(x, 0) + log1p(e**-|x|)."""
    rest = emitter.scratch(out.shape)
    emitter.call("absolute", x, out=rest)
    emitter.call("negative", rest, out=rest)
    emitter.call("exp", rest, out=rest)
    emitter.call("log1p", rest, out=rest)
    emitter.call("maximum", x, 0.0, out=out)
    emitter.call("add", out, rest, out=out)


def _silu(emitter: Emitter, out: Array, x: Operand) -> None:
    """x sigmoid(x), x not below -800, where the product is -0.0 already."""
    share = emitter.scratch(out.shape)
    _sigmoid(emitter, share, x)
    emitter.call("maximum", -800.0, x, out=out)
    emitter.call("multiply", out, share, out=out)


def _exp_sub(emitter: Emitter, out: Array, x: Operand, y: Operand) -> None:
    """The rounding error of the difference stays in: half an ulp of x - y, relative to the result."""
    emitter.call("subtract", x, y, out=out)
    emitter.call("exp", out, out=out)


def _power(emitter: Emitter, out: Array, x: Operand, y: Operand) -> None:
    if y == 2.0 and isinstance(y, float):
        emitter.call("multiply", x, x, out=out)
    else:
        emitter.call("power", x, y, out=out)


def _power_slope(emitter: Emitter, out: Array, x: Operand, y: Operand) -> None:
    """y x**(y-1); by the careful kernel unless y is a whole number small enough for y - 1 to be exact."""
    if isinstance(y, float) and y in (2.0, 3.0, 4.0):
        emitter.call("multiply", x, y, out=out)
        for _ in range(int(y) - 2):
            emitter.call("multiply", out, x, out=out)
    elif isinstance(y, float) and isinstance(x, Array):
        emitter.run(power_slope(y), out, x)
    else:
        emitter.run(KERNELS["power_derivative_1_0"], out, x, y)


def _chain(function: str) -> Writer:
    """Return a writer that folds a list."""

    def write(emitter: Emitter, out: Array, xs: tuple[Operand, ...]) -> None:
        first, *rest = xs
        _copy(emitter, out, first)
        for x in rest:
            emitter.call(function, out, x, out=out)

    return write


def _sum(emitter: Emitter, out: Array, xs: tuple[Operand, ...]) -> None:
    _chain("add")(emitter, out, xs or (0.0,))


WRITERS: dict[str, Writer] = {
    "detach": _copy, "exp_sub": _exp_sub, "identity": _copy, "max": _chain("maximum"),
    "min": _chain("minimum"), "power": _power, "power_derivative_1_0": _power_slope, "relu": _relu,
    "sech2": _sech2, "sigmoid": _sigmoid, "silu": _silu, "softplus": _softplus, "step": _step, "sum": _sum,
}  # fmt: skip
"""Rows that are a few functions of numpy."""
