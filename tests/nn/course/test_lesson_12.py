"""The exercises of notebook 12: right answers, and a hint for each typical mistake."""

import pytest
from hypothesis import given, strategies as st

from engine import Value, sigmoid
from nn.course import check_exercise
from nn.recurrent import RNN, Forecaster
from tests.nn.course.agreeing import agrees


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("12.1", 4),
        ("12.1", Value(4.0)),
        ("12.2", 4.5),
        ("12.2", 4.28),
        ("12.2", Value(4.4)),
        ("12.3", 0.1),
        ("12.4", 897),
        ("12.4", 897.0),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


def test_the_first_answer_is_that_of_the_library():
    rnn = RNN(1, 1, activation="linear", init="zeros")
    w_x, w_h, _ = rnn.parameters()
    w_x.data, w_h.data = 1.0, 0.5
    hidden, _ = rnn([4.0, 0.0, 1.0])
    hidden[-1][0].backward()
    assert check_exercise("12.1", w_h.grad)


def test_the_last_answer_is_that_of_a_longer_window():
    model = Forecaster("gru", 16)
    assert model([0.5] * 20).data != model([0.5] * 10).data
    assert check_exercise("12.4", len(model.parameters()))


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("12.1", 2, "one use of w"),
        ("12.1", 6, "upstream is missing"),
        ("12.1", 0.3, "step by step"),
        ("12.1", "four", "a number is asked for"),
        ("12.2", 1, "σ(1) is 0.7311, and to the power of 50 that is 1.6e-07"),
        ("12.2", 4.2, "that is 0.48"),
        ("12.2", 0.99, "that is a good gate f"),
        ("12.2", 5, "at most 4.5"),
        ("12.2", "large", "hand in one number"),
        ("12.2", [5.0, 5.0], "hand in one number"),
        ("12.2", float("nan"), "σ(nan)"),
        ("12.3", 0.01, "twice"),
        ("12.3", 0.0001, "its root"),
        ("12.3", 0.2154, "only two steps"),
        ("12.3", -0.1, "without a sign"),
        ("12.4", 1794, "no more of them"),
        ("12.4", 880, "linear neuron"),
        ("12.4", 16, "count those of the model above"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    assert hint in check_exercise(number, answer).text


@given(st.floats(-50, 50))
def test_a_bias_is_right_where_half_is_kept(b):
    assert bool(check_exercise("12.2", b)) == (sigmoid(b) ** 50 >= 0.5 and b <= 4.5)


@given(st.sampled_from(["12.1", "12.3", "12.4"]), st.floats(-1e4, 1e4))
def test_other_numbers_are_wrong(number, x):
    right = {"12.1": 4.0, "12.3": 0.1, "12.4": 897.0}[number]
    assert bool(check_exercise(number, x)) == agrees(x, right)
