"""The python executor: straight-line source of one graph, a loop over the samples inside of it."""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any

from engine.compile import careful
from engine.compile.backward import ROW, Reverse, gated
from engine.compile.batch import Batch
from engine.compile.graph import INDEX, INPUT, LEAVES, PARAMETER, Graph
from engine.compile.order import decides, sweep_order
from engine.compile.straight import Straight

MOST_ORDERS = 32
"""Of a graph whose sweep goes another way for other indices so many ways are kept as source."""
MOST_EARLY = 240


class Python:
    """Runs a graph as Python source, which is made when it is first used.

    `graph` is what it runs, `whole` the graph as it was recorded: where a number makes a kernel raise, or
    something is not finite, the batch runs on that once more, as eager would. With `exact` it runs `whole`,
    and every sum is taken in the order of an eager sweep.

    >>> from engine.ops import mul
    >>> graph = Graph([INPUT, PARAMETER, mul], [(0,), (0,), (0, 1)], (2,), parameters=1, inputs=1)
    >>> Python(graph, graph).value_and_grad([3.0], Batch(1, (1, 0), (), rows=[(2.0,)]))
    (6.0, [2.0])
    """

    name = "python"

    def __init__(self, graph: Graph, whole: Graph, *, exact: bool = False) -> None:
        self.graph, self.whole, self.exact = whole if exact else graph, whole, exact
        self._sweeps: dict[tuple[int, ...], Callable[..., Any]] = {}
        self._decides = decides(whole) if exact else []

    def vector(self, numbers: Iterable[float]) -> list[float]:
        """Return a vector in the form that this executor works on."""
        return list(numbers)

    def forward(self, parameters: Sequence[float], batch: Batch) -> list[list[float]]:
        """Return for each output the samples' numbers."""
        try:
            found: list[list[float]] = self._forward(batch.rows, parameters)
        except (ArithmeticError, ValueError):
            return careful.forward(self.whole, parameters, batch.rows)
        if not all(math.isfinite(sum(column)) for column in found):
            return careful.forward(self.whole, parameters, batch.rows)
        return found

    def value_and_grad(self, parameters: Sequence[float], batch: Batch) -> tuple[float, list[float]]:
        """Return the mean of the first output over the samples, and its gradient."""
        rows = batch.rows
        if self.exact and self._decides:
            return self._one_by_one(parameters, rows)
        try:
            losses, gradient = self._sweep((-1,) * self.whole.indices)(
                rows, parameters, 1 / len(rows), [0.0] * self.graph.parameters
            )
        except (ArithmeticError, ValueError):
            return careful.value_and_grad(self.whole, parameters, rows)
        if not math.isfinite(sum(losses) + sum(gradient)):
            return careful.value_and_grad(self.whole, parameters, rows)
        return careful.mean(losses), gradient

    def _one_by_one(self, parameters: Sequence[float], rows: Sequence[Any]) -> tuple[float, list[float]]:
        """Sweep each sample in the order that its own indices make."""
        whole = self.whole
        losses: list[float] = []
        gradient = [0.0] * whole.parameters
        choices = [-1] * whole.indices
        for row in rows:
            for k in self._decides:
                choices[k] = row[whole.inputs + k]
            known = tuple(choices)
            if known not in self._sweeps and len(self._sweeps) >= MOST_ORDERS:
                return careful.value_and_grad(whole, parameters, rows)
            try:
                loss, gradient = self._sweep(known)([row], parameters, 1 / len(rows), gradient)
            except (ArithmeticError, ValueError):
                return careful.value_and_grad(whole, parameters, rows)
            losses += loss
        if not math.isfinite(sum(losses) + sum(gradient)):
            return careful.value_and_grad(whole, parameters, rows)
        return careful.mean(losses), gradient

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
        choices = (-1,) * self.whole.indices
        if self._decides:
            choices = tuple([0 if k in self._decides else -1 for k in range(self.whole.indices)])
        return f"{forward_source(self.graph, exact=self.exact)[0]}\n\n{self._sweep_source(choices)[0]}"

    def describe(self) -> list[str]:
        """Return what there is to say about this executor."""
        source = self.source()
        lines = f"Python source of {source.count(chr(10)):,} lines, {len(source):,} characters"
        return [lines, "each sum is taken in the order of an eager sweep"] if self.exact else [lines]

    @cached_property
    def _forward(self) -> Callable[..., Any]:
        return made("forward", *forward_source(self.graph, exact=self.exact))

    def _sweep_source(self, choices: tuple[int, ...]) -> tuple[str, dict[str, Any]]:
        return sweep_source(self.graph, choices if self.exact else None)

    def _sweep(self, choices: tuple[int, ...]) -> Callable[..., Any]:
        if choices not in self._sweeps:
            self._sweeps[choices] = made("sweep", *self._sweep_source(choices))
        return self._sweeps[choices]


def made(name: str, source: str, known: dict[str, Any]) -> Callable[..., Any]:
    """Return the function of a name that source defines."""
    namespace = dict(known)
    exec(compile(source, f"<program {name}>", "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


def forward_source(graph: Graph, *, exact: bool = False) -> tuple[str, dict[str, Any]]:
    """Return the source of `forward(rows, P)`, which gives a list for each output, and its names."""
    straight, varying = Straight(graph, (-1,) * graph.indices if exact else None), graph.varying()
    for node, varies in enumerate(varying):
        if not varies:
            straight.forward(node)
    once, straight.lines = straight.lines, []
    for node, varies in enumerate(varying):
        if varies:
            straight.forward(node)
    results = [straight.text[node] for node in graph.outputs]
    lines = ["def forward(rows, P):", *_indented(_early(straight.lines), 1)]
    lines += _indented(parameters_lines(graph) + once, 1)
    lines += [*(f"    r{i} = []" for i in range(len(results))), f"    for {row_text(graph)} in rows:"]
    lines += _indented(straight.lines, 2)
    lines += [f"        r{i}.append({text})" for i, text in enumerate(results)]
    lines.append(f"    return [{', '.join(f'r{i}' for i in range(len(results)))}]")
    return "\n".join(lines) + "\n", straight.names.known


def sweep_source(graph: Graph, choices: Sequence[int] | None = None) -> tuple[str, dict[str, Any]]:
    """Return the source of `sweep(rows, P, seed, G)`, which gives the losses and the gradient, and its names.

    The gradient is added to G. With `choices` sums are taken in the order of an eager sweep of each sample.
    """
    straight, varying = Straight(graph, choices), graph.varying()
    exact = choices is not None
    kept = set() if exact else {n for n, op in enumerate(graph.ops) if not varying[n] and op not in LEAVES}
    for node, varies in enumerate(varying):
        if not varies:
            straight.forward(node)
    once, straight.lines = straight.lines, []
    for node, varies in enumerate(varying):
        if varies:
            straight.forward(node)
    output = graph.outputs[0]
    straight.emit(f"losses.append({straight.text[output]})")
    reverse = Reverse(straight, kept, () if exact else gated(graph))
    reverse.seed(output, "seed")
    order = sweep_order(graph, choices) if choices is not None else range(len(graph.ops))
    for node in reversed(order):
        if exact or varying[node]:
            reverse.node(node)
    reverse.flush()
    inner, straight.lines = straight.lines, []
    for node in reversed(range(len(graph.ops))):
        if node in kept and reverse.active[node]:
            reverse.node(node)
            reverse.flush()
    after = straight.lines
    single = [
        graph.operands[n][0]
        for n, op in enumerate(graph.ops)
        if op is PARAMETER and graph.operands[n][0] not in straight.tables
    ]
    single.sort()
    everything = len(single) == graph.parameters > 0
    names = ", ".join(f"a{k}" for k in single)
    begin = [f"{names}, = G"] if everything else _slices("{a}, = {G}", single)
    begin += [f"g{n} = 0.0" for n in sorted(kept) if reverse.active[n]]
    lines = ["def sweep(rows, P, seed, G):", *_indented(_early(inner), 1)]
    lines += _indented(parameters_lines(graph) + begin + once, 1)
    lines += ["    losses = []", f"    for {row_text(graph)} in rows:"]
    lines += _indented(inner, 2) + _indented(after, 1)
    lines += [] if everything else _indented(_slices("{G} = {a},", single), 1)
    lines.append(f"    return losses, {f'[{names}]' if everything else 'G'}")
    return "\n".join(lines) + "\n", straight.names.known


def rule_source(graph: Graph, vectors: int) -> tuple[str, dict[str, Any]]:
    """Return the source of `rule(columns, numbers)`, which gives a column for each output, and its names."""
    straight = Straight(graph)
    varying: list[bool] = []
    for op, operands, reads in zip(graph.ops, graph.operands, graph.all_reads(), strict=True):
        varying.append((op is INPUT and operands[0] < vectors) or any([varying[n] for n in reads]))
    for node, varies in enumerate(varying):
        if not varies:
            straight.forward(node)
    once, straight.lines = straight.lines, []
    for node, varies in enumerate(varying):
        if varies:
            straight.forward(node)
    results = [straight.text[node] for node in graph.outputs]
    scalars = ", ".join(f"x{k}" for k in range(vectors, graph.inputs))
    lines = ["def rule(columns, numbers):", f"    {scalars}, = numbers", *_indented(once, 1)]
    lines += [f"    r{i} = []" for i in range(len(results))]
    lines.append(f"    for {', '.join(f'x{k}' for k in range(vectors))}, in zip(*columns, strict=True):")
    lines += _indented(straight.lines, 2)
    lines += [f"        r{i}.append({text})" for i, text in enumerate(results)]
    lines.append(f"    return [{', '.join(f'r{i}' for i in range(len(results)))}]")
    return "\n".join(lines) + "\n", straight.names.known


def _parts(places: Sequence[int]) -> list[list[int]]:
    """Return numbers in runs of neighbours, none of them longer than a line."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1 and len(runs[-1]) < ROW:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs


def _taken(vector: str, run: Sequence[int]) -> str:
    return f"{vector}[{run[0]}:{run[-1] + 1}]"


def _slices(line: str, places: Sequence[int]) -> list[str]:
    """Return a line for each run of places, with the names {a} and the slice {G} filled in."""
    return [line.format(a=", ".join(f"a{k}" for k in part), G=_taken("G", part)) for part in _parts(places)]


def parameters_lines(graph: Graph) -> list[str]:
    """Return the lines that give the parameters which a graph reads their names."""
    places = sorted(
        operands[0] for op, operands in zip(graph.ops, graph.operands, strict=True) if op is PARAMETER
    )
    if len(places) == graph.parameters:
        return [f"{', '.join(f'p{k}' for k in places)}, = P"] if places else []
    return [f"{', '.join(f'p{k}' for k in part)}, = {_taken('P', part)}" for part in _parts(places)]


def row_text(graph: Graph) -> str:
    """Return the names of a row's numbers and indices, `_` for those that nothing reads."""
    used = {INPUT: set[int](), INDEX: set[int]()}
    for op, operands in zip(graph.ops, graph.operands, strict=True):
        if op in used:
            used[op].add(operands[0])
    names = [f"x{k}" if k in used[INPUT] else "_" for k in range(graph.inputs)]
    names += [f"i{k}" if k in used[INDEX] else "_" for k in range(graph.indices)]
    return f"{', '.join(names)}," if names else "_"


def _early(lines: Iterable[str]) -> list[str]:
    """Return lines that name the variables which are read most often before all others.

    Python reads the first 256 variables of a function in one step, all others in two.
    """
    read = Counter(name for line in lines for name in re.findall(r"\b[xvgi]\d+\b", line))
    names = [name for name, times in read.most_common(MOST_EARLY) if times > 2]
    return [f"{' = '.join(names[i : i + ROW])} = 0.0" for i in range(0, len(names), ROW)]


def _indented(lines: Iterable[str], depth: int) -> list[str]:
    return ["    " * depth + line for line in lines]
