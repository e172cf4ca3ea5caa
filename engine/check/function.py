"""check_gradients: every gradient of a function of Values against 60 digits, and the culprit."""

import inspect
import math
from collections.abc import Callable, Iterator
from typing import Any

from engine.carrier import as_number
from engine.chain import gradients, order as nodes_of
from engine.check.differences import ridders
from engine.check.graph_report import UNDECIDED, GraphReport
from engine.check.judge import WRONG
from engine.check.oracle import Oracle
from engine.check.programs import Program
from engine.check.report import Culprit, GradientError
from engine.check.second import misdifferentiated
from engine.check.ulps import mpf
from engine.check.verdict import ALONG, verdict_on
from engine.check.whole import directions
from engine.collector import paused_gc
from engine.op import Op
from engine.see.drawing import Mark
from engine.trees import leaves, shaped
from engine.value import Value

MOVE = 2.0**-20
"""How far inputs move, relative to their size, to see which numbers of the graph move with them."""


def check_gradients(
    f: Callable[..., Any], /, *inputs: Any, order: int = 1, seed: int = 0, **named: Any
) -> GraphReport:
    """Check the gradients of f, which takes Values and returns one, at these inputs; return a report.

    `inputs` and `named` are numbers, or nested lists, tuples and dicts of numbers. The leaves of f's graph
    that are no inputs, as the parameters of a network, are checked with them. First every node: its value and
    each partial at the node's own operands against exact ones. Then the sums of the sweep, the whole gradient
    in many digits, its product with a random direction (from `seed`) against a difference of values alone,
    the graph with its operands permuted and its shared nodes duplicated, and forward mode. With `order` 2
    the same for the graph of each gradient by an input, and second derivatives against differences of exact
    gradients.

    Nothing is compared with a fixed tolerance: what rounding explains is allowed, found by a running error
    bound (Higham, Accuracy and Stability of Numerical Algorithms, 2002, 3.3). The verdict is "right",
    "wrong", or "undecided" where rounding may change a gradient by more than a thousandth of it.

    Errors: TypeError where f is no function or returns no Value, and for no input, one that is no number, or
    a seed that is no whole number; ValueError where f ignores an input or changes its data, records another
    graph when called again, or an input is not finite, and for another order.

    >>> from engine import tanh
    >>> report = check_gradients(lambda x, y: tanh(x * y) + x, 0.3, -2.0)
    >>> report.verdict, report.worst_ulp < 4
    ('right', True)
    """
    if order not in (1, 2):
        raise ValueError(f"order is 1, or 2 for second derivatives too; got {order!r}")
    if not isinstance(seed, int):
        raise TypeError(f"seed is a whole number, got {seed!r}")
    call = _Call(f, inputs, named)
    with paused_gc():
        output, variables = call.recorded()
        program = Program.of(output, variables)
        again, others = call.recorded()
        _refuse_another_graph(call, program, Program.of(again, others))
        if repr(output.data) != repr(again.data):
            raise ValueError(
                f"{call.name} gives {output.data!r} at first and {again.data!r} when it is called again with "
                "the same inputs: an op draws random numbers or changes what it reads"
            )
        used = set(nodes_of(output))
        for v in variables:
            if v not in used:
                raise ValueError(
                    f"{call.name} ignores its input {v.label}: its gradient would be 0 whatever f computes; "
                    "leave the input out, or use it"
                )
        parameters = [v for v in nodes_of(again) if v.op is None and v in used]  # not made anew by f
        oracles: dict[Op, Oracle] = {}
        report = verdict_on(output, [*variables, *parameters], seed=seed, oracles=oracles)
        if report.culprit is None:
            _find_frozen(call, program, report, seed)
        if order == 2 and report.culprit is None:
            report = _second(call, output, variables, report, seed, oracles)
    return report


def assert_gradients(
    f: Callable[..., Any],
    /,
    *inputs: Any,
    order: int = 1,
    seed: int = 0,
    undecided: bool = False,
    **named: Any,
) -> GraphReport:
    """Raise GradientError unless `check_gradients` finds every gradient right; return its report.

    With `undecided` a program that is too ill-conditioned to say is let through.

    Errors: GradientError, whose `report` it is, and those of `check_gradients`.

    >>> assert_gradients(lambda x: x * x, 3.0).verdict
    'right'
    """
    report = check_gradients(f, *inputs, order=order, seed=seed, **named)
    if report.verdict == WRONG or (report.verdict == UNDECIDED and not undecided):
        raise GradientError(report)
    return report


class _Call:
    """A function and its inputs, which can be recorded again and again, at other numbers too."""

    def __init__(self, f: Callable[..., Any], inputs: tuple[Any, ...], named: dict[str, Any]) -> None:
        if not callable(f):
            raise TypeError(f"check_gradients takes a function of Values, got {f!r}")
        self.f = f
        self.name = getattr(f, "__name__", type(f).__name__)
        self.tree = [list(inputs), named]
        self.labels = list(_labels(f, inputs, named))
        self.numbers = [
            self._number(x, label) for x, label in zip(leaves(self.tree), self.labels, strict=True)
        ]
        if not self.numbers:
            raise TypeError(f"{self.name} was given no input to check the gradient of")

    def _number(self, x: Any, label: str) -> float:
        if math.prod(getattr(x, "shape", ())) != 1:
            raise TypeError(f"{label} is an array of shape {tuple(x.shape)}: give {label}.tolist()")
        number = float(as_number(x, label))
        if not math.isfinite(number):
            raise ValueError(f"{label} is {number}: gradients are checked at finite numbers")
        return number

    def recorded(self, numbers: list[float] | None = None) -> tuple[Value, list[Value]]:
        """Return what f gives on fresh Values, and these."""
        numbers = self.numbers if numbers is None else numbers
        variables = [Value(x, label=label) for x, label in zip(numbers, self.labels, strict=True)]
        args, kwargs = shaped(self.tree, iter(variables))
        output = self.f(*args, **kwargs)
        for v, x in zip(variables, numbers, strict=True):
            if v.data != x:
                raise ValueError(
                    f"{self.name} changed the data of its input {v.label} from {x!r} to {v.data!r}: "
                    "compute a new Value instead"
                )
        if not isinstance(output, Value):
            raise TypeError(
                f"{self.name} returned {output!r}, not a Value: compute with ops of engine on what it is "
                "given, engine.sin(x), not math.sin(x), and return one Value"
            )
        return output, variables


def _labels(f: Callable[..., Any], inputs: tuple[Any, ...], named: dict[str, Any]) -> Iterator[str]:
    """Yield a name for every number among the inputs: x, x[0], net['w'][2]."""
    try:
        kinds = inspect.signature(f).parameters.values()
        known = [p.name for p in kinds if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        known = []
    known += [f"x{i}" for i in range(len(known) + 1, len(inputs) + 1)]
    for name, tree in [*zip(known, inputs, strict=False), *named.items()]:
        yield from _paths(name, tree)


def _paths(name: str, tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from _paths(f"{name}[{key!r}]", branch)
    elif isinstance(tree, (list, tuple)):
        for i, branch in enumerate(tree):
            yield from _paths(f"{name}[{i}]", branch)
    else:
        yield name


def _refuse_another_graph(call: _Call, first: Program, again: Program) -> None:
    if repr((first.inputs, first.lines)) == repr((again.inputs, again.lines)):
        return
    place = next(
        (
            i
            for i, pair in enumerate(zip(first.lines, again.lines, strict=False))
            if repr(pair[0]) != repr(pair[1])
        ),
        None,
    )
    if place is None:
        what = f"{len(first.lines)} ops at first, {len(again.lines)} then"
    else:
        before, then = (_written(program, place, call.labels) for program in (first, again))
        what = f"op {place + 1} is {before} at first, {then} then"
    raise ValueError(
        f"{call.name} records another graph when it is called again with the same inputs ({what}): "
        "it draws random numbers or changes what it reads; give it a generator seeded anew in each call"
    )


def _written(program: Program, place: int, labels: list[str]) -> str:
    """Return a line as a call, inputs by name, results in between as the op that made them: mul(x, 2.0)."""
    known = [*labels, *(f"{line.op.name}(...)" for line in program.lines)]

    def operand(x: Any) -> str:
        if isinstance(x, tuple):
            return f"[{', '.join(map(operand, x))}]"
        return known[x] if type(x) is int else repr(x)

    op, operands = program.lines[place]
    return f"{op.name}({', '.join(map(operand, operands))})"


def _find_frozen(call: _Call, program: Program, report: GraphReport, seed: int) -> None:
    """Look for numbers in the graph that move with the inputs, though no gradient flows through them.

    Such a number is the culprit where differences of f itself contradict the gradient.
    """
    moved = [x + MOVE * (abs(x) or 1.0) for x in call.numbers]
    try:
        other = Program.of(*call.recorded(moved))
    except Exception:  # f is asked there by us alone
        return
    if [line.op for line in other.lines] != [line.op for line in program.lines] or report.local.kinks:
        return
    suspects = [i for i, line in enumerate(program.lines) if repr(line) != repr(other.lines[i])]
    if not suspects:
        return
    variables = [leaf.value for leaf in report.leaves[: len(call.numbers)]]
    direction = directions(variables, 1, seed)[0]

    def along(t: float) -> float:
        at = [x + (t - 1.0) * d for x, d in zip(call.numbers, direction.values(), strict=True)]
        return call.recorded(at)[0].data

    try:
        found = ridders(along, 1.0)
    except Exception:
        return
    product = math.fsum(leaf.gradient * direction[leaf.value] for leaf in report.leaves[: len(variables)])
    if found is None or abs(found.slope - product) <= 10 * found.error + 1e-9 * abs(found.slope):
        return
    place = suspects[0]
    before, then = (_written(p, place, call.labels) for p in (program, other))
    report.mark = Mark(report.local.nodes[place], None, f"{before} became {then}")
    report.culprit = Culprit(
        program.lines[place].op.name, ALONG, (), product, mpf(found.slope), math.inf, "frozen",
        "A number in the graph depends on the inputs, and no gradient flows through it: when they moved,\n"
        f"{before} became {then}. Was .data or float() read on the way?",
    )  # fmt: skip


def _second(
    call: _Call,
    output: Value,
    variables: list[Value],
    report: GraphReport,
    seed: int,
    oracles: dict[Op, Oracle],
) -> GraphReport:
    """Return the report on the first gradient whose own graph is wrong, else the one on f itself."""
    slopes = gradients(output, variables, carry=lambda v: v)
    undecided = []
    reports: dict[Value, GraphReport | None] = dict.fromkeys(variables)
    for v, slope in zip(variables, slopes, strict=True):
        if not isinstance(slope, Value):
            continue
        used = set(nodes_of(slope))
        found = reports[v] = verdict_on(
            slope, [w for w in variables if w in used], seed=seed, oracles=oracles
        )
        found.notes.insert(0, f"This is the graph of the gradient of {call.name} by {v.label}.")
        if found.verdict == WRONG:
            return found
        undecided += [found] if found.verdict == UNDECIDED else []
    wrong = misdifferentiated(output, report, reports, oracles, seed)
    if wrong is not None:
        return wrong
    report.notes.append(f"The graphs of all {len(slopes)} gradients were checked in the same way.")
    return undecided[0] if undecided and report.ok else report
