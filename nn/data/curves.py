"""Curves: points on the graph of a function, with noise on what is to be predicted."""

import math
import random
from collections.abc import Callable

from nn.data.cells import limits, spread
from nn.data.dataset import Dataset
from nn.inputs import whole


def square(
    n: int = 50, noise: float = 0.05, seed: int = 0, interval: tuple[float, float] = (-1.0, 1.0)
) -> Dataset:
    """Return n numbers x, evenly spaced over the interval, with x² plus Gaussian noise to predict.

    Errors: ValueError for n below 2, a noise below 0, or an interval that does not rise; TypeError for what
    is no number, an n or a seed that is no whole one, or an interval that is no pair.

    >>> square(3, noise=0.0).targets
    (1.0, 0.0, 1.0)
    """
    return _curve("square", "x²", lambda x: x * x, n, noise, seed, interval)


def sine(
    n: int = 50, noise: float = 0.05, seed: int = 0, interval: tuple[float, float] = (-math.pi, math.pi)
) -> Dataset:
    """Return n numbers x, evenly spaced over the interval, with sin(x) plus Gaussian noise to predict.

    Errors: as `square`.

    >>> sine(3, noise=0.0, interval=(0.0, 1.0)).targets[1] == math.sin(0.5)
    True
    """
    return _curve("sine", "sin(x)", math.sin, n, noise, seed, interval)


def _curve(
    name: str,
    formula: str,
    function: Callable[[float], float],
    n: int,
    noise: float,
    seed: int,
    interval: tuple[float, float],
) -> Dataset:
    count = whole("n", n)
    low, high = limits(interval)
    if count < 2:
        raise ValueError(f"{name} needs at least two points, got n={n}")
    spread(noise)
    rng = random.Random(whole("seed", seed))
    xs = [low + (high - low) * i / (count - 1) for i in range(count)]
    return Dataset(
        [(x,) for x in xs],
        [function(x) + rng.gauss(0, noise) for x in xs],
        inputs=("x",),
        target=formula,
        name=name,
        description=f"{formula} from {low:g} to {high:g}, noise {noise:g}",
        source="drawn by a seed",
    )
