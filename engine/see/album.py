"""The pictures of a page: one of the graph, and of a large one another for each module that can be opened."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.see.canvas import canvas
from engine.see.drawing import Drawing, draw
from engine.see.ledger import Entries
from engine.see.modules import short_path
from engine.see.names import elided
from engine.see.origin import Scope, origin
from engine.see.script import MOST_NODES
from engine.see.trail import Product
from engine.value import Value

NEAR = (4, 2, 1)
"""Of a graph that cannot be drawn, so many ops behind its output are, if they can."""
LARGE = 1000.0
"""A picture with a longer side, in pixels, is looked at bit by bit."""
MOST_MODULES = 8
"""So many modules can be opened: each takes a picture of its own."""


class Module(NamedTuple):
    """A module that can be opened: the key of its box, and what it is called."""

    key: str
    name: str


class Album(NamedTuple):
    """SVGs, the first with all modules closed, the others with one of `modules` open, in their order.

    `large` tells that they need a small map to find one's way, `note` what they do not show.

    `scopes` holds for each call of a module the keys of the boxes that its nodes may be drawn in, its own
    first; `homes` the place in `scopes` of each node that was recorded in one, by its place among the names.
    """

    svg: str
    large: bool
    modules: list[Module]
    scopes: list[list[str]]
    homes: dict[int, int]
    note: str = ""


def pictures(found: Entries, output: Value) -> Album:
    """Return the pictures of a trail's graph, swept whatever the gradients are now.

    >>> from engine.see.ledger import entries
    >>> y = Value(2.0, "x") * 3
    >>> pictures(entries(y), y).modules
    []
    """
    keys = {name.key: i for i, name in enumerate(found.names.values())}
    name = elided(found.names[output].text)
    about = f"Graph of {name}: the ledger below tells the same in words."
    if len(found.names) <= MOST_NODES:
        drawing = _drawn(found, output, collapse=None)
        picture = canvas(drawing.svg, keys, about)
        return Album(picture.svg, max(picture.width, picture.height) > LARGE, [], [], {})
    scopes: dict[Scope, int] = {}
    homes = {}
    for place, vertex in enumerate(found.names):
        scope = origin(vertex).scope if isinstance(vertex, Value) else None
        if scope is not None:
            homes[place] = scopes.setdefault(scope, len(scopes))
    drawing, note = _whole(found, output)
    svgs = [canvas(drawing.svg, keys, about).svg]
    modules = []
    for around in _boxes(svgs[0], scopes):
        try:
            drawing = _drawn(found, output, open=".".join(around.path))
        except ValueError:  # too large to be read: this one stays closed
            continue
        modules.append(Module(_key(around), short_path(around.path)))
        svgs.append(canvas(drawing.svg, keys, f"{about} {modules[-1].name} is open.").svg)
    lines = [[_key(around) for around in scope.outward()] for scope in scopes]
    return Album("".join(svgs), True, modules, lines, homes, note)


def _whole(found: Entries, output: Value) -> tuple[Drawing, str]:
    """Return the drawing of a large graph, else of what is right behind its output, and a note."""
    try:
        return _drawn(found, output), ""
    except ValueError as error:
        for near in NEAR:
            try:
                drawing = draw(lambda: output, depth=near)
            except ValueError:
                continue
            return drawing, f"Too large to be drawn: this is what is at most {near} ops behind the output."
        raise error


def _drawn(found: Entries, output: Value, *, collapse: str | None = "auto", open: str = "") -> Drawing:  # noqa: A002
    expand = any(isinstance(vertex, Product) for vertex in found.names)
    if collapse is None:
        return draw(lambda: output, expand=expand, collapse=None, fold=None, limit=2 * MOST_NODES)
    return draw(lambda: output, expand=expand, open=[open] if open else [])


def _boxes(svg: str, scopes: dict[Scope, int]) -> Iterator[Scope]:
    """Yield the first modules that are boxes in an SVG."""
    drawn = dict.fromkeys(re.findall(r'data-key="([^"]+)"', svg))
    calls = {_key(around): around for scope in scopes for around in scope.outward()}
    yield from [calls[key] for key in drawn if key in calls][:MOST_MODULES]


def _key(scope: Scope) -> str:
    """Return the key of a module's box, as a drawing calls it."""
    return re.sub(r"[^\w.\[\]]", "_", repr(scope)) + "~group"
