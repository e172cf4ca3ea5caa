"""Over-fitting made visible: it happens, noise makes it worse, and each remedy helps."""

import pytest

from nn import capacity_trials, noise_trials, remedy_trials
from nn.remedies import NOISE, REMEDIES, Trial


def test_more_neurons_fit_the_points_better():
    few, many = capacity_trials([1, 8], epochs=300, seeds=[0])
    assert many.training_loss < few.training_loss / 3
    assert many.validation_loss > 2 * many.training_loss
    assert many.row == (8, many.training_loss, many.validation_loss)


@pytest.mark.slow
def test_the_validation_loss_falls_and_rises_again_with_capacity():
    trials = capacity_trials()
    training = [trial.training_loss for trial in trials]
    validation = [trial.validation_loss for trial in trials]
    assert training == sorted(training, reverse=True)
    best = validation.index(min(validation))
    assert 0 < best < len(trials) - 1
    assert validation[0] > 1.1 * validation[best] and validation[-1] > 1.05 * validation[best]
    assert training[-1] < NOISE**2 / 5 < NOISE**2 < validation[-1]


@pytest.mark.slow
def test_noise_is_learned_and_pays_out_on_new_points():
    trials = noise_trials()
    gaps = [trial.validation_loss - trial.training_loss for trial in trials]
    assert gaps == sorted(gaps) and trials[0].validation_loss < 1e-3
    assert all(t.training_loss < t.number**2 / 4 for t in trials[1:])
    assert all(t.validation_loss > t.number**2 for t in trials[1:])


@pytest.mark.slow
def test_every_remedy_helps_on_new_points():
    nothing, *helped = remedy_trials()
    assert nothing.name == "nothing" and len(helped) == len(REMEDIES) - 1
    for trial in helped:
        assert trial.validation_loss < 0.95 * nothing.validation_loss, trial
        assert trial.training_loss > nothing.training_loss, trial


def test_a_trial_without_a_number_has_no_row():
    with pytest.raises(ValueError, match="'L2' has no number to be drawn at"):
        _ = Trial("L2", None, 0.1, 0.2).row


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: capacity_trials([0]), "a width is at least 1, got 0"),
        (lambda: noise_trials([-0.1]), "a noise must be 0 or more and finite, got -0.1"),
        (lambda: remedy_trials(seeds=[]), "at least one seed, got none"),
        (lambda: remedy_trials(epochs=0), "epochs is at least 1, got 0"),
    ],
)
def test_refuses(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_a_bar_is_drawn_where_it_is_asked_for(capsys):
    noise_trials([0.1], epochs=1, seeds=[0, 1], progress=True)
    assert "noise 0.1" in capsys.readouterr().err
    noise_trials([0.1], epochs=1, seeds=[0, 1])
    remedy_trials(epochs=1, seeds=[0], progress=False)
    assert capsys.readouterr().err == ""
