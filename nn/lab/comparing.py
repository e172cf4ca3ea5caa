"""Comparing: what scores on the same folds allow to say of two techniques, and ranks on sets of many."""

import math
from collections.abc import Sequence
from statistics import fmean, variance
from typing import NamedTuple

from engine.optional import load

LEVEL = 0.05
"""A difference counts where chance alone would make one as large less often than this."""
FEWEST_SETS = 5
"""Fewer sets than that have no Friedman test."""


class Difference(NamedTuple):
    """The mean difference of paired scores, first minus second, with its test: t, degrees of freedom, p.

    From `low` to `high` goes the 95 % confidence interval of the difference.

    >>> Difference(0.5, 2.0, 4, 0.1, -0.25, 1.25).low
    -0.25
    """

    mean: float
    t: float
    freedom: int
    p: float
    low: float
    high: float


def standard_error(scores: Sequence[float], ratio: float) -> float:
    """Return the standard error of the mean of scores on folds that share what they learn from.

    sqrt((1/J + ratio) s²), where s² is the variance of the J scores and `ratio` is how many points a fold
    tests on for each that it learns from (Nadeau & Bengio, Inference for the generalization error, 2003,
    section 3; for repeated folds Bouckaert & Frank, Evaluating the replicability of significance tests for
    comparing learning algorithms, 2004).

    Errors: ValueError for fewer than two scores.

    >>> standard_error([1.0, 3.0], ratio=0.5)
    1.4142135623730951
    """
    return math.sqrt((1 / len(scores) + ratio) * _variance(scores))


def difference(first: Sequence[float], second: Sequence[float], ratio: float) -> Difference:
    """Return the difference of scores on the same folds, with the corrected resampled t-test.

    t = mean / standard error, with J - 1 degrees of freedom, and p is that of both sides (sources as of
    `standard_error`). Where all J differences are the same, t is 0 for none, else infinite.

    Errors: ValueError for lists of different lengths or fewer than two scores.

    >>> found = difference([0.9, 0.8, 1.0], [0.5, 0.6, 0.7], ratio=0.5)
    >>> round(found.mean, 3), round(found.t, 2), found.freedom, round(found.p, 3)
    (0.3, 3.29, 2, 0.081)
    """
    apart = [x - y for x, y in zip(first, second, strict=True)]
    mean, error, freedom = fmean(apart), standard_error(apart, ratio), len(apart) - 1
    t = mean / error if error else math.copysign(math.inf, mean) if mean else 0.0
    student = load("scipy.stats", extra="lab").t
    reach = float(student.ppf(0.975, freedom)) * error
    return Difference(mean, t, freedom, float(2 * student.sf(abs(t), freedom)), mean - reach, mean + reach)


def spread(scores: Sequence[float]) -> float:
    """Return the standard deviation of scores (with J - 1), how far apart they lie.

    Errors: ValueError for fewer than two scores.

    >>> spread([1.0, 3.0])
    1.4142135623730951
    """
    return math.sqrt(_variance(scores))


def _variance(scores: Sequence[float]) -> float:
    if len(scores) < 2:
        raise ValueError(f"a spread takes two scores or more, got {len(scores)}")
    return 0.0 if min(scores) == max(scores) else variance(scores)


def adjusted(ps: Sequence[float]) -> list[float]:
    """Return the p of several tests so that all of them together err less often than each alone promises.

    The smallest of k is multiplied by k, the next one by k - 1, ..., none falls below the one before it, none
    is above 1 (Holm, A simple sequentially rejective multiple test procedure, 1979).

    >>> adjusted([0.04, 0.01, 0.5])
    [0.08, 0.03, 0.5]
    """
    found, least = [1.0] * len(ps), 0.0
    for behind, place in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        least = max(least, min(1.0, (len(ps) - behind) * ps[place]))
        found[place] = least
    return found


class Ranking(NamedTuple):
    """Mean ranks of k techniques on N sets (1 is the best; equal scores share), with Friedman's test.

    `chi2` is Friedman's statistic, `f` that of Iman and Davenport with its p; two mean ranks that are further
    apart than `critical` differ. The four are None where there are too few sets or techniques for the test.
    """

    ranks: list[float]
    sets: int
    chi2: float | None = None
    f: float | None = None
    p: float | None = None
    critical: float | None = None


def ranking(scores: Sequence[Sequence[float]]) -> Ranking:
    """Return the mean rank of each technique, given its scores: [set][technique], larger is better.

    The test and the critical difference of Nemenyi are those of Demsar, Statistical comparisons of
    classifiers over multiple data sets, 2006, section 3.2.2; from five sets and three techniques on.

    Errors: ValueError for no sets.

    >>> ranking([[0.9, 0.8], [0.7, 0.7]]).ranks
    [1.25, 1.75]
    """
    if not scores:
        raise ValueError("a ranking takes the scores on one set or more, got none")
    rows = [_ranks(row) for row in scores]
    n, k = len(rows), len(rows[0])
    means = [math.fsum(column) / n for column in zip(*rows, strict=True)]
    if n < FEWEST_SETS or k < 3:
        return Ranking(means, n)
    stats = load("scipy.stats", extra="lab")
    chi2 = 12 * n / (k * (k + 1)) * (math.fsum([r * r for r in means]) - k * (k + 1) ** 2 / 4)
    left = n * (k - 1) - chi2
    f = (n - 1) * chi2 / left if left > 0 else math.inf
    p = float(stats.f.sf(f, k - 1, (k - 1) * (n - 1)))
    q = float(stats.studentized_range.ppf(1 - LEVEL, k, math.inf)) / math.sqrt(2)
    return Ranking(means, n, chi2, f, p, q * math.sqrt(k * (k + 1) / (6 * n)))


def _ranks(scores: Sequence[float]) -> list[float]:
    """Return the rank of each score, from 1 for the largest; equal ones share the mean of their ranks."""
    return [
        1 + sum(other > score for other in scores) + (sum(other == score for other in scores) - 1) / 2
        for score in scores
    ]
