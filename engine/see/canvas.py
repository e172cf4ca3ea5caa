"""The drawing of a graph as the page's SVG: parts that a script finds, roles in place of colours."""

import html
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple
from xml.etree.ElementTree import Element

from engine.see.theme import palette

SVG = "{http://www.w3.org/2000/svg}"
ROLE_OF = {colour: role for role, colour in palette("light").items()}
MARGIN = 6.0
HEAD = 7.0
"""The length of an arrow's head."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
SHAPES = ("path", "polygon", "polyline", "ellipse", "text")

Point = tuple[float, float]
Points = list[Point]


class Canvas(NamedTuple):
    """An SVG, and the width and the height at which its text is 12 pixels high."""

    svg: str
    width: float
    height: float


def canvas(drawing: str, keys: Mapping[str, int], about: str) -> Canvas:
    """Return a drawing, the SVG text of `engine.draw`, for a page; `about` is its text alternative.

    Boxes carry the number that `keys` gives for their node (data-node), edges those of their ends (data-from,
    data-to); sizes and classes are all that is kept of the look, colours are roles of the theme (fill-ink).

    >>> from engine import Value, draw
    >>> found = canvas(draw(Value(2.0, "x")).svg, {"x": 0}, "a leaf")
    >>> 'data-node="0"' in found.svg, "#" in found.svg
    (True, False)
    """
    root = ElementTree.fromstring(drawing)
    parts: list[str] = []
    points: Points = []
    for group in root.iter(f"{SVG}g"):
        kind = str(group.get("class", "")).split()
        shapes = [e for e in group.iter() if e.tag.removeprefix(SVG) in SHAPES]
        if not shapes or "graph" in kind or group.get("id", "").startswith("a_"):
            continue
        points += [point for shape in shapes for point in _points(shape)]
        parts.append(_part(group, kind, shapes, keys))
    left, top = min(x for x, _ in points) - MARGIN, min(y for _, y in points) - MARGIN
    width, height = max(x for x, _ in points) + MARGIN - left, max(y for _, y in points) + MARGIN - top
    opening = (
        f'<svg viewBox="{left:g} {top:g} {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'role="img" aria-label="{html.escape(about)}">'
    )
    return Canvas(opening + "".join(parts) + "</svg>", width, height)


def _part(group: Element, kind: list[str], shapes: list[Element], keys: Mapping[str, int]) -> str:
    identity = group.get("id", "")
    if "edge" in kind:
        return _edge(group, shapes, keys)
    node = keys.get(identity.removeprefix("n-")) if "node" in kind else None
    tip = next((a.get("{http://www.w3.org/1999/xlink}title") for a in group.iter(f"{SVG}a")), None)
    title = f"<title>{html.escape(tip)}</title>" if tip else ""
    classes = " ".join(kind)
    if node is None:
        key = f' data-key="{html.escape(identity[2:])}"' if "node" in kind else ""
        return f'<g class="{classes}"{key}>{title}{"".join(map(_plain, shapes))}</g>'
    texts = [shape for shape in shapes if shape.tag == f"{SVG}text"]
    first = shapes.index(texts[0])
    left, top, right, bottom = _bounds(shapes[first - 1 : first])
    corner = ' rx="10"' if shapes[first - 1].tag == f"{SVG}path" else ""
    frame = f'<rect class="box" width="{_short(right - left)}" height="{_short(bottom - top)}"{corner}/>'
    written = "".join(_texts(texts, left, top)) + _bar(shapes[shapes.index(texts[-1]) + 1 :], left, top)
    place = f'transform="translate({_short(left)} {_short(top)})"'
    return f'<g class="{classes}" data-node="{node}" {place}>{title}{frame}{written}</g>'


def _texts(texts: list[Element], left: float, top: float) -> Iterator[str]:
    """Yield the texts in a node's box: its name and op, its value, its gradient."""
    sign = _sign(texts[-1])
    roles = ["name", *["op"] * (len(texts) - 4), "value", f"partial {sign}", f"grad {sign}"]
    for text, role in zip(texts, roles, strict=True):
        yield _text(text, role, left, top)


def _bar(shapes: list[Element], left: float, top: float) -> str:
    """Return the bar of a gradient: the track, the bar, the tick at zero."""
    if not shapes:
        return ""
    start, upper, end, lower = _bounds(shapes)
    tick = next(_bounds([s])[0] for s in shapes if ROLE_OF.get(s.get("fill", "")) == "soft")
    size = f'y="{_short(upper - top)}" height="{_short(lower - upper)}"'
    drawn = [s for s in shapes if ROLE_OF.get(s.get("fill", "")) in ("posbar", "negbar")]
    near, _, far, _ = _bounds(drawn) if drawn else (tick, 0.0, tick, 0.0)
    sign = {"posbar": "pos", "negbar": "neg"}[ROLE_OF[drawn[0].get("fill", "")]] if drawn else "zero"
    above = f'y="{_short(upper - top - 1)}" height="{_short(lower - upper + 2)}"'
    return (
        f'<rect class="track" x="{_short(start - left)}" {size} width="{_short(end - start)}"/>'
        f'<rect class="bar {sign}" x="{_short(near - left)}" {size} width="{_short(far - near)}"/>'
        f'<rect class="tick" x="{_short(tick - left)}" {above} width="1"/>'
    )


def _sign(shape: Element) -> str:
    role = ROLE_OF.get(shape.get("fill", ""), "")
    return role if role in ("pos", "neg") else "zero"


def _edge(group: Element, shapes: list[Element], keys: Mapping[str, int]) -> str:
    """Return an edge with a head at either end, of which the page shows one."""
    title = group.find(f"{SVG}title")
    source, _, target = (title.text or "" if title is not None else "").partition("->")
    ends = [keys.get(end.partition(":")[0]) for end in (source, target)]
    paths = [shape for shape in shapes if shape.tag == f"{SVG}path"]
    if None in ends or len(paths) != 1:
        return f'<g class="edge many">{"".join(map(_plain, shapes))}</g>'
    points = _points(paths[0])
    heads = [shape for shape in shapes if shape.tag == f"{SVG}polygon"]
    tip = _points(heads[0])[1] if heads else points[-1]
    colour = {"posbar": "pos", "negbar": "neg"}.get(ROLE_OF.get(paths[0].get("stroke", ""), ""), "zero")
    width = paths[0].get("stroke-width", "1")
    first, last = _head(points[0], points[1]), _head(tip, points[-1] if heads else points[-2])
    points[:4] = _shortened(points[:4])
    if not heads:
        points[-4:] = _shortened(points[-4:][::-1])[::-1]
    line = f"M{_written(points[:1])}C{_written(points[1:])}"
    labels = [_text(s, "slope") for s in shapes if s.tag == f"{SVG}text"]
    return (
        f'<g class="edge back {colour}" data-from="{ends[0]}" data-to="{ends[1]}">'
        f'<path class="line" d="{line}" stroke-width="{width}"/><path class="tail" d="{first}"/>'
        f'<path class="head" d="{last}"/>{"".join(labels)}</g>'
    )


def _head(tip: Point, towards: Point) -> str:
    """Return an arrow's head at `tip`, the line coming from `towards`."""
    dx, dy = towards[0] - tip[0], towards[1] - tip[1]
    length = (dx * dx + dy * dy) ** 0.5 or 1.0
    dx, dy = dx / length, dy / length
    x, y, half = tip[0] + HEAD * dx, tip[1] + HEAD * dy, 0.42 * HEAD
    return f"M{_written([tip, (x - half * dy, y + half * dx), (x + half * dy, y - half * dx)])}z"


def _shortened(curve: Points) -> Points:
    """Return a Bézier curve without its first bit, on which an arrow's head stands (de Casteljau)."""
    (x0, y0), (x3, y3) = curve[0], curve[-1]
    length = ((x3 - x0) ** 2 + (y3 - y0) ** 2) ** 0.5
    t = min(0.5, 0.8 * HEAD / length) if length else 0.0
    level, kept = curve, [curve[-1]]
    while len(level) > 1:
        level = [((1 - t) * a + t * c, (1 - t) * b + t * d) for (a, b), (c, d) in pairwise(level)]
        kept.append(level[-1])
    return kept[::-1]


def _plain(shape: Element) -> str:
    """Return a shape of a frame or of a box that stands for many nodes, in roles."""
    if shape.tag == f"{SVG}text":
        weight = " strong" if shape.get("font-weight") == "bold" else ""
        return _text(shape, f"fill-{_role(shape, 'fill')}{weight}")
    tag = shape.tag.removeprefix(SVG)
    kept = {name: shape.get(name, "") for name in ("d", "points", "stroke-width", "stroke-dasharray")}
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in kept.items() if value)
    return f'<{tag} class="fill-{_role(shape, "fill")} stroke-{_role(shape, "stroke")}"{attributes}/>'


def _role(shape: Element, name: str) -> str:
    return ROLE_OF.get(shape.get(name, "none"), "none").replace(" ", "-")


def _text(shape: Element, role: str, left: float = 0.0, top: float = 0.0) -> str:
    x, y = float(shape.get("x", "0")) - left, float(shape.get("y", "0")) - top
    size = f"{float(shape.get('font-size', '12')):g}"
    look = f' font-size="{size}"' if size != "12" and role != "slope" else ""
    if shape.get("text-anchor") == "middle" and role != "slope":
        look += ' text-anchor="middle"'
    return (
        f'<text class="{role}" x="{_short(x)}" y="{_short(y)}"{look}>{html.escape(shape.text or "")}</text>'
    )


def _short(number: float) -> str:
    return f"{round(number, 1):g}"


def _bounds(shapes: list[Element]) -> tuple[float, float, float, float]:
    points = [point for shape in shapes for point in _points(shape)]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def _points(shape: Element) -> Points:
    if shape.tag == f"{SVG}text":
        return [(float(shape.get("x", "0")), float(shape.get("y", "0")))]
    numbers = map(float, NUMBER.findall(shape.get("d") or shape.get("points") or ""))
    return list(_pairs(numbers))


def _pairs(numbers: Iterator[float]) -> Iterator[Point]:
    return zip(numbers, numbers, strict=False)


def _written(points: Points) -> str:
    return " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
