"""Separability: every answer is proved again here, in fractions; the perceptron rule is the other witness."""

import math
import operator
import random
from fractions import Fraction
from importlib import import_module

import pytest
from hypothesis import given, strategies as st

from nn.contradiction import contradiction, inequality
from nn.data.dataset import Dataset
from nn.perceptron import Perceptron
from nn.separable import Inseparable, Separated, separable
from nn.simplex import cancelling

CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]
AND, OR, XOR = [0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]
small = st.integers(-3, 3)
tenths = st.integers(-30, 30).map(lambda n: n / 10)


def prove(found, points, labels):
    """Check an answer from its definition alone."""
    exact = [[Fraction(float(x)) for x in point] for point in points]
    if found:
        plane = found.hyperplane
        for point, label in zip(exact, labels, strict=True):
            h = sum(Fraction(c) * x for c, x in zip(plane.coefficients, point, strict=True))
            assert (h + Fraction(plane.offset) > 0) == (label == 1)
        distances = [abs(plane.distance(point)) for point in points]
        assert found.margin == pytest.approx(min(distances), rel=1e-6, abs=1e-12)
        return
    signed = [m if label else -m for m, label in zip(found.multipliers, labels, strict=True)]
    assert min(found.multipliers) >= 0 and max(signed) > 0
    assert sum(signed) == 0
    for column in zip(*exact, strict=True):
        assert sum(s * x for s, x in zip(signed, column, strict=True)) == 0


XOR_PROOF = """\
not separable: no w1, w2 and b satisfy
  (1)  b ≤ 0            since (0, 0) is of class 0
  (2)  w2 + b > 0       since (0, 1) is of class 1
  (3)  w1 + b > 0       since (1, 0) is of class 1
  (4)  w1 + w2 + b ≤ 0  since (1, 1) is of class 0
with both sides of ≤ times −1, each times a number, these are
  1 × (1)  −b ≥ 0
  1 × (2)  w2 + b > 0
  1 × (3)  w1 + b > 0
  1 × (4)  −w1 − w2 − b ≥ 0
and add up to 0 > 0, a contradiction:
  w1: 1 − 1 = 0
  w2: 1 − 1 = 0
  b:  −1 + 1 + 1 − 1 = 0"""


def test_xor_is_the_argument_of_the_lecture():
    found = separable(CORNERS, XOR)
    assert isinstance(found, Inseparable) and not found
    assert found.multipliers == (1, 1, 1, 1)
    assert found.inequalities == ("b ≤ 0", "w2 + b > 0", "w1 + b > 0", "w1 + w2 + b ≤ 0")
    assert str(found) == XOR_PROOF


@pytest.mark.parametrize(("labels", "offset"), [(AND, -1.5), (OR, -0.5)])
def test_the_gates_have_the_line_in_the_middle(labels, offset):
    found = separable(Dataset(CORNERS, labels, names=("no", "yes")))
    assert isinstance(found, Separated) and found
    assert (found.hyperplane.coefficients, found.hyperplane.offset) == ((1, 1), offset)
    assert found.margin == pytest.approx(math.sqrt(2) / 4)
    assert str(found).startswith(f"separable: x1 + x2 − {-offset} is > 0 at every point of class 1")


def test_without_the_first_inequality_there_is_no_contradiction():
    found = separable(CORNERS[1:], XOR[1:])
    assert found
    prove(found, CORNERS[1:], XOR[1:])
    assert [Perceptron.of(1, [-0.9, -0.9])(x).data for x in CORNERS] == [1, 1, 1, 0]
    assert not contradiction(CORNERS, XOR, [0, 1, 1, 1])


@given(st.lists(st.tuples(st.tuples(small, small), st.integers(0, 1)), min_size=2, max_size=9))
def test_separable_means_that_the_perceptron_rule_ends(labelled):
    """Whole numbers: the rule ends, or comes round to weights it had, and either is a proof."""
    points, labels = [x for x, _ in labelled], [label for _, label in labelled]
    if len(set(labels)) == 1:
        return
    found = separable(points, labels)
    prove(found, points, labels)
    learning = Perceptron(2).fit(points, labels, epochs=20_000)
    assert learning.converged or learning.cycle
    assert learning.converged == bool(found)


@given(st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.tuples(st.tuples(*[tenths] * width), st.integers(0, 1)), min_size=2, max_size=20)
))  # fmt: skip
def test_every_answer_is_proved(labelled):
    points, labels = [x for x, _ in labelled], [label for _, label in labelled]
    if len(set(labels)) == 2:
        prove(separable(points, labels), points, labels)


@given(
    st.lists(st.tuples(tenths, tenths, tenths), min_size=2, max_size=15), st.randoms(use_true_random=False)
)
def test_the_answer_does_not_change_when_the_points_move(points, rng):
    labels = [0, 1, *[rng.randint(0, 1) for _ in points[2:]]]
    moved = [(8 * z - 3, x * 1024, -y) for x, y, z in points]
    if all(Fraction(8 * p[2]) - 3 == Fraction(8 * p[2] - 3) for p in points):  # the move itself is exact
        assert bool(separable(points, labels)) == bool(separable(moved, labels))


@pytest.mark.parametrize(
    ("points", "labels", "answer"),
    [
        ([(2.0, 1.0), (2.0, 1.0)], [0, 1], False),  # one point in both classes
        ([(1.0,), (math.nextafter(1.0, 2),)], [0, 1], True),  # no float lies between the two
        ([(1.0,), (math.nextafter(1.0, 2),)], [1, 0], True),
        ([(0.1,), (0.2,), (0.3,)], [0, 1, 0], False),
        ([(0.1, 0.1), (0.2, 0.2), (0.3, 0.3)], [0, 1, 0], False),
        ([(0.1, 0.1), (0.2, 0.2), (0.1 + 0.2, 0.3)], [0, 1, 0], True),  # by the last bit of 0.1 + 0.2
        ([(7.0, 1.0), (7.0, 2.0), (7.0, 3.0)], [0, 1, 1], True),  # a column that says nothing
        ([(1e-9, 1e9), (2e-9, 1e9)], [0, 1], True),
        ([(1e300,), (1e-300,)], [0, 1], True),
        ([(5e-324,), (0.0,)], [0, 1], True),  # scaled to 1, the weight overflows
    ],
)
def test_touching_classes_are_decided_exactly(points, labels, answer):
    found = separable(points, labels)
    assert bool(found) == answer
    prove(found, points, labels)


@pytest.mark.parametrize("name", ["breast_cancer", "iris", "wine"])
def test_well_known_data(name):
    datasets = pytest.importorskip("sklearn.datasets")
    points, labels = getattr(datasets, f"load_{name}")(return_X_y=True)
    points = points.tolist()
    if name == "breast_cancer":
        first_ten = [point[:10] for point in points]
        cases = [(points, labels.tolist(), True), (first_ten, labels.tolist(), False)]
    else:
        apart = [True, False, False] if name == "iris" else [True, True, True]
        cases = [(points, [int(label == k) for label in labels], apart[k]) for k in range(3)]
    for known, sides, answer in cases:
        found = separable(known, sides)
        assert bool(found) == answer
        prove(found, known, sides)
        assert str(found)


def test_a_long_proof_names_points_and_says_what_is_rounded():
    datasets = pytest.importorskip("sklearn.datasets")
    points, labels = datasets.load_breast_cancer(return_X_y=True)
    text = str(separable(points[:, :10], labels))
    assert text.startswith("not separable: no w1, ..., w10 and b satisfy\n")
    assert "is of class 1" in text and "(5 more) + b" in text and "since point " in text
    assert text.endswith("w1, ..., w10 and b cancel exactly (the numbers are rounded here alone)")
    assert max(map(len, text.splitlines())) < 125


# planted faults: what the floats of the linear program propose is never believed
@pytest.mark.parametrize("w", [[1.0, -1.0], [0.0, 0.0], [math.inf, 1.0], [-1.0, -1.0]])
@pytest.mark.parametrize("shares", [[0.5, 0.5, 0, 0], [0.0] * 4, [0.2, 0.3, 0.1, 0.4], [0, 0, 0, 1.0]])
def test_wrong_floats_change_no_answer(monkeypatch, w, shares):
    monkeypatch.setattr(import_module("nn.separable"), "_linear_program", lambda *_: (w, shares))
    for labels in (AND, OR, XOR):
        found = separable(CORNERS, labels)
        assert bool(found) == (labels is not XOR)
        prove(found, CORNERS, labels)


@pytest.mark.parametrize("seed", range(20))
def test_without_any_proposal_the_whole_numbers_decide_alone(monkeypatch, seed):
    rng = random.Random(seed)
    points = [tuple(rng.randint(-9, 9) / 8 for _ in range(3)) for _ in range(rng.randint(4, 12))]
    labels = [0, 1, *[rng.randint(0, 1) for _ in points[2:]]]
    known = separable(points, labels)
    nothing = ([0.0] * 3, [0.0] * len(points))
    monkeypatch.setattr(import_module("nn.separable"), "_linear_program", lambda *_: nothing)
    found = separable(points, labels)
    assert bool(found) == bool(known)
    prove(found, points, labels)


def test_without_a_float_hyperplane_separable_classes_are_not_called_inseparable(monkeypatch):
    rng = random.Random(2)
    points = [tuple(rng.randint(-9, 9) / 10 for _ in range(3)) for _ in range(12)]
    labels = [1 if z > 0 else 0 for *_, z in points]
    assert separable(points, labels)
    monkeypatch.setattr(import_module("nn.separable"), "_between", lambda *_: None)
    with pytest.raises(ArithmeticError, match="separable in fractions, but so close that no hyperplane"):
        separable(points, labels)


@given(st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_a_contradiction_is_one_alone(multipliers):
    """Those of XOR are the multiples of (1, 1, 1, 1), and no others."""
    assert contradiction(CORNERS, XOR, multipliers) == (len(set(multipliers)) == 1 and multipliers[0] > 0)
    assert not contradiction(CORNERS, AND, multipliers)


@given(st.integers(1, 4).flatmap(
    lambda height: st.lists(st.lists(small, min_size=height, max_size=height), min_size=1, max_size=8)
))  # fmt: skip
def test_columns_cancel_or_a_vector_forbids_it(columns):
    multipliers, vector = cancelling(columns)
    assert bool(multipliers) != bool(vector)
    if multipliers:
        assert min(multipliers) >= 0 and max(multipliers) > 0
        sums = [sum(map(operator.mul, multipliers, row)) for row in zip(*columns, strict=True)]
        assert not any(sums)
    else:
        assert all(sum(map(operator.mul, vector, column)) > 0 for column in columns)


def test_an_inequality_as_text():
    assert inequality((0.0, 0.0), 1) == "b > 0"
    assert inequality((-2.0, 0.5), 0) == "−2 w1 + 0.5 w2 + b ≤ 0"


REFUSALS = [
    (lambda: separable(CORNERS, [1, 1, 1, 1]), ValueError, "all 4 points are of class 1: there is nothing"),
    (lambda: separable(CORNERS, [0, 1, 2, 1]), ValueError, "label of point 2 is 2"),
    (lambda: separable(CORNERS, [0, 1]), ValueError, "got 4 points, 2 labels"),
    (lambda: separable(CORNERS), TypeError, "points without labels"),
    (lambda: separable([(0.0,), (math.inf,)], [0, 1]), ValueError, "row 1"),
    (lambda: contradiction(CORNERS, XOR, [1, 1]), ValueError, "each point has a multiplier: got 2 for 4"),
    (
        lambda: contradiction(CORNERS, XOR, [1, -1, 1, 1]),
        ValueError,
        "multiplier 1 is -1: it must be 0 or more",
    ),
    (lambda: contradiction(CORNERS, XOR, [1, math.nan, 1, 1]), ValueError, "multiplier 1 is nan"),
]


@pytest.mark.parametrize(("act", "error", "message"), REFUSALS)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
