"""Splits: parts that keep shares, and standardising by what the train part knows."""

import json
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.preprocessing import StandardScaler

from nn.data import Dataset, Scaler, Split, breast_cancer, diabetes, digits, iris, sunspots

shares = st.tuples(st.floats(0.05, 0.6), st.floats(0.0, 0.35))


def classes(labels):
    return Dataset([[i] for i in range(len(labels))], labels, names=list("abcd"))


def parts(split):
    return [part for part in (split.train, split.validation, split.test) if part]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=60), shares, st.integers(0, 99))
def test_a_split_is_a_partition_in_which_each_label_keeps_its_share(labels, share, seed):
    test, validation = share
    data = classes(labels)
    try:
        split = data.split(test, validation, seed)
    except ValueError as error:
        assert "part would be empty" in str(error)
        assert sum(min(round(test * n), n - 1) for n in Counter(labels).values()) == 0 or validation
        return
    assert sorted(point for part in parts(split) for point in part.points) == list(data.points)
    for part in parts(split):
        assert list(part.points) == sorted(part.points)
        assert all(labels[int(i)] == label for (i,), label in part)
    for label, count in Counter(labels).items():
        assert split.test.targets.count(label) == min(round(test * count), count - 1)
        assert split.train.targets.count(label) >= 1
        if split.validation:
            left = count - split.test.targets.count(label) - 1
            assert split.validation.targets.count(label) == min(round(validation * count), left)
    assert (split.validation is None) == (validation == 0)
    assert data.split(test, validation, seed) == split


@given(st.integers(3, 60), st.floats(0.1, 0.3), st.integers(0, 99))
def test_numbers_to_predict_are_split_by_the_seed(n, share, seed):
    data = Dataset([[i] for i in range(n)], range(n))
    if not round(share * n):
        return
    split = data.split(share, share, seed)
    assert sorted(x for part in parts(split) for x in part.targets) == list(range(n))
    assert len(split.test) == len(split.validation) == round(share * n)
    assert split.test == data.split(share, seed=seed).test


def test_another_seed_draws_other_points():
    assert iris().split(seed=1) == iris().split(seed=1) != iris().split(seed=2)


def test_ordered_points_are_split_in_time():
    split = sunspots().split(test=0.2, validation=0.1)
    assert [len(part) for part in parts(split)] == [209, 30, 60]
    assert sum([part.points for part in parts(split)], ()) == sunspots().points
    labelled = Dataset([[0], [1], [2], [3]], [0, 0, 1, 1], names=("a", "b"), ordered=True)
    assert labelled.split(0.5).test.targets == (1, 1)


@pytest.mark.parametrize("load", [iris, digits, diabetes, breast_cancer])
def test_standardising_is_scikit_learns(load):
    split = load().split(validation=0.1)
    ours, theirs = split.standardised(), StandardScaler().fit(split.train.points)
    assert ours.scaler.constant == tuple(np.array(load().inputs)[theirs.var_ == 0])
    assert ours.scaler.means == pytest.approx(theirs.mean_, rel=1e-13)
    for part, raw in zip(parts(ours), parts(split), strict=True):
        scaled = np.where(theirs.var_ == 0, 0.0, theirs.transform(raw.points))
        assert np.array(part.points) == pytest.approx(scaled, rel=1e-11, abs=1e-12)
        assert part.targets == raw.targets and set(part.units) == {"standard deviations"}


columns = st.lists(
    st.lists(st.integers(-(10**6), 10**6).map(lambda x: x / 64), min_size=3, max_size=3), min_size=2
)


@given(columns)
def test_standardised_columns_have_mean_0_and_deviation_1(points):
    data = Dataset(points, [0.0] * len(points))
    split = Split(data, data).standardised()
    for name, raw, column in zip(
        data.inputs, np.transpose(points), np.transpose(split.train.points), strict=True
    ):
        assert math.fsum(column) / len(column) == pytest.approx(0, abs=1e-9)
        if name in split.scaler.constant:
            assert len(set(raw)) == 1 and set(column) == {0.0}
        else:
            assert math.sqrt(math.fsum(x * x for x in column) / len(column)) == pytest.approx(1, rel=1e-9)
    for point, raw in zip(split.train.points, points, strict=True):
        assert split.scaler.undo(point) == pytest.approx(raw, rel=1e-9, abs=1e-9)


def test_a_large_offset_costs_no_digits():
    """A sum of squares minus the square of the sum would give 0 here."""
    scaler = Scaler.of([[1e9 + x] for x in (0.25, 0.5, 0.75)], ["x"])
    assert scaler.means == (1e9 + 0.5,)
    assert scaler.deviations[0] == pytest.approx(math.sqrt(1 / 24), rel=1e-15)


def test_a_constant_column_is_0_in_every_part_and_listed_once():
    data = Dataset([[1.0, 0.1], [2.0, 0.1], [3.0, 0.1], [4.0, 9.0]], [0, 1, 0, 1], names=("a", "b"))
    split = Split(data[:3], data[3:]).standardised()
    assert split.scaler.constant == ("x1",) and split.scaler.deviations[1] == 0.0
    assert [point[1] for part in parts(split) for point in part.points] == [0.0] * 4


def test_targets_are_standardised_and_mapped_back():
    split = diabetes().split()
    scaled = split.standardised(target=True)
    assert np.mean(scaled.train.targets) == pytest.approx(0, abs=1e-12)
    assert np.std(scaled.train.targets) == pytest.approx(1)
    assert scaled.test.target_unit == "standard deviations"
    back = [scaled.target_scaler.undo([y])[0] for y in scaled.test.targets]
    assert back == pytest.approx(split.test.targets)
    assert split.standardised().target_scaler is None and split.scaler is None


def test_a_scaler_goes_through_json():
    scaler = iris().split().standardised().scaler
    again = Scaler.load(json.loads(json.dumps(scaler.state())))
    assert again == scaler
    assert again.apply(iris().points[0]) == iris().scaled(scaler).points[0]
    assert again.apply(np.array(iris().points[0])) == scaler.apply(iris().points[0])


def test_it_says_its_sizes():
    assert repr(digits().split(validation=0.1)) == "Split(1259 to train, 179 to validate, 359 to test)"


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: iris().split(test=0.0), r"test is a share .* between 0 and 1, got 0\.0"),
        (lambda: iris().split(test=20), "between 0 and 1, got 20"),
        (lambda: iris().split(test=math.nan), "between 0 and 1, got nan"),
        (lambda: iris().split(validation=-0.1), r"validation is a share .* got -0\.1"),
        (lambda: iris().split(0.5, 0.5), r"test=0\.5 and validation=0\.5 leave no points to train on"),
        (lambda: classes([0, 0, 1, 1]).split(0.2), "the test part would be empty: 4 points in 2 classes"),
        (lambda: classes([0, 1]).split(0.2, 0.01), "the validation part would be empty|the test part would"),
        (lambda: classes([0]).split(0.9), "the test part would be empty: 1 points, test=0.9"),
        (lambda: sunspots(300).split(0.95), "the train part would be empty"),
        (lambda: sunspots(300).split(0.01), "the test part would be empty: 9 points, test=0.01"),
        (lambda: iris().split().standardised(target=True), "labels of classes are not standardised"),
        (lambda: Split(iris(), digits()), "the parts of a Split are of one kind: inputs are .* in test"),
        (lambda: Split(iris(), iris(), iris().columns("sepal width")), "inputs are .* in validation"),
        (lambda: iris().scaled(Scaler(["a"], [0.0], [1.0])), "the scaler is one of columns"),
        (
            lambda: Dataset([[0]], [1]).scaled(Scaler(["x0"], [0], [1]), Scaler(["z"], [0], [1])),
            r"the scaler is one of \('z',\), the target is 'y'",
        ),
        (lambda: Scaler(["a"], [0.0, 1.0], [1.0]), "a Scaler of 1 columns takes as many means, got 2"),
        (lambda: Scaler(["a"], [0.0], [-1.0]), r"0 or more, got -1\.0 for column 'a'"),
        (lambda: Scaler(["a"], [math.nan], [1.0]), "means: column 'a': nan is a missing value"),
        (lambda: Scaler(["a"], [0.0], [1.0]).apply([1, 2]), "knows 1 columns, the point has 2 numbers"),
        (lambda: Scaler(["a"], [0.0], [1.0]).apply([math.inf]), "column 'a': inf is not finite"),
        (lambda: Scaler.load({"means": []}), "a Scaler has deviations, inputs, means; got means"),
        (lambda: Scaler.of([[1.7e308], [-1.7e308]], ["a"]), "column 'a' is too wide to standardise"),
        (lambda: Scaler.of([[1.7e308], [1.6e308]], ["a"]), "column 'a' is too wide to standardise"),
    ],
)
def test_refuses(act, message):
    with pytest.raises(ValueError, match=message):
        act()
