"""Data: digits as they are in the wheel, splits that keep shares, moons that lie on their circles."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.datasets import load_digits

from nn import Split, digits, moons, stratified


def test_digits_are_scikit_learns_each_once():
    split = digits(seed=3)
    found = load_digits()
    ours = [*zip(split.train_points, split.train_labels, strict=True)]
    ours += zip(split.test_points, split.test_labels, strict=True)
    theirs = [(tuple(x), int(y)) for x, y in zip(found.data / 16, found.target, strict=True)]
    assert Counter(ours) == Counter(theirs)
    assert {type(x) for point, _ in ours for x in point} == {float}
    assert (min(min(p) for p, _ in ours), max(max(p) for p, _ in ours)) == (0.0, 1.0)


def test_digits_are_split_by_the_seed():
    assert digits(seed=1) == digits(seed=1)
    assert digits(seed=1).test_points != digits(seed=2).test_points
    assert len(digits(test_fraction=0.5).test_points) == pytest.approx(1797 / 2, abs=5)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), st.integers(0, 99), st.floats(0.05, 0.95))
def test_a_stratified_split_keeps_the_share_of_each_label(labels, seed, fraction):
    points = [[i] for i in range(len(labels))]
    split = stratified(points, labels, names="abcd", seed=seed, test_fraction=fraction)
    assert sorted(split.train_points + split.test_points) == [(float(i),) for i in range(len(labels))]
    for (i,), label in zip(split.test_points, split.test_labels, strict=True):
        assert labels[int(i)] == label
    for label, count in Counter(labels).items():
        assert split.test_labels.count(label) == round(fraction * count)


def test_moons_lie_on_two_half_circles():
    points, labels = moons(200, noise=0.0)
    for (x, y), label in zip(points, labels, strict=True):
        assert math.hypot(x - label, y - label / 2) == pytest.approx(1.0)
        assert (y >= 0) if label == 0 else (y <= 0.5)
    assert labels.count(0) == labels.count(1) == 100
    assert moons(9, seed=1) == moons(9, seed=1) != moons(9, seed=2)


def test_moons_have_the_noise_that_was_asked_for():
    points, labels = moons(4000, noise=0.1)
    off = [math.hypot(x - label, y - label / 2) - 1 for (x, y), label in zip(points, labels, strict=True)]
    assert np.std(off) == pytest.approx(0.1, rel=0.1)


def split(points=((0.0,), (1.0,)), labels=(0, 1)):
    return Split(points, labels, [(0.5,)], [0], names="ab")


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (
            lambda: split([(0.0,), (math.nan,)]),
            ValueError,
            r"train_points\[1\] has nan at position 0: \(nan\)",
        ),
        (lambda: split([(0.0,), (math.inf,)]), ValueError, r"train_points\[1\] has inf"),
        (
            lambda: split([(0.0,), (1.0, 2.0)]),
            ValueError,
            r"train_points\[1\] has 2 numbers, the first point has 1",
        ),
        (lambda: split([(0.0,), 1.0]), TypeError, r"train_points\[1\] is no row of numbers"),
        (
            lambda: split([(0.0,), ("a",)]),
            TypeError,
            r"train_points\[1\] is no row of numbers: could not convert",
        ),
        (
            lambda: split(labels=(0, 2)),
            ValueError,
            r"train_labels\[1\] is 2, outside 0 \.\.\. 1: there are 2 names",
        ),
        (lambda: split(labels=(0, -1)), ValueError, r"train_labels\[1\] is -1"),
        (lambda: split(labels=(0, 0.5)), TypeError, r"train_labels\[1\] is 0.5, which is no whole number"),
        (lambda: split(labels=(0,)), ValueError, "got 2 train_points, 1 labels"),
        (
            lambda: stratified([[0.0], [math.nan]], [0, 0], names="a"),
            ValueError,
            "row 1 has nan at position 0",
        ),
        (lambda: stratified([[0.0]], [5], names="ab"), ValueError, "the label of row 0 is 5, outside"),
        (lambda: stratified([[0.0]], [], names="ab"), ValueError, "got 1 points, 0 labels"),
        (lambda: digits(test_fraction=0.0), ValueError, "between 0 and 1, got 0.0"),
        (lambda: digits(test_fraction=20), ValueError, "between 0 and 1, got 20"),
        (lambda: moons(1), ValueError, "got n=1"),
        (lambda: moons(4, noise=-1.0), ValueError, "0 or more, got -1.0"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
