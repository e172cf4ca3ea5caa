"""A recorded graph, node by node: values and partials at the node's own operands."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from tqdm import tqdm

from engine.chain import order
from engine.check.judge import PARTS, RIGHT, UNCHECKED, Finding, as_list, judged, operands_at, truths
from engine.check.oracle import DEFINITION, UNKNOWN, Oracle, Truth, with_number
from engine.check.ulps import LARGEST, mp, mpf
from engine.op import Op
from engine.value import Value

NOTHING = Truth(mpf(0), mpf(0), DEFINITION)
HALF_ULP = 2.0**-53
SMALLEST = 2.0**-1074
KINK_ULPS = 16
"""A node whose operands are so many floats from a kink, or fewer, is said to stand next to it."""
FAR = 2.0**20
"""Where values so many times as far apart differ by no more than twice as much, there is a jump."""

MANY = 2000
"""A graph of so many nodes takes seconds: a bar shows how far the check is."""
AS_SWEPT = "So says `dx` or `dy` of the op, which a sweep calls; the partial itself differs."


class Edge(NamedTuple):
    """An operand of a node that is a Value: where it stands, the partial in floats, and the exact one."""

    node: Value
    operand: int
    element: int | None
    input: Value
    partial: float
    truth: Truth


class Kink(NamedTuple):
    """A node next to a kink of its op, and the one-sided derivatives by one of its operands.

    Next to a jump, where these say nothing, `sides` are the values, and `jump` is true.
    """

    node: Value
    operand: int
    element: int | None
    margin: float
    sides: tuple[float, float]
    jump: bool = False


class Local(NamedTuple):
    """What the nodes of a graph gave: edges in the order of the nodes, findings, kinks."""

    nodes: list[Value]
    edges: dict[Value, list[Edge]]
    findings: dict[Value, list[Finding]]
    kinks: list[Kink]

    @property
    def faults(self) -> Iterator[tuple[Value, Finding]]:
        """Yield what is wrong, the node nearest to the leaves first."""
        for node, findings in self.findings.items():
            for finding in findings:
                if finding.verdict not in (RIGHT, UNCHECKED):
                    yield node, finding


def locally(output: Value, oracles: dict[Op, Oracle]) -> Local:
    """Compare the value and every partial of each node with the exact ones at the node's own operands."""
    nodes = [v for v in order(output) if v.op is not None]
    edges: dict[Value, list[Edge]] = {}
    findings: dict[Value, list[Finding]] = {}
    kinks: list[Kink] = []
    for node in tqdm(nodes, "checking nodes", leave=False, disable=len(nodes) < MANY):
        op: Any = node.op
        oracle = oracles.get(op) or oracles.setdefault(op, Oracle(op))
        operands = operands_at(node)
        truth = _truth(oracle, operands)
        found = [judged(oracle, "z", None, operands, node.data, truth)]
        is_defined = _is_finite(operands) and (truth is UNKNOWN or not mp.isnan(truth.exact))
        edges[node] = list(_edges(node, operands, oracle if is_defined else None))
        for edge in edges[node]:
            part = PARTS[edge.operand]
            found.append(judged(oracle, part, edge.element, operands, edge.partial, edge.truth))
        for edge, slope in [] if any(op.lists) else _swept_otherwise(node, operands, edges[node]):
            finding = judged(oracle, PARTS[edge.operand], None, operands, slope, edge.truth)
            found.append(finding._replace(exempt=AS_SWEPT))
        findings[node] = found
        kinks += _kinks(edges[node], operands, oracle)
    return Local(nodes, edges, findings, kinks)


def _swept_otherwise(
    node: Value, operands: tuple[Any, ...], edges: list[Edge]
) -> Iterator[tuple[Edge, float]]:
    """Yield the partials on floats that a sweep calls, where they give other numbers.

    In the sum of many contributions the fault of a small one would not show.
    """
    op: Any = node.op
    for edge in edges:
        twin = (op.dx, op.dy)[edge.operand]
        try:
            slope = twin(node.data, *operands) if callable(twin) else twin
        except (ArithmeticError, ValueError, TypeError):
            continue  # then a sweep takes the partial itself
        if slope != edge.partial and (slope == slope or edge.partial == edge.partial):
            yield edge, slope


def _truth(oracle: Oracle, operands: tuple[Any, ...]) -> Truth:
    """Return the exact value, UNKNOWN where it is a convention: at inf and nan, poles, -0.0 on a jump."""
    on_jump = oracle.op.margin is not None and oracle.op.margin(*operands) == 0.0
    if not _is_finite(operands) or (on_jump and _has_negative_zero(operands)):
        return UNKNOWN
    try:
        return oracle.value(operands)
    except ZeroDivisionError:
        return UNKNOWN


def _has_negative_zero(operands: tuple[Any, ...]) -> bool:
    return any(repr(x) == "-0.0" for operand in operands for x in as_list(operand, 1))


def _is_finite(operands: tuple[Any, ...]) -> bool:
    return all(math.isfinite(x) for operand in operands for x in as_list(operand, 1))


def _edges(node: Value, operands: tuple[Any, ...], oracle: Oracle | None) -> Iterator[Edge]:
    op: Any = node.op
    for index, operand in enumerate((node.x, node.y)[: op.arity]):
        if op.partials[index] is None or isinstance(operand, float):
            continue
        listed = isinstance(operand, tuple)
        if listed and not isinstance(operand[0], Value):
            continue  # a list of floats
        slopes = op.float_slope(index, node.data, operands)
        inputs = operand if listed else (operand,)
        exact = (truths(oracle, index, operands) or [NOTHING]) if oracle else [UNKNOWN] * len(inputs)
        if _has_negative_zero(operands):  # at a pole it tells the side, which no exact number does
            exact = [UNKNOWN if abs(truth.exact) >= LARGEST else truth for truth in exact]
        for k, (v, truth) in enumerate(zip(inputs, exact, strict=True)):
            slope = slopes[k] if isinstance(slopes, (list, tuple)) else slopes
            yield Edge(node, index, k if listed else None, v, slope, truth)


def _kinks(edges: list[Edge], operands: tuple[Any, ...], oracle: Oracle) -> Iterator[Kink]:
    """Yield the edges of a node whose operands are within a few floats of a kink, on whichever side."""
    op = oracle.op
    if op.margin is None:  # differences may have found one
        for edge in edges:
            if edge.truth.sides:
                yield _kink(edge, 0.0, edge.truth.sides)
        return
    margin = op.margin(*operands)
    if not _is_finite(operands) or not _is_near(op, margin, operands):
        return
    for edge in edges:
        x = operands[edge.operand] if edge.element is None else operands[edge.operand][edge.element]
        step = 2 * abs(margin) + 4 * KINK_ULPS * math.ulp(x)
        moved = [with_number(operands, edge.operand, edge.element, x + sign * step) for sign in (-1, 1)]
        below, above = edge.truth.sides or [
            oracle.slope(edge.operand, edge.element, place).exact for place in moved
        ]
        if float(below) != float(above) and not (mp.isnan(below) or mp.isnan(above)):
            yield _kink(edge, margin, (below, above))
            continue
        far = [with_number(operands, edge.operand, edge.element, x + sign * FAR * step) for sign in (-1, 1)]
        low, high, lower, higher = (oracle.value(place).exact for place in (*moved, *far))
        if op.margin(*moved[0]) != op.margin(*moved[1]) and abs(high - low) > abs(higher - lower) / 2:
            yield _kink(edge, margin, (low, high), jump=True)


def _kink(edge: Edge, margin: float, sides: tuple[Any, Any], *, jump: bool = False) -> Kink:
    return Kink(edge.node, edge.operand, edge.element, margin, (float(sides[0]), float(sides[1])), jump)


def _is_near(op: Op, margin: float, operands: tuple[Any, ...]) -> bool:
    """Whether the margin changes its sign when one number of the operands moves by a few floats."""
    if abs(margin) <= KINK_ULPS * SMALLEST:
        return True
    assert op.margin is not None
    places = [(i, k, x) for i, operand in enumerate(operands) for k, x in enumerate(as_list(operand, 1))]
    if not abs(margin) <= KINK_ULPS * max(math.ulp(x) for _, _, x in places):
        return False
    for i, k, x in places:
        for step in (-KINK_ULPS, KINK_ULPS):
            element = k if isinstance(operands[i], tuple) else None
            there = op.margin(*with_number(operands, i, element, x + step * math.ulp(x)))
            if not (there > 0.0 if margin > 0.0 else there < 0.0):
                return True
    return False


def name_of(v: Value) -> str:
    """Return the label of a node, else the name of its op."""
    return v.label or ("a leaf" if v.op is None else v.op.name)
