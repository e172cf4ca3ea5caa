"""A recorded graph, node by node: values and partials at the node's own operands, the sums of a sweep."""

import math
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from engine.chain import Step, order
from engine.check.judge import PARTS, RIGHT, UNCHECKED, Finding, judged, operands_at, truths
from engine.check.oracle import Oracle, Truth
from engine.op import Op
from engine.value import Value

HALF_ULP = 2.0**-53
SMALLEST = 2.0**-1074
KINK_ULPS = 16
"""A node whose operands are so many floats from a kink, or fewer, is said to stand next to it."""


class Edge(NamedTuple):
    """An operand of a node that is a Value: where it stands, the partial in floats, and the exact one."""

    node: Value
    operand: int
    element: int | None
    input: Value
    partial: float
    truth: Truth


class Kink(NamedTuple):
    """A node next to a kink of its op, and the one-sided derivatives by one of its operands."""

    node: Value
    operand: int
    element: int | None
    margin: float
    sides: tuple[float, float]


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
    for node in nodes:
        op = node.op
        assert op is not None
        oracle = oracles.get(op) or oracles.setdefault(op, Oracle(op))
        operands = operands_at(node)
        found = [judged(oracle, "z", None, operands, node.data, oracle.value(operands))]
        edges[node] = list(_edges(node, operands, oracle))
        for edge in edges[node]:
            part = PARTS[edge.operand]
            found.append(judged(oracle, part, edge.element, operands, edge.partial, edge.truth))
        findings[node] = found
        if op.margin is not None:
            kinks += _kinks(edges[node], operands, oracle)
    return Local(nodes, edges, findings, kinks)


def _edges(node: Value, operands: tuple[Any, ...], oracle: Oracle) -> Iterator[Edge]:
    op: Any = node.op
    for index, operand in enumerate((node.x, node.y)[: op.arity]):
        if op.partials[index] is None or isinstance(operand, float):
            continue
        listed = isinstance(operand, tuple)
        if listed and not isinstance(operand[0], Value):
            continue  # a list of floats
        slopes = op.float_slope(index, node.data, operands)
        inputs = operand if listed else (operand,)
        exact = truths(oracle, index, operands)
        for k, (v, truth) in enumerate(zip(inputs, exact, strict=True)):
            slope = slopes[k] if isinstance(slopes, (list, tuple)) else slopes
            yield Edge(node, index, k if listed else None, v, slope, truth)


def _kinks(edges: list[Edge], operands: tuple[Any, ...], oracle: Oracle) -> Iterator[Kink]:
    """Yield the edges of a node whose operands are within a few floats of a kink, on whichever side."""
    assert oracle.op.margin is not None
    margin = oracle.op.margin(*operands)
    numbers = [x for operand in operands for x in (operand if isinstance(operand, tuple) else (operand,))]
    size = max((math.ulp(x) for x in numbers if math.isfinite(x)), default=0.0)
    if not abs(margin) <= KINK_ULPS * size:
        return
    for edge in edges:
        sides = edge.truth.sides or tuple(
            oracle.slope(
                edge.operand, edge.element, _moved(operands, edge, sign * 4 * KINK_ULPS * size)
            ).exact
            for sign in (-1, 1)
        )
        if sides[0] != sides[1]:
            yield Kink(edge.node, edge.operand, edge.element, margin, (float(sides[0]), float(sides[1])))


def _moved(operands: tuple[Any, ...], edge: Edge, by: float) -> tuple[Any, ...]:
    operand = operands[edge.operand]
    if edge.element is None:
        operand += by
    else:
        operand = (*operand[: edge.element], operand[edge.element] + by, *operand[edge.element + 1 :])
    return (*operands[: edge.operand], operand, *operands[edge.operand + 1 :])


class Sweep(NamedTuple):
    """Gradients as a sweep stored them, as exact sums of the same partials, and the bound between the two."""

    got: dict[Value, float]
    exact: dict[Value, float]
    room: dict[Value, float]


class Misadded(NamedTuple):
    """A gradient that is not the sum of its contributions, the step that explains it, and how; "" if none."""

    input: Value
    got: float
    exact: float
    step: Step
    how: str


def swept(output: Value) -> dict[Value, float]:
    """Return the gradients that `backward` stores, and leave those of leaves as they were."""
    nodes = order(output)
    before = [v.grad for v in nodes]
    for v in nodes:
        v.grad = 0.0
    output.backward()
    got = {v: v.grad for v in nodes}
    for v, grad in zip(nodes, before, strict=True):
        v.grad = grad
    return got


def misadded(output: Value, local: Local, got: dict[Value, float]) -> Misadded | None:
    """Return the first gradient, from the output on, that is not the sum of its contributions.

    Each sum is taken anew, correctly rounded, from the gradients of the nodes that it comes from, so that one
    fault does not make all behind it wrong. Rounding explains half an ulp for each product and each sum.
    """
    arriving: dict[Value, list[tuple[Edge, float]]] = defaultdict(list)
    for node in reversed(local.nodes):
        for edge in local.edges[node]:
            upstream = got[node]
            arriving[edge.input].append((edge, edge.partial if upstream == 1.0 else upstream * edge.partial))
    for v in [*reversed(local.nodes), *(v for v in arriving if v.op is None)]:
        contributions = [c for _, c in arriving[v]] + ([1.0] if v is output else [])
        exact, room = _total(contributions)
        if abs(got[v] - exact) <= room or (got[v] != got[v] and exact != exact) or got[v] == exact:
            continue
        return _explained(v, got, arriving[v], exact, room)
    return None


def _total(terms: list[float]) -> tuple[float, float]:
    """Return a sum, and what rounding its products and its sums one by one may cost."""
    if not all(map(math.isfinite, terms)):
        return sum(terms), 0.0
    size = math.fsum(map(abs, terms))
    return math.fsum(terms), len(terms) * (HALF_ULP * size + SMALLEST)


def _explained(
    v: Value, got: dict[Value, float], arriving: list[tuple[Edge, float]], exact: float, room: float
) -> Misadded:
    for how, sign in (("was dropped", -1.0), ("was added twice", 1.0), ("was subtracted", -2.0)):
        for edge, contribution in arriving:
            if contribution != 0.0 and abs(exact + sign * contribution - got[v]) <= 2.0 * room:
                step = Step(edge.node, v, got[edge.node], edge.partial)
                return Misadded(v, got[v], exact, step, how)
    first = arriving[0][0] if arriving else None
    step = Step(v, v, 1.0, 1.0) if first is None else Step(first.node, v, got[first.node], first.partial)
    return Misadded(v, got[v], exact, step, "")
