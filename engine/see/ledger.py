"""The backward sweep as a table, a row for each step."""

import unicodedata
from typing import NamedTuple, final

from engine.chain import chain_rule
from engine.see.digits import aligned, short
from engine.see.names import elided, names, reading
from engine.value import Value

SEED = "seed"


class Row(NamedTuple):
    """One step: upstream * partial = contribution, after which the input's gradient is `gradient`.

    Row 0 is the seed: the gradient of the output by itself is 1.
    """

    step: int
    node: str
    op: str
    input: str
    upstream: float
    partial: float
    contribution: float
    gradient: float


@final
class Ledger:
    """The steps of a sweep: `rows` in full precision; printed, a table of the first `limit` of them."""

    def __init__(self, rows: list[Row], limit: int | None = None) -> None:
        self.rows = rows
        self.limit = limit

    def __repr__(self) -> str:
        rows = self.rows[: self.limit]
        seeds = [row.op == SEED and row.step == 0 for row in rows]

        def column(title: str, texts: list[str], *, right: bool = False) -> list[str]:
            cells = [title, *texts]
            width = max(map(_width, cells))
            pads = [" " * (width - _width(cell)) for cell in cells]
            return [pad + cell if right else cell + pad for pad, cell in zip(pads, cells, strict=True)]

        def numbers(title: str, values: list[float]) -> list[str]:
            return column(title, aligned(map(short, values)), right=True)

        def sign(mark: str) -> list[str]:
            return [mark, *(" " if seed else mark for seed in seeds)]

        def steps_only(cells: list[str]) -> list[str]:
            return [
                cells[0],
                *(" " * len(cell) if seed else cell for seed, cell in zip(seeds, cells[1:], strict=True)),
            ]

        columns = [
            column("step", [str(row.step) for row in rows], right=True),
            column("node", [elided(row.node) for row in rows]),
            column("op", [row.op for row in rows]),
            column("input", [elided(row.input) for row in rows]),
            steps_only(numbers("upstream", [row.upstream for row in rows])),
            sign("×"),
            steps_only(numbers("partial", [row.partial for row in rows])),
            sign("="),
            numbers("contribution", [row.contribution for row in rows]),
            numbers("gradient of input", [row.gradient for row in rows]),
        ]
        gaps = ["  ", "  ", "  ", "  ", " ", " ", " ", " ", "  ", ""]
        lines = [
            "".join(cell + gap for cell, gap in zip(cells, gaps, strict=True)).rstrip()
            for cells in zip(*columns, strict=True)
        ]
        if len(rows) < len(self.rows):
            lines.append(f"... {len(self.rows) - len(rows)} more steps; limit=None prints all")
        return "\n".join(lines)


def ledger(y: Value, *, limit: int | None = None) -> Ledger:
    """Return the sweep from y as a table; no gradient is stored. `limit` is the number of rows printed.

    Errors: ValueError where limit is below 1.

    >>> x = Value(3.0, label="x")
    >>> ledger(x * x)
    step  node  op    input  upstream × partial = contribution  gradient of input
       0  x*x   seed  x*x                                  1.0                1.0
       1  x*x   *     x           1.0 ×     3.0 =          3.0                3.0
       2  x*x   *     x           1.0 ×     3.0 =          3.0                6.0
    """
    if not isinstance(y, Value):
        raise TypeError(f"ledger takes a Value, got {y!r}")
    if limit is not None and limit < 1:
        raise ValueError(f"limit is the number of rows printed, 1 or more, or None for all; got {limit}")
    known = names(reading(y))
    rows = [Row(0, known[y].text, SEED, known[y].text, 1.0, 1.0, 1.0, 1.0)]
    running = dict.fromkeys(known, 0.0)
    for number, step in enumerate(chain_rule(y), 1):
        assert step.node.op is not None
        contribution = step.contribution
        running[step.input] += contribution
        rows.append(
            Row(
                number,
                known[step.node].text,
                step.node.op.symbol,
                known[step.input].text,
                step.upstream,
                step.partial,
                contribution,
                running[step.input],
            )
        )
    return Ledger(rows, limit)


def _width(text: str) -> int:
    """Return the columns that a text takes in a terminal."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
