"""The choice of an executor for a graph, by what is installed and by an estimate of the cost."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from engine.compile.cost import Cost, estimated
from engine.compile.executor import Executor
from engine.compile.graph import Graph
from engine.compile.groups import arranged
from engine.compile.llvm_executor import Llvm
from engine.compile.llvm_rows import is_row
from engine.compile.numpy_executor import Numpy
from engine.compile.python import Python
from engine.op import Op

EXECUTORS: dict[str, Callable[[Graph, Graph], Any]] = {"llvm": Llvm, "numpy": Numpy, "python": Python}
"""By name what makes an executor of a reduced graph and the graph as it was recorded."""

SAMPLES = 16
"""The batch size for which the cheaper executor is chosen."""
STEPS = 20_000
"""So many steps have to win back what compiling takes."""


def refuse_unknown(choice: str, *, exact: bool) -> None:
    """Refuse what is no executor's name, and no switch.

    Errors: ValueError for an unknown name, and for `exact` with another executor than python; TypeError for
    an `exact` that is neither True nor False.

    >>> refuse_unknown("gpu", exact=False)
    Traceback (most recent call last):
    ...
    ValueError: executor is 'auto' or one of llvm, numpy, python, got 'gpu'
    """
    if not isinstance(choice, str) or (choice != "auto" and choice not in EXECUTORS):
        raise ValueError(f"executor is 'auto' or one of {', '.join(EXECUTORS)}, got {choice!r}")
    if not isinstance(exact, bool):
        raise TypeError(f"exact is True or False, got {exact!r}")
    if exact and choice not in ("auto", "python"):
        raise ValueError(f"exact=True is a promise of the python executor, got executor={choice!r}")


def chosen(graph: Graph, whole: Graph, choice: str, *, exact: bool) -> tuple[Executor, str]:
    """Return an executor, and why it is that one.

    Errors: those of `refuse_unknown`.
    """
    refuse_unknown(choice, exact=exact)
    if exact:
        return Python(graph, whole, exact=True), "exact=True asks for the bits of eager"
    if choice != "auto":
        return EXECUTORS[choice](graph, whole), "it was asked for"
    if find_spec("numpy") is None:
        return Python(graph, whole), "numpy is not installed"
    arrangement = arranged(graph)
    cost = estimated(graph, arrangement)
    about = f"{cost.work:,} operations a sample in about {cost.calls:,.0f} calls on arrays"
    told = f"{about}; a step of {SAMPLES} samples takes about {_told(cost)}"
    if cost.favours_compiling(SAMPLES, STEPS) and _can_compile(graph):
        return Llvm(graph, whole, arrangement), f"{told}; compiling takes about {cost.compiling:.1f} s, once"
    if cost.favours_arrays(SAMPLES):
        return Numpy(graph, whole, arrangement), told
    return Python(graph, whole), f"{told}: too few operations for calls on arrays"


def _can_compile(graph: Graph) -> bool:
    """Return whether the extra `fast` is there, and all ops are engine's own."""
    own = all(is_row(op) for op in set(graph.ops) if isinstance(op, Op))
    return own and all(find_spec(name) is not None for name in ("llvmlite", "platformdirs"))


def _told(cost: Cost) -> str:
    """Return what a step would take each executor."""
    llvm, numpy, python = cost.compiled(SAMPLES), cost.on_arrays(SAMPLES), cost.in_python(SAMPLES)
    return f"{llvm:,.0f} us in llvm, {numpy:,.0f} us in numpy, {python:,.0f} us in python"
