"""The oracle: what the value and the partials of an op are at given floats, and how well that is known."""

import itertools
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

from engine.check.definitions import Row, definition, precision
from engine.check.differences import derivative, on_complex
from engine.check.precise import LeftOracle, Precise, many_digits
from engine.check.ulps import exactly, mp, mpf
from engine.op import Op

Place: TypeAlias = tuple[int, int | None]
"""A number among operands: the index of the operand, and its index there where that is a list."""
BITS = 300, 600, 1200, 2400, 4800
"""Working precisions, tried until two of them agree."""
AGREE = mpf(2) ** -80
BEYOND, NOTHING = mpf(2) ** 20000, mpf(2) ** -1200
"""Far above the largest float, where exponentials are cut off, and far below the smallest."""
DEFINITION, OWN, NOWHERE = "its definition", "its own function in many digits", "nothing"


class Truth(NamedTuple):
    """A number as the oracle knows it, to an absolute `error`, and how: `source`.

    On a kink `sides` holds the one-sided derivatives, from below and from above.
    """

    exact: Any
    error: Any
    source: str
    sides: tuple[Any, Any] | None = None


class Jump(Exception):
    """Differences grow without bound as the step shrinks: a jump or a pole."""


UNKNOWN = Truth(mp.nan, mp.inf, NOWHERE)


class Oracle:
    """The exact value and partials of one op.

    An op of the table goes by its definition. Any other by its own value function, run on numbers of many
    digits at rising precision, and by differences of that. Where the function does not take such numbers
    there is no oracle for the value, and partials are compared with the complex step, or with Ridders'
    differences; `left` counts why. `exact` is a value function on numbers of mpmath that replaces all this.

    >>> from engine.ops import tanh
    >>> Oracle(tanh).source
    'its definition'
    """

    def __init__(self, op: Op, exact: Callable[..., Any] | None = None) -> None:
        self.op = op
        self.row: Row | None = None if exact else definition(op)
        self.left: dict[str, int] = {}
        self._function = many_digits(op.value) if exact is None else None
        self._wide: Callable[..., Any] | None = None
        self._exact = exact

    @property
    def source(self) -> str:
        """How the numbers are known, in words."""
        if self.row is not None:
            return DEFINITION
        return OWN if self._exact is None else "the function given as exact"

    def value(self, operands: tuple[Any, ...]) -> Truth:
        """Return the value at floats, lists as tuples of floats."""
        if self.row is not None:
            with precision(self.op.name, operands):
                return Truth(_real(self.row.value(*map(exactly, operands))), mpf(0), DEFINITION)
        try:
            return Truth(_settled(lambda bits: self.at([*map(exactly, operands)], bits)), mpf(0), self.source)
        except Exception as error:  # whatever a user's function may raise on numbers it was not written for
            if self._is_finite(operands):
                self._leave(error)
            return UNKNOWN

    def partial(self, index: int, operands: tuple[Any, ...]) -> list[Truth]:
        """Return ∂z/∂operands[index] at floats, one Truth for each element of a list."""
        operand = operands[index]
        if self.row is not None:
            function = self.row.partials[index]
            if function is None:
                return []
            try:
                with precision(self.op.name, operands):
                    slopes = function(*map(exactly, operands))
            except ZeroDivisionError:
                if len(operands) == 1 and operands[0] in (self.op.domain[0].low, self.op.domain[0].high):
                    return [Truth(self._limit(function, operands[0]), mpf(0), DEFINITION)]
                return [UNKNOWN] * (len(operand) if isinstance(operand, tuple) else 1)
            slopes = slopes if isinstance(slopes, list) else [slopes]
            return [Truth(_real(slope), mpf(0), DEFINITION) for slope in slopes]
        elements: Sequence[int | None] = range(len(operand)) if isinstance(operand, tuple) else [None]
        return [self.slope(index, element, operands) for element in elements]

    def slope(self, index: int, element: int | None, operands: tuple[Any, ...]) -> Truth:
        """Return the derivative by one number by differences of the value; UNKNOWN if that is not finite."""
        x = _number_at(operands, index, element)
        try:
            return self._differences(operands, (index, element))
        except Jump:
            return UNKNOWN
        except Exception as error:
            if not self._is_finite(operands):
                return UNKNOWN
            self._leave(error)

        self._wide = self._wide or on_complex(self.op.value)
        f, wide = (
            lambda t, value=value: value(*with_number(operands, index, element, t))
            for value in (self.op.value, self._wide)
        )
        found = derivative(f, x, wide=wide, room=self._room(index, x))
        return UNKNOWN if found is None else Truth(mpf(found.slope), mpf(found.error), found.method)

    def at(self, operands: Sequence[Any], bits: int) -> Any:
        """Return the value at numbers of mpmath, lists as lists, in a working precision of so many bits.

        Errors: whatever a user's function raises on such numbers.
        """
        with mp.workprec(bits):
            if self.row is not None:
                return _real(self.row.value(*operands))
            if self._exact is not None:
                return _real(mpf(self._exact(*operands)))
            assert self._function is not None
            return _number(self._function(*map(_precise, operands)))

    def _limit(self, function: Callable[..., Any], end: float) -> Any:
        """Return the slope so near to an end of the domain that a pole there is beyond the floats."""
        with mp.workprec(20000):
            inwards = mp.ldexp(1 if end == self.op.domain[0].low else -1, -8000)
            slope = _real(function(mpf(end) + inwards))
        return +slope

    def _room(self, index: int, x: float) -> float:
        """Return how far differences may go from x and stay in the domain of an operand."""
        within = self.op.domain[index]
        return min(x - within.low, within.high - x)

    def slopes_at(self, index: int, operands: Sequence[Any]) -> list[Any]:
        """Return the partials by one operand at numbers of mpmath, in the working precision.

        Errors: whatever a user's function raises on such numbers.
        """
        if self.row is not None:
            function = self.row.partials[index]
            slopes = [] if function is None else function(*operands)
            return [_real(slope) for slope in slopes] if isinstance(slopes, list) else [_real(slopes)]
        elements: Sequence[int | None] = (
            range(len(operands[index])) if isinstance(operands[index], list) else [None]
        )
        return [self._differences(operands, (index, element)).exact for element in elements]

    def formula(self, index: int, element: int | None, operands: tuple[Any, ...]) -> Any:
        """Return what the op's own partial gives in many digits, None where it does not take them."""
        partial: Any = self.op.partials[index]
        try:
            with mp.workprec(BITS[-1]):
                numbers = [_precise(x) for x in operands]
                slope = many_digits(partial)(self.op(*numbers), *numbers) if callable(partial) else partial
                return _number(slope[element or 0] if isinstance(slope, (list, tuple)) else slope)
        except Exception:
            return None

    def is_made_of_floats(self, index: int, operands: tuple[Any, ...]) -> bool:
        """Whether a partial calls what takes floats alone, such as `math.exp`, so that it has no slope."""
        try:
            self.op.slope(index, Precise(self.op.evaluate(*operands)), tuple(map(_precise, operands)))
        except Exception as error:
            return isinstance(error, LeftOracle)
        return False

    def second(self, first: Place, then: Place, operands: tuple[Any, ...]) -> Any:
        """Return the second derivative by two numbers of the operands; nan where there is no oracle.

        A place is (index of the operand, index in its list or None).
        """
        scales = [_scale(_number_at(operands, *place)) for place in (first, then)]
        wide = sum(max(0, math.frexp(_number_at(operands, *place))[1]) for place in (first, then))

        def mixed(bits: int) -> Any:
            with mp.workprec(4 * bits + wide + 1100):
                total = mpf(0)
                h, k = (mp.ldexp(scale, -bits // 3) for scale in scales)
                for up, right in itertools.product((1, -1), (1, -1)):
                    moved = with_number(operands, *first, _number_at(operands, *first) + up * h)
                    moved = with_number(moved, *then, _number_at(moved, *then) + right * k)
                    total += up * right * self.at([*map(exactly, moved)], 4 * bits + wide + 1100)
                return total / (4 * h * k)

        try:
            return _settled(mixed)
        except Exception:
            return mp.nan

    def _is_finite(self, operands: tuple[Any, ...]) -> bool:
        """Whether the op has a finite value in floats."""
        try:
            return math.isfinite(self.op.evaluate(*operands))
        except ArithmeticError:
            return False

    def _leave(self, error: Exception) -> None:
        reason = f"{type(error).__name__}: {error}"
        self.left[reason] = self.left.get(reason, 0) + 1

    def _differences(self, operands: Sequence[Any], place: Place) -> Truth:
        x = _number_at(operands, *place)
        scale = _scale(x)
        wide = max(0, math.frexp(x)[1])
        gaps: list[Any] = []

        def central(bits: int) -> Any:
            with mp.workprec(2 * bits + wide + 1100):
                h = mp.ldexp(scale, -bits // 3)
                below, here, above = (
                    self.at([*map(exactly, with_number(operands, *place, t))], 2 * bits + wide)
                    for t in (mpf(x) - h, mpf(x), mpf(x) + h)
                )
                if max(abs(below), abs(here), abs(above)) > BEYOND:
                    return mp.nan
                gaps.append(((here - below) / h, (above - here) / h))
                return (above - below) / (2 * h)

        slope = _settled(central)
        if mp.isnan(slope):
            return UNKNOWN
        (left, right), (coarse_left, coarse_right) = gaps[-1], gaps[-2]
        kink = abs(right - left) > AGREE * (abs(right) + abs(left)) and (
            abs(right - left) > abs(coarse_right - coarse_left) / 2
        )
        return Truth(slope, mpf(0), self.source, (left, right) if kink else None)


def _scale(x: Any) -> Any:
    """Return the size of a step's unit: that of x, at most 1."""
    return min(abs(x), 1.0) if x else 1.0


def _number_at(operands: Sequence[Any], index: int, element: int | None) -> Any:
    return operands[index] if element is None else operands[index][element]


def _precise(x: Any) -> Any:
    return tuple(map(Precise, x)) if isinstance(x, (tuple, list)) else Precise(x)


def _number(x: Any) -> Any:
    """Return the number of mpmath that a function on numbers of many digits gave, an array of one or not."""
    if hasattr(x, "item"):
        x = x.item()
    return x.number if isinstance(x, Precise) else mpf(x)


def _real(x: Any) -> Any:
    """Return a number of mpmath as a real one; nan where a function left the reals."""
    if isinstance(x, mp.mpc):
        return x.real if x.imag == 0 else mp.nan
    return x


def with_number(operands: Sequence[Any], index: int, element: int | None, x: Any) -> tuple[Any, ...]:
    """Return the operands with one number replaced."""
    if element is not None:
        x = tuple([x if i == element else y for i, y in enumerate(operands[index])])
    return tuple([x if i == index else y for i, y in enumerate(operands)])


def _settled(compute: Callable[[int], Any]) -> Any:
    """Return what a computation gives at rising precision, once two results agree; 0 only at a high one.

    Errors: Jump where they never agree.
    """
    results: list[Any] = []
    for bits in BITS:
        now = compute(bits)
        if mp.isnan(now):
            return now
        results.append(now)
        if len(results) == 2 and not any(results):
            last = compute(BITS[-2])
            if last == 0:
                return last  # with intermediate results that are floats, the rest is below all floats
        if (
            len(results) > 1
            and now != 0
            and (now == results[-2] or abs(now - results[-2]) <= AGREE * abs(now))
        ):
            return now
    if abs(results[-1]) < NOTHING:
        return mpf(0)  # it vanishes with the step, or is nothing but rounding
    raise Jump
