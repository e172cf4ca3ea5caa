"""GCN and GAT: PyTorch's loss and gradients, the lecture's club, training, others compared, refusals."""

import random

import pytest

from engine import record
from nn import MLP, Adam, accuracy, answers, cross_entropy, fit, karate
from nn.data import Graph, Samples, karate_graph
from nn.losses import sequence_cross_entropy
from nn.node_classifier import GAT, GCN

CLUB = karate_graph()
LABELLED = (0, 33)
KNOWN = CLUB.sample(LABELLED)
PATH = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
SEEDS = 10


def rng(seed=0):
    return random.Random(seed)


MODELS = {
    "GCN": lambda seed=0: GCN(CLUB, [4], rng=rng(seed)),
    "GAT": lambda seed=0: GAT(CLUB, [2], heads=2, rng=rng(seed)),
}


def torchs(torch, model):
    """Return the weights [in][out] of a GCN's layers, and its loss by dense matrices."""
    linked = torch.tensor(CLUB.adjacency, dtype=torch.float64) + torch.eye(34, dtype=torch.float64)
    root = torch.diag(linked.sum(dim=1) ** -0.5)
    spread = root @ linked @ root
    weights = [
        torch.tensor([[w.data for w in neuron.w] for neuron in layer.weights.neurons], dtype=torch.float64)
        .T.contiguous()
        .requires_grad_()
        for layer in model.layers
    ]
    h = spread @ weights[0]
    for w in weights[1:]:
        h = spread @ torch.relu(h) @ w
    known = list(LABELLED)
    return weights, torch.nn.functional.cross_entropy(h[known], torch.tensor([CLUB.labels[i] for i in known]))


def test_the_loss_and_its_gradient_are_torchs():
    torch = pytest.importorskip("torch")
    model = GCN(CLUB, [16, 5], rng=rng())
    loss = model.loss(*KNOWN)
    loss.backward()
    weights, expected = torchs(torch, model)
    expected.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-12)
    for layer, w in zip(model.layers, weights, strict=True):
        found = [
            list(row) for row in zip(*[[v.grad for v in n.w] for n in layer.weights.neurons], strict=True)
        ]
        assert found == [pytest.approx(row, rel=1e-10, abs=1e-12) for row in w.grad.tolist()]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("executor", ["python", "numpy"])
def test_a_recorded_loss_agrees_with_the_eager_one(name, executor):
    model = MODELS[name]()
    program = record(model.loss, *KNOWN, parameters=model.parameters(), executor=executor)
    every = CLUB.labels, (1 / 34,) * 34
    for sample in (KNOWN, every):
        loss, gradient = program.value_and_grad([sample])
        model.zero_grad()
        expected = model.loss(*sample)
        expected.backward()
        grads = [p.grad for p in model.parameters()]
        assert loss == pytest.approx(expected.data, rel=1e-12)
        assert list(gradient) == pytest.approx(grads, rel=1e-12, abs=1e-12 * max(map(abs, grads)))


@pytest.mark.parametrize("name", MODELS)
def test_the_loss_is_that_of_a_sequence_of_nodes(name):
    model = MODELS[name]()
    assert model.loss(*KNOWN).data == sequence_cross_entropy(model(), *KNOWN).data


@pytest.mark.parametrize("name", MODELS)
def test_answers_probabilities_and_steps_are_those_of_the_logits(name):
    model = MODELS[name]()
    logits = [tuple(z.data for z in row) for row in model()]
    assert model.show(2) == logits and model.show(0)[3] == tuple(float(j == 3) for j in range(34))
    assert list(map(len, model.show(1))) == [4] * 34
    shares = model.probabilities()
    assert [sum(row) for row in shares] == pytest.approx([1.0] * 34)
    assert model.answers() == [row.index(max(row)) for row in shares]


def test_features_are_what_the_first_layer_takes():
    model = GCN(PATH, [3], features=[[1, 2], [0, 1], [2, 0]], rng=rng())
    assert model.nin == 2 and model.show(0) == [(1.0, 2.0), (0.0, 1.0), (2.0, 0.0)]
    identity = GCN(PATH, [3], features=PATH_ROWS, rng=rng())
    assert identity.show(2) == [pytest.approx(row) for row in GCN(PATH, [3], rng=rng()).show(2)]
    assert len(model.parameters()) == 2 * 3 + 3 * 2


PATH_ROWS = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


# the lecture's numbers


def rows_moved(model, node):
    """Return for which nodes the first W has a row that the loss of one node moves."""
    model.zero_grad()
    cross_entropy(model()[node], 0).backward()
    columns = [[w.grad for w in neuron.w] for neuron in model.layers[0].weights.neurons]
    return [i for i, row in enumerate(zip(*columns, strict=True)) if any(row)]


def test_one_layer_moves_the_rows_of_node_0_and_its_16_neighbours():
    moved = rows_moved(GCN(CLUB, [], rng=rng()), 0)
    assert len(moved) == 17 and moved == list(CLUB.neighbourhoods[0])


def test_two_layers_let_node_33_hear_of_node_0():
    assert 0 not in rows_moved(GCN(CLUB, [], rng=rng()), 33)
    assert 0 in rows_moved(GCN(CLUB, [16], rng=rng()), 33)


# training


def trained(model):
    """Train as the paper does, 200 epochs of Adam with L2 5e-4, and return how many nodes are right."""
    optimizer = Adam(model.parameters(), 0.01, l2=5e-4)
    fit(model, Samples([KNOWN]), epochs=200, batch_size=1, optimizer=optimizer, progress=False).run()
    return sum(a == b for a, b in zip(model.answers(), CLUB.labels, strict=True))


def both(right):
    """Return the mean share of nodes that are right: of all 34, and of the 32 that are not labelled."""
    return sum(right) / len(right) / 34, sum(n - 2 for n in right) / len(right) / 32


def test_training_tells_two_labels_from_each_other():
    model = GCN(CLUB, [4], rng=rng())
    training = fit(
        model, Samples([KNOWN]), epochs=30, optimizer=Adam(model.parameters(), 0.1), progress=False
    )
    training.run()
    assert training.history[-1].loss < 0.2 < 0.6 < training.history[0].loss
    assert accuracy([model.answers()[i] for i in LABELLED], [0, 1]) == 1.0


@pytest.mark.slow
def test_two_labels_suffice_for_34_members():
    right = [trained(GCN(CLUB, [16], rng=rng(seed))) for seed in range(SEEDS)]
    of_all, of_others = both(right)
    print(f"GCN, 576 parameters: {right}, {of_all:.3f} of all nodes, {of_others:.3f} of those not labelled")
    assert of_all >= 0.94 and of_others >= 0.94


@pytest.mark.slow
def test_a_perceptron_of_rows_of_the_adjacency_matrix_knows_less():
    """As many parameters, but no neighbours of neighbours: 576 of the GCN, here 594."""
    data, right = karate(), []
    for seed in range(SEEDS):
        model = MLP(34, [16, 2], init="xavier", rng=rng(seed))
        optimizer = Adam(model.parameters(), 0.01, l2=5e-4)
        fit(model, data.subset(LABELLED), epochs=200, batch_size=2, optimizer=optimizer, progress=False).run()
        right.append(sum(a == b for a, b in zip(answers(model, data.points), data.targets, strict=True)))
    of_all, of_others = both(right)
    print(f"MLP, {len(model.parameters())} parameters: {right}, {of_all:.3f}, {of_others:.3f}")
    assert of_all < 0.9 and of_others < 0.9


# refusals


@pytest.mark.parametrize("make", [GCN, GAT])
@pytest.mark.parametrize(
    ("features", "message"),
    [
        ([[1.0], [2.0]], "features are a row for each of the 3 nodes, got 2 rows"),
        ([[1.0], [2.0], [1.0, 2.0]], r"features\[2\] has 2 numbers, features\[0\] 1"),
        ([[], [], []], r"features\[0\] has 0 numbers"),
        ([[1.0], [float("nan")], [0.0]], r"features\[1\]\[0\] must be finite, got nan"),
    ],
)
def test_features_are_refused(make, features, message):
    with pytest.raises(ValueError, match=message):
        make(PATH, [2], features=features)


@pytest.mark.parametrize("make", [GCN, GAT])
def test_models_refuse(make):
    with pytest.raises(TypeError, match=r"takes a Graph, such as karate_graph\(\), got \[\(0, 1\)\]"):
        make([(0, 1)], [2])
    with pytest.raises(TypeError, match=r"hidden is a list of layer sizes, such as \[16\], got 16"):
        make(PATH, 16)
    with pytest.raises(ValueError, match=r"hidden\[0\] is at least 1, got 0"):
        make(PATH, [0])
    with pytest.raises(ValueError, match="has a single class: there is nothing to tell apart"):
        make(Graph(["a"], [], [0], names=("left",)), [2])
    with pytest.raises(TypeError, match=r"hidden is a list of layer sizes, such as \[16\], got '16'"):
        make(PATH, "16")
    model = make(PATH, [2])
    with pytest.raises(ValueError, match="each of the 3 nodes, got 2 labels, 3 weights"):
        model.loss([0, 1], [0.5, 0.5, 0.0])
    with pytest.raises(ValueError, match="each of the 3 nodes, got 3 labels, 2 weights"):
        model.loss([0, 1, 0], [0.5, 0.5])
    with pytest.raises(ValueError, match=r"has the steps 0 \.\.\. 2, got 3"):
        model.show(3)
