"""The exercises of notebook 16: right answers, and a hint for each typical mistake."""

import math
from statistics import fmean, pstdev, stdev

import pytest
from hypothesis import given, settings, strategies as st

from engine import Value
from nn.course import check_exercise
from nn.course.lesson_16 import KNOWN
from tests.parts import needed

needed("sklearn", "lab")
np = needed("numpy", "lab")
StandardScaler = needed("sklearn.preprocessing", "lab").StandardScaler

ERROR = math.sqrt(0.965 * 0.035 / 114)
PAIRS = ["yes", "cannot say", "no"]


def scaled(known, new):
    """What a student writes who has no scikit-learn."""
    column = [x for [x] in known]
    return [[(x - fmean(column)) / pstdev(column)] for [x] in new]


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("16.1", 357 / 569),
        ("16.1", 0.627),
        ("16.1", Value(0.627)),
        ("16.2", ERROR),
        ("16.2", 0.0172),
        ("16.2", 0.017),
        ("16.2", math.sqrt(0.965 * 0.035 / 113)),
        ("16.3", PAIRS),
        ("16.3", tuple(PAIRS)),
        ("16.4", scaled),
        ("16.4", lambda known, new: StandardScaler().fit(known).transform(new)),
        ("16.4", lambda known, new: (np.array(new) - np.mean(known)) / np.std(known)),
        ("16.4", lambda known, new: [[(x - fmean(KNOWN)) / stdev(KNOWN)] for [x] in new]),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("16.1", 0.5, "tossing a coin"),
        ("16.1", 212 / 569, "the rarer class"),
        ("16.1", 62.7, "not a percentage"),
        ("16.1", 357, "a share of all"),
        ("16.1", 0.4, "count the classes"),
        ("16.1", "benign", "a number is asked for"),
        ("16.2", ERROR**2, "and the square root?"),
        ("16.2", math.sqrt(0.965 * 0.035), "of a single answer"),
        ("16.2", 1.72, "not a percentage"),
        ("16.2", 2 * ERROR, "two standard errors"),
        ("16.2", math.sqrt(0.25 / 114), "one half"),
        ("16.2", math.sqrt(0.965 / 114), "both factors"),
        ("16.2", 0.03, "the formula of the cell"),
        ("16.2", [0.0172], "a number is asked for, got a row"),
        ("16.3", "yes", "3 answers in a row"),
        ("16.3", ["yes", "no"], "3 answers in a row"),
        (
            "16.3",
            ["yes", "maybe", "no"],
            "pair 2: the answer is one of 'yes', 'no', 'cannot say', got 'maybe'",
        ),
        ("16.3", [True, None, False], "pair 1: the answer is one of"),
        ("16.3", [[], "cannot say", "no"], "pair 1: the answer is one of"),
        ("16.3", [np.array([1, 2]), "cannot say", "no"], "pair 1: the answer is one of"),
        ("16.3", ["no", "cannot say", "no"], "pair 1: the question is whether A is better"),
        ("16.3", ["cannot say", "cannot say", "no"], "pair 1: both were tested on the same folds"),
        ("16.3", ["yes", "yes", "no"], "pair 2: the means are 0.2 points apart"),
        ("16.3", ["yes", "no", "no"], "pair 2: the means are 0.2 points apart"),
        ("16.3", ["yes", "cannot say", "yes"], "pair 3: the question is whether A is better"),
        ("16.3", ["yes", "cannot say", "cannot say"], "pair 3: both were tested on the same folds"),
        ("16.4", "line 2", "a function is asked for"),
        (
            "16.4",
            lambda known, new: StandardScaler().fit([*known, *new]).transform(new),
            "still depends on the rows that it is tested with",
        ),
        ("16.4", lambda known, new: StandardScaler().fit_transform(new), "still depends on"),
        ("16.4", lambda known, new: StandardScaler().fit_transform(known), "the new are asked for"),
        ("16.4", lambda known, new: new if len(new) > 1 else [], "of 4 known rows and 1 new it makes 0"),
        ("16.4", lambda known, new: [[10**400] for _ in new], "to return the new rows"),
        ("16.4", lambda known, new: new, "it does not scale at all"),
        ("16.4", lambda known, new: [[x - fmean(KNOWN)] for [x] in new], "not by the mean and the standard"),
        ("16.4", lambda known, new: [[math.nan] for _ in new], "to return the new rows"),
        ("16.4", lambda known, new: [x for [x] in scaled(known, new)], "to return the new rows"),
        ("16.4", lambda known, new: StandardScaler().fit(known), "to return the new rows"),
        ("16.4", lambda known, new: None, "it gave None"),
        ("16.4", lambda known: known, "raised TypeError"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert not verdict and hint in verdict.text


@settings(deadline=None, max_examples=30)
@given(st.floats(-1e3, 1e3).filter(lambda x: abs(x - 357 / 569) > 0.02 and abs(x - ERROR) > 0.001))
def test_other_numbers_are_wrong(x):
    assert not check_exercise("16.1", x) and not check_exercise("16.2", x)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(["yes", "no", "cannot say"]), min_size=3, max_size=3))
def test_one_answer_of_27_is_right(answer):
    assert bool(check_exercise("16.3", answer)) == (answer == PAIRS)


@given(st.floats(-9, 9), st.floats(0.1, 9))
def test_a_scaling_is_right_where_it_is_that_of_the_known_rows(shift, scale):
    verdict = check_exercise("16.4", lambda known, new: [[(x - shift) / scale] for [x] in new])
    deviations = (pstdev(KNOWN), stdev(KNOWN))
    right = math.isclose(shift, fmean(KNOWN)) and any(math.isclose(scale, s) for s in deviations)
    assert bool(verdict) == right
