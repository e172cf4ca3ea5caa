"""The folder that a training run leaves behind: pictures, tables, weights."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine import Value, dot, logsumexp, paused_gc
from engine.chain import order
from engine.files import write
from engine.see.drawing import draw
from engine.see.ledger import ledger
from nn.data import Split
from nn.losses import cross_entropy
from nn.neuron import MLP
from nn.plot import confusion_matrix, learning_curve
from nn.train import Epoch, answers

PIXELS_PER_INCH = 144
NAMES = {dot: "w·h", logsumexp: "all logits"}
DRAWN = 6
"""Inputs of the neuron, and logits, that its picture shows one by one: those that contribute most."""


def save(folder: Path, model: MLP, split: Split, history: Sequence[Epoch]) -> str:
    """Write the report of a classifier's training, file by file, and return a line on its neuron's picture.

    The files are weights.json, history.json, loss.png, confusion.png, neuron.svg, neuron.png, neuron.txt.

    Errors: OSError where a file cannot be written.

    >>> save(Path("runs"), model, split, history)  # doctest: +SKIP
    """
    write(folder / "weights.json", _json(model.state()))
    write(folder / "history.json", _json([epoch._asdict() for epoch in history]))
    write(folder / "loss.png", _png(learning_curve(history)))
    guesses = answers(model, split.test_points)
    write(folder / "confusion.png", _png(confusion_matrix(split.test_labels, guesses, split.names)))
    place, loss = hardest(model, split)
    label = split.test_labels[place]
    title = (
        f"the neuron of {split.names[label]!r}, shown test point {place}, a {split.names[label]!r} "
        f"taken for {split.names[guesses[place]]!r}; the gradients are those of its cross entropy, "
        "those of the hidden neurons' answers h only through this neuron"
    )
    picture = draw(loss, fold=DRAWN)
    write(folder / "neuron.svg", picture.svg.encode())
    write(folder / "neuron.png", picture.png)
    write(folder / "neuron.txt", f"{title}\n\n{ledger(loss, limit=None)}\n".encode())
    return title


def hardest(model: MLP, split: Split) -> tuple[int, Value]:
    """Return the place of the test point of largest loss, and that loss, swept, seen from one neuron.

    The neuron is the output neuron of the point's own label. Its inputs, and the logits of the other
    neurons, are leaves: so the graph under the loss is that neuron and the cross entropy behind it, and
    the gradients of its weights are those of the whole network.

    >>> hardest(model, split)  # doctest: +SKIP
    """
    with paused_gc():
        losses = [
            float(cross_entropy(model(point), label))
            for point, label in zip(split.test_points, split.test_labels, strict=True)
        ]
    place = losses.index(max(losses))
    return place, seen_from(model, split.test_points[place], split.test_labels[place], split.names)


def seen_from(model: MLP, point: Sequence[float], label: int, names: Sequence[str]) -> Value:
    """Return the cross entropy at a point, swept: a graph of the label's output neuron and labelled leaves.

    >>> import random
    >>> model = MLP(2, [2, 2], rng=random.Random(0))
    >>> seen_from(model, (0.5, 1.0), 0, "ab").label
    'loss'
    """
    values: Any = point
    for layer in model.layers[:-1]:
        values = layer(values)
    last = model.layers[-1]
    inputs = [Value(float(h), f"h{i}") for i, h in enumerate(values)]
    neuron = last.neurons[label]
    for i, w in enumerate(neuron.w):
        w.label = f"w{i}"
    neuron.b.label = "b"
    logits = [Value(float(z), f"logit {name}") for z, name in zip(last(inputs), names, strict=True)]
    logits[label] = neuron(inputs)
    logits[label].label = f"logit {names[label]}"
    loss: Value = cross_entropy(logits, label)
    loss.label = "loss"
    for node in order(loss):
        if node.op in NAMES:
            node.label = NAMES[node.op]
    model.zero_grad()
    loss.backward()
    return loss


def _json(content: Any) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()


def _png(ax: Any) -> bytes:
    buffer = io.BytesIO()
    ax.figure.savefig(buffer, format="png", dpi=PIXELS_PER_INCH)
    return buffer.getvalue()
