"""A scene as DOT text: boxes, frames, edges, the legend below."""

from collections.abc import Iterator

from engine.see.boxes import node
from engine.see.edges import PORTS, course, lines
from engine.see.legend import legend
from engine.see.panels import panels
from engine.see.parts import Scene
from engine.see.sheet import Sheet, sheet


def source(scene: Scene, *, rankdir: str, theme: str, sampled: bool = False) -> str:
    """Return the DOT text of a scene; `sampled` tells that it is one sample of a batch.

    Errors: ValueError for an unknown rankdir or theme.

    >>> from engine.see.parts import Box
    >>> x = Box("x", "x", "", 2.0, 0.0)
    >>> source(Scene([x], [], False), rankdir="LR", theme="light").split()[:2]
    ['digraph', 'chainrule']
    """
    if rankdir not in PORTS:
        raise ValueError(f"rankdir is LR (left to right) or TB (top to bottom), got {rankdir!r}")
    return "\n".join(_lines(sheet(scene, theme, sampled=sampled), rankdir)) + "\n"


def _lines(drawn: Sheet, rankdir: str) -> Iterator[str]:
    run = course(drawn.scene)
    near = 0.6 if drawn.scene.clusters else 0.32
    spread = f"nodesep=0.2, ranksep={1.2 if run.far else near}"
    if drawn.scene.clusters:
        # a second search for few crossings would forget the order in panels
        spread += ", remincross=false, newrank=true"
    else:
        spread += ", ordering=in"
    if run.straight:
        spread += ", splines=line, outputorder=edgesfirst"
    yield "digraph chainrule {"
    yield (
        f'  graph [rankdir={rankdir}, bgcolor="{drawn.colours["paper"]}", {spread}, '
        'pad=0.2, fontname="Helvetica", fontsize=11];'
    )
    yield '  node [shape=plain, fontname="Helvetica"];'
    yield '  edge [fontname="Helvetica", fontsize=11, arrowsize=0.6];'
    yield f"  label=<{legend(drawn)}>; labelloc=b; labeljust=l;"
    for box in drawn.scene.boxes:
        yield node(box, drawn)
    yield from panels(drawn, rankdir)
    yield from lines(drawn, rankdir)
    yield "}"
