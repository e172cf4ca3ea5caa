"""What is looked at: a Value, or what a function makes of its inputs while it is watched."""

import inspect
from collections.abc import Callable, Iterable
from itertools import zip_longest
from typing import Any

from engine.carrier import Carrier
from engine.see.origin import note
from engine.see.watch import watch
from engine.value import Value


def traced(y: Value | Callable[..., Any], inputs: Iterable[Any], *, by: str) -> Value:
    """Return y if it is a Value, else what the function y makes of its inputs, watched.

    Inputs are numbers or (nested) lists of them, which become Values called after the function's parameters
    ("x", "xs[0]"), or Values as they are. Nothing is swept. `by` is who asks, for messages.

    Errors: TypeError for what is neither a Value nor a function, for inputs without a function, for inputs
    that the function does not take, and where it does not return one Value. What the function itself raises
    for its inputs has a note that they are Values.

    >>> y = traced(lambda x, ws: x * ws[0], (2.0, [3.0]), by="ledger")
    >>> [v.label for v in y.inputs]
    ['x', 'ws[0]']
    """
    inputs = tuple(inputs)
    if isinstance(y, Value):
        if inputs:
            raise TypeError(f"{by} takes one Value, or a function and its inputs; got a Value and {inputs!r}")
        return y
    if isinstance(y, Carrier) or not callable(y):
        raise TypeError(f"{by} takes a Value, or a function and its inputs; got {y!r}")
    names = _parameters(y)
    arguments = [_lifted(x, name) for x, name in zip_longest(inputs, names[: len(inputs)], fillvalue="")]
    try:
        with watch():
            result = y(*arguments)
    except (TypeError, IndexError) as error:
        error.add_note(
            f"{by} hands numbers on as Values. What is none to differentiate by, a label or an index, "
            f"belongs inside: {by}(lambda x: {_called(y)}(x, 1), x)"
        )
        raise
    if not isinstance(result, Value):
        raise TypeError(f"{by} looks at one Value; the function {_called(y)} returned {result!r}")
    return result


def _parameters(function: Callable[..., Any]) -> list[str]:
    """Return the names of what a function takes in order; none where Python does not know them."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return []
    names = []
    for parameter in parameters:
        if parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD):
            names.append(parameter.name)
    return names


def _lifted(x: Any, name: str) -> Any:
    """Return an input as a Value called by a name, a list as a list of them; what is no number as it is."""
    if isinstance(x, (list, tuple)):
        return [_lifted(item, f"{name}[{i}]" if name else "") for i, item in enumerate(x)]
    if isinstance(x, Value):
        if name:
            note(x, name=name)
        return x
    return Value(x, name)


def _called(function: Callable[..., Any]) -> str:
    return str(getattr(function, "__name__", None) or type(function).__name__)
