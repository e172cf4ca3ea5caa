"""Dataset: what it takes, what it refuses, and labels that map back."""

import copy
import math
import os
import pickle
import subprocess
import sys

import numpy as np
import pandas
import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn.data import Dataset, Series, Text, iris, moons

COLUMNS = ("sepal length", "sepal width")


def data(points=((0.0, 1.0), (2.0, 3.0)), targets=(0, 1), **more):
    return Dataset(points, targets, **({"names": ("low", "high"), "inputs": COLUMNS} | more))


def test_numbers_of_any_kind_become_floats_and_labels_ints():
    made = data([[1, np.float64(2.5)], np.array([3, 4]), (Value(5.0), True)], np.array([1, 0, 1]))
    assert made.points == ((1.0, 2.5), (3.0, 4.0), (5.0, 1.0))
    assert {type(x) for point in made.points for x in point} == {float}
    assert made.targets == (1, 0, 1) and {type(label) for label in made.targets} == {int}
    assert made == data(np.array([[1, 2.5], [3, 4], [5, 1]]), [1, 0, 1])
    numbers = Dataset(np.eye(2), np.array([1, 2]))
    assert numbers.targets == (1.0, 2.0) and {type(x) for x in numbers.targets} == {float}


def test_what_is_left_out_is_filled_in():
    classes, numbers = Dataset([[0.0, 1.0]], [1], names=("a", "b")), Dataset([[0.0, 1.0]], [1])
    assert (classes.inputs, classes.units, classes.classes) == (("x0", "x1"), ("", ""), (0, 1))
    assert (classes.target, numbers.target) == ("class", "y")
    assert classes.is_classification and not numbers.is_classification
    assert numbers.names == numbers.classes == ()


def test_it_is_frozen_and_can_be_copied():
    made = data()
    with pytest.raises(AttributeError):
        made.points = ()
    assert copy.deepcopy(made) == pickle.loads(pickle.dumps(made)) == made
    assert hash(made) == hash(data())


def test_pairs_places_and_stretches():
    made = data([[i, -i] for i in range(5)], [0, 1, 0, 1, 0])
    assert len(made) == 5 and list(made) == [made[i] for i in range(5)]
    assert made[3] == made[-2] == ((3.0, -3.0), 1)
    assert made[1:4:2] == made.subset([1, 3]) == made.subset(np.array([1, -2]))
    assert made.subset([4, 0, 0]).points == ((4.0, -4.0), (0.0, 0.0), (0.0, 0.0))
    assert made.subset([0]).names == made.names


def test_columns_keep_their_units():
    chosen = iris().columns("petal width", "sepal length")
    assert chosen.inputs == ("petal width", "sepal length") and chosen.units == ("cm", "cm")
    assert chosen.points == tuple((point[3], point[0]) for point in iris().points)
    with pytest.raises(ValueError, match="no column is called 'petal widht'; did you mean 'petal width'?"):
        iris().columns("petal widht")


labels = st.one_of(
    st.lists(st.integers(-(10**20), 10**20), min_size=2),
    st.lists(st.text(min_size=1).filter(str.strip), min_size=2),
    st.lists(st.integers(-5, 5).map(float), min_size=2),
).filter(lambda found: len(set(found)) > 1)


@given(labels)
def test_labels_map_back(found):
    made = Dataset.labelled([[i] for i in range(len(found))], found)
    assert made.original(made.targets) == found
    assert list(made.classes) == sorted(set(found))
    assert set(made.targets) == set(range(len(made.names)))


def test_labels_of_numpy_become_plain():
    made = Dataset.labelled(np.zeros((3, 1)), np.array(["b", "a", "b"]))
    assert made.classes == ("a", "b") and made.targets == (1, 0, 1) and type(made.classes[0]) is str
    made = Dataset.labelled([[0], [1]], [np.int64(7), np.int64(-1)], names=("minus", "plus"))
    assert made.classes == (-1, 7) and type(made.classes[0]) is int
    assert made.original(np.array([1, 0])) == [7, -1] and made.names == ("minus", "plus")


@pytest.mark.parametrize("labels", [[True, False, True], np.array([True, False, True])])
def test_labels_of_false_and_true_are_0_and_1(labels):
    made = data([[0, 1], [2, 3], [4, 5]], labels)
    assert made.targets == (1, 0, 1) and {type(label) for label in made.targets} == {int}
    assert Dataset([[0], [1], [2]], labels).targets == (1.0, 0.0, 1.0)
    made = Dataset.labelled([[0], [1], [2]], labels)
    assert made.targets == (1, 0, 1) and made.names == ("False", "True")
    assert made.classes == (False, True) and made.original([1, 0]) == [True, False]
    assert {type(one) for one in made.classes} == {bool}


def test_it_says_what_it_is():
    assert repr(data(name="two")) == "Dataset('two': 2 points, 2 columns, 2 classes)"
    told = data(name="two", description="a pair", source="a book", units=("cm", "")).describe()
    assert told == (
        "two: 2 points, 2 columns, 2 classes\n  a pair\n  source: a book\n  sepal length (cm): 0 ... 2\n"
        "  sepal width: 1 ... 3\n  to predict: class: low 1, high 1"
    )
    assert "\n  x0, x1, ..., x12: 0 ... 12\n" in Dataset([range(13)], [1]).describe()


@pytest.mark.parametrize("gap", [None, math.nan, "", "  ", np.float64("nan"), pandas.NA])
def test_missing_values_are_refused(gap):
    with pytest.raises(
        ValueError, match="row 1, column 'sepal width': .* is a missing value; leave the row out"
    ):
        data([[0.0, 1.0], [2.0, gap]])
    with pytest.raises(ValueError, match="row 1, target 'y': .* is a missing value"):
        Dataset([[0.0], [1.0]], [1.0, gap])
    with pytest.raises(ValueError, match="the label of row 1: .* is a missing value; leave the row out"):
        Dataset.labelled([[0.0], [1.0]], ["a", gap])


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (
            lambda: data([[0.0, 1.0], [math.inf, 3.0]]),
            ValueError,
            "row 1, column 'sepal length': inf is not fin",
        ),
        (lambda: data([[0.0, 1.0], [2.0, 10**400]]), ValueError, "row 1, column 'sepal width': .* too large"),
        (
            lambda: data([[0.0, "1"], [2.0, 3.0]]),
            TypeError,
            "row 0, column 'sepal width': '1' is text, a number",
        ),
        (
            lambda: Dataset([[0.0], [1.0]], ["a", "b"]),
            TypeError,
            r"target 'y': 'a' is text; for classes: Dataset.labelled\(points, labels\)",
        ),
        (lambda: data([[0.0, 1j], [2.0, 3.0]]), TypeError, r"row 0, column 'sepal width': 1j is no number"),
        (lambda: data([[0.0, 1.0], [2.0]]), ValueError, "row 1 has 1 numbers, the first row has 2"),
        (lambda: data([[0.0, 1.0], 2.0]), TypeError, r"row 1 is no row of numbers, got 2\.0"),
        (lambda: data([[0.0, 1.0], "ab"]), TypeError, "row 1 is no row of numbers, got 'ab'"),
        (lambda: data([], []), ValueError, "at least one point, got none"),
        (lambda: data([[]], [0]), ValueError, "at least one number, row 0 has none"),
        (lambda: data(5), TypeError, "points: a list is needed, got 5"),
        (lambda: data("ab"), TypeError, "points: a list is needed, got 'ab'"),
        (lambda: data(pandas.DataFrame({"a": [1]})), TypeError, r"got a DataFrame; pass its \.to_numpy\(\)"),
        (lambda: data(targets=[0]), ValueError, "each point has a target: got 2 points, 1 targets"),
        (
            lambda: data(targets=[0, 2]),
            ValueError,
            r"label of row 1 is 2, outside 0 \.\.\. 1: there are 2 names",
        ),
        (lambda: data(targets=[0, -1]), ValueError, "label of row 1 is -1, outside"),
        (
            lambda: data(targets=[0, 0.5]),
            TypeError,
            r"row 1 is 0\.5, no whole number; Dataset\.labelled takes",
        ),
        (
            lambda: data(targets=["a", "b"]),
            TypeError,
            "row 0 is 'a', no whole number; Dataset.labelled takes",
        ),
        (lambda: data(names=["low"]), ValueError, "at least two classes, got 'low' alone"),
        (lambda: data(names=["low", "low"]), ValueError, "each of the names is there once, got 'low' twice"),
        (lambda: data(names=["low", ""]), TypeError, "names are texts that are not blank, got ''"),
        (lambda: data(names=[0, 1]), TypeError, "names are texts that are not blank, got 0"),
        (lambda: data(classes=[1]), ValueError, "each class has a name: got 1 classes, 2 names"),
        (lambda: data(classes=[1, 1]), ValueError, "each of the classes is there once, got 1 twice"),
        (lambda: data(inputs=["a", "a"]), ValueError, "each of the inputs is there once, got 'a' twice"),
        (lambda: data(inputs=["a"]), ValueError, "a point has 2 numbers, got 1 inputs"),
        (lambda: data(units=["cm"]), ValueError, "a point has 2 numbers, got 1 units"),
        (lambda: data().subset([2]), IndexError, "there are 2 points, got place 2"),
        (lambda: data().subset([]), ValueError, "at least one point, got none"),
        (lambda: data()[2:], ValueError, "at least one point, got none"),
        (lambda: data().original([0, 5]), ValueError, "label of row 1 is 5, outside"),
        (
            lambda: Dataset([[0.0]], [1]).original([0]),
            ValueError,
            "regression are numbers: there are no labels",
        ),
        (
            lambda: Dataset.labelled([[0], [1]], ["a", "a"]),
            ValueError,
            "at least two classes, all 2 labels are 'a'",
        ),
        (
            lambda: Dataset.labelled([[0], [1]], [0.0, 0.5]),
            ValueError,
            r"row 1 is 0\.5, a fraction; for numbers",
        ),
        (
            lambda: Dataset.labelled([[0], [1]], ["a", 1]),
            TypeError,
            "all texts .*, got 'a' in row 0, 1 in row 1",
        ),
        (
            lambda: Dataset.labelled([[0], [1]], [(1,), (2,)]),
            TypeError,
            r"row 0 is \(1,\); a label is a text or",
        ),
        (lambda: Dataset.labelled([[0], [1]], [1, 2], names=list("abc")), ValueError, "2 classes, 3 names"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_a_series_is_cut_into_windows():
    series = Series(range(2000, 2006), [1, 2, 4, 8, 16, 32], step="year", unit="spots")
    made = series.windows(2)
    assert made.points == ((1.0, 2.0), (2.0, 4.0), (4.0, 8.0), (8.0, 16.0))
    assert made.targets == (4.0, 8.0, 16.0, 32.0)
    assert made.inputs == ("2 years before", "1 year before") and made.units == ("spots", "spots")
    assert made.ordered and made.target_unit == "spots" and len(series) == 6


def test_text_spells_what_it_reads():
    text = Text(["κος", "ος", "κος"])
    assert text.words == ("κος", "ος") and text.alphabet == "κος" and len(text) == 2
    for word in text.words:
        assert text.encode(word)[-1] == text.end == text.tokens - 1
        assert text.decode(text.encode(word)) == word
    wider = Text(["ab"], alphabet="cba")
    assert wider.encode("ab") == [2, 1, 3]


@given(st.sets(st.text("abc", min_size=1), min_size=2), st.floats(0.01, 0.99), st.integers(0, 9))
def test_text_is_split_into_two_of_one_alphabet(words, share, seed):
    text = Text(sorted(words))
    if not 0 < round(share * len(words)) < len(words):
        with pytest.raises(ValueError, match="leaves words on both sides"):
            text.split(share, seed)
        return
    train, test = text.split(share, seed)
    assert sorted(train.words + test.words) == sorted(words)
    assert train.alphabet == test.alphabet == text.alphabet and text.split(share, seed) == (train, test)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: Series([1, 2], [1.0]), ValueError, "each value has a time: got 1 values, 2 times"),
        (lambda: Series([1, 2], [1.0, math.nan]), ValueError, r"values\[1\]: nan is a missing value"),
        (lambda: Series([1, 1], [1.0, 2.0]), ValueError, "times rise, got 1 before 1 at place 1"),
        (lambda: Series([1, 2], [1.0, 2.0]).windows(2), ValueError, "from 1 to 1 of the 2 values, got 2"),
        (lambda: Series([1, 2], [1.0, 2.0]).windows(0), ValueError, "got 0"),
        (lambda: Text([]), ValueError, "at least one word, got none"),
        (lambda: Text(["a", ""]), ValueError, r"words\[1\] is empty"),
        (lambda: Text(["a", 1]), TypeError, r"words\[1\] is no text: 1"),
        (lambda: Text(["a"], alphabet="aa"), ValueError, "letter of the alphabet is there once, got 'aa'"),
        (lambda: Text(["ab"], alphabet="a"), ValueError, "letter 'b' of 'ab' is not in the alphabet 'a'"),
        (lambda: Text(["ab"]).encode("abx"), ValueError, "letter 'x' of 'abx' is not in the alphabet 'ab'"),
        (lambda: Text(["ab"]).decode([0, 3]), ValueError, r"tokens are 0 \.\.\. 2, got 3"),
        (lambda: Text(["ab"]).decode([-1]), ValueError, "got -1"),
        (lambda: moons(1), ValueError, "got n=1"),
    ],
)
def test_series_and_text_refuse(act, error, message):
    with pytest.raises(error, match=message):
        act()


@pytest.mark.parametrize("seed", ["0", "2", "3"])
def test_letters_that_are_canonically_equal_stand_in_one_order(seed):
    """Whatever the hash seed: tokens are places in the alphabet."""
    words = ["\u212b\u00c5", "a\u03acb\u1f71", "K\u212a"]
    code = f"from nn.data import Text; print(ascii(Text({words!a}).alphabet))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    assert done.stdout.strip() == ascii(Text(words).alphabet)
