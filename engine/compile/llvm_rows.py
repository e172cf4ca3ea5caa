"""Rows of the op table on vectors that are arithmetic and comparisons."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from engine import ops
from engine.compile.instructions import Slope
from engine.compile.llvm_kernel import Kernel
from engine.op import Op

Row: TypeAlias = Callable[..., Any]
"""row(kernel, *operands): the vector that a row comes to."""

LITERAL = frozenset("leaky_relu elu power power_derivative_1_0 power_derivative_0_1".split())
"""Rows whose operands are worth knowing when they are one number everywhere."""


def is_row(op: Op | Slope) -> bool:
    """Return whether an op is engine's own, and so the same wherever its name stands.

    >>> is_row(ops.tanh), is_row(Op("tanh", lambda x: x, 1))
    (True, False)
    """
    return isinstance(op, Op) and (ops.TABLE.get(op.name) is op or isinstance(op, ops.PowerDerivative))


def row(kernel: Kernel, name: str, operands: Sequence[Any], numbers: Sequence[float | None]) -> Any:
    """Return what a row of the table comes to, None where there is no code for it."""
    if name == "power" and numbers[1] in POWERS:
        return POWERS[numbers[1]](kernel, operands[0])
    if name == "power_derivative_1_0" and numbers[1] in POWER_SLOPES:
        return POWER_SLOPES[numbers[1]](kernel, operands[0])
    if name in ROWS:
        return ROWS[name](kernel, *operands)
    return None


def _ordered(kernel: Kernel, sign: str, x: Any, y: Any) -> Any:
    return kernel.builder.fcmp_ordered(sign, x, y)


def _is_nan(kernel: Kernel, x: Any) -> Any:
    return kernel.builder.fcmp_unordered("uno", x, x)


def _maximum(kernel: Kernel, x: Any, y: Any) -> Any:
    """x where it is larger or nan, else y."""
    b = kernel.builder
    return b.select(_is_nan(kernel, x), x, b.select(_ordered(kernel, ">", x, y), x, y))


def _minimum(kernel: Kernel, x: Any, y: Any) -> Any:
    b = kernel.builder
    return b.select(_is_nan(kernel, x), x, b.select(_ordered(kernel, "<", x, y), x, y))


def _relu(kernel: Kernel, x: Any) -> Any:
    return kernel.builder.select(_ordered(kernel, "<", x, kernel.splat(0.0)), kernel.splat(0.0), x)


def _leaky_relu(kernel: Kernel, x: Any, slope: Any) -> Any:
    below = _ordered(kernel, "<", x, kernel.splat(0.0))
    return kernel.builder.select(below, kernel.builder.fmul(slope, x), x)


def _step(kernel: Kernel, x: Any) -> Any:
    b, zero = kernel.builder, kernel.splat(0.0)
    rest = b.select(_ordered(kernel, "<=", x, zero), zero, x)
    return b.select(_ordered(kernel, ">", x, zero), kernel.splat(1.0), rest)


def _sign(kernel: Kernel, x: Any) -> Any:
    """1 with the sign of x where it is neither 0 nor nan, else x, whose 0 is 0.0."""
    b, zero = kernel.builder, kernel.splat(0.0)
    one = kernel.call("copysign", [kernel.splat(1.0), x])
    return b.select(_ordered(kernel, "!=", x, zero), one, b.fadd(x, zero))


def _ahead(kernel: Kernel, x: Any, y: Any) -> Any:
    b = kernel.builder
    rest = b.select(_ordered(kernel, "==", x, y), kernel.splat(0.5), kernel.splat(float("nan")))
    rest = b.select(_ordered(kernel, "<", x, y), kernel.splat(0.0), rest)
    return b.select(_ordered(kernel, ">", x, y), kernel.splat(1.0), rest)


def _ratio(kernel: Kernel, x: Any, y: Any) -> Any:
    b, zero = kernel.builder, kernel.splat(0.0)
    both = b.and_(_ordered(kernel, "==", x, zero), _ordered(kernel, "==", y, zero))
    return b.select(both, zero, b.fdiv(x, y))


def _where(kernel: Kernel, c: Any, x: Any, y: Any) -> Any:
    b = kernel.builder
    rest = b.select(_is_nan(kernel, c), kernel.splat(float("nan")), y)
    return b.select(_ordered(kernel, ">", c, kernel.splat(0.0)), x, rest)


def _chain(binary: Row) -> Row:
    """Return the row of a list that folds it by a row of two numbers."""

    def fold(kernel: Kernel, *xs: Any) -> Any:
        total, *rest = xs
        for x in rest:
            total = binary(kernel, total, x)
        return total

    return fold


def _sum(kernel: Kernel, *xs: Any) -> Any:
    return _chain(_add)(kernel, *xs) if xs else kernel.splat(0.0)


def _add(kernel: Kernel, x: Any, y: Any) -> Any:
    return kernel.builder.fadd(x, y)


def _mul(kernel: Kernel, x: Any, y: Any) -> Any:
    return kernel.builder.fmul(x, y)


def _div(kernel: Kernel, x: Any, y: Any) -> Any:
    return kernel.builder.fdiv(x, y)


def _same(kernel: Kernel, x: Any) -> Any:
    return x


def _sqrt(kernel: Kernel, x: Any) -> Any:
    return kernel.call("sqrt", [x])


ROWS: dict[str, Row] = {
    "abs": lambda kernel, x: kernel.call("fabs", [x]), "add": _add, "ahead": _ahead, "detach": _same,
    "div": _div, "identity": _same, "leaky_relu": _leaky_relu, "max": _chain(_maximum),
    "maximum": _maximum, "min": _chain(_minimum), "minimum": _minimum, "mul": _mul,
    "neg": lambda kernel, x: kernel.builder.fneg(x), "ratio": _ratio, "relu": _relu, "sign": _sign,
    "sqrt": _sqrt, "step": _step, "sub": lambda kernel, x, y: kernel.builder.fsub(x, y), "sum": _sum,
    "where": _where,
}  # fmt: skip
"""By name: what a row is in arithmetic and comparisons."""


def _root(kernel: Kernel, x: Any) -> Any:
    """The square root, 0.0 of -0.0."""
    return _sqrt(kernel, _add(kernel, x, kernel.splat(0.0)))


def _cube(kernel: Kernel, x: Any) -> Any:
    return _mul(kernel, _mul(kernel, x, x), x)


def _times(kernel: Kernel, factor: float, x: Any) -> Any:
    return _mul(kernel, kernel.splat(factor), x)


def _over(kernel: Kernel, factor: float, x: Any) -> Any:
    return _div(kernel, kernel.splat(factor), x)


POWERS: dict[float | None, Row] = {
    1.0: _same,
    2.0: lambda kernel, x: _mul(kernel, x, x),
    3.0: _cube,
    0.5: _root,
    -0.5: lambda kernel, x: _over(kernel, 1.0, _root(kernel, x)),
    -1.0: lambda kernel, x: _over(kernel, 1.0, x),
}  # fmt: skip
"""By exponent: powers that are arithmetic, rounded at most twice.

A root of -inf is nan here, not inf: where that reaches a result the batch runs once more, as eager would.
"""

POWER_SLOPES: dict[float | None, Row] = {
    1.0: lambda kernel, x: kernel.splat(1.0),
    2.0: lambda kernel, x: _times(kernel, 2.0, x),
    3.0: lambda kernel, x: _times(kernel, 3.0, _mul(kernel, x, x)),
    0.5: lambda kernel, x: _over(kernel, 0.5, _root(kernel, x)),
    -0.5: lambda kernel, x: _over(kernel, -0.5, _mul(kernel, x, _root(kernel, x))),
}  # fmt: skip
"""By exponent: y x**(y-1) that is arithmetic."""
