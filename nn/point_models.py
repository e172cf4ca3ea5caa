"""Models that answer a point of a Dataset, by the names that the command line has for them."""

import random
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from nn.conv import LeNet
from nn.data import Dataset
from nn.mlp import MLP
from nn.module import Module
from nn.recurrent import Forecaster
from nn.settings import Settings

PIXEL = "pixel {},{}"
"""How the columns of images are called, by row and column, such as those of digits."""
ACTIVATED = ("activation", "init")


class Kind(NamedTuple):
    """How a model is made of data, a number of outputs and settings, and what suits it best."""

    make: Callable[[Dataset, int, Settings, random.Random], Module]
    defaults: Mapping[str, Any]
    lacks: tuple[str, ...] = ()
    """The settings that it does not have."""


def _mlp(data: Dataset, outputs: int, settings: Settings, rng: random.Random) -> Module:
    return MLP(
        data.width,
        [*(settings.hidden or ()), outputs],
        rng=rng,
        **settings.options([*ACTIVATED, "dropout"]),
    )


def _lenet(data: Dataset, outputs: int, settings: Settings, rng: random.Random) -> Module:
    height, width = image_shape("lenet", data)
    if outputs < 2:
        raise ValueError(f"lenet answers a logit for each class: its loss is not {settings.loss}")
    channels = settings.hidden or ()
    if len(channels) != 2:
        raise ValueError(f"lenet has two convolutions, hidden are their channels, two numbers: {channels}")
    options = settings.options(ACTIVATED)
    return LeNet(outputs, channels=channels, height=height, width=width, rng=rng, **options)


def pixels(data: Dataset) -> tuple[int, int] | None:
    """Return the height and width of images, None for other data.

    The points are images where their columns are called pixel 0,0, pixel 0,1, ..., row by row.

    >>> pixels(Dataset([[0.0, 1.0]], [1.5], inputs=["pixel 0,0", "pixel 0,1"]))
    (1, 2)
    """
    last = re.fullmatch(r"pixel (\d+),(\d+)", data.inputs[-1])
    if last is None:
        return None
    height, width = int(last[1]) + 1, int(last[2]) + 1
    names = [PIXEL.format(i // width, i % width) for i in range(data.width)]
    return (height, width) if height * width == data.width and list(data.inputs) == names else None


def image_shape(model: str, data: Dataset) -> tuple[int, int]:
    """Return the height and width of the images that a model is for.

    Errors: ValueError for data that are no images.

    >>> from nn import digits
    >>> image_shape("lenet", digits())
    (8, 8)
    """
    shape = pixels(data)
    if shape is None:
        raise ValueError(
            f"{model} is for images, such as digits, whose columns are {PIXEL.format(0, 0)}, "
            f"{PIXEL.format(0, 1)}, ..., row by row; those of {data.name} begin with {data.inputs[0]}"
        )
    return shape


def _forecaster(cell: str) -> Callable[[Dataset, int, Settings, random.Random], Module]:
    def make(data: Dataset, outputs: int, settings: Settings, rng: random.Random) -> Module:
        if not data.ordered or data.is_classification:
            raise ValueError(
                f"{cell} reads windows of a series, such as sunspots, not the points of {data.name}"
            )
        width, layers = equal_widths(cell, settings.hidden)
        return Forecaster(cell, width, layers=layers, rng=rng, **settings.options(["init"]))

    return make


def equal_widths(model: str, hidden: tuple[int, ...] | None) -> tuple[int, int]:
    """Return the one width of a model's layers, and how many there are.

    Errors: ValueError for none, or for more than one width.

    >>> equal_widths("gpt", (16, 16))
    (16, 2)
    """
    if len(set(hidden or ())) != 1:
        raise ValueError(f"the layers of {model} have one width, once for each layer, got hidden={hidden}")
    assert hidden
    return hidden[0], len(hidden)


SERIES = {"hidden": (16,), "batch_size": 16, "epochs": 100, "clip": 1.0}
KINDS: dict[str, Kind] = {
    "mlp": Kind(
        _mlp, {"hidden": (32,), "activation": "tanh", "init": "xavier"}, ("heads", "code", "country")
    ),
    "lenet": Kind(
        _lenet,
        {"hidden": (16, 32), "epochs": 20, "batch_size": 16},
        ("heads", "code", "country", "dropout"),
    ),
    **{
        cell: Kind(_forecaster(cell), SERIES, ("heads", "code", "country", "dropout", "activation"))
        for cell in ("rnn", "lstm", "gru")
    },
}
"""How each model is made, by its name."""
