"""The exercises of notebook 02: right answers, and a hint for each typical mistake."""

import itertools

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.course import check_exercise
from tests.parts import needed


@pytest.mark.parametrize(
    ("number", "answer"),
    [("02.1", 135), ("02.2", ("b", "v", "u", "a")), ("02.2", ["B", "V ", "U", "A"]), ("02.3", 1024)],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


def test_an_array_of_names_is_right():
    assert check_exercise("02.2", needed("numpy", "lab").array(["b", "v", "u", "a"]))


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("02.1", 81, "too early"),
        ("02.1", 207, "twice"),
        ("02.1", 108, "b itself"),
        ("02.1", 44, "that is at a = 2"),
        ("02.1", 126, "from a to v is missing"),
        ("02.1", 72, "both factors of u"),
        ("02.1", 21, "u's gradient"),
        ("02.1", 63, "one arrow out of three"),
        ("02.1", 189, "the gradients from the back"),
        ("02.1", 134.9, "the exact number is asked for"),
        ("02.1", 135.2, "the exact number is asked for"),
        ("02.3", 20, "steps of the sweep"),
        ("02.3", 10, "each has two"),
        ("02.3", 100, "it is no square"),
        ("02.3", 2**30, "thirty additions"),
        ("02.3", 512, "for one addition, for two"),
        ("02.3", 2048, "for one addition, for two"),
        ("02.3", 1000, "for one addition, for two"),
        ("02.2", "bvua", "in quotes and in brackets"),
        ("02.2", {"b", "v", "u", "a"}, "in quotes and in brackets"),
        ("02.2", [Value(2.0)] * 4, "in quotes and in brackets"),
        ("02.2", ["b", "v", "u", "a", "a"], "each once"),
        ("02.2", ["b", "u", "v", "a"], "u would pass on its gradient before v"),
        ("02.2", ["a", "u", "v", "b"], "a would pass on its gradient before u"),
        ("02.4", 0, "such as a*a - a, got a number"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert hint in verdict.text and not verdict


@given(st.integers(0, 5000))
def test_routes_are_counted_exactly(count):
    assert bool(check_exercise("02.3", count)) == (count == 1024)


def test_one_order_alone_is_right():
    right = [order for order in itertools.permutations("auvb") if check_exercise("02.2", order)]
    assert right == [("b", "v", "u", "a")]


@pytest.mark.parametrize(
    ("make", "hint"),
    [
        (lambda a: a * a - 2 * a, ""),
        (lambda a: a + a - 2 * a, ""),
        (lambda a: a * a * 0.1 + a * 0.1 - a * 0.3, ""),
        (lambda a: a, "nothing is computed"),
        (lambda a: a - a, "here are 2"),
        (lambda a: a**2 - 2 * a, "a*a has two arrows to it, a**2 has one"),
        (lambda a: (a - 1) * (a - 1), "here are 2"),
        (lambda a: 0 * (a + a + a), "to carry something"),
        (lambda a: 0 * a + a - a, "to carry something"),
        (lambda a: a * a + a, "add up to 3"),
        (lambda a: a * a + a - 3.000001 * a, "add up to -1e-06"),
        (lambda a: a * Value(1.0) + a, "here are 2"),
    ],
)
def test_graphs(make, hint):
    verdict = check_exercise("02.4", make(Value(1.0)))
    assert bool(verdict) == (hint == "") and hint in verdict.text


def test_a_graph_of_another_leaf():
    a = Value(2.0)
    assert "start from Value(1.0); here it is 2" in check_exercise("02.4", a * a - 4 * a).text
