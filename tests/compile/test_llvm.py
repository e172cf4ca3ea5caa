"""The llvm executor against eager, on random programs and models."""

import math
import random
from typing import Any

import numpy as np
import pytest

import nn
from engine import Value, dot, logsumexp, ops, relu, select
from engine.compile import llvm_executor
from engine.compile.batch import Batch
from engine.compile.graph import INPUT, PARAMETER, Graph
from engine.compile.llvm_executor import Llvm
from engine.compile.lower import Lowering
from engine.compile.plan import plan
from engine.compile.record import Sample, recorded
from engine.compile.reduce import reduce
from engine.compile.signature import Signature
from engine.op import Op
from tests.compile.oracle import assert_close, eager, poisoned, referred
from tests.compile.test_numpy import RULES, attention, network
from tests.parts import needed

needed("llvmlite")
needed("platformdirs")


def found(graph: Graph, parameters: Any, numbers: Any, indices: Any) -> tuple[Any, Any]:
    """Return what the llvm executor makes of a batch, its buffers full of nan before."""
    executor = Llvm(graph, graph)
    executor.fresh = poisoned
    given = Batch(
        numbers.shape[1], (graph.inputs, graph.indices), graph.limits, numbers=numbers, indices=indices
    )
    value, gradient = executor.value_and_grad(executor.vector(parameters), given)
    again, same = executor.value_and_grad(executor.vector(parameters), given)
    assert again == value or math.isnan(value)
    assert np.array_equal(gradient, same, equal_nan=True)
    (values,) = executor.forward(executor.vector(parameters), given)
    assert_close(value, np.mean(values))
    return values, gradient


def hold(graph: Graph, parameters: Any, numbers: Any, indices: Any, *, refer: bool = True) -> None:
    """Hold the executor, and the reference, to eager, on the graph as it is and reduced."""
    values, gradient = eager(graph, parameters, numbers, indices)
    for form in (graph, reduce(graph)):
        results = [found(form, parameters, numbers, indices)]
        if refer:
            results.append(referred(plan(form), parameters, numbers, indices))
        for other_values, other_gradient in results:
            assert_close(other_values, values)
            assert_close(other_gradient, gradient)


@pytest.mark.parametrize("lanes", [1, 2, 7, 64, 1000])
def test_batches_of_any_size(lanes: int) -> None:
    graph = network([3, 5, 4])
    rng = np.random.default_rng(lanes)
    hold(
        graph,
        rng.normal(size=graph.parameters),
        rng.normal(size=(3, lanes)),
        np.zeros((0, lanes), int),
        refer=False,
    )


def test_one_executor_for_batches_of_many_sizes() -> None:
    graph = network([3, 4, 2])
    executor, rng = Llvm(graph, graph), np.random.default_rng(0)
    parameters = rng.normal(size=graph.parameters)
    for lanes in (5, 1, 2, 3, 4, 5, 6, 1):
        numbers = rng.normal(size=(3, lanes))
        none = np.zeros((0, lanes), int)
        _, expected = eager(graph, parameters, numbers, none)
        _, gradient = executor.value_and_grad(
            parameters, Batch(lanes, (3, 0), (), numbers=numbers, indices=none)
        )
        assert_close(gradient, expected)


def test_all_activations() -> None:
    for name in "relu sigmoid silu softplus gelu elu leaky_relu erf erfc cbrt atan asinh".split():
        op = ops.TABLE[name]
        graph = network([2, 3, 2])
        operands = [
            (x[0], *op.defaults) if o is ops.tanh else x
            for o, x in zip(graph.ops, graph.operands, strict=True)
        ]
        graph = graph._replace(ops=[op if o is ops.tanh else o for o in graph.ops], operands=operands)
        rng = np.random.default_rng(1)
        hold(graph, rng.normal(size=graph.parameters), rng.normal(size=(2, 4)), np.zeros((0, 4), int))


@pytest.mark.parametrize("length", [1, 2, 5])
def test_attention(length: int) -> None:
    graph = attention(length, 3)
    rng = np.random.default_rng(length)
    indices = rng.integers(0, 9, (length, 4))
    hold(graph, rng.normal(size=graph.parameters), np.zeros((0, 4)), indices)


def test_a_users_op_works_number_by_number() -> None:
    def cubed(x: float) -> float:
        return x**3 if math.isfinite(x) else x

    def slope(z: float, x: float) -> float:
        return 3 * math.pow(x, 2)  # does not run on Symbols

    cube = Op("cube", cubed, slope)
    graph = Graph([PARAMETER, INPUT, ops.mul, cube], [(0,), (0,), (0, 1), (2,)], (3,), parameters=1, inputs=1)
    hold(graph, [1.5], np.array([[1.0, -2.0, 0.5]]), np.zeros((0, 3), int))
    executor = Llvm(graph, graph)
    executor.forward([1.5], Batch(1, (1, 0), (), rows=[(1.0,)]))
    assert "number by number, which is slow: cube, cube'" in executor.describe()


def test_a_users_op_of_a_list() -> None:
    spread = Op("spread", lambda xs: sum(x * x for x in xs), lambda z, xs: [2 * x for x in xs], lists=(True,))
    graph = Graph(
        [PARAMETER, INPUT, ops.mul, spread],
        [(0,), (0,), (0, 1), ((0, 1, 2, 0.5),)],
        (3,),
        parameters=1,
        inputs=1,
    )
    hold(graph, [1.5], np.array([[1.0, -2.0, 0.5]]), np.zeros((0, 3), int))


def test_what_no_sample_changes_is_computed_once() -> None:
    squares = Graph(
        [PARAMETER, PARAMETER, INPUT, ops.dot, ops.mul, ops.add],
        [(0,), (1,), (0,), ((0, 1), (0, 1)), (0, 2), (4, 3)],
        (5,),
        parameters=2,
        inputs=1,
    )
    hold(squares, [1.5, -2.0], np.array([[1.0, -2.0, 0.5]]), np.zeros((0, 3), int))
    alone = squares._replace(outputs=(3,))
    hold(alone, [1.5, -2.0], np.array([[1.0, -2.0, 0.5]]), np.zeros((0, 3), int))


@pytest.mark.parametrize("output", [0, 1])
def test_an_output_that_is_a_leaf(output: int) -> None:
    graph = Graph([PARAMETER, INPUT], [(0,), (0,)], (output,), parameters=1, inputs=1)
    hold(graph, [1.5], np.array([[1.0, 2.0]]), np.zeros((0, 2), int))


def test_where_nothing_is_finite_eager_decides() -> None:
    graph = Graph(
        [PARAMETER, INPUT, ops.div, ops.log, ops.relu],
        [(0,), (0,), (0, 1), (2,), (3,)],
        (4,),
        parameters=1,
        inputs=1,
    )
    for numbers in ([[1.0, 0.0]], [[-1.0, 2.0]], [[math.inf, 1.0]]):
        hold(graph, [1.5], np.array(numbers), np.zeros((0, 2), int), refer=False)


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_dense_networks_as_they_are_recorded(explicit: bool, activation: str) -> None:
    model = nn.MLP(2, [8, 8, 3], activation=activation, rng=random.Random(0), explicit=explicit)

    def loss(x: list[float], label: int) -> Any:
        logits = model(x)
        return (
            logsumexp(logits) - select(logits, label) + 0.01 * dot(model.layers[0].neurons[0].w, logits[:2])
        )

    signature = Signature.of(loss, ([0.5, 0.25], 1))
    recording = recorded(loss, Sample([0.5, 0.25], [1]), model.parameters(), signature)
    rng = np.random.default_rng(0)
    parameters = [p.data for p in model.parameters()]
    hold(recording.graph, parameters, rng.normal(size=(2, 7)), rng.integers(0, 3, (1, 7)))


@pytest.mark.parametrize("name", RULES)
def test_rules(name: str) -> None:
    function, vectors = RULES[name], {"descent": 2, "momentum": 3, "adam": 4}[name]
    inputs = [Value(0.5) for _ in range(vectors)] + [Value(1.0), Value(0.1)]
    graph = reduce(Lowering([], inputs, 0).graph(function(*inputs), 0, len(inputs)))
    one = Graph([PARAMETER] * 5, [(i,) for i in range(5)], (0,), parameters=5)
    executor, rng = Llvm(one, one), np.random.default_rng(0)
    run = executor.rule(graph, vectors)
    state = [rng.random(5) for _ in range(vectors)]
    for t in range(1, 6):
        expected = [function(*column, float(t), 0.1) for column in zip(*state, strict=True)]
        results = run(state, [float(t), 0.1])
        for result, other in zip(results, zip(*expected, strict=True), strict=True):
            assert_close(result, [float(x) for x in other])
        state = [results[0], rng.random(5), *results[1:]]


def test_relu_keeps_nan_and_the_sign_of_zero() -> None:
    graph = Graph([PARAMETER, INPUT, ops.mul, relu], [(0,), (0,), (0, 1), (2,)], (3,), parameters=1, inputs=1)
    none = np.zeros((0, 3), int)
    given = Batch(3, (1, 0), (), numbers=np.array([[-0.0, 0.0, -1.0]]), indices=none)
    (values,) = Llvm(graph, graph).forward([1.0], given)
    assert [math.copysign(1.0, x) for x in values] == [-1.0, 1.0, 1.0]


def test_a_program_of_several_outputs() -> None:
    graph = Graph(
        [PARAMETER, INPUT, ops.mul, ops.sin], [(0,), (0,), (0, 1), (0,)], (2, 3), parameters=1, inputs=1
    )
    given = Batch(2, (1, 0), (), numbers=np.array([[1.0, 2.0]]), indices=np.zeros((0, 2), int))
    products, sines = Llvm(graph, graph).forward([3.0], given)
    assert list(products) == [3.0, 6.0] and list(sines) == [math.sin(3.0)] * 2


@pytest.mark.parametrize("width", [2, 4, 8])
@pytest.mark.parametrize("lanes", [1, 5])
def test_machines_of_other_vectors(width: int, lanes: int) -> None:
    rng = np.random.default_rng(width)
    for graph in (network([3, 19, 6]), attention(5, 4)):
        numbers = rng.normal(size=(graph.inputs, lanes))
        indices = rng.integers(0, 12, (graph.indices, lanes))
        parameters = rng.normal(size=graph.parameters) / 3
        values, gradient = eager(graph, parameters, numbers, indices)
        executor = Llvm(reduce(graph), graph)
        executor.fresh, executor.width = poisoned, width
        counts = graph.inputs, graph.indices
        given = Batch(lanes, counts, graph.limits, numbers=numbers, indices=indices)
        value, found = executor.value_and_grad(parameters, given)
        assert_close(value, values.mean())
        assert_close(found, gradient)


@pytest.mark.parametrize("lanes", [3, 64, 300])
def test_products_of_more_rows_than_a_cache_holds(lanes: int) -> None:
    graph, rng = network([6, 45, 43, 2]), np.random.default_rng(lanes)
    numbers, none = rng.normal(size=(6, lanes)), np.zeros((0, lanes), int)
    hold(graph, rng.normal(size=graph.parameters) / 5, numbers, none, refer=False)


def test_a_large_batch_runs_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(llvm_executor, "BYTES", 0)
    graph = network([3, 5, 4])
    for lanes in (16, 17, 100):
        rng = np.random.default_rng(lanes)
        numbers, none = rng.normal(size=(3, lanes)), np.zeros((0, lanes), int)
        hold(graph, rng.normal(size=graph.parameters), numbers, none, refer=False)


def test_a_loss_of_parameters_alone_has_one_gradient_whatever_the_parts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(llvm_executor, "BYTES", 0)
    graph = Graph([PARAMETER, INPUT, ops.mul], [(0,), (0,), (0, 0)], (2,), parameters=1, inputs=1)
    for lanes in (1, 16, 17, 100):
        given = Batch(lanes, (1, 0), (), rows=[(0.5,)] * lanes)
        assert Llvm(graph, graph).value_and_grad([3.0], given) == (9.0, [6.0])


def test_what_is_called_back_meets_the_numbers_of_the_program_alone() -> None:
    """Not those that fill up a vector: one may be outside of an op's domain."""
    met: list[float] = []

    def noted(x: float) -> float:
        met.append(x)
        return math.sqrt(x)

    op = Op("noted", noted, lambda z, x: op(x) / x / 2)
    forms = [PARAMETER, INPUT, op, op, ops.mul]
    graph = Graph(forms, [(0,), (0,), (0,), (1,), (2, 3)], (4,), parameters=1, inputs=1)
    for lanes in (1, 3, 9):
        executor = Llvm(graph, graph)
        executor.fresh = lambda shape: np.full(shape, -1.0)
        rows = [(2.0 + i,) for i in range(lanes)]
        value, gradient = executor.value_and_grad([4.0], Batch(lanes, (1, 0), (), rows=rows))
        mean = sum(math.sqrt(x) for (x,) in rows) / lanes
        assert (value, gradient[0]) == pytest.approx((2 * mean, mean / 4), rel=1e-14)
        assert set(met) == {4.0, *(x for (x,) in rows)}
        met.clear()


def test_an_interrupt_while_a_batch_is_put_in_place_leaves_the_next_call_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    graph = Graph([PARAMETER, INPUT, ops.mul], [(0,), (0,), (0, 1)], (2,), parameters=1, inputs=1)
    executor = Llvm(graph, graph)
    first, second = (Batch(2, (1, 0), (), rows=[(x,), (2 * x,)]) for x in (1.0, 10.0))
    executor.forward([1.0], first)
    with monkeypatch.context() as patch:
        patch.setattr(llvm_executor.Frame, "point", raising)
        with pytest.raises(KeyboardInterrupt):
            executor.forward([1.0], second)
    assert list(executor.forward([1.0], second)[0]) == [10.0, 20.0]


def raising(*_: Any) -> None:
    raise KeyboardInterrupt


def test_a_rule_takes_vectors_of_its_length() -> None:
    graph = network([2, 2])
    rule = Llvm(graph, graph).rule(Graph([INPUT, INPUT, ops.sub], [(0,), (1,), (0, 1)], (2,), inputs=2), 2)
    with pytest.raises(ValueError, match=r"vectors of 6 numbers got one of \(5,\)"):
        rule([np.zeros(6), np.zeros(5)], [])


def test_what_a_function_raises_that_is_called_back() -> None:
    def refused(x: float) -> float:
        raise LookupError("no such number")

    op = Op("refused", refused, lambda z, x: 1.0)
    graph = Graph([PARAMETER, INPUT, ops.mul, op], [(0,), (0,), (0, 1), (2,)], (3,), parameters=1, inputs=1)
    with pytest.raises(LookupError, match="no such number"):
        Llvm(graph, graph).forward([1.0], Batch(1, (1, 0), (), rows=[(2.0,)]))


def test_what_it_says_of_itself() -> None:
    graph = reduce(network([3, 5, 4]))
    executor = Llvm(graph, graph)
    executor.value_and_grad([0.5] * graph.parameters, Batch(2, (3, 0), (), rows=[(1.0, 2.0, 3.0)] * 2))
    told = "\n".join(executor.describe())
    assert "matrix product of 4 x 6 by 6 x 1 a sample" in told
    assert f"functions on vectors of {executor.width} floats" in told
    assert "define double @run" in executor.source() and "fma" in executor.source()


@pytest.mark.parametrize("exponent", [1.0, 2.0, 3.0, 0.5, -0.5, -1.0, 1.7])
def test_powers(exponent: float) -> None:
    graph = Graph(
        [PARAMETER, INPUT, ops.mul, ops.power],
        [(0,), (0,), (0, 1), (2, exponent)],
        (3,),
        parameters=1,
        inputs=1,
    )
    for x in (0.3, 7.0, 1e-150, 1e150, 1e-300, 1e300, 0.0, -0.0, -2.0, math.inf, -math.inf):
        hold(graph, [1.0], np.array([[x]]), np.zeros((0, 1), int), refer=False)
