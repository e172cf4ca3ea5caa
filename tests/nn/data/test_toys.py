"""Toys: gates by hand, points that lie on their curves, noise of the size that was asked for."""

import hashlib
import math

import numpy as np
import pytest

from nn.data import and_gate, blobs, circles, moons, or_gate, sine, spirals, square, xor_gate


@pytest.mark.parametrize(
    ("gate", "rule"),
    [(and_gate, lambda a, b: a & b), (or_gate, lambda a, b: a | b), (xor_gate, lambda a, b: a ^ b)],
)
def test_gates_are_their_truth_tables(gate, rule):
    rows = [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert list(gate()) == [((float(a), float(b)), rule(a, b)) for a, b in rows]
    assert gate().names == ("0", "1") and gate().name == gate.__name__


def test_moons_lie_on_two_half_circles():
    data = moons(200, noise=0.0)
    for (x, y), label in data:
        assert math.hypot(x - label, y - label / 2) == pytest.approx(1.0)
        assert (y >= 0) if label == 0 else (y <= 0.5)
    assert data.targets.count(0) == data.targets.count(1) == 100


def test_moons_are_the_same_bits_as_ever():
    """The benchmarks and the notebooks quote figures of these points."""
    assert hashlib.sha256(repr(moons(100, 0.1, 1337).points).encode()).hexdigest()[:16] == "d8456323bf0d88f5"


def test_noise_is_what_was_asked_for():
    off = [math.hypot(x - label, y - label / 2) - 1 for (x, y), label in moons(4000, noise=0.1)]
    assert np.std(off) == pytest.approx(0.1, rel=0.1)
    assert np.std([y - x * x for (x,), y in square(4000, noise=0.2)]) == pytest.approx(0.2, rel=0.1)
    data = blobs(4000, centres=[(0.0, 0.0), (9.0, 9.0)], noise=2.0)
    assert np.std([x - 9 * label for (x, _), label in data]) == pytest.approx(2.0, rel=0.1)


def test_circles_are_two_rings():
    for point, label in circles(100, noise=0.0, factor=0.3):
        assert math.hypot(*point) == pytest.approx(0.3 if label else 1.0)


def test_spirals_wind_from_the_middle_out():
    for (x, y), label in spirals(300, turns=1.5, noise=0.0, classes=3):
        way = (math.hypot(x, y) - 0.1) / 0.9
        assert 0 <= way <= 1
        angle = 2 * math.pi * (1.5 * way + label / 3)
        assert math.cos(angle - math.atan2(y, x)) == pytest.approx(1)


def test_blobs_have_the_centres_that_were_given_or_drawn():
    assert blobs(3, centres=np.eye(3), noise=0.0).points == tuple(map(tuple, np.eye(3)))
    assert all(-10 <= x <= 10 for point in blobs(50, centres=np.int64(7), noise=0.0).points for x in point)
    assert len(blobs(50, centres=7).names) == 7


@pytest.mark.parametrize(("curve", "function"), [(square, lambda x: x * x), (sine, math.sin)])
def test_curves_are_their_functions(curve, function):
    data = curve(101, noise=0.0, interval=(-2.0, 3.0))
    assert (data.points[0], data.points[-1]) == ((-2.0,), (3.0,))
    assert data.targets == tuple(function(x) for (x,) in data.points)
    assert not data.is_classification


@pytest.mark.parametrize("toy", [moons, circles, spirals, blobs, square, sine])
def test_the_seed_draws_the_same_bits(toy):
    assert toy(seed=1) == toy(seed=1) != toy(seed=2)
    assert toy().description and toy().source


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: moons(1), "moons needs at least a point for each of the 2 classes, got n=1"),
        (lambda: moons(4, noise=-1.0), r"0 or more, got -1\.0"),
        (lambda: moons(4, noise=math.nan), "0 or more, got nan"),
        (lambda: circles(factor=1.0), r"between 0 and 1, got 1\.0"),
        (lambda: spirals(classes=1), "at least two classes, got 1"),
        (lambda: spirals(turns=0), "how often a spiral winds, above 0, got 0"),
        (lambda: spirals(2, classes=3), "each of the 3 classes, got n=2"),
        (lambda: blobs(centres=0), "at least two centres, got 0"),
        (lambda: blobs(centres=1), "at least two centres, got 1"),
        (lambda: blobs(centres=[(0.0, 0.0), (1.0,)]), "row 1 has 1 numbers, the first row has 2"),
        (lambda: square(1), "square needs at least two points, got n=1"),
        (lambda: square(noise=math.inf), "0 or more, got inf"),
        (lambda: sine(interval=(1.0, 1.0)), r"runs from left to right, got \(1\.0, 1\.0\)"),
    ],
)
def test_refuses(act, message):
    with pytest.raises(ValueError, match=message):
        act()
