"""Estimators: scikit-learn's own checks, its MLPs with the same weights as oracle, searches, refusals."""

import copy
import inspect
import operator
import pickle
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas
import pytest
from hypothesis import given, settings, strategies as st
from scipy import sparse
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, train_test_split
from sklearn.multioutput import MultiOutputRegressor
from sklearn.neural_network import MLPClassifier as TheirClassifier, MLPRegressor as TheirRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator, estimator_checks_generator

import nn
from engine import Value
from nn.estimator import MLPClassifier, MLPRegressor
from nn.progress import settled
from nn.replies import log_shares, shares
from nn.training import Training

ROOT = Path(__file__).parent.parent.parent
ROWS = np.random.default_rng(0).normal(size=(40, 3))
SIGNS = np.where(ROWS[:, 0] > 0, "plus", "minus")
THIRDS = np.digitize(ROWS[:, 0], [-0.5, 0.5])
QUICK = {"max_iter": 3, "random_state": 0}


def quick(**changes):
    return MLPClassifier(**{"hidden_layer_sizes": (4,), **QUICK, **changes})


# Of scikit-learn


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_scikit_learns_checks_of_the_interface_pass(kind):
    for estimator, check in estimator_checks_generator(kind((4,), max_iter=2), legacy=False):
        check(estimator)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_scikit_learns_checks_pass(kind):
    results = check_estimator(kind(), on_skip=None)
    skipped = [result["check_name"] for result in results if result["status"] != "passed"]
    assert len(results) > 40
    assert skipped == ["check_array_api_input"]  # it asks for SCIPY_ARRAY_API in the environment


@pytest.mark.parametrize("kind, tells", [(MLPClassifier, is_classifier), (MLPRegressor, is_regressor)])
def test_it_is_ours_and_theirs(kind, tells):
    estimator = kind((4, 2), max_iter=7)
    assert isinstance(estimator, kind) and isinstance(estimator, BaseEstimator) and tells(estimator)
    assert repr(estimator) == f"{kind.__name__}(hidden_layer_sizes=(4, 2), max_iter=7)"
    assert clone(estimator).get_params() == estimator.get_params()
    assert set(inspect.signature(kind).parameters) == set(estimator.get_params())


def test_a_subclass_has_scikit_learn_in_it():
    class Bare(MLPClassifier):
        pass

    class Wide(type(MLPClassifier())):
        pass

    assert isinstance(Wide((4,)), BaseEstimator)
    with pytest.raises(TypeError, match="Bare has no scikit-learn in it: take its base class from nn.scikit"):
        Bare((4,))


def test_importing_loads_no_scikit_learn():
    program = "import sys, nn.estimator; print('sklearn' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_without_scikit_learn_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(ModuleNotFoundError, match=r"'sklearn', which is not installed; .*chainrule\[lab\]"):
        MLPClassifier()


# What it answers


def with_weights_of(theirs, ours):
    """Give our fitted estimator the weights of theirs."""
    for layer, weights, biases in zip(ours.model_.layers, theirs.coefs_, theirs.intercepts_, strict=True):
        for j, neuron in enumerate(layer.neurons):
            neuron.b.data = float(biases[j])
            for i, w in enumerate(neuron.w):
                w.data = float(weights[i, j])
    return ours


def disagreement(ours, theirs, rows):
    """Return how far the two estimators' answers are apart: the probabilities, or the predictions."""
    ask = "predict_proba" if is_classifier(ours) else "predict"
    return np.abs(getattr(ours, ask)(rows) - getattr(theirs, ask)(rows)).max()


@pytest.mark.parametrize(
    "activation, named", [("relu", "relu"), ("tanh", "tanh"), ("sigmoid", "logistic"), ("linear", "identity")]
)
@pytest.mark.parametrize("target", [SIGNS, THIRDS, ROWS[:, 0]], ids=["two", "three", "number"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_with_the_weights_of_scikit_learns_it_answers_the_same(activation, named, target):
    kinds = (TheirRegressor, MLPRegressor) if target.dtype == float else (TheirClassifier, MLPClassifier)
    theirs = kinds[0](hidden_layer_sizes=(5, 4), activation=named, max_iter=3, random_state=0).fit(
        ROWS, target
    )
    ours = with_weights_of(theirs, kinds[1]((5, 4), activation=activation, max_iter=1).fit(ROWS, target))
    rows = np.random.default_rng(1).normal(size=(2500, 3))
    assert disagreement(ours, theirs, rows) < 1e-12
    assert (ours.predict(rows) == theirs.predict(rows)).all() or is_regressor(ours)
    # a fault planted in one weight is seen, and the weights of one neuron in the wrong order
    ours.model_.layers[1].neurons[2].w[1].data += 1e-9
    assert disagreement(ours, theirs, rows) > 1e-12
    with_weights_of(theirs, ours).model_.layers[0].neurons[0].w.reverse()
    assert disagreement(ours, theirs, rows) > 1e-6


def clone_of(estimator):
    """Return a copy, which records its model anew."""
    return pickle.loads(pickle.dumps(estimator))


TWO, THREE = quick().fit(ROWS, SIGNS), quick().fit(ROWS, THIRDS)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=3))
@settings(max_examples=25, deadline=None)
def test_any_prediction_is_a_graph(numbers):
    for estimator in (TWO, THREE):
        answer = estimator.model_(numbers)
        logits = answer if isinstance(answer, list) else [answer]
        assert all(type(z) is Value for z in logits)
        found = np.ravel(estimator.decision_function([numbers])).tolist()
        assert found == pytest.approx([z.data for z in logits], rel=1e-12, abs=1e-12)


@given(st.lists(st.floats(-700, 700), min_size=1, max_size=4))
def test_shares_sum_to_one_and_are_what_their_logarithms_say(logits):
    given_ = logits[0] if len(logits) == 1 else logits
    probabilities, logarithms = np.array(shares(given_)), np.array(log_shares(given_))
    assert probabilities.sum() == pytest.approx(1.0, rel=1e-12)
    assert np.exp(logarithms) == pytest.approx(probabilities, rel=1e-9, abs=1e-300)


@pytest.mark.parametrize(
    "labels",
    [["no", "yes"], ["c", "a", "b"], [-1, 1], [7, 2**40, -3], [1.0, 2.0], [False, True], ["", "1"]],
    ids=str,
)
def test_labels_come_back_as_they_were_given(labels):
    X, y = np.eye(len(labels)), np.array(labels)
    classifier = MLPClassifier((8,), learning_rate_init=0.1, random_state=0).fit(X, y)
    assert classifier.classes_.tolist() == sorted(labels)
    assert classifier.predict(X).tolist() == labels and classifier.predict(X).dtype == y.dtype
    assert classifier.predict_proba(X).shape == (len(labels), len(labels))
    assert len(classifier.model_.layers[-1].neurons) == (len(labels) if len(labels) > 2 else 1)
    assert classifier.score(X, y) == 1.0


def test_frames_are_taken_and_their_columns_kept():
    frame = pandas.DataFrame(ROWS, columns=["a", "b", "c"])
    classifier = quick().fit(frame, pandas.Series(SIGNS))
    assert classifier.feature_names_in_.tolist() == ["a", "b", "c"] and classifier.n_features_in_ == 3
    assert (classifier.predict(frame) == TWO.predict(ROWS)).all()
    with pytest.raises(ValueError, match="feature names should match"):
        classifier.predict(frame[["b", "a", "c"]])


def test_predictions_follow_the_model():
    classifier = quick().fit(ROWS, SIGNS)
    classifier.predict(ROWS)
    classifier.model_.layers[-1].neurons[0].b.data = 1e6
    assert set(classifier.predict(ROWS)) == {"plus"}
    classifier.model_.layers[-1].neurons[0].activation = operator.neg
    assert set(classifier.predict(ROWS)) == {"minus"}


@pytest.mark.parametrize("copied", [clone_of, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
def test_copies_answer_the_same(copied):
    TWO.predict_proba(ROWS)
    assert (copied(TWO).predict_proba(ROWS) == TWO.predict_proba(ROWS)).all()


def test_threads_wait_for_each_other():
    classifier = quick().fit(ROWS, SIGNS)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: classifier.predict_proba(ROWS), range(40)))
    assert all((one == found[0]).all() for one in found)


def test_an_answer_that_is_nan_is_told():
    regressor = MLPRegressor((), max_iter=1, executor="python").fit(ROWS, ROWS[:, 0])
    for w in regressor.model_.parameters():
        w.data = 1e200
    with pytest.raises(FloatingPointError, match="answers nan to row 1: .* standardised columns may help"):
        regressor.predict([[0.0, 0.0, 0.0], [1e200, -1e200, 0.0]])


# How it learns


def test_the_seed_decides():
    one, again, other = (quick(random_state=seed).fit(ROWS, SIGNS) for seed in (1, 1, 2))
    assert one.model_.state() == again.model_.state() != other.model_.state()
    drawn = [quick(random_state=np.random.RandomState(5)).fit(ROWS, SIGNS) for _ in range(2)]
    assert drawn[0].loss_curve_ == drawn[1].loss_curve_
    before = random.getstate()
    quick(random_state=None).fit(ROWS, SIGNS)
    assert random.getstate() == before


def test_what_a_fit_leaves():
    classifier = quick().fit(ROWS, THIRDS)
    assert classifier.n_iter_ == len(classifier.loss_curve_) == len(classifier.history_) == 3
    assert classifier.loss_curve_ == [epoch.loss for epoch in classifier.history_]
    assert classifier.model_.describe() == "MLP(3, [4, 3])"


@given(st.lists(st.floats(0, 10), min_size=1, max_size=20), st.floats(0, 1), st.integers(1, 6))
def test_settled_looks_back_so_many_epochs(losses, tol, patience):
    before = [loss - tol for loss in losses[:-patience]]
    assert settled(losses, patience, tol) == any(all(y > x for y in losses[-patience:]) for x in before)


def test_it_ends_when_the_loss_has_settled():
    classifier = quick(max_iter=500, tol=0.5, n_iter_no_change=4).fit(ROWS, SIGNS)
    assert classifier.n_iter_ == 5


def test_early_stopping_keeps_the_best_epoch():
    X, y = np.repeat(ROWS, 3, axis=0), np.random.default_rng(0).permutation(np.repeat(SIGNS, 3))
    classifier = quick(early_stopping=True, max_iter=200, n_iter_no_change=3, learning_rate_init=0.05).fit(
        X, y
    )
    losses = [epoch.validation_loss for epoch in classifier.history_]
    assert losses.index(min(losses)) == classifier.n_iter_ - 4


def test_warm_start_goes_on():
    classifier = quick(warm_start=True, learning_rate_init=0.01, max_iter=30).fit(ROWS, SIGNS)
    first = classifier.loss_curve_
    assert classifier.fit(ROWS, SIGNS).loss_curve_[0] < min(first)
    with pytest.raises(
        ValueError, match=r"from MLP\(3, \[4, 1\]\), .* those of MLP\(3, \[5, 1\]\): fit with"
    ):
        classifier.set_params(hidden_layer_sizes=(5,)).fit(ROWS, SIGNS)
    with pytest.raises(ValueError, match=r"classes \['minus' 'plus'\], y holds \[0 1\]: fit with warm_start"):
        classifier.set_params(hidden_layer_sizes=(4,)).fit(ROWS, THIRDS.clip(0, 1))


def test_ctrl_c_leaves_what_was_learned(monkeypatch):
    update, count = Training._update, iter(range(100))

    def interrupted(training, batch):
        update(training, batch)
        if next(count) == 4:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Training, "_update", interrupted)
    classifier = quick(max_iter=100)
    with pytest.raises(KeyboardInterrupt, match="after 2 epochs; what was learned stays"):
        classifier.fit(ROWS, SIGNS)
    assert classifier.n_iter_ == 2 and set(classifier.predict(ROWS)) <= {"plus", "minus"}


def test_verbose_draws_a_bar(capsys):
    quick(verbose=True).fit(ROWS, SIGNS)
    assert "epoch 3/3" in capsys.readouterr().err
    quick().fit(ROWS, SIGNS)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("optimizer", nn.OPTIMIZERS)
def test_settings_are_those_of_nn(optimizer):
    changes = {"optimizer": optimizer, "dropout": 0.25, "l2": 0.01, "init": "he", "executor": "numpy"}
    ours = quick(**changes).fit(ROWS, SIGNS)
    seed = int(np.random.RandomState(0).randint(2**31 - 1))
    model = nn.MLP(3, [4, 1], init="he", dropout=0.25, rng=random.Random(seed))
    data = nn.Dataset(ROWS, (SIGNS == "plus").astype(int), names=("minus", "plus"))
    steps = nn.OPTIMIZERS[optimizer](model.parameters(), 0.001, l2=0.01)
    nn.fit(model, data, epochs=3, batch_size=32, optimizer=steps, seed=seed, executor="numpy").run()
    assert ours.model_.state() == model.state()


# In scikit-learn's company


def test_in_pipelines_and_searches():
    pipeline = make_pipeline(StandardScaler(), quick())
    assert len(cross_val_score(pipeline, ROWS, SIGNS, cv=2)) == 2
    assert len(cross_val_score(pipeline, ROWS, SIGNS, cv=2, scoring="roc_auc")) == 2
    search = GridSearchCV(pipeline, {"mlpclassifier__learning_rate_init": [1e-6, 0.1]}, cv=2)
    assert search.fit(ROWS, SIGNS).best_params_ == {"mlpclassifier__learning_rate_init": 0.1}


@pytest.mark.slow
def test_a_search_by_two_processes_finds_the_same():
    pipeline = make_pipeline(StandardScaler(), quick())
    grid = {"mlpclassifier__hidden_layer_sizes": [(2,), (4, 4)], "mlpclassifier__optimizer": ["adam", "sgd"]}
    alone, two = (GridSearchCV(pipeline, grid, cv=2, n_jobs=jobs).fit(ROWS, SIGNS) for jobs in (None, 2))
    assert (alone.cv_results_["mean_test_score"] == two.cv_results_["mean_test_score"]).all()
    assert (alone.predict_proba(ROWS) == two.predict_proba(ROWS)).all()


def test_several_targets_are_for_multioutput():
    y = ROWS[:, :2]
    with pytest.raises(
        ValueError, match=r"y should be a 1d array, .* got an array of shape \(40, 2\); sklearn.mul"
    ):
        MLPRegressor().fit(ROWS, y)
    assert MultiOutputRegressor(MLPRegressor((4,), **QUICK)).fit(ROWS, y).predict(ROWS).shape == (40, 2)


# What it refuses

NAN = np.where(np.arange(120).reshape(40, 3) == 7, np.nan, ROWS)


@pytest.mark.parametrize(
    "changes, X, y, error, message",
    [
        ({}, ROWS, ["a"] * 40, ValueError, "y holds one class, .*'a'.*: there is nothing to tell apart"),
        ({}, ROWS, ROWS[:, 0], ValueError, "Unknown label type: continuous"),
        ({}, ROWS, THIRDS[:39], ValueError, "inconsistent numbers of samples"),
        ({}, ROWS, None, ValueError, "requires y to be passed"),
        ({}, NAN, SIGNS, ValueError, "Input X contains NaN"),
        ({}, ROWS[0], SIGNS, ValueError, "Expected 2D array, got 1D array"),
        ({}, sparse.csr_array(ROWS), SIGNS, TypeError, "Sparse data was passed for X"),
        ({"hidden_layer_sizes": 4}, ROWS, SIGNS, TypeError, r"is a list of sizes, such as \(100,\), got 4"),
        ({"hidden_layer_sizes": (4, 0)}, ROWS, SIGNS, ValueError, r"hidden_layer_sizes\[1\] is at least 1"),
        ({"activation": "rleu"}, ROWS, SIGNS, ValueError, "no activation is called 'rleu'; did you"),
        ({"init": "kaiming"}, ROWS, SIGNS, ValueError, "no initialiser is called 'kaiming'; there are"),
        ({"dropout": 1.0}, ROWS, SIGNS, ValueError, "dropout must be at least 0 and below 1, got 1.0"),
        ({"optimizer": "lbfgs"}, ROWS, SIGNS, ValueError, "no optimizer is called 'lbfgs'; there are sgd"),
        ({"learning_rate_init": 0}, ROWS, SIGNS, ValueError, "learning rate must be positive and"),
        ({"l2": -1.0}, ROWS, SIGNS, ValueError, "l2 must be 0 or more and finite, got -1.0"),
        ({"batch_size": "auto"}, ROWS, SIGNS, TypeError, "batch_size is a whole number, got 'auto'"),
        ({"max_iter": 0}, ROWS, SIGNS, ValueError, "max_iter is at least 1, got 0"),
        ({"tol": -1.0}, ROWS, SIGNS, ValueError, "tol must be 0 or more and finite, got -1.0"),
        ({"n_iter_no_change": 0}, ROWS, SIGNS, ValueError, "n_iter_no_change is at least 1, got 0"),
        ({"early_stopping": True, "validation_fraction": 2}, ROWS, SIGNS, ValueError, "a share of"),
        ({"random_state": "a"}, ROWS, SIGNS, ValueError, "'a' cannot be used to seed"),
        ({"executor": "torch"}, ROWS, SIGNS, ValueError, "no executor is called 'torch'; there are"),
    ],
)  # fmt: skip
def test_fit_refuses(changes, X, y, error, message):
    classifier = quick(**changes)
    with pytest.raises(error, match=message):
        classifier.fit(X, y)
    assert not hasattr(classifier, "model_")


def test_sample_weights_are_not_taken():
    with pytest.raises(TypeError, match="sample_weight"):
        quick().fit(ROWS, SIGNS, sample_weight=np.ones(40))
    weights = (TWO.predict(ROWS) == SIGNS).astype(float)
    assert TWO.score(ROWS, SIGNS, sample_weight=weights) == 1.0


@pytest.mark.parametrize("ask", ["predict", "predict_proba", "predict_log_proba", "decision_function"])
def test_asking_refuses(ask):
    with pytest.raises(NotFittedError, match="MLPClassifier instance is not fitted yet"):
        getattr(MLPClassifier(), ask)(ROWS)
    with pytest.raises(ValueError, match="X has 2 features, but MLPClassifier is expecting 3"):
        getattr(TWO, ask)(ROWS[:, :2])
    with pytest.raises(ValueError, match="Input X contains NaN"):
        getattr(TWO, ask)(NAN)


# How well


@pytest.mark.slow
def test_digits_as_well_as_scikit_learns():
    X, y = load_digits(return_X_y=True)
    ours, theirs = [], []
    for seed in range(5):
        parts = train_test_split(X, y, test_size=0.2, random_state=seed, stratify=y)
        for kind, scores in ((MLPClassifier, ours), (TheirClassifier, theirs)):
            model = make_pipeline(StandardScaler(), kind((100,), random_state=seed))
            scores.append(model.fit(parts[0], parts[2]).score(parts[1], parts[3]))
    assert np.mean(ours) >= 0.97
    assert np.mean(ours) >= np.mean(theirs) - 0.005


@pytest.mark.slow
@pytest.mark.parametrize(
    "load, least",
    [(load_breast_cancer, 0.96), (load_wine, 0.97), (load_iris, 0.95)],
    ids=["cancer", "wine", "iris"],
)
def test_the_well_known_sets(load, least):
    X, y = load(return_X_y=True)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scores = cross_val_score(make_pipeline(StandardScaler(), MLPClassifier(random_state=0)), X, y, cv=folds)
    assert scores.mean() >= least


@pytest.mark.slow
def test_diabetes():
    X, y = load_diabetes(return_X_y=True)
    regressor = TransformedTargetRegressor(
        MLPRegressor((16,), early_stopping=True, random_state=0), transformer=StandardScaler()
    )
    assert cross_val_score(make_pipeline(StandardScaler(), regressor), X, y, cv=5).mean() > 0.4
