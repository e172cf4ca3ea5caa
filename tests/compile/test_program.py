"""Programs: batches and what is refused, updates, parameters, what a program says of itself."""

import math
import random

import numpy as np
import pytest

from engine import Value, exp, logsumexp, relu, select, sqrt, tanh
from engine.compile import compiled, record
from nn import MLP


@pytest.fixture
def classifier():
    model = MLP(2, [3, 3], activation="tanh", rng=random.Random(1))

    def loss(x, label):
        scores = model(x)
        return logsumexp(scores) - select(scores, label)

    return record(loss, [0.1, 0.2], 1, parameters=model), model, loss


SAMPLES = [([0.5, -1.0], 2), ([1.5, 0.25], 0), ([-0.5, 2.0], 1)]


@pytest.mark.parametrize(
    "batch, error, what",
    [
        ([], ValueError, "a batch has at least one sample, got none"),
        (3.0, TypeError, "a batch is a list of samples"),
        ("ab", TypeError, "a batch is a list of samples"),
        ([[0.5, 1.0]], TypeError, r"sample 0 of the batch: x is 2 numbers, got 0.5"),
        (
            [SAMPLES[0], 3.0],
            TypeError,
            r"sample 1 of the batch: a sample is a tuple \(x: 2 numbers, label: index\), got 3.0",
        ),
        ([([0.5, 1.0],)], TypeError, "got 1 arguments"),
        ([([0.5], 1)], ValueError, r"x is 2 numbers, got 1; record a program for each length"),
        ([([0.5, math.nan], 1)], ValueError, r"sample 0 of the batch: x\[1\] is nan"),
        ([([0.5, "a"], 1)], TypeError, r"x\[1\] takes a number, got 'a'"),
        ([([0.5, Value(1.0)], 1)], TypeError, r"x\[1\] is a number, got Value"),
        ([([0.5, [1.0]], 1)], TypeError, r"x\[1\] is a number, got \[1.0\]"),
        ([([0.5, 1.0], 1.0)], TypeError, "label is an index, a whole number, got 1.0"),
        ([([0.5, 1.0], True)], TypeError, "label is an index, a whole number, got True"),
        ([([0.5, 1.0], 3)], IndexError, r"label is 3, outside of its table: 0 \.\.\. 2"),
        ([([0.5, 1.0], -1)], IndexError, "label is an index, 0 or more, got -1"),
    ],
)
@pytest.mark.parametrize("use", ["__call__", "value_and_grad", "batch"])
def test_batches_that_are_refused(classifier, use, batch, error, what):
    with pytest.raises(error, match=what):
        getattr(classifier[0], use)(batch)


@pytest.mark.parametrize(
    "arrays, error, what",
    [
        ((np.ones((2, 2)),), TypeError, "columns takes an array for each of"),
        (
            (np.ones((2, 3)), [0, 1]),
            ValueError,
            r"x is an array of shape \('samples', 2\), got one of \(2, 3\)",
        ),
        ((np.ones((2, 2)), [0, 1, 2]), ValueError, r"samples alike, got \[2, 3\]"),
        (
            (np.ones((2, 2)), [0.0, 1.0]),
            TypeError,
            "label holds indices, whole numbers, got an array of float64",
        ),
        ((np.ones((2, 2), dtype=complex), [0, 1]), TypeError, "x holds numbers, got an array of complex128"),
        ((np.ones((0, 2)), np.zeros(0, dtype=int)), ValueError, "at least one sample"),
        (
            (np.array([[1.0, 2.0], [np.nan, 0.0]]), [0, 1]),
            ValueError,
            r"sample 1 of the batch: x\[0\] is nan",
        ),
        (
            (np.ones((2, 2)), [0, 3]),
            IndexError,
            r"sample 1 of the batch: label is 3, outside of its table: 0 \.\.\. 2",
        ),
        ((np.ones((2, 2)), [-1, 1]), IndexError, "sample 0 of the batch: label is -1"),
        ((5.0, [0]), ValueError, "shape"),
        (([[1.0, 2.0], [3.0]], [0, 1]), ValueError, "x is no array: "),
    ],
)
def test_columns_that_are_refused(classifier, arrays, error, what):
    with pytest.raises(error, match=what):
        classifier[0].columns(*arrays)


def test_columns_and_lists_are_one_batch(classifier):
    program = classifier[0]
    columns = program.columns(np.array([x for x, _ in SAMPLES]), np.array([label for _, label in SAMPLES]))
    rows = program.batch(SAMPLES)
    assert columns.rows == rows.rows and np.array_equal(columns.numbers, rows.numbers)
    assert np.array_equal(columns.indices, rows.indices) and columns.indices.dtype == np.intp
    assert program(columns) == program(rows) == program(SAMPLES)
    assert len(columns) == 3 and repr(columns) == "<batch of 3 samples>"


def test_some_samples_of_a_batch(classifier):
    program = classifier[0]
    for batch in (program.batch(SAMPLES), program.columns(np.array([x for x, _ in SAMPLES]), [2, 0, 1])):
        taken = batch.take([2, 0, 2])
        assert taken.rows == [batch.rows[2], batch.rows[0], batch.rows[2]]
        assert np.array_equal(taken.numbers, batch.numbers[:, [2, 0, 2]])
        assert program(taken) == [program(SAMPLES)[i] for i in (2, 0, 2)]
        with pytest.raises(ValueError, match="at least one sample"):
            batch.take([])
        with pytest.raises(IndexError, match=r"a place is one of 0 \.\.\. 2"):
            batch.take([3])


def test_a_batch_of_another_program_is_refused(classifier):
    other = record(lambda x: x * 2, 1.0).batch([1.0])
    with pytest.raises(ValueError, match="made for another program: it has 1 number and 0 indices a sample"):
        classifier[0](other)


def test_results_are_those_of_the_function(classifier):
    program, model, loss = classifier
    assert program(SAMPLES) == pytest.approx([loss(*sample).data for sample in SAMPLES], rel=1e-14)
    several = record(lambda x: [x * 2, tanh(x)], 1.0)
    assert several([1.0, 2.0]) == [[2.0, math.tanh(1.0)], [4.0, math.tanh(2.0)]]
    with pytest.raises(ValueError, match="returned a list; a gradient is that of one number, a loss"):
        record(model, [0.1, 0.2], parameters=model).value_and_grad([[0.1, 0.2]])
    with pytest.raises(ValueError, match=r"has no parameters: record\(f, \.\.\., parameters="):
        record(lambda x: x, 1.0).value_and_grad([1.0])


class Momentum:
    """An optimizer as the compiler knows it: heavy ball, written in engine ops."""

    def __init__(self, parameters, learning_rate=0.1):
        self.parameters = list(parameters)
        self.memory = {"velocity": [0.0] * len(self.parameters)}
        self.updates, self.learning_rate, self.hyper = 0, learning_rate, {"momentum": 0.5}

    def update(self, *, t, learning_rate):
        def rule(p, g, velocity):
            velocity = self.hyper["momentum"] * velocity + g / sqrt(1 - 0.5**t)
            return p - learning_rate * velocity, velocity

        return rule


def by_hand(model, loss, optimizer, batches):
    for batch in batches:
        for p in model.parameters():
            p.grad = 0.0
        for sample in batch:
            (loss(*sample) * (1 / len(batch))).backward()
        optimizer.updates += 1
        rule = optimizer.update(t=float(optimizer.updates), learning_rate=optimizer.learning_rate)
        moved = [
            rule(p.data, p.grad, v)
            for p, v in zip(model.parameters(), optimizer.memory["velocity"], strict=True)
        ]
        for p, (data, _) in zip(model.parameters(), moved, strict=True):
            p.data = float(data)
        optimizer.memory = {"velocity": [float(v) for _, v in moved]}


def test_updates_are_those_of_the_optimizer_and_change_the_vector_alone(classifier):
    program, model, loss = classifier
    before = [p.data for p in model.parameters()]
    optimizer, same = Momentum(model.parameters()), Momentum(model.parameters())
    batches = [SAMPLES, SAMPLES[:2], SAMPLES[1:]]
    losses = [program.train_step(batch, optimizer) for batch in batches]
    assert [p.data for p in model.parameters()] == before and optimizer.updates == 3
    first = math.fsum(loss(*sample).data for sample in SAMPLES) / 3
    assert losses[0] == pytest.approx(first, rel=1e-14)
    by_hand(model, loss, same, batches)
    assert list(program.parameters) == pytest.approx([p.data for p in model.parameters()], rel=1e-12)
    assert list(optimizer.memory["velocity"]) == pytest.approx(same.memory["velocity"], rel=1e-10)
    optimizer.learning_rate, optimizer.hyper = 0.5, {"momentum": 0.0}
    same.learning_rate, same.hyper = 0.5, {"momentum": 0.0}
    program.train_step(SAMPLES, optimizer)
    by_hand(model, loss, same, [SAMPLES])
    assert list(program.parameters) == pytest.approx([p.data for p in model.parameters()], rel=1e-12)


def test_store_and_load(classifier):
    program, model, loss = classifier
    program.train_step(SAMPLES, Momentum(model.parameters()))
    moved = list(program.parameters)
    program.store()
    assert [p.data for p in model.parameters()] == moved
    for p in model.parameters():
        p.data = 0.0
    assert program(SAMPLES) != [loss(*sample).data for sample in SAMPLES]
    program.load()
    assert program(SAMPLES) == pytest.approx([math.log(3.0)] * 3)


def test_an_optimizer_of_other_parameters_is_refused(classifier):
    program, model, _ = classifier
    with pytest.raises(
        ValueError, match="the optimizer has 1 parameters that are not, in this order, the 21 of"
    ):
        program.train_step(SAMPLES, Momentum([Value(1.0)]))
    with pytest.raises(ValueError, match="not, in this order"):
        program.train_step(SAMPLES, Momentum(reversed(model.parameters())))


def test_an_update_that_is_not_finite_changes_nothing():
    w = [Value(2.0), Value(0.0)]
    program = record(lambda x: w[0] * x + 1 / w[1], 1.0, parameters=w)
    optimizer = Momentum(w)
    with pytest.raises(FloatingPointError, match="parameter 1 would become inf: the parameter is 0.0"):
        program.train_step([1.0], optimizer)
    assert list(program.parameters) == [2.0, 0.0]
    assert optimizer.updates == 0 and optimizer.memory == {"velocity": [0.0, 0.0]}


def test_an_executor_is_chosen_by_name():
    assert record(lambda x: x, 1.0, executor="python").executor.name == "python"
    assert "it was asked for" in record(lambda x: x, 1.0, executor="python").explain()
    with pytest.raises(ValueError, match="executor is 'auto' or one of .*python.*, got 'cuda'"):
        record(lambda x: x, 1.0, executor="cuda")


def test_exact_is_the_python_executors():
    program = record(lambda x: exp(x), 1.0, exact=True)
    assert program.executor.name == "python" and "exact=True asks for the bits of eager" in program.explain()


def test_a_program_says_what_it_is(classifier):
    program, model, _ = classifier
    assert repr(program) == "<program loss(x: 2 numbers, label: index) → a number, 21 parameters>"
    text = program.explain()
    assert "recorded   " in text and "reduced    " in text and "executor   " in text
    assert "no Value but arguments and parameters was met" in text
    idle = record(lambda x, i: x[0] * model.parameters()[0], [1.0, 2.0], 3, parameters=model)
    assert "unused     x[1], i: the outcome does not depend on them" in idle.explain()
    assert "unused     20 of 21 parameters: their gradient is 0" in idle.explain()
    assert idle([([1.0, 2.0], 10**6)]) == [model.parameters()[0].data]


def test_a_program_draws_itself():
    w = Value(0.5, label="w")
    program = record(lambda x: relu(w * x[0] - x[1]), [1.0, 0.25], parameters=[w])
    svg = program.draw().svg
    assert "x[0]" in svg and "relu" in svg
    with pytest.raises(ValueError, match="a drawing is that of one number"):
        record(lambda x: [x, x * 2], 1.0).draw()


def test_compiled_records_at_the_first_call_of_each_structure():
    calls = []
    w = Value(2.0)

    @compiled(parameters=[w])
    def total(xs):
        "Add up."
        calls.append(xs)
        return w * sum(xs[1:], xs[0])

    assert total([1.0, 2.0]) == 6.0 and len(calls) == 3
    assert total([5.0, 2.0]) == 14.0 and len(calls) == 3
    assert total([1.0, 2.0, 3.0]) == 12.0 and len(calls) == 6 and len(total.programs) == 2
    w.data = 1.0
    assert total([1.0, 2.0]) == 3.0
    assert total.program([0.0, 0.0]).value_and_grad([[1.0, 2.0]]) == (3.0, [3.0])
    assert total.__name__ == "total" and total.__doc__ == "Add up."
    with pytest.raises(TypeError, match="xs is None"):
        total(None)


def test_samples_of_different_structures_share_one_gradient():
    w = [Value(0.5), Value(-1.0)]

    def loss(xs, label):
        state = Value(0.0)
        for x in xs:
            state = tanh(w[0] * state + w[1] * x)
        return (state - select([0.0, 1.0], label)) ** 2

    step = compiled(parameters=w)(loss)
    samples = [([0.5], 1), ([1.0, 2.0], 0), ([0.25], 0), ([1.0, 2.0, 3.0], 1)]
    value, gradient = step.value_and_grad(samples)
    assert len(step.programs) == 3
    losses = [loss(*sample) for sample in samples]
    for y in losses:
        (y / 4).backward()
    assert value == pytest.approx(sum(y.data for y in losses) / 4, rel=1e-14)
    assert gradient == pytest.approx([v.grad for v in w], rel=1e-13)
    with pytest.raises(ValueError, match="at least one sample"):
        step.value_and_grad([])
