"""What a convolution has learned and what it sees: its kernels, and the maps that it makes of an image."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from nn.conv import Convolution, LeNet
from nn.plot.axes import SOFT, captioned, shades
from nn.plot.tiles import Image, Tile, draw, framed, lined, sheet
from nn.windows import shown

ACROSS = 72
"""So many cells wide are the maps beside an image, before the next line begins."""
LARGE = (24, 45)
"""Up to so many cells in a line they are as high as a text, and half as high."""
TICKS = 16
"""Up to so many channels each one is numbered."""


def filters(conv: Convolution, ax: Any = None) -> Any:
    """Draw the kernels of a convolution as small images, in one scale of colours; the biases are not shown.

    Where it reads one channel the filters stand in lines; where it reads several each filter is a column,
    each channel a row.

    Errors: TypeError for what is no convolution; FloatingPointError for a weight that is not finite.

    >>> from nn.conv import Conv2d
    >>> filters(Conv2d(1, 4, 3)).get_title(loc="left")
    'filters of Conv2d(1, 4, 3): 40 parameters'
    """
    if not isinstance(conv, Convolution):
        raise TypeError(f"filters draws a convolution, such as model.c1, got one of {type(conv).__name__}")
    name, count = conv.describe(), len(conv.filters)
    for place, p in conv.named_parameters().items():
        if not math.isfinite(p.data):
            raise FloatingPointError(f"{place} of {name} is {p.data}; filters draws finite numbers")
    kernels = [[_kernel(conv, f, c) for f in range(count)] for c in range(conv.in_channels)]
    texts = [str(f) for f in range(count)]
    if len(kernels) == 1:
        height, width = conv.kernel_size
        across = min(count, math.ceil(math.sqrt(2 * count * (height + 1) / (width + 1))))
        room = sum(across * (width + 1) > cells for cells in LARGE)
        tiles = lined(kernels[0], texts, across, room=room, top=int(room == 0))  # below the title
    else:
        tiles = lined(kernels[0], texts, count)
        for images in kernels[1:]:
            tiles += lined(images, [""] * count, count, top=tiles[-1].bottom + 1)
    ax = sheet(ax, tiles)
    draw(ax, tiles, "weight")
    if len(kernels) > 1:
        ax.set(xlabel="filter", ylabel="channel")
        numbered = range(0, len(kernels), -(-len(kernels) // TICKS))
        middles = [(tiles[c * count].top + tiles[c * count].bottom - 1) / 2 for c in numbered]
        ax.set_yticks(middles, [str(c) for c in numbered], fontsize=8, color=SOFT)
        ax.tick_params(length=0)
    captioned(ax, f"filters of {name}: {len(conv.parameters()):,} parameters")
    return ax


def _kernel(conv: Convolution, f: int, c: int) -> Image:
    """Return the weights of a filter for one channel, row by row."""
    (height, width), weights = conv.kernel_size, [w.data for w in conv.filters[f].w]
    first = c * height * width
    return [weights[first + i * width : first + (i + 1) * width] for i in range(height)]


def feature_maps(model: Convolution | LeNet, image: Iterable[Any], ax: Any = None) -> Any:
    """Draw an image, in shades of ink, and beside it the maps that a convolution makes of it, in one scale.

    In place of a convolution may stand a LeNet: its layers follow from the top.

    Errors: TypeError for what is neither; FloatingPointError for a number that is not finite; what the model
    raises for an image that does not fit.

    >>> from nn.conv import Conv2d
    >>> feature_maps(Conv2d(1, 4, 3), [[[0, 1, 0], [0, 1, 0], [0, 1, 0]]]).get_title(loc="left")
    'what Conv2d(1, 4, 3) makes of an image of 1 × 3 × 3'
    """
    if not isinstance(model, (Convolution, LeNet)):
        raise TypeError(f"feature_maps draws a convolution or a LeNet, got one of {type(model).__name__}")
    name, given, flat = model.describe(), list(image), False
    if isinstance(model, Convolution):
        flat, layers = model.flat, {"input": given, "": model(given)}
    else:
        layers = model.maps(given)
    bands = {
        layer: [_plain(plane, flat, f"channel {c} of {layer or name}") for c, plane in enumerate(planes)]
        for layer, planes in layers.items()
    }
    seen = bands.pop("input")
    inputs = lined(seen, ["input", *[""] * (len(seen) - 1)], 1)
    tiles: list[Tile] = []
    for layer, maps in bands.items():
        tiles += lined(
            maps,
            [f"{layer} {_size(maps, flat)}".strip(), *[""] * (len(maps) - 1)],
            max(1, ACROSS // (len(maps[0][0]) + 1)),
            top=tiles[-1].bottom + 1 if tiles else 0,
            left=inputs[0].right + 3,
        )
    ax = sheet(ax, [*inputs, *tiles])
    draw(ax, tiles, "answer")
    rows = max(tile.bottom for tile in [*inputs, *tiles])
    for tile in inputs:
        place = tile.left - 0.5, tile.right - 0.5, tile.bottom - 0.5, tile.top - 0.5
        ax.imshow(tile.image, cmap=shades(), extent=place, interpolation="nearest")
    framed(ax, inputs)
    ax.set_ylim(rows - 0.5, -0.5)
    captioned(ax, f"what {name} makes of {'a sequence' if flat else 'an image'} of {_size(seen, flat)}")
    return ax


def _plain(plane: Any, flat: bool, place: str) -> Image:
    """Return a channel as rows of floats; one of a sequence is one row."""
    rows = [[float(x) for x in row] for row in ([plane] if flat else plane)]
    strange = [x for row in rows for x in row if not math.isfinite(x)]
    if strange:
        raise FloatingPointError(f"{place} holds {strange[0]}; feature_maps draws finite numbers")
    return rows


def _size(image: Sequence[Image], flat: bool) -> str:
    rows = () if flat else (len(image[0]),)
    return shown((len(image), *rows, len(image[0][0])))
