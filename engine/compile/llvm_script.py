"""A script: what runs a plan, as plain data that a file can hold."""

import marshal
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.collector import paused_gc
from engine.compile.contents import told
from engine.compile.graph import Graph
from engine.compile.instructions import LANED, Plan
from engine.compile.llvm_batches import seed_arguments
from engine.compile.llvm_kernel import SLOTS
from engine.compile.llvm_listing import Call, Listing
from engine.compile.llvm_machine import name_of, own_number
from engine.compile.llvm_rows import is_row
from engine.op import Op
from engine.optional import load

SLACK = 16
"""So many numbers may be read beyond the end of a buffer, with the last vector."""

LARGE = 500
"""Graphs of fewer nodes are planned each time."""

Line = tuple[str, tuple[int, ...]]
"""The name of a function, and its arguments."""


class Script(NamedTuple):
    """The calls of a plan, forward and reverse, and all that its buffers need: for many lanes or for one.

    The first call copies the batch in; the last of the reverse pass looks at what is not finite.

    `table` holds the rows that arguments name, 4 bytes each. `sizes`, `fixed` and `outputs` are as in a Plan.
    `slow` names what is called back, `told` says what it is made of.
    """

    width: int
    lanes: bool
    forward: list[Line]
    reverse: list[Line]
    table: bytes
    sizes: dict[str, int]
    fixed: dict[str, dict[int, float]]
    outputs: tuple[tuple[str, int], ...]
    indices: int
    slow: tuple[str, ...]
    told: tuple[str, ...]

    @property
    def names(self) -> set[str]:
        """The functions that it calls."""
        return {name for name, _ in self.forward + self.reverse}


@paused_gc()
def scripted(plan: Plan, width: int, *, lanes: bool) -> tuple[Script, dict[str, Any]]:
    """Return the script of a plan, and by name the kinds of functions that it calls."""
    np = load("numpy")
    listing = Listing(plan, width, lanes=lanes)
    own = [own_number(op, shape) for op, shape in listing.own]
    rows = [k for k, row in enumerate(plan.inputs) if row >= 0]
    places = listing.table(plan.inputs[rows]), listing.table(np.array(rows, dtype=np.int32))
    given = Call("given", (len(rows), *places, plan.indices, *seed_arguments(plan.seed)))
    buffer, row = plan.outputs[0]
    result = Call("result", (SLOTS.index(buffer), row, int(buffer in LANED)))
    forward = [given, *_renumbered(listing.forward, own), result]
    reverse = [*_renumbered(listing.reverse, own), Call("finite", (plan.parameters,))]
    kinds = {name_of(call.kind, width): call.kind for call in forward + reverse}
    table = np.concatenate([*listing.tables, np.zeros(SLACK, dtype=np.int32)])
    script = Script(
        width,
        lanes,
        [_line(call, width) for call in forward],
        [_line(call, width) for call in reverse],
        table.tobytes(),
        {name: int(size) for name, size in listing.rooms.sizes.items()},
        {name: {int(k): float(x) for k, x in rows.items()} for name, rows in plan.fixed.items()},
        tuple([(name, int(row)) for name, row in plan.outputs]),
        plan.indices,
        tuple(sorted({op.name for op, _ in listing.own})),
        tuple(told(plan)),
    )
    return script, kinds


def _line(call: Call, width: int) -> Line:
    return name_of(call.kind, width), tuple(map(int, call.arguments))


def _renumbered(calls: Sequence[Call], own: Sequence[int]) -> list[Call]:
    """Return calls in which what is called back has its number in the process."""
    made = []
    for call in calls:
        count = sum(not x.name for x in call.kind.lets.made) if hasattr(call.kind, "lets") else 0
        called = [own[i] for i in call.arguments[:count]]
        made.append(Call(call.kind, (*called, *call.arguments[count:])))
    return made


def packed(script: Script) -> bytes:
    """Return a script as bytes.

    >>> script = Script(8, True, [("given", (1,))], [], b"", {}, {"P": {0: 1.5}}, (("V", 4),), 0, (), ())
    >>> unpacked(packed(script)) == script
    True
    """
    return marshal.dumps(tuple(script), 2)


def unpacked(content: bytes) -> Script:
    """Return the script that bytes hold."""
    return Script(*marshal.loads(content))


def is_storable(graph: Graph) -> bool:
    """Return whether a graph's script is worth a file, and as good elsewhere: all ops are engine's own."""
    return len(graph.ops) >= LARGE and all(is_row(op) for op in set(graph.ops) if isinstance(op, Op))
