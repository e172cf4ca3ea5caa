"""The exercises of notebook 14: graphs."""

import operator
from typing import Any

from nn.course.exercise import Judge, NotRight, value
from nn.data import Graph, karate_graph
from nn.losses import cross_entropy
from nn.message import propagate
from nn.node_classifier import GCN

PATH = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
"""The three nodes of exercise 14.1."""
TEACHER, OFFICER = 0, 33
"""The two leaders of the club."""
MOST = 5
"""So many members may stay undecided in exercise 14.4."""


def _after(steps: int, last: bool = True) -> list[float]:
    """Return what the three nodes have after so many steps from a 1 at the last node, or at the first."""
    rows = [[0.0], [0.0], [1.0]] if last else [[1.0], [0.0], [0.0]]
    for _ in range(steps):
        rows = propagate(rows, PATH)
    return [h for [h] in rows]


def _without_itself() -> list[float]:
    """Return the step of one who has forgotten a node's own number."""
    return [share if i != 2 else 0.0 for i, share in enumerate(_after(1))]


def _rows_that_learn() -> int:
    """Return how many rows of W have a gradient from the leader's loss, in a single layer."""
    model = GCN(karate_graph(), [])
    cross_entropy(model()[TEACHER], model.graph.labels[TEACHER]).backward()
    columns = [neuron.w for neuron in model.layers[0].weights.neurons]
    return sum(any(w.grad != 0 for w in row) for row in zip(*columns, strict=True))


def _distance() -> float:
    return karate_graph().distances(TEACHER)[OFFICER]


def _pair(answer: Any) -> str:
    """Judge two members whose labels tell nearly all others by distance."""
    club = karate_graph()
    try:
        first, second = map(operator.index, answer)
    except (TypeError, ValueError):
        raise NotRight("hand in a row of two members, such as (8, 30)") from None
    for i in (first, second):
        if not 0 <= i < len(club.nodes):
            return f"the members are 0 ... {len(club.nodes) - 1}, got {i}"
        if i in (TEACHER, OFFICER):
            return f"member {i} is one of the leaders; find two others"
    if club.labels[first] == club.labels[second]:
        return f"both joined {club.names[club.labels[first]]}: one of each side is needed"
    found = list(zip(club.nearest([first, second]), club.labels, strict=True))
    wrong = [i for i, (near, label) in enumerate(found) if len(near) == 1 and near != (label,)]
    if wrong:
        return f"member {wrong[0]} would be wrong: it is nearer to the one of the other side"
    ties = sum(len(near) > 1 for near, _ in found)
    return "" if ties <= MOST else f"none is wrong, but {ties} are undecided, at most {MOST} are allowed"


EXERCISES: dict[str, Judge] = {
    "14.1": value(
        lambda: _after(1),
        {
            "that is one step from (1, 0, 0); here the 1 is at c": lambda: _after(1, last=False),
            "those are two steps": lambda: _after(2),
            "a node takes of its own number, too": _without_itself,
            "that is the beginning; the step is still to come": lambda: _after(0),
        },
        otherwise="the third column of the matrix above: what each node takes from c",
    ),
    "14.2": value(
        _distance,
        {
            "no edge joins the two; one layer goes one edge far": lambda: 1.0,
            "fewer are enough: look at the routes above, and count edges, not nodes": lambda: 3.0,
        },
        otherwise="one layer goes one edge far; how many edges lead from 0 to 33?",
    ),
    "14.3": value(
        lambda: float(_rows_that_learn()),
        {
            "node 0 takes of its own row, too": lambda: _rows_that_learn() - 1.0,
            "in one layer the others have no route to node 0": lambda: float(len(karate_graph().nodes)),
        },
        otherwise="count the list that is printed above",
    ),
    "14.4": _pair,
}
