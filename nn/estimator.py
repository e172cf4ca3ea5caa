"""Estimators: multilayer perceptrons with scikit-learn's interface."""

from typing import TYPE_CHECKING, Any, Self

from engine.optional import load
from nn.data import Dataset
from nn.estimating import Estimator
from nn.replies import log_shares, scores, shares

if TYPE_CHECKING:
    import numpy


class MLPClassifier(Estimator):
    """A multilayer perceptron that tells classes apart, with scikit-learn's interface.

    Settings that scikit-learn's MLPClassifier has, too, mean here what they mean there: it has one hidden
    layer for each of `hidden_layer_sizes`, none for (). `activation`, `init` and `dropout` are those of MLP,
    `optimizer` is a name of OPTIMIZERS, `l2` what that adds to the gradients, `executor` that of `fit`.
    Training ends after `max_iter` epochs, or when `n_iter_no_change` of them have lowered the training loss
    by less than `tol`; with `early_stopping`, when so many have not lowered the loss of
    `validation_fraction` of the rows, and the parameters of the best epoch are kept. With `warm_start`
    another fit begins where the last one ended. `verbose` draws a bar on stderr. Ctrl-C ends the training
    after the batch that has begun with a KeyboardInterrupt; the estimator is fitted then.

    Fitted, it has `model_`, the MLP: it answers one row with a graph of the logits of the classes, or where
    there are two of one logit, that of the second class. `history_` are the Epochs, `loss_curve_` their
    losses, `n_iter_` is their number; `classes_`, `n_features_in_`, `feature_names_in_` as in scikit-learn.

    Errors: ModuleNotFoundError naming the extra `lab` without scikit-learn. In `fit`: ValueError and
    TypeError for data that scikit-learn's own classifiers refuse, for a single class, for a setting, which is
    named; FloatingPointError as in `nn.fit`. It takes no sample weights.

    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], ["no", "yes", "yes", "no"]
    >>> classifier = MLPClassifier((8,), activation="tanh", learning_rate_init=0.1, random_state=0)
    >>> classifier.fit(X, y).predict(X).tolist()
    ['no', 'yes', 'yes', 'no']
    """

    classes_: "numpy.ndarray"

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows X and their labels y, texts or numbers, at least two different ones; return self.

        Errors: those of the class.

        >>> MLPClassifier((4,), max_iter=3).fit([[0.0], [1.0]], ["no", "yes"]).classes_.tolist()
        ['no', 'yes']
        """
        X, y = self._checked(X, y)
        load("sklearn.utils.multiclass").check_classification_targets(y)
        np = load("numpy")
        classes, labels = np.unique(y, return_inverse=True)
        count = len(classes)
        if count < 2:
            raise ValueError(f"y holds one class, {classes[0]!r}: there is nothing to tell apart")
        if self.warm_start and not np.array_equal(getattr(self, "classes_", classes), classes):
            raise ValueError(
                f"warm_start goes on with the classes {self.classes_}, y holds {classes}: fit with "
                "warm_start=False first"
            )
        self.classes_ = classes
        names = [str(i) for i in range(count)]  # the labels may be of any kind
        return self._learn(Dataset(X, labels, names=names), count if count > 2 else 1)

    def decision_function(self, X: Any) -> Any:
        """Return the logits of rows: [row][class], or for two classes [row], that of the second class.

        Errors: NotFittedError (a ValueError) before `fit`; ValueError for rows of another width or that hold
        nan; FloatingPointError where an answer is nan.

        >>> X, y = [[0.0], [1.0]], ["no", "yes"]
        >>> MLPClassifier((4,), max_iter=3).fit(X, y).decision_function(X).shape
        (2,)
        """
        return self._answers(scores, X)

    def predict(self, X: Any) -> Any:
        """Return the label of each row: that of the largest logit.

        Errors: those of `decision_function`.

        >>> X, y = [[0.0], [1.0]], ["no", "yes"]
        >>> MLPClassifier((4,), learning_rate_init=0.1, random_state=0).fit(X, y).predict(X).tolist()
        ['no', 'yes']
        """
        logits = self.decision_function(X)
        return self.classes_[logits.argmax(axis=1) if logits.ndim > 1 else (logits > 0).astype(int)]

    def predict_proba(self, X: Any) -> Any:
        """Return the probabilities, [row][class], of the classes in the order of `classes_`.

        Errors: those of `decision_function`.

        >>> X, y = [[0.0], [1.0]], ["no", "yes"]
        >>> MLPClassifier((4,), max_iter=3).fit(X, y).predict_proba(X).shape
        (2, 2)
        """
        return self._answers(shares, X)

    def predict_log_proba(self, X: Any) -> Any:
        """Return the logarithms of the probabilities, which stay finite where a probability rounds to 0.

        Errors: those of `decision_function`.

        >>> X, y = [[0.0], [1.0]], ["no", "yes"]
        >>> MLPClassifier((4,), max_iter=3).fit(X, y).predict_log_proba(X).shape
        (2, 2)
        """
        return self._answers(log_shares, X)


class MLPRegressor(Estimator):
    """A multilayer perceptron that predicts a number, with scikit-learn's interface.

    Settings, and what a fit leaves, are those of MLPClassifier; `model_` answers one row with the graph of
    the prediction. It makes the mean squared error of y as it is given small; to standardise y, wrap it in
    sklearn.compose.TransformedTargetRegressor.

    Errors: those of MLPClassifier; ValueError for several targets.

    >>> X, y = [[0.0], [1.0], [2.0]], [0.0, 1.0, 4.0]
    >>> regressor = MLPRegressor((8,), learning_rate_init=0.1, random_state=0).fit(X, y)
    >>> print(regressor.predict([[2.0]]).round(1))
    [4.]
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn from rows X and a number y to predict for each; return self.

        Errors: those of the class.

        >>> MLPRegressor((4,), max_iter=3).fit([[0.0], [1.0]], [0.0, 1.0]).n_iter_
        3
        """
        X, y = self._checked(X, y, y_numeric=True)
        return self._learn(Dataset(X, y), 1)

    def predict(self, X: Any) -> Any:
        """Return the number predicted for each row.

        Errors: those of `MLPClassifier.decision_function`.

        >>> X, y = [[0.0], [1.0]], [0.0, 1.0]
        >>> MLPRegressor((4,), max_iter=3).fit(X, y).predict(X).shape
        (2,)
        """
        return self._answers(scores, X)
