"""Techniques: what they are made of, that nothing of a test fold leaks, and what is counted of them."""

import numpy as np
import pytest

from nn.lab.learned import parameters
from nn.lab.techniques import TECHNIQUES, technique
from tests.parts import needed

needed("sklearn", "lab")
ROWS = np.random.default_rng(0).normal(size=(40, 3)) * (1, 100, 0.01) + (0, 5, 9)
LABELS = np.arange(40) % 2
NUMBERS = ROWS[:, 0] * 50 + 7


@pytest.mark.parametrize("name", TECHNIQUES)
@pytest.mark.parametrize("is_classification", [True, False])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_every_technique_learns_what_it_does(name, is_classification):
    one = technique(name)
    if not one.does(is_classification):
        with pytest.raises(ValueError, match=f"{name} (tells classes apart|predicts numbers)"):
            one.pipeline(is_classification, 40, 0)
        return
    estimator = one.pipeline(is_classification, 40, 0).fit(ROWS, LABELS if is_classification else NUMBERS)
    assert estimator.predict(ROWS).shape == (40,)
    assert parameters(estimator) >= 1
    assert one.ours == name.startswith(("mlp", "neurons"))


def test_columns_and_numbers_are_standardised_by_what_is_learned_from_alone():
    estimator = technique("linear").pipeline(False, 20, 0).fit(ROWS[:20], NUMBERS[:20])
    scaler = estimator.regressor_[0]
    assert scaler.mean_ == pytest.approx(ROWS[:20].mean(axis=0))
    assert scaler.mean_ != pytest.approx(ROWS.mean(axis=0))
    assert estimator.transformer_.mean_ == pytest.approx(NUMBERS[:20].mean())


def test_mlps_of_any_size():
    one = technique("mlp-8-4-sigmoid")
    estimator = one.pipeline(True, 40, 3)[-1]
    assert (estimator.hidden_layer_sizes, estimator.activation, estimator.random_state) == (
        (8, 4),
        "sigmoid",
        3,
    )
    assert one.ours


def test_ours_and_theirs_have_the_same_settings():
    ours, theirs = (technique(name).pipeline(True, 1437, 0)[-1] for name in ("mlp-64-relu", "sklearn-mlp"))
    for (
        setting
    ) in "hidden_layer_sizes activation learning_rate_init batch_size max_iter tol n_iter_no_change".split():
        assert getattr(ours, setting) == getattr(theirs, setting)
    assert ours.optimizer == theirs.solver and ours.l2 == theirs.alpha == 0


@pytest.mark.parametrize(
    "name, error, message",
    [
        ("forrest", ValueError, "no technique .* is called 'forrest'; did you mean 'forest'"),
        ("mlp", ValueError, r"no technique \(or mlp-16-16-tanh, of any sizes\) is called 'mlp'"),
        ("mlp-0-tanh", ValueError, "hidden layer 1 is at least 1, got 0"),
        ("mlp-8-than", ValueError, "no activation is called 'than'; did you mean 'tanh'"),
        (7, TypeError, "is chosen by a name, got 7"),
    ],
)
def test_refusals(name, error, message):
    with pytest.raises(error, match=message):
        technique(name)


def count(name, is_classification=True, targets=LABELS):
    return parameters(technique(name).pipeline(is_classification, 40, 0).fit(ROWS, targets))


def test_parameters_by_hand():
    assert count("guess") == 1
    assert count("perceptron") == count("neurons") == count("logistic") == 3 + 1
    assert count("linear", False, NUMBERS) == 3 + 1
    assert count("logistic", targets=np.arange(40) % 3) == 3 * (3 + 1)
    assert count("mlp-4-tanh") == 4 * (3 + 1) + 1 * (4 + 1)
    assert count("neighbours") == 40 * (3 + 1)
    tree = technique("tree").pipeline(True, 40, 0).fit(ROWS[:, :1] > 0, ROWS[:, 0] > 0)
    assert parameters(tree) == 2 + 2 * 2  # a node with column and threshold, two leaves with two shares
    svm = technique("svm").pipeline(True, 40, 0).fit(ROWS, LABELS)
    assert parameters(svm) == len(svm[-1].support_) * (3 + 1) + 1
    with pytest.raises(TypeError, match="the parameters of a object are not known"):
        parameters(object())
