"""The python executor: straight-line source of one graph, a loop over the samples inside of it."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from engine.compile import careful
from engine.compile.batch import Batch
from engine.compile.graph import Graph
from engine.compile.order import decides
from engine.compile.python_source import forward_source, made, rule_source, sweep_source

MOST_ORDERS = 32
"""Of a graph whose sweep goes another way for other indices so many ways are kept as source."""

Swept: TypeAlias = tuple[list[float], list[float]]
"""The samples' losses and the gradient of their mean."""


class Python:
    """Runs a graph as Python source, which is made when it is first used.

    `graph` is what it runs, `whole` the graph as it was recorded. Where a number makes a quick kernel raise
    the batch runs on the kernels of eager; where that raises, too, or something is not finite, it is recorded
    on Values and swept, as eager is. With `exact` it runs `whole` on the kernels of eager, and every sum is
    taken in the order of an eager sweep.

    >>> from engine.compile.graph import INPUT, PARAMETER
    >>> from engine.ops import mul
    >>> graph = Graph([INPUT, PARAMETER, mul], [(0,), (0,), (0, 1)], (2,), parameters=1, inputs=1)
    >>> Python(graph, graph).value_and_grad([3.0], Batch(1, (1, 0), (), rows=[(2.0,)]))
    (6.0, [2.0])
    """

    name = "python"

    def __init__(self, graph: Graph, whole: Graph, *, exact: bool = False) -> None:
        self.graph, self.whole, self.exact = whole if exact else graph, whole, exact
        self._decides = decides(whole) if exact else []
        self._forwards: dict[bool, Callable[..., Any]] = {}
        self._sweeps: dict[Any, Callable[..., Any]] = {}
        """By whether kernels are quick, or for exact sweeps by the indices that decide their order."""

    def vector(self, numbers: Iterable[float]) -> list[float]:
        """Return a vector in the form that this executor works on."""
        return list(numbers)

    def forward(self, parameters: Sequence[float], batch: Batch) -> list[list[float]]:
        """Return for each output the samples' numbers."""
        for quick in (False,) if self.exact else (True, False):
            if quick not in self._forwards:
                self._forwards[quick] = made("forward", *forward_source(self.graph, quick=quick))
            try:
                found: list[list[float]] = self._forwards[quick](batch.rows, parameters)
            except (ArithmeticError, ValueError):
                continue
            if all(math.isfinite(sum(column)) for column in found):
                return found
            break
        return careful.forward(self.whole, parameters, batch.rows)

    def value_and_grad(self, parameters: Sequence[float], batch: Batch) -> tuple[float, list[float]]:
        """Return the mean of the first output over the samples, and its gradient."""
        if self.exact:
            found = self._one_by_one if self._decides else self._in_order
            done = found(parameters, batch.rows)
        else:
            done = self._swept(parameters, batch.rows)
        if done is not None and math.isfinite(sum(done[0]) + sum(done[1])):
            return careful.mean(done[0]), done[1]
        return careful.value_and_grad(self.whole, parameters, batch.rows)

    def _swept(self, parameters: Sequence[float], rows: Sequence[Any]) -> Swept | None:
        """Return the losses and the gradient; None where a kernel of eager raises."""
        for quick in (True, False):
            if quick not in self._sweeps:
                self._sweeps[quick] = made("sweep", *sweep_source(self.graph, quick=quick))
            try:
                swept: Swept = self._sweeps[quick](rows, parameters, 1 / len(rows), self._zeros())
                return swept
            except (ArithmeticError, ValueError):
                pass
        return None

    def _in_order(self, parameters: Sequence[float], rows: Sequence[Any]) -> Swept | None:
        """Return losses and gradient in the order of eager sweeps, which is the same for all samples."""
        sweep = self._ordered((-1,) * self.whole.indices)
        try:
            swept: Swept = sweep(rows, parameters, 1 / len(rows), self._zeros())
            return swept
        except (ArithmeticError, ValueError):
            return None

    def _one_by_one(self, parameters: Sequence[float], rows: Sequence[Any]) -> Swept | None:
        """Return losses and gradient in the order that each sample's own indices make."""
        losses: list[float] = []
        gradient = self._zeros()
        choices = [-1] * self.whole.indices
        for row in rows:
            for k in self._decides:
                choices[k] = row[self.whole.inputs + k]
            known = tuple(choices)
            if known not in self._sweeps and len(self._sweeps) >= MOST_ORDERS:
                return None
            try:
                loss, gradient = self._ordered(known)([row], parameters, 1 / len(rows), gradient)
            except (ArithmeticError, ValueError):
                return None
            losses += loss
        return losses, gradient

    def _ordered(self, choices: tuple[int, ...]) -> Callable[..., Any]:
        if choices not in self._sweeps:
            self._sweeps[choices] = made("sweep", *sweep_source(self.whole, choices))
        return self._sweeps[choices]

    def _zeros(self) -> list[float]:
        return [0.0] * self.whole.parameters

    def trained(self, *_: Any) -> None:
        """Return None: a sweep and a rule are two steps."""

    def rule(
        self, graph: Graph, vectors: int
    ) -> Callable[[Sequence[Sequence[float]], Sequence[float]], list[list[float]]]:
        """Return a function of vectors and numbers that runs a graph element by element."""
        run = made("rule", *rule_source(graph, vectors))

        def carefully(columns: Sequence[Sequence[float]], numbers: Sequence[float]) -> list[list[float]]:
            try:
                found: list[list[float]] = run(columns, numbers)
                return found
            except (ArithmeticError, ValueError):
                rows = [(*row, *numbers) for row in zip(*columns, strict=True)]
                return careful.forward(graph, [], rows)

        return carefully

    def source(self) -> str:
        """Return the source of forward and reverse."""
        if not self.exact:
            return f"{forward_source(self.graph, quick=True)[0]}\n\n{sweep_source(self.graph, quick=True)[0]}"
        choices = [0 if k in self._decides else -1 for k in range(self.whole.indices)]
        return f"{forward_source(self.graph)[0]}\n\n{sweep_source(self.graph, choices)[0]}"

    def describe(self) -> list[str]:
        """Return what there is to say about this executor."""
        source = self.source()
        lines = f"Python source of {source.count(chr(10)):,} lines, {len(source):,} characters"
        return [lines, "each sum is taken in the order of an eager sweep"] if self.exact else [lines]
