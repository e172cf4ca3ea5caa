"""Program: a recorded function, compiled, which replays on whole batches."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, final

from engine.carrier import as_numbers
from engine.compile.alone import Alone
from engine.compile.batch import Batch
from engine.compile.choose import chosen
from engine.compile.executor import Optimizer, Vector, as_list
from engine.compile.explain import Frozen, explained
from engine.compile.graph import Graph, run
from engine.compile.jax_program import Exported, to_jax
from engine.compile.record import Sample
from engine.compile.reduce import reduce
from engine.compile.saved import Saved, write_program
from engine.compile.signature import Signature
from engine.compile.update import Rule, compiled_rule, moved, settings_of, trained
from engine.compile.waiting import announced
from engine.see.drawing import draw
from engine.value import Value


@final
class Program:
    """A function as `record` found it: its graph, its parameters as one flat vector, and what runs them.

    A batch is a list of samples, or what `batch` or `columns` made of it. A sample is what the function
    takes: its one argument, or a tuple of its arguments. `parameters` is the vector: it is the program's own,
    read from the Values when the program was recorded; `load` reads them again, `store` writes to them. An
    executor has buffers of its own, so a program is for one thread at a time.

    Errors: RuntimeError where a program is used while it is at work in another thread.

    >>> from engine import record
    >>> w = Value(3.0)
    >>> program = record(lambda x, y: (w * x - y) ** 2, 1.0, 2.0, parameters=[w])
    >>> program([(1.0, 2.0), (2.0, 5.0)])
    [1.0, 1.0]
    >>> program.value_and_grad([(1.0, 2.0), (2.0, 5.0)])
    (1.0, [3.0])
    """

    def __init__(
        self,
        graph: Graph,
        signature: Signature,
        *,
        name: str,
        is_list: bool,
        example: Sample,
        frozen: Sequence[Frozen],
        numbers: Iterable[float],
        values: Sequence[Value] | None,
        executor: str = "auto",
        exact: bool = False,
    ) -> None:
        self.name, self.signature, self.graph = name, signature, graph
        with announced(f"reducing {len(graph.ops):,} nodes of {name}"):
            self.reduced = reduce(graph)
        self.is_list, self.example, self.frozen = is_list, example, tuple(frozen)
        self.values = values
        """The Values that the parameters were read from; None for a program that comes from a file."""
        with announced(f"arranging {len(self.reduced.ops):,} nodes of {name}"):
            self.executor, self.why = chosen(self.reduced, graph, executor, exact=exact)
        self.exact = exact
        self._parameters: Vector = self.executor.vector(numbers)
        self._rule: Rule | None = None
        self._alone = Alone(name)

    def __reduce__(self) -> Any:
        raise TypeError(
            f"{self!r} is not pickled or copied: it holds compiled code; save(path) writes it to a file, "
            "load_program(path) reads it, in another process, too"
        )

    def __repr__(self) -> str:
        outputs = f"{len(self.graph.outputs)} numbers" if self.is_list else "a number"
        return f"<program {self.name}{self.signature!r} → {outputs}, {self.graph.parameters:,} parameters>"

    @property
    def parameters(self) -> Vector:
        """The numbers of the parameters, in order, as the executor likes them best: a copy, to keep or set.

        Errors: TypeError where it is set to what is no list of numbers, ValueError to another number of them.

        >>> from engine import record
        >>> program = record(lambda x: x * 2.0, 1.0, parameters=[Value(1.0)])
        >>> program.parameters = [1.0, 2.0]
        Traceback (most recent call last):
            ...
        ValueError: Program.parameters takes a number for each of 1 parameters, got 2
        """
        return self._parameters.copy()

    @parameters.setter
    def parameters(self, numbers: Vector) -> None:
        vector = self._vector(numbers, "Program.parameters")
        self._parameters = vector.copy() if vector is numbers else vector

    def _vector(self, numbers: Vector, name: str) -> Vector:
        """Return numbers, one a parameter, as the executor likes them best; nan passes, as in a Value."""
        is_array = type(numbers) is type(self._parameters) is not list
        if not is_array or numbers.dtype != self._parameters.dtype or numbers.ndim != 1:
            given = numbers.tolist() if hasattr(numbers, "tolist") else numbers
            numbers = self.executor.vector([float(x) for x in as_numbers(given, name)])
        if len(numbers) != self.graph.parameters:
            count = f"{self.graph.parameters} parameters"
            raise ValueError(f"{name} takes a number for each of {count}, got {len(numbers)}")
        return numbers

    def batch(self, samples: Batch | Iterable[Any]) -> Batch:
        """Return samples checked and laid out once, to be used often: `batch.take(places)` are some of them.

        Errors: ValueError for no samples; TypeError, ValueError and IndexError naming the sample and the
        place where it is not what the function was recorded on, nan, or an index outside of its table.

        >>> from engine import record
        >>> record(lambda x: x * 2.0, 1.0).batch([1.0, 2.0])
        <batch of 2 samples>
        """
        if isinstance(samples, Batch):
            samples.refuse_unless((self.graph.inputs, self.graph.indices), self.graph.limits, self.name)
            return samples
        return Batch.of(samples, self.signature, self.graph.limits)

    def columns(self, *arrays: Any) -> Batch:
        """Return a batch from an array for each argument, whose first axis counts the samples; needs numpy.

        Errors: as `batch`, and ValueError and TypeError for an array of another shape or dtype.
        """
        return Batch.columns(arrays, self.signature, self.graph.limits)

    def __call__(self, batch: Batch | Iterable[Any]) -> list[Any]:
        """Return a result for each sample: a float, or a list of them where the function returned a list.

        Errors: those of `batch`.
        """
        columns = list(map(as_list, self.columns_of(batch)))
        return list(map(list, zip(*columns, strict=True))) if self.is_list else columns[0]

    def columns_of(self, batch: Batch | Iterable[Any]) -> Sequence[Vector]:
        """Return the results by outputs: of each its number for every sample, as the executor gives them.

        Errors: those of `batch`.
        """
        given = self.batch(batch)
        with self._alone:
            return self.executor.forward(self._parameters, given)

    def value_and_grad(self, batch: Batch | Iterable[Any]) -> tuple[float, Vector]:
        """Return the mean loss of the batch and the mean gradient, a number for each parameter, in order.

        The gradient is a list, or an array where the executor works on arrays.

        Errors: those of `batch`; ValueError for a function that returned a list, or has no parameters.
        """
        given = self.batch(batch)
        with self._alone:
            self._checked()
            loss, gradient = self.executor.value_and_grad(self._parameters, given)
            return loss, gradient.copy()

    def _checked(self) -> None:
        """Refuse a gradient of what has none."""
        if self.is_list:
            raise ValueError(f"{self.name} returned a list; a gradient is that of one number, a loss")
        if not self.graph.parameters:
            raise ValueError(f"{self.name} has no parameters: record(f, ..., parameters=model.parameters())")

    def train_step(self, batch: Batch | Iterable[Any], optimizer: Optimizer) -> float:
        """Move the program's parameters once by an optimizer's rule, and return the mean loss before.

        The Values stay as they are until `store` writes to them; the optimizer counts the update and keeps
        its memory.

        Errors: those of `value_and_grad`; TypeError for what is no optimizer; ValueError for one of other
        parameters; FloatingPointError where a number would not be finite, which leaves all as it was.
        """
        given = self.batch(batch)
        with self._alone:
            rule = self._ready(optimizer)
            self._checked()
            loss, self._parameters = trained(rule, self.executor, self._parameters, given)
        return loss

    def move(self, gradient: Vector, optimizer: Optimizer) -> None:
        """Move the program's parameters once by an optimizer's rule, along a gradient that is given.

        It is the second half of `train_step`: for a gradient from `value_and_grad` that was clipped, say.

        Errors: as `train_step`; TypeError and ValueError for a gradient, as where `parameters` is set.
        """
        vector = self._vector(gradient, "Program.move")
        with self._alone:
            rule = self._ready(optimizer)
            self._parameters = moved(rule, self.executor, self._parameters, vector)

    def _ready(self, optimizer: Optimizer) -> Rule:
        """Return the optimizer's rule, compiled anew where it or its settings are others."""
        if (
            self._rule is None
            or self._rule.optimizer is not optimizer
            or self._rule.settings != settings_of(optimizer)
        ):
            self._check(optimizer)
            self._rule = compiled_rule(self.executor, optimizer)
        return self._rule

    def _check(self, optimizer: Optimizer) -> None:
        if not callable(getattr(optimizer, "update", None)):
            raise TypeError(
                f"an optimizer is one of nn.OPTIMIZERS, or has an update as they do, got {optimizer!r}"
            )
        given = list(optimizer.parameters)
        if self.values is not None and given != list(self.values):
            raise ValueError(
                f"the optimizer has {len(given)} parameters that are not, in this order, the "
                f"{len(self.values)} of the program {self.name}"
            )
        if len(given) != self.graph.parameters:
            raise ValueError(
                f"the optimizer has {len(given)} parameters, the program {self.graph.parameters}"
            )

    def load(self) -> None:
        """Read the parameters from the Values.

        Errors: ValueError for a program that came from a file and has none.
        """
        self.parameters = self.executor.vector([v.data for v in self._values("load")])

    def store(self) -> None:
        """Write the parameters to the Values.

        Errors: ValueError for a program that came from a file and has none.
        """
        for v, number in zip(self._values("store"), as_list(self._parameters), strict=True):
            v.data = number

    def _values(self, what: str) -> Sequence[Value]:
        if self.values is None:
            raise ValueError(
                f"{what}: this program came from a file without Values; give them: "
                "load_program(path, parameters=model.parameters())"
            )
        return self.values

    def explain(self) -> str:
        """Return what the program is: nodes before and after reducing, executor and why, what was frozen."""
        parts = self.graph, self.reduced, self.signature, self.frozen, self.executor, self.why
        return explained(repr(self), *parts, exact=self.exact)

    def source(self) -> str:
        """Return what the executor runs, as text."""
        return self.executor.source()

    def save(self, path: str | Path) -> None:
        """Write the program to a file, as JSON: its graph, and its parameters as they are now.

        Errors: OSError where the file cannot be written.

        >>> import tempfile
        >>> from engine import load_program, record
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     record(lambda x: x * 2.0, 1.0).save(f"{folder}/double.json")
        ...     load_program(f"{folder}/double.json")([4.0])
        [8.0]
        """
        numbers = [float(p) for p in self._parameters]
        parts = self.graph, self.signature, self.name, self.is_list, self.example, self.frozen, numbers
        write_program(path, Saved(*parts))

    def to_jax(self) -> Exported:
        """Return the program as functions of JAX, with its parameters: see `engine.compile.jax_program`.

        Errors: those of `engine.compile.jax_program.to_jax`.
        """
        return to_jax(self)

    def draw(self, **options: Any) -> Any:
        """Draw the graph on the sample it was recorded on, as `engine.draw` does, whose options it takes.

        Errors: those of `engine.draw`; ValueError for a program that returns several numbers or a plain one.
        """
        numbers, indices = self.example
        leaves = [Value(float(p)) for p in self._parameters]
        inputs = [Value(x) for x in numbers]
        for v, label in zip(inputs, self.signature.places[0], strict=True):
            v.label = label
        for k, v in enumerate(leaves):
            v.label = (self.values[k].label if self.values is not None else "") or f"p{k}"
        output = run(self.graph, leaves, inputs, indices)[self.graph.outputs[0]]
        if self.is_list or type(output) is not Value:
            raise ValueError(f"a drawing is that of one number, {self.name} gives {self!r}")
        return draw(output, **options)
