"""Checkpoints: files from which a training goes on, to the same bits as if it had never stopped."""

from pathlib import Path
from typing import Any

from nn.documents import fingerprint, read_document, write_document
from nn.module import Module
from nn.neuron import function_name
from nn.optim import Optimizer
from nn.progress import Progress

KIND = "chainrule checkpoint"
HASHED = "inner parts of the "
"""So begin the names of settings that are fingerprints."""


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
    if name.startswith(HASHED):
        return f"the {name} are others"
    return f"{name} is {theirs!r} there, {ours!r} here"


def data_settings(name: str, data: Any) -> dict[str, Any]:
    """Return what tells data from other data: its size, and a fingerprint of its numbers.

    >>> data_settings("data", None)
    {'data': None}
    """
    if data is None:
        return {name: None}
    return {name: repr(data), f"{HASHED}{name}": fingerprint((data.points, data.targets))}


def function_settings(name: str, function: Any) -> dict[str, Any]:
    """Return what tells a function of one's own from others: its name, and a fingerprint of its code.

    >>> function_settings("loss", lambda a, b: a)["loss"]
    '<lambda>'
    """
    code = getattr(function, "__code__", None)
    found = {name: function_name(function)}
    if code is not None:
        known = [c for c in code.co_consts if isinstance(c, (int, float, str))]
        found[f"{HASHED}{name}"] = fingerprint((code.co_code, code.co_names, known))
    return found


def model_settings(model: Module) -> dict[str, Any]:
    """Return what tells a model from others: how it is described, and a fingerprint of all its parts.

    >>> model_settings(Module())["model"]
    'Module'
    """
    return {"model": model.describe(), f"{HASHED}model": fingerprint(Module.__repr__(model))}
