"""One op: its value, every partial and second derivative at thousands of points against the exact ones."""

import inspect
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from engine.carrier import Carrier, as_number
from engine.check.differences import DIGITS
from engine.check.examine import Raised, at_infinity, examined, seconds, specials
from engine.check.judge import INACCURATE, PARTS, TITLES, UNCHECKED, WRONG, Finding, as_list
from engine.check.op_report import OpReport, Part
from engine.check.oracle import Oracle
from engine.check.points import draw_points, ends
from engine.check.programs import Line, Program, mapped
from engine.check.report import RAISES, Culprit, GradientError, culprit_of
from engine.check.shrink import shrunk
from engine.check.ulps import mp
from engine.op import Op

SEVERITY = (WRONG, INACCURATE)
SECOND_DRAWN = 2000
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

    Errors: GradientError, whose `report` it is, where a number is wrong or loses its digits; TypeError for
    what is no op, points that are no operands of it, and an `exact` that does not take them; ValueError for
    no points, a domain without a float, and a `count`, `ulps` or `order` that cannot be.

    >>> from engine import Interval, sigmoid
    >>> slope = lambda z, x: sigmoid(x)
    >>> swish = Op("swish", lambda x: x / (1 + math.exp(-x)), slope, domain=Interval(-700, 700))
    >>> check_op(swish)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    engine.check.report.GradientError: swish: ∂z/∂x at x = 1.0 is 0.7310585786300049, ...
    """
    _refuse(op, points, count, seed, order, ulps, exact)
    oracle = Oracle(op, exact)
    given = None if points is None else [_as_operands(op, point) for point in points]
    if given == []:
        raise ValueError(f"check_op({op.name}): points is empty, so nothing would be checked")
    looked = list(draw_points(op, count, seed, closed=True)) if given is None else given
    found: dict[str, list[Finding]] = {}
    raised: list[Raised] = []
    notes: list[str] = []
    faults = 0
    for count, operands in enumerate(looked, 1):  # noqa: B007 - how many were looked at
        try:
            for finding in examined(oracle, operands, ulps):
                found.setdefault(finding.title.partition("[")[0], []).append(finding)
                faults += finding.verdict in SEVERITY
        except Raised as error:
            raised.append(error)
        if faults >= ENOUGH:
            break
    if given is None:
        clear = order > 1 and faults < ENOUGH
        of_second = draw_points(op, SECOND_DRAWN, seed + 1, closed=True) if clear else ()
        for finding in itertools.chain(specials(oracle, ulps), seconds(oracle, of_second)):
            found.setdefault(finding.title.partition("[")[0], []).append(finding)
        notes = list(at_infinity(oracle))
    parts = [_part(title, findings) for title, findings in found.items()]
    source = oracle.source
    if not any(f.truth.source == source for found_of in found.values() for f in found_of):
        source = "differences of its own function in floats"
    notes = [*notes, *_raised_notes(op, raised, count), *_notes(oracle, parts)]
    fault = _worst(parts)
    culprit, minimal = _never(op, raised, count), ""
    if fault is not None:
        fault, minimal = _shrunk(fault, oracle, ulps)
        culprit = culprit_of(fault, _hint(oracle, fault))
    report = OpReport(op, source, count, parts, culprit=culprit, minimal=minimal, notes=notes)
    if culprit is not None:
        raise GradientError(report)
    return report


def _refuse(op: Any, points: Any, count: Any, seed: Any, order: Any, ulps: Any, exact: Any) -> None:
    if not isinstance(op, Op):
        raise TypeError(f"check_op takes an op such as engine.tanh or Op('name', value, partial), got {op!r}")
    for within in op.domain:
        try:
            ends(within)
        except ValueError as error:
            raise ValueError(f"check_op({op.name}): {error}") from None
    operands = tuple("xy"[: op.arity])
    _refuse_signature(op, "a value", op.value, operands)
    for partial in op.partials:
        _refuse_signature(op, "a partial", partial, ("z", *operands))
    if exact is not None:
        if not callable(exact):
            raise TypeError(f"check_op({op.name}): exact is a function on numbers of mpmath, got {exact!r}")
        _refuse_signature(op, "exact, the truth", exact, operands)
    if points is not None and (isinstance(points, (str, Carrier)) or not isinstance(points, Iterable)):
        raise TypeError(f"check_op({op.name}): points is a list of operands, got {points!r}")
    if not isinstance(count, int) or count < 1:
        raise ValueError(f"count is the number of points, 1 or more; got {count!r}")
    if not isinstance(seed, int):
        raise TypeError(f"seed is a whole number, got {seed!r}")
    if order not in (1, 2):
        raise ValueError(f"order is 1, or 2 for second derivatives too; got {order!r}")
    if ulps is not None and not (isinstance(ulps, (float, int)) and 0.5 <= ulps < math.inf):
        raise ValueError(f"ulps is an error in units in the last place, at least 0.5; got {ulps!r}")


def _refuse_signature(op: Op, what: str, function: Any, takes: tuple[str, ...]) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # a number, or a function made by C
    try:
        signature.bind(*takes)
    except TypeError:
        raise TypeError(
            f"check_op({op.name}): {what} of it takes {', '.join(takes)}, but is a function of {signature}"
        ) from None


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


def _raised_notes(op: Op, raised: list[Raised], count: int) -> Iterator[str]:
    """Yield how often an op raised, where, and what to do. Nothing is silent there: it is no fault."""
    for part, title in (("z", "value"), ("dx", "slope")):
        errors = [error for error in raised if error.part == part]
        if errors:
            simplest = min(errors, key=lambda error: len(repr(error.operands)))
            yield (
                f"The {title} raised at {len(errors)} of {count} points: {simplest}; "
                "or say where the op is defined: Op(..., domain=Interval(low, high))."
            )


def _never(op: Op, raised: list[Raised], count: int) -> Culprit | None:
    """Return the fault of an op that has no value, or no slope, at any point."""
    if len(raised) < count:
        return None
    error = raised[0]
    part = "value" if error.part == "z" else "slope"
    return Culprit(op.name, part, error.operands, math.nan, mp.nan, math.inf, RAISES, str(error))


def _hint(oracle: Oracle, fault: Finding) -> str:
    """Return what may have made a second derivative wrong."""
    if len(fault.part) < 4 or not oracle.is_made_of_floats(PARTS.index(fault.part[:2]), fault.operands):
        return ""
    title = TITLES[fault.part[:2]]
    return (
        f"The function of {title} calls what takes floats alone, so its own derivative is lost: write it "
        "with the engine's ops (engine.exp for math.exp), or leave it unchecked: check_op(..., order=1)."
    )


def _part(title: str, findings: list[Finding]) -> Part:
    counted = [f for f in findings if not f.exempt and f.verdict != UNCHECKED]
    methods = Counter(f.truth.source for f in findings if f.truth.source in DIGITS and f.verdict != UNCHECKED)
    faults = [f for f in findings if f.verdict in SEVERITY]
    faults.sort(key=lambda f: (SEVERITY.index(f.verdict), len(repr(f.operands))))
    return Part(
        title,
        len(findings),
        max(counted, key=lambda f: f.ulp, default=None),
        faults[0] if faults else None,
        sum(bool(f.exempt) for f in findings),
        sum(f.verdict == UNCHECKED for f in findings),
        methods,
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
    for part in parts:
        notes += [
            f"{part.title}: checked to {DIGITS[method]:.0e} only, at {count} points, against {method}."
            for method, count in part.methods.items()
        ]
        if part.unchecked:
            notes.append(f"{part.title}: nothing to compare with at {part.unchecked} points.")
    return notes
