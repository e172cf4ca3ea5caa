"""What training makes small: a loss that fits the model's outputs and the data's targets."""

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

from engine import sigmoid, softmax, step
from nn.activations import Activation
from nn.answers import Model, threshold_of
from nn.data import Dataset
from nn.losses import LOSSES
from nn.module import Module, children
from nn.nearest import pick
from nn.neuron import Neuron, function_name

Loss = Callable[[Any, Any], Any]
"""A function of what a model answers to one point, and of that point's target."""

BY_LABEL = ("cross_entropy", "multiclass_hinge")
OF_NUMBERS = ("mse", "mae", "huber")
OF_SHARES = ("kl_divergence",)
SIGNED = ("hinge",)
FROM_LOGITS: dict[str, tuple[Activation, ...]] = {
    "cross_entropy": (softmax, sigmoid),
    "binary_cross_entropy": (sigmoid, softmax),
    "kl_divergence": (softmax, sigmoid),
}
"""Losses that take logits, and the activations that would be applied twice."""


class Objective(NamedTuple):
    """A loss by name, the function, and what makes of a target of the data what that function takes."""

    name: str
    loss: Loss
    encode: Callable[[Any], Any]


def objective(model: Model, data: Dataset, loss: str | Loss | None = None) -> Objective:
    """Return the loss that training makes small, its targets in the form that the loss takes.

    Left out, it is cross_entropy for classes (binary_cross_entropy where the model has one output), mse for
    numbers. A label becomes what the loss needs: itself; one-hot for many outputs; 0 or 1 for one output that
    is a probability, -1 or 1 for hinge and for one output that is not. A function of one's own gets the
    targets as they stand in the data.

    Errors: ValueError for a loss of another name, one that does not go with the model's outputs or with the
    data, a single class, or a model that ends in an activation which the loss applies, too.

    >>> from nn import MLP, xor_gate
    >>> objective(MLP(2, [2, 1]), xor_gate()).name
    'binary_cross_entropy'
    >>> objective(MLP(2, [2, 2]), xor_gate(), "mse").encode(1)
    [0.0, 1.0]
    """
    if data.is_classification and len(set(data.targets)) < 2:
        raise ValueError(
            f"all {len(data)} points have the label {data.names[int(data.targets[0])]!r}: "
            "there is nothing to tell apart"
        )
    answer = model(data.points[0])
    outputs = len(answer) if isinstance(answer, (list, tuple)) else 1
    if loss is None:
        loss = (
            "mse"
            if not data.is_classification
            else "cross_entropy"
            if outputs > 1
            else "binary_cross_entropy"
        )
    if not isinstance(loss, str):
        if not callable(loss):
            raise TypeError(f"a loss is a name or a function of (answer, target), got {loss!r}")
        known = next((name for name, function in LOSSES.items() if function is loss), None)
        if known is None:
            return Objective(function_name(loss), loss, lambda target: target)
        loss = known
    function = pick("loss", loss, LOSSES)
    _refuse_twice(loss, getattr(model, "ending", None))
    signed = loss in SIGNED or (loss in OF_NUMBERS and threshold_of(model) == 0.0)
    return Objective(loss, function, _encoder(loss, data, outputs, signed))


def _refuse_twice(loss: str, ending: Activation | None) -> None:
    if ending is not None and ending in FROM_LOGITS.get(loss, ()):
        name = function_name(ending)
        raise ValueError(
            f"{loss} takes logits and applies what follows itself, but the model ends in "
            f"{name}: build it with output='linear' and apply engine.{name} "
            "to its answers to read them as probabilities, or train it with the loss 'mse'"
        )


def _encoder(loss: str, data: Dataset, outputs: int, signed: bool) -> Callable[[Any], Any]:
    if not data.is_classification:
        if loss not in OF_NUMBERS:
            raise ValueError(
                f"the targets of {data.name or 'the data'} are numbers: the loss is one of "
                f"{', '.join(OF_NUMBERS)}, got {loss!r}"
            )
        if outputs != 1:
            raise ValueError(f"a target is one number, so the model needs 1 output, it has {outputs}")
        return float
    classes = len(data.names)
    if outputs == 1 and classes == 2 and loss not in BY_LABEL + OF_SHARES:
        return _signed if signed else float
    if outputs != classes:
        one = " (or 1, with the loss binary_cross_entropy, hinge or mse)" if classes == 2 else ""
        raise ValueError(
            f"{classes} classes ({', '.join(data.names[:4])}{', ...' if classes > 4 else ''}) need "
            f"{classes} outputs{one}, the model has {outputs}; the loss is {loss}"
        )
    if loss in BY_LABEL:
        return int
    low = -1.0 if loss in SIGNED else 0.0
    return lambda target: [1.0 if i == target else low for i in range(classes)]


def _signed(target: int) -> float:
    return 2.0 * target - 1.0


def warn_of_steps(model: Module) -> None:
    """Say which parameters gradient descent cannot move: those of neurons that end in step, and before them.

    The derivative of step is 0 wherever it exists, so no gradient passes through it.

    Errors: ValueError where the last neurons end in step, so that nothing could be learned at all.

    >>> from nn import MLP
    >>> warn_of_steps(MLP(2, [2, 1]))
    """
    stepped = _stepped(model)
    ends = getattr(model, "ending", None) is step
    if not stepped and not ends:
        return
    why = "the derivative of step is 0 everywhere, so no gradient passes through it"
    if ends:
        raise ValueError(
            f"the model ends in the activation step: {why} and gradient descent moves nothing; take sigmoid "
            "or tanh, or for one neuron the perceptron's own rule: Perceptron(nin).fit(points, labels)"
        )
    shown = ", ".join(stepped[:3]) + (f" and {len(stepped) - 3} more" if len(stepped) > 3 else "")
    warnings.warn(
        f"{shown} {'have' if len(stepped) > 1 else 'has'} the activation step: {why}; their weights, and all "
        "before them, stay as they are",
        UserWarning,
        stacklevel=4,
    )


def _stepped(model: Module) -> list[str]:
    """Return the paths of the neurons that end in step."""
    found: list[str] = []
    seen: set[int] = set()
    stack: list[tuple[str, Module]] = [("", model)]
    while stack:
        path, module = stack.pop()
        if id(module) in seen:
            continue
        seen.add(id(module))
        if isinstance(module, Neuron) and module.activation is step:
            found.append(path)
        stack += [(f"{path}.{name}" if path else name, child) for name, child in reversed(children(module))]
    return found
