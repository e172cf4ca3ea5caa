"""The buffers of a plan as tensors of an ONNX graph: where each row stands, and how rows are read.

ONNX never writes twice to one tensor. So a row of V is a row of the tensor [rows, batch] that wrote it last,
and what reads rows gathers them. A row of P does not depend on the sample: its number is known.
"""

from typing import Any

from engine.compile.instructions import Loop, Plan, View
from engine.compile.onnx_nodes import Nodes
from engine.compile.onnx_rows import Tensor, call, chosen
from engine.compile.reference import Reference
from engine.optional import load

KNOWN, UNWRITTEN = -1, -2
"""Where a row stands that is in no tensor: its number is known, or it is written later."""
OUTSIDE = 2**40
"""The place at which an index reads that is outside of its table, so that the runtime fails."""


class Buffers:
    """Where each row of V stands, and behind them each of P, whose numbers are computed here."""

    def __init__(self, nodes: Nodes, plan: Plan, parameters: Any) -> None:
        np = load("numpy")
        self.nodes = nodes
        self.offsets = {"V": 0, "P": plan.sizes["V"]}
        self.numbers = np.concatenate([np.zeros(plan.sizes["V"]), _constants(plan, parameters)])
        self.source = np.full(len(self.numbers), KNOWN)
        """The tensor that a row stands in, KNOWN or UNWRITTEN."""
        self.place = np.zeros(len(self.numbers), dtype=np.intp)
        """Which row of its tensor it is."""
        self.source[: plan.sizes["V"]] = UNWRITTEN
        for row, x in plan.fixed["V"].items():
            self.numbers[row], self.source[row] = x, KNOWN
        self.tensors: list[tuple[Tensor, int]] = []
        """Each with its number of rows."""
        self.first: Tensor
        """An input, whose first axis is the batch."""
        self.indices: Tensor
        """The whole numbers of the sample [index, batch]."""

    def whole(self, numbers: Any) -> Tensor:
        """Return whole numbers as a constant."""
        return Tensor(self.nodes, self.nodes.whole(numbers))

    def constant(self, numbers: Any) -> Tensor:
        """Return numbers as a constant."""
        return Tensor(self.nodes, self.nodes.constant(numbers))

    def rows(self, buffer: str, rows: Any) -> Any:
        """Return rows of a buffer as they are counted here."""
        return rows + self.offsets[buffer]

    def is_known(self, rows: Any) -> Any:
        """Return for each row whether its number is known."""
        return self.source[rows] == KNOWN

    def write(self, tensor: Tensor, rows: Any) -> None:
        """Note that rows of V, -1 for none, now are those of a tensor [len(rows), batch]."""
        np = load("numpy")
        kept = rows >= 0
        self.source[rows[kept]] = len(self.tensors)
        self.place[rows[kept]] = np.arange(len(rows))[kept]
        self.tensors.append((tensor, len(rows)))

    def expanded(self, tensor: Tensor, count: int) -> Tensor:
        """Return [count, 1] as [count, batch]."""
        batch = call("Shape", self.first, start=0, end=1)
        return call("Expand", tensor, call("Concat", self.whole([count]), batch, axis=0))

    def read(self, rows: Any) -> Tensor:
        """Return rows, an array, as a tensor [*rows.shape, batch], or [*rows.shape, 1] of known numbers."""
        np = load("numpy")
        sources = np.unique(self.source[rows])
        assert UNWRITTEN not in sources, "a plan reads what it has not written"
        if sources.tolist() == [KNOWN]:
            return self.constant(self.numbers[rows][..., None])
        parts, start = [], 0
        places = np.zeros(rows.shape, dtype=np.intp)
        for source in sources:
            inside = self.source[rows] == source
            if source == KNOWN:
                known, place = np.unique(rows[inside], return_inverse=True)
                count = len(known)
                part = self.expanded(self.constant(self.numbers[known][:, None]), count)
            else:
                part, count = self.tensors[source]
                place = self.place[rows[inside]]
            places[inside] = start + place
            parts.append(part)
            start += count
        joined = call("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]
        if places.ravel().tolist() != list(range(start)):
            return call("Gather", joined, self.whole(places), axis=0)
        return joined if places.ndim == 1 else call("Reshape", joined, self.whole([*places.shape, -1]))

    def view(self, view: View) -> Tensor:
        """Return what a view reads, as `read` does."""
        rows = self.rows(view.buffer, view.rows)
        return self.read(rows) if view.pick is None else self._picked(view, rows)

    def _picked(self, view: View, rows: Any) -> Tensor:
        """Return the rows of a view that depend on the sample: [*rows.shape, batch]."""
        np = load("numpy")
        assert view.pick is not None
        numbers, step, choices = view.pick
        entries = rows[..., None] + step * np.arange(choices)
        low, high = int(entries.min()), int(entries.max())
        table = np.full(high - low + 1, low)  # rows that no entry is are not read
        table[entries - low] = entries
        index = call("Gather", self.indices, self.whole(numbers), axis=0)
        places = call("Add", call("Mul", index, self.whole(step)), self.whole((rows - low)[..., None]))
        above, below = call("GreaterOrEqual", index, self.whole(0)), call("Less", index, self.whole(choices))
        places = chosen(call("And", above, below), places, self.whole(OUTSIDE))
        if view.buffer == "P":
            return call("Gather", self.constant(self.numbers[table]), places, axis=0)
        return call("GatherElements", self.read(table), places, axis=0)


def _constants(plan: Plan, parameters: Any) -> Any:
    """Return the numbers in P, after all that depends on parameters alone has been computed."""
    np = load("numpy")
    reference = Reference(plan, 1, lambda shape: np.full(shape, np.nan))
    reference.buffers["P"][: plan.parameters] = parameters
    with np.errstate(all="ignore"):
        for instruction in plan.forward:
            if isinstance(instruction, Loop) and not instruction.laned:
                reference.step(instruction)
    return reference.buffers["P"]
