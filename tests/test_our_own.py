"""The checker on ourselves: every layer, every activation, every loss, and every function of derivatives."""

import itertools
import random
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from engine import erf, grad, hessian, hvp, jacobian, jvp, mul, softmax, value_and_grad, vjp
from engine.check import assert_gradients, check_gradients, strategies as gs
from engine.check.programs import SMOOTH, Line, Program
from engine.check.ulps import mp, mpf
from engine.check.verdict import verdict_on
from engine.value import Value
from nn import ACTIVATIONS, MLP, Layer, Neuron, cross_entropy, hinge, mse

few = settings(max_examples=25)
LOSSES = {
    "mse": mse,
    "hinge": lambda scores, targets: hinge(scores, [1 if target > 0 else -1 for target in targets]),
    "cross_entropy": lambda logits, targets: cross_entropy([*logits, 0.5], len(targets) % 2),
}
SMOOTH_ACTIVATIONS = sorted(set(ACTIVATIONS) - {"step"})


def flat(x: Any) -> list[Any]:
    return list(x) if isinstance(x, list) else [x]


# networks and losses
@pytest.mark.parametrize("loss", LOSSES)
@few
@given(gs.modules(MLP))
def test_every_loss_of_networks(loss: str, sample: gs.Sample) -> None:
    """By all weights, and by the points too."""
    module, points, targets = sample

    def total(points: list[list[Value]]) -> Any:
        outputs = [z for point in points for z in flat(module(point))]
        return LOSSES[loss](outputs, [t for target in targets for t in flat(target)])

    report = assert_gradients(total, points, undecided=True)
    assert len(report.leaves) >= len(points[0])
    assert report.worst_ulp <= 4


@pytest.mark.parametrize("activation", SMOOTH_ACTIVATIONS)
@pytest.mark.parametrize("explicit", [False, True])
def test_every_activation_of_a_neuron(activation: str, explicit: bool) -> None:
    neuron = Neuron(3, activation=activation, explicit=explicit, rng=random.Random(1))
    report = assert_gradients(lambda point: neuron(point), [0.5, -0.25, 2.0], order=2)
    assert len(report.leaves) == 3 + len(neuron.parameters())


def test_a_layer_with_softmax() -> None:
    layer = Layer(2, 3, activation="linear", rng=random.Random(0))
    report = assert_gradients(lambda point: softmax(layer(point))[1], [0.3, -0.7], order=2)
    assert len(report.leaves) == 2 + len(layer.parameters())


def test_a_step_is_a_kink_or_flat() -> None:
    neuron = Neuron(2, activation="step", rng=random.Random(0))
    report = check_gradients(lambda point: neuron(point), [0.5, 0.25])
    assert report.ok and all(leaf.gradient == 0.0 for leaf in report.leaves)


# derivatives of functions
def exact_gradient(program: Program) -> list[tuple[float, float]]:
    """The exact gradient, and how far rounding may take floats from it."""
    leaves = [Value(x) for x in program.inputs]
    report = verdict_on(program(*leaves), leaves)
    assert report.verdict != "wrong", str(report)
    return [(leaf.exact, leaf.room) for leaf in report.leaves]


def near(got: float, exact: Any, room: Any) -> bool:
    return bool(abs(mpf(got) - exact) <= 2 * room)


FLAT = Program((3.0,), (Line(mul, (0, 0)), Line(mul, (1, 0)), Line(erf, (2,))))
"""erf(x*x*x) at 3: its slope, about e**-729, is below the smallest float."""


@settings(max_examples=60)
@example(FLAT, 0)
@given(gs.programs(max_nodes=15), st.integers(0, 2**32))
def test_functions_of_first_derivatives(program: Program, seed: int) -> None:
    rng = random.Random(seed)
    truth = exact_gradient(program)
    inputs = program.inputs
    value, slopes = value_and_grad(program)(*inputs)
    slopes = slopes if len(inputs) > 1 else (slopes,)
    assert value == program(*inputs)
    assert all(near(got, *true) for got, true in zip(slopes, truth, strict=True))
    assert grad(program)(*inputs) == (slopes if len(inputs) > 1 else slopes[0])
    rows = jacobian(lambda v: [program(*v), 2 * program(*v)])(list(inputs))
    assert rows[0] == list(slopes) and rows[1] == [2 * x for x in slopes]
    direction = [rng.uniform(-1, 1) for _ in inputs]
    exact = mp.fsum(d * true for d, (true, _) in zip(direction, truth, strict=True))
    room = mp.fsum(abs(d) * more for d, (_, more) in zip(direction, truth, strict=True))
    room += 2.0**-50 * mp.fsum(abs(d * true) for d, (true, _) in zip(direction, truth, strict=True))
    _, rate = jvp(program, inputs, tuple(direction))
    assert near(rate, exact, 8 * room)
    _, pull = vjp(program, *inputs)
    weighted = pull(2.0)
    weighted = weighted if isinstance(weighted, tuple) else (weighted,)
    assert all(near(got / 2, *true) for got, true in zip(weighted, truth, strict=True))


@settings(max_examples=40)
@given(gs.programs([op for op in SMOOTH if op.name not in ("max", "min", "where")], max_nodes=8))
def test_the_hessian_is_symmetric_and_right(program: Program) -> None:
    """Each row is the gradient of a gradient, whose own graph is checked node by node and as a whole."""
    n = len(program.inputs)
    report = check_gradients(program, *program.inputs, order=2)
    assert report.verdict != "wrong", str(report)
    rows = hessian(lambda v: program(*v))(list(program.inputs))
    direction = [1.0 + i for i in range(n)]
    along = hvp(lambda v: program(*v), (list(program.inputs),), (direction,))
    truth = [exact_row(program, i) for i in range(n)]
    for i, j in itertools.product(range(n), repeat=2):
        exact, room = truth[i][j]
        assert near(rows[i][j], exact, room), (i, j, rows)
        assert near(rows[i][j], truth[j][i][0], room), (i, j, rows)
    for i in range(n):
        column = [row[i] for row in truth]
        total = mp.fsum(exact * d for (exact, _), d in zip(truth[i], direction, strict=True))
        room = sum((a[1] + b[1]) * d for a, b, d in zip(truth[i], column, direction, strict=True))
        size = sum(abs(exact) * d for (exact, _), d in zip(truth[i], direction, strict=True))
        assert near(along[i], total, 8 * room + 2.0**-48 * size)


def exact_row(program: Program, i: int) -> list[tuple[Any, float]]:
    """Row i of the Hessian in many digits, each number with the rounding of the graph of gradient i."""
    leaves = [Value(x) for x in program.inputs]
    slope = grad(lambda v: program(*v))(leaves)[i]
    if not isinstance(slope, Value) or slope.op is None:
        return [(mpf(0), 0.0)] * len(leaves)
    report = verdict_on(slope, leaves)
    assert report.verdict != "wrong", str(report)
    return [(leaf.exact, leaf.room) for leaf in report.leaves]
