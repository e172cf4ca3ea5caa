"""The oracle: every row of the op table from its mathematical definition, in 70 digits.

Nothing here is taken from the engine's code: each function is written as a textbook defines it, and so is
each partial. Operands are floats, or tuples of floats for the list rows; results are mpmath numbers.
"""

import math
import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import mpmath

from engine.op import Interval, Op

mp = mpmath.mp.clone()
mp.dps = 70
mpf = mp.mpf
LARGEST_EXPONENT = 20000

Exact = Callable[..., Any]


class Row(NamedTuple):
    """The exact value of an op, and its exact partials: lists for list operands, None where nothing flows."""

    value: Exact
    partials: tuple[Exact | None, ...]


# functions, total over the floats and quick for exponents of any size
def e_to(t: Any) -> Any:
    """e**t; beyond any float, a number that is certainly beyond any float."""
    return mp.exp(max(min(t, LARGEST_EXPONENT), -LARGEST_EXPONENT))


def cosh(x: Any) -> Any:
    return (e_to(x) + e_to(-x)) / 2


def sinh(x: Any) -> Any:
    return mp.sinh(max(min(x, LARGEST_EXPONENT), -LARGEST_EXPONENT))


def tanh(x: Any) -> Any:
    return mp.tanh(max(min(x, LARGEST_EXPONENT), -LARGEST_EXPONENT))


def expm1(x: Any) -> Any:
    return mp.expm1(max(min(x, LARGEST_EXPONENT), -LARGEST_EXPONENT))


def erfc(x: Any) -> Any:
    return mp.erfc(max(min(x, 200), -200))


def logistic(x: Any) -> Any:
    return 1 / (1 + e_to(-x))


def density(x: Any) -> Any:
    return e_to(-x * x / 2) / mp.sqrt(2 * mp.pi)


def distribution(x: Any) -> Any:
    return erfc(-x / mp.sqrt(2)) / 2


def power(x: Any, y: Any) -> Any:
    """x**y, by its real value where x < 0 and y is a whole number."""
    if x == 0:
        return mpf(1) if y == 0 else mpf(0) if y > 0 else mp.inf
    size = e_to(y * mp.log(abs(x)))
    return -size if x < 0 and y % 2 == 1 else size


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
    return [1 / mpf(xs.count(winner)) if x == winner else mpf(0) for x in xs]


def one(*operands: Any) -> Any:
    return mpf(1)


def zero(*operands: Any) -> Any:
    return mpf(0)


def minus_one(*operands: Any) -> Any:
    return mpf(-1)


def heaviside(x: Any) -> Any:
    return mpf(x > 0)


def signum(x: Any) -> Any:
    return mp.sign(x)


def lead(x: Any, y: Any) -> Any:
    return mpf(1) if x > y else mpf(0) if x < y else mpf(0.5)


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
        (lambda x, y: y * power(x, y - 1), lambda x, y: power(x, y) * mp.log(x)),
    ),
    "power_derivative_1_0": Row(
        lambda x, y: y * power(x, y - 1),
        (lambda x, y: y * (y - 1) * power(x, y - 2), lambda x, y: power(x, y - 1) * (1 + y * mp.log(x))),
    ),
    "power_derivative_0_1": Row(
        lambda x, y: power(x, y) * mp.log(x),
        (
            lambda x, y: power(x, y - 1) * (1 + y * mp.log(x)),
            lambda x, y: power(x, y) * mp.log(x) ** 2,
        ),
    ),
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


def exactly(operand: Any) -> Any:
    """A float as an mpmath number, a tuple of them as a list."""
    return [mpf(x) for x in operand] if isinstance(operand, (tuple, list)) else mpf(operand)


WIDE = frozenset(["add", "sub", "mul", "sum", "dot"])
"""Rows whose exact result needs every bit of operands from 2**-1074 to 2**1024."""


def precision(name: str, operands: tuple[Any, ...]) -> Any:
    """A context of enough digits; a negative base needs to know whether y - 1 is odd."""
    negative_base = name.startswith("power") and operands[0] < 0
    return mp.workprec(4400 if name in WIDE else 1200 if negative_base else mp.prec)


def exact_value(name: str, operands: tuple[Any, ...]) -> Any:
    """The value of a row at floats."""
    with precision(name, operands):
        return ROWS[name].value(*map(exactly, operands))


def exact_partial(name: str, index: int, operands: tuple[Any, ...]) -> Any:
    """∂z/∂operands[index] at floats; a list for a list operand, None where nothing flows back."""
    partial = ROWS[name].partials[index]
    if partial is None:
        return None
    with precision(name, operands):
        return partial(*map(exactly, operands))


# errors in units in the last place
LARGEST = mpf(2) ** 1024
SMALLEST_NORMAL = mpf(2) ** -1022


def unit(exact: Any) -> Any:
    """The distance between floats next to a number: 2**-52 at 1, 2**-1074 below the normal floats."""
    return mp.ldexp(mpf(1), max(mp.frexp(exact)[1] - 53, -1074) if exact else -1074)


def ulp(exact: Any, got: float) -> float:
    """The error of a float in units in the last place of the exact result; inf counts as 2**1024.

    A result that is 0 must come out as 0. One that is below the normal floats has fewer bits: it must stay
    below them, and its error is not counted.

    >>> ulp(mpf(1) / 3, 1 / 3), ulp(mpf(10) ** 400, math.inf), ulp(mpf(1), 1.0 + 2**-51)
    (0.3333333333333333, 0.0, 2.0)
    """
    if math.isnan(got):
        return math.inf
    if abs(exact) < SMALLEST_NORMAL:
        stays_below = got == 0 if exact == 0 else abs(got) <= SMALLEST_NORMAL * (1 + mpf(2) ** -50)
        return 0.0 if stays_below else math.inf
    return float(absolute_error(exact, got) / unit(max(min(exact, LARGEST / 2), -LARGEST / 2)))


def absolute_error(exact: Any, got: float) -> Any:
    """|got - exact|, where everything beyond 2**1024 counts as 2**1024; inf where got is nan."""
    if math.isnan(got):
        return mp.inf
    number = mpf(got) if math.isfinite(got) else LARGEST * math.copysign(1.0, got)
    return abs(number - max(min(exact, LARGEST), -LARGEST))


# where to look
EDGES = [
    0.0, 5e-324, 1e-310, 2.2250738585072014e-308, 1e-300, 1e-160, 1.4916681462400413e-154, 1e-100, 1e-20,
    1e-17, 2.0**-53, 2.0**-52, 1e-8, 2.0**-27, 1e-4, 1 / 256, 0.01, 0.1, 0.125, 0.25, 1 / 3, 0.5,
    0.6931471805599453,
    0.7071067811865476, 0.751791524693564, 0.9, 0.9999, 1.0, 1.0001, 1.1, 1.2784645427610738, math.pi / 2,
    2.0, 2.5,
    math.e, 3.0, math.pi, 5.0, 6.0, 10.0, 18.0, 19.0, 20.0, 22.0, 26.0, 26.5, 26.65, 27.3, 36.0, 37.0, 37.6,
    38.5, 40.0,
    44.0, 100.0, 350.0, 354.0, 372.0, 700.0, 708.5, 709.78, 710.0, 710.4758600739439, 712.0, 716.0, 745.0,
    746.0, 1000.0,
    1e8, 2.0**52, 2.0**53, 1e15, 1e16, 1e20, 1e100, 1e154, 1.3407807929942596e154, 1e160, 1e200, 1e300, 1e308,
    8.98846567431158e307, 1.7976931348623157e308,
]  # fmt: skip
ANCHORS = [
    0.0,
    1.0,
    0.5,
    0.25,
    2.0,
    0.751791524693564,
    1.2784645427610738,
    math.pi,
    math.pi / 2,
    0.6931471805599453,
]


def draw_number(rng: random.Random, within: Interval) -> float:
    """A number inside an open interval: all binades, ordinary sizes, edges and their neighbours."""
    while True:
        kind = rng.random()
        sign = rng.choice((-1.0, 1.0))
        if kind < 0.2:
            x = sign * math.ldexp(rng.uniform(1, 2), rng.randint(-1074, 1023))
        elif kind < 0.35:
            x = sign * math.ldexp(rng.uniform(1, 2), rng.randint(-60, 12))
        elif kind < 0.5:
            x = rng.uniform(-750, 750)
        elif kind < 0.62:
            x = rng.uniform(-40, 40)
        elif kind < 0.74:
            x = rng.uniform(-2, 2)
        elif kind < 0.82:
            x = sign * rng.choice(ANCHORS) + rng.choice((-1.0, 1.0)) * math.ldexp(
                rng.uniform(1, 2), -rng.randint(2, 60)
            )
        else:
            x = sign * rng.choice(EDGES)
            for _ in range(rng.choice((0, 0, 1, 2, 3))):
                x = math.nextafter(x, sign * rng.choice((-math.inf, math.inf)))
        if math.isfinite(x) and within.low < x < within.high:
            return x + 0.0  # no -0.0, which mpmath does not know


def draw_exponent(rng: random.Random, x: float) -> float:
    """An exponent for which x**y is mostly a normal float."""
    kind = rng.random()
    if kind < 0.25:
        return float(rng.randint(-12, 12)) / rng.choice((1, 1, 2, 3, 4))
    if kind < 0.75 and abs(x) not in (0.0, 1.0):
        y = rng.uniform(-745, 745) / math.log(abs(x))
        if math.isfinite(y):
            return y
    return draw_number(rng, Interval())


def draw_operands(rng: random.Random, op: Op) -> tuple[Any, ...]:
    """Operands inside a row's domain; two operands of independent, equal, near and far sizes."""
    if any(op.lists):
        return draw_lists(rng, op)
    x = draw_number(rng, op.domain[0])
    if op.arity == 1:
        return (x,)
    if op.name.startswith("power"):
        y = draw_exponent(rng, x)
        if op.name != "power_derivative_0_1" and y.is_integer() and rng.random() < 0.3:
            x = -x
        return x, y
    kind = rng.random()
    if kind < 0.6:
        y = draw_number(rng, op.domain[1])
    elif kind < 0.75:
        y = x + rng.choice((rng.uniform(-40, 40), rng.uniform(-750, 750), rng.uniform(-1, 1)))
    elif kind < 0.85:
        y = x * math.ldexp(rng.uniform(1, 2), rng.randint(-60, 60)) * rng.choice((-1, 1))
    else:
        y = x * rng.choice((-1.0, 1.0))
        for _ in range(rng.randint(0, 3)):
            y = math.nextafter(y, rng.choice((-math.inf, math.inf)))
    if op.name in ("div", "ratio") and y == 0.0:
        y = 1.0
    return (
        (x, y + 0.0)
        if math.isfinite(y) and op.domain[1].low < y < op.domain[1].high
        else draw_operands(rng, op)
    )


def draw_lists(rng: random.Random, op: Op) -> tuple[Any, ...]:
    length = 2 if op.name == "where" else rng.randint(1, 6)
    spread = rng.choice((0.1, 5.0, 50.0, 400.0))
    binade = rng.choice((0, 0, -3, 30, -500, 490)) if op.name != "logsumexp" else 0

    def listed() -> tuple[float, ...]:
        if rng.random() < 0.2:
            return tuple(draw_number(rng, Interval()) for _ in range(length))
        return tuple(math.ldexp(rng.uniform(-spread, spread), binade) for _ in range(length))

    return tuple(listed() if is_list else draw_number(rng, Interval()) for is_list in op.lists)


def draw_points(op: Op, count: int, seed: int = 0) -> Iterator[tuple[Any, ...]]:
    """Yield operands for a row: first the edges, where it has one operand, then seeded random ones."""
    rng = random.Random(f"{op.name} {seed}")
    if op.arity == 1 and not op.lists[0]:
        inside = op.domain[0]
        edges = [(s * x + 0.0,) for x in EDGES for s in (1.0, -1.0) if inside.low < s * x < inside.high]
        yield from edges if count >= 2 * len(edges) else rng.sample(edges, count // 2)
        count -= min(len(edges), count // 2)
    for _ in range(count):
        yield draw_operands(rng, op)
