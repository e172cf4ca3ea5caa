"""Plots of predicted numbers: what they show is what was given."""

import random

import pytest
from matplotlib.figure import Figure

from nn import MLP, Dataset, moons, outputs, sine
from nn.plot import fitted, predicted


def test_predicted_against_true():
    ax = predicted([1.0, 3.0, 4.0], [1.0, 2.0, 4.0], "height (m)")
    assert ax.collections[0].get_offsets().tolist() == [[1.0, 1.0], [3.0, 2.0], [4.0, 4.0]]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted height (m)", "true height (m)")
    assert ax.get_title(loc="left") == "R² 0.786, root mean square error 0.577"
    ax.figure.savefig("/dev/null", format="png")


def test_a_model_along_one_column():
    data = sine(20, seed=3)
    model = MLP(1, [4, 1], rng=random.Random(0))
    given = Figure().add_subplot()
    ax = fitted(model, data, given, truth=lambda x: 2 * x)
    assert ax is given
    points, truth, line = ax.lines
    assert points.get_xydata().tolist() == [[x, y] for (x,), y in data]
    assert truth.get_ydata().tolist() == [2 * x for x in truth.get_xdata().tolist()]
    xs = line.get_xdata().tolist()
    assert (xs[0], xs[-1]) == (data.points[0][0], data.points[-1][0])
    assert line.get_ydata().tolist() == outputs(model, [(x,) for x in xs])


def test_equal_targets_have_no_r2():
    assert predicted([1.0, 3.0], [2.0, 2.0]).get_title(loc="left") == "root mean square error 1"


def test_the_curve_goes_over_training_points_too():
    test = Dataset([[1.0], [2.0]], [0.0, 1.0])
    train = Dataset([[-1.0], [1.5]], [0.5, 0.25])
    ax = fitted(MLP(1, [4, 1]), test, train=train)
    shown, faint, line = ax.lines
    assert shown.get_xydata().tolist() == [[1, 0], [2, 1]]
    assert faint.get_xydata().tolist() == [[-1, 0.5], [1.5, 0.25]]
    assert faint.get_markerfacecolor() == "none"
    assert (line.get_xdata()[0], line.get_xdata()[-1]) == (-1.0, 2.0)
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["test points", "training points", "model"]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda: predicted([1.0], [1.0]), "two or more, got 1 predictions and 1"),
        (lambda: predicted([1.0], [1.0, 2.0]), "got 1 predictions and 2 targets"),
        (lambda: predicted([1.0, float("nan")], [1.0, 2.0]), "prediction 1 is nan"),
        (lambda: fitted(MLP(2, [1]), moons(10)), "numbers along one column, got Dataset"),
        (lambda: fitted(MLP(1, [1]), sine(9), train=moons(10)), "along one column, got Dataset"),
        (lambda: fitted(MLP(2, [1]), Dataset([[0.0, 1.0]], [0.0])), "numbers along one column"),
    ],
)
def test_refuses(act, message):
    with pytest.raises(ValueError, match=message):
        act()
