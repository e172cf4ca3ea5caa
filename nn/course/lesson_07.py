"""The exercises of notebook 07: a network on moons and on digits."""

import math
from typing import Any

from nn.answers import answers
from nn.checked import from_zero
from nn.course.exercise import Judge, NotRight, tried, value
from nn.data.toys import moons
from nn.losses import cross_entropy
from nn.metrics import accuracy
from nn.module import Module
from nn.neuron import Layer
from nn.overfitting import NOISE, Capacity, capacity_curve

SIZES = 30, (16, 2)
"""The inputs and the layers of the network whose parameters are counted."""
CLASSES = 3
MOST, WANTED = 70, 0.95
"""Parameters at most, and the share of new moons to get right."""
FRESH = moons(1000, noise=0.1, seed=7007)
PIECES, ENOUGH = 8, 0.0005
"""ReLU pieces on the nine points, and the error against x² to come below."""


def _parameters(*, biases: bool = True) -> int:
    layers = [Layer(a, b, bias=biases) for a, b in zip((SIZES[0], *SIZES[1]), SIZES[1], strict=False)]
    return sum(len(layer.parameters()) for layer in layers)


def _first_loss(classes: int) -> float:
    return float(cross_entropy([0.0] * classes, 0))


def _small_and_good(answer: Any) -> str:
    """Judge a trained network by how many parameters it has, and by moons that it has not seen."""
    if not isinstance(answer, Module):
        return f"hand in the network that was trained, such as MLP(2, [8, 1]); this is {answer!r:.60}"
    count = len(answer.parameters())
    if count > MOST:
        return f"{answer.describe()} has {count} parameters, {MOST} are allowed"
    model: Any = answer
    share = accuracy(tried(lambda points: answers(model, points), FRESH.points), FRESH.targets)
    if share >= WANTED:
        return ""
    told = f"of 1,000 new moons it gets {share:.1%} right, {WANTED:.0%} are asked for"
    if share > 0.8:
        return (
            f"{told}: about what one straight line does; bend it: more neurons, another seed, or train longer"
        )
    return f"{told}: was it trained, and on moons?"


def _held(answer: Any) -> str:
    """Judge the l2 of eight pieces by their error against x²."""
    try:
        l2 = from_zero("l2", answer)
    except (TypeError, ValueError) as error:
        raise NotRight(str(error)) from None
    (found,) = capacity_curve([PIECES], l2=l2)
    return "" if found.true_error < ENOUGH else _too(found)


def _too(found: Capacity) -> str:
    where = (
        f"with it the error against x² is {found.true_error:.4f}, on the points {found.training_error:.4f}"
    )
    if found.training_error < NOISE**2:
        return f"{where}: it still follows the noise of {NOISE:g}; make large weights cost more"
    return f"{where}: it hardly bends any more; make large weights cost less"


EXERCISES: dict[str, Judge] = {
    "07.1": value(
        _parameters,
        {
            "each neuron has a bias as well": lambda: _parameters(biases=False),
            "that is the hidden layer; the output layer has weights of its own": lambda: len(
                Layer(30, 16).parameters()
            ),
            "those are the numbers that go in and come out; each neuron has a weight for each": (
                lambda: SIZES[0] + sum(SIZES[1])
            ),
        },
        otherwise="16 neurons with 30 weights and a bias each, then 2 with 16 weights and a bias each",
    ),
    "07.2": value(
        lambda: _first_loss(CLASSES),
        {
            "that is the share of each class; the loss is its negative logarithm": lambda: 1 / CLASSES,
            "−ln of a share is positive": lambda: -_first_loss(CLASSES),
            "the natural logarithm is asked for, not that to base 2": lambda: math.log2(CLASSES),
            "the natural logarithm is asked for, not that to base 10": lambda: math.log10(CLASSES),
            "that is for ten classes": lambda: _first_loss(10),
            "before anything is learned the classes are a guess, which costs something": lambda: 0.0,
        },
        otherwise="each class gets the same share; the loss is −ln of the share of the true one",
    ),
    "07.3": _small_and_good,
    "07.4": _held,
}
