"""Plots of recurrence through time: what they show is what was given."""

import math
import random
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from nn.plot.axes import png
from nn.plot.through_time import NAMED, gradient_through_time, hidden_states
from nn.recurrent import GRU
from nn.through_time import gradient_norms

PLOTS = {
    "hidden": lambda ax=None: hidden_states([[0.5, -0.25], [0.75, 0.0]], ax),
    "one": lambda ax=None: gradient_through_time([0.25, 0.5, 1.0], ax),
    "several": lambda ax=None: gradient_through_time({"rnn": [0.25, 1.0], "lstm": [0.5, 1.0]}, ax),
}


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_draws_on_the_axes_that_are_given_or_on_new_ones(name):
    ax = Figure().add_subplot()
    assert PLOTS[name](ax) is ax
    new = PLOTS[name]()
    assert new is not ax and new.get_title(loc="left") == ax.get_title(loc="left") != ""
    assert png(new).startswith(b"\x89PNG")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


def test_a_column_for_each_time_and_a_row_for_each_feature():
    hidden, _ = GRU(1, 3, rng=random.Random(0))([0.5, -1.0, 2.0, 0.25])
    ax = hidden_states(hidden)
    cells = np.asarray(ax.images[0].get_array())
    assert cells.tolist() == [[vector[i].data for vector in hidden] for i in range(3)]
    assert ax.get_title(loc="left") == "3 hidden features over 4 times"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time", "feature")


def test_what_was_read_stands_below():
    ax = hidden_states([[0.5]] * 5, read="νίκος")
    assert [label.get_text() for label in ax.get_xticklabels()] == list("νίκος")
    many = hidden_states([[0.5]] * (NAMED + 1), read=["x"] * (NAMED + 1))
    assert many.get_xticks().tolist() == list(range(0, NAMED + 1, 2))
    assert png(many)


def test_norms_are_points_on_a_logarithmic_scale():
    ax = gradient_through_time([0.0, 1e-18, 1.0])
    assert ax.get_yscale() == "log"
    assert [line.get_ydata().tolist()[1:] for line in ax.lines] == [[1e-18, 1.0]]
    assert math.isnan(ax.lines[0].get_ydata()[0])
    assert ax.get_title(loc="left") == "size of the gradient: 0 at the first time, 1 at the last"
    assert png(ax)


def test_several_lines_differ_by_more_than_their_colour():
    hidden, _ = GRU(1, 2, rng=random.Random(0))([0.5, -1.0, 2.0])
    norms = gradient_norms(hidden[-1][0], hidden)
    ax = gradient_through_time({"gru": norms, "half": [0.5 * norm for norm in norms]})
    first, second = ax.lines
    assert first.get_ydata().tolist() == norms
    assert first.get_marker() != second.get_marker() and first.get_linestyle() != second.get_linestyle()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["gru", "half"]
    assert png(ax)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: hidden_states([]), ValueError, r"vectors of one length.*got lengths \[\]"),
        (lambda: hidden_states([[]]), ValueError, r"got lengths \[0\]"),
        (lambda: hidden_states([[1.0], [1.0, 2.0]]), ValueError, r"got lengths \[1, 2\]"),
        (lambda: hidden_states([[1.0]], read="no"), ValueError, "there are 1 times, but 2 names"),
        (lambda: hidden_states([[1.0], [math.inf]]), FloatingPointError, "feature 0 at time 1 is inf"),
        (lambda: gradient_through_time([]), ValueError, "at least one is above 0, got none"),
        (lambda: gradient_through_time({}), ValueError, "at least one is above 0, got none"),
        (lambda: gradient_through_time([0.0, 0.0]), ValueError, "at least one is above 0, got none"),
        (lambda: gradient_through_time([1.0, -1.0]), ValueError, "0 or more, got -1.0 at time 1"),
        (lambda: gradient_through_time({"gru": [math.nan]}), FloatingPointError, "of gru at time 0 is nan"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
