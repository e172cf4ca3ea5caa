"""The exercises of notebook 05: right answers, and a hint for each typical mistake."""

import math

import pytest
from hypothesis import given, strategies as st

from engine import exp, log, logsumexp, softmax
from nn.course import check_exercise

P = [math.exp(z) / (math.e + 1 + 1 / math.e) for z in (1, 0, -1)]


@pytest.mark.parametrize(
    ("number", "answer"),
    [
        ("05.1", 2.197),
        ("05.1", math.log(9)),
        ("05.2", (P[0], P[1] - 1, P[2])),
        ("05.2", [0.665, -0.755, 0.09]),
        ("05.3", (0.5, 0, -1, 0)),
        ("05.4", lambda z: [s - logsumexp(z) for s in z]),
        ("05.4", lambda z: [s - max(z) - log(sum(exp(t - max(z)) for t in z)) for s in z]),
    ],
)
def test_right(number, answer):
    assert check_exercise(number, answer)


@pytest.mark.parametrize(
    ("number", "answer", "hint"),
    [
        ("05.1", 9, "that is the ratio"),
        ("05.1", math.log10(9), "the natural logarithm"),
        ("05.1", math.log(0.9), "that is ln 0.9"),
        ("05.1", -math.log(9), "not z₂"),
        ("05.1", 0.9, "0.9 of the difference"),
        ("05.1", 3, "what is p₁/p₂ here"),
        ("05.2", (-P[0], 1 - P[1], -P[2]), "truth minus prediction"),
        ("05.2", P, "still to be subtracted"),
        ("05.2", (P[0] - 1, P[1], P[2]), "for class 1 as the truth"),
        ("05.2", (P[0], P[1], P[2] - 1), "for class 3 as the truth"),
        ("05.2", (1, 2, 3), "add up to 0"),
        ("05.3", (1, 0, -2, 0), "where is 2/N"),
        ("05.3", (2, 0, -4, 0), "the N of the mean is not"),
        ("05.3", (0.25, 0, -0.5, 0), "the 2 of the square is not"),
        ("05.3", (-0.5, 0, 1, 0), "not the other way round"),
        ("05.3", (0, 0, 0, 0), "number by number"),
        ("05.3", (0.5, -1), "4 numbers in a row"),
        ("05.4", lambda z: [log(p) for p in softmax(z)], "became 0 before the logarithm"),
        ("05.4", lambda z: [log(exp(s) / (exp(z[0]) + exp(z[1]))) for s in z], "larger than any float"),
        ("05.4", softmax, "those are the probabilities"),
        ("05.4", lambda z: [0, 0], "for the scores 2, 1 it gives 0, 0"),
        ("05.4", lambda z: 3, "return a list of two numbers"),
        ("05.4", lambda z: ["a", "b"], "return a list of two numbers"),
        ("05.4", lambda z: [s - math.log(sum(map(math.exp, z))) for s in z], "raised OverflowError"),
    ],
)
def test_mistakes_get_their_hint(number, answer, hint):
    verdict = check_exercise(number, answer)
    assert hint in verdict.text and not verdict


@given(st.floats(-20, 20).filter(lambda x: abs(x - math.log(9)) > 0.01))
def test_other_leads_are_wrong(x):
    assert not check_exercise("05.1", x)


@given(st.tuples(*[st.integers(-8, 8).map(lambda n: n / 4)] * 4))
def test_one_gradient_alone_is_it(row):
    assert bool(check_exercise("05.3", row)) == (row == (0.5, 0, -1, 0))
