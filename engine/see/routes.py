"""All routes from an output back to an input, counted, summed and ranked without walking each of them.

One walk of the chain rule carries, for every node, how many routes reach it, the sums of their products, and
the largest ones: of the routes through a node the largest are those that were largest when they reached it,
since all of them are multiplied by the same partials from there on.
"""

import heapq
import math
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from engine.chain import Step, chain_rule, interior
from engine.value import Value

Size: TypeAlias = tuple[float, float]
"""The magnitude of a product as (exponent, mantissa), so that long products neither over- nor underflow."""
ONE: Size = (1, 0.5)
LARGEST: Size = (math.inf, math.inf)
"""Of infinite products, and of those that are no number: these stand first."""


class Lead(NamedTuple):
    """A route as far as it has come: its last step, and what came before; both None at the output."""

    size: Size
    before: "Lead | None"
    step: Step | None

    def steps(self) -> tuple[Step, ...]:
        """Return the steps of the route, the output's first.

        >>> Lead(ONE, None, None).steps()
        ()
        """
        found: list[Step] = []
        lead: Lead | None = self
        while lead is not None and lead.step is not None:
            found.append(lead.step)
            lead = lead.before
        return tuple(reversed(found))


class Flow(NamedTuple):
    """What arrives at a node: how many routes, the sums of their products by sign, the largest routes."""

    number: int
    positive: float
    negative: float
    leads: list[Lead]


NOTHING = Flow(0, 0.0, 0.0, [])


def flow(y: Value, x: Value, top: int) -> Flow:
    """Return what arrives at x of the routes from y, with the `top` largest of them, largest first.

    >>> x = Value(3.0)
    >>> found = flow(x * x, x, top=5)
    >>> found.number, found.positive, [lead.steps()[0].partial for lead in found.leads]
    (2, 6.0, [3.0, 3.0])
    """
    if y is x:
        return Flow(1, 1.0, 0.0, [Lead(ONE, None, None)])
    towards = _towards(y, x)
    flows = {y: Flow(1, 1.0, 0.0, [Lead(ONE, None, None)])}
    for node, steps in groupby(chain_rule(y), key=attrgetter("node")):
        arrived = flows.pop(node, NOTHING) if node is not x else NOTHING
        if arrived.number:
            leads = _largest(arrived.leads, top)
            for step in steps:
                if step.input is x or step.input in towards:
                    flows[step.input] = _joined(flows.get(step.input, NOTHING), arrived, leads, step)
    found = flows.get(x, NOTHING)
    return found._replace(leads=_largest(found.leads, top))


def product(factors: Iterable[float]) -> float:
    """Return the product of numbers, which overflows or underflows only where the whole does.

    >>> product([1e200, 1e200, 1e-300])
    1e+100
    """
    numbers = list(factors)
    size, negative = ONE, False
    for x in numbers:
        size = _times(size, x)
        negative ^= math.copysign(1.0, x) < 0
    exponent, mantissa = size
    if exponent == math.inf:
        return math.prod(numbers)
    if mantissa == 0.0:
        return 0.0
    try:
        magnitude = math.ldexp(mantissa, int(exponent))
    except OverflowError:
        magnitude = math.inf
    return -magnitude if negative else magnitude


def _towards(y: Value, x: Value) -> set[Value]:
    """Return the recorded nodes under y from which x is reached."""
    towards: set[Value] = set()
    for node in interior(y):
        if any(v is x or v in towards for v in node.inputs):
            towards.add(node)
    return towards


def _joined(there: Flow, arriving: Flow, leads: list[Lead], step: Step) -> Flow:
    """Return what is at a node after the routes of another have come over a step."""
    p = step.partial
    gain, loss = _weighed(arriving.positive, p), _weighed(arriving.negative, p)
    if p < 0:
        gain, loss = loss, gain
    known = list(there.leads) if there is NOTHING else there.leads
    known += [Lead(_times(lead.size, p), lead, step) for lead in leads]
    return Flow(there.number + arriving.number, there.positive + gain, there.negative + loss, known)


def _weighed(total: float, p: float) -> float:
    """Return a sum of products times a partial; no products stay none, whatever the partial."""
    return total * p if total != 0.0 else 0.0


def _times(size: Size, p: float) -> Size:
    exponent, mantissa = size
    if not math.isfinite(p) or exponent == math.inf:
        return LARGEST
    if p == 0.0 or mantissa == 0.0:
        return -math.inf, 0.0
    m, e = math.frexp(abs(p))
    m, more = math.frexp(mantissa * m)
    return exponent + e + more, m


def _largest(leads: list[Lead], top: int) -> list[Lead]:
    """Return the largest routes, of equal ones those met first."""
    return heapq.nlargest(top, leads, key=attrgetter("size"))
