"""Losses: torch's values and gradients, the laws, the edges, every refusal."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from engine import Dual, Value, logsumexp, power, relu, softmax, softplus
from engine.ops import sum as total
from nn import (
    LOSSES,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    kl_divergence,
    mae,
    mse,
    multiclass_hinge,
    penalty,
    sequence_cross_entropy,
)

score = st.one_of(
    st.floats(-50, 50), st.floats(-800, 800), st.sampled_from([-800.0, -40.0, 0.0, 1e-300, 1.0, 40.0, 800.0])
)
scores = st.lists(score, min_size=1, max_size=6)


def close(x):
    return pytest.approx(x, rel=1e-12, abs=1e-12)


def swept(loss, given, *more):
    values = [Value(x) for x in given]
    result = loss(values, *more)
    result.backward()
    return result.data, [v.grad for v in values]


def assert_torchs(ours, theirs, given, target):
    """Check a loss against torch's `theirs(functional, x, target)`, in value and in gradient."""
    torch = pytest.importorskip("torch")
    x = torch.tensor(given, dtype=torch.float64, requires_grad=True)
    whole = type(target) is int
    expected = theirs(
        torch.nn.functional, x, torch.tensor([target] if whole else target, dtype=None if whole else x.dtype)
    )
    expected.backward()
    data, grads = swept(ours, given, target)
    assert data == close(expected.item())
    assert grads == close(x.grad.tolist())


def signs(n):
    return st.lists(st.sampled_from([-1, 1]), min_size=n, max_size=n)


def shares(n):
    """Numbers from 0 to 1, both ends often."""
    return st.lists(st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1)), min_size=n, max_size=n)


def probabilities(n):
    return shares(n).map(lambda xs: [x / math.fsum(xs) for x in xs] if math.fsum(xs) > 0.1 else [1 / n] * n)


def anything(n):
    return st.lists(score, min_size=n, max_size=n)


TORCHS = {
    "mse": (anything, lambda f, x, t: f.mse_loss(x, t)),
    "mae": (anything, lambda f, x, t: f.l1_loss(x, t)),
    "huber": (anything, lambda f, x, t: f.huber_loss(x, t)),
    "binary_cross_entropy": (shares, lambda f, x, t: f.binary_cross_entropy_with_logits(x, t)),
    "cross_entropy": (lambda n: st.integers(0, n - 1), lambda f, x, t: f.cross_entropy(x[None], t)),
    "hinge": (signs, lambda f, x, t: f.relu(1 - t * x).mean()),
    "multiclass_hinge": (lambda n: st.integers(0, n - 1), lambda f, x, t: f.multi_margin_loss(x[None], t)),
    "kl_divergence": (probabilities, lambda f, x, t: f.kl_div(f.log_softmax(x, 0), t, reduction="sum")),
}


def test_every_loss_has_its_oracle():
    assert set(TORCHS) == set(LOSSES)


@pytest.mark.parametrize("name", LOSSES)
@given(given=scores, data=st.data())
def test_losses_are_torchs(name, given, data):
    targets, theirs = TORCHS[name]
    target = data.draw(targets(len(given)))
    if name == "multiclass_hinge":  # at a kink the sign of a margin may be one of rounding
        assume(not any(0 < abs(1 + x - given[target]) < 1e-12 for x in given))
        assume(not any(1 + x - given[target] == 0 != 1 - given[target] + x for x in given))
    assert_torchs(LOSSES[name], theirs, given, target)


@given(scores, st.data(), st.floats(0.01, 100))
def test_hubers_delta_is_torchs(given, data, delta):
    targets = data.draw(anything(len(given)))
    assert_torchs(
        lambda x, t: huber(x, t, delta), lambda f, x, t: f.huber_loss(x, t, delta=delta), given, targets
    )


FAULTS = {
    "mse": lambda x, t: total([power(a - b, 2) for a, b in zip(x, t, strict=True)]),
    "mae": lambda x, t: total([relu(a - b) for a, b in zip(x, t, strict=True)]) / len(x),
    "huber": lambda x, t: huber(x, t, 1.0 + 1e-9),
    "binary_cross_entropy": lambda x, t: binary_cross_entropy([-a for a in x], t),
    "cross_entropy": lambda x, t: logsumexp(x) - x[t] * (1 + 1e-9),
    "hinge": lambda x, t: total([relu(1 + b * a) for a, b in zip(x, t, strict=True)]) / len(x),
    "multiclass_hinge": lambda x, t: total([relu(1 + a - x[t]) for a in x]) / len(x),
    "kl_divergence": lambda x, t: kl_divergence(x, t) - 1e-9 * x[0],
}
TARGETS = {
    "cross_entropy": 1,
    "multiclass_hinge": 1,
    "kl_divergence": [0.5, 0.2, 0.3],
    "hinge": [1, -1, -1],
    "binary_cross_entropy": [1.0, 0.0, 0.25],
}
"""What three scores may be compared with; [3.0, -1.5, 0.25] where nothing stands here."""


@pytest.mark.parametrize("name", LOSSES)
def test_a_planted_fault_is_caught(name):
    targets, (_, theirs) = TARGETS.get(name, [3.0, -1.5, 0.25]), TORCHS[name]
    assert_torchs(LOSSES[name], theirs, [0.3, -0.7, 2.5], targets)
    with pytest.raises(AssertionError):
        assert_torchs(FAULTS[name], theirs, [0.3, -0.7, 2.5], targets)


@pytest.mark.parametrize("name", LOSSES)
def test_floats_values_and_duals_agree(name):
    given, targets = [0.3, -0.7, 2.5], TARGETS.get(name, [3.0, -1.5, 0.25])
    data, grads = swept(LOSSES[name], given, targets)
    plain = LOSSES[name](given, targets)
    assert type(plain) is float and plain == data
    for i, grad in enumerate(grads):
        dual = LOSSES[name]([Dual(x, float(i == j)) for j, x in enumerate(given)], targets)
        assert (dual.data, dual.rate) == (data, close(grad))


@pytest.mark.parametrize("loss", [mse, mae, huber, binary_cross_entropy, hinge])
@pytest.mark.parametrize("given", [0.25, -3.0])
def test_a_bare_number_is_a_list_of_one(loss, given):
    bare, listed = Value(given), Value(given)
    loss(bare, 1).backward()
    assert loss(given, 1) == loss([given], [1]) == loss(np.float64(given), np.int64(1))
    loss([listed], [1]).backward()
    assert bare.grad == listed.grad != 0.0


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=6), st.data())
def test_kl_divergence_is_cross_entropy_less_entropy_and_0_where_they_agree(given, data):
    target = data.draw(probabilities(len(given)))
    entropy = -math.fsum(p * math.log(p) for p in target if p)
    mixed = math.fsum(p * cross_entropy(given, i) for i, p in enumerate(target))
    assert kl_divergence(given, target) == pytest.approx(mixed - entropy, rel=1e-9, abs=1e-12)
    assert kl_divergence(given, target) >= -1e-12
    assert kl_divergence(given, softmax(given)) == pytest.approx(0.0, abs=1e-12)


def test_binary_cross_entropy_keeps_its_digits():
    assert binary_cross_entropy(40.0, 1) == softplus(-40.0) > 0.0
    assert swept(binary_cross_entropy, [800.0], [0]) == (800.0, [1.0])
    assert swept(binary_cross_entropy, [-800.0, 800.0], [0, 1]) == (0.0, [0.0, 0.0])


@pytest.mark.parametrize("far", [800.0, 1e300])
def test_cross_entropy_is_stable_far_out(far):
    data, grads = swept(cross_entropy, [0.0, far], 0)
    assert data == far
    assert grads == [-1.0, 1.0]
    assert swept(cross_entropy, [0.0, far], 1) == (0.0, [0.0, 0.0])


def test_cross_entropy_takes_numpys_labels_and_rows():
    assert cross_entropy(np.array([0.0, 0.0]), np.int64(1)) == math.log(2)


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "binary_cross_entropy", "hinge", "kl_divergence"])
def test_targets_may_be_recorded(name):
    targets = TARGETS.get(name, [3.0, -1.5, 0.25])
    values = [Value(float(t)) for t in targets]
    result = LOSSES[name]([0.3, -0.7, 2.5], values)
    result.backward()
    assert result.data == LOSSES[name]([0.3, -0.7, 2.5], targets)
    assert all(v.grad != 0.0 for v in values)


def test_the_graph_is_the_same_for_every_label():
    def ops(label):
        found, stack = [], [multiclass_hinge([Value(x) for x in (0.5, 1.0, 2.0)], label)]
        while stack:
            node = stack.pop()
            found.append(str(node.op))
            stack += node.inputs
        return found

    assert ops(0) == ops(1) == ops(2)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0, 2), st.floats(0, 2))
def test_the_penalty_and_its_gradient(given, l1, l2):
    data, grads = swept(lambda values: penalty(values, l1=l1, l2=l2) + 0 * values[0], given)
    assert data == close(l1 * math.fsum(map(abs, given)) + l2 / 2 * math.fsum(x * x for x in given))
    assert grads == close([l1 * ((x > 0) - (x < 0)) + l2 * x for x in given])


def test_no_penalty_is_0():
    assert penalty([Value(3.0)]) == 0.0


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: mse([], []), ValueError, "mse is a mean over at least one sample"),
        (lambda: mse([1.0], [1.0, 2.0]), ValueError, "got 1 predictions, 2 targets"),
        (lambda: mse(Value(1.0), [1.0]), TypeError, "mse takes a list of predictions, got Value"),
        (lambda: mse([1.0], 1.0), TypeError, "mse takes a list of targets, got 1.0"),
        (lambda: mae("1", "1"), TypeError, "mae takes a list of predictions, got '1'"),
        (lambda: mae(1.0, None), TypeError, "mae takes a number, got None"),
        (lambda: huber(1.0, 2.0, 0.0), ValueError, "huber's delta must be positive and finite, got 0.0"),
        (lambda: huber(1.0, 2.0, "1"), TypeError, "huber's delta is a number, got '1'"),
        (lambda: binary_cross_entropy(1.0, 1.5), ValueError, "from 0 to 1, got 1.5 at position 0"),
        (lambda: binary_cross_entropy([1.0, 2.0], [1, -1]), ValueError, "got -1 at position 1"),
        (lambda: binary_cross_entropy(1.0, math.nan), ValueError, "from 0 to 1, got nan"),
        (lambda: hinge([], []), ValueError, "hinge is a mean over at least one sample"),
        (lambda: hinge([1.0, 2.0], [1]), ValueError, "got 2 scores, 1 targets"),
        (lambda: hinge([1.0, 2.0], [1, 0]), ValueError, "targets -1 or 1, got 0 at position 1"),
        (lambda: cross_entropy([], 0), ValueError, "one logit a class, got an empty list"),
        (
            lambda: cross_entropy([1.0, 2.0], 2),
            ValueError,
            r"label 2 is outside 0 \.\.\. 1: there are 2 logits",
        ),
        (lambda: cross_entropy([1.0, 2.0], -1), ValueError, r"label -1 is outside 0 \.\.\. 1"),
        (
            lambda: cross_entropy([1.0, 2.0], 1.0),
            TypeError,
            "cross_entropy is a whole number, got 1.0",
        ),
        (
            lambda: cross_entropy([1.0, 2.0], True),
            TypeError,
            "cross_entropy is a whole number, got True",
        ),
        (
            lambda: multiclass_hinge([1.0, 2.0], False),
            TypeError,
            "hinge is a whole number, got False",
        ),
        (lambda: sequence_cross_entropy([[1.0, 2.0]], [True]), TypeError, "is a whole number, got True"),
        (lambda: sequence_cross_entropy(None, [1]), TypeError, "logits: a list is needed, got None"),
        (
            lambda: sequence_cross_entropy([[1.0, 2.0]], [1], 1.0),
            TypeError,
            "weights: a list is needed",
        ),
        (lambda: mse([[1.0], [2.0]], [1.0, 2.0]), TypeError, r"mse takes a number, got \[1.0\] of type list"),
        (lambda: cross_entropy(["a", "b"], 0), TypeError, "cross_entropy takes a number, got 'a'"),
        (lambda: hinge([1.0], ["1"]), TypeError, "hinge takes a number, got '1'"),
        (lambda: cross_entropy(Value(1.0), 0), TypeError, "a list of logits, got Value"),
        (lambda: cross_entropy([1.0], Value(0.0)), TypeError, "select takes a whole number as its index"),
        (lambda: multiclass_hinge([], 0), ValueError, "one score a class, got an empty list"),
        (lambda: multiclass_hinge([1.0], 1), ValueError, r"outside 0 \.\.\. 0: there are 1 scores"),
        (lambda: kl_divergence([1.0], [0.5, 0.5]), ValueError, "got 1 logits, 2 probabilities"),
        (lambda: kl_divergence([1.0, 1.0], [1.5, -0.5]), ValueError, "at least 0, got -0.5 at position 1"),
        (lambda: kl_divergence([1.0, 1.0], [0.5, math.nan]), ValueError, "got nan at position 1"),
        (lambda: kl_divergence([1.0, 1.0], [0.5, 0.4]), ValueError, "sum to 1, got a sum of 0.9"),
        (lambda: kl_divergence([], []), ValueError, "sum to 1, got a sum of 0.0"),
        (lambda: kl_divergence([1.0], 1.0), TypeError, "a list of probabilities, got 1.0"),
        (lambda: penalty([Value(1.0)], l1=-1.0), ValueError, "l1 must be 0 or more and finite, got -1.0"),
        (lambda: penalty([1.0], l2=1.0), TypeError, "penalty takes Values, got 1.0 at position 0"),
        (lambda: penalty(Value(1.0), l2=1.0), TypeError, "penalty takes a list of Values"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
