"""Slices of a graph, and what is highlighted in it."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine import ops
from engine.chain import chain_rule
from engine.see.marks import highlighted
from engine.see.modules import Modules
from engine.see.names import reading
from engine.see.parts import Box, Fold, Group, Scene
from engine.see.scene import scene
from engine.see.slices import sliced
from engine.see.watch import scope, watch
from engine.value import Value
from nn import MLP
from nn.losses import hinge

Choices = list[tuple[int, int, int]]
Program = Callable[[Choices], Value]
programs = st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, max_size=25)


def names(picture: Scene) -> set[str]:
    return {box.name for box in picture.boxes}


def part(y: Value, **slices: Any) -> set[Value]:
    nodes = reading(y)
    return set(sliced(nodes, Modules(nodes), **slices))


def leads(start: Value, y: Value) -> bool:
    return start in reading(y)


@given(programs, st.integers(1, 6))
def test_depth_is_how_far_one_goes(program: Program, choices: Choices, depth: int) -> None:
    y = program(choices)
    near = {y}
    for _ in range(depth):
        near |= {v for node in near for v in node.inputs}
    assert part(y, depth=depth) == near


@given(programs, st.integers(0, 100))
def test_a_route_leads_from_the_start_to_the_output(program: Program, choices: Choices, which: int) -> None:
    y = program(choices)
    nodes = reading(y)
    start = nodes[which % len(nodes)]
    assert part(y, through=start) == {v for v in nodes if leads(start, v)}


def test_several_starts_give_all_their_routes(neuron: Value) -> None:
    x1, x2 = neuron.x.x.x.x, neuron.x.x.y.x
    assert names(scene(neuron, through=[x1, x2])) == {"x1", "x2", "x1*w1", "x2*w2", "v3", "v4", "y"}


def test_slices_hold_together(neuron: Value) -> None:
    picture = scene(neuron, through=neuron.x.x.x.x, depth=2)
    assert names(picture) == {"v3", "v4", "y"}
    assert [box.name for box in picture.boxes if isinstance(box, Box) and box.more] == ["v3", "v4"]
    assert picture.nodes == 3


def test_what_is_left_out_of_a_wide_list_is_not_folded(wide: Callable[..., Value]) -> None:
    y = wide(64)
    picture = scene(y, through=y.x[5])
    assert names(picture) == {"w5", "y"}
    assert isinstance(picture.output, Box) and picture.output.more


@pytest.mark.parametrize(
    ("slices", "error", "message"),
    [
        ({"depth": 0}, ValueError, "1 or more; got 0"),
        ({"depth": "3"}, TypeError, "depth is a number of ops, got '3'"),
        ({"through": []}, ValueError, "got none"),
        ({"through": 2.0}, TypeError, "through= takes a Value or several, got 2"),
        ({"through": [2.0]}, TypeError, "through= takes a Value or several, got 2"),
        ({"through": Value(2.0)}, ValueError, "is not in the graph under"),
        ({"sample": 0}, ValueError, "inside `with engine.watch"),
        ({"sample": True}, TypeError, "counted from 0; got True"),
    ],
)
def test_slices_that_are_none_are_refused(
    neuron: Value, slices: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        scene(neuron, **slices)


def batch(size: int) -> tuple[Value, list[Value], Value]:
    """The loss of a batch with a penalty, the losses of its samples, and the penalty."""
    model = MLP(1, [2, 1], rng=random.Random(0))
    with watch():
        scores = [model([float(i)]) for i in range(size)]
        losses = [score * score for score in scores]
        penalty = model.layers[0].neurons[0].w[0] ** 2
        total = ops.sum(losses) + penalty
    total.backward()
    return total, losses, penalty


@pytest.mark.parametrize("sample", [0, 3, 6])
def test_a_sample_is_what_it_recorded_and_needs_and_leads_to(sample: int) -> None:
    total, losses, penalty = batch(7)
    nodes = part(total, sample=sample)
    own = set(reading(losses[sample]))
    assert own < nodes
    assert nodes - own == {total, total.x, penalty}
    picture = scene(total, sample=sample)
    assert [box.corner for box in picture.boxes if isinstance(box, Box) and box.more] == ["sum"]


def test_a_sample_of_a_chain_of_losses_leaves_the_others_out() -> None:
    with watch():
        total = Value(0.0, label="start")
        for i in range(5):
            with scope("net"):
                score = Value(float(i), label=f"x{i}") * 2
            total = total + score
    kept = part(total, sample=2)
    assert {v.label for v in kept if v.op is None} == {"x2"}
    assert len(kept) == 1 + 1 + 3


def test_a_call_of_a_recurrent_net_leads_to_y_through_the_later_calls() -> None:
    state = Value(0.0, label="start")
    states = []
    with watch():
        for i in range(4):
            with scope("cell"):
                state = (state + Value(float(i), label=f"x{i}")) * 0.5
            states.append(state)
    kept = part(state, sample=1)
    assert {v.label for v in kept if v.op is None} == {"x1"}
    assert {v in kept for v in states} == {False, True} and states[0] not in kept
    assert set(states[1:]) < kept


def test_a_sample_that_is_not_there_is_refused() -> None:
    total, _, _ = batch(3)
    with pytest.raises(ValueError, match="sample=3: there are 3 calls of the outermost module"):
        scene(total, sample=3)
    with pytest.raises(ValueError, match="sample=-1: there are 3 calls"):
        scene(total, sample=-1)
    with pytest.raises(ValueError, match="sample=1: there is 1 call of"):
        scene(batch(1)[0], sample=1)


def test_calls_are_counted_in_the_graph_and_not_since_the_watch_began() -> None:
    model = MLP(1, [1], rng=random.Random(0))
    with watch():
        for i in range(4):
            model([float(i)])
        scores = [model([float(i)]) for i in range(2)]
        loss = hinge(scores, [1, -1])
    assert part(loss, sample=1) >= set(reading(scores[1])) - set(reading(scores[0]))


def test_slices_and_collapse_go_together() -> None:
    total, _, _ = batch(5)
    picture = scene(total, sample=1, collapse="layers")
    first, second = [box for box in picture.boxes if isinstance(box, Group)]
    assert (first.name, first.calls, second.name, second.calls) == ("layers[0]", 1, "layers[1]", 1)
    assert second.data is not None and second.grad is not None


def test_a_node_is_highlighted(neuron: Value) -> None:
    picture = scene(neuron, highlight=neuron.x)
    assert [box.name for box in picture.boxes if isinstance(box, Box) and box.now] == ["v4"]
    assert not any(edge.now for edge in picture.edges)


@settings(max_examples=60)
@given(programs, st.integers(0, 100))
def test_a_step_is_highlighted_with_its_ends(program: Program, choices: Choices, which: int) -> None:
    y = program(choices)
    y.backward()
    steps = list(chain_rule(y))
    step = steps[which % len(steps)]
    picture = scene(y, highlight=step, fold=1, limit=1000)
    edges = [edge for edge in picture.edges if edge.now]
    assert edges and len({(edge.source, edge.target) for edge in edges}) == 1
    assert {repr(partial) for edge in edges for partial in edge.partials} == {repr(step.partial)}
    assert {box.key for box in picture.boxes if isinstance(box, Box) and box.now} == {
        key for edge in edges for key in (edge.source, edge.target)
    }


def test_of_two_edges_between_a_pair_the_step_tells_which() -> None:
    a, b = Value(2.0, label="a"), Value(3.0, label="b")
    y: Value = ops.dot([a, b, a], [5.0, 6.0, 7.0])
    y.backward()
    steps = list(chain_rule(y))
    assert [edge.partials for edge in scene(y, highlight=steps[2]).edges if edge.now] == [(7.0,)]
    assert len([edge for edge in scene(y, highlight=[steps[0], steps[2]]).edges if edge.now]) == 2


def test_values_in_a_row_are_a_path(neuron: Value) -> None:
    path = [neuron.x.x.x.x, neuron.x.x.x, neuron.x.x, neuron.x, neuron]
    for route in (path, path[::-1]):
        picture = scene(neuron, highlight=route)
        now = [(edge.source, edge.target) for edge in picture.edges if edge.now]
        assert now == [("x1", "v1"), ("v1", "v3"), ("v3", "v4"), ("v4", "y")]


def test_what_is_highlighted_is_never_folded(wide: Callable[..., Value]) -> None:
    y = wide(64)
    small = min(y.x, key=lambda w: abs(w.grad))
    assert small.label not in names(scene(y))
    picture = scene(y, highlight=small)
    assert small.label in names(picture)
    assert sum(box.size for box in picture.boxes if isinstance(box, Fold)) == 2 * 55


def test_a_group_is_highlighted_for_what_is_inside() -> None:
    total, losses, _ = batch(4)
    inner = losses[2].x.x
    picture = scene(total, highlight=inner, collapse=2)
    assert [box.name for box in picture.boxes if not isinstance(box, Fold) and box.now] == ["layers[1]"]
    step = next(step for step in chain_rule(total) if step.input is losses[2].x)
    picture = scene(total, highlight=step, collapse=2)
    [edge] = [edge for edge in picture.edges if edge.now]
    assert edge.source.startswith("MLP") or "layers[1]" in edge.source


@pytest.mark.parametrize(
    ("highlight", "error", "message"),
    [
        (Value(1.0), ValueError, "is not in what is drawn of the graph under"),
        ("x1", TypeError, "highlight is a Step, a Value, or several of them, got 'x'"),
        (3, TypeError, "highlight is a Step, a Value, or several of them, got 3"),
    ],
)
def test_highlighting_what_is_not_there_is_refused(
    neuron: Value, highlight: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        scene(neuron, highlight=highlight)


def test_a_step_of_another_graph_is_refused(neuron: Value) -> None:
    step = next(iter(chain_rule(neuron)))
    with pytest.raises(ValueError, match="is no edge of the graph"):
        highlighted(step._replace(input=neuron), reading(neuron))
