"""Predictions of numbers: against the true ones, and along the one column that there is."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.optional import load
from nn.answers import Model, outputs
from nn.data import Dataset
from nn.plot.axes import INK, NEGATIVE, POSITIVE, SOFT, captioned, dressed

CURVE_POINTS = 400


def predicted(
    targets: Sequence[float], predictions: Sequence[float], what: str = "target", ax: Any = None
) -> Any:
    """Draw each true number above the predicted one; on the diagonal the two are equal.

    `what` names the numbers, with their unit. The title gives R² and the root mean square error.

    Errors: ValueError for sequences of different lengths or fewer than two numbers.

    >>> predicted([1.0, 2.0, 3.0], [1.0, 2.5, 3.0], "height (m)").get_xlabel()
    'predicted height (m)'
    """
    if len(targets) != len(predictions) or len(targets) < 2:
        raise ValueError(
            f"the plot takes a prediction for each target, two or more, got {len(targets)} targets and "
            f"{len(predictions)} predictions"
        )
    ax = dressed(ax, 5.0, 5.0)
    metrics = load("sklearn.metrics", extra="lab")
    display = metrics.PredictionErrorDisplay.from_predictions(
        y_true=list(targets),
        y_pred=list(predictions),
        kind="actual_vs_predicted",
        subsample=None,
        ax=ax,
        scatter_kwargs={"color": POSITIVE, "alpha": 0.6, "s": 22, "linewidths": 0},
        line_kwargs={"color": SOFT, "linewidth": 1, "linestyle": "--"},
    )
    display.ax_.set(xlabel=f"predicted {what}", ylabel=f"true {what}")
    ticker = load("matplotlib.ticker", extra="lab")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(ticker.MaxNLocator(6))
        axis.set_major_formatter(ticker.ScalarFormatter())
    r2 = metrics.r2_score(targets, predictions)
    rmse = metrics.root_mean_squared_error(targets, predictions)
    captioned(ax, f"R² {r2:.3f}, root mean square error {rmse:.3g}")
    return ax


def fitted(
    model: Model, data: Dataset, ax: Any = None, *, truth: Callable[[float], float] | None = None
) -> Any:
    """Draw what a model answers along the one column of its data, with the points and, if known, the truth.

    Errors: ValueError for data of more than one column, or with classes.

    >>> from nn import MLP
    >>> data = Dataset([[0.0], [1.0]], [0.0, 1.0], inputs=["t"])
    >>> fitted(MLP(1, [4, 1]), data).get_xlabel()
    't'
    """
    if data.width != 1 or data.is_classification:
        raise ValueError(f"the plot takes numbers along one column, got {data!r}")
    ax = dressed(ax)
    xs = [x for (x,) in data.points]
    low, high = min(xs), max(xs)
    grid = [low + (high - low) * i / (CURVE_POINTS - 1) for i in range(CURVE_POINTS)]
    handles = [ax.plot(xs, data.targets, "o", color=NEGATIVE, markersize=4, label="points", zorder=3)[0]]
    if truth is not None:
        line = ax.plot(grid, list(map(truth, grid)), "--", color=SOFT, linewidth=1, label="truth")
        handles += line
    handles += ax.plot(grid, outputs(model, [(x,) for x in grid]), color=INK, linewidth=1.5, label="model")
    ax.set_xlabel(_measured(data.inputs[0], data.units[0]))
    ax.set_ylabel(_measured(data.target, data.target_unit))
    captioned(ax, f"{len(data)} points and the model", handles)
    return ax


def _measured(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name
