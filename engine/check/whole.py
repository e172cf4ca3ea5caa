"""The whole gradient of a graph in many digits, and how far the rounding of its program may take floats."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from engine.check.graph import HALF_ULP, SMALLEST, Local
from engine.check.oracle import Oracle
from engine.check.ulps import mp, mpf
from engine.op import Op
from engine.value import Value

BITS, STEP = 500, -200
"""The working precision, and the exponent of the step of the directional difference."""
SLACK = 1.0 + 2.0**-30
"""For the roundings of the bound itself."""
DOT_PRODUCT = mpf(2) ** -100
"""Bound on the dot-product test, relative to the largest value and the absolute values of all paths."""


class Exact(NamedTuple):
    """Values and gradients in many digits, and the largest error that rounding explains, for every node."""

    value: dict[Value, Any]
    gradient: dict[Value, Any]
    room: dict[Value, float]
    size: dict[Value, float]


def number(v: Any, numbers: dict[Value, Any]) -> Any:
    """Return an operand by the numbers of the nodes; a list for a list."""
    if isinstance(v, tuple):
        return [number(x, numbers) for x in v]
    if isinstance(v, Value):
        found = numbers.get(v)
        return mpf(v.data) if found is None else found
    return mpf(v)


def exactly(output: Value, local: Local, got: dict[Value, float], oracles: dict[Op, Oracle]) -> Exact | None:
    """Return the whole graph evaluated from its leaves in many digits; None where an op does not take them.

    The room of a gradient is a running error bound: what the partials in floats differ by from the exact ones
    at exact operands (each is right at its own operands, so that this is the rounding of the values before
    it), half an ulp for each product and each sum, all carried along the edges by absolute values.
    """
    kinks = {(kink.node, kink.operand, kink.element) for kink in local.kinks if kink.margin == 0.0}
    value: dict[Value, Any] = {}
    bits = BITS + _spread(local)
    with mp.workprec(bits):
        try:
            for node in local.nodes:
                op: Any = node.op
                operands = [number(x, value) for x in (node.x, node.y)[: op.arity]]
                value[node] = oracles[op].at(operands, bits)
            fan = Counter(edge.input for edges in local.edges.values() for edge in edges)
            gradient = defaultdict(mpf, {output: mpf(1)})
            room: dict[Value, float] = defaultdict(float)
            size = defaultdict(float, {output: 1.0})
            for node in reversed(local.nodes):
                op = node.op
                operands = [number(x, value) for x in (node.x, node.y)[: op.arity]]
                slopes: dict[int, Any] = {}
                upstream, spread, large, arrived = gradient[node], room[node], size[node], abs(got[node])
                far = abs(float(upstream))
                for edge in local.edges[node]:
                    index, v, p = edge.operand, edge.input, edge.partial
                    if index not in slopes:
                        slopes[index] = oracles[op].slopes_at(index, operands)
                    exact = slopes[index][edge.element or 0]
                    if (node, index, edge.element) in kinks:
                        exact = mpf(p)
                    gradient[v] += upstream * exact
                    rounding = (1 + fan[v]) * HALF_ULP * arrived * abs(p) + SMALLEST
                    room[v] += spread * abs(p) + far * abs(float(exact - p)) + rounding
                    size[v] += large * abs(float(exact))
        except Exception:
            return None
    if not all(map(mp.isfinite, (*value.values(), *gradient.values()))):
        return None
    return Exact(value, gradient, defaultdict(float, {v: x * SLACK for v, x in room.items()}), size)


def _spread(local: Local) -> int:
    """Return how many binades lie between the smallest and the largest number of a graph."""
    numbers = [x for node in local.nodes for v in (node, *node.inputs) if (x := v.data) and math.isfinite(x)]
    exponents = [math.frexp(x)[1] for x in numbers]
    return max(exponents) - min(exponents) if exponents else 0


def directions(leaves: Sequence[Value], count: int, seed: int) -> list[dict[Value, float]]:
    """Return random directions, each leaf moving by about its own size, or by 1 where it is 0."""
    rng = random.Random(seed)
    return [
        {v: rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0) * (abs(v.data) or 1.0) for v in leaves}
        for _ in range(count)
    ]


def along(
    output: Value, local: Local, exact: Exact, oracles: dict[Op, Oracle], direction: dict[Value, float]
) -> Any:
    """Return the derivative of the output along a direction, by values alone: no partial takes part.

    What lies behind a detach stands still.
    """
    bits = BITS + _spread(local)
    with mp.workprec(bits):
        h = mp.ldexp(1, STEP)
        moved = {v: v.data + h * d for v, d in direction.items()}
        for node in local.nodes:
            op: Any = node.op
            if op.partials[0] is None:
                moved[node] = exact.value[node]
            else:
                operands = [number(x, moved) for x in (node.x, node.y)[: op.arity]]
                moved[node] = oracles[op].at(operands, bits)
        return (moved[output] - exact.value[output]) / h


COMMUTE = frozenset("add mul maximum minimum hypot logaddexp".split())
REVERSE = frozenset("sum dot max min logsumexp".split())


def replayed(
    local: Local, output: Value, leaves: dict[Value, Any], *, permute: bool = False, duplicate: bool = False
) -> Any:
    """Return the output computed again from other leaves (Values, Duals).

    `permute` swaps the operands of ops in which their order does not matter; `duplicate` gives every second
    use of a node a copy of its own.
    """
    made: dict[Value, Any] = dict(leaves)
    copies: dict[Value, Callable[[], Any]] = {}
    uses: dict[Value, int] = defaultdict(int)

    def operand(v: Any) -> Any:
        if isinstance(v, tuple):
            return tuple([operand(x) for x in v])
        if not isinstance(v, Value):
            return v
        uses[v] += 1
        if duplicate and uses[v] % 2 == 0 and v in copies:
            return copies[v]()
        return made.get(v, v)  # a leaf that the function made itself stays

    for node in local.nodes:
        op: Any = node.op
        operands = [operand(x) for x in (node.x, node.y)[: op.arity]]
        if permute and op.name in COMMUTE:
            operands.reverse()
        if permute and op.name in REVERSE:
            operands = [x[::-1] for x in operands]

        def again(op: Any = op, operands: list[Any] = operands) -> Any:
            return op(*operands)

        made[node], copies[node] = again(), again
    return made[output]


def relative(room: Any, exact: Any) -> float:
    """Return room / |exact|, inf where only the second is 0."""
    if exact == 0:
        return 0.0 if room == 0 else math.inf
    return float(room / abs(exact))
