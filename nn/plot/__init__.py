"""Plots (matplotlib): each takes Axes, or makes them outside of pyplot, draws on them and returns them."""

from nn.plot.activations import activations
from nn.plot.approximation import approximation
from nn.plot.axes import png
from nn.plot.boundary import boundary
from nn.plot.confusion import confusion_matrix
from nn.plot.curves import learning_curve
from nn.plot.gradients import gradients
from nn.plot.hyperplane import hyperplane
from nn.plot.landscape import contours, landscape
from nn.plot.overfitting import overfitting
from nn.plot.predicted import fitted, predicted
from nn.plot.weights import weights

__all__ = [
    "activations",
    "approximation",
    "boundary",
    "confusion_matrix",
    "contours",
    "fitted",
    "gradients",
    "hyperplane",
    "landscape",
    "learning_curve",
    "overfitting",
    "png",
    "predicted",
    "weights",
]
