"""Numbers in LLVM IR, one a lane, on which formulas are written with + - * / as on floats.

`Lanes` holds an IR value, `<N x double>` or a single `double`. Formulas have no branches: `where` chooses
lane by lane between values that are both computed; `where_rare` alone jumps over what few lanes need. Whole
numbers live in the bits of lanes.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

from engine.optional import load

Number: TypeAlias = "Lanes | float"

SHIFT = 1.5 * 2.0**52
"""What is added to a number, and taken away, to round it to a whole one: its bits then end in that number."""


def width_of(kind: Any) -> int:
    """Return how many lanes a type of IR has, 0 for a single double."""
    return getattr(kind, "count", 0)


@cache
def types(width: int) -> tuple[Any, Any]:
    """Return the types of numbers and of their bits, for a width; 0 is a single number."""
    ir = load("llvmlite.ir", "fast")
    number, bits = ir.DoubleType(), ir.IntType(64)
    return (ir.VectorType(number, width), ir.VectorType(bits, width)) if width else (number, bits)


def constant(x: float | int, width: int) -> Any:
    """Return a number (float), or bits (int), in every lane."""
    return _constant(repr(x), width)


@cache
def _constant(text: str, width: int) -> Any:
    """Return a constant by its text, which tells -0.0 from 0.0 and 1 from 1.0; it is formatted once."""
    number, bits = types(width)
    return bits(int(text)) if text.lstrip("-").isdigit() else number(float(text))


class Lanes:
    """Numbers in the lanes of an IR value, with the builder that adds instructions to it.

    Comparisons give a Mask; they are false for nan.
    """

    __slots__ = ("builder", "value", "width")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value
        self.width = width_of(value.type)

    def new(self, value: Any) -> "Lanes":
        """Return lanes of another value."""
        return Lanes(self.builder, value)

    def raw(self, x: Number) -> Any:
        """Return the IR value of an operand, a float in every lane."""
        return x.value if isinstance(x, Lanes) else constant(float(x), self.width)

    def __add__(self, other: Number) -> "Lanes":
        return self.new(self.builder.fadd(self.value, self.raw(other)))

    def __radd__(self, other: float) -> "Lanes":
        return self.new(self.builder.fadd(self.raw(other), self.value))

    def __sub__(self, other: Number) -> "Lanes":
        return self.new(self.builder.fsub(self.value, self.raw(other)))

    def __rsub__(self, other: float) -> "Lanes":
        return self.new(self.builder.fsub(self.raw(other), self.value))

    def __mul__(self, other: Number) -> "Lanes":
        return self.new(self.builder.fmul(self.value, self.raw(other)))

    def __rmul__(self, other: float) -> "Lanes":
        return self.new(self.builder.fmul(self.raw(other), self.value))

    def __truediv__(self, other: Number) -> "Lanes":
        return self.new(self.builder.fdiv(self.value, self.raw(other)))

    def __rtruediv__(self, other: float) -> "Lanes":
        return self.new(self.builder.fdiv(self.raw(other), self.value))

    def __neg__(self) -> "Lanes":
        return self.new(self.builder.fneg(self.value))

    def __abs__(self) -> "Lanes":
        return self.call("fabs")

    def __lt__(self, other: Number) -> "Mask":
        return self._compared("<", other)

    def __le__(self, other: Number) -> "Mask":
        return self._compared("<=", other)

    def __gt__(self, other: Number) -> "Mask":
        return self._compared(">", other)

    def __ge__(self, other: Number) -> "Mask":
        return self._compared(">=", other)

    def same(self, other: Number) -> "Mask":
        """Compare for equality, -0.0 and 0.0 alike."""
        return self._compared("==", other)

    def is_nan(self) -> "Mask":
        """Return which lanes hold nan."""
        return ~self.same(self)

    def _compared(self, sign: str, other: Number) -> "Mask":
        return Mask(self.builder, self.builder.fcmp_ordered(sign, self.value, self.raw(other)))

    def call(self, name: str, *others: Number) -> "Lanes":
        """Call an intrinsic of LLVM, such as fma, on numbers of this width."""
        operands = [self.value, *map(self.raw, others)]
        return self.new(self.builder.call(intrinsic(self.builder.module, name, self), operands))

    def bits(self) -> "Bits":
        """Return the bits as whole numbers."""
        return Bits(self.builder, self.builder.bitcast(self.value, types(self.width)[1]))


class Bits:
    """Whole numbers of 64 bits in the lanes of an IR value, with the builder of its instructions."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def _raw(self, other: "Bits | int") -> Any:
        if isinstance(other, Bits):
            return other.value
        return constant(other, width_of(self.value.type))

    def __add__(self, other: "Bits | int") -> "Bits":
        return Bits(self.builder, self.builder.add(self.value, self._raw(other)))

    def __mul__(self, other: int) -> "Bits":
        return Bits(self.builder, self.builder.mul(self.value, self._raw(other)))

    def __and__(self, other: "Bits | int") -> "Bits":
        return Bits(self.builder, self.builder.and_(self.value, self._raw(other)))

    def __or__(self, other: "Bits | int") -> "Bits":
        return Bits(self.builder, self.builder.or_(self.value, self._raw(other)))

    def __xor__(self, other: "Bits | int") -> "Bits":
        return Bits(self.builder, self.builder.xor(self.value, self._raw(other)))

    def __lshift__(self, count: int) -> "Bits":
        return Bits(self.builder, self.builder.shl(self.value, self._raw(count)))

    def __rshift__(self, count: int) -> "Bits":
        """Shift to the right, zeros coming in."""
        return Bits(self.builder, self.builder.lshr(self.value, self._raw(count)))

    def __lt__(self, other: int) -> "Mask":
        return Mask(self.builder, self.builder.icmp_signed("<", self.value, self._raw(other)))

    def is_odd(self) -> "Mask":
        """Return where the last bit is set."""
        return (self << 63) < 0

    def numbers(self) -> Lanes:
        """Return the numbers of which these are the bits."""
        return Lanes(self.builder, self.builder.bitcast(self.value, types(width_of(self.value.type))[0]))


class Mask:
    """A choice of lanes: an IR value of one bit a lane, with the builder of its instructions."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder, self.value = builder, value

    def __and__(self, other: "Mask") -> "Mask":
        return Mask(self.builder, self.builder.and_(self.value, other.value))

    def __or__(self, other: "Mask") -> "Mask":
        return Mask(self.builder, self.builder.or_(self.value, other.value))

    def __invert__(self) -> "Mask":
        return Mask(self.builder, self.builder.not_(self.value))


def intrinsic(module: Any, name: str, like: Lanes) -> Any:
    """Return the declaration of an intrinsic for the type of some lanes."""
    kind = like.value.type
    full = f"llvm.{name}.{f'v{like.width}' if like.width else ''}f64"
    found = module.globals.get(full)
    if found is None:
        ir = load("llvmlite.ir", "fast")
        arity = {"fma": 3, "copysign": 2}.get(name, 1)
        found = ir.Function(module, ir.FunctionType(kind, [kind] * arity), full)
    return found


def where(mask: Mask, x: Number, y: Number) -> Lanes:
    """Return x in the lanes of a mask, y in the others."""
    numbers = Lanes(mask.builder, constant(0.0, width_of(mask.value.type)))
    return numbers.new(mask.builder.select(mask.value, numbers.raw(x), numbers.raw(y)))


def where_rare(mask: Mask, rare: Callable[[], Lanes], usual: Lanes) -> Lanes:
    """Return `rare()` in the lanes of a mask, `usual` in the others; done if there are any."""
    build, any_lane = usual.builder, mask.value
    if usual.width:
        bits = load("llvmlite.ir", "fast").IntType(usual.width)
        any_lane = build.icmp_unsigned("!=", build.bitcast(any_lane, bits), bits(0))
    before = build.block
    with build.if_then(any_lane, likely=False):
        chosen = where(mask, rare(), usual).value
        inside = build.block
    result = build.phi(chosen.type)
    result.add_incoming(usual.value, before)
    result.add_incoming(chosen, inside)
    return usual.new(result)


def fma(x: Lanes, y: Number, z: Number) -> Lanes:
    """Return x * y + z, rounded once."""
    return x.call("fma", y, z)


def copysign(size: Lanes, sign: Lanes) -> Lanes:
    """Return a size with the sign of another number."""
    return size.call("copysign", sign)


def sqrt(x: Lanes) -> Lanes:
    """Return the square root, correctly rounded."""
    return x.call("sqrt")


def floor(x: Lanes) -> Lanes:
    """Return the largest whole number that is not above x."""
    return x.call("floor")


def at_most(x: Lanes, bound: float) -> Lanes:
    """Return the smaller of x and a bound; nan stays nan."""
    return where(x > bound, bound, x)


def at_least(x: Lanes, bound: float) -> Lanes:
    """Return the larger of x and a bound; nan stays nan."""
    return where(x < bound, bound, x)


def polynomial(x: Lanes, coefficients: Sequence[Number]) -> Lanes:
    """Return c0 + c1 x + c2 x**2 + ..., by Estrin's pairing: half the length of Horner's chain."""
    terms: list[Number] = list(coefficients)
    power = x
    while len(terms) > 1:
        pairs: list[Number] = [
            fma(power, high, low) for low, high in zip(terms[::2], terms[1::2], strict=False)
        ]
        terms = pairs + ([terms[-1]] if len(terms) % 2 else [])
        power = power * power if len(terms) > 1 else power
    return terms[0] if isinstance(terms[0], Lanes) else x * 0.0 + terms[0]


def quick_two_sum(x: Number, y: Lanes) -> tuple[Lanes, Lanes]:
    """Return x + y and what rounding took away, where |x| >= |y| or x is 0 (Dekker)."""
    total = y + x
    return total, y - (total - x)


def two_sum(x: Lanes, y: Number) -> tuple[Lanes, Lanes]:
    """Return x + y and what rounding took away (Knuth)."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def two_product(x: Lanes, y: Number) -> tuple[Lanes, Lanes]:
    """Return x * y and what rounding took away."""
    product = x * y
    return product, fma(x, y, -product)


def quotient(x: Lanes, low: Number, y: Lanes, y_low: Number) -> Lanes:
    """Return (x + low) / (y + y_low), rounded about once: a quotient by the reciprocal, and its error."""
    inverse = 1.0 / y
    first = x * inverse
    gap = fma(-first, y, x) + (low - first * y_low)
    return fma(gap, inverse, first)
