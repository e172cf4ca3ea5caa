"""Losses: how far predictions are from what they should be, as one number to make small."""

import operator
from collections.abc import Iterable
from typing import Any, TypeAlias

from engine import Value, logsumexp, power, relu
from engine.ops import sum as total

Number: TypeAlias = float | Value


def mse(predictions: Iterable[Number], targets: Iterable[Number]) -> Any:
    """Return the mean of (prediction - target)² over two lists of one length.

    Errors: ValueError for lists of different lengths or empty ones, TypeError for what is no list.

    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    pairs = _paired("mse", "predictions", predictions, targets)
    return total([power(prediction - target, 2) for prediction, target in pairs]) / len(pairs)


def cross_entropy(logits: Iterable[Number], label: int) -> Any:
    """Return -log of the share that softmax(logits) gives to the label, in nats: logsumexp(z) - z[label].

    `logits` are the k scores of one sample before any softmax, `label` is one of 0 ... k-1.

    Errors: ValueError for a label outside of that range or no logits, TypeError for a label that is not a
    whole number.

    >>> round(cross_entropy([2.0, 1.0, 0.0], 0), 4)
    0.4076
    """
    scores = _listed("cross_entropy", "logits", logits)
    if not scores:
        raise ValueError("cross_entropy takes one logit a class, got an empty list")
    try:
        index = operator.index(label)
    except TypeError:
        raise TypeError(f"cross_entropy takes a whole number as its label, got {label!r}") from None
    if not 0 <= index < len(scores):
        raise ValueError(f"label {index} is outside 0 ... {len(scores) - 1}: there are {len(scores)} logits")
    return logsumexp(scores) - scores[index]


def hinge(scores: Iterable[Number], targets: Iterable[float]) -> Any:
    """Return the mean of relu(1 - target * score), the targets being -1 or 1.

    Errors: ValueError for another target, for lists of different lengths or empty ones; TypeError for what
    is no list.

    >>> hinge([2.0, 0.5], [1, -1])
    0.75
    """
    pairs = _paired("hinge", "scores", scores, targets)
    for i, (_, target) in enumerate(pairs):
        if target not in (-1, 1):
            raise ValueError(f"hinge takes targets -1 or 1, got {target!r} at position {i}")
    return total([relu(1 - target * score) for score, target in pairs]) / len(pairs)


def _paired(loss: str, name: str, ours: Iterable[Any], theirs: Iterable[Any]) -> list[tuple[Any, Any]]:
    left, right = _listed(loss, name, ours), _listed(loss, "targets", theirs)
    if len(left) != len(right):
        raise ValueError(
            f"{loss} takes one target a prediction, got {len(left)} {name}, {len(right)} targets"
        )
    if not left:
        raise ValueError(f"{loss} is a mean over at least one sample, got an empty list of {name}")
    return list(zip(left, right, strict=True))


def _listed(loss: str, name: str, given: Iterable[Any]) -> list[Any]:
    if not isinstance(given, Iterable) or isinstance(given, (str, bytes)):
        raise TypeError(f"{loss} takes a list of {name}, got {given!r}")
    return list(given)
