"""Precise: a number of many digits that refuses to become a float, and user functions that run on it."""

import functools
import math
from collections.abc import Callable, Iterator
from typing import Any

from engine import ops
from engine.carrier import Carrier, as_number, leading
from engine.check.definitions import definition
from engine.check.rebound import rebound
from engine.check.ulps import mp, mpf
from engine.op import Op
from engine.optional import load

libmp = load("mpmath.libmp", extra="check")


class LeftOracle(TypeError):
    """A function turned a number of many digits into a float, or did what has no many digits."""


class Precise(Carrier):
    """A number of many digits; ops of the table go by their definitions, a user's op by its own function.

    Errors: LeftOracle where it would become a float, and so lose its digits silently.

    >>> 10 * (Precise(0.1) - 0.1)
    Precise(0)
    """

    __slots__ = ("number",)
    rank = 4

    def __init__(self, number: Any) -> None:
        real = type(number) is mpf or mp.im(number) == 0
        self.number = +number if type(number) is mpf else mpf(number) if real else mp.nan

    @classmethod
    def apply(cls, op: Op, operands: tuple[Any, ...]) -> "Precise":
        """Return op(*operands) in the working precision."""
        row = definition(op)
        if row is not None:
            return cls(row.value(*map(_number, operands)))
        return _through(op, many_digits(op.value), operands)

    def __array_ufunc__(self, ufunc: Any, method: str, *operands: Any, **options: Any) -> Any:
        """Let numpy's functions in, as over any array of objects: np.exp(x) is x.exp()."""
        array = load("numpy").array
        boxed = [array(x, dtype=object) if isinstance(x, Precise) else x for x in operands]
        return getattr(ufunc, method)(*boxed, **options)

    def __float__(self) -> float:
        raise LeftOracle("a number of many digits was turned into a float, which has 16")

    def __repr__(self) -> str:
        return f"Precise({mp.nstr(self.number, 25, strip_zeros=True).removesuffix('.0')})"

    def __add__(self, other: Any) -> "Precise":
        return Precise(self.number + _number(other))

    def __sub__(self, other: Any) -> "Precise":
        return Precise(self.number - _number(other))

    def __mul__(self, other: Any) -> "Precise":
        return Precise(self.number * _number(other))

    def __truediv__(self, other: Any) -> "Precise":
        return Precise(self.number / _number(other))

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: Any) -> "Precise":
        return Precise(_number(other) - self.number)

    def __rtruediv__(self, other: Any) -> "Precise":
        return Precise(_number(other) / self.number)

    def __pow__(self, other: Any) -> "Precise":
        return Precise(_power(self.number, _number(other)))

    def __rpow__(self, other: Any) -> "Precise":
        return Precise(_power(_number(other), self.number))

    def __pos__(self) -> "Precise":
        return self

    def __bool__(self) -> bool:
        return bool(self.number != 0)

    def __hash__(self) -> int:
        return hash(self.number)

    def __eq__(self, other: object) -> bool:
        return bool(self.number == _number(other))

    def __lt__(self, other: Any) -> bool:
        return bool(self.number < _number(other))

    def __le__(self, other: Any) -> bool:
        return bool(self.number <= _number(other))

    def __gt__(self, other: Any) -> bool:
        return bool(self.number > _number(other))

    def __ge__(self, other: Any) -> bool:
        return bool(self.number >= _number(other))

    def __floor__(self) -> int:
        return int(mp.floor(self.number))

    def __ceil__(self) -> int:
        return int(mp.ceil(self.number))

    def __trunc__(self) -> int:
        return int(self.number)

    __int__ = __trunc__

    def __round__(self, digits: int | None = None) -> "Precise | int":
        if digits is None:
            return int(mp.nint(self.number))
        return Precise(mp.nint(self.number * mpf(10) ** digits) / mpf(10) ** digits)

    def __floordiv__(self, other: Any) -> "Precise":
        return Precise(mp.floor(self.number / _number(other)))

    def __rfloordiv__(self, other: Any) -> "Precise":
        return Precise(other) // self

    def __mod__(self, other: Any) -> "Precise":
        return Precise(self.number - _number(other) * mp.floor(self.number / _number(other)))

    def __rmod__(self, other: Any) -> "Precise":
        return Precise(other) % self

    def __divmod__(self, other: Any) -> "tuple[Precise, Precise]":
        return self // other, self % other


def _number(x: Any) -> Any:
    """Return an operand as mpmath takes it; a list for a list."""
    if isinstance(x, (tuple, list)):
        return [_number(item) for item in x]
    return x.number if isinstance(x, Precise) else mpf(x)


def _precise(x: Any) -> Any:
    return tuple(map(_precise, x)) if isinstance(x, tuple) else x if isinstance(x, Precise) else Precise(x)


def _calls(function: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    """Return what runs `function` on numbers of many digits where one comes in, `plain` otherwise."""

    @functools.wraps(plain, updated=())
    def call(*operands: Any) -> Any:
        operands = tuple([list(x) if isinstance(x, Iterator) else x for x in operands])  # fsum(x for x in xs)
        flat = [y for x in operands for y in (x if isinstance(x, (list, tuple)) else (x,))]
        if any(isinstance(x, Precise) for x in flat):
            return Precise(function(*map(_number, operands)))
        return plain(*operands)

    return call


def _log(x: Any, base: Any = None) -> Any:
    return mp.log(x) if base is None else mp.log(x) / mp.log(base)


_ROWS = """exp expm1 log1p log2 log10 sqrt cbrt sin cos tan asin acos atan atan2 hypot sinh cosh tanh asinh
acosh atanh erf erfc""".split()
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: row.value for name in _ROWS if (row := definition(getattr(ops, name)))},
    "copysign": lambda x, y: abs(x) if y >= 0 else -abs(x),
    "degrees": mp.degrees,
    "dist": lambda xs, ys: mp.norm([x - y for x, y in zip(xs, ys, strict=True)]),
    "exp2": lambda x: mp.mpf(2) ** x,
    "fabs": abs,
    "fmod": lambda x, y: x - y * int(x / y),
    "fsum": mp.fsum,
    "gamma": mp.gamma,
    "ldexp": mp.ldexp,
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))) if x < 0 else mp.loggamma(x),
    "log": _log,
    "pow": lambda x, y: _power(x, y),
    "prod": mp.fprod,
    "radians": mp.radians,
    "sumprod": mp.fdot,
}
_TESTS: dict[str, Callable[..., Any]] = {"isfinite": mp.isfinite, "isinf": mp.isinf, "isnan": mp.isnan}


def _power(x: Any, y: Any) -> Any:
    if x != 0 and abs(y) <= 1000 and y == int(y):
        return x ** int(y)  # the same as the definition, and quicker
    row = definition(ops.power)
    assert row is not None
    return row.value(x, y)


def _test(function: Callable[..., Any], plain: Callable[..., Any]) -> Callable[..., Any]:
    return lambda x: bool(function(x.number)) if isinstance(x, Precise) else plain(x)


_MAPPED: dict[Any, Any] = {
    **{
        getattr(math, name): _calls(f, getattr(math, name))
        for name, f in _FUNCTIONS.items()
        if hasattr(math, name)
    },
    **{getattr(math, name): _test(f, getattr(math, name)) for name, f in _TESTS.items()},
    isinstance: lambda x, kinds: isinstance(x, kinds) or (type(x) is Precise and isinstance(0.0, kinds)),
}
"""The functions of `math` on numbers of many digits; there these are floats to isinstance."""


def _constant(number: Any) -> Precise:
    """Return a constant of mpmath, which has as many digits as the precision of the moment."""
    constant = Precise(0)
    constant.number = number
    return constant


_TAU = mp.constant(lambda bits, rounding: libmp.mpf_shift(libmp.mpf_pi(bits, rounding), 1), "tau")
_CONSTANTS = {"pi": _constant(mp.pi), "e": _constant(mp.e), "tau": _constant(_TAU)}


def many_digits(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a Python function whose `math`, and that of the functions it calls, takes many digits.

    >>> with mp.workprec(200):
    ...     many_digits(lambda x: math.exp(x) - 1)(Precise(2.0**-60))
    Precise(8.673617379884035475821204e-19)
    """
    return rebound(function, _MAPPED, _CONSTANTS, op=_twin)


def _twin(op: Op, value: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands for an op in a rebound function: a user's runs on its rebound value."""
    if definition(op) is not None:
        return op

    def call(*operands: Any) -> Any:
        operands = op.checked(operands)
        return _through(op, value, operands) if leading(operands) is Precise else op(*operands)

    return call


def _through(op: Op, value: Callable[..., Any], operands: tuple[Any, ...]) -> Precise:
    result = value(*map(_precise, operands))
    return result if isinstance(result, Precise) else Precise(as_number(result, op.name))
