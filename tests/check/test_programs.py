"""Programs: recorded and random ones, and the text that they print as."""

import copy
import math
import pickle
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine import Dual, Op, Value, ops
from engine.check.domains import NEAREST_KINK, clear_of_trouble
from engine.check.programs import SMOOTH, Line, Program, build, seeded
from engine.check.source import WIDTH, indices
from engine.check.strategies import programs
from engine.op import Interval
from engine.ops import TABLE, power_derivative

law = settings(deadline=None, derandomize=True, database=None)

swish = Op("swish", lambda x: x / (1 + math.exp(-x)), lambda z, x: ops.silu_slope(x))
ROWS = [
    *(op for op in TABLE.values() if op.name not in ("step", "sign", "ahead")),
    power_derivative(2, 1),
    swish,
]
"""All rows but those that are flat everywhere, an op beyond the table, and a user's op."""


def bits(numbers: Any) -> list[str]:
    return [float(x).hex() for x in numbers]


def swept(program: Program) -> tuple[list[str], list[str]]:
    """The value and the gradients of a program, to the bit."""
    leaves = [Value(x) for x in program.inputs]
    z = program(*leaves)
    z.backward()
    return bits([z]), bits(leaf.grad for leaf in leaves)


def executed(text: str, count: int, scope: dict[str, Any] | None = None) -> tuple[list[str], list[str]]:
    """The same of a text, whose first Values are the inputs."""
    scope = {} if scope is None else dict(scope)
    *lines, last = text.split("\n")
    end = max((i for i, line in enumerate([*lines, last]) if not line.startswith((" ", ")"))), default=0)
    lines, last = [*lines, last][:end], "\n".join([*lines, last][end:])
    assert last.endswith(".backward()")
    exec("\n".join(lines), scope)
    z = eval(last.removesuffix(".backward()"), scope)
    z.backward()
    leaves = [v for v in scope.values() if isinstance(v, Value) and v.op is None]
    assert len(leaves) == count
    return bits([z]), bits(leaf.grad for leaf in leaves)


def reads(program: Program) -> Counter[int]:
    return Counter(i for _, operands in program.lines for operand in operands for i in indices(operand))


# the text
@pytest.mark.parametrize("size", [1, 3, 25, 60])
def test_the_text_runs_to_the_same_bits(size: int) -> None:
    for seed in range(150):
        program = seeded(seed, ROWS, size, sharing=seed % 3 / 2)
        text = program.source()
        assert executed(text, len(program.inputs)) == swept(program), text
        assert max(map(len, text.split("\n"))) <= WIDTH
        assert executed(program.source("loss"), len(program.inputs)) == swept(program)


@settings(law, max_examples=300)
@given(programs(ROWS, max_nodes=12))
def test_the_text_of_drawn_programs_runs_to_the_same_bits(program: Program) -> None:
    assert executed(repr(program).lstrip("\n"), len(program.inputs)) == swept(program)


def test_an_op_on_an_input_is_three_lines() -> None:
    for op in TABLE.values():
        lists = tuple((0, 0) if op is ops.where else (0,) if is_list else 0 for is_list in op.lists)
        text = str(Program((0.3,), (Line(op, lists),)))
        assert len(text.split("\n")) <= 3 + (op.name in ops.HELPERS)


def one(op: Op, *operands: Any) -> Line:
    return Line(op, operands)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        ([one(ops.add, 0, 1.0), one(ops.mul, 1, 2.0)], "((x + 1.0) * 2.0)"),
        ([one(ops.mul, 0, 2.0), one(ops.add, 1, 1.0)], "(x * 2.0 + 1.0)"),
        ([one(ops.sub, 0, 2.0), one(ops.sub, 1.0, 1)], "(1.0 - (x - 2.0))"),
        ([one(ops.sub, 0, 2.0), one(ops.sub, 1, 1.0)], "(x - 2.0 - 1.0)"),
        ([one(ops.add, 0, 2.0), one(ops.add, 1.0, 1)], "(1.0 + (x + 2.0))"),
        ([one(ops.div, 0, 2.0), one(ops.mul, 3.0, 1)], "(3.0 * (x / 2.0))"),
        ([one(ops.neg, 0), one(ops.power, 1, 2.0)], "((-x)**2.0)"),
        ([one(ops.power, 0, 2.0), one(ops.neg, 1)], "(-x**2.0)"),
        ([one(ops.power, 0, -2.0), one(ops.power, 1, 3.0)], "((x**-2.0)**3.0)"),
        ([one(ops.power, 0, 2.0), one(ops.power, -3.0, 1)], "((-3.0)**x**2.0)"),
        ([one(ops.neg, 0), one(ops.neg, 1)], "(-(-x))"),
        ([one(ops.mul, 0, 2.0), one(ops.neg, 1)], "(-(x * 2.0))"),
        ([one(ops.neg, 0), one(ops.mul, 1, 2.0)], "(-x * 2.0)"),
        ([one(ops.abs, 0), one(ops.mul, 1, -2.0)], "(abs(x) * -2.0)"),
        ([one(ops.elu, 0, 1.0)], "elu(x)"),
        ([one(ops.elu, 0, 2.0)], "elu(x, 2.0)"),
        ([one(ops.where, 0, (0, 1.0))], "where(x, x, 1.0)"),
        ([one(ops.dot, (0, 1.0), (2.0, math.nan))], "dot([x, 1.0], [2.0, float('nan')])"),
        ([one(ops.add, 0, -math.inf)], "(x + float('-inf'))"),
        ([one(ops.add, 0, -0.0)], "(x + -0.0)"),
        ([one(power_derivative(2, 1), 0, 2.0)], "power_derivative(2, 1)(x, 2.0)"),
        ([one(ops.exp, 0), one(ops.mul, 1, 1)], "(z1 * z1)"),
    ],
)
def test_brackets_are_few_and_right(lines: list[Line], text: str) -> None:
    program = Program((0.3,), tuple(lines))
    assert str(program).split("\n")[-1] == text + ".backward()"
    assert executed(str(program), 1) == swept(program)


def test_imports_name_what_is_used() -> None:
    lines = (one(ops.sech2, 0), one(ops.tanh, 1), one(ops.add, 2, 1.0), one(ops.log2, 3), one(ops.abs, 4))
    text = str(Program((0.3,), lines)).split("\n")
    assert text[:2] == ["from engine import Value, log2, tanh", "from engine.ops import sech2"]


def test_a_users_op_is_imported_or_said_to_be_defined() -> None:
    local = Op("swish", lambda x: x, lambda z, x: 1.0)
    odd = Op("my op", lambda x: x, 1)
    keyword = Op("lambda", lambda x: x, 1)
    x = Op("x", lambda x: x, 1)
    assert f"from {__name__} import swish" in str(Program((0.3,), (one(swish, 0),)))
    text = str(Program((0.3,), (one(local, 0), one(odd, 1), one(keyword, 2), one(x, 3))))
    header, *_, last = text.split("\n")
    assert "swish, x: ops of your own" in header and "'my op'" in header and "'lambda'" in header
    assert last == "x(lambda_2(my_op(swish(x1)))).backward()"
    both = Program((0.3,), (one(swish, 0), one(local, 1)))
    assert swept(both) == executed(str(both), 1, {"swish_2": local})
    fake = Op("tanh", math.sin, lambda z, x: 1.0)
    both = Program((0.3,), (one(fake, 0), one(ops.tanh, 1)))
    assert swept(both) == executed(str(both), 1, {"tanh_2": fake})


def test_a_program_of_numbers_alone_is_written_as_one() -> None:
    program = Program((), (one(ops.div, 1.0, 0.0), one(ops.sum, (0, 2.0))))
    scope: dict[str, Any] = {}
    exec(str(program), scope)
    assert program.run()[-1] == math.inf == scope["z1"]
    mixed = Program((2.0,), (one(ops.div, 1.0, 0.0), one(ops.add, 1.0, 1), one(ops.mul, 2, 0)))
    assert executed(str(mixed), 1) == swept(mixed)


def test_a_name_is_a_name() -> None:
    with pytest.raises(ValueError, match="name is a name in Python"):
        seeded(0, SMOOTH, 3).source("my loss")


# programs of graphs
@settings(law, max_examples=300)
@given(programs(ROWS), st.booleans())
def test_the_program_of_a_graph_is_the_graph(program: Program, whole: bool) -> None:
    leaves = [Value(x) for x in program.inputs]
    z = program(*leaves)
    made = Program.of(z) if whole else Program.of(z, leaves)
    value, slopes = swept(program)
    found, gradients = swept(made)
    assert found == value
    if not whole:
        assert made.inputs == program.inputs and gradients == slopes
    assert Program.of(made(*(first := [Value(x) for x in made.inputs])), first) == made


def test_other_leaves_are_numbers_unless_an_op_would_see_no_value() -> None:
    x, w, b = Value(2.0), Value(3.0), Value(0.5)
    assert Program.of(x * w + b, [x]).lines == (one(ops.mul, 0, 3.0), one(ops.add, 1, 0.5))
    program = Program.of(ops.tanh(w) * x + w, [x])
    assert program.inputs == (2.0, 3.0)
    assert program.lines == (one(ops.tanh, 1), one(ops.mul, 2, 0), one(ops.add, 3, 1))
    listed = Program.of(ops.dot([x, 1.0], [w, 4.0]), [x])
    assert listed == Program((2.0,), (one(ops.dot, (0, 1.0), (3.0, 4.0)),))


def test_inputs_come_first_whatever_they_are() -> None:
    x, y = Value(2.0), Value(3.0)
    assert Program.of(x, [x, y]).run() == [2.0, 3.0, 2.0]
    assert Program.of(y, [x, y])(1.0, 5.0) == 5.0
    assert Program.of(x * y, [y, x, y]).inputs == (3.0, 2.0, 3.0)
    assert Program.of(x).run() == [2.0, 2.0]
    z = ops.exp(x)
    assert Program.of(z * y, [x, z]) == Program((2.0, z.data), (one(ops.mul, 1, 3.0),))
    with pytest.raises(TypeError, match="inputs of a program are Values"):
        Program.of(z, [2.0])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="starts from a Value"):
        Program.of(2.0)  # type: ignore[arg-type]


def test_what_stands_behind_a_detach_is_in_the_program() -> None:
    x = Value(0.3)
    program = Program.of(ops.detach(ops.tanh(x)) * x, [x])
    assert [op.name for op, _ in program.lines] == ["tanh", "detach", "mul"]


def test_a_long_program_needs_no_recursion() -> None:
    x = Value(1.0)
    y = x
    for i in range(50_000):
        y = y * x if i % 2 else ops.sin(y)
    program = Program.of(y, [x])
    assert len(program.lines) == 50_000 and program.pruned() is program
    text = str(program)
    assert max(map(len, text.split("\n"))) <= WIDTH
    scope: dict[str, Any] = {}
    exec(text, scope)
    y.backward()
    assert scope["x"].grad == x.grad


# running, pruning
def test_a_program_runs_on_any_numbers() -> None:
    program = Program((2.0,), (one(ops.mul, 0, 0), one(ops.add, 1, 1.0)))
    assert program.run() == [2.0, 4.0, 5.0] and program(3.0) == 10.0
    assert program(Dual(2.0, 1.0)).rate == 4.0
    assert program.run([1.0], lambda op, *operands: op.name) == [1.0, "mul", "add"]
    with pytest.raises(TypeError, match="takes 1 inputs, got 2"):
        program(1.0, 2.0)


@settings(law, max_examples=200)
@given(programs(ROWS), st.data())
def test_pruning_changes_no_result(program: Program, data: Any) -> None:
    count = data.draw(st.integers(1, len(program.lines)))
    prefix = Program(program.inputs, program.lines[:count])
    pruned = prefix.pruned()
    assert bits(pruned.run()[-1:]) == bits(prefix.run()[-1:])
    assert pruned.pruned() is pruned
    seen, first = reads(pruned), len(pruned.inputs)
    assert all(seen[i] for i in range(first + len(pruned.lines) - 1))
    assert prefix.pruned(keep=len(prefix.inputs)).inputs == prefix.inputs


def test_programs_are_plain_data() -> None:
    program = seeded(7, SMOOTH, 20)
    assert pickle.loads(pickle.dumps(program)) == program == copy.deepcopy(program)
    assert len({program, seeded(7, SMOOTH, 20)}) == 1
    with pytest.raises(AttributeError):
        program.inputs = ()  # type: ignore[misc]


# random programs
@pytest.mark.parametrize("sharing", [0.0, 0.5, 1.0])
def test_built_programs_stay_clear_of_trouble(sharing: float) -> None:
    used: set[Op] = set()
    for seed in range(300):
        program = seeded(seed, ROWS, 40, sharing=sharing)
        results = program.run()
        assert 1 <= len(program.lines) <= 40 and program.pruned() is program
        assert all(map(math.isfinite, results))
        for op, operands in program.lines:
            used.add(op)
            found = tuple(
                tuple(results[x] if type(x) is int else x for x in operand)
                if isinstance(operand, tuple)
                else results[operand] if type(operand) is int
                else operand
                for operand in operands
            )  # fmt: skip
            assert op is ops.sum or clear_of_trouble(op, found), (op, found)
            assert op.margin is None or abs(op.margin(*found)) > NEAREST_KINK
            assert any(indices(operand) for operand in operands)
        if sharing == 0.0:
            assert max(reads(program).values()) == 1
    assert used == set(ROWS)


def test_sharing_shares() -> None:
    def shared(sharing: float) -> int:
        return sum(
            n - 1 for seed in range(50) for n in reads(seeded(seed, SMOOTH, 40, sharing=sharing)).values()
        )

    assert shared(0.0) == 0 < shared(0.3) < shared(0.9)


def test_a_users_op_takes_part_inside_its_domain() -> None:
    seen: list[float] = []

    def value(x: float) -> float:
        seen.append(x)
        return 1 / (x - 5) / (6 - x)

    narrow = Op("narrow", value, lambda z, x: z, domain=Interval(5.0, 6.0))
    pole = Op("pole", lambda x: 1 / (x - 1.0) if x != 0.5 else float("nan"), lambda z, x: -z * z)
    pair = Op("pair", lambda xs, ys: math.fsum(xs) * len(ys), 1.0, 0.0, lists=(True, True))
    counts: Counter[str] = Counter()
    for seed in range(100):
        counts.update(op.name for op, _ in seeded(seed, [narrow, pole, pair], 10).lines)
    assert min(counts[name] for name in ("narrow", "pole", "pair")) > 20
    assert all(5.0 < x < 6.0 for x in seen)
    only = seeded(0, [narrow], 5)
    assert only.lines[0].op is narrow
    with pytest.raises(ValueError, match="no op has a number in its domain: empty"):
        build(random.Random(0).randrange, [Op("empty", abs, 1, domain=Interval(1.0, 1.0001))], 3)


def test_a_seed_is_a_program() -> None:
    assert seeded(3, SMOOTH, 30) == seeded(3, SMOOTH, 30) != seeded(4, SMOOTH, 30)
