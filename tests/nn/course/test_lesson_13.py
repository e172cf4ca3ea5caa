"""The exercises of notebook 13: right answers, and a hint for each typical mistake."""

import random

import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.attention import Head, attention
from nn.course import check_exercise
from nn.data import first_names
from nn.gpt import GPT
from tests.nn.course.agreeing import agrees
from tests.parts import needed

faker = needed("faker", "lab")
VOWELS, OTHERS = "αεηιου", "βγδκλμνπρστφ"


def invented(count, ending="ος"):
    """Names that are in no list: consonant, vowel, twice, and an ending."""
    rng = random.Random(0)
    return [
        "".join(rng.choice(letters) for letters in (OTHERS, VOWELS) * 3) + "ξ" + ending for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("number", "answer"), [("13.1", 21.44), ("13.1", 21.4398), ("13.3", 3.2958), ("13.3", Value(3.2958))]
)
def test_right(number, answer):
    assert check_exercise(number, answer)


def test_the_loss_is_that_of_a_model_of_zeros():
    loss = GPT(27, 4, 1, 1, 3, init="zeros").loss([26, 0], [0, 26])
    assert check_exercise("13.3", loss)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("13.1", 17.08, "the query is (0, 1)"),
        ("13.1", 21.55, "divided by √2 before"),
        ("13.1", 21.21, "not by 2"),
        ("13.1", 20, "with the largest score"),
        ("13.1", 1.414, "three scores"),
        ("13.1", [1, 2, 3], "a number is asked for, got a row"),
        ("13.3", 3.258, "the end is a token"),
        ("13.3", 1 / 27, "−ln of it"),
        ("13.3", 4.755, "bits"),
        ("13.3", 1.4314, "base 10"),
        ("13.3", 27, "equally likely"),
        ("13.4", "νικος", "a list of names"),
        ("13.4", [1] * 100, "a list of names"),
        ("13.4", ["νικος"], "at least 100 names are asked for, here are 1"),
        ("13.4", ["Anna"] * 100, "small Greek letters"),
        ("13.4", list(first_names("el").words), "only 0 of the 806"),
        ("13.4", invented(1) * 100, "only 1 of the 100"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    if (number, answer) == ("13.1", 20):
        hint = "plain mean"
    assert hint in check_exercise(number, answer).text


@pytest.mark.parametrize(
    "answer",
    [
        lambda rows: attention(rows, rows, rows, causal=True),
        lambda rows: [attention([row], rows[: t + 1], rows[: t + 1])[0] for t, row in enumerate(rows)],
        Head(2, 3, rng=random.Random(0)),
    ],
)
def test_causal_functions_are_right(answer):
    assert check_exercise("13.2", answer)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda rows: attention(rows, rows, rows), "answer 0 takes from row 1, which comes later"),
        (lambda rows: [[x * x for x in row] for row in rows], "answer 1 takes nothing from row 0"),
        (lambda rows: rows[-1], "for 1 rows it is to return a list of 1 rows"),
        (lambda rows: [[0.0, 1.0]] * len(rows), "a row of Values"),
        (lambda rows: rows / 2, "raised TypeError"),
        (attention, "raised TypeError"),
        (3, "a function is asked for"),
    ],
)
def test_functions_that_are_not_causal(answer, hint):
    assert hint in check_exercise("13.2", answer).text


def test_names_that_obey_are_right():
    assert check_exercise("13.4", invented(100))
    assert check_exercise("13.4", invented(96) + invented(4, ending="οσ"))


def test_names_that_do_not_obey():
    text = check_exercise("13.4", invented(94) + invented(6, ending="οσ")).text
    assert "94% obey the rule" in text and "lower temperature" in text
    assert "0% obey" in check_exercise("13.4", invented(100, ending="ςα")).text


@given(st.sampled_from([("13.1", 21.4398), ("13.3", 3.2958)]), st.floats(-1e3, 1e3))
def test_other_numbers_are_wrong(exercise, x):
    number, right = exercise
    assert not check_exercise(number, x) or agrees(x, right)
