"""What a model answers: its numbers for points, and the labels that they stand for."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from engine import paused_gc, sigmoid, step
from nn.metrics import predicted

Model: TypeAlias = Callable[..., Any]
"""A function of a point, such as a module: it answers a Value, or a list of Values."""


def outputs(model: Model, points: Iterable[Sequence[float]]) -> list[Any]:
    """Return what a model answers to each point: a float, or a tuple of floats where it has many outputs.

    >>> from nn import MLP
    >>> outputs(MLP(1, [2]), [(0.0,)])
    [(0.0, 0.0)]
    """
    with paused_gc():
        return [as_floats(model(point)) for point in points]


def as_floats(answer: Any) -> Any:
    """Return a model's answer as a float, or as a tuple of floats.

    >>> from engine import Value
    >>> as_floats([Value(1.0), Value(2.0)])
    (1.0, 2.0)
    """
    return tuple([float(z) for z in answer]) if isinstance(answer, (list, tuple)) else float(answer)


def answers(model: Model, points: Iterable[Sequence[float]]) -> list[int]:
    """Return the label that a model gives to each point.

    >>> from nn import MLP
    >>> answers(MLP(1, [2]), [(0.0,)])
    [0]
    """
    threshold = threshold_of(model)
    return [label(output, threshold) for output in outputs(model, points)]


def label(output: Any, threshold: float = 0.0) -> int:
    """Return the label that an answer stands for: the place of its largest number; of a single one, 1 or 0.

    A single number stands for 1 where it is above the threshold.

    Errors: ValueError for a nan.

    >>> label([0.5, 2.0]), label(-0.5)
    (1, 0)
    """
    if isinstance(output, (list, tuple)):
        return predicted(output)
    return predicted([threshold, output])


def threshold_of(model: Model) -> float:
    """Return above what a single output stands for label 1: 1/2 where it ends in sigmoid or step, else 0.

    >>> from nn import MLP
    >>> threshold_of(MLP(1, [1], output="sigmoid")), threshold_of(MLP(1, [1]))
    (0.5, 0.0)
    """
    return 0.5 if getattr(model, "ending", None) in (sigmoid, step) else 0.0
