"""One update of a model's parameters by the gradient of a batch's mean loss."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine import Value, births, paused_gc, watch
from engine.see.births import Births
from nn.answers import MODEL, Model, answered
from nn.checked import function, of_kind
from nn.clip import clip_norm, gradient_norm
from nn.data import Point
from nn.data.cells import listed
from nn.losses import cross_entropy
from nn.optim import Optimizer


class Batch(NamedTuple):
    """What an update came to: each point's loss and the model's answer to it, before the update.

    `norm` is the Euclidean norm of the gradient of the mean loss, before it was clipped.
    """

    losses: list[float]
    outputs: list[Any]
    norm: float


def learn(
    model: Model,
    points: Sequence[Point],
    targets: Sequence[Any],
    optimizer: Optimizer,
    loss: Callable[[Any, Any], Any] = cross_entropy,
    *,
    noises: Sequence[Any] | None = None,
    clip: float | None = None,
) -> Batch:
    """Move the optimizer's parameters once, by the gradient of the mean loss of the points.

    `noises` has what `model.noise` gave for each point; `clip` is the largest norm that the gradient keeps.

    `loss` is a function of (answer, target), such as those of LOSSES.

    Errors: FloatingPointError where a loss, gradient or parameter is not finite, with the place where the
    nan or inf was born; ValueError for no points, or another number of targets or noises than of points;
    TypeError for what is no Optimizer, model, loss or list. No parameter has moved then.

    >>> import random
    >>> from nn import MLP, SGD
    >>> model = MLP(1, [2], rng=random.Random(0))
    >>> learn(model, [(0.0,)], [1], SGD(model.parameters())).losses
    [0.6931471805599453]
    """
    of_kind("optimizer", optimizer, Optimizer, "an Optimizer, such as SGD(model.parameters())")
    function("model", model, MODEL)
    function("loss", loss, "a function of (answer, target)")
    points, targets = listed("points", points), listed("targets", targets)
    noises = None if noises is None else listed("noises", noises)
    parameters = optimizer.parameters
    try:
        losses, outputs = sweep_batch(model, points, targets, optimizer, loss, noises=noises)
        norm = gradient_norm(parameters) if clip is None else clip_norm(parameters, clip)
        optimizer.step()
    except FloatingPointError as error:
        raise FloatingPointError(f"{error}{_births(model, points, targets, loss, noises)}") from None
    return Batch(losses, outputs, norm)


def sweep_batch(
    model: Model,
    points: Sequence[Point],
    targets: Sequence[Any],
    optimizer: Optimizer,
    loss: Callable[[Any, Any], Any] = cross_entropy,
    *,
    noises: Sequence[Any] | None = None,
) -> tuple[list[float], list[Any]]:
    """Give the optimizer's parameters the gradient of the mean loss; return each point's loss and answer.

    Each point is recorded and swept by itself, so memory does not grow with the batch.

    Errors: FloatingPointError for a loss that is not finite; ValueError for no points, or another number of
    targets or noises; TypeError for a loss that returns no Value.

    >>> from nn import MLP, SGD
    >>> model = MLP(1, [2], init="zeros")
    >>> sweep_batch(model, [(0.0,)], [1], SGD(model.parameters()))
    ([0.6931471805599453], [(0.0, 0.0)])
    """
    if not len(points):
        raise ValueError("a batch has at least one point, got none")
    for name, given in (("target", targets), ("noise", points if noises is None else noises)):
        if len(given) != len(points):
            raise ValueError(f"each point has a {name}, got {len(points)} points, {len(given)} {name}s")
    share = 1 / len(points)
    losses: list[float] = []
    outputs: list[Any] = []
    optimizer.zero_grad()
    with paused_gc():
        for i, target in enumerate(targets):
            answer = _answered(model, points, noises, i)
            distance = loss(answer, target)
            of_kind("what a loss returns", distance, Value, "a Value")
            if not math.isfinite(distance.data):
                help_ = f"a smaller learning rate than {optimizer.learning_rate} may help"
                if optimizer.updates == 0:
                    help_ = "before any update: standardised columns or smaller first weights may help"
                raise FloatingPointError(
                    f"the loss of a {_called(target)} is {distance.data}; no parameter was changed, {help_}"
                )
            (distance * share).backward()
            losses.append(distance.data)
            outputs.append(answered(answer))
    return losses, outputs


def _answered(model: Model, points: Sequence[Point], noises: Sequence[Any] | None, i: int) -> Any:
    return model(points[i]) if noises is None else model(points[i], noises[i])


def _called(target: Any) -> str:
    return "sample" if target == () else f"point with target {target}"


def _births(
    model: Model,
    points: Sequence[Point],
    targets: Sequence[Any],
    loss: Callable[[Any, Any], Any],
    noises: Sequence[Any] | None,
) -> str:
    """Return where in a batch the first nan or inf is born, as the end of a message; "" where none is."""
    for i, target in enumerate(targets):
        with watch():
            distance = loss(_answered(model, points, noises, i), target)
        if not isinstance(distance, Value):
            return ""
        found = [birth for birth in births(distance).all if birth.kind != "vanished gradient"]
        if found:
            return f". Born at point {i} of the batch:\n{Births(found[:1])}"
    return ""
