"""The exercises of notebook 06: gradient descent."""

import math
from typing import Any

from engine import Value, grad
from nn.course.exercise import Judge, tried, value
from nn.losses import mse
from nn.mlp import MLP
from nn.neuron import Neuron
from nn.optim import SGD, Adam
from nn.optimizer import Optimizer
from nn.update import learn

POINTS, TRUTHS, START = ((1.0, 0.0), (0.0, 5.0)), (0.0, 0.0), (5.0, 1.0)
"""The long valley ½(x² + 25y²) as the loss of a linear neuron, and where the walk begins."""
WANTED, STEPS = 1e-6, 100
"""The loss to come below, and within how many steps."""
RATE, SLOPE = 0.1, -250.0
"""Those of exercise 06.4."""


def _limit() -> float:
    """Return the largest rate for 5w²: a step multiplies w by 1 - η · curvature, which is -1 there."""
    curvature: float = grad(grad(lambda w: 5 * w * w))(1.0)
    return 2 / curvature


def _network(truth: float, part: int = 0) -> float:
    """Return the slope of the loss by a parameter of the net with one hidden neuron, at x = 2."""
    net = MLP(1, [1, 1])
    net.load_state(dict(zip(net.state(), [0.5, 0.0, 3.0, -1.0], strict=True)))
    mse(net([2.0]), truth).backward()
    return net.parameters()[part].grad


def _first_move(kind: Any, slope: float) -> float:
    w = Value(0.0)
    w.grad = slope
    kind([w], RATE).step()
    return w.data


def _down_the_valley(answer: Any) -> str:
    """Judge a function of parameters that returns an optimizer, by where it comes in so many steps."""
    neuron = Neuron(2, activation="linear", bias=False)
    neuron.load_state(dict(zip(neuron.state(), START, strict=True)))
    parameters = neuron.parameters()
    optimizer = tried(answer, parameters)
    if not isinstance(optimizer, Optimizer):
        return f"the function is to return an optimizer, such as SGD(parameters, 0.05), got {optimizer!r:.60}"
    if set(optimizer.parameters) != set(parameters):
        return "the optimizer is to have the parameters that your function is given, both of them"
    losses = []
    for _ in range(STEPS + 1):
        try:
            losses.append(sum(learn(neuron, POINTS, TRUTHS, optimizer, mse).losses) / len(POINTS))
        except FloatingPointError:
            return "the weights outgrow a float: the learning rate is too large"
        if losses[-1] < WANTED:
            return ""
    if losses[-1] >= losses[0]:
        return (
            f"the loss is {losses[-1]:.3g} after {STEPS} steps, no less than at the start: too large a rate"
        )
    where = f"after {STEPS} steps the loss is {losses[-1]:.3g}"
    if all(b <= a for a, b in zip(losses, losses[1:], strict=False)):
        return f"{where}: it only falls, but too slowly; go faster, or let it roll"
    return f"{where}: it goes up and down on the way; hold on to less of the velocity, or take another rate"


EXERCISES: dict[str, Judge] = {
    "06.1": value(
        _limit,
        {
            "at that rate one step leads straight to 0; twice as far is still no farther away": (
                lambda: _limit() / 2
            ),
            "the slope of 5w² is 10w, not 5w": lambda: 2 * _limit(),
            "that is for w² with the factor 1, as in the bowl above": lambda: 1.0,
        },
        otherwise="the slope is 10w, so a step gives w − η · 10w; for which η is that −w?",
    ),
    "06.2": value(
        lambda: _network(0.0),
        {
            "that is with 1 as the truth; or x is missing, or the 2 of 2(y − t)": lambda: _network(1.0),
            "that is what arrives at y; go on back to w₁": lambda: _network(0.0, 3),
            "the way from y to w₁ leads through the weight w₂": lambda: _network(0.0, 3) * 2.0,
            "y is above the truth, so raising w₁ raises the loss": lambda: -_network(0.0),
        },
        otherwise="2(y − t), times w₂, times the slope of ReLU, times x",
    ),
    "06.3": _down_the_valley,
    "06.4": value(
        lambda: _first_move(Adam, SLOPE),
        {
            "against the slope: where it is negative, w grows": lambda: -_first_move(Adam, SLOPE),
            "that is gradient descent; Adam's first step does not depend on the slope's size": (
                lambda: _first_move(SGD, SLOPE)
            ),
            "that would be gradient descent, and uphill": lambda: -_first_move(SGD, SLOPE),
            "nothing of the slope's size is left, but the rate is": lambda: math.copysign(1.0, -SLOPE),
        },
        otherwise="in Adam's first step the ratio of the two means is the sign of the slope",
    ),
}
