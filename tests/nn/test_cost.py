"""Costs: counted in the graphs that are recorded, and by hand."""

import random

import pytest
from hypothesis import given, strategies as st

from engine import Value
from engine.chain import interior
from nn.cost import cost
from nn.mlp import MLP
from nn.neuron import Layer

sizes = st.lists(st.integers(1, 5), min_size=2, max_size=5)


def recorded(model, nin):
    answers = model([Value(0.5) for _ in range(nin)])
    return {v for y in (answers if isinstance(answers, list) else [answers]) for v in interior(y)}


def test_the_networks_of_the_course():
    assert cost(MLP(30, [16, 2])).parameters == 530
    small = cost(MLP(2, [4, 4, 1]))
    assert (small.explicit_nodes, small.nodes) == (64, 26)
    assert (small.parameters, small.multiplications) == (37, 28)
    assert cost([3, 5, 1]).explicit_nodes == 45
    assert cost([2, 8, 1]).parameters == 33


def test_biases_that_are_not_there_are_not_counted():
    layer = Layer(2, 3, bias=False)
    assert cost(layer).parameters == len(layer.parameters()) == 6


def test_the_spelled_out_graph_by_its_ops():
    nodes = recorded(MLP(2, [4, 4, 1], explicit=True), 2)
    ops = [node.op.name for node in nodes]
    assert {name: ops.count(name) for name in set(ops)} == {"mul": 28, "add": 28, "relu": 8}


@given(sizes, st.sampled_from(["relu", "tanh", "linear", "leaky_relu"]), st.booleans())
def test_the_counts_are_those_of_the_graph(sizes, activation, explicit):
    nin, *nouts = sizes
    found = cost(MLP(nin, nouts, activation=activation, explicit=explicit))
    for spelled, count in ((False, found.nodes), (True, found.explicit_nodes)):
        model = MLP(nin, nouts, activation=activation, explicit=spelled, rng=random.Random(0))
        nodes = recorded(model, nin)
        assert count == len(nodes)
        assert found.parameters == len(model.parameters())
        if spelled:
            assert found.multiplications == sum(node.op.name == "mul" for node in nodes)
        else:
            assert found.multiplications == sum(len(node.x) for node in nodes if node.op.name == "dot")


@given(sizes)
def test_sizes_mean_an_mlp(sizes):
    assert cost(sizes) == cost(MLP(sizes[0], sizes[1:])) == cost(tuple(sizes))


def test_a_softmax_is_counted_once_for_its_layer():
    layer = Layer(2, 3, activation="softmax")
    assert cost(layer).nodes == len(recorded(layer, 2))
    assert cost(layer).layers[0].name == "layer"


def test_large_networks_are_counted_without_being_made():
    wide = cost([784, 1000, 1000, 10])
    assert wide.parameters == 784_000 + 1000 + 1_000_000 + 1000 + 10_000 + 10
    assert "1,796,010" in str(wide) and "784 → 1,000" in str(wide)


def test_its_text_is_a_table():
    lines = str(cost([2, 4, 1])).splitlines()
    assert lines[0].split("  ")[0] == "layer"
    assert [line.split()[0] for line in lines[1:]] == ["layers[0]", "layers[1]", "in"]
    assert lines[-1].split() == ["in", "all", "17", "12", "14", "28"]


REFUSALS = [
    (lambda: cost([2]), ValueError, r"at least two; got \[2\]"),
    (lambda: cost([2, 0]), ValueError, "size 1 is at least 1, got 0"),
    (lambda: cost([2, 1.5]), TypeError, "size 1 is a whole number, got 1.5"),
    (lambda: cost("net"), TypeError, "cost takes an MLP, a Layer, or sizes such as .*, got 'net'"),
]


@pytest.mark.parametrize(("act", "error", "message"), REFUSALS)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
