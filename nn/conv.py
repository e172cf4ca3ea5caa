"""Convolution: a few small neurons that are moved over an image, and LeNet, which is made of them.

An image is [channel][row][column], a sequence here [channel][time]; a layer answers the same, a channel for
each filter. What networks call a convolution leaves the kernel as it is: it is a cross-correlation, which
the filter's neuron computes at each place where it stands,

    y[f][i][j] = φ( b[f] + Σ w[f][c, u, v] · x[c][i·stride + u - padding][j·stride + v - padding] )
                           c,u,v

where x is 0 outside of the image. LeCun, Bottou, Bengio & Haffner, Gradient-based learning applied to
document recognition (1998), section II.A.
"""

import random
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from engine import Value
from engine.recording import Values
from nn.activations import Activation
from nn.checked import of_kind
from nn.data.cells import plain
from nn.init import Initialiser
from nn.inputs import size
from nn.module import Module
from nn.neuron import Layer, Neuron
from nn.pooling import AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d
from nn.windows import Pair, brief, pair, planes, shown, windows

__all__ = [
    "AvgPool1d",
    "AvgPool2d",
    "Conv1d",
    "Conv2d",
    "LeNet",
    "MaxPool1d",
    "MaxPool2d",
    "flatten",
]


class Convolution(Module):
    """`filters`, each a Neuron over the numbers of one window, moved over an image: what both kinds share.

    A filter's weights are in the window's order: channel by channel, row by row. `kernel_size`, `stride` and
    `padding` are whole numbers, of images also two for rows and columns; `activation`, `bias`, `init` and
    `rng` are those of Neuron. For the initialiser a filter's fan in is the size of the window, its fan out
    `out_channels` times the kernel's size: so many sums does a number of the image take part in.

    Errors: ValueError for sizes or strides below 1, a padding below 0, an image of another number of channels
    or smaller than the kernel, rows of different lengths, a nan; TypeError for what is no image.
    """

    flat: ClassVar[bool]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Pair,
        *,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        activation: str | Activation = "linear",
        bias: bool = True,
        init: str | Initialiser = "uniform",
        rng: random.Random | None = None,
    ) -> None:
        self.in_channels = size("in_channels", in_channels)
        self.kernel_size = pair("kernel_size", kernel_size, 1, flat=self.flat)
        self.stride = pair("stride", stride, 1, flat=self.flat)
        self.padding = pair("padding", padding, 0, flat=self.flat)
        area = self.kernel_size[0] * self.kernel_size[1]
        count = size("out_channels", out_channels)
        self.filters = [
            Neuron(
                self.in_channels * area,
                activation=activation,
                init=init,
                fan_out=count * area,
                bias=bias,
                rng=rng,
            )
            for _ in range(count)
        ]

    def __call__(self, image: Iterable[Any]) -> list[Any]:
        """Return for each filter a map of what its neuron answers at each place, row by row."""
        reader = self.describe()
        given = planes(image, reader, flat=self.flat)
        if len(given.lines) != self.in_channels:
            sizes = given.shape[::2] if self.flat else given.shape
            raise ValueError(f"{reader} takes {self.in_channels} channels, got {shown(sizes)} numbers")
        zero = Value(0.0, label="padding") if given.listed == Values.of else 0.0
        seen = [
            [given.listed(window) for window in across]
            for across in windows(
                given.lines, self.kernel_size, self.stride, self.padding, zero=zero, reader=reader
            )
        ]
        maps = [[[neuron(window) for window in across] for across in seen] for neuron in self.filters]
        return [rows[0] for rows in maps] if self.flat else maps

    def describe(self) -> str:
        """Return the numbers of channels, the kernel's size, the stride and the padding if there is any."""
        kernel, stride, padding = (
            brief(numbers, flat=self.flat) for numbers in (self.kernel_size, self.stride, self.padding)
        )
        more = f", stride={stride}" if stride != 1 else ""
        more += f", padding={padding}" if padding != 0 else ""
        return f"{type(self).__name__}({self.in_channels}, {len(self.filters)}, {kernel}{more})"


class Conv1d(Convolution):
    """A convolution of sequences [channel][time], see Convolution.

    Errors: those of Convolution.

    >>> difference = Conv1d(1, 1, 2, bias=False)
    >>> difference.load_state({"filters[0].w[0]": 1.0, "filters[0].w[1]": -1.0})
    >>> [y.data for y in difference([[1, 2, 0, 3]])[0]]
    [-1.0, 2.0, -3.0]
    """

    flat = True


class Conv2d(Convolution):
    """A convolution of images [channel][row][column], see Convolution.

    Errors: those of Convolution.

    >>> edge = Conv2d(1, 1, (1, 2), bias=False)
    >>> edge.load_state({"filters[0].w[0]": -1.0, "filters[0].w[1]": 1.0})
    >>> [[y.data for y in row] for row in edge([[[0, 0, 1, 1, 1], [0, 0, 0, 1, 1]]])[0]]
    [[0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]]
    >>> Conv2d(4, 8, 3, padding=1)
    Conv2d(4, 8, 3, padding=1)               296
    └─ filters[0…7] Neuron(36, linear) × 8    37 each
    296 parameters
    """

    flat = False


def flatten(image: Iterable[Any]) -> list[Any]:
    """Return the numbers of an image, or of any nested lists, in one list: channel by channel, row by row.

    Arrays and iterators are gone through as lists are; a text is one thing.

    Errors: TypeError for what is no list.

    >>> flatten([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    [1, 2, 3, 4, 5, 6, 7, 8]
    """
    image = plain(image)
    of_kind("an image", image, Iterable, "a list of numbers, or of lists of them")
    found = [plain(x) for x in image]
    while any(map(_nested, found)):
        found = [plain(y) for x in found for y in (x if _nested(x) else (x,))]
    return found


def _nested(x: Any) -> bool:
    return isinstance(x, Iterable) and not isinstance(x, (str, bytes))


class LeNet(Module):
    """LeNet-5 (LeCun et al. 1998, figure 2) on digits of 8 × 8 pixels: two convolutions, halved each, logits.

        input      c1              s2              c3              s4              output
        1 × 8 × 8  16 × 8 × 8      16 × 4 × 4      32 × 4 × 4      32 × 2 × 2      10 logits
                   3 × 3 kernels   subsampling     3 × 3 kernels   subsampling     full connection

    The names are the paper's. Its kernels are 5 × 5, on 32 × 32 pixels with a margin, here a padding of 1;
    `channels` are the maps of C1 and of C3, 6 and 16 there. On so few pixels its C5 and F6 are left out. C3
    sees all maps of S2; subsampling takes the largest in place of a trainable mean, relu stands for a scaled
    tanh, and the last layer answers logits in place of distances: as networks have it since.

    Errors: ValueError for less than 2 classes, sizes below 4, which cannot be halved twice, an image of
    another size; those of Conv2d.

    >>> LeNet(rng=random.Random(0))
    LeNet(10, channels=(16, 32))                 6,090
    ├─ c1 Conv2d(1, 16, 3, padding=1)              160
    │  └─ filters[0…15] Neuron(9, relu) × 16        10 each
    ├─ s2 MaxPool2d(2)                               0
    ├─ c3 Conv2d(16, 32, 3, padding=1)           4,640
    │  └─ filters[0…31] Neuron(144, relu) × 32     145 each
    ├─ s4 MaxPool2d(2)                               0
    └─ output Layer(128, 10)                     1,290
       └─ neurons[0…9] Neuron(128, linear) × 10    129 each
    6,090 parameters
    """

    def __init__(
        self,
        classes: int = 10,
        *,
        channels: Pair = (16, 32),
        height: int = 8,
        width: int = 8,
        activation: str | Activation = "relu",
        init: str | Initialiser = "he",
        rng: random.Random | None = None,
    ) -> None:
        self.height, self.width = size("height", height), size("width", width)
        if size("classes", classes) < 2:
            raise ValueError(f"LeNet answers a logit for each of at least 2 classes, got classes={classes}")
        if min(height, width) < 4:
            raise ValueError(f"LeNet halves an image twice, so it is at least 4 × 4, got {height} × {width}")
        first, second = pair("channels", channels, 1)
        self.c1 = Conv2d(1, first, 3, padding=1, activation=activation, init=init, rng=rng)
        self.s2 = MaxPool2d(2)
        self.c3 = Conv2d(first, second, 3, padding=1, activation=activation, init=init, rng=rng)
        self.s4 = MaxPool2d(2)
        seen = second * (height // 4) * (width // 4)
        self.output = Layer(seen, classes, activation="linear", init=init, rng=rng)

    def __call__(self, x: Sequence[Any]) -> Any:
        """Return the logits [class] of an image [1][row][column], or of its pixels in one list, row by row.

        >>> len(LeNet(rng=random.Random(0))([0.0] * 64))
        10
        """
        return self.output(flatten(self.maps(x)["s4"]))

    def maps(self, x: Sequence[Any]) -> dict[str, list[Any]]:
        """Return the image and what each layer but the last makes of it, by the layers' names.

        >>> {name: len(image) for name, image in LeNet(rng=random.Random(0)).maps([0.0] * 64).items()}
        {'input': 1, 'c1': 16, 's2': 16, 'c3': 32, 's4': 32}
        """
        maps = {"input": self._image(x)}
        maps["c1"] = self.c1(maps["input"])
        maps["s2"] = self.s2(maps["c1"])
        maps["c3"] = self.c3(maps["s2"])
        maps["s4"] = self.s4(maps["c3"])
        return maps

    def _image(self, x: Sequence[Any]) -> list[Any]:
        """Return what was given as an image, folded row by row if it is none."""
        pixels, across = plain(x), self.width
        pixels = list(pixels) if isinstance(pixels, Iterable) else pixels
        folded = isinstance(pixels, list) and not any(isinstance(pixel, Iterable) for pixel in pixels)
        sizes: tuple[int, ...]
        lines: list[Any]
        if folded:
            sizes, lines = (len(pixels),), [[pixels[i : i + across] for i in range(0, len(pixels), across)]]
        else:
            given = planes(pixels, self.describe())
            sizes, lines = given.shape, given.lines
        if sizes not in [(self.height * across,), (1, self.height, across)]:
            raise ValueError(
                f"{self.describe()} takes {shown((1, self.height, across))} numbers, or the "
                f"{self.height * across} of them in one list, got {shown(sizes)}"
            )
        return lines

    def describe(self) -> str:
        """Return the number of classes and the channels, and the size of the image unless it is 8 × 8.

        >>> LeNet(2, channels=(6, 16), width=12).describe()
        'LeNet(2, channels=(6, 16), height=8, width=12)'
        """
        channels = len(self.c1.filters), len(self.c3.filters)
        image = self.height, self.width
        more = f", height={self.height}, width={self.width}" if image != (8, 8) else ""
        return f"{type(self).__name__}({len(self.output.neurons)}, channels={channels}{more})"
