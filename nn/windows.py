"""Windows: what a kernel sees of an image at each place where it stands."""

import operator
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from engine import Value
from engine.carrier import Floats
from engine.recording import Values
from nn.inputs import row

Pair: TypeAlias = tuple[int, int]
"""A size or a distance in rows, and in columns."""


class Planes(NamedTuple):
    """An image that has been looked at: `lines` are [channel][row], each a tuple of its numbers.

    `listed` is what a list of them is for a Neuron, so that none looks at them again: Floats, Values, or a
    tuple where they are of more than one kind.
    """

    lines: list[list[tuple[Any, ...]]]
    listed: Callable[[tuple[Any, ...]], Any]

    @property
    def shape(self) -> tuple[int, int, int]:
        """The numbers of channels, rows and columns."""
        return len(self.lines), len(self.lines[0]), len(self.lines[0][0])


def planes(image: Any, reader: str, *, flat: bool = False) -> Planes:
    """Return an image [channel][row][column] of numbers or Values, looked at once; `reader` asks for it.

    A `flat` one is a sequence [channel][time]: each channel is one row.

    Errors: TypeError for what is no image, ValueError for one that is empty, has rows of different lengths or
    channels of different sizes, or for a nan, with the channel and the row.

    >>> planes([[[1, 2, 3], [4, 5, 6]]], "the test").shape
    (1, 2, 3)
    """
    form = "a sequence [channel][time]" if flat else "an image [channel][row][column]"
    wanted = f"{reader} takes {form} of numbers"
    lines: list[list[tuple[Any, ...]]] = []
    for c, plane in enumerate(_listed(image, wanted)):
        place = f"{wanted}: in channel {c}"
        rows = [plane] if flat else _listed(plane, place)
        lines.append([_line(one, place if flat else f"{place}, row {r}") for r, one in enumerate(rows)])
    lengths = [[len(line) for line in plane] for plane in lines]
    if not lengths or not all(lengths) or not all(map(all, lengths)):
        raise ValueError(f"{wanted}, at least one in each row, got {image!r:.80}")
    for c, found in enumerate(lengths):
        if found != [lengths[0][0]] * len(lengths[0]):
            raise ValueError(
                f"{wanted}, all channels of one size; the rows of channel {c} have lengths {found}, those of "
                f"channel 0 {lengths[0]}"
            )
    kinds = {type(line) for plane in lines for line in plane}
    return Planes(lines, Floats if kinds == {Floats} else Values.of if kinds == {Values} else tuple)


def _listed(x: Any, wanted: str) -> list[Any]:
    if not isinstance(x, Iterable) or isinstance(x, (str, bytes)) or getattr(x, "ndim", 1) == 0:
        raise TypeError(f"{wanted}, got {x!r:.80}")
    return list(x)


def _line(x: Any, place: str) -> tuple[Any, ...]:
    try:
        return row(_listed(x, "a row is a list"))
    except (TypeError, ValueError) as error:
        raise type(error)(f"{place}: {error}") from None


def pair(name: str, given: Any, least: int, *, flat: bool = False) -> Pair:
    """Return a whole number, or two for rows and columns, as two; `flat` ones are a number, for one row.

    Errors: TypeError for anything else, ValueError for a number below the `least`.

    >>> pair("stride", 2, 1), pair("stride", (2, 1), 1), pair("stride", 2, 1, flat=True)
    ((2, 2), (2, 1), (1, 2))
    """
    numbers = (least, given) if flat else given if isinstance(given, (list, tuple)) else (given, given)
    if len(numbers) != 2 or not all(map(_is_whole, numbers)):
        more = "" if flat else ", or two for rows and columns"
        raise TypeError(f"{name} is a whole number{more}, got {given!r}")
    down, across = map(operator.index, numbers)
    if min(down, across) < least:
        raise ValueError(f"{name} is at least {least}, got {given!r}")
    return down, across


def _is_whole(x: Any) -> bool:
    try:
        return type(x) is not bool and operator.index(x) == x
    except TypeError:  # no whole number, or an array, which stands for one only where it has one element
        return False


def brief(numbers: Pair, *, flat: bool) -> int | Pair:
    """Return two numbers as `pair` takes them, one where one says it.

    >>> brief((3, 3), flat=False), brief((1, 3), flat=True), brief((1, 3), flat=False)
    (3, 3, (1, 3))
    """
    return numbers[1] if flat or numbers[0] == numbers[1] else numbers


def windows(
    lines: Sequence[Sequence[tuple[Any, ...]]],
    kernel: Pair,
    stride: Pair,
    padding: Pair = (0, 0),
    *,
    zero: float | Value = 0.0,
    reader: str,
) -> list[list[tuple[Any, ...]]]:
    """Return what a kernel sees at each place [down][across]: channel by channel, row by row, in one tuple.

    `lines` are those of `planes`; around them stand `padding` rows and columns of `zero`. There are
    ⌊(size + 2·padding - kernel) / stride⌋ + 1 places: less than a stride at the end is left out.

    Errors: ValueError where the kernel is larger than the image with its padding.

    >>> windows([[(1, 2, 3), (4, 5, 6)]], (2, 2), (1, 1), reader="the test")
    [[(1, 2, 4, 5), (2, 3, 5, 6)]]
    """
    size = len(lines[0]), len(lines[0][0])
    padded = size[0] + 2 * padding[0], size[1] + 2 * padding[1]
    if kernel[0] > padded[0] or kernel[1] > padded[1]:
        more = f", {shown(padded)} with its padding" if any(padding) else ""
        raise ValueError(
            f"{reader}: a window of {shown(kernel)} does not fit an image of {shown(size)}{more}; take a "
            "smaller kernel or a larger image"
        )
    if any(padding):
        side, blank = (zero,) * padding[1], [(zero,) * padded[1]] * padding[0]
        lines = [[*blank, *[(*side, *line, *side) for line in plane], *blank] for plane in lines]
    seen = []
    for top in range(0, padded[0] - kernel[0] + 1, stride[0]):
        rows = [line for plane in lines for line in plane[top : top + kernel[0]]]
        seen.append(
            [
                tuple([x for line in rows for x in line[left : left + kernel[1]]])
                for left in range(0, padded[1] - kernel[1] + 1, stride[1])
            ]
        )
    return seen


def shown(size: Iterable[int]) -> str:
    """Return sizes as people write them.

    >>> shown((1, 8, 8))
    '1 × 8 × 8'
    """
    return " × ".join(map(str, size))
