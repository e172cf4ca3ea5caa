"""OwnLoss: a model that brings a loss of its own, in the form in which training meets every model."""

from typing import Any

from engine import Value
from nn.answers import Model
from nn.data import Dataset, Samples
from nn.objective import Loss, Objective, objective


class OwnLoss:
    """A model whose answer to a sample is its loss, `model.loss(*sample)`.

    Errors: TypeError where that is no Value.

    >>> from engine import Value
    >>> from nn import Module
    >>> class Square(Module):
    ...     def __init__(self):
    ...         self.w = Value(3.0)
    ...     def loss(self, x):
    ...         return self.w * x
    >>> OwnLoss(Square())((3.0,)).data
    9.0
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def __call__(self, sample: tuple[Any, ...], *noise: Any) -> Any:
        """Return the loss of a sample, with what `model.noise` gave if the model has such.

        >>> OwnLoss(model)(sample, noise)  # doctest: +SKIP
        """
        found = self.model.loss(*sample, *noise)
        if type(found) is not Value:
            raise TypeError(
                f"{type(self.model).__name__}.loss answered {found!r:.80}; a loss is one Value, computed "
                "from the model's parameters"
            )
        return found


def goal(model: Any, data: Dataset | Samples, loss: str | Loss | None) -> tuple[Model, Objective]:
    """Return what answers to the points of data, and the objective of its answers.

    For a Dataset that is the model, with `nn.objective.objective`; for Samples the model's own loss.

    Errors: TypeError for Samples and a model without a loss, or a Dataset and one that cannot be called;
    ValueError for Samples and a `loss` beside the model's own; as `nn.objective.objective`.

    >>> from nn import MLP, xor_gate
    >>> model = MLP(2, [1])
    >>> goal(model, xor_gate(), None)[0] is model
    True
    """
    name, own = type(model).__name__, callable(getattr(model, "loss", None))
    if isinstance(data, Dataset):
        if not callable(model):
            raise TypeError(
                f"a Dataset is for a model that can be called on a point, {name} cannot"
                + ("; it has a loss of its own, which takes nn.Samples" if own else "")
            )
        try:
            return model, objective(model, data, loss)
        except TypeError as error:
            if not own:
                raise
            raise TypeError(
                f"{name} does not take the points of a Dataset ({error}); it has a loss of its own, which "
                "takes nn.Samples"
            ) from error
    if not own:
        raise TypeError(
            f"Samples are the arguments of a model's own loss, model.loss(*sample); {name} has no loss: give "
            "it a Dataset of points and targets"
        )
    if loss is not None:
        raise ValueError(f"with Samples the loss is {name}'s own: leave loss out, got {loss!r}")
    return OwnLoss(model), Objective(f"{name}.loss", _itself, _itself)


def _itself(answer: Any, *target: Any) -> Any:
    """Return the answer, which is the loss already; a sample has no target beside it."""
    return answer
