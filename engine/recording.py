"""How Values record: their methods, and what the ops do on them, specialised by arity from the table.

Each closure makes its node itself: a call of `make_node` would cost a tenth of recording. What gives it an
empty Value, `new`, is the one binding that watching swaps (engine.see.watch).
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeAlias

from engine import ops, value as nodes
from engine.carrier import Floats, as_floats
from engine.op import Op
from engine.value import Value, make_node

LARGEST = 1 << 53
"""Whole numbers up to this size turn into floats as they are, larger ones by way of a check."""

New: TypeAlias = Callable[[type[Value]], Value]
"""What makes an empty Value: object.__new__, or what also notes where it was called from."""
Compute: TypeAlias = Callable[..., float]
"""What computes an op on floats."""


class Values(tuple[Value, ...]):
    """A list operand of Values whose numbers are read once, for all the dots of a layer.

    Made, used and dropped within one call: a change of data in between would go unseen.
    """

    plain: tuple[Value, ...]
    numbers: list[float]

    @classmethod
    def of(cls, values: tuple[Value, ...]) -> "Values":
        """Return a tuple of Values with their numbers."""
        made = cls(values)
        made.plain, made.numbers = values, [v._data for v in values]
        return made


def _called(op: Op, method: Any, swapped: Any) -> Any:
    """Return what takes the operands of an op of two that is called as a function, maximum(x, y)."""
    dispatch = op.dispatch

    def call(*operands: Any) -> Any:
        if len(operands) == 2:
            x, y = operands
            if type(x) is Value:
                return method(x, y)
            if type(y) is Value:
                return swapped(y, x)
        return dispatch(*operands)

    return call


def _unary(op: Op, new: New, value: Compute) -> Any:
    dispatch, cls = op.dispatch, Value

    def method(x: Any, *more: Any) -> Any:
        if more or type(x) is not cls:
            return dispatch(x, *more)
        try:
            data = value(x._data)
        except (ArithmeticError, ValueError) as error:
            data = op.edge((x._data,), error)
        z = new(cls)
        z._data = data
        z.grad = 0.0
        z.op = op
        z.x = x
        z.y = None
        return z

    return method


def _binary(op: Op, new: New, value: Compute) -> Any:
    cls = Value

    def method(x: Value, y: Any) -> Value:
        kind = type(y)
        if kind is Value:
            b = y._data
        elif kind is float:
            b = y
        elif kind is int and -LARGEST <= y <= LARGEST:
            b = y = y + 0.0
        else:
            return op.dispatch(x, y)  # type: ignore[no-any-return]
        try:
            data = value(x._data, b)
        except (ArithmeticError, ValueError) as error:
            data = op.edge((x._data, b), error)
        z = new(cls)
        z._data = data
        z.grad = 0.0
        z.op = op
        z.x = x
        z.y = y
        return z

    return method


def _swapped(op: Op, new: New, value: Compute) -> Any:
    cls = Value

    def method(y: Value, x: Any) -> Value:
        kind = type(x)
        if kind is int and -LARGEST <= x <= LARGEST:
            x = x + 0.0
        elif kind is not float:
            return op.dispatch(x, y)  # type: ignore[no-any-return]
        try:
            data = value(x, y._data)
        except (ArithmeticError, ValueError) as error:
            data = op.edge((x, y._data), error)
        z = new(cls)
        z._data = data
        z.grad = 0.0
        z.op = op
        z.x = x
        z.y = y
        return z

    return method


def _listed(op: Op, new: New, value: Compute) -> Any:
    """Return what takes the operands of a list op: records lists of Values at once, dispatches the rest."""
    two, dispatch, cls = op.arity == 2, op.dispatch, Value

    def one(x: Any, *more: Any) -> Any:
        if more:
            return dispatch(x, *more)
        if type(x) is list:
            x = tuple(x)
        try:
            numbers = [v._data for v in x] if type(x) is tuple else None
        except AttributeError:
            return dispatch(x)
        if not numbers:
            return dispatch(x)
        try:
            data = value(numbers)
        except (ArithmeticError, ValueError) as error:
            data = op.edge((tuple(numbers),), error)
        return make_node(data, op, x, None)

    def pair(*operands: Any) -> Any:
        if len(operands) != 2:
            return dispatch(*operands)
        x: Any
        y: Any
        x, y = operands
        if type(x) is list:
            x = tuple(x)
        if type(y) is list:
            y = tuple(y)
        try:
            a = x if type(x) is Floats else [v._data for v in x] if type(x) is tuple else None
            if type(y) is Values:
                y, b = y.plain, y.numbers
            else:
                b = y if type(y) is Floats else [v._data for v in y] if type(y) is tuple else None
        except AttributeError:
            xs, ys = as_floats(x), as_floats(y)
            return dispatch(x, y) if xs is x and ys is y else pair(xs, ys)
        if not a or not b or len(a) != len(b) or (a is x and b is y):
            return dispatch(x, y)
        try:
            data = value(a, b)
        except (ArithmeticError, ValueError) as error:
            data = op.edge((tuple(a), tuple(b)), error)
        z = new(cls)
        z._data = data
        z.grad = 0.0
        z.op = op
        z.x = x
        z.y = y
        return z

    return pair if two else one


def install(
    new: New = object.__new__, called: New | None = None, guard: Callable[[Op], Compute] | None = None
) -> None:
    """Give Value its operators and methods, and every op its way to record, from the table.

    `called` makes the empty Values of ops that are called as functions, `new` all others; `guard` gives what
    computes an op in place of the op's own value function.
    """
    nodes.new, nodes.compute = new, guard or attrgetter("evaluate")
    value: Callable[[Op], Compute] = guard or attrgetter("value")
    for name, op in ops.OPERATORS.items():
        setattr(Value, f"__{name}__", _binary(op, new, value(op)))
        setattr(Value, f"__r{name}__", _swapped(op, new, value(op)))
    for name, op in (ops.METHODS | {"__neg__": ops.neg, "__abs__": ops.abs}).items():
        if op.arity == 1:
            ops.install_method(Value, name, _unary(op, new, value(op)), op)
    new = called or new
    for op in ops.TABLE.values():
        if all(op.lists):
            op.recorder = _listed(op, new, value(op))
        elif op.arity == 1:
            op.recorder = _unary(op, new, value(op))
        elif not any(op.lists):
            op.recorder = _called(op, _binary(op, new, value(op)), _swapped(op, new, value(op)))


install()
