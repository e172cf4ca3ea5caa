"""What happens to a graph, event by event: each node is recorded, then each edge is swept."""

import math
from collections.abc import Iterator
from itertools import chain, groupby
from operator import attrgetter
from typing import Any, NamedTuple, TypeAlias

from engine import ops
from engine.chain import chain_rule
from engine.op import Op
from engine.see.names import Name, Unique, names, product, reading
from engine.value import Value, numbers_of


class Product(NamedTuple):
    """One product of a dot that is spelled out; `element` counts from 0."""

    dot: Value
    element: int
    x: Value | float
    y: Value | float

    @property
    def data(self) -> float:
        """The product's number.

        >>> Product(Value(0.0), 0, 3.0, Value(2.0)).data
        6.0
        """
        return math.prod(v.data if isinstance(v, Value) else v for v in (self.x, self.y))

    @property
    def op(self) -> Op:
        """The op that a product is."""
        return ops.mul


OUTDATED = "A leaf under {} has changed since it was recorded: values are those of before, partials of now"
"""What is said of a graph whose leaves have been set to other numbers."""
Vertex: TypeAlias = Value | Product
"""A node of the graph, or one that is shown where a dot is spelled out."""
Place: TypeAlias = tuple[int, int]
"""Which operand (0 is x, 1 is y), and which element of it, 0 where it is no list."""


class Recorded(NamedTuple):
    """A node was computed by an op from its operands."""

    node: Vertex
    op: Op


class Swept(NamedTuple):
    """An edge was swept: upstream * partial = contribution, after which the input's gradient is `gradient`.

    `place` says which operand of the op the input is. The seed, with which a sweep begins, has no op, no
    input and no place.
    """

    node: Vertex
    op: Op | None
    input: Vertex | None
    place: Place | None
    upstream: float
    partial: float
    contribution: float
    gradient: float


Event: TypeAlias = Recorded | Swept


def trail(y: Value, *, expand: bool = False) -> Iterator[Event]:
    """Yield what happens while the graph under y is recorded and swept; `expand` spells every dot out.

    The contributions and gradients are those of `y.backward()` on leaves without gradient, bit for bit.

    >>> x = Value(3.0)
    >>> [type(event).__name__ for event in trail(x * x)]
    ['Recorded', 'Swept', 'Swept', 'Swept']
    """
    for node in reading(y):
        pieces = products(node) if expand else []
        for piece in pieces:
            yield Recorded(piece, piece.op)
        if node.op is not None:
            yield Recorded(node, ops.sum if pieces else node.op)
    yield Swept(y, None, None, None, 1.0, 1.0, 1.0, 1.0)
    running = {y: 1.0}
    for node, steps in groupby(chain_rule(y), key=attrgetter("node")):
        pieces = products(node) if expand else []
        reached = -1
        for step, (index, element) in zip(steps, places(node), strict=True):
            contribution = step.contribution
            gradient = running.get(step.input, 0.0) + contribution
            running[step.input] = gradient
            numbers = step.upstream, step.partial, contribution, gradient
            if not pieces:
                yield Swept(node, node.op, step.input, (index, element), *numbers)
                continue
            piece = pieces[element]
            if element != reached:
                reached = element
                yield Swept(
                    node, ops.sum, piece, (0, element), step.upstream, 1.0, step.upstream, step.upstream
                )
            yield Swept(piece, piece.op, step.input, (index, 0), *numbers)


def known(y: Value, *, expand: bool = False) -> dict[Vertex, Name]:
    """Return the name of every vertex on the trail of y.

    >>> w, x = Value(3.0, label="w"), Value(2.0, label="x")
    >>> [name.text for name in known(ops.dot([w], [x]), expand=True).values()]
    ['w', 'x', 'v1', 'w*x']
    """
    nodes = reading(y)
    of = names(nodes)
    result = dict[Vertex, Name](of.items())
    if expand:
        texts = Unique("#")
        for name in of.values():
            texts.take(name.text)
        for piece in chain.from_iterable(map(products, nodes)):
            text, key = of[piece.dot]
            own = product(piece.x, piece.y, of) or f"{text}.{piece.element + 1}"
            result[piece] = Name(texts.take(own), f"{key}~{piece.element + 1}")
    return result


def outdated(y: Value) -> Value | None:
    """Return the first node under y whose value its operands no longer give, None where there is none.

    Then a leaf was changed since the graph was recorded: values are of before, partials of now.

    >>> x = Value(2.0)
    >>> y = x * 3
    >>> x.data = 5.0
    >>> outdated(y) is y
    True
    """
    for node in reading(y):
        if node.op is not None:
            now = node.op.evaluate(*map(numbers_of, (node.x, node.y)[: node.op.arity]))
            if now != node.data and not (math.isnan(now) and math.isnan(node.data)):
                return node
    return None


def products(node: Value) -> list[Product]:
    """Return the products of a dot, in order; none for any other node.

    >>> w, x = Value(3.0), Value(2.0)
    >>> [p.data for p in products(ops.dot([w], [x]))]
    [6.0]
    """
    if node.op is not ops.dot:
        return []
    return [Product(node, i, x, y) for i, (x, y) in enumerate(zip(node.x, node.y, strict=True))]


def operands_of(node: Vertex, op: Op) -> tuple[Any, ...]:
    """Return the operands that an op makes a node of; of a dot that is spelled out, the list of its products.

    >>> x = Value(3.0)
    >>> operands_of(x * 2, ops.mul)
    (Value(data=3.0, grad=0.0), 2.0)
    """
    pieces = products(node) if isinstance(node, Value) and op is not node.op else []
    return (tuple(pieces),) if pieces else (node.x, node.y)[: op.arity]


def places(node: Value) -> Iterator[Place]:
    """Yield the place of every operand that a sweep passes a gradient to, in the order of its steps.

    >>> x = Value(2.0)
    >>> list(places(x * x)), list(places(ops.dot([x, x], [x, x])))
    ([(0, 0), (1, 0)], [(0, 0), (1, 0), (0, 1), (1, 1)])
    """
    if node.op is None:
        return
    columns = []
    for index, operand in enumerate((node.x, node.y)[: node.op.arity]):
        if node.op.partials[index] is not None and type(operand) in (Value, tuple):
            size = len(operand) if type(operand) is tuple else 1
            columns.append([(index, element) for element in range(size)])
    if len(columns) == 2 and len(columns[0]) == len(columns[1]):
        yield from chain.from_iterable(zip(*columns, strict=True))
    else:
        yield from chain.from_iterable(columns)
