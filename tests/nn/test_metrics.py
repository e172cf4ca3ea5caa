"""Metrics: scikit-learn's accuracy, numpy's argmax, every refusal."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.metrics import accuracy_score

from engine import Value
from nn import accuracy, predicted


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1))
def test_accuracy_is_scikit_learns(pairs):
    predictions, targets = zip(*pairs, strict=True)
    assert accuracy(predictions, targets) == accuracy_score(targets, predictions)
    assert accuracy(np.array(predictions), np.array(targets)) == accuracy(predictions, targets)


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_predicted_is_numpys_argmax(logits):
    assert predicted(logits) == int(np.argmax(logits))
    assert predicted([Value(x) for x in logits]) == int(np.argmax(logits))


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: accuracy([], []), ValueError, "at least one prediction"),
        (lambda: accuracy([1], [1, 2]), ValueError, "got 1 predictions and 2 targets"),
        (lambda: predicted([]), ValueError, "got an empty list"),
        (lambda: predicted([1.0, math.nan]), ValueError, "logit 1 of 2 is nan"),
        (lambda: predicted(Value(1.0)), TypeError, "takes a list of logits, got Value"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
