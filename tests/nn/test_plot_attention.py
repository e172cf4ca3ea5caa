"""Attention maps: what they show is what was given."""

import math
import random

import numpy as np
import pytest

from nn.gpt import GPT
from nn.plot.attention import attention_maps
from nn.plot.axes import axes, png

SHARES = [[1.0], [0.25, 0.75], [0.0, 0.5, 0.5]]
TURNED = [[1.0], [0.75, 0.25], [0.5, 0.5, 0.0]]


def cells(ax):
    (image,) = ax.images
    return np.ma.filled(image.get_array(), np.nan)


def test_each_head_has_its_map():
    ax = attention_maps([SHARES, TURNED, SHARES], "abc")
    grid = cells(ax)
    corners = {"head 0": (2, 0), "head 1": (2, 4), "head 2": (7, 0)}
    for text, shares in zip(ax.texts, [SHARES, TURNED, SHARES], strict=True):
        top, left = corners[text.get_text()]
        assert text.get_position() == (left - 0.5, top - 0.7)
        shown = grid[top : top + 3, left : left + 3]
        assert [row[~np.isnan(row)].tolist() for row in shown] == shares
        grid[top : top + 3, left : left + 3] = math.nan
    assert np.isnan(grid).all()
    assert [label.get_text() for label in ax.get_xticklabels()] == [*"abcabc"]
    assert ax.get_xticks().tolist() == [0, 1, 2, 4, 5, 6]
    assert ax.get_yticks().tolist() == [2, 3, 4, 7, 8, 9]
    assert ax.images[0].get_clim() == (0.0, 1.0)
    assert png(ax)


def test_what_a_gpt_answers_is_drawn_on_axes_given():
    model, ax = GPT.micro(5, rng=random.Random(0)), axes()
    assert attention_maps(model.weights([4, 0, 1])[0], ["end", "no", "on"], ax) is ax
    assert [text.get_text() for text in ax.texts] == [f"head {n}" for n in range(4)]
    assert cells(ax)[2, 0] == 1.0
    assert ax.get_title(loc="left") == "attention of 4 heads"


def test_long_labels_stand_upright():
    def turned(labels):
        return {label.get_rotation() for label in attention_maps([SHARES], labels).get_xticklabels()}

    assert turned("abc") == {0.0} and turned(["a long word"] * 3) == {0.0}
    assert turned(["a word that is longer"] * 3) == {90.0}


@pytest.mark.parametrize(
    ("weights", "labels", "message"),
    [
        ([], "ab", "at least one head and one label, got 0 heads, 2 labels"),
        ([[]], "", "got 1 heads, 0 labels"),
        ([SHARES], "ab", "got 3 rows of head 0, 2 labels"),
        ([SHARES, [[1.0], [0.5, 0.5], [0.1] * 4]], "abc", "row 2 of head 1 has 4 shares, more than 3"),
        ([[[1.0], [0.25, 1.5]]], "ab", "from 0 to 1, got 1.5 in row 1, column 1 of head 0"),
        ([[[math.nan]]], "a", "from 0 to 1, got nan in row 0, column 0 of head 0"),
    ],
)
def test_refuses(weights, labels, message):
    with pytest.raises(ValueError, match=message):
        attention_maps(weights, labels)
