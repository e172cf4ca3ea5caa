"""One op: its value, every partial and second derivative at thousands of points against the exact ones."""

import itertools
import math
from collections.abc import Callable, Iterable
from typing import Any

from engine.carrier import as_number
from engine.check.examine import examined, seconds, specials
from engine.check.judge import (
    INACCURATE,
    UNCHECKED,
    WRONG,
    Finding,
    as_list,
)
from engine.check.op_report import OpReport, Part
from engine.check.oracle import Oracle
from engine.check.points import draw_points
from engine.check.programs import Line, Program, mapped
from engine.check.report import Culprit, GradientError, culprit_of
from engine.check.shrink import shrunk
from engine.check.ulps import mp
from engine.op import Op

SEVERITY = (WRONG, INACCURATE)
ENOUGH = 50
"""After so many faults no more points are looked at."""


def check_op(
    op: Op,
    points: Iterable[Any] | None = None,
    *,
    count: int = 1000,
    seed: int = 0,
    ulps: float | None = None,
    order: int = 2,
    exact: Callable[..., Any] | None = None,
) -> OpReport:
    """Compare an op's value, partials and second derivatives with the exact ones, and return a report.

    `points` are operands: numbers for an op of one number, else tuples; without them `count` are drawn from
    the domain, edges first, from `seed`. The truth has 60 digits and more: the definitions of the table's
    rows, and for any other op its own value function, run on numbers of many digits; `exact` replaces it by a
    function on numbers of mpmath. Reverse and forward mode must give what the partials give. `order` 1 leaves
    out second derivatives.

    The rows of the table are held to their own bounds, others to `ulps` units in the last place; where that
    is None to 16, or to what exact results at operands a few floats away allow.

    Errors: GradientError, whose `report` it is, where a number is wrong or loses its digits; TypeError and
    ValueError for what is no op, and for points that are no operands of it.

    >>> from engine import Interval, sigmoid
    >>> slope = lambda z, x: sigmoid(x)
    >>> check_op(Op("swish", lambda x: x / (1 + math.exp(-x)), slope, domain=Interval(-700, 700)))
    Traceback (most recent call last):
    ...
    engine.check.report.GradientError: swish: ∂z/∂x at x = 1.0 is 0.7310585786300049, ...
    """
    _refuse(op, count, order, ulps)
    oracle = Oracle(op, exact)
    given = None if points is None else [_as_operands(op, point) for point in points]
    if given == []:
        raise ValueError(f"check_op({op.name}): points is empty, so nothing would be checked")
    looked = list(draw_points(op, count, seed)) if given is None else given
    found: dict[str, list[Finding]] = {}
    raised: Culprit | None = None
    faults = 0
    for count, operands in enumerate(looked, 1):  # noqa: B007 - how many were looked at
        try:
            for finding in examined(oracle, operands, ulps):
                found.setdefault(finding.title.partition("[")[0], []).append(finding)
                faults += finding.verdict in SEVERITY
        except ArithmeticError as error:
            raised = raised or _raised(op, operands, error)
        if faults >= ENOUGH:
            break
    if given is None:
        for finding in itertools.chain(specials(oracle, ulps), seconds(oracle, seed) if order > 1 else ()):
            found.setdefault(finding.title, []).append(finding)
    parts = [_part(title, findings) for title, findings in found.items()]
    notes = _notes(oracle, parts)
    fault = _worst(parts)
    if fault is None and raised is None:
        return OpReport(op, oracle.source, count, parts, notes=notes)
    minimal = ""
    if fault is not None:
        fault, minimal = _shrunk(fault, oracle, ulps)
        raised = culprit_of(fault)
    raise GradientError(
        OpReport(op, oracle.source, count, parts, culprit=raised, minimal=minimal, notes=notes)
    )


def _refuse(op: Any, count: int, order: int, ulps: float | None) -> None:
    if not isinstance(op, Op):
        raise TypeError(f"check_op takes an op such as engine.tanh or Op('name', value, partial), got {op!r}")
    if count < 1:
        raise ValueError(f"count is the number of points, 1 or more; got {count}")
    if order not in (1, 2):
        raise ValueError(f"order is 1, or 2 for second derivatives too; got {order}")
    if ulps is not None and not 0.5 <= ulps < math.inf:
        raise ValueError(f"ulps is an error in units in the last place, at least 0.5; got {ulps}")


def _as_operands(op: Op, point: Any) -> tuple[Any, ...]:
    """Return a point as the operands of an op: floats, tuples of floats for lists."""
    if not isinstance(point, (tuple, list)):
        point = (point,)
    operands = op.checked(tuple(point))
    return tuple(
        tuple([float(as_number(x, op.name)) for x in operand])
        if isinstance(operand, tuple)
        else float(operand)
        for operand in operands
    )


def _raised(op: Op, operands: tuple[Any, ...], error: ArithmeticError) -> Culprit:
    hint = "Where an op is not defined, say so: Op(..., domain=Interval(low, high))."
    return Culprit(op.name, "value", operands, math.nan, mp.nan, math.inf, "raises", f"{error}\n{hint}")


def _part(title: str, findings: list[Finding]) -> Part:
    counted = [f for f in findings if not f.exempt and f.verdict != UNCHECKED]
    faults = [f for f in findings if f.verdict in SEVERITY]
    faults.sort(key=lambda f: (SEVERITY.index(f.verdict), len(repr(f.operands))))
    return Part(
        title,
        len(findings),
        max(counted, key=lambda f: f.ulp, default=None),
        faults[0] if faults else None,
        sum(bool(f.exempt) for f in findings),
        sum(f.verdict == UNCHECKED for f in findings),
    )


def _worst(parts: list[Part]) -> Finding | None:
    """Return the fault to look at first: wrong before inaccurate, the value before partials."""
    faults = [part.fault for part in parts if part.fault is not None]
    return min(faults, key=lambda f: (SEVERITY.index(f.verdict), len(f.part)), default=None)


def _shrunk(fault: Finding, oracle: Oracle, ulps: float | None) -> tuple[Finding, str]:
    """Return the same fault at the simplest operands at which it stands, and its program."""
    op = fault.op
    found = {fault.operands: fault}

    def fails(program: Program) -> bool:
        results = program.run()
        for line in program.lines:
            if line.op is op:
                operands = mapped(lambda x: results[x] if type(x) is int else x, line.operands)
                for finding in _at(oracle, operands, ulps):
                    if finding.part == fault.part and finding.verdict == fault.verdict:
                        found[operands] = finding
                        return True
        return False

    numbers = [x for operand in fault.operands for x in as_list(operand, 1)]
    places = iter(range(len(numbers)))
    operands = mapped(lambda x: next(places), fault.operands)
    program = Program(tuple(numbers), (Line(op, operands),))
    if len(fault.part) == 2 and all(map(math.isfinite, numbers)):
        program = shrunk(program, fails)
        results = program.run()
        fault = found[mapped(lambda x: results[x] if type(x) is int else x, program.lines[0].operands)]
    return fault, program.source()


def _at(oracle: Oracle, operands: tuple[Any, ...], ulps: float | None) -> list[Finding]:
    try:
        return list(examined(oracle, operands, ulps))
    except ArithmeticError:
        return []


def _notes(oracle: Oracle, parts: list[Part]) -> list[str]:
    notes = [f"Not in many digits at {count} points ({reason})." for reason, count in oracle.left.items()]
    unchecked = {part.title: part.unchecked for part in parts if part.unchecked}
    notes += [f"{title}: nothing to compare with at {count} points." for title, count in unchecked.items()]
    return notes
