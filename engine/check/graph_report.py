"""What the check of a graph found: the nodes, the gradient by each leaf, the culprit, and its picture."""

from collections.abc import Sequence
from typing import NamedTuple, final

from engine.check.graph import Kink, Local
from engine.check.judge import PARTS, RIGHT, TITLES, WRONG, Finding
from engine.check.report import Culprit, columns, shown
from engine.see.digits import short
from engine.see.drawing import Drawing, Mark, draw
from engine.see.names import elided, names, reading
from engine.value import Value

UNDECIDED = "undecided"


class Leaf(NamedTuple):
    """The gradient by one leaf: in floats, exactly (None where no many digits are to be had), and a verdict.

    `condition` is how much the program magnifies the rounding of its operations, one unit each, in this
    gradient: a condition of 1e10 leaves 6 of 16 digits.
    """

    value: Value
    gradient: float
    exact: object
    condition: float
    verdict: str


@final
class GraphReport:
    """What `check_gradients` found: `verdict`, `culprit`, `minimal` program, `table`, `draw`.

    `leaves` holds the gradients; `worst_ulp` is the largest error of a value or partial in units in the last
    place, listed exceptions left out; `notes` say what could not be looked at, and where a kink is near.
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
        self.notes = [*notes, *map(_near_kink, local.kinks)]

    @property
    def ok(self) -> bool:
        """Whether every gradient is right."""
        return self.verdict == RIGHT

    @property
    def verdict(self) -> str:
        """Return "right", "wrong", or "undecided" where the program is too ill-conditioned."""
        if self.culprit is not None:
            return WRONG
        return UNDECIDED if any(leaf.verdict == UNDECIDED for leaf in self.leaves) else RIGHT

    @property
    def worst_ulp(self) -> float:
        """The largest error of a value or partial, in units in the last place."""
        findings = [f for found in self.local.findings.values() for f in found]
        return max((f.ulp for f in findings if not f.exempt), default=0.0)

    def table(self) -> str:
        """Return a row for each node (value, its error, its partials and theirs), then one for each leaf."""
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
            condition = "" if leaf.exact is None else f"{leaf.condition:.2g}"
            name = elided(known[leaf.value].text) if leaf.value in known else leaf.value.label
            leaves.append([name, f"{leaf.gradient!r}", exact, condition, leaf.verdict])
        return f"{columns(rows, right=[3])}\n\n{columns(leaves)}"

    def draw(self) -> Drawing:
        """Return a picture of the graph, gradients included, with what is wrong marked."""
        self.output.backward()
        return draw(self.output, marks=[] if self.mark is None else [self.mark])

    def __str__(self) -> str:
        nodes = len(self.local.nodes)
        title = f"{nodes} nodes, {len(self.leaves)} leaves: {self.verdict}, worst {self.worst_ulp:.3g} ulp"
        parts = [title if self.culprit is None else str(self.culprit)]
        if self.minimal:
            parts.append(f"The smallest program that shows it:\n\n{self.minimal}\n")
        if self.culprit is not None:
            parts.append(title)
        return "\n".join([*parts, *self.notes, self.table()])

    __repr__ = __str__


def _ulps(findings: Sequence[Finding]) -> str:
    return " ".join(f.verdict if f.verdict != RIGHT else f"{f.ulp:.2g}" for f in findings)


def _near_kink(kink: Kink) -> str:
    assert kink.node.op is not None
    part = TITLES[PARTS[kink.operand]] + ("" if kink.element is None else f"[{kink.element}]")
    place = "on a kink" if kink.margin == 0.0 else f"{abs(kink.margin):.2g} from a kink"
    below, above = kink.sides
    return f"{kink.node.op.name} stands {place}: {part} is {below!r} on one side and {above!r} on the other."
