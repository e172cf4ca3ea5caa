"""The python executor: eager's bits where that is promised, and 1e-12 of the largest gradient elsewhere."""

import math
import random
from importlib.util import find_spec

import pytest

import engine
from engine import Op, Value, logsumexp, ops, paused_gc, relu, select, tanh, where
from engine.check.programs import SMOOTH
from engine.compile import careful, record
from engine.compile.batch import Batch
from engine.compile.choose import EXECUTORS
from engine.compile.python import Python
from engine.compile.reduce import reduce
from engine.ops import TABLE
from nn import MLP
from tests.compile.agreement import disagreement, drawn, eager_bits, leaf_graph
from tests.compile.gpt import document, small

ALL = tuple(TABLE.values())


def bits(executor, parameters, batch):
    loss, gradient = executor.value_and_grad(parameters, batch)
    return [x.hex() for x in executor.forward(parameters, batch)[0]], [x.hex() for x in gradient]


@pytest.mark.parametrize("op", ALL, ids=lambda op: op.name)
def test_every_row_runs_as_in_eager(op):
    graph = leaf_graph(op, op.arity)
    parameters = [0.3, 0.6, 0.45, 0.2][: graph.parameters]
    batch = Batch(2, (1, 0), (), rows=[(2.0,), (-0.5,)])
    exact = Python(reduce(graph), graph, exact=True)
    assert bits(exact, parameters, batch) == eager_bits(graph, parameters, batch.rows)
    assert not disagreement(Python(reduce(graph), graph), graph, parameters, batch)
    assert not disagreement(Python(graph, graph), graph, parameters, batch)


def held(seeds, chosen):
    for seed in seeds:
        graph, parameters, batch = drawn(seed, chosen[seed % len(chosen)], 5 + seed % 40)
        exact = Python(graph, graph, exact=True)
        assert bits(exact, parameters, batch) == eager_bits(graph, parameters, batch.rows), seed
        wrong = disagreement(Python(reduce(graph), graph), graph, parameters, batch)
        assert not wrong, f"program {seed}: {wrong}"


def test_random_programs_agree_with_eager():
    held(range(300), (SMOOTH, ALL))


@pytest.mark.slow
def test_ten_thousand_random_programs_agree_with_eager():
    held(range(300, 10_300), (SMOOTH, ALL))


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
@pytest.mark.parametrize("exact", [True, False])
def test_batches_of_any_size(size, exact):
    rng = random.Random(size)
    model = MLP(3, [4, 2], rng=rng)

    def loss(x, label):
        scores = model(x)
        return logsumexp(scores) - select(scores, label)

    samples = [([rng.gauss(0, 1) for _ in range(3)], rng.randrange(2)) for _ in range(size)]
    program = record(loss, *samples[0], parameters=model, exact=exact)
    value, gradient = program.value_and_grad(samples)
    losses = []
    with paused_gc():
        for sample in samples:
            y = loss(*sample)
            losses.append(y.data)
            (y * (1 / size)).backward()
    expected = [p.grad for p in model.parameters()]
    assert value == pytest.approx(math.fsum(losses) / size, rel=1e-12)
    if exact:
        assert gradient == expected and program(samples) == losses
    scale = max(map(abs, expected))
    assert max(abs(a - b) for a, b in zip(gradient, expected, strict=True)) <= 1e-12 * scale


@pytest.mark.parametrize("explicit", [True, False])
@pytest.mark.parametrize("exact", [True, False])
def test_a_small_gpt(explicit, exact):
    """It reads the vocabulary, which are parameters, and the shares, which changes the sweep's order."""
    model, rng = small(explicit=explicit), random.Random(3)
    samples = [document(rng, 3, 5) for _ in range(40)]
    program = record(model.loss, *samples[0], parameters=model, exact=exact)
    _, gradient = program.value_and_grad(samples)
    for sample in samples:
        (model.loss(*sample) * (1 / len(samples))).backward()
    expected = [p.grad for p in model.parameters()]
    if exact:
        assert gradient == expected
    scale = max(map(abs, expected))
    assert max(abs(a - b) for a, b in zip(gradient, expected, strict=True)) <= 1e-12 * scale


EDGES = [0.0, -0.0, 1.0, -1.0, 800.0, -800.0, 1e308, -1e308, 5e-324, math.inf, -math.inf]


@pytest.mark.parametrize("op", ALL, ids=lambda op: op.name)
def test_ieee_edges_are_eagers(op):
    graph = leaf_graph(op, op.arity)
    rng = random.Random(op.name)
    batch = Batch(1, (1, 0), (), rows=[(1.0,)])
    executors = [Python(reduce(graph), graph), Python(graph, graph, exact=True)]
    for _ in range(40):
        parameters = [rng.choice(EDGES) for _ in range(graph.parameters)]
        for executor in executors:
            wrong = disagreement(executor, graph, parameters, batch)
            assert not wrong, f"{parameters}: {wrong}"


def test_a_dead_neuron_that_saw_infinity_has_the_gradient_nan():
    """0 * inf is nan: what a relu that is off hands on is left out only where all of it is finite."""
    w = [Value(-1.0) for _ in range(6)]
    program = record(lambda x: relu(ops.dot(w, x)), [1.0] * 6, parameters=w)
    assert "if " in program.source()
    loss, gradient = program.value_and_grad([[1.0] * 5 + [math.inf]])
    assert loss == 0.0 and math.isnan(gradient[-1]) and gradient[0] == 0.0
    assert program.value_and_grad([[1.0] * 6]) == (0.0, [0.0] * 6)


def test_an_op_of_ones_own_runs():
    def swish_slope(z, x):
        return (1.0 + math.exp(-x) * (1.0 + x)) / (1.0 + math.exp(-x)) ** 2 if float(x) > -700 else 0.0

    swish = Op("swish", lambda x: x / (1.0 + math.exp(-x)), swish_slope)
    w = Value(0.5)
    program = record(lambda x: swish(w * x) * x, 1.0, parameters=[w])
    y = swish(w * 3.0) * 3.0
    y.backward()
    assert program([3.0]) == [y.data] and program.value_and_grad([3.0]) == (y.data, [w.grad])
    assert "swish: no row of engine's table" in program.explain()


def test_an_op_of_ones_own_on_lists_runs():
    spread = Op(
        "spread",
        lambda xs: max(xs) - min(xs),
        lambda z, xs: [1.0, *[0.0] * (len(xs) - 2), -1.0],
        lists=(True,),
    )
    w = [Value(3.0), Value(2.0), Value(1.0)]
    program = record(lambda x: spread(w) * x, 1.0, parameters=w)
    assert program.value_and_grad([2.0]) == (4.0, [2.0, 0.0, -2.0])


def test_an_op_called_as_a_row_is_not_that_row():
    w = Value(2.0)
    double = Op("tanh", lambda x: 2 * x, 2)
    program = record(lambda x: double(w) * tanh(x), 1.0, parameters=[w])
    assert program([1.0]) == [4.0 * math.tanh(1.0)]


def test_what_depends_on_parameters_alone_is_computed_once():
    w = [Value(0.5), Value(-1.5)]
    program = record(lambda x: w[0] * x + 0.1 * (w[0] ** 2 + engine.exp(w[1])), 1.0, parameters=w)
    before, loop = program.executor.source().partition("for ")[::2]
    assert "exp(" in before and "exp(" not in loop.partition("def sweep")[0]
    loss, gradient = program.value_and_grad([1.0, 3.0])
    assert loss == pytest.approx(1.0 + 0.025 + 0.1 * math.exp(-1.5), rel=1e-15)
    assert gradient == pytest.approx([2.0 + 0.1, 0.1 * math.exp(-1.5)], rel=1e-14)


def test_a_loss_without_sample_or_without_parameter():
    w = Value(3.0)
    assert record(lambda: w * w, parameters=[w]).value_and_grad([(), ()]) == (9.0, [6.0])
    assert record(lambda x: w, 1.0, parameters=[w]).value_and_grad([1.0, 2.0]) == (3.0, [1.0])
    assert record(lambda x: x * x, 1.0, parameters=[w]).value_and_grad([1.0, 3.0]) == (5.0, [0.0])


def test_deep_and_wide_graphs():
    w = Value(0.5)

    def deep(x):
        for _ in range(20_000):
            x = x * 0.999 + w
        return x

    def wide(x):
        return engine.sum([w * (x + float(i)) for i in range(5_000)])

    for f in (deep, wide):
        program = record(f, 1.0, parameters=[w])
        w.grad = 0.0
        f(Value(2.0)).backward()
        assert program.value_and_grad([2.0])[1] == pytest.approx([w.grad], rel=1e-11)


def test_the_careful_path_is_taken_for_what_is_not_finite(monkeypatch):
    taken = []
    monkeypatch.setattr(careful, "value_and_grad", lambda *given: taken.append(given) or (0.0, [0.0]))
    w = Value(1.0)
    program = record(lambda x: ops.log(w * x), 1.0, parameters=[w])
    program.value_and_grad([1.0])
    assert not taken
    program.value_and_grad([0.0])
    program.value_and_grad([math.inf])
    assert len(taken) == 2


def test_where_takes_the_side_of_each_sample():
    w = [Value(2.0), Value(5.0)]
    program = record(lambda x: where(x, w[0] * x, w[1] * x), 1.0, parameters=w)
    assert program([3.0, -3.0]) == [6.0, -15.0]
    assert program.value_and_grad([3.0, -3.0]) == (-4.5, [1.5, -1.5])


@pytest.mark.parametrize(
    "name", ["x0", "p0", "rows", "G", "seed", "zip", "lambda", "my op", "exp", "fsum", "v2"]
)
def test_an_op_of_ones_own_may_have_any_name(name):
    own, w = Op(name, lambda x: 3 * x, 3), Value(2.0)
    program = record(lambda x: own(w * x) * engine.exp(x * 0), 1.0, parameters=[w])
    assert program.value_and_grad([5.0]) == (30.0, [15.0])


def test_gradients_are_the_callers_own():
    w = [Value(2.0)] * 1
    for executor in EXECUTORS:
        if executor == "llvm" and find_spec("llvmlite") is None:
            continue
        program = record(lambda x: w[0] * x, 1.0, parameters=w, executor=executor)
        _, first = program.value_and_grad([1.0])
        program.value_and_grad([5.0])
        assert list(first) == [1.0]


@pytest.mark.parametrize("exact", [True, False])
def test_tables_of_parameters_numbers_inputs_and_reads(exact):
    w = [Value(2.0), Value(3.0), Value(5.0)]

    def f(x, i, j, k):
        first = select([w[0], 7.0], i)
        second = select([w[1], x, first, w[1] * x], j)
        return first * second + select([w[2], w[0], w[1]], k) * second * w[2]

    program = record(f, 1.5, 0, 0, 0, parameters=w, exact=exact)
    samples = [(1.25, i, j, k) for i in range(2) for j in range(4) for k in range(3)]
    _, gradient = program.value_and_grad(samples)
    for sample in samples:
        (f(Value(sample[0]), *sample[1:]) * (1 / len(samples))).backward()
    expected = [v.grad for v in w]
    assert gradient == expected if exact else gradient == pytest.approx(expected, rel=1e-13)


def test_saturated_kernels_need_no_careful_path(monkeypatch):
    """The quick kernels raise where a part of them overflows; those of eager do not."""
    monkeypatch.setattr(careful, "value_and_grad", None)
    w = [Value(1.0), Value(2.0)]
    program = record(lambda x: tanh(w[0] * x) + ops.sigmoid(w[1] * x), 1.0, parameters=w, executor="python")
    loss, gradient = program.value_and_grad([-800.0, 0.5])
    y = tanh(w[0] * 0.5) + ops.sigmoid(w[1] * 0.5)
    (y / 2).backward()
    assert loss == pytest.approx((y.data - 1.0) / 2, rel=1e-15)
    assert gradient == pytest.approx([v.grad for v in w], rel=1e-14)


class Faulty:
    """An executor whose last gradient is off by a share."""

    def __init__(self, right, share):
        self.right, self.share, self.vector, self.forward = right, share, right.vector, right.forward

    def value_and_grad(self, parameters, batch):
        loss, gradient = self.right.value_and_grad(parameters, batch)
        return loss, [*gradient[:-1], gradient[-1] * (1 + self.share)]


def test_a_fault_of_1e_11_is_caught():
    w = [Value(0.5), Value(-1.5)]
    program = record(lambda x: tanh(w[0] * x + w[1]), 1.0, parameters=w, executor="python")
    batch = program.batch([0.25, 2.0])
    parameters = [v.data for v in w]
    assert not disagreement(program.executor, program.graph, parameters, batch)
    assert not disagreement(Faulty(program.executor, 1e-15), program.graph, parameters, batch)
    assert disagreement(Faulty(program.executor, 1e-11), program.graph, parameters, batch)
    assert disagreement(Faulty(program.executor, math.nan), program.graph, parameters, batch)


def test_the_source_is_the_same_every_time():
    model = small()
    sources = {
        record(model.loss, *document(random.Random(1), 3, 5), parameters=model, executor="python").source()
        for _ in range(2)
    }
    assert len(sources) == 1
