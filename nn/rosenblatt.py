"""The perceptron rule (Rosenblatt 1958): what it corrects in a pass over the points, and what it came to."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from engine import dot, step
from engine.carrier import Floats
from nn.data.cells import Point
from nn.hyperplane import Hyperplane


class Correction(NamedTuple):
    """One mistake and what became of it: which point, its label, the answer, the weights (b, w1, ...) now."""

    place: int
    point: Point
    label: int
    answer: int
    weights: tuple[float, ...]


class Pass(NamedTuple):
    """One pass over the points: its number from 1, its corrections, the weights (b, w1, ...) at its end."""

    number: int
    corrections: tuple[Correction, ...]
    weights: tuple[float, ...]

    @property
    def mistakes(self) -> int:
        """How many points it got wrong."""
        return len(self.corrections)


@dataclass(frozen=True, repr=False)
class Learning:
    """What the perceptron rule came to: its start weights (b, w1, ...) and its passes, one by one.

    `cycle` is a pair of passes after which the weights were the very same, the start being pass 0: from there
    the same corrections come again for ever. It is empty where no weights were met twice.
    """

    start: tuple[float, ...]
    passes: tuple[Pass, ...]
    cycle: tuple[int, ...]

    @property
    def mistakes(self) -> tuple[int, ...]:
        """The number of mistakes of each pass."""
        return tuple([done.mistakes for done in self.passes])

    @property
    def corrections(self) -> tuple[Correction, ...]:
        """The corrections of all passes, in order."""
        return tuple([correction for done in self.passes for correction in done.corrections])

    @property
    def converged(self) -> bool:
        """Whether the last pass made no mistake."""
        return not self.mistakes[-1]

    @property
    def weights(self) -> tuple[float, ...]:
        """The weights (b, w1, ...) at the end."""
        return self.passes[-1].weights

    @property
    def hyperplane(self) -> Hyperplane:
        """The hyperplane at the end; ValueError where all w are 0."""
        return Hyperplane(self.weights[1:], self.weights[0])

    def __repr__(self) -> str:
        count = len(self.passes)
        shown = ", ".join(map(str, self.mistakes[-12:]))
        tally = (
            f"mistakes a pass: {'..., ' if count > 12 else ''}{shown}; {len(self.corrections)} corrections"
        )
        if self.converged:
            weights = ", ".join(f"{w:g}" for w in self.weights)
            return f"converged: pass {count} made no mistake\n{tally}\nweights (b, w1, ...): ({weights})"
        if self.cycle:
            first, last = self.cycle
            before = f"those after pass {first}" if first else "those at the start"
            return (
                f"not converged, and more passes will not help: the weights after pass {last} are {before}, "
                f"so the same corrections come again for ever\n{tally}"
            )
        return (
            f"not converged in {count} passes: more may help, or none; nn.separable(points, labels) tells "
            f"whether any hyperplane can\n{tally}"
        )


def corrections(
    weights: tuple[float, ...], points: Sequence[Point], labels: Sequence[int], rate: float
) -> Iterator[Correction]:
    """Yield the corrections of one pass that begins with those weights (b, w1, ...).

    At each point in turn, w ← w + rate · (label - answer) · (1, x): only a mistake changes anything.

    Errors: FloatingPointError where the weights outgrow a float.

    >>> next(corrections((0.0, 0.0), [(3.0,)], [1], 1.0)).weights
    (1.0, 3.0)
    """
    for place, (point, label) in enumerate(zip(points, labels, strict=True)):
        xs = Floats((1.0, *point))
        answer = int(step(dot(Floats(weights), xs)))
        if answer != label:
            change = rate * (label - answer)
            weights = tuple([w + change * x for w, x in zip(weights, xs, strict=True)])
            if not all(map(math.isfinite, weights)):
                raise FloatingPointError(
                    f"a correction at point {place} makes the weights {weights}: the points are too large "
                    "for a float, standardise them, or take a smaller learning rate"
                )
            yield Correction(place, point, label, answer, weights)
