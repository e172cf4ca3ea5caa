"""Study: data, a model, its training, and what is told and drawn of it: what `python -m nn train` makes."""

import random
from pathlib import Path
from typing import Any, NamedTuple

from engine import Value
from nn.data import Dataset, Samples
from nn.data.describing import counted
from nn.module import Module
from nn.plot.curves import learning_curve
from nn.saving import save_parameters
from nn.settings import Settings
from nn.train import fit
from nn.training import Training

BATCH_SIZE = 16
"""So many points an update has where neither the user nor the model has a number."""


class Drawn(NamedTuple):
    """A computation to draw: its files' name, its result, what it shows, and whether a ledger is readable.

    `collapse` is that of `engine.draw`: 2 shows the parts that a model has as single boxes.
    """

    name: str
    result: Value
    title: str
    is_small: bool
    collapse: int | str = "auto"


class Study:
    """Data in parts, a model for it, and its training, all from the same settings and seed.

    A subclass makes `data`, `settings` and `model`, and calls `_train`.
    """

    data: Any
    settings: Settings
    model: Any
    training: Training
    epochs: int
    task: str

    @property
    def rng(self) -> random.Random:
        """A new source of chance, begun with the seed.

        >>> study.rng.random()  # doctest: +SKIP
        """
        return random.Random(self.settings.seed)

    def _train(
        self, train: Dataset | Samples, validation: Dataset | Samples | None, epochs: int, **more: Any
    ) -> None:
        """Make the training of the model."""
        self.epochs = epochs
        self.training = self.fitted(self.model, train, validation, **more)

    def fitted(
        self, model: Any, train: Dataset | Samples, validation: Dataset | Samples | None, **more: Any
    ) -> Training:
        """Return a training of any model by the settings of the study: optimizer, schedule, epochs, seed.

        >>> study.fitted(other, study.split.train, None).run()  # doctest: +SKIP
        """
        settings, epochs = self.settings, self.epochs
        batch_size = BATCH_SIZE if settings.batch_size is None else settings.whole("batch_size")
        patience = settings.patience
        if patience is None and validation is not None:
            patience = epochs  # no early end, but the best epoch is kept
        updates = epochs * -(-len(train) // batch_size)
        return fit(
            model,
            train,
            validation=validation,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=settings.make_optimizer(model.parameters(), updates, epochs),
            patience=patience,
            clip=settings.clip,
            seed=settings.seed,
            **more,
        )

    def told(self) -> str:
        """Return what is trained on what."""
        raise NotImplementedError(f"{type(self).__name__} must say what is trained on what")

    def parts(self) -> dict[str, dict[str, Any]]:
        """Return the figures of each part of the data, by the part's name."""
        raise NotImplementedError(f"{type(self).__name__} must tell the figures of its parts")

    def pictures(self) -> dict[str, Any]:
        """Return the plots of the report by their files' names."""
        raise NotImplementedError(f"{type(self).__name__} must have pictures")

    def drawn(self) -> Drawn:
        """Return the computation that the report draws, swept."""
        raise NotImplementedError(f"{type(self).__name__} must have a computation to draw")

    def texts(self) -> dict[str, str]:
        """Return further files of the report, texts by their names."""
        return {}

    def save_model(self, folder: Path) -> None:
        """Write the model to a file in the folder."""
        save_parameters(self.model, folder / "parameters.json", self.about())

    def about(self) -> dict[str, Any]:
        """Return what whoever loads the model needs to know beside its parameters."""
        return {"dataset": self.data.name, "seed": self.settings.seed}

    def curve(self) -> Any:
        """Return the plot of the training: loss and metric, epoch by epoch."""
        return learning_curve(self.training)

    def figures(self) -> dict[str, Any]:
        """Return what the study came to, ready for JSON: loss and metrics of each part, sizes, times."""
        training, settings = self.training, self.settings
        best, behind = training.best, len(training.history)
        number = None if best is None else best.number
        return {
            "dataset": self.data.name,
            "task": self.task,
            "model": self.model.describe(),
            "parameters": len(self.model.parameters()),
            "loss": training.objective.name,
            "optimizer": repr(training.optimizer),
            "batch_size": training.batch_size,
            "seed": settings.seed,
            "epochs": behind,
            "lowest_validation_epoch": number,
            "model_of_epoch": number if self._is_of_best() else behind,
            "interrupted": training.interrupted,
            "seconds": sum(epoch.seconds for epoch in training.history),
            **self.parts(),
        }

    def _is_of_best(self) -> bool:
        """Say whether the model is that of the best epoch, as at the end of a training with patience."""
        training = self.training
        patience, behind, best = training.patience, len(training.history), training.best
        if patience is None or best is None:
            return False
        return behind >= self.epochs or behind - best.number >= patience


def summary(module: Module) -> str:
    """Return what a model is called, and how many parameters it has.

    >>> summary(Module())
    'Module, 0 parameters'
    """
    return f"{module.describe()}, {len(module.parameters()):,} parameters"


def schooling(study: Study) -> str:
    """Return what is trained, for how long, and by which optimizer.

    >>> schooling(study)  # doctest: +SKIP
    'MLP(4, [32, 3]), 259 parameters; 1 epoch of Adam(259 parameters, learning_rate=0.01)'
    """
    return f"{summary(study.model)}; {counted(study.epochs, 'epoch')} of {study.training.optimizer!r}"
