"""What scores allow to say, held against scipy and published tables; rates of false alarms."""

import math
import random
from statistics import fmean

import pytest
from hypothesis import given, settings, strategies as st

from nn.lab.comparing import adjusted, difference, ranking, spread, standard_error
from tests.parts import needed

stats = needed("scipy.stats", "lab")

PAIRS = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=3, max_size=20).filter(
    lambda pairs: spread([x - y for x, y in pairs]) > 1e-6
)


def like_scipys(found, pairs):
    """Compare a difference with the paired t-test and its interval."""
    theirs = stats.ttest_rel(*zip(*pairs, strict=True))
    interval = theirs.confidence_interval(0.95)
    expected = (theirs.statistic, theirs.df, theirs.pvalue, interval.low, interval.high)
    return found[1:] == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(PAIRS)
@settings(max_examples=50)
def test_without_a_correction_it_is_the_paired_t_test(pairs):
    first, second = zip(*pairs, strict=True)
    assert like_scipys(difference(first, second, ratio=0.0), pairs)
    # a fault, that scores are not paired in order, is seen; so is the correction
    assert not like_scipys(difference(first, second, ratio=0.25), pairs) or first == second


@given(PAIRS, st.floats(0, 1))
def test_the_correction_makes_the_error_larger_by_a_known_factor(pairs, ratio):
    apart = [x - y for x, y in pairs]
    plain, corrected = standard_error(apart, 0.0), standard_error(apart, ratio)
    assert corrected == pytest.approx(plain * math.sqrt(1 + len(apart) * ratio))


@given(PAIRS)
def test_turned_around_it_says_the_opposite(pairs):
    first, second = zip(*pairs, strict=True)
    ours, theirs = difference(first, second, 0.25), difference(second, first, 0.25)
    assert (theirs.mean, theirs.t, theirs.p) == (-ours.mean, -ours.t, ours.p)
    assert (theirs.low, theirs.high) == pytest.approx((-ours.high, -ours.low))


def test_by_hand():
    found = difference([0.9, 0.8, 1.0], [0.5, 0.6, 0.7], ratio=0.5)
    assert found.mean == pytest.approx(0.3) and found.freedom == 2
    assert found.t == pytest.approx(0.3 / math.sqrt((1 / 3 + 1 / 2) * 0.01))


def test_the_same_in_every_fold_is_no_difference_and_a_constant_one_is_certain():
    assert difference([0.5, 0.75], [0.5, 0.75], 0.25)[:4] == (0.0, 0.0, 1, 1.0)
    assert difference([0.75, 1.0], [0.5, 0.75], 0.25)[:4] == (0.25, math.inf, 1, 0.0)
    assert difference([0.5, 0.5], [1.0, 1.0], 0.25).t == -math.inf


@pytest.mark.slow
def test_chance_is_taken_for_a_difference_as_rarely_as_promised():
    """Of two techniques alike, on 3 × 5 folds whose scores hang together as their data do."""
    rng, alarms, plain = random.Random(0), 0, 0
    for _ in range(2000):
        shared = rng.gauss(0, math.sqrt(0.2))  # the correlation 1/5 that ratio 1/4 stands for
        apart = [shared + rng.gauss(0, math.sqrt(0.8)) for _ in range(15)]
        alarms += difference(apart, [0.0] * 15, 0.25).p < 0.05
        plain += difference(apart, [0.0] * 15, 0.0).p < 0.05
    assert 0.03 < alarms / 2000 < 0.07
    assert plain / 2000 > 0.2  # what the correction is for


def holm_is_closed(ps, found):
    """Compare with closed testing: of all sets of tests with a test in them, the largest Bonferroni p."""
    for i, given_ in enumerate(found):
        sets = [
            [j for j in range(len(ps)) if chosen >> j & 1]
            for chosen in range(2 ** len(ps))
            if chosen >> i & 1
        ]
        largest = max(len(places) * min(ps[j] for j in places) for places in sets)
        if given_ != pytest.approx(min(1.0, largest)):
            return False
    return True


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_holm_is_the_closed_test_of_bonferroni(ps):
    """Marcus, Peritz and Gabriel 1976: the adjusted p is the largest of the tests that contain it."""
    assert holm_is_closed(ps, adjusted(ps))


def test_a_wrong_holm_is_caught():
    assert not holm_is_closed([0.01, 0.02, 0.3], [0.03, 0.06, 0.9])  # Bonferroni's
    assert not holm_is_closed([0.02, 0.021], [0.04, 0.021])  # without the running maximum


def test_no_tests_need_no_adjusting():
    assert adjusted([]) == []


@given(st.lists(st.permutations(range(4)), min_size=5, max_size=12))
@settings(max_examples=30)
def test_friedman_is_scipys_where_no_two_are_equal(rows):
    found = ranking(rows)
    theirs = stats.friedmanchisquare(*zip(*rows, strict=True))
    assert found.chi2 == pytest.approx(theirs.statistic, abs=1e-9)
    assert fmean(found.ranks) == pytest.approx(2.5)


def test_demsars_own_example():
    """Table 6 of Demsar 2006: four techniques on 14 sets."""
    table = [
        (0.763, 0.768, 0.771, 0.798), (0.599, 0.591, 0.590, 0.569), (0.954, 0.971, 0.968, 0.967),
        (0.628, 0.661, 0.654, 0.657), (0.882, 0.888, 0.886, 0.898), (0.936, 0.931, 0.916, 0.931),
        (0.661, 0.668, 0.609, 0.685), (0.583, 0.583, 0.563, 0.625), (0.775, 0.838, 0.866, 0.875),
        (1.000, 1.000, 1.000, 1.000), (0.940, 0.962, 0.965, 0.962), (0.619, 0.666, 0.614, 0.669),
        (0.972, 0.981, 0.9751, 0.975), (0.957, 0.978, 0.946, 0.970),
    ]  # fmt: skip
    found = ranking(table)
    assert found.ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=1e-3)
    assert (found.chi2, found.f) == pytest.approx((9.28, 3.69), abs=0.01)
    assert found.critical == pytest.approx(2.569 * math.sqrt(4 * 5 / (6 * 14)), abs=1e-3)


def test_few_sets_are_ranked_without_a_test():
    found = ranking([[0.9, 0.8, 0.7]] * 4)
    assert found.ranks == [1, 2, 3] and found.p is None and found.critical is None
    assert ranking([[0.9, 0.8, 0.7]] * 5).f == math.inf
    assert ranking([[0.9, 0.8]] * 9).p is None


def test_refusals():
    with pytest.raises(ValueError, match="a spread takes two scores or more, got 1"):
        difference([0.5], [0.25], 0.25)
    with pytest.raises(ValueError, match="shorter"):
        difference([0.5, 0.5], [0.25], 0.25)
    with pytest.raises(ValueError, match="scores on one set or more, got none"):
        ranking([])
