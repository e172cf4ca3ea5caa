"""What a model answers: its numbers for points, and the labels that they stand for."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from engine import RecordError, paused_gc, sigmoid, step
from nn.checked import function, shown
from nn.data.cells import listed
from nn.metrics import predicted

Model: TypeAlias = Callable[..., Any]
"""A function of a point, such as a module: it answers a Value, or a list of Values."""
MODEL = "a function of a point, such as an MLP"
"""What a model is, in errors about what is none."""


def outputs(model: Model, points: Iterable[Sequence[float]]) -> list[Any]:
    """Return what a model answers to each point: a float, or a tuple of floats where it has many outputs.

    Errors: TypeError for what is no model or no list of points; those of the model for what it does not take.

    >>> from nn import MLP
    >>> outputs(MLP(1, [2]), [(0.0,)])
    [(0.0, 0.0)]
    """
    function("a model", model, MODEL)
    with paused_gc():
        return [answered(model(point)) for point in listed("points", points)]


def as_floats(answer: Any) -> Any:
    """Return a model's answer as a float, or as a tuple of floats.

    Errors: TypeError for what is no number; RecordError while a program is recorded, which would freeze it.

    >>> from engine import Value
    >>> as_floats([Value(1.0), Value(2.0)])
    (1.0, 2.0)
    """
    try:
        return tuple(map(float, answer)) if isinstance(answer, (list, tuple)) else float(answer)
    except RecordError:
        raise
    except TypeError:
        raise TypeError(f"a model answers a number or a list of numbers, got {shown(answer)}") from None


def answered(answer: Any) -> Any:
    """Return a model's answer as a float, also where that is a list of one, or as a tuple of floats.

    Errors: as `as_floats`.

    >>> answered([0.5]), answered([0.5, 1.0])
    (0.5, (0.5, 1.0))
    """
    found = as_floats(answer)
    return found[0] if isinstance(found, tuple) and len(found) == 1 else found


def answers(model: Model, points: Iterable[Sequence[float]]) -> list[int]:
    """Return the label that a model gives to each point: the place of its largest logit.

    Of a single output it is 1 above 0, or above 1/2 where the model ends in sigmoid or step; else 0.

    Errors: as `outputs`, and ValueError for a nan.

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
    if isinstance(output, (list, tuple)) and len(output) != 1:
        return predicted(output)
    return predicted([threshold, output[0] if isinstance(output, (list, tuple)) else output])


def threshold_of(model: Model) -> float:
    """Return above what a single output stands for label 1: 1/2 where it ends in sigmoid or step, else 0.

    >>> from nn import MLP
    >>> threshold_of(MLP(1, [1], output="sigmoid")), threshold_of(MLP(1, [1]))
    (0.5, 0.0)
    """
    return 0.5 if getattr(model, "ending", None) in (sigmoid, step) else 0.0
