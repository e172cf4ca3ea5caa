"""Clipping: gradients that are too large are cut back before a step."""

import math
from collections.abc import Iterable

from engine import Value
from nn.checked import positive, values


def gradient_norm(parameters: Iterable[Value]) -> float:
    """Return the Euclidean length of the parameters' gradients: √Σ grad²; nan or inf where it is that.

    Errors: TypeError for anything but Values.

    >>> w, b = Value(1.0), Value(2.0)
    >>> w.grad, b.grad = 3.0, -4.0
    >>> gradient_norm([w, b])
    5.0
    """
    return _norm(values("gradient_norm", parameters))


def clip_norm(parameters: Iterable[Value], most: float) -> float:
    """Shorten the gradient to the length `most` where it is longer; return the length that it had.

    The direction stays. Pascanu, Mikolov & Bengio (2013), algorithm 1.

    Errors: FloatingPointError, naming the parameter, where that length is nan or inf: nothing is changed
    then; ValueError for a `most` that is not positive and finite; TypeError for anything but Values.

    >>> w, b = Value(1.0), Value(2.0)
    >>> w.grad, b.grad = 3.0, -4.0
    >>> clip_norm([w, b], 1.0), w.grad, b.grad
    (5.0, 0.6, -0.8)
    """
    most, clipped = positive("the largest norm", most), values("clip_norm", parameters)
    norm = _norm(clipped)
    _refuse_not_finite(clipped)
    if norm == math.inf:
        grads = [abs(p.grad) for p in clipped]
        i = grads.index(max(grads))
        raise FloatingPointError(
            f"the norm of the gradient overflows, that of parameter {i} is the largest: {clipped[i].grad}"
        )
    if norm > most:
        for p in clipped:
            p.grad = p.grad / norm * most
    return norm


def clip_value(parameters: Iterable[Value], most: float) -> None:
    """Cut each parameter's gradient back to -most ... most; the direction may change.

    Errors: FloatingPointError, naming the parameter, where a gradient is nan or inf: nothing is changed then;
    ValueError for a `most` that is not positive and finite; TypeError for anything but Values.

    >>> w = Value(1.0)
    >>> w.grad = -3.0
    >>> clip_value([w], 2.0)
    >>> w.grad
    -2.0
    """
    most, clipped = positive("the largest gradient", most), values("clip_value", parameters)
    _refuse_not_finite(clipped)
    for p in clipped:
        p.grad = min(max(p.grad, -most), most)


def _norm(parameters: list[Value]) -> float:
    return math.hypot(*[p.grad for p in parameters])


def _refuse_not_finite(parameters: list[Value]) -> None:
    for i, p in enumerate(parameters):
        if not math.isfinite(p.grad):
            raise FloatingPointError(f"the gradient of parameter {i} is {p.grad}: it cannot be clipped")
