"""The exercises of notebook 01: right answers, and a hint for each typical mistake."""

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.course import check_exercise


def start():
    return Value(3.0)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("01.1", 8),
        ("01.1", 8.0),
        ("01.2", "quantity"),
        ("01.2", " Quantity"),
        ("01.4", 12),
        ("01.4", Value(12.0)),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


def test_right_graphs():
    a = start()
    for b in (a * a + a, a + a * a, a * (a + a / a)):
        assert check_exercise("01.3", b)
    assert a.grad == 0.0


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("01.1", 12, "-4x has a share"),
        ("01.1", 0, "not its slope; or one x"),
        ("01.1", 16, "its share has a minus"),
        ("01.1", 4, "the same at every x"),
        ("01.1", 2, "the product of the two others"),
        ("01.1", -4, "x³ has one as well"),
        ("01.1", 8.001, "the exact number is asked for"),
        ("01.1", 8.05, "the exact number is asked for"),
        ("01.1", 5, "write x³ as x·x·x"),
        ("01.1", "8", "without quotes"),
        ("01.2", "Price", "largest input"),
        ("01.2", "factor", "five pieces at 2 €"),
        ("01.2", "tax", 'answer "quantity"'),
        ("01.2", 24.8, "a text is asked for, in quotes"),
        ("01.4", 18, "all three sweeps"),
        ("01.4", 6, "that is one sweep"),
        ("01.4", 36, "they do not multiply"),
        ("01.4", 8, "that is b"),
        ("01.4", 16, "that is for a = 3"),
        ("01.4", 0, "not at the end"),
        ("01.4", 24, "what does one sweep leave"),
        ("01.3", 12, "such as a*a*a, got a number"),
        ("01.3", (12, 7), "such as a*a*a, got a row of 2"),
        ("01.3", "a*a + a", "such as a*a*a, got a text"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert hint in verdict.text and not verdict


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda a: a, "nothing is computed"),
        (lambda a: a * a, "here it is 9"),
        (lambda a: a + a + a + a, "the gradient is to be 7, here it is 4"),
        (lambda a: a * a * a - a * a - a - a, "the gradient is to be 7, here it is 19"),
        (lambda a: a * a + 3, "no plain numbers"),
        (lambda a: a * start() + a, "here are 2"),
    ],
)
def test_graphs_that_are_not_it(make, hint):
    text = check_exercise("01.3", make(start())).text
    assert hint in text and "a*a + a" not in text


def test_a_graph_of_another_leaf():
    a = Value(2.0)
    assert "start from Value(3.0); here it is 2" in check_exercise("01.3", a * a + a).text


@given(st.floats(-1e3, 1e3).filter(lambda x: abs(x - 8.0) > 1e-6))
def test_other_numbers_are_wrong(x):
    assert not check_exercise("01.1", x)
