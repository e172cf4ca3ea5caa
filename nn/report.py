"""The folder that an experiment leaves behind: pictures, tables, figures, the model."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from engine import paused_gc
from engine.files import write
from engine.see.drawing import draw
from engine.see.ledger import ledger
from nn.experiment import Experiment
from nn.interrupt import Interrupt
from nn.plot.axes import png
from nn.plot.boundary import boundary
from nn.plot.confusion import confusion_matrix
from nn.plot.curves import learning_curve
from nn.plot.gradients import gradients
from nn.plot.predicted import fitted, predicted
from nn.plot.weights import weights
from nn.saving import save_model
from nn.seen_from import seen_from, worst

DRAWN = 6
"""Inputs of the neuron, and outputs, that its picture shows one by one: those that contribute most."""
IMAGES = {"digits": (8, 8)}
"""Data sets whose points are images, and their height and width in pixels."""
SOMETIMES = ("confusion.png", "boundary.png", "predicted.png", "fitted.png")
"""Files that some reports have and others have not."""


def save_report(folder: Path, experiment: Experiment) -> dict[str, Any]:
    """Write the report of an experiment, whole or not at all, and return its figures.

    results.json, history.json and model.json hold the figures, the epochs and the model; loss.png,
    weights.png and gradients.png show the training, the first layer and the gradients by layer; of the test
    part, confusion.png shows classes, predicted.png numbers, boundary.png classes over two columns and
    fitted.png numbers over one; neuron.svg, neuron.png and neuron.txt show one output neuron at the test
    point that fits worst. An earlier report in the folder is replaced; files of other names stay.

    Errors: OSError where a file cannot be written.

    >>> save_report(Path("runs"), experiment)  # doctest: +SKIP
    """
    with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as aside:
        figures = _write(Path(aside), experiment)
        with Interrupt():  # Ctrl-C between two files would leave a mixture of two reports
            for name in SOMETIMES:
                (folder / name).unlink(missing_ok=True)
            for path in Path(aside).iterdir():
                os.replace(path, folder / path.name)
    return figures


def _write(folder: Path, experiment: Experiment) -> dict[str, Any]:
    """Write all files of the report and return the figures."""
    figures = experiment.figures()
    for name, ax in _pictures(experiment).items():
        write(folder / name, png(ax))
    figures["neuron"] = _neuron(folder, experiment)
    save_model(experiment.model, folder / "model.json", _about(experiment))
    write(folder / "history.json", _json([epoch._asdict() for epoch in experiment.training.history]))
    write(folder / "results.json", _json(figures))
    return figures


def _pictures(experiment: Experiment) -> dict[str, Any]:
    model, train, test = experiment.model, experiment.split.train, experiment.split.test
    others = None if test is train else train
    shape = IMAGES.get(experiment.data.name)
    found = {
        "loss.png": learning_curve(experiment.training),
        "weights.png": weights(model.layers[0], shape=shape, inputs=None if shape else test.inputs),
    }
    if test.is_classification:
        guesses = experiment.predictions(test)
        found["confusion.png"] = confusion_matrix(guesses, test.targets, test.names)
        if test.width == 2:
            found["boundary.png"] = boundary(model, test, train=others)
    else:
        unit = experiment.data.target_unit
        what = experiment.data.target + (f" ({unit})" if unit else "")
        if len(test) > 1:
            truth = experiment.in_units(test.targets)
            found["predicted.png"] = predicted(experiment.predictions(test), truth, what)
        if test.width == 1:
            found["fitted.png"] = fitted(model, test, train=others)
    _sweep(experiment)
    found["gradients.png"] = gradients(model)
    return found


def _sweep(experiment: Experiment) -> None:
    """Give every parameter the gradient of the mean loss of the training points."""
    model, goal, train = experiment.model, experiment.training.objective, experiment.split.train
    model.zero_grad()
    with paused_gc():
        for point, target in train:
            (goal.loss(model(point), goal.encode(target)) / len(train)).backward()


def _neuron(folder: Path, experiment: Experiment) -> str:
    """Write the three files of the neuron at the test point that fits worst; return what they show."""
    model, goal, test = experiment.model, experiment.training.objective, experiment.split.test
    place = worst(model, test, goal)
    point, target = test[place]
    loss = seen_from(model, point, target, goal, test.names)
    (guess,) = experiment.predictions(test.subset([place]))
    if test.is_classification:
        name = test.names[target]
        told = (
            f"a {name!r} taken for {test.names[guess]!r}" if guess != target else f"a {name!r}, taken for one"
        )
    else:
        (truth,) = experiment.in_units([target])
        told = f"where {guess:.4g} was predicted for {truth:.4g}"
    title = (
        f"an output neuron, shown test point {place}, {told}; the gradients are those of its loss "
        f"({goal.name}), those of the hidden neurons' answers h only through this neuron"
    )
    picture = draw(loss, fold=DRAWN)
    write(folder / "neuron.svg", picture.svg.encode())
    write(folder / "neuron.png", picture.png)
    write(folder / "neuron.txt", f"{title}\n\n{ledger(loss, limit=None)}\n".encode())
    return title


def _about(experiment: Experiment) -> dict[str, Any]:
    """Return what whoever loads the model needs to know: how its inputs are scaled, what its answers mean."""
    split = experiment.split
    return {
        "dataset": experiment.data.name,
        "inputs": list(split.train.inputs),
        "target": split.train.target,
        "names": list(split.train.names),
        "scaler": None if split.scaler is None else split.scaler.state(),
        "target_scaler": None if split.target_scaler is None else split.target_scaler.state(),
    }


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()
