"""A graph: its nodes by class, or by what a model makes of each, and the same after several steps."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from engine.optional import load
from nn.checked import GRAPH, finite, of_kind
from nn.data import Graph
from nn.data.cells import listed
from nn.inputs import whole
from nn.metrics import predicted
from nn.plot.axes import (
    CLASSES,
    EDGE,
    INK,
    LINE,
    LITERAL,
    MARKERS,
    PAPER,
    THEME,
    blended,
    captioned,
    dressed,
    handle,
)

Shares: TypeAlias = Sequence[Sequence[float]]
"""For each node a number from 0 to 1 for each class, such as its probability."""
Place: TypeAlias = tuple[float, float]

FAULT = THEME["fault"]
MOST_NUMBERED = 60
"""Of a graph with up to so many nodes each one bears its number."""
NODE, SMALL = 13.0, 6.0
"""The size in points of nodes that are numbered, and of others."""
DEEPEST = 0.75
"""Of a class's colour in that of a node that is certain, so that its number can be read."""
APART = 1.0
"""So many edges farther than the longest way there is are nodes drawn that no way joins."""
COLUMNS = 5
"""Of the legend: two classes or three, and what the rims mean, are one row."""
ROOM = 0.15
"""Around a graph, in shares of its half width."""
PANEL = 2.75
"""From one graph to the next among several, in half widths of a graph."""


def graph(data: Graph, ax: Any = None, *, shares: Shares | None = None, labelled: Iterable[int] = ()) -> Any:
    """Draw a graph; a node's shape is its class, and its colour, too, or what a model makes of it.

    `shares` are such as `model.probabilities()`: a node has the colour of its largest share, the paler the
    nearer the next one is; white is undecided. A node that is not in the colour of its class has a rim in
    purple, those `labelled` are larger with a dark one; the title counts the nodes that are right, those
    labelled among them. Nodes stand as far apart as there are edges between them, as nearly as the plane
    allows (Kamada & Kawai 1989, by networkx; the same at every call).

    Errors: ValueError for a share outside 0 ... 1, another number of them than nodes and classes, or a
    labelled node that there is not; TypeError for what is no Graph, or no list of numbers;
    ModuleNotFoundError naming the extra `lab` without networkx.

    >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
    >>> graph(pair, shares=[(0.9, 0.1), (0.8, 0.2)], labelled=[0]).get_title(loc="left")
    '1 of 2 nodes right'
    """
    known = _known(labelled, data)
    given = None if shares is None else _checked(shares, data, "shares")
    ax = _bare(ax, 6.4, 5.6)
    _drawn(ax, data, _places(data), given, known, _size(data))
    sizes = f"{len(data.nodes)} nodes, {len(data.edges)} edges"
    title = (
        f"{data.name}: {sizes}"
        if given is None
        else f"{_right(data, given)} of {len(data.nodes)} nodes right"
    )
    captioned(ax, title, _handles(data, [] if given is None else [given], known), COLUMNS)
    return ax


def graph_steps(
    data: Graph,
    steps: Iterable[tuple[str, Shares]],
    ax: Any = None,
    *,
    labelled: Iterable[int] = (),
) -> Any:
    """Draw a graph after each of several steps, of training or of message passing, all on one Axes.

    A step is a pair of what it is called and the shares then, drawn as by `graph`; above each is how many
    nodes are right.

    Errors: as `graph`; ValueError for no steps, or one that is no pair.

    >>> pair = Graph(["a", "b"], [(0, 1)], [0, 1], names=("left", "right"))
    >>> steps = [("before", [(0.5, 0.5), (0.5, 0.5)]), ("after", [(0.9, 0.1), (0.2, 0.8)])]
    >>> [text.get_text() for text in graph_steps(pair, steps).texts if "right" in text.get_text()]
    ['before: 0 of 2 right', 'after: 2 of 2 right']
    """
    known = _known(labelled, data)
    frames = [_frame(i, step, data) for i, step in enumerate(listed("steps", steps))]
    if not frames:
        raise ValueError("graph_steps draws at least one step, got none")
    across = math.ceil(math.sqrt(len(frames)))
    ax = _bare(ax, 9.0, 0.4 + 9.0 / across * math.ceil(len(frames) / across))
    places = _places(data)
    for i, (name, shares) in enumerate(frames):
        left, top = PANEL * (i % across), -PANEL * (i // across)
        moved = [(left + x, top + y) for x, y in places]
        _drawn(ax, data, moved, shares, known, _size(data) / across)
        said = f"{name}: {_right(data, shares)} of {len(data.nodes)} right"
        ax.text(left, top + 1 + ROOM, said, ha="center", fontsize=9, color=INK, **LITERAL)
    ax.update_datalim([(0.0, 1 + 2 * ROOM)])  # the texts of the first line, below the legend
    ax.autoscale_view()
    captioned(
        ax, f"{data.name}: {len(frames)} steps", _handles(data, [shares for _, shares in frames], known)
    )
    return ax


def _known(labelled: Iterable[int], data: Graph) -> frozenset[int]:
    of_kind("data", data, Graph, GRAPH)
    known = frozenset([whole("a labelled node", i) for i in listed("labelled", labelled)])
    for i in known:
        if i not in range(len(data.nodes)):
            raise ValueError(f"labelled node {i!r} is none of the nodes 0 ... {len(data.nodes) - 1}")
    return known


def _frame(i: int, step: tuple[str, Shares], data: Graph) -> tuple[str, list[list[float]]]:
    pair = listed(f"steps[{i}]", step)
    if len(pair) != 2:
        raise ValueError(f"steps[{i}] is a pair of a name and shares, got {len(pair)} things")
    return str(pair[0]), _checked(pair[1], data, f"shares of {pair[0]}")


def _checked(shares: Shares, data: Graph, what: str) -> list[list[float]]:
    """Return shares as floats, one for each class at each node."""
    rows = [listed(f"{what}[{i}]", row) for i, row in enumerate(listed(what, shares))]
    found = [[finite(f"{what}[{i}][{j}]", x) for j, x in enumerate(row)] for i, row in enumerate(rows)]
    nodes, classes = len(data.nodes), len(data.names)
    sizes = {len(row) for row in found}
    if len(found) != nodes or sizes - {classes}:
        raise ValueError(
            f"{what}: a row for each of {nodes} nodes, a number for each of {classes} classes in it; "
            f"got {len(found)} rows of {' or '.join(map(str, sorted(sizes)))}"
        )
    for i, row in enumerate(found):
        for j, share in enumerate(row):
            if not 0 <= share <= 1:
                raise ValueError(f"{what}[{i}][{j}] is a share from 0 to 1, got {share!r}")
    return found


def _places(data: Graph) -> list[Place]:
    """Return where the nodes stand, both coordinates from -1 to 1."""
    networkx = load("networkx", extra="lab")
    ways = [data.distances(i) for i in range(len(data.nodes))]
    apart = APART + max([d for way in ways for d in way if d < math.inf], default=0.0)
    found = networkx.empty_graph(len(data.nodes))
    found.add_edges_from(data.edges)
    lengths = {i: {j: min(d, apart) for j, d in enumerate(way)} for i, way in enumerate(ways)}
    layout = networkx.kamada_kawai_layout(found, dist=lengths)
    xs, ys = ([float(layout[i][k]) for i in range(len(data.nodes))] for k in range(2))
    return list(zip(_spread(xs), _spread(ys), strict=True))


def _spread(xs: list[float]) -> list[float]:
    """Return numbers moved and stretched to lie from -1 to 1, or 0 where they are all the same."""
    low, high = min(xs), max(xs)
    return [2 * (x - low) / (high - low) - 1 if low < high else 0.0 for x in xs]


def _lead(row: Sequence[float]) -> float:
    """Return by how much the largest share is above the next one."""
    first, second = sorted(row, reverse=True)[:2]
    return first - second


def _is_right(label: int, row: Sequence[float]) -> bool:
    return predicted(row) == label and _lead(row) > 0


def _right(data: Graph, shares: Shares) -> int:
    return sum(map(_is_right, data.labels, shares))


def _size(data: Graph) -> float:
    return NODE if len(data.nodes) <= MOST_NUMBERED else SMALL


def _bare(ax: Any, width: float, height: float) -> Any:
    """Return Axes for a map: nothing around it, one unit as long across as up."""
    ax = dressed(ax, width, height)
    ax.spines[:].set_visible(False)
    ax.set(xticks=[], yticks=[], aspect="equal")
    ax.margins(ROOM / 2)
    return ax


def _drawn(
    ax: Any, data: Graph, places: Sequence[Place], shares: Shares | None, known: frozenset[int], size: float
) -> None:
    """Draw one graph at these places, with nodes of that size in points; large ones bear their numbers."""
    ends = [(*places[i], *places[j]) for i, j in data.edges]
    ax.plot(
        [x for x0, _, x1, _ in ends for x in (x0, x1, math.nan)],
        [y for _, y0, _, y1 in ends for y in (y0, y1, math.nan)],
        color=LINE, linewidth=max(0.4, size / NODE), zorder=1,
    )  # fmt: skip
    for one in range(len(data.names)):
        nodes = [i for i, label in enumerate(data.labels) if label == one]
        rims = [shares is not None and not _is_right(one, shares[i]) for i in nodes]
        ax.scatter(
            [places[i][0] for i in nodes],
            [places[i][1] for i in nodes],
            s=[(size * (1.4 if i in known else 1.0)) ** 2 for i in nodes],
            c=[_colour(one, None if shares is None else shares[i]) for i in nodes],
            marker=MARKERS[one % len(MARKERS)],
            edgecolors=[
                FAULT if wrong else INK if i in known else EDGE for i, wrong in zip(nodes, rims, strict=True)
            ],
            linewidths=[
                size * (0.16 if wrong or i in known else 0.06) for i, wrong in zip(nodes, rims, strict=True)
            ],
            zorder=2,
        )
    if size == NODE:
        for i, (x, y) in enumerate(places):
            ax.text(x, y, str(i), fontsize=7, color=INK, ha="center", va="center", zorder=3)


def _colour(one: int, row: Sequence[float] | None) -> tuple[float, float, float]:
    """Return the colour of a class, or of shares: that of the largest, the paler the nearer the next one."""
    strength = DEEPEST if row is None else DEEPEST * _lead(row)
    return blended(CLASSES[(one if row is None else predicted(row)) % len(CLASSES)], strength)


def _handles(data: Graph, shares: Sequence[Shares], known: frozenset[int]) -> list[Any]:
    """Return the legend: the classes, and what the rims mean where there are such."""
    found = [
        handle(name, marker=MARKERS[one % len(MARKERS)], color=blended(CLASSES[one % len(CLASSES)], DEEPEST))
        for one, name in enumerate(data.names)
    ]
    if known:
        found.append(handle("labelled", marker="o", color=PAPER, markersize=8, markeredgewidth=2))
    if any(_right(data, each) < len(data.nodes) for each in shares):
        found.append(
            handle("wrong or undecided", marker="o", color=PAPER, markeredgecolor=FAULT, markeredgewidth=2)
        )
    return found
