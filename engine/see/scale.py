"""What the bars and the edges of one drawing are measured by."""

import math
from collections.abc import Iterable
from typing import NamedTuple

from engine.see.parts import Fold, Group, Scene

LONGEST_STRIP = 24
"""Gradients that are drawn as small bars; more of them are told by their sum, max and min."""
FEWEST_DECADES, MOST_DECADES = 3, 12
MOST_BY_POWERS = 24
"""Edges whose widths may be logarithmic; of more of them, few stand out."""
VANISHED = 1e-12
"""Of the largest |gradient| of the picture: nothing below it is left of a gradient."""


class Scale(NamedTuple):
    """The largest of each kind: |∂| of a box, |∂| in a strip, any |gradient|, Σ|contribution| of an edge.

    A bar of a sum runs over `decades` powers of ten, up to 10**`top`; so do the widths of edges where their
    `flow_decades` are not 0.

    >>> Scale(gradient=2.0, small=1.0, every=2.0, flow=4.0, decades=3).width(1.0)
    0.25
    """

    gradient: float
    small: float
    every: float
    flow: float
    flow_decades: int = 0
    top: int = 0
    decades: int = FEWEST_DECADES

    def shown(self, total: float) -> float:
        """Return the part of its bar that a sum of |gradients| fills, on the logarithmic scale.

        >>> Scale(1.0, 1.0, 1.0, 1.0, top=0, decades=4).shown(0.01)
        0.5
        """
        return _logarithmic(total, self.top, self.decades)

    def width(self, flow: float) -> float:
        """Return the part of the largest width that an edge has.

        >>> Scale(1.0, 1.0, 1.0, flow=1.0, flow_decades=4).width(0.01)
        0.5
        """
        if self.flow_decades and self.flow:
            return _logarithmic(flow / self.flow, 0, self.flow_decades)
        return share(flow, self.flow)

    def has_vanished(self, group: Group) -> bool:
        """Tell whether a group has gradients, and none is more than 1e-12 of the largest in the picture.

        >>> small = Group("g", "g", "", 1, 1, None, None, (("w", 1e-20),), True)
        >>> Scale(1.0, 1.0, flow=1.0, every=1.0).has_vanished(small)
        True
        """
        sizes = [abs(gradient) for _, gradient in group.gradients]
        return any(sizes) and all(size < VANISHED * self.every for size in sizes)


def measured(scene: Scene) -> Scale:
    """Return the scale of a scene.

    >>> measured(Scene([], [], swept=False)).gradient
    0.0
    """
    groups = [box for box in scene.boxes if isinstance(box, Group)]
    gradient = _largest(
        [box.grad for box in scene.boxes if not isinstance(box, Fold) and box.grad is not None]
    )
    inside = _largest([size for group in groups for _, size in group.gradients])
    small = _largest([size for group in groups if is_strip(group) for _, size in group.gradients])
    flows = [sum(map(abs, edge.contributions)) for edge in scene.edges]
    gathered = [flow for flow, edge in zip(flows, scene.edges, strict=True) if len(edge.contributions) > 1]
    totals = [group.total for group in groups if is_summed(group)]
    top, decades = _powers(totals)
    _, flow_decades = _powers(gathered if len(flows) <= MOST_BY_POWERS else [])
    return Scale(
        gradient,
        small,
        max(gradient, inside),
        _largest(flows),
        flow_decades if flow_decades > FEWEST_DECADES else 0,
        top,
        decades,
    )


def is_strip(group: Group) -> bool:
    """Tell whether the gradients of a group are drawn one by one: few, of one thing.

    >>> is_strip(Group("g", "g", "", 1, 1, 2.0, 1.0, (("w", 1.0),), True))
    True
    """
    own = group.grad is not None or not any("." in name for name, _ in group.gradients)
    return own and 0 < len(group.gradients) <= LONGEST_STRIP


def is_summed(group: Group) -> bool:
    """Tell whether a group shows the sum of its |gradients|.

    >>> is_summed(Group("g", "g", "", 1, 1, None, None, (("w", 1.0),), True))
    True
    """
    return bool(group.gradients) and (group.grad is None or not is_strip(group))


def share(number: float, largest: float) -> float:
    """Return |number| / largest, at most 1; 1 for an infinite number, 0 for nan.

    >>> share(-1.0, 4.0), share(float("inf"), 4.0)
    (0.25, 1.0)
    """
    size = abs(number)
    if size == math.inf:
        return 1.0
    return min(1.0, size / largest) if size > 0 and largest > 0 else 0.0


def _powers(sizes: Iterable[float]) -> tuple[int, int]:
    """Return the power of ten above all sizes, and how many powers of ten they lie apart."""
    logs = [math.log10(size) for size in sizes if 0 < size < math.inf]
    top, bottom = math.ceil(max(logs, default=0.0)), math.ceil(min(logs, default=0.0)) - 1
    return top, min(MOST_DECADES, max(FEWEST_DECADES, top - bottom))


def _logarithmic(size: float, top: int, decades: int) -> float:
    """Return where a size lies on a scale of powers of ten, 0 at its begin, 1 at its end."""
    if size == math.inf:
        return 1.0
    return min(1.0, max(0.0, 1 + (math.log10(size) - top) / decades)) if size > 0 else 0.0


def _largest(numbers: Iterable[float]) -> float:
    return max([abs(x) for x in numbers if math.isfinite(x)], default=0.0)
