"""The form of a Dataset: what it is made of, converted, and checked against each other."""

from collections.abc import Iterable, Sequence
from typing import Any

from nn.data.cells import label, listed, number, plain, rows


def texts(what: str, given: Iterable[str]) -> tuple[str, ...]:
    """Return names as a tuple, each there once.

    Errors: TypeError for one that is no text or blank, ValueError for one that is there twice.

    >>> texts("inputs", ["height", "width"])
    ('height', 'width')
    """
    found = tuple(listed(what, given))
    for text in found:
        if not isinstance(text, str) or not text.strip():
            raise TypeError(f"{what} are texts that are not blank, got {text!r}")
    once(what, found)
    return found


def once(what: str, given: Sequence[Any]) -> None:
    """Refuse things that are there twice.

    Errors: ValueError with the first that is.

    >>> once("inputs", ["height", "width"])
    """
    met: set[Any] = set()
    for one in given:
        if one in met:
            raise ValueError(f"each of the {what} is there once, got {one!r} twice")
        met.add(one)


def form(
    points: Any, targets: Any, names: Any, classes: Any, inputs: Any, units: Any, target: str
) -> dict[str, Any]:
    """Return the fields of a Dataset with what was left out filled in.

    Columns are called x0, x1, ..., have no units, classes are 0 ... k-1, the target is called class or y.

    Errors: as Dataset.

    >>> form([[0], [1]], [5, 6], (), (), ("height",), (), "")["points"]
    ((0.0,), (1.0,))
    """
    called = texts("names", names)
    if len(called) == 1:
        raise ValueError(f"a classification has at least two classes, got {called[0]!r} alone")
    originals = tuple(listed("classes", classes)) or tuple(range(len(called)))
    once("classes", originals)
    if len(originals) != len(called):
        raise ValueError(f"each class has a name: got {len(originals)} classes, {len(called)} names")
    columns = texts("inputs", inputs)
    found = rows(points, columns)
    width = len(found[0])
    measures = tuple(listed("units", units))
    for what, given in (("inputs", columns), ("units", measures)):
        if given and len(given) != width:
            raise ValueError(f"a point has {width} numbers, got {len(given)} {what}")
    answers = [plain(one) for one in listed("targets", targets)]
    if len(found) != len(answers):
        raise ValueError(f"each point has a target: got {len(found)} points, {len(answers)} targets")
    target = target or ("class" if called else "y")
    if called:
        answers = [label(i, one, called) for i, one in enumerate(answers)]
    else:
        answers = [_goal(i, target, one) for i, one in enumerate(answers)]
    return {
        "points": found,
        "targets": tuple(answers),
        "names": called,
        "classes": originals,
        "inputs": columns or tuple([f"x{i}" for i in range(width)]),
        "units": measures or ("",) * width,
        "target": target,
    }


def _goal(i: int, target: str, given: Any) -> float:
    if isinstance(given, str) and given.strip():
        raise TypeError(
            f"row {i}, target {target!r}: {given!r} is text; for classes: Dataset.labelled(points, labels)"
        )
    return number(f"row {i}, target {target!r}", given)
