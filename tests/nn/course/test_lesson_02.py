"""The exercises of notebook 02: right answers, and a hint for each typical mistake."""

import itertools

import pytest

from engine import Value
from nn.course import check_exercise


@pytest.mark.parametrize(
    ("number", "answer"), [("02.1", 135), ("02.2", ("y", "v", "u", "x")), ("02.3", 1024)]
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("02.1", 81, "too early"),
        ("02.1", 207, "twice"),
        ("02.1", 108, "y itself"),
        ("02.3", 20, "steps of the sweep"),
        ("02.3", 10, "each has two"),
        ("02.2", "yvux", "hand in a row"),
        ("02.2", ["y", "u", "v", "x"], "u would pass on its gradient before v"),
        ("02.2", ["x", "u", "v", "y"], "x would pass on its gradient before u"),
        ("02.4", 0, "hand in the result"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    assert hint in check_exercise(number, answer).text


def test_one_order_alone_is_right():
    right = [order for order in itertools.permutations("xuvy") if check_exercise("02.2", order)]
    assert right == [("y", "v", "u", "x")]


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda x: x * x - 2 * x, ""),
        (lambda x: x + x - 2 * x, ""),
        (lambda x: x - x, "here are 2"),
        (lambda x: x * x + x, "add up to 3"),
        (lambda x: x * Value(1.0) + x, "here are 2"),
    ],
)
def test_graphs(make, hint):
    verdict = check_exercise("02.4", make(Value(1.0)))
    assert bool(verdict) == (hint == "") and hint in verdict.text
    assert "the leaf is 1, here it is 2" in check_exercise("02.4", make(Value(2.0))).text or "2" in hint
