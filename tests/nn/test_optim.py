"""Gradient descent: torch's numbers, and nothing half done."""

import math
import re

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn import SGD, Neuron, sgd

finite = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=5), st.floats(1e-6, 10))
def test_a_step_is_the_rule_and_torchs(pairs, learning_rate):
    torch = pytest.importorskip("torch")
    ours = [Value(p) for p, _ in pairs]
    theirs = [torch.tensor(p, dtype=torch.float64, requires_grad=True) for p, _ in pairs]
    for a, b, (_, g) in zip(ours, theirs, pairs, strict=True):
        a.grad, b.grad = g, torch.tensor(g, dtype=torch.float64)
    SGD(ours, learning_rate).step()
    torch.optim.SGD(theirs, learning_rate).step()
    assert [v.data for v in ours] == [sgd(p, g, learning_rate) for p, g in pairs]
    assert [v.data for v in ours] == pytest.approx([t.item() for t in theirs], rel=1e-12, abs=1e-9)


def test_the_rule_runs_on_values_too():
    p, g = Value(2.0), Value(3.0)
    moved = sgd(p, g, 0.5)
    moved.backward()
    assert (moved.data, p.grad, g.grad) == (0.5, 1.0, -0.5)


@pytest.mark.parametrize("gradient", [math.nan, math.inf, -math.inf, 1e308])
def test_what_is_not_finite_moves_nothing(gradient):
    values = [Value(1.0), Value(-2.0)]
    values[0].grad, values[1].grad = 1.0, gradient
    with pytest.raises(
        FloatingPointError,
        match=rf"parameter 1 would become .* gradient {re.escape(str(gradient))}; no parameter",
    ):
        SGD(values, 100.0).step()
    assert [v.data for v in values] == [1.0, -2.0]


def test_zero_grad():
    values = [Value(1.0)]
    values[0].grad = 3.0
    SGD(values).zero_grad()
    assert values[0].grad == 0.0


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: SGD([]), ValueError, "at least one parameter"),
        (lambda: SGD(Neuron(1)), TypeError, r"such as model.parameters\(\), got Neuron"),
        (lambda: SGD([Value(1.0), 2.0]), TypeError, "takes Values, got 2.0 at position 1"),
        (lambda: SGD([Value(1.0)] * 2), ValueError, "each parameter once"),
        (lambda: SGD([Value(1.0)], 0.0), ValueError, "positive and finite, got 0.0"),
        (lambda: SGD([Value(1.0)], -1), ValueError, "positive and finite, got -1"),
        (lambda: SGD([Value(1.0)], math.inf), ValueError, "positive and finite, got inf"),
        (lambda: SGD([Value(1.0)], math.nan), ValueError, "positive and finite, got nan"),
        (lambda: SGD([Value(1.0)], "fast"), TypeError, "is a number, got 'fast'"),
        (lambda: setattr(SGD([Value(1.0)]), "learning_rate", 0), ValueError, "positive and finite, got 0"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
