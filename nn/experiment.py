"""One experiment from settings to figures: data, model, training, and how good it is on new points."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from nn.answers import answers, outputs
from nn.data import Dataset, Split
from nn.evaluation import evaluate
from nn.inputs import size
from nn.metrics import METRICS, Metric
from nn.mlp import MLP
from nn.nearest import pick
from nn.neuron import function_name
from nn.optim import OPTIMIZERS, Optimizer
from nn.schedules import Schedule, constant, cosine, step_decay, warm_up
from nn.train import fit
from nn.training import Training

POINTS_TO_MEET = 40_000
"""So many points are met in a training whose number of epochs is left out, within FEWEST and MOST epochs."""
FEWEST, MOST = 12, 600
FEWEST_TO_SPLIT = 10
"""Fewer points than that are all trained on, and tested on."""
RATES = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "rmsprop": 0.005, "adam": 0.01, "adamw": 0.01}
"""The first learning rate of each optimizer where none is given."""
SINGLE_OUTPUT = ("binary_cross_entropy", "hinge")
SCHEDULES: dict[str, Callable[[float, int], Schedule]] = {
    "constant": lambda rate, updates: constant(rate),
    "cosine": lambda rate, updates: cosine(rate, over=updates),
    "step": lambda rate, updates: step_decay(rate, every=max(1, updates // 3), factor=0.1),
}
"""Schedules by name, each a function of the first rate and the number of updates."""


@dataclass(frozen=True)
class Settings:
    """What an experiment is made from; what is None is chosen to suit the data.

    Where there is a part to validate on, the model of the epoch of lowest validation loss is kept; `patience`
    ends the training after so many epochs without a lower one.

    >>> Settings(hidden=(8,)).optimizer
    'adam'
    """

    hidden: tuple[int, ...] = (32,)
    activation: str = "tanh"
    init: str = "xavier"
    dropout: float = 0.0
    loss: str | None = None
    optimizer: str = "adam"
    learning_rate: float | None = None
    schedule: str = "cosine"
    warm_up: int = 0
    l1: float = 0.0
    l2: float = 0.0
    clip: float | None = None
    batch_size: int = 16
    epochs: int | None = None
    test: float = 0.2
    validation: float = 0.1
    patience: int | None = None
    standardise: bool = True
    seed: int = 0


class Experiment:
    """Data in parts, a model for it, and its training, all from the same settings and seed.

    Errors: ValueError naming the setting that is wrong, and all that `fit` and `Dataset.split` refuse.

    >>> from nn import iris
    >>> Experiment(iris(), Settings(hidden=(8,))).model.describe()
    'MLP(4, [8, 3])'
    """

    def __init__(self, data: Dataset, settings: Settings, **training: Any) -> None:
        self.data = data
        self.settings = settings
        self.split = self._split()
        count = len(data.names)
        single = not data.is_classification or (count == 2 and settings.loss in (None, *SINGLE_OUTPUT))
        self.model = MLP(
            data.width,
            [*settings.hidden, 1 if single else count],
            activation=settings.activation,
            init=settings.init,
            dropout=settings.dropout,
            rng=random.Random(settings.seed),
        )
        points = len(self.split.train)
        fitting = min(max(round(POINTS_TO_MEET / points), FEWEST), MOST)
        self.epochs = fitting if settings.epochs is None else size("epochs", settings.epochs)
        self.patience = settings.patience
        if self.patience is None and self.split.validation is not None:
            self.patience = self.epochs  # no early end, but the best epoch is kept
        self.updates = self.epochs * -(-points // size("batch_size", settings.batch_size))
        self.training: Training = fit(
            self.model,
            self.split,
            epochs=self.epochs,
            batch_size=settings.batch_size,
            optimizer=self._optimizer(),
            loss=settings.loss,
            metric=self._metric(),
            patience=self.patience,
            clip=settings.clip,
            seed=settings.seed,
            **training,
        )

    def _split(self) -> Split:
        settings, data = self.settings, self.data
        if not data.is_classification and not _varied(data):
            raise ValueError(
                f"the target {data.target!r} is {data.targets[0]} at all {len(data)} points: nothing to learn"
            )
        if len(data) < FEWEST_TO_SPLIT:
            split = Split(data, data)
        else:
            split = data.split(test=settings.test, validation=settings.validation, seed=settings.seed)
        return split.standardised(target=not data.is_classification) if settings.standardise else split

    def _metric(self) -> str | Metric:
        """Return what each epoch tells: of numbers r2, or rmse in their unit where a part has only one."""
        if self.data.is_classification:
            return "accuracy"
        parts = [part for part in (self.split.train, self.split.validation) if part is not None]
        if all(map(_varied, parts)):
            return "r2"

        def rmse(predictions: Sequence[float], targets: Sequence[float]) -> float:
            return METRICS["rmse"](self.in_units(predictions), self.in_units(targets))

        return rmse

    def _optimizer(self) -> Optimizer:
        settings = self.settings
        make = pick("optimizer", settings.optimizer, OPTIMIZERS)
        options = {"l1": settings.l1, "l2": settings.l2}
        rate = RATES[settings.optimizer] if settings.learning_rate is None else settings.learning_rate
        if settings.warm_up >= self.updates:
            raise ValueError(
                f"warm_up takes {settings.warm_up} updates, the whole training has {self.updates} "
                f"({self.epochs} epochs): take fewer, or more epochs"
            )
        schedule = pick("schedule", settings.schedule, SCHEDULES)(rate, self.updates - settings.warm_up)
        if settings.warm_up:
            schedule = warm_up(schedule, over=settings.warm_up)
        return make(self.model.parameters(), schedule, **options)

    def predictions(self, part: Dataset) -> list[Any]:
        """Return the labels, or the numbers in the data's own unit, that the model predicts for a part."""
        if part.is_classification:
            return list(answers(self.model, part.points))
        return self.in_units(outputs(self.model, part.points))

    def in_units(self, numbers: Sequence[float]) -> list[float]:
        """Return numbers to predict in the data's own unit."""
        scaler = self.split.target_scaler
        return list(numbers) if scaler is None else [scaler.undo([x])[0] for x in numbers]

    def figures(self) -> dict[str, Any]:
        """Return what the experiment came to, ready for JSON: loss and metrics of each part, sizes, times."""
        training, settings = self.training, self.settings
        parts = {"train": self.split.train, "validation": self.split.validation, "test": self.split.test}
        best, behind = training.best, len(training.history)
        number = None if best is None else best.number
        return {
            "dataset": self.data.name,
            "task": "classification" if self.data.is_classification else "regression",
            "model": self.model.describe(),
            "parameters": len(self.model.parameters()),
            "activation": function_name(self.model.layers[0].ending),
            "loss": training.objective.name,
            "optimizer": repr(training.optimizer),
            "batch_size": settings.batch_size,
            "seed": settings.seed,
            "epochs": behind,
            "lowest_validation_epoch": number,
            "model_of_epoch": number if self._is_of_best() else behind,
            "interrupted": training.interrupted,
            "seconds": sum(epoch.seconds for epoch in training.history),
            **{name: self._figures(part) for name, part in parts.items() if part is not None},
        }

    def _is_of_best(self) -> bool:
        """Say whether the model is that of the best epoch, as at the end of a training with patience."""
        patience, behind, best = self.patience, len(self.training.history), self.training.best
        if patience is None or best is None:
            return False
        return behind >= self.epochs or behind - best.number >= patience

    def _figures(self, part: Dataset) -> dict[str, Any]:
        loss, _ = evaluate(self.model, part, self.training.objective, self.training.scoring)
        names = ["accuracy", "f1"]
        if not part.is_classification:
            names = [*(["r2"] if _varied(part) else []), "rmse", "mean_absolute_error"]
        truth = list(part.targets) if part.is_classification else self.in_units(part.targets)
        predicted = self.predictions(part)
        return {"points": len(part), "loss": loss} | {name: METRICS[name](predicted, truth) for name in names}


def _varied(data: Dataset) -> bool:
    """Say whether there are two different targets, without which r2 is not defined."""
    return len(set(data.targets)) > 1
