"""Over-fitting: the table of the lecture's nine points, against numpy's own sums."""

import math

import numpy as np
import pytest

from nn.overfitting import capacity_curve, nine_points

# k, error on the points, error against x², largest weight
TABLE = {
    1: (0.0229, 0.0066, 1.0),
    2: (0.0122, 0.00089, 1.25),
    4: (0.0111, 0.00036, 0.75),
    8: (0, 0.0033, 3.45),
}


def test_the_nine_points():
    xs, ys = nine_points()
    assert xs == [j / 8 for j in range(9)]
    assert [y - x * x for x, y in zip(xs, ys, strict=True)] == pytest.approx([0.1, -0.1] * 4 + [0.1])


@pytest.mark.parametrize("k", TABLE)
def test_the_table_of_the_course(k):
    (row,) = capacity_curve([k])
    training, true, weight = TABLE[k]
    assert row.k == k
    assert row.training_error == pytest.approx(training, abs=6e-5)
    assert row.true_error == pytest.approx(true, abs=6e-5 if k in (1, 8) else 6e-6)
    assert row.largest_weight == pytest.approx(weight, abs=0.005)


def test_training_error_0_is_the_worst_but_one_and_the_true_error_has_its_least_between():
    rows = capacity_curve()
    training = [row.training_error for row in rows]
    assert training == sorted(training, reverse=True)
    assert training[-1] < 1e-28
    best = min(rows, key=lambda row: row.true_error)
    assert best.k == 4


def test_l2_helps_eight_pieces():
    (row,) = capacity_curve([8], l2=0.001)
    assert row.training_error == pytest.approx(0.0074, abs=5e-5)
    assert row.true_error == pytest.approx(0.00026, abs=5e-6)
    assert row.largest_weight == pytest.approx(0.70, abs=0.01)


def test_a_capacity_has_its_row():
    (row,) = capacity_curve([2])
    assert row.row == (2, row.training_error, row.true_error)


def test_without_noise_more_pieces_are_better():
    errors = [row.true_error for row in capacity_curve(noise=0)]
    assert errors == sorted(errors, reverse=True)


@pytest.mark.parametrize("k", [1, 2, 3, 8])
def test_the_errors_are_numpys(k):
    xs, ys = map(np.array, nine_points())
    knots = np.arange(k) / k

    def columns(x):
        return np.column_stack([np.maximum(0, x[:, None] - knots), np.ones(len(x))])

    weights = np.linalg.lstsq(columns(xs), ys, rcond=None)[0]
    (row,) = capacity_curve([k])
    assert row.training_error == pytest.approx(np.mean((columns(xs) @ weights - ys) ** 2), abs=1e-15)
    grid = (np.arange(200_000) + 0.5) / 200_000
    assert row.true_error == pytest.approx(np.mean((columns(grid) @ weights - grid**2) ** 2), rel=1e-8)


REFUSALS = [
    (lambda: capacity_curve([0]), ValueError, "k is at least 1, got 0"),
    (lambda: capacity_curve([9]), ValueError, "9 points do not settle 9 weights and the constant"),
    (lambda: capacity_curve(l2=-1), ValueError, "l2 must be 0 or more"),
    (lambda: capacity_curve(noise=math.nan), ValueError, "noise must be 0 or more"),
]


@pytest.mark.parametrize(("act", "error", "message"), REFUSALS)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
