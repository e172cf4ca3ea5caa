"""The folder that a study leaves behind: pictures, tables, figures, the model."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from engine.files import write
from engine.see.drawing import draw
from engine.see.ledger import ledger
from nn.interrupt import Interrupt
from nn.plot.axes import png
from nn.references import references
from nn.study import Study

DRAWN = 6
"""Inputs of a neuron, and outputs, that its picture shows one by one: those that contribute most."""
RESULTS = "results.json"


def save_report(folder: Path, study: Study, *, compare: bool = False) -> dict[str, Any]:
    """Write the report of a study, whole or not at all, and return its figures.

    results.json, history.json and the model's file hold the figures, the epochs and the model; loss.png shows
    the training, further pictures what the study has to show; neuron.svg, .png and .txt show one output
    neuron of an MLP at the test point that fits worst, model.svg and .png any other model as a whole. With
    `compare` the figures have "comparison": the model, then other ways to do the same task, and nothing where
    there are none. An earlier report in the folder is replaced; files of other names stay.

    Errors: OSError where a file cannot be written.

    >>> save_report(Path("runs"), study)  # doctest: +SKIP
    """
    with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as aside:
        figures = _write(Path(aside), study, compare)
        with Interrupt():  # Ctrl-C between two files would leave a mixture of two reports
            for name in _files_of(folder):
                (folder / name).unlink(missing_ok=True)
            for path in Path(aside).iterdir():
                os.replace(path, folder / path.name)
    return figures


def _files_of(folder: Path) -> list[str]:
    """Return the files of the report that a folder holds, by its results."""
    try:
        files = json.loads((folder / RESULTS).read_text(encoding="utf-8"))["files"]
        return [name for name in files if isinstance(name, str) and Path(name).name == name]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _write(folder: Path, study: Study, compare: bool) -> dict[str, Any]:
    """Write all files of the report and return the figures."""
    figures = study.figures()
    if compare:
        figures["comparison"] = [one._asdict() for one in references(study)]
    for name, ax in study.pictures().items():
        write(folder / name, png(ax))
    for name, text in study.texts().items():
        write(folder / name, text.encode())
    figures["drawing"] = _draw(folder, study)
    study.save_model(folder)
    write(folder / "history.json", _json([epoch._asdict() for epoch in study.training.history]))
    figures["files"] = sorted([path.name for path in folder.iterdir()] + [RESULTS])
    write(folder / RESULTS, _json(figures))
    return figures


def _draw(folder: Path, study: Study) -> dict[str, str]:
    """Write the computation of the study as pictures, a small one as a table, too; return what they show."""
    name, result, title, is_small, collapse = study.drawn()
    picture = draw(result, fold=DRAWN, collapse=collapse)
    write(folder / f"{name}.svg", picture.svg.encode())
    write(folder / f"{name}.png", picture.png)
    if is_small:
        write(folder / f"{name}.txt", f"{title}\n\n{ledger(result, limit=None)}\n".encode())
    return {"file": f"{name}.svg", "shows": title}


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
