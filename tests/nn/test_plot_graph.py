"""The plot of a graph: nodes stand, look and count as they are, at one step or after several."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from nn.data import Graph, karate_graph
from nn.node_classifier import GCN
from nn.plot import png
from nn.plot.axes import CLASSES, INK, PAPER, blended
from nn.plot.graph import DEEPEST, FAULT, NODE, PANEL, graph, graph_steps

TWO = Graph(["a", "b", "c", "d"], [(0, 1), (1, 2)], [0, 1, 1, 0], names=("left", "right"), name="path")
"""A path of three, and a node alone."""
SURE, EVEN = [(1, 0), (0, 1), (0, 1), (1, 0)], [(0.5, 0.5)] * 4


def title(ax):
    return ax.get_title(loc="left")


def places(ax):
    """Where the nodes stand, class after class."""
    return np.concatenate([part.get_offsets() for part in ax.collections])


def faces(ax):
    return [to_hex(colour) for part in ax.collections for colour in part.get_facecolors()]


def rims(ax):
    return [to_hex(colour) for part in ax.collections for colour in part.get_edgecolors()]


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@pytest.mark.parametrize("plot", [graph, lambda data, ax=None: graph_steps(data, [("now", EVEN)], ax)])
def test_it_draws_on_the_axes_that_are_given_or_on_new_ones(plot):
    ax = Figure().add_subplot()
    assert plot(TWO, ax) is ax
    new = plot(TWO)
    assert title(new) == title(ax) and np.array_equal(places(new), places(ax))
    assert png(new).startswith(b"\x89PNG")


def test_a_graph_is_coloured_by_class_and_its_nodes_are_numbered():
    ax = graph(TWO)
    assert title(ax) == "path: 4 nodes, 2 edges" and legend(ax) == ["left", "right"]
    assert faces(ax) == [to_hex(blended(CLASSES[one], DEEPEST)) for one in (0, 0, 1, 1)]
    texts = {text.get_text(): text.get_position() for text in ax.texts}
    assert sorted(texts) == ["0", "1", "2", "3"]
    assert [texts[i] for i in "0312"] == [tuple(place) for place in places(ax).tolist()]


def test_edges_join_their_nodes():
    ax = graph(TWO)
    a, d, b, c = places(ax).tolist()
    (line,) = ax.lines
    found = [pair for pair in zip(*line.get_data(), strict=True) if not math.isnan(pair[0])]
    assert [list(map(float, place)) for place in found] == [a, b, b, c] and d not in found


@settings(max_examples=20)
@given(st.integers(1, 7), st.integers(0, 99))
def test_nodes_stand_apart_within_the_square(nodes, seed):
    rng = random.Random(seed)
    edges = [(i, j) for j in range(nodes) for i in range(j) if rng.random() < 0.4]
    data = Graph([f"n{i}" for i in range(nodes)], edges, [0] * nodes, names=("one", "two"))
    found = places(graph(data))
    assert len({tuple(place) for place in found.round(3)}) == nodes
    assert abs(found).max() <= 1 + 1e-12
    assert np.array_equal(found, places(graph(data)))


def test_colour_is_what_the_model_makes_of_a_node():
    """The first is surely left and is, the second undecided, the third left but is right, the fourth pale."""
    ax = graph(TWO, shares=[(1.0, 0.0), (0.5, 0.5), (1.0, 0.0), (0.6, 0.4)], labelled=[0])
    assert title(ax) == "2 of 4 nodes right"
    first, fourth, second, third = faces(ax)
    sure = to_hex(blended(CLASSES[0], DEEPEST))
    assert (first, second, third) == (sure, to_hex(PAPER), sure)
    assert to_rgb(fourth) == pytest.approx(blended(CLASSES[0], DEEPEST * 0.2), abs=1 / 255)
    assert [rim == to_hex(FAULT) for rim in rims(ax)] == [False, False, True, True]
    assert rims(ax)[0] == to_hex(INK)
    assert legend(ax) == ["left", "right", "labelled", "wrong or undecided"]


def test_labelled_nodes_are_larger():
    sizes = [float(s) for part in graph(TWO, labelled=[2]).collections for s in part.get_sizes()]
    assert sizes[:3] == [NODE**2] * 3 and sizes[3] > NODE**2


def test_steps_stand_side_by_side():
    shares = [("start", EVEN), ("first", [(1, 0)] * 4), ("last", SURE)]
    ax = graph_steps(TWO, iter(shares), labelled=[0, 1])
    assert title(ax) == "path: 3 steps"
    said = [text.get_text() for text in ax.texts]
    assert said == ["start: 0 of 4 right", "first: 2 of 4 right", "last: 4 of 4 right"]
    panels = [np.concatenate([part.get_offsets() for part in ax.collections[i : i + 2]]) for i in (0, 2, 4)]
    assert np.allclose(panels[1] - panels[0], (PANEL, 0)) and np.allclose(panels[2] - panels[0], (0, -PANEL))


def test_a_model_is_shown():
    club = karate_graph()
    model = GCN(club, [4], rng=random.Random(0))
    right = sum(a == b for a, b in zip(model.answers(), club.labels, strict=True))
    assert title(graph(club, shares=model.probabilities())) == f"{right} of 34 nodes right"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shares": SURE[:3]}, r"a row for each of 4 nodes, .* each of 2 classes in it; got 3 rows of 2"),
        ({"shares": [*SURE[:3], (1,)]}, "got 4 rows of 1 or 2"),
        ({"shares": [*SURE[:3], (1.5, 0)]}, r"shares\[3\]\[0\] is a share from 0 to 1, got 1\.5"),
        ({"shares": [*SURE[:3], (0, math.nan)]}, r"shares\[3\]\[1\] must be finite, got nan"),
        ({"labelled": [4]}, r"labelled node 4 is none of the nodes 0 \.\.\. 3"),
    ],
)
def test_a_graph_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        graph(TWO, **options)


def test_steps_refuse():
    with pytest.raises(ValueError, match="at least one step, got none"):
        graph_steps(TWO, [])
    with pytest.raises(ValueError, match=r"shares of end\[0\]\[0\] is a share"):
        graph_steps(TWO, [("end", [(2, 0)] * 4)])
