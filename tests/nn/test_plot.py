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
from nn.plot.axes import CLASSES, blended
from nn.plot.boundary import TINT, clipped
from nn.progress import Epoch

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
    ax = confusion_matrix([0, 0, 1, 2], [0, 1, 1, 2], names=("a", "b", "c"))
    assert [text.get_text() for text in ax.texts] == list("110010001")
    assert [text.get_position() for text in ax.texts[:4]] == [(0, 0), (1, 0), (2, 0), (0, 1)]
    assert cells(ax) == [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]]
    assert [t.get_text() for t in ax.get_xticklabels()] == ["a", "b", "c"]
    assert title(ax) == "3 of 4 right"


@settings(max_examples=20)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=30))
def test_the_confusion_matrix_counts_as_scikit_learn_does(pairs):
    metrics = pytest.importorskip("sklearn.metrics")
    targets, predictions = [a for a, _ in pairs], [b for _, b in pairs]
    texts = [int(text.get_text()) for text in confusion_matrix(targets, predictions, "abcd").texts]
    if pairs:
        expected = metrics.confusion_matrix(targets, predictions, labels=range(4)).ravel().tolist()
        assert texts == expected
    assert sum(texts) == len(pairs)


def test_confusion_refuses():
    with pytest.raises(ValueError, match="one prediction a target, got 2 targets and 1 predictions"):
        confusion_matrix([0, 1], [0], "ab")
    with pytest.raises(ValueError, match=r"label 0 taken for 2: there are names for 0 \.\.\. 1"):
        confusion_matrix([0], [2], "ab")
    with pytest.raises(ValueError, match="needs the names of the classes, got none"):
        confusion_matrix([], [], ())


# weights, activations, gradients


def test_weights_are_neurons_by_inputs_with_the_bias_apart():
    layer = Layer(2, 3, rng=random.Random(0))
    layer.neurons[1].b.data = -4.0
    ax = weights(layer)
    for drawn, neuron in zip(cells(ax), layer.neurons, strict=True):
        assert drawn[:2] == [w.data for w in neuron.w] and drawn[3] == neuron.b.data
        assert math.isnan(drawn[2])
    assert ax.images[0].get_clim() == (-4.0, 4.0)
    assert [text.get_text() for text in ax.get_xticklabels()] == ["0", "1", "b"]
    assert [3, 1] in ax.lines[0].get_xydata().tolist(), "what is negative bears a minus"


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
