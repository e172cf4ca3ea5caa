"""The exercises of notebook 08: right answers, and a hint for each typical mistake."""

import math

import pytest
from hypothesis import given, settings, strategies as st

from engine import Op, Value, exp, sigmoid, sin
from nn.course import check_exercise
from nn.course.lesson_08 import OPS, arc, bowl, witch
from tests.parts import needed

needed("mpmath", "check")


def swish(slope, value=lambda x: x / (1 + math.exp(-x))):
    return Op("swish", value, slope)


@pytest.mark.parametrize(
    ("number", "answer"),
    [("08.1", "witch"), ("08.1", witch), ("08.3", 7), ("08.3", 7.0), ("08.3", Value(7.0))],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    "slope",
    [
        lambda z, x: sigmoid(x) + z * (1 - sigmoid(x)),
        lambda z, x: sigmoid(x) + x * sigmoid(x) * sigmoid(-x),
        lambda z, x: sigmoid(x) * (1 + x * sigmoid(-x)),
    ],
)
def test_right_slopes(slope):
    assert check_exercise("08.2", swish(slope))


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("08.1", arc, "check_op(arc) finds nothing wrong"),
        ("08.1", "bowl", "check_op(bowl) finds nothing wrong"),
        ("08.1", "tanh", "answer one of 'arc', 'bowl', 'witch'"),
        ("08.1", [2], "answer one of"),
        ("08.2", lambda x: x * sigmoid(x), "an op is asked for"),
        ("08.2", swish(lambda z, x: sigmoid(x)), "a product"),
        ("08.2", swish(lambda z, x: sigmoid(x) * sigmoid(-x)), "slope of sigmoid"),
        ("08.2", swish(lambda z, x: x * sigmoid(x) * sigmoid(-x)), "the second factor alone"),
        ("08.2", swish(lambda z, x: 1.0), "the check says: swish: ∂z/∂x at x = "),
        ("08.2", swish(lambda z, x: 1.0, math.tanh), "the value at x = -2"),
        ("08.2", swish(lambda z, x: 1.0, lambda x: {}[x]), "KeyError"),
        ("08.2", swish(lambda x: sigmoid(x)), "the check could not be made"),
        ("08.3", 5, "that is the best for sin(x)"),
        ("08.3", 9, "to one side"),
        ("08.3", 15, "the shortest step is the worst"),
        ("08.3", -7, "a positive number"),
        ("08.3", 1e-7, "print the error for each k"),
        ("08.4", 1.0, "hand in the result"),
        ("08.4", Value(1.0), "that is a leaf"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert not verdict and hint in verdict.text


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (witch, ""),
        (lambda x: exp(witch(x)), "it has 2 ops"),
        (lambda x: 2 * witch(x), "it has 2 ops"),
        (lambda x: sin(x) * x, "all of its slopes are right"),
        (arc, "all of its slopes are right"),
        (lambda x: witch(x - x.data), "by chance"),
    ],
)
def test_graphs(make, hint):
    verdict = check_exercise("08.4", make(Value(1.0)))
    assert bool(verdict) == (hint == "") and hint in verdict.text


def test_the_whole_of_the_notebook_fails():
    x, y = Value(0.5), Value(1.25)
    y = exp(sin(x * y) + arc(x - y) * bowl(x) + witch(y))
    assert "leave out those that are right" in check_exercise("08.4", y).text


def test_one_op_alone_is_broken():
    assert [op.name for op in OPS if check_exercise("08.1", op)] == ["witch"]


@settings(max_examples=25)
@given(st.integers(-20, 20).filter(lambda k: k != 7))
def test_other_steps_are_wrong(k):
    assert not check_exercise("08.3", k)
