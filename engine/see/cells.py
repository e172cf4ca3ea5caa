"""The pieces of Graphviz's HTML-like labels: text, cells, tables.

Graphviz spreads the spare width of a table over its columns, and measures bytes outside ASCII, not glyphs:
what must keep its place stands in a table of fixed size.
"""

import html
import re

BARE = 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"'


def text(content: str, colour: str, size: int = 12) -> str:
    """Return a text in a colour, whatever it contains.

    Graphviz puts the node's name in place of "\\N", so a run of text ends behind each backslash.

    >>> text("a<b", "#1c2024")
    '<FONT COLOR="#1c2024" POINT-SIZE="12">a&lt;b</FONT>'
    """
    pieces = [html.escape(piece) for piece in re.split(r"(?<=\\)", content) if piece]
    return "".join([f'<FONT COLOR="{colour}" POINT-SIZE="{size}">{piece}</FONT>' for piece in pieces])


def tooltip(content: str) -> str:
    """Return a tooltip as an attribute; Graphviz reads its backslashes twice.

    >>> tooltip('a "b"')
    'tooltip="a &quot;b&quot;"'
    """
    escaped = html.escape(content).replace("\\", 4 * "\\")
    return f'tooltip="{escaped}"'


def cell(content: str, *, width: int = 0, height: int = 0, align: str = "LEFT", more: str = "") -> str:
    """Return a cell that grows with its content from a smallest width and height.

    >>> cell("x", width=6)
    '<TD ALIGN="LEFT" WIDTH="6">x</TD>'
    """
    attributes = [f'ALIGN="{align}"']
    attributes += [f'WIDTH="{width}"'] if width else []
    attributes += [f'HEIGHT="{height}"'] if height else []
    attributes += [more] if more else []
    return f"<TD {' '.join(attributes)}>{content}</TD>"


def slot(content: str, width: int, height: int, colour: str = "") -> str:
    """Return a cell of fixed size, filled with a colour if one is given.

    >>> slot("", 3, 4)
    '<TD ALIGN="LEFT" FIXEDSIZE="TRUE" WIDTH="3" HEIGHT="4"></TD>'
    """
    paper = f' BGCOLOR="{colour}"' if colour else ""
    return f'<TD ALIGN="LEFT" FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}"{paper}>{content}</TD>'


def row(cells: str) -> str:
    """Return a row of cells.

    >>> row(cell("x"))
    '<TR><TD ALIGN="LEFT">x</TD></TR>'
    """
    return f"<TR>{cells}</TR>"


def table(rows: str) -> str:
    """Return a table without borders or gaps.

    >>> table(row(cell("x"))).endswith('<TR><TD ALIGN="LEFT">x</TD></TR></TABLE>')
    True
    """
    return f"<TABLE {BARE}>{rows}</TABLE>"


def plate(lines: list[str], colour: str) -> str:
    """Return lines of text on a ground of a colour.

    >>> plate(["x"], "#8b1a7a").endswith('BGCOLOR="#8b1a7a"><TR><TD ALIGN="LEFT">x</TD></TR></TABLE>')
    True
    """
    ground = BARE.replace('CELLPADDING="0"', 'CELLPADDING="2"')
    rows = "".join([row(cell(line)) for line in lines])
    return f'<TABLE {ground} BGCOLOR="{colour}">{rows}</TABLE>'


def fixed(slots: str, width: int, height: int) -> str:
    """Return a table of one row that keeps its size where there is more room, at the left.

    >>> fixed(slot("", 3, 4), 3, 4).startswith('<TABLE FIXEDSIZE="TRUE" WIDTH="3" HEIGHT="4"')
    True
    """
    return (
        f'<TABLE FIXEDSIZE="TRUE" WIDTH="{width}" HEIGHT="{height}" ALIGN="LEFT" {BARE}>{row(slots)}</TABLE>'
    )


def runs(lengths: list[tuple[int, str]], height: int) -> str:
    """Return a bar of lengths in points, each with its colour.

    >>> runs([(2, "#ffffff"), (0, "#000000")], 4).count("BGCOLOR")
    1
    """
    slots = "".join(slot("", length, height, colour) for length, colour in lengths if length)
    return fixed(slots, sum(length for length, _ in lengths), height)


def stack(lengths: list[tuple[int, str]], width: int) -> str:
    """Return a column of pieces, each with its height and its colour, "" for none.

    >>> stack([(2, ""), (3, "#000000")], 4).count("BGCOLOR")
    1
    """
    return table("".join(row(slot("", width, height, colour)) for height, colour in lengths if height))
