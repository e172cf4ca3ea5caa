"""Names from outside stand in the plots as they are: a $ begins no formula. Wrong things are refused."""

import random

import pytest
from matplotlib.text import Text

from nn import MLP, Dataset, Layer
from nn.autoencoder import VAE
from nn.data import Graph
from nn.plot import (
    activations,
    approximation,
    attention_maps,
    boundary,
    confusion_matrix,
    contours,
    fitted,
    gradient_through_time,
    gradients,
    graph,
    graph_steps,
    hidden_states,
    latent_map,
    learning_curve,
    overfitting,
    png,
    predicted,
    reconstructions,
    weights,
)
from nn.progress import Epoch

COST, GAIN = "$cost_{", "gain$ ^"
"""Each has one $, which matplotlib leaves alone; together they would be read as a formula, and are none."""
DEAR = f"{COST} {GAIN}"
PLANE = Dataset(
    [[0.0, 1.0], [1.0, 0.0], [2.0, 1.0]], [0, 1, 0], names=(DEAR, f"not {DEAR}"),
    inputs=(DEAR, f"{DEAR}2"), units=("$", ""), target=DEAR, name=DEAR,
)  # fmt: skip
LINE = Dataset([[0.0], [1.0]], [0.0, 1.0], inputs=(DEAR,), target=f"{DEAR}3", units=("$",))
PAIR = Graph(["a", "b"], [(0, 1)], [0, 1], names=(DEAR, f"not {DEAR}"), name=DEAR)
SHARES = [(0.9, 0.1), (0.8, 0.2)]
EPOCH = Epoch(1, 2.3, 0.1, None, None, 0.1, 1.0, 8, 0.1)


def rng():
    return random.Random(0)


@pytest.mark.parametrize(
    "draw",
    [
        lambda: activations(Layer(2, 2, rng=rng()), PLANE),
        lambda: attention_maps([[[1.0], [0.25, 0.75]]], [DEAR, DEAR]),
        lambda: boundary(MLP(2, [2], rng=rng()), PLANE, steps=3),
        lambda: confusion_matrix([0, 1], [0, 1], PLANE.names),
        lambda: fitted(MLP(1, [1], rng=rng()), LINE),
        lambda: gradient_through_time({DEAR: [0.5, 1.0], "b": [0.25, 1.0]}),
        lambda: graph(PAIR, shares=SHARES),
        lambda: graph_steps(PAIR, [(DEAR, SHARES)]),
        lambda: hidden_states([[0.5], [0.25]], read=[DEAR, DEAR]),
        lambda: latent_map(VAE(2, [], 2, rng=rng()), PLANE),
        lambda: learning_curve([EPOCH], loss=DEAR, metric=DEAR),
        lambda: overfitting([(1, 0.5, 0.6), (2, 0.2, 0.3)], number=DEAR, loss=DEAR, validation=DEAR),
        lambda: predicted([1.0, 2.0], [1.0, 2.5], DEAR),
        lambda: weights(Layer(2, 2, rng=rng()), inputs=PLANE.inputs),
    ],
)
def test_a_dollar_in_a_name_is_drawn_as_one(draw):
    ax = draw()
    texts = [text for text in ax.figure.findobj(Text) if "$" in text.get_text() and DEAR in text.get_text()]
    assert texts and not any(text.get_parse_math() for text in texts)
    assert png(ax)[1:4] == b"PNG"


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: weights(Layer(2, 2), "ax"), "ax is matplotlib's Axes, or left out for new ones, got 'ax'"),
        (lambda: png(None), "ax is matplotlib's Axes, or left out for new ones, got None"),
        (lambda: activations(Layer(2, 2), 3), "points: a list is needed, got 3"),
        (lambda: activations(Layer(2, 2), PLANE, layer="0"), "layer is a whole number, got '0'"),
        (lambda: approximation(None), "pieces is an Approximation, as nn.relu_sum or .against returns, got"),
        (lambda: attention_maps(3, "ab"), "weights: a list is needed, got 3"),
        (lambda: attention_maps([[["a"]]], "a"), "a share takes a number, got 'a'"),
        (lambda: boundary(MLP(2, [2]), PLANE.points), "data is a Dataset, such as"),
        (lambda: boundary(MLP(2, [2]), PLANE, train=[1]), r"train is a Dataset, such as .*got \[1\]"),
        (lambda: boundary(None, PLANE), "a model is a function of a point, such as an MLP, got None"),
        (lambda: confusion_matrix([0], [0], 2), "names: a list is needed, got 2"),
        (lambda: contours(None), "what is drawn is a Landscape, as nn.survey returns, got None"),
        (lambda: fitted(MLP(1, [1]), [1.0]), r"what is drawn is a Dataset, such as .*got \[1.0\]"),
        (lambda: gradient_through_time("a"), "norms: a list is needed, got 'a'"),
        (lambda: gradients(None), "model is a Module, such as .*got None"),
        (lambda: graph(None), "data is a Graph, such as .*got None"),
        (lambda: graph(PAIR, labelled=[True]), "a labelled node is a whole number, got True"),
        (lambda: graph(PAIR, shares=[1, 2]), r"shares\[0\]: a list is needed, got 1"),
        (lambda: graph_steps(PAIR, 3), "steps: a list is needed, got 3"),
        (lambda: hidden_states(3), "hidden: a list is needed, got 3"),
        (lambda: latent_map(VAE(2, [], 2), None), "data is a Dataset, such as .*got None"),
        (lambda: learning_curve(None), "learning_curve draws a Training, or a list of its epochs, got None"),
        (lambda: overfitting([3]), "a row: a list is needed, got 3"),
        (lambda: predicted(1.0, [1.0]), "predictions: a list is needed, got 1.0"),
        (lambda: reconstructions(VAE(2, [], 2), 3, shape=(1, 2)), "points: a list is needed, got 3"),
        (lambda: reconstructions(VAE(2, [], 2), [], shape=None), "shape is a whole number, or two for rows"),
        (lambda: weights(Layer(2, 2), shape=(1, 2, 1)), "shape is a whole number, or two for rows"),
        (lambda: weights(Layer(2, 2), inputs=3), "inputs: a list is needed, got 3"),
    ],
)
def test_what_cannot_be_drawn_is_refused(act, message):
    with pytest.raises(TypeError, match=message):
        act()


def test_a_step_is_a_pair():
    with pytest.raises(ValueError, match=r"steps\[0\] is a pair of a name and shares, got 1 things"):
        graph_steps(PAIR, [["start"]])
