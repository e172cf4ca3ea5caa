"""Learning curves: how the loss of our MLPs fell on the folds that they learned from."""

from collections.abc import Sequence
from statistics import median
from typing import Any

from nn.lab.figures import Row, Sheet
from nn.plot.axes import EDGE, INK, METRIC, NEGATIVE, POSITIVE, SOFT, captioned, dressed, handle, logarithmic

LOOKS = (
    {"color": EDGE, "linestyle": "-"},
    {"color": POSITIVE, "linestyle": ":"},
    {"color": POSITIVE, "linestyle": "--"},
    {"color": POSITIVE, "linestyle": "-"},
    {"color": NEGATIVE, "linestyle": "-"},
    {"color": METRIC, "linestyle": "-"},
    {"color": INK, "linestyle": "-"},
    {"color": SOFT, "linestyle": "-."},
)
"""How the curves differ, in colour and dash."""


def curves(sheet: Sheet, ax: Any = None) -> Any | None:
    """Draw the training loss of each of our MLPs by epoch: the median of its runs, in a band of all of them.

    A run that ended early keeps its last loss. None where no MLP of ours has figures.

    >>> from nn.lab.laboratory import Laboratory
    >>> from nn.lab.figures import sheets
    >>> curves(sheets(Laboratory(["iris"], ["tree"], seeds=1, folds=2), {})[0]) is None
    True
    """
    rows = sorted([row for row in sheet.good if row.technique.ours], key=_place)
    if not rows:
        return None
    ax = dressed(ax, 6.4, 4.2)
    losses, handles = [], []
    for place, row in enumerate(rows):
        look = LOOKS[place % len(LOOKS)]
        low, middle, high = _band(row)
        epochs = range(1, len(middle) + 1)
        ax.fill_between(epochs, low, high, color=look["color"], alpha=0.12, linewidth=0)
        ax.plot(epochs, middle, linewidth=1.6, **look)
        handles.append(handle(row.technique.name, **look))
        losses += low + high
    if min(losses) > 0:
        logarithmic(ax.yaxis, min(losses), max(losses))
    unit = (
        "cross entropy (nats)"
        if sheet.subject.data.is_classification
        else "mean square error (standard deviations²)"
    )
    ax.set(xlabel="epoch", ylabel=f"training loss: {unit}")
    captioned(ax, "what our MLPs learned: the median of all runs, and their range", handles, columns=3)
    return ax


def _place(row: Row) -> tuple[int, int, str]:
    """Return what puts the curves in one order on every set: by layers, by width, by activation."""
    name = row.technique.name
    return name.count("-"), len(name), name


def _band(row: Row) -> tuple[list[float], list[float], list[float]]:
    """Return the least, the median and the largest loss of each epoch."""
    runs: list[Sequence[float]] = [result["loss"] for result in row.results]
    length = max(map(len, runs))
    epochs = list(zip(*[[*run, *[run[-1]] * (length - len(run))] for run in runs], strict=True))
    return [min(each) for each in epochs], [median(each) for each in epochs], [max(each) for each in epochs]
