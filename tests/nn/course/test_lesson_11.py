"""The exercises of notebook 11: right answers, and a hint for each typical mistake."""

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.course import check_exercise

PREWITT = [[1, 0, -1]] * 3
SOBEL = ((1.0, 0.0, -1.0), (2.0, 0.0, -2.0), (1.0, 0.0, -1.0))
ONE_ROW = [[0, 0, 0], [Value(2.0), -1, -1], [0, 0, 0]]


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("11.1", (3, 7)),
        ("11.1", [3.0, 7.0]),
        ("11.1", [Value(3.0), 7]),
        ("11.2", PREWITT),
        ("11.2", SOBEL),
        ("11.2", ONE_ROW),
        ("11.3", 296),
        ("11.3", 296.0),
        ("11.4", (1, 9)),
        ("11.4", [1.0, 9.0]),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("11.1", (7, 3), "in that order"),
        ("11.1", (8, 8), "no weight sees all four"),
        ("11.1", (1, 0), "that is one window"),
        ("11.1", 10, "2 numbers in a row"),
        ("11.1", (3, 8), "step by step"),
        ("11.2", [1, 0, -1], "three rows of three numbers"),
        ("11.2", [[1, 0], [1, 0], [1, 0]], "three rows of three numbers"),
        ("11.2", [["a", 0, -1]] * 3, "three rows of three numbers"),
        ("11.2", [[1, 0, float("nan")]] * 3, "a weight is a finite number, got nan"),
        ("11.2", [[1, 0, 0]] * 3, "1 everywhere it answers 3, not 0"),
        ("11.2", [[-1, 0, 1]] * 3, "it answers -3, not more than 0: that is an edge the other way round"),
        ("11.2", [[0, 1, -1]] * 3, "rows 1, 0, 0 it answers 0, not more than 0"),
        ("11.2", [[1, -1, 0]] * 3, "rows 1, 1, 0 it answers 0, not more than 0"),
        ("11.2", [[0, 0, 0]] * 3, "not more than 0"),
        ("11.3", 80, "all four channels"),
        ("11.3", 288, "a bias, too"),
        ("11.3", 320, "not for each of its channels"),
        ("11.3", 37, "step by step"),
        ("11.4", (36, 36), "to a weight"),
        ("11.4", (4, 9), "padding of 1"),
        ("11.4", (9, 9), "one of the two is right"),
        ("11.4", (9, 1), "step by step"),
        ("11.4", 9, "2 numbers in a row"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert not verdict and hint in verdict.text


def test_an_edge_the_other_way_round_is_told_from_none():
    assert "other way" not in check_exercise("11.2", [[0, 1, -1]] * 3).text


weight = st.integers(-4, 4)
row = st.lists(weight, min_size=3, max_size=3)


@given(st.lists(row, min_size=3, max_size=3))
def test_a_kernel_is_right_where_its_columns_say_so(rows):
    left, middle, right = map(sum, zip(*rows, strict=True))
    kernel = left + middle + right == 0 and left > 0 and left + middle > 0
    assert bool(check_exercise("11.2", rows)) == kernel


@given(st.integers(-400, 400).filter(lambda n: n != 296))
def test_other_numbers_are_wrong(n):
    assert not check_exercise("11.3", n)


@given(st.tuples(st.integers(-9, 40), st.integers(-9, 40)))
def test_other_pairs_are_wrong(pair):
    assert bool(check_exercise("11.1", pair)) == (pair == (3, 7))
    assert bool(check_exercise("11.4", pair)) == (pair == (1, 9))
