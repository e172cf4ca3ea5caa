"""What happens to a graph as two tables: what was recorded, and the sweep, a row for each step."""

import html
from collections.abc import Callable, Sequence
from numbers import Integral
from typing import Any, NamedTuple, final

from engine.see.names import Name, elided
from engine.see.spelling import rule_of, typed
from engine.see.tables import Column, numbers, table, text
from engine.see.traced import traced
from engine.see.trail import OUTDATED, Event, Recorded, Vertex, known, outdated, trail
from engine.value import Value

SEED = "seed"
LONGEST_SOURCE, LONGEST_FORMULA = 44, 30
"""Of what is printed, in characters; the rows hold all."""
MOST_SHOWN = 200
"""So many rows of each table are printed unless more are asked for."""


class Record(NamedTuple):
    """A node and its value, with the expression that made it; leaves stand before step 1, as step 0.

    >>> ledger(2 * Value(3.0, label="x")).records[1]
    Record(step=1, node='2*x', op='*', value=6.0, source='2.0 * x')
    """

    step: int
    node: str
    op: str
    value: float
    source: str


class Row(NamedTuple):
    """One step of the sweep: upstream * partial = contribution, after which the input has `gradient`.

    `formula` is how the partial is written, of z = op(x, y); `source` the expression that made the node. The
    first row is the seed: the gradient of the output by itself is 1.

    >>> row = ledger(2 * Value(3.0, label="x")).rows[1]
    >>> row.input, row.formula, row.upstream, row.partial, row.contribution, row.gradient
    ('x', '∂z/∂y = x', 1.0, 2.0, 2.0, 2.0)
    """

    step: int
    node: str
    op: str
    input: str
    formula: str
    upstream: float
    partial: float
    contribution: float
    gradient: float
    source: str

    @property
    def is_seed(self) -> bool:
        """Whether this is the gradient of the output by itself, with which a sweep begins."""
        return not self.formula


class Entries(NamedTuple):
    """The events of a trail, in order, and their rows: `records`, then `rows`; `leaves` stand before them."""

    names: dict[Vertex, Name]
    events: list[Event]
    leaves: list[Record]
    records: list[Record]
    rows: list[Row]
    note: str


@final
class Ledger:
    """What was recorded (`records`) and the steps of the sweep (`rows`), in full precision.

    Steps are counted through both. Printed, it is two tables of their first `limit` rows. `note` is "", or
    that leaves were changed since the graph was recorded, so that values and partials do not fit together.

    >>> found = ledger(2 * Value(3.0, label="x"))
    >>> [record.node for record in found.records], [row.gradient for row in found.rows]
    (['x', '2*x'], [1.0, 2.0])
    """

    def __init__(
        self, records: list[Record], rows: list[Row], limit: int | None = None, note: str = ""
    ) -> None:
        self.records = records
        self.rows = rows
        self.limit = limit
        self.note = note

    def __repr__(self) -> str:
        records, rows = self.records[: self.limit], self.rows[: self.limit]
        tables = [text(forward(records)), text(backward(rows))]
        missing = [len(self.records) - len(records), len(self.rows) - len(rows)]
        rests = [f"\n... {more} more; limit=None prints all" if more else "" for more in missing]
        parts = [table + rest for table, rest in zip(tables, rests, strict=True)]
        return "\n\n".join([*parts, *([self.note] if self.note else [])])

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        parts = [table(forward(self.records[: self.limit])), table(backward(self.rows[: self.limit]))]
        if self.limit is not None and self.limit < max(len(self.records), len(self.rows)):
            parts.append(f"<p>The first {self.limit} rows of each; limit=None shows all.</p>")
        if self.note:
            parts.append(f"<p>{html.escape(self.note)}</p>")
        return {"text/plain": repr(self), "text/html": "".join(parts)}


def ledger(
    y: Value | Callable[..., Any], *inputs: Any, expand: bool = False, limit: int | None = MOST_SHOWN
) -> Ledger:
    """Return what was recorded and the sweep from y as tables; no gradient is stored.

    Leaves and recorded nodes stand as one reads the graph, operands before results; the sweep in its order.
    In place of y may stand a function and its inputs, numbers or (nested) lists of them: it is called while
    the code is watched, so that the last column shows what was typed (engine.watch). Otherwise that column
    is put together from the names. `expand` spells a dot out in products and their sum; `limit` is the number
    of rows printed of each table, None for all.

    Errors: TypeError for what is neither a Value nor a function, and for a limit that is no whole number,
    ValueError where it is below 1.

    >>> ledger(lambda x: x * x, 3.0)
    record  node  op  value  source
         0  x           3.0
         1  x*x   *     9.0  x * x
    <BLANKLINE>
    sweep  node  op    input  rule       upstream × partial = contribution  gradient of input  source
        2  x*x   seed  x*x                                             1.0                1.0  x * x
        3  x*x   *     x      ∂z/∂x = y       1.0 ×     3.0 =          3.0                3.0  x * x
        4  x*x   *     x      ∂z/∂y = x       1.0 ×     3.0 =          3.0                6.0  x * x
    """
    if limit is not None and not isinstance(limit, Integral):
        raise TypeError(f"limit is a whole number of rows, or None for all; got {limit!r}")
    if limit is not None and limit < 1:
        raise ValueError(f"limit is the number of rows printed, 1 or more, or None for all; got {limit}")
    found = entries(traced(y, inputs, by="ledger"), expand=expand)
    return Ledger(found.leaves + found.records, found.rows, limit, found.note)


def entries(y: Value, *, expand: bool = False) -> Entries:
    """Return the trail of y with what a ledger says of it.

    >>> found = entries(Value(3.0) * 2)
    >>> len(found.leaves), len(found.records), len(found.rows)
    (1, 1, 2)
    """
    names, events = known(y, expand=expand), list(trail(y, expand=expand))
    leaves = [Record(0, names[v].text, "", v.data, typed(v, None, names)) for v in names if v.op is None]
    records: list[Record] = []
    rows: list[Row] = []
    for step, event in enumerate(events, 1):
        name, sign = names[event.node].text, "" if event.op is None else event.op.symbol
        source = typed(event.node, event.op or event.node.op, names)
        if isinstance(event, Recorded):
            records.append(Record(step, name, sign, event.node.data, source))
        elif event.op is None or event.place is None or event.input is None:
            rows.append(Row(step, name, SEED, name, "", *event[4:], source))
        else:
            rule = rule_of(event.op, *event.place)
            rows.append(Row(step, name, sign, names[event.input].text, rule, *event[4:], source))
    changed = outdated(y)
    note = "" if changed is None else f"{OUTDATED.format(names[changed].text)}."
    return Entries(names, events, leaves, records, rows, note)


def forward(records: Sequence[Record], done: int | None = None) -> list[Column]:
    """Return records as columns; the numbers of those from `done` on are left out, as they are still to come.

    >>> [column.title for column in forward([])]
    ['record', 'node', 'op', 'value', 'source']
    """
    return [
        Column("record", [str(record.step) for record in records], right=True),
        Column("node", [elided(record.node) for record in records]),
        Column("op", [record.op for record in records]),
        numbers("value", [record.value for record in records[:done]], len(records)),
        Column("source", [elided(record.source, LONGEST_SOURCE) for record in records]),
    ]


def backward(rows: Sequence[Row], done: int | None = None) -> list[Column]:
    """Return the rows of a sweep as columns; the numbers of those from `done` on are left out.

    >>> [column.title for column in backward([])][:4]
    ['sweep', 'node', 'op', 'input']
    """

    swept, size = rows[:done], len(rows)

    def signs(sign: str) -> Column:
        cells = ["" if row.is_seed else sign for row in swept]
        return Column(sign, cells + [""] * (size - len(cells)), tight=True)

    return [
        Column("sweep", [str(row.step) for row in rows], right=True),
        Column("node", [elided(row.node) for row in rows]),
        Column("op", [row.op for row in rows]),
        Column("input", [elided(row.input) for row in rows]),
        Column("rule", [elided(row.formula, LONGEST_FORMULA) for row in rows]),
        numbers("upstream", [None if row.is_seed else row.upstream for row in swept], size),
        signs("×"),
        numbers("partial", [None if row.is_seed else row.partial for row in swept], size, tight=True),
        signs("="),
        numbers("contribution", [row.contribution for row in swept], size, tight=True),
        numbers("gradient of input", [row.gradient for row in swept], size),
        Column("source", [elided(row.source, LONGEST_SOURCE) for row in rows]),
    ]
