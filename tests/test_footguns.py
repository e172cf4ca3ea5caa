"""Known sharp edges, each with the behaviour we chose."""

import copy
import math

import pytest

import engine as e
from engine import Value, detach, grad, maximum, relu, where


def slope(f, x):
    v = Value(x)
    f(v).backward()
    return v.grad


def test_partials_are_evaluated_when_swept():
    """Data changed between recording and sweeping gives the slope at the new number."""
    x = Value(3.0)
    y = x * x
    x.data = 5.0
    y.backward()
    assert y.data == 9.0 and x.grad == 10.0


def test_a_branch_is_recorded_as_it_was_taken():
    def f(x):
        return x * 2 if x > 0 else x * 3

    assert slope(f, 1.0) == 2.0 and slope(f, -1.0) == 3.0


def test_float_of_a_value_leaves_the_graph():
    x = Value(1.0)
    assert math.sin(x) == math.sin(1.0)  # a plain number: nothing was recorded
    with pytest.raises(TypeError, match="engine.sin"):
        grad(math.sin)(1.0)


def test_augmented_assignment_records_a_new_node():
    x = Value(1.0)
    y = x
    y += 1
    assert y is not x and x.data == 1.0


def test_equality_is_identity():
    assert Value(1.0) != Value(1.0) and Value(1.0) not in [Value(1.0)]


@pytest.mark.parametrize(
    ("f", "x", "expected"),
    [
        (relu, 0.0, 0.0), (abs, 0.0, 0.0), (e.leaky_relu, 0.0, 0.01), (e.elu, 0.0, 1.0), (e.step, 2.0, 0.0),
        (lambda x: maximum(x, 2), 2.0, 0.5), (lambda x: maximum(x, x), 2.0, 1.0), (lambda x: x**0, 0.0, 0.0),
        (lambda x: x**1, 0.0, 1.0), (lambda x: x**2, 0.0, 0.0), (lambda x: 0**x, 2.0, 0.0),
        (lambda x: 0**x, 0.0, 0.0), (lambda x: x**3, -2.0, 12.0), (lambda x: 1 / x, 0.0, -math.inf),
        (e.sqrt, 0.0, math.inf), (e.log, 0.0, math.inf), (e.exp, 710.0, math.inf), (detach, 3.0, 0.0),
        (lambda x: e.hypot(x, 0), 0.0, 0.0), (lambda x: e.atan2(x, 0), 0.0, 0.0),
        (lambda x: where(x, 5 * x, 7 * x), 0.0, 7.0), (lambda x: x * detach(x), 3.0, 3.0),
        (lambda x: e.max([x, 2.0, x]), 2.0, 2 / 3), (lambda x: e.min([x, 2.0]), 2.0, 0.5),
    ],
)  # fmt: skip
def test_kinks_and_poles(f, x, expected):
    assert slope(f, x) == pytest.approx(expected, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("f", "x"),
    [(relu, math.nan), (lambda x: x**0.5, -8.0), (e.log, -1.0), (e.sin, math.inf), (e.acosh, 0.5),
     (lambda x: x - x, math.inf), (lambda x: where(x, 1, 2) * x, math.nan)],
)  # fmt: skip
def test_nan_is_never_swallowed(f, x):
    v = Value(x)
    y = f(v)
    y.backward()
    assert math.isnan(y.data)


def test_nan_of_relu_has_a_nan_slope():
    assert math.isnan(slope(relu, math.nan))


def test_negative_zero_is_kept():
    for f in (lambda x: -x, lambda x: x * 1.0, e.tanh, e.asinh, relu):
        assert math.copysign(1.0, float(f(Value(-0.0) if f is not None else 0))) == (
            1.0 if f(Value(-0.0)).op.name == "neg" else -1.0
        )


def test_a_power_of_a_negative_number_is_never_complex():
    assert math.isnan((Value(-8.0) ** (1 / 3)).data) and (Value(-8.0) ** 3).data == -512.0


def test_select_takes_its_index_as_a_number():
    table = [Value(1.0), Value(4.0)]
    assert e.select(table, 1) is table[1]
    with pytest.raises(IndexError, match="outside 0 ... 1"):
        e.select(table, -1)
    with pytest.raises(TypeError, match="whole number"):
        e.select(table, 0.5)


def test_an_empty_list_has_no_largest():
    with pytest.raises(ValueError, match="empty list"):
        e.max([])
    assert e.sum([]) == 0.0 and e.dot([], []) == 0.0 and e.logsumexp([]) == -math.inf and e.softmax([]) == []


def test_lists_of_different_length_are_refused():
    with pytest.raises(ValueError, match="3 and 2"):
        e.dot([Value(1.0)] * 3, [1.0, 2.0])
    with pytest.raises(ValueError, match="1 and 2"):
        e.dot([Value(1.0)], [Value(1.0)] * 2)


def test_the_wrong_number_of_operands_is_refused():
    for act in (lambda: e.tanh(1.0, 2.0), lambda: e.tanh(Value(1.0), 2.0), lambda: e.hypot(Value(1.0)),
                lambda: e.dot([Value(1.0)]), lambda: e.sum(Value(1.0)), lambda: e.sum("12"),
                lambda: e.max([Value(1.0)], 2), lambda: e.where(Value(1.0), (1.0, 2.0, 3.0))):  # fmt: skip
        with pytest.raises(TypeError):
            act()


def test_a_users_op_that_raises_is_named():
    cliff = e.Op("cliff", lambda x: math.gamma(x), lambda z, x: 1 / math.gamma(x))
    with pytest.raises(ArithmeticError, match=r"'cliff'.*-1\.0"):
        cliff(Value(-1.0))
    broken = e.Op("broken", lambda x: x, lambda z, x: math.sqrt(-1.0))
    with pytest.raises(ArithmeticError, match="partial 0 of op 'broken'"):
        broken(Value(2.0)).backward()


def test_a_constant_slips_in_through_math():
    """math.sin of a Value is a plain number: only a result that is wholly one is refused."""
    assert grad(lambda x: x * math.sin(x))(1.0) == math.sin(1.0)
    assert grad(lambda x: x * e.sin(x))(1.0) == pytest.approx(math.sin(1.0) + math.cos(1.0))


def test_nothing_flows_back_only_through_an_op_of_one_number():
    stop = e.Op("stop", lambda x: 2 * x, None)
    x = Value(3.0)
    (stop(x) * x).backward()
    assert x.grad == 6.0
    with pytest.raises(TypeError, match="detach"):
        e.Op("half", lambda x, y: x * y, lambda z, x, y: y, None)
    with pytest.raises(TypeError, match="detach"):
        e.Op("none", math.fsum, None, lists=(True,))


def test_a_complex_or_short_partial_is_named():
    x = Value(1.0)
    with pytest.raises(TypeError, match="partial 0 of op 'turn'"):
        e.Op("turn", lambda x: x, lambda z, x: (-8.0) ** (1 / 3))(x).backward()
    with pytest.raises(ArithmeticError, match="1 slopes for 2 operands"):
        e.Op("short", math.fsum, lambda z, x: [1.0], lists=(True,))([x, x]).backward()
    assert x.grad == 0.0


@pytest.mark.parametrize(
    ("slopes", "named"),
    [
        ([1j, 2], "slope 0 in partial 0 of op 'list'.*1j"),
        ([2.0, Value(1.0)], r"slope 1 in partial 0 of op 'list'.*Value\(data=1.0"),
        (["a", "b"], "slope 0 in partial 0 of op 'list'.*'a'"),
        ((None, 2.0), "slope 0 in partial 0 of op 'list'.*None"),
    ],
)
def test_the_partial_of_a_list_is_numbers_or_is_named(slopes, named):
    x, y = Value(1.0), Value(2.0)
    total = e.Op("list", math.fsum, lambda z, xs: slopes, lists=(True,))
    for act in (total([x, y]).backward, lambda: grad(total)([1.0, 2.0])):
        with pytest.raises(TypeError, match=named):
            act()
    assert x.grad == y.grad == 0.0


def test_the_partial_of_a_list_may_be_of_any_real_numbers():
    import numpy as np

    x, y = Value(1.0), Value(2.0)
    e.Op("list", math.fsum, lambda z, xs: (np.float32(0.5), 3), lists=(True,))([x, y]).backward()
    assert (x.grad, y.grad) == (0.5, 3.0) and type(x.grad) is type(y.grad) is float


@pytest.mark.parametrize("partial", [lambda z, x: [1.0], lambda x: 1, lambda z, x: x + "1"])
def test_a_partial_that_takes_or_gives_something_else_is_named(partial):
    op = e.Op("other", lambda x: x, partial)
    for act in (op(Value(1.0)).backward, lambda: grad(op)(1.0), lambda: grad(grad(op))(1.0)):
        with pytest.raises(TypeError, match="partial 0 of op 'other'"):
            act()


def test_a_users_op_gives_floats_or_is_named():
    import numpy as np

    count = e.Op("count", lambda x: 3, lambda z, x: np.float32(2.0))
    x = Value(1.0)
    y = count(x)
    y.backward()
    assert type(y.data) is float and (y.data, x.grad) == (3.0, 2.0)
    with pytest.raises(TypeError, match=r"value of op 'lost'.*None at \(2\.0,\)"):
        e.Op("lost", lambda x: None, 1)(Value(2.0))
    with pytest.raises(TypeError, match="partial 0 of op 'flat'.*None"):
        e.Op("flat", lambda x: x, lambda z, x: None)(Value(2.0)).backward()


def test_a_users_op_that_divides_needs_no_limit():
    inverse = e.Op("inverse", lambda x: 1 / x, lambda z, x: -z / x)
    assert inverse(Value(0.0)).data == math.inf and slope(inverse, 0.0) == -math.inf


def test_softmax_is_unchanged_by_a_shift_and_never_overflows():
    assert e.softmax([1000.0, 999.0]) == e.softmax([1.0, 0.0])
    assert [round(p, 4) for p in e.softmax([2.3, 1.1, -0.5])] == [0.7342, 0.2211, 0.0446]


def test_a_copied_output_shares_its_operands():
    x = Value(2.0)
    y = copy.copy(x * x)
    y.backward()
    assert x.grad == 4.0


def test_a_branch_on_data_that_three_samples_agree_on_is_frozen():
    """`x > 0` is refused while a program is recorded; the data itself is a plain float that nothing sees."""

    def f(x):
        return x * 2 if x.data > -1000.0 else x * 3

    assert e.record(f, 1.0)([1.0, -2000.0]) == [2.0, -4000.0] != [f(Value(1.0)).data, f(Value(-2000.0)).data]


def test_a_program_may_leave_out_what_is_times_a_constant_0():
    """The slope of step is the constant 0; eager multiplies it with an infinite slope, which gives nan."""
    w, v = Value(2.0), Value(1.0)

    def f(x):
        z = x * w
        return e.step(z * z * z) + v

    def gradient(**options):
        return e.record(f, 1.0, parameters=[w, v], **options).value_and_grad([1e200])[1]

    f(1e200).backward()
    assert math.isnan(w.grad) and math.isnan(gradient(exact=True)[0])
    assert gradient(executor="python") == [0.0, 1.0]


def test_a_program_sums_in_another_order():
    """In exact arithmetic a compensated sum is a plain one, so it is reduced to that; exact=True keeps it."""

    def kahan(xs):
        total, lost = xs[0], Value(0.0)
        for x in xs[1:]:
            wanted = x - lost
            more = total + wanted
            lost = (more - total) - wanted
            total = more
        return total

    numbers = [1.0] + [1e-16] * 100
    expected = 1.0 + 1e-14
    assert kahan(list(map(Value, numbers))).data == pytest.approx(expected, rel=3e-16)
    assert e.record(kahan, numbers, exact=True)([numbers]) == [kahan(list(map(Value, numbers))).data]
    assert e.record(kahan, numbers, executor="python")([numbers])[0] != expected


def test_a_program_has_parameters_of_its_own():
    """They are read from the Values when it is recorded, and written to them by `store` alone."""
    w = Value(2.0)
    program = e.record(lambda x: w * x, 1.0, parameters=[w])
    w.data = 5.0
    assert program([1.0]) == [2.0]
    program.load()
    assert program([1.0]) == [5.0]


def test_a_value_that_is_no_parameter_is_a_constant_of_a_program():
    w = Value(2.0)
    program = e.record(lambda x: w * x, 1.0)
    w.data = 5.0
    assert program([1.0]) == [2.0] and program.frozen[0].number == 2.0
