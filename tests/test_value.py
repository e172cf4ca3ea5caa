"""The conventions of Value, each line of the design's table."""

import ast
import decimal
import fractions
import gc
import inspect
import subprocess
import sys
import threading

import numpy as np
import pytest

import engine
from engine import Value, dot, tanh
from engine.carrier import Carrier
from engine.chain import chain_rule, order
from engine.ops import METHODS, OPERATORS, TABLE


@pytest.mark.parametrize(
    "number",
    [3, True, np.float64(3), np.float32(3), np.int64(3), np.bool_(True), np.array(3.0), np.array([[3.0]]),
     fractions.Fraction(3), decimal.Decimal(3)],
)  # fmt: skip
def test_data_is_always_a_python_float(number):
    assert type(Value(number).data) is float
    v = Value(0.0)
    v.data = number
    assert type(v.data) is float and v.data == (1.0 if number is True or type(number) is np.bool_ else 3.0)
    for result in (v + number, number + v, v * number, number * v, v - number, number - v, v**number):
        assert type(result) is Value and type(result.data) is float


def test_torch_scalars_are_converted():
    torch = pytest.importorskip("torch")
    three = torch.tensor(3.0, dtype=torch.float64)
    assert Value(three).data == 3.0
    assert (Value(2.0) * three).data == 6.0


@pytest.mark.parametrize(
    "wrong", ["3", None, 3j, [3.0], (3.0,), {}, b"3", np.array([1.0, 2.0]), np.array(["3"]), np.array(3j)]
)
def test_anything_else_is_refused_by_name(wrong):
    with pytest.raises(TypeError, match="number"):
        Value(wrong)
    x = Value(1.0)
    for act in (lambda: x + wrong, lambda: wrong * x, lambda: x**wrong, lambda: engine.maximum(x, wrong),
                lambda: tanh(wrong), lambda: x < wrong):  # fmt: skip
        with pytest.raises(TypeError):
            act()
    assert x.data == 1.0 and x.grad == 0.0


def test_a_value_in_a_value_is_refused_with_advice():
    with pytest.raises(TypeError, match="call an op on Values"):
        Value(Value(1.0))
    with pytest.raises(TypeError, match="array of shape"):
        Value(np.array([1.0, 2.0]))


def test_a_number_too_large_for_a_float_is_refused():
    with pytest.raises((TypeError, OverflowError)):
        Value(10**400)
    with pytest.raises((TypeError, OverflowError)):
        Value(1.0) + 10**400


def test_value_cannot_be_subclassed():
    with pytest.raises(TypeError, match="subclassed"):
        type("Mine", (Value,), {})


def test_leaves_accumulate_and_interiors_do_not():
    x = Value(2.0)
    u = x * x
    y = 3 * u
    y.backward()
    assert (x.grad, u.grad) == (12.0, 3.0)
    y.backward()
    assert (x.grad, u.grad) == (24.0, 3.0)


def test_two_outputs_over_one_node_do_not_disturb_each_other():
    x = Value(2.0)
    u = x * x
    (3 * u).backward()
    (5 * u).backward()
    assert (x.grad, u.grad) == (32.0, 5.0)


def test_backward_of_a_leaf_adds_one():
    x = Value(2.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_comparisons_use_data_and_equality_is_identity():
    x, y = Value(1.0), Value(1.0)
    assert x == x and x != y and hash(x) == object.__hash__(x)
    assert x <= y and x >= y and not x < y and x > 0 and x < 2.5
    assert float(x) == 1.0 and bool(x) and not Value(0.0) and f"{x:.2f}" == "1.00"
    assert x != 1.0


def test_values_record_through_methods_of_their_own():
    """Not through the slower ones that all carriers have."""
    unary = [name for name, op in METHODS.items() if op.arity == 1]
    for name in [*unary, *(f"__{n}__" for n in OPERATORS), *(f"__r{n}__" for n in OPERATORS)]:
        assert getattr(Value, name) is not getattr(Carrier, name)
    assert all(op.recorder is not None for op in TABLE.values() if len(set(op.lists)) == 1)


def test_type_checkers_know_every_method():
    """The annotations of Value under TYPE_CHECKING are the methods that the table makes."""
    tree = ast.parse(inspect.getsource(Value))
    noted = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)}
    assert noted - {"_data", "_label", "_origin", "grad", "op", "x", "y", "inputs"} == set(METHODS)


def test_labels():
    x = Value(1.0, label="x")
    assert x.label == "x" and Value(1.0).label == "" and "label='x'" in repr(x)
    with pytest.raises(TypeError, match="label"):
        x.label = 3


def test_micrograds_private_names():
    x, w = Value(2.0), Value(3.0)
    y = (x * w).tanh()
    assert y._op == "tanh" and x._op == "" and {v._op for v in y._prev} == {"*"}
    (product,) = y._prev
    assert product._prev == {x, w}
    with pytest.raises(AttributeError):
        y._op = "+"
    y.grad = 1.0
    y._backward()
    product._backward()
    assert product.grad == y.grad * engine.grad(tanh)(6.0) and x.grad == 3.0 * product.grad


def test_inputs_of_list_ops_are_flat():
    a, b = Value(1.0), Value(2.0)
    assert dot([a, b], [b, a]).inputs == (a, b, b, a)
    assert dot([a, b], [1.0, 2.0]).inputs == (a, b)
    mixed = engine.sum([a, 5])
    assert mixed.data == 6.0 and mixed.inputs[0] is a and mixed.inputs[1].op is None


DEEP = 1_000_000


@pytest.mark.slow
def test_a_chain_of_a_million_nodes():
    with engine.paused_gc():
        x = Value(1.0)
        y = x
        for _ in range(DEEP):
            y = y * 1.0
        y.backward()
        assert x.grad == 1.0
        del y


def test_a_chain_deeper_than_any_stack():
    x = Value(0.5)
    y = x
    for _ in range(50_000):
        y = engine.sin(y) + x
    y.backward()
    steps = sum(1 for _ in chain_rule(y))
    assert steps == 150_000 and len(order(y)) == 100_001


def test_a_wide_sum_and_a_wide_dot():
    leaves = [Value(1.0) for _ in range(200_000)]
    engine.sum(leaves).backward()
    assert all(v.grad == 1.0 for v in leaves)
    dot(leaves, [2.0] * len(leaves)).backward()
    assert all(v.grad == 3.0 for v in leaves)


def test_heavy_sharing_is_linear():
    x = Value(1.0)
    y = x
    for _ in range(1000):
        y = y + y
    y.backward()
    assert x.grad == 2.0**1000


def test_same_bits_whatever_the_hash_seed_and_the_creation_order():
    program = """
import random, sys
from engine import Value, dot, tanh
rng = random.Random(7)
numbers = [rng.uniform(-1, 1) for _ in range(40)]
places = list(range(40))
random.Random(int(sys.argv[1])).shuffle(places)
leaves = [None] * 40
for place in places:
    leaves[place] = Value(numbers[place])
hidden = [tanh(dot(leaves, leaves[i:] + leaves[:i])) for i in range(40)]
y = sum(h * l / (1 + h * h) for h, l in zip(hidden, leaves))
y.backward()
print([v.grad.hex() for v in leaves])
"""
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program, seed],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(p for p in sys.path if p) or "."},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }  # fmt: skip
    assert len(outputs) == 1


def test_threads_do_not_disturb_each_other():
    def work(results: list[float], seed: float) -> None:
        for _ in range(30):
            x = Value(seed)
            y = x
            for _ in range(300):
                y = tanh(y) * x + seed
            y.backward()
            results.append(x.grad)

    found: list[list[float]] = [[] for _ in range(4)]
    threads = [threading.Thread(target=work, args=(found[i], 0.1 * (i + 1))) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(len(results) == 30 and len(set(results)) == 1 for results in found)


def test_a_graph_has_no_cycles():
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        for _ in range(20):
            x = Value(0.3)
            y = tanh(x) * x
            for _ in range(100):
                y = y * x + tanh(dot([x, y], [y, x]))
            y.backward()
            list(chain_rule(y))
            engine.hessian(lambda v: v[0] * v[1] ** 2)([1.0, 2.0])
            del x, y
        assert len(gc.get_objects()) - before < 50
    finally:
        gc.enable()


def test_paused_gc_nests_and_restores():
    assert gc.isenabled()
    with engine.paused_gc():
        with engine.paused_gc():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    gc.disable()
    try:
        with engine.paused_gc():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
    with pytest.raises(ZeroDivisionError), engine.paused_gc():
        raise ZeroDivisionError
    assert gc.isenabled()


def test_importing_leaves_the_collector_alone_and_is_quick():
    program = (
        "import gc, sys; import engine;"
        "print(gc.isenabled(), 'numpy' in sys.modules, 'graphviz' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False"]


def test_a_node_takes_at_most_112_bytes():
    import tracemalloc

    x = Value(1.5)
    y = x
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(10_000):
            y = y * x
        used = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert used / 10_000 <= 112
