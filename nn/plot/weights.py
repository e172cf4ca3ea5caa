"""The weights of a layer: neurons by inputs, or each neuron's weights as an image."""

import math
from collections.abc import Sequence
from typing import Any

from nn.checked import shown
from nn.data.cells import listed
from nn.neuron import Layer
from nn.plot.axes import CROWDED, EDGE, LITERAL, PAPER, SOFT, captioned, dressed
from nn.plot.heat import heat
from nn.windows import pair

TICKS = 16
"""Up to this many rows or columns each one is numbered."""
GAP = 6.0
"""Points between up to 16 inputs and the bias; of more inputs it is a cell."""
LONGEST = 20
"""A longer name of an input is cut off."""


def weights(
    layer: Layer,
    ax: Any = None,
    *,
    shape: tuple[int, int] | None = None,
    inputs: Sequence[str] | None = None,
) -> Any:
    """Draw a layer's weights: a row for each neuron, a column for each input, the bias apart at the right.

    `inputs` are the names of the inputs, such as those of a Dataset. With `shape`, such as (8, 8) for 64
    pixels, each neuron's weights are an image of (rows, columns), in the order of the neurons, without the
    biases.

    Errors: TypeError for what is no Layer, list or shape; ValueError for a shape that does not hold the
    inputs, names of another number than those, or both; FloatingPointError naming a parameter that is not
    finite.

    >>> weights(Layer(3, 2)).get_title(loc="left")
    'weights of Layer(3, 2)'
    """
    if not isinstance(layer, Layer):
        raise TypeError(f"weights draws a Layer, such as model.layers[0], got {shown(layer)}")
    table = [[w.data for w in neuron.w] for neuron in layer.neurons]
    biases = [neuron.offset for neuron in layer.neurons]
    for name, p in layer.named_parameters().items():
        if not math.isfinite(p.data):
            raise FloatingPointError(
                f"{name} of {layer.describe()} is {p.data}; weights draws finite numbers"
            )
    inputs = None if inputs is None else listed("inputs", inputs)
    if inputs is not None and len(inputs) != len(table[0]):
        raise ValueError(
            f"a neuron of {layer.describe()} has {len(table[0])} inputs, but there are {len(inputs)} names"
        )
    if shape is not None and inputs is not None:
        raise ValueError("weights drawn as images bear no names: give inputs or shape, not both")
    if shape is None:
        ax = dressed(ax, 6.4, 4.0 if inputs is None else 4.8)
        _rows(ax, table, biases, inputs)
    else:
        down, across = pair("shape", shape, 1)
        if down * across != len(table[0]):
            raise ValueError(
                f"shape {shape} holds {down * across} weights, but a neuron of {layer.describe()} has "
                f"{len(table[0])}"
            )
        ax = dressed(ax, 6.4, 6.0)
        _images(ax, table, down, across)
    captioned(ax, f"weights of {layer.describe()}")
    return ax


def _rows(ax: Any, table: list[list[float]], biases: list[float], names: Sequence[str] | None) -> None:
    nin = len(table[0])
    square = names is None and nin + 2 < 4 * len(table) and len(table) < 2 * nin
    apart = [math.nan] if nin > TICKS else []
    heat(
        ax,
        [[*row, *apart, b] for row, b in zip(table, biases, strict=True)],
        "weight",
        aspect="equal" if square else "auto",
    )
    ax.spines[:].set(visible=True, linewidth=0.6)
    if apart:
        ax.vlines([nin - 0.5, nin + 0.5], -0.5, len(table) - 0.5, color=EDGE, linewidth=0.6)
    else:
        ax.axvline(nin - 0.5, color=EDGE, linewidth=GAP + 1.2)
        ax.axvline(nin - 0.5, -0.01, 1.01, color=PAPER, linewidth=GAP, clip_on=False, zorder=3)
    numbered = range(0, nin, -(-nin // TICKS))
    labels = [str(i) if names is None else _cut(names[i]) for i in numbered]
    upright = names is not None and sum(map(len, labels)) >= CROWDED
    ax.set_xticks([*numbered, nin + len(apart)], [*labels, "b"], rotation=90 if upright else 0, **LITERAL)
    ax.set_yticks(range(0, len(table), -(-len(table) // TICKS)))
    ax.set_xlabel("input")
    ax.set_ylabel("neuron")


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


def _images(ax: Any, table: list[list[float]], down: int, across: int) -> None:
    """Tile images of (down, across) weights, about as many in a row as there are rows, one cell apart."""
    columns = math.ceil(math.sqrt(len(table) * down / across))
    lines = -(-len(table) // columns)
    grid = [[math.nan] * (columns * (across + 1) - 1) for _ in range(lines * (down + 2) - 1)]
    for n, row in enumerate(table):
        top, left = n // columns * (down + 2) + 1, n % columns * (across + 1)
        for i in range(down):
            grid[top + i][left : left + across] = row[i * across : (i + 1) * across]
        ax.text(left - 0.4, top - 0.6, str(n), fontsize=8, color=SOFT, va="bottom")
    heat(ax, grid, "weight")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_xlabel(f"the weights of each neuron as {down} × {across} inputs")
