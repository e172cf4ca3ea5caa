"""Losses: torch's values and gradients, the edges, every refusal."""

import math

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Value
from nn import cross_entropy, hinge, mse

numbers = st.lists(st.floats(-50, 50), min_size=1, max_size=6)


def swept(loss, given, *more):
    values = [Value(x) for x in given]
    result = loss(values, *more)
    result.backward()
    return result.data, [v.grad for v in values]


@given(numbers, st.data())
def test_losses_are_torchs(scores, data):
    torch = pytest.importorskip("torch")
    targets = data.draw(st.lists(st.floats(-50, 50), min_size=len(scores), max_size=len(scores)))
    signs = [1 if t > 0 else -1 for t in targets]
    label = data.draw(st.integers(0, len(scores) - 1))

    def expected(f):
        x = torch.tensor(scores, dtype=torch.float64, requires_grad=True)
        y = f(x)
        y.backward()
        return pytest.approx(y.item(), rel=1e-12, abs=1e-12), pytest.approx(
            x.grad.tolist(), rel=1e-12, abs=1e-12
        )

    double = {"dtype": torch.float64}
    assert swept(mse, scores, targets) == expected(
        lambda x: torch.nn.functional.mse_loss(x, torch.tensor(targets, **double))
    )
    assert swept(cross_entropy, scores, label) == expected(
        lambda x: torch.nn.functional.cross_entropy(x[None], torch.tensor([label]))
    )
    assert swept(hinge, scores, signs) == expected(
        lambda x: torch.relu(1 - torch.tensor(signs, **double) * x).mean()
    )


def test_losses_of_plain_numbers_are_floats():
    for loss in (mse([1, 2], [0, 0]), cross_entropy([1, 2], 0), hinge([1, 2], [1, -1])):
        assert type(loss) is float


@pytest.mark.parametrize("far", [800.0, 1e300])
def test_cross_entropy_is_stable_far_out(far):
    data, grads = swept(cross_entropy, [0.0, far], 0)
    assert data == far
    assert grads == [-1.0, 1.0]
    assert swept(cross_entropy, [0.0, far], 1) == (0.0, [0.0, 0.0])


def test_cross_entropy_takes_numpys_labels_and_rows():
    assert cross_entropy(np.array([0.0, 0.0]), np.int64(1)) == math.log(2)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: mse([], []), ValueError, "mse is a mean over at least one sample"),
        (lambda: mse([1.0], [1.0, 2.0]), ValueError, "got 1 predictions, 2 targets"),
        (lambda: mse(Value(1.0), [1.0]), TypeError, "mse takes a list of predictions, got Value"),
        (lambda: mse([1.0], 1.0), TypeError, "mse takes a list of targets, got 1.0"),
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
        (lambda: cross_entropy([1.0, 2.0], 1.0), TypeError, "a whole number as its label, got 1.0"),
        (lambda: cross_entropy(Value(1.0), 0), TypeError, "a list of logits, got Value"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
