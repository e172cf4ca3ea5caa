"""How a training takes its steps eagerly: each point recorded anew, on the very Values of the model."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from nn.answers import Model
from nn.data import Dataset, Samples
from nn.evaluation import Scoring, evaluate
from nn.objective import Objective
from nn.optim import Optimizer
from nn.update import Batch, learn


class EagerSteps:
    """Updates and evaluations of a model by an objective, on the model's own Values.

    `fetch` and `keep` stand around a run of updates: they take the parameters from the Values and give them
    back, for steps that work on numbers of their own.

    >>> from nn import MLP, SGD, xor_gate
    >>> from nn.objective import objective
    >>> model, data = MLP(2, [1], init="zeros"), xor_gate()
    >>> steps = EagerSteps(model, data, objective(model, data), SGD(model.parameters()), clip=None)
    >>> steps.learn([0, 1], None).losses
    [0.6931471805599453, 0.6931471805599453]
    """

    name = "eager"
    has_fetched = False

    def __init__(
        self,
        model: Model,
        data: Dataset | Samples,
        goal: Objective,
        optimizer: Optimizer,
        clip: float | None,
    ) -> None:
        self.model, self.goal, self.optimizer, self.clip = model, goal, optimizer, clip
        self.points = data.points
        self.targets = [goal.encode(target) for target in data.targets]

    def learn(self, places: Sequence[int], noises: Sequence[Any] | None) -> Batch:
        """Take one update by the points at these places, with what `model.noise` gave for each."""
        points, targets = [self.points[i] for i in places], [self.targets[i] for i in places]
        return learn(
            self.model, points, targets, self.optimizer, self.goal.loss, noises=noises, clip=self.clip
        )

    def evaluate(self, data: Dataset | Samples, scoring: Scoring) -> tuple[float, float | None]:
        """Return the mean loss of the model on data, and its metric."""
        return evaluate(self.model, data, self.goal, scoring)

    def prepared(self, data: Dataset | Samples) -> Any:
        """Return data to evaluate on, as it is."""
        return data

    def looked_at(self) -> AbstractContextManager[None]:
        """Return a context in which steps and Values have the same parameters: here they always have."""
        return nullcontext()

    def fetch(self) -> None:
        """Take the parameters from the Values."""

    def keep(self) -> None:
        """Give the parameters back to the Values."""


@contextmanager
def fetched(steps: Any) -> Iterator[None]:
    """Within this context the steps have the parameters; the outermost one fetches them, and gives them back.

    >>> with fetched(steps):  # doctest: +SKIP
    ...     steps.learn([0, 1], None)
    """
    if steps.has_fetched:
        yield
        return
    steps.fetch()
    steps.has_fetched = True
    try:
        yield
    finally:
        steps.has_fetched = False
        steps.keep()
