"""Subjects: the data sets that a lab works on, as arrays, and their folds."""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from engine.optional import load
from nn.data import DATASETS, Dataset, dataset
from nn.data.cells import listed
from nn.documents import fingerprint
from nn.inputs import size

WITHOUT = ("and_gate", "or_gate", "xor_gate")
"""A gate is a table of four rows: there is nothing new to test on."""
SETS = tuple([name for name in DATASETS if name not in WITHOUT])
"""The data sets that the lab takes where nothing else is said."""

Fold = tuple[Any, Any]
"""The places to learn from, and those to test on."""


def folds(targets: Any, is_classification: bool, ordered: bool, count: int, seed: int) -> list[Fold]:
    """Return so many parts to test on, each with what is left to learn from.

    Of classes each fold has its share of each (stratified); of points in time a fold is tested on what
    follows the points that it learns from, and the seed changes nothing. Otherwise the seed draws.

    >>> [test.tolist() for _, test in folds([0.5, 1.0, 1.5, 2.0], False, True, count=3, seed=0)]
    [[1], [2], [3]]
    """
    splits = load("sklearn.model_selection", extra="lab")
    if ordered:
        return list(splits.TimeSeriesSplit(count).split(targets))
    kind = splits.StratifiedKFold if is_classification else splits.KFold
    return list(kind(count, shuffle=True, random_state=seed).split(targets, targets))


class Subject:
    """A data set as arrays: `rows`, [point][column], and `targets`; `name` is what the report calls it.

    Errors: ModuleNotFoundError naming the extra `lab` without numpy.

    >>> Subject(dataset("iris")).rows.shape
    (150, 4)
    """

    def __init__(self, data: Dataset) -> None:
        array = load("numpy", extra="lab").array
        self.data = data
        self.name = data.name
        self.rows = array(data.points)
        self.targets = array(data.targets)

    @cached_property
    def fingerprint(self) -> str:
        """A text that differs where a number or a label of the data does."""
        return fingerprint((self.data.points, self.data.targets, self.data.names, self.data.ordered))

    def folds(self, count: int, seed: int) -> list[Fold]:
        """Return so many parts to test on, as `folds` does.

        Errors: ValueError for more folds than there are points of a class, or points.

        >>> [len(test) for _, test in Subject(dataset("iris")).folds(5, 0)]
        [30, 30, 30, 30, 30]
        """
        self.check(count)
        return folds(self.targets, self.data.is_classification, self.data.ordered, count, seed)

    def check(self, count: int) -> None:
        """Refuse more folds than the data allow.

        Errors: ValueError saying how many there can be.

        >>> Subject(dataset("xor_gate")).check(5)
        Traceback (most recent call last):
            ...
        ValueError: xor_gate cannot be cut into 5 folds: of the class '0' there are 2 points; take 2 folds
        """
        most, what = len(self.data) // 2, f"there are {len(self.data)} points, each fold needs two"
        if self.data.ordered:
            most = most - 1
        if self.data.is_classification:
            label, most = min(Counter(self.data.targets).items(), key=lambda pair: (pair[1], pair[0]))
            what = f"of the class {self.data.names[label]!r} there {_points(most)}"
        if count > most:
            do = f"take {most} folds" if most > 1 else "it needs more points"
            raise ValueError(f"{self.name} cannot be cut into {count} folds: {what}; {do}")

    def ratio(self, count: int) -> float:
        """Return how many points a fold tests on for each that it learns from, the mean of the folds.

        >>> Subject(dataset("iris")).ratio(5)
        0.25
        """
        folds = self.folds(count, 0)
        return math.fsum([len(test) / len(train) for train, test in folds]) / len(folds)


def _points(count: int) -> str:
    return "is 1 point" if count == 1 else f"are {count} points"


def subjects(names: Iterable[str], count: int) -> list[Subject]:
    """Return data sets by their names, or the paths of CSV files, checked to have so many folds.

    Errors: those of `nn.dataset` and `Subject.check`; ValueError for none, or two of one name.

    >>> [one.name for one in subjects(["iris", "sine"], count=5)]
    ['iris', 'sine']
    """
    found = list(_read(listed("sets", names), size("folds", count)))
    if not found:
        raise ValueError(f"the lab needs a data set; there are {', '.join(SETS)}, and CSV files")
    twice = [name for name, times in Counter(one.name for one in found).items() if times > 1]
    if twice:
        raise ValueError(f"two data sets are called {twice[0]!r}: leave one out, or rename the file")
    return found


def _read(names: Iterable[str], count: int) -> Iterator[Subject]:
    if count < 2:
        raise ValueError(f"what is learned on one fold is tested on another: at least 2 folds, got {count}")
    for name in names:
        subject = Subject(dataset(name))
        subject.check(count)
        yield subject
