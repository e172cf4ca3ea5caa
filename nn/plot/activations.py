"""What the neurons of a layer answer to many points."""

from collections.abc import Iterable, Sequence
from typing import Any

from nn.activity import activity, chosen, verdict
from nn.mlp import MLP
from nn.neuron import Layer
from nn.plot.axes import captioned, dressed
from nn.plot.heat import heat


def activations(
    model: MLP | Layer, points: Iterable[Sequence[float]], ax: Any = None, *, layer: int = 0
) -> Any:
    """Draw the answers of a layer: a row for each neuron, a column for each point.

    The points are inputs of the model; `layer` counts the layers of an MLP from 0. The title says how many
    relu neurons are dead (0 at every point), or which share of tanh or sigmoid answers is saturated (within
    1 % of the range from one of its ends).

    Errors: TypeError for a model without layers; ValueError for no points or a layer that there is not;
    FloatingPointError for an answer that is not finite.

    >>> activations(Layer(1, 2), [(0.0,), (0.0,)]).get_title(loc="left")
    'activations of Layer(1, 2): 2 of 2 relu neurons dead'
    """
    rows = activity(model, points, layer)
    source = chosen(model, layer)
    ax = dressed(ax, 6.4, 3.6)
    heat(ax, list(zip(*rows, strict=True)), "activation", aspect="auto")
    ax.set_xlabel("point")
    ax.set_ylabel("neuron")
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_major_locator().set_params(integer=True)
    said = verdict(source, rows)
    captioned(ax, f"activations of {source.describe()}" + (f": {said}" if said else ""))
    return ax
