"""Metrics: how good predictions are, as one reads it; nothing here is differentiated.

All but `accuracy` and `predicted` are scikit-learn's (Pedregosa et al. 2011).
"""

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from engine.carrier import as_number
from engine.optional import load
from nn.data.cells import listed
from nn.inputs import size
from nn.nearest import pick


def predicted(logits: Iterable[Any]) -> int:
    """Return the label of the largest logit, the first of equal ones.

    Errors: ValueError for no logits or a nan among them, TypeError for what is no list of numbers.

    >>> predicted([0.5, 2.0, -1.0])
    1
    """
    scores = [float(as_number(logit, "predicted")) for logit in listed("logits", logits)]
    if not scores:
        raise ValueError("predicted takes one logit a class, got an empty list")
    for i, score in enumerate(scores):
        if math.isnan(score):
            raise ValueError(f"logit {i} of {len(scores)} is nan, so none is the largest")
    return scores.index(max(scores))


def accuracy(predictions: Sequence[Any], targets: Sequence[Any]) -> float:
    """Return the share of predictions that equal their targets, from 0 to 1.

    Errors: ValueError for lists of different lengths, or empty ones; TypeError for what is no list.

    >>> accuracy([1, 2, 3, 3], [1, 2, 3, 0])
    0.75
    """
    ours, theirs = _matched("accuracy", predictions, targets)
    return sum(bool(p == t) for p, t in zip(ours, theirs, strict=True)) / len(ours)


def precision(predictions: Sequence[int], targets: Sequence[int]) -> float:
    """Return the mean over the labels of this share: of the predictions of a label, those that are right.

    The labels are those that occur among predictions or targets; one that is never predicted counts as 0.

    Errors: ValueError for lists of different lengths, or empty ones; TypeError for labels that are not whole
    numbers; ModuleNotFoundError naming the extra `lab` without scikit-learn.

    >>> precision([1, 1, 0, 0], [1, 0, 0, 0])
    0.75
    """
    return _macro("precision", predictions, targets)


def recall(predictions: Sequence[int], targets: Sequence[int]) -> float:
    """Return the mean over the labels of this share: of the targets of a label, those that were predicted.

    The labels are those of `precision`; one that is predicted but is no target counts as 0.

    Errors: those of `precision`.

    >>> recall([1, 0, 0, 0], [1, 1, 0, 0])
    0.75
    """
    return _macro("recall", predictions, targets)


def f1(predictions: Sequence[int], targets: Sequence[int]) -> float:
    """Return the mean over the labels of the harmonic mean of a label's precision and its recall.

    Errors: those of `precision`.

    >>> round(f1([1, 1, 0, 0], [1, 0, 0, 0]), 4)
    0.7333
    """
    return _macro("f1", predictions, targets)


def balanced_accuracy(predictions: Sequence[int], targets: Sequence[int]) -> float:
    """Return the mean over the labels among the targets of the share of each that was predicted.

    Guessing one label of k always gives 1/k, however frequent that label is.

    Errors: those of `precision`.

    >>> balanced_accuracy([0, 0, 0, 0], [0, 0, 0, 1])
    0.5
    """
    ours, theirs = _labels("balanced_accuracy", predictions, targets)
    score = load("sklearn.metrics", extra="lab").recall_score
    return float(score(theirs, ours, labels=sorted(set(theirs)), average="macro", zero_division=0))


def confusion_counts(predictions: Sequence[int], targets: Sequence[int], classes: int) -> list[list[int]]:
    """Return how often each target, a row, was taken for each label, a column: `classes` rows as long.

    Errors: those of `precision`, and ValueError for a label outside of 0 ... classes - 1.

    >>> confusion_counts([0, 1, 1], [0, 0, 1], 2)
    [[1, 1], [0, 1]]
    """
    ours, theirs = _labels("confusion_counts", predictions, targets)
    classes = size("classes", classes)
    for label in (*ours, *theirs):
        if not 0 <= label < classes:
            raise ValueError(f"label {label} is outside 0 ... {classes - 1}: there are {classes} classes")
    count = load("sklearn.metrics", extra="lab").confusion_matrix
    counts: list[list[int]] = count(theirs, ours, labels=range(classes)).tolist()
    return counts


def r2(predictions: Sequence[float], targets: Sequence[float]) -> float:
    """Return the share of the targets' variance that the predictions explain: 1 at best, 0 for their mean.

    Errors: ValueError for lists of different lengths, or empty ones, for a number that is not finite, and
    for targets that are all equal; TypeError for what is no number; ModuleNotFoundError naming the extra
    `lab` without scikit-learn.

    >>> r2([1.0, 2.0, 4.0], [1.0, 2.0, 3.0])
    0.5
    """
    ours, theirs = _numbers("r2", predictions, targets)
    if min(theirs) == max(theirs):
        raise ValueError(f"r2 is a share of the variance of the targets, but all of them are {theirs[0]}")
    return float(load("sklearn.metrics", extra="lab").r2_score(theirs, ours))


def rmse(predictions: Sequence[float], targets: Sequence[float]) -> float:
    """Return the root of the mean squared error, in the unit of the targets.

    Errors: those of `r2`, but that targets may be equal.

    >>> rmse([3.0, 4.0], [0.0, 0.0]) == 12.5**0.5
    True
    """
    ours, theirs = _numbers("rmse", predictions, targets)
    return float(load("sklearn.metrics", extra="lab").root_mean_squared_error(theirs, ours))


def mean_absolute_error(predictions: Sequence[float], targets: Sequence[float]) -> float:
    """Return the mean distance of predictions and targets, in their unit.

    Errors: those of `r2`, but that targets may be equal.

    >>> mean_absolute_error([3.0, 4.0], [0.0, 0.0])
    3.5
    """
    ours, theirs = _numbers("mean_absolute_error", predictions, targets)
    return float(load("sklearn.metrics", extra="lab").mean_absolute_error(theirs, ours))


Metric: TypeAlias = Callable[[Sequence[Any], Sequence[Any]], float]
"""A function of (predictions, targets)."""

CLASS_METRICS: dict[str, Metric] = {
    "accuracy": accuracy,
    "balanced_accuracy": balanced_accuracy,
    "precision": precision,
    "recall": recall,
    "f1": f1,
}
"""Metrics of labels."""

NUMBER_METRICS: dict[str, Metric] = {"r2": r2, "rmse": rmse, "mean_absolute_error": mean_absolute_error}
"""Metrics of numbers."""

METRICS = CLASS_METRICS | NUMBER_METRICS
"""All metrics by name."""


def metric_for(name: str, is_classification: bool) -> Metric:
    """Return the metric of that name, if it is one of classes, or else of numbers, as is_classification says.

    Errors: ValueError for an unknown name, with the nearest, and for a metric of the other kind, with those
    that there are.

    >>> metric_for("rmse", is_classification=False) is rmse
    True
    """
    metric = pick("metric", name, METRICS)
    kind, other, table = "numbers", "classes", NUMBER_METRICS
    if is_classification:
        kind, other, table = other, kind, CLASS_METRICS
    if name not in table:
        raise ValueError(f"the metric {name!r} is one of {other}; for {kind} there are {', '.join(table)}")
    return metric


def _macro(name: str, predictions: Sequence[int], targets: Sequence[int]) -> float:
    ours, theirs = _labels(name, predictions, targets)
    score = getattr(load("sklearn.metrics", extra="lab"), f"{name}_score")
    return float(score(theirs, ours, average="macro", zero_division=0))


def _matched(name: str, predictions: Any, targets: Any) -> tuple[list[Any], list[Any]]:
    """Return predictions and targets as two lists, as long as each other."""
    ours, theirs = listed("predictions", predictions), listed("targets", targets)
    if len(ours) != len(theirs):
        raise ValueError(
            f"{name} takes one target a prediction, got {len(ours)} predictions and {len(theirs)} targets"
        )
    if not ours:
        raise ValueError(f"{name} is a mean over at least one prediction, got an empty list")
    return ours, theirs


def _labels(name: str, predictions: Sequence[Any], targets: Sequence[Any]) -> tuple[list[int], list[int]]:
    """Return predictions and targets as ints."""
    ours, theirs = _matched(name, predictions, targets)
    try:
        return [operator.index(p) for p in ours], [operator.index(t) for t in theirs]
    except TypeError as error:
        raise TypeError(f"{name} takes whole numbers as labels: {error}") from None


def _numbers(
    name: str, predictions: Sequence[Any], targets: Sequence[Any]
) -> tuple[list[float], list[float]]:
    """Return predictions and targets as floats, all of them finite."""
    ours, theirs = _matched(name, predictions, targets)
    try:
        ours, theirs = [float(p) for p in ours], [float(t) for t in theirs]
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} takes numbers: {error}") from None
    for what, given in (("prediction", ours), ("target", theirs)):
        for i, number in enumerate(given):
            if not math.isfinite(number):
                raise ValueError(f"{name} takes finite numbers, {what} {i} is {number}")
    return ours, theirs
