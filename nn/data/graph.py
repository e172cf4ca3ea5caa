"""Graphs: nodes, the edges between them, and a label for each node."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf, sqrt
from typing import Any

from engine.optional import load
from nn.data.cells import Point, label, listed
from nn.data.dataset import Dataset
from nn.data.form import once, texts
from nn.inputs import whole


@dataclass(frozen=True)
class Graph:
    """An undirected graph: edges are pairs of nodes 0 ... n-1, the smaller first.

    `nodes` names the nodes; names[labels[i]] is the class of node i.

    Errors: TypeError, naming the place, for an edge that is no list of whole numbers; ValueError for one that
    is no pair, leaves the graph, joins a node to itself or is there twice, and for labels without a name.

    >>> path = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
    >>> path.neighbours
    ((1,), (0, 2), (1,))
    """

    nodes: Sequence[str]
    edges: Sequence[tuple[int, int]]
    labels: Sequence[int]
    names: Sequence[str]
    name: str = "graph"
    target: str = "class"
    description: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        nodes, names = texts("nodes", self.nodes), texts("names", self.names)
        labels = listed("labels", self.labels)
        if len(labels) != len(nodes):
            raise ValueError(f"each node has a label: got {len(nodes)} nodes, {len(labels)} labels")
        edges = [_edge(f"edges[{i}]", one, len(nodes)) for i, one in enumerate(listed("edges", self.edges))]
        once("edges", edges)
        object.__setattr__(self, "nodes", nodes)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "edges", tuple(edges))
        object.__setattr__(self, "labels", tuple([label(i, one, names) for i, one in enumerate(labels)]))

    @cached_property
    def neighbours(self) -> tuple[tuple[int, ...], ...]:
        """The nodes that each node shares an edge with, in rising order.

        >>> Graph(["a", "b"], [(1, 0)], [0, 1], names=("left", "right")).neighbours
        ((1,), (0,))
        """
        found: list[list[int]] = [[] for _ in self.nodes]
        for low, high in self.edges:
            found[low].append(high)
            found[high].append(low)
        return tuple([tuple(sorted(nodes)) for nodes in found])

    @property
    def adjacency(self) -> tuple[Point, ...]:
        """The adjacency matrix, row by row: 1.0 where two nodes share an edge, else 0.0.

        >>> Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right")).adjacency
        ((0.0, 1.0), (1.0, 0.0))
        """
        known = [set(nodes) for nodes in self.neighbours]
        return tuple([tuple([float(i in row) for i in range(len(self.nodes))]) for row in known])

    @cached_property
    def neighbourhoods(self) -> tuple[tuple[int, ...], ...]:
        """Each node with its neighbours, in rising order; an isolated node is alone in its own.

        >>> Graph(["a", "b", "c"], [(0, 1)], [0, 1, 1], names=("left", "right")).neighbourhoods
        ((0, 1), (0, 1), (2,))
        """
        return tuple([tuple(sorted((i, *nodes))) for i, nodes in enumerate(self.neighbours)])

    @cached_property
    def coefficients(self) -> tuple[Point, ...]:
        """Of each node, what those of its neighbourhood count in its average: 1/√(dᵢdⱼ), d counting the node.

        They are the entries other than 0 of Â = D^-1/2 (A + I) D^-1/2, row by row, where D has the row sums
        of A + I. The coefficient of an isolated node is 1. Kipf & Welling (2017), below equation 2.

        >>> Graph(["a", "b", "c"], [(0, 1)], [0, 1, 1], names=("left", "right")).coefficients
        ((0.5, 0.5), (0.5, 0.5), (1.0,))
        """
        sizes = [len(around) for around in self.neighbourhoods]
        return tuple(
            [tuple([1 / sqrt(sizes[i] * sizes[j]) for j in row]) for i, row in enumerate(self.neighbourhoods)]
        )

    @property
    def normalised(self) -> tuple[Point, ...]:
        """The normalised adjacency matrix Â = D^-1/2 (A + I) D^-1/2, row by row, with its zeros.

        >>> path = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
        >>> [[round(a, 3) for a in row] for row in path.normalised]
        [[0.5, 0.408, 0.0], [0.408, 0.333, 0.408], [0.0, 0.408, 0.5]]
        """
        rows = [
            dict(zip(around, shares, strict=True))
            for around, shares in zip(self.neighbourhoods, self.coefficients, strict=True)
        ]
        return tuple([tuple([row.get(j, 0.0) for j in range(len(self.nodes))]) for row in rows])

    def sample(self, labelled: Iterable[int]) -> tuple[tuple[int, ...], Point]:
        """Return what a model of nodes is trained on when only some labels are known: labels and weights.

        The weights are 1/n for the n nodes in `labelled`, else 0. A label that is not known stands as 0: it
        is not told. The two are the arguments of `NodeClassifier.loss`, the whole graph one sample.

        Errors: ValueError for no nodes, one that is there twice or is none of the graph, or all of one class.

        >>> Graph(["a", "b", "c"], [(0, 1)], [0, 0, 1], names=("left", "right")).sample([0, 2])
        ((0, 0, 1), (0.5, 0.0, 0.5))
        """
        known = self._places(labelled)
        if len({self.labels[i] for i in known}) < 2:
            name = self.names[self.labels[known[0]]]
            raise ValueError(f"all labelled nodes are {name!r}: there is nothing to tell apart")
        labels = [one if i in known else 0 for i, one in enumerate(self.labels)]
        weights = [1 / len(known) if i in known else 0.0 for i in range(len(self.nodes))]
        return tuple(labels), tuple(weights)

    def distances(self, node: int) -> Point:
        """Return how many edges lead from a node to each node, at least; inf where none do.

        Errors: ValueError for a node that is none of the graph.

        >>> Graph(["a", "b", "c"], [(0, 1)], [0, 0, 1], names=("left", "right")).distances(1)
        (1.0, 0.0, inf)
        """
        (start,) = self._places([node])
        found = [inf] * len(self.nodes)
        found[start] = 0.0
        reached = [start]
        for i in reached:
            for j in self.neighbours[i]:
                if found[j] == inf:
                    found[j] = found[i] + 1
                    reached.append(j)
        return tuple(found)

    def nearest(self, labelled: Iterable[int]) -> tuple[tuple[int, ...], ...]:
        """Return each node's label by mere distance: that of the labelled node with the fewest edges between.

        More than one label is a tie, none a node that no labelled one reaches.

        Errors: ValueError for no nodes, one that is there twice or is none of the graph.

        >>> path = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
        >>> path.nearest([0, 2])
        ((0,), (0, 1), (1,))
        """
        known = self._places(labelled)
        found = []
        for way in zip(*map(self.distances, known), strict=True):
            closest = [i for i, d in zip(known, way, strict=True) if d == min(way) and d < inf]
            found.append(tuple(sorted({self.labels[i] for i in closest})))
        return tuple(found)

    def _places(self, given: Iterable[int]) -> list[int]:
        known = [whole("a node", i) for i in listed("labelled", given)]
        if not known:
            raise ValueError("at least one node is labelled, got none")
        once("labelled", known)
        for i in known:
            if not 0 <= i < len(self.nodes):
                raise ValueError(f"node {i} is none of the nodes 0 ... {len(self.nodes) - 1}")
        return known

    def dataset(self) -> Dataset:
        """Return the Dataset whose point i is row i of the adjacency matrix, and its target label i.

        >>> Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right")).dataset()
        Dataset('graph': 2 points, 2 columns, 2 classes)
        """
        return Dataset(
            self.adjacency,
            self.labels,
            names=self.names,
            inputs=self.nodes,
            target=self.target,
            name=self.name,
            description=self.description,
            source=self.source,
        )

    def __repr__(self) -> str:
        sizes = f"{len(self.nodes)} nodes, {len(self.edges)} edges, {len(self.names)} classes"
        return f"Graph({self.name!r}: {sizes})"


def _edge(place: str, given: Any, nodes: int) -> tuple[int, int]:
    """Return an edge as its two nodes, the smaller first."""
    ends = [whole(f"{place}[{i}]", node) for i, node in enumerate(listed(place, given))]
    if len(ends) != 2 or not 0 <= min(ends) < max(ends) < nodes:
        raise ValueError(f"{place}: an edge joins two of the nodes 0 ... {nodes - 1}, got {given!r}")
    return min(ends), max(ends)


def karate_graph() -> Graph:
    """Return Zachary's karate club: 34 members, an edge where two met outside of the club's lessons.

    The label is the club that a member joined after the quarrel.

    Errors: ModuleNotFoundError naming the extra `lab` without networkx.

    >>> karate_graph()
    Graph('karate': 34 nodes, 78 edges, 2 classes)
    """
    found = load("networkx", extra="lab").karate_club_graph()
    names = ("Mr. Hi", "Officer")
    return Graph(
        [f"member {i}" for i in found.nodes],
        list(found.edges),
        [names.index(club) for _, club in found.nodes(data="club")],
        names,
        name="karate",
        target="club",
        description="members of a karate club by whom they meet: which half they joined when it split",
        source="Zachary, An information flow model for conflict and fission in small groups, 1977; networkx",
    )


def karate() -> Dataset:
    """Return Zachary's karate club: of each member which others it meets, with the club that it joined.

    Errors: as `karate_graph`.

    >>> karate()
    Dataset('karate': 34 points, 34 columns, 2 classes)
    """
    return karate_graph().dataset()
