"""Python source of a whole graph: forward, forward and reverse, an optimizer's rule; a loop over samples."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from engine.compile.backward import ROW, ReverseLines, gated
from engine.compile.graph import INDEX, INPUT, LEAVES, PARAMETER, Graph
from engine.compile.order import sweep_order
from engine.compile.straight import Straight

Source: TypeAlias = tuple[str, dict[str, Any]]
"""The text of a function, and the names it uses."""

MOST_EARLY = 240
"""So many variables are named first."""


def made(name: str, source: str, known: dict[str, Any]) -> Callable[..., Any]:
    """Return the function of a name that source defines."""
    namespace = dict(known)
    exec(compile(source, f"<program {name}>", "exec"), namespace)
    function: Callable[..., Any] = namespace[name]
    return function


def forward_source(graph: Graph, *, quick: bool = False) -> Source:
    """Return the source of `forward(rows, P)`, which gives a list of numbers for each output.

    With `quick` it may use kernels that are a little less exact, and raise more often.
    """
    straight = Straight(graph, quick=quick)
    once, each = _forward_lines(straight, graph.varying())
    results = [straight.text[node] for node in graph.outputs]
    lines = ["def forward(rows, P):", *_indented(_early(each), 1)]
    lines += _indented(parameters_lines(graph) + once, 1)
    lines += _collected(results, f"for {row_text(graph)} in rows:", each)
    return "\n".join(lines) + "\n", straight.names.known


def rule_source(graph: Graph, vectors: int) -> Source:
    """Return the source of `rule(columns, numbers)`, which gives a column for each output.

    The first `vectors` inputs of the graph are elements of the columns, the others the numbers.
    """
    straight = Straight(graph)
    elements = [
        op is INPUT and operands[0] < vectors for op, operands in zip(graph.ops, graph.operands, strict=True)
    ]
    varying = graph.spread(elements)
    once, each = _forward_lines(straight, varying)
    results = [straight.text[node] for node in graph.outputs]
    names = [f"x{k}" for k in range(graph.inputs)]
    lines = [
        "def rule(columns, numbers):",
        f"    {', '.join(names[vectors:])}, = numbers",
        *_indented(once, 1),
    ]
    head = f"for {', '.join(names[:vectors])}, in zip(*columns, strict=True):"
    lines += _collected(results, head, each)
    return "\n".join(lines) + "\n", straight.names.known


def _forward_lines(straight: Straight, varying: Sequence[bool]) -> tuple[list[str], list[str]]:
    """Write all nodes, and return the lines of those that are computed once, and of those of each sample."""
    for node, varies in enumerate(varying):
        if not varies:
            straight.forward(node)
    once, straight.lines = straight.lines, []
    for node, varies in enumerate(varying):
        if varies:
            straight.forward(node)
    each, straight.lines = straight.lines, []
    return once, each


def _collected(results: Sequence[str], head: str, each: Sequence[str]) -> list[str]:
    """Return a loop that puts results into lists, and returns these."""
    lists = [f"r{i}" for i in range(len(results))]
    lines = [f"{name} = []" for name in lists] + [head, *_indented(each, 1)]
    lines += [f"    {name}.append({text})" for name, text in zip(lists, results, strict=True)]
    return _indented([*lines, f"return [{', '.join(lists)}]"], 1)


def sweep_source(graph: Graph, choices: Sequence[int] | None = None, *, quick: bool = False) -> Source:
    """Return the source of `sweep(rows, P, seed, G)`, which gives the losses and the gradient, added to G.

    With `choices` sums are taken in the order of an eager sweep of each sample; `quick` as above.
    """
    straight, varying = Straight(graph, choices, quick=quick), graph.varying()
    exact = choices is not None
    kept = set() if exact else {n for n, op in enumerate(graph.ops) if not varying[n] and op not in LEAVES}
    once, each = _forward_lines(straight, varying)
    output = graph.outputs[0]
    straight.lines = [*each, f"losses.append({straight.text[output]})"]
    reverse = ReverseLines(straight, kept, () if exact else gated(graph))
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
    single = [k for k in _places(graph) if k not in straight.tables]
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


def _places(graph: Graph) -> list[int]:
    """Return the parameters that a graph reads."""
    pairs = zip(graph.ops, graph.operands, strict=True)
    return sorted(operands[0] for op, operands in pairs if op is PARAMETER)


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
    places = _places(graph)
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
