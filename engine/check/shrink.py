"""Shrinking: the smallest program that still fails, found without randomness."""

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeAlias

from engine.check.domains import clear_of_trouble
from engine.check.programs import Line, Program, mapped
from engine.check.source import indices

Candidates: TypeAlias = Iterator[Callable[[], Program]]
"""Smaller programs to try, each made when it is called."""

LONG = 200
"""Up to so many lines every prefix is tried; longer programs are halved first."""


def shrunk(program: Program, fails: Callable[[Program], bool], *, max_calls: int = 1000) -> Program:
    """Return the smallest program that still fails; of `max_calls` programs at most it asks `fails`.

    First the program is cut at the earliest line that fails. Then, as long as that makes it smaller and it
    still fails: results in between become inputs, operands give way to numbers, lines to one of their
    operands, lists get shorter; last the numbers become 0, 1, or decimals of few digits. A program that
    stays clear of kinks and of the ends of domains is shrunk to one that does, too. What `fails` raises
    comes through.

    Errors: ValueError for a program that does not fail, TypeError where fails says neither True nor False.

    >>> from engine.check.programs import seeded, SMOOTH
    >>> def fails(program):
    ...     return any(op.name == "sigmoid" for op, _ in program.lines)
    >>> print(shrunk(seeded(3, SMOOTH, 25), fails))
    from engine import Value, sigmoid
    x = Value(0.0)
    sigmoid(x).backward()
    """
    search = _Search(program, fails, max_calls)
    search.cut()
    before = None
    while before is not search.best:
        before = search.best
        for candidates in (_nearest, _frozen, _bypassed, _numbered, _shortened, _decimals):
            search.follow(candidates)
    return search.best


class _Search:
    """The best program so far, and what may still be asked."""

    def __init__(self, program: Program, fails: Callable[[Program], bool], max_calls: int) -> None:
        self.fails, self.calls_left = fails, max_calls
        self.best, self.tame, self.tried = program, _tame(program), {program}
        if not self.asked(program):
            raise ValueError(f"the program to shrink does not fail:\n{program}")
        self.improved(program)

    def asked(self, program: Program) -> bool:
        self.calls_left -= 1
        verdict = self.fails(program)
        if verdict not in (True, False):
            raise TypeError(f"fails says True or False of a program, got {verdict!r}")
        return bool(verdict)

    def improved(self, candidate: Program) -> bool:
        """Keep a candidate if it is a program of recorded lines that still fails; return whether it is."""
        candidate = candidate.pruned()
        if candidate in self.tried or self.calls_left <= 0 or not candidate.lines or not candidate.inputs:
            return False
        self.tried.add(candidate)
        tame = _tame(candidate)
        if tame is None or (self.tame and not tame):
            self.calls_left -= 1  # making and running it was work, too
            return False
        if not self.asked(candidate):
            return False
        self.best, self.tame = candidate, tame
        return True

    def cut(self) -> None:
        """Cut the graph at the earliest line for which the lines up to there still fail."""
        step = len(self.best.lines) // 2
        while len(self.best.lines) > LONG and step:
            lines = self.best.lines
            if not self.improved(Program(self.best.inputs, lines[: max(1, len(lines) - step)])):
                step //= 2
            step = min(step, len(self.best.lines) // 2)
        if len(self.best.lines) <= LONG:
            inputs, lines = self.best
            any(self.improved(Program(inputs, lines[:count])) for count in range(1, len(lines)))

    def follow(self, candidates: Callable[[Program], Candidates]) -> None:
        """Go from one program to the next candidate that fails, until none does.

        After a step the candidates of the new program are taken up at the same place, not from the start:
        what failed to be simpler before rarely is so now, and another round will tell.
        """
        place = 0
        while self.calls_left > 0:
            for count, candidate in enumerate(candidates(self.best)):
                if count >= place and self.improved(candidate()):
                    place = count
                    break
            else:
                return


def _tame(program: Program) -> bool | None:
    """Whether all results are finite and all operands clear of kinks and ends of domains; None: it raises."""
    try:
        results = program.run()
    except Exception:  # whatever an op says of operands that do not suit it
        return None

    def number(x: Any) -> Any:
        return results[x] if type(x) is int else x

    return all(map(math.isfinite, results)) and all(
        clear_of_trouble(op, mapped(number, operands)) for op, operands in program.lines
    )


def _keeping(program: Program, kept: set[int]) -> Program:
    """Return the program in which the lines that are not kept are inputs, with the numbers they had."""
    first, results = len(program.inputs), program.run()
    freed = [first + i for i in range(len(program.lines)) if i not in kept]
    moved = {old: new for new, old in enumerate([*range(first), *freed])}
    moved |= {first + i: len(moved) + k for k, i in enumerate(sorted(kept))}

    def renumbered(x: Any) -> Any:
        return moved[x] if type(x) is int else x

    lines = [Line(op, mapped(renumbered, operands)) for op, operands in program.lines]
    return Program(
        (*program.inputs, *(results[i] for i in freed)), tuple([lines[i] for i in sorted(kept)])
    ).pruned()


def _nearest(program: Program) -> Candidates:
    """Keep only the lines within 0, 1, 2, 4, ... edges of the output."""
    first, kept, border, distance = len(program.inputs), set[int](), {len(program.lines) - 1}, 0
    while border:
        kept |= border
        border = {
            x - first for i in border for operand in program.lines[i].operands for x in indices(operand)
        }
        border = {i for i in border if i >= 0} - kept
        if border and distance & (distance - 1) == 0:
            yield partial(_keeping, program, kept.copy())
        distance += 1


def _frozen(program: Program) -> Candidates:
    """Make the result of one line an input."""
    for i in range(len(program.lines) - 2, -1, -1):
        yield partial(_without, program, i)


def _without(program: Program, i: int) -> Program:
    return _keeping(program, set(range(len(program.lines))) - {i})


def _bypassed(program: Program) -> Candidates:
    """Put an operand of a line in its place."""
    first = len(program.inputs)
    for i in range(len(program.lines) - 2, -1, -1):
        for operand in program.lines[i].operands:
            for by in indices(operand):
                yield partial(_replaced, program, range(i + 1, len(program.lines)), {first + i: by})


def _replaced(program: Program, where: range, by: dict[int, Any]) -> Program:
    """Return the program in which some lines read something else in the place of some results."""

    def exchanged(x: Any) -> Any:
        return by.get(x, x) if type(x) is int else x

    lines = [
        Line(op, mapped(exchanged, operands)) if i in where else Line(op, operands)
        for i, (op, operands) in enumerate(program.lines)
    ]
    return Program(program.inputs, tuple(lines))


def _numbered(program: Program) -> Candidates:
    """Put its number in the place of a result that a line reads, as long as the line reads another one."""
    results = program.run()
    for i, (_, operands) in enumerate(program.lines):
        read = dict.fromkeys(x for operand in operands for x in indices(operand))
        if len(read) > 1:
            for x in read:
                yield partial(_replaced, program, range(i, i + 1), {x: results[x]})
    for i, (op, operands) in enumerate(program.lines):
        places = [(p, q) for p, operand in enumerate(operands) for q in range(_width(operand))]
        recorded = [(p, q) for p, q in places if type(_at(operands, p, q)) is int]
        if len(recorded) > 1:
            for p, q in recorded:
                changed = _with(operands, p, q, results[_at(operands, p, q)])
                yield partial(_with_line, program, i, Line(op, changed))


def _shortened(program: Program) -> Candidates:
    """Leave out elements of lists, as many as possible at once; lists of one length stay so."""
    for i, (op, operands) in enumerate(program.lines):
        lengths = {len(operand) for operand in operands if isinstance(operand, tuple)}
        for length in lengths:
            out = length - 1
            while out:
                for start in range(0, length, out):
                    changed = tuple(
                        operand[:start] + operand[start + out :] if isinstance(operand, tuple) else operand
                        for operand in operands
                    )
                    if any(indices(operand) for operand in changed):
                        yield partial(_with_line, program, i, Line(op, changed))
                out //= 2


def _decimals(program: Program) -> Candidates:
    """Make a number 0, 1, or a decimal of fewer digits."""
    for i, x in enumerate(program.inputs):
        for simple in _simpler(x):
            yield partial(_with_input, program, i, simple)
    for i, (op, operands) in enumerate(program.lines):
        for p, operand in enumerate(operands):
            for q in range(_width(operand)):
                x = _at(operands, p, q)
                for simple in _simpler(x) if type(x) is float else ():
                    yield partial(_with_line, program, i, Line(op, _with(operands, p, q, simple)))


def _simpler(x: float) -> Iterator[float]:
    for simple in (0.0, 1.0, *(float(f"{x:.{digits}g}") for digits in range(1, 17))):
        if simple == x or x != x:
            return
        yield simple


def _width(operand: Any) -> int:
    return len(operand) if isinstance(operand, tuple) else 1


def _at(operands: tuple[Any, ...], p: int, q: int) -> Any:
    return operands[p][q] if isinstance(operands[p], tuple) else operands[p]


def _with(operands: tuple[Any, ...], p: int, q: int, x: Any) -> tuple[Any, ...]:
    whole = operands[p]
    changed = (*whole[:q], x, *whole[q + 1 :]) if isinstance(whole, tuple) else x
    return (*operands[:p], changed, *operands[p + 1 :])


def _with_input(program: Program, i: int, x: float) -> Program:
    return Program((*program.inputs[:i], x, *program.inputs[i + 1 :]), program.lines)


def _with_line(program: Program, i: int, line: Line) -> Program:
    return Program(program.inputs, (*program.lines[:i], line, *program.lines[i + 1 :]))
