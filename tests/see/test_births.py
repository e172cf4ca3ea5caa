import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from engine import acosh, asin, cbrt, detach, exp, log, log1p, relu, sigmoid, sqrt, tanh, watch
from engine.see.births import births
from engine.value import Value
from nn import MLP

SAFE: list[Callable[[Value, Value], Value]] = [
    lambda x, y: x + y,
    lambda x, y: x - y / 3,
    lambda x, y: tanh(x) * (y + 7),
    lambda x, y: sigmoid(x) + sigmoid(y),
    lambda x, y: x / (y * y + 1),
    lambda x, y: (x * x + 1).sqrt() - y,
]
PLANTED: dict[str, tuple[str, Callable[[Value], Value]]] = {
    "log": ("nan", lambda x: log(-1 - x * x)),
    "sqrt": ("nan", lambda x: sqrt(-2 - x * x)),
    "asin": ("nan", lambda x: asin(x * x + 2)),
    "acosh": ("nan", lambda x: acosh(tanh(x))),
    "exp": ("inf", lambda x: exp(x * x + 800)),
    "/": ("inf", lambda x: (x * x + 1) / (x - x.data)),
    "log1p": ("inf", lambda x: log1p(x - x.data - 1)),
    "cbrt": ("inf gradient", lambda x: cbrt(x - x.data)),
    "relu": ("vanished gradient", lambda x: relu(-1 - x * x)),
    "tanh": ("vanished gradient", lambda x: tanh(x * x + 40)),
    "sigmoid": ("vanished gradient", lambda x: sigmoid(-800 - x * x)),
}


@pytest.mark.parametrize("seed", range(100))
def test_a_planted_fault_is_named(seed: int) -> None:
    """One fault in a random program: its op is the first birth, of its kind."""
    rng = random.Random(seed)
    name = rng.choice(sorted(PLANTED))
    kind, fault = PLANTED[name]
    values = [Value(rng.uniform(-2, 2)) for _ in range(3)]
    for _ in range(rng.randint(0, 8)):
        values.append(rng.choice(SAFE)(rng.choice(values), rng.choice(values)))
    assert not births(sum(values, start=Value(0.0)))
    source = values[-1] if len(values) > 3 else rng.choice(values)
    wrong = fault(source)
    values = [wrong]
    for _ in range(rng.randint(0, 8)):
        values.append(values[-1] + rng.choice(values) * 0.5)
    first = births(values[-1]).first
    assert first is not None and first.node.op is not None
    assert (first.kind, first.node.op.symbol) == (kind, name)


CHOICES = st.lists(st.tuples(*[st.integers(0, 30)] * 3), max_size=15)


@given(CHOICES)
def test_no_birth_where_all_is_finite(
    program: Callable[..., Value], choices: list[tuple[int, int, int]]
) -> None:
    y = program(choices)
    y.backward()
    found = births(y)
    bad = {birth.kind for birth in found.all} & {"nan", "inf"}
    nodes, stack = set(), [y]
    while stack:
        v = stack.pop()
        if v not in nodes:
            nodes.add(v)
            stack += v.inputs
    assert bool(bad) == any(not math.isfinite(v.data) for v in nodes)


def test_what_follows_from_a_birth_is_none() -> None:
    x = Value(-1.0, label="x")
    y = log(x)
    for _ in range(5):
        y = y * 2 + x
    assert [birth.kind for birth in births(y).all] == ["nan"]


def test_two_infs_that_meet_are_a_birth_of_nan() -> None:
    x = Value(1000.0, label="x")
    found = births(exp(x) - exp(x + 1))
    assert [birth.kind for birth in found.all[:3]] == ["inf", "inf", "nan"]
    assert "inf − inf" in repr(found).replace("-", "−") or "v" in found.all[2].told


def test_a_leaf_that_was_given_as_nan() -> None:
    x = Value(math.nan, label="x")
    found = births(x * 2)
    assert [birth.told for birth in found.all] == ["x was given as nan"] and found.first.node is x  # type: ignore[union-attr]


def test_a_gradient_that_is_nought_times_inf() -> None:
    x = Value(0.0, label="x")
    assert [birth.kind for birth in births(sqrt(x) * x).all] == ["inf gradient", "vanished gradient"]
    y = births(exp(Value(900.0, label="w")) * 0.0).all
    assert "nan gradient" in [birth.kind for birth in y]


def test_a_dead_neuron_is_a_vanished_gradient_with_its_module_and_source() -> None:
    net = MLP(1, [2, 1], rng=random.Random(0))
    for v in net.parameters():
        v.data = -1.0
    with watch():
        y = net([Value(2.0)])
    dead = [birth for birth in births(y).all if birth.told.startswith("relu passes")]
    assert len(dead) == 2 and {birth.kind for birth in dead} == {"vanished gradient"}
    assert dead[0].place.startswith("net.layers[0].neurons[") and "self.activation(z)" in dead[0].place


def test_a_second_way_keeps_a_gradient_alive() -> None:
    x = Value(-3.0, label="x")
    assert births(relu(x) + x).all == []
    assert births(relu(x)).all[0].kind == "vanished gradient"


def test_nothing_is_reached_behind_a_detach() -> None:
    x = Value(0.0, label="x")
    assert births(detach(sqrt(x)) * 2).all == []


def test_the_text() -> None:
    assert repr(births(Value(1.0) * 2)) == "No nan, no inf, no vanished gradient."
    assert not births(Value(1.0) * 2) and births(Value(1.0) * 2).first is None
    x = Value(-1.0, label="x")
    assert repr(births(log(x))) == "nan: log(x) is nan at x = −1.0; log is defined above 0.0"
    many = sum((relu(Value(-1.0, label=f"x{i}")) for i in range(30)), start=Value(0.0))
    assert repr(births(many)).splitlines()[-1] == "... and 20 more births"


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="births takes a Value, got 3.0"):
        births(3.0)  # type: ignore[arg-type]
