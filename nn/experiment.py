"""One experiment from settings to figures: data, model, training, and how good it is on new points."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nn.answers import answers, outputs
from nn.data import Dataset, Split
from nn.evaluation import evaluate
from nn.metrics import METRICS
from nn.mlp import MLP
from nn.nearest import pick
from nn.neuron import function_name
from nn.optim import OPTIMIZERS, Optimizer
from nn.schedules import Schedule, constant, cosine, step_decay, warm_up
from nn.train import fit
from nn.training import Training

POINTS_TO_MEET = 20_000
"""So many points are met in a training whose number of epochs is left out, within FEWEST and MOST epochs."""
FEWEST, MOST = 12, 200
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
        self.epochs = settings.epochs or min(max(round(POINTS_TO_MEET / points), FEWEST), MOST)
        self.updates = self.epochs * -(-points // settings.batch_size)
        self.training: Training = fit(
            self.model,
            self.split,
            epochs=self.epochs,
            batch_size=settings.batch_size,
            optimizer=self._optimizer(),
            loss=settings.loss,
            metric="accuracy" if data.is_classification else "r2",
            patience=settings.patience,
            clip=settings.clip,
            seed=settings.seed,
            **training,
        )

    def _split(self) -> Split:
        settings, data = self.settings, self.data
        if len(data) < FEWEST_TO_SPLIT:
            split = Split(data, data)
        else:
            split = data.split(test=settings.test, validation=settings.validation, seed=settings.seed)
        return split.standardised(target=not data.is_classification) if settings.standardise else split

    def _optimizer(self) -> Optimizer:
        settings = self.settings
        make = pick("optimizer", settings.optimizer, OPTIMIZERS)
        options = {"l1": settings.l1, "l2": settings.l2}
        rate = settings.learning_rate or RATES[settings.optimizer]
        schedule = pick("schedule", settings.schedule, SCHEDULES)(rate, self.updates)
        if settings.warm_up:
            schedule = warm_up(schedule, over=settings.warm_up)
        return make(self.model.parameters(), schedule, **options)

    def predictions(self, part: Dataset) -> list[Any]:
        """Return the labels, or the numbers in the data's own unit, that the model predicts for a part."""
        if part.is_classification:
            return list(answers(self.model, part.points))
        return self.in_units(outputs(self.model, part.points))

    def in_units(self, numbers: list[float]) -> list[float]:
        """Return numbers to predict in the data's own unit."""
        scaler = self.split.target_scaler
        return numbers if scaler is None else [scaler.undo([x])[0] for x in numbers]

    def figures(self) -> dict[str, Any]:
        """Return what the experiment came to, ready for JSON: loss and metrics of each part, sizes, times."""
        training, settings = self.training, self.settings
        parts = {"train": self.split.train, "validation": self.split.validation, "test": self.split.test}
        best = training.best
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
            "epochs": len(training.history),
            "best_epoch": None if best is None else best.number,
            "interrupted": training.interrupted,
            "seconds": sum(epoch.seconds for epoch in training.history),
            **{name: self._figures(part) for name, part in parts.items() if part is not None},
        }

    def _figures(self, part: Dataset) -> dict[str, Any]:
        loss, _ = evaluate(self.model, part, self.training.objective, self.training.scoring)
        names = ("accuracy", "f1") if part.is_classification else ("r2", "rmse", "mean_absolute_error")
        truth = list(part.targets) if part.is_classification else self.in_units(list(part.targets))
        predicted = self.predictions(part)
        return {"points": len(part), "loss": loss} | {name: METRICS[name](predicted, truth) for name in names}
