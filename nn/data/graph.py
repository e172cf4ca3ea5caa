"""Graphs: nodes, the edges between them, and a label for each node."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.optional import load
from nn.data.cells import Point, label, listed
from nn.data.dataset import Dataset
from nn.data.form import once, texts


@dataclass(frozen=True)
class Graph:
    """An undirected graph: edges are pairs of nodes 0 ... n-1, the smaller first.

    `nodes` names the nodes; names[labels[i]] is the class of node i.

    Errors: ValueError for an edge that leaves the graph, joins a node to itself or is there twice, and for
    labels without a name.

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
        edges = [(min(edge), max(edge)) for edge in listed("edges", self.edges)]
        for low, high in edges:
            if not 0 <= low < high < len(nodes):
                raise ValueError(
                    f"an edge joins two of the nodes 0 ... {len(nodes) - 1}, got ({low}, {high})"
                )
        once("edges", edges)
        object.__setattr__(self, "nodes", nodes)
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "edges", tuple(edges))
        object.__setattr__(self, "labels", tuple([label(i, one, names) for i, one in enumerate(labels)]))

    @property
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
