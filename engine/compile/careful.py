"""The careful path: a graph recorded once more on Values for each sample, and swept by the engine itself."""

import math
from collections.abc import Sequence
from typing import Any

from engine.collector import paused_gc
from engine.compile.graph import Graph, run
from engine.value import Value


def forward(graph: Graph, parameters: Sequence[float], rows: Sequence[tuple[Any, ...]]) -> list[list[float]]:
    """Return the outputs of a graph, a list of the samples' numbers for each; no number makes it raise.

    >>> from engine.compile.graph import INPUT
    >>> from engine.ops import log
    >>> forward(Graph([INPUT, log], [(0,), (0,)], (1,), inputs=1), [], [(0.0,), (1.0,)])
    [[-inf, 0.0]]
    """
    found: list[list[float]] = [[] for _ in graph.outputs]
    for row in rows:
        results = run(graph, parameters, row[: graph.inputs], row[graph.inputs :])
        for column, node in zip(found, graph.outputs, strict=True):
            column.append(float(results[node]))
    return found


def value_and_grad(
    graph: Graph, parameters: Sequence[float], rows: Sequence[tuple[Any, ...]]
) -> tuple[float, list[float]]:
    """Return the mean of the first output and its gradient, as an eager backward for each sample gives them.

    Each sample's loss is swept from loss * (1 / samples), one after the other.
    """
    leaves = [Value(p) for p in parameters]
    losses: list[float] = []
    with paused_gc():
        for row in rows:
            loss = run(graph, leaves, row[: graph.inputs], row[graph.inputs :])[graph.outputs[0]]
            if type(loss) is Value:
                losses.append(loss.data)
                (loss * (1 / len(rows))).backward()
            else:
                losses.append(loss)
    return mean(losses), [leaf.grad for leaf in leaves]


def mean(losses: Sequence[float]) -> float:
    """Return the mean of the samples' losses, inf and nan kept.

    >>> mean([1.0, 2.0, math.inf])
    inf
    """
    try:
        return math.fsum(losses) / len(losses)
    except (ValueError, OverflowError):
        return sum(losses) / len(losses)
