"""The picture of a computation."""

import html
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, final

from engine.chain import order
from engine.files import write
from engine.see.digits import short
from engine.see.dot import source
from engine.see.marks import Marks, told
from engine.see.names import elided, reading, tidy
from engine.see.parts import Box, Fold, Group, Scene
from engine.see.render import render
from engine.see.scene import scene
from engine.see.traced import traced
from engine.value import Value

SUFFIXES = (".svg", ".png", ".dot")
PIXELS_PER_INCH = 144
SHOWN_PER_POINT = 96 / 72
"""So many of a browser's pixels are a point."""
MOST_HEARD = 20
"""So many boxes are told one by one to who hears a picture."""


class Mark(NamedTuple):
    """What is wrong in a graph, in a few words: the value of `node`, or one of the edges into it.

    `position` is None for the value, else the place of the edge's operand in `node.inputs`: Values
    alone, of a dot all of one list, then all of the other (its steps come in pairs, x₁, y₁, x₂, y₂).

    >>> x = Value(2.0, label="x")
    >>> y = 3 * x
    >>> draw(y, marks=[Mark(y, 0, "got 2.0, exact 3.0")])
    <Drawing of 3*x: 2 boxes, 1 edge>
    """

    node: Value
    position: int | None
    text: str


WIDTH = re.compile(r'(?<=<svg )width="(\d+)pt" height="\d+pt"')
WIDEST = 600
"""Up to so many points wide a notebook shows a picture at its own size; a wider one fills the width there."""


@final
class Drawing:
    """A picture: `dot` is its text, `svg` and `png` are rendered when first asked for; notebooks show it.

    `words` tell who cannot see it what it shows: its boxes with their values and gradients.

    >>> x = Value(2.0, label="x")
    >>> draw(x * x)
    <Drawing of x*x: 2 boxes, 2 edges>
    """

    def __init__(self, dot: str, summary: str, words: str) -> None:
        self.dot = dot
        self.words = words
        self._summary = summary

    def __repr__(self) -> str:
        return f"<Drawing of {self._summary}>"

    @cached_property
    def svg(self) -> str:
        """The picture as SVG text.

        >>> "</svg>" in draw(Value(2.0)).svg
        True
        """
        heard = f' role="img" aria-label="{html.escape(self.words)}"'
        return render(self.dot, "svg").decode().replace(" xmlns=", f"{heard} xmlns=", 1)

    @cached_property
    def png(self) -> bytes:
        """The picture as the bytes of a PNG file, two pixels a point.

        >>> draw(Value(2.0)).png[:4]
        b'\\x89PNG'
        """
        return render(self.dot.replace("{\n", f"{{\n  graph [dpi={PIXELS_PER_INCH}];\n", 1), "png")

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = WIDTH.sub(_fitting, self.svg, count=1)
        about: dict[str, Any] = {"alt": self.words}
        width = WIDTH.search(shown)
        if width is not None:  # the height follows, and no narrow place distorts the picture
            about["width"] = round(SHOWN_PER_POINT * int(width[1]))
        bundle = {"image/svg+xml": shown, "image/png": self.png, "text/plain": repr(self)}
        return bundle, {"image/png": about}

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the picture to a file .svg, .png or .dot, whole or not at all, and return its path.

        Errors: ValueError for any other suffix, OSError where the file cannot be written.

        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     draw(Value(2.0)).save(f"{folder}/x.svg").name
        'x.svg'
        """
        target = Path(path)
        suffix = target.suffix.lower()
        if suffix not in SUFFIXES:
            raise ValueError(f"a drawing is saved as one of {', '.join(SUFFIXES)}, got {os.fspath(path)!r}")
        content = self.png if suffix == ".png" else (self.svg if suffix == ".svg" else self.dot).encode()
        write(target, content)
        return target


def draw(
    y: Value | Callable[..., Any],
    *inputs: Any,
    expand: bool = False,
    rankdir: str = "LR",
    theme: str = "light",
    fold: int | None = 8,
    limit: int = 300,
    marks: Iterable[Mark] = (),
    collapse: int | str | None = "auto",
    open: str | Iterable[str] = (),  # noqa: A002
    depth: int | None = None,
    through: Value | Iterable[Value] | None = None,
    sample: int | None = None,
    highlight: object = None,
) -> Drawing:
    """Return a picture of the graph under y: values and gradients on nodes, partials on edges.

    In place of y may stand a function and its inputs, numbers or (nested) lists of them: it is called while
    the code is watched (`engine.watch`), and swept for the picture alone; no gradient that was there changes.

    `expand` shows a dot as its products and their sum. Of a list longer than `fold` the operands that
    contribute most are drawn, the others are one box. `rankdir` is "LR" or "TB", `theme` "light", "dark" or
    "print".

    Of a watched graph, modules are frames around their nodes, or single boxes: `collapse` is the depth of
    those that are (1: the outermost), their name ("layers"), None for no such box, or "auto": the finest that
    takes at most 60 boxes, which one can read. Calls of one module are one box, unless it is called again on
    what it returned. What one piece of code recorded again and again is one box, too, as are the leaves of a
    list, more than `fold`, that the same boxes use. `open` is the path of a module, or several, drawn open
    all the same ("layers[0].neurons[3]").

    A part of the graph: `depth` is how many ops behind y are drawn, `through` a Value, or several: what lies
    on the routes from there to y; `sample` the number of a call of the outermost module: what it recorded,
    what that needs and leads to; gradients stay those of the whole y. A dashed box has operands that are not
    drawn. The ancestors of an interior Value are drawn by `draw(value)`.

    `highlight` is a Step, a Value, or several of them, a path; `marks` are shown in a colour and a width of
    their own, with their texts. Neither is folded away (what is drawn as one box is lit as one), and a graph
    with marks that takes more than `limit` boxes is cut to what is around them.

    Errors: ValueError where the picture takes more than `limit` boxes, which nobody can read; for modules,
    samples or nodes that are not there, listing those that are; where a mark's position is not one of
    `node.inputs`, its text empty. TypeError for what is none of the above.

    >>> x = Value(2.0, label="x")
    >>> y = 3 * x
    >>> y.backward()
    >>> draw(y)
    <Drawing of 3*x: 2 boxes, 1 edge>
    >>> draw(lambda x, w: x * w, 2.0, 3.0)
    <Drawing of x*w: 3 boxes, 2 edges>
    """
    output = traced(y, inputs, by="draw")
    with nullcontext() if output is y else _swept(output):
        shown = scene(
            output,
            expand=expand,
            fold=fold,
            limit=limit,
            marks=_checked(marks, output),
            collapse=collapse,
            open=open,
            depth=depth,
            through=through,
            sample=sample,
            highlight=highlight,
        )
    text = source(shown, rankdir=rankdir, theme=theme, sampled=sample is not None)
    return Drawing(text, _summary(shown), _words(shown))


def _summary(scene: Scene) -> str:
    """Return what is drawn in a few words: "loss: 66,002 nodes in 14 boxes, 22 edges"."""
    hidden = [box for box in scene.boxes if isinstance(box, Group)]
    boxes = _counted(len(scene.boxes), "box", "boxes")
    edges = _counted(len(scene.edges), "edge", "edges")
    if hidden:
        boxes = f"{_counted(scene.nodes, 'node', 'nodes')} in {boxes}"
    return f"{scene.title}: {boxes}, {edges}"


def _words(scene: Scene) -> str:
    """Return what a picture shows to who cannot see it: "Graph of y: 2 boxes, 1 edge. x = 2.0; y = 6.0."."""
    boxes = scene.boxes if len(scene.boxes) <= MOST_HEARD else [scene.output]
    names = {cluster.key: cluster.name for cluster in scene.clusters}
    heard = "; ".join(_heard(box, names.get(box.cluster, ""), swept=scene.swept) for box in boxes)
    return f"Graph of {_summary(scene)}. {heard}."


def _heard(box: Box | Fold | Group, panel: str, *, swept: bool) -> str:
    """Return a box in words: "z in neurons[0] = 4.0, op dot, gradient 1.0"."""
    name = elided(box.name) + (f" in {panel}" if panel else "")
    if isinstance(box, Fold):
        return f"{box.size:,} more, {name}"
    value = "" if box.data is None else f" = {short(box.data)}"
    op = f", op {box.corner}" if isinstance(box, Box) and box.corner else ""
    gradient = f", gradient {short(box.grad)}" if swept and box.grad is not None else ""
    return f"{name}{value}{op}{gradient}"


def _counted(count: int, one: str, several: str) -> str:
    return f"{count:,} {one if count == 1 else several}"


@contextmanager
def _swept(output: Value) -> Iterator[None]:
    """Sweep from output on gradients of 0, and give every node the gradient back that it had."""
    before = [(v, v.grad) for v in order(output)]
    for v, _ in before:
        v.grad = 0.0
    output.backward()
    try:
        yield
    finally:
        for v, grad in before:
            v.grad = grad


def _checked(marks: Iterable[Mark], y: Value) -> Marks:
    """Return the texts of marks by node and position, those of one place as lines."""
    marks = list(marks) if isinstance(marks, Iterable) else [marks]
    under = set(reading(y)) if marks else set()
    result: dict[Value, dict[int | None, str]] = {}
    for mark in marks:
        if not isinstance(mark, Mark):
            raise TypeError(
                f"marks are Marks, got {mark!r}; write draw(y, marks=[Mark(node, position, text)])"
            )
        node, position, text = mark
        if not isinstance(node, Value) or not isinstance(text, str):
            raise TypeError(f"a mark has a Value and a text, got {mark!r}")
        if position is not None and type(position) is not int:
            raise TypeError(f"a mark's position is an int, or None for the value of the node, got {mark!r}")
        if node not in under:
            raise ValueError(f"the node of {mark!r} is not in the graph under {told(y)}")
        if position is not None and not 0 <= position < len(node.inputs):
            raise ValueError(f"the node of {mark!r} has {len(node.inputs)} inputs, counted from 0")
        lines = [tidy(line) for line in text.splitlines() if tidy(line)]
        if not lines:
            raise ValueError(f"a mark's text says what is wrong, got {mark!r}")
        texts = result.setdefault(node, {})
        texts[position] = "\n".join([*texts.get(position, "").splitlines(), *lines])
    return result


def _fitting(size: re.Match[str]) -> str:
    """Return the size of a picture in a notebook, given its own."""
    return size[0] if int(size[1]) <= WIDEST else 'width="100%"'
