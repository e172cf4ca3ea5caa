"""Plots of codes: the pictures, places and colours are those of the model and the data."""

import math
import random
import sys
from statistics import NormalDist, median

import numpy as np
import pytest
from hypothesis import given, strategies as st
from matplotlib.figure import Figure

from nn.answers import outputs
from nn.autoencoder import VAE, Autoencoder
from nn.data import Dataset
from nn.mlp import MLP
from nn.plot.axes import CLASSES, png
from nn.plot.latent import latent_grid, latent_map, reconstructions

POINTS = [(0.0, 1.0, 0.5, 0.25, 0.75, 0.0), (1.0, 0.0, 0.0, 1.0, 0.5, 0.5), (0.5,) * 6]
DATA = Dataset(POINTS, [0, 1, 1], names=("first", "second", "third"), name="few")


def vae(code=2):
    return VAE(6, [4], code, rng=random.Random(0))


def plain(code=2):
    return Autoencoder(6, [4], code, rng=random.Random(0))


def tile(ax, row, column, shape=(2, 3)):
    """Return the numbers of one of the pictures."""
    cells = np.ma.filled(ax.images[0].get_array(), math.nan)
    down, across = shape
    top, left = row * (down + 1), column * (across + 1)
    return tuple(cells[top : top + down, left : left + across].flatten().tolist())


def title(ax):
    return ax.get_title(loc="left")


PLOTS = {
    "reconstructions": lambda ax=None: reconstructions(plain(3), POINTS, ax, shape=(2, 3)),
    "latent map": lambda ax=None: latent_map(vae(), DATA, ax),
    "latent grid": lambda ax=None: latent_grid(vae(), ax, shape=(2, 3), steps=3),
}


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_draws_on_the_axes_that_are_given_or_on_new_ones(name):
    ax = Figure().add_subplot()
    assert PLOTS[name](ax) is ax
    new = PLOTS[name]()
    assert new is not ax and title(new) == title(ax) != ""
    assert png(new).startswith(b"\x89PNG")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


@pytest.mark.parametrize("make", [plain, vae])
def test_below_each_point_stands_what_the_model_draws_of_it(make):
    model = make()
    ax = reconstructions(model, POINTS, shape=(2, 3))
    drawn = outputs(model, POINTS)
    for i, point in enumerate(POINTS):
        assert tile(ax, 0, i) == point
        assert tile(ax, 1, i) == drawn[i]
    assert ax.images[0].get_clim() == (0.0, 1.0)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["seen", "drawn"]
    mean = np.mean((np.array(drawn) - np.array(POINTS)) ** 2)
    assert title(ax) == f"drawn again by {model.describe()}: mean squared error {mean:.4f}"


def test_between_the_pictures_is_paper():
    cells = np.ma.filled(reconstructions(plain(), POINTS, shape=(2, 3)).images[0].get_array(), math.nan)
    assert cells.shape == (5, 11)
    assert np.isnan(cells[2]).all() and np.isnan(cells[:, [3, 7]]).all()
    assert not np.isnan(np.delete(np.delete(cells, 2, 0), [3, 7], 1)).any()


@pytest.mark.parametrize("make", [plain, vae])
def test_the_map_has_every_code_in_the_colour_of_its_class(make):
    model = make()
    ax = latent_map(model, DATA)
    codes = outputs(model.encode if make is plain else lambda x: model.encode(x)[0], POINTS)
    marked = [line for line in ax.lines if line.get_marker() != "None"]
    assert [line.get_color() for line in marked] == list(CLASSES[:2])
    assert marked[0].get_xydata().tolist() == [list(codes[0])]
    assert marked[1].get_xydata().tolist() == [list(codes[1]), list(codes[2])]
    named = {text.get_text(): text.get_position() for text in ax.texts}
    assert named == {"first": codes[0], "second": tuple(map(median, zip(*codes[1:], strict=True)))}
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(DATA.names)
    rings = [line for line in ax.lines if line.get_marker() == "None"]
    radii = [float(np.hypot(*line.get_xydata().T).max()) for line in rings]
    assert radii == pytest.approx([] if make is plain else [1.0, 2.0])


@given(st.integers(1, 5))
def test_the_grid_is_decoded_at_the_middles_of_equal_shares(steps):
    model = vae()
    ax = latent_grid(model, shape=(2, 3), steps=steps)
    places = [NormalDist().inv_cdf((i + 0.5) / steps) for i in range(steps)]
    for row, up in enumerate(reversed(places)):
        for column, across in enumerate(places):
            assert tile(ax, row, column) == outputs(model.decode, [(across, up)])[0]
    labels = [f"{place:.2g}".replace("-", "−") for place in places]
    assert [label.get_text() for label in ax.get_xticklabels()] == labels
    assert [label.get_text() for label in ax.get_yticklabels()] == labels
    rows = [round(float(at)) // 3 for at in ax.get_yticks()]
    assert rows == list(range(steps))[::-1]


def test_a_wide_grid_numbers_some_of_its_tiles():
    ax = latent_grid(plain(), shape=(2, 3), steps=16)
    assert len(ax.get_xticks()) == len(ax.get_yticks()) == 6


def test_the_look_is_that_of_the_columns_in_a_row():
    few, many = (reconstructions(plain(), POINTS[:1] * n, shape=(2, 3)).figure for n in (1, 12))
    assert few.get_size_inches()[1] > many.get_size_inches()[1]


def burst(model):
    model.decoder.layers[-1].neurons[0].b.data = math.inf
    return model


def lost():
    model = plain()
    model.encoder.layers[-1].neurons[0].b.data = math.inf
    return model


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (
            lambda: reconstructions(MLP(6, [6]), POINTS, shape=(2, 3)),
            TypeError,
            "the plot takes an Autoencoder or a VAE, got MLP",
        ),
        (lambda: latent_map(MLP(6, [2]), DATA), TypeError, "takes an Autoencoder or a VAE, got MLP"),
        (lambda: latent_grid(None, shape=(2, 3)), TypeError, "takes an Autoencoder or a VAE, got None"),
        (
            lambda: reconstructions(plain(), POINTS, shape=(2, 2)),
            ValueError,
            r"shape \(2, 2\) holds 4 numbers, but a row of Autoencoder\(6, \[4\], 2, gaussian\) has 6",
        ),
        (lambda: latent_grid(vae(), shape=(3, 3)), ValueError, r"shape \(3, 3\) holds 9 numbers"),
        (lambda: latent_grid(vae(), shape=(2, 3), steps=0), ValueError, "steps is at least 1, got 0"),
        (lambda: reconstructions(plain(), [], shape=(2, 3)), ValueError, "at least one point, got none"),
        (
            lambda: latent_map(vae(3), DATA),
            ValueError,
            r"for codes of 2 numbers, those of VAE\(6, \[4\], 3, bernoulli\) have 3",
        ),
        (lambda: latent_grid(plain(1), shape=(2, 3)), ValueError, "for codes of 2 numbers"),
        (
            lambda: latent_map(plain(), Dataset(POINTS, [0.5, 1.0, 2.0], name="few")),
            ValueError,
            "coloured by classes; the targets of few are numbers",
        ),
        (
            lambda: reconstructions(burst(plain()), POINTS, shape=(2, 3)),
            FloatingPointError,
            r"answers what is not finite to row 0: \(inf, ",
        ),
        (lambda: latent_grid(burst(plain()), shape=(2, 3)), FloatingPointError, "not finite to row 0"),
        (lambda: latent_map(lost(), DATA), FloatingPointError, r"not finite to row 0: \(inf, "),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
