"""Activations: the functions of one number that a neuron may end in, by name."""

from collections.abc import Callable
from typing import Any, TypeAlias

from engine import elu, gelu, leaky_relu, relu, sigmoid, silu, softplus, step, tanh
from nn.nearest import pick

Activation: TypeAlias = Callable[[Any], Any]


def linear(x: Any) -> Any:
    """Return x itself.

    >>> linear(-2.0)
    -2.0
    """
    return x


ACTIVATIONS: dict[str, Activation] = {
    "linear": linear,
    "step": step,
    "sigmoid": sigmoid,
    "tanh": tanh,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "elu": elu,
    "softplus": softplus,
    "silu": silu,
    "gelu": gelu,
}


def activation(choice: str | Activation) -> Activation:
    """Return the activation of a name; a function comes back as it is.

    Errors: ValueError naming the nearest name for one that is not in the table, TypeError for anything else.

    >>> activation("tanh")(0.0)
    0.0
    """
    if isinstance(choice, str):
        return pick("activation", choice, ACTIVATIONS)
    if callable(choice):
        return choice
    raise TypeError(f"an activation is a name or a function of one number, got {choice!r}")
