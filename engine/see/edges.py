"""Edges by sign and size, straight ones where many meet, and the text on an edge that is wrong."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from engine.see.cells import cell, plate, row, table, tooltip
from engine.see.digits import short
from engine.see.names import Unique
from engine.see.parts import Edge, Group, Scene
from engine.see.ranks import are_layers
from engine.see.sheet import SMALL, Sheet
from engine.see.theme import stroke, tint

MOST_LABELLED_EDGES = 24
MANY_EDGES = 3
"""Edges into one box that each keep their own side: more of them meet in one port."""
PORTS = {"LR": (":e", ":w"), "TB": (":s", ":n")}
THINNEST, WIDEST = 1.0, 3.2
THINNEST_STRAIGHT = 0.6
"""Where many edges cross."""
NOW = 2.5
"""The width of a highlighted edge."""
FAULT = 4.5
"""The width of a marked edge, wider than any other."""


class Course(NamedTuple):
    """How the edges of a sheet run.

    Many arrive at the `crowded` boxes; where they are `labelled`, numbers stand on them; boxes may stand
    `far` apart; `straight` edges run from box to box.
    """

    crowded: frozenset[str]
    labelled: bool
    far: bool
    straight: bool


def course(scene: Scene) -> Course:
    """Return how the edges of a scene run.

    >>> course(Scene([], [], swept=False)).labelled
    True
    """
    edges = scene.edges
    arriving: dict[str, int] = {}
    for edge in edges:
        arriving[edge.target] = arriving.get(edge.target, 0) + 1
    crowded = frozenset([key for key, count in arriving.items() if count > MANY_EDGES])
    marked = any(edge.mark for edge in edges)
    # in a crowd the text of a mark stands alone; between dense layers nobody knows whose number it is
    alone = (marked and crowded) or _are_dense(scene, crowded)
    labelled = len(edges) <= MOST_LABELLED_EDGES and not alone
    far = 2 * sum(arriving[key] for key in crowded) > len(edges)
    return Course(crowded, labelled, far, bool(crowded) and not labelled and are_layers(scene))


def _are_dense(scene: Scene, crowded: Collection[str]) -> bool:
    """Tell whether many boxes lead to a neuron or another group, or one box to several crowded ones."""
    targets: dict[str, set[str]] = {}
    for edge in scene.edges:
        if edge.target in crowded:
            targets.setdefault(edge.source, set()).add(edge.target)
    if any(isinstance(box, Group) and box.key in crowded for box in scene.boxes):
        return True
    return any(len(found) > 1 for found in targets.values())


def lines(sheet: Sheet, rankdir: str) -> Iterator[str]:
    """Yield the DOT lines of the edges of a sheet.

    >>> from engine.see.parts import Box
    >>> from engine.see.sheet import sheet
    >>> scene = Scene([Box("y", "y", "+", 2.0, 0.0)], [Edge("x", "y", (1.0,), (0.0,))], swept=False)
    >>> [line] = lines(sheet(scene, "light"), "LR")
    >>> line.strip()
    '"x" -> "y" [id="e-x-y", color="#868e98"];'
    """
    run = course(sheet.scene)
    unique = Unique("~")
    for edge in sheet.scene.edges:
        name = unique.take(f"e-{edge.source}-{edge.target}")
        tail, head = PORTS[rankdir] if run.straight or edge.target in run.crowded else ("", "")
        if edge.mark:
            yield from _marked(edge, name, (tail, head), PORTS[rankdir], sheet)
            continue
        look = _look(edge, run, sheet) + (", arrowhead=none" if run.straight else "")
        yield f'  "{edge.source}"{tail} -> "{edge.target}"{head} [id="{name}", {look}];'


def _marked(
    edge: Edge, name: str, ports: tuple[str, str], sides: tuple[str, str], sheet: Sheet
) -> Iterator[str]:
    """Yield an edge that is wrong as two, between them its text: so it has room in any drawing."""
    tail, head = ports
    behind, before = sides
    look = f'class="fault", color="{sheet.colours["fault"]}", penwidth={FAULT}'
    if sheet.scene.swept and sum(edge.contributions) < 0:
        look += ", style=dashed"
    text, tip = f"{name}~text", tooltip(edge.mark.replace("\n", "; "))
    yield f'  "{text}" [id="{text}", class="fault", {tip}, label=<{sheet.plate(edge.mark)}>];'
    yield f'  "{edge.source}"{tail} -> "{text}"{before} [id="{name}~tail", {look}, arrowhead=none];'
    yield f'  "{text}"{behind} -> "{edge.target}"{head} [id="{name}", {look}];'


def _look(edge: Edge, run: Course, sheet: Sheet) -> str:
    """Return how an edge looks: grey where it gathers both signs, or has nothing to tell."""
    contributions = edge.contributions if sheet.scene.swept else ()
    total, mixed = sum(contributions), is_mixed(edge)
    colour = sheet.colours["edge" if mixed or not contributions else stroke(total)]
    if edge.now:
        colour = sheet.colours["ink"]
    look = f'color="{colour}"'
    if edge.now:
        look = f'class="now", {look}'
    if run.labelled and len(contributions) == 1:
        look += f", {_label(edge, sheet)}"
    if contributions or edge.now:
        look += f", penwidth={_width(edge, run, sheet):.2f}"
    if not sheet.scene.swept or mixed:
        return look
    return look + (", style=dashed" if total < 0 else "" if total else ", style=dotted")


def _label(edge: Edge, sheet: Sheet) -> str:
    """Return the partial on an edge, on the marker where it is highlighted."""
    number = short(edge.partials[0])
    if edge.now:
        marker = plate([sheet.bold(number, "ink", SMALL)], sheet.colours["mark"])
        return f"label=<{table(row(cell(marker)) + row(cell('', height=4)))}>"
    return f'fontcolor="{sheet.colours[tint(edge.contributions[0])]}", label="{number}"'


def _width(edge: Edge, run: Course, sheet: Sheet) -> float:
    if edge.now:
        return NOW
    thinnest = THINNEST_STRAIGHT if run.straight else THINNEST
    return thinnest + (WIDEST - thinnest) * sheet.scale.width(sum(map(abs, edge.contributions)))


def is_mixed(edge: Edge) -> bool:
    """Tell whether an edge gathers contributions of both signs.

    >>> is_mixed(Edge("x", "y", (1.0, 1.0), (0.5, -0.5)))
    True
    """
    return any(c < 0 for c in edge.contributions) and any(c > 0 for c in edge.contributions)
