"""The verdict on a recorded graph: local numbers, sums of the sweep, whole gradient, order, forward mode."""

import math
from collections.abc import Callable, Sequence
from typing import Any

from engine.chain import chain_rule, order
from engine.check.graph import (
    AS_SWEPT,
    HALF_ULP,
    SMALLEST,
    Edge,
    Local,
    locally,
    name_of,
)
from engine.check.graph_report import UNDECIDED, GraphReport, Leaf
from engine.check.judge import PARTS, RIGHT, UNCHECKED, WRONG, Finding, as_list, operands_at
from engine.check.oracle import Oracle
from engine.check.programs import Line, Program, mapped
from engine.check.report import Culprit, culprit_of, placed, shown
from engine.check.shrink import shrunk
from engine.check.sums import Misadded, misadded, swept
from engine.check.ulps import absolute_error, mp, mpf
from engine.check.whole import DOT_PRODUCT, Exact, along, directions, exactly, relative, replayed
from engine.dual import Dual
from engine.op import Op
from engine.see.drawing import Mark
from engine.value import Value

ALONG = "derivative along a random direction"
FEW = 200
"""A fault that only the whole graph shows is looked for in so many smaller graphs."""
SMALL = -20000
"""The exact functions leave off at e**-20000, which is less than 2**-20000."""
TOO_FAR = 1e-3
"""Where rounding may change a gradient by more than this share of it, nothing can be said about the whole."""


def verdict_on(
    output: Value, leaves: Sequence[Value], *, seed: int = 0, oracles: dict[Op, Oracle] | None = None
) -> GraphReport:
    """Return the report on the gradients of a recorded graph by its leaves."""
    oracles = {} if oracles is None else oracles
    local = locally(output, oracles)
    got = swept(output)
    plain = [Leaf(v, got.get(v, 0.0), None, math.nan, math.nan, UNCHECKED) for v in leaves]
    for node, finding in local.faults:
        return _local_fault(output, local, plain, node, finding, oracles)
    wrong = misadded(output, local, got)
    if wrong is not None:
        return _sweep_fault(output, local, plain, wrong, oracles)
    exact = exactly(output, local, got, oracles)
    notes = _notes(local, oracles, exact)
    culprit, minimal = _beyond_nodes(output, local, got, exact, leaves, oracles, seed), ""
    if culprit is not None:
        kind = culprit.kind
        minimal = smallest(Program.of(output), lambda p: _kind(p, oracles, seed) == kind, max_calls=FEW)
    if exact is None:
        judged = [leaf._replace(verdict=UNDECIDED if _is_nan(output, leaf) else RIGHT) for leaf in plain]
    else:
        judged = [_leaf(v, got.get(v, 0.0), exact) for v in leaves]
    return GraphReport(output, local, judged, culprit=culprit, minimal=minimal, notes=notes)


def _beyond_nodes(
    output: Value,
    local: Local,
    got: dict[Value, float],
    exact: Exact | None,
    leaves: Sequence[Value],
    oracles: dict[Op, Oracle],
    seed: int,
) -> Culprit | None:
    """Return what is wrong with a graph whose nodes and sums are right."""
    culprit = _generator(output, got)
    if culprit is None and exact is not None:
        culprit = _whole(output, local, got, exact, leaves, oracles, seed)
        culprit = culprit or _reordered(output, local, got, exact, leaves, seed)
    return culprit


def _kind(program: Program, oracles: dict[Op, Oracle], seed: int) -> str:
    """Return the kind of what is wrong beyond nodes and sums, "" where nothing is."""
    leaves = [Value(x) for x in program.inputs]
    z = program(*leaves)
    local, got = locally(z, oracles), swept(z)
    if next(local.faults, None) is not None or misadded(z, local, got) is not None:
        return ""
    culprit = _beyond_nodes(z, local, got, exactly(z, local, got, oracles), leaves, oracles, seed)
    return "" if culprit is None else culprit.kind


def _leaf(v: Value, got: float, exact: Exact) -> Leaf:
    gradient, room = exact.gradient[v], exact.room[v]
    share = relative(room, gradient)
    verdict = RIGHT if share <= TOO_FAR or got == float(gradient) else UNDECIDED
    if absolute_error(gradient, got) > room:
        verdict = WRONG
    return Leaf(v, got, gradient, room, share / HALF_ULP, verdict)


def _is_nan(output: Value, leaf: Leaf) -> bool:
    return math.isnan(output.data) or math.isnan(leaf.gradient)


def _notes(local: Local, oracles: dict[Op, Oracle], exact: Exact | None) -> list[str]:
    notes = [
        f"{op.name} was not evaluated in many digits ({reason}); its partials are compared with differences, "
        "to about 1e-9 only, its value with nothing."
        for op, oracle in oracles.items()
        for reason in oracle.left
    ]
    for node in local.nodes:
        if not math.isfinite(node.data) and all(math.isfinite(v.data) for v in node.inputs):
            notes.append(f"{name_of(node)} is {node.data!r} at {placed(operands_at(node))}.")
            break
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
    for v in got:
        total = sums.get(v, 0.0)
        if not (got[v] == total or (got[v] != got[v] and total != total)):
            return Culprit(
                name_of(v), "gradient", (), got[v], mpf(total), math.inf, "sweep",
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
        if absolute_error(gradient, got.get(v, 0.0)) > room:
            return Culprit(
                name_of(v), "whole gradient", (), got[v], gradient, math.inf, WRONG,
                f"Rounding explains {mp.nstr(room, 2)} of the difference.",
            )  # fmt: skip
    infinite = not all(math.isfinite(v.data) for v in local.nodes)
    if local.kinks or infinite or any(mp.mag(x) < SMALL for x in exact.value.values() if x):
        return None  # differences would look at both sides, or beyond what the exact functions know
    for direction in directions(leaves, 1, seed):
        slope = along(output, local, exact, oracles, direction)
        product = mp.fsum(exact.gradient[v] * d for v, d in direction.items())
        room = DOT_PRODUCT * mp.fsum(exact.size[v] * abs(d) for v, d in direction.items()) + exact.noise
        if not abs(slope - product) <= room:  # is it the step's own error, or a kink in many digits?
            others = [along(output, local, exact, oracles, direction, step) for step in (-1.0, 0.5)]
            room += 4 * (max(slope, *others) - min(slope, *others))
        if not abs(slope - product) <= room:
            return Culprit(
                name_of(output), ALONG, (), float(product), slope, math.inf, WRONG,
                "Values and exact partials contradict each other: the oracle of an op is wrong.",
            )  # fmt: skip
    return None


def _reordered(
    output: Value, local: Local, got: dict[Value, float], exact: Exact, leaves: Sequence[Value], seed: int
) -> Culprit | None:
    """Compute again with operands permuted, with nodes duplicated, and in forward mode."""
    all_leaves = [v for v in order(output) if v.op is None]
    for how in ("permute", "duplicate"):
        twins = {v: Value(v.data) for v in all_leaves}
        replayed(local, output, twins, permute=how == "permute", duplicate=how == "duplicate").backward()
        for v, twin in twins.items():
            if abs(twin.grad - got.get(v, 0.0)) > 2 * exact.room[v]:
                what = "operands permuted" if how == "permute" else "shared nodes duplicated"
                return Culprit(
                    name_of(v), f"gradient with {what}", (), twin.grad, exact.gradient[v], math.inf, how,
                    "As the program stands the gradient is right: the order of the sweep is not.",
                )  # fmt: skip
    for direction in directions(leaves, 1, seed + 1):
        duals: dict[Value, Any] = {v: v.data for v in all_leaves}
        duals |= {v: Dual(v.data, d, 1) for v, d in direction.items()}
        rate = float(getattr(replayed(local, output, duals), "rate", 0.0))
        product = mp.fsum(mpf(got.get(v, 0.0)) * d for v, d in direction.items())
        size = sum(exact.size[v] * abs(d) for v, d in direction.items())
        edges = [edge for edges in local.edges.values() for edge in edges]
        room = 2 * sum(exact.room[v] * abs(d) for v, d in direction.items())
        room += 4 * HALF_ULP * (len(edges) + len(leaves)) * size
        room += 4 * SMALLEST * (1 + sum(exact.size[edge.node] + exact.size[edge.input] for edge in edges))
        if math.isfinite(rate) and mp.isfinite(product) and abs(rate - product) > room:
            return Culprit(
                name_of(output), ALONG, (), rate, product, math.inf, "forward mode",
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
    program = alone(op, finding.operands)

    def fails(smaller: Program) -> bool:
        z = smaller(*map(Value, smaller.inputs))
        found = (f for _, f in locally(z, oracles).faults)
        return any((f.op, f.part, f.verdict) == (op, finding.part, finding.verdict) for f in found)

    culprit = culprit_of(finding)
    if finding.exempt == AS_SWEPT:
        culprit = culprit._replace(hint=f"{culprit.hint}\n{AS_SWEPT}".strip())
    return GraphReport(
        output, local, leaves, culprit=culprit, mark=_mark(node, finding, culprit.exact, local),
        minimal=smallest(program, fails),
    )  # fmt: skip


def alone(op: Any, operands: tuple[Any, ...]) -> Program:
    """Return the program of one op whose operands are all inputs."""
    numbers = [x for operand in operands for x in as_list(operand, 1)]
    places = iter(range(len(numbers)))
    return Program(tuple(numbers), (Line(op, mapped(lambda x: next(places), operands)),))


def smallest(program: Program, fails: Callable[[Program], bool], *, max_calls: int = 1000) -> str:
    """Return the text of the smallest program that still fails; of the given one where it does not."""
    finite = all(map(math.isfinite, program.inputs))
    return (shrunk(program, fails, max_calls=max_calls) if finite and fails(program) else program).source()


def _mark(node: Value, finding: Finding, exact: Any, local: Local) -> Mark:
    text = instead(finding.got, exact)
    if finding.part == "z":
        return Mark(node, None, text)
    index = PARTS.index(finding.part)
    edge = next(e for e in local.edges[node] if (e.operand, e.element) == (index, finding.element))
    return Mark(node, position(edge), text)


def instead(got: float, exact: Any) -> str:
    """Return "2.0, not 3.0", with the digits that it takes to see the difference."""
    if isinstance(exact, list):
        return f"{got!r}, not {shown(exact)}"
    close = math.isfinite(got) and abs(got - exact) < 1e-4 * abs(exact)
    return f"{got!r}, not {mp.nstr(+mpf(exact), 17 if close else 6)}"


def position(edge: Edge) -> int:
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
    edge = next((e for e in local.edges.get(node, []) if e.input is wrong.input), None)
    culprit = Culprit(
        name, f"gradient that it passes to {name_of(wrong.input)}", (), wrong.got, mpf(wrong.exact), math.inf,
        "accumulation", wrong.hint,
    )  # fmt: skip

    def fails(program: Program) -> bool:
        z = program(*map(Value, program.inputs))
        near = locally(z, oracles)
        return next(near.faults, None) is None and misadded(z, near, swept(z)) is not None

    mark = None if edge is None else Mark(node, position(edge), f"gradient {instead(wrong.got, wrong.exact)}")
    minimal = smallest(Program.of(output), fails)
    return GraphReport(output, local, leaves, culprit=culprit, mark=mark, minimal=minimal)
