"""How the rows of the op table are written in ONNX: they are called on Tensors, which add nodes.

A row is one operator of ONNX, or a formula of such that keeps its digits where onnxruntime has a kernel for
both dtypes; nan stays nan. Rows that are in neither table have no counterpart.
"""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from engine import ops
from engine.carrier import Carrier
from engine.compile.instructions import flat
from engine.compile.onnx_nodes import Nodes
from engine.compile.texts import is_row
from engine.op import Op
from engine.value import Value


class Tensor(Carrier):
    """A tensor of an ONNX graph; a row of the op table that is called on it adds nodes to that graph.

    Errors: ValueError for an op that has no counterpart in ONNX; TypeError where it is asked for its number,
    which is not known yet.
    """

    __slots__ = ("name", "nodes")
    rank = 4

    def __init__(self, nodes: Nodes, name: str) -> None:
        self.nodes, self.name = nodes, name

    @classmethod
    def apply(cls, op: Op, operands: tuple[Any, ...]) -> Any:
        """Return op(*operands), element by element."""
        nodes = next(x.nodes for x in flat(operands) if type(x) is cls)
        if is_row(op) and op.name in OPERATORS:
            return call(OPERATORS[op.name], *flat(operands))
        if is_row(op) and op.name in FORMULAS:
            return FORMULAS[op.name](*[cls.made(nodes, operand) for operand in operands])
        what = "the op" if is_row(op) else "an op of one's own,"
        raise ValueError(
            f"ONNX has no counterpart of {what} {op.name!r}; what it has: "
            f"{', '.join(sorted({*OPERATORS, *FORMULAS}))}"
        )

    @classmethod
    def made(cls, nodes: Nodes, x: Any) -> Any:
        """Return an operand as a Tensor, a list of them as a list; a Value is the number that it has now."""
        if isinstance(x, (list, tuple)):
            return [cls.made(nodes, item) for item in x]
        if type(x) is cls:
            return x
        return cls(nodes, nodes.constant(x.data if type(x) is Value else x))

    if TYPE_CHECKING:  # what engine.ops makes from the table

        def __add__(self, other: Any) -> "Tensor": ...
        def __radd__(self, other: Any) -> "Tensor": ...
        def __sub__(self, other: Any) -> "Tensor": ...
        def __rsub__(self, other: Any) -> "Tensor": ...
        def __mul__(self, other: Any) -> "Tensor": ...
        def __rmul__(self, other: Any) -> "Tensor": ...
        def __truediv__(self, other: Any) -> "Tensor": ...
        def __rtruediv__(self, other: Any) -> "Tensor": ...
        def __neg__(self) -> "Tensor": ...

    def __bool__(self) -> bool:
        raise TypeError(
            "a number is not known yet where a function is exported: decide with where or maximum, not if"
        )

    def __float__(self) -> float:
        raise TypeError(
            "a number is not known yet where a function is exported: compute with engine's ops, not math's"
        )


def call(operator: str, *operands: Any, **attributes: Any) -> Tensor:
    """Return the Tensor that one operator of ONNX gives; some operands are Tensors, others may be numbers."""
    nodes = next(x.nodes for x in operands if type(x) is Tensor)
    names = [Tensor.made(nodes, x).name for x in operands]
    return Tensor(nodes, nodes.add(operator, *names, **attributes))


def chosen(mask: Tensor, x: Any, y: Any) -> Tensor:
    """Return x where a mask is true, else y."""
    return call("Where", mask, x, y)


# exponentials and logarithms
def _expm1(x: Any) -> Any:
    """2t / (1 - t) with t = tanh(x/2) near 0, where e**x - 1 loses digits."""
    t = call("Tanh", x * 0.5)
    return chosen(call("Less", call("Abs", x), 1.0), 2.0 * t / (1.0 - t), call("Exp", x) - 1.0)


def _log1p(x: Any) -> Any:
    """log(u) x / (u - 1) with u = 1 + x, as rounded, near 0, where log(u) loses digits (Goldberg 1991)."""
    u = 1.0 + x
    log = call("Log", u)
    near = chosen(call("Equal", u, 1.0), x, log * (x / (u - 1.0)))
    return chosen(call("Less", call("Abs", x), 0.5), near, log)


def _logaddexp(x: Any, y: Any) -> Any:
    """The larger one and log1p(e**-|x - y|); of equal ones, which may be infinite, the difference is 0."""
    gap = chosen(call("Equal", x, y), 0.0, call("Abs", x - y))
    return ops.maximum(x, y) + _log1p(call("Exp", -gap))


def _logsumexp(xs: Sequence[Any]) -> Any:
    peak = call("Max", *xs)
    return peak + call("Log", call("Sum", *[call("Exp", x - peak) for x in xs]))


def _sigmoid(x: Any) -> Any:
    """1 / (1 + e**-x): onnxruntime's own Sigmoid is 0 from -18 down (1.5e-8), which has no logarithm."""
    return 1.0 / (1.0 + call("Exp", -x))


def _sech2(x: Any) -> Any:
    share = 2.0 / (call("Exp", x) + call("Exp", -x))
    return share * share


# quotients and distances
def _ratio(x: Any, y: Any) -> Any:
    both = call("And", call("Equal", x, 0.0), call("Equal", y, 0.0))
    return chosen(both, 0.0, x / y)


def _hypot(x: Any, y: Any) -> Any:
    """The larger one times sqrt(1 + (smaller / larger)**2): no square overflows; infinite ones tie."""
    large, small = _by_size(x, y)
    share = chosen(call("Equal", small, large), call("Sign", large), small / large)
    return large * call("Sqrt", 1.0 + share * share)


def _cosine(x: Any, y: Any) -> Any:
    """x / hypot(x, y), both divided by the larger one."""
    large, small = _by_size(x, y)
    leading = chosen(call("Equal", call("Abs", x), large), call("Sign", x), x / large)
    share = _ratio(small, large)
    return leading / call("Sqrt", 1.0 + share * share)


def _by_size(x: Any, y: Any) -> tuple[Any, Any]:
    sizes = call("Abs", x), call("Abs", y)
    return call("Max", *sizes), call("Min", *sizes)


def _cbrt(x: Any) -> Any:
    return call("Sign", x) * call("Pow", call("Abs", x), 1.0 / 3.0)


# comparisons
def _where(c: Any, pair: Sequence[Any]) -> Any:
    return chosen(call("Greater", c, 0.0), pair[0], chosen(call("Equal", c, c), pair[1], math.nan))


def _ahead(x: Any, y: Any) -> Any:
    tied = chosen(call("Equal", x, y), 0.5, chosen(call("Less", x, y), 0.0, math.nan))
    return chosen(call("Greater", x, y), 1.0, tied)


# activations
def _leaky_relu(x: Any, slope: Any) -> Any:
    return chosen(call("Less", x, 0.0), slope * x, x)


def _elu(x: Any, alpha: Any) -> Any:
    return chosen(call("Greater", x, 0.0), x, alpha * _expm1(ops.minimum(x, 0.0)))


def _softplus(x: Any) -> Any:
    return call("Relu", x) + _log1p(call("Exp", -call("Abs", x)))


def _silu(x: Any) -> Any:
    """x not below -800, where the result is 0 already."""
    return ops.maximum(x, -800.0) * _sigmoid(x)


def _silu_slope(x: Any) -> Any:
    x = _within(x, 800.0)
    share = _sigmoid(x)
    return share * (1.0 + x * _sigmoid(-x))


def _gelu(x: Any) -> Any:
    """x (1 + erf(x / sqrt(2))) / 2, as ONNX defines its Gelu, x not below -40."""
    return ops.maximum(x, -40.0) * _cdf(x)


def _gelu_slope(x: Any) -> Any:
    x = _within(x, 40.0)
    return _cdf(x) + x * _normal_density(x)


def _cdf(x: Any) -> Any:
    """The normal distribution function; far left it has no digits, which only gelu can do without."""
    return 0.5 * (1.0 + call("Erf", x * math.sqrt(0.5)))


def _normal_density(x: Any) -> Any:
    return call("Exp", -0.5 * (x * x)) * (1.0 / math.sqrt(2.0 * math.pi))


def _within(x: Any, bound: float) -> Any:
    return ops.minimum(ops.maximum(x, -bound), bound)


OPERATORS = {
    "abs": "Abs", "acos": "Acos", "acosh": "Acosh", "add": "Add", "asin": "Asin", "asinh": "Asinh",
    "atan": "Atan", "atanh": "Atanh", "cos": "Cos", "cosh": "Cosh", "detach": "Identity", "div": "Div",
    "erf": "Erf", "exp": "Exp", "identity": "Identity", "log": "Log", "max": "Max", "maximum": "Max",
    "min": "Min", "minimum": "Min", "mul": "Mul", "neg": "Neg", "power": "Pow", "relu": "Relu",
    "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "sqrt": "Sqrt", "sub": "Sub", "sum": "Sum", "tan": "Tan",
    "tanh": "Tanh",
}  # fmt: skip
"""Rows that are one operator. onnxruntime has no float64 kernel for Tan, Sinh, Cosh, the inverse functions of
the circle and the hyperbola, and Erf, which gelu needs."""

FORMULAS: dict[str, Callable[..., Any]] = {
    "ahead": _ahead,
    "cbrt": _cbrt,
    "cosine": _cosine,
    "dot": lambda xs, ys: call("Sum", *[x * y for x, y in zip(xs, ys, strict=True)]),
    "elu": _elu,
    "exp_sub": lambda x, y: call("Exp", x - y),
    "expm1": _expm1,
    "gaussian": lambda x: call("Exp", -(x * x)),
    "gelu": _gelu,
    "gelu_slope": _gelu_slope,
    "hypot": _hypot,
    "leaky_relu": _leaky_relu,
    "log10": lambda x: call("Log", x) * ops.ONE_OVER_LN10,
    "log1p": _log1p,
    "log2": lambda x: call("Log", x) * ops.ONE_OVER_LN2,
    "logaddexp": _logaddexp,
    "logsumexp": _logsumexp,
    "normal_density": _normal_density,
    "ratio": _ratio,
    "sech2": _sech2,
    "sigmoid": _sigmoid,
    "silu": _silu,
    "silu_slope": _silu_slope,
    "softplus": _softplus,
    "step": lambda x: call("Sign", call("Relu", x)),
    "where": _where,
}
"""Rows that are a few operators. What is missing would need what no operator keeps: the tails of the normal
distribution (erfc, normal_cdf), the quadrants and signed zeros of atan2, the derivatives of a power."""
