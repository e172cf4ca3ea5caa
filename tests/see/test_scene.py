import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, strategies as st

from engine import Op, ops
from engine.chain import chain_rule
from engine.see.parts import Box, Edge, Fold, Scene
from engine.see.scene import scene
from engine.value import Value

Choices = list[tuple[int, int, int]]
Program = Callable[[Choices], Value]

Wide = Callable[..., Value]


def shown(y: Value, **options: Any) -> Scene:
    return scene(y, **{"expand": False, "fold": 8, "limit": 300, **options})


def boxes(picture: Scene) -> dict[str, Box]:
    return {box.name: box for box in picture.boxes if isinstance(box, Box)}


def folds(picture: Scene) -> list[Fold]:
    return [box for box in picture.boxes if isinstance(box, Fold)]


def edges(picture: Scene, target: str) -> list[Edge]:
    return [edge for edge in picture.edges if edge.target == target]


def test_a_neuron(neuron: Value) -> None:
    neuron.backward()
    picture = shown(neuron)
    assert len(picture.boxes) == 10
    assert boxes(picture)["x1"][:4] == ("x1", "x1", "", 2.0)
    assert math.isclose(boxes(picture)["x1"].grad, -1.5)
    assert boxes(picture)["x1*w1"].corner == "*"
    assert picture.output == Box("y", "y", "tanh", neuron.data, 1.0)
    assert [(e.source, e.partials) for e in edges(picture, "v1")] == [("x1", (-3.0,)), ("w1", (2.0,))]


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), max_size=25))
def test_an_edge_for_each_step_with_its_numbers(program: Program, choices: Choices) -> None:
    y = program(choices)
    y.backward()
    picture = shown(y, limit=1000)
    drawn = Counter(
        (repr(e.partials[0]), repr(e.contributions[0] + 0.0)) for e in picture.edges if e.partials
    )
    swept = Counter((repr(step.partial), repr(step.contribution + 0.0)) for step in chain_rule(y))
    assert swept <= drawn
    behind_detach = drawn - swept
    assert {contribution for _, contribution in behind_detach} <= {"0.0", "nan"}
    keys = [box.key for box in picture.boxes]
    assert len(set(keys)) == len(keys)
    assert {key for e in picture.edges for key in (e.source, e.target)} <= set(keys)


@pytest.mark.parametrize(
    ("make", "corner"),
    [
        (lambda x: x * 2, "* 2.0"),
        (lambda x: 3 - x, "3.0 −"),
        (lambda x: x**2, "** 2.0"),
        (lambda x: ops.atan2(1.0, x), "atan2(1.0, ·)"),
        (lambda x: ops.leaky_relu(x), "leaky_relu(·, 0.01)"),
        (lambda x: x.tanh(), "tanh"),
    ],
)
def test_numbers_are_told_in_the_corner(make: Callable[[Value], Value], corner: str) -> None:
    picture = shown(make(Value(2.0, label="x")))
    assert len(picture.boxes) == 2
    assert picture.output.corner == corner


def test_the_same_operand_twice_gives_two_edges() -> None:
    x = Value(3.0, label="x")
    y = x * x
    y.backward()
    assert [e.contributions for e in shown(y).edges] == [(3.0,), (3.0,)]


def test_a_detached_edge_has_no_step_whatever_stands_beside_it() -> None:
    x = Value(3.0, label="x")
    y = ops.detach(x) * x
    y.backward()
    assert edges(shown(y), "v1") == [Edge("x", "v1", (), ())]


def test_a_dot_over_numbers_has_no_boxes_for_them(wide: Wide) -> None:
    y = wide(3, numbers=True)
    picture = shown(y)
    assert [box.name for box in picture.boxes] == ["w0", "w1", "w2", "y"]
    assert [e.partials[0] for e in picture.edges] == list(y.y)


def test_a_wide_dot_draws_what_contributes_most(wide: Wide) -> None:
    y = wide(64)
    picture = shown(y)
    drawn = {name for name in boxes(picture) if name != "y"}
    weight = [abs(w.grad) + abs(x.grad) for w, x in zip(y.x, y.y, strict=True)]
    most = sorted(range(64), key=lambda i: -weight[i])[:8]
    assert drawn == {f"{letter}{i}" for i in most for letter in "wx"}
    weights, inputs = folds(picture)
    assert (weights.size, inputs.size) == (56, 56)
    assert (weights.name, inputs.name) == ("w0 … w63", "x0 … x63")
    rest = sum(abs(w.grad) for i, w in enumerate(y.x) if i not in most)
    assert math.isclose(weights.total, rest)


@given(st.integers(1, 12), st.integers(1, 12))
def test_every_operand_is_drawn_or_folded(size: int, fold: int) -> None:
    values = [Value(float(i), label=f"x{i}") for i in range(size)]
    y: Value = ops.sum(values)
    y.backward()
    picture = shown(y, fold=fold)
    assert len(boxes(picture)) - 1 + sum(f.size for f in folds(picture)) == size
    assert len(boxes(picture)) - 1 == min(size, fold)
    assert sum(len(e.contributions) for e in picture.edges) == size


def test_an_operand_that_comes_twice_counts_twice_and_adds_its_gradient_once() -> None:
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    total: Value = ops.sum([y, x, x, x])
    total.backward()
    assert folds(shown(total, fold=1)) == [Fold("v1~rest1", "x", "", 3, 3.0)]


def test_fold_none_draws_all(wide: Wide) -> None:
    assert len(shown(wide(64), fold=None).boxes) == 129


def test_a_nan_is_never_folded_away() -> None:
    y: Value = ops.dot(
        [Value(float(i), label=f"w{i}") for i in range(20)], [1.0] * 5 + [math.nan] + [1.0] * 14
    )
    y.backward()
    assert "w5" in boxes(shown(y, fold=1))


def test_fold_below_one_is_refused(wide: Wide) -> None:
    with pytest.raises(ValueError, match="fold is the number of operands drawn, 1 or more.*got 0"):
        shown(wide(3), fold=0)


def test_an_expanded_dot_is_its_products_and_their_sum(wide: Wide) -> None:
    y = wide(3)
    y.grad = -2.0
    picture = shown(y, expand=True)
    assert boxes(picture)["w1*x1"] == Box("y~2", "w1*x1", "*", y.x[1].data * y.y[1].data, -2.0)
    assert picture.output.corner == "+"
    assert [e.partials for e in edges(picture, "y")] == [(1.0,)] * 3
    assert [(e.source, e.partials[0]) for e in edges(picture, "y~2")] == [
        ("w1", y.y[1].data),
        ("x1", y.x[1].data),
    ]


def test_an_expanded_dot_over_numbers_tells_them_in_the_corner() -> None:
    y: Value = ops.dot([Value(2.0, label="w")], [3.0])
    assert [box.corner for box in shown(y, expand=True).boxes if isinstance(box, Box)] == ["", "* 3.0", "+"]


def test_an_expanded_sum_is_a_plus() -> None:
    assert shown(ops.sum([Value(2.0), Value(3.0)]), expand=True).output.corner == "+"


def test_own_ops_called_dot_and_sum_are_not_expanded() -> None:
    x, y = Value(2.0, "x"), Value(3.0, "y")
    apart = Op("dot", lambda xs, ys: abs(xs[0] - ys[0]), 1, -1, lists=(True, True))
    product = Op("sum", math.prod, 1, lists=(True,))
    for node, corner in ((apart([x], [y]), "dot"), (product([x, y]), "sum")):
        picture = shown(node, expand=True)
        assert picture.output.corner == corner and len(boxes(picture)) == 3


def test_an_expanded_wide_dot_folds_products(wide: Wide) -> None:
    y = wide(64)
    [rest] = folds(shown(y, expand=True))
    assert (rest.size, rest.name, rest.corner, rest.total) == (56, "products", "*", 56.0)


def test_no_sweep_yet(neuron: Value) -> None:
    assert not shown(neuron).swept
    neuron.backward()
    assert shown(neuron).swept


def test_a_large_graph_is_refused_with_what_would_help(chain: Callable[[int], Value]) -> None:
    with pytest.raises(ValueError, match=r"401 nodes and takes 401 boxes.*draw a part.*fold.*limit=401"):
        shown(chain(400))
    assert len(shown(chain(400), limit=401).boxes) == 401


def test_folds_and_products_count_as_boxes(wide: Wide) -> None:
    with pytest.raises(ValueError, match="takes 26 boxes"):
        shown(wide(64), expand=True, limit=20)


def test_a_deep_graph_is_no_recursion(chain: Callable[[int], Value]) -> None:
    with pytest.raises(ValueError, match="100001 nodes"):
        shown(chain(100_000))


def test_an_operand_folded_at_one_op_and_drawn_at_another_keeps_its_edge() -> None:
    xs = [Value(float(i), label=f"x{i}") for i in range(10)]
    y: Value = ops.sum(xs) * xs[0]
    y.backward()
    picture = shown(y, fold=4)
    sums = edges(picture, "v1")
    assert "x0" in {edge.source for edge in sums}
    [rest] = folds(picture)
    assert rest.size + len({edge.source for edge in sums} - {rest.key}) == 10
    assert sum(len(edge.partials) for edge in sums) == 10


def test_an_operand_folded_at_two_ops_is_in_one_fold_with_edges_to_both() -> None:
    xs = [Value(float(i), label=f"x{i}") for i in range(10)]
    y: Value = ops.sum(xs) * ops.dot(xs, [1.0] * 9 + [50.0])
    y.backward()
    picture = shown(y, fold=1)
    for target in ("v1", "v2"):
        assert sum(len(edge.partials) for edge in edges(picture, target)) == 10
    assert sum(fold.size for fold in folds(picture)) + len(boxes(picture)) - 3 == 10


def test_what_is_behind_a_folded_operand_counts_in_its_fold() -> None:
    x = Value(0.1, label="x")
    terms = [ops.tanh(x * i) for i in range(1, 11)]
    y: Value = ops.sum(terms)
    y.backward()
    picture = shown(y, fold=4)
    [rest] = folds(picture)
    assert (rest.size, rest.nodes) == (6, 12)
    [flow] = [edge for edge in picture.edges if edge.target == rest.key]
    assert flow.source == "x" and len(flow.partials) == 6


def test_behind_a_detach_there_is_no_gradient_of_another_sweep() -> None:
    x = Value(3.0, label="x")
    square = x * x
    y: Value = ops.detach(square) * 2
    square.backward()
    y.backward()
    picture = shown(y)
    assert boxes(picture)["x*x"].data == 9.0 and boxes(picture)["x*x"].grad == 0.0
    assert [edge.contributions for edge in picture.edges] == [(), (), (), (2.0,)]


def test_what_another_output_swept_is_no_sweep_of_this_one() -> None:
    x = Value(3.0, label="x")
    y, other = x * 2, x * 3
    other.backward()
    assert not shown(y).swept
    y.backward()
    assert shown(y).swept and shown(other).swept


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, max_size=25), st.integers(1, 3))
def test_folding_loses_no_step(program: Program, choices: Choices, fold: int) -> None:
    y = program(choices)
    y.backward()
    picture = shown(y, fold=fold, limit=1000)
    drawn = sum(len(edge.partials) for edge in picture.edges)
    total = sum(1 for _ in chain_rule(y))
    hides_ops = any(rest.nodes for rest in folds(picture))
    assert drawn <= total if hides_ops else drawn == total
    assert all(edge.source != edge.target for edge in picture.edges)
