"""What the planner finds: matrix products, positions and heads at once, lists of unequal lengths."""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import engine
from engine import Value, dot, record, relu, tanh
from engine.compile.instructions import Dot, Loop, Plan
from engine.compile.numpy_lanes import Lanes
from engine.compile.plan import plan
from engine.ops import max as largest, mul, sum as total
from tests.benchmarks.compiled import Workload, classifier, gpt, two_moons
from tests.compile.oracle import assert_close, eager, referred


def values(rng: random.Random, *shape: int) -> Any:
    """Return nested lists of random Values."""
    return [values(rng, *shape[1:]) for _ in range(shape[0])] if shape else Value(rng.gauss(0.0, 0.5))


def flat(nested: Any) -> list[Value]:
    """Return the Values of nested lists."""
    return [v for x in nested for v in flat(x)] if isinstance(nested, list) else [nested]


def convolution(lanes: int = 3) -> Workload:
    """Two filters of 2 x 2 over images of 5 x 5, a bias each, the largest of every map."""
    rng = random.Random(0)
    filters, biases = values(rng, 2, 4), values(rng, 2)

    def loss(image: list[list[float]]) -> Any:
        maps = []
        for filter_, bias in zip(filters, biases, strict=True):
            patches = [
                [image[y + i][x + j] for i in (0, 1) for j in (0, 1)] for y in range(4) for x in range(4)
            ]
            maps.append(largest([relu(dot(filter_, patch) + bias) for patch in patches]))
        return total(maps)

    example = ([[0.1 * x + 0.2 * y - 0.5 for x in range(5)] for y in range(5)],)
    numbers = np.random.default_rng(0).normal(size=(25, lanes))
    return Workload(loss, example, flat([filters, biases]), numbers, np.zeros((0, lanes), int))


def recurrent(lanes: int = 3) -> Workload:
    """Four units over six steps."""
    rng = random.Random(0)
    weights, biases = values(rng, 4, 6), values(rng, 4)

    def loss(steps: list[list[float]]) -> Any:
        state: list[Any] = [0.5] * 4
        for x in steps:
            state = [tanh(dot(row, [*x, *state]) + bias) for row, bias in zip(weights, biases, strict=True)]
        return dot(state, state)

    numbers = np.random.default_rng(0).normal(size=(12, lanes))
    example = ([[0.1 * t, 0.2] for t in range(6)],)
    return Workload(loss, example, flat([weights, biases]), numbers, np.zeros((0, lanes), int))


def messages(lanes: int = 3) -> Workload:
    """Two rounds of messages along the edges of a small graph: sums of unequal lengths."""
    rng = random.Random(0)
    own, heard = values(rng, 3, 3), values(rng, 3, 3)
    neighbours = [[1, 2, 3], [0], [0, 3], [0, 2]]

    def loss(rows: list[list[Any]]) -> Any:
        for _ in range(2):
            means = [[total([rows[j][k] for j in near]) / len(near) for k in range(3)] for near in neighbours]
            rows = [
                [tanh(dot(own[k], row) + dot(heard[k], mean)) for k in range(3)]
                for row, mean in zip(rows, means, strict=True)
            ]
        return total([y * y for row in rows for y in row])

    numbers = np.random.default_rng(0).normal(size=(12, lanes))
    example = ([[0.1 * i + 0.3 * k for k in range(3)] for i in range(4)],)
    return Workload(loss, example, flat([own, heard]), numbers, np.zeros((0, lanes), int))


WORKLOADS = {
    "two-moons": lambda: two_moons(3),
    "two-moons, explicit": lambda: two_moons(3, explicit=True),
    "classifier": lambda: classifier([7, 5, 4], 3),
    "gpt": lambda: gpt(2, 3),
    "gpt, explicit": lambda: gpt(1, 2, explicit=True),
    "convolution": convolution,
    "recurrent": recurrent,
    "messages": messages,
}


def shapes(made: Plan) -> list[tuple[int, int, int]]:
    """Return rows, inner length and columns of the matrix products of the forward pass."""
    dots = [x for x in made.forward if isinstance(x, Dot)]
    return [(*dot.left.rows.shape, dot.right.rows.shape[1]) for dot in dots]


def on_numpy(made: Plan, workload: Workload, poison: float) -> tuple[Any, Any]:
    """Return outputs and gradient by numpy, from buffers that are full of poison before."""
    lanes = Lanes(made, workload.indices.shape[1], lambda shape: np.full(shape, poison))
    buffer = np.full(made.sizes["P"], poison)
    for row, x in made.fixed["P"].items():
        buffer[row] = x
    buffer[: made.parameters] = [p.data for p in workload.parameters]
    with np.errstate(all="ignore"):
        lanes.run(buffer, workload.numbers, workload.indices, reverse=True)
    return lanes.output(0, buffer), lanes.gradient


@pytest.mark.parametrize("name", ["two-moons", "classifier", "recurrent", "messages"])
def test_no_instruction_of_the_reverse_pass_can_be_spared(name: str) -> None:
    workload = WORKLOADS[name]()
    made = plan(workload.graph())
    _, gradient = on_numpy(made, workload, 1e300)
    for i in range(len(made.reverse)):
        rest = replace(made, reverse=made.reverse[:i] + made.reverse[i + 1 :])
        _, other = on_numpy(rest, workload, 1e300)
        with pytest.raises(AssertionError):
            assert_close(other, gradient)


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_back_end_agrees_with_eager(name: str) -> None:
    workload = WORKLOADS[name]()
    graph = workload.graph()
    made = plan(graph)
    parameters = [p.data for p in workload.parameters]
    expected, gradient = eager(graph, parameters, workload.numbers, workload.indices)
    for poison in (np.nan, 1e300):
        values, found_gradient = on_numpy(made, workload, poison)
        assert_close(values, expected)
        assert_close(found_gradient, gradient)
    if "gpt" not in name:
        found = referred(made, parameters, workload.numbers, workload.indices)
        assert_close(found[0], expected)
        assert_close(found[1], gradient)


def test_biases_between_weights_are_columns_of_the_product() -> None:
    made = plan(two_moons(1).graph())
    assert shapes(made) == [(16, 3, 1), (16, 17, 1), (1, 17, 1)]
    for dot_ in [x for x in made.forward if isinstance(x, Dot)]:
        rows = dot_.left.rows
        assert np.array_equal(rows.ravel(), np.arange(rows[0, 0], rows[0, 0] + rows.size))


@pytest.mark.parametrize("length", [3, 8])
@pytest.mark.parametrize("explicit", [False, True])
def test_all_positions_and_heads_at_once(length: int, explicit: bool) -> None:
    made = plan(gpt(1, length, explicit).graph())
    assert shapes(made)[:5] == [
        (48, 16, length),
        (16, 16, length),
        (64, 16, length),
        (16, 64, length),
        (27, 16, length),
    ]
    assert len(made.forward) <= 50 and len(made.reverse) <= 65


def test_what_is_taken_from_a_product_is_no_column_of_it() -> None:
    """x - w·h: each x has a sum of its own, all the sums have their h."""
    rng = random.Random(0)
    weights = values(rng, 3, 4)

    def loss(h: list[float], x: list[float]) -> Any:
        return total([(dot(row, h) - 0.5 * target) ** 2 for row, target in zip(weights, x, strict=True)])

    numbers = np.random.default_rng(0).normal(size=(7, 2))
    example = ([0.1, 0.2, 0.3, 0.4], [0.5, 0.6, 0.7])
    made = plan(Workload(loss, example, flat(weights), numbers, np.zeros((0, 2), int)).graph())
    assert shapes(made) == [(3, 4, 1)]


def test_a_filter_meets_all_patches_at_once() -> None:
    """The biases stand apart from the filters, so that they are no column of the product."""
    assert shapes(plan(convolution().graph())) == [(2, 4, 16)]


def test_a_gradient_that_is_another_one_is_not_computed() -> None:
    """A sum passes its upstream on, and nothing is written for it."""
    made = plan(convolution().graph())
    sums = [x for x in made.forward if isinstance(x, Loop) and x.fold == "sum"]
    assert all(not np.isin(loop.read[0].rows, rows).any() for loop in sums for rows in _written(made, "G"))


def test_what_a_gradient_never_passes_does_not_count() -> None:
    """The largest logit is detached: each logit has one reader, and nothing is copied or added."""
    made = plan(classifier([7, 5, 4], 3).graph())
    copies = [x for x in made.reverse if isinstance(x, Loop) and not x.lets and not x.write.pick]
    adding = [x for x in made.reverse if isinstance(x, Loop | Dot) and x.accumulate]
    assert copies == [] and [x.write.pick is not None for x in adding] == [True]


def test_a_square_has_one_reverse() -> None:
    weights = values(random.Random(0), 4)
    workload = Workload(
        lambda x: total([(w * a) * (w * a) for w, a in zip(weights, x, strict=True)]),
        ([0.1, 0.2, 0.3, 0.4],), weights, np.ones((4, 2)), np.zeros((0, 2), int),
    )  # fmt: skip
    made = plan(workload.graph())
    (squares,) = [x for x in made.forward if isinstance(x, Loop) and x.fold]
    writers = [
        x for x in made.reverse if np.isin(x.write.rows, squares.read[0].rows).any() and x.write.buffer == "G"
    ]
    assert len(writers) == 1


def _written(made: Plan, buffer: str) -> list[Any]:
    return [x.write.rows for x in made.reverse if isinstance(x, Loop | Dot) and x.write.buffer == buffer]


def test_inputs_have_no_gradient() -> None:
    made = plan(two_moons(1).graph())
    assert all(not np.isin(made.inputs, rows).any() for rows in _written(made, "G"))


def test_what_no_sample_changes_has_no_lanes() -> None:
    weights = values(random.Random(0), 5)
    workload = Workload(
        lambda x: dot(weights, x) + 0.1 * dot(weights, weights),
        ([0.5] * 5,),
        weights,
        np.ones((5, 2)),
        np.zeros((0, 2), int),
    )
    made = plan(workload.graph())
    squares = [x for x in made.forward if isinstance(x, Loop) and x.lets and x.lets[0].op is mul and x.fold]
    assert [loop.laned for loop in squares] == [False]


def test_a_number_is_no_node_of_that_number():
    weights = [Value(0.5 * i - 1.0) for i in range(5)]

    def f(a: Any, b: Any, c: Any, d: Any) -> Any:
        by_number = engine.dot([2.0, 3.0, 4.0, 2.0], [a, b, c, d])
        by_parameter = engine.dot([*weights[2:5], weights[2]], [b, c, d, a])  # they are nodes 2, 3, 4
        return tanh(by_number) + tanh(by_parameter) * weights[0] * weights[1]

    program = record(f, 0.1, 0.2, 0.3, 0.4, parameters=weights, executor="numpy")
    sample = (0.3, -0.2, 0.1, 0.4)
    assert program([sample])[0] == pytest.approx(f(*map(Value, sample)).data, rel=1e-14)
