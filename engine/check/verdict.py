"""The verdict on a recorded graph: local numbers, sums of the sweep, whole gradient, order, forward mode."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine.chain import chain_rule
from engine.check.graph import HALF_ULP, Edge, Local, Misadded, locally, misadded, swept
from engine.check.graph_report import UNDECIDED, GraphReport, Leaf
from engine.check.judge import PARTS, RIGHT, UNCHECKED, WRONG, Finding, as_list
from engine.check.oracle import Oracle
from engine.check.programs import Line, Program, mapped
from engine.check.report import Culprit, culprit_of
from engine.check.shrink import shrunk
from engine.check.ulps import mp, mpf
from engine.check.whole import DOT_PRODUCT, Exact, along, directions, exactly, relative, replayed
from engine.dual import Dual
from engine.op import Op
from engine.see.drawing import Mark
from engine.value import Value

ALONG = "derivative along a random direction"
TOO_FAR = 1e-3
"""Where rounding may change a gradient by more than this share of it, nothing can be said about the whole."""


def verdict_on(
    output: Value, leaves: Sequence[Value], *, seed: int = 0, oracles: dict[Op, Oracle] | None = None
) -> GraphReport:
    """Return the report on the gradients of a recorded graph by its leaves."""
    oracles = {} if oracles is None else oracles
    local = locally(output, oracles)
    got = swept(output)
    plain = [Leaf(v, got.get(v, 0.0), None, math.nan, UNCHECKED) for v in leaves]
    for node, finding in local.faults:
        return _local_fault(output, local, plain, node, finding, oracles)
    wrong = misadded(output, local, got)
    if wrong is not None:
        return _sweep_fault(output, local, plain, wrong, oracles)
    exact = exactly(output, local, got, oracles)
    notes = _notes(oracles, exact)
    culprit = _generator(output, got)
    if exact is None:
        judged = [leaf._replace(verdict=RIGHT) for leaf in plain]
    else:
        judged = [_leaf(v, got.get(v, 0.0), exact) for v in leaves]
        culprit = culprit or _whole(output, local, got, exact, leaves, oracles, seed)
        culprit = culprit or _reordered(output, local, got, exact, leaves, seed)
    return GraphReport(output, local, judged, culprit=culprit, notes=notes)


def _leaf(v: Value, got: float, exact: Exact) -> Leaf:
    gradient, room = exact.gradient[v], exact.room[v]
    share = relative(room, gradient)
    verdict = RIGHT if share <= TOO_FAR or got == gradient else UNDECIDED
    if abs(mpf(got) - gradient) > room:
        verdict = WRONG
    return Leaf(v, got, gradient, share / HALF_ULP, verdict)


def _notes(oracles: dict[Op, Oracle], exact: Exact | None) -> list[str]:
    notes = [
        f"{op.name} was not evaluated in many digits ({reason}); its partials are compared with differences, "
        "to about 1e-9 only, its value with nothing."
        for op, oracle in oracles.items()
        for reason in oracle.left
    ]
    if exact is None:
        notes.append("The whole gradient was not evaluated in many digits, only node by node.")
    return notes


def _generator(output: Value, got: dict[Value, float]) -> Culprit | None:
    """Compare what `backward` stores with the sums of the steps of `chain_rule`, bit for bit."""
    sums: dict[Value, float] = {output: 1.0}
    for step in chain_rule(output):
        sums[step.input] = sums.get(step.input, 0.0) + step.contribution
        if sums[step.input] == 0.0:
            sums[step.input] = 0.0
    for v, total in sums.items():
        if not (got[v] == total or (got[v] != got[v] and total != total)):
            name = "a leaf" if v.op is None else v.op.name
            return Culprit(
                name, "gradient", (), got[v], mpf(total), math.inf, "sweep",
                "backward() and the sum of the steps of chain_rule() differ.",
            )  # fmt: skip
    return None


def _whole(
    output: Value,
    local: Local,
    got: dict[Value, float],
    exact: Exact,
    leaves: Sequence[Value],
    oracles: dict[Op, Oracle],
    seed: int,
) -> Culprit | None:
    for v in leaves:
        gradient, room = exact.gradient[v], exact.room[v]
        if abs(mpf(got.get(v, 0.0)) - gradient) > room:
            return Culprit(
                _name(v), "whole gradient", (), got[v], gradient, math.inf, WRONG,
                f"Rounding explains {mp.nstr(room, 2)} of the difference.",
            )  # fmt: skip
    if local.kinks:
        return None  # differences would look at both sides
    for direction in directions(leaves, 1, seed):
        slope = along(output, local, exact, oracles, direction)
        product = mp.fsum(exact.gradient[v] * d for v, d in direction.items())
        size = max(map(abs, exact.value.values()))  # the step's own error is one of the values
        size += mp.fsum(exact.size[v] * abs(d) for v, d in direction.items())
        if not abs(slope - product) <= DOT_PRODUCT * size:
            return Culprit(
                _name(output), ALONG, (), float(product), slope, math.inf, WRONG,
                "Values and exact partials contradict each other: the oracle of an op is wrong.",
            )  # fmt: skip
    return None


def _name(v: Value) -> str:
    return v.label or ("a leaf" if v.op is None else v.op.name)


def _reordered(
    output: Value, local: Local, got: dict[Value, float], exact: Exact, leaves: Sequence[Value], seed: int
) -> Culprit | None:
    """Compute again with operands permuted, with nodes duplicated, and in forward mode."""
    for how in ("permute", "duplicate"):
        twins = {v: Value(v.data) for v in leaves}
        replayed(local, output, twins, permute=how == "permute", duplicate=how == "duplicate").backward()
        for v, twin in twins.items():
            if abs(twin.grad - got.get(v, 0.0)) > 2 * exact.room[v]:
                return Culprit(
                    _name(v), "gradient", (), got.get(v, 0.0), mpf(twin.grad), math.inf, how,
                    f"It changes when one {how}s {'operands' if how == 'permute' else 'shared nodes'}.",
                )  # fmt: skip
    for direction in directions(leaves, 1, seed + 1):
        duals = {v: Dual(v.data, d, 1) for v, d in direction.items()}
        rate = float(getattr(replayed(local, output, duals), "rate", 0.0))
        product = math.fsum(got.get(v, 0.0) * d for v, d in direction.items())
        room = sum(exact.room[v] * abs(d) for v, d in direction.items())
        edges = sum(map(len, local.edges.values()))
        size = sum(exact.size[v] * abs(d) for v, d in direction.items())
        if abs(rate - product) > 2 * room + 4 * HALF_ULP * (edges + len(leaves)) * size:
            return Culprit(
                _name(output), ALONG, (), rate, mpf(product), math.inf, "forward mode",
                "Forward and reverse mode differ.",
            )  # fmt: skip
    return None


def _local_fault(
    output: Value,
    local: Local,
    leaves: list[Leaf],
    node: Value,
    finding: Finding,
    oracles: dict[Op, Oracle],
) -> GraphReport:
    """Report a wrong number of one node; its op alone, at the simplest operands, is the smallest program."""
    op = finding.op
    numbers = [x for operand in finding.operands for x in as_list(operand, 1)]
    places = iter(range(len(numbers)))
    program = Program(tuple(numbers), (Line(op, mapped(lambda x: next(places), finding.operands)),))

    def fails(smaller: Program) -> bool:
        z = smaller(*map(Value, smaller.inputs))
        found = (f for _, f in locally(z, oracles).faults)
        return any((f.op, f.part, f.verdict) == (op, finding.part, finding.verdict) for f in found)

    return GraphReport(
        output, local, leaves, culprit=culprit_of(finding), mark=_mark(node, finding, local),
        minimal=_smallest(program, fails),
    )  # fmt: skip


def _smallest(program: Program, fails: Callable[[Program], bool]) -> str:
    """Return the text of the smallest program that still fails; of the given one where it does not."""
    finite = all(map(math.isfinite, program.inputs))
    return (shrunk(program, fails) if finite and fails(program) else program).source()


def _mark(node: Value, finding: Finding, local: Local) -> Mark:
    text = f"{finding.got!r}, not {mp.nstr(finding.truth.exact, 6)}"
    if finding.part == "z":
        return Mark(node, None, text)
    index = PARTS.index(finding.part)
    edge = next(e for e in local.edges[node] if (e.operand, e.element) == (index, finding.element))
    return Mark(node, _position(edge), text)


def _position(edge: Edge) -> int:
    """Return the place of an edge's operand in `node.inputs`."""
    first: Any = edge.node.x if edge.operand == 1 else ()
    before = first if isinstance(first, tuple) else (first,)
    return sum(isinstance(v, Value) for v in before) + (edge.element or 0)


def _sweep_fault(
    output: Value, local: Local, leaves: list[Leaf], wrong: Misadded, oracles: dict[Op, Oracle]
) -> GraphReport:
    """Report a gradient that is not the sum of its contributions."""
    node = wrong.step.node
    name = "the output" if node.op is None else node.op.name
    hint = "It is not the sum of upstream * partial over the edges that reach it."
    if wrong.how:
        hint = f"The contribution {wrong.step.upstream!r} * {wrong.step.partial!r} of {name} {wrong.how}."
    edge = next((e for e in local.edges.get(node, []) if e.input is wrong.input), None)
    culprit = Culprit(
        name, f"gradient that it passes to {_name(wrong.input)}", (), wrong.got, mpf(wrong.exact), math.inf,
        "accumulation", hint,
    )  # fmt: skip

    def fails(program: Program) -> bool:
        z = program(*map(Value, program.inputs))
        near = locally(z, oracles)
        return next(near.faults, None) is None and misadded(z, near, swept(z)) is not None

    mark = None if edge is None else Mark(node, _position(edge), f"{wrong.got!r}, not {wrong.exact!r}")
    minimal = _smallest(Program.of(output), fails)
    return GraphReport(output, local, leaves, culprit=culprit, mark=mark, minimal=minimal)
