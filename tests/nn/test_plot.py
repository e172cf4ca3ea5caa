"""Plots: what they show is what was given, and pyplot keeps no figure."""

import sys

import numpy as np
from matplotlib.figure import Figure

from nn import Epoch, confusion_matrix, learning_curve

HISTORY = [Epoch(1, 2.0, 0.5, 10, 0.1), Epoch(2, 1.0, 0.75, 10, 0.1)]


def test_the_learning_curve_shows_loss_and_accuracy():
    ax = learning_curve(HISTORY)
    loss, right = ax.figure.axes
    assert loss.lines[0].get_xydata().tolist() == [[1, 2.0], [2, 1.0]]
    assert right.lines[0].get_xydata().tolist() == [[1, 50.0], [2, 75.0]]
    ax.figure.savefig("/dev/null", format="png")


def test_the_learning_curve_of_no_epoch_is_empty():
    learning_curve([]).figure.savefig("/dev/null", format="png")


def test_the_confusion_matrix_counts():
    ax = confusion_matrix([0, 0, 1, 2], [0, 1, 1, 2], names=("a", "b", "c"))
    assert np.asarray(ax.images[0].get_array()).tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b", "c"]
    assert ax.get_title() == "3 of 4 right"
    ax.figure.savefig("/dev/null", format="png")


def test_plots_draw_on_the_axes_that_are_given():
    figure = Figure()
    ax = figure.add_subplot()
    assert learning_curve(HISTORY, ax) is ax
    ax = figure.add_subplot()
    assert confusion_matrix([0], [0], "ab", ax=ax) is ax


def test_pyplot_keeps_no_figure():
    learning_curve(HISTORY)
    confusion_matrix([0], [0], "ab")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []
