"""Derivatives of Python functions of numbers: grad, jacobian, hessian and products with them."""

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from engine import ops
from engine.carrier import Carrier, as_number
from engine.chain import gradients
from engine.collector import paused_gc
from engine.dual import Dual, new_level
from engine.value import Value


class _Nesting(threading.local):
    depth = 0


_nesting = _Nesting()


@contextmanager
def _inside() -> Iterator[None]:
    _nesting.depth += 1
    try:
        with paused_gc():
            yield
    finally:
        _nesting.depth -= 1


def leaves(tree: Any) -> list[Any]:
    """Return the numbers of nested lists, tuples and dicts, in order."""
    if isinstance(tree, dict):
        tree = list(tree.values())
    if isinstance(tree, (list, tuple)):
        return [leaf for branch in tree for leaf in leaves(branch)]
    return [tree]


def _leaves_like(tree: Any, form: Any, name: str) -> list[Any]:
    """Return the numbers of a tree in the order of `form`, or raise ValueError where it has another form."""
    if isinstance(form, dict):
        if isinstance(tree, dict) and tree.keys() == form.keys():
            return [leaf for key, part in form.items() for leaf in _leaves_like(tree[key], part, name)]
    elif isinstance(form, (list, tuple)):
        if isinstance(tree, (list, tuple)) and len(tree) == len(form):
            pairs = zip(tree, form, strict=True)
            return [leaf for branch, part in pairs for leaf in _leaves_like(branch, part, name)]
    elif not isinstance(tree, (dict, list, tuple)):
        return [tree]
    raise ValueError(f"{name} must have the form of {form!r}, got {tree!r}")


def shaped(tree: Any, numbers: Iterator[Any]) -> Any:
    """Return the tree with its numbers replaced, in order."""
    if isinstance(tree, dict):
        return {key: shaped(branch, numbers) for key, branch in tree.items()}
    if isinstance(tree, (list, tuple)):
        branches = [shaped(branch, numbers) for branch in tree]
        return branches if isinstance(tree, list) else tuple(branches)
    return next(numbers)


def _lifted(x: Any, name: str) -> Any:
    """Return a fresh variable that stands for x; what encloses this derivative sees through it."""
    x = as_number(x, name)
    if type(x) is Value:
        return ops.identity(x)
    if type(x) is Dual:
        return Dual(_lifted(x.data, name), x.rate, x.level)
    return Value(x)


def _variable(x: Any) -> Value:
    while type(x) is Dual:
        x = x.data
    return x  # type: ignore[no-any-return]


def _plain(x: Any) -> Any:
    return x.data if type(x) is Value else x


def _carried(x: Any) -> Any:
    return x if isinstance(x, Carrier) else Value(x)


def _itself(v: Value) -> Value:
    return v


class _Recorded:
    """One call of a function on fresh variables."""

    def __init__(self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.name = getattr(f, "__name__", repr(f))
        if not args:
            raise TypeError(f"{self.name} was called without an argument to differentiate with respect to")
        numbers = leaves(args)
        self.nested = _nesting.depth > 0 or any(type(_variable(x)) is Value for x in numbers)
        lifted = [_lifted(x, self.name) for x in numbers]
        self.args = args
        self.variables = [_variable(x) for x in lifted]
        with _inside():
            self.result = f(*shaped(args, iter(lifted)), **kwargs)
        self.outputs = leaves(self.result)
        for output in self.outputs:
            _refuse_constant(self.name, output)

    def gradient(self, output: Any) -> list[Any]:
        """Return ∂output/∂variable for each variable: floats, or where this is nested carriers."""
        if type(output) is Dual:
            parts = zip(self.gradient(output.data), self.gradient(output.rate), strict=True)
            return [Dual(data, rate, output.level) for data, rate in parts]
        if type(output) is not Value:
            return [0.0] * len(self.variables)
        if not self.nested:
            return gradients(output, self.variables)
        slopes = gradients(output, self.variables, carry=_itself)
        return [_carried(x) for x in slopes]

    def like_arguments(self, slopes: Sequence[Any]) -> Any:
        """Return slopes in the form of the arguments: bare for one argument, a tuple for several."""
        formed = shaped(self.args, iter(slopes))
        return formed[0] if len(self.args) == 1 else formed

    def value(self) -> Any:
        """Return what the function returned, as floats unless this is nested."""
        if self.nested:
            return self.result
        return shaped(self.result, map(_plain, self.outputs))


def _refuse_constant(name: str, output: Any) -> None:
    if isinstance(output, Carrier):
        return
    raise TypeError(
        f"{name} returned {output!r}, which was not computed from its arguments by ops of engine: write "
        "engine.sin(x), not math.sin(x), and Value(3.0) for a constant"
    )


def _single(recorded: _Recorded, verb: str) -> Any:
    if not isinstance(recorded.result, Carrier):
        raise TypeError(
            f"{verb} takes a function that returns one number, {recorded.name} returned "
            f"{type(recorded.result).__name__} of {len(recorded.outputs)}; use jacobian"
        )
    return recorded.result


def value_and_grad(f: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """Return a function that gives (f(*args), gradient) from one recording.

    The gradient has the form of the argument (number, list, nested lists, dict), and is a tuple of such
    where there are several arguments; keyword arguments are passed on and not differentiated. Arguments
    that are Values, and calls inside another derivative, give Values, which can be differentiated again.

    Errors: TypeError where f returns no single number, or one that ops of engine did not compute.

    >>> value_and_grad(lambda x, y: x * y)(2.0, 5.0)
    (10.0, (5.0, 2.0))
    """

    @functools.wraps(f)
    def derived(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        with paused_gc():
            recorded = _Recorded(f, args, kwargs)
            slopes = recorded.gradient(_single(recorded, "grad"))
        return recorded.value(), recorded.like_arguments(slopes)

    return derived


def grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return the gradient of f as a function; see `value_and_grad` for forms and errors.

    >>> grad(lambda x: x**3)(2.0), grad(grad(lambda x: x**3))(2.0)
    (12.0, 12.0)
    """
    pair = value_and_grad(f)

    @functools.wraps(f)
    def derived(*args: Any, **kwargs: Any) -> Any:
        return pair(*args, **kwargs)[1]

    return derived


def jacobian(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return the Jacobian of f as a function: f's result with a gradient in place of each number.

    For a function of one list that returns a list this is the matrix ∂yᵢ/∂xⱼ as a list of rows.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] + 2 * v[1]])([3.0, 5.0])
    [[5.0, 3.0], [1.0, 2.0]]
    """

    @functools.wraps(f)
    def derived(*args: Any, **kwargs: Any) -> Any:
        with paused_gc():
            recorded = _Recorded(f, args, kwargs)
            rows = [recorded.like_arguments(recorded.gradient(output)) for output in recorded.outputs]
        return shaped(recorded.result, iter(rows))

    return derived


def hessian(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return the Hessian of f as a function: the Jacobian of its gradient.

    For a function of one list it is the matrix ∂²y/∂xᵢ∂xⱼ; for several arguments a tuple of tuples of such.

    >>> hessian(lambda v: v[0] ** 2 * v[1])([1.0, 2.0])
    [[4.0, 2.0], [2.0, 0.0]]
    """
    return jacobian(grad(f))


def vjp(f: Callable[..., Any], *inputs: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return f(*inputs) and its pull-back, which takes weights in the form of the result.

    The pull-back gives Σᵢ weightᵢ ∂yᵢ/∂inputs in the form of the inputs.

    >>> y, pull_back = vjp(lambda v: [v[0] * v[1], v[0] + v[1]], [3.0, 5.0])
    >>> y, pull_back([1.0, 10.0])
    ([15.0, 8.0], [15.0, 13.0])
    """
    with paused_gc():
        recorded = _Recorded(f, inputs, {})

    def pull_back(weights: Any) -> Any:
        numbers = _leaves_like(weights, recorded.result, f"the weights of the result of {recorded.name}")
        with paused_gc():
            return recorded.like_arguments(recorded.gradient(ops.dot(recorded.outputs, numbers)))

    return recorded.value(), pull_back


def jvp(f: Callable[..., Any], inputs: Sequence[Any], rates: Sequence[Any]) -> tuple[Any, Any]:
    """Return f(*inputs) and the rate at which it changes when the inputs change at `rates` (forward mode).

    `inputs` and `rates` are a tuple with an entry per argument of f, of equal form.

    >>> jvp(lambda x, y: x * y, (2.0, 5.0), (1.0, 0.0))
    (10.0, 5.0)
    """
    name = getattr(f, "__name__", repr(f))
    if not isinstance(inputs, (list, tuple)) or not isinstance(rates, (list, tuple)):
        raise TypeError(f"jvp takes a tuple of arguments and a tuple of rates, got {inputs!r} and {rates!r}")
    numbers = [as_number(x, name) for x in leaves(inputs)]
    speeds = [as_number(x, name) for x in _leaves_like(rates, inputs, f"the rates of the inputs of {name}")]
    level = new_level()
    nested = _nesting.depth > 0 or any(isinstance(x, Carrier) for x in numbers + speeds)
    duals = [Dual(x, rate, level) for x, rate in zip(numbers, speeds, strict=True)]
    with _inside():
        result = f(*shaped(inputs, iter(duals)))
    values, changes = [], []
    for output in leaves(result):
        _refuse_constant(name, output)
        here = type(output) is Dual and output.level == level
        value, change = (output.data, output.rate) if here else (output, 0.0)
        values.append(_carried(value) if nested else _plain(value))
        changes.append(_carried(change) if nested else _plain(change))
    return shaped(result, iter(values)), shaped(result, iter(changes))


def hvp(f: Callable[..., Any], inputs: Sequence[Any], directions: Sequence[Any]) -> Any:
    """Return the Hessian of f at inputs times directions, without the Hessian: reverse over forward mode.

    `inputs` and `directions` are a tuple with an entry per argument of f; so is the result's form, bare for
    one argument.

    >>> hvp(lambda v: v[0] ** 2 * v[1], ([1.0, 2.0],), ([1.0, 0.0],))
    [4.0, 2.0]
    """

    def rate(*args: Any) -> Any:
        return jvp(f, args, directions)[1]

    return grad(rate)(*inputs)
