"""Schedules: the learning rate of each update, the first being number 0.

A schedule is any function of that number; those here can be compared, printed and pickled.
"""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from nn.checked import from_zero, positive
from nn.inputs import size

Schedule: TypeAlias = Callable[[int], float]
"""The learning rate of update number 0, 1, 2, ..."""


@dataclass(frozen=True)
class constant:
    """The same rate at every update.

    Errors: TypeError or ValueError for a rate that is no number, or not positive and finite.

    >>> constant(0.1)(1000)
    0.1
    """

    rate: float

    def __post_init__(self) -> None:
        positive("the rate", self.rate)

    def __call__(self, number: int) -> float:
        """Return the rate of an update, by how many were done before it."""
        _counted(number)
        return float(self.rate)


@dataclass(frozen=True)
class step_decay:
    """The rate times factorᵏ, where k counts how often `every` updates have passed.

    Errors: TypeError or ValueError for a rate that is not positive and finite, for an `every` below 1, for a
    factor that is not above 0 and at most 1.

    >>> [step_decay(0.8, every=2, factor=0.5)(number) for number in range(5)]
    [0.8, 0.8, 0.4, 0.4, 0.2]
    """

    rate: float
    every: int
    factor: float

    def __post_init__(self) -> None:
        positive("the rate", self.rate)
        size("every", self.every)
        if positive("the factor", self.factor) > 1:
            raise ValueError(f"the factor must be at most 1, for the rate to fall, got {self.factor!r}")

    def __call__(self, number: int) -> float:
        """Return the rate of an update, by how many were done before it."""
        return self.rate * math.pow(self.factor, _counted(number) // self.every)


@dataclass(frozen=True)
class cosine:
    """Half a wave of the cosine, from the rate down to the floor in `over` updates; then the floor.

    Loshchilov & Hutter (2017), SGDR, equation 5, without its restarts.

    Errors: TypeError or ValueError for a rate that is not positive and finite, for an `over` below 1, for a
    floor below 0 or above the rate.

    >>> [round(cosine(0.4, over=4)(number), 3) for number in range(6)]
    [0.4, 0.341, 0.2, 0.059, 0.0, 0.0]
    """

    rate: float
    over: int
    floor: float = 0.0

    def __post_init__(self) -> None:
        positive("the rate", self.rate)
        size("over", self.over)
        if from_zero("the floor", self.floor) > self.rate:
            raise ValueError(f"the floor must be at most the rate {self.rate!r}, got {self.floor!r}")

    def __call__(self, number: int) -> float:
        """Return the rate of an update, by how many were done before it."""
        share = min(_counted(number), self.over) / self.over
        return self.floor + (self.rate - self.floor) * ((1 + math.cos(math.pi * share)) / 2)


@dataclass(frozen=True)
class warm_up:
    """A line up to the first rate of a schedule, in `over` updates; then that schedule, from its start.

    The line's rates are 1/over, 2/over, ..., 1 times the first of the schedule. Goyal et al. (2017),
    Accurate, Large Minibatch SGD, section 2.2.

    Errors: TypeError for a schedule that is no function, TypeError or ValueError for an `over` that is no
    whole number or below 1.

    >>> [warm_up(constant(0.5), over=2)(number) for number in range(4)]
    [0.25, 0.5, 0.5, 0.5]
    """

    schedule: Schedule
    over: int

    def __post_init__(self) -> None:
        if not callable(self.schedule):
            raise TypeError(
                f"warm_up takes a schedule, such as constant(0.1) or cosine(0.1, 1000), got {self.schedule!r}"
            )
        size("over", self.over)

    def __call__(self, number: int) -> float:
        """Return the rate of an update, by how many were done before it."""
        if _counted(number) < self.over:
            return self.schedule(0) * ((number + 1) / self.over)
        return self.schedule(number - self.over)


def _counted(number: int) -> int:
    """Return the number of an update; TypeError where it is not whole, ValueError below 0."""
    try:
        index = operator.index(number)
    except TypeError:
        raise TypeError(f"a schedule takes the number of an update, 0, 1, 2, ..., got {number!r}") from None
    if index < 0:
        raise ValueError(f"a schedule takes the number of an update, 0, 1, 2, ..., got {number!r}")
    return index
