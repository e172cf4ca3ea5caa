"""A recorded graph as a script that computes it, and its sweep, from the numbers of its leaves."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from engine.op import Op
from engine.see.javascript import asset, assignments, called, has_kernel, literal
from engine.see.ledger import Entries
from engine.see.sliders import reaches
from engine.see.trail import Product, Swept, Vertex, operands_of
from engine.see.variants import other_graph
from engine.symbol import Symbol
from engine.value import Value

MOST_NODES = 300
"""Larger graphs have no sliders, pictures of modules as boxes, and no page within a notebook."""
AS_RECORDED = "Sliders change the inputs; the operations stay those that were recorded."


class Script(NamedTuple):
    """JavaScript that defines `recompute(leaves)`, and what the sliders of the leaves need.

    `leaves` are numbers in the order of the graph's names. The result has `values`, one for each name, and
    `partials`, `upstreams`, `contributions` and `gradients` (of the input, after the step), one for each
    step of the sweep, the seed first. `ranges` are the ends of the sliders. `why_not` says why there is no
    script, "" where there is one; `note` is to be read beside the sliders.
    """

    code: str
    ranges: list[tuple[float, float]]
    why_not: str
    note: str


def script(found: Entries, function: Callable[..., Any] | None = None, inputs: Sequence[Any] = ()) -> Script:
    """Return the script of a ledger's entries.

    Given the function that recorded them and its inputs, it is looked whether a move of a slider would record
    another graph (see `other_graph`); then there is no script.

    >>> from engine.see.ledger import entries
    >>> made = script(entries(Value(3.0, label="x") * 2.0))
    >>> "v[1]=mul(v[0],2);" in made.code, made.ranges
    (True, [(-6.0, 6.0)])
    """
    reason = _unable(found)
    if not reason and function is not None:
        reason = other_graph(function, inputs)
    if reason:
        return Script("", [], f"Sliders are off: {reason}.", "")
    reach = reaches(v for v in found.names if isinstance(v, Value))
    return Script(_code(found), list(reach.values()), "", AS_RECORDED if function is None else "")


def _unable(found: Entries) -> str:
    """Return why a graph cannot be recomputed in a page, "" where it can."""
    if len(found.names) > MOST_NODES:
        return f"this graph has {len(found.names)} nodes, a page recomputes {MOST_NODES} at most"
    others = {v.op.name: None for v in found.names if v.op is not None and not has_kernel(v.op)}
    if others:
        return f"a page can compute the engine's own ops alone, not {', '.join(others)}"
    return ""


def _code(found: Entries) -> str:
    place = {v: i for i, v in enumerate(found.names)}
    leaves = [i for v, i in place.items() if v.op is None]
    swept = [event for event in found.events if isinstance(event, Swept)]
    edges = []
    for event in swept:
        edges += [place[event.node], place[event.node if event.input is None else event.input]]
    body = "\n".join([*_values(found, place), *_partials(swept, place)])
    return f"""const recompute = (() => {{
{called(body)}
{asset("sweep.js")}
const leafPlaces = {leaves};
const edges = {edges};
return (leaves) => {{
const v = [], p = [];
leafPlaces.forEach((place, i) => {{ v[place] = leaves[i]; }});
{body}
return sweep(v, p, edges);
}};
}})();
"""


def _values(found: Entries, place: dict[Vertex, int]) -> list[str]:
    """Return code for the value of each node that was computed, operands before results."""
    result = []
    for v, i in place.items():
        if v.op is not None:
            result.append(assignments([(f"v[{i}]", Symbol.apply(v.op, _symbols(v, v.op, place)))]))
    return result


def _partials(swept: Sequence[Swept], place: dict[Vertex, int]) -> list[str]:
    """Return code for the partial of each step, made by the op's own partials on symbols."""
    result = []
    for (node, op), steps in groupby(enumerate(swept), key=lambda step: (step[1].node, step[1].op)):
        if op is None:
            result.append("p[0]=1;")
            continue
        z, operands = Symbol(f"v[{place[node]}]"), _symbols(node, op, place)
        slopes = [op.slope(index, z, operands) for index in range(op.arity)]
        formulas = []
        for k, step in steps:
            assert step.place is not None
            index, element = step.place
            slope = slopes[index]
            formulas.append((f"p[{k}]", slope[element] if isinstance(slope, (list, tuple)) else slope))
        result.append(assignments(formulas))
    return result


def _symbols(node: Vertex, op: Op, place: dict[Vertex, int]) -> tuple[Any, ...]:
    """Return what stands for the operands of a node."""
    return tuple(_symbol(v, place) for v in operands_of(node, op))


def _symbol(operand: Any, place: dict[Vertex, int]) -> Any:
    if isinstance(operand, Value | Product):
        return Symbol(f"v[{place[operand]}]")
    if isinstance(operand, tuple):
        return tuple([_symbol(v, place) for v in operand])
    return Symbol(literal(operand))
