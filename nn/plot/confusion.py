"""The confusion matrix: which classes a model takes for which."""

from collections.abc import Sequence
from typing import Any

from nn.data.cells import listed
from nn.metrics import confusion_counts
from nn.plot.axes import CROWDED, INK, LITERAL, PAPER, captioned, dressed, shades

DARKEST = 4 / 3
"""The share that would be ink: 1 is a grey on which white is read."""


def confusion_matrix(
    predictions: Sequence[int], targets: Sequence[int], names: Sequence[str], ax: Any = None
) -> Any:
    """Draw how often a point of each label (a row) was taken for each label (a column).

    A cell is as dark as its share of its row.

    Errors: ValueError for sequences of different lengths, or empty ones, for no names, or for a label that
    has none; TypeError for what is no list, and labels that are not whole numbers.

    >>> confusion_matrix([0, 1, 0], [0, 1, 1], names=("cat", "dog")).get_xlabel()
    'predicted'
    """
    names = list(names) if isinstance(names, str) else listed("names", names)
    if not names:
        raise ValueError("a confusion matrix needs the names of the classes, got none")
    counts = confusion_counts(predictions, targets, len(names))
    ax = dressed(ax, 6.0, 6.0)
    totals = [max(1, sum(row)) for row in counts]
    shares = [[count / total for count in row] for row, total in zip(counts, totals, strict=True)]
    ax.imshow(shares, cmap=shades(), vmin=0, vmax=DARKEST)
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            colour = PAPER if shares[i][j] > 0.75 else INK
            ax.text(j, i, str(count), ha="center", va="center", color=colour, fontsize=11)
    ax.set_xticks(range(len(names)), names, rotation=90 if sum(map(len, names)) >= CROWDED else 0, **LITERAL)
    ax.set_yticks(range(len(names)), names, **LITERAL)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
    right = sum(counts[i][i] for i in range(len(names)))
    captioned(ax, f"{right} of {len(targets)} right")
    return ax
