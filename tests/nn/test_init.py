"""Initialisers: their bounds, means and variances, and what they do to a signal on its way through layers."""

import math
import random
import statistics

import numpy as np
import pytest

from nn import INITIALISERS

DRAWS = 20_000
FANS = [(1, 1), (3, 50), (200, 10)]

VARIANCE = {
    "uniform": lambda n, m: 1 / 3,
    "xavier": lambda n, m: 2 / (n + m),
    "xavier_uniform": lambda n, m: 2 / (n + m),
    "xavier_normal": lambda n, m: 2 / (n + m),
    "he": lambda n, m: 2 / n,
    "he_uniform": lambda n, m: 2 / n,
    "he_normal": lambda n, m: 2 / n,
    "zeros": lambda n, m: 0.0,
}
EVEN = ["uniform", "xavier", "xavier_uniform", "he_uniform"]
NORMAL = ["xavier_normal", "he", "he_normal"]


def draws(name, fan_in, fan_out, seed=0):
    rng = random.Random(seed)
    return [INITIALISERS[name](rng, fan_in, fan_out) for _ in range(DRAWS)]


def test_every_initialiser_is_tested():
    assert set(VARIANCE) == set(INITIALISERS) == {*EVEN, *NORMAL, "zeros"}


@pytest.mark.parametrize(("fan_in", "fan_out"), FANS)
@pytest.mark.parametrize("name", INITIALISERS)
def test_mean_and_variance(name, fan_in, fan_out):
    drawn, variance = draws(name, fan_in, fan_out), VARIANCE[name](fan_in, fan_out)
    assert statistics.fmean(drawn) == pytest.approx(0.0, abs=4 * math.sqrt(variance / DRAWS))
    assert statistics.pvariance(drawn) == pytest.approx(variance, rel=6 / math.sqrt(DRAWS))


@pytest.mark.parametrize(("fan_in", "fan_out"), FANS)
@pytest.mark.parametrize("name", EVEN)
def test_even_ones_fill_their_interval(name, fan_in, fan_out):
    drawn, bound = draws(name, fan_in, fan_out), math.sqrt(3 * VARIANCE[name](fan_in, fan_out))
    assert -bound <= min(drawn) < -0.999 * bound
    assert 0.999 * bound < max(drawn) <= bound


@pytest.mark.parametrize("name", NORMAL)
def test_normal_ones_have_the_shares_of_a_bell(name):
    deviation = math.sqrt(VARIANCE[name](3, 50))
    for width in (1, 2, 3):
        inside = sum(abs(x) <= width * deviation for x in draws(name, 3, 50)) / DRAWS
        assert inside == pytest.approx(math.erf(width / math.sqrt(2)), abs=0.015)


def test_the_default_draws_as_micrograd_does():
    ours, theirs = random.Random(7), random.Random(7)
    assert [INITIALISERS["uniform"](ours, 5, 5) for _ in range(9)] == [
        theirs.uniform(-1, 1) for _ in range(9)
    ]


@pytest.mark.parametrize("name", INITIALISERS)
def test_same_seed_same_bits_and_the_random_module_is_left_alone(name):
    before = random.getstate()
    assert draws(name, 4, 4, seed=3) == draws(name, 4, 4, seed=3)
    assert random.getstate() == before
    assert all(type(x) is float for x in draws(name, 4, 4)[:10])


def through_relus(name, width=150, depth=12):
    """Return the mean square of the sums in the last of `depth` layers; that of the input is 1."""
    rng = random.Random(1)
    signal = np.array([rng.choice([-1.0, 1.0]) for _ in range(width)])
    for _ in range(depth):
        weights = [[INITIALISERS[name](rng, width, width) for _ in range(width)] for _ in range(width)]
        sums = np.array(weights) @ signal
        signal = np.maximum(sums, 0.0)
    return float(np.mean(sums**2))


def test_hes_weights_keep_the_size_of_a_signal_through_relus_and_xaviers_halve_it_each_layer():
    assert 0.3 < through_relus("he_normal") / 2 < 3.0
    assert 0.3 < through_relus("he_uniform") / 2 < 3.0
    assert 0.3 < through_relus("xavier_normal") * 2**11 < 3.0
    assert through_relus("uniform") > 1e12
