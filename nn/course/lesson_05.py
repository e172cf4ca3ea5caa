"""The exercises of notebook 05: softmax, losses, gradients by hand."""

import math
from typing import Any

from engine import exp, grad, log, logsumexp, softmax
from nn.combination import figures
from nn.course.exercise import Judge, tried, value
from nn.losses import cross_entropy, mse

SCORES, TRUTH = (1.0, 0.0, -1.0), 1
"""The scores of exercise 05.2, and the place of the true class."""
PREDICTIONS, TRUTHS = (4.0, 1.0, 0.0, 2.0), (3.0, 1.0, 2.0, 2.0)
"""Those of exercise 05.3."""
TRIALS = ((2.0, 1.0), (0.0, 0.0), (0.0, 800.0), (800.0, 0.0))
"""The scores on which a log-softmax is tried."""


def _pushes(truth: int) -> list[float]:
    """Return the gradient of the cross entropy if that class is the true one."""
    slopes: list[float] = grad(lambda z: cross_entropy(z, truth))(list(SCORES))
    return slopes


def _slopes(factor: float = 1.0) -> list[float]:
    """Return the gradient of the MSE, times a factor."""
    slopes: list[float] = grad(lambda y: mse(y, TRUTHS))(list(PREDICTIONS))
    return [factor * slope for slope in slopes]


def _lead(share: float) -> float:
    """Return by how much a score is ahead of another that has so large a share: ln of the ratio."""
    lead: float = log(share) - log(1 - share)
    return lead


def _log_softmax(answer: Any) -> str:
    """Judge a function of two scores that gives the logarithms of their shares."""
    for z in TRIALS:
        right = [s - logsumexp(z) for s in z]
        got = tried(answer, list(z))
        if not isinstance(got, (list, tuple)) or len(got) != len(z):
            return f"for two scores it is to return a list of two numbers, got {got!r:.60}"
        try:
            numbers = [float(x) for x in got]
        except (TypeError, ValueError):
            return f"for two scores it is to return a list of two numbers, got {got!r:.60}"
        if all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(numbers, right, strict=True)):
            continue
        if all(math.isclose(a, exp(b)) for a, b in zip(numbers, right, strict=True)):
            return "those are the probabilities; asked for are their logarithms"
        told = f"for the scores {figures(z)} it gives {figures(numbers)}"
        if any(map(math.isnan, numbers)) or math.inf in numbers:
            return f"{told}: e^800 is larger than any float"
        if -math.inf in numbers:
            return (
                f"{told}: a probability of e^−800 became 0 before the logarithm was taken; do not finish it"
            )
        return f"{told}; ln p is z minus the logarithm of the sum of the powers"
    return ""


EXERCISES: dict[str, Judge] = {
    "05.1": value(
        lambda: _lead(0.9),
        {
            "that is the ratio p₁/p₂; the difference of the scores is its logarithm": lambda: exp(_lead(0.9)),
            "the natural logarithm, to the base e": lambda: _lead(0.9) / log(10.0),
            "that is ln 0.9; what counts is the ratio of 0.9 to the other probability": lambda: log(0.9),
            "by how much z₁ is larger, not z₂": lambda: -_lead(0.9),
            "0.9 of the difference? The ratio p₁/p₂ is e to the difference": lambda: 0.9,
        },
        otherwise="p₁/p₂ is e to the power of z₁ − z₂; what is p₁/p₂ here?",
    ),
    "05.2": value(
        lambda: _pushes(TRUTH),
        {
            "that is truth minus prediction": lambda: [-slope for slope in _pushes(TRUTH)],
            "those are the probabilities; the truth is still to be subtracted": lambda: softmax(SCORES),
            "that is for class 1 as the truth": lambda: _pushes(0),
            "that is for class 3 as the truth": lambda: _pushes(2),
        },
        otherwise="first the three probabilities, then minus 1 at the true class; the three add up to 0",
    ),
    "05.3": value(
        _slopes,
        {
            "those are the differences; where is 2/N?": lambda: _slopes(2.0),
            "the 2 of the square is there, the N of the mean is not": lambda: _slopes(4.0),
            "the N of the mean is there, the 2 of the square is not": lambda: _slopes(0.5),
            "prediction minus truth, not the other way round": lambda: _slopes(-1.0),
        },
        otherwise="2/N times prediction minus truth, number by number",
    ),
    "05.4": _log_softmax,
}
