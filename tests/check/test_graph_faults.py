"""The checker of graphs is itself checked: faults in rows and in the sweep, inside random programs."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

import engine.chain
from engine import Dual, Op, Value, ops
from engine.chain import chain_rule, interior, local_steps, order
from engine.check import verdict
from engine.check.definitions import ROWS, Row
from engine.check.graph_report import GraphReport
from engine.check.judge import PARTS, TITLES, as_list, operands_at
from engine.check.programs import SMOOTH, Line, Program, seeded
from engine.check.strategies import programs
from engine.check.ulps import mpf
from engine.check.verdict import verdict_on
from engine.ops import TABLE
from tests.test_catches import TWO_PARTIALS, scaled

ORACLES: dict[Op, Any] = {}
law = settings(deadline=None, derandomize=True, database=None)


def checked(program: Program, seed: int = 0) -> GraphReport:
    leaves = [Value(x) for x in program.inputs]
    return verdict_on(program(*leaves), leaves, seed=seed, oracles=ORACLES)


def program_with(op: Op, index: int, seed: int = 0) -> Program:
    """A random program in which an operand of an op is recorded, and the op flows into the output."""
    used = [*(ops.sin, ops.mul, ops.add, ops.exp, ops.sub, ops.dot), op, op]
    for number in range(seed, seed + 1000):
        program = seeded(number, used, 12)
        for node in order(program(*map(Value, program.inputs))):
            operand = (node.x, node.y)[index]
            if node.op is op and not isinstance(operand, float) and has_slope(node, index):
                return program
    raise AssertionError(f"no program with {op.name}")


def has_slope(node: Value, index: int) -> bool:
    """Whether a factor would change the partial of a node; a flat one gets a little slope."""
    assert node.op is not None
    if node.op.partials[index] in (None, 0.0):
        return True
    slopes = as_list(node.op.float_slope(index, node.data, operands_at(node)), 1)
    return any(map(bool, slopes))


def plant(monkeypatch: pytest.MonkeyPatch, op: Op, partials: tuple[Any, ...]) -> None:
    """Give a row other partials, and other ones on floats, which the sweep calls."""
    monkeypatch.setattr(op, "partials", partials)
    monkeypatch.setattr(op, "dx", partials[0])
    monkeypatch.setattr(op, "dy", partials[1] if len(partials) > 1 else None)


def with_part(op: Op, index: int, partial: Any) -> tuple[Any, ...]:
    return (*op.partials[:index], partial, *op.partials[index + 1 :])


def assert_named(report: GraphReport, op: Op, index: int) -> None:
    """The report names the op and the part, marks it, and prints a program that shows it."""
    assert report.verdict == "wrong" and report.culprit is not None
    assert (report.culprit.op, report.culprit.part.partition("[")[0]) == (op.name, TITLES[PARTS[index]])
    assert report.mark is not None and report.mark.node.op is op
    assert report.mark.text in report.draw().dot
    lines = report.minimal.splitlines()
    assert sum(line.startswith("from ") for line in lines) <= 2
    assert len([line for line in lines if not line.startswith(("from ", "    ", ")"))]) <= 3
    exec(report.minimal, {op.name: op})


EDGES = [(name, index) for name, op in TABLE.items() for index in range(op.arity)]


@pytest.mark.parametrize(("name", "index"), EDGES)
def test_a_partial_that_is_off_by_1e_12(name: str, index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    op = TABLE[name]
    program = program_with(op, index)
    assert checked(program).verdict == "right"
    plant(monkeypatch, op, with_part(op, index, scaled(op, index, 1.0 + 1e-12)))
    assert_named(checked(program), op, index)


@pytest.mark.parametrize(("name", "index"), EDGES[::5])
def test_a_wrong_sign(name: str, index: int, monkeypatch: pytest.MonkeyPatch) -> None:
    op = TABLE[name]
    program = program_with(op, index, seed=5000)
    plant(monkeypatch, op, with_part(op, index, scaled(op, index, -1.0)))
    assert_named(checked(program), op, index)


@pytest.mark.parametrize("name", TWO_PARTIALS)
def test_swapped_partials(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    op = TABLE[name]
    program = program_with(op, 0)
    plant(monkeypatch, op, op.partials[::-1])
    report = checked(program)
    assert report.culprit is not None
    assert_named(report, op, 0 if report.culprit.part.startswith("∂z/∂x") else 1)


UNSTABLE = {
    "tanh": lambda z, x: 1 - z * z,
    "sigmoid": lambda z, x: z * (1 - z),
    "softplus": lambda z, x: 1 - ops.exp(-z),
    "cosh": lambda z, x: ops.sqrt(z * z - 1),
}


@pytest.mark.parametrize("name", UNSTABLE)
def test_an_unstable_formula(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is right on paper, and wrong where it loses digits."""
    op, x = TABLE[name], {"cosh": 1e-3, "softplus": -15.0}.get(name, 12.0)
    program = Program((x / 2, 0.3), (Line(ops.mul, (0, 2.0)), Line(op, (2,)), Line(ops.mul, (3, 1))))
    plant(monkeypatch, op, (UNSTABLE[name],))
    assert_named(checked(program), op, 0)


TWINS = [(name, i) for name, i in EDGES if not any(TABLE[name].lists) and TABLE[name].partials[i] is not None]


@pytest.mark.parametrize(("name", "index"), TWINS)
def test_a_partial_that_the_sweep_alone_has_wrong(
    name: str, index: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    op = TABLE[name]
    program = program_with(op, index)
    monkeypatch.setattr(op, PARTS[index], scaled(op, index, 1.0 + 1e-12))
    report = checked(program)
    assert_named(report, op, index)
    assert report.culprit is not None and "which a sweep calls" in report.culprit.hint


def test_a_small_fault_beside_large_contributions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sum alone would not show it: 1e-12 of 1e-6 is lost in the rounding of 1."""
    program = Program(
        (0.3,),
        (Line(ops.tanh, (0,)), Line(ops.mul, (1, 1e-6)), Line(ops.exp, (0,)), Line(ops.add, (2, 3))),
    )
    monkeypatch.setattr(ops.tanh, "dx", scaled(ops.tanh, 0, 1.0 + 1e-12))
    assert_named(checked(program), ops.tanh, 0)


# the sweep
def plain(output: Value) -> None:
    """The sweep as it should be, without haste."""
    run(output, lambda node, steps: steps, lambda v, c: v.grad + c)


def run(
    output: Value,
    steps: Callable[[Value, list[Any]], list[Any]],
    added: Callable[[Value, float], float],
    visit: Callable[[list[Value]], list[Value]] = lambda nodes: nodes[::-1],
    fresh: Callable[[Value], bool] = lambda v: v.op is not None,
) -> None:
    nodes = interior(output)
    for v in order(output):
        if fresh(v):
            v.grad = 0.0
    output.grad += 1.0
    for node in visit(nodes):
        for step in steps(node, list(local_steps(node))):
            step.input.grad = added(step.input, step.contribution)


def breadth_first(nodes: list[Value]) -> list[Value]:
    """The nodes as a walk from the output meets them, level by level."""
    found = dict.fromkeys(nodes[-1:])
    for node in (queue := list(found)):
        for v in node.inputs:
            if v.op is not None and v not in found and node.op is not ops.detach:
                found[v] = None
                queue.append(v)
    return list(found)


def keep(node: Value, steps: list[Any]) -> list[Any]:
    return steps


def add(v: Value, c: float) -> float:
    return v.grad + c


SWEEPS: dict[str, Callable[[Value], None]] = {
    "a contribution dropped": lambda z: run(z, lambda node, steps: steps[: 1 + len(steps) // 2], add),
    "a contribution dropped where the operand has one": lambda z: run(
        z, keep, lambda v, c: v.grad if v.op and v.grad else v.grad + c
    ),
    "a contribution added twice": lambda z: run(z, lambda node, steps: steps + steps[1:], add),
    "= instead of +=": lambda z: run(z, keep, lambda v, c: c),
    "= instead of += in nodes": lambda z: run(z, keep, lambda v, c: c if v.op else v.grad + c),
    "a wrong sign": lambda z: run(z, keep, lambda v, c: v.grad - c if v.grad else v.grad + c),
    "off by 1e-12": lambda z: run(z, keep, lambda v, c: v.grad + (c if v.op else c * (1 + 1e-12))),
    "breadth first": lambda z: run(z, keep, add, breadth_first),
    "in the order of creation": lambda z: run(z, keep, add, lambda nodes: nodes),
    "neighbours in the wrong order": lambda z: run(z, keep, add, lambda nodes: [*nodes[-2:], *nodes[-3::-1]]),
    "nodes visited twice": lambda z: run(z, keep, add, lambda nodes: [*nodes[::-1], *nodes[:1]]),
    "leaves reset": lambda z: run(z, keep, add, fresh=lambda v: True),
    "nodes not reset": lambda z: run(z, keep, add, fresh=lambda v: False),
}


def grads(program: Program, backward: Callable[[Value], None]) -> list[float]:
    """The gradients of all nodes after each of two sweeps."""
    z = program(*map(Value, program.inputs))
    found = []
    for _ in range(2):
        backward(z)
        found += [v.grad for v in order(z)]
    return found


def is_harmful(program: Program, backward: Callable[[Value], None], share: float) -> bool:
    """Whether a sweep gives another gradient than the plain one, rounding aside."""
    pairs = list(zip(grads(program, backward), grads(program, plain), strict=True))
    return any(abs(a - b) > share * abs(b) for a, b in pairs)


@pytest.mark.parametrize("how", SWEEPS)
def test_a_fault_of_the_sweep(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is caught in every program whose gradients it changes, and nothing is said where it does not."""
    wrong, caught = SWEEPS[how], 0
    chosen = [ops.mul, ops.sin, ops.add, ops.tanh, ops.sum, ops.dot, ops.logsumexp, ops.sub]
    for seed in range(16):
        program = seeded(seed, chosen, 3 + seed, sharing=0.7)
        harmful = is_harmful(program, wrong, 1e-13)
        with monkeypatch.context() as patch:
            patch.setattr(Value, "backward", wrong)
            report = checked(program)
            if report.culprit is None:
                assert not harmful, report
                continue
            caught += 1
            if report.culprit.kind != "accumulation":
                assert report.culprit.kind in ("permute", "duplicate") and not harmful
            else:
                assert "gradient that it passes to" in report.culprit.part
            assert report.mark is None or report.mark.text in report.draw().dot
            assert len(report.minimal.splitlines()) <= 8, report.minimal
            scope: dict[str, Any] = {}
            exec(report.minimal, scope)
        assert checked(program).ok
    assert caught >= 8


def test_the_order_of_the_engines_own_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """`_zeroed` gives the order in which `sweep` goes, last first."""
    right, caught = engine.chain._zeroed, 0
    for seed in range(30):
        program = seeded(seed, SMOOTH, 15, sharing=0.8)

        def wrong(output: Value, seed: int = seed) -> list[Value]:
            nodes = right(output)
            i = random.Random(seed).randrange(len(nodes))
            return [*nodes[:i], *nodes[i + 1 :], nodes[i]]

        def harmed(output: Value, wrong: Any = wrong) -> None:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(engine.chain, "_zeroed", wrong)
                engine.chain.sweep(output)

        harmful = is_harmful(program, harmed, 1e-12)
        with monkeypatch.context() as patch:
            patch.setattr(engine.chain, "_zeroed", wrong)
            culprit = checked(program).culprit
        assert culprit is not None if harmful else culprit is None or culprit.kind in ("permute", "duplicate")
        caught += harmful
    assert caught > 10


def test_a_sweep_and_a_walk_that_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    program = seeded(3, SMOOTH, 15)
    monkeypatch.setattr(verdict, "chain_rule", lambda z: list(chain_rule(z))[:-1])
    report = checked(program)
    assert report.culprit is not None and report.culprit.kind == "sweep"
    assert "backward() and the sum of the steps of chain_rule() differ" in str(report)


def test_forward_mode_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    right = Dual.apply.__func__  # type: ignore[attr-defined]

    def wrong(cls: type, op: Op, operands: tuple[Any, ...]) -> Dual:
        z = right(cls, op, operands)
        return Dual(z.data, z.rate * (1 + 1e-12), z.level)

    monkeypatch.setattr(Dual, "apply", classmethod(wrong))
    report = checked(seeded(3, SMOOTH, 15))
    assert report.culprit is not None and report.culprit.kind == "forward mode"


def test_an_exact_partial_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oracle's own derivative table is checked by values alone."""
    row = ROWS["sin"]
    off = Row(row.value, (lambda x: row.partials[0](x) * (1 + mpf(2) ** -60),))  # type: ignore[misc]
    monkeypatch.setitem(ROWS, "sin", off)
    x = Value(0.3)
    report = verdict_on(ops.sin(ops.exp(x)), [x])
    assert report.culprit is not None and "the oracle of an op is wrong" in report.culprit.hint


# no false alarms
def assert_fine(program: Program, seed: int) -> None:
    report = checked(program, seed)
    assert report.verdict != "wrong", str(report)
    assert report.worst_ulp <= 4.0
    assert math.isfinite(report.worst_ulp) and report.minimal == "" and report.mark is None


@settings(law, max_examples=60)
@given(programs(max_nodes=40), st.integers(0, 2**32))
def test_an_unharmed_program_is_never_wrong(program: Program, seed: int) -> None:
    assert_fine(program, seed)


@pytest.mark.slow
def test_a_thousand_unharmed_programs() -> None:
    undecided = 0
    for seed in range(1000):
        program = seeded(seed, SMOOTH, 1 + seed % 50, sharing=(0.0, 0.5, 1.0)[seed % 3])
        assert_fine(program, seed)
        undecided += checked(program).verdict == "undecided"
    assert undecided < 20
