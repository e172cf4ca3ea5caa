"""check_gradients: what it says of right, wrong and ill-conditioned functions, and of what is no function."""

import functools
import math
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from engine import (
    Op,
    Value,
    cos,
    detach,
    dot,
    exp,
    logsumexp,
    maximum,
    ops,
    relu,
    select,
    sin,
    softmax,
    tanh,
    where,
)
from engine.check import GradientError, assert_gradients, check_gradients
from engine.check.programs import Program
from engine.check.strategies import programs
from engine.check.ulps import mpf
from engine.check.verdict import _leaf
from engine.check.whole import Exact
from nn import MLP, cross_entropy, hinge, mse

law = settings(deadline=None, derandomize=True, database=None)
BENT = Op("bent", math.sin, lambda z, x: cos(x) * (1 + 1e-12))
"""A sine whose slope is off by 1e-12 of it."""
STIFF = Op("stiff", math.sin, lambda z, x: math.cos(float(x)))
"""A sine whose slope is right and has no slope of its own."""


# functions of all kinds
def product(*xs: Value, scale: float = 1.0) -> Any:
    return functools.reduce(lambda x, y: x * y, xs) * scale


class Model:
    def __init__(self) -> None:
        self.w = Value(0.5)

    def __call__(self, x: Value) -> Value:
        return tanh(self.w * x)

    def squared(self, x: Value) -> Value:
        return self(x) ** 2


FUNCTIONS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
    "the input itself": (lambda x: x, (1.5,), {}),
    "a number times it": (lambda x: 3 * x, (1.5,), {}),
    "a shared node": (lambda x: x * x - x, (0.0,), {}),
    "a gradient of 0": (lambda x: x**3 + cos(x), (0.0,), {}),
    "a list": (lambda xs: xs[0] * xs[1] + xs[2], ([1.0, 2, True],), {}),
    "nested lists and dicts": (
        lambda p: p["w"][0] * p["w"][1][0] - p["b"], ({"w": [2.0, (3.0,)], "b": 1},), {}
    ),
    "names": (lambda x, *, y: x / y, (1.0,), {"y": 3.0}),
    "any number of inputs": (product, (1.0, 2.0, 3.0), {"scale": 0.1}),
    "a Value": (lambda x: x * x, (Value(3.0),), {}),
    "a partial": (functools.partial(product, scale=2.0), (1.0, 2.0), {}),
    "an object": (Model(), (0.3,), {}),
    "a method": (Model().squared, (0.3,), {}),
    "an op": (tanh, (0.3,), {}),
    "a dot of one list with itself": (lambda xs: dot(xs, xs), ([1.0, 2.0],), {}),
    "a dot with numbers": (lambda xs: dot(xs, [0.1, 0.2]) * dot([0.3, xs[0]], xs), ([1.0, 2.0],), {}),
    "detach": (lambda x: detach(x * x) * x + detach(x), (0.3,), {}),
    "nothing but a detach": (detach, (0.3,), {}),
    "where and select": (lambda xs: where(xs[0], select(xs, 1), 2.0), ([0.3, 0.4],), {}),
    "a softmax": (lambda xs: softmax(xs)[1] / logsumexp(xs), ([0.3, 800.0, 799.0],), {}),
    "a number read that does not matter": (
        lambda xs: logsumexp([x - max(xs).data for x in xs]) + max(xs).data, ([0.3, 0.5],), {}
    ),
    "what cancels": (lambda x: (x + 1.0) - x, (1e200,), {}),
    "a slope of inf": (ops.sqrt, (0.0,), {}),
    "a value of inf": (exp, (1000.0,), {}),
    "an underflow": (lambda x: x * x, (1e-200,), {}),
    "a negative base": (lambda x: x**-3, (-2.5,), {}),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("order", [1, 2])
def test_what_is_right(name: str, order: int) -> None:
    f, inputs, named = FUNCTIONS[name]
    report = check_gradients(f, *inputs, **named, order=order)
    assert report.ok and report.culprit is None and report.minimal == "" and report.mark is None, str(report)
    assert report.worst_ulp <= 4.0 and ": right, worst" in str(report)
    assert assert_gradients(f, *inputs, **named).verdict == "right"


def test_labels_of_inputs() -> None:
    def labels(f: Any, *inputs: Any, **named: Any) -> list[str]:
        return [leaf.value.label for leaf in check_gradients(f, *inputs, **named).leaves]

    assert labels(lambda a, b: a * b, 1.0, b=2.0) == ["a", "b"]
    assert labels(lambda net: net["w"][0] * net["w"][1], {"w": [1.0, 2.0]}) == ["net['w'][0]", "net['w'][1]"]
    assert labels(lambda first, *xs: product(first, *xs), 1.0, 2.0, 3.0) == ["first", "x2", "x3"]


def test_parameters_are_checked_with_the_inputs_and_left_as_they_were() -> None:
    mlp = MLP(2, [3, 1], rng=random.Random(0))
    for p in mlp.parameters():
        p.grad = 1.5
    for order in (1, 2):
        report = check_gradients(lambda point: mlp(point), [0.3, -0.5], order=order)
        assert len(report.leaves) == 2 + len(mlp.parameters()) and report.ok
        report.draw(), report.table()
    assert {p.grad for p in mlp.parameters()} == {1.5}
    w = Value(2.0) * 3.0
    w.grad = 7.0
    assert len(check_gradients(lambda x: w * x, 1.0).leaves) == 2
    assert (w.grad, w.x.grad) == (7.0, 0.0)


def test_losses_of_networks() -> None:
    mlp, mc = MLP(2, [4, 1], rng=random.Random(1)), MLP(2, [4, 3], rng=random.Random(1))
    points = [[0.5, -0.2], [1.5, 0.3]]
    for loss, signs in ((mse, [0.5, 0.2]), (hinge, [1.0, -1.0])):
        assert check_gradients(lambda ps, f=loss, t=signs: f([mlp(p) for p in ps], t), points).ok
    assert check_gradients(lambda p: cross_entropy(mc(p), 2), points[0], order=2).ok


def test_leaves_that_f_makes_itself_are_numbers() -> None:
    report = check_gradients(
        lambda x: dot([x, Value(2.0)], [3.0, x]) * MLP(1, [1], rng=random.Random(0))([x]), 0.5
    )
    assert report.ok and [leaf.value.label for leaf in report.leaves] == ["x"]


# a culprit
def net(x: Value, y: Value) -> Value:
    return tanh(BENT(x * y) * 2 + x)


def test_the_culprit_its_picture_and_the_smallest_program() -> None:
    report = check_gradients(net, 0.3, -2.0)
    assert report.verdict == "wrong" and not report.ok and report.culprit is not None
    culprit = report.culprit
    assert (culprit.op, culprit.part, culprit.operands, culprit.kind) == ("bent", "∂z/∂x", (-0.6,), "wrong")
    assert culprit.got != culprit.exact and 4000 < culprit.ulp < 9100
    assert report.minimal.splitlines() == [
        "from engine import Value  # bent: an op of your own, defined before",
        "x = Value(0.0)",
        "bent(x).backward()",
    ]
    scope: dict[str, Any] = {"bent": BENT}
    exec(report.minimal, scope)
    assert scope["x"].grad == 1 + 1e-12
    assert report.mark is not None and report.mark.node.op is BENT
    picture = report.draw().dot
    assert "0.8253356149105038, not 0.82533561490967831" in picture
    assert picture == check_gradients(net, 0.3, -2.0).draw().dot


def test_the_report_is_text() -> None:
    report = check_gradients(net, 0.3, -2.0)
    text = str(report)
    assert text.startswith("bent: ∂z/∂x at x = -0.6 is 0.82533561491050") and "off by 1.0e-12 of it" in text
    assert report.minimal in text and report.table() in text and repr(report) == text
    assert (
        re.search(r"^bent\(x\*y\) +bent .* 0 +0\.8253 +wrong$", report.table(), re.M)
        or "wrong" in report.table()
    )
    assert text == str(check_gradients(net, 0.3, -2.0))
    assert len(text.splitlines()) < 25


def test_an_error_carries_the_report() -> None:
    with pytest.raises(GradientError, match=r"^bent: ∂z/∂x at x = -0\.6") as caught:
        assert_gradients(net, 0.3, -2.0)
    assert caught.value.report.verdict == "wrong" and isinstance(caught.value, AssertionError)


def test_the_earliest_of_two_faults_is_named() -> None:
    worse = Op("worse", math.exp, lambda z, x: 2 * z)
    report = check_gradients(lambda x: worse(sin(BENT(x))), 0.3)
    assert report.culprit is not None and report.culprit.op == "bent"


def test_wrong_values_and_lists() -> None:
    off = Op("off", lambda x: math.expm1(x) if x < 1.0 else x, lambda z, x: exp(x))
    report = check_gradients(lambda x: off(off(x)), 0.9)
    assert report.culprit is not None and report.culprit.part == "∂z/∂x" and report.culprit.operands[0] > 1
    worst = Op("worst", lambda xs: xs[0] * xs[1], lambda z, xs: [xs[1], xs[0] * 1.5], lists=(True,))
    report = check_gradients(lambda x, y: worst([x, y]), 2.0, 3.0)
    assert report.culprit is not None and report.culprit.part == "∂z/∂x[1]"
    assert report.mark is not None and report.mark.position == 1


def test_numbers_that_were_frozen_on_the_way() -> None:
    """f itself moves more than its gradient says."""
    for f in (lambda x: x * x.data, lambda x: x * float(x) + 1, lambda x: sin(x * x) / x.data):
        report = check_gradients(f, 2.0)
        assert report.culprit is not None and report.culprit.kind == "frozen"
        assert "Was .data or float() read on the way?" in str(report)
        assert report.mark is not None and "became" in report.draw().dot
    assert "mul(x, 2.0) became mul(x, 2.0000019" in str(check_gradients(lambda x: x * x.data, 2.0))
    assert check_gradients(lambda x, y: x * (2.0 if y > 0 else 3.0) + y, 1.0, 1.0).ok

    def only_here(x: Value) -> Value:
        if x.data != 2.0:
            raise RuntimeError("nobody asked for this")
        return x * x.data

    assert check_gradients(only_here, 2.0).ok


# kinks
KINKS: list[tuple[Callable[..., Any], tuple[float, ...], str]] = [
    (relu, (0.0,), "relu stands on a kink: ∂z/∂x is 0.0 on one side and 1.0 on the other."),
    (relu, (5e-324,), "relu stands 4.9e-324 from a kink: ∂z/∂x is 0.0 on one side and 1.0 on the other."),
    (abs, (-0.0,), "abs stands on a kink: ∂z/∂x is -1.0 on one side and 1.0 on the other."),
    (maximum, (2.0, 2.0), "maximum stands on a kink: ∂z/∂y is 0.0 on one side and 1.0 on the other."),
    (maximum, (2.0, math.nextafter(2.0, 0)), "maximum stands 2.2e-16 from a kink: ∂z/∂x is 0.0 on one side"),
    (lambda x, y: ops.max([x, y, 1.0]), (2.0, 2.0), "max stands on a kink: ∂z/∂x[1] is 0.0 on one side"),
    (ops.hypot, (0.0, 0.0), "hypot stands on a kink: ∂z/∂x is -1.0 on one side and 1.0 on the other."),
    (lambda c: where(c, c, 2.0), (0.0,), "where stands on a jump: its value is 2.0 on one side and 0.0 on"),
    (ops.step, (0.0,), "step stands on a jump: its value is 0.0 on one side and 1.0 on the other."),
    (ops.atan2, (0.0, -1.0), "atan2 stands on a jump: its value is -3.14159"),
]


@pytest.mark.parametrize(("f", "inputs", "note"), KINKS)
def test_a_kink_is_said_with_both_sides(f: Any, inputs: tuple[float, ...], note: str) -> None:
    report = check_gradients(f, *inputs)
    assert report.ok, str(report)
    assert any(text.startswith(note) for text in report.notes), report.notes
    assert note in str(report)


def test_a_slope_on_a_kink_is_between_the_sides() -> None:
    for slope, verdict in ((0.5, "right"), (1.0, "right"), (1.001, "wrong"), (-1e-9, "wrong")):
        hinged = Op("hinged", lambda x: max(x, 0.0), lambda z, x, s=slope: s + 0 * x, margin=lambda x: x)
        report = check_gradients(lambda x, op=hinged: op(x) * 2, 0.0)
        assert report.verdict == verdict
        assert report.ok or "exactly between 0.0 and 1.0" in str(report.culprit)
        assert report.ok or f"{slope}, not between 0.0 and 1.0" in report.draw().dot


def test_a_kink_that_nobody_declared() -> None:
    """Differences find it."""
    op = Op("cut", lambda x: x if x > 0.3 else 0.3, lambda z, x: ops.step(x - 0.3))
    report = check_gradients(lambda x: op(x) * 2, 0.3)
    assert (
        report.ok and "cut stands on a kink: ∂z/∂x is 0.0 on one side and 1.0 on the other." in report.notes
    )


def test_off_kinks_nothing_is_said() -> None:
    for f, x in ((relu, 1e-300), (abs, -1e-9), (ops.cbrt, 0.0), (lambda x: where(x, 1e10 * x, x), 1e-7)):
        assert not check_gradients(f, x).local.kinks, x
    for x in (1e-9, 1e-17, 1e-200):
        assert not check_gradients(lambda x: ops.leaky_relu(x, 0.25), x).local.kinks


def test_many_kinks_are_not_all_told() -> None:
    report = check_gradients(lambda xs: ops.max(xs), [1.0] * 40)
    assert len(report.notes) == 13 and report.notes[-1] == "So do 28 other edges."


# undecided
ILL: list[tuple[Callable[..., Any], float]] = [
    (lambda x: ((x + 1) - x) * x, 1e16),
    (lambda x: (x * x - 1) / (x - 1), 1 + 1e-9),
    (lambda x: sin(x * 3e15), 1.1),
    (lambda x: (ops.cos(x) - 1) / (x * x), 1e-7),
]


@pytest.mark.parametrize(("f", "x"), ILL)
def test_what_is_ill_conditioned_is_undecided(f: Any, x: float) -> None:
    report = check_gradients(f, x)
    assert report.verdict == "undecided" and not report.ok and report.culprit is None
    leaf = report.leaves[0]
    assert leaf.verdict == "undecided" and 1e13 < leaf.condition < math.inf
    assert abs(leaf.gradient - leaf.exact) <= leaf.condition * 2.0**-53 * abs(leaf.exact)
    assert f"{leaf.condition:.2g}" in report.table() and ": undecided, worst" in str(report)
    assert report.notes[0].startswith("The gradient by x is ill-conditioned: the program magnifies rounding")
    assert re.search(r"which leaves [012] of 16 digits\.$", report.notes[0])
    with pytest.raises(GradientError, match="undecided"):
        assert_gradients(f, x)
    assert assert_gradients(f, x, undecided=True).verdict == "undecided"


def test_a_fault_is_found_in_an_ill_conditioned_program_too() -> None:
    report = check_gradients(lambda x: ((BENT(x) + 1e16) - 1e16) * x, 0.3)
    assert report.culprit is not None and report.culprit.op == "bent"


def test_the_condition_of_a_harmless_program_is_small() -> None:
    leaf = check_gradients(lambda x: tanh(x) * x, 0.3).leaves[0]
    assert 1.0 <= leaf.condition < 20.0 and abs(leaf.exact - leaf.gradient) < 1e-15


def test_beyond_the_floats_nothing_is_claimed() -> None:
    report = check_gradients(lambda x: 1 / (1 + exp(x)), 1000.0)
    assert report.verdict == "undecided" and "exp is inf at x = 1000.0." in report.notes
    report = check_gradients(lambda x: relu(ops.log(x)), -1.0)
    assert report.verdict == "undecided" and "log is nan at x = -1.0." in report.notes
    assert check_gradients(lambda x: sin(ops.cosh(x)), 740.0).verdict == "undecided"


@pytest.mark.parametrize("name", ops.TABLE)
@pytest.mark.parametrize("x", [1e308, -1e308, math.inf, 5e-324, -0.0])
def test_no_row_is_called_wrong_at_the_ends_of_the_floats(name: str, x: float) -> None:
    op = ops.TABLE[name]
    times = x if math.isinf(x) else 10.0

    def f(v: Value) -> Any:
        a, b = v * times, v * 1.5
        if name == "where":
            return op(a, b, v) + op(v, a, b)
        if any(op.lists):
            return op([a, v], [v, b]) if op.arity == 2 else op([a, v, b])
        return op(a) if op.arity == 1 else op(a, b) + op(v, a) + op(a, v)

    at = 0.5 if math.isinf(x) else x
    assert check_gradients(f, at).verdict != "wrong"


# order 2
@settings(law, max_examples=15)
@given(programs(max_nodes=8))
def test_second_derivatives_of_programs(program: Program) -> None:
    report = check_gradients(program.pruned(), *program.pruned().inputs, order=2)
    assert report.verdict != "wrong", str(report)


def test_second_derivatives_that_are_missing() -> None:
    """Every first derivative is right, and every node of the graph of the gradient, too."""
    held = Op("held", math.sin, lambda z, x: cos(detach(x)))
    for op in (STIFF, held):
        assert check_gradients(lambda x, op=op: op(x) * x, 0.3).ok
        report = check_gradients(lambda x, op=op: op(x) * x, 0.3, order=2)
        assert report.culprit is not None
        assert (report.culprit.op, report.culprit.part) == (op.name, "∂²z/∂x²") and report.culprit.got == 0.0
        assert report.mark is not None and "its derivative is 0.0, not -0.29552" in report.draw().dot
        assert report.minimal.splitlines()[-1] == f"{op.name}(x).backward()"


def test_mixed_second_derivatives_of_lists() -> None:
    def pull(z: Any, xs: Any) -> list[Any]:
        return [xs[1] * xs[1], 2 * xs[0] * detach(xs[1])]

    half = Op("half", lambda xs: xs[0] * xs[1] ** 2, pull, lists=(True,))
    report = check_gradients(lambda x, y: sin(half([x, y])), 0.3, 0.7, order=2)
    assert report.culprit is not None and report.culprit.op == "half" and report.culprit.got == 0.0


def test_a_wrong_partial_of_a_partial() -> None:
    """The graph of the gradient has the fault, and the report says whose graph it is."""
    slope = Op("slope", math.cos, lambda z, x: -1.5 * sin(x))
    wave = Op("wave", math.sin, lambda z, x: slope(x))
    assert check_gradients(lambda x: wave(x), 0.3).ok
    report = check_gradients(lambda x: wave(x), 0.3, order=2)
    assert report.culprit is not None and report.culprit.op == "slope"
    assert "This is the graph of the gradient of <lambda> by x." in report.notes
    assert "The graphs of all 2 gradients were checked in the same way." in str(
        check_gradients(lambda x, y: x**y, 2.0, 3.0, order=2)
    )


# beyond the floats
@pytest.mark.parametrize(
    "f, x",
    [
        (lambda x: exp(x) * 10, 709.0),
        (lambda x: x * 1e308 * 10.0, 1.0),
        (lambda x: x * -1e308 * 1.9, 1.0),
        (lambda x: x * 1e308 * 10.0 * 10.0, 1.0),
    ],
)
def test_a_gradient_beyond_the_largest_float_is_rightly_inf(f: Callable[[Value], Value], x: float) -> None:
    for seed in range(20):
        report = check_gradients(f, x, seed=seed)
        assert report.verdict == "right" and math.isinf(report.leaves[0].gradient)


def test_an_inf_of_the_wrong_sign_or_below_the_largest_float_is_wrong() -> None:
    x = Value(1.0)
    room, size = defaultdict(float, {x: 1e292}), defaultdict(mpf)
    for exact, verdict in (("2e308", "right"), ("-2e308", "wrong"), ("1.79e308", "wrong")):
        assert _leaf(x, math.inf, Exact({}, {x: mpf(exact)}, room, size)).verdict == verdict


# ops without an oracle
def test_an_op_that_leaves_many_digits() -> None:
    lost = Op("lost", lambda x: math.sin(float(f"{float(x):.17g}")), lambda z, x: cos(x))
    report = check_gradients(lambda x: lost(x) * 2, 0.3)
    assert report.ok and "lost was not evaluated in many digits" in report.notes[0]
    assert report.leaves[0].exact is None
    worse = Op("worse", lost.value, lambda z, x: cos(x) * (1 + 1e-7))
    report = check_gradients(lambda x: worse(x) * 2, 0.3)
    assert report.culprit is not None and report.culprit.op == "worse" and "Exactly is what" in str(report)


def test_the_title_says_what_was_checked_to_few_digits() -> None:
    lost = Op("lost", lambda x: math.sin(float(f"{float(x):.17g}")), lambda z, x: cos(x) * (1 + 1e-12))
    title = check_gradients(lambda x: lost(x) * x, 0.3).title()
    assert title.startswith("2 nodes, 1 leaves: right, worst 0")
    assert title.endswith(" ulp, 1 of the partials checked to 1e-09 only")
    waves = Op("waves", lambda x: math.sin(x * 1e6), lambda z, x: 1e6 * cos(x * 1e6))
    report = check_gradients(lambda x: waves(x), 0.7)
    assert report.title().endswith(" ulp, exceptions left out: 2") and report.worst_ulp < 16


# what is no function to check
def generator(x: Value) -> Iterator[Value]:
    yield x


def moves_its_input(x: Value) -> Value:
    y = x * x
    x.data = 5.0
    return y


REFUSED: list[tuple[Any, tuple[Any, ...], type[Exception], str]] = [
    (lambda x: 3.0, (1.0,), TypeError, r"<lambda> returned 3\.0, not a Value: .*engine\.sin\(x\)"),
    (lambda x: math.sin(x), (1.0,), TypeError, r"returned 0\.84.*, not a Value"),
    (lambda x: [x], (1.0,), TypeError, r"returned \[Value\(data=1\.0.*, not a Value"),
    (lambda x: None, (1.0,), TypeError, "returned None, not a Value"),
    (generator, (1.0,), TypeError, "generator returned <generator object .*, not a Value"),
    (lambda x, y: x * 2, (1.0, 2.0), ValueError, "<lambda> ignores its input y: its gradient would be 0"),
    (lambda xs: xs[1] * 2, ([1.0, 2.0],), ValueError, r"ignores its input xs\[0\]"),
    (lambda x: x, (math.nan,), ValueError, "x is nan: gradients are checked at finite numbers"),
    (lambda p: p["w"][0], ({"w": [math.inf]},), ValueError, r"p\['w'\]\[0\] is inf: gradients are"),
    (lambda x: x, ("3",), TypeError, "x takes a number, got '3' of type str"),
    (lambda x: x, (None,), TypeError, "x takes a number, got None"),
    (lambda x: x, (10**400,), TypeError, "x takes a number that fits a float"),
    (lambda: Value(1.0), (), TypeError, "was given no input to check the gradient of"),
    (lambda xs: xs, ([],), TypeError, "was given no input"),
    (3, (1.0,), TypeError, "takes a function of Values, got 3"),
    (moves_its_input, (1.0,), ValueError, r"changed the data of its input x from 1\.0 to 5\.0"),
]  # fmt: skip


@pytest.mark.parametrize(("f", "inputs", "error", "words"), REFUSED)
def test_what_is_refused(f: Any, inputs: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        check_gradients(f, *inputs)


def test_arrays_are_lists() -> None:
    numpy = pytest.importorskip("numpy")
    array = numpy.array([1.0, 2.0])
    with pytest.raises(TypeError, match=r"xs is an array of shape \(2,\): give xs\.tolist\(\)"):
        check_gradients(lambda xs: dot(xs, xs), array)
    assert check_gradients(lambda xs, y: dot(xs, xs) * y, array.tolist(), numpy.float32(0.1)).ok


def test_a_graph_that_changes() -> None:
    rng = random.Random(0)
    with pytest.raises(
        ValueError, match=r"records another graph when it is called again .*op 1 is mul\(x, 0\.8"
    ):
        check_gradients(lambda x: x * rng.random(), 2.0)
    calls: list[int] = []

    def grows(x: Value) -> Any:
        calls.append(1)
        return functools.reduce(lambda y, _: sin(y), calls, x)

    with pytest.raises(ValueError, match="grows records another graph .*1 ops at first, 2 then"):
        check_gradients(grows, 2.0)
    noisy = Op("noisy", lambda x: x + rng.random(), 1.0)
    with pytest.raises(ValueError, match=r"gives 2\.\d+ at first and 2\.\d+ when it is called again"):
        check_gradients(noisy, 2.0)


def test_options() -> None:
    with pytest.raises(ValueError, match="order is 1, or 2 for second derivatives too; got 3"):
        check_gradients(sin, 1.0, order=3)
    assert check_gradients(net, 0.3, -2.0, seed=1).verdict == "wrong"


def test_what_f_raises_comes_through() -> None:
    with pytest.raises(ZeroDivisionError):
        check_gradients(lambda x: x * (1 / 0), 1.0)
    with pytest.raises(ArithmeticError, match="the value of op 'pole' raised"):
        check_gradients(Op("pole", lambda x: math.factorial(-1) * x, 1.0), 1.0)


def test_gradients_are_put_back_when_a_sweep_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(z: Value) -> None:
        w.grad = 9.0
        raise RuntimeError("broken")

    w = Value(2.0)
    w.grad = 7.0
    monkeypatch.setattr(Value, "backward", broken)
    with pytest.raises(RuntimeError, match="broken"):
        check_gradients(lambda x: w * x, 3.0)
    assert w.grad == 7.0


# size
def test_a_deep_chain_and_a_wide_sum() -> None:
    def deep(x: Value) -> Value:
        for _ in range(1500):
            x = sin(x) + 0.1
        return x

    start = time.perf_counter()
    assert check_gradients(deep, 0.3).ok
    assert check_gradients(lambda xs: ops.sum(xs), [0.1 * i for i in range(1000)]).ok
    assert time.perf_counter() - start < 20.0


def test_a_fault_deep_in_a_chain() -> None:
    def deep(x: Value) -> Value:
        for i in range(1000):
            x = (BENT if i == 700 else sin)(x) + 0.1
        return x

    report = check_gradients(deep, 0.3)
    assert report.culprit is not None and report.culprit.op == "bent"
    assert report.minimal.splitlines()[-1] == "bent(x).backward()"
    assert "bent" in report.draw().dot
    assert len(str(report).splitlines()) < 60 and "1970 more; table() has them all" in str(report)
    assert len(report.table().splitlines()) > 2000


def test_an_own_op_of_a_row_s_name_need_not_commute() -> None:
    own = Op("mul", lambda x, y: x * y * y, lambda z, x, y: y * y, lambda z, x, y: 2 * x * y)
    assert check_gradients(lambda x, y: own(x, y) + own(y, y), 2.0, 3.0).verdict == "right"
