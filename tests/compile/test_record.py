"""Recording: what a function may do, and every refusal with its line."""

import math
import random
import threading

import pytest

import engine
from engine import Op, Value, detach, dot, maximum, relu, select, tanh, where
from engine.compile import RecordError, record
from engine.compile.graph import INDEX, INPUT, PARAMETER, SELECT
from nn import MLP

RNG = random.Random(4)
CALLS = []


def branch(x):
    return x * 2 if x > 0 else x * 3


def truth(x):
    return x * 2 if x else x * 3


def equal(x):
    return x * 2 if x == 1.0 else x * 3


def member(x):
    return x * 2 if x in (1.0, 2.0) else x * 3


def builtin_max(x):
    return max(x, x * 2)


def in_order(x):
    return sorted([x, -x])[0]


def converted(x):
    return x * float(x)


def whole(x):
    return x * int(x)


def rounded(x):
    return x * round(x)


def by_math(x):
    return x * math.exp(x)


def floored(x):
    return x * math.floor(x)


def told(x):
    return x * len(f"{x}")


def told_short(x):
    return x * len(f"{x:.3f}")


def swept(x):
    y = x * x
    y.backward()
    return y


@pytest.mark.parametrize(
    "f, line, what",
    [
        (branch, "return x * 2 if x > 0 else x * 3", "compares a recorded number"),
        (truth, "return x * 2 if x else x * 3", "asks whether a recorded number is true"),
        (equal, "return x * 2 if x == 1.0 else x * 3", "compares"),
        (member, "return x * 2 if x in (1.0, 2.0) else x * 3", "compares"),
        (builtin_max, "return max(x, x * 2)", "maximum"),
        (in_order, "return sorted([x, -x])[0]", "compares"),
        (converted, "return x * float(x)", "turns a recorded number into a plain one"),
        (whole, "return x * int(x)", "plain one"),
        (rounded, "return x * round(x)", "plain one"),
        (by_math, "return x * math.exp(x)", r"engine\.exp\(x\) for math\.exp\(x\)"),
        (floored, "return x * math.floor(x)", "plain one"),
        (told, 'return x * len(f"{x}")', "formats a recorded number"),
        (told_short, 'return x * len(f"{x:.3f}")', "formats"),
        (swept, "y.backward()", "value_and_grad"),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_what_would_be_frozen_is_refused_with_its_line(f, line, what):
    with pytest.raises(RecordError, match=what) as caught:
        record(f, 1.0)
    number = f.__code__.co_firstlineno
    assert f"test_record.py, line {number + (2 if f is swept else 1)}: `{line}`" in str(caught.value)


def read_of_data(x):
    return x * x.data


def softmax_by_hand(xs):
    shift = sorted([x.data for x in xs])[-1]
    return engine.sum([engine.exp(x - shift) for x in xs])


def dropout(x):
    return x * RNG.random()


def counter(x):
    CALLS.append(x)
    return x * float(len(CALLS))


def data_branch(x):
    return x * 2 if x.data > 0.5 else tanh(x)


def longer(x):
    for _ in range(3 if x.data > 0.5 else 5):
        x = tanh(x)
    return x


def picked(xs):
    return tanh(xs[[x.data for x in xs].index(max(x.data for x in xs))])


def another_output(xs):
    return xs[0] if xs[0].data > xs[1].data else xs[1]


@pytest.mark.parametrize(
    "f, example, line, what",
    [
        (read_of_data, 1.0, "return x * x.data", r"the constant .* in mul is .* there"),
        (softmax_by_hand, [1.0, 2.0], "return engine.sum([engine.exp(x - shift) for x in xs])", "in sub"),
        (dropout, 1.0, "return x * RNG.random()", "random"),
        (counter, 1.0, "return x * float(len(CALLS))", "in mul is"),
        (data_branch, 0.6, "return x * 2 if x.data > 0.5 else tanh(x)", "here mul was recorded, there tanh"),
        (longer, 0.6, "x = tanh(x)", "nodes, not"),
        (picked, [0.2, 0.21, 0.19, 0.18], "return tanh(xs[", "other operands"),
        (another_output, [0.21, 0.2], "", "it has other outputs"),
    ],
    ids=lambda x: getattr(x, "__name__", ""),
)
def test_what_changes_from_sample_to_sample_is_refused_with_its_line(f, example, line, what):
    with pytest.raises(RecordError, match=what) as caught:
        record(f, example)
    assert line in str(caught.value) and f.__name__ in str(caught.value)


def test_an_op_that_is_made_anew_each_time_is_told():
    with pytest.raises(RecordError, match="the op triple is made anew each time; make it once, outside"):
        record(lambda x: Op("triple", lambda x: 3 * x, 3)(x), 1.0)


def test_a_third_sample_is_compared_too():
    calls = []

    def f(x):
        calls.append(x)
        return x * (2.0 if len(calls) < 3 else 3.0)

    with pytest.raises(RecordError, match="the constant 2.0 in mul is 3.0 there"):
        record(f, 1.0)


def test_a_value_that_is_changed_while_it_is_read_does_not_replay():
    scale = Value(1.0)

    def f(x):
        scale.data = 2.0
        y = scale * x
        scale.data = 5.0
        return y

    with pytest.raises(RecordError, match="it changes the data of a Value that it reads"):
        record(f, 1.0)


def test_a_parameter_that_is_changed_meanwhile_is_refused_and_put_back():
    w = Value(2.0)

    def f(x):
        y = w * x
        w.data = 3.0
        return y

    with pytest.raises(RecordError, match="f changes parameter 0 while it computes"):
        record(f, 1.0, parameters=[w])
    assert w.data == 2.0


def test_indices_read_tables():
    rows = [[Value(float(10 * i + j)) for j in range(2)] for i in range(3)]
    flat = [v for row in rows for v in row]
    program = record(lambda i: dot(select(rows, i), [1.0, 100.0]), 0, parameters=flat)
    assert program([0, 2, 1]) == [100.0, 2120.0, 1110.0]
    assert program.value_and_grad([2])[1] == [0.0, 0.0, 0.0, 0.0, 1.0, 100.0]
    counts = program.graph.counts()
    assert counts["select"] == 2 and counts["index"] == 1 and program.graph.limits == (3,)
    assert {INDEX, SELECT, PARAMETER} <= set(program.graph.ops)


def test_a_table_of_numbers_and_results():
    w = Value(2.0)
    program = record(lambda x, i: select([w * x, 5.0, tanh(x)], i), 1.0, 0, parameters=[w])
    assert program([(3.0, 0), (3.0, 1), (3.0, 2)]) == [6.0, 5.0, math.tanh(3.0)]
    assert program.value_and_grad([(3.0, 0), (3.0, 1)]) == (5.5, [1.5])


@pytest.mark.parametrize(
    "f",
    [
        lambda x, i: [x, x][i],
        lambda x, i: {0: x, 1: x}[i],
        lambda x, i: x * i,
        lambda x, i: x * (i + 1),
        lambda x, i: x if i == 0 else -x,
        lambda x, i: x if i else -x,
        lambda x, i: x * float(i),
        lambda x, i: [x, x][0:i][0],
        lambda x, i: x * len(range(i)),
        lambda x, i: x * len(f"{i}"),
        lambda x, i: i * x,
        lambda x, i: i.tanh() * x,
        lambda x, i: dot([x, i], [1.0, 2.0]),
        lambda x, i: maximum(x, i),
    ],
)
def test_an_index_is_for_select_alone(f):
    with pytest.raises(TypeError, match=r"write select\(table, index\) in place of table\[index\]"):
        record(f, 1.0, 0)


def test_select_refuses_what_is_no_table():
    with pytest.raises(IndexError, match=r"select: index 3 is outside 0 \.\.\. 1"):
        record(lambda x, i: select([x, x], i), 1.0, 3)
    with pytest.raises(TypeError, match=r"the lists of a table have one length, got \[1, 2\]"):
        record(lambda x, i: select([[x], [x, x]], i)[0], 1.0, 0)


@pytest.mark.parametrize(
    "result, what",
    [
        (lambda x: 3.0, "returned 3.0; a function that is recorded returns one Value"),
        (lambda x: None, "returned None"),
        (lambda x: [], "returned an empty list"),
        (lambda x: [x, 1.0], "output 1 of <lambda> is 1.0"),
    ],
)
def test_what_a_function_returns(result, what):
    with pytest.raises(RecordError, match=what):
        record(result, 1.0)


@pytest.mark.parametrize(
    "example, what",
    [
        (True, "x is True of type bool; an argument of a program is a float, an int"),
        ("a", "x is 'a' of type str"),
        (None, "x is None"),
        ([1.0, None], r"x\[1\] is None"),
        (Value(1.0), "x is Value"),
        ({"a": 1.0}, "of type dict"),
    ],
)
def test_examples_that_are_none(example, what):
    with pytest.raises(TypeError, match=what):
        record(lambda x: x, example)


def test_a_nan_as_an_example_is_refused():
    with pytest.raises(ValueError, match=r"x\[1\] is nan"):
        record(lambda x: x[0], [1.0, math.nan])


def test_parameters_that_are_none():
    x = Value(1.0)
    with pytest.raises(TypeError, match="parameters is a list of Values, got 1.0 at position 1"):
        record(lambda x: x, 1.0, parameters=[x, 1.0])
    with pytest.raises(ValueError, match="parameter 0 was recorded, by mul"):
        record(lambda x: x, 1.0, parameters=[x * x])
    with pytest.raises(ValueError, match="one of its Values twice"):
        record(lambda x: x, 1.0, parameters=[x, x])
    with pytest.raises(TypeError, match="a list of Values, or a module"):
        record(lambda x: x, 1.0, parameters=3)
    with pytest.raises(TypeError, match="record takes a function, got 3"):
        record(3, 1.0)


def test_structures_of_arguments():
    import numpy as np

    def f(x, pair, rows):
        return x * pair[0][0] + pair[1] + rows[1][1] * rows[0][0]

    program = record(f, 1.0, ((2.0, 3.0), 4.0), np.ones((2, 2)))
    assert repr(program.signature) == "(x: number, pair: (2 numbers, number), rows: 2 × 2 numbers)"
    assert program([(2.0, [[3.0, 0.0], 1.0], [[5.0, 0.0], [0.0, 7.0]])]) == [42.0]
    assert record(lambda x: x, np.float64(2.0))([np.float64(3.0), 4]) == [3.0, 4.0]


def test_other_leaves_are_constants_and_are_listed():
    scale = Value(3.0, label="scale")
    program = record(lambda x: x * scale + Value(0.25), 1.0)
    assert [tuple(f) for f in program.frozen] == [("scale", 3.0), ("", 0.25)]
    assert "2 Values are constants: scale = 3.0, Value = 0.25" in program.explain()
    scale.data = 100.0
    assert program([1.0]) == [3.25]


def test_recording_leaves_values_as_they_were():
    model = MLP(2, [2, 1], rng=random.Random(0))
    before = [(p.data, p.grad) for p in model.parameters()]
    methods = dict(vars(Value))
    record(lambda x: model(x), [0.1, 0.2], parameters=model)
    with pytest.raises(RecordError):
        record(branch, 1.0)
    assert [(p.data, p.grad) for p in model.parameters()] == before
    assert dict(vars(Value)) == methods
    assert (Value(1.0) == 1.0) is False and Value(2.0) > 1.0 and f"{Value(2.0):.1f}" == "2.0"


def test_other_threads_compare_meanwhile():
    go, done = threading.Event(), threading.Event()
    seen = []

    def other():
        go.wait()
        x = Value(2.0)
        seen.extend([x > 1.0, float(x), bool(x), f"{x:.1f}"])
        y = x * x
        y.backward()
        seen.append(x.grad)
        with pytest.raises(TypeError):
            int(x)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()

    def f(x):
        go.set()
        done.wait()
        return x * x

    record(f, 1.0)
    thread.join()
    assert seen == [True, 2.0, True, "2.0", 4.0]


def test_recording_while_watching():
    with engine.watch():
        watched = Value.backward, Value.__init__
        program = record(lambda x: tanh(x) * x, 1.0)
        assert (Value.backward, Value.__init__) == watched
    assert program([2.0]) == [math.tanh(2.0) * 2.0] and Value(2.0) > 1.0
    assert not any("guard" in str(getattr(m, "__module__", "")) for m in vars(Value).values())


def test_recording_within_recording_is_refused():
    with pytest.raises(RecordError, match="record was called inside of a function that is being recorded"):
        record(lambda x: x * record(lambda y: y, 1.0)([1.0])[0], 1.0)


def test_an_error_of_the_function_says_on_which_sample():
    calls = []

    def f(x):
        calls.append(x)
        if len(calls) == 2:
            raise ValueError("mine")
        return x

    with pytest.raises(ValueError, match="mine") as caught:
        record(f, 1.0)
    assert "this happened on a second sample" in caught.value.__notes__[0]


def test_what_the_messages_propose_can_be_recorded():
    program = record(
        lambda xs: (
            where(xs[0], xs[1], -xs[1]) + maximum(xs[0], 0.5) + relu(xs[1]) + engine.max(xs) - detach(xs[0])
        ),
        [1.0, 2.0],
    )
    assert program([[-1.0, 2.0]]) == [-2.0 + 0.5 + 2.0 + 2.0 + 1.0]


def test_the_graph_is_plain_data():
    w = Value(2.0)
    graph = record(lambda x: w * x + 1, 3.0, parameters=[w]).graph
    assert [op.name for op in graph.ops] == ["parameter", "input", "mul", "add"]
    assert graph.operands == [(0,), (0,), (0, 1), (2, 1.0)] and graph.outputs == (3,)
    assert graph.ops[1] is INPUT


def test_derivatives_within_a_program():
    """A slope is made of the table's ops, so it is recorded like anything else."""
    w = Value(2.0)
    program = record(
        lambda x: engine.grad(lambda t: w * t**3)(x) + engine.jvp(lambda t: w * t * t, (x,), (1.0,))[1],
        1.5,
        parameters=[w],
    )
    assert program.value_and_grad([3.0]) == (66.0, [33.0])
