"""What estimators share: settings, and how they are trained and asked, in scikit-learn's terms."""

import random
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Self

from engine.optional import load
from nn.checked import from_zero
from nn.data import Dataset
from nn.inputs import size
from nn.mlp import MLP
from nn.nearest import pick
from nn.optim import OPTIMIZERS
from nn.progress import Epoch
from nn.replies import Replies
from nn.train import fit

if TYPE_CHECKING:
    import numpy


class Late:
    """A class of which one makes instances of a subclass in nn.scikit, which is scikit-learn's, too.

    So `import nn` does without scikit-learn, which loads when the first one is made (as `pathlib.Path()` is a
    PosixPath). The settings stand one class below, where `inspect.signature` finds them before `__new__`.

    Errors: ModuleNotFoundError naming the extra `lab` without scikit-learn; TypeError for a subclass of one's
    own that is none of those in nn.scikit.
    """

    def __new__(cls, *_: Any, **__: Any) -> Self:
        """Return one that is scikit-learn's, too."""
        load("sklearn", extra="lab")
        kinds = load("nn.scikit").KINDS
        made: type[Self] = kinds.get(cls, cls)
        if not issubclass(made, tuple(kinds.values())):
            raise TypeError(f"{cls.__name__} has no scikit-learn in it: take its base class from nn.scikit")
        return super().__new__(made)


class Estimator(Late):
    """What MLPClassifier and MLPRegressor share: their settings, and how they learn and answer."""

    get_params: Callable[..., dict[str, Any]]
    set_params: Callable[..., Any]
    score: Callable[..., float]
    """These three are scikit-learn's."""

    model_: MLP
    history_: list[Epoch]
    loss_curve_: list[float]
    n_iter_: int
    n_features_in_: int
    feature_names_in_: "numpy.ndarray"

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] = (100,),
        *,
        activation: str = "relu",
        init: str = "xavier",
        dropout: float = 0.0,
        optimizer: str = "adam",
        learning_rate_init: float = 0.001,
        l2: float = 0.0,
        batch_size: int = 32,
        max_iter: int = 200,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        random_state: Any = None,
        executor: str = "auto",
        verbose: bool = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.init = init
        self.dropout = dropout
        self.optimizer = optimizer
        self.learning_rate_init = learning_rate_init
        self.l2 = l2
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.random_state = random_state
        self.executor = executor
        self.verbose = verbose

    def _checked(self, X: Any, y: Any, **more: Any) -> tuple[Any, Any]:
        """Return the rows and targets as scikit-learn's own estimators take them, the rows as floats."""
        if getattr(y, "ndim", 1) == 2 and y.shape[1] > 1:
            raise ValueError(
                f"y should be a 1d array, one target a row, got an array of shape {y.shape}; "
                "sklearn.multioutput fits an estimator to each column"
            )
        found = load("sklearn.utils.validation").validate_data(self, X, y, dtype=float, **more)
        return found[0], found[1]

    def _learn(self, data: Dataset, outputs: int) -> Self:
        """Train a model of so many outputs on the data."""
        check_random_state = load("sklearn.utils").check_random_state
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        model = self._begun(data.width, outputs, random.Random(seed))
        optimizer = pick("optimizer", self.optimizer, OPTIMIZERS)
        training = fit(
            model,
            data,
            epochs=size("max_iter", self.max_iter),
            batch_size=size("batch_size", self.batch_size),
            optimizer=optimizer(model.parameters(), self.learning_rate_init, l2=self.l2),
            validation=self.validation_fraction if self.early_stopping else None,
            patience=size("n_iter_no_change", self.n_iter_no_change),
            tol=from_zero("tol", self.tol),
            seed=seed,
            executor=self.executor,
            progress=bool(self.verbose),
        ).run()
        self.model_ = model
        self.history_ = training.history
        self.loss_curve_ = [epoch.loss for epoch in training.history]
        self.n_iter_ = len(training.history)
        self._replies = Replies(model, data.width, self.executor)
        if training.interrupted:
            raise KeyboardInterrupt(f"after {self.n_iter_} epochs; what was learned stays")
        return self

    def _begun(self, nin: int, outputs: int, rng: random.Random) -> MLP:
        """Return the model to train: a new one, or with warm_start the one that was trained before."""
        hidden = self.hidden_layer_sizes
        if not isinstance(hidden, Iterable) or isinstance(hidden, str):
            raise TypeError(f"hidden_layer_sizes is a list of sizes, such as (100,), got {hidden!r}")
        sizes = [size(f"hidden_layer_sizes[{i}]", given) for i, given in enumerate(hidden)]
        model = MLP(
            nin,
            [*sizes, outputs],
            activation=self.activation,
            init=self.init,
            dropout=self.dropout,
            rng=rng,
        )
        if self.warm_start and hasattr(self, "model_"):
            try:
                model.load_state(self.model_.state())
            except ValueError:
                raise ValueError(
                    f"warm_start goes on from {self.model_.describe()}, data and settings are now those of "
                    f"{model.describe()}: fit with warm_start=False first"
                ) from None
        return model

    def _answers(self, reading: Callable[[Any], Any], X: Any) -> Any:
        """Return the model's answers to rows, in one reading."""
        validation = load("sklearn.utils.validation")
        validation.check_is_fitted(self)
        return self._replies(reading, validation.validate_data(self, X, dtype=float, reset=False))
