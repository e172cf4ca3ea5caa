"""Optimizers: how a parameter moves, given its gradient."""

import math
import numbers
from collections.abc import Iterable
from typing import Any

from engine import Value


def sgd(p: Any, g: Any, learning_rate: Any) -> Any:
    """Return the parameter p after a step against its gradient g: p - learning_rate * g.

    >>> sgd(1.0, 4.0, 0.25)
    0.0
    """
    return p - learning_rate * g


class SGD:
    """Gradient descent: every step moves each parameter by -learning_rate times its gradient.

    Errors: TypeError for anything but Values, ValueError for none, for one that is given twice, or for a
    learning rate that is not positive and finite.

    >>> w = Value(3.0)
    >>> optimizer = SGD([w], learning_rate=0.25)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    1.5
    """

    _learning_rate: float

    def __init__(self, parameters: Iterable[Value], learning_rate: float = 0.01) -> None:
        if not isinstance(parameters, Iterable):
            raise TypeError(f"SGD takes a list of Values, such as model.parameters(), got {parameters!r}")
        self.parameters = list(parameters)
        for i, p in enumerate(self.parameters):
            if not isinstance(p, Value):
                raise TypeError(f"SGD takes Values, got {p!r} at position {i}")
        if not self.parameters:
            raise ValueError("SGD needs at least one parameter, got an empty list")
        if len(set(self.parameters)) < len(self.parameters):
            raise ValueError("SGD takes each parameter once, got one of them twice")
        self.learning_rate = learning_rate

    @property
    def learning_rate(self) -> float:
        """The factor of a step, positive and finite."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: float) -> None:
        if not isinstance(learning_rate, numbers.Real) or isinstance(learning_rate, bool):
            raise TypeError(f"the learning rate is a number, got {learning_rate!r}")
        if not 0 < learning_rate < math.inf:
            raise ValueError(f"the learning rate must be positive and finite, got {learning_rate!r}")
        self._learning_rate = float(learning_rate)

    def step(self) -> None:
        """Move every parameter once.

        Errors: FloatingPointError where a gradient or a moved parameter is not finite; none has moved then.

        >>> SGD([Value(1.0)]).step()
        """
        learning_rate = self.learning_rate
        moved = [sgd(p.data, p.grad, learning_rate) for p in self.parameters]
        if not all(map(math.isfinite, moved)):
            i, p = next((i, p) for i, p in enumerate(self.parameters) if not math.isfinite(moved[i]))
            raise FloatingPointError(
                f"parameter {i} would become {moved[i]}: it is {p.data}, its gradient {p.grad}; no parameter "
                f"was changed, a smaller learning rate than {learning_rate} may help"
            )
        for p, data in zip(self.parameters, moved, strict=True):
            p.data = data

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.

        >>> SGD([Value(1.0)]).zero_grad()
        """
        for p in self.parameters:
            p.grad = 0.0
