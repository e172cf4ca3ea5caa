"""Recurrence through time: the hidden state as a heat map, and the size of the gradient at each time."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from engine.carrier import as_number
from nn.answers import as_floats
from nn.data.cells import listed
from nn.plot.axes import CLASSES, INK, LITERAL, MARKERS, captioned, dressed, logarithmic
from nn.plot.heat import heat

NAMED = 30
"""Up to this many times each one bears the name of what was read."""
MARKED = 25
"""About how many points of a line bear a marker."""
STYLES = ("-", "--", ":", "-.")


def hidden_states(
    hidden: Sequence[Sequence[Any]], ax: Any = None, *, read: Sequence[str] | None = None
) -> Any:
    """Draw hidden vectors [time][hidden], numbers or Values: a column for each time, a row for each feature.

    `read` names what was read at each time, such as the letters of a word.

    Errors: ValueError for no vectors, ones of different lengths, or another number of names than of times;
    TypeError for what is no list of vectors; FloatingPointError naming a number that is not finite.

    >>> ax = hidden_states([[0.5, -0.25], [0.75, 0.0]], read="no")
    >>> [text.get_text() for text in ax.get_xticklabels()]
    ['n', 'o']
    """
    columns = [as_floats(listed("a vector", vector)) for vector in listed("hidden", hidden)]
    lengths = sorted({len(column) for column in columns})
    if len(lengths) != 1 or not lengths[0]:
        raise ValueError(f"hidden_states draws vectors of one length, [time][hidden], got lengths {lengths}")
    if read is not None:
        read = list(read) if isinstance(read, str) else listed("read", read)
    if read is not None and len(read) != len(columns):
        raise ValueError(f"there are {len(columns)} times, but {len(read)} names of what was read")
    for time, column in enumerate(columns):
        for i, x in enumerate(column):
            if not math.isfinite(x):
                raise FloatingPointError(f"feature {i} at time {time} is {x}; engine.births tells where from")
    rows = list(zip(*columns, strict=True))
    ax = dressed(ax, 6.4, 4.0)
    heat(ax, rows, "hidden state", aspect="auto")
    for axis in (ax.xaxis, ax.yaxis):
        axis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    if read is not None:
        named = range(0, len(read), -(-len(read) // NAMED))
        ax.set_xticks(named, [read[time] for time in named], **LITERAL)
    ax.set_xlabel("time" if read is None else "what was read")
    ax.set_ylabel("feature")
    captioned(ax, f"{len(rows)} hidden features over {len(columns)} times")
    return ax


def gradient_through_time(norms: Sequence[float] | Mapping[str, Sequence[float]], ax: Any = None) -> Any:
    """Draw norms of the gradient at each time, as `nn.through_time.gradient_norms` gives, on a log scale.

    Several lists, by name, are several lines. A norm of 0 has no logarithm and no point.

    Errors: ValueError where there is no list, or one without a norm above 0; for a norm below 0; TypeError
    for what is no number; FloatingPointError naming one that is not finite.

    >>> ax = gradient_through_time([0.25, 0.5, 1.0])
    >>> ax.get_yscale(), ax.get_title(loc="left")
    ('log', 'size of the gradient: 0.25 at the first time, 1 at the last')
    """
    given = norms if isinstance(norms, Mapping) else {"": norms}
    lines = {str(name): _checked(str(name), line) for name, line in given.items()}
    above = [norm for line in lines.values() for norm in line if norm > 0]
    if not above:
        raise ValueError("gradient_through_time draws norms of which at least one is above 0, got none")
    ax = dressed(ax)
    logarithmic(ax.yaxis, min(above), max(above))
    handles = []
    for i, (name, line) in enumerate(lines.items()):
        handles += ax.plot(
            range(len(line)), [norm if norm > 0 else math.nan for norm in line],
            color=CLASSES[i % len(CLASSES)] if name else INK, linestyle=STYLES[i % len(STYLES)],
            marker=MARKERS[i % len(MARKERS)], markersize=4, markevery=-(-len(line) // MARKED), label=name,
        )  # fmt: skip
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    ax.set_xlabel("time")
    ax.set_ylabel("|∂loss/∂h| (logarithmic scale)")
    if "" in lines:
        first, last = lines[""][0], lines[""][-1]
        captioned(ax, f"size of the gradient: {first:.2g} at the first time, {last:.2g} at the last")
    else:
        captioned(ax, "size of the gradient at each time", handles, columns=3)
    return ax


def _checked(name: str, norms: Sequence[float]) -> list[float]:
    of = f" of {name}" if name else ""
    found = [float(as_number(norm, "a norm")) for norm in listed(f"norms{of}", norms)]
    for time, norm in enumerate(found):
        if not math.isfinite(norm):
            raise FloatingPointError(f"the gradient{of} at time {time} is {norm}: no line goes there")
        if norm < 0:
            raise ValueError(f"a norm is 0 or more, got {norm} at time {time}{of}")
    return found
