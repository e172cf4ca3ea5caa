"""The line of a neuron among points of two classes, with the arrow w and the side of class 1."""

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from nn.hyperplane import Hyperplane, two_classes
from nn.perceptron import Perceptron
from nn.plot.axes import CLASSES, EDGE, INK, MARKERS, PAPER, POSITIVE, dressed
from nn.rosenblatt import Learning
from nn.separable import Separated

Point: TypeAlias = tuple[float, float]

ROOM = 0.25
"""How far the picture reaches beyond the points, as a share of their spread."""
ARROW = 0.18
"""How long the arrow is, as a share of the picture: it shows where w points, not how long it is."""
NAME = 0.035
"""How far beyond the arrow its name stands, as a share of the picture."""
CLEAR = 0.06
"""So far from every point the arrow and its name stand where they can, as a share of the picture."""
SHIFTS = sorted(range(-8, 9), key=abs)
"""Where along the line the arrow may stand, in quarters of its length from the place in the middle."""


def hyperplane(
    of: Hyperplane | Perceptron | Learning | Separated,
    points: Any,
    labels: Any = None,
    ax: Any = None,
    *,
    trail: bool = False,
) -> Any:
    """Draw points of two numbers by class, the line, its arrow w, and the side of class 1, lightly blue.

    `of` is a hyperplane or what has one. With `trail` the lines after the corrections of a Learning stand
    there faintly, the older the fainter.

    Errors: TypeError for what has no hyperplane; ValueError for points of other than two numbers, for w = 0,
    or a trail of what is no Learning; as `nn.hyperplane.two_classes`.

    >>> corners = [(0, 0), (0, 1), (1, 0), (1, 1)]
    >>> hyperplane(Perceptron.of(-1.5, [1, 1]), corners, [0, 0, 0, 1]).get_title()
    'x1 + x2 − 1.5 = 0: 4 of 4 right'
    """
    known, sides = two_classes(points, labels)
    if not isinstance(of, (Hyperplane, Perceptron, Learning, Separated)):
        raise TypeError(f"a hyperplane, or what has one, such as a Perceptron, is drawn; got {of!r}")
    plane = of if isinstance(of, Hyperplane) else of.hyperplane
    for what, width in (("points", len(known[0])), ("w", len(plane.coefficients))):
        if width != 2:
            raise ValueError(f"a plot of a line takes points of two numbers, {what} has {width}")
    ax = dressed(ax, 5.2, 5.0)
    (left, right), (low, high) = _span([x for x, _ in known]), _span([y for _, y in known])
    ax.set(xlim=(left, right), ylim=(low, high), aspect="equal", xlabel="x1", ylabel="x2")
    if trail:
        _trail(ax, of)
    corners = [[plane.height((x, y)) for x in (left, right)] for y in (low, high)]
    top = max(map(max, corners))
    if top > 0:
        ax.contourf((left, right), (low, high), corners, levels=[0, top], colors=[POSITIVE], alpha=0.13)
    centre = ((left + right) / 2, (low + high) / 2)
    middle, unit = _foot(plane, centre), _unit(plane)
    ax.axline(middle, (middle[0] - unit[1], middle[1] + unit[0]), color=INK, linewidth=1.8)
    size = min(right - left, high - low)
    foot, tip, name = _arrow(middle, unit, known, size, ((left, right), (low, high)))
    arrow = {"arrowstyle": "-|>", "color": INK, "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}
    ax.annotate("", tip, foot, arrowprops=arrow, zorder=4)
    ax.annotate(
        "w", name, ha="center", va="center", color=INK, style="italic", fontsize=12, zorder=5,
        bbox={"facecolor": PAPER, "alpha": 0.75, "linewidth": 0, "pad": 1},
    )  # fmt: skip
    for side in (0, 1):
        here = [point for point, label in zip(known, sides, strict=True) if label == side]
        ax.scatter(
            [x for x, _ in here], [y for _, y in here], color=CLASSES[side], marker=MARKERS[side],
            s=70 if len(known) < 50 else 22, edgecolor=PAPER, label=f"class {side}", zorder=3,
        )  # fmt: skip
    right_ones = sum(plane.side(point) == label for point, label in zip(known, sides, strict=True))
    ax.set_title(f"{plane.equation} = 0: {right_ones} of {len(known)} right")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)
    return ax


def _trail(ax: Any, of: Any) -> None:
    if not isinstance(of, Learning):
        raise ValueError(f"a trail is that of a Learning, what Perceptron.fit returns; got {of!r}")
    weights = [correction.weights for correction in of.corrections[:-1]]
    planes = [Hyperplane(w[1:], w[0]) for w in weights if any(w[1:])]
    for i, plane in enumerate(planes):
        foot, unit = _foot(plane, (0.0, 0.0)), _unit(plane)
        along = (foot[0] - unit[1], foot[1] + unit[0])
        ax.axline(foot, along, color=EDGE, linewidth=1, alpha=0.2 + 0.6 * (i + 1) / len(planes))


def _arrow(
    middle: Point, unit: Point, points: Sequence[Any], size: float, limits: tuple[Point, Point]
) -> tuple[Point, Point, Point]:
    """Return foot and tip of the arrow and the place of its name, clear of the points where that is possible.

    Of the places along the line the one next to the middle is taken that is clear, else the one farthest from
    the points.
    """
    places = []
    for shift in SHIFTS:
        along = shift / 4 * ARROW * size
        foot = middle[0] - along * unit[1], middle[1] + along * unit[0]
        tip, name = (
            (foot[0] + share * size * unit[0], foot[1] + share * size * unit[1])
            for share in (ARROW, ARROW + NAME)
        )
        inside = all(
            low + NAME * size < x < high - NAME * size for x, (low, high) in zip(name, limits, strict=True)
        )
        room = min(_apart(point, foot, name) for point in points) / size if inside else -1.0
        places.append((min(room, CLEAR), foot, tip, name))
    return max(places, key=lambda place: place[0])[1:]


def _apart(point: Sequence[float], start: Point, end: Point) -> float:
    """Return how far a point is from a piece of a line."""
    way = end[0] - start[0], end[1] - start[1]
    share = ((point[0] - start[0]) * way[0] + (point[1] - start[1]) * way[1]) / (way[0] ** 2 + way[1] ** 2)
    share = min(max(share, 0.0), 1.0)
    return math.dist(point, (start[0] + share * way[0], start[1] + share * way[1]))


def _span(numbers: Sequence[float]) -> tuple[float, float]:
    spread = (max(numbers) - min(numbers)) or 1.0
    return min(numbers) - ROOM * spread, max(numbers) + ROOM * spread


def _unit(plane: Hyperplane) -> tuple[float, float]:
    """Return w at length 1."""
    length = math.hypot(*plane.coefficients)
    return plane.coefficients[0] / length, plane.coefficients[1] / length


def _foot(plane: Hyperplane, point: tuple[float, float]) -> tuple[float, float]:
    """Return the point of the line next to a point."""
    distance, unit = plane.distance(point), _unit(plane)
    return point[0] - distance * unit[0], point[1] - distance * unit[1]
