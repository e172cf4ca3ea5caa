"""Second derivatives of a graph: those of the graphs of its gradients against differences of exact ones."""

import itertools
import math
from collections.abc import Iterator
from typing import Any

from engine.chain import gradients
from engine.check.graph import HALF_ULP, Edge, Local, locally, name_of
from engine.check.graph_report import GraphReport
from engine.check.judge import PARTS, TITLES, as_list, as_values, operands_at
from engine.check.oracle import Oracle
from engine.check.programs import Program
from engine.check.report import Culprit
from engine.check.sums import swept
from engine.check.ulps import mp
from engine.check.verdict import alone, instead, position, smallest
from engine.check.whole import BITS, STEP, directions, exactly, gradient_along
from engine.op import Op
from engine.see.drawing import Mark
from engine.value import Value

SECOND_ORDER = "second derivative"
SECOND = 2.0**-40
"""The bound on second derivatives, relative to the sum of the absolute values of their terms."""


def misdifferentiated(
    output: Value,
    first: GraphReport,
    slopes: dict[Value, GraphReport | None],
    oracles: dict[Op, Oracle],
    seed: int,
) -> GraphReport | None:
    """Compare the second derivatives that `slopes` report, by input, with differences of exact gradients.

    A partial that holds still what it should not, as a float does, has a graph whose every node is right.
    """
    local = first.local
    exact = exactly(output, local, swept(output), oracles)
    if exact is None or local.kinks:
        return None
    direction = directions(list(slopes), 1, seed)[0]
    rates = [gradient_along(output, local, exact, oracles, direction, step) for step in (1.0, -1.0, 0.5)]
    for v, report in slopes.items():
        leaves = report.leaves if report else []
        near = [rate[v] for rate in rates if rate]
        if len(near) < len(rates) or any(leaf.exact is None for leaf in leaves):
            continue
        terms = [leaf.exact * direction[leaf.value] for leaf in leaves]
        room = mp.fsum(
            abs(t) * (SECOND + leaf.condition * 16 * HALF_ULP) if t else 0
            for t, leaf in zip(terms, leaves, strict=True)
        )
        room += mp.ldexp(exact.size[v], 80 - BITS - STEP) + 4 * (max(near) - min(near))
        if abs(near[0] - mp.fsum(terms)) > room:
            return _second_fault(output, first, v, float(mp.fsum(terms)), near[0], oracles)
    return None


def _second_fault(
    output: Value, first: GraphReport, v: Value, got: float, exact: Any, oracles: dict[Op, Oracle]
) -> GraphReport:
    """Report a second derivative that is wrong, with the op whose partial has it where one is found."""
    wrong = next(_second_partials(first.local, oracles), None)
    if wrong is None:
        culprit = Culprit(
            name_of(output), f"derivative along a random direction of the gradient by {name_of(v)}", (), got,
            exact, math.inf, SECOND_ORDER,
        )  # fmt: skip
        return GraphReport(output, first.local, first.leaves, culprit=culprit)
    edge, culprit = wrong
    program = alone(edge.node.op, culprit.operands)

    def fails(smaller: Program) -> bool:
        z = smaller(*map(Value, smaller.inputs))
        found = next(_second_partials(locally(z, oracles), oracles), None)
        return found is not None and found[1].op == culprit.op and found[1].part == culprit.part

    text = f"its derivative is {instead(culprit.got, culprit.exact)}"
    return GraphReport(
        output, first.local, first.leaves, culprit=culprit, mark=Mark(edge.node, position(edge), text),
        minimal=smallest(program, fails),
    )  # fmt: skip


def _second_partials(local: Local, oracles: dict[Op, Oracle]) -> Iterator[tuple[Edge, Culprit]]:
    """Yield the second partials of nodes, by sweeping partials recorded on Values, that are wrong."""
    for node, edges in local.edges.items():
        op: Any = node.op
        operands = operands_at(node)
        values = as_values(operands)
        z = op(*values)
        for edge, other in itertools.product(edges, edges):
            slopes = as_list(op.slope(edge.operand, z, values), len(as_list(operands[edge.operand], 1)))
            slope = slopes[edge.element or 0]
            v = as_list(values[other.operand], 1)[other.element or 0]
            got = gradients(slope, [v])[0] if isinstance(slope, Value) else 0.0
            exact = oracles[op].second((edge.operand, edge.element), (other.operand, other.element), operands)
            if abs(got - exact) > SECOND * max(abs(exact), abs(float(slope))):
                title = TITLES[PARTS[edge.operand] + PARTS[other.operand]]
                hint = "On Values the partial does not follow its operands: does it call float() or detach?"
                yield edge, Culprit(op.name, title, operands, got, exact, math.inf, SECOND_ORDER, hint)
