"""The op table: every value and every partial derivative, written once.

Operands are x and y, the result is z. Partials are made of rows and + - * /, so they run on floats, Values,
Duals and Symbols alike. Where the textbook form loses digits, a helper row keeps them: `sech2` for
1 - tanh(x)**2, `normal_cdf` for (1 + erf(x/sqrt(2)))/2, `exp_sub` for exp(x)/exp(y), and so on.
Measured errors of every row: `python -m pytest tests/test_accuracy.py -s`.
"""

import math
import operator
from collections.abc import Sequence
from functools import cache, partial
from types import FunctionType
from typing import Any

from engine import exponentials, ieee, kernels, normal, powers
from engine.carrier import Carrier, Floats, as_numbers
from engine.index import select as select
from engine.op import Interval, Op, positive, real

ONE_OVER_LN2 = 1 / math.log(2.0)
ONE_OVER_LN10 = 1 / math.log(10.0)
TWO_OVER_ROOT_PI = 2 / math.sqrt(math.pi)
unit = Interval(-1.0, 1.0, closed=True)
finite_exp = Interval(high=709.78)


def _gap(x: float, y: float) -> float:
    return x - y if x != y else 0.0


def _lead(xs: Sequence[float]) -> float:
    """How far the largest is ahead of the second."""
    first, *rest = sorted(xs, reverse=True)
    return first - rest[0] if rest else math.inf


def first(z: Any, x: Any, y: Any) -> Any:
    """∂(xy)/∂y = x."""
    return x


def second(z: Any, x: Any, y: Any) -> Any:
    """∂(xy)/∂x = y."""
    return y


# arithmetic
add = Op("add", operator.add, 1, 1, infix="+")
sub = Op("sub", operator.sub, 1, -1, infix="-")
mul = Op("mul", operator.mul, second, first, infix="*")
div = Op("div", operator.truediv, lambda z, x, y: 1 / y, lambda z, x, y: -z / y, infix="/", limit=ieee.divide)
neg = Op("neg", operator.neg, -1)
abs = Op("abs", operator.abs, lambda z, x: sign(x), margin=lambda x: x)


class PowerDerivative(Op):
    """∂ⁿ/∂xⁿ ∂ᵐ/∂yᵐ of x ** y, which is closed under differentiation."""

    def __init__(self, n: int, m: int) -> None:
        self.order = (n, m)
        super().__init__(
            f"power_derivative_{n}_{m}",
            powers.slope if (n, m) == (1, 0) else partial(powers.power_derivative, n, m),
            lambda z, x, y: power_derivative(n + 1, m)(x, y),
            lambda z, x, y: power_derivative(n, m + 1)(x, y),
            domain=(positive, real),
        )

    def __reduce__(self) -> Any:
        return power_derivative, self.order


@cache
def power_derivative(n: int, m: int) -> PowerDerivative:
    """Return the op ∂ⁿ/∂xⁿ ∂ᵐ/∂yᵐ of x ** y: y*x**(y-1) for (1, 0), x**y*log(x) for (0, 1)."""
    return PowerDerivative(n, m)


power_x, power_y = power_derivative(1, 0), power_derivative(0, 1)
power = Op(
    "power", math.pow, lambda z, x, y: power_x(x, y), lambda z, x, y: power_y(x, y),
    infix="**", domain=(positive, real), limit=ieee.power,
)  # fmt: skip

# exponentials, logarithms and roots
exp = Op("exp", math.exp, lambda z, x: z, domain=finite_exp, limit=ieee.overflow)
expm1 = Op("expm1", math.expm1, lambda z, x: exp(x), domain=finite_exp, limit=ieee.overflow)
log = Op("log", math.log, lambda z, x: 1 / x, domain=positive, limit=ieee.log)
log1p = Op("log1p", math.log1p, lambda z, x: 1 / (1 + x), domain=Interval(low=-1.0), limit=ieee.log1p)
log2 = Op("log2", math.log2, lambda z, x: ONE_OVER_LN2 / x, domain=positive, limit=ieee.log)
log10 = Op("log10", math.log10, lambda z, x: ONE_OVER_LN10 / x, domain=positive, limit=ieee.log)
sqrt = Op("sqrt", math.sqrt, lambda z, x: 0.5 / z, domain=positive, limit=ieee.undefined)
cbrt = Op("cbrt", kernels.cbrt, lambda z, x: 1 / (3 * z * z), margin=lambda x: x)
exp_sub = Op("exp_sub", exponentials.exp_sub, lambda z, x, y: z, lambda z, x, y: -z)

# trigonometry
sin = Op("sin", math.sin, lambda z, x: cos(x), limit=ieee.undefined)
cos: Op = Op("cos", math.cos, lambda z, x: -sin(x), limit=ieee.undefined)
tan = Op("tan", math.tan, lambda z, x: 1 + z * z, limit=ieee.undefined)
asin = Op("asin", math.asin, lambda z, x: 1 / sqrt((1 - x) * (1 + x)), domain=unit, limit=ieee.undefined)
acos = Op("acos", math.acos, lambda z, x: -1 / sqrt((1 - x) * (1 + x)), domain=unit, limit=ieee.undefined)
atan = Op("atan", math.atan, lambda z, x: 1 / (1 + x * x))
ratio = Op("ratio", kernels.ratio, lambda z, x, y: 1 / y, lambda z, x, y: -z / y)
cosine: Op = Op(
    "cosine", kernels.cosine,
    lambda z, x, y: ratio(cosine(y, x), hypot(x, y)) * cosine(y, x),
    lambda z, x, y: -ratio(z * cosine(y, x), hypot(x, y)),
    margin=lambda x, y: math.hypot(x, y),
)  # fmt: skip
hypot: Op = Op(
    "hypot", math.hypot, lambda z, x, y: cosine(x, y), lambda z, x, y: cosine(y, x),
    margin=lambda x, y: math.hypot(x, y),
)  # fmt: skip
atan2 = Op(
    "atan2", math.atan2,
    lambda z, x, y: ratio(cosine(y, x), hypot(x, y)), lambda z, x, y: -ratio(cosine(x, y), hypot(x, y)),
    margin=lambda x, y: math.hypot(x, y) if y > 0.0 else x,
)  # fmt: skip

# hyperbolic functions
sinh = Op("sinh", kernels.sinh, lambda z, x: cosh(x))
cosh: Op = Op("cosh", math.cosh, lambda z, x: sinh(x), limit=ieee.overflow)
tanh = Op("tanh", math.tanh, lambda z, x: sech2(x))
sech2: Op = Op("sech2", kernels.sech2, lambda z, x: -2 * tanh(x) * z)
asinh = Op("asinh", kernels.asinh, lambda z, x: 1 / hypot(1, x))
acosh = Op("acosh", kernels.acosh, lambda z, x: 1 / (sqrt(x - 1) * sqrt(x + 1)), domain=Interval(low=1.0))
atanh = Op("atanh", kernels.atanh, lambda z, x: 1 / ((1 - x) * (1 + x)), domain=Interval(-1.0, 1.0))

# the normal distribution and the error function
erf = Op("erf", math.erf, lambda z, x: TWO_OVER_ROOT_PI * gaussian(x))
erfc = Op("erfc", normal.erfc, lambda z, x: -TWO_OVER_ROOT_PI * gaussian(x))
gaussian: Op = Op("gaussian", normal.gaussian, lambda z, x: -2 * (x * z))
normal_cdf = Op("normal_cdf", normal.normal_cdf, lambda z, x: normal_density(x))
normal_density: Op = Op("normal_density", normal.normal_density, lambda z, x: -x * z)

# activations
step = Op("step", kernels.step, 0, margin=lambda x: x)
sign: Op = Op("sign", kernels.sign, 0, margin=lambda x: x)
relu = Op("relu", kernels.relu, lambda z, x: step(x), margin=lambda x: x)
leaky_relu = Op(
    "leaky_relu", kernels.leaky_relu, lambda z, x, y: where(x, 1, y), lambda z, x, y: where(x, 0, x),
    defaults=(0.01,), margin=lambda x, y: x,
)  # fmt: skip
elu = Op(
    "elu", kernels.elu,
    lambda z, x, y: where(x, 1, y * exp(minimum(x, 0))),
    lambda z, x, y: expm1(minimum(x, 0)),
    defaults=(1.0,), margin=lambda x, y: x,
)  # fmt: skip
sigmoid = Op("sigmoid", kernels.sigmoid, lambda z, x: sech2(x / 2) / 4)
softplus = Op("softplus", kernels.softplus, lambda z, x: sigmoid(x))
silu: Op = Op("silu", kernels.silu, lambda z, x: silu_slope(x))
silu_slope: Op = Op(
    "silu_slope", kernels.silu_slope,
    lambda z, x: sech2(x / 2) / 4 * where(x, 2 - x - 2 * silu(-x), 2 + x - 2 * silu(x)),
)  # fmt: skip
gelu = Op("gelu", normal.gelu, lambda z, x: gelu_slope(x))
gelu_slope: Op = Op(
    "gelu_slope", normal.gelu_slope, lambda z, x: normal_density(x) + normal_density(x) * (1 - x) * (1 + x)
)

# two numbers, or a list of them
maximum = Op(
    "maximum", kernels.maximum, lambda z, x, y: ahead(x, y), lambda z, x, y: ahead(y, x), margin=_gap
)
minimum: Op = Op(
    "minimum", kernels.minimum, lambda z, x, y: ahead(y, x), lambda z, x, y: ahead(x, y), margin=_gap
)
ahead: Op = Op("ahead", kernels.ahead, 0, 0, margin=_gap)
logaddexp = Op(
    "logaddexp", exponentials.logaddexp,
    lambda z, x, y: 1 / (1 + exp_sub(y, x)), lambda z, x, y: 1 / (1 + exp_sub(x, y)),
)  # fmt: skip


def _empty(xs: Sequence[float]) -> float:
    raise ValueError("the largest or smallest of a list needs at least one number, got an empty list")


def _tied(ties: list[Any]) -> list[Any]:
    """Share 1 among the elements that are not behind."""
    total = sum(ties)
    return [ratio(tie, total) for tie in ties]


def softmax(xs: Sequence[Any]) -> list[Any]:
    """Return exp(xᵢ) / Σⱼ exp(xⱼ) for each xᵢ, a list that adds up to 1 (Bridle, 1990); of none, none.

    All are shifted by the largest, which takes no part in the derivative.

    Errors: TypeError for what is no list of numbers.

    >>> [round(p, 3) for p in softmax([2.3, 1.1, -0.5])]
    [0.734, 0.221, 0.045]
    """
    if type(xs) is not Floats:
        xs = as_numbers(xs, "softmax")
    scores = list(xs)
    if not scores:
        return []
    shift = detach(max(scores))
    shares = [exp_sub(x, shift) for x in scores]
    total = sum(shares)
    return [share / total for share in shares]


sum = Op("sum", math.fsum, 1, lists=(True,), limit=ieee.total)
dot = Op("dot", kernels.dot, second, first, lists=(True, True), limit=ieee.total_of_products)
max = Op(
    "max", kernels.largest, lambda z, x: _tied([ahead(xi, z) for xi in x]),
    lists=(True,), margin=_lead, limit=_empty,
)  # fmt: skip
min = Op(
    "min", kernels.smallest, lambda z, x: _tied([ahead(z, xi) for xi in x]),
    lists=(True,), margin=lambda xs: _lead([-x for x in xs]), limit=_empty,
)  # fmt: skip
logsumexp = Op("logsumexp", exponentials.logsumexp, lambda z, x: softmax(x), lists=(True,))


# structure
class Where(Op):
    """where(c, a, b): a where c > 0, else b; the pair (a, b) is one list operand."""

    def __call__(self, *operands: Any) -> Any:
        """Return a where the number c > 0, else b; the slope in c is 0, and nan stays nan."""
        if len(operands) == 3:
            operands = operands[0], operands[1:]
        elif len(operands) == 2:
            operands = operands[0], as_numbers(operands[1], self.name)
        if len(operands) != 2 or len(operands[1]) != 2:
            raise TypeError(f"where takes a condition and two numbers, got {operands!r}")
        return super().__call__(*operands)


where: Op = Where(
    "where", kernels.choose, 0, lambda z, x, y: (step(x), 1 - step(x)),
    lists=(False, True), margin=lambda x, y: x,
)  # fmt: skip
detach = Op("detach", operator.pos, None)
identity = Op("identity", operator.pos, 1)


TABLE = {op.name: op for op in list(globals().values()) if isinstance(op, Op)}
HELPERS = frozenset(
    "ahead cosine exp_sub gaussian gelu_slope identity normal_cdf normal_density power_derivative_0_1 "
    "power_derivative_1_0 ratio sech2 sign silu_slope".split()
)
OPERATORS = {"add": add, "sub": sub, "mul": mul, "truediv": div, "pow": power}
METHODS = {
    op.name: op
    for op in TABLE.values()
    if op.arity - len(op.defaults) == 1 and not any(op.lists) and op.name not in HELPERS
}


def _on_floats() -> None:
    """Let the sweep run the rows' partials on kernels: the same code, in which `cos` means `math.cos`.

    It saves the ops' own look at their operands, half the time of a short partial. Where a kernel raises,
    the sweep evaluates the partial as it is written, whose ops know their limits.
    """
    rows = {name: row for name, row in globals().items() if isinstance(row, Op) and row is not where}
    kernels = globals() | {name: row.value for name, row in rows.items()}
    for op in TABLE.values():
        twins = [
            FunctionType(p.__code__, kernels, p.__name__, p.__defaults__, p.__closure__)
            if isinstance(p, FunctionType) and p not in (first, second)
            else p
            for p in op.partials
        ]
        op.dx, op.dy = (*twins, None)[:2]


def install_method(cls: type, name: str, method: Any, op: Op) -> None:
    """Give a class of carriers a method that an op is behind, with a name and a docstring."""
    method.__name__, method.__qualname__ = name, f"{cls.__name__}.{name}"
    call = ", ".join(["x", *(f"y={default}" for default in op.defaults)])
    method.__doc__ = f"Return {op.name}({call}) of this number x; see `engine.{op.name}`."
    setattr(cls, name, method)


def _install(cls: type) -> None:
    """Give a class of carriers the operators and methods of the table."""
    for name, op in OPERATORS.items():
        setattr(cls, f"__{name}__", lambda x, y, op=op: op(x, y))
        setattr(cls, f"__r{name}__", lambda y, x, op=op: op(x, y))
    for name, op in (METHODS | {"__neg__": neg, "__abs__": abs}).items():
        install_method(cls, name, _method(op), op)


def _method(op: Op) -> Any:
    return lambda x, *more: op(x, *more)


_on_floats()
_install(Carrier)
