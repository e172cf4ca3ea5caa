"""Shrinking: planted faults come down to the op that has them, on short numbers."""

import math
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from engine import Op, Value, chain_rule, ops
from engine.chain import order
from engine.check.domains import clear_of_trouble
from engine.check.programs import SMOOTH, Line, Program, mapped, seeded
from engine.check.shrink import shrunk
from engine.check.source import indices
from engine.check.strategies import programs
from engine.op import Interval
from engine.value import numbers_of

law = settings(deadline=None, derandomize=True, database=None)


def slope(z: Any, x: Any) -> Any:
    """The slope of swish, wrong above 0.4 by a few parts in ten thousand of x - 0.4."""
    return ops.silu_slope(x) + 1e-4 * ops.relu(x - 0.4)


swish = Op("swish", lambda x: ops.silu.value(x), slope)


def recorded(program: Program) -> list[Value]:
    """The nodes that a program records."""
    z = program(*[Value(x) for x in program.inputs])
    return [node for node in order(z) if node.op is not None] if isinstance(z, Value) else []


def has_wrong_swish(program: Program) -> bool:
    return any(
        abs(swish.slope(0, node.data, (node.x.data,)) - ops.silu_slope(node.x.data)) > 1e-6
        for node in recorded(program)
        if node.op is swish
    )


def has_tanh_of_product(program: Program) -> bool:
    return any(node.op is ops.tanh and node.x.op is ops.mul for node in recorded(program))


def has_shared_node(program: Program) -> bool:
    """Whether an interior result is read twice: sharing is what accumulates gradients."""
    found = [step.input for step in chain_rule(program(*map(Value, program.inputs))) if step.input.op]
    return len(found) > len(set(found))


class Counting:
    """A function that counts its calls."""

    def __init__(self, fails: Any) -> None:
        self.fails, self.calls = fails, 0

    def __call__(self, program: Program) -> bool:
        self.calls += 1
        assert program.lines and program.inputs and program.pruned() is program or self.calls == 1
        return bool(self.fails(program))


def failing(fails: Any, chosen: Any, size: int, count: int) -> list[Program]:
    found = [program for seed in range(count) if fails(program := seeded(seed, chosen, size))]
    assert len(found) > 5
    return found


def test_a_wrong_partial_comes_down_to_one_op_on_a_short_number() -> None:
    for program in failing(has_wrong_swish, [*SMOOTH[::3], swish], 25, 60):
        fails = Counting(has_wrong_swish)
        assert str(shrunk(program, fails)).split("\n")[2:] == ["x = Value(1.0)", "swish(x).backward()"]
        assert fails.calls < 100


def test_a_fault_of_two_ops_keeps_both() -> None:
    for program in failing(has_tanh_of_product, SMOOTH, 60, 300):
        small = shrunk(program, has_tanh_of_product)
        assert len(small.inputs) == 1 and [op.name for op, _ in small.lines] == ["mul", "tanh"]
        assert str(small).split("\n")[1] == "x = Value(0.0)" and len(str(small).split("\n")) == 3


def test_a_fault_of_sharing_keeps_two_readers() -> None:
    for program in failing(has_shared_node, SMOOTH, 25, 12):
        small = shrunk(program, has_shared_node)
        assert len(small.lines) <= 3 and len(small.inputs) == 1


def test_a_fault_in_a_list_keeps_as_many_elements_as_it_needs() -> None:
    def fails(program: Program) -> bool:
        return any(
            node.op is ops.logsumexp and sum(x > 1.0 for x in numbers_of(node.x)) > 1
            for node in recorded(program)
        )

    for program in failing(fails, [ops.logsumexp, ops.mul, ops.sin, ops.dot], 25, 60):
        small = shrunk(program, fails)
        assert len(small.lines) == 1 and len(small.lines[0].operands[0]) <= 3
        assert len(small.inputs) == 1


def test_numbers_get_few_digits() -> None:
    program = Program((math.pi * 1e5, math.e), (Line(ops.mul, (0, 1)),))

    small = shrunk(program, lambda p: 850_000 < p.run()[-1] < 860_000)
    assert small == Program((2.72,), (Line(ops.mul, (314_000.0, 0)),))


def test_a_program_off_kinks_and_ends_shrinks_to_one() -> None:
    """Not to log(0), which fails for reasons of its own."""
    program = Program((0.37,), (Line(ops.log, (0,)), Line(ops.relu, (0,)), Line(ops.sum, ((1, 2),))))
    assert shrunk(program, lambda p: any(op is ops.log for op, _ in p.lines)).inputs == (1.0,)
    assert shrunk(program, lambda p: any(op is ops.relu for op, _ in p.lines)).inputs == (1.0,)
    at_kink = Program((0.0,), (Line(ops.exp, (0,)), Line(ops.relu, (0,)), Line(ops.sum, ((1, 2),))))
    small = shrunk(at_kink, lambda p: any(op is ops.relu and x.data == 0 for op, x in visited(p)))
    assert small == Program((0.0,), (Line(ops.relu, (0,)),))


def visited(program: Program) -> list[tuple[Op, Value]]:
    return [(node.op, node.x) for node in recorded(program) if node.op is not None]


def test_an_op_that_takes_two_elements_keeps_them() -> None:
    """Shorter lists, which the op refuses, are not tried on `fails`."""
    pair = Op("pair", lambda xs: xs[0] * xs[1], lambda z, xs: (xs[1], xs[0]), lists=(True,))
    for op in (pair, ops.where):
        operands = ((0, 1),) if op is pair else (0, (1, 2))
        program = Program((0.3, 0.7, 0.2), (Line(op, operands),))
        small = shrunk(program, lambda p, op=op: any(line.op is op for line in p.lines))  # type: ignore[misc]
        assert len(small.lines) == 1 and len(small.lines[0].operands[-1]) == 2 and len(small.inputs) == 1


@settings(law, max_examples=150)
@given(programs(max_nodes=30), st.data())
def test_what_comes_out_fails_and_is_no_larger(program: Program, data: Any) -> None:
    """The fault: a line whose op and number of results read are those of one line of the program."""
    line = data.draw(st.sampled_from(program.lines))
    limit = data.draw(st.sampled_from([5, 40, 1000]))

    def signature(line: Line) -> Any:
        return line.op, sum(len(indices(operand)) for operand in line.operands)

    def has_the_line(p: Program) -> bool:
        return any(signature(other) == signature(line) for other in p.lines)

    fails = Counting(has_the_line)
    small = shrunk(program, fails, max_calls=limit)
    assert has_the_line(small) and fails.calls <= limit
    assert len(small.lines) <= len(program.lines)
    assert small == shrunk(program, has_the_line, max_calls=limit)
    if limit == 1000:
        assert len(small.lines) == 1
        results = small.run()
        found = mapped(lambda x: results[x] if type(x) is int else x, small.lines[0].operands)
        assert clear_of_trouble(small.lines[0].op, found)


def test_a_deep_graph_takes_few_calls() -> None:
    x = Value(0.5)
    y = x
    for i in range(3000):
        y = ops.sin(y) + x if i != 1234 else swish(y)
    fails = Counting(lambda p: any(op is swish for op, _ in p.lines))
    small = shrunk(Program.of(y, [x]), fails)
    assert small == Program((0.0,), (Line(swish, (0,)),))
    assert fails.calls < 400


def test_what_cannot_be_shrunk_is_said() -> None:
    program = seeded(0, SMOOTH, 5)
    with pytest.raises(ValueError, match="the program to shrink does not fail:\nfrom engine import"):
        shrunk(program, lambda p: False)
    with pytest.raises(TypeError, match="fails says True or False of a program, got None"):
        shrunk(program, lambda p: None)  # type: ignore[arg-type, return-value]

    def raising(p: Program) -> bool:
        if p is program:
            return True
        raise KeyError("the fault's own")

    with pytest.raises(KeyError, match="the fault's own"):
        shrunk(program, raising)


def test_what_is_smallest_stays_as_it_is() -> None:
    smallest = Program((0.0,), (Line(ops.tanh, (0,)),))
    assert shrunk(smallest, lambda p: True) == smallest
    edge = Op("edge", lambda x: x, 1, domain=Interval(5.0, 6.0))
    program = Program((5.4321,), (Line(edge, (0,)),))
    assert shrunk(program, lambda p: True) == Program((5.4,), (Line(edge, (0,)),))
