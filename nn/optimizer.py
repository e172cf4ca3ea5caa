"""Optimizer: what moves the parameters of a model, update by update, by a rule."""

import itertools
import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

from engine import Value
from nn import rules
from nn.checked import from_zero, of_kind, positive, values
from nn.schedules import Schedule

KEYS = ("optimizer", "parameters", "updates", "learning_rate", "hyper_parameters", "slots")
"""What a saved state has."""


class Optimizer:
    """What all optimizers share: parameters, a learning rate, and some numbers kept for each parameter.

    A subclass names its `rule`, a function called as those of `nn.rules`; its `slots`, what the rule keeps
    for each parameter, from 0; and its `hyper_parameters`, each at least 0 and below the number given here.
    All have `l1` and `l2`, too, which `nn.rules.decayed` adds to the gradients: to those of all parameters
    that were given, so of biases, too.

    The learning rate is a number, or a schedule: a function of how many updates were done before.

    Errors: TypeError for anything but Values, ValueError for none, for one that is given twice, for a
    learning rate that is not positive and finite, or a hyper-parameter out of its bounds, which is named.

    >>> class HalfMomentum(Optimizer):
    ...     rule = staticmethod(partial(rules.momentum, momentum=0.5))
    ...     slots = ("velocity",)
    >>> w = Value(3.0)
    >>> w.grad = 6.0
    >>> HalfMomentum([w], learning_rate=0.25).step()
    >>> w.data
    1.5
    """

    rule: ClassVar[Callable[..., tuple[Any, ...]]]
    slots: ClassVar[tuple[str, ...]] = ()
    hyper_parameters: ClassVar[Mapping[str, float]] = {}

    _learning_rate: float | Schedule

    def __init__(
        self,
        parameters: Iterable[Value],
        learning_rate: float | Schedule,
        *,
        l1: float = 0.0,
        l2: float = 0.0,
        **hyper: float,
    ) -> None:
        name = type(self).__name__
        if not hasattr(self, "rule"):
            raise TypeError(f"{name} has no rule: take SGD, Adam or another of nn.OPTIMIZERS")
        self.parameters = values(name, parameters)
        if not self.parameters:
            raise ValueError(f"{name} needs at least one parameter, got an empty list")
        if len(set(self.parameters)) < len(self.parameters):
            raise ValueError(f"{name} takes each parameter once, got one of them twice")
        self.updates = 0
        self.learning_rate = learning_rate
        self.l1, self.l2, self.hyper = self._settings({"l1": l1, "l2": l2} | hyper)
        self.memory = {slot: [0.0] * len(self.parameters) for slot in self.slots}

    def _settings(self, given: Mapping[str, float]) -> tuple[float, float, dict[str, float]]:
        """Return l1, l2 and the rule's own hyper-parameters, each within its bounds."""
        bounds = {"l1": math.inf, "l2": math.inf, **self.hyper_parameters}
        if set(given) != set(bounds):
            name = type(self).__name__
            raise ValueError(
                f"the hyper-parameters of {name} are {', '.join(bounds)}, got {', '.join(given)}"
            )
        checked = {name: from_zero(name, given[name], below) for name, below in bounds.items()}
        return checked.pop("l1"), checked.pop("l2"), checked

    @property
    def has_schedule(self) -> bool:
        """Whether the learning rate is a schedule."""
        return callable(self._learning_rate)

    @property
    def learning_rate(self) -> float:
        """The factor of the next update; it is set with a number, positive and finite, or with a schedule.

        Errors: TypeError or ValueError where it is set with anything else, and where a schedule gives no
        number that is 0 or more and finite.

        >>> from nn import SGD
        >>> optimizer = SGD([Value(1.0)], learning_rate=0.5)
        >>> optimizer.learning_rate = 0.25
        >>> optimizer.learning_rate
        0.25
        """
        if not callable(self._learning_rate):
            return self._learning_rate
        return from_zero(
            f"the learning rate of update {self.updates} by {_shown(self._learning_rate)}",
            self._learning_rate(self.updates),
        )

    @learning_rate.setter
    def learning_rate(self, learning_rate: float | Schedule) -> None:
        if not callable(learning_rate):
            learning_rate = positive("the learning rate", learning_rate)
        self._learning_rate = learning_rate

    def update(self, *, t: Any, learning_rate: Any) -> Callable[..., tuple[Any, ...]]:
        """Return the function of (p, g, *kept) that gives (p, *kept) after update number t of a parameter.

        It is the rule, with the penalties in the gradient; t counts from 1. Like the rule it runs on floats,
        Values and Symbols, so that a compiler can record it.

        >>> from nn import SGD
        >>> SGD([Value(1.0)], l2=0.5).update(t=1, learning_rate=0.25)(1.0, 3.5)
        (0.0,)
        """
        rule = partial(self.rule, t=t, learning_rate=learning_rate, **self.hyper)
        if not self.l1 and not self.l2:
            return rule
        return lambda p, g, *kept: rule(p, rules.decayed(p, g, self.l1, self.l2), *kept)

    def step(self) -> None:
        """Move every parameter once.

        Errors: FloatingPointError where a gradient, a moved parameter or what is kept for one is not finite;
        nothing has changed then. ValueError where a schedule gives no rate that is 0 or more and finite.

        >>> from nn import SGD
        >>> SGD([Value(1.0)]).step()
        """
        learning_rate = self.learning_rate
        update = self.update(t=float(self.updates + 1), learning_rate=learning_rate)
        data, grads = [p.data for p in self.parameters], [p.grad for p in self.parameters]
        rows = zip(data, grads, *self.memory.values(), strict=True)
        moved, *kept = map(list, zip(*itertools.starmap(update, rows), strict=True))
        if not all(map(math.isfinite, itertools.chain(moved, *kept))):
            self._refuse(moved, kept, learning_rate)
        memory = dict(zip(self.slots, kept, strict=True))
        for p, number in zip(self.parameters, moved, strict=True):
            p.data = number
        self.memory = memory
        self.updates += 1

    def _refuse(self, moved: list[float], kept: list[list[float]], learning_rate: float) -> None:
        """Raise FloatingPointError for the first number that is not finite."""
        for slot, column in zip(("", *self.slots), (moved, *kept), strict=True):
            for i, (p, number) in enumerate(zip(self.parameters, column, strict=True)):
                if not math.isfinite(number):
                    what = f"the {slot} of parameter {i}" if slot else f"parameter {i}"
                    it = "the parameter" if slot else "it"
                    raise FloatingPointError(
                        f"{what} would become {number}: {it} is {p.data}, its gradient {p.grad}; no "
                        f"parameter was changed, a smaller learning rate than {learning_rate} may help"
                    )

    def zero_grad(self) -> None:
        """Set the gradient of every parameter to 0.

        >>> from nn import SGD
        >>> SGD([Value(1.0)]).zero_grad()
        """
        for p in self.parameters:
            p.grad = 0.0

    def state(self) -> dict[str, Any]:
        """Return what a run needs to go on, without the parameters: a plain dict, ready for JSON.

        The learning rate is None where a schedule gives it: that is code, and no number to be saved.

        >>> from nn import Momentum
        >>> Momentum([Value(1.0)]).state()["slots"]
        {'velocity': [0.0]}
        """
        return {
            "optimizer": self._name(),
            "parameters": len(self.parameters),
            "updates": self.updates,
            "learning_rate": None if callable(self._learning_rate) else self._learning_rate,
            "hyper_parameters": self._hyper(),
            "slots": {slot: list(column) for slot, column in self.memory.items()},
        }

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Set all but the parameters to what `state` returned; all of it, or nothing.

        A schedule stays, and gives the rate from the number of updates done.

        Errors: ValueError for the state of another optimizer or of another number of parameters, for one
        saved under a schedule where this optimizer has a number, or the other way round, and for numbers out
        of bounds or not finite; TypeError for what is no dict, or no number.

        >>> from nn import SGD
        >>> optimizer = SGD([Value(1.0)])
        >>> optimizer.load_state(SGD([Value(2.0)], 0.5).state())
        >>> optimizer.learning_rate
        0.5
        """
        of_kind("state", state, Mapping, "a dict, as Optimizer.state gives")
        complaint = self._misfit(state)
        if complaint:
            raise ValueError(
                f"this state does not fit {type(self).__name__}, nothing was loaded: {complaint}"
            )
        l1, l2, hyper = self._settings(state["hyper_parameters"])
        if state["learning_rate"] is not None:
            self.learning_rate = state["learning_rate"]
        self.l1, self.l2, self.hyper = l1, l2, hyper
        self.updates = state["updates"]
        self.memory = {slot: [float(number) for number in state["slots"][slot]] for slot in self.slots}

    def _misfit(self, state: Mapping[str, Any]) -> str:
        """Return why a state is none of this optimizer, "" where it may be one."""
        for key in KEYS:
            if key not in state:
                return f"it has no {key!r}"
        if state["optimizer"] != self._name():
            return f"it is that of {state['optimizer']!r}"
        if state["parameters"] != len(self.parameters):
            return f"it has {state['parameters']} parameters, this optimizer {len(self.parameters)}"
        updates = state["updates"]
        if type(updates) is not int or updates < 0:
            return f"'updates' is a count, got {updates!r}"
        if callable(self._learning_rate) != (state["learning_rate"] is None):
            return (
                f"its learning rate is {state['learning_rate'] or 'from a schedule'}, here it is "
                f"{_shown(self._learning_rate)}; set learning_rate to one of the same kind first"
            )
        slots = state["slots"]
        if set(slots) != set(self.slots):
            return f"its slots are {', '.join(slots) or 'none'}, not {', '.join(self.slots) or 'none'}"
        for slot, column in slots.items():
            if len(column) != len(self.parameters):
                return f"{slot!r} has {len(column)} numbers for {len(self.parameters)} parameters"
            for i, number in enumerate(column):
                if not isinstance(number, (int, float)) or not math.isfinite(number):
                    return f"the {slot} of parameter {i} is {number!r}"
        return ""

    def _name(self) -> str:
        return type(self).__name__.lower()

    def _hyper(self) -> dict[str, float]:
        return {"l1": self.l1, "l2": self.l2, **self.hyper}

    def __repr__(self) -> str:
        settings = {"learning_rate": _shown(self._learning_rate), **self._hyper()}
        told = ", ".join(f"{name}={setting}" for name, setting in settings.items())
        return f"{type(self).__name__}({len(self.parameters)} parameters, {told})"


def _shown(learning_rate: float | Schedule) -> str:
    """Return a rate, or a schedule by what it is: a function by its name, which is the same in every run."""
    return str(getattr(learning_rate, "__qualname__", None) or repr(learning_rate))
