"""Neural networks out of scalar Values: modules, losses, one optimizer, one training loop.

The distribution is called chainrule; it brings the packages `engine` and `nn`.

>>> import random
>>> from nn import MLP, SGD, mse
>>> model = MLP(2, [8, 1], activation="tanh", rng=random.Random(0))
>>> optimizer = SGD(model.parameters(), learning_rate=0.1)
>>> for _ in range(100):
...     loss = mse([model([0.0, 1.0]), model([1.0, 0.0])], [1.0, -1.0])
...     optimizer.zero_grad()
...     loss.backward()
...     optimizer.step()
>>> loss.data < 1e-6
True
"""

from nn._together import __version__ as __version__
from nn.activations import ACTIVATIONS
from nn.announced import announced as _announced  # noqa: F401  modules announce themselves to engine.watch
from nn.data import Split, digits, moons, stratified
from nn.losses import cross_entropy, hinge, mse
from nn.metrics import accuracy, predicted
from nn.module import Module
from nn.neuron import MLP, Layer, Neuron
from nn.optim import SGD, sgd
from nn.plot import confusion_matrix, learning_curve
from nn.train import Epoch, answers, fit, learn

__all__ = [
    "ACTIVATIONS",
    "Epoch",
    "Layer",
    "MLP",
    "Module",
    "Neuron",
    "SGD",
    "Split",
    "accuracy",
    "answers",
    "confusion_matrix",
    "cross_entropy",
    "digits",
    "fit",
    "hinge",
    "learn",
    "learning_curve",
    "moons",
    "mse",
    "predicted",
    "sgd",
    "stratified",
]
