"""How far a training has come: its epochs, what the one that has begun has met, and the best so far."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from statistics import fmean
from typing import Any, NamedTuple

from nn.update import Batch


class Epoch(NamedTuple):
    """What an epoch came to: its number from 1, and the mean training loss of its points as they were met.

    `metric` is the training metric, of the answers as they were met; `validation_loss` and
    `validation_metric` are those after the epoch. Each is None where it was not asked for. `learning_rate` is
    that of the last update, `gradient_norm` the mean norm of the updates' gradients before clipping,
    `samples` the number of points, `seconds` the time of training and validating.

    >>> Epoch(1, 0.5, None, None, None, 0.1, 2.0, samples=8, seconds=0.25).loss
    0.5
    """

    number: int
    loss: float
    metric: float | None
    validation_loss: float | None
    validation_metric: float | None
    learning_rate: float
    gradient_norm: float
    samples: int
    seconds: float


@dataclass
class Progress:
    """The epochs behind, and what the one that has begun has met so far.

    `losses` and `norms` are those of the points and updates of the epoch that has begun, `outputs` the
    answers to the points, a list or an array for each update, `rate`
    the learning rate of its last update, `seconds` what it has taken.

    >>> Progress().number
    1
    """

    history: list[Epoch] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    norms: list[float] = field(default_factory=list)
    rate: float = 0.0
    seconds: float = 0.0
    best_number: int = 0
    best_loss: float = math.inf
    best_parameters: list[float] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The number of the epoch that has begun, or is about to."""
        return len(self.history) + 1

    @property
    def met(self) -> int:
        """How many points the epoch that has begun has met.

        >>> Progress().met
        0
        """
        return len(self.losses)

    def add(self, batch: Batch, rate: float) -> None:
        """Take in what an update came to.

        >>> progress = Progress()
        >>> progress.add(Batch([0.5, 1.5], [0.0, 0.0], 3.0), rate=0.1)
        >>> progress.loss
        1.0
        """
        self.losses += batch.losses
        self.outputs.append(batch.outputs)
        self.norms.append(batch.norm)
        self.rate = rate

    @property
    def loss(self) -> float:
        """The mean loss of the points met in the epoch that has begun."""
        return fmean(self.losses)

    def end(self, metric: float | None, validation: tuple[float | None, float | None]) -> Epoch:
        """Close the epoch that has begun and return what it came to.

        >>> progress = Progress()
        >>> progress.add(Batch([0.5, 1.5], [0.0, 0.0], 3.0), rate=0.1)
        >>> progress.end(metric=0.5, validation=(None, None)).gradient_norm
        3.0
        """
        epoch = Epoch(
            self.number, self.loss, metric, *validation, self.rate, fmean(self.norms), self.met, self.seconds
        )
        self.history.append(epoch)
        self.losses, self.outputs, self.norms, self.seconds = [], [], [], 0.0
        return epoch

    def note_best(self, parameters: Sequence[float]) -> None:
        """Keep the parameters if the last epoch has the lowest validation loss so far.

        >>> progress = Progress([Epoch(1, 1.0, None, 0.5, None, 0.1, 1.0, 8, 0.1)])
        >>> progress.note_best([2.0])
        >>> progress.best_number, progress.best_parameters
        (1, [2.0])
        """
        last = self.history[-1]
        if last.validation_loss is not None and last.validation_loss < self.best_loss:
            self.best_number, self.best_loss = last.number, last.validation_loss
            self.best_parameters = list(parameters)

    def is_idle(self, patience: int, tol: float) -> bool:
        """Tell whether the last epochs, `patience` of them, have not lowered the loss.

        That is the validation loss; where there is none, the training loss, by at least `tol`.

        >>> Progress().is_idle(patience=2, tol=0.0)
        False
        """
        if not self.history or self.history[-1].validation_loss is not None:
            return len(self.history) - self.best_number >= patience
        return settled([epoch.loss for epoch in self.history], patience, tol)

    def state(self) -> dict[str, Any]:
        """Return all of it, ready for JSON.

        >>> Progress.load(Progress().state()) == Progress()
        True
        """
        best = self.best_loss if self.best_number else None
        plain = {one.name: getattr(self, one.name) for one in fields(self)}
        parts = [part if isinstance(part, list) else part.tolist() for part in self.outputs]
        epochs = [[_plain(x) for x in epoch] for epoch in self.history]
        return plain | {"history": epochs, "outputs": parts, "best_loss": best}

    @classmethod
    def load(cls, state: dict[str, Any]) -> "Progress":
        """Return the progress whose state this is."""
        loaded = cls(**state)
        loaded.history = [Epoch(*[_number(x) for x in epoch]) for epoch in state["history"]]
        loaded.best_loss = state["best_loss"] if loaded.best_number else math.inf
        return loaded


def _plain(x: Any) -> Any:
    """Return a number of an epoch for JSON, which has no nan: a metric may be that."""
    return repr(x) if isinstance(x, float) and not math.isfinite(x) else x


def _number(x: Any) -> Any:
    return float(x) if isinstance(x, str) else x


def settled(losses: Sequence[float], patience: int, tol: float) -> bool:
    """Tell whether the last epochs, `patience` of them, have lowered the lowest loss by less than tol.

    >>> settled([3.0, 2.0, 1.0], patience=2, tol=0.5), settled([3.0, 2.0, 1.9, 1.8], patience=2, tol=0.5)
    (False, True)
    """
    before = losses[:-patience]
    return bool(before) and min(losses[-patience:]) > min(before) - tol
