"""The parts of a picture: boxes, groups, folds, edges, clusters, as plain data."""

from typing import NamedTuple


class Box(NamedTuple):
    """A node: `corner` tells the op and its numbers, "" for a leaf; `mark` what is wrong with its value.

    `more` tells that operands of it are left out. `cluster` is the key of the cluster around it,
    "" for none; `now` tells that it is highlighted.
    """

    key: str
    name: str
    corner: str
    data: float
    grad: float
    mark: str = ""
    more: bool = False
    cluster: str = ""
    now: bool = False


class Fold(NamedTuple):
    """Operands of one op, or nodes on a way, that are not drawn: how many, which, the sum of |gradient|.

    `nodes` counts the ops that it hides: the operands, and what is behind them and drawn nowhere else.
    """

    key: str
    name: str
    corner: str
    size: int
    total: float
    cluster: str = ""
    nodes: int = 0


class Group(NamedTuple):
    """A module, or a repeated piece of code, as one box: what is inside is not drawn.

    `about` describes it: "Layer(64, 32)", "prediction - target". It stands for `nodes` ops, recorded in
    `calls` calls. `data` and `grad` are those of its result, None unless it has one result in one call.
    `gradients` are (name, gradient) of its parameters where it has any, else of its nodes that others use;
    the names are short: "w[0]", "b".
    """

    key: str
    name: str
    about: str
    nodes: int
    calls: int
    data: float | None
    grad: float | None
    gradients: tuple[tuple[str, float], ...]
    of_parameters: bool
    cluster: str = ""
    now: bool = False

    @property
    def total(self) -> float:
        """Σ|gradient|, nan where one is nan."""
        return sum(abs(grad) for _, grad in self.gradients)


class Cluster(NamedTuple):
    """A module that is drawn open: a frame around its boxes, inside the frame of `parent` ("" for none).

    `about` describes it: "Layer(64, 32)"; `parameters` is the number of its parameters.
    """

    key: str
    name: str
    about: str
    parameters: int
    parent: str = ""


class Edge(NamedTuple):
    """An edge between two boxes, by their keys, with its step; a fold has many, a detached edge none.

    An edge between groups stands for all steps between them. `now` tells that it is highlighted.
    """

    source: str
    target: str
    partials: tuple[float, ...]
    contributions: tuple[float, ...]
    mark: str = ""
    now: bool = False


class Scene(NamedTuple):
    """Boxes in reading order, the output last; `swept` tells whether there are gradients to show.

    `cut` is the number of nodes of a graph that is too large and shown only around its marks, else 0; `nodes`
    how many nodes, leaves included, the boxes stand for. `is_own` tells whether the gradients are what one
    sweep from the output gives; `outdated` names a node whose operands no longer give its value, "" for none.
    """

    boxes: list[Box | Fold | Group]
    edges: list[Edge]
    swept: bool
    cut: int = 0
    clusters: tuple[Cluster, ...] = ()
    nodes: int = 0
    title: str = ""
    is_own: bool = True
    outdated: str = ""

    @property
    def output(self) -> Box | Group:
        """The box of the node that is drawn."""
        box = self.boxes[-1]
        assert not isinstance(box, Fold)
        return box
