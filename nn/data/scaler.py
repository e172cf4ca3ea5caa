"""Standardising: numbers minus their mean, divided by their standard deviation."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nn.checked import of_kind
from nn.data.cells import Point, listed, number, rows


@dataclass(frozen=True)
class Scaler:
    """The mean and the standard deviation of each column, learned from some points and applied to any.

    `inputs` names the columns. A column that was constant where the scaler was learned has deviation 0;
    whatever stands in it becomes 0.

    Errors: ValueError for lists of different lengths, numbers that are not finite, a deviation below 0;
    TypeError for what is no list, or no number.

    >>> scaler = Scaler.of([[1.0, 7.0], [3.0, 7.0]], inputs=("height", "sides"))
    >>> scaler.apply([5.0, 7.0]), scaler.constant
    ((3.0, 0.0), ('sides',))
    """

    inputs: Sequence[str]
    means: Sequence[float]
    deviations: Sequence[float]

    def __post_init__(self) -> None:
        names = tuple(listed("inputs", self.inputs))
        object.__setattr__(self, "inputs", names)
        for field in ("means", "deviations"):
            numbers = listed(field, getattr(self, field))
            if len(numbers) != len(names):
                raise ValueError(
                    f"a Scaler of {len(names)} columns takes as many {field}, got {len(numbers)}"
                )
            checked = [number(f"{field}: column {name!r}", x) for name, x in zip(names, numbers, strict=True)]
            object.__setattr__(self, field, tuple(checked))
        for name, deviation in zip(names, self.deviations, strict=True):
            if deviation < 0:
                raise ValueError(f"a standard deviation is 0 or more, got {deviation} for column {name!r}")

    @classmethod
    def of(cls, points: Sequence[Sequence[float]], inputs: Sequence[str]) -> "Scaler":
        """Return the scaler of some points: means and population standard deviations (divided by n).

        Errors: ValueError for a column whose sum or spread is too large for a float, for points of another
        length than `inputs`; those of Dataset for its points.

        >>> Scaler.of([[0.0], [4.0]], inputs=("x",))
        Scaler(inputs=('x',), means=(2.0,), deviations=(2.0,))
        """
        names = listed("inputs", inputs)
        found = rows(points, names)
        if len(found[0]) != len(names):
            raise ValueError(f"a point has {len(found[0])} numbers, got {len(names)} inputs")
        moments = [_moments(*pair) for pair in zip(names, zip(*found, strict=True), strict=True)]
        return cls(names, [mean for mean, _ in moments], [deviation for _, deviation in moments])

    @property
    def constant(self) -> tuple[str, ...]:
        """The columns whose deviation is 0: they tell the points apart no more.

        >>> Scaler(("x",), (7.0,), (0.0,)).constant
        ('x',)
        """
        return tuple([name for name, d in zip(self.inputs, self.deviations, strict=True) if d == 0])

    def apply(self, point: Iterable[float]) -> Point:
        """Return a raw point, standardised: (x - mean) / deviation.

        Errors: ValueError for a point of another length or a number that is not finite.

        >>> Scaler(("x",), (2.0,), (4.0,)).apply([10.0])
        (2.0,)
        """
        triples = zip(self._checked(point), self.means, self.deviations, strict=True)
        return tuple([(x - mean) / deviation if deviation else 0.0 for x, mean, deviation in triples])

    def undo(self, point: Iterable[float]) -> Point:
        """Return a standardised point in its own units again: x · deviation + mean.

        Errors: as `apply`.

        >>> Scaler(("x",), (2.0,), (4.0,)).undo([2.0])
        (10.0,)
        """
        triples = zip(self._checked(point), self.means, self.deviations, strict=True)
        return tuple([x * deviation + mean for x, mean, deviation in triples])

    def state(self) -> dict[str, Any]:
        """Return what `Scaler.load` takes, ready for JSON.

        >>> Scaler(("x",), (2.0,), (4.0,)).state()
        {'inputs': ['x'], 'means': [2.0], 'deviations': [4.0]}
        """
        return {
            "inputs": list(self.inputs),
            "means": list(self.means),
            "deviations": list(self.deviations),
        }

    @classmethod
    def load(cls, state: Mapping[str, Any]) -> "Scaler":
        """Return the scaler whose state this is.

        Errors: ValueError for a state without one of its three entries or with others, TypeError for what is
        no dict; as Scaler.

        >>> Scaler.load({"inputs": ["x"], "means": [2.0], "deviations": [4.0]}).means
        (2.0,)
        """
        of_kind("state", state, Mapping, "a dict, as Scaler.state gives")
        wanted = {"inputs", "means", "deviations"}
        if set(state) != wanted:
            given = ", ".join(sorted(map(str, state)))
            raise ValueError(f"the state of a Scaler has {', '.join(sorted(wanted))}; got {given}")
        return cls(**state)

    def _checked(self, point: Iterable[float]) -> Point:
        numbers = listed("a point", point)
        if len(numbers) != len(self.inputs):
            raise ValueError(
                f"the scaler knows {len(self.inputs)} columns, the point has {len(numbers)} numbers"
            )
        return tuple([number(f"column {name!r}", x) for name, x in zip(self.inputs, numbers, strict=True)])


def _moments(name: str, column: Sequence[float]) -> tuple[float, float]:
    if min(column) == max(column):
        return column[0], 0.0
    try:
        mean = math.fsum(column) / len(column)
    except OverflowError:
        mean = math.inf
    deviation = math.hypot(*[x - mean for x in column]) / math.sqrt(len(column))
    if not math.isfinite(deviation):
        raise ValueError(f"column {name!r} is too wide to standardise: {min(column)} ... {max(column)}")
    return mean, deviation
