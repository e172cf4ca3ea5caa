"""Whether a hyperplane separates two classes: one that does, or a proof that none can."""

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, hypot, inf, lcm, nextafter
from typing import Any, TypeAlias

from engine.optional import load
from nn.combination import figure
from nn.contradiction import inequality, proof
from nn.data.cells import Point
from nn.hyperplane import Hyperplane, two_classes
from nn.simplex import cancelling

LEAST_SHARE = 1e-9
"""A multiplier that is a smaller share of the largest one is what rounding left of 0."""

Row: TypeAlias = tuple[Fraction, ...]


@dataclass(frozen=True, repr=False)
class Separated:
    """Two classes with a hyperplane between them; true.

    `margin` is the distance of the point next to the hyperplane, 0 where one of class 0 lies on it.
    """

    points: tuple[Point, ...]
    labels: tuple[int, ...]
    hyperplane: Hyperplane
    margin: float

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        return (
            f"separable: {self.hyperplane.equation} is > 0 at every point of class 1 and ≤ 0 at every point "
            f"of class 0\nchecked with exact fractions at each of the {len(self.points)} points; the nearest "
            f"is {figure(self.margin)} away"
        )


@dataclass(frozen=True, repr=False)
class Inseparable:
    """Two classes that no hyperplane separates; false. Its text is the proof.

    Every point asks for an inequality, w·x + b > 0 in class 1, w·x + b ≤ 0 in class 0. `multipliers` holds a
    number ≥ 0 for each, such that they add up to 0 > 0.
    """

    points: tuple[Point, ...]
    labels: tuple[int, ...]
    multipliers: tuple[Fraction, ...]

    def __bool__(self) -> bool:
        return False

    @property
    def inequalities(self) -> tuple[str, ...]:
        """What each point asks of the weights and of b, as text."""
        return tuple([inequality(x, label) for x, label in zip(self.points, self.labels, strict=True)])

    def __repr__(self) -> str:
        return proof(self.points, self.labels, self.multipliers)


Separation: TypeAlias = Separated | Inseparable


def separable(points: Any, labels: Any = None) -> Separation:
    """Return whether a hyperplane separates points of class 1 from those of class 0; a Dataset has both.

    True is a hyperplane with class 1 on its positive side and no point of class 0 there (step(0) is 0). False
    is a set of multipliers by which the points' inequalities add up to 0 > 0 (Gordan 1873, Farkas 1902). Both
    come from one linear program, the widest slab between the classes and its dual (after Mangasarian 1965).
    Its floats only propose: the hyperplane is checked at every point in exact fractions, the multipliers are
    found again in whole numbers, at the points that the program named and at more where these do not do.

    Errors: ValueError for labels other than 0 and 1, for points of one class only, lists of different
    lengths, numbers that are not finite; ArithmeticError where the classes are separable, but so close that
    no float hyperplane was found; ModuleNotFoundError naming the extra `lab` without scipy.

    >>> corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    >>> separable(corners, [0, 0, 0, 1])
    separable: x1 + x2 − 1.5 is > 0 at every point of class 1 and ≤ 0 at every point of class 0
    checked with exact fractions at each of the 4 points; the nearest is 0.3536 away
    >>> separable(corners, [0, 1, 1, 0])
    not separable: no w1, w2 and b satisfy
      (1)  b ≤ 0            since (0, 0) is of class 0
      (2)  w2 + b > 0       since (0, 1) is of class 1
      (3)  w1 + b > 0       since (1, 0) is of class 1
      (4)  w1 + w2 + b ≤ 0  since (1, 1) is of class 0
    with both sides of ≤ times −1, each times a number, these are
      1 × (1)  −b ≥ 0
      1 × (2)  w2 + b > 0
      1 × (3)  w1 + b > 0
      1 × (4)  −w1 − w2 − b ≥ 0
    and add up to 0 > 0, a contradiction:
      w1: 1 − 1 = 0
      w2: 1 − 1 = 0
      b:  −1 + 1 + 1 − 1 = 0
    """
    known, sides = two_classes(points, labels)
    if len(set(sides)) == 1:
        raise ValueError(f"all {len(sides)} points are of class {sides[0]}: there is nothing to separate")
    w, shares = _linear_program(known, sides)
    exact = [tuple(map(Fraction, point)) for point in known]
    asked = [_whole(x, label) for x, label in zip(exact, sides, strict=True)]
    chosen = [i for i, share in enumerate(shares) if share > LEAST_SHARE * max(shares)] or [0]
    plane = _between(exact, sides, w)
    while plane is None:
        found, vector = cancelling([asked[i] for i in chosen])
        if found:
            return Inseparable(known, sides, _by_place(len(known), chosen, found, asked))
        largest = max(map(abs, vector[1:])) or 1
        plane = _between(exact, sides, [float(Fraction(v, largest)) for v in vector[1:]])
        heights = [sum(map(operator.mul, vector, column)) for column in asked]
        wrong = sorted([i for i, height in enumerate(heights) if height <= 0], key=heights.__getitem__)
        if plane is None and not wrong:
            raise ArithmeticError(
                "the classes are separable in fractions, but so close that no hyperplane found in floats is "
                "right at every point: points of fewer digits or a common scale may help"
            )
        chosen += wrong[: len(vector)]
    nearest = min(abs(_height(x, plane)) for x in exact)
    return Separated(known, sides, plane, float(nearest) / hypot(*plane.coefficients))


def _linear_program(points: Sequence[Point], labels: Sequence[int]) -> tuple[list[float], list[float]]:
    """Return the w of the widest slab, and the dual's share of each point.

    The program: maximise t with ±(w·x + b) ≥ t at every point and |wⱼ| ≤ 1, each column of x scaled to ±1.
    Its dual: shares ≥ 0 of sum 1 by which the ±(x, 1) add up as nearly as can be to 0. If t > 0 there is a
    slab; if t = 0 they add up to 0.
    """
    np = load("numpy", extra="lab")
    x = np.array(points)
    sign = np.where(np.array(labels) == 1, 1.0, -1.0)
    middle = x.min(axis=0) / 2 + x.max(axis=0) / 2
    reach = np.abs(x - middle).max(axis=0)
    reach[reach == 0] = 1.0
    scaled = (x - middle) / reach
    width = x.shape[1]
    rows = np.column_stack([-sign[:, None] * scaled, -sign, np.ones(len(x))])
    bounds = [(-1.0, 1.0)] * width + [(None, None)] * 2
    goal = np.zeros(width + 2)
    goal[-1] = -1.0
    found = load("scipy.optimize", extra="lab").linprog(
        goal, A_ub=rows, b_ub=np.zeros(len(x)), bounds=bounds, method="highs-ds"
    )
    if found.status != 0:
        raise ArithmeticError(f"the linear program of {len(x)} points ended with: {found.message}")
    with np.errstate(over="ignore"):  # an infinite w is no proposal
        w = found.x[:width] / reach
    return w.tolist(), (-found.ineqlin.marginals).tolist()


def _between(points: Sequence[Row], labels: Sequence[int], w: Sequence[float]) -> Hyperplane | None:
    """Return a hyperplane of direction w that separates exactly, the middle one if floats allow; or None."""
    largest = max(map(abs, w))
    if not 0 < largest < inf:
        return None
    coefficients = tuple([c / largest for c in w])
    exact = tuple(map(Fraction, coefficients))
    along = [sum(map(operator.mul, exact, x), Fraction(0)) for x in points]
    low = max(a for a, label in zip(along, labels, strict=True) if label == 0)
    high = min(a for a, label in zip(along, labels, strict=True) if label == 1)
    if not low < high:
        return None
    edge = -float(low)
    for offset in (-float((low + high) / 2), edge, nextafter(edge, -inf)):
        if -high < Fraction(offset) <= -low:
            return Hyperplane(coefficients, offset)
    return None


def _height(point: Row, plane: Hyperplane) -> Fraction:
    return sum(map(operator.mul, map(Fraction, plane.coefficients), point), Fraction(plane.offset))


def _whole(point: Row, label: int) -> list[int]:
    """Return what a point asks to be above 0, as the coefficients of b and w: ±(1, x) in whole numbers."""
    scale = lcm(*[x.denominator for x in point]) * (1 if label else -1)
    return [int(x * scale) for x in (Fraction(1), *point)]


def _by_place(
    count: int, chosen: Sequence[int], found: Sequence[int], asked: Sequence[Sequence[int]]
) -> tuple[Fraction, ...]:
    """Return the multipliers of all points, in the smallest whole numbers, from those of `_whole` columns."""
    multipliers = [0] * count
    for i, multiplier in zip(chosen, found, strict=True):
        multipliers[i] = multiplier * abs(asked[i][0])
    common = gcd(*multipliers)
    return tuple([Fraction(multiplier // common) for multiplier in multipliers])
