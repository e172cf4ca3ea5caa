"""The rows of the op table from their mathematical definitions, in many digits.

Nothing here is taken from the table's code: each function is written as a textbook defines it, and so is each
partial, so that a fault in the table does not hide in its own oracle. Operands are numbers of many digits, or
lists of them for the list rows. That each partial is the derivative of its value, by mpmath's numeric
differentiation, is held by a test.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from engine.check.power import LARGEST_EXPONENT, e_to, power, power_derivative
from engine.check.ulps import exactly, mp, mpf
from engine.op import Op
from engine.ops import TABLE, PowerDerivative

Exact = Callable[..., Any]


class Row(NamedTuple):
    """The exact value of an op, and its exact partials: lists for list operands, None where nothing flows."""

    value: Exact
    partials: tuple[Exact | None, ...]


# functions, total over the floats and quick for exponents of any size
def cosh(x: Any) -> Any:
    """The hyperbolic cosine."""
    return (e_to(x) + e_to(-x)) / 2


def sinh(x: Any) -> Any:
    """The hyperbolic sine."""
    return mp.sinh(max(min(x, LARGEST_EXPONENT), -LARGEST_EXPONENT))


def tanh(x: Any) -> Any:
    """The hyperbolic tangent."""
    return mp.tanh(max(min(x, LARGEST_EXPONENT), -LARGEST_EXPONENT))


def expm1(x: Any) -> Any:
    """e**x - 1."""
    return mp.expm1(max(min(x, LARGEST_EXPONENT), -LARGEST_EXPONENT))


def erfc(x: Any) -> Any:
    """1 - erf(x)."""
    return mp.erfc(max(min(x, 200), -200))


def logistic(x: Any) -> Any:
    """1 / (1 + e**-x)."""
    return 1 / (1 + e_to(-x))


def density(x: Any) -> Any:
    """The density of the standard normal distribution."""
    return e_to(-x * x / 2) / mp.sqrt(2 * mp.pi)


def distribution(x: Any) -> Any:
    """The distribution function of the standard normal distribution."""
    return erfc(-x / mp.sqrt(2)) / 2


def log_of_sum(xs: list[Any]) -> Any:
    """log(Σ exp(x))."""
    largest = max(xs)
    rest = list(xs)
    rest.remove(largest)
    return largest + mp.log1p(mp.fsum(e_to(x - largest) for x in rest))


def shares(xs: list[Any]) -> list[Any]:
    """exp(xᵢ) / Σ exp(x)."""
    largest = max(xs)
    total = mp.fsum(e_to(x - largest) for x in xs)
    return [e_to(x - largest) / total for x in xs]


def ball(xs: list[Any], winner: Any) -> list[Any]:
    """1 shared among the elements that are equal to the winner."""
    return [1 / mpf(xs.count(winner)) if x == winner else mpf(0) for x in xs]


def one(*operands: Any) -> Any:
    """The partial 1."""
    return mpf(1)


def zero(*operands: Any) -> Any:
    """The partial 0."""
    return mpf(0)


def minus_one(*operands: Any) -> Any:
    """The partial -1."""
    return mpf(-1)


def heaviside(x: Any) -> Any:
    """1 where x > 0, else 0."""
    return mpf(x > 0)


def signum(x: Any) -> Any:
    """1, 0 or -1."""
    return mp.sign(x)


def lead(x: Any, y: Any) -> Any:
    """1 where x > y, 1/2 where they tie, else 0."""
    return mpf(1) if x > y else mpf(0) if x < y else mpf(0.5)


@cache
def power_row(n: int, m: int) -> Row:
    """The row of `engine.ops.power_derivative(n, m)`."""
    return Row(
        lambda x, y: mpf(0) if x == y == n == 0 else power_derivative(n, m, x, y),  # by convention
        (
            lambda x, y: power_derivative(n + 1, m, x, y),
            lambda x, y: power_derivative(n, m + 1, x, y),
        ),
    )


ROWS: dict[str, Row] = {
    # arithmetic
    "add": Row(lambda x, y: x + y, (one, one)),
    "sub": Row(lambda x, y: x - y, (one, minus_one)),
    "mul": Row(lambda x, y: x * y, (lambda x, y: y, lambda x, y: x)),
    "div": Row(lambda x, y: x / y, (lambda x, y: 1 / y, lambda x, y: -x / y**2)),
    "ratio": Row(lambda x, y: x / y, (lambda x, y: 1 / y, lambda x, y: -x / y**2)),
    "neg": Row(lambda x: -x, (minus_one,)),
    "abs": Row(lambda x: abs(x), (signum,)),
    # powers
    "power": Row(
        power,
        (lambda x, y: power_derivative(1, 0, x, y), lambda x, y: power_derivative(0, 1, x, y)),
    ),
    "power_derivative_1_0": power_row(1, 0),
    "power_derivative_0_1": power_row(0, 1),
    # exponentials, logarithms and roots
    "exp": Row(e_to, (e_to,)),
    "expm1": Row(expm1, (e_to,)),
    "exp_sub": Row(lambda x, y: e_to(x - y), (lambda x, y: e_to(x - y), lambda x, y: -e_to(x - y))),
    "log": Row(mp.log, (lambda x: 1 / x,)),
    "log1p": Row(mp.log1p, (lambda x: 1 / (1 + x),)),
    "log2": Row(lambda x: mp.log(x) / mp.log(2), (lambda x: 1 / (x * mp.log(2)),)),
    "log10": Row(lambda x: mp.log(x) / mp.log(10), (lambda x: 1 / (x * mp.log(10)),)),
    "sqrt": Row(mp.sqrt, (lambda x: 1 / (2 * mp.sqrt(x)),)),
    "cbrt": Row(lambda x: mp.sign(x) * mp.cbrt(abs(x)), (lambda x: 1 / (3 * mp.cbrt(abs(x)) ** 2),)),
    # trigonometry
    "sin": Row(mp.sin, (mp.cos,)),
    "cos": Row(mp.cos, (lambda x: -mp.sin(x),)),
    "tan": Row(mp.tan, (lambda x: 1 / mp.cos(x) ** 2,)),
    "asin": Row(mp.asin, (lambda x: 1 / mp.sqrt(1 - x**2),)),
    "acos": Row(mp.acos, (lambda x: -1 / mp.sqrt(1 - x**2),)),
    "atan": Row(mp.atan, (lambda x: 1 / (1 + x**2),)),
    "atan2": Row(mp.atan2, (lambda x, y: y / (x**2 + y**2), lambda x, y: -x / (x**2 + y**2))),
    "cosine": Row(
        lambda x, y: x / mp.sqrt(x**2 + y**2) if x or y else mpf(0),
        (
            lambda x, y: y**2 / mp.sqrt(x**2 + y**2) ** 3,
            lambda x, y: -x * y / mp.sqrt(x**2 + y**2) ** 3,
        ),
    ),
    "hypot": Row(
        lambda x, y: mp.sqrt(x**2 + y**2),
        (lambda x, y: x / mp.sqrt(x**2 + y**2), lambda x, y: y / mp.sqrt(x**2 + y**2)),
    ),
    # hyperbolic functions
    "sinh": Row(sinh, (cosh,)),
    "cosh": Row(cosh, (sinh,)),
    "tanh": Row(tanh, (lambda x: 1 / cosh(x) ** 2,)),
    "sech2": Row(lambda x: 1 / cosh(x) ** 2, (lambda x: -2 * sinh(x) / cosh(x) ** 3,)),
    "asinh": Row(mp.asinh, (lambda x: 1 / mp.sqrt(1 + x**2),)),
    "acosh": Row(mp.acosh, (lambda x: 1 / mp.sqrt(x**2 - 1),)),
    "atanh": Row(mp.atanh, (lambda x: 1 / (1 - x**2),)),
    # the normal distribution and the error function
    "erf": Row(mp.erf, (lambda x: 2 / mp.sqrt(mp.pi) * e_to(-x * x),)),
    "erfc": Row(erfc, (lambda x: -2 / mp.sqrt(mp.pi) * e_to(-x * x),)),
    "gaussian": Row(lambda x: e_to(-x * x), (lambda x: -2 * x * e_to(-x * x),)),
    "normal_cdf": Row(distribution, (density,)),
    "normal_density": Row(density, (lambda x: -x * density(x),)),
    # activations
    "step": Row(heaviside, (zero,)),
    "sign": Row(signum, (zero,)),
    "relu": Row(lambda x: max(x, mpf(0)), (heaviside,)),
    "leaky_relu": Row(
        lambda x, y: x if x > 0 else x * y,
        (lambda x, y: mpf(1) if x > 0 else y, lambda x, y: min(x, mpf(0))),
    ),
    "elu": Row(
        lambda x, y: x if x > 0 else y * expm1(x),
        (lambda x, y: mpf(1) if x > 0 else y * e_to(x), lambda x, y: expm1(min(x, mpf(0)))),
    ),
    "sigmoid": Row(logistic, (lambda x: e_to(-abs(x)) / (1 + e_to(-abs(x))) ** 2,)),
    "softplus": Row(lambda x: log_of_sum([mpf(0), x]), (logistic,)),
    "silu": Row(lambda x: x * logistic(x), (lambda x: logistic(x) * (1 + x * logistic(-x)),)),
    "silu_slope": Row(
        lambda x: logistic(x) * (1 + x * logistic(-x)),
        (lambda x: (2 - x * tanh(x / 2)) / cosh(x / 2) ** 2 / 4,),
    ),
    "gelu": Row(lambda x: x * distribution(x), (lambda x: distribution(x) + x * density(x),)),
    "gelu_slope": Row(lambda x: distribution(x) + x * density(x), (lambda x: density(x) * (2 - x**2),)),
    # two numbers, or a list of them
    "maximum": Row(max, (lead, lambda x, y: lead(y, x))),
    "minimum": Row(min, (lambda x, y: lead(y, x), lead)),
    "ahead": Row(lead, (zero, zero)),
    "logaddexp": Row(
        lambda x, y: log_of_sum([x, y]),
        (lambda x, y: logistic(x - y), lambda x, y: logistic(y - x)),
    ),
    "sum": Row(lambda xs: mp.fsum(xs), (lambda xs: [mpf(1)] * len(xs),)),
    "dot": Row(lambda xs, ys: mp.fdot(xs, ys), (lambda xs, ys: ys, lambda xs, ys: xs)),
    "max": Row(max, (lambda xs: ball(xs, max(xs)),)),
    "min": Row(min, (lambda xs: ball(xs, min(xs)),)),
    "logsumexp": Row(log_of_sum, (shares,)),
    # structure
    "where": Row(
        lambda c, ab: ab[0] if c > 0 else ab[1],
        (zero, lambda c, ab: [mpf(1), mpf(0)] if c > 0 else [mpf(0), mpf(1)]),
    ),
    "detach": Row(lambda x: x, (None,)),
    "identity": Row(lambda x: x, (one,)),
}


def definition(op: Op) -> Row | None:
    """Return the row of an op of the table, and of one that has its name and value function; else None."""
    if isinstance(op, PowerDerivative):
        return power_row(*op.order)
    row = TABLE.get(op.name)
    return ROWS[op.name] if row is not None and row.value is op.value else None


WIDE = frozenset(["add", "sub", "mul", "sum", "dot"])
"""Rows whose exact result needs every bit of operands from 2**-1074 to 2**1024."""


def precision(name: str, operands: tuple[Any, ...]) -> Any:
    """Return a context of enough digits; a negative base needs to know whether y - 1 is odd."""
    negative_base = name.startswith("power") and operands[0] < 0
    return mp.workprec(4400 if name in WIDE else 1200 if negative_base else mp.prec)


def exact_value(name: str, operands: tuple[Any, ...]) -> Any:
    """Return the value of a row at floats."""
    with precision(name, operands):
        return ROWS[name].value(*map(exactly, operands))


def exact_partial(name: str, index: int, operands: tuple[Any, ...]) -> Any:
    """Return ∂z/∂operands[index] at floats; a list for a list operand, None where nothing flows back."""
    partial = ROWS[name].partials[index]
    if partial is None:
        return None
    with precision(name, operands):
        return partial(*map(exactly, operands))
