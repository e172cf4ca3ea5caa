"""The hyperplane between two classes: where Σ wᵢxᵢ + b is 0."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine import dot
from engine.carrier import Floats
from nn.checked import finite
from nn.combination import combination
from nn.data.cells import Point, listed, plain, rows
from nn.data.dataset import Dataset


@dataclass(frozen=True, repr=False)
class Hyperplane:
    """The points at which Σ coefficientᵢ xᵢ + offset is 0: a line in the plane, a plane in space.

    The coefficients are the vector w, which stands at right angles to the hyperplane and points to the side
    of class 1; class 0 is the other side and the hyperplane itself, since step(0) is 0.

    Errors: ValueError where all coefficients are 0, or there is none, or a number is not finite: that is
    no hyperplane.

    >>> plane = Hyperplane((2.0, 1.0), -2.0)
    >>> plane
    Hyperplane 2 x1 + x2 − 2 = 0, class 1 where that is > 0
    >>> round(plane.distance((1.0, 1.0)), 4)
    0.4472
    """

    coefficients: tuple[float, ...]
    offset: float

    def __post_init__(self) -> None:
        given = listed("coefficients", self.coefficients)
        w = tuple([finite(f"coefficient {i}", c) for i, c in enumerate(given, 1)])
        object.__setattr__(self, "coefficients", w)
        object.__setattr__(self, "offset", finite("the offset", self.offset))
        if not any(w):
            raise ValueError(
                f"w = ({', '.join(map(str, w))}) has no direction, so Σ wᵢxᵢ + b = 0 is no hyperplane: b = "
                f"{self.offset} alone decides, the same for every point; a weight other than 0 is needed"
            )

    def height(self, point: Iterable[float]) -> float:
        """Return Σ coefficientᵢ xᵢ + offset: how high the tilted plane stands over a point.

        Errors: ValueError for a point of another length or with a number that is not finite.

        >>> Hyperplane((1.0, 1.0), -0.5).height((1.0, 0.0))
        0.5
        """
        given = listed("a point", point)
        if len(given) != len(self.coefficients):
            raise ValueError(
                f"this hyperplane lies among points of {len(self.coefficients)} numbers, got {len(given)}"
            )
        xs = [finite(f"x{i}", x) for i, x in enumerate(given, 1)]
        return float(dot(Floats((self.offset, *self.coefficients)), Floats((1.0, *xs))))

    def distance(self, point: Iterable[float]) -> float:
        """Return the distance of a point, positive on the side of class 1: height / ‖w‖.

        Errors: as `height`.

        >>> Hyperplane((3.0, 4.0), 0.0).distance((-3.0, -4.0))
        -5.0
        """
        return self.height(point) / math.hypot(*self.coefficients)

    def side(self, point: Iterable[float]) -> int:
        """Return the class of a point: 1 where its height is above 0, else 0.

        Errors: as `height`.

        >>> Hyperplane((1.0, 0.0), 0.0).side((0.0, 7.0))
        0
        """
        return 1 if self.height(point) > 0 else 0

    def __neg__(self) -> "Hyperplane":
        return Hyperplane(tuple([-c for c in self.coefficients]), -self.offset)

    def __repr__(self) -> str:
        return f"Hyperplane {self.equation} = 0, class 1 where that is > 0"

    @property
    def equation(self) -> str:
        """The left side of its equation, as text.

        >>> Hyperplane((1.0, -1.0), -0.5).equation
        'x1 − x2 − 0.5'
        """
        return combination(self.coefficients, "x", self.offset)


def two_classes(points: Any, labels: Any = None) -> tuple[tuple[Point, ...], tuple[int, ...]]:
    """Return points as tuples of floats, and their labels, each 0 or 1; a Dataset brings its labels along.

    Errors: ValueError for another label (with its position), lists of different lengths, and numbers that are
    missing or not finite; TypeError for what is no list.

    >>> two_classes([[0, 1], [2, 3]], [False, True])
    (((0.0, 1.0), (2.0, 3.0)), (0, 1))
    """
    if labels is None:
        if not isinstance(points, Dataset):
            raise TypeError("points without labels: give both, or a Dataset, which has both")
        points, labels = points.points, points.targets
    known = listed("labels", labels)
    found = rows(points, ())
    if len(found) != len(known):
        raise ValueError(f"each point has a label: got {len(found)} points, {len(known)} labels")
    return found, tuple([_zero_or_one(i, label, known) for i, label in enumerate(known)])


def _zero_or_one(i: int, given: Any, labels: Sequence[Any]) -> int:
    label = plain(given)
    if isinstance(label, (int, float)) and label in (0, 1):
        return int(label)
    raise ValueError(
        f"the label of point {i} is {given!r}; a hyperplane has two sides, 0 and 1: say which label is the "
        f"1, as in [label == {labels[-1]!r} for label in labels]; points count from 0"
    )
