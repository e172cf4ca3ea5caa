"""Losses: how far an answer is from what it should be, as one number to make small.

A loss takes what a model answers to one sample and that sample's target. Both may be floats, Values or
Duals; what a target may be is checked where it is a plain number.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from engine import Value, dot, log, logsumexp, minimum, power, relu, select, softplus, where
from engine.carrier import Carrier, as_number
from engine.ops import abs as magnitude, sum as total
from nn.checked import from_zero, positive, shown, values
from nn.data.cells import listed, plain
from nn.inputs import whole

Number: TypeAlias = float | Value
Numbers: TypeAlias = Number | Iterable[Number]
"""A number, or a list of them."""


def mse(predictions: Numbers, targets: Numbers) -> Any:
    """Return the mean of (prediction - target)² over two lists of one length, or two bare numbers.

    Errors: ValueError for lists of different lengths or empty ones, TypeError for anything but numbers.

    >>> mse([1.0, 2.0], [1.0, 4.0])
    2.0
    """
    pairs = _paired("mse", "predictions", predictions, targets)
    return _mean([power(prediction - target, 2) for prediction, target in pairs])


def mae(predictions: Numbers, targets: Numbers) -> Any:
    """Return the mean of |prediction - target|, whose slope is 0 where they are equal.

    Errors: as `mse`.

    >>> mae([1.0, 2.0], [1.0, 4.0])
    1.0
    """
    pairs = _paired("mae", "predictions", predictions, targets)
    return _mean([magnitude(prediction - target) for prediction, target in pairs])


def huber(predictions: Numbers, targets: Numbers, delta: float = 1.0) -> Any:
    """Return the mean of r²/2 where r = |prediction - target| ≤ delta, and of delta (r - delta/2) beyond.

    Huber (1964); written as m (r - m/2) with m = min(r, delta).

    Errors: as `mse`, and ValueError for a delta that is not positive and finite.

    >>> huber([1.0, 2.0], [2.0, 5.0])
    1.5
    """
    delta = positive("huber's delta", delta)
    parts = []
    for prediction, target in _paired("huber", "predictions", predictions, targets):
        distance = magnitude(prediction - target)
        near = minimum(distance, delta)
        parts.append(near * (distance - near / 2))
    return _mean(parts)


def binary_cross_entropy(logits: Numbers, targets: Numbers) -> Any:
    """Return the mean of -t log(s) - (1 - t) log(1 - s), in nats, where s = sigmoid(logit) and 0 ≤ t ≤ 1.

    -log(s) is softplus(-logit) and -log(1 - s) is softplus(logit), which neither overflow nor cancel.

    Errors: as `mse`, and ValueError for a target outside of 0 ... 1.

    >>> round(binary_cross_entropy([2.0, -1.0], [1, 0]), 4)
    0.2201
    """
    pairs = _paired("binary_cross_entropy", "logits", logits, targets)
    for i, (_, target) in enumerate(pairs):
        if not isinstance(target, Carrier) and not 0 <= target <= 1:
            raise ValueError(
                f"binary_cross_entropy takes targets from 0 to 1, got {target!r} at position {i}"
            )
    return _mean([target * softplus(-logit) + (1 - target) * softplus(logit) for logit, target in pairs])


def cross_entropy(logits: Iterable[Number], label: int) -> Any:
    """Return -log of the share that softmax(logits) gives to the label, in nats: logsumexp(z) - z[label].

    `logits` are the k scores of one point before any softmax, `label` is one of 0 ... k-1.

    Errors: ValueError for a label outside of that range or no logits; TypeError for logits that are no list
    of numbers, and for a label that is no whole number, such as True.

    >>> round(cross_entropy([2.0, 1.0, 0.0], 0), 4)
    0.4076
    """
    scores, index = _labelled("cross_entropy", "logits", logits, label)
    return logsumexp(scores) - select(scores, index)


def sequence_cross_entropy(
    logits: Sequence[Iterable[Number]], targets: Sequence[int], weights: Sequence[Number] | None = None
) -> Any:
    """Return Σ weights[t] · cross_entropy(logits[t], targets[t]) over the times of a sequence, in nats.

    Without `weights` it is their mean. Where a sequence was filled up to a length, the weights there are 0.

    `logits` are [time][class], `targets` [time] labels.

    Errors: ValueError for another number of targets or weights than of logits, TypeError for what is no list;
    as `cross_entropy`.

    >>> round(sequence_cross_entropy([[0.0, 0.0], [5.0, 0.0]], [0, 1], [1.0, 0.0]), 4)
    0.6931
    """
    logits, targets = listed("logits", logits), listed("targets", targets)
    weights = weights if weights is None else listed("weights", weights)
    if weights is None:
        weights = [1 / max(1, len(logits))] * len(logits)
    for name, given in (("target", targets), ("weight", weights)):
        if len(given) != len(logits):
            raise ValueError(
                f"each time of a sequence has a {name}, got {len(logits)} times, {len(given)} {name}s"
            )
    return dot(weights, [cross_entropy(z, t) for z, t in zip(logits, targets, strict=True)])


def hinge(scores: Numbers, targets: Numbers) -> Any:
    """Return the mean of relu(1 - target * score), the targets being -1 or 1: Cortes & Vapnik (1995).

    Errors: as `mse`, and ValueError for another target.

    >>> hinge([2.0, 0.5], [1, -1])
    0.75
    """
    pairs = _paired("hinge", "scores", scores, targets)
    for i, (_, target) in enumerate(pairs):
        if not isinstance(target, Carrier) and target not in (-1, 1):
            raise ValueError(f"hinge takes targets -1 or 1, got {target!r} at position {i}")
    return _mean([relu(1 - target * score) for score, target in pairs])


def multiclass_hinge(scores: Iterable[Number], label: int) -> Any:
    """Return Σ relu(1 + zⱼ - z[label]) / k over j ≠ label: how far others come within 1 of the label's score.

    Weston & Watkins (1999), as PyTorch's multi_margin_loss. The sum runs over all k scores, so that it is
    the same graph for every label; the label's own part is exactly 1 and is taken off.

    Errors: as `cross_entropy`.

    >>> multiclass_hinge([2.0, 1.5, 0.0, 3.0], 0)
    0.625
    """
    scores, index = _labelled("multiclass_hinge", "scores", scores, label)
    own = select(scores, index)
    return total([-1.0, *(relu(1 + (score - own)) for score in scores)]) / len(scores)


def kl_divergence(logits: Iterable[Number], probabilities: Iterable[Number]) -> Any:
    """Return Σ p (log p - log q) with q = softmax(logits), in nats: 0 where they agree; 0 log 0 is 0.

    Kullback & Leibler (1951).

    Errors: as `mse`, and ValueError for a probability below 0 or probabilities that do not sum to 1, or
    another number of them than of logits.

    >>> round(kl_divergence([0.0, 0.0], [0.75, 0.25]), 4)
    0.1308
    """
    scores = _listed("kl_divergence", "logits", logits)
    shares = _listed("kl_divergence", "probabilities", probabilities)
    if len(scores) != len(shares):
        raise ValueError(
            "kl_divergence takes one probability a logit, "
            f"got {len(scores)} logits, {len(shares)} probabilities"
        )
    for i, share in enumerate(shares):
        if not isinstance(share, Carrier) and not share >= 0:
            raise ValueError(
                f"kl_divergence takes probabilities of at least 0, got {share!r} at position {i}"
            )
    if not any(isinstance(share, Carrier) for share in shares):
        whole = math.fsum(shares)
        if not math.isclose(whole, 1.0, rel_tol=1e-9):
            raise ValueError(f"kl_divergence takes probabilities that sum to 1, got a sum of {whole!r}")
    norm = logsumexp(scores)
    return total(
        [
            share * (log(where(share, share, 1)) - (score - norm))
            for score, share in zip(scores, shares, strict=True)
        ]
    )


LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "mse": mse,
    "mae": mae,
    "huber": huber,
    "binary_cross_entropy": binary_cross_entropy,
    "cross_entropy": cross_entropy,
    "hinge": hinge,
    "multiclass_hinge": multiclass_hinge,
    "kl_divergence": kl_divergence,
}


def penalty(parameters: Iterable[Value], *, l1: float = 0.0, l2: float = 0.0) -> Any:
    """Return l1 Σ|w| + l2/2 Σw² over the parameters: added to a loss, it holds them near 0.

    Its gradient is what an optimizer's `l1` and `l2` add, seen in the graph; see `nn.rules.decayed`.

    Errors: TypeError for anything but Values, ValueError for an `l1` or `l2` below 0 or not finite.

    >>> penalty([Value(3.0), Value(-4.0)], l1=0.5, l2=0.25).data
    6.625
    """
    l1, l2, weights = from_zero("l1", l1), from_zero("l2", l2), values("penalty", parameters)
    lasso = l1 * total([magnitude(w) for w in weights]) if l1 else 0.0
    ridge = l2 / 2 * dot(weights, weights) if l2 else 0.0
    return lasso + ridge


def _mean(parts: list[Any]) -> Any:
    return parts[0] if len(parts) == 1 else total(parts) / len(parts)


def _paired(loss: str, name: str, ours: Any, theirs: Any) -> list[tuple[Any, Any]]:
    """Return (answer, target) for each of two lists, or for two bare numbers."""
    ours, theirs = plain(ours), plain(theirs)
    if not isinstance(ours, Iterable) and not isinstance(theirs, Iterable):
        return [(as_number(ours, loss), as_number(theirs, loss))]
    left, right = _listed(loss, name, ours), _listed(loss, "targets", theirs)
    if len(left) != len(right):
        raise ValueError(
            f"{loss} takes one target a prediction, got {len(left)} {name}, {len(right)} targets"
        )
    if not left:
        raise ValueError(f"{loss} is a mean over at least one sample, got an empty list of {name}")
    return list(zip(left, right, strict=True))


def _listed(loss: str, name: str, given: Any) -> list[Any]:
    """Return a list of numbers, Values or Duals, as the ops take them."""
    given = plain(given)
    if not isinstance(given, Iterable) or isinstance(given, (str, bytes)):
        raise TypeError(f"{loss} takes a list of {name}, got {shown(given)}")
    numbers = list(given)
    return numbers if {*map(type, numbers)} <= {Value, float, int} else [as_number(x, loss) for x in numbers]


def _labelled(loss: str, name: str, given: Any, label: Any) -> tuple[list[Any], Any]:
    """Return the scores, and the label as an index among them; a recorded one is for `select` to check."""
    scores = _listed(loss, name, given)
    if not scores:
        raise ValueError(f"{loss} takes one {name.removesuffix('s')} a class, got an empty list")
    if isinstance(label, Carrier):
        return scores, label
    index = whole(f"the label of {loss}", label)
    if not 0 <= index < len(scores):
        raise ValueError(f"label {index} is outside 0 ... {len(scores) - 1}: there are {len(scores)} {name}")
    return scores, index
