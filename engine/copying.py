"""Copying and pickling of whole graphs, without recursion."""

import copyreg
from typing import Any

from engine import chain
from engine.op import Op
from engine.see.origin import Origin, portable
from engine.value import Value, make_node


def _kept(operand: Any, known: dict[Value, Any]) -> Any:
    """Return an operand with every Value replaced by what is known of it."""
    if type(operand) is Value:
        return known[operand]
    if type(operand) is tuple:
        return tuple([known[v] for v in operand])
    return operand


def _node(v: Value, op: Op, x: Any, y: Any) -> Value:
    return _dress(make_node(v.data, op, x, y), v.grad, v.label, getattr(v, "_origin", None))


def _dress(v: Value, grad: float, label: str, origin: tuple[Any, ...] | None) -> Value:
    """Give a copy what the Value had, its origin too: not the place where it was copied."""
    v.grad = grad
    if label:
        v.label = label
    if origin is not None:
        v._origin = origin
    elif hasattr(v, "_origin"):
        del v._origin
    return v


def shallow(v: Value) -> Value:
    """Return a Value with the same number, gradient, label and operands."""
    if v.op is None:
        return _dress(Value(v.data), v.grad, v.label, getattr(v, "_origin", None))
    return _node(v, v.op, v.x, v.y)


def deep(output: Value, memo: dict[int, Any]) -> Value:
    """Return a copy of the whole graph under output; what `memo` holds already is shared."""
    copies: dict[Value, Value] = {}
    for v in chain.order(output):
        known = memo.get(id(v))
        if known is None:
            known = shallow(v) if v.op is None else _node(v, v.op, _kept(v.x, copies), _kept(v.y, copies))
            memo[id(v)] = known
        copies[v] = known
    return copies[output]


def _restore_leaf(data: float, grad: float, label: str, origin: Origin | None) -> Value:
    return _dress(Value(data), grad, label, origin)


def _restore(leaves: list[Value], rows: list[tuple[Any, ...]]) -> Value:
    nodes: list[Value] = list(leaves)
    for data, grad, label, origin, op, x, y in rows:
        node = make_node(data, op, _linked(x, nodes), _linked(y, nodes))
        nodes.append(_dress(node, grad, label, origin))
    return nodes[-1]


def _linked(operand: Any, nodes: list[Value]) -> Any:
    if type(operand) is int:
        return nodes[operand]
    if type(operand) is list:
        return tuple([nodes[i] for i in operand])
    return operand


def _numbered(operand: Any, numbers: dict[Value, int]) -> Any:
    """Return an operand with Values as their numbers: a list of numbers where it is a tuple of Values."""
    if type(operand) is Value:
        return numbers[operand]
    if type(operand) is tuple:
        return [numbers[v] for v in operand]
    return operand


def reduce(output: Value) -> tuple[Any, ...]:
    """Return what pickle keeps: the leaves as they are, then a row for every recorded node in order.

    Leaves keep their identity within one pickle (a model and its loss share their parameters afterwards);
    two outputs pickled together get recorded nodes of their own. Watched ones keep name, source and scope.
    """
    if output.op is None:
        return _restore_leaf, (output.data, output.grad, output.label, portable(output))
    nodes = chain.order(output)
    numbers = {v: i for i, v in enumerate(nodes)}
    rows = [
        (v.data, v.grad, v.label, portable(v), v.op, _numbered(v.x, numbers), _numbered(v.y, numbers))
        for v in nodes
        if v.op is not None
    ]
    return _restore, ([v for v in nodes if v.op is None], rows)


copyreg.pickle(Value, reduce)
Value.__copy__ = shallow  # type: ignore[attr-defined]
Value.__deepcopy__ = deep  # type: ignore[assignment,method-assign]
