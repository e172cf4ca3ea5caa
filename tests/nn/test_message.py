"""Message passing: PyTorch's dense values and gradients, nodes renumbered, the lecture's path, refusals."""

import random

import pytest
from hypothesis import given, settings, strategies as st

from engine import Value, draw, record, watch
from engine.check import assert_gradients
from engine.ops import dot
from nn.data import Graph, karate_graph
from nn.message import SLOPE, AttentionHead, GraphAttention, GraphConvolution, propagate

NAMES = ("left", "right")


def graph_of(nodes, edges):
    return Graph([f"n{i}" for i in range(nodes)], edges, [0] * nodes, names=NAMES)


PATH = graph_of(3, [(0, 1), (1, 2)])
STAR = graph_of(5, [(0, 1), (0, 2), (0, 3)])
"""Node 4 is isolated."""


@st.composite
def graphs(draw, most=6):
    """Graphs of 1 to `most` nodes, isolated ones among them."""
    nodes = draw(st.integers(1, most))
    pairs = [(i, j) for j in range(nodes) for i in range(j)]
    return graph_of(nodes, draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else [])


def drawn(rng, rows, columns):
    return [[rng.uniform(-2.0, 2.0) for _ in range(columns)] for _ in range(rows)]


def convolution(seed, nin, nout):
    return GraphConvolution(nin, nout, activation="elu", rng=random.Random(seed))


def attention(seed, nin, nout):
    """Two or three heads, joined or their mean."""
    return GraphAttention(nin, nout, heads=2 + seed % 2, concat=seed % 3 > 0, rng=random.Random(seed))


LAYERS = {"convolution": convolution, "attention": attention}


def matrix_of(torch, layer):
    """Return the paper's W of a layer, [in][out]."""
    rows = [[w.data for w in neuron.w] for neuron in layer.neurons]
    return torch.tensor(rows, dtype=torch.float64).T.contiguous().requires_grad_()


def gradients_of(layer):
    """Return the gradient of the paper's W of a layer, [in][out]."""
    return [list(column) for column in zip(*[[w.grad for w in n.w] for n in layer.neurons], strict=True)]


def convolved(torch, layer, x, linked):
    """Return ELU(Â X W), and the leaves with what ours found for them."""
    w = matrix_of(torch, layer.weights)
    root = torch.diag(linked.sum(dim=1) ** -0.5)
    answer = torch.nn.functional.elu(root @ linked @ root @ x @ w)
    return answer, [(w, gradients_of(layer.weights))]


def attended(torch, layer, x, linked):
    """Return the heads' answers by a softmax over all pairs but those masked, and the leaves as above."""
    answers, leaves = [], []
    n = len(linked)
    for head in layer.heads:
        w = matrix_of(torch, head.weights)
        halves = [*head.receiving.w, *head.sending.w]
        a = torch.tensor([v.data for v in halves], dtype=torch.float64).requires_grad_()
        h = x @ w
        pairs = torch.cat([h.repeat_interleave(n, 0), h.repeat(n, 1)], dim=1).view(n, n, -1)
        scores = torch.nn.functional.leaky_relu(pairs @ a, SLOPE).masked_fill(linked == 0, float("-inf"))
        answers.append(torch.softmax(scores, dim=1) @ h)
        leaves += [(w, gradients_of(head.weights)), (a, [v.grad for v in halves])]
    joined = torch.cat(answers, dim=1) if layer.concat else torch.stack(answers).mean(dim=0)
    return torch.nn.functional.elu(joined), leaves


DENSE = {"convolution": convolved, "attention": attended}


def near(x):
    return pytest.approx(x, rel=1e-10, abs=1e-10)


def assert_torchs(name, layer, rows, graph, rng):
    """Hold a layer's answers, and its gradients at random upstream ones, to those of dense matrices."""
    torch = pytest.importorskip("torch")
    values = [[Value(x) for x in row] for row in rows]
    ours = layer(values, graph)
    upstream = drawn(rng, len(ours), len(ours[0]))
    layer.zero_grad()
    dot([z for row in ours for z in row], [u for row in upstream for u in row]).backward()

    linked = torch.tensor(graph.adjacency, dtype=torch.float64) + torch.eye(len(ours), dtype=torch.float64)
    x = torch.tensor(rows, dtype=torch.float64, requires_grad=True)
    theirs, leaves = DENSE[name](torch, layer, x, linked)
    (theirs * torch.tensor(upstream, dtype=torch.float64)).sum().backward()
    leaves.append((x, [[v.grad for v in row] for row in values]))
    assert [[z.data for z in row] for row in ours] == [near(row) for row in theirs.tolist()]
    for leaf, found in leaves:
        assert torch.tensor(found, dtype=torch.float64).reshape(-1).tolist() == near(
            leaf.grad.reshape(-1).tolist()
        )


@pytest.mark.parametrize("name", LAYERS)
@settings(max_examples=50)
@given(graph=graphs(), seed=st.integers(0, 999), nin=st.integers(1, 3), nout=st.integers(1, 3))
def test_values_and_gradients_are_those_of_dense_matrices(name, graph, seed, nin, nout):
    rng = random.Random(seed)
    assert_torchs(name, LAYERS[name](seed, nin, nout), drawn(rng, len(graph.nodes), nin), graph, rng)


@pytest.mark.parametrize("name", LAYERS)
@given(graph=graphs(), seed=st.integers(0, 999), nout=st.integers(1, 3))
def test_nodes_without_rows_are_rows_of_the_identity(name, graph, seed, nout):
    nodes = len(graph.nodes)
    layer, found = LAYERS[name](seed, nodes, nout), []
    for rows in (None, [[float(i == j) for j in range(nodes)] for i in range(nodes)]):
        answers = [z for row in layer(rows, graph) for z in row]
        layer.zero_grad()
        dot(answers, answers).backward()
        found.append([z.data for z in answers] + [p.grad for p in layer.parameters()])
    assert found[0] == pytest.approx(found[1], rel=1e-12, abs=1e-12)


def transposed(layer):
    """Exchange w[i] of neuron k with w[k] of neuron i."""
    table = [neuron.w for neuron in layer.neurons]
    for neuron, column in zip(layer.neurons, zip(*table, strict=True), strict=True):
        neuron.w = list(column)


def turned_weights(layer):
    for part in getattr(layer, "heads", [layer]):
        transposed(part.weights)


def exchanged_halves(layer):
    for head in layer.heads:
        head.receiving, head.sending = head.sending, head.receiving


class Planted:
    """A layer whose weights stand in another order when it computes than when they are read."""

    def __init__(self, layer, fault):
        self._layer, self._fault = layer, fault

    def __getattr__(self, name):
        return getattr(self._layer, name)

    def __call__(self, rows, graph):
        self._fault(self._layer)
        answers = self._layer(rows, graph)
        self._fault(self._layer)
        return answers


@pytest.mark.parametrize(
    ("name", "fault"),
    [("convolution", turned_weights), ("attention", turned_weights), ("attention", exchanged_halves)],
)
def test_weights_in_another_order_are_caught(name, fault):
    rng = random.Random(4)
    layer, rows = LAYERS[name](4, 3, 3), drawn(rng, 5, 3)
    assert_torchs(name, layer, rows, STAR, rng)
    with pytest.raises(AssertionError):
        assert_torchs(name, Planted(layer, fault), rows, STAR, rng)


@pytest.mark.parametrize("name", LAYERS)
def test_neighbours_that_do_not_count_are_caught(name):
    rng = random.Random(4)
    layer, rows = LAYERS[name](4, 2, 2), drawn(rng, 5, 2)
    fewer = graph_of(5, STAR.edges[1:])

    class Deaf(Planted):
        def __call__(self, rows, graph):
            return self._layer(rows, fewer)

    with pytest.raises(AssertionError):
        assert_torchs(name, Deaf(layer, None), rows, STAR, rng)


@pytest.mark.parametrize("name", LAYERS)
@given(graph=graphs(), seed=st.integers(0, 999), data=st.data())
def test_numbering_the_nodes_otherwise_numbers_the_answers_so(name, graph, seed, data):
    nodes = len(graph.nodes)
    order = data.draw(st.permutations(range(nodes)))
    rows, layer = drawn(random.Random(seed), nodes, 2), LAYERS[name](seed, 2, 3)
    renumbered = graph_of(nodes, [(order[i], order[j]) for i, j in graph.edges])
    moved = [rows[order.index(i)] for i in range(nodes)]
    answers, others = layer(rows, graph), layer(moved, renumbered)
    for i, row in enumerate(answers):
        assert [z.data for z in others[order[i]]] == pytest.approx(
            [z.data for z in row], rel=1e-12, abs=1e-14
        )


@pytest.mark.parametrize("name", LAYERS)
def test_every_gradient_is_right(name):
    layer, rows = LAYERS[name](25, 2, 1), drawn(random.Random(5), 5, 2)

    def loss(rows):
        answers = [z for row in layer(rows, STAR) for z in row]
        return dot(answers, [0.3 * k - 1.3 for k in range(len(answers))])

    assert assert_gradients(loss, rows).verdict == "right"


def test_what_all_of_a_neighbourhood_is_asked_alike_moves_nothing():
    """Where all scores are on one side of LeakyReLU's kink, `receiving` makes no difference."""
    head, rows = AttentionHead(1, 1, rng=random.Random(0)), [[1.0], [2.0], [3.0]]
    (head.weights.neurons[0].w[0].data, head.receiving.w[0].data, head.sending.w[0].data) = 1.0, 0.5, 2.0
    ((first,), *_) = head(rows, PATH)
    first.backward()
    assert abs(head.receiving.w[0].grad) < 1e-15 < 0.1 < head.sending.w[0].grad


@pytest.mark.parametrize("name", LAYERS)
def test_a_recorded_layer_answers_as_the_eager_one(name):
    layer, rows = LAYERS[name](1, 2, 2), drawn(random.Random(2), 5, 2)

    def loss(rows):
        flattened = [z for row in layer(rows, STAR) for z in row]
        return dot(flattened, flattened)

    program = record(loss, rows, parameters=layer.parameters(), executor="python")
    value, gradient = program.value_and_grad([rows])
    layer.zero_grad()
    expected = loss(rows)
    expected.backward()
    assert value == pytest.approx(expected.data, rel=1e-12)
    assert list(gradient) == pytest.approx([p.grad for p in layer.parameters()], rel=1e-12, abs=1e-12)


# what a step is


def test_the_lectures_path_of_three():
    assert [[round(a, 3) for a in row] for row in PATH.normalised] == [
        [0.5, 0.408, 0],
        [0.408, 0.333, 0.408],
        [0, 0.408, 0.5],
    ]
    once = propagate([[1.0], [0.0], [0.0]], PATH)
    twice = propagate(once, PATH)
    assert [round(h, 3) for (h,) in once] == [0.5, 0.408, 0]
    assert [round(h, 4) for (h,) in twice] == [0.4167, 0.3402, 0.1667]
    assert [round(h, 3) for (h,) in propagate([[0.0], [0.0], [1.0]], PATH)] == [0, 0.408, 0.5]


def test_steps_without_weights_blur():
    """After ten steps the two ends of the club, at first 1 and -1, are less than a tenth apart."""
    club = karate_graph()
    rows = [[0.0]] * 34
    rows[0], rows[33] = [1.0], [-1.0]
    for _ in range(10):
        rows = propagate(rows, club)
    assert 0 < rows[0][0] - rows[33][0] < 0.1


def test_an_isolated_node_hears_itself_alone():
    rows = drawn(random.Random(0), 5, 2)
    assert propagate(rows, STAR)[4] == rows[4]
    layer = GraphConvolution(2, 3, activation="linear", rng=random.Random(0))
    alone = layer.weights(rows[4])
    assert [z.data for z in layer(rows, STAR)[4]] == [z.data for z in alone]
    head = AttentionHead(2, 3, rng=random.Random(0))
    assert [alpha.data for alpha in head.attention(rows, STAR)[4]] == [1.0]
    assert [z.data for z in head(rows, STAR)[4]] == [z.data for z in head.weights(rows[4])]


@given(graphs(), st.integers(0, 999))
def test_attention_shares_1_among_the_neighbourhood(graph, seed):
    rows = drawn(random.Random(seed), len(graph.nodes), 2)
    shares = AttentionHead(2, 2, rng=random.Random(seed)).attention(rows, graph)
    assert list(map(len, shares)) == list(map(len, graph.neighbourhoods))
    assert [sum(alpha.data for alpha in row) for row in shares] == pytest.approx(
        [1.0] * len(shares), rel=1e-12
    )
    assert all(alpha.data > 0 for row in shares for alpha in row)


@pytest.mark.parametrize("name", LAYERS)
def test_nothing_comes_from_farther_than_a_neighbour(name):
    rows = [[Value(x) for x in row] for row in drawn(random.Random(3), 5, 2)]
    first = LAYERS[name](3, 2, 2)(rows, STAR)[1]
    first[0].backward()
    touched = [i for i, row in enumerate(rows) if any(v.grad for v in row)]
    assert touched == [0, 1] == list(STAR.neighbourhoods[1])


def test_a_step_is_drawn_with_its_modules():
    layer = GraphConvolution(2, 1, activation="tanh", rng=random.Random(0))
    with watch():
        ((first,), *_) = layer([[0.5, -1.0], [1.0, 0.0], [0.0, 2.0]], PATH)
        first.backward()
    text = draw(first).svg
    assert "GraphConvolution(2, 1, tanh)" in text and "weights" in text


def test_layers_print_what_they_are():
    assert repr(GraphConvolution(34, 16)).splitlines()[0].split() == [
        "GraphConvolution(34,",
        "16,",
        "relu)",
        "544",
    ]
    assert (
        GraphAttention(4, 2, heads=3, concat=False).describe() == "GraphAttention(4, 2, mean of 3 heads, elu)"
    )
    assert GraphAttention(4, 2, activation="linear").describe() == "GraphAttention(4, 2, 1 head, linear)"
    assert list(GraphAttention(2, 1, heads=2).named_parameters()) == [
        f"heads[{k}].{name}"
        for k in range(2)
        for name in ("weights.neurons[0].w[0]", "weights.neurons[0].w[1]", "receiving.w[0]", "sending.w[0]")
    ]


# refusals


@pytest.mark.parametrize("make", [GraphConvolution, AttentionHead, GraphAttention])
def test_layers_refuse_what_does_not_fit(make):
    layer, rows = make(2, 3), [[1.0, 2.0]] * 3
    with pytest.raises(ValueError, match=r"\(2, 3.* takes a row for each of the 3 nodes, got 2"):
        layer(rows[:2], PATH)
    with pytest.raises(
        ValueError, match=r"\(2, 3.* without rows takes a graph of 2 nodes, got 3; give a row"
    ):
        layer(None, PATH)
    with pytest.raises(ValueError, match=r"takes 2 inputs, got 1: \(1\)"):
        layer([[1.0]] * 3, PATH)
    with pytest.raises(
        TypeError, match=r"takes rows and their Graph, such as karate_graph\(\), got \[\(0, 1\)\]"
    ):
        layer(rows, [(0, 1)])
    with pytest.raises(ValueError, match="nin is at least 1, got 0"):
        make(0, 3)
    with pytest.raises(ValueError, match="nout is at least 1, got 0"):
        make(2, 0)


def test_other_refusals():
    with pytest.raises(
        TypeError, match=r"a row for each node, got None; of the identity matrix it makes graph\.norm"
    ):
        propagate(None, PATH)
    with pytest.raises(ValueError, match="propagate takes a row for each of the 3 nodes, got 1"):
        propagate([[1.0]], PATH)
    with pytest.raises(ValueError, match=r"propagate takes rows of one length, got lengths \[1, 2\]"):
        propagate([[1.0], [1.0, 2.0], [0.0]], PATH)
    with pytest.raises(ValueError, match="heads is at least 1, got 0"):
        GraphAttention(2, 3, heads=0)
    with pytest.raises(ValueError, match="tahn"):
        GraphConvolution(2, 3, activation="tahn")
