"""The panels of modules, the order of what is in them, the way of edges: as Graphviz places them."""

import random
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from engine.see.dot import source
from engine.see.parts import Box, Cluster, Edge, Group, Scene
from engine.see.render import render


def group(key: str, *gradients: float, grad: float | None = 0.25, calls: int = 1, cluster: str = "") -> Group:
    pairs = tuple((f"w[{i}]", gradient) for i, gradient in enumerate(gradients))
    return Group(key, key, "", 9, calls, None if grad is None else 0.5, grad, pairs, True, cluster)


def leaf(key: str, cluster: str = "") -> Box:
    return Box(key, key, "", 1.0, 1.0, cluster=cluster)


def picture(boxes: list[Any], edges: list[Edge], clusters: Any = ()) -> Scene:
    return Scene(boxes, edges, True, 0, tuple(clusters))


def dot(shown: Scene, *, rankdir: str = "LR") -> str:
    return source(shown, rankdir=rankdir, theme="light")


def texts(svg: bytes) -> list[str]:
    elements = [element for element in ET.fromstring(svg).iter() if element.tag.endswith("text")]
    return [(element.text or "").replace("\N{NO-BREAK SPACE}", " ") for element in elements]


NESTED = [
    Cluster("net", "net", "MLP(2, [2, 1])", 9),
    Cluster("net.0", "layers[0]", "Layer(2, 2)", 6, "net"),
    Cluster("net.1", "layers[1]", "", 0, "net"),
]


def nested() -> Scene:
    boxes = [
        leaf("x"),
        group("a", 1.0, cluster="net.0"),
        group("b", 1.0, cluster="net.0"),
        group("y", 1.0, grad=1.0, cluster="net.1"),
    ]
    edges = [Edge(*ends.split(), (1.0, 1.0), (0.5, 0.5)) for ends in ("x a", "x b", "a y", "b y")]
    return picture(boxes, edges, NESTED)


def corners(svg: bytes, key: str, *, word: bool = False) -> tuple[float, float, float, float]:
    """Return left, top, right, bottom of what is drawn first in the element of an id, or its first word's."""
    [element] = [element for element in ET.fromstring(svg).iter() if element.get("id") == key]
    if word:
        run = next(part for part in element.iter() if part.tag.endswith("text"))
        x, y, size = [float(run.get(name, "nan")) for name in ("x", "y", "font-size")]
        return x, y - size, x + 0.6 * size * len(run.text or ""), y
    shape = next(part for part in element.iter() if part.tag.endswith(("path", "polygon")))
    numbers = re.findall(r"-?[\d.]+", shape.get("d") or shape.get("points") or "")
    xs, ys = [float(x) for x in numbers[::2]], [float(y) for y in numbers[1::2]]
    return min(xs), min(ys), max(xs), max(ys)


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_panels_hold_their_boxes_and_no_others(rankdir: str) -> None:
    svg = render(dot(nested(), rankdir=rankdir), "svg")
    net, first, last = (corners(svg, f"c-{key}") for key in ("net", "net.0", "net.1"))
    a, b, x, y = (corners(svg, f"n-{key}") for key in "abxy")

    def inside(small: Any, large: Any) -> bool:
        return bool(
            large[0] <= small[0] and large[1] <= small[1] and small[2] <= large[2] and small[3] <= large[3]
        )

    assert all(inside(box, first) for box in (a, b)) and inside(y, last)
    assert inside(first, net) and inside(last, net)
    assert not inside(x, net) and not inside(y, first)
    assert (a[1] < b[1]) if rankdir == "LR" else (a[0] < b[0]), "boxes stand in reading order"
    words = texts(svg)
    assert "layers[0]" in words and "Layer(2, 2), 6 parameters" in words
    assert words.count("layers[1]") == 1 and not any(word.startswith("0 param") for word in words)


def test_from_top_to_bottom_no_edge_runs_through_the_title_of_a_layer() -> None:
    svg = render(dot(nested(), rankdir="TB"), "svg")
    _, title_top, title_right, _ = corners(svg, "c-net.0~title", word=True)
    left, top, _, _ = corners(svg, "n-a")
    assert title_right < left and top < title_top
    assert texts(svg).count("layers[0]") == 1


def test_an_edge_from_a_group_to_itself_is_drawn() -> None:
    boxes = [leaf("x"), group("cell", 1.0, grad=None, calls=5), leaf("y")]
    edges = [Edge(*ends, (1.0, 1.0), (0.5, 0.5)) for ends in (("x", "cell"), ("cell", "cell"), ("cell", "y"))]
    assert b'id="e&#45;cell&#45;cell"' in render(dot(picture(boxes, edges)), "svg")


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_many_neurons_stand_in_reading_order(rankdir: str) -> None:
    rng = random.Random(0)
    layers = [[group(f"{layer}.{i}", 1.0, cluster=f"{layer}") for i in range(16)] for layer in range(2)]
    edges = []
    for a in layers[0]:
        for b in layers[1]:
            edges.append(Edge(a.key, b.key, (1.0,), (rng.uniform(-1, 1),)))
    edges += [Edge(b.key, "y", (1.0,), (1.0,)) for b in layers[1]]
    frames = [Cluster(f"{layer}", f"layers[{layer}]", "", 16) for layer in range(2)]
    svg = render(dot(picture([*layers[0], *layers[1], leaf("y")], edges, frames), rankdir=rankdir), "svg")
    for layer in layers:
        places = [corners(svg, f"n-{box.key}")[rankdir == "LR"] for box in layer]
        assert places == sorted(places)


def test_panels_lie_under_the_edges() -> None:
    svg = render(dot(nested()), "svg").decode()
    assert svg.rindex('id="c&#45;') < svg.index('id="e&#45;')


def test_panels_may_be_nested_deeper_than_python_recurses() -> None:
    deep = [Cluster(f"c{i}", f"c{i}", "", 0, f"c{i - 1}" if i else "") for i in range(3000)]
    text = dot(picture([leaf("y", cluster="c2999")], [], deep))
    assert text.count("subgraph") == 3000 and text.count("{") == text.count("}")


def test_every_id_is_there_once() -> None:
    shown = nested()
    shown = shown._replace(edges=[*shown.edges, shown.edges[0]._replace(mark="wrong")])
    svg = render(dot(shown), "svg")
    ids = [element.get("id") for element in ET.fromstring(svg).iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert {"n-x", "n-a", "c-net", "c-net.0", "e-x-a", "e-x-a~2"} <= set(ids)


def bipartite(skip: bool) -> Scene:
    boxes = [
        leaf("x"),
        *[group(f"a{i}", 1.0) for i in range(5)],
        *[group(f"b{i}", 1.0) for i in range(5)],
        leaf("y"),
    ]
    ends = [("x", f"a{i}") for i in range(5)] + [(f"a{i}", f"b{j}") for i in range(5) for j in range(5)]
    ends += [(f"b{i}", "y") for i in range(5)] + ([("x", "y")] if skip else []) * 5
    return picture(boxes, [Edge(*end, (1.0,), (1.0,)) for end in ends])


def test_edges_between_crowded_layers_are_straight_unless_many_would_run_under_boxes() -> None:
    straight = dot(bipartite(skip=False))
    assert "splines=line" in straight
    svg = render(straight, "svg").decode()
    assert svg.rindex('id="e&#45;') < svg.index('id="n&#45;'), "boxes lie over the edges"
    assert "splines=line" not in dot(bipartite(skip=True))


@pytest.mark.parametrize("size", [2, 4])
def test_between_dense_layers_no_number_stands_on_an_edge(size: int) -> None:
    """Though there are few enough edges; those of a single op keep their numbers."""
    first = [group(f"a{i}", 1.0) for i in range(4)]
    second = [Box(f"b{i}", f"b{i}", "dot", 1.0, 1.0) for i in range(4)]
    ends = [(a.key, b.key) for a in first for b in second[:size]] + [(b.key, "y") for b in second[:size]]
    edges = [Edge(*end, (0.5,), (1.0,)) for end in ends]
    text = dot(picture([*first, *second[:size], leaf("y")], edges))
    assert len(edges) <= 24 and "splines=line" in text
    assert ' label="' not in text and "the number is the partial" not in text
    to_one = [Edge(a.key, "y", (0.5,), (1.0,)) for a in first]
    lone, neuron = dot(picture([*first, leaf("y")], to_one)), dot(picture([*first, group("y", 1.0)], to_one))
    assert lone.count(' label="0.5"') == 4 and "splines=line" not in lone
    assert ' label="' not in neuron and "splines=line" in neuron


@pytest.mark.parametrize("rankdir", ["LR", "TB"])
def test_every_edge_leads_onward(rankdir: str) -> None:
    """Of an opened neuron among collapsed ones, too, whose parts stand in ranks of their own."""
    frames = [
        Cluster("m", "net", "", 9),
        Cluster("l", "layers[1]", "", 9, "m"),
        Cluster("n", "neurons[0]", "", 3, "l"),
    ]
    weights = [leaf(f"w{i}", cluster="n") for i in range(3)]
    neurons = [group(f"n{i}", 1.0, cluster="l") for i in range(9)]
    boxes = [
        leaf("x"),
        group("h", 1.0, cluster="m"),
        *neurons,
        *weights,
        Box("dot", "dot", "+", 1.0, 1.0, cluster="n"),
    ]
    boxes += [leaf("b", "n"), Box("n9", "n9", "+", 1.0, 1.0, cluster="n")]
    boxes += [Box(key, key, "+", 1.0, 1.0) for key in ("sum", "loss")]
    ends = [("x", "h"), *[("h", neuron.key) for neuron in neurons], ("h", "dot"), ("dot", "n9"), ("b", "n9")]
    ends += [*[(weight.key, "dot") for weight in weights], *[(f"n{i}", "sum") for i in range(10)]]
    ends += [("sum", "loss"), ("n0", "loss")]
    edges = [Edge(*end, (1.0,), (1.0,)) for end in ends]
    svg = render(dot(picture(boxes, edges, frames), rankdir=rankdir), "svg")
    side = rankdir == "TB"
    assert all(corners(svg, f"n-{a}")[side] < corners(svg, f"n-{b}")[side] for a, b in ends)
    places = [corners(svg, f"n-{weight.key}")[not side] for weight in weights]
    assert places == sorted(places)
