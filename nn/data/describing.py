"""Describing data in words: counts, columns with their units and spans."""

from collections.abc import Sequence

from nn.data.cells import Point


def counted(count: int, what: str) -> str:
    """Return a count with its noun.

    >>> counted(1, "point"), counted(2, "class")
    ('1 point', '2 classes')
    """
    return f"{count} {what}{'' if count == 1 else 'es' if what.endswith('s') else 's'}"


def sized(points: int, columns: int, classes: int) -> str:
    """Return the size of a data set in words; without classes it is a regression.

    >>> sized(4, 2, 2), sized(1, 1, 0)
    ('4 points, 2 columns, 2 classes', '1 point, 1 column, regression')
    """
    task = counted(classes, "class") if classes else "regression"
    return f"{counted(points, 'point')}, {counted(columns, 'column')}, {task}"


def measured(name: str, unit: str) -> str:
    """Return a name with its unit, if it has one.

    >>> measured("petal length", "cm"), measured("hue", "")
    ('petal length (cm)', 'hue')
    """
    return f"{name} ({unit})" if unit else name


def spanned(name: str, unit: str, numbers: Sequence[float]) -> str:
    """Return a column's name, unit, least and largest number.

    >>> spanned("petal length", "cm", [3.5, 1.0])
    'petal length (cm): 1 ... 3.5'
    """
    return f"{measured(name, unit)}: {min(numbers):g} ... {max(numbers):g}"


def spans(inputs: Sequence[str], units: Sequence[str], points: Sequence[Point], limit: int = 12) -> list[str]:
    """Return a line for each column; of more columns than the limit, one line for all.

    >>> spans(["a", "b"], ["", "cm"], [(1, 3), (2, 5)])
    ['a: 1 ... 2', 'b (cm): 3 ... 5']
    """
    columns = list(zip(*points, strict=True))
    if len(columns) > limit:
        everything = [x for column in columns for x in column]
        return [spanned(f"{inputs[0]}, {inputs[1]}, ..., {inputs[-1]}", "", everything)]
    return [spanned(*column) for column in zip(inputs, units, columns, strict=True)]
