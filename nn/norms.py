"""Norms: layers that bring a row of numbers to one size, whatever its own."""

from collections.abc import Iterable
from typing import Any

from engine import Value, dot, power
from engine.ops import sum as total
from nn.checked import from_zero
from nn.inputs import row, size
from nn.module import Module

__all__ = ["LayerNorm", "RMSNorm"]


class RMSNorm(Module):
    """g·x / √(mean of x² + epsilon): a row in units of its root mean square, times a gain for each number.

    Zhang & Sennrich (2019), equation 4. Their formula is that of `epsilon=0`, which has nan for a row of
    zeros; the small number that implementations add under the root leaves such a row at 0. The gains `g`
    start at 1; with `gain=False` there are none: `g` is None. The squares are floats: where one overflows,
    from 1.4e154 on, the answer is 0; where all are 0, below 1.5e-162, `epsilon=0` makes it infinite.

    Errors: TypeError for a width that is no whole number, or an epsilon that is no number; ValueError for a
    width below 1, an epsilon below 0, and for a row of another length or with nan.

    >>> [y.data for y in RMSNorm(2, epsilon=0.0)([3.0, -3.0])]
    [1.0, -1.0]
    """

    def __init__(self, width: int, *, gain: bool = True, epsilon: float = 1e-5) -> None:
        self.width = size("width", width)
        self.epsilon = from_zero("epsilon", epsilon)
        self.g = [Value(1.0) for _ in range(self.width)] if gain else None

    def __call__(self, x: Iterable[float | Value]) -> list[Any]:
        """Return a row of `width` numbers in units of its root mean square.

        >>> RMSNorm(2, gain=False, epsilon=0.0)([0.5, -0.5])
        [1.0, -1.0]
        """
        xs = _fitting(self, self.width, x)
        scale = power(dot(xs, xs) / self.width + self.epsilon, -0.5)
        scaled = [x * scale for x in xs]
        return scaled if self.g is None else [g * y for g, y in zip(self.g, scaled, strict=True)]

    def describe(self) -> str:
        """Return the norm's width, and that it has no gain if it has none.

        >>> RMSNorm(16, gain=False).describe()
        'RMSNorm(16, no gain)'
        """
        return f"{type(self).__name__}({self.width}{', no gain' if self.g is None else ''})"


class LayerNorm(Module):
    """g·(x - μ) / √(σ² + epsilon) + b, with the mean μ of a row and its mean square σ² from there.

    Ba, Kiros & Hinton (2016), equations 3 and 4: RMSNorm of the row less its mean, plus biases `b`, which
    start at 0. With `gain=False` there are neither gains nor biases: `b` is None.

    Errors: those of RMSNorm.

    >>> [y.data for y in LayerNorm(2, epsilon=0.0)([3.0, 7.0])]
    [-1.0, 1.0]
    """

    def __init__(self, width: int, *, gain: bool = True, epsilon: float = 1e-5) -> None:
        self.rms = RMSNorm(width, gain=gain, epsilon=epsilon)
        self.b = [Value(0.0) for _ in range(self.rms.width)] if gain else None

    def __call__(self, x: Iterable[float | Value]) -> list[Any]:
        """Return a row of `width` numbers in standard deviations from its mean.

        >>> LayerNorm(2, gain=False, epsilon=0.0)([1.0, 2.0])
        [-1.0, 1.0]
        """
        xs = _fitting(self, self.rms.width, x)
        mean = total(xs) / len(xs)
        scaled = self.rms([x - mean for x in xs])
        return scaled if self.b is None else [y + b for y, b in zip(scaled, self.b, strict=True)]

    def describe(self) -> str:
        """Return the norm's width, and that it has no gain if it has none.

        >>> LayerNorm(16).describe()
        'LayerNorm(16)'
        """
        return f"{type(self).__name__}({self.rms.width}{', no gain' if self.b is None else ''})"


def _fitting(module: Module, width: int, x: Iterable[float | Value]) -> tuple[Any, ...]:
    xs = row(x)
    if len(xs) != width:
        raise ValueError(f"{module.describe()} takes {width} numbers, got {len(xs)}")
    return xs
