"""Code written for micrograd 0.1.0 means the same here."""

import random

import pytest
from hypothesis import given, strategies as st

import nn
from engine import Value

peer = pytest.importorskip("micrograd.engine", reason="python -m pip install micrograd==0.1.0").Value
peer_nn = pytest.importorskip("micrograd.nn")

OPERATIONS = [
    lambda x, y: x + y,
    lambda x, y: x * y,
    lambda x, y: x - y,
    lambda x, y: x / (y * y + 1),
    lambda x, y: (x * x + 1) ** -0.5 + y,
    lambda x, y: x.relu() * 2 + y,
    lambda x, y: 3 - x * y,
    lambda x, y: -x + 2.5 / (1 + y**2),
    lambda x, y: sum([x, y, x]),
]


def computed(value, numbers, picks):
    """A program of micrograd's operations: its leaves, and its last result, swept."""
    leaves = [value(x) for x in numbers]
    values = list(leaves)
    for operation, i, j in picks:
        values.append(OPERATIONS[operation](values[i % len(values)], values[-1 - j % len(values)]))
    values[-1].backward()
    return leaves, values[-1]


PICKS = st.tuples(st.integers(0, len(OPERATIONS) - 1), st.integers(0, 50), st.integers(0, 3))


@given(
    st.lists(st.floats(-2, 2), min_size=2, max_size=3),
    st.lists(PICKS, min_size=1, max_size=8),
)
def test_random_programs_agree(numbers, picks):
    leaves, result = computed(Value, numbers, picks)
    others, other = computed(peer, numbers, picks)
    assert result.data == pytest.approx(other.data, rel=1e-9, abs=1e-9)
    for leaf, rival in zip(leaves, others, strict=True):
        assert leaf.grad == pytest.approx(rival.grad, rel=1e-9, abs=1e-9)


def traced(root):
    """Walk a graph as micrograd's trace_graph notebook does."""
    nodes, edges = set(), set()

    def build(v):
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_its_way_of_walking_a_graph():
    x = Value(1.0)
    y = (x * 2 + 1).relu()
    y.backward()
    nodes, edges = traced(y)
    assert sorted(v._op for v in nodes) == ["", "*", "+", "relu"] and len(edges) == 3
    labels = {f"{{ data {v.data:.4f} | grad {v.grad:.4f} }}" for v in nodes}
    assert "{ data 3.0000 | grad 1.0000 }" in labels


def test_its_networks_have_the_same_weights_and_losses():
    def trained(module, value):
        random.seed(1337)
        model = module.MLP(2, [4, 4, 1])
        weights = [p.data for p in model.parameters()]
        losses = []
        for _ in range(5):
            loss = sum((model([value(a), value(b)]) - a * b) ** 2 for a in (-1.0, 1.0) for b in (-1.0, 1.0))
            model.zero_grad()
            loss.backward()
            for p in model.parameters():
                p.data -= 0.01 * p.grad
            losses.append(loss.data)
        return weights, losses

    weights, losses = trained(nn, Value)
    others, rivals = trained(peer_nn, peer)
    assert weights == others
    assert losses == pytest.approx(rivals, rel=1e-12)
