"""The four steps of training, one at a time: forward pass, loss, backward pass, update."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from engine import Value
from engine.ops import sum as total
from engine.see.digits import short
from nn.answers import as_floats
from nn.checked import MODULE, of_kind
from nn.clip import gradient_norm
from nn.data.cells import listed
from nn.losses import LOSSES, cross_entropy
from nn.module import Module
from nn.nearest import pick
from nn.optim import Optimizer

MOST_SHOWN = 6
"""So many predictions, gradients or moves are printed."""


class Forward(NamedTuple):
    """Step 1: what the model answers to each point, as Values, and the targets."""

    predictions: list[Any]
    targets: Sequence[Any]

    def __repr__(self) -> str:
        pairs = zip(self.predictions, self.targets, strict=True)
        told = [f"{_numbers(answer)} for target {target}" for answer, target in pairs]
        return f"1 forward pass: the model answers {_listed(told)}"


class Loss(NamedTuple):
    """Step 2: the mean loss, a Value that remembers everything under it: draw it, step through it."""

    loss: Value

    def __repr__(self) -> str:
        return f"2 loss: {short(self.loss.data)}"


class Backward(NamedTuple):
    """Step 3: ∂loss/∂parameter by the parameter's name, and the Euclidean norm of them all."""

    gradients: dict[str, float]
    norm: float

    def __repr__(self) -> str:
        told = [f"∂L/∂{name} = {short(g)}" for name, g in self.gradients.items()]
        return f"3 backward pass: {_listed(told)}; the gradient's norm is {short(self.norm)}"


class Update(NamedTuple):
    """Step 4: every parameter by its name, before and after."""

    before: dict[str, float]
    after: dict[str, float]

    def __repr__(self) -> str:
        told = [f"{name} {short(p)} → {short(self.after[name])}" for name, p in self.before.items()]
        return f"4 update: {_listed(told)}"


def four_steps(
    model: Module,
    points: Sequence[Sequence[float]],
    targets: Sequence[Any],
    optimizer: Optimizer,
    loss: str | Callable[[Any, Any], Any] = cross_entropy,
) -> Iterator[Forward | Loss | Backward | Update]:
    """Yield what each of the four steps of one update came to, before the next one is taken.

    The whole batch is one graph, under the loss of step 2; `loss` is a name of LOSSES or a function of
    (answer, target). `nn.update.learn` does the same in one go.

    Errors, at the call: ValueError for no points, a number of targets that is not theirs, or an optimizer of
    other parameters than the model's, TypeError for what is no Module, Optimizer or loss; later
    FloatingPointError as the optimizer.

    >>> import random
    >>> from nn import MLP, SGD, mse
    >>> model = MLP(1, [1], rng=random.Random(0))
    >>> for step in four_steps(model, [[1.0]], [2.0], SGD(model.parameters(), 0.5), mse):
    ...     print(step)  # doctest: +ELLIPSIS
    1 forward pass: the model answers 0.6888 for target 2.0
    2 loss: 1.7191
    3 backward pass: ∂L/∂layers[0].neurons[0].w[0] = −2.6223, ...; the gradient's norm is 3.7085
    4 update: layers[0].neurons[0].w[0] 0.6888 → 2.0, layers[0].neurons[0].b 0.0 → 1.3112
    """
    of_kind("model", model, Module, MODULE)
    of_kind("optimizer", optimizer, Optimizer, "an Optimizer, such as SGD(model.parameters())")
    points, targets = listed("points", points), listed("targets", targets)
    if not points or len(points) != len(targets):
        raise ValueError(
            f"a batch has at least one point and a target for each, got {len(points)} points "
            f"and {len(targets)} targets"
        )
    if not set(model.parameters()).issuperset(optimizer.parameters):
        raise ValueError(
            "the optimizer has parameters that are none of the model: make it of model.parameters()"
        )
    distance = loss if callable(loss) else pick("loss", loss, LOSSES)
    return _taken(model, points, targets, optimizer, distance)


def _taken(
    model: Any,
    points: Sequence[Sequence[float]],
    targets: Sequence[Any],
    optimizer: Optimizer,
    loss: Callable[[Any, Any], Any],
) -> Iterator[Forward | Loss | Backward | Update]:
    predictions = [model(point) for point in points]
    yield Forward(predictions, targets)
    losses = [loss(answer, target) for answer, target in zip(predictions, targets, strict=True)]
    mean = total(losses) / len(losses)
    yield Loss(mean)
    optimizer.zero_grad()
    mean.backward()
    named = model.named_parameters()
    yield Backward({name: p.grad for name, p in named.items()}, gradient_norm(optimizer.parameters))
    before = model.state()
    optimizer.step()
    yield Update(before, model.state())


def _numbers(answer: Any) -> str:
    numbers = as_floats(answer)
    if isinstance(numbers, tuple):
        return f"({', '.join(map(short, numbers))})"
    return short(numbers)


def _listed(told: list[str]) -> str:
    more = f", ... and {len(told) - MOST_SHOWN} more" if len(told) > MOST_SHOWN else ""
    return ", ".join(told[:MOST_SHOWN]) + more
