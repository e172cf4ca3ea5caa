"""Initialisers: what a weight starts at, by name.

An initialiser draws one weight of a neuron with `fan_in` inputs, in a layer of `fan_out` neurons, from a
`random.Random`.
"""

import math
import random
from collections.abc import Callable
from typing import TypeAlias

Initialiser: TypeAlias = Callable[[random.Random, int, int], float]
"""A function of (rng, fan_in, fan_out)."""


def uniform(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Return a number drawn evenly from -1 to 1, as micrograd draws it; the fans play no part.

    >>> uniform(random.Random(0), 2, 3)
    0.6888437030500962
    """
    return rng.uniform(-1, 1)


def xavier_uniform(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Return a number drawn evenly from -r to r, where r = √(6 / (fan_in + fan_out)).

    Its variance, 2 / (fan_in + fan_out), keeps that of signals and of gradients through layers of tanh.
    Glorot & Bengio (2010), equation 16.

    >>> -1.0 <= xavier_uniform(random.Random(0), 4, 2) <= 1.0
    True
    """
    return _even(rng, 2 / (fan_in + fan_out))


def xavier_normal(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Return a number of the normal distribution with mean 0 and variance 2 / (fan_in + fan_out).

    Glorot & Bengio (2010), equation 12.

    >>> xavier_normal(random.Random(0), 1, 1) == random.Random(0).gauss(0.0, 1.0)
    True
    """
    return _normal(rng, 2 / (fan_in + fan_out))


def he_uniform(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Return a number drawn evenly from -r to r, where r = √(6 / fan_in).

    Its variance, 2 / fan_in, is that of `he_normal`: He, Zhang, Ren & Sun (2015).

    >>> -1.0 <= he_uniform(random.Random(0), 6, 1) <= 1.0
    True
    """
    return _even(rng, 2 / fan_in)


def he_normal(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Return a number of the normal distribution with mean 0 and variance 2 / fan_in.

    It keeps the size of signals through layers of relu, which cuts off half of each. He, Zhang, Ren & Sun
    (2015), equation 10.

    >>> he_normal(random.Random(0), 2, 1) == random.Random(0).gauss(0.0, 1.0)
    True
    """
    return _normal(rng, 2 / fan_in)


def zeros(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Return 0; neurons that start alike get the same gradients and stay alike.

    >>> zeros(random.Random(0), 2, 1)
    0.0
    """
    return 0.0


def _even(rng: random.Random, variance: float) -> float:
    bound = math.sqrt(3 * variance)
    return rng.uniform(-bound, bound)


def _normal(rng: random.Random, variance: float) -> float:
    return rng.gauss(0.0, math.sqrt(variance))


INITIALISERS: dict[str, Initialiser] = {
    "uniform": uniform,
    "xavier": xavier_uniform,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he": he_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "zeros": zeros,
}
