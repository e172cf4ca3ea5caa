"""How many numbers an estimator has learned, which it needs to answer."""

from typing import Any


def parameters(fitted: Any) -> int:
    """Return the number of parameters of a fitted estimator, the last of its pipeline.

    Of neurons and linear models: weights and biases. Of a tree: column and threshold of each inner node, and
    the answer of each leaf, a share for each class; of a forest the sum of its trees'. Of neighbours: the
    points that are kept, with their targets. Of a support vector machine: its vectors, their coefficients and
    intercepts. Of guessing: one. The standardising is not counted.

    Errors: TypeError for an estimator of another kind.

    >>> from sklearn.linear_model import LinearRegression
    >>> parameters(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]))
    2
    """
    one = getattr(fitted, "regressor_", fitted)
    one = one[-1] if hasattr(one, "steps") else one
    if hasattr(one, "model_"):
        return len(one.model_.parameters())
    if hasattr(one, "coefs_"):
        return sum(part.size for part in (*one.coefs_, *one.intercepts_))
    if hasattr(one, "support_vectors_"):
        return int(one.support_vectors_.size + one.dual_coef_.size + one.intercept_.size)
    if hasattr(one, "coef_"):
        return int(one.coef_.size + _size(one.intercept_))
    if hasattr(one, "estimators_"):
        return sum(parameters(tree) for tree in one.estimators_)
    if hasattr(one, "tree_"):
        leaves = one.get_n_leaves()
        answers = len(one.classes_) if hasattr(one, "classes_") else 1
        return int(2 * (one.tree_.node_count - leaves) + leaves * answers)
    if hasattr(one, "n_samples_fit_"):
        return int(one.n_samples_fit_ * (one.n_features_in_ + 1))
    if hasattr(one, "strategy"):
        return 1
    raise TypeError(f"the parameters of a {type(one).__name__} are not known")


def _size(thing: Any) -> int:
    return int(getattr(thing, "size", 1))
