"""The loss around a model's parameters, as contours over two directions."""

import math
from collections.abc import Sequence
from typing import Any

from engine.optional import load
from nn.checked import of_kind
from nn.data import Dataset
from nn.landscape import Direction, Landscape, State, survey
from nn.module import Module
from nn.objective import Loss
from nn.plot.axes import EDGE, INK, MARK, PAPER, SOFT, captioned, dressed, shades

LEVELS = 12
DECADES = 100
"""From this ratio of the largest loss to the smallest on, the contours are logarithmic."""


def landscape(
    model: Module,
    data: Dataset,
    loss: str | Loss | None = None,
    ax: Any = None,
    *,
    directions: tuple[Direction, Direction] | None = None,
    span: float = 1.0,
    steps: int = 21,
    seed: int = 0,
    states: Sequence[State] = (),
) -> Any:
    """Draw the mean loss on data around a model's parameters: nn.survey, which takes the same, as contours.

    Errors: those of survey.

    >>> from nn import Neuron
    >>> landscape(Neuron(1), Dataset([[1.0], [2.0]], [1.0, 2.0]), steps=5).get_xlabel()
    'random direction 1'
    """
    surveyed = survey(
        model, data, loss, directions=directions, span=span, steps=steps, seed=seed, states=states
    )
    return contours(surveyed, ax)


def contours(surveyed: Landscape, ax: Any = None) -> Any:
    """Draw a Landscape: darker is more loss, a cross is where the model stands, a line how it came there.

    Places whose loss is not finite stay white and the title counts them.

    Errors: ValueError where no loss is finite, TypeError for what is no Landscape.

    >>> plane = Landscape((0.0, 1.0), (0.0, 1.0), ((0.0, 1.0), (1.0, 2.0)), 0.0, ("w", "b"), ())
    >>> contours(plane).get_title(loc="left")
    'loss 0 at the cross; 0 to 2 around it'
    """
    of_kind("what is drawn", surveyed, Landscape, "a Landscape, as nn.survey returns")
    finite = [x for row in surveyed.losses for x in row if math.isfinite(x)]
    if not finite:
        raise ValueError("no loss of this landscape is finite; a smaller span may help")
    ax = dressed(ax, 6.4, 5.2)
    table = [[x if math.isfinite(x) else math.nan for x in row] for row in surveyed.losses]
    low, high = min(finite), max(finite)
    levels = _levels(low, high)
    grid = surveyed.alphas, surveyed.betas, load("numpy").ma.masked_invalid(table)
    colours = shades()
    norm = load("matplotlib.colors", extra="lab").BoundaryNorm(levels, colours.N)
    filled = ax.contourf(*grid, levels=levels, cmap=colours, norm=norm, alpha=0.75)
    ax.contour(*grid, levels=levels, colors=SOFT, linewidths=0.6)
    bar = ax.figure.colorbar(filled, ax=ax, label="mean loss", shrink=0.9, format="%.3g")
    bar.outline.set_edgecolor(EDGE)
    if surveyed.path:
        across, up = zip(*surveyed.path, strict=True)
        ax.plot(across, up, "o-", color=INK, markerfacecolor=PAPER, markersize=4, linewidth=1.2)
        ax.annotate(
            "start", surveyed.path[0], xytext=(6, 0), textcoords="offset points", va="center", fontsize=9,
            annotation_clip=True,
        )  # fmt: skip
    ax.plot(0, 0, "X", markersize=11, markerfacecolor=MARK, markeredgecolor=INK)
    ax.set_xlim(surveyed.alphas[0], surveyed.alphas[-1])
    ax.set_ylim(surveyed.betas[0], surveyed.betas[-1])
    ax.locator_params(nbins=5)
    ax.set_xlabel(surveyed.names[0])
    ax.set_ylabel(surveyed.names[1])
    lost = sum(map(len, surveyed.losses)) - len(finite)
    blank = f"; not finite at {lost} places" if lost else ""
    captioned(ax, f"loss {surveyed.centre:.3g} at the cross; {low:.3g} to {high:.3g} around it{blank}")
    return ax


def _levels(low: float, high: float) -> list[float]:
    """Return the losses of the contours: round numbers, or even in logarithms over two decades or more."""
    if low > 0 and high >= DECADES * low:
        return [low * (high / low) ** (i / LEVELS) for i in range(LEVELS)] + [high]
    ticks: list[float] = (
        load("matplotlib.ticker", extra="lab").MaxNLocator(LEVELS).tick_values(low, high).tolist()
    )
    return ticks
