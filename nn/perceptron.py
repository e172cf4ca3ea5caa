"""The perceptron: a neuron that ends in a step and learns by the perceptron rule."""

import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine import Value, dot, step
from engine.carrier import Floats
from nn.checked import finite, positive
from nn.data.cells import Point, listed
from nn.hyperplane import Hyperplane, two_classes
from nn.inputs import row, size
from nn.module import Module
from nn.rosenblatt import Learning, Pass, corrections

EPOCHS = 1000
"""So many passes `fit` makes at most, unless it is told otherwise."""


class Perceptron(Module):
    """step(b·1 + w1 x1 + ... + wn xn): 1 where the sum is above 0, else 0.

    The bias `b` is the weight of one more input x0, which is always 1 (the augmented vector): the sum is one
    `dot` of (b, w1, ...) and (1, x1, ...). All weights start at 0; with `rng` the `nin` weights `w` are
    uniform from -1 to 1.

    Errors: ValueError for a row of another length or with nan, and for `nin` below 1; TypeError for what is
    no row of numbers.

    >>> either = Perceptron.of(b=-0.5, w=[1, 1])
    >>> [either(x).data for x in [(0, 0), (0, 1), (1, 0), (1, 1)]]
    [0.0, 1.0, 1.0, 1.0]
    """

    def __init__(self, nin: int, *, rng: random.Random | None = None) -> None:
        nin = size("nin", nin)
        if rng is not None and not callable(getattr(rng, "uniform", None)):
            raise TypeError(f"rng is a random.Random, got {rng!r}")
        self.b = Value(0.0, "b")
        self.w = [Value(0.0 if rng is None else rng.uniform(-1, 1), f"w{i}") for i in range(1, nin + 1)]

    @classmethod
    def of(cls, b: float, w: Iterable[float]) -> "Perceptron":
        """Return the perceptron with that bias and those weights.

        Errors: ValueError for a number that is not finite, or no weights.

        >>> Perceptron.of(-1.5, [1, 1]).hyperplane
        Hyperplane x1 + x2 − 1.5 = 0, class 1 where that is > 0
        """
        given = listed("w", w)
        perceptron = cls(len(given))
        bias = finite("b", b)
        perceptron._settle((bias, *[finite(f"w{i}", weight) for i, weight in enumerate(given, 1)]))
        return perceptron

    @property
    def ending(self) -> Any:
        """The activation that its answer ends in.

        >>> Perceptron(1).ending
        <op step>
        """
        return step

    @property
    def weights(self) -> tuple[float, ...]:
        """The numbers (b, w1, ...), as the augmented vector (1, x1, ...) meets them.

        >>> Perceptron.of(-0.5, [1, 2]).weights
        (-0.5, 1.0, 2.0)
        """
        return (self.b.data, *[w.data for w in self.w])

    @property
    def hyperplane(self) -> Hyperplane:
        """Where its sum is 0; ValueError where all w are 0, as they are before it has learned.

        >>> Perceptron.of(0, [1, -1]).hyperplane.distance((3, 3))
        0.0
        """
        return Hyperplane(self.weights[1:], self.b.data)

    def height(self, x: Iterable[float | Value]) -> Any:
        """Return b·1 + w1 x1 + ... for a row, before the step.

        >>> Perceptron.of(-0.5, [1, 1]).height([1, 1]).data
        1.5
        """
        xs = row(x)
        if len(xs) != len(self.w):
            raise ValueError(f"{self.describe()} takes {len(self.w)} inputs, got {len(xs)}")
        ones = Floats((1.0, *xs)) if type(xs) is Floats else (Value(1.0, "x0"), *xs)
        return dot((self.b, *self.w), ones)

    def __call__(self, x: Iterable[float | Value]) -> Any:
        """Return the perceptron's answer to a row of numbers or Values: 1 or 0.

        >>> Perceptron(2)([3, 4]).data
        0.0
        """
        return step(self.height(x))

    def passes(self, points: Any, labels: Any = None, *, learning_rate: float = 1.0) -> Iterator[Pass]:
        """Yield one pass of the perceptron rule after the other, up to and with the first without a mistake.

        At each point in turn, w ← w + learning_rate · (label - answer) · x, with b as the weight of x0 = 1:
        only a mistake changes anything. If no hyperplane separates the classes, the passes never end.
        The perceptron has its new weights when a pass is yielded.

        Errors: as `fit`.

        >>> [done.mistakes for done in Perceptron(1).passes([[0], [1]], [0, 1])]
        [1, 1, 0]
        """
        known, sides = two_classes(points, labels)
        if len(set(sides)) < 2:
            raise ValueError(
                f"all {len(sides)} points have the label {sides[0]}: there is nothing to separate"
            )
        if len(known[0]) != len(self.w):
            raise ValueError(f"{self.describe()} takes points of {len(self.w)} numbers, got {len(known[0])}")
        return self._passes(known, sides, positive("the learning rate", learning_rate))

    def _passes(self, points: Sequence[Point], labels: Sequence[int], rate: float) -> Iterator[Pass]:
        count = 0
        mistakes = True
        while mistakes:
            count += 1
            made = tuple(corrections(self.weights, points, labels, rate))
            mistakes = bool(made)
            if mistakes:
                self._settle(made[-1].weights)
            yield Pass(count, made, self.weights)

    def fit(
        self, points: Any, labels: Any = None, *, learning_rate: float = 1.0, epochs: int = EPOCHS
    ) -> Learning:
        """Learn points by the perceptron rule, and return how that went; the perceptron keeps the weights.

        It takes points with labels 0 or 1, or a Dataset. It ends after a pass without a mistake, which comes
        if a hyperplane separates the classes (Rosenblatt 1962, Novikoff 1962); or once the weights after a
        pass are, to the last bit, ones it had before, which proves that no such pass comes; or after `epochs`
        passes. From weights of 0 the learning rate only sets their scale.

        Errors: ValueError for labels other than 0 and 1 or all alike, lists of different lengths, points of
        another length or with numbers that are not finite, a learning rate that is not positive and finite,
        `epochs` below 1; FloatingPointError where the weights outgrow a float.

        >>> learning = Perceptron(2).fit([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 0, 0, 1])
        >>> learning
        converged: pass 6 made no mistake
        mistakes a pass: 1, 3, 3, 2, 1, 0; 10 corrections
        weights (b, w1, ...): (-2, 2, 1)
        """
        most = size("epochs", epochs)
        start = self.weights
        met = {start: 0}
        done: list[Pass] = []
        for latest in self.passes(points, labels, learning_rate=learning_rate):
            done.append(latest)
            if not latest.mistakes:
                break
            first = met.setdefault(latest.weights, latest.number)
            if first < latest.number:
                return Learning(start, tuple(done), (first, latest.number))
            if latest.number == most:
                break
        return Learning(start, tuple(done), ())

    def _settle(self, weights: Sequence[float]) -> None:
        for parameter, weight in zip((self.b, *self.w), weights, strict=True):
            parameter.data = weight

    def describe(self) -> str:
        """Return the perceptron's number of inputs.

        >>> Perceptron(2).describe()
        'Perceptron(2)'
        """
        return f"{type(self).__name__}({len(self.w)})"
