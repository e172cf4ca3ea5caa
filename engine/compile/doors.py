"""The doors to Programs: record a function, or load a program that was saved."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from engine.compile.choose import refuse_unknown
from engine.compile.explain import Frozen
from engine.compile.program import Program
from engine.compile.record import Sample, leaves_of, made_in, recorded
from engine.compile.saved import read_program
from engine.compile.signature import Signature
from engine.op import Op


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

    f runs three times on Values: on the examples, with the numbers of each list in another order, with all
    signs changed (and on numbers near the examples where it raises on those). What it does has to be the same
    each time. Comparing, formatting or converting a recorded number is refused with the line that does it; so
    is a sample on which f computes something else. A program cannot see a branch on `.data` that goes the
    same way on all three samples: write where, maximum, minimum, relu or select, which decide for each
    sample.

    `executor` is "auto" or a name in `engine.compile.choose.EXECUTORS`. Sums are reordered, as their order is
    free in exact arithmetic: a compensated sum loses what it compensates. What is times a constant 0, as the
    slope of step, may be left out, where eager has nan for 0 * inf. With `exact` all is kept: a gradient is,
    bit by bit, what one eager `(loss * (1 / samples)).backward()` for each sample adds up to, in order.

    Errors: RecordError for a function that cannot be recorded, TypeError and ValueError for examples,
    parameters, an executor or a switch that cannot be had.

    >>> from engine import Value, select
    >>> table = [Value(0.5), Value(2.0)]
    >>> program = record(lambda x, i: select(table, i) * x, 1.0, 0, parameters=table)
    >>> program.value_and_grad([(3.0, 1), (4.0, 0)])
    (4.0, [2.0, 1.5])
    """
    if not callable(f):
        raise TypeError(f"record takes a function, got {f!r}")
    refuse_unknown(executor, exact=exact)
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
        frozen=[Frozen(v.label, v.data, made_in(v)) for v in recording.constants],
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
    here. `own_ops` are the ops of one's own that it uses; `executor` and `exact` are as in `record`.

    Errors: OSError where the file cannot be read, ProgramFileError where it holds no program, or one that is
    damaged or uses an unknown op; ValueError for another number of parameters, or an unknown executor;
    TypeError for an `exact` that is neither True nor False.

    >>> import tempfile
    >>> from engine import Value
    >>> w = Value(3.0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     record(lambda x: w * x, 1.0, parameters=[w]).save(f"{folder}/line.json")
    ...     program = load_program(f"{folder}/line.json")
    >>> program([2.0]), list(program.parameters)
    ([6.0], [3.0])
    """
    refuse_unknown(executor, exact=exact)
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
