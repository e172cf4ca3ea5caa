"""Answers: the largest of many, the side of the threshold of one."""

import math
import random

import pytest

from engine import Value
from nn import MLP, Neuron, answers, outputs
from nn.answers import label


def test_answers_are_labels_and_outputs_numbers():
    model = MLP(2, [8, 3], rng=random.Random(0))
    points = [(0.1 * i, 1 - 0.2 * i) for i in range(10)]
    numbers = outputs(model, points)
    assert all(len(row) == 3 and type(row[0]) is float for row in numbers)
    assert answers(model, points) == [row.index(max(row)) for row in numbers]


@pytest.mark.parametrize(
    ("output", "threshold"), [("linear", 0.0), ("tanh", 0.0), ("sigmoid", 0.5), ("step", 0.5)]
)
def test_a_single_output_is_compared_with_what_its_activation_asks_for(output, threshold):
    model = Neuron(1, activation=output, init=lambda rng, fan_in, fan_out: 1.0)
    points = [(-2.0,), (-0.25,), (0.0,), (0.25,), (2.0,)]
    assert answers(model, points) == [0, 0, 0, 1, 1]
    assert [int(x > threshold) for x in outputs(model, points)] == [0, 0, 0, 1, 1]


def test_a_function_is_a_model_too():
    assert answers(lambda point: [Value(-point[0]), Value(point[0])], [(1.0,), (-1.0,)]) == [1, 0]


def test_nan_is_no_label():
    with pytest.raises(ValueError, match="nan"):
        label(math.nan)
