"""Training: the one loop, a generator of epochs."""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from tqdm import tqdm

from engine import paused_gc
from nn.data import Point, Split
from nn.losses import cross_entropy
from nn.metrics import accuracy, predicted
from nn.module import Module
from nn.neuron import size
from nn.optim import SGD

Model: TypeAlias = Callable[[Point], Any]


class Epoch(NamedTuple):
    """What an epoch came to: its number from 1, the mean training loss of its samples as they were met.

    `samples` is how many it met (all, unless it was stopped), `test_accuracy` is from 0 to 1, `seconds`
    are those of its training and testing.
    """

    number: int
    loss: float
    test_accuracy: float
    samples: int
    seconds: float


def fit(
    model: Module,
    split: Split,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    seed: int = 0,
    loss: Callable[[Any, int], Any] = cross_entropy,
    progress: bool | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Epoch]:
    """Train a model by gradient descent on the mean loss of batches; yield an Epoch after each pass.

    `loss` takes what the model answers to a point, and the point's label. Each epoch meets the training
    points in a new order, drawn by `random.Random(seed)`: the same seed gives the same bits. `progress`
    draws a bar on stderr; left out, where that is a terminal. `stop` is asked before every batch; once it
    is true, the epoch that has begun is yielded as far as it came, and is the last.

    Errors, at the call: ValueError for sizes below 1, a learning rate that is not positive and finite, or
    no points. While it runs: FloatingPointError where loss, gradient or parameter is not finite, which
    leaves the parameters as they were before that batch.

    >>> from nn import MLP, Split
    >>> split = Split([[0.0], [1.0]], [0, 1], [[0.2]], [0], names=("low", "high"))
    >>> model = MLP(1, [4, 2], rng=random.Random(1))
    >>> [epoch.number for epoch in fit(model, split, epochs=3, batch_size=1, learning_rate=0.1)]
    [1, 2, 3]
    """
    size("epochs", epochs)
    size("batch_size", batch_size)
    if not callable(model):
        raise TypeError(f"fit takes a model that can be called on a point, got {model!r}")
    for part, points in (("train", split.train_points), ("test", split.test_points)):
        if not points:
            raise ValueError(f"fit needs at least one point to {part} on, got none")
    optimizer = SGD(model.parameters(), learning_rate)
    return _epochs(model, split, optimizer, loss, epochs, batch_size, random.Random(seed), progress, stop)


def _epochs(
    model: Model,
    split: Split,
    optimizer: SGD,
    loss: Callable[[Any, int], Any],
    epochs: int,
    batch_size: int,
    rng: random.Random,
    progress: bool | None,
    stop: Callable[[], bool],
) -> Iterator[Epoch]:
    places = list(range(len(split.train_points)))
    for number in range(1, epochs + 1):
        start = time.perf_counter()
        rng.shuffle(places)
        batches = [places[i : i + batch_size] for i in range(0, len(places), batch_size)]
        met: list[float] = []
        stopped = False
        with tqdm(
            total=len(places),
            desc=f"epoch {number}/{epochs}",
            unit=" points",
            leave=False,
            disable=None if progress is None else not progress,
        ) as bar:
            for batch in batches:
                stopped = stop()
                if stopped:
                    break
                points = [split.train_points[i] for i in batch]
                labels = [split.train_labels[i] for i in batch]
                met += learn(model, points, labels, optimizer, loss)
                bar.set_postfix(loss=f"{_mean(met):.4f}", refresh=False)
                bar.update(len(batch))
        if met:
            right = accuracy(answers(model, split.test_points), split.test_labels)
            yield Epoch(number, _mean(met), right, len(met), time.perf_counter() - start)
        if stopped:
            return


def learn(
    model: Model,
    points: Sequence[Point],
    labels: Sequence[int],
    optimizer: SGD,
    loss: Callable[[Any, int], Any] = cross_entropy,
) -> list[float]:
    """Move the optimizer's parameters once, by the gradient of the mean loss; return each point's loss.

    Each point is recorded and swept by itself, so memory does not grow with the batch.

    Errors: FloatingPointError where a loss, gradient or parameter is not finite, ValueError for no points;
    no parameter has moved then.

    >>> from nn import MLP
    >>> model = MLP(1, [2], rng=random.Random(0))
    >>> learn(model, [(0.0,)], [1], SGD(model.parameters()))
    [0.6931471805599453]
    """
    if not points:
        raise ValueError("a batch has at least one point, got none")
    share = 1 / len(points)
    losses: list[float] = []
    optimizer.zero_grad()
    with paused_gc():
        for point, label in zip(points, labels, strict=True):
            distance = loss(model(point), label)
            if not math.isfinite(distance.data):
                raise FloatingPointError(
                    f"the loss of a point with label {label} is {distance.data}; the parameters are those "
                    f"before this batch, a smaller learning rate than {optimizer.learning_rate} may help"
                )
            (distance * share).backward()
            losses.append(distance.data)
    optimizer.step()
    return losses


def answers(model: Model, points: Sequence[Point]) -> list[int]:
    """Return the label that a model gives to each point: the largest of its logits.

    >>> from nn import MLP
    >>> answers(MLP(1, [2], rng=random.Random(0)), [(0.0,)])
    [0]
    """
    with paused_gc():
        return [predicted(model(point)) for point in points]


def _mean(numbers: Sequence[float]) -> float:
    return math.fsum(numbers) / len(numbers)
