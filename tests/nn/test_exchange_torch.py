"""MLPs to and from PyTorch: its answers in float64 are ours, and what it has not is refused by name."""

import random
import re

import pytest
from hypothesis import given, settings, strategies as st

from nn import ACTIVATIONS, MLP, Layer, Neuron
from nn.exchange import from_torch, load_state_dict, state_dict, to_torch
from tests.parts import needed

torch = needed("torch", "oracle")
sequential, dense = torch.nn.Sequential, torch.nn.Linear
TRAVEL = sorted(set(ACTIVATIONS) - {"step"})


def farthest(model, theirs):
    """Return how far an MLP and torch's are apart at random points, as a share of the largest answer."""
    rng = random.Random(0)
    nin = len(model.layers[0].neurons[0].w)
    points = [[rng.uniform(-3.0, 3.0) for _ in range(nin)] for _ in range(5)]
    ours = [model(p) for p in points]
    ours = [[float(y) for y in (z if isinstance(z, list) else [z])] for z in ours]
    with torch.no_grad():
        found = theirs(torch.tensor(points, dtype=torch.float64)).tolist()
    gaps = [abs(a - b) for x, y in zip(ours, found, strict=True) for a, b in zip(x, y, strict=True)]
    return max(gaps) / max(1.0, max(abs(a) for x in ours for a in x))


mlps = st.builds(
    lambda nin, nouts, activation, output, dropout, seed: MLP(
        nin, nouts, activation=activation,
        output=output if output != "softmax" or nouts[-1] > 1 else "linear",
        dropout=dropout if len(nouts) > 1 else 0.0, rng=random.Random(seed),
    ),
    st.integers(1, 5), st.lists(st.integers(1, 6), min_size=1, max_size=4), st.sampled_from(TRAVEL),
    st.sampled_from([*TRAVEL, "softmax"]), st.sampled_from([0.0, 0.25]), st.integers(0, 10**6),
)  # fmt: skip


@settings(max_examples=100)
@given(mlps)
def test_there_and_back(model):
    for layer in model.layers:
        for neuron in layer.neurons:
            neuron.b.data = random.Random(neuron.w[0].data).uniform(-1.0, 1.0)
    theirs = to_torch(model)
    assert farthest(model, theirs) <= 1e-12
    back = from_torch(theirs)
    assert repr(back) == repr(model) and back.state() == model.state()
    there = {name: tensor.tolist() for name, tensor in theirs.state_dict().items()}
    assert there == {name: array.tolist() for name, array in state_dict(model).items()}


@settings(max_examples=30)
@given(mlps)
def test_a_state_dict_travels_alone(model):
    theirs = to_torch(model)
    theirs.load_state_dict({name: torch.from_numpy(2.0 * array) for name, array in state_dict(model).items()})
    load_state_dict(model, theirs.state_dict())
    assert farthest(model, theirs) <= 1e-12


def test_a_transposed_weight_is_caught():
    model = MLP(3, [3, 2], activation="tanh", rng=random.Random(0))
    theirs = to_torch(model)
    assert farthest(model, theirs) <= 1e-12
    with torch.no_grad():
        theirs[0].weight.copy_(theirs[0].weight.T.clone())
    assert farthest(model, theirs) > 1e-3


def test_a_model_of_torchs_own():
    torch.manual_seed(0)
    theirs = sequential(
        dense(3, 4, bias=False), torch.nn.LeakyReLU(), dense(4, 4), torch.nn.Identity(), dense(4, 5),
        torch.nn.Softplus(), dense(5, 2), torch.nn.Softmax(dim=1),
    )  # fmt: skip
    model = from_torch(theirs)
    assert [layer.ending.__name__ for layer in model.layers] == [
        "leaky_relu",
        "linear",
        "softplus",
        "softmax",
    ]
    assert all(neuron.b is None for neuron in model.layers[0].neurons)
    assert farthest(model, theirs.double()) <= 1e-12
    assert farthest(model, to_torch(model)) <= 1e-12


def test_dropout_drops_in_train_mode_alone():
    model = MLP(1, [50, 1], dropout=0.5, rng=random.Random(0))
    theirs = to_torch(model)
    assert not theirs.training and farthest(model, theirs) <= 1e-12
    assert farthest(model, theirs.train()) > 1e-3
    assert from_torch(theirs).dropout == 0.5


def test_nothing_is_drawn_from_torchs_random_numbers():
    torch.manual_seed(0)
    expected = torch.rand(1).item()
    torch.manual_seed(0)
    to_torch(MLP(2, [3, 1]))
    assert torch.rand(1).item() == expected


def test_what_torch_has_not_is_refused_by_name():
    with pytest.raises(
        ValueError, match="PyTorch has no module for the activation step, it has those for linear"
    ):
        to_torch(MLP(1, [2, 1], activation="step"))
    with pytest.raises(ValueError, match="no module for the activation <lambda>"):
        to_torch(MLP(1, [2, 1], activation=lambda z: z * z))
    with pytest.raises(
        TypeError, match=r"to_torch takes an MLP, got Layer; its arrays are state_dict\(model\)"
    ):
        to_torch(Layer(1, 1))
    mixed = MLP(1, [2, 1])
    mixed.layers[0].neurons[1] = Neuron(1, activation="tanh")
    with pytest.raises(
        ValueError, match=r"layers\[0\] has neurons that end in relu and tanh: elsewhere a layer"
    ):
        to_torch(mixed)
    bare = MLP(1, [2, 1])
    bare.layers[0].neurons[1] = Neuron(1, bias=False)
    with pytest.raises(
        ValueError, match=r"in module 0, Layer\(1, 2\), 1 of 2 neurons have a bias; a Linear has"
    ):
        to_torch(bare)


def broken():
    theirs = sequential(dense(1, 1))
    with torch.no_grad():
        theirs[0].bias[0] = float("nan")
    return theirs


def hooked():
    layer = dense(1, 1)
    layer.register_forward_hook(lambda module, given, answer: 2 * answer)
    return sequential(layer)


def hooked_as_a_whole():
    whole = sequential(dense(1, 1))
    whole.register_forward_pre_hook(lambda module, given: None)
    return whole


class OwnLinear(dense):
    """A Linear that may compute something else."""


def after(*modules, inputs=1, outputs=1):
    """Return what makes a Sequential of a Linear and modules."""
    return lambda: sequential(dense(inputs, outputs), *modules)


tn = torch.nn
REFUSED = [
    (after(tn.Mish()), "module 1, Mish(), has no counterpart here; an MLP is made of Linear, Dropout, Ident"),
    (after(sequential(dense(1, 1))), "has no counterpart here"),
    (after(OwnLinear(1, 1)), "module 1, OwnLinear(in_features=1, out_features=1, bias=True), has no counter"),
    (after(tn.LeakyReLU(0.2)), "has negative_slope=0.2; leaky_relu is the one with negative_slope=0.01"),
    (after(tn.ELU(2.0)), "has alpha=2.0; elu is the one with alpha=1.0"),
    (after(tn.GELU("tanh")), "has approximate='tanh'; gelu is the one with approximate='none'"),
    (after(tn.Softplus(2.0)), "has beta=2.0; softplus is the one with beta=1.0"),
    (after(tn.Softplus(1, 5)), "has threshold=5; softplus is the one with threshold=40.0"),
    (after(tn.Softmax(dim=0), outputs=2), "has dim=0; softmax is the one with dim=-1"),
    (after(tn.Softmax(dim=-1)), "it needs at least 2, got nout=1"),
    (lambda: sequential(tn.ReLU(), dense(1, 1)), "module 0, ReLU(), stands where an MLP has Linear"),
    (after(tn.ReLU(), tn.Tanh()), "module 2, Tanh(), stands where an MLP has Dropout or Linear"),
    (after(tn.Softmax(-1), dense(2, 1), outputs=2), "stands where an MLP has nothing more"),
    (after(tn.Dropout(0.5), tn.ReLU()), "module 2, ReLU(), stands where an MLP has Linear"),
    (
        after(dense(4, 1), inputs=2, outputs=3),
        "module 1, Linear(in_features=4, out_features=1, bias=True), takes 4 numbers, the layer before it g",
    ),
    (
        after(tn.Dropout(0.5), dense(1, 1), dense(1, 1)),
        "one rate of dropout after all layers but the last; after these layers it is 0.5, 0, 0",
    ),
    (after(tn.Dropout(0.5)), "after these layers it is 0.5"),
    (lambda: sequential(), "this Sequential has no Linear"),
    (hooked_as_a_whole, "this Sequential has hooks, which may change what it gives"),
    (
        hooked,
        "out_features=1, bias=True), has hooks, which may change what it gives; remove them first",
    ),
    (broken, "do not fit MLP(1, [1]), nothing was loaded; not a finite number: '0.bias'[0]: nan"),
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_what_we_have_not_is_refused_by_name(make, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        from_torch(make())


def test_only_a_sequential_is_read():
    for thing in (dense(1, 1), "model.pt", type("Sequential", (sequential,), {})()):
        with pytest.raises(TypeError, match=r"from_torch takes a torch.nn.Sequential, got"):
            from_torch(thing)
