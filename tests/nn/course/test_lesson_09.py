"""The exercises of notebook 09: right answers, and a hint for each typical mistake."""

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.course import check_exercise

numbers = st.floats(-1e3, 1e3)


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("09.1", -2),
        ("09.1", -2.0),
        ("09.2", 4),
        ("09.2", Value(4.0)),
        ("09.3", [[0, 4], [4, 2]]),
        ("09.3", ((0.0, 4.0), (4.0, 2.0))),
        ("09.4", 12),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("09.1", 1, "that is the slope"),
        ("09.1", 0, "the second derivative"),
        ("09.1", 2, "look at the sign"),
        ("09.1", 6, "given to grad again"),
        ("09.2", 5, "counts the start"),
        ("09.2", 3, "the last bit does not"),
        ("09.2", 20, "after each step"),
        ("09.3", [[4, 2], [2, 0]], "here y is squared"),
        ("09.3", [[0, 0], [0, 2]], "the mixed ones are not 0"),
        ("09.3", [[1, 2], [3, 4]], "four numbers"),
        (
            "09.3",
            [0, 4, 4, 2],
            "2 rows are asked for, got a row of 4; write ((..., ...), (..., ...))",
        ),
        ("09.3", [4, 4], "2 numbers in a row are asked for, got a number"),
        ("09.4", 8, "the part without ε"),
        ("09.4", 4, "multiply by 2 + ε once more"),
        ("09.4", 6, "6x is the second derivative"),
        ("09.4", 3, "leave out ε²"),
        ("09.4", "12ε", "a number is asked for"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert not verdict and hint in verdict.text


@given(numbers.filter(lambda x: min(abs(x + 2), abs(x - 4), abs(x - 12)) > 0.1))
def test_other_numbers_are_wrong(x):
    assert not any(check_exercise(number, x) for number in ("09.1", "09.2", "09.4"))


@given(st.lists(numbers.filter(lambda x: x not in (0.0, 2.0, 4.0)), min_size=4, max_size=4))
def test_other_tables_are_wrong(row):
    assert not check_exercise("09.3", [row[:2], row[2:]])
