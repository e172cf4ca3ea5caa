"""Copies and pickles of graphs keep numbers, gradients, labels and sharing."""

import copy
import pickle

import pytest

import engine
from engine import Op, Value, dot, tanh
from engine.chain import order
from engine.see.origin import excerpt, variable

square = Op("square", lambda x: x * x, lambda z, x: 2 * x)


def large() -> tuple[Value, Value]:
    x = Value(0.3, label="x")
    y = x
    for _ in range(50_000):
        y = tanh(y) + x
    y.backward()
    return x, y


def facts(v: Value) -> list[tuple[object, ...]]:
    return [(n.data, n.grad, n.label, n._op, len(n.inputs)) for n in order(v)]


@pytest.mark.parametrize("again", [copy.deepcopy, lambda y: pickle.loads(pickle.dumps(y))])
def test_a_deep_graph_survives(again):
    _, y = large()
    z = again(y)
    assert z is not y and facts(z) == facts(y)
    leaf = order(z)[0]
    leaf.grad = 0.0
    z.backward()
    assert leaf.grad == order(y)[0].grad


def test_deepcopy_shares_what_the_memo_shares():
    x = Value(2.0)
    u = x * x
    x2, u2, y2 = copy.deepcopy((x, u, tanh(u)))
    assert u2.inputs == (x2, x2) and y2.inputs == (u2,)


def test_pickle_keeps_leaves_shared_within_one_pickle():
    weights = [Value(1.0, label="w0"), Value(2.0)]
    loss = dot(weights, [3.0, 4.0]) ** 2
    again, weights2 = pickle.loads(pickle.dumps((loss, weights)))
    again.backward()
    assert [w.grad for w in weights2] == [66.0, 88.0] and weights2[0].label == "w0"


def test_copy_is_shallow():
    x = Value(2.0, label="x")
    y = x * 3
    z = copy.copy(y)
    assert z is not y and z.inputs == (x,) and copy.copy(x).label == "x"


def test_ops_are_pickled_by_name_also_the_users_and_powers_derivatives():
    from engine.ops import power_derivative

    for op in (tanh, power_derivative(2, 1)):
        assert pickle.loads(pickle.dumps(op)) is op
        assert copy.deepcopy(op) is op


def test_a_users_op_at_module_level_is_pickled(tmp_path, monkeypatch):
    (tmp_path / "users_ops.py").write_text(
        "from engine import Op\nsquare = Op('square', lambda x: x * x, lambda z, x: 2 * x)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    import users_ops

    y = users_ops.square(Value(3.0))
    assert pickle.loads(pickle.dumps(y)).op is users_ops.square


def test_a_deep_watched_graph_survives_a_pickle():
    with engine.watch():
        x = Value(0.3)
        y = x
        for _ in range(20_000):
            y = tanh(y) + x
    z = pickle.loads(pickle.dumps(y))
    assert facts(z) == facts(y)
    assert variable(order(z)[0]) == "x" and excerpt(z).text == "tanh(y) + x"
