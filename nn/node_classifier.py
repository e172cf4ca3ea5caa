"""Models that tell the nodes of a graph apart, from the labels of a few of them."""

import random
from collections.abc import Iterable, Sequence
from typing import Any, final

from engine import paused_gc, softmax
from nn.activations import Activation
from nn.checked import finite, shown
from nn.data import Graph
from nn.data.cells import listed
from nn.init import Initialiser
from nn.inputs import layer_sizes, whole
from nn.losses import sequence_cross_entropy
from nn.message import GraphAttention, GraphConvolution
from nn.metrics import predicted
from nn.module import Module

__all__ = ["GAT", "GCN", "NodeClassifier"]


class NodeClassifier(Module):
    """Layers of message passing on one graph, which answer with a number for each class at each node.

    A subclass makes the `layers`, from `nin` features to as many as the graph has classes. `features` are a
    row of numbers for each node; left out, a node's row is its row of the identity matrix.

    Errors: TypeError for what is no Graph or no number; ValueError for another number of rows than nodes,
    rows of different lengths or none, a number that is not finite, or a single class.

    >>> path = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
    >>> model: NodeClassifier = GCN(path, [4], rng=random.Random(0))
    >>> len(model.answers()), len(model.probabilities()[0])
    (3, 2)
    """

    layers: Sequence[GraphConvolution | GraphAttention]

    def __init__(self, graph: Graph, features: Iterable[Iterable[float]] | None) -> None:
        if not isinstance(graph, Graph):
            raise TypeError(
                f"{type(self).__name__} takes a Graph, such as karate_graph(), got {shown(graph)}"
            )
        if len(graph.names) < 2:
            raise ValueError(f"{graph!r} has a single class: there is nothing to tell apart")
        self.graph = graph
        self.features = None if features is None else _table(features, graph)
        self.nin = len(graph.nodes) if self.features is None else len(self.features[0])

    def __call__(self) -> list[list[Any]]:
        """Return the logits of each node, [node][class].

        >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
        >>> [[z.data for z in row] for row in GCN(pair, [], init="zeros")()]
        [[0.0, 0.0], [0.0, 0.0]]
        """
        rows: Any = self.features
        for layer in self.layers:
            rows = layer(rows, self.graph)
        return rows  # type: ignore[no-any-return]

    def loss(self, labels: Sequence[int], weights: Sequence[float]) -> Any:
        """Return Σᵢ weights[i] · cross_entropy(logits[i], labels[i]), in nats: what a training makes small.

        `graph.sample(labelled)` gives the two, with weights 1/n where the label is known: then it is the mean
        over the labelled nodes. Kipf & Welling (2017), equation 10, there a sum.

        Errors: ValueError for another number of labels or weights than nodes, TypeError for what is no list;
        as `nn.cross_entropy`.

        >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
        >>> round(GCN(pair, [], init="zeros").loss(*pair.sample([0, 1])).data, 4)
        0.6931
        """
        labels, weights = listed("labels", labels), listed("weights", weights)
        nodes = len(self.graph.nodes)
        if not len(labels) == len(weights) == nodes:
            raise ValueError(
                f"the loss takes a label and a weight for each of the {nodes} nodes, "
                f"got {len(labels)} labels, {len(weights)} weights"
            )
        return sequence_cross_entropy(self(), labels, weights)

    def answers(self) -> list[int]:
        """Return the label that the model gives to each node.

        >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
        >>> GCN(pair, [], init="zeros").answers()
        [0, 0]
        """
        return [predicted(row) for row in self.show(len(self.layers))]

    def probabilities(self) -> list[tuple[float, ...]]:
        """Return the softmax of each node's logits, [node][class].

        >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
        >>> GCN(pair, [], init="zeros").probabilities()
        [(0.5, 0.5), (0.5, 0.5)]
        """
        return [tuple(softmax(row)) for row in self.show(len(self.layers))]

    def show(self, step: int) -> list[tuple[float, ...]]:
        """Return the nodes' rows after so many message steps: 0 are the features, the last the logits.

        Errors: ValueError for a step that there is not, TypeError for one that is no whole number.

        >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
        >>> GCN(pair, [3], init="zeros").show(1)
        [(0.0, 0.0, 0.0), (0.0, 0.0, 0.0)]
        """
        step = whole("step", step)
        if step not in range(len(self.layers) + 1):
            raise ValueError(f"{self.describe()} has the steps 0 ... {len(self.layers)}, got {step!r}")
        rows: Any = self.features
        if rows is None and step == 0:
            return [tuple([float(i == j) for j in range(self.nin)]) for i in range(self.nin)]
        with paused_gc():
            for layer in self.layers[:step]:
                rows = layer(rows, self.graph)
        return [tuple(map(float, row)) for row in rows]


@final
class GCN(NodeClassifier):
    """A graph convolutional network: a GraphConvolution for each size in `hidden`, and one for the classes.

    Kipf & Welling (2017), equation 9: softmax(Â ReLU(Â X W⁰) W¹) for one hidden size; the softmax is in the
    loss, and there is no dropout. X is `features`; the rest are those of GraphConvolution.

    Errors: as those of NodeClassifier and GraphConvolution; TypeError for `hidden` that is no list,
    ValueError for a size below 1.

    >>> path = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
    >>> GCN(path, [4])
    GCN(3, [4, 2])                                        20
    ├─ layers[0] GraphConvolution(3, 4, relu)             12
    │  └─ weights Layer(3, 4)                             12
    │     └─ neurons[0…3] Neuron(3, linear, no bias) × 4   3 each
    └─ layers[1] GraphConvolution(4, 2, linear)            8
       └─ weights Layer(4, 2)                              8
          └─ neurons[0…1] Neuron(4, linear, no bias) × 2   4 each
    20 parameters
    """

    def __init__(
        self,
        graph: Graph,
        hidden: Iterable[int],
        *,
        features: Iterable[Iterable[float]] | None = None,
        activation: str | Activation = "relu",
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        super().__init__(graph, features)
        sizes = [self.nin, *layer_sizes("hidden", hidden, "[16]"), len(graph.names)]
        self.layers: list[GraphConvolution] = [
            GraphConvolution(nin, nout, activation=activation, init=init, rng=rng)
            for nin, nout in zip(sizes[:-1], sizes[1:-1], strict=False)
        ]
        self.layers.append(GraphConvolution(*sizes[-2:], activation="linear", init=init, rng=rng))

    def describe(self) -> str:
        """Return the number of features and the sizes of the layers.

        >>> GCN(Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right")), [4]).describe()
        'GCN(2, [4, 2])'
        """
        sizes = [len(layer.weights.neurons) for layer in self.layers]
        return f"{type(self).__name__}({self.nin}, {sizes})"


@final
class GAT(NodeClassifier):
    """A graph attention network: a GraphAttention for each size in `hidden`, and one of one head at the end.

    Veličković et al. (2018), section 3.3: 8 heads of 8 features each, joined, with ELU; then one head that
    makes the classes. There is no dropout. The rest are those of GraphAttention.

    Errors: as those of NodeClassifier and GraphAttention; TypeError for `hidden` that is no list, ValueError
    for a size below 1.

    >>> path = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
    >>> len(GAT(path, [4], heads=2).parameters())
    60
    """

    def __init__(
        self,
        graph: Graph,
        hidden: Iterable[int],
        *,
        heads: int = 8,
        features: Iterable[Iterable[float]] | None = None,
        activation: str | Activation = "elu",
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        super().__init__(graph, features)
        nin = self.nin
        self.layers: list[GraphAttention] = []
        for nout in layer_sizes("hidden", hidden, "[16]"):
            self.layers.append(
                GraphAttention(nin, nout, heads=heads, activation=activation, init=init, rng=rng)
            )
            nin = nout * len(self.layers[-1].heads)
        self.layers.append(GraphAttention(nin, len(graph.names), activation="linear", init=init, rng=rng))

    def describe(self) -> str:
        """Return the number of features, and each layer's number of heads and of features that a head makes.

        >>> GAT(Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right")), [4]).describe()
        'GAT(2, [8 × 4, 1 × 2])'
        """
        sizes = [f"{len(layer.heads)} × {len(layer.heads[0].weights.neurons)}" for layer in self.layers]
        return f"{type(self).__name__}({self.nin}, [{', '.join(sizes)}])"


def _table(features: Iterable[Iterable[float]], graph: Graph) -> tuple[tuple[float, ...], ...]:
    """Return features as rows of floats, one for each node, all of one length."""
    found = tuple(
        [
            tuple([finite(f"features[{i}][{j}]", x) for j, x in enumerate(listed(f"features[{i}]", row))])
            for i, row in enumerate(listed("features", features))
        ]
    )
    if len(found) != len(graph.nodes):
        raise ValueError(
            f"features are a row for each of the {len(graph.nodes)} nodes, got {len(found)} rows"
        )
    for i, row in enumerate(found):
        if len(row) != len(found[0]) or not row:
            raise ValueError(
                f"features[{i}] has {len(row)} numbers, features[0] {len(found[0])}: all rows have the same "
                "number, at least 1"
            )
    return found
