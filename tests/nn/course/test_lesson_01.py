"""The exercises of notebook 01: right answers, and a hint for each typical mistake."""

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.course import check_exercise


def leaf():
    return Value(3.0)


@pytest.mark.parametrize(
    ("number", "answer"),
    [("01.1", 8), ("01.1", 8.0), ("01.2", "factor"), ("01.4", 16), ("01.4", Value(16.0))],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


def test_right_graphs():
    x = leaf()
    for y in (x * x + x, x + x * x, x * (x + x / x)):
        assert check_exercise("01.3", y)
    assert x.grad == 0.0


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("01.1", 12, "-4x has a share"),
        ("01.1", 0, "not its slope"),
        ("01.2", "quantity", "largest input"),
        ("01.2", "price", "larger still"),
        ("01.2", "tax", 'answer "quantity"'),
        ("01.4", 8, "there were two"),
        ("01.3", 12, "hand in the result"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    assert hint in check_exercise(number, answer).text


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda x: x * x, "here it is 9"),
        (lambda x: x + x + x + x, "here it is 4"),
        (lambda x: x * x + 3, "no plain numbers"),
        (lambda x: x * leaf() + x, "here are 2"),
    ],
)
def test_graphs_that_are_not_it(make, hint):
    assert hint in check_exercise("01.3", make(leaf())).text


def test_a_graph_of_another_leaf():
    x = Value(2.0)
    assert "the leaf is 3, here it is 2" in check_exercise("01.3", x * x + x).text


@given(st.floats(-1e3, 1e3).filter(lambda x: abs(x - 8.0) > 0.1))
def test_other_numbers_are_wrong(x):
    assert not check_exercise("01.1", x)
