"""The script of a page computes what the engine computes, row by row and program by program."""

import json
import math
import os
import random
import re
import shutil
import struct
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings, strategies as st

from engine import ops
from engine.carrier import Floats
from engine.check.programs import SMOOTH, seeded
from engine.op import Op
from engine.ops import TABLE, power_derivative
from engine.see.digits import short
from engine.see.javascript import asset, assignments, called, kernels, literal
from engine.see.ledger import Entries, entries
from engine.see.script import MOST_NODES, Script, script
from engine.see.trail import Swept
from engine.symbol import Symbol
from engine.value import Value
from nn import MLP
from tests.see.conftest import OPERATIONS

TOLERANCE = 1e-12
"""Of the largest number there is."""
Recorder: TypeAlias = Callable[[list[float]], Value]
"""Records a graph with these numbers in its leaves."""
ORDERS = [power_derivative(n, m) for n, m in ((2, 0), (1, 1), (0, 2), (3, 1))]
ROWS = [*TABLE.values(), *ORDERS]
EDGES = [
    0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 3.0, -3.0, math.inf, -math.inf, math.nan, 5e-324, 1e-300,
    -1e-300, 1e300, -1e300, 709.0, 711.0, -746.0, 40.0, -40.0, -0.7517915246935645, -1.2784645427610737,
    1e-9, 1 + 2**-52, 1 - 2**-53,
]  # fmt: skip


@pytest.fixture(scope="session")
def node() -> Callable[[str], str]:
    """Runs JavaScript in node and returns what it prints."""
    path = shutil.which("node")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("CI has no node, so nothing tests the JavaScript of the page")
        pytest.skip("no node on PATH")

    def run(code: str) -> str:
        done = subprocess.run([path, "-"], input=code, capture_output=True, text=True, check=False)
        assert not done.returncode, done.stderr
        return done.stdout

    return run


def floats(printed: str) -> list[float]:
    """Return the numbers that PRINT printed, bit by bit."""
    raw = bytes.fromhex(printed)
    return list(struct.unpack(f"<{len(raw) // 8}d", raw))


PRINT = 'process.stdout.write(Buffer.from(new Float64Array(out).buffer).toString("hex"));'


def listed(numbers: Any) -> str:
    return f"[{','.join(map(literal, numbers))}]" if isinstance(numbers, tuple) else literal(numbers)


def distance(expected: list[float], got: list[float], size: float) -> float:
    """Return how far numbers are from those expected, relative to a size; inf where an edge differs."""
    assert len(expected) == len(got)
    worst = 0.0
    for x, y in zip(expected, got, strict=True):
        if not (x == y or (math.isnan(x) and math.isnan(y))):
            worst = max(worst, abs(x - y) / size if math.isfinite(x - y) else math.inf)
    return worst


def largest(numbers: list[float]) -> float:
    return max([abs(x) for x in numbers if math.isfinite(x)], default=1.0) or 1.0


# rows


def drawn(rng: random.Random) -> float:
    kind = rng.randrange(10)
    if kind < 2:
        return rng.choice(EDGES)
    if kind < 6:
        return rng.gauss(0, 2)
    if kind < 8:
        return rng.choice([-1, 1]) * 10 ** rng.uniform(-12, 3)
    return float(rng.randint(-6, 6)) if kind < 9 else rng.choice([-1, 1]) * 10 ** rng.uniform(-300, 300)


def cases(op: Op, count: int) -> list[tuple[Any, ...]]:
    """Return operands of an op, lists of three numbers (of two for `where`)."""
    rng, length = random.Random(op.name), 2 if op is ops.where else 3
    return [
        tuple(Floats(drawn(rng) for _ in range(length)) if many else drawn(rng) for many in op.lists)
        for _ in range(count)
    ]


def by_engine(op: Op, operands: tuple[Any, ...]) -> list[float]:
    z = op.evaluate(*operands)
    result = [z]
    for index in range(op.arity):
        if op.partials[index] is not None:
            slope = op.float_slope(index, z, operands)
            result += slope if isinstance(slope, (tuple, list)) else [slope]
    return result


def by_script(op: Op, chosen: list[tuple[Any, ...]]) -> str:
    """Return code that prints an op's value and partials at chosen operands, as `by_engine`."""
    length = 2 if op is ops.where else 3
    symbols = tuple(
        tuple(Symbol(f"{name}[{i}]") for i in range(length)) if many else Symbol(name)
        for name, many in zip("xy", op.lists, strict=False)
    )
    results = [("const z", Symbol.apply(op, symbols))]
    for index in range(op.arity):
        if op.partials[index] is not None:
            slope = op.slope(index, Symbol("z"), symbols)
            many = isinstance(slope, (tuple, list))
            results += [("out[out.length]", part) for part in (slope if many else [slope])]
    body = f"{assignments(results[:1])}out.push(z);{assignments(results[1:])}"
    calls = [f"f({','.join(map(listed, operands))});" for operands in chosen]
    names = ",".join("xy"[: op.arity])
    return f"{called(body)}\nconst out=[];\nfunction f({names}){{{body}}}\n{''.join(calls)}\n{PRINT}"


def test_every_row_has_a_kernel():
    assert {op.name for op in TABLE.values() if not isinstance(op, ops.PowerDerivative)} <= kernels().keys()


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_value_and_partials_of_a_row_are_those_of_the_engine(op, node):
    chosen = cases(op, 1000)
    got = iter(floats(node(by_script(op, chosen))))
    ulps = 0.0
    for operands in chosen:
        expected = by_engine(op, operands)
        found = [next(got) for _ in expected]
        numbers = [x for operand in operands for x in (operand if type(operand) is Floats else [operand])]
        assert distance(expected, found, largest(numbers + expected)) <= TOLERANCE, (
            operands,
            expected,
            found,
        )
        for x, y in zip(expected, found, strict=True):
            if math.isfinite(x):
                ulps = max(ulps, abs(x - y) / math.ulp(x))
                assert math.copysign(1.0, x) == math.copysign(1.0, y) or x, operands
    print(f"{op.name}: {ulps:.0f} ulp")


def test_a_wrong_kernel_is_found(node):
    chosen = cases(ops.tanh, 1000)
    code = by_script(ops.tanh, chosen)
    wrong = code.replace("return Math.tanh(x);", "return Math.tanh(x) * (1 + 3e-12);")
    assert wrong != code
    right, found = floats(node(code)), floats(node(wrong))
    assert distance(right, found, 1.0) > TOLERANCE


# programs


def all_numbers(found: Entries) -> list[float]:
    """Return values, partials, upstreams, contributions and gradients, in the order of `recompute`."""
    swept = [event for event in found.events if isinstance(event, Swept)]
    rows = [(e.partial, e.upstream, e.contribution, e.gradient) for e in swept]
    return [v.data for v in found.names] + [x for column in zip(*rows, strict=True) for x in column]


def leaves(found: Entries) -> list[Value]:
    return [v for v in found.names if isinstance(v, Value) and v.op is None]


def recomputing(made: Script, moves: list[list[float]]) -> str:
    """Return code that prints what a script makes of numbers, as `all_numbers`."""
    parts = "...r.values,...r.partials,...r.upstreams,...r.contributions,...r.gradients"
    calls = [f"r=recompute({listed(tuple(move))});out.push({parts});" for move in moves]
    return f'"use strict";const out=[];{{{made.code}let r;{"".join(calls)}}}{PRINT}'


def compared(
    record: Callable[[list[float]], Value], node: Any, moves: int, *, expand: bool
) -> Iterator[float]:
    """Yield, after each move of all leaves, how far the script is from a graph that is recorded there."""
    found = entries(record([]), expand=expand)
    made = script(found)
    assert not made.why_not
    rng = random.Random(0)
    moved = [[v.data for v in leaves(found)]]
    moved += [[rng.uniform(*reach) for reach in made.ranges] for _ in range(moves)]
    expected = [all_numbers(entries(record(move), expand=expand)) for move in moved]
    got = iter(floats(node(recomputing(made, moved))))
    for numbers in expected:
        yield distance(numbers, [next(got) for _ in numbers], largest(numbers))


def recorded(make: Callable[[], Value]) -> Recorder:
    """Return what records a graph with other numbers in its leaves, which are taken in order."""

    def record(move: list[float]) -> Value:
        y = make()
        if move:
            again = {v: x for v, x in zip(leaves(entries(y)), move, strict=True)}
            for v in entries(y).names:
                if isinstance(v, Value):
                    operands = (v.x, v.y)[: v.op.arity] if v.op else ()
                    v.data = again[v] if v.op is None else v.op.evaluate(*map(plain, operands))
        return y

    return record


def plain(operand: Any) -> Any:
    if isinstance(operand, tuple):
        return Floats(map(plain, operand))
    return operand.data if isinstance(operand, Value) else operand


@pytest.mark.parametrize("seed", range(100))
def test_random_programs_are_recomputed(seed, node):
    program = seeded(seed, SMOOTH, 5 + seed % 30)

    def make() -> Value:
        return program(*map(Value, program.inputs))

    distances = compared(recorded(make), node, 5, expand=seed % 2 == 0)
    assert max(distances) <= TOLERANCE


@settings(max_examples=10)
@given(choices=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)), min_size=1))
@pytest.mark.parametrize("expand", [False, True])
def test_structure_is_recomputed(choices, expand, program, node):
    assert len(OPERATIONS) < 99
    assert max(compared(recorded(lambda: program(choices)), node, 3, expand=expand)) <= TOLERANCE


def test_neuron_and_mlp(neuron, node):
    mlp = MLP(2, [4, 4, 1], rng=random.Random(0))
    for make, most in ((lambda: neuron, 2_000), (lambda: mlp([Value(1.0), Value(-2.0)]), 8_000)):
        assert len(script(entries(make())).code) < most
        for expand in (False, True):
            assert max(compared(recorded(make), node, 50, expand=expand)) <= TOLERANCE


def test_a_classifier_with_cross_entropy(node):
    def make() -> Value:
        rng = random.Random(0)
        scores = [
            ops.dot([Value(rng.gauss(0, 1)) for _ in range(2)], [Value(0.5), Value(-1.5)]) for _ in range(3)
        ]
        return ops.logsumexp(scores) - scores[1]

    assert max(compared(recorded(make), node, 50, expand=True)) <= TOLERANCE


@pytest.mark.parametrize("x", [0.0, -0.0, math.inf, -math.inf, math.nan, -1.0])
def test_edges_come_by_nature(x, node):
    def make() -> Value:
        v = Value(x)
        return ops.relu(v) + 1 / v + ops.log(v) + v**0.5 + v * math.inf

    assert next(compared(recorded(make), node, 0, expand=False)) <= TOLERANCE


def test_a_leaf_alone_and_a_second_derivative(node):
    assert max(compared(recorded(lambda: Value(3.0)), node, 2, expand=False)) == 0.0

    def slope() -> Value:
        x = Value(1.3)
        return ops.power_derivative(1, 0)(x, 2.5) * ops.sech2(x)

    assert max(compared(recorded(slope), node, 5, expand=False)) <= TOLERANCE


def test_300_nodes_are_recomputed_in_4_ms(node):
    x = y = Value(0.3)
    for _ in range((MOST_NODES - 1) // 2):
        y = ops.tanh(y * x)
    made = script(entries(y))
    assert not made.why_not
    code = f"""{made.code}
    const times = [];
    for (let i = 0; i < 50; i++) {{
      const start = performance.now();
      recompute([0.3]);
      times.push(performance.now() - start);
    }}
    console.log(Math.min(...times));"""
    assert float(node(code)) < 4.0


# what is in the code


def test_only_kernels_in_use_are_in_the_code(neuron):
    names = re.findall(r"function (\w+)", script(entries(neuron)).code)
    assert names == ["add", "mul", "tanh", "sech2", "sweep"]


def test_what_partials_share_is_computed_once():
    code = script(entries(ops.max([Value(float(i)) for i in range(100)]))).code
    assert code.count("ahead(") < 300 and len(code) < 12_000


def test_labels_never_reach_the_code():
    x = Value(1.0, label="</script><img src=x onerror=alert(1)>")
    code = script(entries(x * 2)).code
    assert "img" not in code and "</" not in code and "<!--" not in code


def test_every_kernel_can_be_cut_out():
    written = re.findall(r"^(?:function|const) (\w+)", asset("kernels.js"), flags=re.MULTILINE)
    assert written == list(kernels())


# digits


TIES = [(2 * n + 1) * 5.0 * 10.0**e for n in range(100, 1000, 7) for e in range(2, 19)]


@settings(max_examples=5)
@given(numbers=st.lists(st.floats() | st.floats(-1e6, 1e6) | st.decimals(-9999, 9999, places=5).map(float)))
def test_digits_are_those_of_the_library(numbers, node):
    rng = random.Random(0)
    numbers = numbers + EDGES + TIES + [k / 32 for k in range(-999, 999)]
    numbers += [99999.99995, 99999.99994, 1e5, 5e-4, 4.9999e-4, 1e21, 1.005e21]
    numbers += [rng.choice([-1, 1]) * 10 ** rng.uniform(-320, 308) for _ in range(999)]
    numbers += [round(rng.gauss(0, 10 ** rng.uniform(-4, 6)), 5) for _ in range(999)]
    printed = node(f"{asset('digits.js')}console.log(JSON.stringify({listed(tuple(numbers))}.map(short)));")
    assert json.loads(printed) == [short(x) for x in numbers]
