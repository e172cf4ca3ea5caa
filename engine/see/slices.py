"""Slices of a graph: some steps deep, the routes from an operand, one sample of a batch."""

from collections.abc import Iterable, Sequence

from engine.see.marks import told
from engine.see.modules import Modules, Path
from engine.value import Value


def sliced(
    nodes: Sequence[Value],
    modules: Modules,
    *,
    depth: int | None = None,
    through: Value | Iterable[Value] | None = None,
    sample: int | None = None,
) -> list[Value]:
    """Return those of the nodes, operands before results and the output last, that all the slices hold.

    Errors: TypeError, ValueError for a depth below 1, a node that is not there, a sample that is not there.

    >>> x = Value(2.0)
    >>> y = x * 3 + 1
    >>> len(sliced([x, y.x, y], Modules([]), depth=1))
    2
    """
    if depth is None and through is None and sample is None:
        return list(nodes)
    kept = set(nodes)
    if depth is not None:
        kept &= _within(nodes[-1], depth)
    if through is not None:
        kept &= _routes(nodes, list(through) if isinstance(through, Iterable) else [through])
    if sample is not None:
        kept &= _sample(nodes, modules, sample)
    joined = {nodes[-1]}
    for node in reversed(nodes):
        if node in joined:
            joined.update([v for v in node.inputs if v in kept])
    return [node for node in nodes if node in joined]


def _within(output: Value, depth: int) -> set[Value]:
    """Return the nodes at most so many ops from the output."""
    if isinstance(depth, bool) or not isinstance(depth, int):
        raise TypeError(f"depth is a number of ops, got {depth!r}")
    if depth < 1:
        raise ValueError(f"depth is the number of ops drawn behind the output, 1 or more; got {depth}")
    found = {output}
    ring = [output]
    for _ in range(depth):
        ring = list(dict.fromkeys([v for node in ring for v in node.inputs if v not in found]))
        if not ring:
            break
        found.update(ring)
    return found


def _routes(nodes: Sequence[Value], starts: list[Value]) -> set[Value]:
    """Return the nodes on the routes from some nodes to the output."""
    if not starts:
        raise ValueError("through= takes a Value or several, got none")
    known, output = set(nodes), told(nodes[-1])
    for start in starts:
        if not isinstance(start, Value):
            raise TypeError(f"through= takes a Value or several, got {told(start)}")
        if start not in known:
            raise ValueError(f"{told(start)} is not in the graph under {output}: no route leads through it")
    return _after(nodes, set(starts))


def _after(nodes: Sequence[Value], starts: set[Value]) -> set[Value]:
    """Return some nodes and those that depend on them."""
    found = set(starts)
    for node in nodes:
        if node not in found and any(v in found for v in node.inputs):
            found.add(node)
    return found


def _sample(nodes: Sequence[Value], modules: Modules, sample: int) -> set[Value]:
    """Return the nodes of one call of the outermost modules, what they need besides and what they lead to."""
    if isinstance(sample, bool) or not isinstance(sample, int):
        raise TypeError(f"sample is the number of a call, counted from 0; got {sample!r}")
    outermost: dict[Path, list[int]] = {
        path: sorted(calls) for path, calls in modules.calls.items() if len(path) == 1
    }
    count = max(map(len, outermost.values()), default=0)
    if not count:
        raise ValueError(
            f"sample={sample} needs to know which call of a module recorded what: record the graph inside "
            "`with engine.watch():`, each sample by a call of a module of nn or inside "
            "`with engine.see.scope(name):`"
        )
    if not 0 <= sample < count:
        calls = "is 1 call" if count == 1 else f"are {count} calls"
        raise ValueError(f"sample={sample}: there {calls} of the outermost module, counted from 0")
    mine = {(path, calls[sample]) for path, calls in outermost.items() if len(calls) == count}
    own: set[Value] = set()
    others: set[Value] = set()
    for node, scope in modules.scopes.items():
        first = modules.lines[scope][0]
        if first.call is not None and len(outermost[first.path]) == count:
            (own if (first.path, first.call) in mine else others).add(node)
    found = _after(nodes, own)
    foreign = _after(nodes, others)
    for node in reversed(nodes):
        if node in found:
            found.update([v for v in node.inputs if v not in foreign])
    return found
