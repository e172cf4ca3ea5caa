"""The decision boundary of a model in the plane, the data, and the line of each neuron that sees them."""

import math
from collections.abc import Sequence
from typing import Any

from nn.answers import Model, label, outputs, threshold_of
from nn.checked import DATASET, of_kind
from nn.data import Dataset
from nn.data.describing import measured
from nn.inputs import size
from nn.mlp import MLP
from nn.neuron import Layer, Neuron
from nn.perceptron import Perceptron
from nn.plot.axes import CLASSES, INK, LITERAL, MARKERS, PAPER, SOFT, blended, captioned, dressed, handle

MARGIN = 0.1
"""Of the extent of the data, the room that is left around them."""
TINT = 0.3
"""Of a class's colour in the colour of its region, the rest is paper."""
DASHED = {"linewidth": 0.9, "linestyle": (0, (6, 3))}
MOST_LINES = 12
"""Of a wider first layer so many neurons' lines are drawn."""
FAINT = 0.4
"""How opaque the points of `train` are."""
PLACES = 24
"""So many places of a line are tried for its number."""

Line = tuple[float, float, float]
"""w1, w2 and b of the line w1 x1 + w2 x2 + b = 0."""
Box = tuple[float, float, float, float]
"""The least and largest x1, the least and largest x2."""
Place = tuple[float, float]
Ends = tuple[Place, Place]


def boundary(
    model: Model, data: Dataset, ax: Any = None, *, train: Dataset | None = None, steps: int = 60
) -> Any:
    """Draw what class a model gives to each place of the plane, with the data as they are.

    The answers are taken on a grid of steps × steps places. Where the model is an MLP, a Layer, a Neuron or
    a Perceptron, thin lines are where the sums w·x + b of its first layer are 0, numbered as its neurons; of
    more than 12 those of the largest outgoing weights. The points of `train`, on which the model was trained,
    are small and faint. The title has the share of the data that the model gets right.

    Errors: ValueError for data that are no classes or not of two columns, for `train` with other classes, for
    steps below 2, a model with another number of outputs than there are classes, or an answer that is nan;
    TypeError for what is no Dataset, or no model.

    >>> either = Dataset([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 1], names=("no", "yes"))
    >>> boundary(Perceptron.of(-0.5, [1, 1]), either, steps=9).get_title(loc="left")
    '4 of 4 right (100.0%)'
    """
    _check(data, train, steps)
    box = _box(data.points if train is None else data.points + train.points)
    threshold = threshold_of(model)
    places = [(x, y) for y in _spaced(*box[2:], steps) for x in _spaced(*box[:2], steps)]
    grid = _margins(outputs(model, places), threshold)
    if len(grid[0]) != len(data.names):
        raise ValueError(
            f"the model tells {len(grid[0])} classes apart, {data.name} has {len(data.names)}: "
            f"{', '.join(data.names[:4])}{', ...' if len(data.names) > 4 else ''}"
        )
    guesses = [label(answer, threshold) for answer in outputs(model, data.points)]
    right = sum(guess == target for guess, target in zip(guesses, data.targets, strict=True))

    ax = dressed(ax, 6.4, 5.6)
    _regions(ax, grid, box, steps)
    handles = [_points(ax, data, one) for one in range(len(data.names))]
    if train is not None:
        for one in range(len(data.names)):
            _points(ax, train, one, markersize=4, alpha=FAINT, markeredgewidth=0, zorder=2.5)
        handles.append(handle("training points", marker="o", color=SOFT, markersize=4, alpha=FAINT))
    lines, left_out = _shown(model, box)
    _lines(ax, lines, box)
    if lines:
        some = f" ({len(lines)} of {len(lines) + left_out})" if left_out else ""
        handles.append(handle(f"first layer: w·x + b = 0{some}", color=SOFT, **DASHED))
    ax.set_xlim(box[0], box[1])
    ax.set_ylim(box[2], box[3])
    ax.set_xlabel(measured(data.inputs[0], data.units[0]), **LITERAL)
    ax.set_ylabel(measured(data.inputs[1], data.units[1]), **LITERAL)
    captioned(ax, f"{right} of {len(data)} right ({100 * right / len(data):.1f}%)", handles, columns=3)
    return ax


def first_layer(model: Model) -> list[Line]:
    """Return the line of each neuron that sees a model's inputs; none where the model is of another kind.

    >>> first_layer(Perceptron.of(-0.5, [1, 2]))
    [(1.0, 2.0, -0.5)]
    """
    part: Any = model.layers[0] if isinstance(model, MLP) else model
    neurons = part.neurons if isinstance(part, Layer) else [part]
    return [
        (neuron.w[0].data, neuron.w[1].data, _offset(neuron))
        for neuron in neurons
        if isinstance(neuron, (Neuron, Perceptron))
    ]


def _offset(neuron: Neuron | Perceptron) -> float:
    return neuron.offset if isinstance(neuron, Neuron) else neuron.b.data


def clipped(line: Line, box: Box) -> Ends | None:
    """Return the two ends of a line's part inside a box, None where it does not pass through.

    >>> clipped((1.0, -1.0, 0.0), (0.0, 2.0, 0.0, 1.0))
    ((0.0, 0.0), (1.0, 1.0))
    """
    a, b, c = line
    left, right, low, high = box
    corners = [(left, low), (right, low), (right, high), (left, high)]
    met: list[Place] = []
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        start, end = a * x0 + b * y0 + c, a * x1 + b * y1 + c
        if (start > 0) != (end > 0):
            share = start / (start - end)
            met.append((x0 + share * (x1 - x0), y0 + share * (y1 - y0)))
    return (met[0], met[1]) if met and met[0] != met[1] else None


def _check(data: Dataset, train: Dataset | None, steps: int) -> None:
    for name, part in (("data", data), ("train", data if train is None else train)):
        of_kind(name, part, Dataset, DATASET)
    if not data.is_classification:
        raise ValueError(f"a boundary lies between classes; the targets of {data.name} are numbers")
    if data.width != 2:
        raise ValueError(
            f"a boundary is drawn in the plane of two inputs, {data.name} has {data.width}; "
            "take two of them: data.columns(first, second)"
        )
    if train is not None and (train.width != 2 or train.names != data.names):
        raise ValueError(
            f"the points of train are of the same columns and classes as {data!r}, got {train!r}"
        )
    if size("steps", steps) < 2:
        raise ValueError(f"the grid has at least 2 steps a side, got {steps}")


def _box(points: Sequence[Sequence[float]]) -> Box:
    sides: list[float] = []
    for column in zip(*points, strict=True):
        room = MARGIN * (max(column) - min(column)) or 1.0
        sides += [min(column) - room, max(column) + room]
    return sides[0], sides[1], sides[2], sides[3]


def _around(box: Box, steps: int) -> Box:
    """Return the outer edges of the cells around the places of the grid."""
    across, up = (box[1] - box[0]) / (steps - 1) / 2, (box[3] - box[2]) / (steps - 1) / 2
    return box[0] - across, box[1] + across, box[2] - up, box[3] + up


def _spaced(low: float, high: float, steps: int) -> list[float]:
    return [low + (high - low) * i / (steps - 1) for i in range(steps)]


def _margins(answers: Sequence[Any], threshold: float) -> list[list[float]]:
    """Return, for each answer, by how much each label's number is above the largest of the others."""
    margins = []
    for answer in answers:
        numbers = answer if isinstance(answer, tuple) else (threshold, answer)
        label(numbers)  # refuses a nan
        margins.append([z - max(numbers[:i] + numbers[i + 1 :]) for i, z in enumerate(numbers)])
    return margins


def _regions(ax: Any, grid: list[list[float]], box: Box, steps: int) -> None:
    """Draw each label's region, from its margins on the grid, and the lines where regions meet."""
    labels = range(len(grid[0]))
    tints = [blended(CLASSES[one % len(CLASSES)], TINT) for one in labels]
    rows = [grid[i * steps : (i + 1) * steps] for i in range(steps)]
    # coarse cells below, seen only where three regions meet and the smooth ones leave a gap
    cells = [[tints[label(tuple(margins))] for margins in row] for row in rows]
    ax.imshow(cells, extent=_around(box, steps), origin="lower", aspect="auto", zorder=-1)
    across, up = _spaced(*box[:2], steps), _spaced(*box[2:], steps)
    for one in reversed(labels):  # of equal answers the first label is given: it is on top
        field = [[margins[one] for margins in row] for row in rows]
        low, high = min(map(min, field)), max(map(max, field))
        if high >= 0:
            ax.contourf(across, up, field, levels=[0, high + 1], colors=[tints[one]], zorder=0)
        if low < 0 < high:
            ax.contour(across, up, field, levels=[0], colors=[INK], linewidths=1.6, zorder=1)


def _points(ax: Any, data: Dataset, one: int, **look: Any) -> Any:
    """Draw the points of one label, in the look of test points or another, and return their legend entry."""
    look = {"markersize": 6, "markeredgecolor": INK, "markeredgewidth": 0.7, "zorder": 3} | look
    style = {"marker": MARKERS[one % len(MARKERS)], "color": CLASSES[one % len(CLASSES)]}
    places = [point for point, target in zip(data.points, data.targets, strict=True) if target == one]
    ax.plot([x for x, _ in places], [y for _, y in places], linestyle="none", **style, **look)
    return handle(data.names[one], **style)


def _shown(model: Model, box: Box) -> tuple[dict[int, Ends], int]:
    """Return the ends of the lines to be drawn, by neuron, and how many others pass through the box.

    They are those of the largest outgoing weights: the length of the vector of a neuron's weights in the
    next layer. In a layer without a next one all count alike, so the first are taken.
    """
    through = ((i, clipped(line, box)) for i, line in enumerate(first_layer(model)))
    lines = {i: ends for i, ends in through if ends is not None}
    after = model.layers[1].neurons if isinstance(model, MLP) and len(model.layers) > 1 else []
    ranked = sorted(lines, key=lambda i: -math.hypot(*[neuron.w[i].data for neuron in after]))
    return {i: lines[i] for i in sorted(ranked[:MOST_LINES])}, max(0, len(lines) - MOST_LINES)


def _lines(ax: Any, lines: dict[int, Ends], box: Box) -> None:
    """Draw the lines, each with its neuron's number where no other number stands near."""
    width, height = box[1] - box[0], box[3] - box[2]
    numbers: list[Place] = []
    for i, ((x0, y0), (x1, y1)) in lines.items():
        ax.plot([x0, x1], [y0, y1], color=SOFT, zorder=2, **DASHED)
        along = [(x0 + t * (x1 - x0), y0 + t * (y1 - y0)) for t in _spaced(0.04, 0.96, PLACES)]
        free = [
            min([((x - a) / width) ** 2 + ((y - b) / height) ** 2 for a, b in numbers], default=1.0)
            for x, y in along
        ]
        x, y = along[free.index(max(free))]
        numbers.append((x, y))
        ax.text(
            x, y, str(i), fontsize=7, color=INK, ha="center", va="center", zorder=4,
            bbox={"boxstyle": "round,pad=0.15", "facecolor": PAPER, "edgecolor": SOFT, "linewidth": 0.5},
        )  # fmt: skip
