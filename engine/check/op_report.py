"""What the check of one op found."""

from collections.abc import Sequence
from typing import NamedTuple, final

from engine.check.judge import PARTS, RIGHT, TITLES, UNCHECKED, WRONG, Finding
from engine.check.report import Culprit, Report, columns, placed, shown
from engine.op import Op

SLOPES = [TITLES[part] for part in PARTS]


class Part(NamedTuple):
    """One part of an op over all points: how many numbers were looked at, the worst, and the first fault."""

    title: str
    points: int
    worst: Finding | None
    fault: Finding | None
    exempt: int
    unchecked: int
    methods: dict[str, int]

    @property
    def is_known(self) -> bool:
        """Whether some number was compared with an exact one."""
        return self.points > self.unchecked


@final
class OpReport(Report):
    """What `check_op` found about `op`: `verdict`, `culprit`, `minimal` program, and `parts`, as in `table`.

    `points` is how many points were looked at, `source` what they were compared with; `notes` say what could
    not be looked at.

    >>> from engine import tanh
    >>> from engine.check import check_op
    >>> check_op(tanh, [0.0, 1.0]).title()
    'tanh is right: 2 points against its definition'
    """

    def __init__(
        self,
        op: Op,
        source: str,
        points: int,
        parts: list[Part],
        *,
        culprit: Culprit | None = None,
        minimal: str = "",
        notes: Sequence[str] = (),
    ) -> None:
        self.op = op
        self.source = source
        self.points = points
        self.parts = parts
        self.culprit = culprit
        self.minimal = minimal
        self.notes = list(notes)

    @property
    def verdict(self) -> str:
        """The verdict: "right", "wrong", or "undecided" where a partial met no exact one to compare with."""
        if self.culprit is not None:
            return WRONG
        slopes = [part for part in self.parts if part.title in SLOPES]
        return RIGHT if slopes and all(part.is_known for part in slopes) else "undecided"

    def title(self) -> str:
        """Return the op, the verdict, and what it was compared with."""
        return f"{self.op.name} is {self.verdict}: {self.points} points against {self.source}"

    def table(self, most: int | None = None) -> str:
        """Return a row for each part: how far off the worst point is, and where."""
        rows = [["part", "verdict", "worst, ulp", "at", "got", "exactly"]]
        for part in self.parts:
            finding = part.fault or part.worst
            if finding is None:
                verdict = RIGHT if part.is_known else UNCHECKED
                at = f"{part.exempt} at listed exceptions" if part.exempt else ""
                rows.append([part.title, verdict, "", at, "", ""])
                continue
            exact = finding.truth.exact if finding.truth.sides is None else sorted(finding.truth.sides)
            rows.append(
                [part.title, finding.verdict, f"{finding.ulp:.3g}", placed(finding.operands),
                 f"{finding.got!r}", shown(exact)]
            )  # fmt: skip
        return columns(rows[: None if most is None else most + 1], right=[2])

    def draw(self) -> None:
        """Return None: one op has no graph to draw."""
