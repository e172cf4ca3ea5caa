"""The common ground of the plots: Axes outside of pyplot, colours, dress, and the bytes of a picture."""

import io
import math
from collections.abc import Sequence
from functools import partial
from typing import Any

from engine.optional import load
from engine.see.theme import palette
from nn.checked import shown

PIXELS_PER_INCH = 144
SHOWN_PER_INCH = 96
"""So many of a browser's pixels are an inch of a picture in a notebook; each of them is 1.5 of its own."""
THEME = palette("light")
PAPER, INK, SOFT, EDGE, LINE, MARK = (
    THEME[role] for role in ("paper", "ink", "soft", "edge", "drawn line", "mark")
)
POSITIVE, NEGATIVE = THEME["posbar"], THEME["negbar"]
METRIC = "#00785a"
"""The second scale of a plot, beside ink for the first."""
CLASSES = (NEGATIVE, POSITIVE, "#009e73", "#b04f9a", "#b59f00", INK, "#7a4fa3", "#8c5a2b", "#3fb3cc", EDGE)
"""A colour for each label, from 0 on; after the last one they begin anew. Of two, orange is 0, blue is 1."""
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "<", ">", "*")
"""A shape for each label, so that no class rests on its colour alone."""
LEGEND_ROW = 16
"""Points of height for each row of a legend."""
LITERAL = {"parse_math": False}
"""What a text takes that holds names from outside: a $ in them is a dollar and begins no formula."""
CROWDED = 40
"""From this many letters on the names below the Axes stand upright."""


def axes(width: float = 6.4, height: float = 4.0) -> Any:
    """Return the Axes of a new figure of that size in inches, which no pyplot state keeps alive.

    A cell of a notebook that ends in them, or in their figure, shows the picture.

    >>> axes(8, 4).figure.get_size_inches().tolist()
    [8.0, 4.0]
    """
    figure = load("matplotlib.figure", extra="lab").Figure(figsize=(width, height), layout="constrained")
    ax = figure.add_subplot()
    ax._repr_png_ = figure._repr_png_ = partial(_in_notebook, ax)
    return ax


def dressed(ax: Any = None, width: float = 6.4, height: float = 4.0) -> Any:
    """Return the given Axes, or without them new ones of that size in inches, in the dress of every plot.

    Errors: TypeError for what are no Axes.

    >>> ax = axes()
    >>> dressed(ax) is ax
    True
    """
    ax = axes(width, height) if ax is None else _checked(ax)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[:].set_color(EDGE)
    ax.tick_params(color=EDGE, labelcolor=INK)
    return ax


def captioned(ax: Any, title: str, handles: Sequence[Any] = (), columns: int = 4) -> None:
    """Write a title at the left above the Axes and, between the two, a legend of the handles in columns.

    >>> ax = axes()
    >>> captioned(ax, "a line", ax.plot([0, 1], [0, 1], label="y = x"))
    >>> ax.get_title(loc="left"), ax.get_legend().get_texts()[0].get_text()
    ('a line', 'y = x')
    """
    rows = -(-len(handles) // columns)
    ax.set_title(title, loc="left", fontsize=11, color=INK, pad=6 + LEGEND_ROW * rows, **LITERAL)
    if handles:
        legend = ax.legend(
            handles=handles, ncols=columns, loc="lower left", bbox_to_anchor=(0, 1), frameon=False,
            fontsize=9, labelcolor=INK, borderpad=0.2, borderaxespad=0.1, columnspacing=1.2,
        )  # fmt: skip
        for text in legend.get_texts():
            text.set(**LITERAL)


def handle(text: str, **style: Any) -> Any:
    """Return an entry of a legend: a marker, or a line where a linestyle is given, of that style.

    >>> handle("cat", marker="o").get_label()
    'cat'
    """
    style = {"linestyle": "none", "markeredgecolor": INK, "markersize": 6} | style
    return load("matplotlib.lines", extra="lab").Line2D([], [], label=text, **style)


def blended(colour: str, share: float) -> tuple[float, float, float]:
    """Return a colour mixed with the paper's, of which the share is its own: red, green, blue from 0 to 1.

    >>> blended(PAPER, 0.5)
    (1.0, 1.0, 1.0)
    """
    rgb = load("matplotlib.colors", extra="lab").to_rgb
    r, g, b = [share * x + (1 - share) * y for x, y in zip(rgb(colour), rgb(PAPER), strict=True)]
    return r, g, b


def diverging() -> Any:
    """Return the colour map from orange through the paper's white to blue: of -1, 0 and 1 after scaling.

    >>> diverging()(0.5)[:3] == (1.0, 1.0, 1.0)
    True
    """
    colours = [THEME["neg"], NEGATIVE, PAPER, POSITIVE, THEME["pos"]]
    return load("matplotlib.colors", extra="lab").LinearSegmentedColormap.from_list("sign", colours, N=257)


def rising() -> Any:
    """Return the colour map from the paper's white to blue: the half of `diverging` for what is not below 0.

    >>> rising()(0.0)[:3] == (1.0, 1.0, 1.0), rising()(1.0) == diverging()(1.0)
    (True, True)
    """
    colours = [PAPER, POSITIVE, THEME["pos"]]
    return load("matplotlib.colors", extra="lab").LinearSegmentedColormap.from_list("above", colours, N=257)


def shades() -> Any:
    """Return the colour map from the paper's white to ink, for sizes without a sign.

    >>> shades()(0.0)[:3] == (1.0, 1.0, 1.0)
    True
    """
    colours = [PAPER, LINE, EDGE, SOFT, INK]
    return load("matplotlib.colors", extra="lab").LinearSegmentedColormap.from_list("size", colours)


def logarithmic(axis: Any, low: float, high: float) -> None:
    """Make the scale of an x or y axis logarithmic, with ticks that can be read for numbers from low to high.

    Over two decades and more the ticks are powers of ten, over less 1, 2, 3, 5 times those, over a factor
    below five they are even.

    >>> ax = axes()
    >>> logarithmic(ax.yaxis, 0.02, 0.9)
    >>> ax.get_yscale(), ax.yaxis.get_major_formatter()(0.05)
    ('log', '0.05')
    """
    ticker = load("matplotlib.ticker", extra="lab")
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    if high < 5 * low:
        locator = ticker.MaxNLocator(5)
    else:
        locator = ticker.LogLocator(subs=(1.0,) if high >= 100 * low else (1.0, 2.0, 3.0, 5.0), numticks=8)
    axis.set_major_locator(locator)
    if 1e-3 <= low and high < 1e5:
        axis.set_major_formatter(ticker.StrMethodFormatter("{x:g}"))
    else:
        axis.set_major_formatter(ticker.LogFormatterSciNotation(minor_thresholds=(math.inf, math.inf)))
    axis.set_minor_formatter(ticker.NullFormatter())


def png(ax: Any) -> bytes:
    """Return the figure of the Axes as a PNG file, 144 pixels an inch.

    Errors: TypeError for what are no Axes.

    >>> png(axes())[1:4]
    b'PNG'
    """
    buffer = io.BytesIO()
    _checked(ax).figure.savefig(buffer, format="png", dpi=PIXELS_PER_INCH)
    return buffer.getvalue()


def _checked(ax: Any) -> Any:
    if not hasattr(ax, "spines"):
        raise TypeError(f"ax is matplotlib's Axes, or left out for new ones, got {shown(ax)}")
    return ax


def _in_notebook(ax: Any) -> tuple[bytes, dict[str, int]]:
    """Return the PNG file and the size at which a notebook shows it, in the browser's pixels."""
    width, height = ax.figure.get_size_inches()
    size = {"width": round(SHOWN_PER_INCH * width), "height": round(SHOWN_PER_INCH * height)}
    return png(ax), size
