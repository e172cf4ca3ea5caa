"""The legend of a drawing: what is in this picture, and nothing else."""

import math
import re
from collections.abc import Iterator

from engine.see.bars import bar, strip
from engine.see.cells import cell, fixed, row, runs, slot, table
from engine.see.digits import short
from engine.see.edges import course, is_mixed
from engine.see.names import elided
from engine.see.parts import Box, Edge, Fold, Group
from engine.see.scale import is_strip, is_summed
from engine.see.sheet import SMALL, Sheet
from engine.see.trail import OUTDATED

RECORDED = "Recorded, no sweep yet: values only. {} fills in the gradients ∂."
SAMPLED = "gradients are those of the whole {}; all samples add to those of the parameters"
FOLDED = "those that contribute least; Σ|∂| is the sum of their |gradients|"
CUT_FOLDED = "those on the way, or of a list; Σ|∂| is the sum of their |gradients|"
MARKED = "a thick edge, or the value in a thick border; the text on it says how"
CUT = "a part of {} nodes, around what is wrong; a dashed box has operands that are not drawn"
NOW = "what is highlighted"
CALLS = "a box for several calls of the same code: so many"
STRANGE = "full on one side: inf or −inf; on both: nan"
VANISHED = "no |gradient| in the box reaches 1e−12 of the largest in this picture"
WIDTH, HEIGHT = 176, 18
"""Of a sample, in points."""


def legend(sheet: Sheet) -> str:
    """Return the legend as the label of the graph.

    >>> from engine.see.parts import Scene
    >>> from engine.see.sheet import sheet
    >>> x = Box("x", "x", "", 2.0, 0.0)
    >>> "no sweep yet" in legend(sheet(Scene([x], [], swept=False), "light"))
    True
    """
    rows = list(_remarks(sheet))
    if sheet.scene.swept:
        return table(row(cell("", height=12)) + "".join([*_measures(sheet), *rows]))
    sentence = row(cell(sheet.text(_recorded(sheet), "soft", SMALL), height=HEIGHT))
    more = row(cell(table("".join(rows)))) if rows else ""
    return table(row(cell("", height=12)) + sentence + more)


def _recorded(sheet: Sheet) -> str:
    """Return what a sweep would add, as one writes it where the output has a name of its own."""
    title = sheet.scene.title
    is_own = re.fullmatch(r"[^\W\d]\w*(\[\d+\])*", title) and not re.fullmatch(r"(v|leaf)\d+", title)
    return RECORDED.format(f"{elided(title)}.backward()" if is_own else "backward() of the output")


def _measures(sheet: Sheet) -> Iterator[str]:
    """Yield what bars and edges measure."""
    boxes, scale = sheet.scene.boxes, sheet.scale
    groups = [box for box in boxes if isinstance(box, Group)]
    gradients = [box.grad for box in boxes if not isinstance(box, Fold) and box.grad is not None]
    strips = [group for group in groups if is_strip(group)]
    if gradients:
        swatch = _coloured(
            [(29, "negbar"), (1, "paper"), (1, "soft"), (1, "paper"), (29, "posbar")], 4, sheet
        )
        sentence = f"longest possible = {short(scale.gradient)}"
        yield _entry(f"Bars: gradient ∂ of {_swept(sheet)}", _signs(swatch, sheet), sentence, sheet)
    if strips:
        kinds = {group.of_parameters for group in strips}
        what = " and ".join(
            [name for name, kind in (("parameters", True), ("nodes", False)) if kind in kinds]
        )
        swatch = strip([("w", -1.0), ("w", -0.5), ("w", 0.5), ("w", 1.0)], 1.0, sheet.colours)
        sentence = f"of {what}, in order; longest possible = {short(scale.small)}"
        yield _entry("Small bars: gradients ∂", _signs(swatch, sheet, 29), sentence, sheet, 29)
    if any(map(is_summed, groups)):
        sentence = f"sum of |gradients|; each piece is a factor of 10, a full bar = {short(10.0**scale.top)}"
        swatch = _coloured([(26, "soft"), (1, "paper"), (20, "soft"), (6, "drawn track")], 4, sheet)
        yield _entry("Grey bars: Σ|∂|", slot(swatch, WIDTH, HEIGHT), sentence, sheet)
    gradients += [gradient for group in groups for _, gradient in group.gradients if is_strip(group)]
    if not all(map(math.isfinite, gradients)):
        swatch = bar(math.nan, 1.0, sheet.colours)
        yield _entry("Bars of nan and inf", slot(swatch, WIDTH, HEIGHT), STRANGE, sheet)
    if any(edge.contributions for edge in sheet.scene.edges):
        yield _edges(sheet)


def _swept(sheet: Sheet) -> str:
    """Return the name of what the gradients are those of."""
    output = sheet.scene.output
    return elided(sheet.scene.title or output.name, 18) if sheet.scene.is_own else "what was swept"


def _edges(sheet: Sheet) -> str:
    edges = sheet.scene.edges
    sentences = ["wider is larger" + (", by powers of ten" if sheet.scale.flow_decades else "")]
    if any(map(is_mixed, edges)):
        sentences.append("grey: of both signs")
    if course(sheet.scene).labelled and any(len(edge.contributions) == 1 for edge in edges):
        sentences.append("the number is the partial")
    dash, gap = (6, "negbar"), (4, "paper")
    swatch = _coloured([dash, gap, dash, gap, dash, (8, "paper"), (26, "posbar")], 2, sheet)
    return _entry("Edges: contribution", _signs(swatch, sheet), "; ".join(sentences), sheet)


def _remarks(sheet: Sheet) -> Iterator[str]:
    """Yield what else has to be told."""
    scene = sheet.scene
    groups = [box for box in scene.boxes if isinstance(box, Group)]
    if any(isinstance(box, Fold) for box in scene.boxes) and scene.swept:
        yield _entry("Boxes: … more", "", CUT_FOLDED if scene.cut else FOLDED, sheet)
    if sheet.sampled and scene.swept:
        yield _entry("One sample", "", SAMPLED.format(elided(scene.title, 18)), sheet)
    if any(group.calls > 1 for group in groups):
        yield _entry(f"×{max(group.calls for group in groups):,}", "", CALLS, sheet)
    if scene.swept and any(map(sheet.scale.has_vanished, groups)):
        yield _entry("vanished", "", VANISHED, sheet)
    if any(not isinstance(part, Fold) and part.now for part in (*scene.boxes, *scene.edges)):
        yield _plate("Now", "ink", "mark", NOW, sheet)
    if any(isinstance(part, (Box, Edge)) and part.mark for part in (*scene.boxes, *scene.edges)):
        yield _plate("Wrong", "paper", "fault", MARKED, sheet)
    if scene.outdated:
        yield _entry("Changed", "", OUTDATED.format(elided(scene.outdated, 18)), sheet)
    if scene.cut:
        yield _entry("Cut", "", CUT.format(scene.cut), sheet)


def _coloured(lengths: list[tuple[int, str]], height: int, sheet: Sheet) -> str:
    return runs([(length, sheet.colours[role]) for length, role in lengths], height)


def _signs(swatch: str, sheet: Sheet, height: int = HEIGHT) -> str:
    """Return a sample between its signs."""
    negative, positive = (sheet.text(word, "soft", SMALL) for word in ("negative", "positive"))
    return slot(negative, 56, height) + slot(swatch, 68, height) + slot(positive, 52, height)


def _entry(title: str, sample: str, sentence: str, sheet: Sheet, height: int = HEIGHT) -> str:
    """Return a row of the legend: the title, a sample or nothing, the sentence."""
    middle = fixed(sample, WIDTH, height) if sample else ""
    cells = [cell(sheet.text(title, "soft", SMALL), height=height), cell(middle), sheet.caption(sentence)]
    return row(cell("", width=12).join(cells))


def _plate(title: str, role: str, ground: str, sentence: str, sheet: Sheet) -> str:
    """Return a row whose title stands on a ground."""
    colour, width = sheet.colours[ground], 10 * len(title)
    name = fixed(
        slot("", 4, 15, colour) + slot(sheet.bold(title, role, SMALL), width, 15, colour), width + 4, 15
    )
    return row(cell("", width=12).join([cell(name, height=HEIGHT), cell(""), sheet.caption(sentence)]))
