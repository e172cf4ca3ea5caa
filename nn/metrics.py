"""Metrics: how good predictions are, as one reads it; nothing here is differentiated."""

import math
from collections.abc import Iterable, Sequence
from typing import Any


def predicted(logits: Iterable[Any]) -> int:
    """Return the label of the largest logit, the first of equal ones.

    Errors: ValueError for no logits or a nan among them, TypeError for what is no list.

    >>> predicted([0.5, 2.0, -1.0])
    1
    """
    if not isinstance(logits, Iterable):
        raise TypeError(f"predicted takes a list of logits, got {logits!r}")
    scores = [float(logit) for logit in logits]
    if not scores:
        raise ValueError("predicted takes one logit a class, got an empty list")
    for i, score in enumerate(scores):
        if math.isnan(score):
            raise ValueError(f"logit {i} of {len(scores)} is nan, so none is the largest")
    return scores.index(max(scores))


def accuracy(predictions: Sequence[Any], targets: Sequence[Any]) -> float:
    """Return the share of predictions that equal their targets, from 0 to 1.

    Errors: ValueError for lists of different lengths, or empty ones.

    >>> accuracy([1, 2, 3, 3], [1, 2, 3, 0])
    0.75
    """
    if len(predictions) != len(targets):
        raise ValueError(
            f"accuracy takes one target a prediction, got {len(predictions)} predictions "
            f"and {len(targets)} targets"
        )
    if len(predictions) == 0:
        raise ValueError("accuracy is a share of at least one prediction, got an empty list")
    return sum(bool(p == t) for p, t in zip(predictions, targets, strict=True)) / len(predictions)
