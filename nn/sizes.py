"""How large the gradients of a model are, layer by layer: their root mean square."""

import math
import re
from typing import NamedTuple

from nn.checked import MODULE, of_kind
from nn.module import Module

NEURON = re.compile(r"\.?(neurons|filters)\[\d+\]")
INDICES = re.compile(r"(\[[^\]]*\])+$")


class GradientSize(NamedTuple):
    """What the gradients of one group of parameters come to: `size` is their root mean square.

    The name is where the group stands, such as "layers[0].w" for the weights of the first layer; it has so
    many `parameters`.
    """

    name: str
    parameters: int
    size: float


def gradient_sizes(model: Module) -> list[GradientSize]:
    """Return the size of the gradient of each group of parameters, in the model's order.

    The parameters of a layer's neurons that bear one name are a group, as are those of one list.

    Errors: FloatingPointError naming a gradient that is not finite, ValueError for no parameters, TypeError
    for what is no Module.

    >>> from nn import Neuron
    >>> model = Neuron(2, nonlin=False)
    >>> model([3.0, 4.0]).backward()
    >>> [(name, round(size, 4)) for name, _, size in gradient_sizes(model)]
    [('w', 3.5355), ('b', 1.0)]
    """
    of_kind("model", model, Module, MODULE)
    groups: dict[str, list[float]] = {}
    for name, p in model.named_parameters().items():
        if not math.isfinite(p.grad):
            raise FloatingPointError(f"the gradient of {name} is {p.grad}; engine.births tells where from")
        groups.setdefault(group(name), []).append(p.grad)
    if not groups:
        raise ValueError(f"{model.describe()} has no parameters, and so no gradients")
    return [
        GradientSize(name, len(grads), math.hypot(*grads) / math.sqrt(len(grads)))
        for name, grads in groups.items()
    ]


def group(name: str) -> str:
    """Return the group that a parameter belongs to by its name.

    >>> group("layers[0].neurons[3].w[2]"), group("c1.filters[2].b"), group("table[4][1]")
    ('layers[0].w', 'c1.b', 'table')
    """
    return INDICES.sub("", NEURON.sub("", name)).removeprefix(".")
