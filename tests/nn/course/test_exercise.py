"""Judges: what is right is right however it is written, and each mistake gets its own hint."""

import inspect
import math
import re

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.course import EXERCISES, Verdict, check_exercise
from nn.course.exercise import NotRight, judged, leaf, number, numbers, tried, value
from tests.nn.course.agreeing import agrees
from tests.parts import needed

PAIR = value(lambda: (2.0, -1.0), {"the signs": lambda: (2.0, 1.0)})
SHARE = value(lambda: 1 / math.sqrt(5), {"a fifth": lambda: 0.2, "a third": lambda: 1 / 3})
NAME = value(lambda: "price", {"the largest": lambda: "quantity"}, otherwise="one of three")


def parts(name):
    """Return truth, mistakes and what else a judge made by `value` knows; {} of another judge."""
    return inspect.getclosurevars(EXERCISES[name]).nonlocals


COMPUTED = [name for name in EXERCISES if "truth" in parts(name)]
"""The exercises whose truth is a number, a text or a row of them."""


def changed(f, truth):
    return [changed(f, part) for part in truth] if isinstance(truth, (list, tuple)) else f(truth)


@pytest.mark.parametrize("answer", [(2, -1), [2.0, -1.0], [Value(2.0), -1]])
def test_a_row_is_right_in_any_form(answer):
    assert judged(PAIR, answer)


def test_arrays_are_rows_and_their_parts_are_numbers():
    np = needed("numpy", "lab")
    for answer in (np.array([2, -1]), np.array([2.0, -1.0]), [np.float64(2.0), np.int64(-1)]):
        assert judged(PAIR, answer)
    assert judged(NAME, np.str_("price")) and judged(SHARE, np.array(0.4472))
    assert tried(lambda x: np.array([x, 2.0]), 1.0) == [1.0, 2.0]


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ((2, 1), "the signs"),
        ((2, 2), "that is not the number"),
        ((2.001, -1.0), "that is near, but the exact number is asked for"),
        ((2,), "2 numbers in a row are asked for, got a row of 1; write (..., ...)"),
        (2.0, "2 numbers in a row are asked for, got a number"),
        ({2, -1}, "2 numbers in a row are asked for, got a set"),
        (("2", -1), "a number is asked for, without quotes, got a text"),
        (..., "write your answer where the dots are"),
        (None, "2 numbers in a row are asked for, got a NoneType"),
        ((10**400, 1), "got more than any float"),
    ],
)
def test_hints(answer, hint):
    verdict = judged(PAIR, answer)
    assert not verdict and hint in verdict.text
    assert repr(verdict) == f"not yet: {verdict.text}"


@pytest.mark.parametrize("answer", [0.447, 0.4472, 0.44721, 1 / math.sqrt(5), Value(0.4472)])
def test_three_digits_are_right(answer):
    assert judged(SHARE, answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (0.45, "near, but three correct digits"),
        (0.449, "near, but three correct digits"),
        (0.333, "a third"),
        (0.33, "a third"),
        (0.2, "a fifth"),
        (0.4, "not the number"),
    ],
)
def test_fewer_digits_are_near(answer, hint):
    assert hint in judged(SHARE, answer).text


@pytest.mark.parametrize("answer", ["price", "Price", " price "])
def test_a_text_is_right_in_capitals(answer):
    assert judged(NAME, answer)


def test_a_text_is_asked_for_in_quotes():
    assert judged(NAME, 10.0).text == "a text is asked for, in quotes, got a number"
    assert judged(NAME, "Quantity").text == "the largest" and judged(NAME, "10.0").text == "one of three"


@given(st.floats(-1e6, 1e6), st.sampled_from([8.0, 0.0, 1024.0, 0.4472, -2.1972]))
def test_a_number_is_right_only_near_the_truth(x, truth):
    assert bool(judged(value(lambda: truth), x)) == agrees(x, truth)


@pytest.mark.parametrize("name", COMPUTED)
def test_what_is_nearly_the_truth(name):
    """Rounded well it is right, and turned, ten times as large, or one more it is wrong."""
    np = needed("numpy", "lab")
    truth = parts(name)["truth"]()
    assert check_exercise(name, truth)
    if isinstance(truth, str):
        return
    assert check_exercise(name, np.array(truth))
    assert check_exercise(name, changed(lambda x: float(f"{float(x):.4g}"), truth))
    for wrong in (lambda x: -x, lambda x: 10 * x, lambda x: x + 1, lambda x: x - 1, lambda x: 1.04 * x, str):
        assert not check_exercise(name, changed(wrong, truth))


@pytest.mark.parametrize("name", COMPUTED)
def test_no_hint_says_the_truth(name):
    known = parts(name)
    truth = known["truth"]()
    if isinstance(truth, (list, tuple, str)):
        said = [str(truth), re.sub(r"\.0\b", "", str(truth))]
    else:
        said = [f"{truth:g}", f"{truth:.3g}"] if not 0 <= truth < 10 or truth % 1 else []
    for hint in [*(known["mistakes"] or {}), *([] if isinstance(truth, str) else [known["otherwise"]])]:
        assert not any(re.search(rf"(?<![\d.]){re.escape(text)}(?![\d.]*\d)", hint) for text in said), hint


@pytest.mark.parametrize("name", COMPUTED)
def test_each_mistake_gets_its_own_hint(name):
    for hint, wrong in (parts(name)["mistakes"] or {}).items():
        assert check_exercise(name, wrong()).text == hint


def test_the_one_leaf():
    a = Value(3.0)
    assert leaf(a * a, 3.0, "a*a") is a
    for answer, hint in [
        (9.0, r"the result of a computation with Value\(3.0\), such as a\*a, got a number"),
        (a, "nothing is computed"),
        (a * Value(3.0), "here are 2"),
        (Value(2.0) * 2, r"start from Value\(3.0\); here it is 2"),
    ]:
        with pytest.raises(NotRight, match=hint):
            leaf(answer, 3.0, "a*a")


@pytest.mark.parametrize("answer", ["1", None, (1, 2), True])
def test_what_is_no_number(answer):
    with pytest.raises(NotRight, match="hand in a bias, got"):
        number(answer, "a bias")


@pytest.mark.parametrize("answer", ["12", 3, (1, 2, 3), (1, "2")])
def test_what_is_no_row(answer):
    with pytest.raises(NotRight, match="hand in two numbers, got"):
        numbers(answer, 2, "two numbers")


def test_what_the_readers_function_raises_is_told():
    verdict = judged(lambda answer: "" if tried(answer, 0.0) == 1 else "no", lambda x: 1 / x)
    assert "ZeroDivisionError" in verdict.text and not verdict.right
    assert "a function is asked for" in judged(lambda answer: tried(answer, 0.0), 3).text


def test_what_the_judge_itself_raises_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        judged(value(lambda: 1 / 0), 3.0)


@pytest.mark.parametrize(
    ("name", "error", "told"),
    [
        ("3.1", ValueError, "no exercise is called '3.1'; did you mean '03.1'?"),
        (" 03.1 ", ValueError, "no exercise is called ' 03.1 '; did you mean '03.1'?"),
        ("03.9", ValueError, "notebook 03 has 03.1, 03.2, 03.3, 03.4, 03.5"),
        ("17.1", ValueError, "they are '01.1' to '16.4'"),
        ("first", ValueError, "they are '01.1' to '16.4'"),
        (1.1, TypeError, 'the number of an exercise is a text, such as "01.1", got 1.1'),
        (12.3, TypeError, 'the number of an exercise is a text, such as "12.3", got 12.3'),
        (["01.1"], TypeError, "the number of an exercise is a text"),
    ],
)
def test_unknown_numbers_are_named(name, error, told):
    with pytest.raises(error, match=re.escape(told)) as raised:
        check_exercise(name, 3)
    assert len(str(raised.value)) < 100


@pytest.mark.parametrize("number", EXERCISES)
@pytest.mark.parametrize("answer", [..., "nonsense", None, [], {}, object(), float("nan"), lambda: None])
def test_nonsense_is_never_right_and_always_answered(number, answer):
    verdict = check_exercise(number, answer)
    assert isinstance(verdict, Verdict) and not verdict and verdict.text
