"""Tables of short texts: aligned for a terminal, or as HTML."""

import html
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from engine.see.digits import aligned, short
from engine.see.theme import palette

GAP = "  "
WORD = "text-align:left;white-space:nowrap"
NUMBER = "text-align:right;white-space:pre;font-variant-numeric:tabular-nums"
NOW = f"background:{palette('light')['mark']};color:{palette('light')['ink']};font-weight:600"
"""Of HTML, where it may have styles; without them the table still tells everything."""


class Column(NamedTuple):
    """A title and the cells below it; `right` where they end in one line, `tight` where one space is enough.

    >>> Column("op", ["+", "tanh"]).cells
    ['+', 'tanh']
    """

    title: str
    cells: list[str]
    right: bool = False
    tight: bool = False


def numbers(
    title: str, values: Sequence[float | None], size: int | None = None, *, tight: bool = False
) -> Column:
    """Return a column of numbers whose points stand below each other; None is an empty cell.

    Empty cells fill it up to a size.

    >>> numbers("partial", [0.5, None, -10.25]).cells
    ['  0.5 ', '', '−10.25']
    """
    cells = iter(aligned([short(x) for x in values if x is not None]))
    filled = ["" if x is None else next(cells) for x in values]
    return Column(title, filled + [""] * ((size or 0) - len(filled)), True, tight)


def text(columns: Sequence[Column], now: int | None = None) -> str:
    """Return columns as lines of text; a "▶" stands before the row `now`, counted from 0.

    >>> print(text([Column("node", ["x", "y"]), numbers("value", [0.5, -1.0])], now=1))
      node  value
      x       0.5
    ▶ y      −1.0
    """
    lines = [""] * (1 + len(columns[0].cells))
    for column in columns:
        cells = [column.title, *column.cells]
        width = max(map(_width, cells))
        gap = "" if column is columns[0] else " " if column.tight else GAP
        for i, cell in enumerate(cells):
            pad = " " * (width - _width(cell))
            lines[i] += gap + (pad + cell if column.right else cell + pad)
    if now is not None:
        lines = [("▶ " if i == now + 1 else "  ") + line for i, line in enumerate(lines)]
    return "\n".join(line.rstrip() for line in lines)


def table(columns: Sequence[Column], now: int | None = None) -> str:
    """Return columns as an HTML table; a "▶" stands before the row `now`, counted from 0, on its own ground.

    No cell is broken into lines; a table wider than its place scrolls in it.

    >>> table([Column("node", ["x<y"])])[-85:]
    '<td style="text-align:left;white-space:nowrap">x&lt;y</td></tr></tbody></table></div>'
    """
    beside = [] if now is None else [""]
    styles = [WORD] * len(beside) + [NUMBER if column.right else WORD for column in columns]
    head = _row([*beside, *(column.title for column in columns)], "th", styles)
    body = []
    for i in range(len(columns[0].cells)):
        cells = [column.cells[i] for column in columns]
        marker = [] if now is None else ["▶" if i == now else ""]
        look = f' aria-current="step" style="{NOW}"' if i == now else ""
        body.append(_row([*marker, *cells], "td", styles, look))
    whole = f"<table><thead>{head}</thead><tbody>{''.join(body)}</tbody></table>"
    return f'<div style="overflow-x:auto">{whole}</div>'


def _row(cells: Sequence[str], tag: str, styles: Sequence[str], look: str = "") -> str:
    texts = [f'<{tag} style="{s}">{html.escape(c)}</{tag}>' for s, c in zip(styles, cells, strict=True)]
    return f"<tr{look}>{''.join(texts)}</tr>"


def _width(content: str) -> int:
    """Return the columns that a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in content
    )
