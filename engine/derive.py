"""Derivatives of Python functions of numbers: grad, jacobian, hessian and products with them."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from engine import ops
from engine.carrier import Carrier, as_number
from engine.chain import gradients
from engine.collector import paused_gc
from engine.dual import Dual, new_level
from engine.nesting import (
    carried,
    inside,
    is_inside,
    lifted,
    plain,
    reaches_out,
    stand_in,
    values_in,
    variable,
)
from engine.trees import leaves, leaves_like, shaped
from engine.value import Value


def _itself(v: Value) -> Value:
    return v


def _name(f: Any) -> str:
    """Return the name of a function, or raise TypeError where it is none."""
    if not callable(f):
        raise TypeError(
            f"a derivative is taken of a function, got {f!r}; of a Value that was recorded: y.backward()"
        )
    return getattr(f, "__name__", repr(f))


def _refuse_no_tuples(verb: str, inputs: Any, what: str, others: Any) -> None:
    for tree in (inputs, others):
        if not isinstance(tree, (list, tuple)):
            raise TypeError(
                f"{verb} takes a tuple of arguments and a tuple of {what}, got {inputs!r} and {others!r}"
            )


class _Recorded:
    """One call of a function on fresh variables; `others` are numbers, too, that its result depends on."""

    def __init__(
        self, f: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], others: Sequence[Any] = ()
    ) -> None:
        self.name = _name(f)
        if not args:
            raise TypeError(f"{self.name} was called without an argument to differentiate with respect to")
        numbers = leaves(args)
        fresh = [lifted(x, self.name) for x in numbers]
        self.nested = is_inside() or bool(values_in([*numbers, *others]))
        self.args = args
        self.variables = [variable(x) for x in fresh]
        with inside(self.variables):
            self.result = f(*shaped(args, iter(fresh)), **kwargs)
        self.outputs = leaves(self.result)
        self.nested = self.nested or reaches_out(self.outputs)
        for output in self.outputs:
            _refuse_constant(self.name, output)

    def gradient(self, output: Any) -> list[Any]:
        """Return ∂output/∂variable for each variable: floats, or where this is nested carriers."""
        return self._slopes(output, _itself if self.nested else None)

    def pulled_back(self, weights: list[Any]) -> list[Any]:
        """Return Σᵢ weightᵢ ∂outputᵢ/∂variable for each variable; weights may depend on the variables."""
        originals: dict[Value, Value] = {}
        constants = [stand_in(weight, originals) for weight in weights]
        nested = self.nested or is_inside() or bool(originals)
        carry = (lambda v: originals.get(v, v)) if nested else None
        return self._slopes(ops.dot(self.outputs, constants), carry)

    def _slopes(self, output: Any, carry: Callable[[Value], Any] | None) -> list[Any]:
        if type(output) is Dual:
            parts = zip(self._slopes(output.data, carry), self._slopes(output.rate, carry), strict=True)
            return [Dual(data, rate, output.level) for data, rate in parts]
        if type(output) is not Value:
            return [0.0] * len(self.variables)
        if carry is None:
            return gradients(output, self.variables)
        return [carried(x) for x in gradients(output, self.variables, carry=carry)]

    def like_arguments(self, slopes: Sequence[Any]) -> Any:
        """Return slopes in the form of the arguments: bare for one argument, a tuple for several."""
        formed = shaped(self.args, iter(slopes))
        return formed[0] if len(self.args) == 1 else formed

    def value(self) -> Any:
        """Return what the function returned, as floats unless this is nested."""
        if self.nested:
            return self.result
        return shaped(self.result, map(plain, self.outputs))


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
    """Return a function that gives (f(*args), gradient) from one recording, by reverse mode.

    f takes numbers, or nested lists, tuples and dicts of them, and computes with ops of engine. The gradient
    has the form of the argument, and is a tuple of such where there are several arguments; keyword arguments
    are passed on and not differentiated. Numbers give floats; arguments that are Values, and calls inside
    another derivative, give Values, which can be differentiated again; a call in another thread does where
    its result depends on a variable of a derivative that waits for it.

    Errors: TypeError for what is no function; when it is called, for no argument, for one that is no number,
    and where f returns no single number, or one that ops of engine did not compute.

    >>> value_and_grad(lambda x, y: x * y)(2.0, 5.0)
    (10.0, (5.0, 2.0))
    """
    _name(f)

    @functools.wraps(f)
    def derived(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        with paused_gc():
            recorded = _Recorded(f, args, kwargs)
            slopes = recorded.gradient(_single(recorded, "grad"))
        return recorded.value(), recorded.like_arguments(slopes)

    return derived


def grad(f: Callable[..., Any]) -> Callable[..., Any]:
    """Return the gradient of f as a function; `value_and_grad` tells what f takes and which form it has.

    Errors: those of `value_and_grad`.

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

    For a function of one list that returns a list this is the matrix ∂yᵢ/∂xⱼ as a list of rows, each from a
    sweep of its own. f may return nested lists, tuples and dicts.

    Errors: those of `value_and_grad`, but for the single number.

    >>> jacobian(lambda v: [v[0] * v[1], v[0] + 2 * v[1]])([3.0, 5.0])
    [[5.0, 3.0], [1.0, 2.0]]
    """
    _name(f)

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

    Errors: those of `value_and_grad`.

    >>> hessian(lambda v: v[0] ** 2 * v[1])([1.0, 2.0])
    [[4.0, 2.0], [2.0, 0.0]]
    """
    return jacobian(grad(f))


def vjp(f: Callable[..., Any], *inputs: Any) -> tuple[Any, Callable[[Any], Any]]:
    """Return f(*inputs) and its pull-back, which takes weights in the form of the result (reverse mode).

    The pull-back gives Σᵢ weightᵢ ∂yᵢ/∂inputs in the form of the input, a tuple of such for several inputs:
    weights times the Jacobian, without the Jacobian. It gives Values where a weight is a Value, where it is
    called inside another derivative, and where vjp was.

    Errors: those of `value_and_grad`, but for the single number; of the pull-back, ValueError for weights of
    another form and TypeError for what is no number.

    >>> y, pull_back = vjp(lambda v: [v[0] * v[1], v[0] + v[1]], [3.0, 5.0])
    >>> y, pull_back([1.0, 10.0])
    ([15.0, 8.0], [15.0, 13.0])
    """
    with paused_gc():
        recorded = _Recorded(f, inputs, {})

    def pull_back(weights: Any) -> Any:
        numbers = leaves_like(weights, recorded.value(), f"the weights of the result of {recorded.name}")
        numbers = [as_number(x, "a pull-back") for x in numbers]
        with paused_gc():
            return recorded.like_arguments(recorded.pulled_back(numbers))

    return recorded.value(), pull_back


def jvp(f: Callable[..., Any], inputs: Sequence[Any], rates: Sequence[Any]) -> tuple[Any, Any]:
    """Return f(*inputs) and the rate at which it changes when the inputs change at `rates` (forward mode).

    `inputs` and `rates` are a tuple with an entry per argument of f, of equal form; both results have the
    form of what f returns. The rate is the Jacobian times the rates, without the Jacobian.

    Errors: those of `value_and_grad`, but for the single number; TypeError for what is no tuple or list, and
    ValueError for rates of another form than the inputs.

    >>> jvp(lambda x, y: x * y, (2.0, 5.0), (1.0, 0.0))
    (10.0, 5.0)
    """
    name = _name(f)
    _refuse_no_tuples("jvp", inputs, "rates", rates)
    numbers = [as_number(x, name) for x in leaves(inputs)]
    speeds = [as_number(x, name) for x in leaves_like(rates, inputs, f"the rates of the inputs of {name}")]
    level = new_level()
    nested = is_inside() or any(isinstance(x, Carrier) for x in numbers + speeds)
    duals = [Dual(x, rate, level) for x, rate in zip(numbers, speeds, strict=True)]
    with inside():
        result = f(*shaped(inputs, iter(duals)))
    outputs = leaves(result)
    nested = nested or reaches_out(outputs)
    values, changes = [], []
    for output in outputs:
        _refuse_constant(name, output)
        here = type(output) is Dual and output.level == level
        value, change = (output.data, output.rate) if here else (output, 0.0)
        values.append(carried(value) if nested else plain(value))
        changes.append(carried(change) if nested else plain(change))
    return shaped(result, iter(values)), shaped(result, iter(changes))


def hvp(f: Callable[..., Any], inputs: Sequence[Any], directions: Sequence[Any]) -> Any:
    """Return the Hessian of f at inputs times directions, without the Hessian (Pearlmutter, 1994).

    It is the gradient of a rate, reverse over forward mode. `inputs` and `directions` are a tuple with an
    entry per argument of f, of equal form; the result has the form of the argument, a tuple of such for
    several; directions that are Values give Values, too.

    Errors: those of `value_and_grad`; TypeError for what is no tuple or list, and ValueError for directions
    of another form than the inputs.

    >>> hvp(lambda v: v[0] ** 2 * v[1], ([1.0, 2.0],), ([1.0, 0.0],))
    [4.0, 2.0]
    """
    name = _name(f)
    _refuse_no_tuples("hvp", inputs, "directions", directions)
    others = leaves_like(directions, inputs, f"the directions of the inputs of {name}")

    @functools.wraps(f)
    def rate(*args: Any) -> Any:
        return jvp(f, args, directions)[1]

    with paused_gc():
        recorded = _Recorded(rate, tuple(inputs), {}, others)
        return recorded.like_arguments(recorded.gradient(_single(recorded, "hvp")))
