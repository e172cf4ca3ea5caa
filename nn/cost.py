"""What a network costs: parameters, multiplications and recorded nodes, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from engine import Value
from engine.chain import interior
from engine.see.tables import Column, text
from nn.inputs import size
from nn.mlp import MLP
from nn.neuron import Layer


class LayerCost(NamedTuple):
    """What one layer of `nin` inputs and `nout` neurons costs; multiplications and nodes are a sample's.

    `nodes` are recorded where a neuron is one dot and its bias, `explicit_nodes` where it is spelled out.
    """

    name: str
    nin: int
    nout: int
    parameters: int
    multiplications: int
    nodes: int
    explicit_nodes: int


@dataclass(frozen=True, repr=False)
class Cost:
    """What a network costs, layer by layer and in all; its text is a table.

    A forward pass multiplies once a weight, a backward pass about twice as often: for the gradient of the
    weight, and for that of what it was multiplied with (which the first layer does not need).
    """

    layers: tuple[LayerCost, ...]

    @property
    def parameters(self) -> int:
        """The number of weights and biases."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def multiplications(self) -> int:
        """The number of products of a weight and a number, for one sample forward."""
        return sum(layer.multiplications for layer in self.layers)

    @property
    def nodes(self) -> int:
        """The number of nodes recorded for one sample, each neuron one dot and its bias."""
        return sum(layer.nodes for layer in self.layers)

    @property
    def explicit_nodes(self) -> int:
        """The number of nodes recorded for one sample, each neuron spelled out in products and sums."""
        return sum(layer.explicit_nodes for layer in self.layers)

    def __repr__(self) -> str:
        total = LayerCost(
            "in all", 0, 0, self.parameters, self.multiplications, self.nodes, self.explicit_nodes
        )
        rows = [*self.layers, total]
        sizes = [f"{row.nin:,} → {row.nout:,}" for row in self.layers]
        return text(
            [
                Column("layer", [row.name for row in rows]),
                Column("size", [*sizes, ""]),
                *[
                    Column(head, [f"{row[place]:,}" for row in rows], right=True)
                    for place, head in enumerate(
                        ("parameters", "multiplications", "nodes with dot", "nodes spelled out"), 3
                    )
                ],
            ]
        )


def cost(model: MLP | Layer | Sequence[int]) -> Cost:
    """Return what an MLP costs for one sample: by its graph, or for sizes [nin, ..., nout] without making it.

    The nodes of a model are counted in the graph that it records. Sizes stand for an MLP with ReLUs in the
    hidden layers and a linear output.

    Errors: TypeError for another model or sizes that are no whole numbers, ValueError for less than two
    sizes, or one below 1.

    >>> cost(MLP(2, [4, 4, 1]))
    layer      size   parameters  multiplications  nodes with dot  nodes spelled out
    layers[0]  2 → 4          12                8              12                 20
    layers[1]  4 → 4          20               16              12                 36
    layers[2]  4 → 1           5                4               2                  8
    in all                    37               28              26                 64
    >>> cost([30, 16, 2]).parameters
    530
    """
    if isinstance(model, MLP):
        return Cost(tuple([_recorded(f"layers[{i}]", layer) for i, layer in enumerate(model.layers)]))
    if isinstance(model, Layer):
        return Cost((_recorded("layer", model),))
    if not isinstance(model, (list, tuple)):
        raise TypeError(f"cost takes an MLP, a Layer, or sizes such as [2, 16, 1], got {model!r}")
    sizes = [size(f"size {i}", given) for i, given in enumerate(model)]
    if len(sizes) < 2:
        raise ValueError(f"sizes are the number of inputs and that of each layer, at least two; got {sizes}")
    last = len(sizes) - 2
    return Cost(
        tuple(
            [
                _counted(f"layers[{i}]", nin, nout, 2 * nout + (nout if i < last else 0), nout)
                for i, (nin, nout) in enumerate(zip(sizes, sizes[1:], strict=False))
            ]
        )
    )


def _recorded(name: str, layer: Layer) -> LayerCost:
    """Return what a layer costs, its nodes counted in what it records."""
    nin, nout = len(layer.neurons[0].w), len(layer.neurons)
    answers: Any = layer([Value(0.5) for _ in range(nin)])
    nodes = {node for answer in (answers if nout > 1 else [answers]) for node in interior(answer)}
    spelled = _longer(nin) if layer.neurons[0].explicit else 0
    biases = sum(neuron.b is not None for neuron in layer.neurons)
    return _counted(name, nin, nout, len(nodes) - nout * spelled, biases)


def _counted(name: str, nin: int, nout: int, nodes: int, biases: int) -> LayerCost:
    weights = nin * nout
    return LayerCost(name, nin, nout, weights + biases, weights, nodes, nodes + nout * _longer(nin))


def _longer(nin: int) -> int:
    """Return how many nodes more a neuron has spelled out: nin products and nin sums, not a dot and a sum."""
    return 2 * nin - 2
