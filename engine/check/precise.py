"""Precise: a number of many digits that refuses to become a float, and user functions that run on it."""

import functools
import math
import types
from collections.abc import Callable
from typing import Any

from engine import ops
from engine.carrier import Carrier, as_number
from engine.check.definitions import definition
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
        self.number = mpf(number) if mp.im(number) == 0 else mp.nan

    @classmethod
    def apply(cls, op: Op, operands: tuple[Any, ...]) -> "Precise":
        """Return op(*operands) in the working precision."""
        row = definition(op)
        if row is not None:
            return cls(row.value(*map(_number, operands)))
        result = many_digits(op.value)(*map(_precise, operands))
        return result if isinstance(result, Precise) else cls(as_number(result, op.name))

    def __float__(self) -> float:
        raise LeftOracle("a number of many digits was turned into a float, which has 16")

    def __repr__(self) -> str:
        return f"Precise({mp.nstr(self.number, 25, strip_zeros=True).removesuffix('.0')})"

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
    "lgamma": lambda x: mp.log(abs(mp.gamma(x))) if x < 0 else mp.loggamma(x),
    "log": _log,
    "pow": lambda x, y: _power(x, y),
    "prod": mp.fprod,
    "radians": mp.radians,
    "sumprod": mp.fdot,
}
_TESTS: dict[str, Callable[..., Any]] = {"isfinite": mp.isfinite, "isinf": mp.isinf, "isnan": mp.isnan}


def _power(x: Any, y: Any) -> Any:
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
}
"""The functions of `math` that run on numbers of many digits."""


def _constant(number: Any) -> Precise:
    """Return a constant of mpmath, which has as many digits as the precision of the moment."""
    constant = Precise(0)
    constant.number = number
    return constant


_TAU = mp.constant(lambda bits, rounding: libmp.mpf_shift(libmp.mpf_pi(bits, rounding), 1), "tau")


def many_digits(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a Python function whose `math`, and that of the functions it calls, takes many digits.

    >>> with mp.workprec(200):
    ...     many_digits(lambda x: math.exp(x) - 1)(Precise(2.0**-60))
    Precise(8.673617379884035476867677e-19)
    """
    return rebound(function, _MAPPED, pi=_constant(mp.pi), e=_constant(mp.e), tau=_constant(_TAU))


def rebound(function: Callable[..., Any], functions: dict[Any, Any], **constants: Any) -> Callable[..., Any]:
    """Return a Python function that finds other functions where it looks up those of `math`.

    The code is the user's own, as is that of the Python functions it calls; only the names `math`, `exp` and
    so on mean something else there.
    """
    names = {name: functions.get(f, f) if callable(f) else f for name, f in vars(math).items()}
    module = types.SimpleNamespace(**names | constants)
    return _twin(function, {}, {math: module, **functions})  # type: ignore[no-any-return]


def _twin(thing: Any, made: dict[int, Any], mapped: dict[Any, Any]) -> Any:
    if isinstance(thing, types.ModuleType) or isinstance(thing, types.BuiltinFunctionType):
        return mapped.get(thing, thing)
    if isinstance(thing, functools.partial):
        return functools.partial(_twin(thing.func, made, mapped), *thing.args, **thing.keywords)
    if isinstance(thing, types.MethodType):
        return types.MethodType(_twin(thing.__func__, made, mapped), thing.__self__)
    if not isinstance(thing, types.FunctionType):
        return thing
    if id(thing) in made:
        return made[id(thing)]
    names: dict[str, Any] = {"__builtins__": thing.__globals__.get("__builtins__", __builtins__)}
    cells = tuple([types.CellType() for _ in thing.__closure__ or ()])
    twin = types.FunctionType(thing.__code__, names, thing.__name__, thing.__defaults__, cells)
    twin.__kwdefaults__ = thing.__kwdefaults__
    made[id(thing)] = twin
    for cell, source in zip(cells, thing.__closure__ or (), strict=True):
        cell.cell_contents = _twin(source.cell_contents, made, mapped)
    for name in _names(thing.__code__):
        if name in thing.__globals__:
            names[name] = _twin(thing.__globals__[name], made, mapped)
    return twin


def _names(code: types.CodeType) -> set[str]:
    """Return the names that a function and the functions inside it look up."""
    found = set(code.co_names)
    pending = [c for c in code.co_consts if isinstance(c, types.CodeType)]
    while pending:
        inner = pending.pop()
        found.update(inner.co_names)
        pending += [c for c in inner.co_consts if isinstance(c, types.CodeType)]
    return found
