"""Programs as files: a graph as JSON, read again only where it is whole and its ops are known."""

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from engine import files, ops
from engine.compile.explain import Frozen
from engine.compile.graph import CONSTANT, INDEX, INPUT, PARAMETER, SELECT, Form, Graph, numbers_in
from engine.compile.record import Sample
from engine.compile.signature import DEEPEST, NUMBER, WHOLE, Signature
from engine.compile.texts import is_row
from engine.op import Op

KIND, VERSION = "chainrule program", 1
FORMS = {form.name: form for form in (INPUT, INDEX, PARAMETER, CONSTANT, SELECT)}
DERIVATIVE = "power_derivative_"


class ProgramFileError(ValueError):
    """A file that is no program, or none that this engine can run: it says what is wrong and where.

    >>> from engine import load_program
    >>> from engine.compile import ProgramFileError
    >>> try:
    ...     load_program(__file__)
    ... except ProgramFileError as error:
    ...     print("no JSON" in str(error))
    True
    """


class _Missing(ProgramFileError):
    """The file is whole, but needs an op that is not there."""


class Saved(NamedTuple):
    """What a file holds of a program: all but the Values and the executor."""

    graph: Graph
    signature: Signature
    name: str
    is_list: bool
    example: Sample
    frozen: tuple[Frozen, ...]
    numbers: list[float]


def write_program(path: str | Path, saved: Saved) -> None:
    """Write a program to a file, as JSON.

    Errors: OSError where the file cannot be written; ValueError for ops that their names do not tell apart.
    """
    graph = saved.graph
    _named([op for op in dict.fromkeys(graph.ops) if isinstance(op, Op) and not is_row(op)])
    content = {
        "kind": KIND,
        "version": VERSION,
        "name": saved.name,
        "arguments": dict(zip(saved.signature.names, saved.signature.trees, strict=True)),
        "is_list": saved.is_list,
        "example": [_plain(saved.example.numbers), saved.example.indices],
        "frozen": [[label, _plain(number)] for label, number, _ in saved.frozen],
        "parameters": _plain(saved.numbers),
        "ops": [op.name for op in graph.ops],
        "operands": _plain(graph.operands),
        "outputs": graph.outputs,
    }
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    files.write(Path(path), text.encode())


def read_program(path: str | Path, own_ops: Iterable[Op] = ()) -> Saved:
    """Return what a file holds of a program, each part of which has been looked at.

    Errors: OSError where the file cannot be read, ProgramFileError where it holds no program, or one that is
    damaged or uses an op that is neither of the table nor of `own_ops`; TypeError for `own_ops` that are no
    list of ops, ValueError for two of them with the same name, or one with the name of a row.
    """
    known = _named(own_ops)
    try:
        content = json.loads(Path(path).read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProgramFileError(f"{path} is no program: it is no JSON, {error}") from None
    if not isinstance(content, dict) or content.get("kind") != KIND:
        raise ProgramFileError(f"{path} is no program: it lacks 'kind': {KIND!r}")
    if content.get("version") != VERSION:
        raise ProgramFileError(
            f"{path} is a program of version {content.get('version')!r}, this engine reads version {VERSION}"
        )
    try:
        return _read(content, known)
    except _Missing as error:
        raise ProgramFileError(f"{path} {error}") from None
    except ProgramFileError as error:
        raise ProgramFileError(f"{path} is damaged: {error}") from None
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, RecursionError) as error:
        raise ProgramFileError(f"{path} is damaged: {error!r}") from None


def _read(content: Mapping[str, Any], known: Mapping[str, Op]) -> Saved:
    arguments = {str(name): _tree(tree) for name, tree in content["arguments"].items()}
    signature = Signature(tuple(arguments.values()), tuple(arguments))
    places = signature.places
    numbers = [_number(x) for x in content["parameters"]]
    graph = _graph(content, known, (len(numbers), len(places[0]), len(places[1])))
    example = Sample([_number(x) for x in content["example"][0]], [int(i) for i in content["example"][1]])
    if (len(example.numbers), len(example.indices)) != (len(places[0]), len(places[1])):
        raise ProgramFileError("the example has not the form of the arguments")
    for place, i, limit in zip(places[1], example.indices, graph.limits, strict=True):
        if i < 0 or i >= limit > 0:
            raise ProgramFileError(f"{place} of the example is {i}, outside of its table: 0 ... {limit - 1}")
    if type(content["is_list"]) is not bool or not content["is_list"] and len(graph.outputs) > 1:
        raise ProgramFileError(f"is_list is true or, for one output, false; got {content['is_list']!r}")
    return Saved(
        graph,
        signature,
        str(content["name"]),
        content["is_list"],
        example,
        tuple([Frozen(str(label), _number(x)) for label, x in content["frozen"]]),
        numbers,
    )


def _graph(content: Mapping[str, Any], known: Mapping[str, Op], counts: tuple[int, int, int]) -> Graph:
    """Return the graph of a file, each node of which has been looked at."""
    found = [_op(name, known) for name in content["ops"]]
    operands = [tuple(map(_operand, node)) for node in content["operands"]]
    if len(found) != len(operands):
        raise ProgramFileError(f"it has {len(found)} ops and {len(operands)} lists of operands")
    limits = [0] * counts[2]
    for node, (op, given) in enumerate(zip(found, operands, strict=True)):
        complaint = _misfit(found, node, op, given, counts)
        if complaint:
            raise ProgramFileError(f"node {node}, {op.name} of {given!r}: {complaint}")
        if op is SELECT:
            k, length = operands[given[1]][0], len(given[0])
            limits[k] = min(limits[k], length) if limits[k] else length
    outputs = tuple(content["outputs"])
    if not outputs or any(type(n) is not int or not 0 <= n < len(found) for n in outputs):
        raise ProgramFileError(f"outputs are nodes, 0 ... {len(found) - 1}, got {outputs!r}")
    return Graph(found, operands, outputs, *counts, tuple(limits))


def _misfit(
    found: list[Op | Form], node: int, op: Op | Form, given: tuple[Any, ...], counts: tuple[int, int, int]
) -> str:
    """Return what is wrong with a node, "" where nothing is."""
    if op is CONSTANT:
        return "" if len(given) == 1 and type(given[0]) is float else "a constant is one number"
    if op in (PARAMETER, INPUT, INDEX):
        count = counts[(PARAMETER, INPUT, INDEX).index(op)]
        fits = len(given) == 1 and type(given[0]) is int and 0 <= given[0] < count
        return "" if fits else f"a leaf is one of 0 ... {count - 1}"
    if any(type(x) is tuple for operand in given if type(operand) is tuple for x in operand):
        return "a list holds numbers"
    if any(not 0 <= n < node for n in numbers_in(given)):
        return "operands are earlier nodes"
    reads = list(numbers_in(given))
    if op is SELECT:
        if len(given) != 2 or type(given[0]) is not tuple or not given[0] or type(given[1]) is not int:
            return "a read takes a table and an index"
        if found[given[1]] is not INDEX or any(found[n] is INDEX for n in numbers_in((given[0],))):
            return "it reads a table at what is no index"
        return ""
    if any(found[n] is INDEX for n in reads):
        return "an index is no number"
    lists = op.lists if isinstance(op, Op) else ()
    if len(given) != len(lists) or any(
        (type(x) is tuple) != is_list for x, is_list in zip(given, lists, strict=True)
    ):
        return f"it takes {len(lists)} operands, lists where the op takes lists"
    if all(lists) and len({len(x) for x in given}) > 1:
        return "its lists are of one length"
    return "" if op is not ops.where or len(given[1]) == 2 else "it takes a condition and two numbers"


def _named(own_ops: Iterable[Op]) -> dict[str, Op]:
    """Return a user's own ops by name.

    Errors: TypeError for what is no op; ValueError for a name that is taken.
    """
    if not isinstance(own_ops, Iterable):
        raise TypeError(f"own_ops is a list of ops, got {own_ops!r}")
    known: dict[str, Op] = {}
    for op in own_ops:
        if not isinstance(op, Op):
            raise TypeError(f"own_ops is a list of ops, got {op!r}")
        if op.name in FORMS or op.name in ops.TABLE or op.name.startswith(DERIVATIVE):
            raise ValueError(
                f"an op of your own is called {op.name!r}, as one of engine's is: a file tells ops apart by "
                "their names, so give it another"
            )
        if op.name in known:
            raise ValueError(f"two ops are called {op.name!r}: a file tells ops apart by their names")
        known[op.name] = op
    return known


def _op(name: Any, known: Mapping[str, Op]) -> Op | Form:
    """Return the op of a name."""
    if name in FORMS:
        return FORMS[name]
    if name in known:
        return known[name]
    if name in ops.TABLE:
        return ops.TABLE[name]
    if isinstance(name, str) and name.startswith(DERIVATIVE):
        orders = name.removeprefix(DERIVATIVE).split("_")
        if len(orders) == 2 and all(order.isdecimal() and len(order) < 3 for order in orders):
            return ops.power_derivative(int(orders[0]), int(orders[1]))
    raise _Missing(
        f"uses the op {name!r}, which is neither engine's nor given: load_program(path, own_ops=[...])"
    )


def _plain(x: Any) -> Any:
    """Return operands for JSON: lists for tuples, a text for what is not finite."""
    if isinstance(x, (tuple, list)):
        return [_plain(item) for item in x]
    return repr(x) if type(x) is float and not math.isfinite(x) else x


def _operand(x: Any) -> Any:
    if isinstance(x, list):
        return tuple([_operand(item) for item in x])
    if type(x) is int:
        return x
    return _number(x)


def _number(x: Any) -> float:
    if type(x) is float:
        return x
    if x in ("inf", "-inf", "nan"):
        return float(x)
    raise ProgramFileError(f"a number is wanted, got {x!r}")


def _tree(tree: Any, depth: int = 0) -> Any:
    if tree in (NUMBER, WHOLE):
        return NUMBER if tree == NUMBER else WHOLE
    kind, branches = tree
    if depth == DEEPEST:
        raise ProgramFileError(f"an argument is nested more than {DEEPEST} lists deep")
    if kind not in ("list", "tuple"):
        raise ProgramFileError(f"an argument is a number, an index or a list, got {kind!r}")
    return kind, tuple([_tree(branch, depth + 1) for branch in branches])
