"""Ops on arrays of JAX: a row is a formula of jax.numpy, a user's op its own function; both differentiate.

An op's derivative is not the one that JAX would find but its own partials, which are ops in their turn. So
kinks, ties and IEEE edges are what they are in eager, to every order.
"""

import math
import operator
from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from engine import ops
from engine.carrier import Carrier
from engine.compile.instructions import flat
from engine.compile.jax_kernels import kernel
from engine.compile.texts import is_row
from engine.op import Op
from engine.optional import load
from engine.value import Value

SHARED = frozenset("add sub mul neg sum dot identity".split())
"""Rows whose derivative JAX has as the table has it: its own is the shorter program."""
PEAK = "peak"
"""The fold "max" of numbers whose nan need not be looked for."""
FEW = 8
"""So many numbers are added up one by one."""


class Array(Carrier):
    """An array of JAX, or what stands for it while JAX traces; an op on it is done element by element.

    Errors: ValueError for a user's op that JAX cannot run, naming it; TypeError where it is asked for its
    number, which is not known yet.

    >>> from engine import relu
    >>> relu(Array(load("jax").numpy.array([-1.0, 2.0]))).array.tolist()  # doctest: +SKIP
    [0.0, 2.0]
    """

    __slots__ = ("array",)
    rank = 4

    def __init__(self, array: Any) -> None:
        self.array = array

    @classmethod
    def apply(cls, op: Op, operands: tuple[Any, ...]) -> "Array":
        """Return op(*operands); operands are Arrays and numbers, which are broadcast, or lists of these."""
        return cls(computed(op, tuple(map(bare, operands))))

    if TYPE_CHECKING:  # what engine.ops makes from the table

        def __mul__(self, other: Any) -> "Array": ...

    def __bool__(self) -> bool:
        raise TypeError("a number is not known yet where JAX traces: decide with where or maximum, not if")

    def __float__(self) -> float:
        raise TypeError("a number is not known yet where JAX traces: compute with engine's ops, not math's")


def bare(operand: Any) -> Any:
    """Return an operand as JAX takes it; a Value is the number that it has now."""
    if isinstance(operand, (list, tuple)):
        return tuple(map(bare, operand))
    return operand.array if type(operand) is Array else operand.data if type(operand) is Value else operand


def carried(operand: Any) -> Any:
    """Return an operand as an op takes it: arrays as Arrays, floats as they are."""
    if isinstance(operand, tuple):
        return tuple(map(carried, operand))
    return operand if isinstance(operand, float) else Array(operand)


def computed(op: Op, operands: tuple[Any, ...]) -> Any:
    """Return op(*operands) on arrays and floats, differentiated by the op's own partials."""
    jax = load("jax")
    if all(isinstance(x, float) for x in flat(operands)):
        return op.evaluate(*operands)
    if is_row(op) and op.name in SHARED:
        return kernel(op)(*operands)
    if op.partials == (None,):
        return jax.lax.stop_gradient(_value(op, operands))
    leaves, tree = jax.tree.flatten(operands)
    places = [place for place, x in enumerate(leaves) if not isinstance(x, float)]
    plain = [x if isinstance(x, float) else None for x in leaves]

    def filled(numbers: Sequence[Any], arrays: Sequence[Any]) -> Any:
        """Return operands with these numbers, but arrays where those are arrays."""
        found = dict(enumerate(numbers)) | dict(zip(places, arrays, strict=True))
        return jax.tree.unflatten(tree, [found[place] for place in range(len(numbers))])

    def value(*arrays: Any) -> Any:
        return _value(op, filled(plain, arrays))

    def pushed(arrays: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        z = whole(*arrays)
        nothing = jax.custom_derivatives.SymbolicZero
        moves = [None if isinstance(move, nothing) else move for move in tangents]
        return z, _pushed(op, z, filled(plain, arrays), filled([None] * len(plain), moves))

    whole: Any = jax.custom_jvp(value)
    whole.defjvp(pushed, symbolic_zeros=True)
    return whole(*[leaves[place] for place in places])


def total(x: Any, axes: tuple[int, ...]) -> Any:
    """Return the sum along axes; of few numbers one by one, so that XLA reads them as it adds."""
    jax = load("jax")
    count = math.prod([x.shape[axis] for axis in axes])
    if count > FEW:
        return x.sum(axis=axes)

    def value(x: Any) -> Any:
        return reduce(operator.add, _one_by_one(x, axes))

    def pushed(arrays: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        return whole(*arrays), tangents[0].sum(axis=axes)

    whole: Any = jax.custom_jvp(value)
    whole.defjvp(pushed)
    return whole(x)


def _one_by_one(x: Any, axes: tuple[int, ...]) -> Any:
    """Return an array with these axes as one, the first."""
    first = load("jax").numpy.moveaxis(x, axes, range(len(axes)))
    return first.reshape(-1, *first.shape[len(axes) :])


def extreme(fold: str, x: Any, axes: tuple[int, ...], real: Any) -> Any:
    """Return the largest or smallest numbers along axes; those that tie share the derivative.

    `real` tells which of them take part in that, None that all do.
    """
    jax = load("jax")
    jnp = jax.numpy

    def value(x: Any) -> Any:
        if math.prod([x.shape[axis] for axis in axes]) <= FEW:
            return reduce(jnp.minimum if fold == "min" else jnp.maximum, _one_by_one(x, axes))
        found = (jnp.min if fold == "min" else jnp.max)(x, axis=axes)
        if fold == PEAK:
            return found
        return jnp.where(jnp.isnan(x).any(axis=axes), math.nan, found)  # XLA on a CPU loses some of them

    def pushed(arrays: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
        (x,), (move,) = arrays, tangents
        z = whole(x)
        found = jnp.expand_dims(z, axes)
        ties = computed(ops.ahead, (found, x) if fold == "min" else (x, found))
        ties = ties if real is None else jnp.where(real, ties, 0.0)
        shares = computed(ops.ratio, (ties, ties.sum(axis=axes, keepdims=True)))
        return z, (shares * move).sum(axis=axes)

    whole: Any = jax.custom_jvp(value)
    whole.defjvp(pushed)
    return whole(x)


def _quotient_pushed(z: Any, y: Any, move: Any, turn: Any) -> Any:
    """Return (∂x - z ∂y) / y, which is the table's ∂x / y - z / y * ∂y with one division.

    In reverse a divisor of many numbers, as a softmax has, is divided by once and not by each of them again.
    """
    shared = None if turn is None else z * -turn
    return (move if shared is None else shared if move is None else move + shared) / y


def check(op: Op, operands: tuple[Any, ...]) -> None:
    """Refuse a user's op that JAX cannot run; operands are numbers, or stand for arrays.

    Errors: ValueError naming the op.
    """
    if is_row(op):
        return
    jax = load("jax")

    def value(x: Any) -> Any:
        return _value(
            op, jax.tree.map(lambda operand: operand if isinstance(operand, float) else x, operands)
        )

    jax.eval_shape(value, jax.ShapeDtypeStruct((1,), dtype()))


def _pushed(op: Op, z: Any, operands: tuple[Any, ...], moves: tuple[Any, ...]) -> Any:
    """Return Σ ∂z/∂operand * move, over the operands that move."""
    if op is ops.div:
        return _quotient_pushed(z, operands[1], *moves)
    result = load("jax").numpy.zeros_like(z)
    for index, move in enumerate(moves):
        some = move if isinstance(move, tuple) else (move,)
        if op.partials[index] == 0.0 or not any(m is not None for m in some):
            continue
        try:
            slope = op.slope(index, Array(z), tuple(map(carried, operands)))
        except Exception as error:
            raise _refusal(op, f"partial {index}", error) from error
        slopes = slope if isinstance(slope, (list, tuple)) else [slope] * len(some)
        for one, m in zip(slopes, some, strict=True):
            result = result if m is None else result + bare(one) * m
    return result


def _value(op: Op, operands: tuple[Any, ...]) -> Any:
    """Return the value of an op on arrays and floats, which JAX is not to differentiate."""
    if is_row(op):
        return kernel(op)(*operands)
    jnp = load("jax").numpy
    shape = jnp.broadcast_shapes(*[x.shape for x in flat(operands) if not isinstance(x, float)])
    try:
        found = jnp.asarray(bare(op.value(*map(carried, operands))), dtype=dtype())
        return jnp.broadcast_to(found, shape)
    except Exception as error:
        raise _refusal(op, "function", error) from error


def _shift(x: Any) -> Any:
    jnp = load("jax").numpy
    return Array(jnp.where(jnp.isinf(x.array), 0.0, x.array))


SHIFT = Op("shift", _shift, None)
"""The largest of some numbers, 0 where that is infinite: what `logsumexp` takes from each in JAX."""


def _refusal(op: Op, part: str, error: Exception) -> ValueError:
    return ValueError(
        f"JAX cannot run the op of one's own {op.name!r}: its {part} raised {error!r}; make it of + - * / "
        "and of engine's ops, which decide with where or maximum"
    )


def dtype() -> Any:
    """Return the dtype of numbers that JAX has enabled: float64 with jax_enable_x64, else float32."""
    return load("jax").numpy.result_type(float)


def constant(numbers: Any) -> Any:
    """Return numbers as an array of that dtype.

    Errors: ValueError for a finite number that is not finite in it.
    """
    np = load("numpy")
    exact = np.asarray(numbers, dtype=np.float64)
    with np.errstate(over="ignore", under="ignore"):
        array = exact.astype(dtype())
    lost = np.isinf(array) & np.isfinite(exact)
    if lost.any():
        raise ValueError(
            f"the number {exact[lost].flat[0]:g} is beyond what {dtype()} can hold: "
            "jax.config.update('jax_enable_x64', True)"
        )
    return load("jax").numpy.asarray(array)
