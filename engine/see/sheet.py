"""The sheet that a scene is drawn on: its colours, its scale, its way of writing."""

from typing import NamedTuple

from engine.see.cells import cell, plate, row, text
from engine.see.names import elided
from engine.see.parts import Scene
from engine.see.scale import Scale, measured
from engine.see.theme import palette

LONGEST_LINE = 60
"""Of the text of a mark."""
SMALL = 11
"""The size of captions, in points."""


class Sheet(NamedTuple):
    """A scene with the colours of a theme and the scale of its bars and edges.

    `sampled` tells that it shows one sample of a batch.
    """

    scene: Scene
    colours: dict[str, str]
    scale: Scale
    sampled: bool = False

    def text(self, content: str, role: str, size: int = 12) -> str:
        """Return a text in the colour of a role.

        >>> sheet(Scene([], [], False), "print").text("x", "ink")
        '<FONT COLOR="#000000" POINT-SIZE="12">x</FONT>'
        """
        return text(content, self.colours[role], size)

    def bold(self, content: str, role: str, size: int = 12) -> str:
        """Return a text in the colour of a role, bold.

        >>> sheet(Scene([], [], False), "print").bold("x", "ink")
        '<B><FONT COLOR="#000000" POINT-SIZE="12">x</FONT></B>'
        """
        return f"<B>{self.text(content, role, size)}</B>"

    def caption(self, content: str, more: str = "") -> str:
        """Return a cell of the legend with a text.

        >>> sheet(Scene([], [], False), "print").caption("x")
        '<TD ALIGN="LEFT" HEIGHT="18"><FONT COLOR="#4a4a4a" POINT-SIZE="11">x</FONT></TD>'
        """
        return cell(self.text(content, "soft", SMALL), height=18, more=more)

    def line(self, content: str, height: int = 15) -> str:
        """Return a row of a box with a text, or whatever else.

        >>> sheet(Scene([], [], False), "print").line("x")
        '<TR><TD ALIGN="LEFT" HEIGHT="15">x</TD></TR>'
        """
        return row(cell(content, height=height))

    def plate(self, content: str) -> str:
        """Return what is wrong, line by line, paper on the colour of faults, as nothing else is.

        >>> 'BGCOLOR="#000000"' in sheet(Scene([], [], False), "print").plate("x")
        True
        """
        lines = [self.bold(elided(line, LONGEST_LINE), "paper", SMALL) for line in content.splitlines()]
        return plate(lines, self.colours["fault"])


def sheet(scene: Scene, theme: str, *, sampled: bool = False) -> Sheet:
    """Return the sheet of a scene; ValueError for an unknown theme.

    >>> sheet(Scene([], [], False), "light").colours["paper"]
    '#ffffff'
    """
    return Sheet(scene, palette(theme), measured(scene), sampled)
