"""The choice of an executor for a graph, by what is installed and by an estimate of the cost."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from engine.compile.cost import estimated
from engine.compile.executor import Executor
from engine.compile.graph import Graph
from engine.compile.numpy_executor import Numpy
from engine.compile.python import Python

EXECUTORS: dict[str, Callable[[Graph, Graph], Any]] = {"numpy": Numpy, "python": Python}
"""By name what makes an executor of a reduced graph and the graph as it was recorded."""

SAMPLES = 16
"""The batch size for which the cheaper executor is chosen."""


def chosen(graph: Graph, whole: Graph, choice: str, *, exact: bool) -> tuple[Executor, str]:
    """Return an executor, and why it is that one.

    Errors: ValueError for an unknown name, and for `exact` with another executor than python.
    """
    if choice != "auto" and choice not in EXECUTORS:
        raise ValueError(f"executor is 'auto' or one of {', '.join(EXECUTORS)}, got {choice!r}")
    if exact:
        if choice not in ("auto", "python"):
            raise ValueError(f"exact=True is a promise of the python executor, got executor={choice!r}")
        return Python(graph, whole, exact=True), "exact=True asks for the bits of eager"
    if choice != "auto":
        return EXECUTORS[choice](graph, whole), "it was asked for"
    if find_spec("numpy") is None:
        return Python(graph, whole), "numpy is not installed"
    cost = estimated(graph)
    about = f"{cost.work:,} operations a sample in about {cost.calls:,.0f} calls on arrays"
    if cost.favours_arrays(SAMPLES):
        return Numpy(graph, whole), about
    return Python(graph, whole), f"{cost.work:,} operations a sample are too few for calls on arrays"
