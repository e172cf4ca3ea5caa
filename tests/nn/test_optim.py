"""Optimizers: torch's numbers over 100 updates, faults caught, states kept, and nothing half done."""

import itertools
import json
import math
import pickle
import random
import re

import pytest
from hypothesis import given, strategies as st

from engine import Symbol, Value, dot, sqrt, tanh
from nn import (
    OPTIMIZERS,
    SGD,
    Adam,
    AdamW,
    Module,
    Momentum,
    Nesterov,
    Optimizer,
    RMSProp,
    binary_cross_entropy,
    cosine,
    penalty,
    rules,
    warm_up,
)
from nn.rules import sgd

finite = st.floats(-1e6, 1e6)
UPDATES = 100

CASES = [
    (SGD, {}, "SGD", {"lr": 0.01}),
    (SGD, {"learning_rate": 0.5, "l2": 0.1}, "SGD", {"lr": 0.5, "weight_decay": 0.1}),
    (Momentum, {}, "SGD", {"lr": 0.01, "momentum": 0.9}),
    (Momentum, {"momentum": 0.5, "l2": 0.3}, "SGD", {"lr": 0.01, "momentum": 0.5, "weight_decay": 0.3}),
    (Momentum, {"momentum": 0.0}, "SGD", {"lr": 0.01}),
    (Nesterov, {}, "SGD", {"lr": 0.01, "momentum": 0.9, "nesterov": True}),
    (
        Nesterov,
        {"momentum": 0.99, "l2": 0.1},
        "SGD",
        {"lr": 0.01, "momentum": 0.99, "nesterov": True, "weight_decay": 0.1},
    ),
    (RMSProp, {}, "RMSprop", {}),
    (
        RMSProp,
        {"decay": 0.9, "epsilon": 1e-3, "l2": 0.01},
        "RMSprop",
        {"alpha": 0.9, "eps": 1e-3, "weight_decay": 0.01},
    ),
    (Adam, {}, "Adam", {}),
    (Adam, {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.9}, "Adam", {"lr": 0.1, "betas": (0.5, 0.9)}),
    (
        Adam,
        {"beta1": 0.0, "epsilon": 0.1, "l2": 0.2},
        "Adam",
        {"betas": (0.0, 0.999), "eps": 0.1, "weight_decay": 0.2},
    ),
    (AdamW, {}, "AdamW", {}),
    (
        AdamW,
        {"learning_rate": 0.05, "weight_decay": 0.3, "beta2": 0.99, "epsilon": 0.0},
        "AdamW",
        {"lr": 0.05, "weight_decay": 0.3, "betas": (0.9, 0.99), "eps": 0.0},
    ),
]
"""An optimizer and its settings, and the same in torch; where neither is told a number, defaults agree."""


def random_gradients(seed):
    """Return what sets gradients of very different sizes, wherever the parameters are."""
    rng = random.Random(seed)

    def differentiate(values):
        for value in values:
            value.grad = rng.choice([-1, 1]) * 10 ** rng.uniform(-3, 3)

    return differentiate


def xor_gradients(seed):
    """Return what sets the gradients of a 2-3-1 network's mean cross entropy on XOR, of 13 parameters."""

    def differentiate(values):
        losses = []
        for point, target in [((0.0, 0.0), 0), ((0.0, 1.0), 1), ((1.0, 0.0), 1), ((1.0, 1.0), 0)]:
            hidden = [tanh(dot(values[2 * i : 2 * i + 2], point) + values[6 + i]) for i in range(3)]
            losses.append(binary_cross_entropy(dot(values[9:12], hidden) + values[12], target))
        (sum(losses) / 4).backward()

    return differentiate


def assert_torchs(kind, settings, torch_name, torch_settings, gradients, *, scheduler=None, seed=0):
    """Run both on the same gradients, UPDATES times; every parameter must agree to 1e-12 each time.

    The gradients are those at our parameters: were torch to make its own, a problem whose gradients vanish
    would show how it magnifies the last digit, and not what the optimizers do.
    """
    torch = pytest.importorskip("torch")
    rng = random.Random(seed)
    start = [rng.uniform(-1, 1) for _ in range(13)]
    values, x = [Value(p) for p in start], torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer = kind(values, **settings)
    other = getattr(torch.optim, torch_name)([x], **torch_settings)
    schedule = scheduler(torch, other) if scheduler else None
    differentiate = gradients(seed)
    for _ in range(UPDATES):
        optimizer.zero_grad()
        differentiate(values)
        x.grad = torch.tensor([v.grad for v in values], dtype=torch.float64)
        assert all(x.grad)
        if "l1" in settings:
            x.grad += settings["l1"] * x.detach().sign()
        optimizer.step()
        other.step()
        if schedule:
            schedule.step()
        for v, expected in zip(values, x.tolist(), strict=True):
            assert math.isclose(v.data, expected, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.parametrize("gradients", [random_gradients, xor_gradients])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0].__name__}-{case[1]}")
def test_100_updates_are_torchs(case, gradients):
    assert_torchs(*case, gradients)


@pytest.mark.parametrize("case", CASES[::2], ids=lambda case: f"{case[0].__name__}-{case[1]}")
def test_l1_is_a_sign_in_the_gradient(case):
    kind, settings, *torchs = case
    assert_torchs(kind, settings | {"l1": 0.02}, *torchs, xor_gradients)


def test_the_schedule_is_torchs_on_the_way():
    assert_torchs(
        Adam,
        {"learning_rate": cosine(0.1, over=UPDATES, floor=0.001)},
        "Adam",
        {"lr": 0.1},
        xor_gradients,
        scheduler=lambda torch, other: torch.optim.lr_scheduler.CosineAnnealingLR(
            other, UPDATES, eta_min=0.001
        ),
    )


FAULTS = {
    "a swapped sign": (SGD, lambda p, g, *, t, learning_rate: (p + learning_rate * g,)),
    "velocity of the step before": (
        Momentum,
        lambda p, g, v, *, t, learning_rate, momentum: (p - learning_rate * v, momentum * v + g),
    ),
    "a damped velocity": (
        Momentum,
        lambda p, g, v, *, t, learning_rate, momentum: rules.momentum(
            p, (1 - momentum) * g, v, t=t, learning_rate=learning_rate, momentum=momentum
        ),
    ),
    "no look ahead": (Nesterov, rules.momentum),
    "epsilon under the root": (
        RMSProp,
        lambda p, g, s, *, t, learning_rate, decay, epsilon: (
            p - learning_rate * g / sqrt(decay * s + (1 - decay) * g * g + epsilon),
            decay * s + (1 - decay) * g * g,
        ),
    ),
    "no correction": (Adam, lambda *x, t, **more: rules.adam(*x, t=1e9, **more)),
    "a correction one update late": (Adam, lambda *x, t, **more: rules.adam(*x, t=t + 1, **more)),
    "betas swapped": (
        Adam,
        lambda *x, beta1, beta2, **more: rules.adam(*x, beta1=beta2, beta2=beta1, **more),
    ),
    "a tenth of the decay": (
        AdamW,
        lambda *x, weight_decay, **more: rules.adamw(*x, weight_decay=weight_decay / 10, **more),
    ),
    "decay in the gradient": (
        AdamW,
        lambda p, g, *kept, weight_decay, **more: rules.adam(p, g + weight_decay * p, *kept, **more),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_caught(fault):
    base, rule = FAULTS[fault]
    _, settings, *torchs = next(case for case in CASES if case[0] is base)
    assert_torchs(base, settings, *torchs, random_gradients)
    with pytest.raises(AssertionError):
        assert_torchs(
            type("Faulty", (base,), {"rule": staticmethod(rule)}), settings, *torchs, random_gradients
        )


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=5), st.floats(1e-6, 10))
def test_a_step_of_sgd_is_the_rule(pairs, learning_rate):
    values = [Value(p) for p, _ in pairs]
    for value, (_, g) in zip(values, pairs, strict=True):
        value.grad = g
    SGD(values, learning_rate).step()
    assert [v.data for v in values] == [sgd(p, g, learning_rate) for p, g in pairs]


def test_the_rule_runs_on_values_too():
    p, g = Value(2.0), Value(3.0)
    moved = sgd(p, g, 0.5)
    moved.backward()
    assert (moved.data, p.grad, g.grad) == (0.5, 1.0, -0.5)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("l1", [0.0, 0.25])
def test_every_rule_is_called_alike_on_floats_values_and_symbols(name, l1):
    optimizer = OPTIMIZERS[name]([Value(1.0)], l1=l1)
    operands = [0.5, -2.0, *[0.75 for _ in optimizer.slots]]
    plain = optimizer.update(t=3.0, learning_rate=0.1)(*operands)
    recorded = optimizer.update(t=Value(3.0), learning_rate=Value(0.1))(*map(Value, operands))
    names = [Symbol(name) for name in ("p", "g", *optimizer.slots)]
    written = optimizer.update(t=Symbol("t"), learning_rate=Symbol("rate"))(*names)
    assert len(plain) == len(recorded) == len(written) == 1 + len(optimizer.slots)
    assert all(type(x) is float for x in plain)
    assert [x.data for x in recorded] == list(plain)
    assert "rate * " in str(written[0])
    assert ("t" in re.findall(r"\w+", str(written[0]))) is (name in ("adam", "adamw"))


@pytest.mark.parametrize(("l1", "l2"), [(0.3, 0.0), (0.0, 0.7), (0.3, 0.7)])
def test_l1_and_l2_are_the_gradient_of_the_penalty(l1, l2):
    ours, theirs = [Value(0.5), Value(-2.0), Value(0.0)], [Value(0.5), Value(-2.0), Value(0.0)]
    SGD(ours, 0.1, l1=l1, l2=l2).step()
    penalty(theirs, l1=l1, l2=l2).backward()
    SGD(theirs, 0.1).step()
    assert [v.data for v in ours] == pytest.approx([v.data for v in theirs], rel=1e-15)


def test_adams_first_step_is_the_learning_rate_whatever_the_slope():
    values = [Value(0.0) for _ in range(2)]
    values[0].grad, values[1].grad = 1e-4, -1e4
    Adam(values, 0.1).step()
    assert [v.data for v in values] == pytest.approx([-0.1, 0.1], rel=1e-3)


@pytest.mark.parametrize("gradient", [math.nan, math.inf, -math.inf, 1e308])
def test_what_is_not_finite_moves_nothing(gradient):
    values = [Value(1.0), Value(-2.0)]
    values[0].grad, values[1].grad = 1.0, gradient
    with pytest.raises(
        FloatingPointError,
        match=rf"parameter 1 would become .* gradient {re.escape(str(gradient))}; no parameter",
    ):
        SGD(values, 100.0).step()
    assert [v.data for v in values] == [1.0, -2.0]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_is_not_finite_changes_no_state(name):
    values = [Value(1.0), Value(-2.0)]
    optimizer = OPTIMIZERS[name](values)
    values[0].grad = values[1].grad = 1.0
    optimizer.step()
    before, data = optimizer.state(), [v.data for v in values]
    values[1].grad = math.nan
    with pytest.raises(FloatingPointError, match="parameter 1 would become nan: it is .* gradient nan"):
        optimizer.step()
    assert optimizer.state() == before
    assert [v.data for v in values] == data


def test_a_square_that_overflows_is_told():
    values = [Value(1.0), Value(2.0)]
    values[1].grad = 1e200
    with pytest.raises(
        FloatingPointError, match=r"the square of parameter 1 would become inf: the parameter is 2.0, its"
    ):
        Adam(values).step()


def test_without_epsilon_a_gradient_of_0_is_told():
    with pytest.raises(FloatingPointError, match="parameter 0 would become nan"):
        Adam([Value(1.0)], epsilon=0.0).step()


def test_zero_grad():
    values = [Value(1.0)]
    values[0].grad = 3.0
    SGD(values).zero_grad()
    assert values[0].grad == 0.0


def test_the_learning_rate_is_a_number_or_a_schedule():
    value = Value(0.0)
    optimizer = SGD([value], lambda number: 0.5**number)
    rates = []
    for _ in range(3):
        value.grad = 1.0
        rates.append(optimizer.learning_rate)
        optimizer.step()
    assert (rates, value.data, optimizer.updates) == ([1.0, 0.5, 0.25], -1.75, 3)
    optimizer.learning_rate = 2
    assert optimizer.learning_rate == 2.0
    optimizer.learning_rate = warm_up(cosine(0.5, over=4), over=4)
    assert optimizer.learning_rate == 0.5


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("rate", [0.05, cosine(0.1, over=20)])
def test_a_run_goes_on_to_the_same_bits(name, rate):
    def run(optimizer, rng, updates):
        for _ in range(updates):
            for p in optimizer.parameters:
                p.grad = rng.uniform(-1, 1)
            optimizer.step()
        return [p.data for p in optimizer.parameters]

    def fresh():
        return OPTIMIZERS[name]([Value(0.5), Value(-1.0)], rate, l2=0.25)

    whole = run(fresh(), random.Random(0), 12)
    rng, half = random.Random(0), fresh()
    run(half, rng, 5)
    saved = json.loads(json.dumps(half.state(), allow_nan=False))
    resumed = OPTIMIZERS[name]([Value(p.data) for p in half.parameters], rate)
    resumed.load_state(saved)
    assert resumed.state() == half.state() == saved
    assert OPTIMIZERS[saved["optimizer"]] is OPTIMIZERS[name]
    assert run(resumed, rng, 7) == whole
    assert run(pickle.loads(pickle.dumps(fresh())), random.Random(0), 12) == whole


def changed(**change):
    return Adam([Value(1.0), Value(2.0)]).state() | change


@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ({}, ValueError, "does not fit Adam, nothing was loaded: it has no 'optimizer'"),
        (AdamW([Value(1.0)]).state(), ValueError, "it is that of 'adamw'"),
        (Adam([Value(1.0)]).state(), ValueError, "it has 1 parameters, this optimizer 2"),
        (changed(updates=-1), ValueError, "'updates' is a count, got -1"),
        (changed(updates=1.5), ValueError, "'updates' is a count, got 1.5"),
        (
            changed(learning_rate=None),
            ValueError,
            "rate is from a schedule, here it is 0.001; set learning_rate",
        ),
        (changed(learning_rate="fast"), TypeError, "the learning rate is a number, got 'fast'"),
        (changed(learning_rate=-1.0), ValueError, "must be positive and finite, got -1.0"),
        (changed(slots={"mean": [0.0, 0.0]}), ValueError, "its slots are mean, not mean, square"),
        (
            changed(slots={"mean": [0.0, 0.0], "square": [0.0]}),
            ValueError,
            "'square' has 1 numbers for 2 parameters",
        ),
        (
            changed(slots={"mean": [0.0, math.nan], "square": [0.0, 0.0]}),
            ValueError,
            "the mean of parameter 1 is nan",
        ),
        (
            changed(slots={"mean": [0.0, 0.0], "square": ["0", 0.0]}),
            ValueError,
            "the square of parameter 0 is '0'",
        ),
        (changed(hyper_parameters={"l1": 0.0}), ValueError, "of Adam are l1, l2, beta1, .*, got l1"),
        (
            changed(hyper_parameters={"l1": 0.0, "l2": 0.0, "beta1": 2.0, "beta2": 0.9, "epsilon": 0.0}),
            ValueError,
            "beta1 must be at least 0 and below 1, got 2.0",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state, error, message):
    optimizer = Adam([Value(1.0), Value(2.0)])
    optimizer.parameters[0].grad = 1.0
    optimizer.step()
    before = optimizer.state()
    with pytest.raises(error, match=message):
        optimizer.load_state(state)
    assert optimizer.state() == before


def test_a_number_does_not_replace_a_schedule():
    optimizer = SGD([Value(1.0)], cosine(0.1, over=3))
    with pytest.raises(ValueError, match=r"rate is 0.01, here it is cosine\(rate=0.1, over=3, floor=0.0\)"):
        optimizer.load_state(SGD([Value(1.0)]).state())


def test_the_text_is_the_same_in_every_run():
    def halving(number):
        return 0.5**number

    assert repr(AdamW([Value(1.0)], cosine(0.1, over=3))) == (
        "AdamW(1 parameters, learning_rate=cosine(rate=0.1, over=3, floor=0.0), "
        "l1=0.0, l2=0.0, beta1=0.9, beta2=0.999, epsilon=1e-08, weight_decay=0.01)"
    )
    assert "halving" in repr(SGD([Value(1.0)], halving))
    assert " at 0x" not in repr(SGD([Value(1.0)], halving))


def test_an_optimizer_of_ones_own():
    class Signs(Optimizer):
        """Steps by the sign of the gradient alone."""

        rule = staticmethod(
            lambda p, g, count, *, t, learning_rate: (p - learning_rate * math.copysign(1.0, g), count + 1)
        )
        slots = ("count",)

    values = [Value(1.0), Value(2.0)]
    values[0].grad, values[1].grad = 5.0, -5.0
    optimizer = Signs(values, 0.5)
    optimizer.step()
    assert ([v.data for v in values], optimizer.memory) == ([0.5, 2.5], {"count": [1.0, 1.0]})


BOUNDS = [
    (kind, name, wrong)
    for kind in OPTIMIZERS.values()
    for name, below in {"l1": math.inf, "l2": math.inf, **kind.hyper_parameters}.items()
    for wrong in (-0.1, below, math.nan)
]


@pytest.mark.parametrize(("kind", "name", "wrong"), BOUNDS)
def test_hyper_parameters_out_of_bounds_are_named(kind, name, wrong):
    with pytest.raises(ValueError, match=rf"^{name} must be .*, got {wrong}"):
        kind([Value(1.0)], **{name: wrong})
    with pytest.raises(TypeError, match=rf"^{name} is a number, got 'x'"):
        kind([Value(1.0)], **{name: "x"})


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: SGD([]), ValueError, "SGD needs at least one parameter"),
        (lambda: Adam([]), ValueError, "Adam needs at least one parameter"),
        (lambda: SGD(Module()), TypeError, r"such as model.parameters\(\), got Module"),
        (lambda: SGD([Value(1.0), 2.0]), TypeError, "SGD takes Values, got 2.0 at position 1"),
        (lambda: SGD([Value(1.0)] * 2), ValueError, "each parameter once"),
        (lambda: SGD([Value(1.0)], 0.0), ValueError, "learning rate must be positive and finite, got 0.0"),
        (lambda: SGD([Value(1.0)], -1), ValueError, "positive and finite, got -1"),
        (lambda: SGD([Value(1.0)], math.inf), ValueError, "positive and finite, got inf"),
        (lambda: SGD([Value(1.0)], math.nan), ValueError, "positive and finite, got nan"),
        (lambda: SGD([Value(1.0)], "fast"), TypeError, "is a number, got 'fast'"),
        (lambda: setattr(SGD([Value(1.0)]), "learning_rate", 0), ValueError, "positive and finite, got 0"),
        (lambda: SGD([Value(1.0)], lambda n: -1.0).step(), ValueError, "of update 0 by .*lambda.*, got -1.0"),
        (
            lambda: SGD([Value(1.0)], lambda n: "x").step(),
            TypeError,
            "of update 0 by .* is a number, got 'x'",
        ),
        (lambda: Optimizer([Value(1.0)], 0.1), TypeError, "Optimizer has no rule: take SGD, Adam or another"),
        (
            lambda: Optimizer.__init__(SGD([Value(1.0)]), [Value(1.0)], 0.1, momentum=0.9),
            ValueError,
            "the hyper-parameters of SGD are l1, l2, got l1, l2, momentum",
        ),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_every_pair_of_states_is_told_apart():
    for ours, theirs in itertools.permutations(OPTIMIZERS.values(), 2):
        with pytest.raises(ValueError, match="nothing was loaded: it is that of"):
            ours([Value(1.0)]).load_state(theirs([Value(1.0)]).state())
