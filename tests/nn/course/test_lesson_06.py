"""The exercises of notebook 06: right answers, and a hint for each typical mistake."""

import pytest
from hypothesis import given, settings, strategies as st

from engine import Value
from nn import SGD, Adam, Momentum, Nesterov, RMSProp
from nn.course import check_exercise
from tests.nn.course.agreeing import agrees


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("06.1", 0.2),
        ("06.1", 1 / 5),
        ("06.2", 24),
        ("06.3", lambda parameters: Momentum(parameters, 1 / 9, momentum=4 / 9)),
        ("06.3", lambda parameters: Nesterov(parameters, 0.05)),
        ("06.3", lambda parameters: RMSProp(parameters, 0.1)),
        ("06.4", 0.1),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("06.1", 0.1, "straight to 0"),
        ("06.1", 0.4, "10w, not 5w"),
        ("06.1", 1, "the factor 1"),
        ("06.1", 0.3, "for which η"),
        ("06.2", 12, "with 1 as the truth"),
        ("06.2", 4, "what arrives at y"),
        ("06.2", 8, "through the weight w₂"),
        ("06.2", -24, "raises the loss"),
        ("06.2", 7, "times the slope of ReLU"),
        ("06.3", lambda parameters: SGD(parameters, 2 / 26), "only falls, but too slowly"),
        ("06.3", lambda parameters: SGD(parameters, 0.081), "too large a rate"),
        ("06.3", lambda parameters: SGD(parameters, 1e9), "outgrow a float"),
        ("06.3", lambda parameters: Momentum(parameters, 0.05), "up and down"),
        ("06.3", lambda parameters: Adam(parameters, 0.1), "up and down"),
        ("06.3", lambda parameters: None, "return an optimizer"),
        ("06.3", lambda parameters: SGD(parameters[:1], 0.05), "both of them"),
        ("06.3", lambda parameters: SGD([Value(1.0)], 0.05), "both of them"),
        ("06.3", lambda parameters: SGD(parameters, -1), "raised ValueError"),
        ("06.3", Momentum, "up and down"),
        ("06.4", -0.1, "w grows"),
        ("06.4", 25, "does not depend on the slope's size"),
        ("06.4", -25, "uphill"),
        ("06.4", 1, "but the rate is"),
        ("06.4", 0.5, "the sign of the slope"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert hint in verdict.text and not verdict


def test_the_slope_by_the_bias_is_not_that_by_the_weight():
    """12 is the slope by b₁, too; the truth 1 is the commoner mistake."""
    assert "with 1 as the truth" in check_exercise("06.2", 12).text


@pytest.mark.parametrize(("number", "truth"), [("06.1", 0.2), ("06.2", 24.0), ("06.4", 0.1)])
@given(x=st.floats(-100, 100))
def test_other_numbers_are_wrong(number, truth, x):
    assert bool(check_exercise(number, x)) == agrees(x, truth)


@settings(max_examples=10, deadline=None)
@given(st.floats(0.001, 0.2))
def test_no_plain_descent_is_fast_enough(rate):
    assert not check_exercise("06.3", lambda parameters: SGD(parameters, rate))
