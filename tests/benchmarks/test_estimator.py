"""MLPClassifier's epochs against scikit-learn's and a loop in PyTorch, its whole fits, its predictions.

With one thread: OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1
python -m pytest tests/benchmarks/test_estimator.py
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.preprocessing import StandardScaler

from nn import estimating
from nn.estimator import MLPClassifier
from nn.training import Training

EPOCHS = 10
"""So many epochs are timed at once: what surrounds them counts for as little as in a whole fit."""

FOREVER = 10**9
SETS = {"digits": load_digits, "breast cancer": load_breast_cancer}
CASES = [(name, size) for name in SETS for size in (32, 200)]

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def numbers(name: str) -> tuple[Any, Any]:
    X, y = SETS[name](return_X_y=True)
    return StandardScaler().fit_transform(X), y


def ours(monkeypatch: pytest.MonkeyPatch, name: str, size: int) -> Callable[[], float]:
    """Return what goes on with the training that an estimator's fit has begun, and gives the loss."""
    made: list[Training] = []
    begin = estimating.fit
    monkeypatch.setattr(estimating, "fit", lambda *args, **more: made.append(begin(*args, **more)) or made[0])
    MLPClassifier(max_iter=1, batch_size=size, n_iter_no_change=FOREVER, executor="llvm").fit(*numbers(name))
    (training,) = made

    def go_on() -> float:
        training.epochs += EPOCHS
        return training.run().history[-1].loss

    return go_on


def scikit_learns(name: str, size: int) -> Callable[[], float]:
    settings = {"batch_size": size, "max_iter": EPOCHS, "n_iter_no_change": FOREVER, "alpha": 0.0}
    theirs, (X, y) = TheirClassifier((100,), warm_start=True, **settings), numbers(name)
    return lambda: float(theirs.fit(X, y).loss_)


def in_torch(torch: Any, name: str, size: int) -> Callable[[], float]:
    """Return epochs of a loop in PyTorch, float64, with Adam."""
    X, y = numbers(name)
    points, many = torch.tensor(X), int(y.max()) > 1
    labels = torch.tensor(y) if many else torch.tensor(y, dtype=torch.float64)[:, None]
    outputs = int(y.max()) + 1 if many else 1
    model = torch.nn.Sequential(
        torch.nn.Linear(X.shape[1], 100), torch.nn.ReLU(), torch.nn.Linear(100, outputs)
    ).double()
    loss = torch.nn.CrossEntropyLoss() if many else torch.nn.BCEWithLogitsLoss()
    optimizer = torch.optim.Adam(model.parameters())

    def epochs() -> float:
        for _ in range(EPOCHS):
            total, order = 0.0, torch.randperm(len(points))
            for places in order.split(size):
                optimizer.zero_grad()
                distance = loss(model(points[places]), labels[places])
                distance.backward()
                optimizer.step()
                total += distance.item() * len(places)
        return total / len(points)

    return epochs


@pytest.mark.parametrize("name, size", CASES)
def test_epochs_against_scikit_learn(
    versus: Callable[..., float], monkeypatch: pytest.MonkeyPatch, name: str, size: int
) -> None:
    versus(ours(monkeypatch, name, size), scikit_learns(name, size), rounds=15, target=1.0)


@pytest.mark.parametrize("name, size", CASES)
def test_epochs_against_torch(
    versus: Callable[..., float], monkeypatch: pytest.MonkeyPatch, name: str, size: int
) -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    versus(ours(monkeypatch, name, size), in_torch(torch, name, size), rounds=15, target=1.0)


@pytest.mark.parametrize("executor, seconds", [("llvm", 1.0), ("numpy", 15.0)])
def test_fifty_epochs_of_digits(alone: Callable[..., float], executor: str, seconds: float) -> None:
    X, y = numbers("digits")
    classifier = MLPClassifier(max_iter=50, n_iter_no_change=50, random_state=0, executor=executor)
    alone(lambda: classifier.fit(X, y), rounds=3, target=seconds)
    assert classifier.n_iter_ == 50


def test_predicting_ten_thousand_rows(versus: Callable[..., float]) -> None:
    X, y = numbers("digits")
    rows = np.resize(X, (10_000, X.shape[1]))
    classifiers = [kind((100,), max_iter=2).fit(X, y) for kind in (MLPClassifier, TheirClassifier)]
    mine, theirs = [lambda one=one: one.predict_proba(rows) for one in classifiers]
    versus(mine, theirs, rounds=20, target=1.2)
