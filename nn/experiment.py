"""An experiment on points: data, a model that answers a point, training, how good it is on new points."""

from collections.abc import Sequence
from typing import Any

from nn.answers import answers, outputs
from nn.data import Dataset, Split
from nn.metrics import METRICS, Metric
from nn.mlp import MLP
from nn.nearest import pick
from nn.neuron import function_name
from nn.point_models import KINDS
from nn.settings import PARTED, Settings
from nn.study import Study, schooling

POINTS_TO_MEET = 40_000
"""So many points are met in a training whose number of epochs is left out, within FEWEST and MOST epochs."""
FEWEST, MOST = 12, 600
FEWEST_TO_SPLIT = 10
"""Fewer points than that are all trained on, and tested on."""
SINGLE_OUTPUT = ("binary_cross_entropy", "hinge")


class Experiment(Study):
    """A Dataset in parts, a model that answers its points, and the training, all from the same settings.

    Errors: ValueError naming the setting that is wrong, and all that `fit` and `Dataset.split` refuse.

    >>> from nn import iris
    >>> Experiment(iris(), Settings(hidden=(8,))).model.describe()
    'MLP(4, [8, 3])'
    """

    data: Dataset

    def __init__(self, data: Dataset, settings: Settings, **training: Any) -> None:
        name = settings.model or "mlp"
        kind = pick("model of points", name, KINDS)
        settings.refuse(kind.lacks, name)
        self.data, self.settings = data, settings.completed(kind.defaults)
        self.task = "classification" if data.is_classification else "regression"
        self.split = self._split()
        count = len(data.names)
        single = not data.is_classification or (
            name == "mlp" and count == 2 and settings.loss in (None, *SINGLE_OUTPUT)
        )
        self.model = kind.make(data, 1 if single else count, self.settings, self.rng)
        fitting = min(max(round(POINTS_TO_MEET / len(self.split.train)), FEWEST), MOST)
        epochs = fitting if self.settings.epochs is None else self.settings.whole("epochs")
        self._train(
            self.split.train,
            self.split.validation,
            epochs,
            loss=settings.loss,
            metric=self._metric(),
            **training,
        )

    def _split(self) -> Split:
        settings, data = self.settings, self.data
        if not data.is_classification and not varied(data):
            raise ValueError(
                f"the target {data.target!r} is {data.targets[0]} at all {len(data)} points: nothing to learn"
            )
        if len(data) < FEWEST_TO_SPLIT:
            split = Split(data, data)
        else:
            split = data.split(**settings.options(PARTED))
        return split.standardised(target=not data.is_classification) if settings.standardise else split

    def _metric(self) -> str | Metric:
        """Return what each epoch tells: of numbers r2, or rmse in their unit where a part has only one."""
        if self.data.is_classification:
            return "accuracy"
        parts = [part for part in (self.split.train, self.split.validation) if part is not None]
        if all(map(varied, parts)):
            return "r2"

        def rmse(predictions: Sequence[float], targets: Sequence[float]) -> float:
            return METRICS["rmse"](self.in_units(predictions), self.in_units(targets))

        return rmse

    def predictions(self, part: Dataset) -> list[Any]:
        """Return the labels, or the numbers in the data's own unit, that the model predicts for a part."""
        if part.is_classification:
            return list(answers(self.model, part.points))
        return self.in_units(outputs(self.model, part.points))

    def in_units(self, numbers: Sequence[float]) -> list[float]:
        """Return numbers to predict in the data's own unit."""
        scaler = self.split.target_scaler
        return list(numbers) if scaler is None else [scaler.undo([x])[0] for x in numbers]

    def told(self) -> str:
        """Return what is trained on what."""
        split, told = self.split, []
        if split.test is split.train:
            told.append(f"{self.data.name}: too few points to split, all are trained on and tested on")
        sizes = f"{len(split.train)} points to train on"
        sizes += f", {len(split.validation)} to validate" if split.validation else ""
        told.append(
            f"{self.data.name}: {sizes}, {len(split.test)} to test\n"
            f"{schooling(self)} on {self.training.objective.name}"
        )
        if split.scaler is not None and split.scaler.constant:
            told.append(f"constant columns, set to 0: {', '.join(split.scaler.constant)}")
        return "\n".join(told)

    def figures(self) -> dict[str, Any]:
        """Return what the experiment came to, ready for JSON: loss and metrics of each part, sizes, times."""
        figures = super().figures()
        if isinstance(self.model, MLP):
            figures["activation"] = function_name(self.model.layers[0].ending)
        return figures

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return loss and metrics of the parts to train, to validate and to test on."""
        parts = {"train": self.split.train, "validation": self.split.validation, "test": self.split.test}
        return {name: self._figures(part) for name, part in parts.items() if part is not None}

    def _figures(self, part: Dataset) -> dict[str, Any]:
        loss, _ = self.training.evaluate(part)
        names = ["accuracy", "f1"]
        if not part.is_classification:
            names = [*(["r2"] if varied(part) else []), "rmse", "mean_absolute_error"]
        truth = list(part.targets) if part.is_classification else self.in_units(part.targets)
        predicted = self.predictions(part)
        return {"points": len(part), "loss": loss} | {name: METRICS[name](predicted, truth) for name in names}


def varied(data: Dataset) -> bool:
    """Say whether there are two different targets, without which r2 is not defined.

    >>> varied(Dataset([[1.0], [2.0]], [5.0, 5.0]))
    False
    """
    return len(set(data.targets)) > 1
