"""The codes of an autoencoder: what is drawn of them, where they lie, what each place stands for."""

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist, median
from typing import Any, TypeAlias

from nn.answers import outputs
from nn.autoencoder import VAE, Autoencoder
from nn.checked import DATASET, of_kind, shown
from nn.data import Dataset
from nn.data.cells import listed
from nn.inputs import size
from nn.losses import mse
from nn.plot.axes import CLASSES, INK, LITERAL, MARKERS, PAPER, SOFT, captioned, dressed, handle, shades
from nn.windows import pair

RINGS = (1, 2)
"""How many standard deviations of N(0, I) from its middle a ring is drawn."""
TICKS = 7
"""At most so many of the tiles of a side are numbered."""
LETTERS = 60
"""So many, with the markers and what stands between them, fit into a row of the legend."""

Model: TypeAlias = Autoencoder | VAE
Tile: TypeAlias = Sequence[float]
"""A picture, row by row."""


def reconstructions(
    model: Model, points: Sequence[Sequence[float]], ax: Any = None, *, shape: tuple[int, int]
) -> Any:
    """Draw each point as a picture of (rows, columns), and below it what the model draws of it again.

    White is the least number of the points, ink the largest. The title has the mean squared error of the
    numbers.

    Errors: TypeError for what is no Autoencoder or VAE, no list, or no shape; ValueError for no points, or a
    shape that does not hold them; FloatingPointError where what is drawn is not finite.

    >>> model = Autoencoder(4, [], 1, init="zeros")
    >>> reconstructions(model, [(0.0, 1.0, 1.0, 0.0)], shape=(2, 2)).get_title(loc="left")
    'drawn again by Autoencoder(4, [], 1, gaussian): mean squared error 0.5000'
    """
    _check_model(model)
    rows, columns = _checked_shape(model, shape)
    points = [listed(f"points[{i}]", point) for i, point in enumerate(listed("points", points))]
    if not len(points):
        raise ValueError("reconstructions draws at least one point, got none")
    again = _answered(model, model, points)
    numbers, drawn = ([x for row in table for x in row] for table in (points, again))
    height = 0.5 + 7.4 * (2 * rows + 1) / (len(points) * (columns + 1))
    ax = dressed(ax, 8.0, min(height, 6.0))
    down, _ = _tiles(ax, [points, again], shape, (min(numbers), max(numbers)))
    ax.set_xticks([])
    ax.set_yticks(down, ["seen", "drawn"])
    captioned(ax, f"drawn again by {model.describe()}: mean squared error {mse(drawn, numbers):.4f}")
    return ax


def latent_map(model: Model, data: Dataset, ax: Any = None) -> Any:
    """Draw the code of each point in the plane, coloured by its class; of a VAE the means of the codes.

    Each class has its name at the median of its codes. For a VAE rings are drawn at one and two standard
    deviations of N(0, I), from which its codes are drawn for new rows.

    Errors: TypeError for what is no Autoencoder or VAE, or no Dataset; ValueError for codes that are not two
    numbers, or data without classes; FloatingPointError for a code that is not finite.

    >>> data = Dataset([(0, 0, 1), (1, 0, 0)], [0, 1], names=("end", "start"), name="bits")
    >>> latent_map(VAE(3, [], 2), data).get_title(loc="left")
    'codes of bits by VAE(3, [], 2, bernoulli)'
    """
    _check_model(model)
    _check_plane(model)
    of_kind("data", data, Dataset, DATASET)
    if not data.is_classification:
        raise ValueError(f"the map is coloured by classes; the targets of {data.name} are numbers")
    codes = _answered(model, _place(model), data.points)
    ax = dressed(ax, 6.4, 6.4)
    turns = [math.tau * i / 100 for i in range(101)]
    for ring in RINGS if isinstance(model, VAE) else ():
        ax.plot(
            [ring * math.cos(t) for t in turns], [ring * math.sin(t) for t in turns],
            color=SOFT, linewidth=0.8, linestyle="--", zorder=1,
        )  # fmt: skip
    handles = []
    columns = max(1, LETTERS // (5 + max(map(len, data.names))))
    for label, name in enumerate(data.names):
        found = [code for code, target in zip(codes, data.targets, strict=True) if target == label]
        style = {"marker": MARKERS[label % len(MARKERS)], "color": CLASSES[label % len(CLASSES)]}
        handles.append(handle(name, **style))
        if found:
            across, up = zip(*found, strict=True)
            ax.plot(across, up, linestyle="none", markersize=4, alpha=0.8, markeredgewidth=0, **style)
            ax.text(
                median(across), median(up), name, fontsize=9, color=INK, ha="center", va="center", zorder=4,
                **LITERAL,
                bbox={"boxstyle": "round,pad=0.2", "facecolor": PAPER, "edgecolor": style["color"]},
            )  # fmt: skip
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_xlabel("code 0")
    ax.set_ylabel("code 1")
    captioned(ax, f"codes of {data.name} by {model.describe()}", handles, columns)
    return ax


def latent_grid(model: Model, ax: Any = None, *, shape: tuple[int, int], steps: int = 12) -> Any:
    """Draw what the codes on a grid of steps × steps places stand for, as pictures of (rows, columns).

    The places are quantiles of N(0, 1), at the middle of as many equal shares, so that each tile stands for
    the same part of what a VAE draws new rows from. Kingma & Welling (2014), figure 4.

    Errors: TypeError for what is no Autoencoder or VAE; ValueError for codes that are not two numbers, a
    shape that does not hold a row, or steps below 1; FloatingPointError where what is drawn is not finite.

    >>> latent_grid(VAE(4, [], 2), shape=(2, 2), steps=3).get_title(loc="left")
    'drawn by VAE(4, [], 2, bernoulli) at quantiles of N(0, 1)'
    """
    _check_model(model)
    _check_plane(model)
    shape = _checked_shape(model, shape)
    steps = size("steps", steps)
    places = [NormalDist().inv_cdf((i + 0.5) / steps) for i in range(steps)]
    tiles = [_answered(model, model.decode, [(x, y) for x in places]) for y in reversed(places)]
    numbers = [number for line in tiles for tile in line for number in tile]
    ax = dressed(ax, 6.4, 6.4)
    down, across = _tiles(ax, tiles, shape, (min(numbers), max(numbers)))
    every = -(-steps // TICKS)
    labels = [f"{place:.2g}".replace("-", "−") for place in places]
    ax.set_xticks(across[::every], labels[::every])
    ax.set_yticks(down[::-1][::every], labels[::every])
    ax.set_xlabel("code 0")
    ax.set_ylabel("code 1")
    captioned(ax, f"drawn by {model.describe()} at quantiles of N(0, 1)")
    return ax


def _check_model(model: Any) -> None:
    if not isinstance(model, (Autoencoder, VAE)):
        raise TypeError(f"the plot takes an Autoencoder or a VAE, got {shown(model)}")


def _checked_shape(model: Model, shape: tuple[int, int]) -> tuple[int, int]:
    rows, columns = pair("shape", shape, 1)
    if rows * columns != model.nin:
        raise ValueError(
            f"shape {shape} holds {rows * columns} numbers, but a row of {model.describe()} has {model.nin}"
        )
    return rows, columns


def _check_plane(model: Model) -> None:
    if model.code != 2:
        raise ValueError(
            f"the plane is for codes of 2 numbers, those of {model.describe()} have {model.code}"
        )


def _place(model: Model) -> Callable[[Sequence[float]], list[Any]]:
    """Return what tells a point's place in the plane."""
    if isinstance(model, VAE):
        return lambda x: model.encode(x)[0]
    return model.encode


def _answered(model: Model, function: Callable[[Any], Any], rows: Sequence[Sequence[float]]) -> list[Any]:
    """Return a function's answers to rows as tuples of floats; refuse what is not finite."""
    answers = outputs(function, rows)
    for i, answer in enumerate(answers):
        if not all(map(math.isfinite, answer)):
            raise FloatingPointError(f"{model.describe()} answers what is not finite to row {i}: {answer}")
    return answers


def _tiles(
    ax: Any, table: Sequence[Sequence[Tile]], shape: tuple[int, int], limits: tuple[float, float]
) -> tuple[list[float], list[float]]:
    """Draw a table of pictures, one cell apart; return the middles of its rows and of its columns."""
    down, across = shape
    width, height = len(table[0]) * (across + 1) - 1, len(table) * (down + 1) - 1
    grid = [[math.nan] * width for _ in range(height)]  # of nan is the paper between them
    for i, line in enumerate(table):
        for j, tile in enumerate(line):
            for k in range(down):
                left = j * (across + 1)
                grid[i * (down + 1) + k][left : left + across] = tile[k * across : (k + 1) * across]
    low, high = limits
    ax.imshow(grid, cmap=shades(), vmin=low, vmax=high, interpolation="nearest")
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    rows = [i * (down + 1) + (down - 1) / 2 for i in range(len(table))]
    columns = [j * (across + 1) + (across - 1) / 2 for j in range(len(table[0]))]
    return rows, columns
