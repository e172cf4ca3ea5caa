"""The kernels of machine code: every row against mpmath, over all binades, at its edges, in every width.

The table of the worst errors: `python -m pytest tests/compile/test_llvm_math.py -s -k table -m slow`.
"""

import functools
import itertools
import math
import platform
import struct
from typing import Any

import pytest

pytest.importorskip("llvmlite")

from hypothesis import given, settings, strategies
from llvmlite import ir

from engine.check.bounds import allowed
from engine.check.definitions import exact_value
from engine.check.points import EDGES, draw_points
from engine.check.ulps import exactly, mp, unit
from engine.compile import llvm_math_squash
from engine.compile.llvm_math import FORMULAS, emit
from engine.compile.llvm_math_arcs import ATAN_TAIL, TAN_EIGHTH
from engine.compile.llvm_math_exp import EXP_TAIL
from engine.compile.llvm_math_lanes import Lanes, types
from engine.compile.llvm_math_log import SERIES
from engine.compile.texts import is_row
from engine.op import Op
from engine.ops import TABLE, power_derivative
from tests.compile.machine_code import Compiled, formula

WIDTHS = (0, 2, 4, 16)
NAMES = sorted(FORMULAS)
COUNT = pytest.mark.parametrize("count", [250, pytest.param(8000, marks=pytest.mark.slow)])
SPECIALS = [
    0.0, 1.0, 0.5, 2.0, 3.0, 5e-324, 2.2250738585072014e-308, 1e-200, 1e9, 2.0**30, 2.0**60, 1e22, 709.7,
    709.79, 745.2, 801.0, 1e300, 1.7976931348623157e308, math.inf, math.nan,
]  # fmt: skip
ALL_SPECIALS = [sign * x for x in SPECIALS for sign in (1.0, -1.0)]


@functools.cache
def compiled(name: str, width: int = 8) -> Compiled:
    return Compiled(formula(name), TABLE[name].arity, width)


def bits(x: float) -> bytes:
    return b"nan" if x != x else struct.pack("<d", x)


def agrees(op: Op, operands: tuple[float, ...], got: float) -> bool:
    """Whether a result is as exact as the table promises; where there is no exact one, what eager gives."""
    value = op.evaluate(*operands)
    if not math.isfinite(value) or not all(map(math.isfinite, operands)):
        return bits(got + 0.0) == bits(value + 0.0)
    exact = exactly(value) if 0.0 in operands else exact_value(op.name, operands)  # which knows no -0.0
    if exact == 0:
        return bits(got) == bits(value)
    return bool(abs(exactly(got) - exact) <= allowed(op.name, "z", operands, exact))


def disagreements(op: Op, function: Compiled, points: list[tuple[Any, ...]]) -> list[Any]:
    """The points at which compiled code is further from the exact value than allowed, with its result."""
    found = function(*zip(*points, strict=True))
    return [(x, got) for x, got in zip(points, found, strict=True) if not agrees(op, x, got)]


@pytest.mark.parametrize("name", NAMES)
@COUNT
def test_row_is_as_exact_as_the_table_promises(name: str, count: int) -> None:
    points = list(draw_points(TABLE[name], count, seed=3))
    assert disagreements(TABLE[name], compiled(name), points) == []


@pytest.mark.parametrize("name", NAMES)
def test_row_at_its_edges(name: str) -> None:
    """At inf, nan, zeros, at the ends of the range and outside the domain."""
    op = TABLE[name]
    singles = ALL_SPECIALS + [sign * x for x in EDGES for sign in (1.0, -1.0)]
    points = list(itertools.product(singles if op.arity == 1 else ALL_SPECIALS, repeat=op.arity))
    assert disagreements(op, compiled(name), points) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_every_width_gives_the_same_bits(name: str, width: int) -> None:
    points = list(draw_points(TABLE[name], 150, seed=4))
    columns = list(zip(*points, strict=True))
    assert [*map(bits, compiled(name, width)(*columns))] == [*map(bits, compiled(name)(*columns))]


@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="these are names of x86 machines")
@pytest.mark.parametrize("cpu", ["x86-64", "haswell"])
@pytest.mark.parametrize("name", NAMES)
def test_older_machines_give_the_same_bits(name: str, cpu: str) -> None:
    """One without fused multiplication, vectors of 2; one without AVX-512, vectors of 4."""
    points = list(draw_points(TABLE[name], 60, seed=6))
    columns = list(zip(*points, strict=True))
    older = Compiled(formula(name), TABLE[name].arity, 2 if cpu == "x86-64" else 4, cpu)
    assert [*map(bits, older(*columns))] == [*map(bits, compiled(name)(*columns))]


@pytest.mark.parametrize("name", ["exp", "sin", "cos", "gelu", "erf", "tan"])
def test_a_lane_does_not_depend_on_its_neighbours(name: str) -> None:
    """A far number, an inf or a nan beside it changes nothing."""
    xs = [0.3, -1.7, 26.0]
    alone = compiled(name)(xs)
    for other in (1e300, math.inf, math.nan, -1e18):
        among = compiled(name)([xs[0], other, xs[1], other, xs[2]])
        assert [bits(among[i]) for i in (0, 2, 4)] == [*map(bits, alone)]


@given(xs=strategies.lists(strategies.floats(), min_size=1, max_size=9), name=strategies.sampled_from(NAMES))
@settings(max_examples=200, deadline=None)
def test_any_float(xs: list[float], name: str) -> None:
    op = TABLE[name]
    if op.arity == 1:
        points: list[tuple[float, ...]] = [(x,) for x in xs]
    else:
        points = list(itertools.product(xs, xs))
    assert disagreements(op, compiled(name), points) == []


@pytest.mark.parametrize(
    ("coefficients", "function", "largest", "bound"),
    [
        (EXP_TAIL, lambda r: (mp.expm1(r) - r) * mp.exp(-r), math.log(2.0) / 2, -61),
        (ATAN_TAIL, lambda z: (mp.atan(z) - z) / z, TAN_EIGHTH, -57),
        (SERIES, lambda s: (mp.log((1 + s) / (1 - s)) - 2 * s) / s, 3.0 - 2.0 * math.sqrt(2.0), -58),
    ],
)
def test_fitted_polynomials(coefficients: Any, function: Any, largest: float, bound: int) -> None:
    """They are as near as they say, over the interval they are for."""
    for step in range(-200, 201):
        x = exactly(largest * step / 200) if step else mp.mpf(10) ** -20
        if coefficients is EXP_TAIL:
            fit = x * x * mp.polyval(list(map(exactly, coefficients[::-1])), x) * mp.exp(-x)
        else:
            fit = x * x * mp.polyval(list(map(exactly, coefficients[::-1])), x * x)
        assert abs(fit - function(x)) < mp.mpf(2) ** bound


def test_a_small_fault_is_caught() -> None:
    def wrong(builder: Any, x: Any) -> Any:
        return (llvm_math_squash.tanh(Lanes(builder, x)) * (1.0 + 1e-12)).value

    points = list(draw_points(TABLE["tanh"], 100, seed=3))
    assert disagreements(TABLE["tanh"], Compiled(wrong, 1, 8), points) != []


def test_a_row_is_one_function_of_the_module() -> None:
    def four(builder: Any, x: Any) -> Any:
        for _ in range(4):
            (x,) = [emit(builder, "tanh", [x])]
        return x

    text = Compiled(four, 1, 8).text
    assert text.count("define internal") == 1 and text.count("call fastcc") == 4


def test_what_has_no_code() -> None:
    module = ir.Module()
    number, _ = types(8)
    function = ir.Function(module, ir.FunctionType(number, [number]), "f")
    builder = ir.IRBuilder(function.append_basic_block())
    assert emit(builder, "swish", function.args) is None
    assert emit(builder, power_derivative(2, 0).name, function.args * 2) is None


def test_only_short_rows_and_lists_are_missing() -> None:
    """What the kernels lack is a few instructions, or folds a list."""
    short = """abs add ahead detach div identity leaky_relu maximum minimum mul neg ratio relu sign sqrt step
    sub where""".split()
    missing = {op.name for op in TABLE.values() if is_row(op) and not any(op.lists)} - set(NAMES)
    assert missing <= set(short)


@pytest.mark.slow
def test_table() -> None:
    """Print the worst errors, largest first."""
    rows = []
    for name in NAMES:
        points = list(draw_points(TABLE[name], 8000, seed=5))
        found = compiled(name)(*zip(*points, strict=True))
        errors = []
        for operands, got in zip(points, found, strict=True):
            exact = exact_value(name, operands)
            if math.isfinite(got):
                errors.append((float(abs(exactly(got) - exact) / unit(exact)), operands))
        above = sum(error > 1.0 for error, _ in errors)
        rows.append((*max(errors), name, above / len(errors)))
    print("\n\n| row | worst, ulp | at | beyond 1 ulp |\n|---|---|---|---|")
    for worst, at, name, share in sorted(rows, reverse=True):
        print(f"| {name} | {worst:.2f} | {', '.join(map(repr, at))} | {share:.2%} |")
    assert len(rows) == len(NAMES)
