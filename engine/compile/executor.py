"""What runs a graph: the interface of all executors, and what a Program takes for an optimizer."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeAlias

from engine.compile.batch import Batch
from engine.compile.graph import Graph

Vector: TypeAlias = Any
"""Floats in a row: a list, or an array, as an executor likes best."""


def as_list(numbers: Vector) -> list[float]:
    """Return a vector as a list of Python's floats.

    >>> as_list([1, 2.0])
    [1.0, 2.0]
    """
    return list(map(float, numbers)) if isinstance(numbers, list) else list(numbers.tolist())


class Executor(Protocol):
    """Runs a graph on batches. It is made of the reduced graph and of the graph as it was recorded."""

    @property
    def name(self) -> str:
        """What it is called."""

    def vector(self, numbers: Iterable[float]) -> Vector:
        """Return numbers, one a parameter, in the form that this executor works on."""

    def forward(self, parameters: Vector, batch: Batch) -> Sequence[Sequence[float]]:
        """Return for each output the samples' numbers."""

    def value_and_grad(self, parameters: Vector, batch: Batch) -> tuple[float, Vector]:
        """Return the mean of the first output over the samples, and its gradient.

        The next call may overwrite that vector.
        """

    def rule(self, graph: Graph, vectors: int) -> Callable[[Sequence[Vector], Sequence[float]], list[Vector]]:
        """Return a function of vectors and numbers that runs a graph element by element.

        The first `vectors` inputs of the graph are elements of the vectors, the others the numbers; the
        outputs are new vectors.
        """

    def trained(
        self,
        parameters: Vector,
        batch: Batch,
        rule: Any,
        kept: Sequence[Vector],
        numbers: Sequence[float],
    ) -> tuple[float, list[Vector]] | None:
        """Return the loss, and what a rule of its own makes of parameters, gradient and what is kept.

        None where it does that in two steps, or some number is not finite; nothing has changed then.
        """

    def source(self) -> str:
        """Return what is run, as text."""

    def describe(self) -> list[str]:
        """Return lines that say of what it is made and how much memory it takes."""


class Optimizer(Protocol):
    """What moves parameters by a rule: `update` gives the function of p, its gradient and what was kept.

    `memory` holds a column, one number a parameter, for each slot that the rule keeps; `updates` counts.
    nn's optimizers are such.
    """

    parameters: list[Any]
    memory: dict[str, Any]
    updates: int

    @property
    def learning_rate(self) -> float:
        """The factor of the next update."""

    def update(self, *, t: Any, learning_rate: Any) -> Callable[..., tuple[Any, ...]]:
        """Return the function of (p, g, *kept) that gives (p, *kept) after update number t, from 1."""
