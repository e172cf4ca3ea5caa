"""Samples, and the training of a model on its own loss: the same bits eager and resumed, every refusal."""

import copy
import math
import pickle
import random

import numpy as np
import pytest

from engine import Value, dot, record, select
from nn import MLP, Adam, Module, fit, xor_gate
from nn.data import Samples, SampleSplit
from tests.nn.test_train import EXECUTORS

finite = math.isfinite


class Markov(Module):
    """Scores of the next token by the last one; its loss is a weighted sum over a text."""

    def __init__(self, tokens, seed=0):
        rng = random.Random(seed)
        self.scores = [[Value(rng.gauss(0.0, 0.1)) for _ in range(tokens)] for _ in range(tokens)]

    def loss(self, tokens, targets, weights):
        distances = [
            select([(score - 1.0) * (score - 1.0) for score in select(self.scores, token)], target)
            for token, target in zip(tokens, targets, strict=True)
        ]
        return dot(weights, distances)


class Noisy(Module):
    """A line through 0 that sees its input shaken."""

    def __init__(self):
        self.slope = Value(0.5)

    def noise(self, rng):
        return [rng.gauss(0.0, 1.0)]

    def loss(self, x, y, noise=(0.0,)):
        distance = self.slope * (x + 0.1 * noise[0]) - y
        return distance * distance


def texts(count=12):
    rng = random.Random(1)
    samples = []
    for _ in range(count):
        tokens = [rng.randrange(3) for _ in range(5)]
        weights = [0.25] * 4 if rng.random() < 0.5 else [0.5, 0.5, 0.0, 0.0]
        samples.append((tokens[:-1], tokens[1:], weights))
    return Samples(samples, name="texts")


lines = Samples([(x / 4, x / 2) for x in range(8)], name="line")


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(("make", "data"), [(lambda: Markov(3), texts()), (Noisy, lines)])
def test_compiled_and_eager_learn_the_same(executor, make, data):
    runs = []
    for chosen in ("eager", executor):
        model = make()
        training = fit(
            model, data, epochs=3, batch_size=4, optimizer="adam", executor=chosen, validation=0.25
        ).run()
        runs.append([*(p.data for p in model.parameters()), training.history[-1].validation_loss])
        assert training.history[-1].metric is None
    assert runs[0] == pytest.approx(runs[1], rel=1e-9)


def test_a_line_is_learned_and_validated_without_noise():
    model = Noisy()
    training = fit(model, lines, epochs=60, batch_size=2, learning_rate=0.1, validation=lines).run()
    assert model.slope.data == pytest.approx(2.0, abs=0.1)
    last = training.history[-1]
    expected = sum((model.slope.data * x - y) ** 2 for x, y in lines.samples) / len(lines)
    assert last.validation_loss == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_training_resumed_gives_the_same_bits(executor, tmp_path):
    settings = {"epochs": 4, "batch_size": 4, "optimizer": "adam", "executor": executor}
    whole, stopped = Markov(3), Markov(3)
    fit(whole, texts(), **settings).run()
    path = tmp_path / "checkpoint.json"
    training = fit(stopped, texts(), checkpoint=path, **settings)
    next(training)
    training._save(always=True)
    again = Markov(3, seed=5)
    fit(again, texts(), checkpoint=path, resume=True, **settings).run()
    assert again.state() == whole.state()


def test_a_checkpoint_of_other_samples_is_refused(tmp_path):
    path = tmp_path / "checkpoint.json"
    fit(Markov(3), texts(), epochs=1, checkpoint=path).run()
    with pytest.raises(ValueError, match="another training"):
        fit(Markov(3), texts(13), epochs=1, checkpoint=path, resume=True)


def test_what_is_not_finite_is_told_of_a_sample():
    class Log(Module):
        def __init__(self):
            self.w = Value(-1.0)

        def loss(self, x):
            return (self.w * x).log()

    with pytest.raises(FloatingPointError, match="the loss of a sample is nan"):
        fit(Log(), Samples([(1.0,)]), epochs=1).run()


def test_parts():
    parts = texts().split(test=0.25, validation=0.25, seed=3)
    assert [len(part) for part in parts] == [6, 3, 3]
    assert {*map(str, texts().samples)} == {str(s) for part in parts for s in part.samples}
    assert repr(parts) == "SampleSplit(6 to train, 3 to validate, 3 to test)"
    assert parts == pickle.loads(pickle.dumps(parts)) == copy.deepcopy(parts)
    assert type(parts._replace(validation=None)) is SampleSplit
    ordered = Samples([(float(i),) for i in range(10)], ordered=True).split(test=0.2, validation=0.1)
    assert [part.samples[0][0] for part in ordered] == [0.0, 8.0, 7.0]
    training = fit(Markov(3), SampleSplit(parts.train, parts.test, parts.validation), epochs=1).run()
    assert finite(training.history[0].validation_loss)


def test_nothing_changes_samples_later():
    tokens, weights = [0, 1], [[1.0], [0.5]]
    data = Samples([(tokens, weights), ([1, 1], [[0.0], [2.0]])])
    tokens.append(7)
    weights[1][0] = math.nan
    assert data.samples == (((0, 1), ((1.0,), (0.5,))), ((1, 1), ((0.0,), (2.0,))))
    assert repr(data) == "Samples('data': 2 samples of (2 indices, 2 × 1 × number))"
    array = np.array([[1, 2]])
    kept = Samples([(array, np.float64(0.5))])
    array[0, 0] = 9
    assert kept.samples == ((((1, 2),), 0.5),)
    assert [type(x) for x in (*kept.samples[0][0][0], kept.samples[0][1])] == [int, int, float]


def test_samples_are_equal_and_hash_by_what_they_hold():
    one, same, other = (Samples([([0, token], [0.5, 0.5])]) for token in (1, 1, 2))
    assert one == same != other and hash(one) == hash(same)
    assert len({one, same, other}) == 2
    assert one == Samples([((0, 1), np.array([0.5, 0.5]))]) == pickle.loads(pickle.dumps(one))


@pytest.mark.parametrize("executor", ["python", "numpy"])
def test_a_program_recorded_on_lists_takes_samples(executor):
    model, data = Markov(3), texts()
    tokens, targets, weights = map(list, data.samples[0])
    program = record(model.loss, tokens, targets, weights, parameters=model.parameters(), executor=executor)
    expected = [model.loss(*sample).data for sample in data.samples]
    assert list(program(data.samples)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("samples", "error", "message"),
    [
        ([], ValueError, "at least one sample, got none"),
        ([[1.0]], TypeError, r"samples\[0\] is no tuple"),
        ([(1.0,), (1.0, 2.0)], (TypeError, ValueError), r"samples\[1\]"),
        ([([1.0],), ([math.nan],)], ValueError, r"samples\[1\]: .*nan"),
        ([([1],), ([-1],)], IndexError, r"samples\[1\]: "),
        ([(1.0,), ("a",)], TypeError, r"samples\[1\]: "),
        ([([1.0, 2.0],), ([1.0],)], (TypeError, ValueError), r"samples\[1\]: "),
    ],
)
def test_samples_that_do_not_fit(samples, error, message):
    with pytest.raises(error, match=message):
        Samples(samples)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fit(MLP(2, [1]), lines, epochs=1), TypeError, "MLP has no loss"),
        (lambda: fit(Noisy(), xor_gate(), epochs=1), TypeError, "takes nn.Samples"),
        (lambda: fit(Noisy(), lines, epochs=1, loss="mse"), ValueError, "leave loss out"),
        (lambda: fit(Noisy(), lines, epochs=1, metric="r2"), ValueError, "leave out metric='r2'"),
        (lambda: fit(Noisy(), lines, epochs=1, validation=texts()), ValueError, "another shape"),
        (lambda: fit(Module(), lines, epochs=1), TypeError, "can be called"),
        (lambda: texts().subset([12]), IndexError, "12 samples, got place 12"),
    ],
)
def test_what_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_optimizer_of_ones_own_moves_it():
    model = Noisy()
    fit(model, lines, epochs=2, optimizer=Adam(model.parameters(), 0.1)).run()
    assert model.slope.data != 0.5


class Loose(Module):
    """A model whose loss is whatever it is given."""

    def __init__(self, found):
        self.w, self.found = Value(1.0), found

    def loss(self, x):
        return self.found


@pytest.mark.parametrize("found", [0.5, None, [1.0]])
def test_a_loss_that_is_no_value_is_refused(found):
    with pytest.raises(TypeError, match=r"Loose\.loss answered .*; a loss is one Value"):
        fit(Loose(found), Samples([(1.0,)]), epochs=1, executor="eager").run()


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_token_outside_is_told_before_the_training_begins(executor):
    outside = Samples([([0, 9], [1, 0], [0.5, 0.5])])
    with pytest.raises((IndexError, ValueError), match="9"):
        fit(Markov(3), outside, epochs=1, executor=executor).run()
    if executor != "eager":
        with pytest.raises(IndexError, match="9, outside of its table: 0 ... 2"):
            fit(Markov(3), Samples([([0, 1], [1, 0], [0.5, 0.5])]), epochs=1, validation=outside)


@pytest.mark.parametrize(
    ("validation", "error", "message"),
    [
        ([(1.0, 2.0)], TypeError, "validation is a share of the points or other Samples, got"),
        (0.0, ValueError, "validation is a share of the points, between 0 and 1, got 0.0"),
        (xor_gate(), TypeError, "other Samples"),
    ],
)
def test_what_is_no_validation(validation, error, message):
    with pytest.raises(error, match=message):
        fit(Noisy(), lines, epochs=1, validation=validation)
