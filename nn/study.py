"""Study: data, a model, its training, and what is told and drawn of it: what `python -m nn train` makes."""

import random
from pathlib import Path
from typing import Any, NamedTuple

from engine import Value
from nn.data import Dataset, Samples
from nn.module import Module
from nn.plot.curves import learning_curve
from nn.saving import save_parameters
from nn.settings import Settings
from nn.train import fit
from nn.training import Training


class Drawn(NamedTuple):
    """A computation to draw: its files' name, its result, what it shows, and whether a ledger is readable."""

    name: str
    result: Value
    title: str
    is_small: bool


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
        settings, self.epochs = self.settings, epochs
        batch_size = settings.batch_size or 16
        patience = settings.patience
        if patience is None and validation is not None:
            patience = epochs  # no early end, but the best epoch is kept
        self.patience = patience
        updates = epochs * -(-len(train) // batch_size)
        self.training = fit(
            self.model,
            train,
            validation=validation,
            epochs=epochs,
            batch_size=batch_size,
            optimizer=settings.make_optimizer(self.model.parameters(), updates, epochs),
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
        patience, behind, best = self.patience, len(self.training.history), self.training.best
        if patience is None or best is None:
            return False
        return behind >= self.epochs or behind - best.number >= patience


def counted(module: Module) -> str:
    """Return what a model is called, and how many parameters it has.

    >>> counted(Module())
    'Module, 0 parameters'
    """
    return f"{module.describe()}, {len(module.parameters()):,} parameters"
