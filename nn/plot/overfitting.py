"""Over-fitting: training loss and validation loss against what makes a model fit more."""

import math
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, runtime_checkable

from nn.data.cells import listed
from nn.plot.axes import EDGE, INK, LITERAL, PAPER, captioned, dressed, logarithmic

APART = 1.4
"""Numbers that grow by this factor or more are themselves the ticks of a logarithmic scale."""


@runtime_checkable
class HasRow(Protocol):
    """What knows its row: a Trial of `nn.remedies`, a Capacity of `nn.overfitting`."""

    @property
    def row(self) -> tuple[float, float, float]:
        """A number, the training loss and the validation loss there."""


def overfitting(
    rows: Iterable[Sequence[float] | HasRow],
    ax: Any = None,
    *,
    number: str = "number of parameters",
    loss: str = "loss",
    validation: str = "validation loss",
    log_number: bool = False,
    log_loss: bool = False,
) -> Any:
    """Draw rows (a number, training loss, validation loss): two lines over the number, such as a capacity.

    What has a `row` is taken as such: a Trial of `nn.remedies`, a Capacity of `nn.capacity_curve`. `number`
    and `loss` name the two scales with their units; each may be logarithmic. `validation` names the second
    line, such as "true error"; the number where it is lowest is marked.

    Errors: ValueError for no rows, a row of another length or with a number that is not finite, and where a
    logarithmic scale meets what is not positive; TypeError for what is no list.

    >>> ax = overfitting([(1, 0.5, 0.6), (2, 0.2, 0.3), (4, 0.0, 0.5)], number="pieces")
    >>> ax.get_title(loc="left")
    'lowest validation loss 0.3 at 2'
    >>> from nn.overfitting import capacity_curve
    >>> overfitting(capacity_curve(), validation="true error").get_title(loc="left")
    'lowest true error 0.0003623 at 4'
    """
    table = [
        tuple(row.row if isinstance(row, HasRow) else listed("a row", row)) for row in listed("rows", rows)
    ]
    _check(table, log_number, log_loss)
    table.sort()
    numbers, training, validated = zip(*table, strict=True)
    ax = dressed(ax)
    lines = ax.plot(numbers, training, "o-", color=INK, markersize=5, label="training loss", clip_on=False)
    lines += ax.plot(
        numbers,
        validated,
        "s--",
        color=INK,
        markersize=5,
        markerfacecolor=PAPER,
        label=validation,
        clip_on=False,
    )
    best = min(table, key=lambda row: row[2])
    ax.axvline(best[0], color=EDGE, linewidth=1, linestyle=":", zorder=0)
    ax.plot(best[0], best[2], "o", markersize=12, markerfacecolor="none", markeredgecolor=INK, clip_on=False)
    if log_number:
        logarithmic(ax.xaxis, numbers[0], numbers[-1])
        if all(b >= APART * a for a, b in zip(numbers, numbers[1:], strict=False)):
            ax.set_xticks(numbers)
    if log_loss:
        logarithmic(ax.yaxis, min(training + validated), max(training + validated))
    elif min(training + validated) >= 0:
        ax.set_ylim(bottom=0)
    ax.set_xlabel(number, **LITERAL)
    ax.set_ylabel(loss, **LITERAL)
    captioned(ax, f"lowest {validation} {best[2]:.4g} at {best[0]:g}", lines)
    return ax


def _check(table: list[tuple[float, ...]], log_number: bool, log_loss: bool) -> None:
    if not table:
        raise ValueError("overfitting draws rows (number, training loss, validation loss), got none")
    for row in table:
        if len(row) != 3:
            raise ValueError(f"a row is (number, training loss, validation loss), got {row!r}")
        if not all(map(math.isfinite, row)):
            raise ValueError(f"overfitting takes finite numbers, got the row {row!r}")
        if log_number and row[0] <= 0 or log_loss and min(row[1:]) <= 0:
            raise ValueError(f"a logarithmic scale takes positive numbers, got the row {row!r}")
