"""Toys: points of a plane in classes of a known shape, drawn by a seed."""

import math
import random
from collections.abc import Sequence

from nn.checked import real
from nn.data.cells import Point, plain, rows, spread
from nn.data.dataset import Dataset
from nn.inputs import whole


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> Dataset:
    """Return n points on two interleaved half circles of radius 1, of label 0 and 1 in turn.

    Each coordinate has Gaussian noise of that standard deviation. The upper moon is about (0, 0), the lower
    one about (1, 0.5), as in scikit-learn's `make_moons`.

    Errors: ValueError for n below 2 or a noise below 0; TypeError for what is no number, and for an n or a
    seed that is no whole one.

    >>> moons(4, noise=0.0).targets
    (0, 1, 0, 1)
    """
    rng = random.Random(whole("seed", seed))
    points: list[Point] = []
    labels = _in_turn("moons", n, 2, noise)
    for label in labels:
        angle = rng.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        if label:
            x, y = 1 - x, 0.5 - y
        points.append((x + rng.gauss(0, noise), y + rng.gauss(0, noise)))
    return _plane(
        "moons", f"two interleaved half circles, noise {noise:g}", points, labels, ("upper", "lower")
    )


def circles(n: int = 100, noise: float = 0.05, seed: int = 0, factor: float = 0.5) -> Dataset:
    """Return n points on two circles about (0, 0), of label 0 and 1 in turn.

    The outer one, label 0, has radius 1, the inner one radius `factor`; each coordinate
    has Gaussian noise of that standard deviation, as in scikit-learn's `make_circles`.

    Errors: ValueError for n below 2, a noise below 0 or a factor outside 0 ... 1; TypeError as `moons`.

    >>> [round(math.hypot(*point), 3) for point in circles(4, noise=0.0).points]
    [1.0, 0.5, 1.0, 0.5]
    """
    if not 0 < real("the factor", factor) < 1:
        raise ValueError(f"the factor is the inner circle's radius, between 0 and 1, got {factor!r}")
    rng = random.Random(whole("seed", seed))
    points: list[Point] = []
    labels = _in_turn("circles", n, 2, noise)
    for label in labels:
        angle = rng.uniform(0, 2 * math.pi)
        radius = factor if label else 1.0
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        points.append((x + rng.gauss(0, noise), y + rng.gauss(0, noise)))
    text = f"a circle of radius {factor:g} inside one of radius 1, noise {noise:g}"
    return _plane("circles", text, points, labels, ("outer", "inner"))


def spirals(
    n: int = 200, turns: float = 1.0, noise: float = 0.02, classes: int = 2, seed: int = 0
) -> Dataset:
    """Return n points on spirals from radius 0.1 to 1, one spiral a class, of label 0, 1, ... in turn.

    Each winds `turns` times about (0, 0) and starts 1/classes of a turn after the one before; each coordinate
    has Gaussian noise of that standard deviation. After Lang and Witbrock, "Learning to tell two spirals
    apart", 1988.

    Errors: ValueError for fewer than two classes, an n below their number, turns that are not positive, or a
    noise below 0; TypeError as `moons`.

    >>> spirals(6, classes=3).targets
    (0, 1, 2, 0, 1, 2)
    """
    count = whole("classes", classes)
    if count < 2:
        raise ValueError(f"spirals needs at least two classes, got {classes!r}")
    if not 0 < real("turns", turns) < math.inf:
        raise ValueError(f"turns is how often a spiral winds, above 0, got {turns!r}")
    rng = random.Random(whole("seed", seed))
    points: list[Point] = []
    labels = _in_turn("spirals", n, count, noise)
    for label in labels:
        way = rng.random()
        angle, radius = 2 * math.pi * (turns * way + label / count), 0.1 + 0.9 * way
        x, y = radius * math.cos(angle), radius * math.sin(angle)
        points.append((x + rng.gauss(0, noise), y + rng.gauss(0, noise)))
    text = f"{count} spirals of {turns:g} turns, noise {noise:g}; after Lang and Witbrock, 1988"
    return _plane("spirals", text, points, labels, [f"spiral {i}" for i in range(count)])


def blobs(
    n: int = 100, centres: int | Sequence[Sequence[float]] = 3, noise: float = 1.0, seed: int = 0
) -> Dataset:
    """Return n points about centres, one centre a class, of label 0, 1, ... in turn.

    Each coordinate has Gaussian noise of that standard deviation. `centres` are points, or how many to draw
    from the square -10 ... 10, as in scikit-learn's `make_blobs`.

    Errors: ValueError for fewer than two centres, an n below their number, or a noise below 0; TypeError as
    `moons`, and for centres that are neither a number nor points.

    >>> blobs(4, centres=[(0.0, 0.0), (5.0, 5.0)], noise=0.0).points
    ((0.0, 0.0), (5.0, 5.0), (0.0, 0.0), (5.0, 5.0))
    """
    rng = random.Random(whole("seed", seed))
    given = plain(centres)
    if not isinstance(given, (list, tuple)):
        given = [(rng.uniform(-10, 10), rng.uniform(-10, 10)) for _ in range(whole("centres", given))]
    if len(given) < 2:
        raise ValueError(f"blobs needs at least two centres, got {centres!r}")
    middles = rows(given, ())
    labels = _in_turn("blobs", n, len(middles), noise)
    points = [tuple([x + rng.gauss(0, noise) for x in middles[label]]) for label in labels]
    text = f"points about {len(middles)} centres, standard deviation {noise:g}"
    return _plane("blobs", text, points, labels, [f"blob {i}" for i in range(len(middles))])


def _in_turn(toy: str, n: int, classes: int, noise: float) -> list[int]:
    count = whole("n", n)
    if count < classes:
        raise ValueError(f"{toy} needs at least a point for each of the {classes} classes, got n={n}")
    spread(noise)
    return [i % classes for i in range(count)]


def _plane(
    name: str, description: str, points: Sequence[Point], labels: Sequence[int], names: Sequence[str]
) -> Dataset:
    return Dataset(points, labels, names=names, name=name, description=description, source="drawn by a seed")
