"""The sums of a sweep: every gradient against the sum of upstream * partial over the edges that reach it."""

import math
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from engine.chain import Step, interior, order
from engine.check.graph import HALF_ULP, SMALLEST, Edge, Local, name_of
from engine.value import Value

PLAIN = "It is not the sum of upstream * partial over the edges that reach it."
AGAIN = "It was swept a second time: gradients of leaves add up, those of other nodes start afresh."


class Misadded(NamedTuple):
    """A gradient that is not the sum of its contributions, one of the steps, and what became of it."""

    input: Value
    got: float
    exact: float
    step: Step
    hint: str


@contextmanager
def sweeping(output: Value, times: int = 1) -> Iterator[list[Value]]:
    """Sweep from output, every gradient afresh; give all nodes; put their gradients back in the end."""
    nodes = order(output)
    before = [v.grad for v in nodes]
    try:
        for v in nodes:
            v.grad = 0.0
        for _ in range(times):
            output.backward()
        yield nodes
    finally:
        for v, grad in zip(nodes, before, strict=True):
            v.grad = grad


def swept(output: Value, times: int = 1) -> dict[Value, float]:
    """Return the gradients that `backward` stores, once or several times, and leave all as they were."""
    with sweeping(output, times) as nodes:
        return {v: v.grad for v in nodes}


def misadded(output: Value, local: Local, got: dict[Value, float]) -> Misadded | None:
    """Return the first gradient, from the output on, that is not the sum of its contributions.

    Each sum is taken anew, correctly rounded, from the gradients of the nodes that it comes from, so that one
    fault does not make all behind it wrong. Rounding explains half an ulp for each product and each sum.
    Then all is swept once more: leaves accumulate, other nodes start afresh.
    """
    arriving: dict[Value, list[tuple[Edge, float]]] = defaultdict(list)
    for node in reversed(interior(output)):
        for edge in local.edges[node]:
            upstream = got[node]
            arriving[edge.input].append((edge, edge.partial if upstream == 1.0 else upstream * edge.partial))
    for grads, count in ((got, 1), (swept(output, 2), 2)):
        for v in reversed(got):
            terms = [c for _, c in arriving[v]] + ([1.0] if v is output else [])
            exact, room = _total(terms * count if v.op is None else terms)
            if not _is_near_enough(grads[v], exact, room):
                wrong = _explained(v, grads[v], got, arriving[v], exact, room)
                return wrong if count == 1 else wrong._replace(hint=AGAIN)
    return None


def _is_near_enough(got: float, exact: float, room: float) -> bool:
    return abs(got - exact) <= room or got == exact or not (math.isfinite(got) or math.isfinite(exact))


def _total(terms: list[float]) -> tuple[float, float]:
    """Return a sum, and what rounding its products and its sums one by one may cost."""
    try:
        exact, size = math.fsum(terms), math.fsum(map(abs, terms))
    except (OverflowError, ValueError):  # it is beyond the floats, or inf - inf
        return sum(terms), 0.0
    return exact, len(terms) * (HALF_ULP * size + SMALLEST) if math.isfinite(size) else 0.0


def _explained(
    v: Value,
    grad: float,
    got: dict[Value, float],
    arriving: list[tuple[Edge, float]],
    exact: float,
    room: float,
) -> Misadded:
    def found(edge: Edge, how: str) -> Misadded:
        step = Step(edge.node, v, got[edge.node], edge.partial)
        hint = f"The contribution {step.upstream!r} * {step.partial!r} of {name_of(step.node)} {how}."
        return Misadded(v, grad, exact, step, hint if how else PLAIN)

    for how, sign in (("was dropped", -1.0), ("was added twice", 1.0), ("was subtracted", -2.0)):
        for edge, contribution in arriving:
            if contribution != 0.0 and abs(exact + sign * contribution - grad) <= 2.0 * room:
                return found(edge, how)
    for edge, contribution in arriving:
        if abs(contribution - grad) <= room:
            return found(edge, "replaced the others")
    return found(arriving[0][0], "") if arriving else Misadded(v, grad, exact, Step(v, v, 1.0, 1.0), PLAIN)
