"""Numbers of many digits: their arithmetic is mpmath's, they refuse to be floats, functions run on them."""

import functools
import math
from math import exp as imported

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from engine import Interval, Op, ops
from engine.check.precise import LeftOracle, Precise, many_digits
from engine.check.rebound import rebound
from engine.check.ulps import mp, mpf

FLOATS = st.floats(-1e6, 1e6).filter(lambda x: abs(x) > 1e-6 or x == 0.0)
DIGITS = 60
ALMOST = mpf(10) ** -DIGITS
alias = math.sin
table = {"sine": math.sin}


def same(got, exact) -> bool:
    return isinstance(got, Precise) and abs(got.number - exact) <= ALMOST * max(1, abs(exact))


# arithmetic
@given(x=FLOATS, y=FLOATS)
def test_arithmetic_is_that_of_mpmath_with_floats_on_either_side(x: float, y: float) -> None:
    for a, b in ((Precise(x), Precise(y)), (Precise(x), y), (x, Precise(y))):
        assert (a + b).number == mpf(x) + mpf(y)
        assert (a - b).number == mpf(x) - mpf(y)
        assert (a * b).number == mpf(x) * mpf(y)
        if y:
            assert (a / b).number == mpf(x) / mpf(y)
    assert (-Precise(x)).number == -mpf(x) and abs(Precise(x)).number == abs(mpf(x))


@given(x=FLOATS, y=FLOATS)
def test_whole_parts_are_those_of_python(x: float, y: float) -> None:
    assume(y != 0.0)
    a, b = Precise(x), Precise(y)
    quotient, rest = divmod(a, b)
    assert quotient.number == a // b == mp.floor(mpf(x) / mpf(y))
    assert rest == a % b == x % b and 0 <= rest * (1 if y > 0 else -1) < abs(y)
    assert same(quotient * y + rest, mpf(x))
    assert (math.floor(a), math.ceil(a), math.trunc(a)) == (math.floor(x), math.ceil(x), math.trunc(x))
    assert (int(a), round(a)) == (int(x), round(x))


@given(x=FLOATS, y=FLOATS)
def test_comparisons_are_those_of_the_numbers(x: float, y: float) -> None:
    a, b = Precise(x), Precise(y)
    assert [a < b, a <= b, a > b, a >= b, a == b, bool(a)] == [x < y, x <= y, x > y, x >= y, x == y, x != 0]
    assert [a < y, a <= y, a > y, a >= y, a == y] == [x < y, x <= y, x > y, x >= y, x == y]


@given(x=st.floats(0.01, 100.0), n=st.integers(-12, 12))
def test_powers_are_those_of_mpmath(x: float, n: int) -> None:
    assert same(Precise(x) ** n / mpf(x) ** n, 1)
    assert same(Precise(x) ** 0.5, mp.sqrt(x))
    assert same(n ** Precise(x) if n > 0 else Precise(n * n) ** 1, mpf(n) ** x if n > 0 else mpf(n * n))


def test_sums_beyond_sixteen_digits_are_kept() -> None:
    tiny = Precise(2.0**-200)
    assert 1 + tiny - 1 == 2.0**-200 and 1.0 + 2.0**-200 - 1.0 == 0.0


# no float
@pytest.mark.parametrize(
    "leave",
    [
        float, math.sin, math.nextafter, math.frexp, "{:.3f}".format, "%f".__mod__,
        np.float64, lambda x: np.asarray(x, dtype=float), lambda x: np.array([1.0])[0].__class__(x),
        lambda x: complex(x), lambda x: math.fsum([x]), lambda x: [1.0, 2.0].__getitem__(float(x)),
    ],
)  # fmt: skip
def test_no_road_leads_to_a_float(leave) -> None:
    with pytest.raises((LeftOracle, TypeError)):
        leave(Precise(0.5))


def test_what_leaves_says_so() -> None:
    with pytest.raises(LeftOracle, match="turned into a float"):
        float(Precise(0.5))


# functions
def recursive(x, n):
    return x if n == 0 else math.sin(recursive(x, n - 1))


def with_default(x, f=math.sin, *, g=math.sin):
    return f(g(x))


class Scaled:
    def __init__(self, factor, function=math.sin) -> None:
        self.factor = factor
        self.function = function

    def __call__(self, x):
        return self.method(x)

    def method(self, x):
        return self.function(self.factor * x)


def closure(function):
    return lambda x: function(x)


def nested(x):
    def inner(t):
        return math.sin(t)

    return inner(x)


@functools.cache
def cached(x):
    return math.sin(x)


sine = Op("sine", lambda x: math.sin(x), lambda z, x: ops.cos(x))
FUNCTIONS = {
    "from": (lambda x: imported(x), mp.exp),
    "module": (lambda x: math.exp(x), mp.exp),
    "alias": (lambda x: alias(x), mp.sin),
    "table": (lambda x: table["sine"](x), mp.sin),
    "default": (with_default, lambda x: mp.sin(mp.sin(x))),
    "recursive": (lambda x: recursive(x, 3), lambda x: mp.sin(mp.sin(mp.sin(x)))),
    "closure": (closure(math.sin), mp.sin),
    "nested": (nested, mp.sin),
    "cached": (cached, mp.sin),
    "partial": (functools.partial(lambda f, x: f(x), math.sin), mp.sin),
    "method": (Scaled(3.0).method, lambda x: mp.sin(3 * x)),
    "callable": (Scaled(3.0), lambda x: mp.sin(3 * x)),
    "an op": (lambda x: sine(x) * ops.tanh(x), lambda x: mp.sin(x) * mp.tanh(x)),
    "numpy": (lambda x: np.exp(x) + np.sqrt(x) * np.square(x), lambda x: mp.exp(x) + mp.sqrt(x) * x**2),
    "pi": (lambda x: math.pi * x + math.tau * math.e, lambda x: mp.pi * x + 2 * mp.pi * mp.e),
    "isinstance": (lambda x: math.sin(x) if isinstance(x, float) else None, mp.sin),
    "pow": (lambda x: math.pow(x, 2.5) + x**0.5, lambda x: mpf(x) ** 2.5 + mp.sqrt(x)),
    "gamma": (lambda x: math.gamma(x) + math.lgamma(x), lambda x: mp.gamma(x) + mp.log(mp.gamma(x))),
    "fsum": (lambda x: math.fsum([x, x]) + math.hypot(x, 2.0), lambda x: 2 * x + mp.sqrt(x * x + 4)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("x", [0.3, 2.7])
def test_a_function_of_any_style_runs_in_many_digits(name: str, x: float) -> None:
    function, exact = FUNCTIONS[name]
    assert same(many_digits(function)(Precise(x)), exact(mpf(x)))


NAMES = """acos acosh asin asinh atan atanh cos cosh degrees erf erfc exp expm1 fabs gamma lgamma log log10
log1p log2 radians sin sinh sqrt tan tanh""".split()


@pytest.mark.parametrize("name", NAMES)
def test_each_function_of_math_is_the_same_function_in_many_digits(name: str) -> None:
    function = getattr(math, name)
    for x in (0.1, 0.5, 0.9, 1.5, 3.0, -0.25, -0.8):
        try:
            expected = function(x)
        except ValueError:
            continue
        found = many_digits(lambda t, f=function: f(t))(Precise(x))
        assert math.isclose(expected, found.number, rel_tol=1e-14)


def test_the_original_stays_as_it_is() -> None:
    before = dict(vars(math))
    scaled = Scaled(3.0)
    for function in (scaled, with_default, nested, closure(math.sin), lambda x: table["sine"](x)):
        expected = function(0.3)
        names, defaults = getattr(function, "__globals__", None), getattr(function, "__defaults__", None)
        many_digits(function)(Precise(0.3))
        assert function(0.3) == expected and type(function(0.3)) is float
        assert getattr(function, "__globals__", None) is names
        assert getattr(function, "__defaults__", None) is defaults
    assert type(scaled) is Scaled and scaled.function is math.sin and table == {"sine": math.sin}
    assert dict(vars(math)) == before


def test_a_function_that_needs_nothing_of_math_is_still_the_same() -> None:
    assert rebound(lambda x: x * 2, {})(4) == 8
    assert many_digits(lambda x: [x, x][round(0.6)] * 2)(Precise(3)) == 6


def test_an_op_of_a_user_inside_a_function_keeps_its_digits() -> None:
    small = Op("small", lambda x: (1 + x * 2.0**-70) - 1, 2.0**-70, domain=Interval(0.0, 1.0))
    assert many_digits(lambda x: small(x) * 2.0**70)(Precise(0.5)) == 0.5
    assert small(Precise(0.5)) == 2.0**-71


def test_fsum_takes_a_generator() -> None:
    with mp.workprec(200):
        found = many_digits(lambda xs: math.fsum(x * x for x in xs))((Precise(2.0**-60), Precise(1.0)))
        assert found == 1 + mpf(2) ** -120
