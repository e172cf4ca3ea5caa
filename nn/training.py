"""Training under way: the one loop, which yields epochs, can be stopped, and goes on where it stopped."""

import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

from tqdm import tqdm

from engine.optional import load
from nn.checkpoint import load_checkpoint, save_checkpoint, training_settings
from nn.data import Dataset, Samples
from nn.evaluation import Scoring
from nn.interrupt import Interrupt
from nn.metrics import Metric
from nn.objective import Loss, warn_of_steps
from nn.optim import Optimizer
from nn.own_loss import goal
from nn.progress import Epoch, Progress
from nn.replay import steps
from nn.steps import fetched

SPARE = 1.0
"""Seconds between two checkpoints, at least."""


class Training:
    """A training under way: an iterator of its epochs. `fit` makes it and says what its settings mean.

    A Ctrl-C ends the iteration after the batch; what was learned stays, iterating again goes on from there.
    Errors: TypeError, ValueError and FileExistsError, as `fit` says.

    >>> from nn import MLP, fit, or_gate
    >>> [epoch.number for epoch in fit(MLP(2, [1], init="zeros"), or_gate(), epochs=2)]
    [1, 2]
    """

    def __init__(
        self,
        model: Any,
        data: Dataset | Samples,
        *,
        epochs: int,
        batch_size: int,
        optimizer: Optimizer,
        loss: str | Loss | None,
        metric: str | Metric | None,
        validation: Dataset | Samples | None,
        patience: int | None,
        tol: float,
        clip: float | None,
        seed: int,
        callbacks: Sequence[Callable[["Training"], Any]],
        checkpoint: str | Path | None,
        resume: bool,
        executor: str,
        progress: bool | None,
    ) -> None:
        self.model: Any = model
        self.data = data
        self.validation = validation
        self.optimizer = optimizer
        self.epochs, self.batch_size, self.patience, self.tol = epochs, batch_size, patience, tol
        self.clip, self.seed, self.callbacks = clip, seed, callbacks
        self.checkpoint = None if checkpoint is None else Path(checkpoint)
        self.interrupted = False
        """Whether Ctrl-C has ended the iteration last."""
        warn_of_steps(model)
        answering, self.objective = goal(model, data, loss)
        self.scoring = Scoring(self.model, data, metric)
        self.scoring.check("training", data)
        if validation is not None:
            self.scoring.check("validation", validation)
        self._progress = Progress()
        self._settings: dict[str, Any] = {}
        self._ended = self._pausing = False
        self._saved, self._hide_bar = -math.inf, None if progress is None else not progress
        self._noise: Callable[[random.Random], Any] = getattr(model, "noise", lambda rng: None)
        self._example: Callable[[], Any] = lambda: self._noise(random.Random(0))
        self._steps = steps(
            answering,
            data,
            self.objective,
            optimizer,
            clip=clip,
            noise=self._example,
            executor=executor,
            batch_size=batch_size,
        )
        if validation is not None:
            self._steps.prepared(validation)
        if self.checkpoint is not None:
            self._open(self.checkpoint, resume)
        elif resume:
            raise ValueError("resume goes on from a checkpoint: give its file, checkpoint=...")

    def _open(self, path: Path, resume: bool) -> None:
        if path.exists():
            if not resume:
                raise FileExistsError(
                    f"{path} is there already: resume=True goes on from it, or remove it to begin anew"
                )
            self._settings = self._noted()
            self._progress = load_checkpoint(path, self._settings, self.model, self.optimizer)
            if self.epochs < len(self.history):
                raise ValueError(f"{path} holds {len(self.history)} epochs, more than epochs={self.epochs}")
            self._keep_best()
        elif resume:
            raise FileNotFoundError(f"there is no checkpoint {path} to go on from: leave resume out to begin")
        elif not path.parent.is_dir():
            raise FileNotFoundError(f"the checkpoint {path} needs the folder {path.parent}: it is not there")

    @property
    def history(self) -> list[Epoch]:
        """The epochs that are behind."""
        return self._progress.history

    @property
    def best(self) -> Epoch | None:
        """The epoch of the lowest validation loss, None without validation."""
        number = self._progress.best_number
        return self.history[number - 1] if number else None

    def restore_best(self) -> None:
        """Give the model the parameters that it had after the best epoch.

        Errors: ValueError where there is none.
        """
        if self.best is None:
            raise ValueError("there is no best epoch: it takes validation data, and an epoch")
        for p, number in zip(self.model.parameters(), self._progress.best_parameters, strict=True):
            p.data = number

    def evaluate(self, data: Dataset | Samples) -> tuple[float, float | None]:
        """Return the mean loss of the model, as it is now, on other data, and its metric if there is one.

        >>> from nn import MLP, fit, or_gate
        >>> fit(MLP(2, [1], init="zeros"), or_gate(), epochs=3).evaluate(or_gate())
        (0.6931471805599453, 0.25)
        """
        with self._steps.looked_at():
            return self._steps.evaluate(data, self.scoring)

    def run(self) -> "Training":
        """Train to the end, or until Ctrl-C, and return the Training itself.

        >>> from nn import MLP, fit, or_gate
        >>> fit(MLP(2, [1], rng=random.Random(0)), or_gate(), epochs=3).run()
        Training of MLP(2, [1]): epoch 3 of 3, loss 0.4565, accuracy 0.7500
        """
        with Interrupt() as interrupt, nullcontext() if self._is_seen() else fetched(self._steps):
            for _ in self:
                pass
        self.interrupted |= interrupt.met
        return self

    def _is_seen(self) -> bool:
        """Say whether something that runs between two epochs may look at the model."""
        own = self.callbacks or self.scoring.is_own or self.optimizer.has_schedule
        return bool(own) or self.validation is not None or self.checkpoint is not None

    def __iter__(self) -> "Training":
        return self

    def __next__(self) -> Epoch:
        if self._pausing or self._is_over():
            self._pausing = False
            raise StopIteration
        progress = self._progress
        with Interrupt() as interrupt:
            self._settings = self._settings or self._noted()
            places = list(range(len(self.data)))
            random.Random(f"{self.seed}, order of epoch {progress.number}").shuffle(places)
            begun = time.perf_counter()
            with fetched(self._steps):
                self._train(places, interrupt)
            progress.seconds += time.perf_counter() - begun
            self.interrupted = interrupt.met
            if progress.met < len(places):
                self._save(always=True)
                self._say_interrupted()
                raise StopIteration
            epoch = self._close(places)
            self.interrupted = self._pausing = interrupt.met
            self._save(always=self._pausing or self._is_over())
            self._keep_best()
        return epoch

    def __repr__(self) -> str:
        begun = f"Training of {self.model.describe()}: epoch {len(self.history)} of {self.epochs}"
        if not self.history:
            return f"{begun}; iterate it, or call run()"
        last = self.history[-1]
        figures = [("loss", last.loss), (self.scoring.name, last.metric)]
        figures += [("validation loss", last.validation_loss)]
        figures += [(f"validation {self.scoring.name}", last.validation_metric)]
        return ", ".join([begun, *[f"{name} {x:.4f}" for name, x in figures if x is not None]])

    def _train(self, places: list[int], interrupt: Interrupt) -> None:
        """Take the updates that the epoch still lacks, or those before an interrupt."""
        progress, self._is_noisy = self._progress, self._example() is not None
        bar = tqdm(
            total=len(places),
            initial=progress.met,
            desc=f"epoch {progress.number}/{self.epochs}",
            unit=" points",
            leave=False,
            disable=self._hide_bar,
        )
        with closing(bar):
            while progress.met < len(places) and not interrupt.met:
                batch = places[progress.met : progress.met + self.batch_size]
                self._update(batch)
                if bar.update(len(batch)):
                    metric = self._running(places)
                    told = {"loss": progress.loss} | ({} if metric is None else {self.scoring.name: metric})
                    bar.set_postfix({name: f"{x:.4f}" for name, x in told.items()})

    def _update(self, batch: list[int]) -> None:
        noises = None
        if self._is_noisy:
            rng = random.Random(f"{self.seed}, noise of update {self.optimizer.updates}")
            noises = [self._noise(rng) for _ in batch]
        rate = self.optimizer.learning_rate
        self._progress.add(self._steps.learn(batch, noises), rate)

    def _running(self, places: list[int]) -> float | None:
        """Return the metric so far, None where it raises, whatever that is: so few points may have none."""
        try:
            return self._measured(places)
        except Exception:
            return None

    def _measured(self, places: list[int]) -> float | None:
        """Return the metric of the points that the epoch has met."""
        progress, targets = self._progress, self.data.targets
        met = [targets[i] for i in places[: progress.met]]
        return self.scoring.measure(load("numpy").concatenate(progress.outputs), met)

    def _close(self, places: list[int]) -> Epoch:
        """End the epoch: validate, note the best, ask the callbacks."""
        progress, begun = self._progress, time.perf_counter()
        validated: tuple[Any, float | None] = (None, None)
        if self.validation is not None:
            validated = self._steps.evaluate(self.validation, self.scoring)
            if not math.isfinite(validated[0]):
                raise FloatingPointError(
                    f"the validation loss after epoch {progress.number} is {validated[0]}; the parameters "
                    f"are those after that epoch, a smaller learning rate than {progress.rate} may help"
                )
        progress.seconds += time.perf_counter() - begun
        epoch = progress.end(self._measured(places), validated)
        if self.validation is not None:
            progress.note_best([p.data for p in self.model.parameters()])
        wishes = [callback(self) for callback in self.callbacks]
        self._ended = any(wish is True for wish in wishes)
        return epoch

    def _is_over(self) -> bool:
        behind = len(self.history)
        if self.patience is not None and self._progress.is_idle(self.patience, self.tol):
            return True
        return self._ended or behind >= self.epochs

    def _keep_best(self) -> None:
        if self.patience is not None and self.best is not None and self._is_over():
            self.restore_best()

    def _save(self, *, always: bool) -> None:
        """Write the checkpoint, if there is one; unless `always`, not again within a second."""
        if self.checkpoint is not None and (always or time.monotonic() - self._saved >= SPARE):
            save_checkpoint(self.checkpoint, self._settings, self.model, self.optimizer, self._progress)
            self._saved = time.monotonic()

    def _noted(self) -> dict[str, Any]:
        """Return the settings for a checkpoint, noted before a callback can change one."""
        return {} if self.checkpoint is None else training_settings(self, self._steps.name)

    def _say_interrupted(self) -> None:
        begun = f"{self._progress.met} of {len(self.data)} points of epoch {self._progress.number}"
        kept = "" if self.checkpoint is None else f"; {self.checkpoint} holds it"
        print(f"interrupted after {begun}: what was learned stays{kept}", file=sys.stderr)
