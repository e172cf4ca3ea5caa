"""The whole gradient of a graph in many digits, and how far the rounding of its program may take floats."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from engine import ops
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
"""Bound on the dot-product test, relative to the sum of the absolute values of all paths."""


class Exact(NamedTuple):
    """Values and gradients in many digits, and the largest error that rounding explains, for every node."""

    value: dict[Value, Any]
    gradient: dict[Value, Any]
    room: dict[Value, float]
    size: dict[Value, Any]

    @property
    def noise(self) -> Any:
        """What the rounding of the values in many digits may do to a directional difference."""
        weighed = mp.fsum(size * abs(self.value.get(v, v.data)) for v, size in self.size.items())
        return mp.ldexp(weighed, 16 - BITS - STEP)


def number(v: Any, numbers: dict[Value, Any]) -> Any:
    """Return an operand by the numbers of the nodes; a list for a list."""
    if isinstance(v, tuple):
        return [number(x, numbers) for x in v]
    if isinstance(v, Value):
        found = numbers.get(v)
        return mpf(v.data) if found is None else found
    return mpf(v)


def exactly(
    output: Value,
    local: Local,
    got: dict[Value, float],
    oracles: dict[Op, Oracle],
    moved: dict[Value, Any] | None = None,
) -> Exact | None:
    """Return the whole graph evaluated from its leaves in many digits; None where an op does not take them.

    `moved` puts other numbers in the place of those of leaves and of recorded nodes.

    The room of a gradient is a running error bound: what the partials in floats differ by from the exact ones
    at exact operands (each is right at its own operands, so that this is the rounding of the values before
    it), half an ulp for each product and each sum, all carried along the edges by absolute values.
    """
    kinks = {(kink.node, kink.operand, kink.element) for kink in local.kinks if kink.margin == 0.0}
    value: dict[Value, Any] = {**(moved or {})}
    bits = BITS + _spread(local)
    with mp.workprec(bits):
        try:
            for node in local.nodes:
                op: Any = node.op
                operands = [number(x, value) for x in (node.x, node.y)[: op.arity]]
                if node not in value:
                    value[node] = oracles[op].at(operands, bits)
            value.setdefault(output, mpf(output.data))
            fan = Counter(edge.input for edges in local.edges.values() for edge in edges)
            gradient = defaultdict(mpf, {output: mpf(1)})
            room: dict[Value, float] = defaultdict(float)
            size = defaultdict(mpf, {output: mpf(1)})
            for node in reversed(local.nodes):
                if node not in gradient:
                    continue  # it lies behind a detach
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
                    room[v] += spread * abs(p) + far * (abs(float(exact - p)) + SMALLEST) + rounding
                    size[v] += large * abs(exact)
        except Exception:
            return None
    if not all(map(mp.isfinite, (*value.values(), *gradient.values()))):
        return None
    bound = {v: x * SLACK if x == x else math.inf for v, x in room.items()}  # inf * 0 is no bound
    return Exact(value, gradient, defaultdict(float, bound), size)


def _spread(local: Local) -> int:
    """Return how many binades lie between the smallest and the largest number of a graph, or 1."""
    exponents = [*_exponents(local), 1]
    return max(exponents) - min(exponents)


def _exponents(local: Local) -> Iterator[int]:
    for node in local.nodes:
        for v in (node, *node.inputs):
            if v.data and math.isfinite(v.data):
                yield math.frexp(v.data)[1]


def step_of(local: Local) -> int:
    """Return the exponent of the step of differences: a step is small beside 1, and so beside any period."""
    return STEP - max([*_exponents(local), 0])


def directions(leaves: Sequence[Value], count: int, seed: int) -> list[dict[Value, float]]:
    """Return random directions, each leaf moving by about its own size, or by 1 where it is 0."""
    rng = random.Random(seed)
    return [
        {v: rng.choice((-1.0, 1.0)) * rng.uniform(0.5, 1.0) * (abs(v.data) or 1.0) for v in leaves}
        for _ in range(count)
    ]


def along(
    output: Value,
    local: Local,
    exact: Exact,
    oracles: dict[Op, Oracle],
    direction: dict[Value, float],
    step: float = 1.0,
) -> Any:
    """Return the derivative of the output along a direction, by values alone: no partial takes part.

    What lies behind a detach stands still. `step` is that of the difference, in units of `step_of`.
    """
    bits = BITS + _spread(local)
    with mp.workprec(bits):
        h = mp.ldexp(step, step_of(local))
        moved = {v: v.data + h * d for v, d in direction.items()}
        for node in local.nodes:
            op: Any = node.op
            if op.partials[0] is None:
                moved[node] = exact.value[node]
            else:
                operands = [number(x, moved) for x in (node.x, node.y)[: op.arity]]
                moved[node] = oracles[op].at(operands, bits)
        there = moved.get(output)  # None for a leaf that stands still
        return mpf(0) if there is None else (there - exact.value[output]) / h


def gradient_along(
    output: Value,
    local: Local,
    exact: Exact,
    oracles: dict[Op, Oracle],
    direction: dict[Value, float],
    step: float = 1.0,
) -> dict[Value, Any] | None:
    """Return how the exact gradient changes along a direction; None where it is not to be had there."""
    with mp.workprec(BITS + _spread(local)):
        h = mp.ldexp(step, step_of(local))
        moved = {v: exact.value[v] for v in local.nodes if v.op and v.op.partials[0] is None}
        moved |= {v: v.data + h * d for v, d in direction.items()}
        there = exactly(output, local, defaultdict(float), oracles, moved)
        return there and {v: (there.gradient[v] - exact.gradient[v]) / h for v in direction}


COMMUTE = frozenset([ops.add, ops.mul, ops.maximum, ops.minimum, ops.hypot, ops.logaddexp])
REVERSE = frozenset([ops.sum, ops.dot, ops.max, ops.min, ops.logsumexp])


def replayed(
    local: Local, output: Value, leaves: dict[Value, Any], *, permute: bool = False, duplicate: bool = False
) -> Any:
    """Return the output computed again from other leaves (Values, Duals, numbers).

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
        return made[v]

    for node in local.nodes:
        op: Any = node.op
        operands = [operand(x) for x in (node.x, node.y)[: op.arity]]
        if permute and op in COMMUTE:
            operands.reverse()
        if permute and op in REVERSE:
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
