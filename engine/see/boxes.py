"""Boxes: a node, folded operands, or a whole group, as a DOT node with an HTML-like label."""

import math

from engine.see.bars import WIDTH, bar, decades, strip
from engine.see.cells import cell, fixed, row, slot, table, tooltip
from engine.see.digits import FIGURE_SPACE, short, signed
from engine.see.names import elided
from engine.see.parts import Box, Fold, Group
from engine.see.scale import is_strip, is_summed
from engine.see.sheet import SMALL, Sheet
from engine.see.theme import tint

UNKNOWN = f"{FIGURE_SPACE}–"
"""Stands for a gradient before the sweep."""


def node(box: Box | Fold | Group, sheet: Sheet) -> str:
    """Return the DOT line of a box.

    >>> from engine.see.parts import Scene
    >>> from engine.see.sheet import sheet
    >>> x = Box("x", "x", "", 2.0, 0.0)
    >>> node(x, sheet(Scene([x], [], False), "light"))[:42]
    '  "x" [id="n-x", class="leaf output", labe'
    """
    now = not isinstance(box, Fold) and box.now
    ground = "mark" if now else "paper"
    styles = []
    if isinstance(box, Fold):
        kind, rows = "fold", _fold(box, sheet)
        styles = ["ROUNDED", "DASHED"]
    elif isinstance(box, Group):
        kind, rows = "group", _group(box, _on(ground, sheet), ground)
    else:
        kind, rows = "op" if box.corner else "leaf", _box(box, _on(ground, sheet))
        styles = ([] if box.corner else ["ROUNDED"]) + (["DASHED"] if box.more else [])
        ground = "panel" if ground == "paper" and not box.corner else ground
    border, line = 1, "edge"
    if box.key == sheet.scene.output.key:
        kind, border, line = f"{kind} output", 2, "ink"
    if now:
        kind, border, line = f"{kind} now", 2, "ink"
    if isinstance(box, Box) and box.mark:
        kind, border, line = f"{kind} fault", 4, "fault"
    frame = f'COLOR="{sheet.colours[line]}" BGCOLOR="{sheet.colours[ground]}"'
    frame += f' STYLE="{",".join(styles)}"' if styles else ""
    about = box.about if isinstance(box, Group) else ""
    tip = "" if elided(box.name) == box.name and elided(about) == about else f", {tooltip(_whole(box))}"
    return (
        f'  "{box.key}" [id="n-{box.key}", class="{kind}"{tip}, label=<'
        f'<TABLE BORDER="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="7" {frame}>'
        f"<TR><TD>{table(''.join(rows))}</TD></TR></TABLE>>];"
    )


def _whole(box: Box | Fold | Group) -> str:
    about = box.about if isinstance(box, Group) else ""
    return f"{box.name}: {about}" if about else box.name


def _on(ground: str, sheet: Sheet) -> Sheet:
    """Return the sheet with tracks that are seen on a ground."""
    if ground != "mark":
        return sheet
    return sheet._replace(colours={**sheet.colours, "drawn track": sheet.colours["paper"]})


def _box(box: Box, sheet: Sheet) -> list[str]:
    rows = [_header(box.name, box.corner, sheet), _number("", signed(box.data), "ink", sheet)]
    if box.mark:
        rows += [row(cell("", height=2)), row(cell(sheet.plate(box.mark))), row(cell("", height=2))]
    return rows + _gradient(box.grad, sheet)


def _fold(fold: Fold, sheet: Sheet) -> list[str]:
    total = short(fold.total) if sheet.scene.swept else "–"
    lines = [elided(fold.name), f"Σ|∂|  {total}"]
    if fold.nodes > fold.size:
        lines.append(f"with {fold.nodes:,} nodes")
    header = _header(f"{fold.size:,} more", fold.corner, sheet)
    return [header, *[sheet.line(sheet.text(line, "soft")) for line in lines]]


def _group(group: Group, sheet: Sheet, ground: str) -> list[str]:
    swept = sheet.scene.swept
    rows = [_header(group.name, f"×{group.calls:,}" if group.calls > 1 else "", sheet)]
    if group.about:
        rows.append(sheet.line(sheet.text(elided(group.about), "soft", SMALL)))
    if group.data is not None:
        rows.append(_number("", signed(group.data), "ink", sheet))
    if group.grad is not None:
        rows += _gradient(group.grad, sheet)
    if is_summed(group):
        rows.append(_number("Σ|∂|", short(group.total) if swept else "–", "ink" if swept else "soft", sheet))
        if swept:
            rows.append(_bar(decades(group.total, sheet.scale, sheet.colours, sheet.colours[ground])))
    if swept:
        rows += _inside(group, sheet)
    if not is_strip(group) or not swept:
        rows.append(sheet.line(sheet.text(_count(group), "soft", SMALL), height=17))
    return rows


def _inside(group: Group, sheet: Sheet) -> list[str]:
    """Return what tells of the gradients inside a group."""
    rows = []
    gradients = [gradient for _, gradient in group.gradients]
    finite = [gradient for gradient in gradients if math.isfinite(gradient)]
    if is_strip(group):
        rows += [row(cell("", height=7)), row(cell(strip(group.gradients, sheet.scale.small, sheet.colours)))]
    elif finite and group.grad is None:
        for name, extreme in (("max", max(finite)), ("min", min(finite))):
            rows.append(_number(name, signed(extreme), tint(extreme), sheet))
    if sheet.scale.has_vanished(group):
        rows.append(sheet.line(sheet.bold("vanished", "ink", SMALL), height=20))
    strange = [f"{count:,} {name}" for name, count in _strange(gradients).items() if count]
    if strange:
        rows.append(sheet.line(sheet.bold(", ".join(strange), "ink", SMALL), height=20))
    return rows


def _strange(gradients: list[float]) -> dict[str, int]:
    """Return how many gradients are no finite number, by their text."""
    texts = [short(gradient) for gradient in gradients if not math.isfinite(gradient)]
    return {text: texts.count(text) for text in sorted(set(texts))}


def _count(group: Group) -> str:
    count, what = len(group.gradients), ("parameter", "parameters")
    if not group.of_parameters:
        count, what = (group.nodes, ("node", "nodes")) if group.nodes else (count, ("leaf", "leaves"))
    return f"{count:,} {what[count != 1]}"


def _header(name: str, corner: str, sheet: Sheet) -> str:
    """Return the row with the name at the left, the op or the number of calls at the right."""
    cells = cell(sheet.bold(elided(name), "ink"), height=17, more='VALIGN="BOTTOM"')
    if corner:
        cells += cell("", width=6)
        cells += cell(sheet.text(corner, "soft"), align="RIGHT", more='VALIGN="TOP"')
    return row(f"<TD>{table(row(cells))}</TD>")


def _gradient(gradient: float, sheet: Sheet) -> list[str]:
    if not sheet.scene.swept:
        return [_number("∂", UNKNOWN, "soft", sheet)]
    rows = [_number("∂", signed(gradient), tint(gradient), sheet)]
    return [*rows, _bar(bar(gradient, sheet.scale.gradient, sheet.colours))]


def _bar(drawn: str) -> str:
    return row(cell(drawn, height=9, more='VALIGN="BOTTOM"'))


def _number(mark: str, number: str, role: str, sheet: Sheet) -> str:
    before = 13 if len(mark) < 2 else 30
    width = max(WIDTH - before, 8 * len(number))
    slots = slot(sheet.text(mark, role if len(mark) < 2 else "soft") if mark else "", before, 15)
    return row(cell(fixed(slots + slot(sheet.text(number, role), width, 15), before + width, 15)))
