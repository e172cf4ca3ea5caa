"""Neural networks out of scalar Values: neurons to trained networks, with data, training and plots.

The distribution is called chainrule; it brings the packages `engine` and `nn`. Plots stand in `nn.plot`, the
architectures in `nn.conv`, `nn.recurrent`, `nn.attention`, `nn.gpt`, `nn.message`, `nn.node_classifier` and
`nn.autoencoder`, the ways to and from other tools in `nn.exchange`.

>>> import random
>>> from nn import MLP, fit, xor_gate
>>> model = MLP(2, [4, 1], activation="tanh", rng=random.Random(1))
>>> training = fit(model, xor_gate(), epochs=60, batch_size=4, learning_rate=1.0).run()
>>> training.history[-1].metric  # the accuracy
1.0
"""

from nn._together import __version__ as __version__  # first: it tells whether engine is ours

# isort: split
from nn import (
    attention as attention,
    autoencoder as autoencoder,
    characters as characters,
    conv as conv,
    embedding as embedding,
    exchange as exchange,
    gpt as gpt,
    message as message,
    node_classifier as node_classifier,
    norms as norms,
    recurrent as recurrent,
    through_time as through_time,
    writing as writing,
)
from nn.activations import ACTIVATIONS
from nn.announced import announced as _announced  # noqa: F401  modules announce themselves to engine.watch
from nn.answers import answers, outputs
from nn.clip import clip_norm, clip_value, gradient_norm
from nn.collapse import collapse
from nn.contradiction import contradiction
from nn.cost import cost
from nn.data import (
    DATASETS,
    Dataset,
    Samples,
    Scaler,
    Split,
    and_gate,
    blobs,
    breast_cancer,
    circles,
    dataset,
    diabetes,
    digits,
    first_names,
    iris,
    karate,
    moons,
    or_gate,
    read_csv,
    sine,
    spirals,
    square,
    sunspots,
    wine,
    xor_gate,
)
from nn.estimator import MLPClassifier, MLPRegressor
from nn.evaluation import evaluate
from nn.four_steps import four_steps
from nn.hats import Hats
from nn.hyperplane import Hyperplane
from nn.init import INITIALISERS
from nn.landscape import Landscape, path_directions, survey
from nn.losses import (
    LOSSES,
    binary_cross_entropy,
    cross_entropy,
    hinge,
    huber,
    kl_divergence,
    mae,
    mse,
    multiclass_hinge,
    penalty,
    sequence_cross_entropy,
)
from nn.metrics import METRICS, accuracy, predicted
from nn.mlp import MLP
from nn.module import Module
from nn.neuron import Layer, Neuron
from nn.optim import OPTIMIZERS, SGD, Adam, AdamW, Momentum, Nesterov, Optimizer, RMSProp
from nn.overfitting import capacity_curve, nine_points
from nn.perceptron import Perceptron
from nn.pieces import ReluSum, least_squares, pieces_for, relu_sum
from nn.progress import Epoch
from nn.remedies import capacity_trials, noise_trials, remedy_trials
from nn.rules import sgd
from nn.saving import load_model, load_parameters, save_model, save_parameters
from nn.schedules import constant, cosine, step_decay, warm_up
from nn.separable import separable
from nn.sizes import gradient_sizes
from nn.train import fit
from nn.training import Training
from nn.update import learn

__all__ = [
    "ACTIVATIONS",
    "Adam",
    "AdamW",
    "DATASETS",
    "Dataset",
    "Epoch",
    "Hats",
    "Hyperplane",
    "INITIALISERS",
    "LOSSES",
    "Landscape",
    "Layer",
    "METRICS",
    "MLP",
    "MLPClassifier",
    "MLPRegressor",
    "Module",
    "Momentum",
    "Nesterov",
    "Neuron",
    "OPTIMIZERS",
    "Optimizer",
    "Perceptron",
    "RMSProp",
    "ReluSum",
    "SGD",
    "Samples",
    "Scaler",
    "Split",
    "Training",
    "accuracy",
    "and_gate",
    "answers",
    "binary_cross_entropy",
    "blobs",
    "breast_cancer",
    "capacity_curve",
    "capacity_trials",
    "circles",
    "clip_norm",
    "clip_value",
    "collapse",
    "constant",
    "contradiction",
    "cosine",
    "cost",
    "cross_entropy",
    "dataset",
    "diabetes",
    "digits",
    "evaluate",
    "first_names",
    "fit",
    "four_steps",
    "gradient_norm",
    "gradient_sizes",
    "hinge",
    "huber",
    "iris",
    "karate",
    "kl_divergence",
    "learn",
    "least_squares",
    "load_model",
    "load_parameters",
    "mae",
    "moons",
    "mse",
    "multiclass_hinge",
    "nine_points",
    "noise_trials",
    "or_gate",
    "outputs",
    "path_directions",
    "penalty",
    "pieces_for",
    "predicted",
    "read_csv",
    "relu_sum",
    "remedy_trials",
    "save_model",
    "save_parameters",
    "separable",
    "sequence_cross_entropy",
    "sgd",
    "sine",
    "spirals",
    "square",
    "step_decay",
    "sunspots",
    "survey",
    "warm_up",
    "wine",
    "xor_gate",
]
