"""compiled: a function that records itself, once for each structure of its arguments."""

import functools
from collections.abc import Callable, Iterable
from typing import Any, final, overload

from engine.compile.batch import Batch
from engine.compile.choose import refuse_unknown
from engine.compile.doors import record
from engine.compile.program import Program
from engine.compile.record import leaves_of
from engine.compile.signature import Signature, takes_one


@final
class Compiled:
    """A function that runs as a program, recorded at the first call with each structure of arguments.

    A call reads the parameters from their Values, so it answers what the function itself would, and so does
    `value_and_grad`, which takes samples of different structures, such as sequences of different lengths.
    `programs` holds a Program for each structure met; `program(*arguments)` is the one for some arguments.

    Errors: TypeError for what is no function, ValueError for an unknown executor; as `record`.

    >>> @compiled
    ... def area(sides):
    ...     return sides[0] * sides[1]
    >>> area([2.0, 3.0]), area([4.0, 3.0]), len(area.programs)
    (6.0, 12.0, 1)
    """

    def __init__(self, f: Callable[..., Any], *, parameters: Any, executor: str, exact: bool) -> None:
        if not callable(f):
            raise TypeError(f"compiled takes a function, got {f!r}")
        refuse_unknown(executor, exact=exact)
        self.programs: dict[Signature, Program] = {}
        self._f, self._parameters = f, leaves_of(parameters)
        self._executor, self._exact = executor, exact
        self._is_single = takes_one(f)
        functools.update_wrapper(self, f)

    def program(self, *arguments: Any) -> Program:
        """Return the program for arguments of this structure, recorded where there is none.

        Errors: those of `record`.
        """
        signature = Signature.of(self._f, arguments)
        found = self.programs.get(signature)
        if found is None:
            found = self.programs[signature] = record(
                self._f, *arguments, parameters=self._parameters, executor=self._executor, exact=self._exact
            )
        return found

    def __call__(self, *arguments: Any) -> Any:
        """Return what the function returns for one sample: a float, or a list of them.

        Errors: those of `record` and of a Program's `batch`.
        """
        program = self.program(*arguments)
        program.load()
        return program([_sample(arguments)])[0]

    def value_and_grad(self, batch: Iterable[Any]) -> tuple[float, list[float]]:
        """Return the mean loss of samples of any structures, and the mean gradient, one a parameter.

        A sample is a tuple of the function's arguments, or its one argument.

        Errors: those of `record` and of a Program's `value_and_grad`; TypeError for what is no list of
        samples, ValueError for none.

        >>> from engine import Value
        >>> w = Value(3.0)
        >>> @compiled(parameters=[w])
        ... def total(xs):
        ...     return w * sum(xs)
        >>> total.value_and_grad([[1.0], [2.0, 3.0]])
        (9.0, [3.0])
        """
        if _is_no_list(batch):
            raise TypeError(f"a batch is a list of samples, got {batch!r}")
        groups: dict[Signature, dict[int, Any]] = {}
        for number, sample in enumerate(batch):
            if not self._is_single and _is_no_list(sample):
                raise TypeError(
                    f"sample {number} of the batch: a sample is a tuple of arguments, got {sample!r}"
                )
            arguments = (sample,) if self._is_single else tuple(sample)
            groups.setdefault(self.program(*arguments).signature, {})[number] = _sample(arguments)
        count = sum(map(len, groups.values()))
        if not count:
            raise ValueError("a batch has at least one sample, got none")
        loss, gradient = 0.0, [0.0] * len(self._parameters)
        for signature, samples in groups.items():
            program = self.programs[signature]
            program.load()
            given = Batch.of(samples.values(), signature, program.graph.limits, samples)
            part, partial = program.value_and_grad(given)
            share = len(samples) / count
            loss += share * part
            gradient = [g + share * float(p) for g, p in zip(gradient, partial, strict=True)]
        return loss, gradient


def _is_no_list(x: Any) -> bool:
    return isinstance(x, (str, bytes, dict)) or not isinstance(x, Iterable)


def _sample(arguments: tuple[Any, ...]) -> Any:
    """Return arguments as a program takes a sample: the one argument itself, or a tuple."""
    return arguments[0] if len(arguments) == 1 else arguments


@overload
def compiled(f: Callable[..., Any], /) -> Compiled: ...


@overload
def compiled(
    *, parameters: Any = (), executor: str = "auto", exact: bool = False
) -> Callable[[Callable[..., Any]], Compiled]: ...


def compiled(
    f: Callable[..., Any] | None = None,
    /,
    *,
    parameters: Any = (),
    executor: str = "auto",
    exact: bool = False,
) -> Any:
    """Return a function as Compiled; a decorator, with or without options, which are those of `record`.

    A method is compiled where it is bound, in `__init__`: self.loss = compiled(self.loss).

    Errors: TypeError for what is no function, and as `record` for parameters, executor and switch; for what
    cannot be recorded when it is first called.

    >>> from engine import Value
    >>> w = Value(3.0)
    >>> @compiled(parameters=[w])
    ... def scaled(x):
    ...     return w * x
    >>> scaled(2.0)
    6.0
    """

    def decorate(f: Callable[..., Any]) -> Compiled:
        return Compiled(f, parameters=parameters, executor=executor, exact=exact)

    return decorate if f is None else decorate(f)
