"""Graphs as Programs of a list of numbers and a list of indices, and batches as their arguments."""

import numpy as np

from engine.compile.program import Program
from engine.compile.record import Sample
from engine.compile.signature import NUMBER, WHOLE, Signature


def as_program(graph, parameters, batch):
    """Return a graph as a Program of a list of numbers and a list of indices."""
    trees = [("list", (kind,) * n) for kind, n in ((NUMBER, graph.inputs), (WHOLE, graph.indices)) if n]
    names = [name for name, n in (("x", graph.inputs), ("i", graph.indices)) if n]
    row = batch.rows[0]
    example = Sample(list(row[: graph.inputs]), list(row[graph.inputs :]))
    return Program(
        graph, Signature(tuple(trees), tuple(names)), name="random", is_list=False, example=example,
        frozen=(), numbers=parameters, values=None, executor="python",
    )  # fmt: skip


def feeds(graph, batch, dtype):
    """Return the arrays of a batch by the arguments' names."""
    numbers, indices = (
        [row[a:b] for row in batch.rows] for a, b in ((0, graph.inputs), (graph.inputs, None))
    )
    given = {"x": np.array(numbers, dtype=dtype)} if graph.inputs else {}
    return given | ({"i": np.array(indices)} if graph.indices else {})
