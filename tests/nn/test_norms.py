"""Norms: PyTorch's values and gradients, their invariances, their edges, every refusal."""

import math
import random

import pytest
from hypothesis import given, strategies as st

from engine import Value, dot, record
from engine.check import check_gradients
from nn.norms import LayerNorm, RMSNorm
from tests.nn.torchs import assert_same, rows, stirred, tensor, torch

NORMS = [RMSNorm, LayerNorm]
finite = st.floats(-100, 100)


def held_to_torch(norm, xs, *, gain, epsilon):
    """Hold our norm of a row to the module of PyTorch with the same gains and biases."""
    kind = torch().nn.RMSNorm if isinstance(norm, RMSNorm) else torch().nn.LayerNorm
    theirs = kind(len(xs), eps=epsilon, elementwise_affine=gain, dtype=torch().float64)
    x, leaves = tensor(xs), []
    if gain:
        gains = norm.g if isinstance(norm, RMSNorm) else norm.rms.g
        leaves = [(gains, theirs.weight)] + ([(norm.b, theirs.bias)] if isinstance(norm, LayerNorm) else [])
        with torch().no_grad():
            for ours, leaf in leaves:
                leaf.copy_(tensor(ours))
    assert_same(norm(xs), theirs(x), [(xs, x), *leaves])


@pytest.mark.parametrize("kind", NORMS)
@given(width=st.integers(1, 9), gain=st.booleans(), epsilon=st.sampled_from([1e-5, 0.1]), seed=st.integers())
def test_values_and_gradients_are_torchs(kind, width, gain, epsilon, seed):
    rng = random.Random(seed)
    norm = stirred(rng, kind(width, gain=gain, epsilon=epsilon))
    held_to_torch(norm, *rows(rng, 1, width), gain=gain, epsilon=epsilon)


@pytest.mark.parametrize("kind", NORMS)
def test_a_planted_fault_is_caught(kind):
    rng = random.Random(0)
    norm = stirred(rng, kind(4))
    (norm if kind is RMSNorm else norm.rms).epsilon = 1.1e-5
    with pytest.raises(AssertionError):
        held_to_torch(norm, *rows(rng, 1, 4), gain=True, epsilon=1e-5)


@given(st.lists(finite, min_size=1, max_size=9), st.floats(0.1, 10), finite)
def test_size_and_mean_play_no_part(xs, factor, offset):
    spread = max(xs) - min(xs)
    if max(map(abs, xs)) > 1e-3:
        rms = RMSNorm(len(xs), gain=False, epsilon=0.0)
        assert rms([factor * x for x in xs]) == pytest.approx(rms(xs), rel=1e-9)
        assert math.fsum(y * y for y in rms(xs)) == pytest.approx(len(xs))
    if spread > 1e-3:
        layer = LayerNorm(len(xs), gain=False, epsilon=0.0)
        moved = layer([factor * x + offset for x in xs])
        assert moved == pytest.approx(layer(xs), rel=1e-6, abs=1e-6)
        assert math.fsum(layer(xs)) == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("kind", NORMS)
@pytest.mark.parametrize("gain", [True, False])
def test_the_gradients_are_right(kind, gain):
    norm = stirred(random.Random(1), kind(3, gain=gain))
    report = check_gradients(lambda xs: dot([0.5, -1.0, 2.0], norm(xs)), [0.5, -1.5, 2.25])
    assert report.verdict == "right"


@pytest.mark.parametrize("kind", NORMS)
def test_a_norm_compiles(kind):
    norm = stirred(random.Random(1), kind(3))
    program = record(lambda xs: dot([0.5, -1.0, 2.0], norm(xs)), [0.5, -1.5, 2.25], parameters=norm)
    dot([0.5, -1.0, 2.0], norm([0.25, 1.0, -3.0])).backward()
    _, found = program.value_and_grad([[0.25, 1.0, -3.0]])
    assert list(found) == pytest.approx([p.grad for p in norm.parameters()], rel=1e-12)


def test_a_row_of_zeros_is_left_at_0_by_epsilon_alone():
    assert RMSNorm(2, gain=False)([0.0, 0.0]) == [0.0, 0.0]
    assert all(map(math.isnan, RMSNorm(2, gain=False, epsilon=0.0)([0.0, 0.0])))
    assert LayerNorm(2, gain=False)([3.0, 3.0]) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("x", "epsilon", "expected"),
    [(1e153, 1e-5, 1.0), (1e200, 1e-5, 0.0), (1e200, 0.0, 0.0), (1e-150, 0.0, 1.0), (1e-200, 0.0, math.inf)],
)
def test_squares_overflow_and_underflow_as_floats_do(x, epsilon, expected):
    """A known sharp edge: the formula as it stands, whose squares leave the floats before the row does."""
    assert RMSNorm(2, gain=False, epsilon=epsilon)([x, x]) == pytest.approx([expected] * 2)


def test_parameters_and_names():
    assert list(LayerNorm(2).named_parameters()) == ["rms.g[0]", "rms.g[1]", "b[0]", "b[1]"]
    assert RMSNorm(2).state() == {"g[0]": 1.0, "g[1]": 1.0}
    assert RMSNorm(2, gain=False).parameters() == LayerNorm(2, gain=False).parameters() == []
    assert LayerNorm(3, gain=False).describe() == "LayerNorm(3, no gain)"


@pytest.mark.parametrize("kind", NORMS)
@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda kind: kind(0), ValueError, "width is at least 1, got 0"),
        (lambda kind: kind(2.0), TypeError, "width is a whole number, got 2.0"),
        (lambda kind: kind(2, epsilon=-1e-5), ValueError, "epsilon must be 0 or more and finite, got -1e-05"),
        (lambda kind: kind(2, epsilon="small"), TypeError, "epsilon is a number, got 'small'"),
        (lambda kind: kind(2)([1.0]), ValueError, r"Norm\(2\) takes 2 numbers, got 1"),
        (lambda kind: kind(2)([1.0, math.nan]), ValueError, "input 1 of 2 is nan"),
        (lambda kind: kind(2)("ab"), TypeError, "a list of numbers or Values, got 'ab'"),
    ],
)
def test_refuses(kind, act, error, message):
    with pytest.raises(error, match=message):
        act(kind)


def test_a_recorded_nan_passes():
    assert math.isnan(RMSNorm(1, gain=False)([Value(math.inf) - math.inf])[0].data)
