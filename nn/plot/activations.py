"""What the neurons of a layer answer to many points."""

from collections.abc import Iterable, Sequence
from typing import Any

from nn.activity import activity, chosen, verdict
from nn.data import Dataset
from nn.mlp import MLP
from nn.neuron import Layer
from nn.plot.axes import CLASSES, CROWDED, LITERAL, PAPER, captioned, dressed
from nn.plot.heat import heat


def activations(
    model: MLP | Layer, points: Iterable[Sequence[float]] | Dataset, ax: Any = None, *, layer: int = 0
) -> Any:
    """Draw the answers of a layer: a row for each neuron, a column for each point.

    The points are inputs of the model; those of a Dataset stand in the order of their targets, the classes
    marked below. `layer` counts the layers of an MLP from 0. The title says how many relu neurons are dead (0
    at every point), or which share of tanh or sigmoid answers is saturated (within 1 % of the range from one
    of its ends).

    Errors: TypeError for a model without layers, or what are no points; ValueError for no points or a layer
    that there is not; FloatingPointError for an answer that is not finite.

    >>> activations(Layer(1, 2), [(0.0,), (0.0,)]).get_title(loc="left")
    'activations of Layer(1, 2): 2 of 2 relu neurons dead'
    """
    data: Dataset | None = None
    if isinstance(points, Dataset):
        data = points.subset(sorted(range(len(points)), key=points.targets.__getitem__))
        points = data.points
    rows = activity(model, points, layer)
    source = chosen(model, layer)
    ax = dressed(ax, 6.4, 3.6)
    heat(ax, list(zip(*rows, strict=True)), "activation", aspect="auto")
    ax.set_xlabel("point" if data is None else f"points in the order of {data.target}", **LITERAL)
    ax.set_ylabel("neuron")
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_major_locator().set_params(integer=True)
    if data is not None and data.is_classification:
        _classes(ax, data)
    said = verdict(source, rows)
    captioned(ax, f"activations of {source.describe()}" + (f": {said}" if said else ""))
    return ax


def _classes(ax: Any, data: Dataset) -> None:
    """Name the classes below the points, which are in their order, each under a bar of its colour."""
    middles, names = [], []
    for one, name in enumerate(data.names):
        count = data.targets.count(one)
        if not count:
            continue
        start = data.targets.index(one) - 0.5
        if start > 0:
            ax.axvline(start, color=PAPER, linewidth=2)
        ax.plot(
            [start, start + count], [-0.02, -0.02], color=CLASSES[one % len(CLASSES)], linewidth=4,
            solid_capstyle="butt", transform=ax.get_xaxis_transform(), clip_on=False,
        )  # fmt: skip
        middles.append(start + count / 2)
        names.append(name)
    ax.set_xticks(middles, names, rotation=90 if sum(map(len, names)) >= CROWDED else 0, **LITERAL)
    ax.tick_params(axis="x", length=0, pad=8)
