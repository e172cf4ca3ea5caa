"""A stepper on a screen of some width: lines that fit, in pieces of text with their styles."""

import re
from collections.abc import Iterator
from itertools import pairwise
from textwrap import wrap
from typing import TypeAlias

from engine.see.digits import MINUS
from engine.see.ledger import Row
from engine.see.stepper import Stepper
from engine.see.tables import Column, text

Fragments: TypeAlias = list[tuple[str, str]]
"""Pieces of text, each behind its style."""
NEEDED_LEAST = ("source", "rule", "op", "node", "sweep")
"""Columns that are left out where there is no room, in this order: the lines above the table tell them."""
NUMBER = rf"{MINUS}?(?:inf|nan|\d[\d.]*(?:e{MINUS}?\d+)?)"
DERIVATIVES = re.compile(rf"{NUMBER} × {NUMBER} = {NUMBER}|(?<=gradient goes from ){NUMBER} to {NUMBER}")
"""In what the stepper says."""
TITLES = ("upstream", "partial", "contribution", "gradient of input")
"""The columns of derivatives."""
Spans: TypeAlias = list[tuple[int, int]]
"""Where numbers start and end in a text."""
BEFORE = 8
"""So much of a long line of source is shown before the expression that is underlined."""


def words(stepper: Stepper, width: int) -> Fragments:
    """Return the source, what happens, and the rule.

    >>> stepper = Stepper(lambda x, w: x * w, 2.0, -3.0)
    >>> "".join(piece for _, piece in words(stepper.end(), 60)).splitlines()[-2:]
    ['gradient goes from 0.0 to 2.0 and is complete.', 'z = x * y, ∂z/∂y = x; here x = 2.0']
    """
    lines: list[str] = []
    told = str(stepper).partition("\n\n")[0].splitlines()
    for line, below in pairwise([*told, ""]):
        if line.startswith("    ") and set(below.strip()) == {"^"}:
            start = 0 if len(line) <= width else min(below.index("^") - BEFORE, len(line) - width)
            lines += [shown[max(start, 0) :][:width] for shown in (line, below)]
        elif not line.startswith("    "):
            lines += wrap(line, width) or [""]
    content = "\n".join(lines)
    swept = isinstance(stepper.row, Row)
    found = DERIVATIVES.finditer(content.replace("\n", " ")) if swept else ()
    spans = [(m.start() + n.start(), m.start() + n.end()) for m in found for n in re.finditer(NUMBER, m[0])]
    return list(_styled(content, spans))


def table(columns: list[Column], now: int | None, width: int) -> Fragments:
    """Return a table whose row `now` is marked, without the columns for which there is no room.

    >>> columns = [Column("node", ["x*w"]), Column("source", ["x * w  # a long line"])]
    >>> table(columns, 0, 20)
    [('', '  node'), ('', '\\n'), ('class:now', '▶ x*w ')]
    """
    lines = _marked(columns, now)
    for title in NEEDED_LEAST:
        if max(map(len, lines)) > width:
            columns = [column for column in columns if column.title != title]
            lines = _marked(columns, now)
    fragments: Fragments = [("", lines[0])]
    widest = max(map(len, lines))
    for i, line in enumerate(lines[1:]):
        style, content = ("class:now", line.ljust(widest)) if i == now else ("", line)
        fragments += [("", "\n"), *_styled(content, _spans(lines, columns, i), style)]
    return fragments


def _marked(columns: list[Column], now: int | None) -> list[str]:
    """Return the lines of a table, with room for the marker even where there is none."""
    lines = text(columns, now).splitlines()
    return [f"  {line}" for line in lines] if now is None else lines


def _spans(lines: list[str], columns: list[Column], i: int) -> Spans:
    """Return where in row i, below the title, derivatives start and end."""
    end = lines[0].rfind("source") if columns[-1].title == "source" else len(lines[i + 1])
    spans = []
    for cell in [column.cells[i].strip() for column in reversed(columns) if column.title in TITLES]:
        if cell:  # the last such text before the cell to its right
            end = lines[i + 1].rindex(cell, 0, end)
            spans.append((end, end + len(cell)))
    return spans[::-1]


def _styled(content: str, spans: Spans, style: str = "") -> Iterator[tuple[str, str]]:
    """Yield a text in a style, the numbers in it in that of their sign, too."""
    shown = 0
    for start, end in spans:
        yield style, content[shown:start]
        yield f"{style} {_sign(content[start:end])}".strip(), content[start:end]
        shown = end
    yield style, content[shown:]


def _sign(number: str) -> str:
    """Return the style of a derivative; what is 0 or not a number has none."""
    if number.startswith(MINUS):
        return "class:negative"
    return "class:positive" if number == "inf" or re.search("[1-9]", number) else ""
