"""A function of one number as a sum of ReLUs: straight pieces that meet at knots."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from engine import Value, dot, relu
from engine.carrier import Floats
from engine.optional import load
from nn.checked import finite, from_zero, positive
from nn.combination import figure, figures
from nn.data.cells import limits, listed
from nn.deviation import Deviation, Function, deviations, value
from nn.inputs import row, size
from nn.module import Module
from nn.nearest import pick

SAMPLES = 50
"""At so many points a piece the least squares of "trained" look at the function."""
MOST_PIECES = 1024
"""`pieces_for` gives up there."""


class ReluSum(Module):
    """c + Σ vⱼ relu(x - tⱼ): constant left of the first knot; at each knot tⱼ the slope grows by vⱼ.

    Knots `t`, weights `v` and the constant `c` are Values, parameters that can be trained like any others:
    it is a network of one input, a hidden layer of ReLUs whose weights are 1, and a linear output.

    Errors: ValueError for no knots, lists of different lengths, or a number that is not finite.

    >>> bend = ReluSum(knots=[0, 1], weights=[1, 2], constant=0.5)
    >>> bend(2.0).data, bend(-7.0).data
    (4.5, 0.5)
    """

    def __init__(self, knots: Iterable[float], weights: Iterable[float], constant: float = 0.0) -> None:
        self.t = [Value(finite(f"knot {i}", t), f"t{i}") for i, t in enumerate(listed("knots", knots))]
        self.v = [Value(finite(f"weight {i}", v), f"v{i}") for i, v in enumerate(listed("weights", weights))]
        self.c = Value(finite("the constant", constant), "c")
        if not self.t or len(self.t) != len(self.v):
            raise ValueError(f"each knot has a weight: got {len(self.t)} knots, {len(self.v)} weights")

    @property
    def knots(self) -> tuple[float, ...]:
        """The numbers of `t`, where the slope changes; those of `v` and `c` are `weights` and `constant`.

        >>> ReluSum([0, 1], [1, 2]).knots
        (0.0, 1.0)
        """
        return tuple([t.data for t in self.t])

    @property
    def weights(self) -> tuple[float, ...]:
        """The numbers of `v`: by how much it changes at each knot."""
        return tuple([v.data for v in self.v])

    @property
    def constant(self) -> float:
        """The number of `c`."""
        return self.c.data

    def __call__(self, x: Any) -> Any:
        """Return the sum at x (a number, a Value, or a row of one) as a Value that was recorded.

        Errors: ValueError for nan or a longer row, TypeError for what is no number.

        >>> ReluSum([0], [1])(3).data
        3.0
        """
        xs = row(x)
        if len(xs) != 1:
            raise ValueError(f"{self.describe()} takes one number, got {len(xs)}")
        return dot(tuple(self.v), tuple([relu(xs[0] - t) for t in self.t])) + self.c

    def at(self, xs: Iterable[float]) -> list[float]:
        """Return the sum at many numbers, in floats, without a record.

        Errors: ValueError for nan or infinity, TypeError for what are no numbers.

        >>> ReluSum([0], [1]).at([-1.0, 3.0])
        [0.0, 3.0]
        """
        numbers = [finite(f"x of point {i}", x) for i, x in enumerate(listed("xs", xs))]
        knots, weights, constant = self.knots, Floats(self.weights), self.constant
        return [dot(weights, Floats([relu(x - t) for t in knots])) + constant for x in numbers]

    def against(self, f: Function, interval: tuple[float, float]) -> "Approximation":
        """Return the same sum as one that stands for f on an interval: it knows its largest error there.

        Errors: as `relu_sum`.

        >>> ReluSum([0], [1]).against(lambda x: x * x, (0, 1)).error
        0.25
        """
        return Approximation(f, limits(interval), self.knots, self.weights, self.constant)

    def describe(self) -> str:
        """Return the number of its pieces, one a knot.

        >>> ReluSum([0], [1]).describe()
        'ReluSum(1)'
        """
        return f"{type(self).__name__}({len(self.t)})"

    def __repr__(self) -> str:
        return "\n".join(
            [
                f"{self.describe()}: c + Σ vⱼ relu(x − tⱼ)",
                f"knots t     {figures(self.knots)}",
                f"weights v   {figures(self.weights)}",
                f"constant c  {figure(self.constant)}",
            ]
        )


class Approximation(ReluSum):
    """A ReluSum that stands for a function f on an interval, and knows how far it is from it there.

    >>> relu_sum(lambda x: x * x, (0, 1), 4)
    Approximation(4): c + Σ vⱼ relu(x − tⱼ)
    knots t     0, 0.25, 0.5, 0.75
    weights v   0.25, 0.5, 0.5, 0.5
    constant c  0
    largest error 0.01562, at x = 0.125 in [0, 1]
    """

    def __init__(
        self,
        f: Function,
        interval: tuple[float, float],
        knots: Iterable[float],
        weights: Iterable[float],
        constant: float,
    ) -> None:
        super().__init__(knots, weights, constant)
        self.f = f
        self.interval = interval

    @property
    def ends(self) -> tuple[float, ...]:
        """Where its straight pieces meet on the interval, with both ends of that."""
        left, right = self.interval
        return tuple(sorted({left, right, *[t for t in self.knots if left < t < right]}))

    @property
    def worst(self) -> Deviation:
        """Where on the interval it is farthest from f, and sum - f there.

        >>> relu_sum(lambda x: x * x, (0, 1), 1).worst
        Deviation(x=0.5, gap=0.25)
        """
        return max(self._deviations(), key=lambda deviation: abs(deviation.gap))

    @property
    def error(self) -> float:
        """The largest |sum - f| on the interval, sought as `nn.deviation.deviations` says.

        >>> relu_sum(lambda x: x * x, (0, 1), 4).error
        0.015625
        """
        return abs(self.worst.gap)

    def __repr__(self) -> str:
        left, right = map(figure, self.interval)
        try:
            said = f"{figure(self.error)}, at x = {figure(self.worst.x)} in [{left}, {right}]"
        except ValueError as error:
            said = f"unknown, {error}"
        return f"{super().__repr__()}\nlargest error {said}"

    def _deviations(self) -> tuple[Deviation, Deviation]:
        return deviations(self.f, self.ends, self.at(self.ends))


def relu_sum(
    f: Function, interval: tuple[float, float], k: int, *, method: str = "interpolated"
) -> Approximation:
    """Return k straight pieces of equal width for f on an interval, as a sum of k ReLUs and a constant.

    "interpolated": the pieces go through f at the knots and at the right end. "centred": the same, and the
    constant moved so that the largest errors above and below are equal. "trained": constant and weights have
    the least mean square error at 50 points a piece, where gradient descent on them would end.
    Left of the interval the sum is constant, right of it the last piece goes on: it fits inside alone.
    The interpolation error is at most max|f''| h² / 8 for pieces of width h: it falls as 1/k².

    Errors: ValueError for an interval that is empty or not finite, k below 1, an unknown method (with the
    nearest), or where f fails, such as 1/x at 0, or is not finite; TypeError for what is no function or no
    interval.

    >>> square = relu_sum(lambda x: x * x, (0, 1), 4)
    >>> square.knots, square.weights, square.error
    ((0.0, 0.25, 0.5, 0.75), (0.25, 0.5, 0.5, 0.5), 0.015625)
    >>> square(2).data, square(-1).data
    (2.75, 0.0)
    """
    if not callable(f):
        raise TypeError(f"relu_sum takes a function of one number, got {f!r}")
    make = pick("method", method, METHODS)
    left, right = limits(interval)
    count = size("k", k)
    ends = [left + (right - left) * i / count for i in range(count)] + [right]
    return make(f, (left, right), ends)


def _interpolated(f: Function, interval: tuple[float, float], ends: Sequence[float]) -> Approximation:
    heights = [value(f, x) for x in ends]
    slopes = [(heights[i + 1] - heights[i]) / (ends[i + 1] - ends[i]) for i in range(len(ends) - 1)]
    weights = [after - before for before, after in zip([0.0, *slopes], slopes, strict=False)]
    return Approximation(f, interval, ends[:-1], weights, heights[0])


def _centred(f: Function, interval: tuple[float, float], ends: Sequence[float]) -> Approximation:
    found = _interpolated(f, interval, ends)
    low, high = found._deviations()
    return Approximation(f, interval, found.knots, found.weights, found.constant - (low.gap + high.gap) / 2)


def _trained(f: Function, interval: tuple[float, float], ends: Sequence[float]) -> Approximation:
    count = SAMPLES * (len(ends) - 1)
    xs = [ends[0] + (ends[-1] - ends[0]) * i / count for i in range(count + 1)]
    return least_squares(xs, [value(f, x) for x in xs], ends[:-1]).against(f, interval)


METHODS: dict[str, Callable[[Function, tuple[float, float], Sequence[float]], Approximation]] = {
    "interpolated": _interpolated,
    "centred": _centred,
    "trained": _trained,
}


def least_squares(
    xs: Sequence[float], ys: Sequence[float], knots: Sequence[float], *, l2: float = 0.0
) -> ReluSum:
    """Return the ReluSum with those knots that is nearest to points (x, y): the least mean square error.

    With `l2` what is least is the mean square error + l2 Σ vⱼ²; the constant is free (ridge regression, Hoerl
    and Kennard 1970). It is where gradient descent on weights and constant ends.

    Errors: ValueError for lists of different lengths, for fewer points than knots without `l2`, for numbers
    that are not finite, or an l2 below 0; ModuleNotFoundError naming the extra `lab` without numpy.

    >>> line = least_squares([0.0, 1.0, 2.0], [1.0, 3.0, 5.0], knots=[0.0])
    >>> round(line.weights[0], 12), round(line.constant, 12)
    (2.0, 1.0)
    """
    np = load("numpy", extra="lab")
    across = [finite(f"x of point {i}", x) for i, x in enumerate(listed("xs", xs))]
    heights = [finite(f"y of point {i}", y) for i, y in enumerate(listed("ys", ys))]
    if len(across) != len(heights) or not across:
        raise ValueError(f"each point has an x and a y: got {len(across)} xs, {len(heights)} ys")
    penalty = from_zero("l2", l2)
    places = listed("knots", knots)
    bends = ReluSum(places, [1.0] * len(places)).knots
    rows = np.array([[*[relu(x - t) for t in bends], 1.0] for x in across])
    shrink = math.sqrt(penalty * len(across)) * np.eye(len(bends), len(bends) + 1)
    goal = np.array([*heights, *[0.0] * len(bends)])
    found, _, rank, _ = np.linalg.lstsq(np.vstack([rows, shrink]), goal, rcond=None)
    if rank < len(bends) + 1:
        raise ValueError(
            f"{len(across)} points do not settle {len(bends)} weights and the constant: each piece needs a "
            "point of its own, and the first two; give more points, fewer knots, or an l2 above 0"
        )
    *weights, constant = found.tolist()
    return ReluSum(bends, weights, constant)


def pieces_for(
    f: Function, interval: tuple[float, float], error: float, *, method: str = "interpolated"
) -> Approximation:
    """Return the approximation of f with the fewest pieces whose largest error is at most `error`.

    Found by doubling and halving, so one piece less is not enough; that the error falls with every piece is
    taken for granted, as it does where f bends one way.

    Errors: ValueError for an error that is not positive, or that 1,024 pieces do not reach; as `relu_sum`.

    >>> pieces_for(lambda x: x * x, (0, 1), 0.001).describe()
    'Approximation(16)'
    """
    wanted = positive("error", error)
    few, many = 0, 1
    best = relu_sum(f, interval, many, method=method)
    while best.error > wanted:
        if many == MOST_PIECES:
            raise ValueError(f"{many:,} pieces have an error of {best.error:.3g}, more than {wanted:g}")
        few, many = many, 2 * many
        best = relu_sum(f, interval, many, method=method)
    while many - few > 1:
        middle = (few + many) // 2
        found = relu_sum(f, interval, middle, method=method)
        if found.error <= wanted:
            many, best = middle, found
        else:
            few = middle
    return best
