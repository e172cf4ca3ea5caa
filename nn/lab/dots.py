"""The dots of every fold: the scores of each technique on a data set, with their mean and spread."""

from typing import Any

from nn.lab.figures import Row, Sheet
from nn.lab.techniques import GUESS
from nn.plot.axes import EDGE, INK, LINE, PAPER, SOFT, captioned, dressed, handle

HEIGHT, HEAD = 0.27, 1.0
"""Inches of a technique's line, and of what stands above and below the lines."""
APART = 0.16
"""How far above and below its line the dots of the first and of the last seed stand."""
ROOM = 0.04
"""Of the extent of the scores, the room at both sides."""


def dots(sheet: Sheet, ax: Any = None) -> Any:
    """Draw the score of every run as a dot, each technique on a line of its own, the best above.

    Full dots are those of our neurons, hollow ones of other techniques; each seed has its own height. The
    tick is the mean, the line around it goes one spread to both sides, the dashed line is the mean of
    guessing. Scores left of the scale are triangles at its edge: those of guessing where all others are above
    them, and what is further below guessing than the best is above it.

    Errors: ValueError where no technique has figures.

    >>> from nn.lab.laboratory import Laboratory
    >>> from nn.lab.figures import sheets
    >>> dots(sheets(Laboratory(["iris"], ["tree"], seeds=1, folds=2), {})[0])
    Traceback (most recent call last):
        ...
    ValueError: no technique has figures of iris: there are no dots
    """
    rows = sheet.good
    if not rows:
        raise ValueError(f"no technique has figures of {sheet.subject.name}: there are no dots")
    ax = dressed(ax, 7.6, HEAD + HEIGHT * len(rows))
    low, high = _span(sheet)
    for line, row in enumerate(rows):
        _line(ax, row, line, low)
    room = ROOM * (high - low)
    ax.set(xlim=(low - room, high + room), ylim=(len(rows) - 0.5, -0.5), xlabel=sheet.score)
    ax.set_yticks(range(len(rows)), [row.technique.name for row in rows])
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    handles = [
        handle("ours", marker="o", color=SOFT, markeredgecolor=INK),
        handle("others", marker="o", color=PAPER, markeredgecolor=SOFT),
        handle("mean ± spread", marker="|", color=INK, linestyle="-", markersize=11, markeredgewidth=2),
    ]
    guess = sheet.row(GUESS)
    if guess is not None and low <= guess.mean:
        look = {"color": EDGE, "linestyle": "--", "linewidth": 1}
        ax.axvline(guess.mean, zorder=0, **look)
        handles.append(handle("guessing", **look))
    captioned(ax, f"{sheet.subject.name}: every run on its own fold", handles)
    return ax


def _span(sheet: Sheet) -> tuple[float, float]:
    """Return the least and largest score that is drawn in its place.

    Guessing alone does not stretch the scale, nor does what is further below it than the best is above.
    """
    guess = sheet.row(GUESS)
    counted = [row for row in sheet.good if row is not guess] or sheet.good
    scores = [score for row in counted for score in row.scores]
    low, high = min(scores), max(scores)
    if guess is not None:
        low, high = max(low, min(guess.mean, 2 * guess.mean - high)), max(high, guess.mean)
    return (low, high) if low < high else (low - 0.5, high + 0.5)


def _line(ax: Any, row: Row, line: int, low: float) -> None:
    """Draw the dots of one technique, its mean and its spread."""
    ax.axhline(line, color=LINE, linewidth=0.6, zorder=-1)
    seeds = max(result["seed"] for result in row.results) + 1
    for result in row.results:
        shift = 0.0 if seeds == 1 else APART * (2 * result["seed"] / (seeds - 1) - 1)
        score = result["score"]
        look = {"color": SOFT, "markeredgecolor": INK} if row.technique.ours else {"color": PAPER}
        ax.plot(
            max(score, low), line + shift, linestyle="none", marker="o" if score >= low else "<",
            **{"markeredgecolor": SOFT, "markersize": 5, "alpha": 0.75, "markeredgewidth": 0.9} | look,
            zorder=2, clip_on=False,
        )  # fmt: skip
    if row.mean >= low:
        left = max(low, row.mean - row.spread)
        ax.plot([left, row.mean + row.spread], [line, line], color=INK, linewidth=1.2, zorder=3)
        ax.plot(row.mean, line, marker="|", color=INK, markersize=13, markeredgewidth=2.2, zorder=3)
