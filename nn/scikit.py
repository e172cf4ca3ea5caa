"""The estimators as classes of scikit-learn's own; the one file that imports scikit-learn as it loads."""

from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

from nn import estimator


class MLPClassifier(estimator.MLPClassifier, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """What `nn.MLPClassifier(...)` makes: what it does not have itself, such as `score`, is scikit-learn's.

    >>> MLPClassifier(max_iter=5)
    MLPClassifier(max_iter=5)
    """


class MLPRegressor(estimator.MLPRegressor, RegressorMixin, BaseEstimator):  # type: ignore[misc]
    """What `nn.MLPRegressor(...)` makes, likewise.

    >>> MLPRegressor(max_iter=5)
    MLPRegressor(max_iter=5)
    """


KINDS = {estimator.MLPClassifier: MLPClassifier, estimator.MLPRegressor: MLPRegressor}
