"""Metrics: scikit-learn's, and the same by hand from the confusion counts; every refusal."""

import math
import warnings

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn import metrics as sklearns

from engine import Value
from nn import METRICS, accuracy, predicted
from nn.metrics import (
    CLASS_METRICS,
    NUMBER_METRICS,
    balanced_accuracy,
    confusion_counts,
    f1,
    mean_absolute_error,
    metric_for,
    precision,
    r2,
    recall,
    rmse,
)

labels = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1)
numbers = st.lists(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), min_size=2)


def share(part, whole):
    return part / whole if whole else 0.0


def by_hand(pairs):
    """Return what the metrics of labels are, from their definitions."""
    met = sorted({label for pair in pairs for label in pair})
    right = [sum(p == t == label for p, t in pairs) for label in met]
    said = [sum(p == label for p, _ in pairs) for label in met]
    true = [sum(t == label for _, t in pairs) for label in met]
    precisions, recalls = list(map(share, right, said)), list(map(share, right, true))
    harmonic = [share(2 * p * r, p + r) for p, r in zip(precisions, recalls, strict=True)]
    return {
        "accuracy": sum(right) / len(pairs),
        "balanced_accuracy": np.mean([r for r, n in zip(recalls, true, strict=True) if n]),
        "precision": np.mean(precisions),
        "recall": np.mean(recalls),
        "f1": np.mean(harmonic),
    }


@given(labels)
def test_metrics_of_labels_are_what_they_are_by_hand(pairs):
    predictions, targets = zip(*pairs, strict=True)
    for name, expected in by_hand(pairs).items():
        found = CLASS_METRICS[name](predictions, targets)
        assert type(found) is float
        assert found == pytest.approx(expected, rel=1e-12)
        assert CLASS_METRICS[name](np.array(predictions), np.array(targets)) == found


def test_the_by_hand_tells_precision_from_recall():
    pairs = [(1, 1), (1, 0), (0, 0), (0, 0)]
    expected = by_hand(pairs)
    predictions, targets = zip(*pairs, strict=True)
    assert precision(targets, predictions) != pytest.approx(expected["precision"])
    assert recall(targets, predictions) != pytest.approx(expected["recall"])


@given(labels)
def test_metrics_of_labels_are_scikit_learns(pairs):
    predictions, targets = zip(*pairs, strict=True)
    assert accuracy(predictions, targets) == sklearns.accuracy_score(targets, predictions)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = sklearns.balanced_accuracy_score(targets, predictions)
    assert balanced_accuracy(predictions, targets) == pytest.approx(expected, rel=1e-12)


@given(labels)
def test_confusion_counts(pairs):
    predictions, targets = zip(*pairs, strict=True)
    counts = confusion_counts(predictions, targets, 4)
    assert counts == [[pairs.count((p, t)) for p in range(4)] for t in range(4)]
    assert {type(n) for row in counts for n in row} == {int}


@given(numbers)
def test_metrics_of_numbers_are_what_they_are_by_hand(pairs):
    predictions, targets = zip(*pairs, strict=True)
    errors = [p - t for p, t in pairs]
    squares, mean = math.fsum(e * e for e in errors), math.fsum(targets) / len(targets)
    spread = math.fsum((t - mean) ** 2 for t in targets)
    assert rmse(predictions, targets) == pytest.approx(math.sqrt(squares / len(pairs)), rel=1e-12)
    assert mean_absolute_error(predictions, targets) == pytest.approx(
        math.fsum(map(abs, errors)) / len(pairs), rel=1e-12
    )
    if spread > 1e-3:
        assert r2(predictions, targets) == pytest.approx(1 - squares / spread, rel=1e-9, abs=1e-9)


def test_values_are_numbers_too():
    predictions = [Value(3.0), Value(4.0)]
    assert rmse(predictions, [0.0, 0.0]) == math.sqrt(12.5)
    assert {type(metric(predictions, [1.0, 2.0])) for metric in NUMBER_METRICS.values()} == {float}


def test_the_tables():
    assert METRICS == CLASS_METRICS | NUMBER_METRICS
    assert METRICS["f1"] is f1
    perfect = [0, 1, 2]
    assert {name: metric(perfect, perfect) for name, metric in METRICS.items()} == {
        **dict.fromkeys(CLASS_METRICS, 1.0),
        "r2": 1.0,
        "rmse": 0.0,
        "mean_absolute_error": 0.0,
    }


@pytest.mark.parametrize(
    ("is_classification", "own", "others", "message"),
    [
        (False, NUMBER_METRICS, CLASS_METRICS, "is one of classes; for numbers there are r2, rmse, mean_abs"),
        (True, CLASS_METRICS, NUMBER_METRICS, "is one of numbers; for classes there are accuracy, balanced_"),
    ],
)
def test_a_metric_of_the_other_kind_is_refused(is_classification, own, others, message):
    assert {name: metric_for(name, is_classification) for name in own} == own
    for name in others:
        with pytest.raises(ValueError, match=f"^the metric '{name}' {message}"):
            metric_for(name, is_classification)
    with pytest.raises(ValueError, match="no metric is called 'recal'; did you mean 'recall'"):
        metric_for("recal", is_classification)


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_predicted_is_numpys_argmax(logits):
    assert predicted(logits) == int(np.argmax(logits))
    assert predicted([Value(x) for x in logits]) == int(np.argmax(logits))


@pytest.mark.parametrize("name", METRICS)
def test_lists_that_do_not_match_are_told(name):
    with pytest.raises(
        ValueError, match=f"^{name} takes one target a prediction, got 1 predictions and 2 targets"
    ):
        METRICS[name]([1], [1, 2])
    with pytest.raises(
        ValueError, match=f"^{name} is a mean over at least one prediction, got an empty list"
    ):
        METRICS[name]([], [])


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: predicted([]), ValueError, "got an empty list"),
        (lambda: predicted([1.0, math.nan]), ValueError, "logit 1 of 2 is nan"),
        (lambda: predicted(Value(1.0)), TypeError, "logits: a list is needed, got Value"),
        (lambda: f1([0.5], [1]), TypeError, "f1 takes whole numbers as labels: 'float' object"),
        (
            lambda: balanced_accuracy([0], ["cat"]),
            TypeError,
            "balanced_accuracy takes whole numbers as labels",
        ),
        (
            lambda: confusion_counts([0], [2], 2),
            ValueError,
            r"label 2 is outside 0 \.\.\. 1: there are 2 classes",
        ),
        (lambda: confusion_counts([0], [0], 0), ValueError, "classes is at least 1, got 0"),
        (lambda: confusion_counts([], [], 2), ValueError, "at least one prediction"),
        (
            lambda: rmse([1.0, math.nan], [1.0, 1.0]),
            ValueError,
            "rmse takes finite numbers, prediction 1 is nan",
        ),
        (lambda: r2([1.0, 2.0], [math.inf, 1.0]), ValueError, "r2 takes finite numbers, target 0 is inf"),
        (lambda: r2([1.0, 2.0], [3.0, 3.0]), ValueError, "variance of the targets, but all of them are 3.0"),
        (lambda: rmse([(1.0,)], [1.0]), TypeError, "rmse takes numbers"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
