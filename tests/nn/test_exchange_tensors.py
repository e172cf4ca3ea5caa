"""Parameters as arrays by PyTorch's names: the same bits, all of them or none."""

import random
import re

import pytest

from engine import Value
from nn import MLP, Layer, Module, Neuron
from nn.exchange import load_state_dict, state_dict

np = pytest.importorskip("numpy")


class Mixed(Module):
    """Something of everything: a layer in a dict, a lone neuron, a table, uneven lists, a bare number."""

    def __init__(self, seed=0):
        rng = random.Random(seed)
        self.parts = {"head": Layer(2, 3, rng=rng), "query": Layer(2, 2, bias=False, rng=rng)}
        self.lone = Neuron(2, rng=rng)
        self.table = [[Value(rng.random()) for _ in range(3)] for _ in range(2)]
        self.uneven = [[Value(rng.random())], [Value(rng.random()), Value(rng.random())]]
        self.scale = Value(rng.random())


MODULES = [
    lambda seed: Mixed(seed),
    lambda seed: MLP(3, [3, 2], activation="tanh", rng=random.Random(seed)),
    lambda seed: Layer(2, 1, rng=random.Random(seed)),
    lambda seed: Neuron(3, rng=random.Random(seed)),
]


def shapes(module):
    return {name: array.shape for name, array in state_dict(module).items()}


def test_names_and_shapes():
    assert shapes(MLP(2, [3, 4, 1])) == {
        "0.weight": (3, 2), "0.bias": (3,), "2.weight": (4, 3), "2.bias": (4,),
        "4.weight": (1, 4), "4.bias": (1,),
    }  # fmt: skip
    assert list(shapes(MLP(1, [2, 2, 1], activation="linear"))) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "2.weight", "2.bias"
    ]  # fmt: skip
    assert list(shapes(MLP(1, [2, 1], dropout=0.5)))[2:] == ["3.weight", "3.bias"]
    assert shapes(Layer(2, 3)) == {"weight": (3, 2), "bias": (3,)}
    assert shapes(Neuron(2)) == {"w": (2,), "b": ()}
    assert shapes(Mixed()) == {
        "parts.head.weight": (3, 2), "parts.head.bias": (3,), "parts.query.weight": (2, 2), "lone.w": (2,),
        "lone.b": (), "table": (2, 3), "uneven.0": (1,), "uneven.1": (2,), "scale": (),
    }  # fmt: skip
    assert shapes(Module()) == {}
    bare = MLP(1, [2, 1])
    bare.layers[0].neurons[1] = Neuron(1, bias=False)
    assert list(shapes(bare)) == ["2.weight", "2.bias", "0.neurons.0.w", "0.neurons.0.b", "0.neurons.1.w"]


def test_a_weight_has_a_row_for_each_neuron():
    layer = Layer(2, 3, rng=random.Random(0))
    assert state_dict(layer)["weight"].tolist() == [[w.data for w in neuron.w] for neuron in layer.neurons]


def test_what_is_shared_stands_once():
    module = Module()
    module.one, module.two = Layer(2, 2), Layer(2, 2)
    module.again = module.one
    module.two.neurons[0].w = module.one.neurons[0].w
    assert shapes(module) == {
        "one.weight": (2, 2), "one.bias": (2,), "two.neurons.0.b": (),
        "two.neurons.1.w": (2,), "two.neurons.1.b": (),
    }  # fmt: skip
    assert sum(array.size for array in state_dict(module).values()) == len(module.parameters())


def test_two_tensors_of_one_name_are_refused():
    module = Module()
    module.a = [Value(1.0), [Value(2.0)]]
    vars(module)["a.0"] = Value(3.0)
    with pytest.raises(ValueError, match="two tensors of Module are called 'a.0'"):
        state_dict(module)


@pytest.mark.parametrize("make", MODULES)
@pytest.mark.parametrize("kind", ["float64", "lists"])
def test_a_state_comes_back_bit_for_bit(make, kind):
    module, other = make(0), make(1)
    state = state_dict(module)
    assert module.state() != other.state()
    load_state_dict(other, state if kind == "float64" else {name: a.tolist() for name, a in state.items()})
    assert module.state() == other.state()


def test_other_real_dtypes_are_read():
    for dtype in (np.float16, np.float32, np.int64):
        layer = Layer(2, 1)
        load_state_dict(layer, {"weight": np.array([[1, -2]], dtype), "bias": np.array([3], dtype)})
        assert [p.data for p in layer.parameters()] == [1.0, -2.0, 3.0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: s.pop("0.bias"), "missing: '0.bias'"),
        (lambda s: s.update({"fc1.weight": [1.0]}), "unexpected: 'fc1.weight'"),
        (
            lambda s: s.update({"0.weight": s["0.weight"].T}),
            "of another shape: '0.weight' is (3, 2), got (2, 3), which is transposed: a weight is [out, in]",
        ),
        (lambda s: s.update({"0.bias": np.zeros((3, 1))}), "of another shape: '0.bias' is (3,), got (3, 1)"),
        (lambda s: s["2.weight"].__setitem__((0, 1), np.nan), "not a finite number: '2.weight'[0][1]: nan"),
        (lambda s: s["2.bias"].__setitem__(0, -np.inf), "not a finite number: '2.bias'[0]: -inf"),
        (lambda s: s["0.weight"].fill(np.nan), "'0.weight'[2][0]: nan and 1 more"),
    ],
)
def test_what_does_not_fit_is_named_and_nothing_is_loaded(change, message):
    model, other = (MLP(2, [3, 1], rng=random.Random(seed)) for seed in (0, 1))
    before, state = model.state(), state_dict(other)
    change(state)
    wanted = re.escape("these tensors do not fit MLP, nothing was loaded; ") + ".*" + re.escape(message)
    with pytest.raises(ValueError, match=wanted):
        load_state_dict(model, state)
    assert model.state() == before


@pytest.mark.parametrize(
    ("given_array", "message"),
    [
        ("text", "'w' is an array of real numbers, got one of <U4: 'text'"),
        ([[1.0], [1.0, 2.0]], "'w' is no array of numbers"),
        (None, "'w' is an array of real numbers, got one of object: None"),
        ([True], "got one of bool"),
        (np.array([1j]), "got one of complex128"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused(given_array, message):
    with pytest.raises(ValueError, match=message):
        load_state_dict(Neuron(1), {"w": given_array, "b": 0.0})
