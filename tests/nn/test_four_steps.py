"""The four steps, one at a time: what they show, that training does them, and that none runs ahead."""

import random

import pytest
from hypothesis import given, strategies as st

from engine import Value, chain_rule
from nn import MLP, SGD, Momentum, cross_entropy, four_steps, learn, mse

POINTS, LABELS = [(0.5, -1.0), (2.0, 0.25), (-1.0, 1.0)], [0, 1, 1]


def pair(seed=0):
    return [MLP(2, [3, 2], activation="tanh", rng=random.Random(seed)) for _ in range(2)]


@given(st.integers(0, 999), st.integers(1, 3))
def test_they_are_what_learn_does(seed, count):
    ours, theirs = pair(seed)
    batch = learn(theirs, POINTS[:count], LABELS[:count], Momentum(theirs.parameters(), 0.5))
    forward, loss, backward, update = four_steps(
        ours, POINTS[:count], LABELS[:count], Momentum(ours.parameters(), 0.5)
    )
    assert [tuple(z.data for z in answer) for answer in forward.predictions] == batch.outputs
    assert loss.loss.data == pytest.approx(sum(batch.losses) / count, rel=1e-14)
    assert backward.norm == pytest.approx(batch.norm, rel=1e-12)
    gradients = [p.grad for p in theirs.parameters()]
    assert list(backward.gradients.values()) == pytest.approx(gradients, rel=1e-12, abs=1e-15)
    assert list(update.after.values()) == pytest.approx(list(theirs.state().values()), rel=1e-13)


def test_each_step_waits_for_the_next():
    model, _ = pair()
    before = model.state()
    steps = four_steps(model, POINTS, LABELS, SGD(model.parameters(), 0.1))
    next(steps)
    loss = next(steps).loss
    assert isinstance(loss, Value) and loss.grad == 0.0
    assert len(list(chain_rule(loss))) > 30
    gradients = next(steps).gradients
    assert any(gradients.values()) and model.state() == before
    update = next(steps)
    assert update.before == before and update.after == model.state() != before
    assert all(update.after[name] == before[name] - 0.1 * g for name, g in gradients.items())
    assert next(steps, None) is None


def test_what_is_printed_is_short():
    model, _ = pair()
    shown = list(map(str, four_steps(model, POINTS, LABELS, SGD(model.parameters()), cross_entropy)))
    assert [text[:2] for text in shown] == ["1 ", "2 ", "3 ", "4 "]
    assert "for target 0" in shown[0]
    assert "... and 11 more" in shown[2] and max(map(len, shown)) < 400


@pytest.mark.parametrize(("points", "targets"), [([], []), ([[0.0, 1.0]], [])])
def test_refuses(points, targets):
    model, _ = pair()
    with pytest.raises(ValueError, match="at least one point and a target for each, got"):
        four_steps(model, points, targets, SGD(model.parameters()), mse)


def test_an_optimizer_of_another_model_is_refused_at_the_call():
    ours, theirs = pair()
    with pytest.raises(ValueError, match="none of the model: make it of model.parameters"):
        four_steps(ours, POINTS, LABELS, SGD(theirs.parameters()))


def test_a_loss_by_its_name():
    ours, theirs = pair()
    by_name = list(four_steps(ours, POINTS, LABELS, SGD(ours.parameters()), "cross_entropy"))
    assert str(by_name) == str(list(four_steps(theirs, POINTS, LABELS, SGD(theirs.parameters()))))
    with pytest.raises(ValueError, match="no loss is called 'mee'"):
        four_steps(ours, POINTS, LABELS, SGD(ours.parameters()), "mee")
