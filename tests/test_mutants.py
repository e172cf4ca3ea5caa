"""What no other test would notice: details of Value and of the sweep, found by mutation testing.

To repeat it: `pip install mutmut`, `mutmut run`, `mutmut results`; its settings are in pyproject.toml.
mutmut 3 passes over decorated functions and over what stands outside functions; mutmut 2 does not. In a copy
of the repository: `pip install "mutmut<3"`, then

    mutmut run --paths-to-mutate engine/value.py,engine/chain.py --tests-dir tests --runner "python -m pytest
    -xq tests/test_mutants.py tests/test_value.py tests/test_direct.py tests/test_footguns.py
    tests/test_copying.py tests/test_micrograd.py tests/test_derive.py"
"""

import copy
import math
from collections import Counter
from typing import Any

import pytest

from engine import Dual, Op, Symbol, Value, chain, detach, dot, grad, ops, sin
from engine.chain import Step, chain_rule, gradients, interior, local_steps, order
from engine.ops import TABLE

linear_and_square = Op("linear_and_square", lambda x, y: x + y * y, 1, lambda z, x, y: 2 * y)
square_and_linear = Op("square_and_linear", lambda x, y: x * x + y, lambda z, x, y: 2 * x, 1)
mixture = Op("mixture", lambda x, y: 0.5 * x + 0.25 * y, 0.5, 0.25)
half = Op("half", lambda x: 0.5 * x, 0.5)
halves = Op("halves", lambda xs: math.fsum(xs) / 2, 0.5, lists=(True,))


def bits(x: float) -> str:
    """A float as text that tells -0.0 from 0.0."""
    return x.hex()


# Value
def test_a_value_prints_its_number_its_gradient_and_its_label_if_any():
    assert repr(Value(1.0)) == "Value(data=1.0, grad=0.0)"
    assert repr(Value(2.0, label="x")) == "Value(data=2.0, grad=0.0, label='x')"
    assert repr(Value(2.0) * 3) == "Value(data=6.0, grad=0.0)"


def test_a_format_is_that_of_the_number_and_without_one_the_value_prints_as_ever():
    x = Value(2.5, label="x")
    assert f"{x}" == repr(x) and f"{x:.1f}" == "2.5"


def test_comparisons_are_those_of_the_numbers_on_both_sides_of_a_tie():
    for a in (1.0, 2.0, math.nan):
        for b in (1.0, 2.0, math.nan):
            x, expected = Value(a), [a < b, a <= b, a > b, a >= b]
            for other in (b, Value(b)):
                assert [x < other, x <= other, x > other, x >= other] == expected


def test_a_comparison_with_something_else_says_so():
    with pytest.raises(TypeError, match="^comparison takes a number, got '3'"):
        Value(1.0) < "3"  # noqa: B015


def test_a_refused_number_and_a_refused_subclass_are_named_from_the_start():
    with pytest.raises(TypeError, match="^Value takes a number, got '3'"):
        Value("3")
    with pytest.raises(TypeError, match="^Value takes a number, got Value.*, call an op on Values: tanh"):
        Value(Value(1.0))
    with pytest.raises(TypeError, match="^Value cannot be subclassed: "):
        type("Mine", (Value,), {})
    with pytest.raises(TypeError, match="^a label is a text, got 3"):
        Value(1.0).label = 3


def test_where_carriers_meet_the_one_that_wraps_the_other_takes_the_op():
    x, dual, symbol = Value(2.0), Dual(3.0, 1.0), Symbol("x")
    assert type(x).rank < type(dual).rank < type(symbol).rank
    for product in (x * dual, dual * x, ops.mul(x, dual)):
        assert type(product) is Dual and type(product.data) is Value and product.rate.data == 2.0


# what a sweep visits
def test_order_looks_behind_a_detach_and_a_sweep_does_not():
    x = Value(2.0)
    u = x * x
    y = detach(u) * x
    assert order(y) == [x, u, y.x, y] and interior(y) == [y.x, y]
    assert order(x) == [x] and interior(x) == []


def test_the_chain_rule_starts_from_a_value():
    for walk in (interior, order, lambda y: next(chain_rule(y))):
        with pytest.raises(TypeError, match="^the chain rule starts from a Value, got 3.0"):
            walk(3.0)


def test_a_detached_number_keeps_the_gradient_of_its_own_sweep():
    """A sweep that stops at a detach leaves alone what lies behind it."""
    x = Value(2.0)
    u = x * x
    u.backward()
    (detach(u) * x).backward()
    assert (u.grad, x.grad) == (1.0, 4.0 + 4.0)


# the chain rule
def test_a_step_names_both_ends_of_its_edge():
    x, w = Value(3.0), Value(5.0)
    y = x * w
    y.grad = 2.0
    assert list(local_steps(y)) == [Step(y, x, 2.0, 5.0), Step(y, w, 2.0, 3.0)]
    assert list(chain_rule(y, seed=2.0)) == [Step(y, x, 2.0, 5.0), Step(y, w, 2.0, 3.0)]
    assert list(local_steps(x)) == list(chain_rule(x)) == []


def test_micrograds_step_by_hand_adds_to_the_gradients():
    x = Value(3.0)
    y = x * x
    x.grad, y.grad = 10.0, 2.0
    y._backward()
    assert x.grad == 10.0 + 2 * 3.0 + 2 * 3.0


def test_the_derivative_of_an_output_by_itself_is_one():
    x, other = Value(3.0), Value(4.0)
    y = x * x
    assert gradients(y, [y, x, other]) == [1.0, 6.0, 0.0] and gradients(x, [x]) == [1.0]
    assert grad(lambda x: x)(3.0) == 1.0
    assert (x.grad, y.grad) == (0.0, 0.0)


def test_a_first_contribution_is_handed_on_as_it_is():
    """A derivative on Values is a graph without needless nodes; on floats -0.0 becomes 0.0."""
    x = Value(2.0)
    (slope,) = gradients(sin(x), [x], carry=lambda v: v)
    assert slope.op is ops.cos and slope.x is x
    zero = Value(0.0)
    y = zero * -1.0 * zero
    y.backward()
    assert bits(zero.grad) == bits(gradients(y, [zero])[0]) == bits(0.0)


# the sweep
def inside(op: Op) -> list[float]:
    """Numbers inside the domain of an op of one or two numbers, clear of kinks and ties."""
    return [x if x in domain else 1 + x for x, domain in zip((0.5, 0.25), op.domain, strict=False)]


QUICK = [op for op in TABLE.values() if not any(op.lists)]
QUICK += [ops.dot, linear_and_square, square_and_linear, mixture, half]


@pytest.mark.parametrize("op", QUICK, ids=lambda op: op.name)
def test_the_sweep_is_fast_at_ordinary_numbers(op: Op, monkeypatch: pytest.MonkeyPatch):
    """It takes the chain rule's own walk, which is right and slow, for poles and for lists alone."""

    def walked(*_: Any) -> None:
        raise AssertionError(f"the sweep was slow at {op.name}")

    plain = inside(op) if not any(op.lists) else [(0.5, 2.0), (0.25, 3.0)]
    values = [Value(x) if type(x) is float else tuple(map(Value, x)) for x in plain]
    outputs = [op(*values), op(values[0], *plain[1:]), op(*plain[:-1], values[-1])]
    expected = [gradients(y, list(y.inputs)) for y in outputs]
    monkeypatch.setattr(chain, "_edges", walked)
    for y, slopes in zip(outputs, expected, strict=True):
        for v in y.inputs:
            v.grad = 0.0
        y.backward()
        assert [v.grad for v in y.inputs] == slopes


@pytest.mark.parametrize("op", [linear_and_square, square_and_linear])
def test_a_constant_partial_beside_one_that_is_not(op: Op):
    x, y = Value(3.0), Value(5.0)
    slopes = [1.0, 10.0] if op is linear_and_square else [6.0, 1.0]
    for z, leaves, expected in (
        (op(x, y), (x, y), slopes), (op(x, 5.0), (x,), slopes[:1]), (op(3.0, y), (y,), slopes[1:]),
    ):  # fmt: skip
        x.grad = y.grad = 0.0
        (2 * z).backward()
        assert [v.grad for v in leaves] == [2 * slope for slope in expected]


def test_constant_partials_other_than_one():
    x, y = Value(3.0), Value(5.0)
    for z in (mixture(x, y), mixture(x, 5.0), mixture(3.0, y), half(x)):
        (2 * z).backward()
    assert (x.grad, y.grad) == (3 * 1.0, 2 * 0.5)


def test_a_constant_partial_of_a_list_is_that_of_each_element():
    x, y = Value(3.0), Value(5.0)
    z = 3 * halves([x, y, x])
    z.backward()
    assert (z.data, x.grad, y.grad) == (16.5, 3.0, 1.5) and gradients(z, [x, y]) == [3.0, 1.5]


def test_a_dot_passes_back_pair_by_pair():
    """Walk and sweep add the shares of an element that stands in both lists in one order: the same bits."""
    a, b, c, d = map(Value, (3.0, 5.0, 7.0, 11.0))
    assert [step.input for step in chain_rule(dot([a, b], [c, d]))] == [a, c, b, d]
    x = Value(0.1)
    z = dot([x, x, a], [b, c, x])
    z.backward()
    assert bits(x.grad) == bits(gradients(z, [x])[0])


def test_a_list_beside_numbers_on_either_side():
    x, y = Value(3.0), Value(5.0)
    for z in (dot([x, y], [2.0, 7.0]), dot([2.0, 7.0], [x, y])):
        x.grad = y.grad = 0.0
        (2 * z).backward()
        assert (x.grad, y.grad) == (4.0, 14.0)


def test_a_copied_node_is_swept_like_its_twin():
    x = Value(3.0)
    u = x * x
    (copy.copy(u) * u).backward()
    assert x.grad == 4 * 27.0


def test_the_sweep_looks_at_the_inputs_of_a_layer_once_and_steps_on_no_leaf(monkeypatch: pytest.MonkeyPatch):
    """How often it reads a gradient, beside adding to it, does not grow with the number of neurons."""
    neurons = 16
    weights = [[Value(0.5), Value(0.25)] for _ in range(neurons)]
    leaves, bias = (Value(1.0), Value(2.0)), Value(3.0)
    hidden = tuple(map(sin, leaves))
    layer = ops.sum([dot(w, hidden) for w in weights])
    y = sin(layer + dot([sin(bias), sin(bias)], leaves)) + bias * bias
    reads: Counter[Value] = Counter()
    slot = Value.__dict__["grad"]

    def counted(v: Value) -> float:
        reads[v] += 1
        return slot.__get__(v)

    monkeypatch.setattr(Value, "grad", property(counted, slot.__set__))
    y.backward()
    monkeypatch.undo()
    assert all(reads[v] <= neurons + 4 for v in hidden)
    assert [reads[w] for pair in weights for w in pair] == [1] * 2 * neurons
    assert reads[bias] == 4 and all(reads[v] <= 3 for v in leaves)
