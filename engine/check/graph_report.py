"""What the check of a graph found: the nodes, the gradient by each leaf, the culprit, and its picture."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, final

from engine.check.differences import DIGITS as DIGITS_OF
from engine.check.graph import Kink, Local
from engine.check.judge import PARTS, RIGHT, TITLES, UNCHECKED, WRONG, Finding
from engine.check.report import Culprit, Report, columns, shown
from engine.check.sums import sweeping
from engine.see.digits import short
from engine.see.drawing import Drawing, Mark, draw
from engine.see.names import elided, names, reading
from engine.value import Value

UNDECIDED = "undecided"
MOST_KINKS = 12
"""So many edges next to a kink are described."""


class Leaf(NamedTuple):
    """The gradient by one leaf: in floats, exactly (None where no many digits are to be had), and a verdict.

    `room` is how far rounding and underflow may take the floats from the exact gradient; `condition` is how
    much the program magnifies the rounding of its operations, one unit each, in this gradient: a condition
    of 1e10 leaves 6 of 16 digits.
    """

    value: Value
    gradient: float
    exact: Any
    room: float
    condition: float
    verdict: str


@final
class GraphReport(Report):
    """What `check_gradients` found about `output`: `verdict`, `culprit`, `minimal` program, `table`, `draw`.

    `leaves` holds the gradients, the inputs first; `local` what was found node by node; `mark` is what `draw`
    marks, None where nothing is wrong; `notes` say what could not be looked at, and where a kink is near.

    >>> from engine.check import check_gradients
    >>> report = check_gradients(lambda x, w: x * w, 2.0, -3.0)
    >>> print(report.table())
    node  op  value  ulp  partials  ulp
    x*w   *   −6.0     0  −3.0 2.0  0 0
    <BLANKLINE>
    input  gradient  exactly  condition  verdict
    x      -3.0      -3.0     2          right
    w      2.0       2.0      2          right
    """

    def __init__(
        self,
        output: Value,
        local: Local,
        leaves: Sequence[Leaf],
        *,
        culprit: Culprit | None = None,
        mark: Mark | None = None,
        minimal: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        self.output = output
        self.local = local
        self.leaves = leaves
        self.culprit = culprit
        self.mark = mark
        self.minimal = minimal
        self.notes = [*notes, *filter(None, map(_doubt, leaves)), *map(_near_kink, local.kinks[:MOST_KINKS])]
        if len(local.kinks) > MOST_KINKS:
            self.notes.append(f"So do {len(local.kinks) - MOST_KINKS} other edges.")

    @property
    def verdict(self) -> str:
        """The verdict: "right", "wrong", or "undecided" where the program is too ill-conditioned."""
        if self.culprit is not None:
            return WRONG
        return UNDECIDED if any(leaf.verdict == UNDECIDED for leaf in self.leaves) else RIGHT

    @property
    def worst_ulp(self) -> float:
        """The largest error of a value or partial, in units in the last place, listed exceptions left out."""
        return max((f.ulp for f in self._findings if not f.exempt), default=0.0)

    @property
    def _findings(self) -> list[Finding]:
        return [f for found in self.local.findings.values() for f in found]

    def title(self) -> str:
        """Return the size of the graph, the verdict, the largest error, and what that leaves out."""
        worst = self.worst_ulp
        text = f"{len(self.local.nodes)} nodes, {len(self.leaves)} leaves: {self.verdict}"
        text += f", worst {worst:.3g} ulp"
        rough = [f for f in self._findings if f.truth.source in DIGITS_OF and f.verdict != UNCHECKED]
        if rough:
            digits = max(DIGITS_OF[f.truth.source] for f in rough)
            text += f", {len(rough)} of the partials checked to {digits:.0e} only"
        others = [f for f in self._findings if f.exempt and f.truth.source not in DIGITS_OF and f.ulp > worst]
        return f"{text}, exceptions left out: {len(others)}" if others else text

    def table(self, most: int | None = None) -> str:
        """Return a row for each node (value, its error, its partials and theirs), then one for each leaf.

        With `most` no more than so many of each: of the nodes those that come before the one that is marked.
        """
        known = names(reading(self.output))
        rows = [["node", "op", "value", "ulp", "partials", "ulp"]]
        for node, findings in self.local.findings.items():
            assert node.op is not None
            value, *partials = findings
            rows.append(
                [elided(known[node].text), node.op.symbol, short(node.data), _ulps([value]),
                 " ".join(short(f.got) for f in partials), _ulps(partials)]
            )  # fmt: skip
        leaves = [["input", "gradient", "exactly", "condition", "verdict"]]
        for leaf in self.leaves:
            exact = "" if leaf.exact is None else shown(leaf.exact)
            condition = f"{leaf.condition:.2g}" if leaf.exact else ""  # of 0 there is none
            name = elided(known[leaf.value].text) if leaf.value in known else leaf.value.label
            leaves.append([name, f"{leaf.gradient!r}", exact, condition, leaf.verdict])
        nodes = list(self.local.findings)
        end = (
            len(rows) if self.mark is None or self.mark.node not in nodes else nodes.index(self.mark.node) + 2
        )
        return f"{_cut(rows, most, end, right=[3])}\n\n{_cut(leaves, most)}"

    def draw(self) -> Drawing:
        """Return a picture of the graph, gradients included, with what is wrong marked."""
        with sweeping(self.output):
            return draw(self.output, marks=[] if self.mark is None else [self.mark])


def _cut(
    rows: list[list[str]], most: int | None, end: int | None = None, *, right: Sequence[int] = ()
) -> str:
    """Return a table of the last rows up to `end`, and how many there are besides."""
    if most is None or len(rows) <= most + 1:
        return columns(rows, right=right)
    end = max(most + 1, end or 0)
    text = columns([rows[0], *rows[end - most : end]], right=right)
    return f"{text}\n... {len(rows) - 1 - most} more; table() has them all"


def _ulps(findings: Sequence[Finding]) -> str:
    return " ".join(f.verdict if f.verdict != RIGHT else f"{f.ulp:.2g}" for f in findings)


def _doubt(leaf: Leaf) -> str:
    if leaf.verdict != UNDECIDED or not leaf.exact or not math.isfinite(leaf.condition):
        return ""
    digits = max(0, round(16 - math.log10(leaf.condition)))
    return (
        f"The gradient by {leaf.value.label or 'a leaf'} is ill-conditioned: the program magnifies rounding "
        f"{leaf.condition:.2g} times, which leaves {digits} of 16 digits."
    )


def _near_kink(kink: Kink) -> str:
    assert kink.node.op is not None
    part = TITLES[PARTS[kink.operand]] + ("" if kink.element is None else f"[{kink.element}]")
    kind = "jump" if kink.jump else "kink"
    place = f"on a {kind}" if kink.margin == 0.0 else f"{abs(kink.margin):.2g} from a {kind}"
    what = "its value" if kink.jump else part
    below, above = kink.sides
    return f"{kink.node.op.name} stands {place}: {what} is {below!r} on one side and {above!r} on the other."
