"""Checkpoints: files from which a training goes on, to the same bits as if it had never stopped."""

from pathlib import Path
from typing import Any

from nn.data import Samples
from nn.documents import fingerprint, read_document, write_document
from nn.module import Module
from nn.neuron import function_name
from nn.optim import Optimizer
from nn.progress import Progress
from nn.stamp import stamp

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


def training_settings(training: Any, executor: str) -> dict[str, Any]:
    """Return what must be the same where a training goes on, by the names that errors have for it.

    >>> training_settings(training, "numpy")["batch_size"]  # doctest: +SKIP
    16
    """
    own = training.model.loss if isinstance(training.data, Samples) else training.objective.loss
    return {
        **model_settings(training.model),
        **function_settings("loss", own),
        "batch_size": training.batch_size,
        "metric": training.scoring.name,
        "executor": executor,
        "optimizer": repr(training.optimizer),
        "clip": training.clip,
        "seed": training.seed,
        **data_settings("data", training.data),
        **data_settings("validation", training.validation),
    }


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
    """Return what tells a function of one's own from others: its name, and a fingerprint of its parts.

    These are its code, its defaults and what it encloses, what a `partial` gives, what an object holds.

    >>> function_settings("loss", lambda a, b: a)["loss"]
    '<lambda>'
    """
    return {name: function_name(function), f"{HASHED}{name}": fingerprint(stamp(function, exact=False))}


def model_settings(model: Module) -> dict[str, Any]:
    """Return what tells a model from others: how it is described, and a fingerprint of all its parts.

    A graph that it knows is a part, the numbers of its parameters are none.

    >>> model_settings(Module())["model"]
    'Module'
    """
    parts = Module.__repr__(model), stamp(model, exact=False)
    return {"model": model.describe(), f"{HASHED}model": fingerprint(parts)}
