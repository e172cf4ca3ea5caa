"""`check_op` as a user meets it: whatever way an op is written, a slope off by 1e-12 is named."""

import builtins
import functools
import itertools
import math
import random
from math import exp as imported

import numpy as np
import pytest

from engine import Interval, Op, ops
from engine.check import GradientError, OpReport, check_gradients, check_op
from engine.check.points import between, corners, draw_points, ends
from engine.ops import cos, exp, sech2, sigmoid, sin, step, tanh

COUNT = 120
INFINITE = math.inf


def fault(op: Op, **settings) -> OpReport:
    with pytest.raises(GradientError) as caught:
        check_op(op, **settings)
    assert not caught.value.report.ok and caught.value.report.verdict == "wrong"
    return caught.value.report


# the story of the issue
CELL = """
import math
from engine import Op, sigmoid
from engine.check import check_op

swish = Op("swish", lambda x: x / (1 + math.exp(-x)), lambda z, x: sigmoid(x))
check_op(swish)
"""


def test_a_swish_with_a_wrong_derivative_in_a_notebook_cell() -> None:
    cell: dict = {"__name__": "__main__"}
    with pytest.raises(GradientError) as caught:
        exec(compile(CELL, "<ipython-input-1>", "exec"), cell)
    report, text = caught.value.report, str(caught.value)
    culprit = report.culprit
    assert (culprit.op, culprit.part, culprit.kind) == ("swish", "∂z/∂x", "wrong")
    (x,) = culprit.operands
    logistic = 1 / (1 + math.exp(-x))
    assert culprit.got == pytest.approx(logistic, rel=1e-15)
    assert float(culprit.exact) == pytest.approx(logistic * (1 + x * (1 - logistic)), rel=1e-15)
    assert text.startswith(f"swish: ∂z/∂x at x = {x!r} is {culprit.got!r}, exactly 0.92767051187148673")
    assert "off by 21.2 %" in text and len(text.splitlines()) < 20
    program = report.minimal.splitlines()
    assert len(program) <= 3 and f"x = Value({x!r})" in program and "swish(x).backward()" in program
    exec(report.minimal, cell)
    assert cell["x"].grad == culprit.got


def test_a_swish_that_is_right_is_right_and_the_notes_say_where_it_raises() -> None:
    swish = Op("swish", lambda x: x / (1 + math.exp(-x)), lambda z, x: sigmoid(x) * (1 + x * sigmoid(-x)))
    report = check_op(swish)
    assert report.ok and report.points == 1000
    raised = next(note for note in report.notes if "raised" in note)
    assert "OverflowError" in raised and "domain=Interval(low, high)" in raised and "limit=" in raised
    assert any(note.startswith("The value at x = -inf is nan") for note in report.notes)
    assert not check_op(Op("swish", swish.value, *swish.partials, domain=Interval(-700.0, 700.0))).notes


# styles
alias = math.exp
table = {"f": math.sin}


class Wave:
    def __init__(self, pitch: float) -> None:
        self.pitch = pitch

    def __call__(self, x):
        return self.at(x)

    def at(self, x):
        return math.sin(self.pitch * x)


def closed_over(k, f=math.exp):
    return lambda x: f(k * x)


def root(x):
    y = x
    for _ in range(12):
        y = 0.5 * (y + x / y)
    return y


def recursive(x, n=3):
    return x if n == 0 else math.sin(recursive(x, n - 1))


def recursive_slope(z, x):
    return cos(x) * cos(sin(x)) * cos(sin(sin(x)))


def guarded(x):
    try:
        return math.exp(x)
    except OverflowError:
        return INFINITE


inner = Op("inner", lambda x: x * math.exp(x), lambda z, x: exp(x) * (1 + x))
wide = Interval(-300.0, 300.0)
STYLES: dict[str, tuple] = {
    "math": (lambda x: math.exp(x) * x, lambda z, x: exp(x) * (1 + x), wide),
    "from math": (lambda x: imported(x) * x, lambda z, x: exp(x) * (1 + x), wide),
    "alias": (lambda x: alias(x) * x, lambda z, x: exp(x) * (1 + x), wide),
    "default": (closed_over(2.0), lambda z, x: 2 * z, wide),
    "partial": (functools.partial(lambda k, x: math.sin(k * x), 3.0), lambda z, x: 3 * cos(3 * x), wide),
    "method": (Wave(2.0).at, lambda z, x: 2 * cos(2 * x), wide),
    "callable": (Wave(2.0), lambda z, x: 2 * cos(2 * x), wide),
    "table": (lambda x: table["f"](x), lambda z, x: cos(x), wide),
    "recursion": (recursive, recursive_slope, Interval(-8.0, 8.0)),
    "newton": (root, lambda z, x: 0.5 / ops.sqrt(x), Interval(0.01, 100.0)),
    "numpy": (lambda x: np.exp(x) * x, lambda z, x: exp(x) * (1 + x), wide),
    "try": (guarded, lambda z, x: exp(x), ops.real),
    "op in op": (lambda x: inner(x) * x, lambda z, x: exp(x) * x * (2 + x), wide),
    "floor": (lambda x: x * (x - math.floor(x)), lambda z, x: 2 * x - 2, Interval(2.0, 3.0)),
    "mod": (lambda x: (x % 1.0) ** 2, lambda z, x: 2 * x, Interval(0.0, 1.0)),
    "int": (lambda x: x * int(x) + x * round(0.4 * x), lambda z, x: 4.0 + 0 * x, Interval(3.0, 3.7)),
    "isinstance": (lambda x: math.sin(x) if isinstance(x, float) else 0.0, lambda z, x: cos(x), wide),
    "tiny": (lambda x: 1e-200 * math.sin(1e20 * x), lambda z, x: 1e-180 * cos(1e20 * x), wide),
    "steep": (
        lambda x: 1 / (1 + math.exp(-1e6 * x)),
        lambda z, x: 1e6 * sigmoid(1e6 * x) * sigmoid(-1e6 * x),
        Interval(-6e-4, 6e-4),
    ),
    "periodic": (lambda x: math.sin(3.0 * x), lambda z, x: 3 * cos(3 * x), Interval(-1e300, 1e300)),
    "cube": (lambda x: x**3, lambda z, x: 3 * x * x, Interval(-1e100, 1e100)),
    "narrow": (lambda x: x * x, lambda z, x: 2 * x, Interval(1e5, 1e5 + 1e-3)),
    "one float": (lambda x: x * x, lambda z, x: 2 * x, Interval(2.0, 2.0, closed=True)),
    "zero on one side": (lambda x: x * abs(x) + x * x, lambda z, x: 4 * x * step(x), wide),
}


@pytest.mark.parametrize("style", STYLES)
def test_a_right_op_of_any_style_is_right(style: str) -> None:
    value, slope, domain = STYLES[style]
    report = check_op(Op("mine", value, slope, domain=domain), count=COUNT)
    assert report.ok and report.source == "its own function in many digits"
    assert not any("Not in many digits" in note for note in report.notes)


@pytest.mark.parametrize("style", STYLES)
def test_a_slope_off_by_1e_12_is_caught_in_any_style(style: str) -> None:
    value, slope, domain = STYLES[style]
    wrong = Op("mine", value, lambda z, x: slope(z, x) * (1 + 1e-12), domain=domain)
    report = fault(wrong, count=COUNT, order=1)
    assert report.culprit.part == "∂z/∂x" and len(report.minimal.splitlines()) <= 3


def test_two_operands_and_lists() -> None:
    two = Op("two", lambda x, y: x * math.sin(y), lambda z, x, y: sin(y), lambda z, x, y: x * cos(y))
    assert check_op(two, count=COUNT).ok
    wrong = Op("two", two.value, two.partials[0], lambda z, x, y: x * cos(y) * (1 + 1e-12))
    assert fault(wrong, count=COUNT).culprit.part == "∂z/∂y"

    def variance(xs):
        mean = math.fsum(xs) / len(xs)
        return math.fsum([(x - mean) ** 2 for x in xs]) / len(xs)

    def slopes(z, xs):
        mean = ops.sum(xs) / len(xs)
        return [2 * (x - mean) / len(xs) for x in xs]

    moderate = Interval(-1e100, 1e100)
    assert check_op(Op("variance", variance, slopes, lists=(True,), domain=moderate), count=20).ok
    wrong = Op("variance", variance, lambda z, xs: [2 * x / len(xs) for x in xs], lists=(True,))
    assert fault(wrong, count=40).culprit.part.startswith("∂z/∂x[")
    mean = Op("mean", lambda xs: builtins.sum(xs) / len(xs), lambda z, xs: 1 / len(xs), lists=(True,))
    assert check_op(mean, points=[[(1.0, 2.0, 4.0)]]).ok


def test_defaults_are_operands_too() -> None:
    op = Op(
        "scaled", lambda x, a: math.tanh(a * x), lambda z, x, a: a * sech2(a * x),
        lambda z, x, a: x * sech2(a * x), defaults=(1.0,), domain=(Interval(-20.0, 20.0), Interval(0.1, 3.0)),
    )  # fmt: skip
    assert check_op(op, count=COUNT).ok and check_op(op, points=[0.5, (0.5, 2.0)]).points == 2


# where an op raises, and what it says at the edges
def test_an_op_that_raises_says_where_and_is_wrong_only_if_it_always_does() -> None:
    log = Op("log_of_double", lambda x: math.log(x) + math.log(2.0), lambda z, x: 1 / x)
    report = check_op(log, count=COUNT)
    assert report.ok and sum("The value raised at" in note for note in report.notes) == 1
    some = Op("some", lambda x: x * x, lambda z, x: 2 * x if x < 1 else 1 // 0, domain=wide)
    assert "The slope raised at" in " ".join(check_op(some, count=COUNT, order=1).notes)
    always = fault(Op("always", lambda x: x * x, lambda z, x: 1 // 0), count=COUNT)
    assert always.culprit.kind == "raises" and "at every other point raises" in str(always)
    assert "ZeroDivisionError" in str(always) and "exactly nan" not in str(always).splitlines()[0]


def test_nan_in_must_be_nan_out() -> None:
    report = fault(Op("hinge", lambda x: max(0.0, x - 0.3), lambda z, x: step(x - 0.3)), count=COUNT)
    assert math.isnan(report.culprit.operands[0]) and "nan in should be nan out" in str(report)


def test_a_value_that_loses_its_digits_is_inaccurate_and_the_message_says_what_to_do() -> None:
    report = fault(Op("gap", lambda x: math.exp(x) - 1, lambda z, x: exp(x), domain=Interval(-1.0, 1.0)))
    assert report.culprit.kind == "inaccurate" and "domain=Interval(low, high)" in str(report)


def test_a_limit_that_is_missed_at_infinity_is_a_note_and_growth_is_none() -> None:
    missed = Op("missed", lambda x: x / (1 + x), lambda z, x: 1 / ((1 + x) * (1 + x)), domain=Interval(0.0))
    notes = check_op(missed, count=COUNT, order=1, ulps=1e9).notes
    assert [note for note in notes if "inf" in note] == [
        "The value at x = inf is nan; next to it, it is 1.0."
    ]
    assert not check_op(Op("line", lambda x: 3 * x, 3), count=COUNT).notes


# second derivatives
def test_a_partial_made_of_math_loses_its_own_derivative_and_the_message_says_how_to_write_it() -> None:
    op = Op("wave", lambda x: 2 * math.sin(x), lambda z, x: 2 * math.cos(x), domain=wide)
    report = fault(op, count=COUNT)
    assert report.culprit.part == "∂²z/∂x²" and "engine.exp for math.exp" in str(report)
    assert "order=1" in str(report) and check_op(op, count=COUNT, order=1).ok


def test_narrow_domains_have_second_derivatives_checked() -> None:
    for domain in (Interval(1e5, 1e5 + 1e-3), Interval(0.0, 1e-9), Interval(2.0, 2.1), Interval(-1e9, -1e8)):
        report = check_op(Op("cube", lambda x: x * x * x, lambda z, x: 3 * x * x, domain=domain), count=COUNT)
        assert "∂²z/∂x²" in [part.title for part in report.parts]


# the fall-back
def test_where_the_function_leaves_the_oracle_the_report_says_so() -> None:
    only_floats = Op("floats", lambda x: x * float(np.tanh(x)), lambda z, x: tanh(x) + x * sech2(x))
    report = check_op(only_floats, count=COUNT, order=1)
    notes = "\n".join(report.notes)
    assert report.ok and report.source == "differences of its own function in floats"
    assert "LeftOracle" in notes and "value: nothing to compare with at 120 points." in notes
    assert "∂z/∂x: checked to 1e-09 only, at" in notes and "Ridders' differences" in notes
    wrong = Op("floats", only_floats.value, lambda z, x: (tanh(x) + x * sech2(x)) * (1 + 1e-7))
    assert "Ridders' differences say" in str(fault(wrong, count=COUNT, order=1))


@pytest.mark.parametrize("name", ["sin", "exp", "tanh", "gelu", "sigmoid", "softplus", "erf", "gaussian"])
def test_the_fall_back_gives_no_false_alarm(name: str) -> None:
    row = ops.TABLE[name]
    op = Op("floats", lambda x: row.value(float(x)), row.partials[0], domain=Interval(-40.0, 40.0))
    report = check_op(op, count=300, order=1)
    assert report.ok and any("checked to 1e-09 only" in note for note in report.notes)


POLES = [
    Op("inverse", lambda x: 1 / x, lambda z, x: -z / x),
    Op("square", lambda x: 1 / (x * x), lambda z, x: -2 * z / x),
    Op("quotient", lambda x, y: x / y, lambda z, x, y: 1 / y, lambda z, x, y: -z / y),
]


@pytest.mark.parametrize("op", POLES, ids=lambda op: op.name)
def test_at_a_pole_differences_prove_nothing(op: Op) -> None:
    report = check_op(op, count=300)
    assert report.ok and not any("Ridders" in note or "many digits" in note for note in report.notes)
    assert "value: nothing to compare with at" in "\n".join(report.notes)
    assert check_gradients(lambda x: op(*[x] * op.arity), 0.0).culprit is None
    first, *others = op.partials
    wrong = Op("wrong", op.value, lambda z, *operands: first(z, *operands) * (1 + 1e-12), *others)
    assert fault(wrong, count=300).culprit.part == "∂z/∂x"


def test_what_nothing_is_known_of_is_undecided() -> None:
    unknown = Op("unknown", lambda x: float(np.sign(float(x))), 0, domain=Interval(1.0, 2.0))
    report = check_op(unknown, count=COUNT)
    assert report.verdict == "undecided" and not report.ok


# what is refused
def test_what_is_no_op_and_what_no_float_is_in_is_refused() -> None:
    with pytest.raises(TypeError, match="check_op takes an op such as"):
        check_op(math.sin)
    with pytest.raises(ValueError, match=r"check_op\(empty\): no float is in the domain"):
        check_op(Op("empty", lambda x: x, 1, domain=Interval(2.0, 1.0)))
    with pytest.raises(TypeError, match=r"a partial of it takes z, x, but is a function of \(x\)"):
        check_op(Op("short", lambda x: 3 * x, lambda x: 3.0))
    with pytest.raises(TypeError, match=r"a value of it takes x, but is a function of \(x, y\)"):
        check_op(Op("long", lambda x, y: 3 * x, lambda z, x: 3.0))
    for settings, message in (
        ({"count": 0}, "1 or more"), ({"order": 3}, "order is 1"), ({"ulps": 0.1}, "at least 0.5"),
        ({"points": []}, "points is empty"),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=message):
            check_op(ops.tanh, **settings)


# where it looks
def looked_at(op: Op, count: int = 1000) -> list[tuple]:
    points = list(draw_points(op, count, closed=True))
    assert len(points) == count
    return points


def test_it_looks_at_an_own_op_of_a_row_s_name_in_its_own_domain() -> None:
    area = Op("power", lambda x, y: x * y, lambda z, x, y: y, lambda z, x, y: x, domain=Interval(0.0, 1.0))
    assert all(0 <= number <= 1 for point in looked_at(area) for number in point)
    own = Op("where", math.fsum, 1, lists=(True,))
    assert {len(xs) for (xs,) in looked_at(own)} == {1, 2, 3, 4, 5, 6}


def test_it_looks_at_zeros_the_smallest_and_the_largest_floats_and_all_binades() -> None:
    points = looked_at(Op("mine", lambda x: x, 1), 8000)
    numbers = {x.hex() for (x,) in points}
    largest = 1.7976931348623157e308
    for x in (0.0, -0.0, 5e-324, -5e-324, 2.2250738585072014e-308, 2.225073858507201e-308, largest, -largest):
        assert x.hex() in numbers
    assert len({math.frexp(x)[1] for (x,) in points if x}) > 1000


@pytest.mark.parametrize("count", [40, 1000])
def test_it_looks_at_the_ends_of_a_domain_and_next_to_them(count: int) -> None:
    closed = {
        x for (x,) in looked_at(Op("mine", lambda x: x, 1, domain=Interval(1.5, 7.0, closed=True)), count)
    }
    inner = {math.nextafter(1.5, 2.0), math.nextafter(7.0, 2.0)}
    assert closed >= inner | {1.5, 7.0} and min(closed) == 1.5 and max(closed) == 7.0
    opened = {x for (x,) in looked_at(Op("mine", lambda x: x, 1, domain=Interval(1.5, 7.0)), count)}
    assert opened >= inner and min(opened) > 1.5 and max(opened) < 7.0


MARGINS = {"signed": lambda x: x - 0.3, "plain": lambda x: abs(x - 0.3), "cubed": lambda x: (x - 0.3) ** 3}


@pytest.mark.parametrize("kind", MARGINS)
def test_it_finds_the_kinks_that_a_margin_tells_of(kind: str) -> None:
    """The cube of a distance raises far away, and underflows to 0 next to the kink."""
    op = Op("mine", lambda x: abs(x - 0.3), lambda z, x: ops.sign(x - 0.3), margin=MARGINS[kind])
    near = {x for (x,) in looked_at(op, 300)}
    assert {math.nextafter(0.3, 0.0), 0.3, math.nextafter(0.3, 1.0)} <= near or kind == "cubed"
    assert min(abs(x - 0.3) for x in near) < 1e-15
    assert check_op(op, count=COUNT).ok
    assert fault(Op("mine", op.value, 1, margin=op.margin), count=COUNT).culprit.part == "∂z/∂x"


def test_it_finds_kinks_of_two_operands_and_of_lists() -> None:
    gap = Op("mine", lambda x, y: max(x, y + 1), 1, 1, margin=lambda x, y: x - y - 1)
    assert sum(gap.margin(*point) == 0.0 for point in looked_at(gap, 400)) >= 3
    assert sum(ops.max.margin(*point) == 0.0 for point in looked_at(ops.max, 400)) >= 3


@pytest.mark.parametrize(
    "domain",
    [Interval(1e5, 1e5 + 1e-3), Interval(2.0, 2.0, closed=True), Interval(0.0, 5e-323), Interval(1e308)],
)
def test_narrow_domains_are_drawn_from_without_end(domain: Interval) -> None:
    low, high = ends(domain)
    two = Op("mine", lambda x, y: x * y, 1, 1, domain=(domain, domain))
    for point in itertools.chain(looked_at(Op("mine", lambda x: x, 1, domain=domain)), looked_at(two)):
        assert all(low <= x <= high for x in point)
    assert all(low <= x <= high for x in corners(domain))


def test_between_reaches_both_ends_and_every_binade() -> None:
    drawn = [between(random.Random(i), 1e-300, 1e300) for i in range(3000)]
    assert all(1e-300 <= x <= 1e300 for x in drawn) and {1e-300, 1e300} <= set(drawn)
    assert len({math.frexp(x)[1] for x in drawn}) > 500
