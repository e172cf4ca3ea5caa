"""The exercises of notebook 16: the lab."""

import math
from collections import Counter
from collections.abc import Sequence
from statistics import fmean, pstdev, stdev
from typing import Any

from nn.course.exercise import Judge, NotRight, tried, value
from nn.data.known import breast_cancer
from nn.lab.comparing import LEVEL, difference

RIGHT, TESTED = 0.965, 114
"""The share of right answers, and of how many, whose standard error is asked for."""
PAIRS = (
    ((97, 98, 96, 99, 97), (90, 93, 91, 94, 91)),
    ((97, 93, 99, 92, 96), (96, 95, 94, 97, 94)),
    ((90, 95, 88, 97, 92), (93, 97, 91, 99, 95)),
)
"""Three pairs A and B of scores in percent, on the same five folds."""
LEFT_OUT = 0.25
"""Of five folds: the points that one holds for each in the other four."""
YES, NO, OPEN = "yes", "no", "cannot say"
KNOWN, NEW = (1.0, 3.0, 4.0, 8.0), (6.0, -2.0, 11.0)
"""One column of rows to learn from, and of rows to test on, for exercise 16.4."""


def _most(kind: int = 0) -> float:
    """Return the share of the most frequent class, or of the next one."""
    counts = Counter(breast_cancer().targets).most_common()
    return counts[kind][1] / sum(count for _, count in counts)


def _error(share: float = RIGHT, count: int = TESTED) -> float:
    return math.sqrt(share * (1 - share) / count)


def _verdict(first: Sequence[float], second: Sequence[float]) -> str:
    """Return whether the first of two techniques is better."""
    found = difference(first, second, LEFT_OUT)
    if found.p >= LEVEL:
        return OPEN
    return YES if found.mean > 0 else NO


def _verdicts(answer: Any) -> str:
    """Judge the three answers on the pairs."""
    words = (YES, NO, OPEN)
    if not isinstance(answer, (list, tuple)) or len(answer) != len(PAIRS):
        return f"{len(PAIRS)} answers in a row are asked for, such as {list(words)}"
    for number, (given, (first, second)) in enumerate(zip(answer, PAIRS, strict=True), 1):
        said = str(given).strip().casefold()
        if said not in words:
            return f"pair {number}: the answer is one of {', '.join(map(repr, words))}, got {given!r:.40}"
        hint = _hint(said, first, second)
        if hint:
            return f"pair {number}: {hint}"
    return ""


def _hint(said: str, first: Sequence[float], second: Sequence[float]) -> str:
    truth = _verdict(first, second)
    if said == truth:
        return ""
    if truth == OPEN:
        apart = abs(fmean(first) - fmean(second))
        return f"the means are {apart:.1f} points apart; and how far apart are the five differences?"
    if said == OPEN:
        return "both were tested on the same folds: take the difference on each of the five, and its sign"
    return "the question is whether A is better: in which direction do the lines go?"


def _prepared(answer: Any) -> str:
    """Judge a function that scales new rows by what is known."""
    found, alone = (_scaled(answer, new) for new in (NEW, NEW[:1]))
    if not _same(alone, found[:1]):
        return (
            f"the new row [{NEW[0]:g}] becomes {found[0]:.3f} beside two others and {alone[0]:.3f} alone: "
            "what is made of it still depends on the rows that it is tested with"
        )
    if _same(found, NEW):
        return "it does not scale at all: the mean of the known rows becomes 0, their deviation 1"
    if any(_same(found, [(x - fmean(KNOWN)) / s for x in NEW]) for s in (pstdev(KNOWN), stdev(KNOWN))):
        return ""
    return "the new rows are scaled, but not by the mean and the standard deviation of the known ones"


def _scaled(answer: Any, new: Sequence[float]) -> list[float]:
    """Return what the function that was handed in makes of new rows of one column: finite numbers."""
    rows = tried(answer, [[x] for x in KNOWN], [[x] for x in new])
    try:
        column = [float(x) for [x] in rows]
    except (TypeError, ValueError, OverflowError):
        column = [math.nan]
    if not all(map(math.isfinite, column)):
        raise NotRight(
            f"your function is to return the new rows, scaled, such as [[0.5], [1.2]], it gave {rows!r:.60}"
        )
    if len(column) != len(new):
        raise NotRight(
            f"of {len(KNOWN)} known rows and {len(new)} new it makes {len(column)}; the new are asked for"
        )
    return column


def _same(some: Sequence[float], others: Sequence[float]) -> bool:
    return all(math.isclose(x, y, rel_tol=1e-6, abs_tol=1e-9) for x, y in zip(some, others, strict=True))


EXERCISES: dict[str, Judge] = {
    "16.1": value(
        _most,
        {
            "tossing a coin; guessing here means: always the most frequent class": lambda: 0.5,
            "that is the share of the rarer class": lambda: _most(1),
            "a share is asked for, between 0 and 1, not a percentage": lambda: 100 * _most(),
            "that is how many there are; a share of all is asked for": lambda: _most() * len(breast_cancer()),
        },
        otherwise="count the classes: which share has the most frequent one?",
    ),
    "16.2": value(
        _error,
        {
            "and the square root?": lambda: _error() ** 2,
            "that is the deviation of a single answer, right or wrong; of the mean of 114 it is less": (
                lambda: _error(count=1)
            ),
            "a share is asked for, between 0 and 1, not a percentage": lambda: 100 * _error(),
            "two standard errors; one is asked for": lambda: 2 * _error(),
            "that is for a share of one half; p is 0.965": lambda: _error(share=0.5),
            "p(1 − p) stands under the root, both factors": lambda: math.sqrt(RIGHT / TESTED),
        },
        digits=2,
        otherwise="the formula of the cell above, with p = 0.965 and n = 114",
    ),
    "16.3": _verdicts,
    "16.4": _prepared,
}
