"""Recording: a Python function, run on Values, becomes a Graph, or a refusal that names the line."""

import marshal
import math
import random
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from types import CodeType
from typing import Any, NamedTuple

from engine.chain import order
from engine.collector import paused_gc
from engine.compile.differing import are_alike, difference, is_same, parting
from engine.compile.graph import Graph, run
from engine.compile.guard import RecordError, guarded, line_of, refuse_index
from engine.compile.lower import Lowering, read
from engine.compile.signature import Signature
from engine.compile.waiting import announced
from engine.index import Index
from engine.see.origin import origin
from engine.see.watch import watch
from engine.value import Value


class Recording(NamedTuple):
    """A function as it was recorded: its graph, the leaves that are constants, its results, a list or one."""

    graph: Graph
    constants: list[Value]
    results: list[float]
    is_list: bool


class Sample(NamedTuple):
    """The numbers and the indices of one sample."""

    numbers: list[float]
    indices: list[int]


def recorded(
    f: Callable[..., Any], first: Sample, parameters: Sequence[Value], signature: Signature
) -> Recording:
    """Return the recording of f on a sample, compared with those on two samples that are invented.

    Errors: RecordError where what f computes depends on the sample in a way that a program cannot repeat.
    """
    name = getattr(f, "__name__", type(f).__name__)
    before = [p.data for p in parameters]
    with paused_gc():
        recording = _once(f, name, parameters, signature, first)
        for which, invent in (("second", _exchanged), ("third", _mirrored)):
            rng, limits = random.Random(which), recording.graph.limits
            far = Sample(invent(first.numbers, signature, rng), _moved(first.indices, limits, rng, 1))
            near = Sample(_nearer(first.numbers, rng), _moved(first.indices, limits, rng, 0))
            other, results = _alike(f, name, parameters, signature, (first, far, near), recording, which)
            _refuse_changes(name, parameters, before)
            _compare(name, recording.graph, before, other, results, which)
    return recording


def _alike(
    f: Callable[..., Any],
    name: str,
    parameters: Sequence[Value],
    signature: Signature,
    samples: tuple[Sample, Sample, Sample],
    recording: Recording,
    which: str,
) -> tuple[Sample, list[float]]:
    """Record f once more, on another sample; refuse another graph, and return that sample and its results."""
    first, far, near = samples
    total = len(recording.graph.ops)
    other, again = _again(f, name, parameters, signature, (far, near), which, total)
    if not is_same(recording.graph, again.graph):
        _refuse_difference(f, name, parameters, signature, (first, other), (recording, again))
    return other, again.results


def _once(
    f: Callable[..., Any],
    name: str,
    parameters: Sequence[Value],
    signature: Signature,
    sample: Sample,
    total: int | None = None,
) -> Recording:
    """Return the recording of f on one sample; `total` is how many nodes it has, if that is known."""
    with announced(f"recording {name}"):
        outputs, inputs, is_list = _outputs(f, name, signature, sample)
    lowering = Lowering(parameters, inputs, len(sample.indices))
    with announced(f"numbering the nodes of {name}", count=lambda: len(lowering.ops), total=total):
        graph = lowering.graph(outputs, len(parameters), len(inputs))
    return Recording(graph, lowering.constants, [v.data for v in outputs], is_list)


def _outputs(
    f: Callable[..., Any], name: str, signature: Signature, sample: Sample
) -> tuple[list[Value], list[Value], bool]:
    """Return what f computes on Values, these Values, and whether it is a list."""
    inputs = [Value(x) for x in sample.numbers]
    given, names = sample.indices, signature.places[1]
    indices = [
        Index(k, partial(read, number=i), partial(refuse_index, names[k], i)) for k, i in enumerate(given)
    ]
    arguments = signature.shaped(iter(inputs), iter(indices))
    with guarded():
        result = f(*arguments)
    is_list = isinstance(result, (list, tuple))
    outputs = list(result) if is_list else [result]
    for i, v in enumerate(outputs):
        if type(v) is not Value:
            told = "an index" if type(v) is Index else repr(v)
            which = f"{name} returned {told}" if not is_list else f"output {i} of {name} is {told}"
            raise RecordError(f"{which}; a function that is recorded returns one Value, or a list of Values")
    if not outputs:
        raise RecordError(f"{name} returned an empty list; it has to return one Value at least")
    return outputs, inputs, is_list


def _again(
    f: Callable[..., Any],
    name: str,
    parameters: Sequence[Value],
    signature: Signature,
    samples: tuple[Sample, Sample],
    which: str,
    total: int,
) -> tuple[Sample, Recording]:
    """Return a sample and the recording on it: one far from the example, or near it where f raises there."""
    what = f"a {which} sample, made by changing the numbers of the examples"
    for sample in samples:
        try:
            return sample, _once(f, name, parameters, signature, sample, total)
        except RecordError as error:
            error.add_note(f"this happened on {what}")
            raise
        except Exception as error:  # f may check its arguments, in any way
            raised = error
    raise RecordError(
        f"{name} raised {raised!r} on {what}: a program is recorded on more than one; check arguments "
        "outside of the function, before the program is called"
    ) from raised


def _exchanged(numbers: Sequence[float], signature: Signature, rng: random.Random) -> list[float]:
    """Return numbers of the same signs, larger; in each list the largest stands where the smallest did."""
    lists: dict[str, list[int]] = {}
    for k, (x, place) in enumerate(zip(numbers, signature.places[0], strict=True)):
        if math.isfinite(x):
            lists.setdefault(place.rpartition("[")[0], []).append(k)
    made = list(numbers)
    for members in lists.values():
        ranked = sorted(members, key=numbers.__getitem__)
        for k, other in zip(ranked, reversed(ranked), strict=True):
            made[k] = _times(numbers[other], rng.uniform(1.0, 3.0), rng)
    return made


def _mirrored(numbers: Sequence[float], signature: Signature, rng: random.Random) -> list[float]:
    """Return numbers of the other signs, three times as large, so in the other order."""
    return [_times(x, rng.uniform(-3.1, -2.9), rng) for x in numbers]


def _nearer(numbers: Sequence[float], rng: random.Random) -> list[float]:
    """Return numbers of the same signs, a little smaller: they pass most checks that the example passes."""
    return [_times(x, rng.uniform(0.5, 1.0), rng) for x in numbers]


def _times(x: float, factor: float, rng: random.Random) -> float:
    """Return x * factor, something up to 1 in place of 0; x itself where that is not finite."""
    made = x * factor if x else rng.uniform(0.0, 1.0)
    return made if math.isfinite(made) else x


def _moved(indices: Sequence[int], limits: Sequence[int], rng: random.Random, unread: int) -> list[int]:
    """Return another place for each index within its tables; one that reads none is moved by `unread`."""
    return [
        (i + rng.randrange(1, limit)) % limit if limit > 1 else i if limit else i + unread
        for i, limit in zip(indices, limits, strict=True)
    ]


def _refuse_changes(name: str, parameters: Sequence[Value], before: list[float]) -> None:
    """Refuse a function that has changed a parameter, and put all of them back."""
    if marshal.dumps([p.data for p in parameters], 2) == marshal.dumps(before, 2):
        return
    i = next(i for i, p in enumerate(parameters) if not are_alike(p.data, before[i]))
    for p, data in zip(parameters, before, strict=True):
        p.data = data
    raise RecordError(f"{name} changes parameter {i} while it computes; a program only reads them")


def _compare(
    name: str, graph: Graph, parameters: list[float], sample: Sample, expected: list[float], which: str
) -> None:
    """Refuse a graph that does not replay to what the function itself gave."""
    with announced(f"replaying {len(graph.ops):,} nodes of {name}"):
        results = run(graph, parameters, sample.numbers, sample.indices)
    for i, (node, wanted) in enumerate(zip(graph.outputs, expected, strict=True)):
        if not are_alike(float(results[node]), wanted):
            raise RecordError(
                f"output {i} of {name} is {wanted} on a {which} sample, where what was recorded gives "
                f"{float(results[node])}: it changes the data of a Value that it reads"
            )


def _refuse_difference(
    f: Callable[..., Any],
    name: str,
    parameters: Sequence[Value],
    signature: Signature,
    samples: tuple[Sample, Sample],
    recordings: tuple[Recording, Recording],
) -> None:
    """Raise RecordError that says where two recordings of one function part, and in which line."""
    found = parting(*[recording.graph for recording in recordings])
    with watch():
        lines = [_lines(f, name, signature, sample, parameters) for sample in samples]
    a, b = (recording.graph for recording in recordings)
    if found is None:
        what, line = "it has other outputs", ""
    else:
        line = next((line for known in lines for line in known[found:] if line), "")
        what = difference(a, b, found)
    raise RecordError(
        f"{f'{line}: ' if line else ''}{name} computes something else on another sample: {what}. A program "
        "repeats what was recorded: a branch on the numbers is written where, maximum or minimum, a table "
        "that is read at an index select, a number that takes no part in the derivative detach(x) (not "
        "x.data), and a number that changes from call to call (random, a counter) is an argument"
    )


def _lines(
    f: Callable[..., Any], name: str, signature: Signature, sample: Sample, parameters: Sequence[Value]
) -> list[str]:
    """Return for each node of a recording, made anew and watched, the line that made it."""
    outputs, inputs, _ = _outputs(f, name, signature, sample)
    lowering = Lowering(parameters, inputs, len(sample.indices))
    graph = lowering.graph(outputs, len(parameters), len(inputs))
    lines = [""] * len(graph.ops)
    for output in outputs:
        for v in order(output):
            node = lowering.codes.get(v)
            if v.op is not None and type(node) is int:
                lines[node] = made_in(v)
    return lines


def made_in(v: Value) -> str:
    """Return the line that made a Value, "" where that was not watched.

    >>> made_in(Value(2.0))
    ''
    """
    made = origin(v)
    return line_of(made.code, _line_number(made.code, made.offset)) if isinstance(made.code, CodeType) else ""


def _line_number(code: Any, offset: int) -> int:
    numbers = [line for start, end, line in code.co_lines() if start <= offset < end and line is not None]
    return int(numbers[0]) if numbers else int(code.co_firstlineno)


def leaves_of(parameters: Any) -> list[Value]:
    """Return parameters as a list of Values: those given, or those of a module.

    Errors: TypeError for what is no Value, ValueError for one that was recorded or is given twice.

    >>> leaves_of([Value(2.0)])
    [Value(data=2.0, grad=0.0)]
    """
    if callable(getattr(parameters, "parameters", None)):
        parameters = parameters.parameters()
    if not isinstance(parameters, Iterable) or isinstance(parameters, (str, bytes)):
        raise TypeError(f"parameters is a list of Values, or a module that has them, got {parameters!r}")
    found = list(parameters)
    for i, v in enumerate(found):
        if type(v) is not Value:
            raise TypeError(f"parameters is a list of Values, got {v!r} at position {i}")
        if v.op is not None:
            raise ValueError(f"parameter {i} was recorded, by {v.op.name}: parameters are leaves, Value(2.0)")
    if len(set(found)) < len(found):
        raise ValueError("parameters holds one of its Values twice")
    return found
