"""Plots (matplotlib): each takes Axes, or makes them outside of pyplot, draws on them and returns them."""

from nn.plot.activations import activations
from nn.plot.approximation import approximation
from nn.plot.attention import attention_maps
from nn.plot.axes import png
from nn.plot.boundary import boundary
from nn.plot.confusion import confusion_matrix
from nn.plot.curves import learning_curve
from nn.plot.filters import feature_maps, filters
from nn.plot.gradients import gradients
from nn.plot.graph import graph, graph_steps
from nn.plot.hyperplane import hyperplane
from nn.plot.landscape import contours, landscape
from nn.plot.latent import latent_grid, latent_map, reconstructions
from nn.plot.overfitting import overfitting
from nn.plot.predicted import fitted, predicted
from nn.plot.through_time import gradient_through_time, hidden_states
from nn.plot.weights import weights

__all__ = [
    "activations",
    "approximation",
    "attention_maps",
    "boundary",
    "confusion_matrix",
    "contours",
    "feature_maps",
    "filters",
    "fitted",
    "gradient_through_time",
    "gradients",
    "graph",
    "graph_steps",
    "hidden_states",
    "hyperplane",
    "landscape",
    "latent_grid",
    "latent_map",
    "learning_curve",
    "overfitting",
    "png",
    "predicted",
    "reconstructions",
    "weights",
]
