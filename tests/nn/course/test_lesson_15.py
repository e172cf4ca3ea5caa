"""The exercises of notebook 15: right answers, and a hint for each typical mistake."""

import math

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.course import check_exercise

KL = (4 - math.log(4) - 1) / 2


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("15.1", KL),
        ("15.1", 0.8069),
        ("15.1", Value(KL)),
        ("15.2", (4, 8)),
        ("15.2", [4.0, 8.0]),
        ("15.4", (1, 2)),
        ("15.4", [1.0, 2.0]),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("encode", "decode"),
    [
        (lambda x, y: (x + 3 * y) / 10, lambda c: (c, 3 * c)),
        (lambda x, y: x, lambda c: [c, 3 * c]),
        (lambda x, y: y, lambda c: (c / 3, c)),
        (lambda x, y: x + 3 * y, lambda c: (c / 10, 3 * c / 10)),
        (lambda x, y: Value(x + y), lambda c: (c / 4, 3 * c / 4)),
    ],
)
def test_any_code_that_is_exact_on_the_line_is_right(encode, decode):
    assert check_exercise("15.3", (encode, decode))
    assert check_exercise("15.3", [encode, decode])


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("15.1", 2 * KL, "half of it"),
        ("15.1", (2 - math.log(2) - 1) / 2, "σ² belongs"),
        ("15.1", (math.exp(2) - 3) / 2, "2 is σ"),
        ("15.1", 0.3181, "σ = 0.5"),
        ("15.1", 0.5, "step by step"),
        ("15.2", (1, 2), "those are the slopes of z"),
        ("15.2", (4, 4), "one more factor"),
        ("15.2", (4, 2), "upstream of σ"),
        ("15.2", (8, 4), "first μ, then σ"),
        ("15.2", 4, "2 numbers in a row"),
        ("15.3", 3, "two functions in a row"),
        ("15.3", (1, 2), "a function is asked for"),
        ("15.3", (lambda x, y: (x, y), lambda c: c), "the code is one number, yours is (1.0, 3.0)"),
        ("15.3", (lambda x, y: x, lambda c: 3 * c), "a point, two numbers in a row, yours is 3.0"),
        ("15.3", (lambda x, y: x, lambda c: (c, c, c)), "a point, two numbers in a row"),
        ("15.3", (lambda x, y: x + 3 * y, lambda c: (c, 3 * c)), "on the line, but 10 times as far out"),
        ("15.3", (lambda x, y: (x + 2 * y) / 5, lambda c: (c, 2 * c)), "not on the line"),
        (
            "15.3",
            (lambda x, y: 0, lambda c: (c, 3 * c)),
            "of (1, 3) is drawn (0, 0): on the line, but 0 times as far out",
        ),
        (
            "15.3",
            (lambda x, y: 1, lambda c: (c, 3 * c)),
            "of (-2, -6) is drawn (1, 3): on the line, but on the other side",
        ),
        ("15.3", (lambda x, y: abs(x), lambda c: (c, 3 * c)), "of (-2, -6) is drawn (2, 6)"),
        ("15.3", (lambda x: x, lambda c: (c, 3 * c)), "raised TypeError"),
        ("15.3", (lambda x, y: math.nan, lambda c: (c, 3 * c)), "not on the line"),
        ("15.4", (3, 1), "one number cannot hold two"),
        ("15.4", (3, 6), "weighs both"),
        ("15.4", (1, 1), "the second number drawn is 2c"),
        ("15.4", 1, "2 numbers in a row"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert not verdict and hint in verdict.text


@given(st.floats(-1e3, 1e3).filter(lambda x: abs(x - KL) > 0.01))
def test_other_numbers_are_wrong(x):
    assert not check_exercise("15.1", x)


@given(st.tuples(st.integers(-20, 20), st.integers(-20, 20)))
def test_other_pairs_are_wrong(pair):
    assert bool(check_exercise("15.2", pair)) == (pair == (4, 8))
    assert bool(check_exercise("15.4", pair)) == (pair == (1, 2))


@given(st.floats(-9, 9), st.floats(-9, 9))
def test_a_linear_code_is_right_where_its_weights_say_so(a, b):
    right = check_exercise("15.3", (lambda x, y: a * x + b * y, lambda c: (c, 3 * c)))
    assert bool(right) == math.isclose(a + 3 * b, 1.0, rel_tol=1e-6)
