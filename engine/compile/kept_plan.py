"""Plans of large graphs, kept in the cache on disk: planning takes a hundred times as long as reading."""

import pickle
import sys

from engine.compile.graph import Graph
from engine.compile.instructions import Plan
from engine.compile.object_cache import ObjectCache, key
from engine.compile.plan import plan
from engine.compile.texts import is_row
from engine.op import Op
from engine.optional import load

NODES = 2000
"""Graphs of fewer nodes are planned each time."""


def kept_plan(graph: Graph, cache: ObjectCache, *, gradient: bool) -> Plan:
    """Return the plan of a graph, from the cache if it is there; kept there if all ops are the table's own.

    >>> from engine.compile.graph import INPUT
    >>> kept_plan(Graph([INPUT], [(0,)], (0,), inputs=1), ObjectCache("."), gradient=False).parameters
    0
    """
    if len(graph.ops) < NODES or not all(is_row(op) for op in set(graph.ops) if isinstance(op, Op)):
        return plan(graph, gradient=gradient)
    name = key(graph, f"plan {gradient} {load('numpy').__version__} {sys.version}")
    content = cache.read(name)
    if content is not None:
        found: Plan = pickle.loads(content)
        return found
    made = plan(graph, gradient=gradient)
    cache.write(name, pickle.dumps(made))
    return made
