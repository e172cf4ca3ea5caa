"""Cells of a table as they come in: made plain floats, or refused with their row and column."""

import math
import operator
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from nn.checked import finite, real, shown
from nn.inputs import whole

Point: TypeAlias = tuple[float, ...]
Label: TypeAlias = str | int | float


def plain(given: Any) -> Any:
    """Return a numpy array, or anything else that has `tolist`, as what that gives; the rest as it is.

    >>> import numpy as np
    >>> plain(np.float64(0.5)), plain(np.arange(3)), plain("a")
    (0.5, [0, 1, 2], 'a')
    """
    return given.tolist() if hasattr(given, "tolist") else given


def listed(what: str, given: Any) -> list[Any]:
    """Return what was given as a list, refusing texts, and things that hold nothing in order.

    Errors: TypeError naming `what` and what came.

    >>> listed("targets", (1, 2))
    [1, 2]
    """
    given = plain(given)
    if not isinstance(given, Iterable) or isinstance(given, (str, bytes, dict, set, frozenset)):
        raise TypeError(f"{what}: a list is needed, got {shown(given)}")
    if hasattr(given, "to_numpy"):
        raise TypeError(f"{what}: a list is needed, got a {type(given).__name__}; pass its .to_numpy()")
    return list(given)


def rows(points: Any, inputs: Sequence[str]) -> tuple[Point, ...]:
    """Return rows of numbers as tuples of floats, all as long as the first.

    `inputs` names the columns in errors; where it is empty, they are called x0, x1, ...

    Errors: ValueError, naming row (from 0) and column, for a cell that is missing or not finite, for a row
    of another length, or for no rows; TypeError for what is no row or no number.

    >>> rows([[0, 1], [2, 3]], ())
    ((0.0, 1.0), (2.0, 3.0))
    """
    found = tuple([_row(i, row, inputs) for i, row in enumerate(listed("points", points))])
    if not found:
        raise ValueError("a Dataset has at least one point, got none")
    width = len(found[0])
    if not width:
        raise ValueError("a point has at least one number, row 0 has none")
    for i, row in enumerate(found):
        if len(row) != width:
            raise ValueError(f"row {i} has {len(row)} numbers, the first row has {width}")
    return found


def _row(i: int, given: Any, inputs: Sequence[str]) -> Point:
    cells = plain(given)
    if not isinstance(cells, Iterable) or isinstance(cells, (str, bytes, dict, set)):
        raise TypeError(f"row {i} is no row of numbers, got {given!r}")
    cells = list(cells)
    names = inputs if len(inputs) == len(cells) else [f"x{j}" for j in range(len(cells))]
    return tuple([number(f"row {i}, column {name!r}", x) for name, x in zip(names, cells, strict=True)])


def number(where: str, given: Any) -> float:
    """Return a cell as a finite float.

    Errors: ValueError for one that is missing (None, "", nan) or not finite, TypeError for what is no
    number; both begin with `where`.

    >>> number("row 0, column 'height'", 2)
    2.0
    """
    cell = plain(given)
    if type(cell) is float and math.isfinite(cell):
        return cell
    if missing(cell):
        raise ValueError(f"{where}: {cell!r} is a missing value; leave the row out or fill the cell")
    if isinstance(cell, (str, bytes)):
        raise TypeError(f"{where}: {cell!r} is text, a number is needed")
    try:
        found = float(cell)
    except OverflowError:
        raise ValueError(f"{where}: the number is too large for a float") from None
    except TypeError:
        raise TypeError(f"{where}: {cell!r} is no number") from None
    if not math.isfinite(found):
        raise ValueError(f"{where}: {found} is not finite")
    return found


def missing(cell: Any) -> bool:
    """Say whether a cell is empty: None, a blank text, or nan.

    >>> missing(None), missing(" "), missing(float("nan")), missing(0)
    (True, True, True, False)
    """
    if cell is None or isinstance(cell, str):
        return not (cell and cell.strip())
    try:
        return bool(cell != cell)
    except TypeError:  # pandas.NA, which will not say whether it differs from itself
        return True


def label(i: int, given: Any, names: Sequence[str]) -> int:
    """Return the label of row i as an int that has a name: one of 0 ... len(names)-1.

    Errors: TypeError for what is no whole number, ValueError for one that is out of range.

    >>> label(0, 1, ("low", "high"))
    1
    """
    try:
        index = operator.index(plain(given))
    except TypeError:
        raise TypeError(
            f"the label of row {i} is {given!r}, no whole number; Dataset.labelled takes labels of any kind"
        ) from None
    if not 0 <= index < len(names):
        raise ValueError(
            f"the label of row {i} is {index}, outside 0 ... {len(names) - 1}: there are {len(names)} names"
        )
    return index


def sorted_labels(labels: Sequence[Any]) -> tuple[Label, ...]:
    """Return the different labels, sorted: all texts, or all whole numbers.

    Errors: ValueError for a missing label or a fraction, naming the row (from 0); TypeError for labels of
    another kind or of mixed kinds.

    >>> sorted_labels(["b", "a", "b"])
    ('a', 'b')
    """
    for i, given in enumerate(labels):
        if missing(given):
            raise ValueError(f"the label of row {i}: {given!r} is a missing value; leave the row out")
        if not isinstance(given, (str, int, float)):
            raise TypeError(f"the label of row {i} is {given!r}; a label is a text or a whole number")
        if isinstance(given, float) and not given.is_integer():
            raise ValueError(
                f"the label of row {i} is {given!r}, a fraction; "
                "for numbers to predict: Dataset(points, targets)"
            )
    texts = [isinstance(given, str) for given in labels]
    if any(texts) and not all(texts):
        odd = texts.index(not texts[0])
        raise TypeError(
            "labels are all texts or all whole numbers, "
            f"got {labels[0]!r} in row 0, {labels[odd]!r} in row {odd}"
        )
    return tuple(sorted(set(labels)))


def spread(noise: float) -> None:
    """Refuse what is no standard deviation of noise.

    Errors: ValueError for a number below 0, infinite or nan, TypeError for what is no number.

    >>> spread(0.1)
    """
    if not 0 <= real("the noise", noise) < math.inf:
        raise ValueError(f"the noise is a standard deviation, 0 or more, got {noise!r}")


def places_of(what: str, count: int, places: Iterable[int]) -> list[int]:
    """Return places of `count` things as ints, counted from 0, or back from -1; `what` names the things.

    Errors: TypeError for what is no list of whole numbers, IndexError for one that is not there.

    >>> places_of("points", 3, [2, -1])
    [2, -1]
    """
    found = [whole("a place", place) for place in listed("places", places)]
    for place in found:
        if not -count <= place < count:
            raise IndexError(f"there are {count} {what}, got place {place}")
    return found


def limits(interval: Any) -> tuple[float, float]:
    """Return the two ends of an interval as floats.

    Errors: TypeError for what is no list of numbers, ValueError for one that does not rise or is not finite.

    >>> limits((0, 1))
    (0.0, 1.0)
    """
    ends = listed("interval", interval)
    if len(ends) != 2:
        raise ValueError(f"an interval has two ends, such as (0, 1), got {shown(interval)}")
    left, right = finite("the left end", ends[0]), finite("the right end", ends[1])
    if not left < right:
        raise ValueError(f"an interval runs from left to right, got {interval!r}")
    return left, right
