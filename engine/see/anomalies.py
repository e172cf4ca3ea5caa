"""Stopping at a birth: the op, or the sweep, that makes a nan or an inf out of numbers raises."""

import math
from collections.abc import Callable
from sys import _getframe as getframe
from typing import Any

from engine.op import Op
from engine.see.births import births, domain, is_born
from engine.see.digits import short
from engine.see.excerpt import excerpt_at
from engine.see.origin import current, inside
from engine.value import Value


class BirthError(Exception):
    """A nan or an inf was born while `engine.watch(anomalies=True)` was on; the message says where.

    >>> from engine import BirthError, Value, watch
    >>> try:
    ...     with watch(anomalies=True):
    ...         Value(-1.0).log()
    ... except BirthError as error:
    ...     print(str(error).splitlines()[0])
    nan is born: log(−1.0); log is defined above 0.0
    """


def guarded(op: Op) -> Callable[..., float]:
    """Return the value function of an op that raises BirthError where nan or inf is born.

    >>> from engine import log
    >>> guarded(log)(-1.0)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    engine.see.anomalies.BirthError: nan is born: log(−1.0); log is defined above 0.0
        <doctest ...>, line 1: guarded(log)(-1.0)
    """

    def value(*operands: Any) -> float:
        z = op.evaluate(*operands)
        if not math.isfinite(z):
            _refuse(op, z, operands)
        return z

    return value


def checked(sweep: Callable[[Value], None]) -> Callable[[Value], None]:
    """Return a sweep that raises BirthError where the gradient of a node is born nan or inf.

    >>> from engine import sqrt
    >>> checked(Value.backward)(sqrt(Value(0.0, label="x")))
    Traceback (most recent call last):
        ...
    engine.see.anomalies.BirthError: inf gradient is born: ∂sqrt(x)/∂x is inf at x = 0.0
    """

    def backward(self: Value) -> None:
        sweep(self)
        for birth in births(self).all:
            if birth.kind in ("nan gradient", "inf gradient"):
                place = f"\n    {birth.place}" if birth.place else ""
                raise BirthError(f"{birth.kind} is born: {birth.told}{place}")

    return backward


def _refuse(op: Op, z: float, operands: tuple[Any, ...]) -> None:
    lists = [list(x) if isinstance(x, (list, tuple)) else [x] for x in operands]
    if not is_born(z, [x for numbers in lists for x in numbers]):
        return
    texts = [
        f"[{', '.join(map(short, operand))}]" if isinstance(operand, (list, tuple)) else short(operand)
        for operand in operands
    ]
    code = f" {op.infix} ".join(texts) if op.infix and len(texts) == 2 else f"{op.name}({', '.join(texts)})"
    kind = "nan" if math.isnan(z) else "inf"
    raise BirthError(f"{kind} is born: {code}{domain(op, operands)}{_place()}")


def _place() -> str:
    """Return the module and the source of the code that computes, from behind the engine's own frames."""
    frame: Any = getframe(1)
    while frame is not None and frame.f_code.co_filename in inside():
        frame = frame.f_back
    found = None if frame is None else excerpt_at(frame.f_code, frame.f_lasti)
    around = current.get()
    parts = [*([repr(around)] if around else []), *([f"{found.place}: {found.text}"] if found else [])]
    return f"\n    {', '.join(parts)}" if parts else ""
