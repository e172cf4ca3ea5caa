"""What a program is, as text: its graph before and after reducing, what runs it, what was frozen."""

from collections.abc import Sequence
from typing import NamedTuple

from engine.compile.executor import Executor
from engine.compile.graph import INDEX, INPUT, LIN, PARAMETER, Graph
from engine.compile.signature import Signature
from engine.compile.texts import is_row
from engine.op import Op
from engine.see.digits import short

MOST = 6
"""So many names or numbers are listed."""


class Frozen(NamedTuple):
    """A leaf that is neither an argument nor a parameter: its label and the number that the program keeps.

    `line` is where it was made, "" where that was not watched.
    """

    label: str
    number: float
    line: str = ""


def explained(
    title: str,
    graph: Graph,
    reduced: Graph,
    signature: Signature,
    frozen: Sequence[Frozen],
    executor: Executor,
    why: str,
    *,
    exact: bool,
) -> str:
    """Return the text of `Program.explain`."""
    once = sum(
        not varies and op is not PARAMETER for varies, op in zip(reduced.varying(), reduced.ops, strict=True)
    )
    lines = [
        title.strip("<>"),
        f"recorded   {_counted(graph)}",
        f"reduced    {_counted(reduced)}",
        f"           {once:,} of them depend on parameters alone: computed once a batch",
        *_reordered(reduced, exact),
        f"executor   {executor.name}: {why}",
        *(f"           {line}" for line in executor.describe()),
        *_frozen(frozen),
        *_unused(reduced, signature),
        *_slow(reduced),
    ]
    return "\n".join(lines)


def _counted(graph: Graph) -> str:
    told = ", ".join(f"{name} {count:,}" for name, count in graph.counts().items())
    return f"{len(graph.ops):,} nodes: {told}"


def _reordered(reduced: Graph, exact: bool) -> list[str]:
    """Say that sums are taken in another order, unless they are not."""
    if exact or LIN not in reduced.ops:
        return []
    return ["           its sums are taken in another order than recorded; exact=True keeps it"]


def _frozen(frozen: Sequence[Frozen]) -> list[str]:
    if not frozen:
        return ["frozen     no Value but arguments and parameters was met"]
    distinct = list(dict.fromkeys(frozen))
    told = ", ".join(
        [
            f"{f.label or 'Value'} = {short(f.number)}{f' ({f.line})' if f.line else ''}"
            for f in distinct[:MOST]
        ]
    )
    more = f", and {len(distinct) - MOST} more" if len(distinct) > MOST else ""
    return [f"frozen     {len(frozen):,} Values are constants: {told}{more}"]


def _unused(graph: Graph, signature: Signature) -> list[str]:
    """Say which arguments and parameters make no difference."""
    read = {form: set[int]() for form in (INPUT, INDEX, PARAMETER)}
    for op, operands in zip(graph.ops, graph.operands, strict=True):
        if not isinstance(op, Op) and op in read:
            read[op].add(operands[0])
    numbers, indices = signature.places
    idle = [name for k, name in enumerate(numbers) if k not in read[INPUT]]
    idle += [name for k, name in enumerate(indices) if k not in read[INDEX]]
    lines = []
    if idle:
        more = f", and {len(idle) - MOST} more" if len(idle) > MOST else ""
        lines.append(f"unused     {', '.join(idle[:MOST])}{more}: the outcome does not depend on them")
    parameters = graph.parameters - len(read[PARAMETER])
    if parameters:
        lines.append(f"unused     {parameters:,} of {graph.parameters:,} parameters: their gradient is 0")
    return lines


def _slow(graph: Graph) -> list[str]:
    """Say which ops are a user's own, and so are called one by one."""
    own = sorted({op.name for op in graph.ops if isinstance(op, Op) and not is_row(op)})
    return [f"slow       {', '.join(own)}: no row of engine's table, called node by node"] if own else []
