"""Maps: what each technique answers all over the plane, or along the line, of a data set."""

import math
from collections.abc import Sequence
from typing import Any

from engine.optional import load
from nn.data.describing import measured
from nn.lab.figures import Row, Sheet
from nn.lab.job import ACROSS, ALONG, box
from nn.plot.axes import CLASSES, EDGE, INK, MARKERS, PAPER, SOFT, blended

COLUMNS, SIDE, HEIGHT = 5, 2.05, 1.95
"""Maps side by side, and the inches of each."""
TINT = 0.4
"""Of a class's colour in the colour of its region, the rest is paper."""


def maps(sheet: Sheet) -> Any | None:
    """Draw a map of each technique, learned on all but the first fold, and return the Axes of the last.

    Of two columns and classes it is the plane, in the colour of the class that is answered, with all points;
    of one column and numbers the curve of the answers. None where the data are of another kind.

    >>> from nn.lab.laboratory import Laboratory
    >>> from nn.lab.figures import sheets
    >>> maps(sheets(Laboratory(["iris"], ["tree"], seeds=1, folds=2), {})[0]) is None
    True
    """
    drawn = [(row, row.results[0]["map"]) for row in sheet.good if "map" in row.results[0]]
    if not drawn:
        return None
    down = math.ceil(len(drawn) / COLUMNS)
    across = min(COLUMNS, len(drawn))
    size = (SIDE * max(across, 2), HEIGHT * down + 0.3)
    figure = load("matplotlib.figure", extra="lab").Figure(figsize=size, layout="constrained")
    panels = figure.subplots(down, across, squeeze=False).ravel().tolist()
    for ax, (row, answers) in zip(panels, drawn, strict=False):
        _dress(ax, row)
        (_plane if sheet.subject.data.is_classification else _curve)(ax, sheet, answers)
    for ax in panels[len(drawn) :]:
        ax.set_visible(False)
    data = sheet.subject.data
    figure.supxlabel(measured(data.inputs[0], data.units[0]), fontsize=9, color=INK)
    figure.supylabel(
        measured(data.inputs[1], data.units[1])
        if data.is_classification
        else measured(data.target, data.target_unit),
        fontsize=9,
        color=INK,
    )
    return panels[len(drawn) - 1]


def _dress(ax: Any, row: Row) -> None:
    ax.set_title(row.technique.name, fontsize=9, color=INK, loc="left", pad=3)
    ax.set(xticks=[], yticks=[])
    ax.spines[:].set_color(EDGE)
    ax.spines[:].set_linewidth(0.6)


def _plane(ax: Any, sheet: Sheet, answers: Sequence[int]) -> None:
    data = sheet.subject.data
    (left, right), (low, high) = box(sheet.subject.rows)
    tints = [blended(CLASSES[one % len(CLASSES)], TINT) for one in range(len(data.names))]
    cells = [[tints[one] for one in answers[i : i + ACROSS]] for i in range(0, len(answers), ACROSS)]
    ax.imshow(cells, extent=(left, right, low, high), origin="lower", aspect="auto", interpolation="bilinear")
    for one in range(len(data.names)):
        places = [point for point, target in data if target == one]
        ax.plot(
            [x for x, _ in places], [y for _, y in places], linestyle="none", markersize=3,
            marker=MARKERS[one % len(MARKERS)], color=CLASSES[one % len(CLASSES)], markeredgecolor=PAPER,
            markeredgewidth=0.3,
        )  # fmt: skip


def _curve(ax: Any, sheet: Sheet, answers: Sequence[float]) -> None:
    data = sheet.subject.data
    ((low, high),) = box(sheet.subject.rows)
    ax.plot([x for (x,) in data.points], data.targets, "o", color=SOFT, markersize=2.5, alpha=0.7)
    ax.plot([low + (high - low) * i / (ALONG - 1) for i in range(ALONG)], answers, color=INK, linewidth=1.4)
    room = 0.15 * (max(data.targets) - min(data.targets))
    ax.set_ylim(min(data.targets) - room, max(data.targets) + room)
