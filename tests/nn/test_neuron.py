"""Neurons, layers and MLPs: micrograd's weights and numbers, torch's gradients, every refusal."""

import copy
import math
import pickle
import random

import micrograd.nn
import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Value, tanh
from nn import MLP, Layer, Module, Neuron

finite = st.floats(-4, 4)


def both(seed, nin, nouts, **options):
    random.seed(seed)
    theirs = micrograd.nn.MLP(nin, nouts)
    random.seed(seed)
    return theirs, MLP(nin, nouts, **options)


@pytest.mark.parametrize("make", ["Neuron", "Layer", "MLP"])
def test_initial_weights_are_micrograds_in_its_order(make):
    arguments = {"Neuron": (3,), "Layer": (3, 4), "MLP": (3, [4, 4, 1])}[make]
    random.seed(1)
    theirs = getattr(micrograd.nn, make)(*arguments)
    random.seed(1)
    ours = {"Neuron": Neuron, "Layer": Layer, "MLP": MLP}[make](*arguments)
    assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]


@given(st.integers(0, 999), st.lists(finite, min_size=3, max_size=3), st.sampled_from([[1], [2], [4, 4, 1]]))
def test_explicit_forward_is_micrograds_bit_for_bit(seed, x, nouts):
    theirs, ours = both(seed, 3, nouts, explicit=True)
    expected, got = theirs(x), ours(x)
    if nouts == [2]:
        assert [v.data for v in got] == [v.data for v in expected]
    else:
        assert got.data == expected.data


@given(st.integers(0, 999), st.lists(finite, min_size=3, max_size=3))
def test_explicit_and_dot_agree(seed, x):
    models = [MLP(3, [4, 4, 1], explicit=explicit, rng=random.Random(seed)) for explicit in (False, True)]
    answers = [model(x) for model in models]
    for answer in answers:
        answer.backward()
    assert answers[0].data == pytest.approx(answers[1].data, rel=1e-12, abs=1e-12)
    grads = [[p.grad for p in model.parameters()] for model in models]
    assert grads[0] == pytest.approx(grads[1], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize("name", ["linear", "sigmoid", "tanh", "relu", "elu", "softplus", "silu", "gelu"])
def test_gradients_are_torchs(name, explicit):
    torch = pytest.importorskip("torch")
    model = MLP(3, [5, 2], activation=name, rng=random.Random(3), explicit=explicit)
    x = [0.5, -1.5, 2.0]
    first, second = model(x)
    (first * second).backward()
    function = torch.nn.functional
    act = {"linear": lambda z: z}.get(name) or getattr(function, name)
    weights = [
        torch.tensor([[w.data for w in n.w] for n in layer.neurons], dtype=torch.float64)
        for layer in model.layers
    ]
    biases = [torch.zeros(len(layer.neurons), dtype=torch.float64) for layer in model.layers]
    leaves = [t.requires_grad_() for t in (*weights, *biases)]
    h = act(function.linear(torch.tensor(x, dtype=torch.float64), weights[0], biases[0]))
    y = function.linear(h, weights[1], biases[1])
    (y[0] * y[1]).backward()
    assert [first.data, second.data] == pytest.approx(y.tolist(), rel=1e-12)
    for layer, w, b in zip(model.layers, leaves[:2], leaves[2:], strict=True):
        assert [[v.grad for v in n.w] for n in layer.neurons] == [
            pytest.approx(r, rel=1e-11, abs=1e-13) for r in w.grad.tolist()
        ]
        assert [n.b.grad for n in layer.neurons] == pytest.approx(b.grad.tolist(), rel=1e-11, abs=1e-13)


def test_one_neuron_is_one_dot_its_bias_and_an_activation():
    y = Neuron(64, rng=random.Random(0))([1.0] * 64)
    assert (y.op.name, y.x.op.name, y.x.x.op.name) == ("relu", "add", "dot")


def test_a_layer_of_one_answers_with_the_bare_value():
    assert isinstance(Layer(2, 1)([1.0, 2.0]), Value)
    assert isinstance(Layer(2, 2)([1.0, 2.0]), list)


def test_a_bottleneck_of_one_neuron_passes_its_bare_value_on():
    assert len(MLP(2, [1, 2])([1.0, 2.0])) == 2
    assert isinstance(MLP(1, [3, 1])(0.5), Value)


@pytest.mark.parametrize(
    "x",
    [
        [1, 2],
        (1.0, 2.0),
        np.array([1.0, 2.0]),
        np.array([1, 2], dtype=np.float32),
        tuple(np.array([1.0, 2.0])),
        [Value(1.0), Value(2.0)],
        [Value(1.0), 2.0],
        (v for v in [1, 2.0]),
    ],
    ids=lambda x: type(x).__name__,
)
@pytest.mark.parametrize("make", [Neuron, lambda nin, **more: MLP(nin, [1], **more)], ids=["Neuron", "MLP"])
@pytest.mark.parametrize("explicit", [False, True])
def test_inputs_of_every_kind_mean_the_same(x, make, explicit):
    x = [1, 2.0] if not hasattr(x, "__len__") else x
    model = make(2, rng=random.Random(5), explicit=explicit)
    y = model(x)
    y.backward()
    assert y.data == make(2, rng=random.Random(5), explicit=explicit)([1.0, 2.0]).data
    assert all(type(p.grad) is float for p in model.parameters())


def test_a_mixed_row_makes_one_leaf_a_number_however_many_neurons():
    a, b = Layer(2, 2, rng=random.Random(0))([Value(1.0), 2.0])
    leaf = a.x.x.y[1]
    assert leaf.data == 2.0
    assert b.x.x.y[1] is leaf


def test_activation_by_name_by_function_and_by_nonlin():
    assert Neuron(1, activation=tanh, rng=random.Random(1))([1.0]).op is tanh
    assert Neuron(1, activation="tanh")([1.0]).op is tanh
    assert Neuron(1, nonlin=False)([1.0]).op.name == "add"
    assert not Neuron(1, activation="linear").nonlin
    assert MLP(1, [1], output="sigmoid")([1.0]).op.name == "sigmoid"


def test_nan_that_was_recorded_passes():
    nan = Value(math.inf) - math.inf
    assert math.isnan(MLP(1, [2, 1])([nan]).data)


REFUSALS = [
    (lambda: Neuron(2)([1.0]), ValueError, r"Neuron\(2, relu\) takes 2 inputs, got 1: \(1\)"),
    (lambda: Neuron(2)([1.0, 2, 3, 4, 5]), ValueError, r"takes 2 inputs, got 5: \(1, 2, 3, 4, \.\.\.\)"),
    (lambda: MLP(2, [3, 1])([]), ValueError, "takes 2 inputs, got 0"),
    (lambda: MLP(2, [3, 1])([1.0, math.nan]), ValueError, "input 1 of 2 is nan"),
    (lambda: MLP(2, [3, 1])([Value(math.nan), 1.0]), ValueError, "input 0 of 2 is nan"),
    (lambda: Neuron(2)((1.0, math.nan)), ValueError, "input 1 of 2 is nan"),
    (lambda: Neuron(2)("ab"), TypeError, "takes a list of numbers or Values, got 'ab'"),
    (lambda: Neuron(1)([None]), TypeError, "a neuron takes a number, got None"),
    (lambda: Neuron(0), ValueError, "nin is at least 1, got 0"),
    (lambda: Neuron(1.5), TypeError, "nin is a whole number, got 1.5"),
    (lambda: Neuron(True), TypeError, "nin is a whole number, got True"),
    (lambda: Layer(2, 0), ValueError, "nout is at least 1, got 0"),
    (lambda: Layer(-1, 2), ValueError, "nin is at least 1, got -1"),
    (lambda: MLP(2, [3, 0]), ValueError, r"nouts\[1\] is at least 1, got 0"),
    (lambda: MLP(2, ["a"]), TypeError, r"nouts\[0\] is a whole number, got 'a'"),
    (lambda: MLP(2, []), ValueError, "at least one layer, got an empty list"),
    (lambda: MLP(2, 3), TypeError, r"nouts is a list of layer sizes, such as \[16, 16, 1\], got 3"),
    (lambda: MLP(2, [3, 1], activation="rellu"), ValueError, "'rellu'; did you mean 'relu'?"),
    (lambda: MLP(2, [3, 1], activation="Sigmod"), ValueError, "did you mean 'sigmoid'?"),
    (lambda: MLP(2, [3, 1], activation="zzzz"), ValueError, "'zzzz'; there are linear, step, sigmoid"),
    (lambda: Neuron(2, activation=3), TypeError, "a name or a function of one number, got 3"),
    (lambda: Neuron(2, False, activation="tanh"), ValueError, "nonlin=False .* activation='tanh'"),
]


@pytest.mark.parametrize(("act", "error", "message"), REFUSALS)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_copies_and_pickles():
    model = MLP(2, [3, 1], rng=random.Random(0))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert isinstance(twin, Module)
        assert twin.state() == model.state()
        assert twin([1.0, 2.0]).data == model([1.0, 2.0]).data


@pytest.mark.parametrize("explicit", [False, True])
def test_without_a_bias(explicit):
    with_bias, without = [
        Neuron(3, activation="tanh", bias=bias, explicit=explicit, rng=random.Random(1))
        for bias in (True, False)
    ]
    assert without.b is None and without.offset == 0.0
    assert len(without.parameters()) == 3
    assert without([0.5, -2.0, 1.5]).data == pytest.approx(with_bias([0.5, -2.0, 1.5]).data, rel=1e-15)
    assert without.describe() == "Neuron(3, tanh, no bias)"
