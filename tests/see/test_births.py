import math
import random
from collections.abc import Callable

import pytest
from hypothesis import given, strategies as st

from engine import (
    BirthError,
    Op,
    acosh,
    asin,
    cbrt,
    detach,
    dot,
    exp,
    log,
    log1p,
    relu,
    sigmoid,
    sqrt,
    sum as total,
    tanh,
    watch,
    where,
)
from engine.chain import sweep
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
    assert [birth.kind for birth in births(sqrt(x) * x).all] == ["nan gradient", "vanished gradient"]
    first = births(sqrt(x) * 0.0 + x).first
    assert first is not None and first.kind == "nan gradient"
    assert first.told.startswith("∂sqrt(x)/∂x is inf at x = 0.0, and 0.0 × inf is nan: what x gets from sqrt")
    y = births(exp(Value(900.0, label="w")) * 0.0).all
    assert "nan gradient" in [birth.kind for birth in y]


def test_infs_that_meet_in_a_sum_are_a_birth_of_a_nan_gradient() -> None:
    x = Value(0.0, label="x")
    found = births(sqrt(x) - sqrt(x)).all
    assert [birth.kind for birth in found] == ["inf gradient", "inf gradient", "nan gradient"]
    assert found[2].told == "inf + −inf is nan: the gradient of x"


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
    velocity = log(x)
    velocity.label = "velocity"
    assert births(velocity).all[0].told.startswith("velocity = log(x) is nan")
    many = sum((relu(Value(-1.0, label=f"x{i}")) for i in range(30)), start=Value(0.0))
    assert repr(births(many)).splitlines()[-1] == "... and 20 more places"


def test_births_of_one_place_are_told_once() -> None:
    net = MLP(1, [1, 1], rng=random.Random(0))
    for v in net.parameters():
        v.data = -1.0
    with watch():
        y = sum((net([Value(2.0)]) for _ in range(30)), start=Value(0.0))
    found = births(y)
    told = [line for line in repr(found).splitlines() if "relu passes" in line]
    assert len([birth for birth in found.all if birth.told.startswith("relu")]) == 30
    assert len(told) == 1 and told[0].endswith("(and 29 more from there)")


def test_something_else_is_refused() -> None:
    with pytest.raises(TypeError, match="births takes a Value, got 3.0"):
        births(3.0)  # type: ignore[arg-type]


# watch(anomalies=True)
def test_the_op_that_bears_a_nan_raises_with_its_source() -> None:
    x = Value(-1.0)
    with pytest.raises(BirthError) as raised, watch(anomalies=True):
        h = x * 2
        log(h + 1)
    assert str(raised.value).splitlines()[0] == "nan is born: log(−1.0); log is defined above 0.0"
    assert str(raised.value).splitlines()[1].startswith("    test_births.py, line ")
    assert str(raised.value).endswith(": log(h + 1)")
    assert math.isnan(log(x).data), "and afterwards nothing does"


BEARING: list[Callable[[Value], object]] = [
    lambda x: x / 0.0,
    lambda x: 1.0 / (x - x.data),
    lambda x: (x * 1000).exp(),
    lambda x: (-x).sqrt(),
    lambda x: dot([x, x], [1e200, 1e200]) * 1e200,
    lambda x: total([x * 1e308] * 20),
    lambda x: Op("mine", lambda a: math.inf, 1.0)(x),
    lambda x: where(x, Value(1e200) * 1e200, x),
    lambda x: -x ** Value(5000.0),
]  # fmt: skip


@pytest.mark.parametrize("bear", BEARING)
def test_every_way_to_record_is_guarded(bear: Callable[[Value], object]) -> None:
    with pytest.raises(BirthError, match="is born"), watch(anomalies=True):
        bear(Value(2.0))
    bear(Value(2.0))


def test_the_sweep_that_bears_an_inf_raises() -> None:
    x = Value(0.0, label="x")
    with watch(anomalies=True):
        y = sqrt(x) * 2
        with pytest.raises(BirthError, match="inf gradient is born: ∂sqrt.x./∂x is inf at x = 0.0"):
            y.backward()
    y.backward()
    assert math.isinf(x.grad)


def test_the_sweep_that_bears_a_nan_says_nan() -> None:
    x = Value(0.0, label="x")
    with watch(anomalies=True), pytest.raises(BirthError, match="^nan gradient is born: .* 0.0 × inf is nan"):
        (sqrt(x) * 0.0 + x).backward()


def test_what_follows_from_a_birth_does_not_raise() -> None:
    x = Value(math.nan)
    with watch(anomalies=True):
        y = tanh(x * 2)
    assert math.isnan(y.data)


def test_watches_nest_and_only_the_strict_refuse() -> None:
    x = Value(-1.0)
    with watch():
        log(x)
        with pytest.raises(BirthError), watch(anomalies=True):
            log(x)
        y = log(x)
        y.backward()
    assert math.isnan(y.data) and Value.backward is sweep


def test_values_are_the_same_bits_under_guard() -> None:
    def f(x: Value) -> Value:
        return tanh(x * 3).exp() / (x**2 + 1) + dot([x, x], [0.1, x])

    plain = f(Value(0.3))
    with watch(anomalies=True):
        guarded = f(Value(0.3))
        guarded.backward()
    plain.backward()
    assert guarded.data == plain.data
