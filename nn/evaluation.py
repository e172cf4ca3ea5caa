"""How good a model is on data: its mean loss and its metric."""

import math
from collections.abc import Sequence
from statistics import fmean
from typing import Any

from engine import paused_gc
from engine.optional import load
from nn.answers import MODEL, Model, answered, label, threshold_of
from nn.checked import DATASET, function, of_kind, real
from nn.data import Dataset, Samples
from nn.metrics import Metric, metric_for
from nn.neuron import function_name
from nn.objective import Objective


class Scoring:
    """A metric by name, and how a model's answers become the predictions that it takes.

    `metric` is a name of METRICS or a function of (predictions, targets); None is the accuracy for classes,
    and no metric for numbers.

    Errors: ValueError for an unknown name, or a metric of the other task; TypeError for what is neither a
    name nor a function.

    >>> from nn import MLP, xor_gate
    >>> Scoring(MLP(2, [1]), xor_gate(), None).measure([0.5, -0.5], [1, 1])
    0.5
    """

    def __init__(self, model: Model, data: Dataset | Samples, metric: str | Metric | None) -> None:
        labels = isinstance(data, Dataset) and data.is_classification
        if metric is not None and isinstance(data, Samples):
            raise ValueError(f"with Samples the loss alone tells how good a model is: leave out {metric=}")
        if metric is None and labels:
            metric = "accuracy"
        self._metric: Metric | None
        if metric is None or callable(metric):
            self.name, self._metric = "" if metric is None else function_name(metric), metric
        else:
            self.name, self._metric = metric, metric_for(metric, labels)
        self.is_own = callable(metric)
        """Whether it is a function of the user's."""
        self._threshold = threshold_of(model)
        self._labels = labels

    def check(self, part: str, data: Dataset | Samples) -> None:
        """Refuse a metric that these targets do not have, as R² of a single one, whatever is predicted.

        Errors: ValueError naming the part of the data.
        """
        if self._metric is not None and not self.is_own:
            try:
                self._metric(data.targets, data.targets)
            except ValueError as error:
                raise ValueError(f"the {part} data have no {self.name}: {error}") from None

    def measure(self, outputs: Sequence[Any], targets: Sequence[Any]) -> float | None:
        """Return the metric of a model's outputs, None where there is no metric.

        Errors: TypeError for a metric of one's own that returns no number.
        """
        if self._metric is None:
            return None
        numbers = load("numpy").asarray(outputs)
        given = self._predictions(numbers) if self._labels else numbers.tolist()
        return real(f"what the metric {self.name} returns", self._metric(given, targets))

    def _predictions(self, numbers: Any) -> list[int]:
        """Return the label of each output, all at once where no nan needs to be told of."""
        if not math.isfinite(numbers.sum()):
            return [label(output, self._threshold) for output in numbers.tolist()]
        found = numbers > self._threshold if numbers.ndim == 1 else numbers.argmax(axis=1)
        return list(map(int, found.tolist()))


def evaluate(
    model: Model, data: Dataset | Samples, goal: Objective, scoring: Scoring
) -> tuple[float, float | None]:
    """Return the mean loss of a model on data, and its metric, None where there is none.

    `goal` is the loss as `nn.objective.objective` makes it, `scoring` the metric. After a training,
    `Training.evaluate` has both.

    Errors: TypeError for what is no Dataset; those of the model and the loss for what they do not take.

    >>> from nn import MLP, xor_gate
    >>> from nn.objective import objective
    >>> model, data = MLP(2, [1], init="zeros"), xor_gate()
    >>> evaluate(model, data, objective(model, data), Scoring(model, data, None))
    (0.6931471805599453, 0.5)
    """
    function("model", model, MODEL)
    of_kind("data", data, (Dataset, Samples), DATASET)
    losses: list[float] = []
    outputs: list[Any] = []
    with paused_gc():
        for point, target in zip(data.points, data.targets, strict=True):
            answer = model(point)
            losses.append(float(goal.loss(answer, goal.encode(target))))
            outputs.append(answered(answer))
    return fmean(losses), scoring.measure(outputs, data.targets)
