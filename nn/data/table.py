"""CSV files: a table of the user's own, read as a Dataset or refused with line and column."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from nn.data.cells import missing, number
from nn.data.dataset import Dataset
from nn.nearest import pick

TASKS = {"classification": "classification", "regression": "regression"}
MOST_CLASSES = 20
"""So many different whole numbers are still taken for classes, if each is there twice on average."""
FEW_ROWS = 10
"""From so many rows on, texts are refused as classes where each is there less than twice on average."""
MISSING = frozenset("NA N/A n/a #N/A <NA> NULL null None ?".split())
"""Cells that stand for a missing value, as in pandas' `read_csv`, and the UCI repository's question mark."""
AS_CLASSES = "task='classification' (--task classification on the command line)"
AS_NUMBERS = "task='regression' (--task regression on the command line)"

Line = tuple[int, list[str]]
"""The number of a line in the file, from 1, and its cells."""


def read_csv(
    path: str | Path, target: str | None = None, *, delimiter: str = ",", task: str | None = None
) -> Dataset:
    """Return the table of a CSV file whose first line names the columns.

    `target` is the column to predict (left out, the last one); all others are numbers. Targets are classes
    where they are texts, or whole numbers of few kinds (at most 20, each there twice on average); otherwise
    they are numbers to predict. `task` "classification" or "regression" decides instead. The description
    says how it was taken. Quoted cells are as RFC 4180 has them, a byte order mark is skipped.

    Errors: FileNotFoundError; ValueError naming line and column for a missing cell (empty, nan, or one of
    MISSING), text where a number is needed, a line of another length, a first line that holds numbers, a
    column without a name or named twice, an unknown target, text that is not UTF-8, fewer than two rows;
    naming the column for targets that are all the same, or texts that are nearly all different.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "heights.csv")
    ...     _ = path.write_text("height,weight,kind\\n1.5,50,cat\\n1.7,70,dog\\n")
    ...     read_csv(path)
    Dataset('heights': 2 points, 2 columns, 2 classes)
    """
    path = Path(path)
    wanted = pick("task", task, TASKS) if task is not None else None
    header, lines = _table(path, delimiter)
    places = {name: i for i, name in enumerate(header)}
    goal = len(header) - 1 if target is None else pick("column", target, places)
    kept = [i for i in range(len(header)) if i != goal]
    points = [[_number(path, at, header[i], cells[i]) for i in kept] for at, cells in lines]
    answers = [(at, cells[goal]) for at, cells in lines]
    for at, cell in answers:
        _filled(_where(path, at, header[goal]), cell)
    labels, told = _labels(path, header[goal], answers, wanted)
    texts: dict[str, Any] = {
        "inputs": [header[i] for i in kept],
        "target": header[goal],
        "name": path.stem,
        "description": f"{header[goal]!r} is taken for {told}",
        "source": path.name,
    }
    if labels is not None:
        _several(path, header[goal], labels)
        return Dataset.labelled(points, labels, **texts)
    numbers = [_number(path, at, header[goal], cell) for at, cell in answers]
    _several(path, header[goal], numbers)
    return Dataset(points, numbers, **texts)


def _labels(
    path: Path, column: str, answers: Sequence[tuple[int, str]], task: str | None
) -> tuple[list[str] | list[int] | None, str]:
    """Return the targets as labels, or None where they are numbers to predict, and words on why."""
    cells = [cell for _, cell in answers]
    numeric = [_is_number(cell) for cell in cells]
    whole = all(numeric) and all([float(cell).is_integer() for cell in cells])
    if task == "regression":
        return None, "numbers to predict, as asked"
    if task == "classification":
        return ([_integer(cell) for cell in cells] if whole else cells), "classes, as asked"
    for at, cell in answers:
        _no_comma(_where(path, at, column), cell)
    if not any(numeric):
        kinds = len(set(cells))
        if len(cells) >= FEW_ROWS and 2 * kinds > len(cells):
            raise ValueError(
                f"{path}: column {column!r} has {kinds} different texts in {len(cells)} rows: nothing to "
                "learn a class from; name another column with target=... (--target on the command line)"
            )
        return cells, "classes: it has texts"
    if not all(numeric):
        at, cell = answers[numeric.index(not numeric[0])]
        ours, others = ("text", "numbers") if numeric[0] else ("a number", "texts")
        raise ValueError(
            f"{_where(path, at, column)}: {cell!r} is {ours}, the lines before have {others}; "
            f"correct it, or say {AS_CLASSES}"
        )
    kinds = len(set(map(_integer, cells))) if whole else 0
    if whole and kinds <= MOST_CLASSES and 2 * kinds <= len(cells):
        told = f"classes: it has {kinds} different whole numbers; {AS_NUMBERS} takes them for numbers"
        return [_integer(cell) for cell in cells], told
    return None, f"numbers to predict; {AS_CLASSES} takes them for classes"


def _several(path: Path, column: str, targets: Sequence[Any]) -> None:
    """Refuse targets that are all the same, or a single one."""
    if len(targets) == 1:
        raise ValueError(f"{path} has one row below its header: learning takes two or more")
    if len(set(targets)) == 1:
        raise ValueError(
            f"{path}: column {column!r} is {targets[0]!r} in all {len(targets)} rows: nothing to learn"
        )


def _table(path: Path, delimiter: str) -> tuple[list[str], list[Line]]:
    """Return the header and the lines below it, all of one length."""
    lines = _lines(path, delimiter)
    top, header = next(lines, (0, []))
    if not header:
        raise ValueError(f"{path} is empty: the first line names the columns, the others are the rows")
    numbers = [name for name in header if _is_number(name)]
    if numbers:
        raise ValueError(
            f"{path}, line {top}: the first line must name the columns; it holds numbers, "
            f"such as {numbers[0]!r}"
        )
    for i, name in enumerate(header):
        if not name:
            raise ValueError(f"{path}, line {top}: column {i + 1} of {len(header)} has no name")
        if name in header[:i]:
            first = header.index(name) + 1
            raise ValueError(f"{path}, line {top}: columns {first} and {i + 1} are both called {name!r}")
    if len(header) == 1:
        other = next((mark for mark in ";\t|," if mark in header[0]), None)
        hint = (
            f"; are they separated by {other!r}? then say delimiter={other!r} "
            f"(--delimiter {other!r} on the command line)"
            if other
            else ""
        )
        raise ValueError(f"{path}, line {top}: at least two columns are needed, got {header[0]!r}{hint}")
    found = list(lines)
    if not found:
        raise ValueError(f"{path} has a header but no rows")
    for at, cells in found:
        if len(cells) != len(header):
            hint = "; a cell that contains the delimiter is put in quotes" if len(cells) > len(header) else ""
            if hint and delimiter == ",":
                hint += ", a decimal comma is written as a point: 1.5"
            raise ValueError(f"{path}, line {at}: {len(cells)} cells, the header has {len(header)}{hint}")
    return header, found


def _lines(path: Path, delimiter: str) -> Iterator[Line]:
    """Yield each line that is not blank, with its number in the file."""
    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '"\r\n':
        raise ValueError(f"a delimiter is one character, got {delimiter!r}")
    reader = csv.reader(io.StringIO(_text(path), newline=""), delimiter=delimiter, strict=True)
    at = 1
    try:
        for cells in reader:
            if any([cell.strip() for cell in cells]):
                yield at, [cell.strip() for cell in cells]
            at = reader.line_num + 1
    except csv.Error as error:
        raise ValueError(f"{path}, line {at}: no CSV: {error}") from None


def _text(path: Path) -> str:
    if path.is_dir():
        raise ValueError(f"{path} is a folder, a CSV file is needed")
    if not path.exists():
        raise FileNotFoundError(f"there is no file {path}")
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ValueError(
            f"{path}, line {line}: byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from None


def _where(path: Path, at: int, column: str) -> str:
    return f"{path}, line {at}, column {column!r}"


def _filled(where: str, cell: str) -> None:
    if missing(cell) or cell in MISSING or cell.lower() == "nan":
        raise ValueError(f"{where}: a value is missing, got {cell!r}; fill the cell or leave the line out")


def _no_comma(where: str, cell: str) -> None:
    """Refuse a number with a comma, be it decimal or between thousands."""
    point, bare = cell.replace(",", "."), cell.replace(",", "")
    if re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", cell):
        raise ValueError(
            f"{where}: {cell!r} has a comma: decimal or thousands? write {float(point)} or {bare}"
        )
    if re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?", cell):
        raise ValueError(f"{where}: {cell!r} has commas between thousands; leave them out: {bare}")
    if re.fullmatch(r"[+-]?\d+,\d+", cell):
        raise ValueError(f"{where}: {cell!r} has a decimal comma; write a point: {point}")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _integer(cell: str) -> int:
    return int(cell) if cell.lstrip("+-").isdigit() else int(float(cell))


def _number(path: Path, at: int, column: str, cell: str) -> float:
    where = _where(path, at, column)
    _filled(where, cell)
    _no_comma(where, cell)
    if not _is_number(cell):
        raise ValueError(f"{where}: {cell!r} is text, a number is needed")
    return number(where, float(cell))
