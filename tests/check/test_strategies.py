"""Strategies: what they draw, that they shrink, and that they say at once what cannot be drawn."""

import math
import random
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings, strategies as st

from engine import Op, Value, ops
from engine.chain import order
from engine.check import strategies as gs
from engine.check.points import ends
from engine.check.programs import Program, seeded
from engine.op import Interval
from engine.ops import TABLE
from engine.value import numbers_of
from nn import MLP

law = settings(deadline=None, derandomize=True, database=None)
hunt = settings(law, max_examples=3000, suppress_health_check=list(HealthCheck))


def found(strategy: Any, condition: Callable[[Any], bool]) -> Any:
    return find(strategy, condition, settings=hunt, random=random.Random(0))


def drawn(strategy: Any, count: int = 400) -> list[Any]:
    """A sample of what a strategy draws."""
    seen: list[Any] = []

    @settings(law, max_examples=count)
    @given(strategy)
    def collect(x: Any) -> None:
        seen.append(x)

    collect()
    return seen


# operands
@pytest.mark.parametrize("name", TABLE)
def test_operands_are_in_the_domain_and_off_kinks(name: str) -> None:
    op = TABLE[name]
    for operands in drawn(gs.numbers(op), 150):
        if op.arity == 1 and not op.lists[0]:
            assert type(operands) is float
            operands = (operands,)
        assert type(op(*operands)) is float
        for operand, is_list, within in zip(operands, op.lists, op.domain, strict=True):
            assert isinstance(operand, tuple) == is_list
            low, high = ends(within)
            for x in operand if is_list else (operand,):
                assert type(x) is float and low <= x <= high and math.isfinite(x)
                assert math.copysign(1.0, x) == 1.0 or x != 0.0
        assert op.margin is None or abs(op.margin(*operands)) >= 1e-3


def test_operands_reach_every_corner() -> None:
    seen = drawn(gs.numbers(ops.tanh), 1200)
    assert {0.0, 5e-324, -5e-324, sys.float_info.max, -sys.float_info.max} <= set(seen)
    assert any(0 < abs(x) < sys.float_info.min for x in seen) and any(20 < abs(x) < 1000 for x in seen)
    assert len({math.frexp(x)[1] for x in seen}) > 150
    assert {-1.0, 1.0, math.nextafter(1.0, 0.0)} <= set(drawn(gs.numbers(ops.asin), 600))
    assert {5e-324, 1e-323} <= set(drawn(gs.numbers(ops.log), 600))
    pairs = drawn(gs.numbers(ops.maximum, margin=0.0), 600)
    assert any(x == y for x, y in pairs) and any(y == math.nextafter(x, math.inf) for x, y in pairs)


@pytest.mark.parametrize(
    ("op", "condition", "smallest"),
    [
        (ops.tanh, lambda x: True, 0.0),
        (ops.tanh, lambda x: x > 2.5, 3.0),
        (ops.relu, lambda x: True, 1.0),
        (ops.log, lambda x: x < 1.0, 0.5),
        (ops.sum, lambda xs: True, ((0.0,),)),
        (ops.where, lambda x: True, (1.0, (0.0, 0.0))),
    ],
)
def test_operands_shrink_to_simple_numbers(op: Op, condition: Any, smallest: Any) -> None:
    assert found(gs.numbers(op), condition) == smallest


def test_the_margin_is_kept() -> None:
    assert all(abs(x) >= 5.0 for x in drawn(gs.numbers(ops.abs, margin=5.0), 200))
    assert 0.0 in drawn(gs.numbers(ops.abs, margin=0.0), 200)


def test_operands_of_a_narrow_domain() -> None:
    last = math.nextafter(1.0, 0.0)
    two = Op("two", lambda x: x, 1, domain=Interval(math.nextafter(last, 0.0), 1.0))
    assert set(drawn(gs.numbers(two), 50)) == {last}
    far = Op("far", lambda x: x, 1, domain=Interval(1e300, 1e301))
    assert all(1e300 < x < 1e301 for x in drawn(gs.numbers(far), 200))
    below = Op("below", lambda x: x, 1, domain=Interval(high=-1e-310))
    assert all(x < -1e-310 for x in drawn(gs.numbers(below), 200))


# programs
def test_programs_have_at_most_so_many_lines() -> None:
    for most in (1, 2, 3, 12):
        sizes = {len(program.lines) for program in drawn(gs.programs(max_nodes=most), 200)}
        assert min(sizes) == 1 and max(sizes) == most


def test_programs_are_of_the_ops_given_and_a_last_sum() -> None:
    mine = Op("mine", math.sin, lambda z, x: ops.cos(x))
    seen = set()
    for program in drawn(gs.programs(["tanh", ops.mul, mine]), 200):
        seen |= {op for op, _ in program.lines[:-1]}
        assert program.lines[-1].op in (ops.tanh, ops.mul, mine, ops.sum)
    assert seen == {ops.tanh, ops.mul, mine}


def test_programs_draw_every_public_smooth_row() -> None:
    seen = {op.name for program in drawn(gs.programs(), 600) for op, _ in program.lines}
    assert seen == set(TABLE) - ops.HELPERS - {"step", "detach"}


def test_sharing_is_what_it_says() -> None:
    for program in drawn(gs.programs(sharing=0.0), 200):
        leaves = [Value(x) for x in program.inputs]
        read = [v for node in order(program(*leaves)) for v in node.inputs if v.op or v in leaves]
        assert len(read) == len(set(read))


@pytest.mark.parametrize(
    ("condition", "most"),
    [
        (lambda p: any(op is ops.tanh for op, _ in p.lines), 1),
        (lambda p: p.run()[-1] > 3.5, 1),
        (lambda p: len(p.lines) > 2, 3),
        (lambda p: len({op for op, _ in p.lines}) > 2, 3),
    ],
)
def test_programs_shrink(condition: Any, most: int) -> None:
    program = found(gs.programs(), condition)
    assert len(program.lines) <= most and len(program.inputs) <= 2, program


def test_a_failing_program_is_printed_as_text_to_paste() -> None:
    @settings(law)
    @given(gs.programs(["tanh"]))
    def fails(program: Program) -> None:
        raise AssertionError("always")

    with pytest.raises(AssertionError) as caught:
        fails()
    assert "\nfrom engine import Value, tanh\nx = Value(0.5)\ntanh(x).backward()" in "\n".join(
        caught.value.__notes__
    )


# networks
@settings(law, max_examples=60)
@given(gs.modules(MLP, max_inputs=2, max_width=3, max_layers=3, batch=4))
def test_networks_come_with_data_and_off_kinks(sample: gs.Sample) -> None:
    module, points, targets = sample
    assert 1 <= len(points) == len(targets) <= 4 and 1 <= len(module.layers) <= 3
    for point, target in zip(points, targets, strict=True):
        answer = module(point)
        outputs = answer if isinstance(answer, list) else [answer]
        assert isinstance(target, list) == isinstance(answer, list)
        assert len(outputs) == (len(target) if isinstance(target, list) else 1)
        for node in {node for output in outputs for node in order(output)}:
            if node.op is not None and node.op.margin is not None:
                assert abs(node.op.margin(*map(numbers_of, (node.x, node.y)[: node.op.arity]))) >= 1e-3
    assert all(-1 <= p.data <= 1 for p in module.parameters())
    assert all(len(layer.neurons) <= 3 for layer in module.layers)


def test_networks_shrink() -> None:
    sample = found(gs.modules(MLP, max_layers=3), lambda sample: True)
    assert sample.module.describe() == "MLP(1, [1])" and sample.points == [[0.0]] and sample.targets == [0.0]


# what cannot be drawn
nowhere = Op("nowhere", lambda x: x, 1, domain=Interval(1.0, math.nextafter(1.0, 2.0)))
kinked = Op("kinked", abs, 1, domain=Interval(-1.0, 1.0), margin=lambda x: x)
endless = Op("endless", lambda x: math.inf, 1)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: gs.numbers("tanh"), TypeError, "numbers takes an op such as engine.tanh, got 'tanh'"),
        (lambda: gs.numbers(ops.tanh, margin=-1.0), ValueError, "margin is a distance"),
        (lambda: gs.numbers(nowhere), ValueError, "no float is in the domain of operand 0"),
        (lambda: gs.numbers(kinked, margin=2.0), ValueError, "take a smaller margin"),
        (lambda: gs.programs([]), ValueError, "at least one op"),
        (lambda: gs.programs("tanh"), TypeError, "a list of ops or names"),
        (lambda: gs.programs(ops.tanh), TypeError, "a list of ops or names"),
        (lambda: gs.programs([math.tanh]), TypeError, "ops or names of the table's rows"),
        (lambda: gs.programs(["tanhh"]), ValueError, "no row is called 'tanhh'; did you mean 'tanh'"),
        (lambda: gs.programs([nowhere]), ValueError, "op 'nowhere' gives no moderate number"),
        (lambda: gs.programs(["sin", endless]), ValueError, "op 'endless' gives no moderate number"),
        (lambda: gs.programs(max_nodes=0), ValueError, "max_nodes is a whole number, at least 1, got 0"),
        (lambda: gs.programs(sharing=1.5), ValueError, "sharing is a probability"),
        (lambda: gs.programs(sharing=math.nan), ValueError, "sharing is a probability"),
        (lambda: gs.modules(MLP, batch=0), ValueError, "batch is a whole number"),
        (lambda: gs.modules(MLP, activations=[]), ValueError, "a list of activations"),
        (lambda: gs.modules(MLP, activations="tanh"), ValueError, "a list of activations"),
        (lambda: gs.modules(MLP, activations=["tahn"]), ValueError, "did you mean 'tanh'"),
        (lambda: gs.modules(3), TypeError, "a class of networks such as nn.MLP, got 3"),
        (lambda: gs.modules(lambda *sizes, **rest: 3), TypeError, "which has no parameters"),
    ],
)
def test_what_cannot_be_drawn_is_said_at_once(make: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        make()


@pytest.mark.slow
def test_twenty_thousand_programs_are_moderate() -> None:
    for seed in range(20_000):
        assert 1 <= len(seeded(seed, gs.SMOOTH, 60).lines) <= 60


def test_everything_is_a_strategy() -> None:
    for strategy in (gs.numbers(ops.tanh), gs.programs(), gs.modules(MLP)):
        assert isinstance(strategy, st.SearchStrategy)
