"""An MLP as stages, one after the other: layers, activations and dropout, as other tools have them."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from nn.activations import Activation, linear
from nn.mlp import MLP
from nn.neuron import Layer, function_name


class Dropout(NamedTuple):
    """The stage that drops a share of the answers while training."""

    rate: float


Stage: TypeAlias = Layer | Activation | Dropout
"""A Layer stands for its weights and biases alone."""


def stages(model: MLP) -> Iterator[Stage]:
    """Yield the stages of an MLP; a linear activation is none.

    Errors: ValueError for a layer whose neurons end in different activations.

    >>> [type(stage).__name__ for stage in stages(MLP(2, [3, 1], dropout=0.5))]
    ['Layer', 'Op', 'Dropout', 'Layer']
    """
    last = len(model.layers) - 1
    for i, layer in enumerate(model.layers):
        yield layer
        ending = _ending(layer, f"layers[{i}]")
        if ending is not linear:
            yield ending
        if model.dropout and i < last:
            yield Dropout(model.dropout)


def _ending(layer: Layer, place: str) -> Activation:
    """Return the one activation of a layer."""
    endings = list(dict.fromkeys(neuron.activation for neuron in layer.neurons))
    if len(endings) > 1:
        names = " and ".join(map(function_name, endings))
        raise ValueError(
            f"{place} has neurons that end in {names}: elsewhere a layer has one activation; its numbers "
            "alone are model.state(), and to_onnx takes the program record(model, point)"
        )
    return layer.ending
