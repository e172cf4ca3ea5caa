"""The exercises of notebook 07: right answers, and a hint for each typical mistake."""

import math
import random

import pytest
from hypothesis import given, settings, strategies as st

from engine import Value
from nn import MLP, fit, moons
from nn.course import check_exercise


def trained(sizes, **look):
    model = MLP(2, sizes, rng=random.Random(1), **look)
    fit(
        model,
        moons(200, noise=0.1),
        epochs=40,
        optimizer="adam",
        learning_rate=0.03,
        executor="numpy",
        progress=False,
    ).run()
    return model


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("07.1", 530),
        ("07.1", Value(530.0)),
        ("07.2", math.log(3)),
        ("07.2", 1.0986),
        ("07.4", 0.001),
        ("07.4", 0.01),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("07.1", 512, "has a bias as well"),
        ("07.1", 496, "that is the hidden layer"),
        ("07.1", 48, "that go in and come out"),
        ("07.1", 531, "16 neurons with 30 weights"),
        ("07.1", "many", "a number is asked for"),
        ("07.2", 1 / 3, "its negative logarithm"),
        ("07.2", -math.log(3), "is positive"),
        ("07.2", math.log2(3), "base 2"),
        ("07.2", math.log10(3), "base 10"),
        ("07.2", math.log(10), "ten classes"),
        ("07.2", 0, "a guess"),
        ("07.2", 2, "the same share"),
        ("07.3", 0.97, "hand in the network that was trained"),
        ("07.3", MLP(2, [16, 16, 1]), "has 337 parameters, 70 are allowed"),
        ("07.3", MLP(3, [2, 1]), "takes 3 inputs"),
        ("07.3", MLP(2, [1], init="zeros"), "was it trained"),
        ("07.4", 0, "it still follows the noise"),
        ("07.4", 1e-4, "it still follows the noise"),
        ("07.4", 1, "it hardly bends any more"),
        ("07.4", -0.001, "must be 0 or more"),
        ("07.4", math.nan, "must be 0 or more"),
        ("07.4", "small", "l2 is a number"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert not verdict and hint in verdict.text


def test_networks():
    assert check_exercise("07.3", trained([8, 1], activation="tanh", init="xavier"))
    assert check_exercise("07.3", trained([8, 2], activation="tanh", init="xavier"))
    assert "one straight line" in check_exercise("07.3", trained([1])).text


@given(st.floats(-1e3, 1e3).filter(lambda x: abs(x - 530) > 2 and abs(x - math.log(3)) > 0.01))
def test_other_numbers_are_wrong(x):
    assert not check_exercise("07.1", x) and not check_exercise("07.2", x)


@settings(max_examples=20)
@given(st.floats(0.0005, 0.01), st.floats(0.0, 0.0002), st.floats(0.1, 10.0))
def test_an_l2_is_right_or_gets_a_direction(right, small, large):
    assert check_exercise("07.4", right)
    assert "cost more" in check_exercise("07.4", small).text
    assert "cost less" in check_exercise("07.4", large).text
