"""What a check found, as text: the culprit in one sentence, the rest as a table."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.check.differences import DIGITS as DIGITS_OF
from engine.check.judge import INACCURATE, RIGHT, Finding
from engine.check.ulps import SMALLEST_NORMAL, mp

DIGITS = 18
MOST_ROWS = 30
"""So many rows of a table are printed with a report."""
RAISES = "raises"


class Culprit(NamedTuple):
    """The number that is wrong: of which op, which part of it, at which operands, by how much, and why.

    `part` is "value", "∂z/∂x", "∂z/∂y" or what else was compared; `got` is the float that is wrong, `exact`
    the number of mpmath that it should be, `ulp` the error in units in the last place; `kind` is one or two
    words, `hint` what to do, or "".

    >>> print(Culprit("mul", "∂z/∂x", (2.0, 3.0), 2.0, mp.mpf(3), 2.0**51, "wrong"))
    mul: ∂z/∂x at x = 2.0, y = 3.0 is 2.0, exactly 3.0: off by 33.3 %, 2.25e+15 ulp
    """

    op: str
    part: str
    operands: tuple[Any, ...]
    got: float
    exact: Any
    ulp: float
    kind: str
    hint: str = ""

    def __str__(self) -> str:
        text = f"{self.op}: {self.part}"
        if self.operands:
            text += f" at {placed(self.operands)}"
        if self.kind == RAISES:
            return f"{text} and at every other point raises\n{self.hint}"
        text += f" is {self.got!r}, exactly {shown(self.exact)}{_off(self)}"
        return f"{text}\n{self.hint}" if self.hint else text


class Report(ABC):
    """What a check found: the `culprit` to look at first, the `minimal` program that shows it, and `notes`.

    `culprit` is None and `minimal` "" where nothing is wrong; `notes` say what could not be looked at.
    """

    culprit: Culprit | None
    minimal: str
    notes: list[str]

    @property
    @abstractmethod
    def verdict(self) -> str:
        """The verdict: "right", "wrong" or "undecided"."""

    @property
    def ok(self) -> bool:
        """Whether all that was looked at is right."""
        return self.verdict == RIGHT

    @abstractmethod
    def title(self) -> str:
        """Return what was checked and the verdict, in a line."""

    @abstractmethod
    def table(self, most: int | None = None) -> str:
        """Return what was looked at, as a table of all rows, or of so many at most."""

    def __str__(self) -> str:
        parts = [self.title() if self.culprit is None else str(self.culprit)]
        if self.minimal:
            parts.append(f"The smallest program that shows it:\n\n{self.minimal}\n")
        if self.culprit is not None:
            parts.append(self.title())
        return "\n".join([*parts, *self.notes, self.table(MOST_ROWS)])

    __repr__ = __str__


class GradientError(AssertionError):
    """A gradient is wrong; `report` tells which, where, and by how much.

    >>> from engine import Op
    >>> from engine.check import GradientError, check_op
    >>> try:
    ...     check_op(Op("square", lambda x: x * x, lambda z, x: x))
    ... except GradientError as error:
    ...     print(error.report.culprit)
    square: ∂z/∂x at x = 1.0 is 1.0, exactly 2.0: off by 50 %, 2.25e+15 ulp
    """

    def __init__(self, report: Report) -> None:
        super().__init__(str(report))
        self.report = report


def culprit_of(finding: Finding, hint: str = "") -> Culprit:
    """Return a finding that is not right as the culprit of a report."""
    truth = finding.truth
    exact = truth.exact if truth.sides is None else sorted(truth.sides)
    hints = [hint] if hint else []
    if finding.verdict == INACCURATE:
        hints.append(
            "In many digits the formula is right: in floats it cancels or overflows here. Write it otherwise,"
        )
        hints.append("or say where it holds: Op(..., domain=Interval(low, high)).")
    if finding.part == "z" and any(x != x for x in finding.operands) and mp.isnan(exact):
        hints.append("nan in should be nan out; Python's max, min and comparisons drop it.")
    if truth.source in DIGITS_OF:
        hints.append(f"Exactly is what {truth.source} say, to {mp.nstr(truth.error, 2)}.")
    return Culprit(
        finding.op.name, finding.title, finding.operands, finding.got, exact, finding.ulp, finding.verdict,
        "\n".join(hints),
    )  # fmt: skip


def placed(operands: tuple[Any, ...]) -> str:
    """Return operands by name.

    >>> placed((0.5, (1.0, 2.0)))
    'x = 0.5, y = [1.0, 2.0]'
    """
    texts = [repr(list(x)) if isinstance(x, tuple) else repr(x) for x in operands]
    return ", ".join(f"{name} = {text}" for name, text in zip("xy", texts, strict=False))


def shown(exact: Any) -> str:
    """Return a number of many digits in a few more than a float has; a pair as an interval."""
    if isinstance(exact, (list, tuple)):
        return f"between {shown(exact[0])} and {shown(exact[1])}"
    return str(mp.nstr(exact, DIGITS))


def _off(culprit: Culprit) -> str:
    if isinstance(culprit.exact, list) or not math.isfinite(culprit.got) or not mp.isfinite(culprit.exact):
        return ""
    if abs(culprit.exact) < SMALLEST_NORMAL:
        return ""
    share = float(abs(culprit.got - culprit.exact) / abs(culprit.exact))
    percent = f"{100 * share:.3g} %" if share >= 1e-4 else f"{share:.1e} of it"
    ulps = f", {culprit.ulp:.3g} ulp" if math.isfinite(culprit.ulp) else ""
    return f": off by {percent}{ulps}"


def columns(rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Return rows of cells, the first of them titles, as text in columns; those in `right` end in line.

    >>> print(columns([["op", "ulp"], ["tanh", "1.5"]], right=[1]))
    op    ulp
    tanh  1.5
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "\n".join(line.rstrip() for line in lines)
