"""Hats upon hats: a deep sum of ReLUs for x², whose pieces double with every layer (Yarotsky 2017)."""

from typing import Any

from engine import dot, relu
from engine.carrier import Floats
from nn.deviation import Deviation, deviations
from nn.inputs import row, size
from nn.module import Module


class Hats(Module):
    """x - Σ gₛ(x)/4ˢ for s = 1 ... m, which is x² at the 2ᵐ + 1 points j/2ᵐ of [0, 1], straight in between.

    The hat g(x) = 2 relu(x) - 4 relu(x - ½) climbs from 0 to 1 and falls back; gₛ is g of g of ... of x, a
    saw with 2ˢ⁻¹ teeth (Telgarsky 2015). So 2m ReLUs in m layers do the work of 2ᵐ side by side: the largest
    error is 2^(-2m-2). It has no parameters, and stands for x² on [0, 1] alone.

    Errors: TypeError for m that is no whole number, ValueError for one below 1.

    >>> deep = Hats(10)
    >>> deep.pieces, deep.neurons, f"{deep.error:.3g}"
    (1024, 20, '2.38e-07')
    >>> deep(0.5)
    0.25
    """

    def __init__(self, m: int) -> None:
        self.m = size("m", m)

    @property
    def neurons(self) -> int:
        """The number of its ReLUs: two a hat.

        >>> Hats(3).neurons
        6
        """
        return 2 * self.m

    @property
    def pieces(self) -> int:
        """The number of its straight pieces on [0, 1].

        >>> Hats(3).pieces
        8
        """
        return 1 << self.m

    @property
    def worst(self) -> Deviation:
        """Where on [0, 1] it is farthest from x², and sum - x² there; found on every piece.

        >>> Hats(1).worst
        Deviation(x=0.25, gap=0.0625)
        """
        ends = [j / self.pieces for j in range(self.pieces + 1)]
        return deviations(_square, ends, [float(self(x)) for x in ends])[1]

    @property
    def error(self) -> float:
        """The largest |sum - x²| on [0, 1].

        >>> [Hats(m).error for m in (1, 2, 3)]
        [0.0625, 0.015625, 0.00390625]
        """
        return self.worst.gap

    def __call__(self, x: Any) -> Any:
        """Return the sum at x, a number, a Value or a row of one: recorded where x is a Value.

        Errors: ValueError for nan or a longer row, TypeError for what is no number.

        >>> Hats(1)(0.25)
        0.125
        """
        xs = row(x)
        if len(xs) != 1:
            raise ValueError(f"{self.describe()} takes one number, got {len(xs)}")
        hats = [hat(xs[0])]
        for _ in range(self.m - 1):
            hats.append(hat(hats[-1]))
        return xs[0] - dot(Floats([0.25**s for s in range(1, self.m + 1)]), tuple(hats))

    def describe(self) -> str:
        """Return the number of hats.

        >>> Hats(3).describe()
        'Hats(3)'
        """
        return f"{type(self).__name__}({self.m})"


def hat(x: Any) -> Any:
    """Return the hat of x: 0 at 0, 1 at ½, 0 again at 1, of two ReLUs.

    >>> hat(0.25), hat(0.5), hat(0.75)
    (0.5, 1.0, 0.5)
    """
    return 2 * relu(x) - 4 * relu(x - 0.5)


def _square(x: float) -> float:
    return x * x
