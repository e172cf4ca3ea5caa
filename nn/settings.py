"""Settings: what an experiment is made from, and what suits each model where nothing is said."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from engine import Value
from nn.data.describing import counted
from nn.data.parts import shares
from nn.inputs import size
from nn.nearest import pick
from nn.optim import OPTIMIZERS, Optimizer
from nn.schedules import Schedule, constant, cosine, step_decay, warm_up

RATES = {"sgd": 0.1, "momentum": 0.02, "nesterov": 0.02, "rmsprop": 0.005, "adam": 0.01, "adamw": 0.01}
"""The first learning rate of each optimizer where neither the user nor the model has one."""
SCHEDULES: dict[str, Callable[[float, int], Schedule]] = {
    "constant": lambda rate, updates: constant(rate),
    "cosine": lambda rate, updates: cosine(rate, over=updates),
    "step": lambda rate, updates: step_decay(rate, every=max(1, updates // 3), factor=0.1),
}
"""Schedules by name, each a function of the first rate and the number of updates."""
USUAL: dict[str, Any] = {"dropout": 0.0, "country": "us", "test": 0.2, "validation": 0.1}
"""What stands for what was left out, in every model that has it: so what was said can be told from it."""
PARTED = ("test", "validation", "seed")
"""The settings by which data come in parts."""
CALLED = {"standardise": "columns to leave as they are (--raw)"}
"""What settings are called in errors, where it is not their name."""


@dataclass(frozen=True)
class Settings:
    """What an experiment is made from; what is None is chosen to suit the model and the data.

    `hidden` are the sizes of the hidden layers, `heads` and `code` are those of the models that have such;
    `country` is that of the first names. Where there is a part to validate on, the model of the epoch of
    lowest validation loss is kept; `patience` ends the training after so many epochs without a lower one, or,
    where there is no such part, without a lower training loss.

    Errors: ValueError for a share to test on that is not between 0 and 1, or one to validate on below 0 or
    from 1 on; TypeError for one that is no number.

    >>> Settings(hidden=(8,)).optimizer
    'adam'
    """

    model: str | None = None
    hidden: tuple[int, ...] | None = None
    heads: int | None = None
    code: int | None = None
    activation: str | None = None
    init: str | None = None
    dropout: float | None = None
    country: str | None = None
    loss: str | None = None
    optimizer: str = "adam"
    learning_rate: float | None = None
    schedule: str = "cosine"
    warm_up: int = 0
    l1: float = 0.0
    l2: float | None = None
    clip: float | None = None
    batch_size: int | None = None
    epochs: int | None = None
    test: float | None = None
    validation: float | None = None
    patience: int | None = None
    standardise: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        given = {"test": self.test, "validation": self.validation}
        shares(**{name: USUAL[name] if share is None else share for name, share in given.items()})

    def whole(self, name: str) -> int:
        """Return a setting that is a whole number from 1 on.

        Errors: TypeError for what is no whole number, ValueError for one below 1, naming the setting.

        >>> Settings(code=2).whole("code")
        2
        """
        return size(name, getattr(self, name))

    def completed(self, defaults: Mapping[str, Any]) -> "Settings":
        """Return these settings with a model's defaults in place of what is None.

        The learning rate of a model is for its own optimizer: beside another it is left open.

        >>> Settings(hidden=(8,)).completed({"hidden": (32,), "batch_size": 16}).batch_size
        16
        """
        found = {name: x for name, x in defaults.items() if getattr(self, name) is None}
        if self.optimizer != Settings.optimizer:
            found.pop("learning_rate", None)
        return replace(self, **found)

    def options(self, taken: Sequence[str]) -> dict[str, Any]:
        """Return the settings of these names, or what is usual, as keyword arguments, without those left out.

        >>> Settings(init="he").options(["activation", "init", "test"])
        {'init': 'he', 'test': 0.2}
        """
        given = {name: getattr(self, name) for name in taken}
        found = {name: USUAL.get(name) if x is None else x for name, x in given.items()}
        return {name: x for name, x in found.items() if x is not None}

    def refuse(self, names: Sequence[str], model: str) -> None:
        """Refuse settings that a model does not have.

        Errors: ValueError naming the first that is set.

        >>> Settings(code=2).refuse(["code"], "mlp")
        Traceback (most recent call last):
            ...
        ValueError: the model mlp has no code, got 2
        """
        usual = {one.name: one.default for one in fields(self)}
        for name in names:
            if getattr(self, name) != usual[name]:
                called = CALLED.get(name, name)
                raise ValueError(f"the model {model} has no {called}, got {getattr(self, name)!r}")

    def make_optimizer(self, parameters: Sequence[Value], updates: int, epochs: int) -> Optimizer:
        """Return the optimizer of so many updates, with its schedule.

        Errors: ValueError for an unknown name, or a warm-up as long as the training.

        >>> Settings().make_optimizer([Value(0.0)], 100, 1).learning_rate
        0.01
        """
        make = pick("optimizer", self.optimizer, OPTIMIZERS)
        rate = RATES[self.optimizer] if self.learning_rate is None else self.learning_rate
        if self.warm_up >= updates:
            raise ValueError(
                f"warm_up takes {self.warm_up} updates, the whole training has {updates} "
                f"({counted(epochs, 'epoch')}): take fewer, or more epochs"
            )
        schedule = pick("schedule", self.schedule, SCHEDULES)(rate, updates - self.warm_up)
        if self.warm_up:
            schedule = warm_up(schedule, over=self.warm_up)
        return make(parameters, schedule, l1=self.l1, l2=self.l2 or 0.0)
