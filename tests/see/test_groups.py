"""Modules and repeats as one box: nothing is lost, nothing is counted twice, nothing goes in circles."""

import math
import random
from collections import Counter
from collections.abc import Callable
from graphlib import CycleError, TopologicalSorter
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings, strategies as st

from engine import ops
from engine.chain import chain_rule, interior, order
from engine.see.names import names, reading
from engine.see.origin import Scope, note, origin
from engine.see.parts import Box, Fold, Group, Scene
from engine.see.scene import MOST_EDGES, READABLE, scene
from engine.see.traced import traced
from engine.see.watch import scope, watch
from engine.value import Value
from nn import MLP, Module
from nn.losses import cross_entropy, hinge
from tests.see.conftest import OPERATIONS

PATHS = [(), ("net",), ("net", "a[0]"), ("net", "a[1]"), ("net", "a[0]", "b"), ("head",)]
Choices = list[tuple[int, int, int, int]]
programs = st.lists(st.tuples(*[st.integers(0, 30)] * 4), min_size=1, max_size=30)
collapses = st.sampled_from(["auto", None, 1, 2, "a", "a[1]", "net"])


def recorded(choices: Choices) -> Value:
    """Run a random program, each op in a call of a random module; two leaves are parameters, two a list."""
    owners = [Scope("net", call=None), Scope("a[0]", Scope("net", call=None), call=None)]
    parameters = [Value(0.3), Value(-0.6)]
    with watch():
        for v, owner, name in zip(parameters, owners, ["u", "a[0].w"], strict=True):
            note(v, scope=owner, name=name)
        values = [Value(0.7, label="xs[0]"), Value(-1.3, label="xs[1]"), *parameters]
        for operation, i, j, where in choices:
            x, y = values[i % len(values)], values[j % len(values)]
            values.append(inside(PATHS[where % len(PATHS)], OPERATIONS[operation % len(OPERATIONS)], x, y))
    values[-1].backward()
    return values[-1]


def inside(path: tuple[str, ...], operation: Callable[[Value, Value], Value], x: Value, y: Value) -> Value:
    if not path:
        return operation(x, y)
    with scope(path[0]):
        return inside(path[1:], operation, x, y)


def drawn(y: Value, **options: Any) -> Scene | None:
    try:
        return scene(y, **options)
    except ValueError as error:
        assert (
            "no module" in str(error) or "collapse is a depth" in str(error) or "needs to know" in str(error)
        )
        return None


def groups(picture: Scene) -> dict[str, Group]:
    return {box.name: box for box in picture.boxes if isinstance(box, Group)}


@settings(max_examples=300, deadline=None)
@given(programs, collapses, st.sampled_from([None, 1, 2, 8]))
def test_every_node_is_in_one_box(choices: Choices, collapse: int | str | None, fold: int | None) -> None:
    y = recorded(choices)
    picture = drawn(y, collapse=collapse, fold=fold)
    if picture is None:
        return
    ops = sum(isinstance(box, Box) and box.corner != "" for box in picture.boxes)
    ops += sum(box.nodes for box in picture.boxes if isinstance(box, Group | Fold))
    assert ops == sum(v.op is not None for v in order(y))
    keys = [box.key for box in picture.boxes]
    assert len(set(keys)) == len(keys)
    frames = [cluster.key for cluster in picture.clusters]
    assert {box.cluster for box in picture.boxes} <= {"", *frames}
    for i, cluster in enumerate(picture.clusters):
        assert cluster.parent in ["", *frames[:i]]
    assert {key for edge in picture.edges for key in (edge.source, edge.target)} <= set(keys)


class Unit(NamedTuple):
    path: tuple[str, ...]
    call: int | None


@settings(max_examples=300, deadline=None)
@given(programs, st.sampled_from([1, 2]))
def test_every_step_is_in_one_edge_or_inside_one_call_of_a_module(choices: Choices, depth: int) -> None:
    y = recorded(choices)
    picture = drawn(y, collapse=depth, fold=None)
    if picture is None:
        return
    apart = {
        box.name.removesuffix(" parameters") for box in picture.boxes if box.name.endswith(" parameters")
    }

    def unit(v: Value) -> Unit | None:
        around = origin(v).scope
        found = [s for s in around.outward() if len(s.path) == depth] if around else []
        return Unit(found[0].path, found[0].call) if found else None

    outside = 0
    for step in chain_rule(y):
        node, operand = unit(step.node), unit(step.input)
        owned = node and operand and operand.call is None and node.path == operand.path
        is_inside = node is not None and node == operand
        if owned and operand is not None and operand.path[-1] not in apart:
            is_inside = True
        outside += not is_inside
    assert sum(len(edge.partials) for edge in picture.edges) == outside


@settings(max_examples=300, deadline=None)
@given(programs, collapses, st.sampled_from([None, 1, 8]))
def test_what_leaves_a_box_adds_up_to_its_gradient(
    choices: Choices, collapse: int | str | None, fold: int | None
) -> None:
    y = recorded(choices)
    picture = drawn(y, collapse=collapse, fold=fold)
    if picture is None:
        return
    leaving: dict[str, list[float]] = {}
    for edge in picture.edges:
        leaving.setdefault(edge.source, []).extend(edge.contributions)
    for box in picture.boxes:
        if isinstance(box, Box) and box.key != picture.output.key:
            total = sum(leaving[box.key])
            close = math.isclose(
                total, box.grad, rel_tol=1e-9, abs_tol=1e-9 * max(map(abs, leaving[box.key]), default=0)
            )
            assert close or not math.isfinite(total)


@settings(max_examples=300, deadline=None)
@given(programs, collapses)
def test_collapsing_changes_no_gradient(choices: Choices, collapse: int | str | None) -> None:
    y = recorded(choices)
    picture = drawn(y, collapse=collapse, fold=None)
    if picture is None:
        return
    known = names(reading(y))
    true = {known[v].key: (v.data, v.grad if v.op is None or v in set(interior(y)) else 0.0) for v in known}
    shown = Counter[str]()
    for box in picture.boxes:
        if isinstance(box, Box):
            assert repr((box.data, box.grad)) == repr(true[box.key])
        elif isinstance(box, Group):
            shown.update(repr(grad) for _, grad in box.gradients)
            if box.grad is not None:
                assert repr((box.data, box.grad)) in [repr(pair) for pair in true.values()]
    assert shown <= Counter(repr(grad) for _, grad in true.values())


def cycle(picture: Scene) -> Any:
    uses: dict[str, set[str]] = {}
    for edge in picture.edges:
        uses.setdefault(edge.target, set()).add(edge.source)
    try:
        TopologicalSorter(uses).prepare()
    except CycleError as error:
        return error.args[1]
    return None


@settings(max_examples=400, deadline=None)
@given(programs, collapses, st.sampled_from([None, 1, 2, 8]))
def test_what_can_be_read_has_no_cycle(
    choices: Choices, collapse: int | str | None, fold: int | None
) -> None:
    y = recorded(choices)
    picture = drawn(y, collapse=collapse, fold=fold)
    if picture is not None and len(order(y)) <= READABLE:
        assert cycle(picture) is None


@settings(max_examples=100, deadline=None)
@given(programs, collapses, st.integers(2, 40))
def test_samples_of_one_program_are_merged(choices: Choices, collapse: int | str | None, size: int) -> None:
    w = Value(0.3)
    owner = Scope("net", call=None)
    results = []
    with watch():
        note(w, scope=owner, name="w")
        for sample in range(size):
            with scope("net"):
                values = [w * Value(0.1 * sample), w]
                for operation, i, j, where in choices:
                    x, y = values[i % len(values)], values[j % len(values)]
                    path = PATHS[where % len(PATHS)][1:]
                    values.append(inside(path, OPERATIONS[operation % len(OPERATIONS)], x, y))
            results.append(values[-1])
        total: Value = ops.sum(results)
    total.backward()
    merged = groups(scene(total, collapse=1))
    reached = [len([v for v in reading(y) if v.op is not None]) for y in results]
    if all(reached):
        assert (merged["net"].calls, merged["net"].nodes) == (size, sum(reached))
        assert ("w", w.grad) in merged["net"].gradients
    picture = drawn(total, collapse=collapse)
    assert picture is None or cycle(picture) is None


def moons(points: int, explicit: bool = True) -> Value:
    """The hinge loss of a batch of two moons, swept."""
    rng = random.Random(0)
    model = MLP(2, [16, 16, 1], explicit=explicit, rng=random.Random(1))
    scores, targets = [], []
    with watch():
        for i in range(points):
            angle, side = rng.random() * math.pi, i % 2
            point = [side + (1 - 2 * side) * math.cos(angle), side / 2 + (1 - 2 * side) * math.sin(angle)]
            scores.append(model(point))
            targets.append(2 * side - 1)
        loss: Value = hinge(scores, targets)
    loss.backward()
    return loss


def digit() -> Value:
    """The cross entropy of a classifier of digits at one point, swept."""
    rng = random.Random(0)
    model = MLP(64, [32, 10], rng=rng)
    with watch():
        loss: Value = cross_entropy(model([rng.random() for _ in range(64)]), 3)
    loss.backward()
    return loss


class Cell(Module):
    """A recurrent cell."""

    def __init__(self) -> None:
        self.w, self.u, self.b = Value(0.5), Value(-0.8), Value(0.1)

    def __call__(self, x: Value, h: Value) -> Value:
        return ops.tanh(self.w * x + self.u * h + self.b)  # type: ignore[no-any-return]


def unrolled(steps: int, sequences: int = 1) -> Value:
    """The last states of a recurrent net, squared and added, swept."""
    cell, last = Cell(), []
    with watch():
        for _ in range(sequences):
            h = Value(0.0)
            for i in range(steps):
                h = cell(Value(0.1 * i), h)
            last.append(h * h)
        y: Value = ops.sum(last)
    y.backward()
    return y


def test_a_batch_of_two_moons_is_collapsed_until_one_can_read_it() -> None:
    loss = moons(12)
    assert len(scene(loss).boxes) <= READABLE and len(scene(loss).edges) <= MOST_EDGES
    assert [box.name for box in scene(loss).boxes][:3] == ["layers[0]", "layers[1]", "layers[2]"]
    picture = scene(loss, collapse="neurons")
    assert [cluster.name for cluster in picture.clusters] == ["model", "layers[0]", "layers[1]", "layers[2]"]
    assert [cluster.parameters for cluster in picture.clusters] == [337, 48, 272, 17]
    modules = [box for box in picture.boxes if isinstance(box, Group) and box.of_parameters]
    assert len(modules) == 33 and {box.calls for box in modules} == {12}
    assert modules[0].name == "neurons[0]" and modules[0].about == "Neuron(2, relu)"
    assert [name for name, _ in modules[0].gradients] == ["w[0]", "w[1]", "b"]
    repeats = {box.name: box for box in picture.boxes if isinstance(box, Group) and not box.of_parameters}
    assert set(repeats) == {"target * score", "1 - target * score", "relu(1 - target * score)"}
    assert {(box.nodes, box.calls, box.data) for box in repeats.values()} == {(12, 12, None)}
    assert cycle(picture) is None


@pytest.mark.slow
def test_the_large_batch_takes_no_more_boxes() -> None:
    loss = moons(100)
    picture = scene(loss)
    assert picture.nodes > 64_000 and len(picture.boxes) == len(scene(moons(12)).boxes) == 8
    assert len(scene(loss, collapse="neurons").boxes) == 38
    by_layer = scene(loss, collapse="layers")
    assert [box.name for box in by_layer.boxes][:3] == ["layers[0]", "layers[1]", "layers[2]"]
    assert sum(len(edge.partials) for edge in by_layer.edges) == 100 * (16 * 16 + 16 + 1 + 3) + 1


def test_a_classifier_of_digits_by_layer() -> None:
    loss = digit()
    picture = scene(loss, collapse="layers")
    assert [box.name for box in picture.boxes] == ["layers[0]", "layers[1]", picture.boxes[2].name, "loss"]
    first, second = groups(picture).values()
    assert (first.nodes, first.calls, len(first.gradients), first.cluster) == (96, 1, 2080, "model~frame")
    assert [name for name, _ in second.gradients][31:34] == [
        "neurons[0].w[31]",
        "neurons[0].b",
        "neurons[1].w[0]",
    ]
    assert (second.nodes, second.data) == (20, None)
    assert sorted(len(edge.partials) for edge in picture.edges) == [1, 1, 10, 320]


@pytest.mark.parametrize("path", ["layers[1].neurons[3]", "model.layers[1].neurons[3]"])
def test_one_neuron_of_it_drawn_open(path: str) -> None:
    picture = scene(digit(), collapse="layers", open=path)
    assert [cluster.name for cluster in picture.clusters] == ["model", "layers[1]", "neurons[3]"]
    closed = groups(picture)
    assert set(closed) == {"layers[0]", *(f"neurons[{i}]" for i in range(10) if i != 3)}
    frame = picture.clusters[-1].key
    opened = [box for box in picture.boxes if box.cluster == frame]
    assert {box.name for box in opened if isinstance(box, Box)} >= {"b", "neurons[3]"}
    assert all(
        box.name.startswith("w[")
        for box in opened
        if isinstance(box, Box) and not box.corner and box.name != "b"
    )
    assert [box.size for box in opened if isinstance(box, Fold)] == [24]
    assert closed["layers[0]"].nodes == 96


def swept(loss: Value) -> Value:
    loss.backward()
    return loss


@pytest.mark.parametrize("collapse", ["auto", "layers", 2])
def test_the_leaves_of_one_list_that_the_same_boxes_use_are_one_box(collapse: Any) -> None:
    model, rng = MLP(64, [32, 10], rng=random.Random(0)), random.Random(1)
    pixels = [rng.random() for _ in range(64)]
    loss = swept(traced(lambda x: cross_entropy(model(x), 3), [pixels], by="test"))
    picture = scene(loss, collapse=collapse)
    assert len(picture.boxes) == 5 and picture.boxes[0].name == "x"
    found = groups(picture)
    assert {"x", "layers[0]", "layers[1]"} == set(found)
    leaves = [v for v in reading(loss) if v.label.startswith("x[")]
    assert sorted(grad for _, grad in found["x"].gradients) == sorted(v.grad for v in leaves)
    assert (found["x"].nodes, found["x"].calls, found["x"].data, found["x"].cluster) == (0, 1, None, "")
    [edge] = [edge for edge in picture.edges if edge.source == found["x"].key]
    assert edge.target == found["layers[0]"].key and len(edge.partials) == 64 * 32


@pytest.mark.parametrize("rows", [1, 12])
def test_leaves_that_a_watch_named_are_one_box_too(rows: int) -> None:
    model = MLP(9, [4, 1], rng=random.Random(0))
    points = [[Value(0.1 * i * j) for i in range(9)] for j in range(rows)]
    with watch():
        loss: Value = ops.sum([model(point) ** 2 for point in points])
    found = groups(scene(swept(loss), collapse="layers"))
    assert len(found["points"].gradients) == 9 * rows


def test_leaves_of_a_list_that_go_different_ways_or_are_few_or_marked_stay() -> None:
    def apart(xs: list[Value]) -> Value:
        with scope("net"):
            total = ops.sum([x * x for x in xs[:9]])
        return total + ops.sum(xs[9:])

    y = swept(traced(apart, [[0.1 * i for i in range(15)]], by="test"))
    picture = scene(y, collapse=1)
    assert len(groups(picture)["xs"].gradients) == 9
    assert [f"xs[{i}]" for i in range(9, 15)] == [box.name for box in picture.boxes if box.name[2:3] == "["]
    assert "xs" not in groups(scene(y, collapse=1, fold=9)) | groups(scene(y, collapse=1, fold=None))
    leaf = next(v for v in reading(y) if v.label == "xs[4]")
    assert [box.name for box in scene(y, collapse=1, highlight=leaf).boxes if getattr(box, "now", False)] == [
        "xs"
    ]
    marked = scene(y, collapse=1, marks={leaf: {None: "wrong"}})
    assert [box.name for box in marked.boxes if isinstance(box, Box) and box.mark] == ["xs[4]"]
    assert len(groups(marked)["xs"].gradients) == 8


def test_the_second_call_of_a_module_reads_inside_its_frame_as_the_first() -> None:
    class Twice(Module):
        def __init__(self) -> None:
            self.first = MLP(1, [2], rng=random.Random(0))

        def __call__(self, x: Value) -> Value:
            return ops.sum(self.first([x]))  # type: ignore[no-any-return]

    net = Twice()
    with watch():
        y = net(net(Value(0.5)))
    boxes = {box.name for box in scene(y, collapse=None).boxes}
    assert {"neurons[0]", "neurons[0]#2"} <= boxes and not any("layers" in name for name in boxes)


def test_a_fold_hides_no_module() -> None:
    model = MLP(1, [12, 1], rng=random.Random(0))
    with watch():
        y = model([1.0])
    y.backward()
    picture = scene(y, collapse="neurons", open="layers[1].neurons[0]", fold=4)
    assert set(groups(picture)) == {f"neurons[{i}]" for i in range(12)}
    assert [box.size for box in picture.boxes if isinstance(box, Fold)] == [8]


def test_a_cell_called_on_what_it_returned_is_a_box_for_each_call() -> None:
    picture = scene(unrolled(5), collapse=1)
    calls = [box for box in picture.boxes if isinstance(box, Group)]
    assert [box.name for box in calls] == ["cell parameters", "cell", "cell#2", "cell#3", "cell#4", "cell#5"]
    assert [box.nodes for box in calls] == [0, 5, 5, 5, 5, 5]
    assert [name for name, _ in calls[0].gradients] == ["w", "u", "b"]
    assert cycle(picture) is None
    chain = [
        (e.source, e.target) for e in picture.edges if {e.source, e.target} <= {box.key for box in calls[1:]}
    ]
    assert sorted(chain) == sorted((a.key, b.key) for a, b in zip(calls[1:], calls[2:], strict=False))


def test_calls_of_a_cell_in_one_round_are_one_box() -> None:
    picture = scene(unrolled(5, sequences=20))
    cells = [box for box in picture.boxes if isinstance(box, Group) and box.about == "Cell" and box.nodes]
    assert [(box.name, box.calls) for box in cells] == [
        (f"cell{n}", 20) for n in ["", "#2", "#3", "#4", "#5"]
    ]
    assert cycle(picture) is None


def test_what_takes_too_many_boxes_goes_in_circles_after_all() -> None:
    picture = scene(unrolled(100), collapse=1)
    [cell] = [box for box in picture.boxes if isinstance(box, Group) and box.name == "cell"]
    assert (cell.calls, cell.nodes, cell.data) == (100, 500, None)
    [back] = [edge for edge in picture.edges if edge.source == edge.target == cell.key]
    assert len(back.partials) == 99


def test_modules_of_one_name_at_two_depths() -> None:
    with watch(), scope("block"):
        x = Value(2.0)
        with scope("block"):
            inner = x * 2
        y = inner + 1
    assert [box.name for box in scene(y, collapse="block").boxes] == ["block"]
    opened = scene(y, collapse="block", open="block.block")
    assert [cluster.name for cluster in opened.clusters] == ["block", "block"]


def test_an_open_module_shows_the_modules_inside_as_boxes() -> None:
    picture = scene(digit(), collapse=1, open="layers[1]")
    assert set(groups(picture)) == {"layers[0]", *(f"neurons[{i}]" for i in range(10))}


def test_names_leave_out_what_the_frame_says() -> None:
    picture = scene(unrolled(2))
    assert {"w", "u", "b"} <= {box.name for box in picture.boxes if box.cluster}
    with watch():
        y = MLP(1, [1], rng=random.Random(0))([1.0])
    boxes = {box.name for box in scene(y).boxes}
    assert {"w[0]", "b", "y"} <= boxes or {"w[0]", "b"} <= boxes
    assert not any("layers" in name for name in boxes)


def test_what_a_loop_records_again_and_again_is_one_box() -> None:
    with watch():
        xs, total = [Value(0.01 * i) for i in range(150)], Value(0.0, label="start")
        for x in xs:
            square = x * x
            total = total + square
    total.backward()
    picture = scene(total)
    found = groups(picture)
    assert [box.name for box in picture.boxes] == ["start", "xs", "square", "total"]
    assert (found["square"].nodes, found["square"].calls, found["square"].about) == (150, 150, "x * x")
    assert found["xs"].nodes == 0 and len(found["xs"].gradients) == 150
    assert len(found["total"].gradients) == 150 and found["total"].data is None
    lengths = {(edge.source == edge.target, len(edge.partials)) for edge in picture.edges}
    assert lengths == {(False, 300), (False, 150), (False, 1), (True, 149)}


def test_a_repeat_is_called_after_its_op_where_the_code_is_of_more_than_that() -> None:
    picture = scene(moons(3), open="layers[0].neurons[3]")
    frame = picture.clusters[[cluster.name for cluster in picture.clusters].index("neurons[3]")].key
    inner = [box for box in picture.boxes if isinstance(box, Group) and box.cluster == frame]
    assert sorted(box.name for box in inner) == ["*", "*", "+", "+", "neurons[3]"]
    assert {box.calls for box in inner} == {3}
    assert all(box.about.startswith("reduce(operator.add") for box in inner if box.name in "*+")


def test_nothing_collapses_without_being_asked_where_all_can_be_read() -> None:
    with watch():
        xs = [Value(float(i)) for i in range(12)]
        y = ops.sum(xs)
    assert not groups(scene(y, fold=None))
    assert groups(scene(digit(), collapse=1)) and not groups(scene(unrolled(3), collapse=None))


def test_the_parts_of_a_chain_that_is_no_module_are_no_frames(neuron: Value) -> None:
    assert scene(neuron, collapse=None) == scene(neuron)
    assert scene(neuron).clusters == ()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"collapse": "layer"},
            ValueError,
            r"no module is called 'layer'; there are 'model', 'layers', 'neurons'",
        ),
        ({"collapse": 4}, ValueError, "collapse is a depth from 1 to 3 in this graph, got 4"),
        ({"collapse": 0}, ValueError, "collapse is a depth from 1 to 3 in this graph, got 0"),
        ({"collapse": True}, TypeError, "a depth or the name of modules, got True"),
        ({"collapse": 1.5}, TypeError, "a depth or the name of modules, got 1.5"),
        (
            {"open": "layers[7]"},
            ValueError,
            r"no module is called 'layers\[7\]'; there are 'model', 'layers\[0\]'",
        ),
        ({"open": [3]}, TypeError, "open takes paths of modules"),
    ],
)
def test_modules_that_are_not_there_are_refused(
    options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        scene(digit(), **options)


@pytest.mark.parametrize("options", [{"collapse": 1}, {"collapse": "layers"}, {"open": "layers[0]"}])
def test_without_watching_there_are_no_modules(neuron: Value, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"record the graph inside `with engine.watch\(\):`"):
        scene(neuron, **options)


def test_a_marked_node_is_never_inside_a_box() -> None:
    loss = digit()
    wrong = loss.x.x[2]
    picture = scene(loss, collapse="layers", marks={wrong: {0: "wrong"}})
    assert len([edge for edge in picture.edges if edge.mark]) == 1
    assert "neurons[2]" in [cluster.name for cluster in picture.clusters]


def test_the_same_graph_gives_the_same_scene() -> None:
    loss = moons(4)
    assert scene(loss) == scene(loss)


def test_a_deep_watched_graph_is_no_recursion() -> None:
    with watch(), scope("net"):
        y = Value(1.0)
        for _ in range(50_000):
            y = y + 1.0
    assert [box.name for box in scene(y, collapse=1).boxes] == ["net"]
    assert len(scene(y).boxes) == 1
