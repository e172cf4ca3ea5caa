"""When a page has no sliders, and how far they reach where it has some."""

import math
import random

import pytest

from engine import ops
from engine.op import Op
from engine.see.ledger import entries
from engine.see.script import AS_RECORDED, MOST_NODES, script
from engine.see.sliders import reaches
from engine.see.variants import other_graph
from engine.value import Value
from nn import MLP


def test_a_large_graph_has_no_script(chain):
    made = script(entries(chain(MOST_NODES)))
    assert (made.code, made.ranges) == ("", [])
    assert made.why_not == "Sliders are off: this graph has 301 nodes, a page recomputes 300 at most."


def test_an_op_of_the_user_has_no_kernel():
    square = Op("square", lambda x: x * x, lambda z, x: 2 * x)
    made = script(entries(square(Value(3.0)) + 1))
    assert made.why_not == "Sliders are off: a page can compute the engine's own ops alone, not square."
    tanh = Op("tanh", math.tanh, lambda z, x: 1 - z * z)
    assert script(entries(tanh(Value(3.0)))).why_not


def test_a_value_is_the_graph_as_recorded_and_a_function_is_asked():
    y = Value(3.0) * 2
    assert script(entries(y)).note == AS_RECORDED
    made = script(entries(y), lambda x: x * 2, [3.0])
    assert (made.note, made.why_not) == ("", "")
    made = script(entries(y), lambda x: x * 2 if x > 0 else x, [3.0])
    assert made.why_not == "Sliders are off: at x = −6.0 this code records another graph."


def looped(x: Value) -> Value:
    y = x
    for _ in range(int(float(x))):
        y = y * x
    return y


THRESHOLD = Value(0.5, label="threshold")


@pytest.mark.parametrize(
    "function, inputs, reason",
    [
        (lambda x, w: w * x if w < 1 else w + x, [2.0, 0.5], "at w = 2.0 this code records another graph"),
        (looped, [3.0], "at x = −6.0 this code records another graph"),
        (lambda x: x * float(x), [1.5], "at x = −3.0 this code records another graph"),
        (lambda x: x * Value(float(x)), [1.5], "at x = −3.0 this code records another graph"),
        (lambda x: x * (1 / float(x)) ** 0, [1.5], "at x = 0.0 this code raises ZeroDivisionError"),
        (lambda x: x * random.random(), [1.5], "this code records another graph each time it runs"),
        (lambda x: x * (2 if THRESHOLD > 0 else 3) * THRESHOLD, [1.0],
         "at threshold = −2.0 this code records another graph"),
        (lambda x, y: x + y if float(x) * float(y) < 1 else x, [0.0, 0.0],
         "at x = 1.3777, y = 1.0318 this code records another graph"),
    ],
)  # fmt: skip
def test_where_another_graph_appears_is_told(function, inputs, reason):
    assert other_graph(function, inputs) == reason
    assert THRESHOLD.data == 0.5


def test_kinks_and_lists_keep_their_graph():
    mlp = MLP(2, [3, 1], rng=random.Random(0))
    assert other_graph(lambda xs: mlp(xs), [[1.0, 2.0]]) == ""
    assert other_graph(lambda x, y: ops.where(x, ops.max([x, y]), ops.abs(y)) + ops.relu(x), [1.0, 2.0]) == ""


def test_other_graph_leaves_numbers_as_they_were():
    w = Value(0.25)
    x = Value(2.0)
    assert other_graph(lambda x: x * w, [x]) == ""
    assert (w.data, x.data, w.grad) == (0.25, 2.0, 0.0)


@pytest.mark.parametrize(
    "number, reach",
    [(0.0, 2.0), (1.0, 2.0), (-3.0, 6.0), (6.8813, 14.0), (123.4, 250.0), (math.nan, 2.0), (1e308, 1e300)],
)
def test_sliders_reach_twice_the_number(number, reach):
    assert reaches([Value(number)]).popitem()[1] == (-reach, reach)


def test_sliders_stay_in_domains():
    x = Value(0.5)
    assert reaches([x, ops.log(x), ops.asin(x)])[x] == (0.002, 1.0)
    assert reaches([x, x**2.0])[x] == (-2.0, 2.0)
    low, _ = reaches([x, x**0.5])[x]
    assert low > 0.0
    outside = Value(-1.0)
    assert reaches([outside, ops.log(outside)])[outside] == (-2.0, 2.0)
