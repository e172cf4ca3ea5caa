"""Predictions of numbers: against the true ones, and along the one column that there is."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.optional import load
from nn.answers import Model, outputs
from nn.checked import DATASET, of_kind
from nn.data import Dataset
from nn.data.cells import listed
from nn.data.describing import measured
from nn.metrics import r2, rmse
from nn.plot.axes import EDGE, INK, LITERAL, NEGATIVE, POSITIVE, SOFT, captioned, dressed

CURVE_POINTS = 400


def predicted(
    predictions: Sequence[float], targets: Sequence[float], what: str = "target", ax: Any = None
) -> Any:
    """Draw each true number above the predicted one; on the diagonal the two are equal.

    `what` names the numbers, with their unit. The title gives R², where the true numbers differ, and the root
    mean square error.

    Errors: ValueError for sequences of different lengths, fewer than two numbers, or one that is not finite;
    TypeError for what is no list of numbers; ModuleNotFoundError naming the extra `lab` without scikit-learn.

    >>> predicted([1.0, 2.5, 3.0], [1.0, 2.0, 3.0], "height (m)").get_xlabel()
    'predicted height (m)'
    """
    predictions, targets = listed("predictions", predictions), listed("targets", targets)
    if len(targets) != len(predictions) or len(targets) < 2:
        raise ValueError(
            f"the plot takes a target for each prediction, two or more, got {len(predictions)} predictions "
            f"and {len(targets)} targets"
        )
    error = rmse(predictions, targets)
    share = "" if min(targets) == max(targets) else f"R² {r2(predictions, targets):.3f}, "
    ax = dressed(ax, 5.0, 5.0)
    display = load("sklearn.metrics", extra="lab").PredictionErrorDisplay.from_predictions(
        y_true=targets,
        y_pred=predictions,
        kind="actual_vs_predicted",
        subsample=None,
        ax=ax,
        scatter_kwargs={"color": POSITIVE, "alpha": 0.6, "s": 22, "linewidths": 0},
        line_kwargs={"color": SOFT, "linewidth": 1, "linestyle": "--"},
    )
    display.ax_.set_xlabel(f"predicted {what}", **LITERAL)
    display.ax_.set_ylabel(f"true {what}", **LITERAL)
    ticker = load("matplotlib.ticker", extra="lab")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(ticker.MaxNLocator(6))
        axis.set_major_formatter(ticker.ScalarFormatter())
    captioned(ax, f"{share}root mean square error {error:.3g}")
    return ax


def fitted(
    model: Model,
    data: Dataset,
    ax: Any = None,
    *,
    train: Dataset | None = None,
    truth: Callable[[float], float] | None = None,
) -> Any:
    """Draw what a model answers along the one column of its data, with the points and, if known, the truth.

    With `train`, the points that the model was trained on, those stand there faintly, too, and the curve goes
    over the range of both.

    Errors: ValueError for data of more than one column, or with classes; TypeError for what is no Dataset or
    no model.

    >>> from nn import MLP
    >>> data = Dataset([[0.0], [1.0]], [0.0, 1.0], inputs=["t"])
    >>> fitted(MLP(1, [4, 1]), data).get_xlabel()
    't'
    """
    parts = [data] if train is None else [data, train]
    for part in parts:
        of_kind("what is drawn", part, Dataset, DATASET)
        if part.width != 1 or part.is_classification:
            raise ValueError(f"the plot takes numbers along one column, got {part!r}")
    xs = [x for part in parts for (x,) in part.points]
    low, high = min(xs), max(xs)
    grid = [low + (high - low) * i / (CURVE_POINTS - 1) for i in range(CURVE_POINTS)]
    ax = dressed(ax)
    handles: list[Any] = []
    for part, name, style in zip(
        parts,
        ("points" if train is None else "test points", "training points"),
        ({"color": NEGATIVE, "zorder": 3}, {"color": EDGE, "markerfacecolor": "none", "zorder": 2}),
        strict=False,
    ):
        places = [x for (x,) in part.points]
        handles += ax.plot(places, part.targets, "o", markersize=4, label=name, **style)
    if truth is not None:
        handles += ax.plot(grid, list(map(truth, grid)), "--", color=SOFT, linewidth=1, label="truth")
    handles += ax.plot(grid, outputs(model, [(x,) for x in grid]), color=INK, linewidth=1.5, label="model")
    ax.set_xlabel(measured(data.inputs[0], data.units[0]), **LITERAL)
    ax.set_ylabel(measured(data.target, data.target_unit), **LITERAL)
    captioned(ax, f"{len(data)} points and the model", handles)
    return ax
