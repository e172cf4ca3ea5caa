"""Checkpoints: files from which a training goes on, to the same bits as if it had never stopped."""

from pathlib import Path
from typing import Any

from nn.documents import fingerprint, read_document, write_document
from nn.module import Module
from nn.optim import Optimizer
from nn.progress import Progress

KIND = "chainrule checkpoint"


def save_checkpoint(
    path: Path, settings: dict[str, Any], model: Module, optimizer: Optimizer, progress: Progress
) -> None:
    """Write a training's settings, parameters, optimizer and progress, whole or not at all.

    >>> save_checkpoint(path, settings, model, optimizer, progress)  # doctest: +SKIP
    """
    content = {
        "settings": settings,
        "parameters": model.state(),
        "optimizer": optimizer.state(),
        "progress": progress.state(),
    }
    write_document(path, KIND, content)


def load_checkpoint(path: Path, settings: dict[str, Any], model: Module, optimizer: Optimizer) -> Progress:
    """Set model and optimizer to what a checkpoint holds, and return its progress; all of it or nothing.

    Errors: ValueError for a damaged file, or one of a training with other settings, each of which is named;
    OSError.

    >>> load_checkpoint(path, settings, model, optimizer)  # doctest: +SKIP
    """
    content = read_document(path, KIND)
    theirs = content["settings"]
    differing = [name for name in settings | theirs if settings.get(name) != theirs.get(name)]
    if differing:
        told = "; ".join([_difference(name, theirs.get(name), settings.get(name)) for name in differing])
        raise ValueError(
            f"{path} is a checkpoint of another training, nothing was loaded or overwritten: {told}"
        )
    progress = Progress.load(content["progress"])
    before = model.state()
    model.load_state(content["parameters"])
    try:
        optimizer.load_state(content["optimizer"])
    except (ValueError, TypeError):
        model.load_state(before)
        raise
    return progress


def _difference(name: str, theirs: Any, ours: Any) -> str:
    if name.endswith("fingerprint"):
        return f"the {name.removesuffix(' fingerprint')} has other numbers"
    return f"{name} is {theirs!r} there, {ours!r} here"


def data_settings(name: str, data: Any) -> dict[str, Any]:
    """Return what tells data from other data: its size, and a fingerprint of its numbers.

    >>> data_settings("data", None)
    {'data': None}
    """
    if data is None:
        return {name: None}
    return {name: repr(data), f"{name} fingerprint": fingerprint((data.points, data.targets))}
