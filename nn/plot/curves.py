"""Learning curves: how loss and metric went, epoch by epoch."""

from collections.abc import Sequence
from typing import Any

from nn.checked import shown
from nn.plot.axes import EDGE, INK, LITERAL, METRIC, PAPER, captioned, dressed, logarithmic
from nn.progress import Epoch
from nn.training import Training

MARKED = 25
"""About how many epochs of a curve bear a marker."""
LOSSES = {
    "mse": "mean square error",
    "cross_entropy": "cross entropy (nats)",
    "binary_cross_entropy": "cross entropy (nats)",
}
"""What the scale of a training's loss says, with its unit; a loss that is not here keeps its name."""


def learning_curve(
    history: Sequence[Epoch] | Training,
    ax: Any = None,
    *,
    loss: str | None = None,
    metric: str | None = None,
    log: bool = False,
) -> Any:
    """Draw the loss by epoch and, on a scale at the right, the metric; training solid, validation dashed.

    `loss` and `metric` name the two with their units, such as "cross entropy (nats)"; a Training brings the
    names of its own. What the history does not have is not drawn; the epoch of the lowest validation loss is
    marked. `log` makes the scale of the loss logarithmic.

    Errors: TypeError for what are no epochs; ValueError where `log` meets a loss that is not positive.

    >>> learning_curve([Epoch(1, 2.3, 0.1, None, None, 0.1, 1.0, 8, 0.1)], loss="nats").get_ylabel()
    'nats'
    """
    if isinstance(history, Training):
        name = history.objective.name
        loss = LOSSES.get(name, name) if loss is None else loss
        metric = history.scoring.name if metric is None else metric
        history = history.history
    if not isinstance(history, Sequence) or not all(isinstance(epoch, Epoch) for epoch in history):
        raise TypeError(f"learning_curve draws a Training, or a list of its epochs, got {shown(history)}")
    losses = _series(history, "loss"), _series(history, "validation_loss")
    metrics = _series(history, "metric"), _series(history, "validation_metric")
    if log:
        for number, value in losses[0] + losses[1]:
            if value <= 0:
                raise ValueError(f"a loss of {value} in epoch {number} has no logarithm; leave out log=True")
    ax = dressed(ax)
    ax.set_xlabel("epoch")
    ax.set_ylabel(loss or "loss", color=INK, **LITERAL)
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    if not history:
        ax.set(xticks=[], yticks=[])
    lines = _drawn(ax, losses, "loss", INK, "o")
    if log and history:
        values = [value for _, value in losses[0] + losses[1]]
        logarithmic(ax.yaxis, min(values), max(values))
    elif all(value >= 0 for _, value in losses[0] + losses[1]):
        ax.set_ylim(bottom=0)
    if any(metrics):
        right = ax.twinx()
        right.spines[["top", "left", "bottom"]].set_visible(False)
        right.spines["right"].set_color(METRIC)
        right.tick_params(color=METRIC, labelcolor=METRIC)
        right.set_ylabel(metric or "metric", color=METRIC, **LITERAL)
        lines += _drawn(right, metrics, metric or "metric", METRIC, "s")
    captioned(ax, _title(history, losses[1]), lines, columns=2)
    if losses[1]:
        number, value = min(losses[1], key=lambda pair: pair[1])
        ax.axvline(number, color=EDGE, linewidth=1, linestyle=":", zorder=0)
        ax.plot(number, value, "o", markersize=11, markerfacecolor="none", markeredgecolor=INK, clip_on=False)
    return ax


Series = list[tuple[int, float]]


def _series(history: Sequence[Epoch], field: str) -> Series:
    """Return (epoch's number, value) of a field wherever an epoch has it."""
    return [(epoch.number, value) for epoch in history if (value := getattr(epoch, field)) is not None]


def _drawn(ax: Any, pair: tuple[Series, Series], name: str, colour: str, marker: str) -> list[Any]:
    lines = []
    for part, series, style, face in zip(
        ("training", "validation"), pair, ("-", "--"), (colour, PAPER), strict=True
    ):
        if series:
            lines += ax.plot(
                *zip(*series, strict=True),
                color=colour, linestyle=style, linewidth=1.5, label=f"{part} {name}",
                marker=marker, markersize=4, markerfacecolor=face, markevery=-(-len(series) // MARKED),
            )  # fmt: skip
    return lines


def _title(history: Sequence[Epoch], validation: Series) -> str:
    if not history:
        return "no epoch yet"
    if not validation:
        return f"training loss {history[-1].loss:.4g} after epoch {history[-1].number}"
    number, value = min(validation, key=lambda pair: pair[1])
    return f"lowest validation loss {value:.4g}, after epoch {number} of {history[-1].number}"
