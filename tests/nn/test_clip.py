"""Clipping: torch's gradients, no overflow on the way, nothing changed where it cannot be done."""

import math

import mpmath
import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn import Module, clip_norm, clip_value, gradient_norm

gradients = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=8)
most = st.floats(1e-3, 1e3)


def with_gradients(grads):
    values = [Value(1.0) for _ in grads]
    for value, grad in zip(values, grads, strict=True):
        value.grad = grad
    return values


def torchs(grads, clip):
    """Return what a function of torch.nn.utils answers, and the gradients that it leaves."""
    torch = pytest.importorskip("torch")
    x = torch.zeros(len(grads), dtype=torch.float64, requires_grad=True)
    x.grad = torch.tensor(grads, dtype=torch.float64)
    return clip(torch.nn.utils, x), x.grad.tolist()


@given(gradients, most)
def test_clip_norm_is_torchs(grads, most):
    values = with_gradients(grads)
    norm, expected = torchs(grads, lambda utils, x: utils.clip_grad_norm_([x], most))
    assert clip_norm(values, most) == pytest.approx(norm.item(), rel=1e-12, abs=1e-12)
    softened = 1e-6 / max(most, norm.item())  # torch divides by the norm and 1e-6
    assert [v.grad for v in values] == pytest.approx(expected, rel=2 * softened + 1e-12, abs=1e-12)


@given(gradients, most)
def test_the_norm_after_is_at_most_that_and_the_direction_stays(grads, most):
    values = with_gradients(grads)
    before = gradient_norm(values)
    assert clip_norm(values, most) == before
    assert gradient_norm(values) == pytest.approx(min(before, most), rel=1e-14)
    if before <= most:
        assert [v.grad for v in values] == grads
    else:
        shrunk = [grad / before * most for grad in grads]
        assert [v.grad for v in values] == pytest.approx(shrunk, rel=1e-14)


@given(gradients, most)
def test_clip_value_is_torchs(grads, most):
    values = with_gradients(grads)
    clip_value(values, most)
    assert [v.grad for v in values] == torchs(grads, lambda utils, x: utils.clip_grad_value_([x], most))[1]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=8))
def test_the_norm_is_exact(grads):
    exact = mpmath.sqrt(mpmath.fsum((mpmath.mpf(g) for g in grads), squared=True))
    assert gradient_norm(with_gradients(grads)) == pytest.approx(float(exact), rel=4e-16)


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_no_square_overflows_or_vanishes(size):
    values = with_gradients([3 * size, 4 * size])
    assert clip_norm(values, 2.5 * size) == pytest.approx(5 * size, rel=1e-15)
    assert [v.grad for v in values] == pytest.approx([1.5 * size, 2 * size], rel=1e-15)


@pytest.mark.parametrize("clip", [clip_norm, clip_value])
@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_is_told_and_nothing_changed(clip, wrong):
    values = with_gradients([5.0, wrong])
    with pytest.raises(
        FloatingPointError, match=f"the gradient of parameter 1 is {wrong}: it cannot be clipped"
    ):
        clip(values, 1.0)
    assert values[0].grad == 5.0


def test_a_norm_that_overflows_is_told():
    values = with_gradients([1.0, -1.7e308, 1e308])
    assert gradient_norm(values) == math.inf
    with pytest.raises(FloatingPointError, match="overflows, that of parameter 1 is the largest: -1.7e"):
        clip_norm(values, 1.0)
    assert values[0].grad == 1.0


def test_the_norm_of_what_is_not_finite_is_not_either():
    assert gradient_norm(with_gradients([1.0, math.inf])) == math.inf
    assert math.isnan(gradient_norm(with_gradients([1.0, math.nan])))
    assert gradient_norm([]) == clip_norm([], 1.0) == 0.0


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (
            lambda: clip_norm([Value(1.0)], 0.0),
            ValueError,
            "the largest norm must be positive and finite, got 0.0",
        ),
        (lambda: clip_norm([Value(1.0)], "1"), TypeError, "the largest norm is a number, got '1'"),
        (
            lambda: clip_value([Value(1.0)], -1.0),
            ValueError,
            "the largest gradient must be positive .*, got -1.0",
        ),
        (
            lambda: clip_norm(Module(), 1.0),
            TypeError,
            r"clip_norm takes a list of Values, such as model.param",
        ),
        (lambda: clip_value([1.0], 1.0), TypeError, "clip_value takes Values, got 1.0 at position 0"),
        (
            lambda: gradient_norm([Value(1.0), 2]),
            TypeError,
            "gradient_norm takes Values, got 2 at position 1",
        ),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
