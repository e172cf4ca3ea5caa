"""The picture that micrograd's users know: record nodes, and small nodes for the ops."""

from typing import TYPE_CHECKING, Any

from engine.optional import load
from engine.see.digits import LARGE, SMALL
from engine.see.names import reading, tidy
from engine.see.render import graphviz
from engine.value import Value

if TYPE_CHECKING:
    from graphviz import Digraph


def draw_dot(root: Value, format: str = "svg", rankdir: str = "LR") -> "Digraph":  # noqa: A002
    """Return the graph under root as micrograd draws it: label, data and grad in a record, each op a node.

    Notebooks show it; `.pipe()` and `.render()` work where no Graphviz is installed, too. Number operands are
    nodes of their own. `draw` is the picture with gradients to compare.

    Errors: TypeError for what is no Value, or a format that is no text; ValueError for a rankdir other than
    LR and TB, or a format that Graphviz does not know.

    >>> x = Value(2.0, label="x")
    >>> print(draw_dot(x * x).body[0].strip())
    n0 [label="{ x | data 2.0000 | grad 0.0000 }" shape=record]
    """
    if not isinstance(root, Value):
        raise TypeError(f"draw_dot takes a Value, got {root!r}")
    if rankdir not in ("LR", "TB"):
        raise ValueError(f"rankdir is LR (left to right) or TB (top to bottom), got {rankdir!r}")
    if not isinstance(format, str):
        raise TypeError(f"format is the name of one that Graphviz writes, such as svg, got {format!r}")
    graphviz()
    module: Any = load("engine.see.digraph", extra="lab")
    picture: Digraph = module.Digraph(format=format, graph_attr={"rankdir": rankdir})
    keys = {node: f"n{i}" for i, node in enumerate(reading(root))}
    for node, key in keys.items():
        fields = [tidy(node.label)] if tidy(node.label) else []
        fields += [f"data {_fixed(node.data)}", f"grad {_fixed(node.grad)}"]
        picture.node(key, label=f"{{ {' | '.join(map(_escaped, fields))} }}", shape="record")
    for node, key in keys.items():
        if node.op is not None:
            picture.node(f"{key}op", label=_escaped(node.op.symbol))
            picture.edge(f"{key}op", key)
            for i, operand in enumerate(_operands(node)):
                source = keys[operand] if isinstance(operand, Value) else f"{key}number{i}"
                if not isinstance(operand, Value):
                    picture.node(source, label=_fixed(operand), shape="plaintext")
                picture.edge(source, f"{key}op")
    return picture


def _operands(node: Value) -> list[Any]:
    result: list[Any] = []
    for operand in (node.x, node.y):
        if operand is not None:
            result += operand if isinstance(operand, tuple) else [operand]
    return result


def _fixed(number: float) -> str:
    """Return a number in micrograd's four decimals, with an exponent where they would hide it."""
    size = abs(number)
    return f"{number:.4f}" if size == 0 or SMALL <= size < LARGE else f"{number:.4g}"


def _escaped(text: str) -> str:
    """Return a text in which nothing has a meaning of its own inside a record."""
    return "".join(f"\\{c}" if c in "\\{}|<>" else c for c in text)
