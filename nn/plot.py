"""Plots of a training run; each takes a matplotlib Axes, or makes one outside of pyplot, and returns it."""

from collections.abc import Sequence
from typing import Any

from engine.optional import load
from nn.train import Epoch

LOSS, ACCURACY = "#d8752b", "#3f86cf"


def axes(width: float = 6.4, height: float = 4.0) -> Any:
    """Return the Axes of a new figure of that size in inches, which no pyplot state keeps alive.

    >>> axes(8, 4).figure.get_size_inches().tolist()
    [8.0, 4.0]
    """
    figure = load("matplotlib.figure", extra="lab").Figure(figsize=(width, height), layout="constrained")
    return figure.add_subplot()


def learning_curve(history: Sequence[Epoch], ax: Any = None) -> Any:
    """Draw the training loss by epoch and, on a second scale at the right, the test accuracy in percent.

    >>> learning_curve([Epoch(1, 2.3, 0.5, 8, 0.1)]).get_xlabel()
    'epoch'
    """
    ax = axes() if ax is None else ax
    numbers = [epoch.number for epoch in history]
    ax.plot(numbers, [epoch.loss for epoch in history], color=LOSS, marker="o", markersize=3)
    ax.set_xlabel("epoch")
    ax.set_ylabel("training loss (mean cross entropy, nats)", color=LOSS)
    ax.set_ylim(bottom=0)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.spines[["top"]].set_visible(False)
    right = ax.twinx()
    right.plot(
        numbers, [100 * epoch.test_accuracy for epoch in history], color=ACCURACY, marker="o", markersize=3
    )
    right.set_ylabel("test accuracy (%)", color=ACCURACY)
    right.spines[["top"]].set_visible(False)
    if history:
        last = history[-1]
        ax.set_title(
            f"after epoch {last.number}: loss {last.loss:.3f}, test accuracy {last.test_accuracy:.1%}"
        )
    return ax


def confusion_matrix(
    targets: Sequence[int], predictions: Sequence[int], names: Sequence[str], ax: Any = None
) -> Any:
    """Draw how often a point of each label (a row) was taken for each label (a column).

    >>> confusion_matrix([0, 1, 1], [0, 1, 0], names=("cat", "dog")).get_xlabel()
    'predicted'
    """
    ax = axes(6.0, 6.0) if ax is None else ax
    metrics = load("sklearn.metrics", extra="lab")
    counts = metrics.confusion_matrix(targets, predictions, labels=range(len(names)))
    display = metrics.ConfusionMatrixDisplay(counts, display_labels=list(names))
    display.plot(ax=ax, cmap="Blues", colorbar=False)
    ax.set_xlabel("predicted")
    ax.set_ylabel("true")
    right = int(counts.trace())
    ax.set_title(f"{right} of {len(targets)} right")
    return ax
