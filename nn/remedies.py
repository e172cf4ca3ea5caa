"""Over-fitting tried out: networks of growing size on noisy points, and what helps."""

import random
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import Any, NamedTuple

from tqdm import tqdm

from nn.answers import outputs
from nn.checked import from_zero
from nn.data import Dataset, sine
from nn.data.cells import listed
from nn.inputs import size, whole
from nn.mlp import MLP
from nn.optim import Adam
from nn.schedules import cosine
from nn.train import fit

POINTS, NEW_POINTS = 12, 100
"""Points to train on, and other points to validate on: of one sine wave, with the same noise."""
NOISE = 0.3
WIDTH = 16
"""Neurons of each of two hidden layers."""
EPOCHS = 600
RATE = 0.03
SEEDS = (0, 1, 2)


class Trial(NamedTuple):
    """What a training came to, in the mean over some seeds: mean square errors of the points and of new ones.

    `number` is what was varied, or None; `name` says it in words.
    """

    name: str
    number: float | None
    training_loss: float
    validation_loss: float

    @property
    def row(self) -> tuple[float, float, float]:
        """The number and both losses, as `nn.plot.overfitting` draws them."""
        if self.number is None:
            raise ValueError(f"the trial {self.name!r} has no number to be drawn at")
        return self.number, self.training_loss, self.validation_loss


def capacity_trials(
    widths: Iterable[int] = (1, 2, 4, 8, 16),
    *,
    epochs: int = EPOCHS,
    seeds: Sequence[int] = SEEDS,
    progress: bool | None = None,
) -> list[Trial]:
    """Train networks with two hidden layers of each width on the same few noisy points.

    The more neurons, the lower the training loss; the validation loss falls, and rises again once the noise
    is learned, too. `progress` draws a bar on stderr; left out, where that is a terminal.

    Errors: ValueError for a width below 1, no widths or seeds, and as `fit`; TypeError for what is no list.

    >>> [trial.name for trial in capacity_trials([1, 2], epochs=1, seeds=[0])]
    ['1 neuron a layer', '2 neurons a layer']
    """
    counts = [size("a width", width) for width in listed("widths", widths)]
    cases = [(f"{w} neuron{'s' if w > 1 else ''} a layer", w, {"width": w}) for w in counts]
    return _trials(cases, epochs, seeds, progress)


def noise_trials(
    noises: Iterable[float] = (0.0, 0.1, 0.2, 0.4),
    *,
    epochs: int = EPOCHS,
    seeds: Sequence[int] = SEEDS,
    progress: bool | None = None,
) -> list[Trial]:
    """Train a network that is large enough to learn any noise, on points with more and more of it.

    The training loss stays low, whatever the noise; the validation loss cannot be below noise². `progress`
    is that of capacity_trials.

    Errors: ValueError for a noise below 0, no noises or seeds, and as `fit`; TypeError for what is no list.

    >>> [trial.name for trial in noise_trials([0.1], epochs=1, seeds=[0])]
    ['noise 0.1']
    """
    numbers = [from_zero("a noise", noise) for noise in listed("noises", noises)]
    cases = [(f"noise {noise:g}", noise, {"noise": noise}) for noise in numbers]
    return _trials(cases, epochs, seeds, progress)


REMEDIES: dict[str, dict[str, Any]] = {
    "nothing": {},
    "fewer neurons": {"width": 4},
    "four times the points": {"points": 4 * POINTS},
    "L1": {"l1": 0.003},
    "L2": {"l2": 0.01},
    "dropout": {"dropout": 0.1},
    "early stopping": {"patience": 100},
}
"""What helps against over-fitting, and the settings that it means here."""


def remedy_trials(
    *, epochs: int = EPOCHS, seeds: Sequence[int] = SEEDS, progress: bool | None = None
) -> list[Trial]:
    """Train the network that over-fits as it is, and again with each of REMEDIES.

    `progress` is that of capacity_trials.

    Errors: ValueError for no seeds, and as `fit`; TypeError for seeds that are no list of whole numbers.

    >>> [trial.name for trial in remedy_trials(epochs=1, seeds=[0])]
    ['nothing', 'fewer neurons', 'four times the points', 'L1', 'L2', 'dropout', 'early stopping']
    """
    cases = [(name, None, settings) for name, settings in REMEDIES.items()]
    return _trials(cases, epochs, seeds, progress)


def _trials(
    cases: Sequence[tuple[str, float | None, dict[str, Any]]],
    epochs: int,
    seeds: Sequence[int],
    progress: bool | None,
) -> list[Trial]:
    """Train a network for each case (name, number, settings) and seed; return the means over the seeds."""
    size("epochs", epochs)
    seeds = [whole("a seed", seed) for seed in listed("seeds", seeds)]
    if not seeds:
        raise ValueError("a trial is a mean over at least one seed, got none")
    if not cases:
        raise ValueError("there is at least one case to try, got none")
    trials = []
    hidden = None if progress is None else not progress
    with tqdm(total=len(cases) * len(seeds), unit="training", leave=False, disable=hidden) as bar:
        for name, number, settings in cases:
            bar.set_description(name)
            losses = []
            for seed in seeds:
                losses.append(_losses(seed, epochs=epochs, **settings))
                bar.update()
            trials.append(Trial(name, number, *map(fmean, zip(*losses, strict=True))))
    return trials


def _losses(
    seed: int,
    *,
    epochs: int,
    width: int = WIDTH,
    points: int = POINTS,
    noise: float = NOISE,
    dropout: float = 0.0,
    patience: int | None = None,
    l1: float = 0.0,
    l2: float = 0.0,
) -> tuple[float, float]:
    """Return the mean square errors of a trained network: of its points, and of new ones."""
    known, new, watched = (
        sine(count, noise, seed=3 * seed + i) for i, count in enumerate((points, NEW_POINTS, NEW_POINTS))
    )
    model = MLP(
        1, [width, width, 1], activation="tanh", init="xavier", dropout=dropout, rng=random.Random(seed)
    )
    optimizer = Adam(model.parameters(), cosine(RATE, over=epochs * -(-points // POINTS)), l1=l1, l2=l2)
    training = fit(
        model,
        known,
        epochs=epochs,
        batch_size=POINTS,
        optimizer=optimizer,
        validation=watched if patience else None,
        patience=patience,
        seed=seed,
        progress=False,
    )
    training.run()
    return _error(model, known), _error(model, new)


def _error(model: MLP, data: Dataset) -> float:
    numbers = outputs(model, data.points)
    return fmean([(z - target) ** 2 for z, target in zip(numbers, data.targets, strict=True)])
