"""Modules: which parameters they find, in which order, by which names; state in and out; the printed tree."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn import MLP, Layer, Module, Neuron


class Everything(Module):
    """Values in every place that the walk looks at."""

    def __init__(self):
        self.size = 3
        self.table = {"a": Value(1.0), 7: [Value(2.0)]}
        self.b = Value(3.0)
        self.neurons = (Neuron(1), [Neuron(1)])
        self.again = [self.b, self.neurons[0]]
        self.last = self.b * 2


def test_parameters_come_in_order_of_assignment_each_once():
    model = Everything()
    first, second = model.neurons[0], model.neurons[1][0]
    expected = [model.table["a"], model.table[7][0], model.b, *first.w, first.b, *second.w, second.b]
    assert model.parameters() == expected
    assert list(model.named_parameters()) == [
        "table['a']", "table[7][0]", "b", "neurons[0].w[0]", "neurons[0].b",
        "neurons[1][0].w[0]", "neurons[1][0].b",
    ]  # fmt: skip
    assert list(model.named_parameters().values()) == expected


def test_names_are_the_expressions_that_reach_the_parameters():
    model = MLP(2, [3, 1])
    for name, value in model.named_parameters().items():
        assert eval(f"model.{name}", {"model": model}) is value
    assert "layers[0].neurons[2].w[1]" in model.named_parameters()


def test_a_module_may_hold_itself():
    model = Neuron(1)
    model.me = [model]
    assert len(model.parameters()) == 2
    assert repr(model).endswith("2 parameters")


def test_a_chain_of_modules_may_be_long():
    model = last = Neuron(1)
    for _ in range(5000):
        last.next = [[Module()]]
        last = last.next[0][0]
    last.b = Value(1.0)
    assert len(model.parameters()) == 3


class Micrograd(Module):
    """A module as code for micrograd writes it."""

    def __init__(self):
        self.inner = Neuron(1)
        self.frozen = Value(5.0)
        self.w = [Value(1.0)]

    def parameters(self):
        return self.w + self.inner.parameters() + [Value(9.0)] * 0


def test_a_subclass_that_overrides_parameters_is_heeded():
    model = Module()
    model.part = Micrograd()
    assert model.parameters() == model.part.parameters()
    assert list(model.named_parameters()) == ["part.w[0]", "part.inner.w[0]", "part.inner.b"]
    assert list(model.part.state()) == ["w[0]", "inner.w[0]", "inner.b"]


def test_parameters_that_no_attribute_holds_are_named_by_place():
    held = [Value(1.0)]

    class Elsewhere(Module):
        def parameters(self):
            return super().parameters() + held

    assert Elsewhere().named_parameters() == {"parameters()[0]": held[0]}


def test_two_parameters_of_one_name_are_refused():
    class Key:
        def __repr__(self):
            return "key"

    model = Module()
    model.table = {Key(): Value(1.0), Key(): Value(2.0)}
    with pytest.raises(ValueError, match=r"two parameters of Module are called 'table\[key\]'"):
        model.named_parameters()


def test_zero_grad():
    model = MLP(1, [2, 1], rng=random.Random(0))
    model([3.0]).backward()
    assert any(p.grad for p in model.parameters())
    model.zero_grad()
    assert not any(p.grad for p in model.parameters())


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=7, max_size=7))
def test_state_round_trip(numbers):
    model, twin = Layer(2, 2), Layer(2, 2)
    for p, number in zip(model.parameters(), numbers, strict=False):
        p.data = number
    twin.load_state(model.state())
    assert twin.state() == model.state()
    assert all(type(number) is float for number in model.state().values())


def test_state_takes_ints_and_numpy_scalars():
    model = Neuron(1)
    model.load_state({"w[0]": 2, "b": np.float32(0.5)})
    assert model.state() == {"w[0]": 2.0, "b": 0.5}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"w[0]": None}, r"not a finite number: 'w\[0\]': None$"),
        ({"w[0]": math.nan, "b": math.inf}, r"not a finite number: 'w\[0\]': nan, 'b': inf$"),
        ({"w[0]": "1"}, r"'w\[0\]': '1'"),
        ({"b": Value(1.0)}, r"not a finite number: 'b': Value"),
        ({"c": 1.0}, r"Neuron, nothing was loaded; unexpected: 'c'$"),
        ({"b": ...}, r"nothing was loaded; missing: 'b'$"),
        (
            {"b": ..., "c": 1, "w[1]": "x"},
            r"missing: 'b'; unexpected: 'c'; not a finite number: 'w\[1\]': 'x'$",
        ),
        ({f"v{i}": 0.0 for i in range(9)}, r"unexpected: 'v0', 'v1', 'v2', 'v3', 'v4' and 4 more$"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change, message):
    model = Neuron(2)
    before = model.state()
    state = {name: number for name, number in (before | change).items() if number is not ...}
    state = {name: number + 1 if type(number) is float else number for name, number in state.items()}
    with pytest.raises(ValueError, match=message):
        model.load_state(state)
    assert model.state() == before


def test_the_printed_tree_folds_equal_neighbours_and_ends_with_the_total():
    model = Module()
    model.mixed = [Neuron(2), Neuron(2), Neuron(3), Neuron(2)]
    model.one = {"a": Layer(1, 2)}
    assert repr(model).splitlines() == [
        "Module                                  17",
        "├─ mixed[0…1] Neuron(2, relu) × 2        3 each",
        "├─ mixed[2] Neuron(3, relu)              4",
        "├─ mixed[3] Neuron(2, relu)              3",
        "└─ one['a'] Layer(1, 2)                  4",
        "   └─ neurons[0…1] Neuron(1, relu) × 2   2 each",
        "17 parameters",
    ]
