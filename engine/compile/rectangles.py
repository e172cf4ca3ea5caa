"""Matrix products hidden in sums: rows of weights that all meet the same columns of numbers."""

from collections import defaultdict
from typing import Any, NamedTuple

from engine.compile.graph import PARAMETER, Graph
from engine.compile.groups import Group
from engine.compile.sums import Factors, Sum

FEW = 8
"""So many rectangles of a group are worth an instruction each, however small."""


class Rectangle(NamedTuple):
    """nodes[i][j] = Σ weights[i][k] * columns[j][k] (+ bias[i]), for every i and j.

    >>> Rectangle([[7]], [(0, 1)], [(2, 3)], None).shape
    (1, 2, 1)
    """

    nodes: list[list[int]]
    weights: list[tuple[Any, ...]]
    columns: list[tuple[int, ...]]
    bias: list[Any] | None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Rows, inner length, columns."""
        return len(self.weights), len(self.weights[0]), len(self.columns)


def rectangles(graph: Graph, group: Group, in_order: "Order") -> tuple[list[Rectangle], list[int]]:
    """Return the matrix products of a group of sums, and the places of the nodes that are in none."""
    if not group.varying:
        return [], list(range(len(group.nodes)))
    by_columns: dict[tuple[int, ...], dict[tuple[Any, ...], list[int]]] = {}
    for place, parts in enumerate(group.sums):
        if len(parts.weighted[0]) > 1:
            weights, columns = in_order(*parts.weighted)
            by_columns.setdefault(columns, {}).setdefault(weights, []).append(place)
    found = [_rectangle(graph, group, by_columns, columns) for columns in _alike(group, by_columns)]
    points = [len(r.nodes) * len(r.nodes[0]) for r in found]
    if len(found) > FEW and sum(points) < 4 * len(found):
        found, points = [], []
    kept = [r for r, n in zip(found, points, strict=True) if n > 1 or r.shape[1] > 3]
    inside = {node for r in kept for row in r.nodes for node in row}
    return kept, [place for place, node in enumerate(group.nodes) if node not in inside]


def _alike(group: Group, by_columns: Any) -> list[list[tuple[int, ...]]]:
    """Return the columns in lists of those that meet the same weights and biases."""
    if len(by_columns) == 1:
        return [list(by_columns)]
    found: dict[Any, list[tuple[int, ...]]] = defaultdict(list)
    numbers: dict[Any, int] = {}
    for columns, rows in by_columns.items():
        named = [(weights, type(weights[0])) for weights in rows]  # node 1 is not the number 1.0
        names = [numbers.setdefault(name, len(numbers)) for name in named]
        biases = [_bias(group.sums[places[0]]) for places in rows.values()]
        found[tuple(sorted(zip(names, map(repr, biases), strict=True)))].append(columns)
    return list(found.values())


class Order:
    """Puts products in the order of their weights: parameters by their place in the flat vector."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.known: dict[int, tuple[tuple[Any, ...], list[int] | None]] = {}
        """By the id of a list of weights, which nodes share, these in order, and where each of them stood."""

    def __call__(self, weights: tuple[Any, ...], columns: tuple[int, ...]) -> Factors:
        """Return weights and columns in order; as they are where they stand in it."""
        known = self.known.get(id(weights))
        if known is None:
            places = sorted(range(len(weights)), key=lambda i: weight_order(self.graph, weights[i]))
            if places == list(range(len(weights))):
                known = weights, None
            else:
                known = tuple([weights[i] for i in places]), places
            self.known[id(weights)] = known
        ordered, moved = known
        return ordered, columns if moved is None else tuple([columns[i] for i in moved])


def weight_order(graph: Graph, weight: Any) -> tuple[int, float]:
    """Return by what weights are ordered: parameters first, then other nodes, then constants."""
    if type(weight) is not int:
        return 2, weight
    if graph.ops[weight] is PARAMETER:
        return 0, graph.operands[weight][0]
    return 1, weight


def _bias(parts: Sum) -> Any:
    """Return the one term of a sum that does not vary, None where there is none or more than one."""
    fixed = [*parts.fixed, parts.constant] if parts.constant != 0.0 else parts.fixed
    return fixed[0] if len(fixed) == 1 else None


def _rectangle(graph: Graph, group: Group, by_columns: Any, columns: list[tuple[int, ...]]) -> Rectangle:
    """Return the rectangle of the columns that meet the same weights.

    Where two nodes have the same weights and columns the second is left to the loops. So are biases that
    do not stand beside the weights in the vector of parameters, at equal distances.
    """
    columns = sorted(columns, key=lambda xs: min(group.nodes[p] for p in _places(by_columns[xs])))
    weights = sorted(by_columns[columns[0]], key=lambda ws: [weight_order(graph, w) for w in ws[:1]])
    places = [[by_columns[xs][ws][0] for xs in columns] for ws in weights]
    biases = [[_bias(group.sums[place]) for place in row] for row in places]
    shared = all(row[0] is not None and len(set(map(repr, row))) == 1 for row in biases)
    shared = shared and _is_even(graph, [(*ws, row[0]) for ws, row in zip(weights, biases, strict=True)])
    return Rectangle(
        [[group.nodes[place] for place in row] for row in places],
        weights,
        columns,
        [row[0] for row in biases] if shared else None,
    )


def _is_even(graph: Graph, rows: list[tuple[Any, ...]]) -> bool:
    """Return whether rows of weights are parameters at equal distances, in a row and from row to row."""
    if any(type(w) is not int or graph.ops[w] is not PARAMETER for row in rows for w in row):
        return False
    places = [[graph.operands[w][0] for w in row] for row in rows]
    side = places[0][1] - places[0][0]
    down = places[1][0] - places[0][0] if len(places) > 1 else 0
    first, length = places[0][0], len(places[0])
    return side != 0 and all(
        row == list(range(first + i * down, first + i * down + side * length, side))
        for i, row in enumerate(places)
    )


def _places(rows: dict[tuple[Any, ...], list[int]]) -> list[int]:
    return [places[0] for places in rows.values()]
