"""The exercises of notebook 10: right answers, and a hint for each typical mistake."""

import pytest
from hypothesis import given, settings, strategies as st

from engine import Value, leaky_relu, maximum, relu, where
from nn.course import check_exercise


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("10.1", 45),
        ("10.1", Value(45.0)),
        ("10.2", lambda x: where(x, x, 0.1 * x)),
        ("10.2", lambda x: maximum(x, 0.1 * x)),
        ("10.2", lambda x: leaky_relu(x, 0.1)),
        ("10.2", lambda x: relu(x) - 0.1 * relu(-x)),
        ("10.3", (2, 3)),
        ("10.3", [2.0, 3.0]),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("10.1", 26, "those are its parameters"),
        ("10.1", 17, "a dot for each neuron"),
        ("10.1", 40, "a ReLU each"),
        ("10.1", 20, "those are the products"),
        ("10.1", 46, "a product for each weight"),
        ("10.2", 0.1, "a function is asked for"),
        ("10.2", lambda x: x if x > 0 else 0.1 * x, "it does not record: test_lesson_10.py"),
        ("10.2", lambda x: x if x.data > 0 else 0.1 * x, "computes something else on another sample"),
        ("10.2", relu, "gives 0 at x = -3; wanted is -0.3"),
        ("10.2", lambda x: where(x, 0.1 * x, x), "at x = -3; wanted is -0.3"),
        ("10.2", lambda x: [x, x], "hand in a function of one number that returns one"),
        ("10.2", lambda x: None + x, "raised TypeError"),
        ("10.2", lambda: 1.0, "raised TypeError"),
        ("10.3", (2, 4), "the gradient of the pixels"),
        ("10.3", (2, 2), "backward it takes more"),
        ("10.3", (3, 2), "forward first"),
        ("10.3", (3, 5), "one a layer forward"),
        ("10.3", 5, "2 numbers in a row"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert not verdict and hint in verdict.text


@given(st.integers(0, 1000).filter(lambda x: x != 45))
def test_other_counts_are_wrong(x):
    assert not check_exercise("10.1", x)


@settings(max_examples=10)
@given(st.floats(-2, 2).filter(lambda slope: abs(slope - 0.1) > 1e-9))
def test_other_leaks_are_wrong(slope):
    assert not check_exercise("10.2", lambda x: where(x, x, slope * x))
