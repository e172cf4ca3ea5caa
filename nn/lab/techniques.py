"""Techniques: ways to learn from a table, by name, each as a scikit-learn pipeline."""

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from engine.optional import load
from nn.activations import ACTIVATIONS
from nn.estimator import MLPClassifier, MLPRegressor
from nn.inputs import size
from nn.nearest import pick

POINTS_TO_MEET = 20_000
"""So many points do the MLPs meet at most while they learn, within FEWEST and MOST epochs."""
FEWEST, MOST = 40, 300
BATCH, RATE, PATIENCE = 16, 0.01, 25
"""Of an MLP: points an update, Adam's learning rate, and epochs without a lower loss that end it."""
SIZES = re.compile(r"mlp((?:-\d+)+)-([a-z_]+)")
GUESS = "guess"
"""The technique that all others are held against."""


class Technique(NamedTuple):
    """A way to learn: its name, what it is, how it tells classes apart, and how it predicts numbers.

    The two functions take how many points there are to learn from and a seed, and return an estimator; one
    is None where the technique does not do that. `ours` says that it is made of this project's neurons.

    >>> technique("tree").does(is_classification=True), technique("logistic").does(is_classification=False)
    (True, False)
    """

    name: str
    told: str
    classes: Callable[[int, int], Any] | None
    numbers: Callable[[int, int], Any] | None
    ours: bool = False

    def does(self, is_classification: bool) -> bool:
        """Say whether the technique is one for classes, or for numbers."""
        return (self.classes if is_classification else self.numbers) is not None

    def pipeline(self, is_classification: bool, points: int, seed: int) -> Any:
        """Return an estimator that standardises the columns by what it learns from, then learns.

        Numbers to predict are standardised likewise, and predictions are in their own unit again.

        Errors: ValueError for a task that the technique does not do; ModuleNotFoundError naming the extra
        `lab` without scikit-learn.

        >>> technique("tree").pipeline(True, 100, 0)[-1]
        DecisionTreeClassifier(random_state=0)
        """
        make = self.classes if is_classification else self.numbers
        if make is None:
            what = "predicts numbers, it does not tell classes apart"
            if not is_classification:
                what = "tells classes apart, it predicts no numbers"
            raise ValueError(f"{self.name} {what}")
        scaler = load("sklearn.preprocessing", extra="lab").StandardScaler
        steps = load("sklearn.pipeline").make_pipeline(scaler(), make(points, seed))
        if is_classification:
            return steps
        return load("sklearn.compose").TransformedTargetRegressor(steps, transformer=scaler())


def mlp(hidden: tuple[int, ...], activation: str) -> Technique:
    """Return the technique that is our MLP with these hidden layers; without any it is one layer of neurons.

    >>> mlp((16, 16), "tanh").name
    'mlp-16-16-tanh'
    """
    pick("activation", activation, ACTIVATIONS)
    sizes = [size(f"hidden layer {i}", n) for i, n in enumerate(hidden, 1)]

    def make(kind: Any) -> Callable[[int, int], Any]:
        return lambda points, seed: kind(
            hidden,
            activation=activation,
            learning_rate_init=RATE,
            batch_size=BATCH,
            max_iter=epochs(points),
            n_iter_no_change=PATIENCE,
            random_state=seed,
        )

    told = f"our MLP, hidden layers of {' and '.join(map(str, sizes))} neurons, {activation}"
    name = "-".join(["mlp", *map(str, sizes), activation])
    if not sizes:
        told, name = "one layer of our neurons, none hidden", "neurons"
    return Technique(name, told, make(MLPClassifier), make(MLPRegressor), ours=True)


def epochs(points: int) -> int:
    """Return how many epochs an MLP has to learn from so many points.

    >>> epochs(100), epochs(10), epochs(10_000)
    (200, 300, 40)
    """
    return min(max(POINTS_TO_MEET // points, FEWEST), MOST)


def _scikit(module: str, name: str, seeded: bool = True, **settings: Any) -> Callable[[int, int], Any]:
    """Return what makes an estimator of scikit-learn's."""

    def make(points: int, seed: int) -> Any:
        kind = getattr(load(f"sklearn.{module}", extra="lab"), name)
        return kind(**settings, **({"random_state": seed} if seeded else {}))

    return make


def _their_mlp(name: str) -> Callable[[int, int], Any]:
    """Return what makes scikit-learn's MLP, with the settings of ours."""

    def make(points: int, seed: int) -> Any:
        settings = {"learning_rate_init": RATE, "batch_size": BATCH, "n_iter_no_change": PATIENCE}
        settings |= {"alpha": 0.0, "max_iter": epochs(points), "random_state": seed}
        kind = getattr(load("sklearn.neural_network", extra="lab"), name)
        return kind(hidden_layer_sizes=(64,), **settings)

    return make


def _both(module: str, name: str, **settings: Any) -> tuple[Any, Any]:
    """Return what makes both estimators of a kind, for classes and for numbers."""
    return (
        _scikit(module, f"{name}Classifier", **settings),
        _scikit(module, f"{name}Regressor", **settings),
    )


TECHNIQUES = {
    one.name: one
    for one in (
        Technique(
            GUESS,
            "always the most frequent class, or the mean",
            _scikit("dummy", "DummyClassifier", seeded=False, strategy="most_frequent"),
            _scikit("dummy", "DummyRegressor", seeded=False),
        ),
        Technique(
            "perceptron",
            "the perceptron rule, a class against the others",
            _scikit("linear_model", "Perceptron"),
            None,
        ),
        Technique(
            "logistic",
            "logistic regression",
            _scikit("linear_model", "LogisticRegression", max_iter=1000),
            None,
        ),
        Technique(
            "linear",
            "linear regression, least squares",
            None,
            _scikit("linear_model", "LinearRegression", seeded=False),
        ),
        mlp((), "linear"),
        mlp((4,), "tanh"),
        mlp((16,), "tanh"),
        mlp((64,), "tanh"),
        mlp((64,), "relu"),
        mlp((16, 16), "tanh"),
        Technique(
            "sklearn-mlp",
            "scikit-learn's MLP, 64 hidden neurons, relu",
            _their_mlp("MLPClassifier"),
            _their_mlp("MLPRegressor"),
        ),
        Technique("tree", "a decision tree", *_both("tree", "DecisionTree")),
        Technique("forest", "a random forest of 100 trees", *_both("ensemble", "RandomForest")),
        Technique("neighbours", "the 5 nearest neighbours", *_both("neighbors", "KNeighbors", seeded=False)),
        Technique(
            "svm",
            "a support vector machine, radial kernel",
            _scikit("svm", "SVC"),
            _scikit("svm", "SVR", seeded=False),
        ),
    )
}
"""Those that the lab compares where nothing else is said, by name."""


def technique(name: str) -> Technique:
    """Return a technique by its name: one of TECHNIQUES, or an MLP such as "mlp-32-16-sigmoid".

    Errors: ValueError for a name that is not there, with the nearest one; TypeError for no text.

    >>> technique("mlp-32-16-sigmoid").told
    'our MLP, hidden layers of 32 and 16 neurons, sigmoid'
    """
    found = SIZES.fullmatch(name) if isinstance(name, str) else None
    if found is None:
        return pick("technique (or mlp-16-16-tanh, of any sizes)", name, TECHNIQUES)
    return mlp(tuple(map(int, found[1].split("-")[1:])), found[2])
