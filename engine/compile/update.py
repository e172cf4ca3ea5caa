"""One update of a flat vector of parameters: an optimizer's rule, recorded and run by an executor."""

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, NamedTuple

from engine.compile.batch import Batch
from engine.compile.differing import difference, is_same, parting
from engine.compile.executor import Executor, Optimizer, Vector
from engine.compile.graph import Graph
from engine.compile.guard import RecordError, guarded
from engine.compile.lower import Lowering
from engine.compile.reduce import reduce
from engine.optional import load
from engine.value import Value

VARYING = frozenset("parameters memory updates learning_rate _learning_rate".split())
"""The attributes of an optimizer that may change from update to update: its rule is given them."""

TRIED = (
    (0.5, 0.25, 0.0, 1.0, 0.1),
    (-1.5, -3.0, 2.0, 1000.0, 0.001),
    (40.0, 200.0, 0.5, 7.0, 0.9),
)
"""The numbers that a rule is recorded on: a parameter, its gradient, what is kept, t, the learning rate."""

PLAIN = (float, int, str, bool)
"""What cannot be changed in place, and is met most often."""


class Rule(NamedTuple):
    """An optimizer's rule, compiled: whose it is, its settings, and the function that runs it."""

    optimizer: Optimizer
    settings: tuple[Any, ...]
    run: Callable[[Sequence[Vector], Sequence[float]], list[Vector]]


def settings_of(optimizer: Optimizer) -> tuple[Any, ...]:
    """Return what an optimizer's rule may take as constants, to see whether it has changed."""
    own = getattr(optimizer, "__dict__", {})
    kept = [(name, x if type(x) in PLAIN else settled(x)) for name, x in own.items() if name not in VARYING]
    kept += [(s, settled(getattr(optimizer, s))) for s in _slots(type(optimizer)) if hasattr(optimizer, s)]
    return *kept, *optimizer.memory


@cache
def _slots(kind: type) -> list[str]:
    """Return the attributes of a class that have a slot, but for those that may vary."""
    return [s for base in kind.__mro__ for s in getattr(base, "__slots__", ()) if s not in VARYING]


def settled(x: Any) -> Any:
    """Return something that stays as x is now, when x is changed in place, and is equal to its like.

    >>> momentum = {"rates": [0.5, 0.25]}
    >>> before = settled(momentum)
    >>> momentum["rates"][1] = 0.125
    >>> before == settled(momentum)
    False
    """
    if type(x) in PLAIN:
        return x
    if isinstance(x, dict):
        return tuple([(key, item if type(item) in PLAIN else settled(item)) for key, item in x.items()])
    if type(x) is Value:
        return x.data
    x = x.tolist() if hasattr(x, "tolist") else x
    return tuple(map(settled, x)) if isinstance(x, (list, tuple)) else x


def rule_graph(optimizer: Optimizer) -> Graph:
    """Return an optimizer's rule as a graph of p, its gradient, what is kept, t and the learning rate.

    Errors: RecordError where it would freeze a number, or computes something else from other numbers;
    TypeError where it does not return a number for the parameter and for each of what is kept.
    """
    name = type(optimizer).__name__
    try:
        graphs = [_recorded(optimizer, name, *numbers) for numbers in TRIED]
    except RecordError as error:
        error.add_note(f"this happened in the rule of {name}, which is recorded")
        raise
    first, *others = graphs
    for other in others:
        if not is_same(first, other):
            node = parting(first, other)
            what = "it has other outputs" if node is None else difference(first, other, node)
            raise RecordError(
                f"the rule of {name} computes something else from other numbers: {what}. It is recorded: a "
                "branch on the numbers is written where, maximum or minimum; what changes from update to "
                "update is computed from t"
            )
    return reduce(first)


def _recorded(optimizer: Optimizer, name: str, p: float, g: float, kept: float, t: float, r: float) -> Graph:
    """Return what a rule records on some numbers."""
    first, second = Value(p), Value(g)
    memory, number, rate = [Value(kept) for _ in optimizer.memory], Value(t), Value(r)
    with guarded():
        results = optimizer.update(t=number, learning_rate=rate)(first, second, *memory)
    if not isinstance(results, (tuple, list)) or len(results) != 1 + len(memory):
        wanted = ", ".join(["the parameter", *optimizer.memory])
        raise TypeError(f"the rule of {name} returns a tuple of {wanted}, got {results!r}")
    outputs = [v if type(v) is Value else Value(v) for v in results]
    inputs = [first, second, *memory, number, rate]
    return Lowering([], inputs, 0).graph(outputs, 0, len(inputs))


def compiled_rule(executor: Executor, optimizer: Optimizer) -> Rule:
    """Return the rule of an optimizer, run by an executor."""
    vectors = 2 + len(optimizer.memory)
    return Rule(optimizer, settings_of(optimizer), executor.rule(rule_graph(optimizer), vectors))


def trained(rule: Rule, executor: Executor, parameters: Vector, batch: Batch) -> tuple[float, Vector]:
    """Return the mean loss of a batch, and the parameters after one update by its gradient.

    Errors: those of `moved`.
    """
    optimizer = rule.optimizer
    kept = [executor.vector(column) for column in optimizer.memory.values()]
    numbers = [optimizer.updates + 1.0, optimizer.learning_rate]
    done = executor.trained(parameters, batch, rule.run, kept, numbers)
    if done is None:
        loss, gradient = executor.value_and_grad(parameters, batch)
        return loss, moved(rule, executor, parameters, gradient)
    loss, (parameters, *columns) = done
    _count(optimizer, columns)
    return loss, parameters


def moved(rule: Rule, executor: Executor, parameters: Vector, gradient: Vector) -> Vector:
    """Return the parameters after one update, and count it in the optimizer, with what it keeps.

    Errors: FloatingPointError where a number would not be finite; nothing has changed then.
    """
    optimizer = rule.optimizer
    rate = optimizer.learning_rate
    kept = [executor.vector(column) for column in optimizer.memory.values()]
    results = rule.run([parameters, gradient, *kept], [optimizer.updates + 1.0, rate])
    for slot, column in zip(("", *optimizer.memory), results, strict=True):
        if not is_finite(column):
            _refuse(slot, column, parameters, gradient, rate)
    _count(optimizer, results[1:])
    return results[0]


def _count(optimizer: Optimizer, columns: Sequence[Vector]) -> None:
    """Count an update in an optimizer, with what it keeps."""
    if columns:
        optimizer.memory = dict(zip(optimizer.memory, columns, strict=True))
    optimizer.updates += 1


def is_finite(vector: Vector) -> bool:
    """Tell whether all numbers of a vector are finite.

    >>> is_finite([1e308, 1e308]), is_finite([1.0, math.nan])
    (True, False)
    """
    if not hasattr(vector, "dot"):
        return math.isfinite(sum(vector)) or all(map(math.isfinite, vector))
    numpy = load("numpy")
    with numpy.errstate(all="ignore"):
        return math.isfinite(vector.dot(vector)) or bool(numpy.isfinite(vector).all())


def _refuse(slot: str, column: Vector, parameters: Vector, gradient: Vector, rate: float) -> None:
    i = next(i for i, x in enumerate(column) if not math.isfinite(x))
    what = f"the {slot} of parameter {i}" if slot else f"parameter {i}"
    raise FloatingPointError(
        f"{what} would become {float(column[i])}: the parameter is {float(parameters[i])}, its gradient "
        f"{float(gradient[i])}; no parameter was changed, a smaller learning rate than {rate} may help"
    )
