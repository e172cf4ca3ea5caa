"""Plots: what they show is what was given, on the Axes that were given, and pyplot keeps no figure."""

import math
import random
import sys
import warnings

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from matplotlib.figure import Figure

from engine import Value
from nn.answers import answers
from nn.data import Dataset
from nn.landscape import Landscape
from nn.mlp import MLP
from nn.module import Module
from nn.neuron import Layer, Neuron
from nn.overfitting import capacity_curve
from nn.perceptron import Perceptron
from nn.plot import (
    activations,
    boundary,
    confusion_matrix,
    contours,
    gradients,
    landscape,
    learning_curve,
    overfitting,
    png,
    weights,
)
from nn.plot.axes import CLASSES, PAPER, axes, blended, logarithmic
from nn.plot.boundary import MOST_LINES, TINT, clipped
from nn.progress import Epoch
from nn.remedies import Trial
from nn.train import fit

NAN = math.nan
XOR = Dataset([(0, 0), (0, 1), (1, 0), (1, 1)], [0, 1, 1, 0], names=("same", "different"), units=("m", ""))
THREE = Dataset([(0, 0), (1, 0), (0, 1)], [0, 1, 2], names=("a", "b", "c"))


def epoch(number, loss, metric=None, validation_loss=None, validation_metric=None):
    return Epoch(number, loss, metric, validation_loss, validation_metric, 0.1, 1.0, 8, 0.1)


HISTORY = [epoch(1, 2.0, 0.5, 2.5, 0.25), epoch(2, 1.0, 0.75, 1.5, 0.5), epoch(3, 0.5, 1.0, 1.75, 0.5)]


def net(*sizes, seed=0, **options):
    return MLP(2, sizes, rng=random.Random(seed), **options)


def swept(model=None):
    model = net(3, 1) if model is None else model
    (model([1.0, 2.0]) ** 2).backward()
    return model


def title(ax):
    return ax.get_title(loc="left")


def cells(ax):
    return np.ma.filled(ax.images[0].get_array(), NAN).tolist()


PLOTS = {
    "activations": lambda ax=None: activations(net(3, 1), XOR.points, ax),
    "boundary": lambda ax=None: boundary(net(3, 1), XOR, ax, steps=5),
    "confusion": lambda ax=None: confusion_matrix([0], [0], "ab", ax=ax),
    "contours": lambda ax=None: contours(Landscape((0, 1), (0, 1), ((0, 1), (1, 2)), 0, ("a", "b"), ()), ax),
    "curve": lambda ax=None: learning_curve(HISTORY, ax),
    "empty curve": lambda ax=None: learning_curve([], ax),
    "gradients": lambda ax=None: gradients(swept(), ax),
    "images": lambda ax=None: weights(net(3).layers[0], ax, shape=(1, 2)),
    "landscape": lambda ax=None: landscape(net(1), XOR, ax=ax, steps=3),
    "overfitting": lambda ax=None: overfitting([(1, 0.5, 0.6), (2, 0.1, 0.9)], ax),
    "weights": lambda ax=None: weights(net(3).layers[0], ax),
}


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_draws_on_the_axes_that_are_given_or_on_new_ones(name):
    ax = Figure().add_subplot()
    assert PLOTS[name](ax) is ax
    assert title(ax)
    new = PLOTS[name]()
    assert new is not ax and title(new) == title(ax)
    assert png(new).startswith(b"\x89PNG")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


# learning curves


def test_the_learning_curve_shows_each_series_on_its_scale():
    ax = learning_curve(HISTORY, loss="cross entropy (nats)", metric="accuracy")
    loss, right = ax.figure.axes
    assert loss.lines[0].get_xydata().tolist() == [[1, 2.0], [2, 1.0], [3, 0.5]]
    assert loss.lines[1].get_xydata().tolist() == [[1, 2.5], [2, 1.5], [3, 1.75]]
    assert right.lines[0].get_xydata().tolist() == [[1, 0.5], [2, 0.75], [3, 1.0]]
    assert right.lines[1].get_xydata().tolist() == [[1, 0.25], [2, 0.5], [3, 0.5]]
    assert [line.get_linestyle() for line in [*loss.lines[:2], *right.lines]] == ["-", "--", "-", "--"]
    assert (loss.get_ylabel(), right.get_ylabel()) == ("cross entropy (nats)", "accuracy")
    assert [text.get_text() for text in loss.get_legend().get_texts()] == [
        "training loss", "validation loss", "training accuracy", "validation accuracy",
    ]  # fmt: skip


def test_the_learning_curve_marks_the_lowest_validation_loss():
    ax = learning_curve(HISTORY)
    assert ax.lines[-1].get_xydata().tolist() == [[2, 1.5]]
    assert title(ax) == "lowest validation loss 1.5, after epoch 2 of 3"


def test_the_learning_curve_draws_only_what_there_is():
    ax = learning_curve([epoch(1, 2.0), epoch(2, 1.0)])
    assert ax.figure.axes == [ax] and len(ax.lines) == 1
    assert title(ax) == "training loss 1 after epoch 2"
    sparse = learning_curve([epoch(1, 2.0), epoch(2, 1.0, None, 3.0), epoch(3, 0.5)])
    assert sparse.lines[1].get_xydata().tolist() == [[2, 3.0]]
    assert title(learning_curve([])) == "no epoch yet"


def test_the_learning_curve_of_one_epoch_has_whole_epochs():
    ax = learning_curve(HISTORY[:1])
    png(ax)
    low, high = ax.get_xlim()
    assert [x for x in ax.get_xticks() if low <= x <= high] == [1.0]


def test_a_training_names_its_loss_and_metric():
    training = fit(net(3, 1), XOR, epochs=2, validation=XOR, progress=False).run()
    ax = learning_curve(training)
    loss, right = ax.figure.axes
    assert (loss.get_ylabel(), right.get_ylabel()) == ("cross entropy (nats)", "accuracy")
    assert loss.lines[0].get_ydata().tolist() == [epoch.loss for epoch in training.history]
    assert learning_curve(training, loss="nats", metric="right").get_ylabel() == "nats"
    with pytest.raises(TypeError, match=r"draws a Training, or a list of its epochs, got \[1.0, 0.5\]"):
        learning_curve([1.0, 0.5])


def test_the_mark_of_the_best_epoch_is_whole_at_the_edge():
    assert not learning_curve([epoch(1, 2.0, None, 0.0)]).lines[-1].get_clip_on()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.4, 0.6, ["0.4", "0.44", "0.48", "0.52", "0.56", "0.6"]),
        (0.02, 0.9, ["0.02", "0.03", "0.05", "0.1", "0.2", "0.3", "0.5"]),
        (1.0, 1000.0, ["1", "10", "100", "1000"]),
        (1e-6, 1e-2, [rf"$\mathdefault{{10^{{-{i}}}}}$" for i in (6, 5, 4, 3, 2)]),
    ],
)
def test_the_ticks_of_a_logarithmic_scale_can_be_read(low, high, expected):
    ax = axes()
    logarithmic(ax.yaxis, low, high)
    ax.set_ylim(low, high)
    shown = [tick for tick in ax.get_yticks() if low * (1 - 1e-9) <= tick <= high * (1 + 1e-9)]
    assert ax.yaxis.get_major_formatter().format_ticks(shown) == expected
    assert set(ax.yaxis.get_minor_formatter().format_ticks(ax.get_yticks(minor=True))) <= {""}
    png(ax)


def test_a_loss_without_a_logarithm_is_refused():
    assert learning_curve(HISTORY, log=True).get_yscale() == "log"
    with pytest.raises(ValueError, match=r"a loss of 0\.0 in epoch 2 has no logarithm; leave out log=True"):
        learning_curve([epoch(1, 1.0), epoch(2, 0.0)], log=True)


def test_over_fitting_draws_both_losses_in_order_of_the_number():
    ax = overfitting(
        [(4, 0.0, 0.5), (1, 0.5, 0.6), (2, 0.2, 0.3)], number="pieces", loss="mean squared error"
    )
    assert ax.lines[0].get_xydata().tolist() == [[1, 0.5], [2, 0.2], [4, 0.0]]
    assert ax.lines[1].get_xydata().tolist() == [[1, 0.6], [2, 0.3], [4, 0.5]]
    assert ax.lines[-1].get_xydata().tolist() == [[2, 0.3]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("pieces", "mean squared error")
    ax = overfitting([(1, 0.5, 0.6)], log_number=True, log_loss=True)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    ax = overfitting([(k, 0.5, 0.6) for k in (1, 2, 4, 8)], log_number=True)
    assert ax.get_xticks().tolist() == [1, 2, 4, 8]


def test_over_fitting_draws_what_has_a_row():
    curve = capacity_curve([2, 4])
    ax = overfitting(curve, validation="true error")
    assert ax.lines[0].get_xydata().tolist() == [[row.k, row.training_error] for row in curve]
    assert ax.lines[1].get_xydata().tolist() == [[row.k, row.true_error] for row in curve]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training loss", "true error"]
    assert title(ax).startswith("lowest true error 0.0003")
    ax = overfitting([Trial("a", 1.0, 0.5, 0.6), Trial("b", 2.0, 0.25, 0.3)])
    assert ax.lines[1].get_xydata().tolist() == [[1, 0.6], [2, 0.3]]
    with pytest.raises(ValueError, match="the trial 'L1' has no number to be drawn at"):
        overfitting([Trial("L1", None, 0.5, 0.6)])


@pytest.mark.parametrize(
    "rows, options, message",
    [
        ([], {}, r"draws rows \(number, training loss, validation loss\), got none"),
        ([(1, 2)], {}, r"a row is \(number, training loss, validation loss\), got \(1, 2\)"),
        ([(0, 1, 1)], {"log_number": True}, r"takes positive numbers, got the row \(0, 1, 1\)"),
        ([(1, 0, 1)], {"log_loss": True}, r"takes positive numbers, got the row \(1, 0, 1\)"),
        ([(1, NAN, 1)], {}, r"takes finite numbers, got the row \(1, nan, 1\)"),
    ],
)
def test_rows_that_over_fitting_refuses(rows, options, message):
    with pytest.raises(ValueError, match=message):
        overfitting(rows, **options)


# boundary


def test_the_boundary_of_xor_by_hand():
    """relu(x + y) - 2 relu(x + y - 1) - 1/2 is 0 on x + y = 1/2 and on x + y = 3/2."""
    model = net(2, 1)
    for neuron, (w, b) in zip(model.layers[0].neurons, [((1, 1), 0), ((1, 1), -1)], strict=True):
        neuron.w[0].data, neuron.w[1].data, neuron.b.data = *w, b
    out = model.layers[1].neurons[0]
    out.w[0].data, out.w[1].data, out.b.data = 1, -2, -0.5
    ax = boundary(model, XOR, steps=23)
    assert title(ax) == "4 of 4 right (100.0%)"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("x0 (m)", "x1")
    drawn = [path for c in ax.collections if not c.get_facecolor().size for path in c.get_paths()]
    sums = [x + y for path in drawn for x, y in path.vertices]
    assert sums and all(min(abs(s - 0.5), abs(s - 1.5)) < 0.06 for s in sums)
    dashed = [line for line in ax.lines if line.is_dashed()]
    for line, total in zip(dashed, (0, 1), strict=True):
        assert np.allclose(line.get_xydata().sum(axis=1), total)
    assert [text.get_text() for text in ax.texts] == ["0", "1"]
    points = {line.get_marker(): line.get_xydata().tolist() for line in ax.lines if not line.is_dashed()}
    assert points == {"o": [[0, 0], [1, 1]], "s": [[0, 1], [1, 0]]}


def label_at(ax, place):
    """Return the label whose colour is seen at a place of the plane."""
    filled = [c for c in ax.collections if c.get_facecolor().size]
    top = [c for c in filled if any(path.contains_point(place) for path in c.get_paths())][-1]
    colours = [blended(colour, TINT) for colour in CLASSES]
    return colours.index(tuple(top.get_facecolor()[0][:3].tolist()))


@pytest.mark.parametrize("seed", range(4))
def test_the_region_of_a_place_is_the_class_that_the_model_gives(seed):
    model = net(4, 3, seed=seed, activation="tanh")
    ax = boundary(model, THREE, steps=60)
    places = [(x / 7 + 0.01, y / 7 + 0.01) for x in range(7) for y in range(7)]
    for place in places:
        *_, second, first = sorted(z.data for z in model(place))
        if first - second > 0.02:  # not right at a boundary
            assert label_at(ax, place) == answers(model, [place])[0]


def test_where_answers_are_equal_the_first_class_is_on_top():
    ax = boundary(net(2, 1, init="zeros"), XOR, steps=3)
    assert title(ax) == "2 of 4 right (50.0%)"
    assert label_at(ax, (0.3, 0.8)) == 0
    assert [line for line in ax.lines if line.is_dashed()] == []


def test_a_sigmoid_decides_at_a_half_and_a_function_has_no_lines():
    sloped = net(1, output="sigmoid")
    neuron = sloped.layers[0].neurons[0]
    neuron.w[0].data, neuron.w[1].data, neuron.b.data = 1.0, 0.0, -0.25
    ax = boundary(sloped, XOR, steps=40)
    (edge,) = [c for c in ax.collections if not c.get_facecolor().size][:1]
    assert np.allclose(edge.get_paths()[0].vertices[:, 0], 0.25, atol=1e-3)
    ax = boundary(lambda point: point[0] - point[1], XOR, steps=3)
    assert len(ax.lines) == 2
    assert len(
        [line for line in boundary(Perceptron.of(-0.5, [1, 1]), XOR, steps=3).lines if line.is_dashed()]
    )


def test_of_many_neurons_those_of_the_largest_outgoing_weights_have_lines():
    model = net(20, 1)
    for i, neuron in enumerate(model.layers[0].neurons):
        neuron.w[0].data, neuron.w[1].data, neuron.b.data = 1.0, 0.0, -0.04 * i  # x0 = 0.04 i
        model.layers[1].neurons[0].w[i].data = (-1) ** i * float(i if i != 19 else 0)
    ax = boundary(model, XOR, steps=3)
    assert [text.get_text() for text in ax.texts] == [str(i) for i in range(19 - MOST_LINES, 19)]
    dashed = [line.get_xdata()[0] for line in ax.lines if line.is_dashed()]
    assert np.allclose(dashed, [0.04 * i for i in range(19 - MOST_LINES, 19)])
    last = ax.get_legend().get_texts()[-1].get_text()
    assert last == "first layer: w·x + b = 0 (12 of 20)"
    few = boundary(net(3, 1), XOR, steps=3).get_legend().get_texts()[-1].get_text()
    assert few == "first layer: w·x + b = 0"


def test_the_training_points_stand_faintly_beside_the_others():
    train = Dataset([(3, 0), (0, 2), (-1, 0)], [0, 1, 1], names=XOR.names)
    ax = boundary(net(3, 1), XOR, train=train, steps=3)
    faint = {line.get_marker(): line.get_xydata().tolist() for line in ax.lines if line.get_alpha()}
    assert faint == {"o": [[3, 0]], "s": [[0, 2], [-1, 0]]}
    assert (ax.get_xlim(), ax.get_ylim()) == (pytest.approx((-1.4, 3.4)), pytest.approx((-0.2, 2.2)))
    assert "training points" in [text.get_text() for text in ax.get_legend().get_texts()]
    assert title(ax) == title(boundary(net(3, 1), XOR, steps=3)), "the share is that of the data"
    with pytest.raises(ValueError, match="of the same columns and classes as Dataset.*, got Dataset"):
        boundary(net(3, 1), XOR, train=THREE)


@given(st.tuples(*[st.floats(-10, 10)] * 3))
def test_a_clipped_line_lies_on_the_line_and_in_the_box(line):
    a, b, c = line
    ends = clipped(line, (-1.0, 2.0, -3.0, 1.0))
    heights = [a * x + b * y + c for x in (-1, 2) for y in (-3, 1)]
    if min(heights) < 0 < max(heights):
        assert ends is not None
    if min(heights) > 0 or max(heights) < 0:
        assert ends is None
    for x, y in ends or ():
        assert -1 - 1e-12 <= x <= 2 + 1e-12 and -3 - 1e-12 <= y <= 1 + 1e-12
        assert abs(a * x + b * y + c) <= 1e-12 * (abs(a) + abs(b) + abs(c) + 1e-300)


@pytest.mark.parametrize(
    "model, data, message",
    [
        (
            net(1),
            Dataset([(0, 0)], [1.5], name="rain"),
            "lies between classes; the targets of rain are numbers",
        ),
        (
            net(1),
            Dataset([(0,), (1,)], [0, 1], names=("a", "b"), name="rain"),
            "of two inputs, rain has 1; take two",
        ),
        (net(3), XOR, "the model tells 3 classes apart, data has 2: same, different"),
        (net(1), THREE, "the model tells 2 classes apart, data has 3: a, b, c"),
        (lambda point: NAN, XOR, "nan"),
    ],
)
def test_boundaries_that_are_refused(model, data, message):
    with pytest.raises(ValueError, match=message):
        boundary(model, data, steps=3)


def test_a_grid_of_one_step_is_refused():
    with pytest.raises(ValueError, match="the grid has at least 2 steps a side, got 1"):
        boundary(net(1), XOR, steps=1)


# confusion


def test_the_confusion_matrix_counts():
    ax = confusion_matrix([0, 1, 1, 2], [0, 0, 1, 2], names=("a", "b", "c"))
    assert [text.get_text() for text in ax.texts] == list("110010001")
    assert [text.get_position() for text in ax.texts[:4]] == [(0, 0), (1, 0), (2, 0), (0, 1)]
    assert cells(ax) == [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b", "c"]
    assert title(ax) == "3 of 4 right"


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_the_confusion_matrix_counts_as_scikit_learn_does(pairs):
    metrics = pytest.importorskip("sklearn.metrics")
    targets, predictions = [a for a, _ in pairs], [b for _, b in pairs]
    texts = [int(text.get_text()) for text in confusion_matrix(predictions, targets, "abcd").texts]
    assert texts == metrics.confusion_matrix(targets, predictions, labels=range(4)).ravel().tolist()


def test_confusion_refuses():
    with pytest.raises(ValueError, match="one target a prediction, got 1 predictions and 2 targets"):
        confusion_matrix([0], [0, 1], "ab")
    with pytest.raises(ValueError, match=r"label 2 is outside 0 \.\.\. 1: there are 2 classes"):
        confusion_matrix([2], [0], "ab")
    with pytest.raises(ValueError, match="at least one prediction, got an empty list"):
        confusion_matrix([], [], "ab")
    with pytest.raises(ValueError, match="needs the names of the classes, got none"):
        confusion_matrix([], [], ())


# weights, activations, gradients


def test_weights_are_neurons_by_inputs_with_the_bias_apart():
    layer = Layer(2, 3, rng=random.Random(0))
    layer.neurons[1].b.data = -4.0
    ax = weights(layer)
    for drawn, neuron in zip(cells(ax), layer.neurons, strict=True):
        assert drawn == [*[w.data for w in neuron.w], neuron.b.data]
    assert ax.images[0].get_clim() == (-4.0, 4.0)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "1", "b"]
    assert [2, 1] in ax.lines[0].get_xydata().tolist(), "what is negative bears a minus"


def test_the_gap_before_the_bias_is_narrow_and_of_many_inputs_a_cell():
    edge, gap = weights(Layer(2, 3, rng=random.Random(0))).lines[-2:]
    assert edge.get_xdata()[0] == gap.get_xdata()[0] == 1.5
    assert gap.get_color() == PAPER
    layer = Layer(17, 2, rng=random.Random(0))
    layer.neurons[1].b.data = -4.0
    for drawn in cells(weights(layer)):
        assert len(drawn) == 19 and math.isnan(drawn[17])


def test_the_inputs_bear_their_names():
    ax = weights(Layer(2, 3), inputs=("length", "width"))
    assert [(text.get_text(), text.get_rotation()) for text in ax.get_xticklabels()] == [
        ("length", 0), ("width", 0), ("b", 0),
    ]  # fmt: skip
    ax = weights(Layer(20, 3), inputs=[f"input number {i}" for i in range(20)])
    assert [text.get_text() for text in ax.get_xticklabels()] == [
        *[f"input number {i}" for i in range(0, 20, 2)], "b",
    ]  # fmt: skip
    assert {text.get_rotation() for text in ax.get_xticklabels()} == {90}
    ax = weights(Layer(2, 3), inputs=("od280/od315 of diluted wines", "hue"))
    assert ax.get_xticklabels()[0].get_text() == "od280/od315 of dilu…"


def test_weights_as_images():
    layer = Layer(6, 3, rng=random.Random(0))
    image = np.array(cells(weights(layer, shape=(2, 3))))
    for neuron, text in zip(layer.neurons, weights(layer, shape=(2, 3)).texts, strict=True):
        x, y = text.get_position()
        left, top = round(x + 0.4), round(y + 0.6)
        assert image[top : top + 2, left : left + 3].ravel().tolist() == [w.data for w in neuron.w]
    assert np.isfinite(image).sum() == 18


def test_weights_refuse():
    with pytest.raises(TypeError, match=r"weights draws a Layer, such as model.layers\[0\], got Neuron"):
        weights(Neuron(2))
    with pytest.raises(
        ValueError, match=r"shape \(8, 8\) holds 64 weights, but a neuron of Layer\(2, 3\) has 2"
    ):
        weights(Layer(2, 3), shape=(8, 8))
    with pytest.raises(ValueError, match=r"a neuron of Layer\(2, 3\) has 2 inputs, but there are 1 names"):
        weights(Layer(2, 3), inputs=["x"])
    with pytest.raises(ValueError, match="give inputs or shape, not both"):
        weights(Layer(2, 3), inputs=["x", "y"], shape=(1, 2))
    layer = Layer(2, 3)
    layer.neurons[1].w[0].data = NAN
    with pytest.raises(FloatingPointError, match=r"neurons\[1\].w\[0\] of Layer\(2, 3\) is nan"):
        weights(layer)


def test_activations_are_those_of_the_layer():
    model = net(3, 2, activation="tanh")
    ax = activations(model, XOR.points, layer=1)
    hidden = [model.layers[1](model.layers[0](point)) for point in XOR.points]
    assert cells(ax) == [[answer[i].data for answer in hidden] for i in range(2)]
    assert title(ax) == "activations of Layer(3, 2)"
    assert title(activations(net(3, 2, init="zeros"), XOR.points)).endswith("3 of 3 relu neurons dead")
    assert title(activations(model.layers[0], [(90.0, 90.0)])).endswith("of the tanh answers saturated")


def test_activations_of_a_dataset_stand_by_class():
    model = net(3, 2, activation="tanh")
    ax = activations(model, XOR)
    order = [0, 3, 1, 2]
    answers_ = [model.layers[0](XOR.points[i]) for i in order]
    assert cells(ax) == [[answer[i].data for answer in answers_] for i in range(3)]
    assert [(t.get_position()[0], t.get_text()) for t in ax.get_xticklabels()] == [
        (0.5, "same"), (2.5, "different"),
    ]  # fmt: skip
    bars = [line for line in ax.lines if line.get_linewidth() == 4]
    assert [line.get_xdata().tolist() for line in bars] == [[-0.5, 1.5], [1.5, 3.5]]
    assert [line.get_color() for line in bars] == list(CLASSES[:2])
    png(ax)
    one = activations(model, XOR.subset([1, 2]))
    assert [t.get_text() for t in one.get_xticklabels()] == ["different"]


def test_activations_of_numbers_stand_in_their_order():
    model = MLP(1, [2, 1], rng=random.Random(0))
    ax = activations(model, Dataset([[1.0], [2.0], [3.0]], [0.5, -1.0, 0.0], target="height"))
    assert ax.get_xlabel() == "points in the order of height"
    assert cells(ax)[0] == [model.layers[0]([x])[0].data for x in (2.0, 3.0, 1.0)]


def test_gradients_are_drawn_in_order_with_their_sizes():
    model = swept(Neuron(2, nonlin=False, rng=random.Random(0)))
    model.w[0].grad, model.w[1].grad, model.b.grad = 3.0, 4.0, 2.0
    ax = gradients(model)
    assert [bar.get_width() for bar in ax.patches] == [5 / math.sqrt(2), 2.0]
    assert [text.get_text() for text in ax.texts] == ["3.5", "2"]
    assert [bar.get_hatch() for bar in ax.patches] == [None, "////"]
    assert ax.get_xscale() == "linear" and ax.yaxis_inverted()
    model.b.grad = 1e-3
    assert gradients(model).get_xscale() == "log"
    model.b.grad = 0.0
    assert [text.get_text() for text in gradients(model).texts] == ["3.5", "0"]


def test_gradients_refuse():
    with pytest.raises(ValueError, match=r"no gradient to draw, all 13 are 0: call loss.backward\(\) first"):
        gradients(net(3, 1))
    model = swept()
    model.layers[0].neurons[2].w[1].grad = NAN
    with pytest.raises(FloatingPointError, match=r"gradient of layers\[0\].neurons\[2\].w\[1\] is nan"):
        gradients(model)

    class Bare(Module):
        pass

    with pytest.raises(ValueError, match="Bare has no parameters, and so no gradients"):
        gradients(Bare())


# landscape


def test_contours_show_the_landscape_and_the_path():
    plane = Landscape(
        (-1.0, 0.0, 1.0), (-2.0, 0.0, 2.0), ((5.0, 4.0, 5.0), (1.0, 0.0, 1.0), (5.0, 4.0, math.inf)), 0.0,
        ("w", "b"), ((0.5, 1.0), (0.0, 0.0)),
    )  # fmt: skip
    ax = contours(plane)
    assert (ax.get_xlim(), ax.get_ylim()) == ((-1, 1), (-2, 2))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("w", "b")
    assert ax.lines[0].get_xydata().tolist() == [[0.5, 1.0], [0.0, 0.0]]
    assert ax.lines[1].get_xydata().tolist() == [[0, 0]]
    assert title(ax) == "loss 0 at the cross; 0 to 5 around it; not finite at 1 places"


@pytest.mark.parametrize(
    "losses", [((1.0, 1.0), (1.0, 1.0)), ((1e-6, 1.0), (10.0, 1e6)), ((-3.0, -2.0), (0.0, 5.0))]
)
def test_contours_of_flat_steep_and_negative_landscapes(losses):
    ax = contours(Landscape((0.0, 1.0), (0.0, 1.0), losses, 1.0, ("a", "b"), ()))
    levels = ax.collections[0].levels
    flat = [x for row in losses for x in row]
    assert levels[0] <= min(flat) and max(flat) <= levels[-1]
    png(ax)


def test_a_landscape_without_a_finite_loss_is_refused():
    with pytest.raises(ValueError, match="no loss of this landscape is finite; a smaller span may help"):
        contours(Landscape((0, 1), (0, 1), ((NAN, NAN), (NAN, math.inf)), 0, ("a", "b"), ()))


# all


@pytest.mark.parametrize("name", ["activations", "boundary", "gradients", "landscape", "weights"])
def test_models_are_left_as_they_were(name):
    model = swept(net(3, 1))
    before = [(p.data, p.grad) for p in model.parameters()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        {
            "activations": lambda: activations(model, XOR.points),
            "boundary": lambda: boundary(model, XOR, steps=4),
            "gradients": lambda: gradients(model),
            "landscape": lambda: landscape(model, XOR, steps=3),
            "weights": lambda: weights(model.layers[0]),
        }[name]()
    assert [(p.data, p.grad) for p in model.parameters()] == before
    assert all(type(p) is Value for p in model.parameters())
