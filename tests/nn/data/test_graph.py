"""Graphs: neighbourhoods, the normalised adjacency matrix, distances, and what is told of the labels."""

import math

import networkx
import numpy as np
import pytest
from hypothesis import given, strategies as st

from nn.data import Graph, Samples, karate_graph

NAMES = ("left", "right")


def graph_of(nodes, edges, labels=None):
    return Graph([f"n{i}" for i in range(nodes)], edges, labels or [i % 2 for i in range(nodes)], names=NAMES)


PATH = graph_of(3, [(0, 1), (1, 2)])


@st.composite
def graphs(draw):
    nodes = draw(st.integers(1, 8))
    pairs = [(i, j) for j in range(nodes) for i in range(j)]
    return graph_of(nodes, draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [])


@given(graphs())
def test_the_normalised_adjacency_matrix_is_numpys(graph):
    linked = np.array(graph.adjacency) + np.eye(len(graph.nodes))
    root = np.diag(linked.sum(axis=1) ** -0.5)
    assert np.allclose(graph.normalised, root @ linked @ root, rtol=1e-15, atol=0)
    assert np.array_equal(np.array(graph.normalised) > 0, linked > 0)


@given(graphs())
def test_neighbourhoods_are_the_neighbours_and_the_node(graph):
    for i, (around, neighbours) in enumerate(zip(graph.neighbourhoods, graph.neighbours, strict=True)):
        assert set(around) == {i, *neighbours} and list(around) == sorted(around)
        assert [graph.normalised[i][j] for j in around] == list(graph.coefficients[i])
        if not neighbours:
            assert graph.coefficients[i] == (1.0,)


@given(graphs())
def test_distances_are_networkxs(graph):
    other = networkx.Graph(list(graph.edges))
    other.add_nodes_from(range(len(graph.nodes)))
    for i in range(len(graph.nodes)):
        known = networkx.single_source_shortest_path_length(other, i)
        assert graph.distances(i) == tuple(known.get(j, math.inf) for j in range(len(graph.nodes)))


def test_nearest_labels():
    graph = graph_of(6, [(0, 1), (1, 2), (2, 3)], [0, 0, 1, 1, 0, 0])
    assert graph.nearest([0, 3]) == ((0,), (0,), (1,), (1,), (), ())
    assert graph.nearest([0, 2]) == ((0,), (0, 1), (1,), (1,), (), ())


def test_the_clubs_nearest_labels_are_those_of_the_course():
    club = karate_graph()
    found = club.nearest([0, 33])
    assert sum(labels == (one,) for labels, one in zip(found, club.labels, strict=True)) == 28
    assert sum(len(labels) == 2 for labels in found) == 6
    assert club.distances(0)[33] == 2 and len(club.neighbourhoods[0]) == 17


def test_a_sample_tells_the_labels_that_are_known_and_no_other():
    labels, weights = karate_graph().sample([33, 0])
    assert labels == (0,) * 33 + (1,) and weights == (0.5,) + (0.0,) * 32 + (0.5,)
    mirrored = graph_of(3, [(0, 1)], [0, 0, 1]).sample([0, 2])
    assert mirrored == graph_of(3, [(0, 1)], [0, 1, 1]).sample([0, 2])
    assert repr(Samples([mirrored])) == "Samples('data': 1 samples of (3 indices, 3 numbers))"


@pytest.mark.parametrize("ask", [PATH.sample, PATH.nearest])
@pytest.mark.parametrize(
    ("labelled", "message"),
    [
        ([], "at least one node is labelled, got none"),
        ([0, 3], r"node 3 is none of the nodes 0 \.\.\. 2"),
        ([-1, 0], r"node -1 is none of the nodes 0 \.\.\. 2"),
        ([1, 1], "each of the labelled is there once, got 1 twice"),
    ],
)
def test_labelled_nodes_are_refused(ask, labelled, message):
    with pytest.raises(ValueError, match=message):
        ask(labelled)


@pytest.mark.parametrize(
    ("edge", "error", "message"),
    [
        ((0, 1, 2), ValueError, r"edges\[1\]: an edge joins two of the nodes 0 \.\.\. 2, got \(0, 1, 2\)"),
        ((0,), ValueError, r"edges\[1\]: an edge joins two .*, got \(0,\)"),
        ((), ValueError, r"edges\[1\]: an edge joins two .*, got \(\)"),
        ((0, 3), ValueError, r"edges\[1\]: an edge joins two .*, got \(0, 3\)"),
        ((-1, 0), ValueError, r"edges\[1\]: an edge joins two .*, got \(-1, 0\)"),
        ((1, 1), ValueError, r"edges\[1\]: an edge joins two .*, got \(1, 1\)"),
        ((0, 1.5), TypeError, r"edges\[1\]\[1\] is a whole number, got 1.5"),
        ((0.0, 2), TypeError, r"edges\[1\]\[0\] is a whole number, got 0.0"),
        ((False, 2), TypeError, r"edges\[1\]\[0\] is a whole number, got False"),
        (("0", "1"), TypeError, r"edges\[1\]\[0\] is a whole number, got '0'"),
        ("01", TypeError, r"edges\[1\]: a list is needed, got '01'"),
        (1, TypeError, r"edges\[1\]: a list is needed, got 1"),
    ],
)
def test_edges_that_are_none_are_refused(edge, error, message):
    with pytest.raises(error, match=message):
        graph_of(3, [(0, 1), edge])


@given(graphs())
def test_edges_may_be_an_array_and_stand_either_way(graph):
    turned = np.array([edge[::-1] for edge in graph.edges], dtype=np.int32).reshape(-1, 2)
    other = graph_of(len(graph.nodes), turned)
    assert other == graph and hash(other) == hash(graph)
    assert {type(node) for edge in other.edges for node in edge} <= {int}


def test_labels_of_one_class_are_refused():
    with pytest.raises(ValueError, match="all labelled nodes are 'left': there is nothing to tell apart"):
        PATH.sample([0, 2])
    with pytest.raises(TypeError, match="a node is a whole number, got 0.5"):
        PATH.distances(0.5)
    with pytest.raises(ValueError, match="node 7 is none of the nodes"):
        PATH.distances(7)
