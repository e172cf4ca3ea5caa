"""Program: a recorded function, compiled, which replays on whole batches."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, final

from engine.compile.batch import Batch
from engine.compile.choose import chosen
from engine.compile.executor import Optimizer, Vector
from engine.compile.explain import Frozen, explained
from engine.compile.graph import Graph, run
from engine.compile.record import Sample, leaves_of, recorded
from engine.compile.reduce import reduce
from engine.compile.saved import Saved, read_program, write_program
from engine.compile.signature import Signature
from engine.compile.update import Rule, compiled_rule, moved, settings_of
from engine.op import Op
from engine.see.drawing import draw
from engine.value import Value


@final
class Program:
    """A function as `record` found it: its graph, its parameters as one flat vector, and what runs them.

    A batch is a list of samples, or what `batch` or `columns` made of it. A sample is what the function
    takes: its one argument, or a tuple of its arguments. `parameters` is the vector: it is the program's own,
    read from the Values when the program was recorded; `load` reads them again, `store` writes to them. An
    executor has buffers of its own, so a program is for one thread at a time.

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
        self.reduced = reduce(graph)
        self.is_list, self.example, self.frozen = is_list, example, tuple(frozen)
        self.values = values
        """The Values that the parameters were read from; None for a program that comes from a file."""
        self.executor, self.why = chosen(self.reduced, graph, executor, exact=exact)
        self.parameters: Vector = self.executor.vector(numbers)
        self._rule: Rule | None = None

    def __repr__(self) -> str:
        outputs = f"{len(self.graph.outputs)} numbers" if self.is_list else "a number"
        return f"<program {self.name}{self.signature!r} → {outputs}, {self.graph.parameters:,} parameters>"

    def batch(self, samples: Iterable[Any]) -> Batch:
        """Return samples checked and laid out once, to be used often: `batch.take(places)` are some of them.

        Errors: ValueError for no samples; TypeError, ValueError and IndexError naming the sample and the
        place where it is not what the function was recorded on, nan, or an index outside of its table.

        >>> record(lambda x: x * 2.0, 1.0).batch([1.0, 2.0])
        <batch of 2 samples>
        """
        if isinstance(samples, Batch):
            own = (self.graph.inputs, self.graph.indices), self.graph.limits
            if (samples.counts, samples.limits) != own:
                raise ValueError(
                    f"this batch was made for another program: it has {samples.counts[0]} numbers and "
                    f"{samples.counts[1]} indices a sample, {self.name} takes {own[0][0]} and {own[0][1]}; "
                    "make it with this program's own batch(...)"
                )
            return samples
        return Batch.of(samples, self.signature, self.graph.limits)

    def columns(self, *arrays: Any) -> Batch:
        """Return a batch from an array for each argument, whose first axis counts the samples; needs numpy.

        Errors: as `batch`, and ValueError and TypeError for an array of another shape or dtype.
        """
        return Batch.columns(arrays, self.signature, self.graph.limits)

    def __call__(self, batch: Iterable[Any]) -> list[Any]:
        """Return a result for each sample: a float, or a list of them where the function returned a list.

        Errors: those of `batch`.
        """
        found = self.executor.forward(self.parameters, self.batch(batch))
        if self.is_list:
            return [list(map(float, row)) for row in zip(*found, strict=True)]
        return list(map(float, found[0]))

    def value_and_grad(self, batch: Iterable[Any]) -> tuple[float, Vector]:
        """Return the mean loss of the batch and the mean gradient, a number for each parameter, in order.

        The gradient is a list, or an array where the executor works on arrays.

        Errors: those of `batch`; ValueError for a function that returned a list, or has no parameters.
        """
        loss, gradient = self._swept(self.batch(batch))
        return loss, gradient.copy()

    def _swept(self, batch: Batch) -> tuple[float, Vector]:
        if self.is_list:
            raise ValueError(f"{self.name} returned a list; a gradient is that of one number, a loss")
        if not self.graph.parameters:
            raise ValueError(f"{self.name} has no parameters: record(f, ..., parameters=model.parameters())")
        return self.executor.value_and_grad(self.parameters, batch)

    def train_step(self, batch: Iterable[Any], optimizer: Optimizer) -> float:
        """Move the program's parameters once by an optimizer's rule, and return the mean loss before.

        The Values stay as they are until `store` writes to them; the optimizer counts the update and keeps
        its memory.

        Errors: those of `value_and_grad`; ValueError for an optimizer of other parameters; FloatingPointError
        where a number would not be finite, which leaves all as it was.
        """
        rule = self._rule
        if rule is None or rule.optimizer is not optimizer or rule.settings != settings_of(optimizer):
            self._check(optimizer)
            rule = self._rule = compiled_rule(self.executor, optimizer)
        loss, gradient = self._swept(self.batch(batch))
        self.parameters = moved(rule, self.executor, self.parameters, gradient)
        return loss

    def _check(self, optimizer: Optimizer) -> None:
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
        for v, number in zip(self._values("store"), self.parameters, strict=True):
            v.data = float(number)

    def _values(self, what: str) -> Sequence[Value]:
        if self.values is None:
            raise ValueError(
                f"{what}: this program came from a file without Values; give them: "
                "load_program(path, parameters=model.parameters())"
            )
        return self.values

    def explain(self) -> str:
        """Return what the program is: nodes before and after reducing, executor and why, what was frozen."""
        return explained(
            repr(self), self.graph, self.reduced, self.signature, self.frozen, self.executor, self.why
        )

    def source(self) -> str:
        """Return what the executor runs, as text."""
        return self.executor.source()

    def save(self, path: str | Path) -> None:
        """Write the program to a file, as JSON: its graph, and its parameters as they are now.

        Errors: OSError where the file cannot be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     record(lambda x: x * 2.0, 1.0).save(f"{folder}/double.json")
        ...     load_program(f"{folder}/double.json")([4.0])
        [8.0]
        """
        numbers = [float(p) for p in self.parameters]
        parts = self.graph, self.signature, self.name, self.is_list, self.example, self.frozen, numbers
        write_program(path, Saved(*parts))

    def draw(self, **options: Any) -> Any:
        """Draw the graph on the sample it was recorded on, as `engine.draw` does, whose options it takes.

        Errors: those of `engine.draw`; ValueError for a program that returns several numbers or a plain one.
        """
        numbers, indices = self.example
        leaves = [Value(float(p)) for p in self.parameters]
        inputs = [Value(x) for x in numbers]
        for v, label in zip(inputs, self.signature.places[0], strict=True):
            v.label = label
        for k, v in enumerate(leaves):
            v.label = (self.values[k].label if self.values is not None else "") or f"p{k}"
        output = run(self.graph, leaves, inputs, indices)[self.graph.outputs[0]]
        if self.is_list or type(output) is not Value:
            raise ValueError(f"a drawing is that of one number, {self.name} gives {self!r}")
        return draw(output, **options)


def record(
    f: Callable[..., Any],
    *examples: Any,
    parameters: Any = (),
    executor: str = "auto",
    exact: bool = False,
) -> Program:
    """Record f on example arguments, and return the Program that replays it.

    An example is a float, an int, or a list of these, nested at will: a float stands for a number, an int for
    an index, at which `select(table, index)` reads. Whatever else f uses is frozen: Values that are neither
    arguments nor `parameters` (a list of Values, or a module) are constants, which `explain` lists. f returns
    one Value, or a list of Values; then there is no gradient.

    f runs three times on Values, on samples near the examples: what it does has to be the same each time.
    Comparing, formatting or converting a recorded number is refused with the line that does it; so is a
    second sample on which f computes something else. A program cannot see a branch on `.data` that goes the
    same way on all three samples: write where, maximum, minimum, relu or select, which decide for each
    sample.

    `executor` is "auto" or a name in `engine.compile.choose.EXECUTORS`. With `exact` a gradient is, bit
    by bit, what one eager `(loss * (1 / samples)).backward()` for each sample adds up to, in order.

    Errors: RecordError for a function that cannot be recorded, TypeError and ValueError for examples,
    parameters or an executor that cannot be had.

    >>> from engine import select
    >>> table = [Value(0.5), Value(2.0)]
    >>> program = record(lambda x, i: select(table, i) * x, 1.0, 0, parameters=table)
    >>> program.value_and_grad([(3.0, 1), (4.0, 0)])
    (4.0, [2.0, 1.5])
    """
    if not callable(f):
        raise TypeError(f"record takes a function, got {f!r}")
    values = leaves_of(parameters)
    signature = Signature.of(f, examples)
    example = Sample(*signature.flat(examples[0] if len(examples) == 1 else examples))
    recording = recorded(f, example, values, signature)
    return Program(
        recording.graph,
        signature,
        name=getattr(f, "__name__", type(f).__name__),
        is_list=recording.is_list,
        example=example,
        frozen=[Frozen(v.label, v.data) for v in recording.constants],
        numbers=[v.data for v in values],
        values=values,
        executor=executor,
        exact=exact,
    )


def load_program(
    path: str | Path,
    *,
    parameters: Any = None,
    own_ops: Iterable[Op] = (),
    executor: str = "auto",
    exact: bool = False,
) -> Program:
    """Return the program that a file holds, with the parameters that it had when it was saved.

    `parameters` are the Values, or the module, that the program's `load` and `store` go to; they are not read
    here. `own_ops` are the ops of one's own that it uses.

    Errors: OSError where the file cannot be read, ProgramFileError where it holds no program, or one that is
    damaged or uses an unknown op; ValueError for another number of parameters.
    """
    saved = read_program(path, own_ops)
    values = None if parameters is None else leaves_of(parameters)
    if values is not None and len(values) != len(saved.numbers):
        raise ValueError(f"the program has {len(saved.numbers)} parameters, got {len(values)}")
    return Program(
        saved.graph,
        saved.signature,
        name=saved.name,
        is_list=saved.is_list,
        example=saved.example,
        frozen=saved.frozen,
        numbers=saved.numbers,
        values=values,
        executor=executor,
        exact=exact,
    )
