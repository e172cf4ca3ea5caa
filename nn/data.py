"""Data: points and labels, split for training and testing."""

import math
import operator
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.optional import load

Point = tuple[float, ...]


@dataclass(frozen=True)
class Split:
    """Points with their labels, some to train on, others to test on; label i is called names[i].

    A point is a tuple of floats, all of one length; other rows of numbers are converted.

    Errors: ValueError, naming the row, for a number that is not finite, a point of another length, a label
    outside 0 ... len(names)-1, or labels that do not match the points in number.

    >>> split = Split([[0.0], [1.0]], [0, 1], [[0.2]], [0], names=("low", "high"))
    >>> split.train_points
    ((0.0,), (1.0,))
    """

    train_points: Sequence[Point]
    train_labels: Sequence[int]
    test_points: Sequence[Point]
    test_labels: Sequence[int]
    names: Sequence[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(self.names))
        width = 0
        for part in ("train", "test"):
            points = tuple(
                [_point(f"{part}_points[{i}]", p) for i, p in enumerate(getattr(self, f"{part}_points"))]
            )
            labels = tuple(getattr(self, f"{part}_labels"))
            if len(points) != len(labels):
                raise ValueError(
                    f"each point has a label: got {len(points)} {part}_points, {len(labels)} labels"
                )
            width = width or len(points[0] if points else ())
            for i, point in enumerate(points):
                if len(point) != width:
                    raise ValueError(
                        f"{part}_points[{i}] has {len(point)} numbers, the first point has {width}"
                    )
            labels = tuple([_label(f"{part}_labels[{i}]", n, len(self.names)) for i, n in enumerate(labels)])
            object.__setattr__(self, f"{part}_points", points)
            object.__setattr__(self, f"{part}_labels", labels)

    def __repr__(self) -> str:
        return (
            f"Split({len(self.train_points)} to train, {len(self.test_points)} to test, names={self.names})"
        )


def stratified(
    points: Iterable[Iterable[float]],
    labels: Iterable[int],
    *,
    names: Sequence[str],
    seed: int = 0,
    test_fraction: float = 0.2,
) -> Split:
    """Return a Split in which each label keeps its share: of its points, test_fraction are for testing.

    Which ones is drawn by `random.Random(seed)`; both parts keep the order of the points.

    Errors: ValueError for a test_fraction outside of 0 ... 1, and as Split.

    >>> stratified([[0], [1], [2], [3]], [0, 0, 1, 1], names=("a", "b"), test_fraction=0.5).test_labels
    (0, 1)
    """
    if not 0 < test_fraction < 1:
        raise ValueError(f"test_fraction is between 0 and 1, got {test_fraction!r}")
    rows = [_point(f"row {i}", point) for i, point in enumerate(points)]
    answers = [_label(f"the label of row {i}", label, len(names)) for i, label in enumerate(labels)]
    if len(rows) != len(answers):
        raise ValueError(f"each point has a label: got {len(rows)} points, {len(answers)} labels")
    rng = random.Random(seed)
    testing: set[int] = set()
    for label in range(len(names)):
        places = [i for i, answer in enumerate(answers) if answer == label]
        testing.update(rng.sample(places, round(test_fraction * len(places))))
    train = [i for i in range(len(rows)) if i not in testing]
    test = sorted(testing)
    return Split(
        [rows[i] for i in train],
        [answers[i] for i in train],
        [rows[i] for i in test],
        [answers[i] for i in test],
        names,
    )


def digits(seed: int = 0, test_fraction: float = 0.2) -> Split:
    """Return the 1797 handwritten digits of scikit-learn: 8 x 8 pixels, row by row, from 0 to 1.

    Errors: ModuleNotFoundError naming the extra `lab` without scikit-learn; as `stratified`.

    >>> digits()
    Split(1438 to train, 359 to test, names=('0', '1', '2', '3', '4', '5', '6', '7', '8', '9'))
    """
    found = load("sklearn.datasets", extra="lab").load_digits()
    names = tuple(str(name) for name in found.target_names)
    return stratified(
        (found.data / 16).tolist(), found.target.tolist(), names=names, seed=seed, test_fraction=test_fraction
    )


def moons(n: int = 100, noise: float = 0.1, seed: int = 0) -> tuple[list[Point], list[int]]:
    """Return n points on two interleaved half circles of radius 1, and their labels 0 and 1 in turn.

    Each coordinate has Gaussian noise of that standard deviation. The upper moon is about (0, 0), the lower
    one about (1, 0.5), as in scikit-learn's `make_moons`.

    Errors: ValueError for n below 2 or a noise below 0.

    >>> points, labels = moons(4, noise=0.0)
    >>> labels
    [0, 1, 0, 1]
    """
    count = operator.index(n)
    if count < 2:
        raise ValueError(f"moons needs at least a point for each of the two, got n={n}")
    if not 0 <= noise < math.inf:
        raise ValueError(f"the noise is a standard deviation, 0 or more, got {noise!r}")
    rng = random.Random(seed)
    points: list[Point] = []
    labels = [i % 2 for i in range(count)]
    for label in labels:
        angle = rng.uniform(0, math.pi)
        x, y = math.cos(angle), math.sin(angle)
        if label:
            x, y = 1 - x, 0.5 - y
        points.append((x + rng.gauss(0, noise), y + rng.gauss(0, noise)))
    return points, labels


def _point(where: str, numbers: Iterable[float]) -> Point:
    try:
        point = tuple([float(x) for x in numbers])
    except (TypeError, ValueError) as error:
        raise TypeError(f"{where} is no row of numbers: {error}") from None
    for i, x in enumerate(point):
        if not math.isfinite(x):
            raise ValueError(f"{where} has {x} at position {i}: {_shown(point)}")
    return point


def _shown(point: Point) -> str:
    return f"({', '.join(f'{x:g}' for x in point[:8])}{', ...' if len(point) > 8 else ''})"


def _label(where: str, label: int, count: int) -> int:
    try:
        index = operator.index(label)
    except TypeError:
        raise TypeError(f"{where} is {label!r}, which is no whole number") from None
    if not 0 <= index < count:
        raise ValueError(f"{where} is {index}, outside 0 ... {count - 1}: there are {count} names")
    return index
