"""The pictures of the lecture: what they show is what was given."""

import math

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from nn.hyperplane import Hyperplane
from nn.perceptron import Perceptron
from nn.pieces import relu_sum
from nn.plot.approximation import approximation
from nn.plot.axes import CLASSES, png
from nn.plot.hyperplane import hyperplane
from nn.separable import separable

CORNERS, AND = [(0, 0), (0, 1), (1, 0), (1, 1)], [0, 0, 0, 1]


def lines(ax):
    """Return the lines as points and directions of length 1."""
    found = []
    for line in ax.lines:
        a, b = np.array(line.get_xy1()), np.array(line.get_xy2())
        found.append((a, (b - a) / np.linalg.norm(b - a)))
    return found


def test_points_line_and_arrow():
    plane = Hyperplane((2.0, 1.0), -2.0)
    ax = hyperplane(plane, CORNERS, AND)
    zero, one = (c for c in ax.collections if c.get_label() in ("class 0", "class 1"))
    assert zero.get_offsets().tolist() == [[0, 0], [0, 1], [1, 0]]
    assert one.get_offsets().tolist() == [[1, 1]]
    assert [to_hex(c.get_facecolor()[0]) for c in (zero, one)] == list(CLASSES[:2])
    assert zero.get_paths()[0].vertices.shape != one.get_paths()[0].vertices.shape  # shapes differ, too
    ((point, along),) = lines(ax)
    assert plane.distance(point) == pytest.approx(0)
    assert along @ np.array(plane.coefficients) == pytest.approx(0)
    arrow = next(text for text in ax.texts if text.arrow_patch is not None)
    way = np.array(arrow.xy) - np.array(arrow.xyann)
    assert way / np.linalg.norm(way) == pytest.approx(np.array([2, 1]) / math.sqrt(5))
    assert plane.distance(arrow.xyann) == pytest.approx(0)
    assert ax.get_title() == "2 x1 + x2 − 2 = 0: 4 of 4 right"
    assert png(ax)


def test_the_shade_is_on_the_side_of_class_1():
    plane = Hyperplane((-1.0, 0.5), 0.25)
    ax = hyperplane(plane, CORNERS, AND)
    shade = next(c for c in ax.collections if c.get_label() not in ("class 0", "class 1"))
    for x, y in np.random.default_rng(0).uniform(-0.2, 1.2, (200, 2)):
        assert any(path.contains_point((x, y)) for path in shade.get_paths()) == (plane.height((x, y)) > 0)


@pytest.mark.parametrize("weights", [(-1.5, (1.0, 1.0)), (0.5, (-1.0, -1.0)), (-0.5, (1.0, 0.0))])
def test_neither_the_arrow_nor_its_name_covers_a_point(weights):
    b, w = weights
    ax = hyperplane(Hyperplane(w, b), CORNERS, AND)
    png(ax)
    shown = ax.transData.inverted()
    (name,) = (text for text in ax.texts if text.get_text() == "w")
    box = name.get_window_extent().transformed(shown)
    arrow = next(text for text in ax.texts if text.arrow_patch is not None)
    foot, tip = np.array(arrow.xyann), np.array(arrow.xy)
    for x, y in CORNERS:
        assert not (box.x0 - 0.02 < x < box.x1 + 0.02 and box.y0 - 0.02 < y < box.y1 + 0.02)
        for share in np.linspace(0, 1, 20):
            assert np.linalg.norm(foot + share * (tip - foot) - (x, y)) > 0.05
    assert ax.get_xlim()[0] < box.x0 and box.x1 < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < box.y0 and box.y1 < ax.get_ylim()[1]


def test_the_arrow_stands_in_the_middle_where_it_is_clear():
    ax = hyperplane(Hyperplane((1.0, -1.0), 0.0), [(0.0, 1.0), (1.0, 0.0)], [0, 1])
    (arrow,) = (text for text in ax.texts if text.arrow_patch is not None)
    assert np.array(arrow.xyann) == pytest.approx([0.5, 0.5])


def test_a_line_far_away_shades_all_or_nothing():
    for sign in (1, -1):
        ax = hyperplane(Hyperplane((1.0, 1.0), sign * 100.0), CORNERS, AND)
        assert len(ax.collections) == (3 if sign > 0 else 2)
        png(ax)


def test_a_trail_has_a_line_for_each_correction():
    learning = Perceptron(2).fit(CORNERS, AND)
    ax = hyperplane(learning, CORNERS, AND, trail=True)
    drawn = lines(ax)
    assert len(drawn) == len(learning.corrections) == 10  # all but the last, and the line itself
    for (point, along), correction in zip(drawn, learning.corrections, strict=True):
        plane = Hyperplane(correction.weights[1:], correction.weights[0])
        assert plane.distance(point) == pytest.approx(0, abs=1e-12)
        assert along @ np.array(plane.coefficients) == pytest.approx(0, abs=1e-12)
    strengths = [line.get_alpha() for line in ax.lines[:-1]]
    assert strengths == sorted(strengths)


def test_whatever_has_a_hyperplane_is_drawn():
    found = separable(CORNERS, AND)
    titles = {
        hyperplane(thing, CORNERS, AND).get_title()
        for thing in (found, found.hyperplane, Perceptron.of(-1.5, [1, 1]))
    }
    assert titles == {"x1 + x2 − 1.5 = 0: 4 of 4 right"}


def test_an_approximation_shows_function_pieces_and_the_largest_error():
    found = relu_sum(math.sin, (0, 3), 3)
    ax = approximation(found)
    function, pieces, error = ax.lines
    assert function.get_ydata() == pytest.approx(np.sin(function.get_xdata()))
    assert pieces.get_xdata() == pytest.approx([0, 1, 2, 3])
    assert pieces.get_ydata() == pytest.approx(np.sin([0, 1, 2, 3]))
    assert np.ptp(error.get_ydata()) == pytest.approx(found.error)
    assert error.get_xdata()[0] == found.worst.x
    assert ax.get_title().startswith("3 pieces: largest error 0.12")
    assert png(ax)


def test_many_pieces_have_no_marks():
    assert approximation(relu_sum(math.sin, (0, 3), 100)).lines[1].get_marker() == ""
    assert approximation(relu_sum(math.sin, (0, 3), 1)).get_title().startswith("1 piece: ")


def test_they_draw_on_the_axes_that_are_given():
    one, two = Figure().subplots(1, 2)
    assert hyperplane(Hyperplane((1, 0), 0), CORNERS, AND, one) is one
    assert approximation(relu_sum(math.sin, (0, 3), 2), two) is two
    for ax in (one, two):
        assert not ax.spines["top"].get_visible() and not ax.spines["right"].get_visible()


REFUSALS = [
    (lambda: hyperplane(Hyperplane((1.0,), 0), [[1], [2]], [0, 1]), ValueError, "two numbers, points has 1"),
    (lambda: hyperplane(Hyperplane((1.0,), 0), CORNERS, AND), ValueError, "two numbers, w has 1"),
    (
        lambda: hyperplane(separable(CORNERS, [0, 1, 1, 0]), CORNERS, AND),
        TypeError,
        "drawn; got not separable",
    ),
    (lambda: hyperplane(Perceptron(2), CORNERS, AND), ValueError, "has no direction"),
    (lambda: hyperplane(Hyperplane((1, 1), 0), CORNERS, AND, trail=True), ValueError, "that of a Learning"),
    (lambda: hyperplane(Hyperplane((1, 1), 0), CORNERS, [0, 1]), ValueError, "4 points, 2 labels"),
]


@pytest.mark.parametrize(("act", "error", "message"), REFUSALS)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
