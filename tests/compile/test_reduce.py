"""Reducing: what is folded, shared, gathered and left out, and what has to stay."""

import math
import random

import pytest

import engine
from engine import Value, detach, ops, tanh, where
from engine.compile.differing import is_same
from engine.compile.graph import CONSTANT, INDEX, INPUT, LIN, PARAMETER, SELECT, Graph, run
from engine.compile.lower import Lowering
from engine.compile.record import Sample, recorded
from engine.compile.reduce import reduce
from engine.compile.signature import Signature
from tests.compile.gpt import document, small

W = [Value(0.5), Value(-1.5), Value(2.0)]


def graph_of(f, *examples):
    signature = Signature.of(f, examples)
    return recorded(
        f, Sample(*signature.flat(examples if len(examples) != 1 else examples[0])), W, signature
    ).graph


def rows(f, *examples):
    graph = reduce(graph_of(f, *examples))
    return [(op.name, operands) for op, operands in zip(graph.ops, graph.operands, strict=True)]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x * 1,
        lambda x: 1 * x,
        lambda x: x / 1,
        lambda x: x - 0,
        lambda x: x + -0.0,
        lambda x: engine.ops.neg(-x),
        lambda x: x**1,
        lambda x: ops.identity(x) * math.exp(0),
        lambda x: x * engine.cos(Value(0.0)),
    ],
)
def test_what_is_x_itself(f):
    assert rows(f, 1.0) == [("input", (0,))]


@pytest.mark.parametrize(
    "f, expected",
    [
        (lambda x: x + 0.0, ("lin", (0.0, (0,), (), ()))),  # -0.0 + 0.0 is 0.0
        (lambda x: x * 0.0, ("mul", (0, 0.0))),  # inf * 0.0 is nan
        (lambda x: x - x, ("lin", (-0.0, (0,), (0,), (-1.0,)))),  # inf - inf is nan
        (lambda x: x / x, ("div", (0, 0))),
        (lambda x: x**2, ("mul", (0, 0))),
        (lambda x: x / 4, ("mul", (0, 0.25))),
        (lambda x: x / 3, ("div", (0, 3.0))),
        (lambda x: 2 * x + 3 * x + 4, ("lin", (4.0, (), (0, 0), (2.0, 3.0)))),
        (lambda x: 1 - (2 * x + 3), ("lin", (-2.0, (), (0,), (-2.0,)))),
        (lambda x: tanh(x) + 1 * tanh(x), ("lin", (-0.0, (1, 1), (), ()))),
    ],
)
def test_what_stays_and_what_it_becomes(f, expected):
    assert rows(f, 1.0)[-1] == expected


def test_constants_are_computed():
    scale = Value(3.0)
    assert rows(lambda x: x * (tanh(scale * 2) + engine.dot([scale, Value(1.0)], [1.0, 2.0])), 1.0)[-1] == (
        "mul",
        (0, math.tanh(6.0) + 5.0),
    )
    assert rows(lambda x: engine.log(Value(0.0)) * 1, 1.0) == [("constant", (-math.inf,))]


def test_equal_nodes_are_one():
    made = rows(lambda x, y: tanh(x * y) * where(tanh(y * x), 2.0, 3.0), 1.0, 2.0)
    assert [name for name, _ in made] == ["input", "input", "mul", "tanh", "where", "mul"]
    made = rows(lambda x: engine.atan2(x, 0.0) * engine.atan2(x, -0.0) * engine.atan2(x, 0.0), 1.0)
    assert [name for name, _ in made].count("atan2") == 2


def test_a_number_is_not_a_node_of_that_number():
    """Node 1 and the constant 1.0 are equal to Python."""
    made = rows(
        lambda x, y: tanh(x) * tanh(y) + tanh(x) * 2.0 + tanh(x) * 1.0 + (tanh(x) * tanh(y)) ** 3, 1.0, 2.0
    )
    assert ("mul", (2, 3)) in made and made[-1][1][2:] == ((2,), (2.0,))


def test_a_constant_in_place_of_a_node_is_a_difference():
    a = Graph([INPUT, INPUT, ops.mul], [(0,), (1,), (0, 1)], (2,), inputs=2)
    assert not is_same(a, a._replace(operands=[(0,), (1,), (0, 1.0)]))


def test_a_layer_is_a_sum_of_products_a_neuron():
    made = rows(lambda x, y: tanh(W[0] * x + W[1] * y + W[2]), 1.0, 2.0)
    assert made[-2:] == [("lin", (-0.0, (2,), (0, 1), (3, 4))), ("tanh", (5,))]
    dotted = rows(lambda x, y: tanh(engine.dot(W[:2], [x, y]) + W[2]), 1.0, 2.0)
    assert [name for name, _ in dotted] == ["parameter"] * 3 + ["input"] * 2 + ["lin", "tanh"]


def test_a_sum_that_is_read_twice_stays_itself():
    made = rows(lambda x: tanh(x + W[0]) * (x + W[0] + 1), 1.0)
    assert [name for name, _ in made] == ["parameter", "input", "lin", "tanh", "lin", "mul"]


def test_what_depends_on_parameters_alone_stays_apart():
    made = rows(lambda x: W[0] * x + 0.5 * (W[0] * W[0] + W[1] * W[1]), 1.0)
    assert [name for name, _ in made].count("lin") == 2


def test_detach_and_tables_stay():
    names = [
        name for name, _ in rows(lambda x, i: detach(W[0] * x) * engine.select([x, W[1], 3.0], i), 1.0, 0)
    ]
    assert names.count("detach") == names.count("select") == names.count("index") == 1


def test_what_no_output_needs_is_left_out():
    graph = Graph(
        [INPUT, PARAMETER, ops.tanh, ops.exp], [(0,), (0,), (0,), (1,)], (2,), parameters=1, inputs=1
    )
    made = reduce(graph)
    assert made.ops == [INPUT, ops.tanh] and made.outputs == (1,) and made.parameters == 1


def test_outputs_may_be_leaves_constants_and_the_same():
    x = Value(1.0)
    y = x + 1
    graph = Lowering([], [x], 0).graph([x, Value(3.0), y, y], 0, 1)
    made = reduce(graph)
    assert run(made, [], [5.0], [])[made.outputs[0]] == 5.0
    assert [run(made, [], [5.0], [])[n] for n in made.outputs] == [5.0, 3.0, 6.0, 6.0]
    assert CONSTANT in made.ops


def test_a_reduced_graph_is_not_reduced_again():
    with pytest.raises(ValueError, match="as it was recorded, got a node of <lin>"):
        reduce(reduce(graph_of(lambda x: x + W[0], 1.0)))


def test_a_gpt_shrinks_and_computes_the_same():
    rng = random.Random(5)
    model = small(rng)
    f, example = model.loss, document(rng, 3, 5)
    signature = Signature.of(f, example)
    graph = recorded(f, Sample(*signature.flat(example)), model.parameters(), signature).graph
    made, model_size = reduce(graph), len(model.parameters())
    assert len(made.ops) - model_size < (len(graph.ops) - model_size) / 3
    assert {LIN, SELECT, INDEX} <= set(made.ops)
    parameters = [p.data for p in model.parameters()]
    values = [run(g, parameters, [], [0, 1, 2, 3, 4, 0])[g.outputs[0]] for g in (graph, made)]
    assert values[0] == pytest.approx(values[1], rel=1e-14)
    for node in range(len(made.ops)):
        assert all(n < node for n in made.reads(node))
        assert tuple(made.reads(node)) == made.all_reads()[node]


def test_lists_of_one_that_were_shared_and_are_gone_are_not_taken_for_others():
    def f(x, y):
        total = x * y
        for u in (x, y, x, y):
            for w in W:
                total = total + tanh(engine.dot([w], [u])) + engine.dot([u], [x])
        return total

    example = Sample([0.5, -0.25], [])
    graph = recorded(f, example, W, Signature.of(f, (0.5, -0.25))).graph
    parameters = [w.data for w in W]
    results = [run(g, parameters, [0.5, -0.25], [])[g.outputs[0]] for g in (graph, reduce(graph))]
    assert results[1] == pytest.approx(results[0], rel=1e-14)
