"""The pictures of a data set in the report, as PNG files."""

import io
from typing import Any, NamedTuple

from engine.optional import load
from nn.data.describing import measured
from nn.lab.curves import curves
from nn.lab.dots import dots
from nn.lab.figures import Row, Sheet
from nn.lab.maps import maps
from nn.plot.axes import png
from nn.plot.confusion import confusion_matrix
from nn.plot.predicted import predicted

COLOURS = 256
"""So many colours has a picture in the report."""


class Picture(NamedTuple):
    """A picture: its kind, what stands below it, what is said where it cannot be seen, the PNG file."""

    kind: str
    caption: str
    instead: str
    content: bytes


Drawn = tuple[str, str, str, Any]
"""Kind, caption, what is said instead, and the Axes, or None."""


def pictures(sheet: Sheet) -> list[Picture]:
    """Return the pictures of a data set, none where no technique has figures.

    Dots of every fold, maps where there are one or two columns, learning curves of our MLPs, and of the best
    technique on each fold of the first seed the confusion matrix, or predicted and true numbers.

    >>> from nn.lab.laboratory import Laboratory
    >>> from nn.lab.figures import sheets
    >>> pictures(sheets(Laboratory(["iris"], ["tree"], seeds=1, folds=2), {})[0])
    []
    """
    if not sheet.good:
        return []
    name = sheet.subject.name
    with load("matplotlib", extra="lab").rc_context({"text.parse_math": False}):  # names may hold dollars
        drawn = [_dots(sheet), _maps(sheet), _of_best(sheet, sheet.good[0])]
    caption = "Training loss, epoch by epoch: the median of all runs in a band from the least to the largest."
    drawn.append(("curves", caption, f"Learning curves of our MLPs on {name}.", curves(sheet)))
    return [
        Picture(kind, text, instead, small(png(ax))) for kind, text, instead, ax in drawn if ax is not None
    ]


def _dots(sheet: Sheet) -> Drawn:
    told = "; ".join(f"{row.technique.name} {row.mean:.3f} ± {row.spread:.3f}" for row in sheet.good)
    return (
        "dots",
        "Each dot is one run, tested on one fold; each seed has its own height on the line. Triangles at the "
        "edge are further left.",
        f"The scores of every run on {sheet.subject.name}, a line for each technique: {told}.",
        dots(sheet),
    )


def _maps(sheet: Sheet) -> Drawn:
    return (
        "maps",
        "What each technique answers everywhere, learned on all but the first fold of seed 0; the points are "
        "all of the data.",
        f"Answers of each technique over the columns of {sheet.subject.name}.",
        maps(sheet),
    )


def _of_best(sheet: Sheet, best: Row) -> Drawn:
    """Return what the best technique took for what: each point once, where the first seed tested on it."""
    guesses, truth = predictions(sheet, best)
    name, data = best.technique.name, sheet.subject.data
    where = "each point where seed 0 tested on it"
    if data.is_classification:
        caption = f"{name}: rows are the true classes, columns what it took them for, {where}."
        return "confusion", caption, caption, confusion_matrix(guesses, truth, data.names)
    caption = f"{name}: predicted and true numbers, {where}."
    return "predicted", caption, caption, predicted(guesses, truth, measured(data.target, data.target_unit))


def predictions(sheet: Sheet, row: Row) -> tuple[list[Any], list[Any]]:
    """Return a technique's predictions in the folds of seed 0, and the targets there."""
    guesses: list[Any] = []
    truth: list[Any] = []
    first = [result for result in row.results if result["seed"] == 0]
    folds = sheet.subject.folds(len(first), 0)
    for result, (_, test) in zip(first, folds, strict=True):
        guesses += result["predictions"]
        truth += sheet.subject.targets[test].tolist()
    return guesses, truth


def small(content: bytes) -> bytes:
    """Return a PNG file with a table of colours, a third as large as one without.

    >>> from nn.plot.axes import axes
    >>> len(small(png(axes()))) < len(png(axes()))
    True
    """
    image = load("PIL.Image", extra="lab")
    buffer = io.BytesIO()
    image.open(io.BytesIO(content)).convert("RGB").quantize(COLOURS, dither=0).save(buffer, "PNG")
    return buffer.getvalue()
