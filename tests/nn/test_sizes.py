"""Sizes of gradients by layer, and the activity of layers."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.activity import activity, chosen, dead, saturated, verdict
from nn.mlp import MLP
from nn.module import Module
from nn.neuron import Layer
from nn.sizes import gradient_sizes, group


@given(st.lists(st.floats(-1e150, 1e150), min_size=9, max_size=9))
def test_sizes_are_root_mean_squares_by_layer(grads):
    model = MLP(1, [2, 1])
    for p, grad in zip(model.parameters(), [*grads, *grads], strict=False):
        p.grad = grad
    rows = gradient_sizes(model)
    assert [row.name for row in rows] == ["layers[0].w", "layers[0].b", "layers[1].w", "layers[1].b"]
    assert [row.parameters for row in rows] == [2, 2, 2, 1]
    first = [neuron.w[0].grad for neuron in model.layers[0].neurons]
    assert rows[0].size == pytest.approx(float(np.sqrt(np.mean(np.square(first)))), rel=1e-12)


def test_sizes_neither_overflow_nor_vanish():
    model = MLP(1, [2])
    for p, grad in zip(model.parameters(), [1e300, 1e-300, 1e300, 1e-300], strict=True):
        p.grad = grad
    assert [row.size for row in gradient_sizes(model)] == pytest.approx([1e300, 1e-300])


def test_groups_of_modules_of_ones_own():
    class Table(Module):
        def __init__(self):
            self.rows = [[Value(1.0), Value(2.0)], [Value(3.0)]]
            self.parts = {"a.b": Layer(1, 1)}

    assert [row.name for row in gradient_sizes(Table())] == ["rows", "parts['a.b'].w", "parts['a.b'].b"]
    assert group("layers[10].neurons[3].w[2]") == "layers[10].w"


def test_activity_is_what_the_layers_answer():
    model = MLP(2, [3, 1, 2], rng=random.Random(1))
    points = [(0.5, 1.0), (-1.0, 2.0)]
    rows = points
    for i, layer in enumerate(model.layers):
        answers = [layer(row) for row in rows]
        rows = [tuple(v.data for v in (a if isinstance(a, list) else [a])) for a in answers]
        assert activity(model, points, i) == rows
    assert chosen(model, 2) is model.layers[2]


def test_what_is_dead_or_saturated():
    assert dead([(0.0, 1.0, 0.0), (0.0, 0.0, -1.0)]) == [0]
    assert saturated([(0.0,), (1.0,), (0.5,), (0.011,)], 0.0, 1.0) == 0.5
    layer = Layer(1, 1, activation="sigmoid")
    assert verdict(layer, [(0.999,), (0.5,)]) == "50% of the sigmoid answers saturated"
    assert verdict(Layer(1, 1, nonlin=False), [(0.0,)]) == ""


def test_activity_refuses():
    with pytest.raises(TypeError, match="the layers of an MLP, or a Layer, have an activity; got 3"):
        activity(3, [(0.0,)])
    with pytest.raises(ValueError, match=r"MLP\(1, \[2\]\) has the layers 0 ... 0, got layer=1"):
        activity(MLP(1, [2]), [(0.0,)], 1)
    with pytest.raises(ValueError, match="needs at least one point, got none"):
        activity(MLP(1, [2]), [])
    layer = Layer(2, 1, nonlin=False)
    layer.neurons[0].w[0].data = layer.neurons[0].w[1].data = 1e308
    with pytest.raises(FloatingPointError, match="neuron 0 of layer 0 answers inf to point 1"):
        activity(layer, [(0.0, 0.0), (9.0, 9.0)])
    assert math.isinf(layer([9.0, 9.0]).data)
