"""The exercises of notebook 03: right answers, and a hint for each typical mistake."""

import pytest
from hypothesis import given, strategies as st

from nn import Perceptron
from nn.course import check_exercise
from tests.parts import needed

NAND, LOAN, XOR = (1, 1, 1, 0), (0, 0, 1, 0), (0, 1, 1, 0)
ROWS = ((0, 0), (0, 1), (1, 0), (1, 1))
weight = st.integers(-4, 4).map(lambda n: n / 2)
weights = st.tuples(weight, weight, weight)


def answers(b, w1, w2):
    return tuple([int(w1 * x1 + w2 * x2 + b > 0) for x1, x2 in ROWS])


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("03.1", (1.5, -1, -1)),
        ("03.1", [3, -2, -2]),
        ("03.1", Perceptron.of(1.5, [-1, -1])),
        ("03.2", (-0.5, 1, -1)),
        ("03.3", 0.4472),
        ("03.3", 1 / 5**0.5),
        ("03.3", 0.447),
        ("03.4", 4),
        ("03.4", 5.0),
        ("03.5", (1, 2, 2, 3)),
        ("03.5", [0.5, 1, 1, 1.5]),
        ("03.5", (1 / 3, 2 / 3, 2 / 3, 1)),
        ("03.5", (0.001, 0.002, 0.002, 0.003)),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


def test_arrays_are_rows():
    np = needed("numpy", "lab")
    assert check_exercise("03.1", np.array([1.5, -1, -1]))
    assert check_exercise("03.5", np.array([1, 2, 2, 3]))
    assert check_exercise("03.4", np.float64(4.5))


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("03.1", (-1.5, 1, 1), "that is AND itself"),
        ("03.1", (0.5, -1, -1), "the opposite of OR"),
        ("03.1", (2, -2, -1), "at (1, 0) the height is 0, and step(0) is 0: it answers 0, wanted is 1"),
        ("03.1", (1, 0, 0), "at (1, 1) the height is 1: it answers 1, wanted is 0"),
        ("03.1", (1, 2), "hand in a row of 3 numbers, such as (-1.5, 1, 1), got a row of 2"),
        ("03.1", ("1.5", "-1", "-1"), "hand in a row of 3 numbers, such as (-1.5, 1, 1), got a text"),
        ("03.1", (-1, -1, 1.5), "the bias comes first"),
        ("03.1", (float("inf"), 1, 1), "b must be finite"),
        ("03.2", (-1.5, 1, 1), "a debt must pull the height down"),
        ("03.2", (-0.5, -1, 1), "swap the inputs"),
        ("03.2", (0.5, 0, -1), "the income has to count, too"),
        ("03.2", (-0.5, 1, 0), "x2 has to count, too"),
        ("03.2", (-1.5, 1, -1), "b is too low for w1"),
        ("03.2", (-1, 1, -1), "b is too low for w1"),
        ("03.2", (1, -1, -0.5), "the bias comes first"),
        ("03.3", 1, "divide by the length of w"),
        ("03.3", 0.2, "the root of 2² + 1²"),
        ("03.3", 1 / 3, "Pythagoras"),
        ("03.3", 1.342, "b belongs to it"),
        ("03.3", 2.236, "do not multiply"),
        ("03.3", 0.577, "squared before they are added"),
        ("03.3", 0.408, "no third 1"),
        ("03.3", 0.707, "the length of w = (1, 1)"),
        ("03.3", -0.447, "the distance is positive"),
        ("03.3", 0.45, "three correct digits are asked for"),
        ("03.3", 7, "the height at (1, 1)"),
        ("03.4", 0, "(1) is not to hold here"),
        ("03.4", -1, "(1) is not to hold here"),
        ("03.4", 2, "(2) w2 + b > 0 does not hold: the left side is −1"),
        ("03.4", 3, "(2) w2 + b > 0 does not hold: the left side is 0"),
        ("03.4", 6, "(4) w1 + w2 + b ≤ 0 does not hold: the left side is 1"),
        ("03.4", (4, -2, -3), "one number, the bias b"),
        ("03.4", "4", "one number, the bias b"),
        ("03.4", float("inf"), "b is a finite number"),
        ("03.5", (1, 1, 1, 1), "w1 does not cancel: of it 1 is left"),
        ("03.5", (3, 2, 2, 3), "b does not cancel: of it −2 is left"),
        ("03.5", (-1, 2, 2, 3), "all four are 0 or more"),
        ("03.5", (0, 0, 0, 0), "no contradiction"),
        ("03.5", (0.333, 0.667, 0.667, 1), "whole numbers are enough"),
        ("03.5", (1e-12, 0, 0, 0), "no contradiction"),
        ("03.5", ("1", "2", "2", "3"), "got a text"),
        ("03.5", (1, 2, 2), "hand in a row of 4 numbers"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert hint in verdict.text and not verdict


@given(weights)
def test_weights_are_right_where_their_answers_are(row):
    assert bool(check_exercise("03.1", row)) == (answers(*row) == NAND)
    assert bool(check_exercise("03.2", row)) == (answers(*row) == LOAN)


@given(st.integers(-20, 20).map(lambda n: n / 2))
def test_a_bias_is_right_where_three_of_four_hold(b):
    assert bool(check_exercise("03.4", b)) == (answers(b, -2, -3) == (1, *XOR[1:]))


@given(st.tuples(*[st.integers(0, 6)] * 4))
def test_multipliers_are_right_up_to_a_factor(row):
    assert bool(check_exercise("03.5", row)) == (
        row[0] > 0 and row == tuple(row[0] * m for m in (1, 2, 2, 3))
    )


@given(st.floats(-10, 10).filter(lambda x: abs(x - 0.4472) > 0.01))
def test_other_distances_are_wrong(x):
    assert not check_exercise("03.3", x)
