"""Attention maps: how much each position of a sequence takes from each, head by head."""

import math
from collections.abc import Sequence
from typing import Any

from engine.carrier import as_number
from nn.data.cells import listed
from nn.plot.axes import CROWDED, EDGE, INK, LITERAL, captioned, dressed, shades

CLOSE = 1e-9
"""So far may rounding take a share out of 0 ... 1."""
LARGEST, SMALLEST = 10.0, 3.0
"""Points of the letters at the axes, which fit into their cells."""
HEADING = 2
"""Rows of cells above each map, for the number of its head."""


def attention_maps(weights: Sequence[Sequence[Sequence[Any]]], labels: Sequence[str], ax: Any = None) -> Any:
    """Draw the shares that each position takes from each, [head][row][column]: a map for each head.

    They are what `GPT.weights(tokens)[block]` answers, numbers or Values. A row may have fewer than there are
    `labels`, a list of texts or the letters of one: where attention is causal the places that a row does not
    see stay empty.

    Errors: ValueError for no heads or labels, for another number of rows than of labels, for a row of more
    numbers than labels, and for a share outside of 0 ... 1; TypeError for what is no list of texts, or no
    number.

    >>> attention_maps([[[1.0], [0.25, 0.75]]], "ab").get_title(loc="left")
    'attention of 1 head'
    """
    labels = list(labels) if isinstance(labels, str) else listed("labels", labels)
    maps = [[_shares(row) for row in listed("a head", head)] for head in listed("weights", weights)]
    _check(maps, labels)
    size, columns = len(labels), math.ceil(math.sqrt(len(maps)))
    lines = -(-len(maps) // columns)
    corners = [
        (n // columns * (size + HEADING) + HEADING, n % columns * (size + 1)) for n in range(len(maps))
    ]
    grid = [[math.nan] * (columns * (size + 1) - 1) for _ in range(lines * (size + HEADING))]
    ax = dressed(ax, 7.2, 6.6)
    for n, (head, (top, left)) in enumerate(zip(maps, corners, strict=True)):
        for i, row in enumerate(head):
            grid[top + i][left : left + len(row)] = row
        ax.text(left - 0.5, top - 0.7, f"head {n}", fontsize=9, color=INK, va="bottom")
        edges = [-0.5, size - 0.5]
        ax.fill(
            [left + x for x in (*edges, *edges[::-1])],
            [top + edges[0]] * 2 + [top + edges[1]] * 2,
            fill=False, edgecolor=EDGE, linewidth=0.6, clip_on=False,
        )  # fmt: skip
    image = ax.imshow(grid, cmap=shades(), vmin=0.0, vmax=1.0, interpolation="nearest")
    bar = ax.figure.colorbar(image, ax=ax, label="share of what a position takes", shrink=0.6)
    bar.outline.set_edgecolor(EDGE)
    letters = max(SMALLEST, min(LARGEST, 330 / len(grid[0])))
    lefts, tops = sorted({left for _, left in corners}), sorted({top for top, _ in corners})
    upright = len(lefts) * sum(map(len, labels)) >= CROWDED and max(map(len, labels)) > 1
    ax.set_xticks(*_named(lefts, labels), fontsize=letters, rotation=90 if upright else 0, **LITERAL)
    ax.set_yticks(*_named(tops, labels), fontsize=letters, **LITERAL)
    ax.set_ylim(len(grid) - 0.5, HEADING - 1.8)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("from this position")
    ax.set_ylabel("a position takes")
    captioned(ax, f"attention of {len(maps)} head{'s' if len(maps) > 1 else ''}")
    return ax


def _named(starts: Sequence[int], labels: Sequence[str]) -> tuple[list[int], list[str]]:
    """Return the places of the labels from each start on, and the labels."""
    return [start + i for start in starts for i in range(len(labels))], [*labels] * len(starts)


def _shares(row: Sequence[Any]) -> list[float]:
    return [float(as_number(share, "a share")) for share in listed("a row", row)]


def _check(maps: Sequence[Sequence[Sequence[float]]], labels: Sequence[str]) -> None:
    if not maps or not labels:
        raise ValueError(
            "attention maps have at least one head and one label, "
            f"got {len(maps)} heads, {len(labels)} labels"
        )
    for n, head in enumerate(maps):
        if len(head) != len(labels):
            raise ValueError(f"each row has a label, got {len(head)} rows of head {n}, {len(labels)} labels")
        for i, row in enumerate(head):
            if len(row) > len(labels):
                raise ValueError(f"row {i} of head {n} has {len(row)} shares, more than {len(labels)} labels")
            for j, share in enumerate(row):
                if not -CLOSE <= share <= 1 + CLOSE:
                    raise ValueError(
                        f"shares are from 0 to 1, got {share} in row {i}, column {j} of head {n}"
                    )
