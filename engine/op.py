"""Op: a primitive, which is its value and one partial derivative for each operand."""

import math
import numbers
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from engine.carrier import as_number, as_numbers, careful, leading
from engine.ieee import Ieee

Partial: TypeAlias = float | Callable[..., Any] | None
"""∂z/∂operand: a function of (z, *operands), a number where it is constant, None where nothing flows."""


class Interval(NamedTuple):
    """The numbers at which an operand may stand: from low to high, ends included where closed.

    >>> 0.5 in Interval(0, 1), 1.0 in Interval(0, 1), 1.0 in Interval(0, 1, closed=True)
    (True, False, True)
    """

    low: float = -math.inf
    high: float = math.inf
    closed: bool = False

    def __contains__(self, x: object) -> bool:
        if not isinstance(x, (float, int)):
            return False
        return self.low < x < self.high or (self.closed and x in (self.low, self.high))


real = Interval()
positive = Interval(low=0.0)


class Op:
    """A primitive: its value on floats, and a partial derivative for each operand.

    An op has one or two operands, each a number or a list of numbers. `value` takes floats (for a list, a
    tuple of them) and returns a float. `partials` has an entry per operand: a function of the result z and
    all operands, made of ops and + - * / alone so that it runs on floats, Values, Duals and Symbols alike,
    which returns a number, or for a list a list of them; a number where the partial is constant; None, for
    an op of one number, where nothing flows back. `dx` and `dy` are what a sweep calls: the partials on
    floats.

    `infix` is the operator it is written with, `domain` an Interval, or one per operand, `margin` a function
    of the operands: their signed distance from the nearest kink; `defaults` are the last operands when they
    are left out, `lists` tells which operands are lists, `limit` is a function of the operands, too: the
    value where `value` raises.

    Errors: TypeError for what makes no op. Called, an op raises TypeError for a wrong number or kind of
    operands, ValueError for lists of different lengths, and ArithmeticError, naming op and operands, where
    `value` or a partial raises and no limit is known. No row of the table raises for a number.

    >>> square = Op("square", lambda x: x * x, lambda z, x: 2 * x)
    >>> square(3.0)
    9.0
    """

    dx: Any
    dy: Any

    def __init__(
        self,
        name: str,
        value: Callable[..., float],
        *partials: Partial,
        infix: str | None = None,
        domain: tuple[Interval, ...] | Interval = real,
        margin: Callable[..., float] | None = None,
        defaults: tuple[float, ...] = (),
        lists: tuple[bool, ...] = (),
        limit: Callable[..., float] | None = None,
    ) -> None:
        if not isinstance(name, str):
            raise TypeError(
                f"Op takes a name, a value function and one partial for each operand; got {name!r}"
            )
        if not partials or not callable(value):
            raise TypeError(f"Op({name!r}) needs a value function and one partial for each operand")
        self.name = name
        self.value = value
        constant = f"a constant partial of op {name!r}"
        self.partials = tuple(
            p if p is None or callable(p) else float(as_number(p, constant)) for p in partials
        )
        self.infix = infix
        self.domain = domain if not isinstance(domain, Interval) else (domain,) * len(partials)
        self.margin = margin
        self.defaults = defaults
        self.lists = lists or (False,) * len(partials)
        self.limit = limit
        self._refuse()
        self._numbers = -1 if any(self.lists) else len(partials)
        self.dx, self.dy = (*map(self._checked, range(len(self.partials))), None)[:2]
        self.recorder: Callable[..., Any] | None = None
        self.__name__ = self.__qualname__ = name
        self.__module__ = sys._getframe(1).f_globals.get("__name__", "__main__")

    def _refuse(self) -> None:
        """Raise TypeError for options that do not fit together."""
        count = len(self.partials)
        if not isinstance(self.lists, tuple) or count > 2 or len(self.lists) != count:
            raise TypeError(
                f"Op({self.name!r}) takes one or two operands, each a number or a list; "
                f"got {count} partials and lists={self.lists!r}"
            )
        if None in self.partials and (count > 1 or any(self.lists)):
            raise TypeError(
                f"Op({self.name!r}): None as a partial is for an op of one number; "
                "elsewhere pass the operand through detach"
            )
        domain = self.domain
        if not isinstance(domain, tuple) or [type(within) for within in domain] != [Interval] * count:
            raise TypeError(
                f"Op({self.name!r}): domain is an Interval, such as Interval(0, 1), or a tuple of {count}, "
                f"one for each operand; got {domain!r}"
            )
        if not isinstance(self.defaults, tuple) or len(self.defaults) >= count:
            raise TypeError(
                f"Op({self.name!r}): defaults is a tuple of the last operands, fewer than the {count} that "
                f"there are; got {self.defaults!r}"
            )
        for name, function in (("margin", self.margin), ("limit", self.limit)):
            if function is not None and not callable(function):
                raise TypeError(f"Op({self.name!r}): {name} is a function of the operands, got {function!r}")

    @property
    def arity(self) -> int:
        """The number of operands."""
        return len(self.partials)

    @property
    def symbol(self) -> str:
        """A short text for drawings and tables: the operator, else the name."""
        return self.infix or self.name

    def __repr__(self) -> str:
        return f"<op {self.name}>"

    def __reduce__(self) -> str:
        return self.name

    def __copy__(self) -> "Op":
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> "Op":
        return self

    def __call__(self, *operands: Any) -> Any:
        """Return the op's result: a float for numbers, else a carrier of the kind that came in."""
        for operand in operands:
            if type(operand) is not float:
                return self.recorder(*operands) if self.recorder else self.dispatch(*operands)
        if len(operands) != self._numbers:
            return self.dispatch(*operands)
        return self.evaluate(*operands)

    def dispatch(self, *operands: Any) -> Any:
        """Return the op's result for operands of any kind, checked one by one."""
        operands = self.checked(operands)
        carrier = leading(operands)
        if carrier is not None:
            return carrier.apply(self, operands)
        result = self.evaluate(*operands)
        return Ieee(result) if any(isinstance(x, Ieee) for x in operands) else result

    def checked(self, operands: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return all operands, defaults added, numbers as floats, lists as Floats or tuples.

        Errors: TypeError for a wrong number or kind of operands, ValueError for lists of different lengths.
        """
        missing = len(self.partials) - len(operands)
        if not 0 <= missing <= len(self.defaults):
            most = self.arity
            least = most - len(self.defaults)
            takes = f"{least} or {most} operands" if least < most else f"{most} operand{'s' * (most > 1)}"
            raise TypeError(f"{self.name} takes {takes}, got {len(operands)}: {operands!r}")
        if missing:
            operands += self.defaults[-missing:]
        result = tuple(
            as_numbers(operand, self.name) if is_list else as_number(operand, self.name)
            for operand, is_list in zip(operands, self.lists, strict=True)
        )
        if all(self.lists) and len({len(operand) for operand in result}) > 1:
            lengths = " and ".join(str(len(operand)) for operand in result)
            raise ValueError(f"{self.name} takes lists of one length, got {lengths}")
        return result

    def evaluate(self, *operands: Any) -> float:
        """Return the value on floats (tuples of floats for list operands); no number makes it raise."""
        try:
            result = self.value(*operands)
        except (ArithmeticError, ValueError) as error:
            return self.edge(operands, error)
        return result if type(result) is float else self._number(result, "value", operands)

    def _number(self, result: Any, part: str, operands: tuple[Any, ...]) -> float:
        """Return what the op's own function returned as a float, or raise TypeError."""
        if isinstance(result, numbers.Real):
            return float(result)
        raise TypeError(
            f"the {part} of op {self.name!r} is a number, its function gave {result!r} at {operands}"
        )

    def edge(self, operands: tuple[Any, ...], error: Exception) -> float:
        """Return the value where `value` raised `error`: the row's limit, else the value on Ieee floats."""
        if self.limit is not None:
            return self.limit(*operands)
        try:
            return float(self.value(*map(careful, operands)))
        except (ArithmeticError, ValueError):
            raise ArithmeticError(
                f"the value of op {self.name!r} raised {error!r} at {operands}; make its function total, "
                f"or give the op a limit: Op({self.name!r}, ..., limit=...)"
            ) from error

    def slope(self, index: int, z: Any, operands: tuple[Any, ...]) -> Any:
        """Return ∂z/∂operands[index] on any carrier: a number, or for a list operand one or a list."""
        partial = self.partials[index]
        try:
            slope = partial(z, *operands) if callable(partial) else partial
        except TypeError as error:
            if type(error) is not TypeError:  # a carrier's own
                raise
            raise TypeError(f"partial {index} of op {self.name!r} raised {error!r} at {operands}") from error
        if isinstance(slope, (list, tuple)):
            if not self.lists[index]:
                self._number(slope, f"partial {index}", operands)
            if len(slope) != len(operands[index]):
                raise ValueError(
                    f"partial {index} of op {self.name!r} gave {len(slope)} slopes "
                    f"for {len(operands[index])} operands"
                )
        return slope

    def _checked(self, index: int) -> Any:
        """Return a partial that gives floats or raises TypeError, as the sweep calls it."""
        partial = self.partials[index]
        if not callable(partial):
            return partial

        def checked(z: float, *operands: Any) -> float:
            slope = partial(z, *operands)
            return slope if type(slope) is float else self._number(slope, f"partial {index}", operands)

        return checked

    def float_slope(self, index: int, z: float, operands: tuple[Any, ...]) -> Any:
        """Return `slope` on floats; no number makes it raise."""
        try:
            slope = self.slope(index, z, operands)
            return slope if type(slope) is float else self._floats(slope, index, operands)
        except (ArithmeticError, ValueError) as error:
            try:
                slope = self.slope(index, Ieee(z), tuple(map(careful, operands)))
                return self._floats(slope, index, operands)
            except (ArithmeticError, ValueError):
                raise ArithmeticError(
                    f"partial {index} of op {self.name!r} raised {error!r} at {operands}"
                ) from error

    def _floats(self, slope: Any, index: int, operands: tuple[Any, ...]) -> Any:
        """Return what a partial gave, a number or a list of them, as floats, or raise TypeError."""
        if not isinstance(slope, (list, tuple)):
            return self._number(slope, f"partial {index}", operands)
        if set(map(type, slope)) <= {float}:
            return slope
        return [self._number(x, f"slope {i} in partial {index}", operands) for i, x in enumerate(slope)]
