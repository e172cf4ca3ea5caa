"""A function, the straight pieces that stand for it, and where they are farthest from it."""

from typing import Any

from nn.checked import of_kind
from nn.combination import figure
from nn.deviation import value
from nn.pieces import Approximation
from nn.plot.axes import EDGE, INK, NEGATIVE, POSITIVE, dressed

STEPS = 400
"""The curve of the function is drawn through so many points."""


def approximation(pieces: Approximation, ax: Any = None) -> Any:
    """Draw a function on the interval, the pieces with their ends, and a mark at their largest error.

    Errors: TypeError for what is no Approximation, such as `nn.relu_sum` returns.

    >>> from nn.pieces import relu_sum
    >>> approximation(relu_sum(lambda x: x * x, (0, 1), 4)).get_title()
    '4 pieces: largest error 0.01562, at x = 0.125'
    """
    of_kind("pieces", pieces, Approximation, "an Approximation, as nn.relu_sum or .against returns")
    ax = dressed(ax)
    left, right = pieces.interval
    xs = [left + (right - left) * i / STEPS for i in range(STEPS)] + [right]
    ends, worst = pieces.ends, pieces.worst
    ax.plot(xs, [value(pieces.f, x) for x in xs], color=EDGE, linewidth=4, alpha=0.5, label="function")
    few = len(ends) <= 40
    ax.plot(
        ends, pieces.at(ends), color=POSITIVE, linewidth=1.8, marker="o" if few else "", markersize=5,
        label="sum of ReLUs, with its knots" if few else "sum of ReLUs",
    )  # fmt: skip
    there = value(pieces.f, worst.x)
    ax.plot(
        [worst.x] * 2, [there, there + worst.gap], color=NEGATIVE, linewidth=2, marker="_", markersize=10,
        markeredgewidth=2, label="largest error", zorder=3,
    )  # fmt: skip
    count = f"{len(ends) - 1} piece{'s' if len(ends) > 2 else ''}"
    ax.set_title(f"{count}: largest error {figure(pieces.error)}, at x = {figure(worst.x)}", color=INK)
    ax.set_xlabel("x")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), ncols=3, frameon=False, fontsize="small")
    return ax
