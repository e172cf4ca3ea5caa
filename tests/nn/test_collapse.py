"""Collapse: a linear stack is its one layer; the routes say so, and so do PyTorch's matrices."""

import math
import random

import pytest
from hypothesis import given, strategies as st

from engine import Value, hessian, paths
from nn.collapse import Affine, collapse
from nn.mlp import MLP
from nn.neuron import Layer

shapes = st.tuples(st.integers(1, 4), st.lists(st.integers(1, 4), min_size=1, max_size=5))
numbers = st.floats(-8, 8)


def linear(nin, nouts, seed=0, **options):
    rng = random.Random(seed)
    model = MLP(nin, nouts, activation="linear", rng=rng, **options)
    for parameter in model.parameters():
        parameter.data = rng.uniform(-2, 2)
    return model


def lecture():
    """h₁ = 2x₁ - x₂ + 1, h₂ = x₁ + 3x₂ - 2, y = 3h₁ - h₂ + 0.5."""
    model = MLP(2, [2, 1], activation="linear")
    model.load_state(dict(zip(model.state(), [2, -1, 1, 1, 3, -2, 3, -1, 0.5], strict=True)))
    return model


def test_the_example_of_the_lecture():
    found = collapse(lecture())
    assert found == Affine(W=((5, -6),), b=(5.5,))
    assert str(found) == "y = 5 x1 − 6 x2 + 5.5"
    assert found([1.0, 1.0]) == 4.5


def test_the_weight_is_the_sum_over_the_routes():
    x = [Value(0.3), Value(-0.7)]
    first, second = (paths(lecture()(x), v) for v in x)
    assert sorted(route.product for route in first.routes) == [-1, 6]
    assert sorted(route.product for route in second.routes) == [-3, -3]
    assert (first.total, second.total) == collapse(lecture()).W[0]


def test_the_exercise():
    model = MLP(2, [2, 1], activation="linear")
    model.load_state(dict(zip(model.state(), [1, 1, 0, 1, -1, 2, 2, 3, -1], strict=True)))
    assert collapse(model) == Affine(W=((5, -1),), b=(5,))


def bound(model):
    """Return how large an answer can be for inputs up to 8."""
    largest = 8.0
    for layer in model.layers:
        largest = max(sum(abs(w.data) for w in n.w) * largest + abs(n.b.data) for n in layer.neurons)
    return largest


@given(shapes, st.integers(0, 99), st.lists(numbers, min_size=4, max_size=4))
def test_it_answers_as_the_stack_does_to_rounding(shape, seed, x):
    nin, nouts = shape
    model = linear(nin, nouts, seed)
    answers, found = model(x[:nin]), collapse(model)(x[:nin])
    expected = [v.data for v in answers] if nouts[-1] > 1 else [answers.data]
    assert (found if nouts[-1] > 1 else [found]) == pytest.approx(expected, abs=4e-15 * bound(model))


@given(shapes, st.integers(0, 99))
def test_its_weights_are_the_sums_over_all_routes(shape, seed):
    nin, nouts = shape
    model = linear(nin, nouts, seed)
    x = [Value(0.5) for _ in range(nin)]
    answers = model(x)
    for y, row in zip(answers if nouts[-1] > 1 else [answers], collapse(model).W, strict=True):
        assert [paths(y, v).total for v in x] == pytest.approx(row, rel=1e-12, abs=1e-12)


def test_five_layers_are_one_and_their_hessian_is_zero():
    model = linear(3, [4, 4, 4, 4, 1], seed=5)
    found = collapse(model)
    for x in ([1.0, 2.0, 3.0], [-1.0, 0.5, 0.0]):
        assert found(x) == pytest.approx(model(x).data, rel=1e-12)
        assert hessian(lambda *xs: model(list(xs)))(*x) == ((0, 0, 0),) * 3
    assert found.b[0] == pytest.approx(model([0.0, 0.0, 0.0]).data, rel=1e-12)


def test_the_matrices_of_torch():
    torch = pytest.importorskip("torch")
    model = linear(3, [4, 2], seed=1, output="linear")
    W, b = torch.eye(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    for layer in model.layers:
        weights = torch.tensor([[w.data for w in n.w] for n in layer.neurons], dtype=torch.float64)
        W = weights @ W
        b = weights @ b + torch.tensor([n.b.data for n in layer.neurons], dtype=torch.float64)
    found = collapse(model)
    assert [list(row) for row in found.W] == [pytest.approx(row, rel=1e-12) for row in W.tolist()]
    assert list(found.b) == pytest.approx(b.tolist(), rel=1e-12)


def test_layers_and_values():
    layer = Layer(2, 2, activation="linear", rng=random.Random(0))
    found = collapse(layer)
    assert found.W == tuple(tuple(w.data for w in n.w) for n in layer.neurons)
    assert str(found).startswith("y1 = ") and "\ny2 = " in str(found)
    x = Value(2.0)
    y = collapse(linear(1, [3, 1]))(x)
    y.backward()
    assert x.grad == collapse(linear(1, [3, 1])).W[0][0]


def test_a_bend_in_the_stack_is_no_line():
    """What refusing is for: with one ReLU the second differences are not 0."""
    model = linear(1, [3, 1])
    bent = MLP(1, [3, 1])
    bent.load_state(model.state())
    curve = [bent([x]).data for x in (-4.0, 0.0, 4.0)]
    assert abs(curve[0] - 2 * curve[1] + curve[2]) > 0.1


REFUSALS = [
    (
        lambda: collapse(MLP(2, [3, 3, 1])),
        ValueError,
        r"layers\[0\] of MLP\(2, \[3, 3, 1\]\) ends in relu: .*",
    ),
    (
        lambda: collapse(MLP(2, [3, 1])),
        ValueError,
        r"collapse takes linear layers alone.*activation='linear'",
    ),
    (lambda: collapse(MLP(2, [3, 1], activation="linear", output="tanh")), ValueError, r"layers\[1\].* tanh"),
    (lambda: collapse(MLP(2, [3, 2], activation="linear", output="softmax")), ValueError, "in softmax"),
    (
        lambda: collapse(Layer(2, 2, activation="sigmoid")),
        ValueError,
        r"layers\[0\] of Layer\(2, 2\).*sigmoid",
    ),
    (lambda: collapse([1, 2]), TypeError, r"collapse takes an MLP or a Layer, got \[1, 2\]"),
    (lambda: collapse(lecture())([1.0]), ValueError, "takes 2 inputs, got 1"),
    (lambda: collapse(lecture())([1.0, math.nan]), ValueError, "input 1 of 2 is nan"),
]


@pytest.mark.parametrize(("act", "error", "message"), REFUSALS)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
