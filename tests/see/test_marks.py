from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine import ops
from engine.chain import chain_rule
from engine.see.marks import Marks
from engine.see.names import names, reading
from engine.see.parts import Box, Edge, Fold, Scene
from engine.see.scene import scene
from engine.value import Value

Wide = Callable[..., Value]
Chain = Callable[[int], Value]
Program = Callable[[list[tuple[int, int, int]]], Value]

WRONG = "got 0.0, exact 6.2e-33"


def shown(y: Value, marks: Marks, **options: Any) -> Scene:
    return scene(y, **{"expand": False, "fold": 8, "limit": 300, "marks": marks, **options})


def marked(picture: Scene) -> list[Edge]:
    return [edge for edge in picture.edges if edge.mark]


def keys(picture: Scene) -> set[str]:
    return {box.key for box in picture.boxes}


def test_the_marked_edge_alone_is_marked(neuron: Value) -> None:
    neuron.backward()
    first = neuron.x.x.x
    picture = shown(neuron, {first: {1: WRONG}})
    assert marked(picture) == [Edge("w1", "v1", (2.0,), (first.grad * 2.0,), WRONG)]
    unmarked = [edge._replace(mark="") for edge in picture.edges]
    assert picture._replace(edges=unmarked) == shown(neuron, {})


def test_a_marked_value_is_a_marked_box(neuron: Value) -> None:
    picture = shown(neuron, {neuron.x: {None: WRONG}})
    assert [box.key for box in picture.boxes if isinstance(box, Box) and box.mark == WRONG] == ["v4"]
    assert marked(picture) == []


@pytest.mark.parametrize("position", [0, 1])
def test_of_one_operand_that_comes_twice_one_edge_is_marked(position: int) -> None:
    x = Value(3.0, label="x")
    y = x * x
    assert [edge.mark for edge in shown(y, {y: {position: WRONG}}).edges] == [
        WRONG if i == position else "" for i in range(2)
    ]


def test_positions_count_inputs_not_steps(wide: Wide) -> None:
    y = wide(3)
    assert [step.input.label for step in chain_rule(y)] == ["w0", "x0", "w1", "x1", "w2", "x2"]
    assert [v.label for v in y.inputs] == ["w0", "w1", "w2", "x0", "x1", "x2"]
    for position, operand in enumerate(y.inputs):
        [edge] = marked(shown(y, {y: {position: WRONG}}))
        assert (edge.source, edge.target, edge.partials) == (
            operand.label,
            "y",
            (y.inputs[(position + 3) % 6].data,),
        )


@pytest.mark.parametrize(
    ("make", "sources"),
    [
        (lambda a, b: 3 - a, "a"),
        (lambda a, b: ops.atan2(1.0, b), "b"),
        (lambda a, b: ops.where(a, b, a), "aba"),
        (lambda a, b: ops.where(a, 1.0, 2.0), "a"),
        (lambda a, b: ops.dot([1.0, 2.0], [a, b]), "ab"),
        (lambda a, b: ops.sum([a, b, a]), "aba"),
        (lambda a, b: ops.detach(a) * b, "*b"),
    ],
)
def test_numbers_have_no_position(make: Callable[[Value, Value], Value], sources: str) -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    y = make(a, b)
    known = names(reading(y))
    assert len(y.inputs) == len(sources)
    for position, operand in enumerate(y.inputs):
        [edge] = marked(shown(y, {y: {position: WRONG}}))
        assert edge.source == known[operand].key


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, max_size=25),
    st.integers(0, 100),
    st.sampled_from([1, 3, 8, None]),
    st.booleans(),
    st.sampled_from([16, 20, 1000]),
)
def test_every_mark_is_drawn(
    program: Program,
    choices: list[tuple[int, int, int]],
    which: int,
    fold: int | None,
    expand: bool,
    limit: int,
) -> None:
    y = program(choices)
    y.backward()
    edges = [(node, i) for node in reading(y) for i in range(len(node.inputs))]
    node, position = edges[which % len(edges)]
    operand = node.inputs[position]
    picture = shown(
        y, {node: {position: WRONG}, operand: {None: "value"}}, fold=fold, expand=expand, limit=limit
    )
    known = names(reading(y))
    [edge] = marked(picture)
    assert edge.source == known[operand].key
    assert edge.target.split("~")[0] == known[node].key
    assert [box.key for box in picture.boxes if isinstance(box, Box) and box.mark] == [edge.source]
    assert len(picture.boxes) <= limit and len(keys(picture)) == len(picture.boxes)
    assert {key for e in picture.edges for key in (e.source, e.target)} <= keys(picture)
    assert picture.output.key == known[y].key
    joined = {picture.output.key}
    for _ in picture.boxes:
        joined |= {e.source for e in picture.edges if e.target in joined}
    assert joined == keys(picture)


@pytest.mark.parametrize("position", [2, 12 + 2])
def test_a_marked_operand_is_never_folded(wide: Wide, position: int) -> None:
    y = wide(12)
    assert y.inputs[position].label not in keys(shown(y, {}))
    picture = shown(y, {y: {position: WRONG}})
    assert marked(picture)[0].source == y.inputs[position].label
    assert {box.size for box in picture.boxes if isinstance(box, Fold)} == {3}
    assert len(picture.boxes) == len(shown(y, {}).boxes) + 2


def test_what_leads_to_a_mark_is_never_folded() -> None:
    deep = ops.sin(Value(0.0, label="deep"))
    y: Value = ops.dot([*[Value(1.0) for _ in range(19)], deep * 2], [1.0] * 19 + [0.0])
    y.backward()
    assert "v1" not in keys(shown(y, {}, fold=4))
    picture = shown(y, {deep: {0: WRONG}}, fold=4)
    assert (marked(picture)[0].source, marked(picture)[0].target) == ("deep", "v1")


def test_an_expanded_dot_marks_the_edge_into_the_product(wide: Wide) -> None:
    y = wide(12)
    picture = shown(y, {y: {12 + 2: WRONG}}, expand=True)
    [edge] = marked(picture)
    assert edge.source == "x2"
    [product] = [box for box in picture.boxes if box.key == edge.target]
    assert product.name == "w2*x2"


def test_a_large_graph_is_cut_to_what_is_around_the_mark(chain: Chain) -> None:
    y = chain(400)
    nodes = reading(y)
    picture = shown(y, {nodes[100]: {0: WRONG}})
    assert picture.cut == 401
    assert [(edge.source, edge.target) for edge in marked(picture)] == [("v99", "v100")]
    *way, rest, output = [f"v{i}" for i in range(99, 107)] + ["v106~way", "v400"]
    assert keys(picture) == {*way, rest, output}
    assert [(box.size, box.name) for box in picture.boxes if isinstance(box, Fold)] == [
        (293, "on the way to v400")
    ]
    assert [edge.target for edge in picture.edges if edge.source == "v106"] == [rest]
    assert [edge.target for edge in picture.edges if edge.source == rest] == [output]
    assert [box.key for box in picture.boxes if isinstance(box, Box) and box.more] == ["v99"]


def test_a_way_that_is_short_is_drawn_whole(chain: Chain) -> None:
    y = chain(400)
    picture = shown(y, {y.x.x: {0: WRONG}})
    assert keys(picture) == {"v397", "v398", "v399", "v400"}


def test_marks_take_room_from_the_way_not_from_each_other(chain: Chain) -> None:
    y = chain(400)
    nodes = reading(y)
    marks: Marks = {node: {0: WRONG} for node in nodes[50:400:50]}
    assert len(marked(shown(y, marks))) == 7
    picture = shown(y, marks, limit=30)
    assert len(marked(picture)) == 7 and len(picture.boxes) <= 30
    with pytest.raises(ValueError, match="what is marked in the graph .* takes 22 boxes, more than limit=20"):
        shown(y, marks, limit=20)


def test_a_deep_graph_is_no_recursion(chain: Chain) -> None:
    y = chain(100_000)
    assert len(shown(y, {reading(y)[5]: {0: WRONG}}).boxes) == 10


def test_a_cut_drawing_folds_a_wide_list_even_where_fold_is_none(wide: Wide) -> None:
    y = wide(400)
    picture = shown(y, {y: {7: WRONG}}, fold=None)
    assert keys(picture) == {"w7", "x7", "y~rest1", "y~rest2", "y"}
