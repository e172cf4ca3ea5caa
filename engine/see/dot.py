"""A scene as DOT text: boxes as HTML-like labels, edges by sign and size, the legend below."""

import math
from collections.abc import Iterable, Iterator

from engine.see.cells import cell, fixed, plate, row, runs, slot, table, text, tooltip
from engine.see.digits import FIGURE_SPACE, short, signed
from engine.see.names import Unique, elided
from engine.see.scene import Box, Edge, Fold, Scene
from engine.see.theme import palette, tint

WIDTH, HALF = 79, 39
"""Of a bar, and of its longer possible side, in points."""
MOST_LABELLED_EDGES = 24
MANY_EDGES = 3
"""Edges into one box that each keep their own side: more of them meet in one port."""
PORTS = {"LR": (":e", ":w"), "TB": (":s", ":n")}
RECORDED = "Recorded, no sweep yet: values only. y.backward() fills in the gradients ∂."
FOLDED = "those that contribute least; Σ|∂| is the sum of their |gradients|"
CUT_FOLDED = "those on the way, or of a list; Σ|∂| is the sum of their |gradients|"
MARKED = "a thick edge, or the value in a thick border; the text on it says how"
CUT = "a part of {} nodes, around what is wrong; a dashed box has operands that are not drawn"
FAULT = 4.5
"""The width of a marked edge, wider than any other."""
LONGEST_LINE = 60
"""Of the text of a mark."""


def source(scene: Scene, *, rankdir: str, theme: str) -> str:
    """Return the DOT text of a scene; ValueError for an unknown rankdir or theme.

    >>> x = Box("x", "x", "", 2.0, 0.0)
    >>> source(Scene([x], [], False), rankdir="LR", theme="light").split()[:2]
    ['digraph', 'chainrule']
    """
    if rankdir not in PORTS:
        raise ValueError(f"rankdir is LR (left to right) or TB (top to bottom), got {rankdir!r}")
    return "\n".join(_Sheet(scene, palette(theme), rankdir).lines()) + "\n"


class _Sheet:
    """One drawing: its colours, and what bars and edges are scaled by."""

    def __init__(self, scene: Scene, colours: dict[str, str], rankdir: str) -> None:
        self.scene = scene
        self.colours = colours
        self.rankdir = rankdir
        self.largest_gradient = _largest([box.grad for box in scene.boxes if isinstance(box, Box)])
        self.largest_contribution = _largest([c for edge in scene.edges for c in edge.contributions])
        arriving: dict[str, int] = {}
        for edge in scene.edges:
            arriving[edge.target] = arriving.get(edge.target, 0) + 1
        self.crowded = {key for key, count in arriving.items() if count > MANY_EDGES}
        few = len(scene.edges) <= MOST_LABELLED_EDGES
        marked = any(edge.mark for edge in scene.edges)
        self.labelled = few and not (marked and self.crowded)  # in a crowd the mark's text stands alone

    def lines(self) -> Iterator[str]:
        yield "digraph chainrule {"
        spread = f"nodesep=0.2, ranksep={1.2 if self.crowded else 0.32}"
        if self.crowded and not self.labelled:
            spread += ", splines=line, outputorder=edgesfirst"
        yield (
            f'  graph [rankdir={self.rankdir}, bgcolor="{self.colours["paper"]}", ordering=in, {spread}, '
            'pad=0.2, fontname="Helvetica", fontsize=11];'
        )
        yield '  node [shape=plain, fontname="Helvetica"];'
        yield '  edge [fontname="Helvetica", fontsize=11, arrowsize=0.6];'
        yield f"  label=<{table(row(cell('', height=12)) + self.legend())}>; labelloc=b; labeljust=l;"
        for box in self.scene.boxes:
            yield self.fold(box) if isinstance(box, Fold) else self.box(box)
        unique = Unique("~")
        for edge in self.scene.edges:
            yield self.edge(edge, unique.take(f"e-{edge.source}-{edge.target}"))
        yield "}"

    def box(self, box: Box) -> str:
        rows = [self.header(box.name, box.corner), self.number("", signed(box.data), "ink")]
        if box.mark:
            rows += [row(cell("", height=2)), row(cell(self.plate(box.mark))), row(cell("", height=2))]
        if self.scene.swept:
            rows += [self.number("∂", signed(box.grad), tint(box.grad)), self.bar(box.grad)]
        else:
            rows += [self.number("∂", f"{FIGURE_SPACE}–", "soft")]
        kind = "op" if box.corner else "leaf"
        paper = "paper" if box.corner else "panel"
        styles = ([] if box.corner else ["ROUNDED"]) + (["DASHED"] if box.more else [])
        border, line = 1, "edge"
        if box.key == self.scene.output.key:
            kind, border, line = f"{kind} output", 2, "ink"
        if box.mark:
            kind, border, line = f"{kind} fault", 4, "fault"
        return self.node(box, kind, rows, border=border, line=line, paper=paper, style=",".join(styles))

    def fold(self, fold: Fold) -> str:
        total = short(fold.total) if self.scene.swept else "–"
        rows = [
            self.header(f"{fold.size} more", fold.corner),
            row(cell(self.text(elided(fold.name), "soft"), height=15)),
            row(cell(self.text(f"Σ|∂|  {total}", "soft"), height=15)),
        ]
        return self.node(fold, "fold", rows, border=1, line="edge", paper="paper", style="ROUNDED,DASHED")

    def node(
        self,
        box: Box | Fold,
        kind: str,
        rows: list[str],
        *,
        border: int,
        line: str,
        paper: str,
        style: str,
    ) -> str:
        frame = f'COLOR="{self.colours[line]}" BGCOLOR="{self.colours[paper]}"'
        frame += f' STYLE="{style}"' if style else ""
        tip = "" if elided(box.name) == box.name else f", {tooltip(box.name)}"
        return (
            f'  "{box.key}" [id="n-{box.key}", class="{kind}"{tip}, label=<'
            f'<TABLE BORDER="{border}" CELLBORDER="0" CELLSPACING="0" CELLPADDING="7" {frame}>'
            f"<TR><TD>{table(''.join(rows))}</TD></TR></TABLE>>];"
        )

    def text(self, content: str, role: str, size: int = 12) -> str:
        return text(content, self.colours[role], size)

    def plate(self, content: str) -> str:
        """Draw what is wrong, paper on the colour of faults, as nothing else is."""
        lines = [self.text(elided(line, LONGEST_LINE), "paper", 11) for line in content.splitlines()]
        return plate([f"<B>{line}</B>" for line in lines], self.colours["fault"])

    def header(self, name: str, corner: str) -> str:
        """Draw the name at the left, the op at the right."""
        cells = cell(f"<B>{self.text(elided(name), 'ink')}</B>", height=17, more='VALIGN="BOTTOM"')
        if corner:
            cells += cell("", width=6)
            cells += cell(self.text(corner, "soft"), align="RIGHT", more='VALIGN="TOP"')
        return row(f"<TD>{table(row(cells))}</TD>")

    def number(self, mark: str, number: str, role: str) -> str:
        width = max(WIDTH - 13, 7 * len(number))
        slots = slot(self.text(mark, role) if mark else "", 13, 15) + slot(self.text(number, role), width, 15)
        return row(cell(fixed(slots, 13 + width, 15)))

    def bar(self, gradient: float) -> str:
        """Draw a gradient to the left or the right of the middle, as long as its share of the largest."""
        share = _share(gradient, self.largest_gradient)
        length = max(1, round(HALF * share)) if share else 0
        track, bar = self.colours["drawn track"], self.colours[_line(gradient)]
        left = [(HALF - length, track), (length, bar)] if gradient < 0 else [(HALF, track)]
        right = [(length, bar), (HALF - length, track)] if gradient > 0 else [(HALF, track)]
        return row(
            cell(runs([*left, (1, self.colours["soft"]), *right], 4), height=9, more='VALIGN="BOTTOM"')
        )

    def edge(self, edge: Edge, name: str) -> str:
        tail, head = PORTS[self.rankdir] if edge.target in self.crowded else ("", "")
        if edge.mark:
            return self.marked(edge, name, tail, head)
        return f'  "{edge.source}"{tail} -> "{edge.target}"{head} [id="{name}", {self.look(edge)}];'

    def marked(self, edge: Edge, name: str, tail: str, head: str) -> str:
        """Draw an edge that is wrong as two, between them its text: so it has room in any drawing."""
        behind, before = PORTS[self.rankdir]
        look = f'class="fault", color="{self.colours["fault"]}", penwidth={FAULT}'
        if self.scene.swept and sum(edge.contributions) < 0:
            look += ", style=dashed"
        text, tip = f"{name}~text", tooltip(edge.mark.replace("\n", "; "))
        lines = [
            f'  "{text}" [id="{text}", class="fault", {tip}, label=<{self.plate(edge.mark)}>];',
            f'  "{edge.source}"{tail} -> "{text}"{before} [id="{name}~tail", {look}, arrowhead=none];',
            f'  "{text}"{behind} -> "{edge.target}"{head} [id="{name}", {look}];',
        ]
        return "\n".join(lines)

    def look(self, edge: Edge) -> str:
        """Return how an edge looks: a fold has no one sign, a detached edge nothing to tell."""
        plain = f'color="{self.colours["edge"]}"'
        if not self.scene.swept:
            return plain
        if not edge.contributions:
            return plain + _dash(edge)
        if len(edge.contributions) > 1:
            return f"{plain}, {self.penwidth(sum(map(abs, edge.contributions)))}"
        contribution = edge.contributions[0]
        look = f'color="{self.colours[_line(contribution)]}", '
        if self.labelled:
            look += f'fontcolor="{self.colours[tint(contribution)]}", label="{short(edge.partials[0])}", '
        return look + self.penwidth(contribution) + _dash(edge)

    def penwidth(self, contribution: float) -> str:
        return f"penwidth={1 + 2.2 * min(1.0, _share(contribution, self.largest_contribution)):.2f}"

    def legend(self) -> str:
        if not self.scene.swept:
            remarks = self.remarks()
            span = 'COLSPAN="9"' if remarks else ""
            return row(cell(self.text(RECORDED, "soft", 11), more=span)) + remarks
        output = self.scene.output
        swept = elided(output.name, 18) if output.grad == 1.0 else "what was swept"
        dash, gap = (6, "negbar"), (4, "paper")
        bar = [(30, "negbar"), (1, "soft"), (29, "posbar")]
        edge = [dash, gap, dash, gap, dash, (8, "paper"), (26, "posbar")]
        sentence = "wider is larger; the number is the partial" if self.labelled else "wider is larger"
        rows = self.sample(
            f"Bars: gradient ∂ of {swept}", bar, 4, f"longest possible = {short(self.largest_gradient)}"
        )
        rows += self.sample("Edges: contribution", edge, 2, sentence)
        if any(isinstance(box, Fold) for box in self.scene.boxes):
            rows += self.remark(self.caption("Boxes: … more"), CUT_FOLDED if self.scene.cut else FOLDED)
        return rows + self.remarks()

    def remarks(self) -> str:
        """Tell what a mark means, and what a cut drawing leaves out."""
        remarks = []
        if any(part.mark for part in [*self.scene.boxes, *self.scene.edges] if not isinstance(part, Fold)):
            ground = f'CELLPADDING="2" BGCOLOR="{self.colours["fault"]}"'
            title = f"<B>{self.text('Wrong', 'paper', 11)}</B>"
            remarks.append((cell(title, height=18, more=ground), MARKED))
        if self.scene.cut:
            remarks.append((self.caption("Cut"), CUT.format(self.scene.cut)))
        return "".join([self.remark(title, sentence) for title, sentence in remarks])

    def remark(self, title: str, sentence: str) -> str:
        return row(title + cell("", width=10) + cell(self.text(sentence, "soft", 11), more='COLSPAN="7"'))

    def sample(self, title: str, lengths: list[tuple[int, str]], height: int, sentence: str) -> str:
        swatch = runs([(length, self.colours[role]) for length, role in lengths], height)
        cells = [self.caption(title), self.caption("negative"), cell(swatch), self.caption("positive")]
        return row(cell("", width=10).join([*cells, self.caption(sentence)]))

    def caption(self, content: str) -> str:
        return cell(self.text(content, "soft", 11), height=18)


def _dash(edge: Edge) -> str:
    """Return the style of an edge: dashed is negative, dotted adds nothing."""
    contribution = edge.contributions[0] if edge.contributions else 0.0
    if contribution < 0:
        return ", style=dashed"
    return ", style=dotted" if contribution == 0 else ""


def _largest(numbers: Iterable[float]) -> float:
    return max([abs(x) for x in numbers if math.isfinite(x)], default=0.0)


def _share(number: float, largest: float) -> float:
    """Return |number| / largest; all of it for an infinite number, nothing for nan."""
    size = abs(number)
    if size == math.inf:
        return 1.0
    return size / largest if size > 0 else 0.0


def _line(number: float) -> str:
    """Return the role in which a derivative is drawn as a bar or a line."""
    return {"pos": "posbar", "neg": "negbar", "soft": "edge", "ink": "ink"}[tint(number)]
