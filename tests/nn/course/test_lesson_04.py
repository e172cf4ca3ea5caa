"""The exercises of notebook 04: right answers, and a hint for each typical mistake."""

import pytest
from hypothesis import given, strategies as st

from engine import dot, relu
from nn.course import check_exercise


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("04.1", (5, -1, 5)),
        ("04.1", [5.0, -1.0, 5.0]),
        ("04.2", lambda x: relu(x) + relu(-x)),
        ("04.2", lambda x: 2 * relu(x) - x),
        ("04.2", lambda x: relu(2 * x) / 2 + relu(-3 * x) * (1 / 3)),
        ("04.3", lambda x1, x2: relu(x1 - x2) + relu(x2 - x1)),
        ("04.3", lambda x1, x2: 2 * relu(x1 - x2) + x2 - x1),
        ("04.3", lambda x1, x2: dot((1.0, 1.0), (relu(x1 - x2), relu(dot((-1.0, 1.0), (x1, x2)))))),
        ("04.4", 16),
        ("04.4", 16.0),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("04.1", (5, -1, 1), "goes through the weight 3, too"),
        ("04.1", (5, -1, -1), "the constants"),
        ("04.1", (5, 5, 5), "x₂ has a minus"),
        ("04.1", (2, 2, 5), "x₁ comes in through both"),
        ("04.1", (1, 1, 1), "multiply out"),
        ("04.1", 5, "3 numbers in a row"),
        ("04.2", 3, "a function is asked for"),
        ("04.2", relu, "at x = −2 it gives 0, and |x| is 2: one ReLU is asleep on that side"),
        ("04.2", lambda x: relu(x) - relu(-x), "at x = −2 it gives −2"),
        ("04.2", lambda x: relu(x) + relu(-x) + relu(x) + 0 * relu(x - 1), "two ReLUs are enough; yours has"),
        ("04.2", abs, "yours has abs"),
        ("04.2", lambda x: (x * x) ** 0.5, "yours has power"),
        ("04.2", lambda x: x, "made of relu"),
        ("04.2", lambda x: 3.0, "made of relu"),
        ("04.2", lambda x: 1 / 0, "raised ZeroDivisionError"),
        ("04.3", lambda x1, x2: relu(x1 + x2) - 2 * relu(x1 + x2 - 1), "a ReLU looks at x1 + x2"),
        ("04.3", lambda x1, x2: x1 + x2 - 2 * relu(x1 + x2 - 1), "a ReLU looks at x1 + x2"),
        ("04.3", lambda x1, x2: relu(x1) + relu(x2), "at (1, 1) it gives 2, and XOR is 0"),
        ("04.3", lambda x1, x2: (x1 - x2) ** 2, "yours has power"),
        ("04.3", lambda x1, x2: x1 + x2 - 2 * x1 * x2, "a weight is a plain number"),
        ("04.3", lambda x1, x2: relu(x1 - x2) + relu(x2) / relu(x1 + 1), "a weight is a plain number"),
        ("04.3", lambda x: relu(x), "raised TypeError"),
        ("04.4", 15, "one piece less"),
        ("04.4", 12, "moved down"),
        ("04.4", 250, "with k², not with k"),
        ("04.4", 15.811, "whole numbers"),
        ("04.4", 17, "1/(4k²)"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert hint in verdict.text and not verdict


@given(st.tuples(*[st.integers(-9, 9)] * 3))
def test_one_neuron_alone_is_it(row):
    assert bool(check_exercise("04.1", row)) == (row == (5, -1, 5))


@given(st.floats(0.1, 5), st.floats(-5, 5))
def test_a_size_is_right_whatever_its_scale(scale, slope):
    assert check_exercise("04.2", lambda x: relu(scale * x) / scale + relu(-scale * x) / scale)
    assert bool(check_exercise("04.2", lambda x: relu(x) + slope * relu(-x))) == (abs(slope - 1) < 1e-10)


@given(st.integers(1, 1000).filter(lambda k: k != 16))
def test_other_numbers_of_pieces_are_wrong(k):
    assert not check_exercise("04.4", k)
