"""The engine's doors: wrong input is refused at once, by an error that says what came and what is taken."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import engine
from engine import (
    Dual,
    Interval,
    Op,
    RecordError,
    Symbol,
    Value,
    chain_rule,
    dot,
    elu,
    formula,
    grad,
    hvp,
    jacobian,
    jvp,
    logsumexp,
    record,
    select,
    softmax,
    sub,
    tanh,
    vjp,
    where,
)
from engine.check import assert_gradients, check_gradients, check_op, strategies as gs
from nn import MLP

array = np.array([1.0, 2.0])
grid = np.ones((2, 2))


def square(x: Any) -> Any:
    return x * x


def swap(v: Any) -> Any:
    return [v[1], v[0]]


REFUSED: dict[str, tuple[Callable[[], Any], type[Exception], str]] = {
    # numbers and lists of them
    "an array for a number": (lambda: tanh(array), TypeError, r"tanh takes one number, .* shape \(2,\)"),
    "an array beside a Value": (lambda: Value(1.0) + array, TypeError, "add takes one number"),
    "a matrix for a list": (lambda: engine.sum(grid), TypeError, r"sum takes one number, .*array\.tolist"),
    "a number for a list": (lambda: engine.sum(3.0), TypeError, "sum takes a list of numbers, got 3.0"),
    "numbers for lists": (lambda: dot(3.0, 4.0), TypeError, "dot takes a list of numbers, got 3.0"),
    "nothing for a list": (lambda: engine.sum(), TypeError, "sum takes 1 operand, got 0"),
    "a text for a list": (lambda: engine.sum("12"), TypeError, "sum takes a list of numbers, got '12'"),
    "bytes for a list": (lambda: engine.sum(b"12"), TypeError, "a list of numbers"),
    "a dict for a list": (lambda: logsumexp({1.0: 2.0}), TypeError, "logsumexp takes a list of numbers"),
    "a set for a list": (lambda: engine.max({1.0, 2.0}), TypeError, "max takes a list of numbers"),
    "a Value for a list": (lambda: dot(Value(1.0), [1.0]), TypeError, "dot takes a list of numbers"),
    "a text in a list": (lambda: engine.min([1.0, "2"]), TypeError, "min takes a number, got '2'"),
    "one operand too many": (lambda: tanh(1.0, 2.0), TypeError, "tanh takes 1 operand, got 2"),
    "one operand too few": (lambda: sub(1.0), TypeError, "sub takes 2 operands, got 1"),
    "no operand of two": (lambda: elu(), TypeError, "elu takes 1 or 2 operands, got 0"),
    "softmax of a number": (lambda: softmax(3.0), TypeError, "softmax takes a list of numbers, got 3.0"),
    "softmax of a text": (lambda: softmax("12"), TypeError, "softmax takes a list of numbers, got '12'"),
    "softmax of None": (lambda: softmax([None]), TypeError, "softmax takes a number, got None"),
    "where with one branch": (lambda: where(1.0, 2.0), TypeError, "where takes a list of numbers, got 2.0"),
    "where with three": (lambda: where(1.0, [1.0, 2.0, 3.0]), TypeError, "a condition and two numbers"),
    "a number for a table": (lambda: select(3.0, 0), TypeError, "select takes a list as its table, got 3.0"),
    "a dict for a table": (lambda: select({1: 2.0}, 0), TypeError, "select takes a list as its table"),
    "a text for a table": (lambda: select("12", 0), TypeError, "select takes a list as its table"),
    "an iterator for a table": (lambda: select(iter([1.0]), 0), TypeError, "a list as its table"),
    "an empty table": (lambda: select([], 0), IndexError, "index 0 in an empty table"),
    # ops
    "a name that is none": (lambda: Op(3, abs, 1), TypeError, "Op takes a name, .* got 3"),
    "a text for a partial": (lambda: Op("f", abs, "1"), TypeError, "a constant partial of op 'f' .* got '1'"),
    "a list for a partial": (
        lambda: Op("f", abs, [1]),
        TypeError,
        r"a constant partial of op 'f' .* got \[1\]",
    ),
    "a pair for a domain": (
        lambda: Op("f", abs, 1, domain=(0, 1)),
        TypeError,
        "domain is an Interval, such as",
    ),
    "a number for a domain": (
        lambda: Op("f", abs, 1, domain=3),
        TypeError,
        "domain is an Interval, .* got 3",
    ),
    "too many domains": (
        lambda: Op("f", abs, 1, domain=(Interval(),) * 2),
        TypeError,
        "a tuple of 1, one for",
    ),
    "a bool for lists": (lambda: Op("f", abs, 1, lists=True), TypeError, "1 partials and lists=True"),
    "three operands": (lambda: Op("f", max, 1, 1, 1), TypeError, "one or two operands, .* 3 partials"),
    "a default of all": (
        lambda: Op("f", abs, 1, defaults=(1.0,)),
        TypeError,
        "fewer than the 1 that there are",
    ),
    "a number for defaults": (lambda: Op("f", max, 1, 1, defaults=1.0), TypeError, "defaults is a tuple"),
    "a number for margin": (
        lambda: Op("f", abs, 1, margin=0.0),
        TypeError,
        "margin is a function .* got 0.0",
    ),
    "a number for limit": (lambda: Op("f", abs, 1, limit=0.0), TypeError, "limit is a function .* got 0.0"),
    "a float formula": (
        lambda: formula(Op("wave", math.sin, lambda z, x: math.cos(x))),
        TypeError,
        r"partial 0 of op 'wave' does not run on Symbols.*engine\.cos\(x\) for math\.cos\(x\)",
    ),
    "a branching formula": (
        lambda: formula(Op("ramp", abs, lambda z, x: 1.0 if x > 0 else 0.0)),
        TypeError,
        r"partial 0 of op 'ramp' .*where\(x, a, b\)",
    ),
    # carriers
    "a text beside a Dual": (lambda: Dual(1.0) < "2", TypeError, "comparison takes a number, got '2'"),
    "None beside a Dual": (lambda: Dual(1.0) >= None, TypeError, "comparison takes a number, got None"),
    "an array before a Dual": (lambda: array + Dual(1.0), TypeError, "add takes one number, got an array"),
    "an array compared with a Dual": (lambda: array < Dual(1.0), TypeError, "comparison takes one number"),
    "an array before a Value": (lambda: array * Value(1.0), TypeError, "mul takes one number, got an array"),
    "an array before a Symbol": (
        lambda: array - Symbol("x"),
        TypeError,
        r"sub takes one number, got an array of shape \(2,\); .*array\.tolist",
    ),
    "an array before an Index": (
        lambda: record(lambda xs, i: xs[0] * (array + i), [1.0], 0),
        RecordError,
        "uses a recorded index as a number",
    ),
    "a ufunc of a Symbol": (lambda: np.sin(Symbol("x")), TypeError, "'Symbol' does not support ufuncs"),
    "a number for a name": (lambda: Symbol(3), TypeError, "Symbol takes a name, got 3"),
    # derivatives
    "the gradient of a Value": (
        lambda: grad(Value(1.0)),
        TypeError,
        r"taken of a function, .*y\.backward\(\)",
    ),
    "the Jacobian of a text": (lambda: jacobian("f"), TypeError, "taken of a function, got 'f'"),
    "a pull-back of 3": (lambda: vjp(3, 1.0), TypeError, "taken of a function, got 3"),
    "rates of 3": (lambda: jvp(3, (1.0,), (1.0,)), TypeError, "taken of a function, got 3"),
    "directions of 3": (lambda: hvp(3, (1.0,), (1.0,)), TypeError, "taken of a function, got 3"),
    "bare inputs": (
        lambda: hvp(square, 1.0, (1.0,)),
        TypeError,
        "hvp takes a tuple .* a tuple of directions",
    ),
    "bare directions": (lambda: hvp(square, (1.0,), 1.0), TypeError, r"hvp takes .* got \(1\.0,\) and 1\.0"),
    "directions of another form": (
        lambda: hvp(square, (1.0,), (1.0, 2.0)),
        ValueError,
        r"directions .* of square must have .* \(1\.0,\), got",
    ),
    "hvp of a text": (lambda: hvp(square, ("1",), (1.0,)), TypeError, "square takes a number, got '1'"),
    "hvp of a list": (lambda: hvp(swap, ([1.0, 2.0],), ([1.0, 0.0],)), TypeError, "swap returned list of 2"),
    "weights of another form": (
        lambda: vjp(swap, [1.0, 2.0])[1](1.0),
        ValueError,
        r"result of swap must have the form of \[2\.0, 1\.0\]",
    ),
    "a text for a weight": (
        lambda: vjp(square, 1.0)[1]("1"),
        TypeError,
        "a pull-back takes a number, got '1'",
    ),
    "a gradient for backward": (
        lambda: Value(1.0).backward(2.0),
        TypeError,
        r"^Value\.backward\(\) takes 1 positional argument",
    ),
    "a sweep from a list": (
        lambda: next(chain_rule([Value(1.0)])),
        TypeError,
        r"starts from a Value, got \[",
    ),
    "a text for a seed": (
        lambda: next(chain_rule(2 * Value(1.0), seed="1")),
        TypeError,
        "the seed of a sweep takes a number, got '1'",
    ),
    # checks
    "points that are none": (lambda: check_op(tanh, 3), TypeError, "points is a list of operands, got 3"),
    "a Value for points": (lambda: check_op(tanh, Value(1.0)), TypeError, "points is a list of operands"),
    "a text for a count": (lambda: check_op(tanh, count="9"), ValueError, "count .* got '9'"),
    "half a point": (lambda: check_op(tanh, count=1.5), ValueError, "count .* got 1.5"),
    "a text for a seed of points": (
        lambda: check_op(tanh, seed="a"),
        TypeError,
        "seed is a whole number, got 'a'",
    ),
    "a text for ulps": (lambda: check_op(tanh, ulps="4"), ValueError, "ulps .* got '4'"),
    "a number for the truth": (
        lambda: check_op(tanh, exact=1.0),
        TypeError,
        "exact is a function .* got 1.0",
    ),
    "a truth of nothing": (
        lambda: check_op(tanh, exact=lambda: 1),
        TypeError,
        r"exact, .* takes x, but .* \(\)",
    ),
    "a seed that is None": (lambda: check_gradients(square, 1.0, seed=None), TypeError, "seed .* got None"),
    "a seed in words": (lambda: assert_gradients(square, 1.0, seed="a"), TypeError, "seed .* got 'a'"),
    "a margin in words": (
        lambda: gs.numbers(tanh, margin="0"),
        ValueError,
        "margin is a distance .* got '0'",
    ),
    "a share in words": (
        lambda: gs.programs(sharing="all"),
        ValueError,
        "sharing is a probability .* got 'all'",
    ),
    "a number of activations": (lambda: gs.modules(MLP, activations=3), ValueError, "a list of activations"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_wrong_input_is_refused_at_the_door(what: str) -> None:
    call, error, message = REFUSED[what]
    with pytest.raises(error, match=message):
        call()


def test_a_whole_number_stands_in_an_interval() -> None:
    assert 1 in Interval(0, 2) and 0 not in Interval(0, 2) and "1" not in Interval(0, 2)


def test_lists_of_any_kind_are_taken() -> None:
    for xs in ([1, 2.0], (1.0, 2), array, iter([1.0, True + 1]), range(1, 3)):
        assert engine.sum(xs) == 3.0
    assert softmax(x for x in [0.0, 0]) == softmax(np.zeros(2)) == [0.5, 0.5]
    assert where(1.0, iter([5.0, 7.0])) == 5.0
    assert select(array, 1) == 2.0


def test_numpy_leaves_arithmetic_to_the_carriers() -> None:
    """So a scalar or an array of one element on the left is a number, never the beginning of an array."""
    for number in (np.float64(2.0), np.array(2.0), np.array([2.0])):
        assert (number - Value(0.5)).data == 1.5 and type(number - Value(0.5)) is Value
        assert (number / Dual(4.0, 1.0)).data == 0.5 and str(number ** Symbol("x")) == "2**x"


def test_methods_have_names_and_say_which_op_they_are() -> None:
    for carrier in (Value, Dual, Symbol):
        assert carrier.tanh.__name__ == "tanh" and "engine.tanh" in str(carrier.tanh.__doc__)
    assert str(Value.elu.__doc__).startswith("Return elu(x, y=1.0) of this number x")
    with pytest.raises(TypeError, match=r"^Value\.tanh\(\) missing"):
        Value.tanh()
