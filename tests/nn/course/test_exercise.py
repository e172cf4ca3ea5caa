"""Judges: what is right is right however it is written, and each mistake gets its own hint."""

import pytest
from hypothesis import given, strategies as st

from nn.course import EXERCISES, Verdict, check_exercise
from nn.course.exercise import judged, tried, value

PAIR = value(lambda: (2.0, -1.0), {"the signs": lambda: (2.0, 1.0)})


@pytest.mark.parametrize("answer", [(2, -1), [2.0, -1.0], (2.001, -1.0)])
def test_a_row_is_right_in_any_form(answer):
    assert judged(PAIR, answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((2, 1), "the signs"),
        ((2, 2), "that is not the number"),
        ((2,), "2 numbers in a row are asked for, got 1"),
        (2.0, "2 numbers in a row are asked for, got a number"),
        (("a", 1), "a number is asked for, got a text"),
        (..., "write your answer where the dots are"),
        (None, "2 numbers in a row are asked for, got a NoneType"),
    ],
)
def test_hints(answer, hint):
    verdict = judged(PAIR, answer)
    assert not verdict and hint in verdict.text
    assert repr(verdict) == f"not yet: {verdict.text}"


@given(st.floats(-1e6, 1e6))
def test_a_number_is_right_only_near_the_truth(x):
    assert bool(judged(value(lambda: 8.0), x)) == (abs(x - 8.0) <= 2e-3 * max(8.0, abs(x)))


def test_what_the_readers_function_raises_is_told():
    verdict = judged(lambda answer: "" if tried(answer, 0.0) == 1 else "no", lambda x: 1 / x)
    assert "ZeroDivisionError" in verdict.text and not verdict.right
    assert "a function is asked for" in judged(lambda answer: tried(answer, 0.0), 3).text


def test_what_the_judge_itself_raises_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        judged(value(lambda: 1 / 0), 3.0)


def test_unknown_numbers_are_named():
    with pytest.raises(ValueError, match="no exercise is called '1.1'; did you mean"):
        check_exercise("1.1", 3)


@pytest.mark.parametrize("number", EXERCISES)
@pytest.mark.parametrize("answer", [..., "nonsense", None, [], {}, object(), float("nan"), lambda: None])
def test_nonsense_is_never_right_and_always_answered(number, answer):
    verdict = check_exercise(number, answer)
    assert isinstance(verdict, Verdict) and not verdict and verdict.text
