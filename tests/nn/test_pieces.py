"""Straight pieces: the lecture's numbers, the law of their error, least squares by scikit-learn, hats."""

import math
import random
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine import Value, exp, sin
from nn.deviation import deviations
from nn.hats import Hats, hat
from nn.losses import mse
from nn.pieces import Approximation, ReluSum, least_squares, pieces_for, relu_sum

ks = st.integers(1, 30)


def square(x):
    return x * x


@pytest.mark.parametrize("k", [1, 2, 4, 8, 64])
def test_x_squared_on_0_to_1(k):
    found = relu_sum(square, (0, 1), k)
    assert found.knots == tuple(j / k for j in range(k))
    assert found.weights == pytest.approx([1 / k] + [2 / k] * (k - 1), rel=1e-12)
    assert found.constant == 0
    assert found.error == pytest.approx(1 / (4 * k * k), rel=1e-12)
    centred = relu_sum(square, (0, 1), k, method="centred")
    assert centred.constant == pytest.approx(-1 / (8 * k * k), rel=1e-9)
    assert centred.error == pytest.approx(1 / (8 * k * k), rel=1e-9)


def test_outside_of_the_interval_it_fails():
    found = relu_sum(square, (0, 1), 4)
    assert (found(2).data, found(-1).data) == (2.75, 0)


def test_fewest_pieces_for_an_error():
    assert len(pieces_for(square, (0, 1), 0.001).knots) == 16
    assert relu_sum(square, (0, 1), 15).error > 0.001
    assert [len(pieces_for(square, (0, 1), 0.25 / k**2 * 1.001).knots) for k in range(1, 20)] == list(
        range(1, 20)
    )
    assert len(pieces_for(square, (0, 1), 0.001, method="centred").knots) == 12


@pytest.mark.parametrize("method", ["interpolated", "centred", "trained"])
@pytest.mark.parametrize(("f", "interval"), [(square, (0, 1)), (math.sin, (0, math.pi)), (math.exp, (0, 1))])
def test_the_error_falls_as_the_square_of_the_number_of_pieces(f, interval, method):
    counts = [4, 8, 16, 32]
    errors = [relu_sum(f, interval, k, method=method).error for k in counts]
    slope = np.polyfit(np.log(counts), np.log(errors), 1)[0]
    assert slope == pytest.approx(-2, abs=0.1)


@given(ks, st.floats(-3, 3), st.floats(0.5, 4), st.floats(0, 1))
def test_it_goes_through_the_function_at_the_knots_and_straight_between(k, left, width, share):
    right = left + width
    found = relu_sum(math.sin, (left, right), k)
    ends = np.array([*found.knots, right])
    x = left + share * width
    expected = np.interp(x, ends, np.sin(ends))
    assert found(x).data == pytest.approx(expected, abs=1e-12)
    assert found.at([x])[0] == found(x).data
    assert abs(found(x).data - math.sin(x)) <= found.error + 1e-12
    assert found.error <= (width / k) ** 2 / 8 + 1e-12  # max|f''| h² / 8


@settings(max_examples=25)
@given(ks, st.floats(-3, 3), st.floats(0.5, 4))
def test_the_largest_error_is_that_of_a_fine_grid(k, left, width):
    for method in ("interpolated", "centred", "trained"):
        found = relu_sum(math.sin, (left, left + width), k, method=method)
        ends = np.array(found.ends)
        grid = np.union1d(np.linspace(left, left + width, 10_000), ends)
        gaps = np.interp(grid, ends, found.at(ends)) - np.sin(grid)
        assert found.error >= np.abs(gaps).max() - 1e-12
        assert found.error == pytest.approx(np.abs(gaps).max(), rel=1e-3, abs=1e-12)


def test_an_interval_left_of_0_needs_its_constant():
    found = relu_sum(square, (-1, 1), 2)
    assert (found.constant, found.knots, found.weights) == (1, (-1, 0), (-1, 2))
    assert found.error == 0.25


def test_the_absolute_value_of_two_relus_is_exact():
    found = relu_sum(abs, (-1, 1), 2)
    assert found.error == 0
    assert [found(x).data for x in (-1, -0.25, 0.75)] == [1, 0.25, 0.75]


@pytest.mark.parametrize("k", [1, 3, 8])
def test_trained_is_the_best_of_all_in_the_mean_square(k):
    interval = (-2.0, 2.0)
    xs = np.linspace(*interval, 50 * k + 1)
    losses = {
        method: np.mean((np.array(relu_sum(math.exp, interval, k, method=method).at(xs)) - np.exp(xs)) ** 2)
        for method in ("interpolated", "centred", "trained")
    }
    assert losses["trained"] < min(losses["centred"], losses["interpolated"])


@settings(max_examples=40)
@given(st.integers(1, 6), st.integers(0, 99), st.sampled_from([0.0, 0.001, 0.3]))
def test_least_squares_is_scikit_learns(k, seed, l2):
    linear = pytest.importorskip("sklearn.linear_model")
    rng = random.Random(seed)
    xs, ys = np.linspace(0, 1, 20), np.array([rng.uniform(-1, 1) for _ in range(20)])
    knots = [j / k for j in range(k)]
    columns = np.maximum(0, xs[:, None] - np.array(knots))
    theirs = linear.Ridge(alpha=20 * l2, solver="svd") if l2 else linear.LinearRegression()
    theirs.fit(columns, ys)
    ours = least_squares(xs, ys, knots, l2=l2)
    assert ours.weights == pytest.approx(theirs.coef_, rel=1e-8, abs=1e-8)
    assert ours.constant == pytest.approx(theirs.intercept_, rel=1e-8, abs=1e-8)


def test_gradient_descent_goes_from_the_interpolation_towards_least_squares():
    xs = [j / 20 for j in range(21)]
    model = relu_sum(square, (0, 1), 2)
    ys = [x * x for x in xs]
    best = mse(least_squares(xs, ys, model.knots).at(xs), ys)
    losses = []
    for _ in range(40):
        loss = mse([model(x) for x in xs], ys)
        losses.append(loss.data)
        model.zero_grad()
        loss.backward()
        for parameter in (*model.v, model.c):
            parameter.data -= 0.2 * parameter.grad
    assert losses == sorted(losses, reverse=True)
    assert best <= losses[-1] < losses[0] / 2


def test_all_of_it_are_parameters_and_the_graph_has_their_slopes():
    found = relu_sum(square, (0, 1), 2)
    assert found.state() == {"t[0]": 0, "t[1]": 0.5, "v[0]": 0.5, "v[1]": 1, "c": 0}
    x = Value(0.75)
    y = found(x)
    y.backward()
    assert x.grad == 1.5  # the slope of the second piece
    assert [v.grad for v in found.v] == [0.75, 0.25]
    assert [t.grad for t in found.t] == [-0.5, -1]
    assert found.c.grad == 1
    assert found([0.75]).data == y.data  # a row of one, as a point of a data set


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=1, max_size=6), st.floats(-3, 3))
def test_the_sum_is_what_it_says(bends, x):
    found = ReluSum([t for t, _ in bends], [v for _, v in bends], 0.25)
    expected = 0.25 + math.fsum(v * max(0.0, x - t) for t, v in bends)
    assert found(x).data == pytest.approx(expected, abs=1e-13)


def test_ops_of_the_engine_are_functions_too():
    assert relu_sum(exp, (0, 1), 3).weights == relu_sum(math.exp, (0, 1), 3).weights
    assert relu_sum(sin, (0, 1), 3).error == relu_sum(math.sin, (0, 1), 3).error


def test_a_planted_fault_in_a_weight_is_seen_in_the_error():
    found = relu_sum(square, (0, 1), 4)
    found.v[2].data += 1e-6  # at x the sum rises by (x - 0.5) 1e-6, the worst place now being 0.875
    assert found.error == pytest.approx(1 / 64 + 0.375e-6, abs=1e-12)
    assert found.worst.x == pytest.approx(0.875, abs=1e-5)


def test_deviations_finds_a_peak_between_its_grid_points():
    peak = 0.3 + 1e-3

    def tent(x):
        return -abs(x - peak)

    low, high = deviations(tent, [0.0, 1.0], [-peak, peak - 1])
    assert high.x in (0.0, 1.0) and high.gap == pytest.approx(0, abs=1e-15)
    assert low.x == pytest.approx(peak, abs=1e-8)
    assert low.gap == pytest.approx(-peak + (2 * peak - 1) * peak, abs=1e-8)


# depth against width
@pytest.mark.parametrize("m", range(1, 11))
def test_hats_are_x_squared_at_all_ends_of_their_pieces_exactly(m):
    deep = Hats(m)
    n = deep.pieces
    assert n == 2**m and deep.neurons == 2 * m
    assert all(deep(j / n) == (j / n) ** 2 for j in range(n + 1))
    middles = [Fraction(2 * j + 1, 2 * n) for j in range(n)]
    assert {Fraction(deep(float(x))) - x * x for x in middles} == {Fraction(1, 4 ** (m + 1))}
    assert deep.error == pytest.approx(2.0 ** (-2 * m - 2), rel=1e-7)


def test_ten_hats_do_the_work_of_1024_pieces():
    deep, wide = Hats(10), relu_sum(square, (0, 1), 1024)
    assert deep.error == pytest.approx(wide.error, rel=1e-7)
    assert deep.error == pytest.approx(2.4e-7, rel=0.01)
    assert (deep.neurons, len(wide.knots)) == (20, 1024)
    assert deep.parameters() == []


def test_hats_record_a_graph():
    x = Value(0.3)
    y = Hats(3)(x)
    y.backward()
    assert y.data == Hats(3)(0.3)
    assert x.grad == pytest.approx((Hats(3)(0.301) - Hats(3)(0.299)) / 0.002)
    assert [hat(x) for x in (0.0, 0.5, 1.0)] == [0, 1, 0]


def test_it_says_its_numbers():
    text = repr(relu_sum(square, (0, 1), 4))
    assert text.splitlines() == [
        "Approximation(4): c + Σ vⱼ relu(x − tⱼ)",
        "knots t     0, 0.25, 0.5, 0.75",
        "weights v   0.25, 0.5, 0.5, 0.5",
        "constant c  0",
        "largest error 0.01562, at x = 0.125 in [0, 1]",
    ]
    assert repr(ReluSum([0], [-1], 0.5)).endswith("knots t     0\nweights v   −1\nconstant c  0.5")
    assert (
        repr(relu_sum(square, (0, 9), 9)).splitlines()[1]
        == "knots t     0, 1, 2, 3, 4, 5, 6, 7, ... (1 more)"
    )


def test_where_the_function_fails_between_the_knots_the_error_is_unknown():
    found = relu_sum(lambda x: 1 / x, (-2, 2), 1)
    assert (
        repr(found)
        .splitlines()[-1]
        .startswith("largest error unknown, the function fails at x = 0 (ZeroDivisionError: ")
    )
    with pytest.raises(ValueError, match="fails at x = 0"):
        _ = found.error


REFUSALS = [
    (
        lambda: relu_sum(lambda x: 1 / x, (0, 1), 2),
        ValueError,
        r"fails at x = 0 \(ZeroDivisionError: .*: give",
    ),
    (lambda: relu_sum(math.log, (-1, 1), 2), ValueError, r"fails at x = -1 \(ValueError: "),
    (lambda: relu_sum(3, (0, 1), 2), TypeError, "relu_sum takes a function of one number, got 3"),
    (lambda: relu_sum(square, (0, 1), 0), ValueError, "k is at least 1, got 0"),
    (lambda: relu_sum(square, (1, 0), 2), ValueError, r"runs from left to right, got \(1, 0\)"),
    (lambda: relu_sum(square, (0, 1, 2), 2), ValueError, "an interval has two ends"),
    (lambda: relu_sum(square, 1, 2), TypeError, "interval.* a list"),
    (lambda: relu_sum(square, (0, math.inf), 2), ValueError, "the right end must be finite, got inf"),
    (lambda: relu_sum(square, (0, 1), 2, method="centered"), ValueError, "did you mean 'centred'"),
    (
        lambda: relu_sum(lambda x: math.nan, (0, 1), 2),
        ValueError,
        "function at x = 0 must be finite, got nan",
    ),
    (lambda: relu_sum(lambda x: "a", (0, 1), 2), TypeError, "function at x = 0 takes a number, got 'a'"),
    (lambda: relu_sum(square, (0, 1), 2)([1, 2]), ValueError, r"Approximation\(2\) takes one number, got 2"),
    (lambda: relu_sum(square, (0, 1), 2)(math.nan), ValueError, "is nan"),
    (lambda: pieces_for(square, (0, 1), 0), ValueError, "error must be positive"),
    (lambda: pieces_for(lambda x: float(x > 0.3), (0, 1), 1e-3), ValueError, "1,024 pieces have an error of"),
    (lambda: ReluSum([], []), ValueError, "got 0 knots, 0 weights"),
    (lambda: ReluSum([0], [1, 2]), ValueError, "got 1 knots, 2 weights"),
    (lambda: ReluSum([math.nan], [1]), ValueError, "knot 0 must be finite, got nan"),
    (lambda: least_squares([0, 1], [0], [0]), ValueError, "got 2 xs, 1 ys"),
    (lambda: least_squares([], [], [0]), ValueError, "got 0 xs, 0 ys"),
    (lambda: least_squares([0, 1], [0, math.nan], [0]), ValueError, "y of point 1 must be finite"),
    (lambda: least_squares([0, 1], [0, 1], [0, 0.5]), ValueError, "2 points do not settle 2 weights"),
    (lambda: least_squares([0, 1], [0, 1], [0], l2=-1), ValueError, "l2 must be 0 or more"),
    (lambda: Hats(0), ValueError, "m is at least 1, got 0"),
    (lambda: Hats(2)([1, 2]), ValueError, r"Hats\(2\) takes one number, got 2"),
]


@pytest.mark.parametrize(("act", "error", "message"), REFUSALS)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_with_l2_few_points_are_enough():
    assert isinstance(least_squares([0, 1], [0, 1], [0, 0.5], l2=0.01).against(square, (0, 1)), Approximation)
