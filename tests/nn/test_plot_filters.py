"""Pictures of convolutions: each cell is the weight or the answer that it stands for."""

import math
import random
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from nn.conv import Conv1d, Conv2d, LeNet, MaxPool2d
from nn.mlp import MLP
from nn.plot.axes import diverging, png
from nn.plot.filters import feature_maps, filters
from nn.plot.tiles import Tile, lined, sheet

IMAGE = [[[float(i * 6 + j) for j in range(6)] for i in range(5)]]


def conv(*sizes, **options):
    return Conv2d(*sizes, rng=random.Random(0), **options)


def title(ax):
    return ax.get_title(loc="left")


def cells(ax, i=0):
    return np.ma.filled(ax.images[i].get_array(), math.nan)


def frames(ax):
    """Return the frames as (top, left, height, width) in cells, from the top, line by line."""
    boxes = [(patch.get_y(), patch.get_x(), patch.get_height(), patch.get_width()) for patch in ax.patches]
    return [tuple(round(x + 0.5) if k < 2 else round(x) for k, x in enumerate(box)) for box in boxes]


def inside(ax, frame, i=0):
    top, left, height, width = frame
    return cells(ax, i)[top : top + height, left : left + width].tolist()


def texts(ax):
    return [text.get_text() for text in ax.texts]


PLOTS = {
    "filters": lambda ax=None: filters(conv(1, 4, 3), ax),
    "filters of channels": lambda ax=None: filters(conv(2, 3, 2), ax),
    "maps of a layer": lambda ax=None: feature_maps(conv(1, 4, 3), IMAGE, ax),
    "maps of a model": lambda ax=None: feature_maps(LeNet(channels=(2, 3)), [0.5] * 64, ax),
}


@pytest.mark.parametrize("name", PLOTS)
def test_every_plot_draws_on_the_axes_that_are_given_or_on_new_ones(name):
    ax = Figure().add_subplot()
    assert PLOTS[name](ax) is ax
    new = PLOTS[name]()
    assert new is not ax and title(new) == title(ax)
    assert png(new).startswith(b"\x89PNG")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


def test_filters_of_one_channel_are_their_kernels_in_lines():
    layer = conv(1, 6, (2, 3))
    ax = filters(layer)
    assert title(ax) == "filters of Conv2d(1, 6, (2, 3)): 42 parameters"
    assert texts(ax) == list("012345")
    for frame, neuron in zip(frames(ax), layer.filters, strict=True):
        first, second = np.reshape([w.data for w in neuron.w], (2, 3)).tolist()
        assert inside(ax, frame) == [first, second]
    shown = np.sort(cells(ax)[np.isfinite(cells(ax))])
    assert shown.tolist() == sorted(w.data for neuron in layer.filters for w in neuron.w)


def test_filters_of_channels_are_columns():
    layer = conv(3, 4, 2)
    ax = filters(layer)
    found = frames(ax)
    assert len({left for _, left, _, _ in found}) == 4 and len({top for top, _, _, _ in found}) == 3
    for n, frame in enumerate(found):
        c, f = divmod(n, 4)
        kernel = np.reshape([w.data for w in layer.filters[f].w], (3, 2, 2))[c]
        assert inside(ax, frame) == kernel.tolist()
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("filter", "channel")
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["0", "1", "2"]
    assert ax.get_yticks().tolist() == [top + 0.5 for top in sorted({top for top, _, _, _ in found})]


def test_one_scale_of_colours_has_0_in_its_middle():
    layer = conv(1, 4, 3)
    low, high = filters(layer).images[0].get_clim()
    assert -low == high == max(abs(w.data) for neuron in layer.filters for w in neuron.w)


def test_the_colours_of_maps_that_are_never_below_0_begin_at_0():
    layer = conv(1, 3, 2, activation="relu")
    maps = feature_maps(layer, IMAGE).images[0]
    answers = [y.data for plane in layer(IMAGE) for row in plane for y in row]
    assert maps.get_clim() == (0.0, max(answers)) and min(answers) == 0
    assert maps.get_cmap()(0.0)[:3] == (1.0, 1.0, 1.0) and maps.get_cmap()(1.0) == diverging()(1.0)


def test_filters_of_sequences_are_one_row_high():
    layer = Conv1d(1, 3, 5, rng=random.Random(0))
    assert {frame[2:] for frame in frames(filters(layer))} == {(1, 5)}


def test_maps_stand_beside_the_image():
    layer = conv(1, 3, 2, stride=2, activation="tanh")
    ax = feature_maps(layer, IMAGE)
    assert title(ax) == "what Conv2d(1, 3, 2, stride=2) makes of an image of 1 × 5 × 6"
    *maps, image = frames(ax)
    for frame, answers in zip(maps, layer(IMAGE), strict=True):
        assert inside(ax, frame) == [[y.data for y in row] for row in answers]
    assert cells(ax, 1).tolist() == IMAGE[0]
    left, right, bottom, top = ax.images[1].get_extent()
    assert (round(top + 0.5), round(left + 0.5), round(bottom - top), round(right - left)) == image
    assert all(left > image[1] + image[3] for _, left, _, _ in maps)
    assert sorted(texts(ax)) == ["3 × 2 × 3", "input"]


def test_maps_of_a_model_follow_from_the_top():
    model = LeNet(3, channels=(2, 3), height=8, width=12, activation="tanh", rng=random.Random(0))
    rng = random.Random(1)
    point = [rng.random() for _ in range(96)]
    ax = feature_maps(model, point)
    assert texts(ax) == ["c1 2 × 8 × 12", "s2 2 × 4 × 6", "c3 3 × 4 × 6", "s4 3 × 2 × 3", "input"]
    maps = [plane for name, planes in model.maps(point).items() if name != "input" for plane in planes]
    found = frames(ax)[:-1]
    assert found == sorted(found)
    for frame, plane in zip(found, maps, strict=True):
        assert inside(ax, frame) == [[y.data for y in row] for row in plane]


def test_a_sequence_and_its_maps():
    ax = feature_maps(Conv1d(2, 3, 2, rng=random.Random(0)), [[1.0, 2.0, 3.0], [0.0, 1.0, 0.0]])
    assert title(ax) == "what Conv1d(2, 3, 2) makes of a sequence of 2 × 3"
    assert "3 × 2" in texts(ax) and len(ax.images) == 3


def test_lines_of_tiles_are_even():
    tiles = lined([[[0.0, 1.0]]] * 7, [""] * 7, 3, top=1, left=5)
    assert [tile[:2] for tile in tiles] == [(1, 5), (1, 8), (1, 11), (3, 5), (3, 8), (3, 11), (5, 5)]
    assert sheet(None, [Tile(0, 0, [[0.0]] * 50)]).figure.get_size_inches().tolist() == [8.0, 8.0]


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: filters(MLP(2, [1])), TypeError, "filters draws a convolution, .* got one of MLP"),
        (lambda: filters(MaxPool2d(2)), TypeError, "got one of MaxPool2d"),
        (
            lambda: feature_maps(MLP(2, [1]), [1, 2]),
            TypeError,
            "a convolution or a LeNet, got one of MLP",
        ),
        (lambda: feature_maps(conv(2, 1, 1), IMAGE), ValueError, "takes 2 channels, got 1 × 5 × 6"),
        (lambda: feature_maps(LeNet(), [0.0] * 5), ValueError, "takes 1 × 8 × 8 numbers"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_refuses_what_is_not_finite():
    layer = conv(1, 2, 1)
    with pytest.raises(FloatingPointError, match="channel 0 of input holds inf"):
        feature_maps(layer, [[[math.inf]]])
    layer.filters[1].w[0].data = math.nan
    with pytest.raises(FloatingPointError, match=r"filters\[1\].w\[0\] of Conv2d\(1, 2, 1\) is nan"):
        filters(layer)
    with pytest.raises(FloatingPointError, match=r"channel 1 of Conv2d\(1, 2, 1\) holds nan"):
        feature_maps(layer, [[[1.0]]])
