"""The exercises of notebook 15: autoencoder and VAE."""

import math
from typing import Any

from engine import grad
from nn.autoencoder import normal_kl
from nn.course.exercise import Judge, NotRight, tried, value

SIGMA = 2.0
"""The standard deviation of exercise 15.1."""
MEAN, DEVIATION, NOISE = 1.0, 0.5, 2.0
"""μ, σ and ε of exercise 15.2."""
STEEP = 3.0
"""The points of exercise 15.3 lie on the line of this slope through (0, 0)."""
TRIED = (1.0, -2.0, 0.375, 40.0)
"""The x of the points on which the functions of exercise 15.3 are tried."""
SEEN = (3.0, 1.0)
"""The point of exercise 15.4."""


def _divergence(log_variance: float) -> float:
    return float(normal_kl([0.0], [log_variance]))


def _drawn(mean: Any, deviation: Any) -> Any:
    return mean + deviation * NOISE


def _slopes() -> list[float]:
    """Return ∂z²/∂μ and ∂z²/∂σ of z = μ + σε."""
    return list(grad(lambda row: _drawn(row[0], row[1]) ** 2)([MEAN, DEVIATION]))


def _code_and_decoder(answer: Any) -> str:
    """Judge a code of one number and a decoder that together give back the points of a line."""
    if not isinstance(answer, (list, tuple)) or len(answer) != 2:
        return "hand in two functions in a row: (lambda x, y: ..., lambda c: (..., ...))"
    encode, decode = answer
    for x in TRIED:
        point = (x, STEEP * x)
        drawn = _pair(tried(decode, _number(tried(encode, *point))))
        if not all(math.isclose(a, b, rel_tol=1e-6) for a, b in zip(drawn, point, strict=True)):
            return _missed(point, drawn)
    return ""


def _missed(point: tuple[float, float], drawn: tuple[float, float]) -> str:
    """Return what is wrong with what was drawn of a point."""
    said = f"of ({point[0]:g}, {point[1]:g}) is drawn ({drawn[0]:g}, {drawn[1]:g})"
    if math.isclose(drawn[1], STEEP * drawn[0], rel_tol=1e-6):
        times = drawn[0] / point[0]
        where = f"{times:.4g} times as far out" if times >= 0 else "on the other side of (0, 0)"
        return f"{said}: on the line, but {where}"
    return f"{said}, which is not on the line: what does a point of it look like, made of c alone?"


def _number(code: Any) -> float:
    try:
        return float(code)
    except (TypeError, ValueError):
        raise NotRight(f"the code is one number, yours is {code!r:.60}") from None


def _pair(drawn: Any) -> tuple[float, float]:
    try:
        x, y = map(float, drawn)
    except (TypeError, ValueError):
        raise NotRight(f"what is drawn is a point, two numbers in a row, yours is {drawn!r:.60}") from None
    return x, y


def _squeezed() -> list[float]:
    """Return what the autoencoder of the notebook, code (x + 2y)/5 and drawing (c, 2c), makes of a point."""
    x, y = SEEN
    code = (x + 2 * y) / 5
    return [code, 2 * code]


EXERCISES: dict[str, Judge] = {
    "15.1": value(
        lambda: _divergence(2 * math.log(SIGMA)),
        {
            "half of it: the sum is divided by 2": lambda: 2 * _divergence(2 * math.log(SIGMA)),
            "that is with σ where σ² belongs: the variance is 4": lambda: _divergence(math.log(SIGMA)),
            "that takes 2 for ln σ², but 2 is σ": lambda: _divergence(SIGMA),
            "that is for σ = 0.5; too wide costs another price than too narrow": (
                lambda: _divergence(-2 * math.log(SIGMA))
            ),
        },
    ),
    "15.2": value(
        _slopes,
        {
            "those are the slopes of z; asked are those of z², so 2z stands upstream": lambda: [1.0, NOISE],
            "the first is right; on the way to σ lies one more factor": lambda: [_slopes()[0]] * 2,
            "the first is right; 2z stands upstream of σ as well": lambda: [_slopes()[0], NOISE],
            "in the other order: first μ, then σ": lambda: _slopes()[::-1],
        },
    ),
    "15.3": _code_and_decoder,
    "15.4": value(
        _squeezed,
        {
            "that is the point itself; one number cannot hold two": lambda: list(SEEN),
            "that takes x for the code, but the code weighs both numbers": lambda: [SEEN[0], 2 * SEEN[0]],
            "the code, twice? the second number drawn is 2c": lambda: [_squeezed()[0]] * 2,
        },
    ),
}
