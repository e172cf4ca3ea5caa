"""Message passing: each node of a graph gathers what its neighbours send, and answers as a neuron does.

Rows are [node][feature], numbers or Values. None in their place stands for the identity matrix: each node is
known by its number alone, and what W makes of node i is looked up, as row i of the paper's W.
"""

import random
from collections.abc import Iterable, Sequence, Sized
from typing import Any, TypeAlias

from engine import Value, dot, leaky_relu, softmax
from engine.ops import sum as total
from nn.activations import Activation, activation as named
from nn.checked import shown
from nn.data import Graph
from nn.data.cells import listed
from nn.init import Initialiser
from nn.inputs import size
from nn.module import Module
from nn.neuron import Layer, Neuron, as_list, function_name

__all__ = ["AttentionHead", "GraphAttention", "GraphConvolution", "propagate"]

Rows: TypeAlias = Sequence[Sequence[float | Value]]
"""A row of numbers or Values for each node."""

SLOPE = 0.2
"""Of LeakyReLU below 0, as the paper on attention sets it."""


def propagate(rows: Rows, graph: Graph) -> list[list[Any]]:
    """Return Â H, one message step without weights: node i's row becomes Σⱼ Âᵢⱼ hⱼ.

    The sum is over the neighbours j of node i and i itself, `graph.coefficients` are Â: Kipf & Welling
    (2017), equation 2. An isolated node keeps its row.

    Errors: ValueError for another number of rows than nodes or rows of different lengths, TypeError for no
    rows or what is no Graph.

    >>> path = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
    >>> [[round(h, 3) for h in row] for row in propagate([[1.0], [0.0], [0.0]], path)]
    [[0.5], [0.408], [0.0]]
    """
    if rows is None:
        raise TypeError(
            "propagate takes a row for each node, got None; of the identity matrix it makes graph.normalised"
        )
    _match("propagate", rows, 0, graph)
    widths = {len(row) for row in rows}
    if len(widths) > 1:
        raise ValueError(f"propagate takes rows of one length, got lengths {sorted(widths)}")
    return _gathered(rows, graph, graph.coefficients)


class GraphConvolution(Module):
    """A graph convolution, H' = σ(Â H W): hᵢ' = σ(Σⱼ Âᵢⱼ W hⱼ), over the neighbours j of node i and i itself.

    Kipf & Welling (2017), equation 2. W is a layer without biases, the same at every node: it takes `nin`
    features and makes `nout`. Â weighs the neighbours, see `graph.coefficients`; σ is the `activation`. An
    isolated node hears itself alone, with weight 1. `init` and `rng` are those of Neuron.

    Errors: as those of Layer. When it is called: ValueError for another number of rows than nodes, a row of
    another length than `nin`, or no rows where `nin` is not the number of nodes; TypeError for no Graph.

    >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
    >>> layer = GraphConvolution(1, 2, rng=random.Random(1))
    >>> [[round(h.data, 4) for h in row] for row in layer([[1.0], [2.0]], pair)]
    [[0.0, 1.474], [0.0, 1.474]]
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        *,
        activation: str | Activation = "relu",
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        self.weights = Layer(nin, nout, activation="linear", init=init, bias=False, rng=rng)
        self.activation = named(activation)

    def __call__(self, rows: Rows | None, graph: Graph) -> list[list[Any]]:
        """Return the nodes' new rows, [node][nout].

        >>> lone = Graph(["a"], [], [0], names=("left", "right"))
        >>> layer = GraphConvolution(1, 1, activation="linear", rng=random.Random(0))
        >>> layer(None, lone)[0][0].data == layer.weights.neurons[0].w[0].data
        True
        """
        messages = _sent(self, rows, graph)
        return _activated(self.activation, _gathered(messages, graph, graph.coefficients))

    def describe(self) -> str:
        """Return the numbers of features in and out, and the activation.

        >>> GraphConvolution(34, 16).describe()
        'GraphConvolution(34, 16, relu)'
        """
        nin, nout = _sizes(self.weights)
        return f"{type(self).__name__}({nin}, {nout}, {function_name(self.activation)})"


class AttentionHead(Module):
    """One head of attention: hᵢ' = Σⱼ αᵢⱼ W hⱼ, with α = softmaxⱼ(LeakyReLU(aᵀ[W hᵢ ‖ W hⱼ])) near node i.

    Veličković et al. (2018), equations 3 and 4; the slope below 0 is 0.2. The vector a is two neurons without
    biases, as aᵀ[x ‖ y] is a sum of two: `receiving` takes W hᵢ and `sending` takes W hⱼ, each once a node
    instead of once an edge. The sum is over the neighbours j of node i and i itself; an isolated node hears
    itself alone, with α = 1.

    Errors: as those of GraphConvolution.

    >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
    >>> head = AttentionHead(1, 2, rng=random.Random(1))
    >>> [[round(alpha.data, 3) for alpha in row] for row in head.attention([[1.0], [2.0]], pair)]
    [[0.506, 0.494], [0.506, 0.494]]
    """

    def __init__(
        self, nin: int, nout: int, *, init: str | Initialiser = "xavier", rng: random.Random | None = None
    ) -> None:
        self.weights = Layer(nin, nout, activation="linear", init=init, bias=False, rng=rng)
        self.receiving, self.sending = [
            Neuron(nout, activation="linear", init=init, bias=False, rng=rng) for _ in range(2)
        ]

    def __call__(self, rows: Rows | None, graph: Graph) -> list[list[Any]]:
        """Return the nodes' new rows, [node][nout], before any activation.

        >>> lone = Graph(["a"], [], [0], names=("left", "right"))
        >>> head = AttentionHead(1, 1, rng=random.Random(0))
        >>> head([[2.0]], lone)[0][0].data == 2 * head.weights.neurons[0].w[0].data
        True
        """
        messages = _sent(self, rows, graph)
        return _gathered(messages, graph, self._shares(messages, graph))

    def attention(self, rows: Rows | None, graph: Graph) -> list[list[Any]]:
        """Return α: for each node the shares of those in its neighbourhood, in the order that the graph has.

        >>> lone = Graph(["a"], [], [0], names=("left", "right"))
        >>> AttentionHead(1, 1, rng=random.Random(0)).attention(None, lone)[0][0].data
        1.0
        """
        return self._shares(_sent(self, rows, graph), graph)

    def _shares(self, messages: Rows, graph: Graph) -> list[list[Any]]:
        receiving, sending = list(map(self.receiving, messages)), list(map(self.sending, messages))
        return [
            softmax([leaky_relu(receiving[i] + sending[j], SLOPE) for j in around])
            for i, around in enumerate(graph.neighbourhoods)
        ]

    def describe(self) -> str:
        """Return the numbers of features in and out.

        >>> AttentionHead(34, 8).describe()
        'AttentionHead(34, 8)'
        """
        nin, nout = _sizes(self.weights)
        return f"{type(self).__name__}({nin}, {nout})"


class GraphAttention(Module):
    """Graph attention by several heads, whose answers are joined: hᵢ' = ‖ₖ σ(Σⱼ αᵏᵢⱼ Wᵏ hⱼ).

    Veličković et al. (2018), equation 5; with `concat=False` the heads' mean, equation 6. Each of the `heads`
    makes `nout` features, so joined there are heads · nout. σ is the `activation`; `init` and `rng` are those
    of Neuron.

    Errors: as those of GraphConvolution, and ValueError for `heads` below 1.

    >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
    >>> layer = GraphAttention(1, 2, heads=3, rng=random.Random(0))
    >>> [len(row) for row in layer([[1.0], [2.0]], pair)]
    [6, 6]
    """

    def __init__(
        self,
        nin: int,
        nout: int,
        *,
        heads: int = 1,
        concat: bool = True,
        activation: str | Activation = "elu",
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        self.heads = [AttentionHead(nin, nout, init=init, rng=rng) for _ in range(size("heads", heads))]
        self.concat = bool(concat)
        self.activation = named(activation)

    def __call__(self, rows: Rows | None, graph: Graph) -> list[list[Any]]:
        """Return the nodes' new rows, [node][heads · nout], or [node][nout] without concat.

        >>> lone = Graph(["a"], [], [0], names=("left", "right"))
        >>> len(GraphAttention(1, 4, heads=2, concat=False)(None, lone)[0])
        4
        """
        answers = zip(*[head(rows, graph) for head in self.heads], strict=True)
        joined: list[list[Any]]
        if self.concat or len(self.heads) == 1:
            joined = [[z for row in node for z in row] for node in answers]
        else:
            joined = [[total(zs) / len(zs) for zs in zip(*node, strict=True)] for node in answers]
        return _activated(self.activation, joined)

    def describe(self) -> str:
        """Return the numbers of features in and out of a head, of heads, and the activation.

        >>> GraphAttention(34, 8, heads=4).describe()
        'GraphAttention(34, 8, 4 heads, elu)'
        """
        nin, nout = _sizes(self.heads[0].weights)
        mean = "" if self.concat else "mean of "
        counted = f"{len(self.heads)} head{'s' * (len(self.heads) > 1)}"
        return f"{type(self).__name__}({nin}, {nout}, {mean}{counted}, {function_name(self.activation)})"


def _sent(module: GraphConvolution | AttentionHead, rows: Rows | None, graph: Graph) -> Rows:
    """Return W h of each node; without rows, node i's is what each neuron weighs its input i by."""
    neurons = module.weights.neurons
    _match(module.describe(), rows, len(neurons[0].w), graph)
    if rows is None:
        return list(zip(*[neuron.w for neuron in neurons], strict=True))
    return [as_list(module.weights(row)) for row in rows]


def _gathered(rows: Rows, graph: Graph, shares: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Return, for each node, the sum of the rows in its neighbourhood, each times its share."""
    columns = list(zip(*rows, strict=True))
    return [
        [dot(tuple(parts), tuple([column[j] for j in around])) for column in columns]
        for around, parts in zip(graph.neighbourhoods, shares, strict=True)
    ]


def _activated(activation: Activation, rows: Iterable[Iterable[Any]]) -> list[list[Any]]:
    return [[activation(z) for z in row] for row in rows]


def _sizes(weights: Layer) -> tuple[int, int]:
    """Return how many features a layer takes and makes."""
    return len(weights.neurons[0].w), len(weights.neurons)


def _match(who: str, rows: Rows | None, nin: int, graph: Graph) -> None:
    """Refuse what is no graph, and rows that are not one for each of its nodes."""
    if not isinstance(graph, Graph):
        raise TypeError(f"{who} takes rows and their Graph, such as karate_graph(), got {shown(graph)}")
    if rows is not None and not all(isinstance(row, Sized) for row in listed("rows", rows)):
        raise TypeError(f"{who} takes rows [node][feature], got {shown(rows)}")
    nodes = len(graph.nodes)
    if rows is None and nin != nodes:
        raise ValueError(f"{who} without rows takes a graph of {nin} nodes, got {nodes}; give a row for each")
    if rows is not None and len(rows) != nodes:
        raise ValueError(f"{who} takes a row for each of the {nodes} nodes, got {len(rows)}")
