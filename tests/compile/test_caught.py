"""What a function hides from the recording: refusals it catches, branches not taken."""

import pytest

import engine
from engine import Value, select, tanh, where
from engine.compile import RecordError, record


def swallowed(x):
    try:
        return x * 2 if x > 0 else x * 3
    except TypeError:
        return x


def another_error(x):
    try:
        return x * 2 if x > 0 else x * 3
    except TypeError as error:
        raise LookupError("mine") from error


def swallowed_index(x, i):
    try:
        return x * int(i)
    except TypeError:
        return x


def nested(x):
    try:
        return x * record(lambda y: y, 1.0)([1.0])[0]
    except TypeError:
        return x


@pytest.mark.parametrize(
    "f, examples, what",
    [
        (swallowed, (1.0,), "return x \\* 2 if x > 0 else x \\* 3` compares a recorded number"),
        (another_error, (1.0,), "compares a recorded number"),
        (swallowed_index, (1.0, 0), r"return x \* int\(i\)` uses a recorded index as a number"),
        (nested, (1.0,), "record was called inside of a function that is being recorded"),
    ],
)
def test_a_refusal_that_is_caught_is_raised_again(f, examples, what):
    with pytest.raises(RecordError, match=what):
        record(f, *examples)
    assert record(lambda x: x * 2.0, 1.0)([3.0]) == [6.0]


def test_an_index_does_not_tell_its_number():
    seen = []
    record(lambda x, i: (seen.append(i), select([x, -x], i))[1], 1.0, 1)
    assert not hasattr(seen[0], "number")
    with pytest.raises(
        RecordError, match="i is given as the int 1, so it is an index; write 1.0 for a number"
    ):
        str(seen[0])
    with pytest.raises(RecordError, match="f returned an index; a function that is recorded returns"):
        record(_index_itself, 1)


def _index_itself(i):
    return i


_index_itself.__name__ = "f"


def test_an_int_where_a_float_is_meant_is_named():
    with pytest.raises(
        RecordError, match="x is given as the int 1, so it is an index; write 1.0 for a number"
    ):
        record(lambda x: x * 2.0, 1)
    with pytest.raises(RecordError, match=r"pair\[1\] is given as the int 7, .* write 7.0"):
        record(lambda pair: pair[0] * pair[1], (0.5, 7))


def test_indices_differ_in_every_sample():
    """An index that reads a table is never the same; one that reads none is another number, too."""
    read, idle = [], []

    def f(i, k):
        read.append(i.read.keywords["number"])
        idle.append(k.read.keywords["number"])
        return select([1.0, 2.0], i)

    record(f, 0, 5)
    assert read == [0, 1, 1] and idle == [5, 6, 6]


W = Value(2.0)


def order(xs):
    return [w * x for w, x in zip((W, 1.0, 1.0), sorted(xs, key=lambda v: v.data), strict=False)]


def pivot(xs):
    return max(xs, key=lambda v: abs(v.data)) * W


@pytest.mark.parametrize(
    "f, example",
    [
        (lambda x: W * x if x.data > 0 else W * 0.0, 3.0),
        (lambda x: W * x if x.data > 0 else W * 0.0, 1e300),
        (lambda x: W * x if x.data < 0 else W * 0.0, -200.0),
        (lambda x: W * x if abs(x.data) < 1.5 else W * 0.0, 1.0),
        (order, [1.0, 200.0]),
        (order, [-1.0, 200.0, 3.0]),
        (order, [1.0, 1.0, 1.0]),
        (pivot, [1.0, 200.0]),
        (pivot, [-300.0, 20.0, 1.0]),
        (lambda x, y: x * W if x.data > y.data else y * W, (1.0, 1000.0)),
    ],
)
def test_the_samples_change_signs_and_orders(f, example):
    with pytest.raises(RecordError, match="computes something else on another sample"):
        record(f, *(example if isinstance(example, tuple) else (example,)), parameters=[W])


def checked(x):
    if not 0.0 < x.data <= 1.0:
        raise ValueError(f"a share is within 0 and 1, got {x.data}")
    return tanh(W * x)


def test_a_function_that_checks_its_arguments_is_recorded_near_the_example():
    assert record(checked, 0.9, parameters=[W])([0.5]) == [tanh(1.0)]

    def constant(x):
        return checked(x) * (2.0 if x.data == 0.9 else 3.0)

    with pytest.raises(RecordError, match="the constant 2.0 in mul is 3.0 there"):
        record(constant, 0.9, parameters=[W])


def test_a_function_that_takes_one_sample_alone_is_refused():
    def f(x):
        if x.data != 0.5:
            raise ValueError(f"it is {x.data}")
        return x

    with pytest.raises(RecordError, match=r"f raised ValueError\('it is 0.*'\) on a second sample") as caught:
        record(f, 0.5)
    assert isinstance(caught.value.__cause__, ValueError)


def test_samples_of_every_number_can_be_made():
    """No example overflows, and 0 does not stay 0."""
    program = record(
        lambda xs: engine.sum([where(x, x, -x) for x in xs]), [1.7e308, -1.7e308, 0.0, -0.0, 1e-320]
    )
    assert program([[1.0, -2.0, 3.0, 0.0, 0.0]]) == [6.0]
    with pytest.raises(RecordError, match="another sample"):
        record(lambda x: x * 2.0 if x.data else x, 0.0)


def test_a_slope_flows_to_the_entry_that_is_read():
    """Within a program, too, whichever index it is given."""
    program = record(
        lambda x, i: engine.grad(lambda t: select([t * W, t * t * t, 5.0], i) * W)(x), 1.0, 0, parameters=[W]
    )
    assert program([(2.0, 0), (2.0, 1), (2.0, 2)]) == [4.0, 24.0, 0.0]
    assert program.value_and_grad([(2.0, 0)])[1] == [4.0]
    assert program.value_and_grad([(2.0, 1)])[1] == [12.0]


def test_a_refusal_tells_on_which_sample():
    with pytest.raises(RecordError, match="returned 3.0") as caught:
        record(lambda x: x if x.data > 0 else 3.0, 1.0)
    assert caught.value.__notes__ == [
        "this happened on a third sample, made by changing the numbers of the examples"
    ]
