"""One output neuron of a trained model, alone in a graph that can be read: at the point that fits worst."""

from collections.abc import Sequence
from typing import Any

from engine import Value, dot, logsumexp, paused_gc, softmax
from engine.chain import order
from nn.data import Dataset
from nn.mlp import MLP
from nn.objective import Objective

NAMES = {dot: "w·h", logsumexp: "all logits"}


def worst(model: MLP, data: Dataset, goal: Objective) -> int:
    """Return the place of the point of largest loss.

    >>> worst(model, data, goal)  # doctest: +SKIP
    17
    """
    with paused_gc():
        losses = [float(goal.loss(model(point), goal.encode(target))) for point, target in data]
    return losses.index(max(losses))


def seen_from(
    model: MLP, point: Sequence[float], target: Any, goal: Objective, names: Sequence[str] = ()
) -> Value:
    """Return the loss at a point, swept, as a graph of one output neuron and labelled leaves.

    The neuron is the one of the point's own label, or the only one. Its inputs, and the answers of the other
    output neurons, are leaves: so the graph under the loss is that neuron and the loss behind it, and the
    gradients of its weights are those of the whole network.

    >>> import random
    >>> from nn import xor_gate
    >>> from nn.objective import objective
    >>> model, data = MLP(2, [2, 2], rng=random.Random(0)), xor_gate()
    >>> seen_from(model, (0.0, 1.0), 1, objective(model, data), "ab").label
    'loss'
    """
    values: Any = point
    for layer in model.layers[:-1]:
        values = layer(values)
    last = model.layers[-1]
    hidden = values if isinstance(values, (list, tuple)) else [values]
    inputs = [Value(float(h), f"h{i}") for i, h in enumerate(hidden)]
    place = int(target) if len(last.neurons) > 1 else 0
    neuron = last.neurons[place]
    for i, w in enumerate(neuron.w):
        w.label = f"w{i}"
    if neuron.b is not None:
        neuron.b.label = "b"
    called = [f"output {name}" for name in names] if len(last.neurons) > 1 else ["output"]
    outputs = [Value(float(one(inputs)), name) for one, name in zip(last.neurons, called, strict=True)]
    outputs[place] = neuron(inputs)
    outputs[place].label = called[place]
    answers = softmax(outputs) if last.shares else outputs
    loss: Value = goal.loss(answers if len(answers) > 1 else answers[0], goal.encode(target))
    loss.label = "loss"
    for node in order(loss):
        if node.op in NAMES and not node.label:
            node.label = NAMES[node.op]
    model.zero_grad()
    loss.backward()
    return loss
