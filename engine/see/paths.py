"""The routes by which a derivative flows: their number, their sum, and those that carry most."""

import math
from collections.abc import Mapping
from numbers import Integral
from typing import Any, NamedTuple, final

from engine.chain import Step, gradients
from engine.see.digits import short
from engine.see.drawing import Drawing, draw
from engine.see.names import Name, elided, names, reading
from engine.see.routes import flow, product
from engine.see.spelling import fraction
from engine.see.tables import Column, numbers, text
from engine.value import Value

CANCELLING = ((0.9, "Hardly anything cancels"), (0.1, "A part of it cancels"), (0.0, "Large terms cancel"))
"""What is said where at least this share of what flows is left."""
LONGEST_ROUTE = 6
"""So many nodes of a route are named; of a longer one the first and the last of them."""


class Route(NamedTuple):
    """One way from an output back to an input: its steps, and the product of their partials.

    Where two operands of an op are the same Value, they are two routes.

    >>> x = Value(3.0)
    >>> [(len(route.steps), route.product) for route in paths(x * x, x).routes]
    [(1, 3.0), (1, 3.0)]
    """

    steps: tuple[Step, ...]
    product: float


@final
class Paths:
    """The routes by which ∂y/∂x flows.

    `routes` are those with the largest products, largest first; `count` is the number of all; `total` their
    exact sum as the sweep adds it up, which is the gradient of x; `positive` and `negative` are the sums of
    the products of either sign.

    >>> x = Value(3.0)
    >>> found = paths(x * x - x, x)
    >>> found.count, found.total, found.positive, found.negative
    (3, 5.0, 6.0, -1.0)
    """

    def __init__(self, y: Value, x: Value, top: int) -> None:
        found = flow(y, x, top)
        self.y = y
        self.x = x
        self.count = found.number
        self.total: float = gradients(y, [x])[0]
        self.positive = found.positive
        self.negative = found.negative
        ways = [lead.steps() for lead in found.leads]
        self.routes = [Route(steps, product(step.partial for step in steps)) for steps in ways]

    def __repr__(self) -> str:
        known = names(reading(self.y))
        of, by = known[self.y].text, known[self.x].text if self.x in known else repr(self.x)
        if not self.count:
            return f"{of} does not depend on {by}: no route leads there, and the derivative is 0."
        routes = f"{self.count:,} routes" if self.count > 1 else "1 route"
        head = f"{fraction(of, by)} = {short(self.total)}, the sum of the products of partials along {routes}"
        ways = [[known[self.y].text, *(known[step.input].text for step in r.steps)] for r in self.routes]
        rows = [
            Column("", [str(i) for i in range(1, len(ways) + 1)], right=True),
            numbers("product", [route.product for route in self.routes]),
            Column("partials", [_chained(" × ", [short(s.partial) for s in r.steps]) for r in self.routes]),
            Column("route", [_chained(" → ", [elided(name) for name in way]) for way in ways]),
        ]
        more = self.count - len(self.routes)
        return "\n".join([head, text(rows), *([f"... and {more:,} more"] if more else [])])

    def draw(self, **options: Any) -> Drawing:
        """Return the picture of what lies between y and x, the largest route lit; options as for `draw`.

        Errors: ValueError where y does not depend on x.

        >>> x = Value(2.0, label="x")
        >>> y = x * x + x
        >>> paths(y, x).draw()  # doctest: +ELLIPSIS
        <Drawing of ...>
        """
        if not self.count:
            raise ValueError(f"{self!r} There is nothing to draw.")
        return draw(self.y, through=self.x, highlight=self.routes[0].steps, **options)


def _chained(sign: str, parts: list[str]) -> str:
    if len(parts) > LONGEST_ROUTE:
        half = LONGEST_ROUTE // 2
        parts = [*parts[:half], f"… {len(parts) - LONGEST_ROUTE} more", *parts[-half:]]
    return sign.join(parts)


def paths(y: Value, x: Value, *, top: int = 5) -> Paths:
    """Return the routes by which ∂y/∂x flows, the `top` largest of them one by one.

    A route's product is what its partials multiply to; the products of all routes add up to the derivative.
    Their number may be astronomic: they are counted and ranked in one walk of the chain rule.

    Errors: TypeError for what is no Value, or a top that is no whole number, ValueError for one below 1. That
    y does not depend on x is none: `count` is 0, and the text says so.

    >>> x, w = Value(2.0, label="x"), Value(-3.0, label="w")
    >>> y = (x * w).tanh() + x
    >>> paths(y, x)
    ∂v3/∂x = 0.9999, the sum of the products of partials along 2 routes
        product  partials              route
    1   1.0      1.0                   v3 → x
    2  −7.37e−5  1.0 × 2.46e−5 × −3.0  v3 → v2 → x*w → x
    """
    for name, v in (("y", y), ("x", x)):
        if not isinstance(v, Value):
            raise TypeError(f"paths leads from a Value y to a Value x, got {name} = {v!r}")
    if not isinstance(top, Integral):
        raise TypeError(f"top is a whole number of routes, got {top!r}")
    if top < 1:
        raise ValueError(f"top is the number of routes shown, 1 or more; got {top}")
    return Paths(y, x, top)


def why(y: Value, x: Value) -> str:
    """Return in two sentences what makes ∂y/∂x what it is: which route dominates, and whether terms cancel.

    Errors: as those of `paths`.

    >>> x = Value(2.0, label="x")
    >>> y = 3 * x * x + x
    >>> y.label = "y"
    >>> print(why(y, x))
    ∂y/∂x = 13.0 adds up 3 routes, of which the largest, y → 3*x*x → x, carries 6.0, 46.2 % of what flows.
    Nothing cancels: no two routes have products of opposite signs.
    """
    found = paths(y, x, top=1)
    if not found.count:
        return repr(found)
    known = names(reading(y))
    derivative = f"{fraction(known[y].text, known[x].text)} = {short(found.total)}"
    route, flows = found.routes[0], found.positive - found.negative
    way = _chained(" → ", [known[y].text, *(known[step.input].text for step in route.steps)])
    if flows == 0.0:
        return f"{derivative}: {_blocked(route, known)}"
    if not math.isfinite(flows):
        return f"{derivative}: {way} is no finite number.\nWhere that was born: engine.births(y)."
    share = f"{100 * abs(route.product) / flows:.3g} %"
    if found.count == 1:
        factors = _chained(" × ", [short(step.partial) for step in route.steps]) or "1.0"
        return f"{derivative} flows along one route, {way}: {factors}.\nNothing cancels."
    verb = "dominates with" if abs(route.product) > flows / 2 else "carries"
    first = (
        f"{derivative} adds up {found.count:,} routes, of which the largest, {way}, {verb} "
        f"{short(route.product)}, {share} of what flows."
    )
    left = abs(found.positive + found.negative) / flows
    if found.positive == 0.0 or found.negative == 0.0:
        return f"{first}\nNothing cancels: no two routes have products of opposite signs."
    kind = next(words for least, words in CANCELLING if left >= least)
    return (
        f"{first}\n{kind}: positive products add up to {short(found.positive)}, negative ones to "
        f"{short(found.negative)}, and {100 * left:.3g} % of their size is left."
    )


def _blocked(route: Route, known: Mapping[Value, Name]) -> str:
    """Return where a route meets its first partial of 0."""
    step = next((step for step in route.steps if step.partial == 0.0), None)
    if step is None:
        return "the products of all routes are too small for a float.\nNothing cancels."
    sign = step.node.op.symbol if step.node.op is not None else ""
    return (
        f"every route is blocked by a partial of 0, the largest one by that of {sign} at "
        f"{known[step.input].text} = {short(step.input.data)}.\nNothing cancels."
    )
