"""Training: it learns, repeats bit for bit, stops where it is told to, and leaves nothing half done."""

import gc
import math
import random

import pytest

from engine import Value
from nn import MLP, SGD, Epoch, Module, answers, cross_entropy, digits, fit, learn, moons, stratified

SETTINGS = {"epochs": 3, "batch_size": 8, "learning_rate": 0.1}


def two_moons(n=80):
    return stratified(*moons(n, seed=1), names=("upper", "lower"))


def model(seed=0):
    return MLP(2, [8, 2], rng=random.Random(seed))


def run(seed=0, **more):
    trained = model()
    history = list(fit(trained, two_moons(), seed=seed, **(SETTINGS | more)))
    return [epoch._replace(seconds=0.0) for epoch in history], trained.state()


def test_it_learns_two_moons():
    history, _ = run(epochs=100, learning_rate=0.5)
    assert [epoch.number for epoch in history] == list(range(1, 101))
    assert history[-1].loss < history[0].loss / 3
    assert history[-1].test_accuracy >= 0.95


def test_same_seed_same_bits_another_seed_others():
    assert run(seed=4) == run(seed=4)
    assert run(seed=4) != run(seed=5)


def test_the_gradient_is_that_of_the_mean_loss():
    split, ours, theirs = two_moons(), model(), model()
    points, labels = split.train_points[:5], split.train_labels[:5]
    losses = learn(ours, points, labels, SGD(ours.parameters(), 0.1))
    mean = sum(cross_entropy(theirs(p), n) for p, n in zip(points, labels, strict=True)) / 5
    mean.backward()
    SGD(theirs.parameters(), 0.1).step()
    assert math.fsum(losses) / 5 == pytest.approx(mean.data, rel=1e-14)
    assert [p.grad for p in ours.parameters()] == pytest.approx(
        [p.grad for p in theirs.parameters()], rel=1e-12
    )
    assert list(ours.state().values()) == pytest.approx(list(theirs.state().values()), rel=1e-13)


def test_the_last_batch_may_be_smaller_and_every_point_is_met():
    history, _ = run(batch_size=60)
    assert [epoch.samples for epoch in history] == [64] * 3
    assert run(batch_size=1000)[0][0].samples == 64


def test_the_collector_runs_while_the_caller_has_the_epoch():
    assert gc.isenabled()
    for _ in fit(model(), two_moons(), **SETTINGS):
        assert gc.isenabled()


def test_the_random_module_is_left_alone():
    state = random.getstate()
    run()
    assert random.getstate() == state


@pytest.mark.parametrize("after", [0, 1, 10])
def test_stop_keeps_the_batches_done(after):
    asked = []

    def stop():
        asked.append(None)
        return len(asked) > after

    history, state = run(stop=stop)
    assert [epoch.samples for epoch in history] == {0: [], 1: [8], 10: [64, 16]}[after]
    assert (state == model().state()) is (after == 0)


def test_the_bar_is_drawn_where_it_is_asked_for(capsys):
    run(progress=True)
    assert "epoch 3/3" in capsys.readouterr().err
    run(progress=False)
    run()
    assert capsys.readouterr().err == ""


def test_divergence_is_said_and_the_last_good_parameters_stay():
    trained = MLP(2, [8, 2], rng=random.Random(0))
    seen = []
    with pytest.raises(FloatingPointError, match="smaller learning rate than 1e"):
        for _ in fit(trained, two_moons(), epochs=3, batch_size=8, learning_rate=1e200):
            seen.append(None)
    assert all(map(math.isfinite, trained.state().values()))
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs is at least 1, got 0"),
        ({"batch_size": 0}, ValueError, "batch_size is at least 1, got 0"),
        ({"batch_size": 2.5}, TypeError, "batch_size is a whole number, got 2.5"),
        ({"learning_rate": 0}, ValueError, "positive and finite, got 0"),
        ({"model": Module()}, TypeError, "can be called on a point"),
        ({"split": stratified([[0.0]] * 2, [0, 0], names="a")}, ValueError, "at least one point to test on"),
    ],
)
def test_fit_refuses_at_the_call(change, error, message):
    with pytest.raises(error, match=message):
        fit(**({"model": model(), "split": two_moons()} | SETTINGS | change))


def test_learn_refuses_an_empty_batch():
    with pytest.raises(ValueError, match="at least one point"):
        learn(model(), [], [], SGD([Value(1.0)]))


def test_answers_are_labels():
    assert set(answers(model(), two_moons().test_points)) <= {0, 1}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_digits_reach_95_percent(seed):
    split = digits(seed=seed)
    trained = MLP(64, [32, 10], rng=random.Random(seed))
    *_, last = fit(trained, split, epochs=12, batch_size=8, learning_rate=0.25, seed=seed)
    assert isinstance(last, Epoch)
    assert last.test_accuracy >= 0.95
