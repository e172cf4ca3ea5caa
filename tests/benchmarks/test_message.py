"""A training step of GCN and GAT on the karate club against PyTorch, its graph a dense matrix or sparse.

With one thread: OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
python -m pytest tests/benchmarks/test_message.py
"""

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.compile.llvm_executor import Llvm
from nn.data import karate_graph
from nn.message import SLOPE
from nn.neuron import Layer
from nn.node_classifier import GAT, GCN, NodeClassifier
from tests.benchmarks.by_hand import Step, trained
from tests.benchmarks.compiled import Workload, step_of

CLUB = karate_graph()
NODES = len(CLUB.nodes)
LABELLED = [0, 33]
TARGETS = [CLUB.labels[i] for i in LABELLED]

Torchs = Callable[[Any, Any], tuple[list[Any], Callable[[], Any]]]
"""A function of torch and a model: the parameters there, and what gives the logits [node, class]."""


def gcn() -> GCN:
    """The paper's sizes: one hidden layer of 16."""
    return GCN(CLUB, [16], rng=random.Random(0))


def gat() -> GAT:
    """The paper's sizes: 8 heads of 8, then one of the classes."""
    return GAT(CLUB, [8], heads=8, rng=random.Random(0))


def workload_of(model: NodeClassifier) -> Workload:
    """One sample, the whole graph."""
    labels, weights = CLUB.sample(LABELLED)
    numbers, indices = np.array([weights]).T.copy(), np.array([labels], dtype=np.intp).T.copy()
    return Workload(model.loss, (list(labels), list(weights)), model.parameters(), numbers, indices)


def matrix(torch: Any, layer: Layer) -> Any:
    """Return the weights of a layer as [in, out]."""
    rows = [[w.data for w in neuron.w] for neuron in layer.neurons]
    return torch.tensor(rows, dtype=torch.float64).T.contiguous().requires_grad_()


def gcn_by(torch: Any, model: GCN, spread: Any, product: Callable[[Any, Any], Any]) -> Any:
    first, second = (matrix(torch, layer.weights) for layer in model.layers)

    def logits() -> Any:
        return product(spread, torch.relu(product(spread, first)) @ second)

    return [first, second], logits


def dense_gcn(torch: Any, model: GCN) -> Any:
    return gcn_by(torch, model, torch.tensor(CLUB.normalised, dtype=torch.float64), torch.mm)


def sparse_gcn(torch: Any, model: GCN) -> Any:
    spread = torch.tensor(CLUB.normalised, dtype=torch.float64).to_sparse_coo().coalesce()
    return gcn_by(torch, model, spread, torch.sparse.mm)


def gat_by(torch: Any, model: GAT, attend: Callable[[Any, Any, Any], Any]) -> Any:
    """Make a GAT of `attend`, which takes W h [head, node, feature] and both halves of a [head, feature]."""
    layers = []
    for layer in model.layers:
        w = torch.stack([matrix(torch, head.weights).detach() for head in layer.heads])
        halves = [
            torch.tensor([[v.data for v in half.w] for half in side], dtype=torch.float64).requires_grad_()
            for side in zip(*[(head.receiving, head.sending) for head in layer.heads], strict=True)
        ]
        layers.append([w.requires_grad_(), *halves])
    (w0, *a0), (w1, *a1) = layers

    def logits() -> Any:
        hidden = torch.nn.functional.elu(attend(w0, *a0))  # [head, node, feature]
        joined = hidden.transpose(0, 1).reshape(NODES, -1)
        return attend(joined @ w1, *a1)[0]

    return [p for layer in layers for p in layer], logits


def dense_gat(torch: Any, model: GAT) -> Any:
    apart = torch.tensor(CLUB.normalised) == 0

    def attend(h: Any, receiving: Any, sending: Any) -> Any:
        scores = (h @ receiving[:, :, None]) + (h @ sending[:, :, None]).transpose(1, 2)
        scores = torch.nn.functional.leaky_relu(scores, SLOPE).masked_fill(apart, float("-inf"))
        return torch.softmax(scores, dim=2) @ h

    return gat_by(torch, model, attend)


def sparse_gat(torch: Any, model: GAT) -> Any:
    to, of = torch.tensor(CLUB.normalised).nonzero().T

    def attend(h: Any, receiving: Any, sending: Any) -> Any:
        asked, said = (h @ receiving[:, :, None])[:, :, 0], (h @ sending[:, :, None])[:, :, 0]
        scores = torch.nn.functional.leaky_relu(asked[:, to] + said[:, of], SLOPE)
        powers = torch.exp(scores - scores.detach().amax(dim=1, keepdim=True))
        totals = torch.zeros_like(asked).index_add(1, to, powers)
        shares = powers / totals[:, to]
        return torch.zeros_like(h).index_add(1, to, shares[:, :, None] * h[:, of])

    return gat_by(torch, model, attend)


CASES: dict[str, tuple[Callable[[], Any], Torchs]] = {
    "gcn, dense": (gcn, dense_gcn),
    "gcn, sparse": (gcn, sparse_gcn),
    "gat, dense": (gat, dense_gat),
    "gat, sparse": (gat, sparse_gat),
}


def in_torch(torch: Any, model: Any, theirs: Torchs) -> Step:
    parameters, logits = theirs(torch, model)
    targets = torch.tensor(TARGETS)
    return trained(torch, parameters, lambda: torch.nn.functional.cross_entropy(logits()[LABELLED], targets))


@pytest.mark.parametrize("name", CASES)
def test_against_torch(versus: Callable[..., float], name: str) -> None:
    torch, (make, theirs) = pytest.importorskip("torch"), CASES[name]
    model = make()
    ours, other = step_of(Llvm, workload_of(model)), in_torch(torch, model, theirs)
    for _ in range(3):
        assert ours() == pytest.approx(other(), rel=1e-10)
    versus(ours, other, rounds=40, calls=20, repeats=4, target=1.0)
