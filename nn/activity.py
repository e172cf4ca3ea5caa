"""What the neurons of a layer answer over many points, and which of them are dead or saturated."""

import math
from collections.abc import Iterable, Sequence

from engine import relu, sigmoid, tanh
from nn.answers import outputs
from nn.checked import shown
from nn.data.cells import listed
from nn.inputs import whole
from nn.mlp import MLP
from nn.neuron import Layer

NEAR = 0.01
"""An activation is saturated when it is within this share of its range of one of its ends."""
ENDS = {tanh: ("tanh", -1.0, 1.0), sigmoid: ("sigmoid", 0.0, 1.0)}


def chosen(model: MLP | Layer, layer: int = 0) -> Layer:
    """Return one of the layers of a model, counted from 0; a Layer has one, itself.

    Errors: TypeError for another model, ValueError for a layer that there is not.

    >>> chosen(MLP(2, [4, 1]), 1)
    Layer(4, 1)                  5
    └─ neurons[0] Neuron(4, linear)  5
    5 parameters
    """
    layers = _layers(model)
    if not 0 <= whole("layer", layer) < len(layers):
        raise ValueError(f"{model.describe()} has the layers 0 ... {len(layers) - 1}, got layer={layer!r}")
    return layers[layer]


def activity(
    model: MLP | Layer, points: Iterable[Sequence[float]], layer: int = 0
) -> list[tuple[float, ...]]:
    """Return what the neurons of a layer answer to each point: a row for each point, a number a neuron.

    The points are inputs of the model, the layer is counted from 0.

    Errors: as those of `chosen`; TypeError for what is no list, ValueError for no points; FloatingPointError
    for an answer that is not finite, with its neuron and point.

    >>> import random
    >>> activity(MLP(1, [2, 1], rng=random.Random(0)), [(0.0,), (1.0,)])
    [(0.0, 0.0), (0.6888437030500962, 0.515908805880605)]
    """
    chosen(model, layer)
    rows: list[tuple[float, ...]] = [
        tuple(listed(f"points[{i}]", point)) for i, point in enumerate(listed("points", points))
    ]
    if not rows:
        raise ValueError("the activity of a layer needs at least one point, got none")
    for each in _layers(model)[: layer + 1]:
        answers = outputs(each, rows)
        rows = [answer if isinstance(answer, tuple) else (answer,) for answer in answers]
    for i, row in enumerate(rows):
        for j, y in enumerate(row):
            if not math.isfinite(y):
                raise FloatingPointError(f"neuron {j} of layer {layer} answers {y} to point {i}")
    return rows


def dead(rows: Sequence[Sequence[float]]) -> list[int]:
    """Return the neurons, from 0, whose answer is 0 to every point: a relu that passes nothing back.

    >>> dead([(0.0, 1.0), (0.0, 0.0)])
    [0]
    """
    return [i for i, column in enumerate(zip(*rows, strict=True)) if not any(column)]


def saturated(rows: Sequence[Sequence[float]], low: float, high: float) -> float:
    """Return the share of answers within 1 % of the range from one of its ends, where slopes are near 0.

    >>> saturated([(0.995, 0.0), (-1.0, 0.5)], -1.0, 1.0)
    0.5
    """
    margin = NEAR * (high - low)
    answers = [y for row in rows for y in row]
    return sum(y < low + margin or y > high - margin for y in answers) / len(answers)


def verdict(layer: Layer, rows: Sequence[Sequence[float]]) -> str:
    """Return what is to be said on the answers of a layer: dead relus, saturated tanhs or sigmoids, or "".

    >>> verdict(Layer(1, 2), [(0.0, 1.0), (0.0, 0.0)])
    '1 of 2 relu neurons dead'
    """
    if layer.ending is relu:
        return f"{len(dead(rows))} of {len(layer.neurons)} relu neurons dead"
    for ending, (name, low, high) in ENDS.items():
        if layer.ending is ending:
            return f"{saturated(rows, low, high):.0%} of the {name} answers saturated"
    return ""


def _layers(model: MLP | Layer) -> list[Layer]:
    if isinstance(model, MLP):
        return model.layers
    if isinstance(model, Layer):
        return [model]
    raise TypeError(f"the layers of an MLP, or a Layer, have an activity; got {shown(model)}")
