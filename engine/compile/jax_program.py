"""A Program as functions of JAX: its forward instructions on arrays, for jit, grad, vmap and many devices."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from engine.compile.boxes import box
from engine.compile.graph import Graph
from engine.compile.jax_buffers import Buffers, State
from engine.compile.jax_peaks import with_peaks
from engine.compile.jax_rows import SHIFT, constant, dtype
from engine.compile.jax_steps import steps_of
from engine.compile.plan import plan
from engine.compile.signature import NUMBER, Signature
from engine.compile.spelled import spelled
from engine.optional import load


@runtime_checkable
class Recorded(Protocol):
    """What of a Program is exported."""

    name: str
    graph: Graph
    reduced: Graph
    signature: Signature
    is_list: bool
    exact: bool

    @property
    def parameters(self) -> Any:
        """The numbers of the parameters, in order."""


class Exported(NamedTuple):
    """What `to_jax` returns: the parameters as they were, and two pure functions of them and of a batch."""

    parameters: Any
    """[parameter], in the order of the program's."""
    results: Callable[..., Any]
    """results(parameters, *arrays): [sample], or [sample, n] where the function returned n numbers."""
    loss: Callable[..., Any]
    """loss(parameters, *arrays): the mean of the results, a number."""


def to_jax(program: Recorded) -> Exported:
    """Return a Program as functions of JAX, made of its forward instructions, and its parameters as they are.

    `arrays` are what `program.columns` takes: one for each argument, [sample, ...] of the argument's shape,
    numbers of the dtype that JAX has enabled (float64 with jax_enable_x64, else float32), or whole numbers
    for an index. The functions can be compiled, differentiated in both modes to every order, mapped by vmap,
    and sharded over devices along the samples: `over_devices`, or a mesh whose axes are Auto (JAX refuses to
    reshape along the Explicit ones of jax.make_mesh). Matrix products are dot_generals.

    >>> from engine import Value, record
    >>> w = Value(3.0)
    >>> program = record(lambda x, y: (w * x - y) ** 2, 1.0, 2.0, parameters=[w])
    >>> parameters, results, loss = to_jax(program)  # doctest: +SKIP
    >>> x, y = jax.numpy.array([1.0, 2.0]), jax.numpy.array([2.0, 5.0])  # doctest: +SKIP
    >>> value, gradient = jax.jit(jax.value_and_grad(loss))(parameters, x, y)  # doctest: +SKIP
    >>> float(value), gradient.tolist()  # doctest: +SKIP
    (1.0, [3.0])

    A step of training, with one of optax's optimizers:

        optimizer = optax.adam(0.01)
        memory = optimizer.init(parameters)

        @jax.jit
        def step(parameters, memory, *arrays):
            value, gradient = jax.value_and_grad(loss)(parameters, *arrays)
            updates, memory = optimizer.update(gradient, memory, parameters)
            return value, optax.apply_updates(parameters, updates), memory

        for arrays in batches:
            value, parameters, memory = step(parameters, memory, *arrays)

        program.parameters = parameters.tolist()

    Slopes are those of the op table, so kinks, ties and what comes to inf or nan are as in eager. What
    differs: an index outside of its table gives nan, since compiled code raises nothing; a nan in a batch is
    taken as it comes; XLA on a CPU takes numbers below 2.2e-308 (float32: 1.2e-38) for 0; sums are added in
    XLA's order, and a number that it computes once more for another use may differ in the last digit, so that
    a tie, as in minimum(x, x), is none; powers of infinite exponents may be nan. Causal attention is products
    of whole matrices, with 0 for what a position does not see: 0 times inf or nan is nan, so such a number
    may reach other positions of its sample. How exact matrix products are on a GPU or a TPU is JAX's
    jax_default_matmul_precision.

    Errors: TypeError for what is no Program; ValueError for a user's op that JAX cannot run, naming it, for
    no argument or one that is no box of numbers or of indices, and for a number that float32 cannot hold;
    ModuleNotFoundError where jax is not installed. Of the functions: TypeError for another number of arrays
    or another dtype, ValueError for other shapes, and for a loss of several numbers.
    """
    if not isinstance(program, Recorded):
        raise TypeError(f"to_jax takes a Program, which record(f, ...) returns, got {program!r}")
    load("jax", extra="accelerate")
    runs = Runs(program)
    return Exported(constant(program.parameters), runs.results, runs.loss)


class Runs:
    """A plan's forward instructions as steps, each of which makes one more array of those before."""

    def __init__(self, program: Recorded) -> None:
        np, signature = load("numpy"), program.signature
        self.name, self.is_list = program.name, program.is_list
        if not signature.trees:
            raise ValueError(f"{self.name} has no argument, so it has no batch: there is nothing to export")
        pairs = zip(signature.trees, signature.names, strict=True)
        self.boxes = [(name, *box(tree, name, "array")) for tree, name in pairs]
        graph = program.graph if program.exact else program.reduced
        made = with_peaks(plan(spelled(graph, shift=SHIFT), gradient=False))
        self.count = made.parameters
        self.buffers = Buffers(made)
        start = 0
        for _, shape, kind in self.boxes:
            if kind == NUMBER:
                self.buffers.write("V", made.inputs[start : start + math.prod(shape)])
                start += math.prod(shape)
        self.steps = steps_of(made, self.buffers)
        rows = np.array([row + self.buffers.offsets[buffer] for buffer, row in made.outputs])
        self.outputs = self.buffers.whole("V", rows[None])

    # doors
    def results(self, parameters: Any, *arrays: Any) -> Any:
        """Return the results [sample], or [sample, n]."""
        jnp = load("jax").numpy
        numbers, indices, size = self._given(arrays)
        parts = load("jax").lax.split(self.vector(parameters), self.buffers.parts)
        state = State([*[part[None] for part in parts], *numbers], indices)
        for step in self.steps:
            state.arrays.extend(step(state))
        found = self.outputs(state)[:, 0]
        found = jnp.broadcast_to(found, (size, found.shape[1]))
        return found if self.is_list else found[:, 0]

    def loss(self, parameters: Any, *arrays: Any) -> Any:
        """Return the mean of the results."""
        if self.is_list:
            raise ValueError(f"{self.name} returned a list; a loss is one number: use the results")
        return load("jax").numpy.mean(self.results(parameters, *arrays))

    def vector(self, parameters: Any) -> Any:
        """Return parameters as an array of JAX."""
        found = _numbers(parameters, "parameters")
        if found.shape != (self.count,):
            raise ValueError(
                f"parameters are a number for each of {self.count}, got an array of shape {found.shape}"
            )
        return found

    def _given(self, arrays: Sequence[Any]) -> tuple[list[Any], Any, int]:
        """Return the numbers of each argument [sample, number], all indices [sample, index], and the size."""
        jnp = load("jax").numpy
        if len(arrays) != len(self.boxes):
            names = ", ".join([name for name, _, _ in self.boxes])
            raise TypeError(f"{self.name} takes an array for each of {names}, got {len(arrays)}")
        numbers: list[Any] = []
        indices: list[Any] = []
        sizes = set()
        for array, (name, shape, kind) in zip(arrays, self.boxes, strict=True):
            found = _numbers(array, name) if kind == NUMBER else _whole(array, name)
            if found.ndim < 1 or found.shape[1:] != shape:
                expected = ", ".join(map(str, ("samples", *shape)))
                raise ValueError(f"{name} is an array of shape ({expected}), got one of {found.shape}")
            sizes.add(found.shape[0])
            (numbers if kind == NUMBER else indices).append(found.reshape(-1, math.prod(shape)))
        if len(sizes) > 1 or 0 in sizes:
            raise ValueError(f"the arrays of a batch have samples alike, at least one, got {sorted(sizes)}")
        return numbers, jnp.concatenate(indices, axis=1) if indices else None, sizes.pop()


def _numbers(array: Any, name: str) -> Any:
    """Return an array of numbers in the enabled dtype; lists and whole numbers are converted."""
    jnp = load("jax").numpy
    if not hasattr(array, "dtype"):
        try:
            return jnp.asarray(array, dtype=dtype())
        except (TypeError, ValueError, OverflowError) as error:
            raise type(error)(f"{name} is no array of numbers: {error}") from None
    is_real = jnp.issubdtype(array.dtype, jnp.floating)
    if is_real and array.dtype != dtype():
        enabled = "jax.config.update('jax_enable_x64', True)" if array.dtype == "float64" else "convert it"
        raise TypeError(f"{name} is an array of {array.dtype}, but JAX has {dtype()} enabled: {enabled}")
    if not is_real and array.dtype.kind not in "iub":
        raise TypeError(f"{name} holds numbers, got an array of {array.dtype}")
    return jnp.asarray(array, dtype=dtype())


def _whole(array: Any, name: str) -> Any:
    """Return an array of whole numbers."""
    found = load("jax").numpy.asarray(array)
    if found.dtype.kind not in "iu":
        raise TypeError(f"{name} holds indices, whole numbers, got an array of {found.dtype}")
    return found
