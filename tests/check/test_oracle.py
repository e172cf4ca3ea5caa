"""The oracle: known exact values, mpmath's own differentiation, and differences whose errors hold."""

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine import Interval, Op, ops
from engine.check.definitions import ROWS
from engine.check.differences import COMPLEX_STEP, RIDDERS, complex_step, derivative, ridders, roughness
from engine.check.oracle import OWN, UNKNOWN, Oracle
from engine.check.ulps import mp, mpf

ALMOST = mpf(10) ** -25


def close(got, exact) -> bool:
    return abs(got - exact) <= ALMOST * max(abs(exact), mpf(2) ** -1000)


def users(value, *partials, **settings) -> Oracle:
    return Oracle(Op("mine", value, *(partials or (1,)), **settings))


# known values, from tables of constants (OEIS A001113, A002392, A002193, A000796 and so on)
KNOWN = {
    "e": (lambda x: math.exp(x), 1.0, "2.718281828459045235360287471352662497757247093699959574966967"),
    "log 2": (lambda x: math.log(x), 2.0, "0.6931471805599453094172321214581765680755001343602552541206800"),
    "root 2": (lambda x: math.sqrt(x), 2.0, "1.414213562373095048801688724209698078569671875376948073176679"),
    "pi": (lambda x: 4 * math.atan(x), 1.0, "3.141592653589793238462643383279502884197169399375105820974944"),
    "sin 1": (lambda x: math.sin(x), 1.0, "0.841470984807896506652502321630298999622563060798371065672751"),
    "erf 1": (lambda x: math.erf(x), 1.0, "0.842700792949714869341220635082609259296066997966302908459937"),
    "gamma": (lambda x: math.gamma(x), 0.5, "1.772453850905516027298167483341145182797549456122387128213807"),
    "cbrt 2": (lambda x: math.cbrt(x), 2.0, "1.259921049894873164767210607278228350570251464701507980081975"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_values_are_those_of_tables_to_sixty_digits(name: str) -> None:
    value, x, digits = KNOWN[name]
    with mp.workdps(60):
        known = mpf(digits)
    assert abs(users(value).value((x,)).exact - known) < mpf(10) ** -58


@given(
    coefficients=st.lists(st.integers(-9, 9), min_size=2, max_size=6),
    x=st.floats(-1e3, 1e3),
)
@settings(max_examples=40, deadline=None)
def test_polynomials_have_the_value_and_the_slope_of_exact_fractions(coefficients, x: float) -> None:
    def polynomial(t):
        total = 0.0 * t
        for c in coefficients:
            total = total * t + c
        return total

    t = Fraction(x)
    powers = list(reversed(range(len(coefficients))))
    value = sum(c * t**n for c, n in zip(coefficients, powers, strict=True))
    slope = sum(c * n * t ** (n - 1) for c, n in zip(coefficients, powers, strict=True) if n)
    oracle = users(polynomial)
    size = max(abs(c) * max(abs(x), 1.0) ** len(powers) for c in coefficients)
    for got, exact in ((oracle.value((x,)), value), (oracle.partial(0, (x,))[0], slope)):
        assert abs(got.exact - mpf(exact.numerator) / exact.denominator) <= ALMOST * size
        assert got.error == 0 and got.source == OWN


SMOOTH = {
    "exp": (lambda x: math.exp(-x * x), lambda x: mp.exp(-x * x)),
    "swish": (lambda x: x / (1 + math.exp(-x)), lambda x: x / (1 + mp.exp(-x))),
    "saturated": (lambda x: 1 - math.tanh(x) ** 2, lambda x: 1 - mp.tanh(x) ** 2),
    "wave": (lambda x: 1e-200 * math.sin(1e9 * x), lambda x: mpf(1e-200) * mp.sin(mpf(1e9) * x)),
    "steep": (lambda x: 1 / (1 + math.exp(-1e6 * x)), lambda x: 1 / (1 + mp.exp(-1000000 * x))),
    "angle": (lambda x: math.atan2(x, 2.0) * math.hypot(x, 1.0), lambda x: mp.atan2(x, 2) * mp.hypot(x, 1)),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_slopes_and_second_derivatives_are_those_of_mpmath(name: str) -> None:
    value, exact = SMOOTH[name]
    oracle, rng = users(value), random.Random(name)
    for x in [rng.uniform(-3, 3) for _ in range(6)] + [0.0, 30.0, 1e-5]:
        with mp.workprec(4000):
            first, second = (mp.diff(exact, mpf(x), n, h=mpf(2) ** -600) for n in (1, 2))
        assert close(oracle.partial(0, (x,))[0].exact, first)
        if x:
            assert abs(oracle.second((0, None), (0, None), (x,)) - second) <= ALMOST * max(abs(second), 1)


def test_rows_of_the_table_go_by_their_definitions_and_twins_of_them_too() -> None:
    twin = Op("tanh", math.tanh, lambda z, x: 1 - z * z)
    other = Op("tanh", lambda x: math.tanh(x), lambda z, x: 1 - z * z)
    assert Oracle(twin).row is ROWS["tanh"] and Oracle(other).row is None
    assert close(Oracle(ops.tanh).value((0.5,)).exact, Oracle(other).value((0.5,)).exact)


@pytest.mark.parametrize("x", [0.5, -0.3, 20.0, -40.0, 350.0, 1e-9, 1e-310])
@pytest.mark.parametrize("name", ["tanh", "exp", "atan", "sigmoid", "gelu", "softplus", "silu", "sinh"])
def test_a_users_copy_of_a_row_has_the_partials_of_the_definition(name: str, x: float) -> None:
    """Two roads to one number: differences of the value, and the partial written by hand."""
    row = ROWS[name]
    found = Oracle(Op(name, lambda x: x, 1), exact=row.value).partial(0, (x,))[0].exact
    exact = row.partials[0](mpf(x))
    assert abs(found - exact) <= mpf(10) ** -20 * abs(exact)


def test_a_kink_has_two_sides_a_smooth_point_none_and_a_jump_no_slope() -> None:
    kink = users(lambda x: abs(x - 0.3) + 2 * x)
    sides = kink.partial(0, (0.3,))[0].sides
    assert sides is not None and sorted(map(float, sides)) == [1.0, 3.0]
    assert kink.partial(0, (math.nextafter(0.3, 1.0),))[0] == (3, 0, OWN, None)
    assert users(lambda x: 1.0 if x >= 0.3 else 0.0).partial(0, (0.3,))[0] is UNKNOWN


def test_what_vanishes_is_exactly_zero_and_what_only_seems_to_is_not() -> None:
    assert users(lambda x: max(x, 0.0)).partial(0, (-1.0,))[0].exact == 0
    assert users(lambda x: 7.0 + 0 * x).partial(0, (3.0,))[0].exact == 0
    far = users(lambda x: math.tanh(x)).partial(0, (300.0,))[0].exact
    assert close(far, 4 * mp.exp(-600))


def test_lists_have_a_slope_for_each_element() -> None:
    def variance(xs):
        mean = math.fsum(xs) / len(xs)
        return math.fsum([(x - mean) ** 2 for x in xs]) / len(xs)

    oracle = users(variance, lambda z, xs: xs, lists=(True,))
    xs = (0.1, 0.7, -2.5)
    mean = sum(map(Fraction, xs)) / 3
    for truth, x in zip(oracle.partial(0, (xs,)), xs, strict=True):
        exact = 2 * (Fraction(x) - mean) / 3
        assert close(truth.exact, mpf(exact.numerator) / exact.denominator)


# the fall-backs
HARD = {
    "exp": (math.exp, mp.exp),
    "sin": (math.sin, mp.sin),
    "fast": (lambda x: math.sin(1e3 * x), lambda x: mp.sin(1000 * x)),
    "logistic": (lambda x: 1 / (1 + math.exp(-x)), lambda x: 1 / (1 + mp.exp(-x))),
    "cancels": (lambda x: (1 + x * x) - 1, lambda x: x * x),
    "log": (lambda x: math.log(abs(x) + 1e-3), lambda x: mp.log(abs(x) + mpf(1e-3))),
    "x abs x": (lambda x: x * abs(x), lambda x: x * abs(x)),
    "bump": (
        lambda x: x + 1e-3 * math.exp(-1e6 * (x - 1) ** 2),
        lambda x: x + mpf(1e-3) * mp.exp(-1000000 * (x - 1) ** 2),
    ),
    "bell": (lambda x: math.exp(-x * x), lambda x: mp.exp(-x * x)),
}


@pytest.mark.parametrize("name", HARD)
def test_differences_stay_within_their_own_error(name: str) -> None:
    function, exact = HARD[name]
    rng = random.Random(name)
    drawn = [rng.uniform(-30, 30) for _ in range(60)] + [rng.uniform(-2, 2) for _ in range(60)]
    drawn += [math.ldexp(rng.uniform(-1, 1), rng.randint(-30, 0)) for _ in range(60)]
    good = 0
    for x in drawn:
        found = derivative(function, x)
        if found is None:
            continue
        with mp.workprec(600):
            h = mpf(2) ** -200
            slope = (exact(mpf(x) + h) - exact(mpf(x) - h)) / (2 * h)
        assert abs(found.slope - slope) <= found.error, (x, found, slope)
        good += found.error <= 1e-5 * abs(slope)
    assert good > len(drawn) / 2


def test_the_complex_step_is_used_only_where_ridders_bears_it_out() -> None:
    assert derivative(lambda x: math.sin(x) * x**3, 0.7).method == COMPLEX_STEP
    assert derivative(lambda x: x * abs(x), 0.7).method == RIDDERS
    assert complex_step(lambda x: x * abs(x), 0.7).slope == pytest.approx(0.7)  # it is 1.4
    assert complex_step(lambda x: float(np.sin(x)), 0.7) is None
    assert complex_step(lambda x: x if x > 0 else -x, 0.7) is None
    assert math.isclose(complex_step(np.sin, 0.7).slope, math.cos(0.7), rel_tol=1e-15)


def test_ridders_stays_where_it_may_go_and_sees_what_is_flat() -> None:
    seen = []

    def square(x):
        seen.append(x)
        return x * x

    assert abs(ridders(square, 1.0, room=0.01).slope - 2.0) < 1e-8
    assert all(abs(x - 1.0) <= 0.0101 for x in seen)
    assert roughness(lambda x: 1.0, 3.0) == math.inf and roughness(lambda x: x, 3.0) < 1e-14
    assert ridders(lambda x: 1.0, 3.0) is None
    assert ridders(lambda x: math.log(-1.0), 3.0) is None


def test_a_function_that_leaves_falls_back_and_says_how_often() -> None:
    oracle = users(lambda x: float(np.tanh(x)), domain=Interval(-5.0, 5.0))
    found = oracle.partial(0, (0.5,))[0]
    assert found.source == RIDDERS and abs(found.exact - 1 / mp.cosh(0.5) ** 2) <= found.error
    assert oracle.value((0.5,)) is UNKNOWN
    assert list(oracle.left.values()) == [2] and "LeftOracle" in next(iter(oracle.left))
    analytic = users(lambda x: complex(x) ** 3 if isinstance(x, complex) else float(x) ** 3)
    assert analytic.partial(0, (0.5,))[0].source == COMPLEX_STEP


def test_the_ends_of_a_domain_have_the_slope_next_to_them() -> None:
    assert Oracle(ops.asin).partial(0, (1.0,))[0].exact > mpf(2) ** 1024
    assert Oracle(ops.acos).partial(0, (-1.0,))[0].exact < -(mpf(2) ** 1024)
