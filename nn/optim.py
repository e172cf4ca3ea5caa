"""Optimizers: each rule with what it keeps and its hyper-parameters, by name."""

import math
from collections.abc import Callable, Iterable

from engine import Value
from nn import rules
from nn.optimizer import Optimizer as Optimizer
from nn.schedules import Schedule


class SGD(Optimizer):
    """Gradient descent: every step moves each parameter by -learning_rate times its gradient.

    Errors: those of Optimizer.

    >>> w = Value(3.0)
    >>> optimizer = SGD([w], learning_rate=0.25)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    1.5
    """

    rule = staticmethod(rules.descent)

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.01,
        *,
        l1: float = 0.0,
        l2: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, l1=l1, l2=l2)


class Momentum(Optimizer):
    """Gradient descent with momentum: `nn.rules.momentum`, Polyak (1964).

    Errors: those of Optimizer.

    >>> w = Value(3.0)
    >>> optimizer = Momentum([w], learning_rate=0.25)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data, optimizer.memory
    (1.5, {'velocity': [6.0]})
    """

    rule = staticmethod(rules.momentum)
    slots = ("velocity",)
    hyper_parameters = {"momentum": 1.0}

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.01,
        *,
        momentum: float = 0.9,
        l1: float = 0.0,
        l2: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, momentum=momentum, l1=l1, l2=l2)


class Nesterov(Optimizer):
    """Nesterov's accelerated gradient: `nn.rules.nesterov`, in the form of Sutskever et al. (2013).

    Errors: those of Optimizer.

    >>> w = Value(3.0)
    >>> optimizer = Nesterov([w], learning_rate=0.25, momentum=0.5)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.75
    """

    rule = staticmethod(rules.nesterov)
    slots = ("velocity",)
    hyper_parameters = {"momentum": 1.0}

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.01,
        *,
        momentum: float = 0.9,
        l1: float = 0.0,
        l2: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, momentum=momentum, l1=l1, l2=l2)


class RMSProp(Optimizer):
    """Steps by the gradient over the root of its running mean square: Tieleman & Hinton (2012).

    Errors: those of Optimizer.

    >>> w = Value(3.0)
    >>> optimizer = RMSProp([w], learning_rate=0.25, decay=0.75)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    2.5
    """

    rule = staticmethod(rules.rmsprop)
    slots = ("square",)
    hyper_parameters = {"decay": 1.0, "epsilon": math.inf}

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.01,
        *,
        decay: float = 0.99,
        epsilon: float = 1e-8,
        l1: float = 0.0,
        l2: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, decay=decay, epsilon=epsilon, l1=l1, l2=l2)


class Adam(Optimizer):
    """Steps by the running mean of the gradient over the root of that of its square: Kingma & Ba (2015).

    Errors: those of Optimizer.

    >>> w = Value(3.0)
    >>> optimizer = Adam([w], learning_rate=0.25)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    2.75
    """

    rule = staticmethod(rules.adam)
    slots = ("mean", "square")
    hyper_parameters = {"beta1": 1.0, "beta2": 1.0, "epsilon": math.inf}

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        l1: float = 0.0,
        l2: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon, l1=l1, l2=l2)


class AdamW(Optimizer):
    """Adam, and each step shrinks the parameters by learning_rate * weight_decay: Loshchilov & Hutter (2019).

    Errors: those of Optimizer.

    >>> w = Value(3.0)
    >>> optimizer = AdamW([w], learning_rate=0.25, weight_decay=0.5)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> round(w.data, 6)
    2.375
    """

    rule = staticmethod(rules.adamw)
    slots = ("mean", "square")
    hyper_parameters = {"beta1": 1.0, "beta2": 1.0, "epsilon": math.inf, "weight_decay": math.inf}

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule = 0.001,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
        l1: float = 0.0,
        l2: float = 0.0,
    ) -> None:
        super().__init__(
            parameters,
            learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            weight_decay=weight_decay,
            l1=l1,
            l2=l2,
        )


OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    kind.__name__.lower(): kind for kind in (SGD, Momentum, Nesterov, RMSProp, Adam, AdamW)
}
