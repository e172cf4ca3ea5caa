"""Pooling: every channel of an image made smaller, window by window."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from engine.ops import max as largest, sum as total
from nn.module import Module
from nn.windows import Pair, brief, pair, planes, windows


class Pool(Module):
    """One number in place of each window of each channel: what all poolings share.

    `kernel_size` is the size of the window, `stride` how far apart windows stand (left out: as far as the
    window is large, side by side); each is a whole number, of images also two for rows and columns. Windows
    lie inside of the image: what at its end fills no window is left out, as in PyTorch.

    Errors: ValueError for sizes or strides below 1, an image smaller than the window, rows of different
    lengths, a nan; TypeError for what is no image.

    >>> MaxPool2d((1, 2), stride=1)([[[3.0, 1.0, 2.0]]])
    [[[3.0, 2.0]]]
    """

    flat: ClassVar[bool]
    fold: ClassVar[Any]

    def __init__(self, kernel_size: int | Pair, stride: int | Pair | None = None) -> None:
        self.kernel_size = pair("kernel_size", kernel_size, 1, flat=self.flat)
        self.stride = self.kernel_size if stride is None else pair("stride", stride, 1, flat=self.flat)

    def __call__(self, image: Iterable[Any]) -> list[Any]:
        """Return each channel, made smaller: an image or a sequence of as many channels."""
        reader, made = self.describe(), []
        for plane in planes(image, reader, flat=self.flat).lines:
            seen = windows([plane], self.kernel_size, self.stride, reader=reader)
            rows = [[self.fold(window) for window in line] for line in seen]
            made.append(rows[0] if self.flat else rows)
        return made

    def describe(self) -> str:
        """Return the size of the window, and the stride where it is another."""
        size, stride = (brief(numbers, flat=self.flat) for numbers in (self.kernel_size, self.stride))
        return f"{type(self).__name__}({size}{f', stride={stride}' if stride != size else ''})"


def mean(window: Sequence[Any]) -> Any:
    """Return the mean of a window's numbers.

    >>> mean([1.0, 4.0])
    2.5
    """
    return total(window) / len(window)


class MaxPool1d(Pool):
    """The largest number of each window of times: MaxPool1d(kernel_size, stride=None), see Pool.

    Those that are largest together share the derivative, as engine.max has it; PyTorch gives it to the first.

    Errors: those of Pool.

    >>> MaxPool1d(2)([[1.0, 3.0, 2.0, 0.0, 9.0]])
    [[3.0, 2.0]]
    """

    flat = True
    fold = largest


class MaxPool2d(Pool):
    """The largest number of each window of pixels: MaxPool2d(kernel_size, stride=None), see Pool.

    Those that are largest together share the derivative, as engine.max has it; PyTorch gives it to the first.

    Errors: those of Pool.

    >>> MaxPool2d(2)([[[1, 2, 5, 0], [3, 4, 0, 0]]])
    [[[4.0, 5.0]]]
    """

    flat = False
    fold = largest


class AvgPool1d(Pool):
    """The mean of each window of times: AvgPool1d(kernel_size, stride=None), see Pool.

    Errors: those of Pool.

    >>> AvgPool1d(2)([[1.0, 3.0, 2.0, 0.0, 9.0]])
    [[2.0, 1.0]]
    """

    flat = True
    fold = staticmethod(mean)


class AvgPool2d(Pool):
    """The mean of each window of pixels: AvgPool2d(kernel_size, stride=None), see Pool.

    LeCun et al. (1998) have it with a weight and a bias for each channel, as sub-sampling.

    Errors: those of Pool.

    >>> AvgPool2d(2)([[[1, 2, 5, 0], [3, 4, 0, 0]]])
    [[[2.5, 1.25]]]
    """

    flat = False
    fold = staticmethod(mean)
