"""Over-fitting in its smallest example: nine noisy points of x², and more and more pieces to fit them."""

from collections.abc import Iterable
from math import fsum
from statistics import fmean
from typing import NamedTuple

from nn.checked import from_zero
from nn.data.cells import listed
from nn.inputs import size
from nn.pieces import ReluSum, least_squares

COUNT = 8
"""The points are at j/8, from 0 to 1: nine of them, so eight pieces and a constant can meet them all."""
NOISE = 0.1
CAPACITIES = (1, 2, 4, 8)
NODES = (-(0.6**0.5), 0.0, 0.6**0.5)
SHARES = (5 / 18, 8 / 18, 5 / 18)
"""Gauss's three points on [-1, 1], and their weights of sum 1: exact for polynomials up to degree 5."""


class Capacity(NamedTuple):
    """What k pieces come to: mean square error on the points, against x² itself, and the largest |weight|."""

    k: int
    training_error: float
    true_error: float
    largest_weight: float

    @property
    def row(self) -> tuple[float, float, float]:
        """The number of pieces and both errors, as `nn.plot.overfitting` draws them."""
        return self.k, self.training_error, self.true_error


def nine_points(noise: float = NOISE) -> tuple[list[float], list[float]]:
    """Return x = j/8 for j = 0 ... 8 and y = x² + noise, - noise, + noise, ... in turn.

    Errors: ValueError for a noise that is negative or not finite.

    >>> xs, ys = nine_points()
    >>> xs[:3], ys[:3]
    ([0.0, 0.125, 0.25], [0.1, -0.084375, 0.1625])
    """
    size_of_noise = from_zero("noise", noise)
    xs = [j / COUNT for j in range(COUNT + 1)]
    return xs, [x * x + (-1) ** j * size_of_noise for j, x in enumerate(xs)]


def capacity_curve(
    capacities: Iterable[int] = CAPACITIES, *, l2: float = 0.0, noise: float = NOISE
) -> list[Capacity]:
    """Fit the nine points with k ReLU pieces of equal width by least squares, for each k; return how well.

    `l2` adds l2 Σ vⱼ² to the mean square error that is made small. The true error is the mean of
    (sum - x²)² over [0, 1], by a rule that is exact for it.

    Errors: ValueError for a k below 1, more pieces than the points can tell apart (8) without `l2`, or an l2
    or noise below 0; TypeError for what is no list of whole numbers; ModuleNotFoundError naming the extra
    `lab` without numpy.

    >>> for row in capacity_curve():
    ...     print(f"{row.k}  {row.training_error:.4f}  {row.true_error:.5f}  {row.largest_weight:.2f}")
    1  0.0229  0.00658  1.00
    2  0.0122  0.00089  1.25
    4  0.0111  0.00036  0.75
    8  0.0000  0.00334  3.45
    """
    xs, ys = nine_points(noise)
    found = []
    for given in listed("capacities", capacities):
        k = size("k", given)
        knots = [j / k for j in range(k)]
        fitted = least_squares(xs, ys, knots, l2=l2)
        training = fmean([(z - y) ** 2 for z, y in zip(fitted.at(xs), ys, strict=True)])
        found.append(Capacity(k, training, _true_error(fitted), max(map(abs, fitted.weights))))
    return found


def _true_error(fitted: ReluSum) -> float:
    """Return the mean of (sum - x²)² over [0, 1]: on each piece of degree 4, so Gauss's rule is exact."""
    ends = [*fitted.knots, 1.0]
    means = []
    for left, right in zip(ends, ends[1:], strict=False):
        xs = [(left + right) / 2 + node * (right - left) / 2 for node in NODES]
        squares = [(z - x * x) ** 2 for z, x in zip(fitted.at(xs), xs, strict=True)]
        means.append(fsum(share * square for share, square in zip(SHARES, squares, strict=True)))
    return fmean(means)
