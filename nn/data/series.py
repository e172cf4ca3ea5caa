"""Series: numbers that follow each other in time, and the windows to predict the next one from."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.optional import load
from nn.data.cells import listed, number
from nn.data.dataset import Dataset
from nn.inputs import whole


@dataclass(frozen=True)
class Series:
    """Numbers at equally spaced times: values[i] was measured at times[i].

    `step` names the spacing ("year"), `unit` is that of the values.

    Errors: ValueError, naming the place, for a value that is missing or not finite, for times that do not
    rise, or lists of different lengths.

    >>> series = Series([2000, 2001, 2002], [1.0, 2.0, 4.0], name="growth", step="year")
    >>> series.windows(2).points, series.windows(2).targets
    (((1.0, 2.0),), (4.0,))
    """

    times: Sequence[int]
    values: Sequence[float]
    name: str = "series"
    step: str = "step"
    unit: str = ""
    description: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        times = tuple(listed("times", self.times))
        values = tuple([number(f"values[{i}]", x) for i, x in enumerate(listed("values", self.values))])
        if len(times) != len(values):
            raise ValueError(f"each value has a time: got {len(values)} values, {len(times)} times")
        for i in range(1, len(times)):
            if not times[i - 1] < times[i]:
                raise ValueError(f"times rise, got {times[i - 1]!r} before {times[i]!r} at place {i}")
        object.__setattr__(self, "times", times)
        object.__setattr__(self, "values", values)

    def __len__(self) -> int:
        return len(self.values)

    def windows(self, window: int) -> Dataset:
        """Return an ordered Dataset: the points are so many values in a row, the target is the next one.

        Point i is values[i : i + window], oldest first; its target belongs to times[i + window].

        Errors: ValueError for a window below 1 or one that leaves nothing to predict, TypeError for one that
        is no whole number.

        >>> Series([1, 2, 3], [5.0, 6.0, 7.0]).windows(1).inputs
        ('1 step before',)
        """
        size = whole("window", window)
        if not 1 <= size < len(self):
            raise ValueError(
                f"a window has from 1 to {len(self) - 1} of the {len(self)} values, got {window!r}"
            )
        before = [f"{k} {self.step}{'s' if k > 1 else ''} before" for k in range(size, 0, -1)]
        return Dataset(
            [self.values[i : i + size] for i in range(len(self) - size)],
            self.values[size:],
            inputs=before,
            units=(self.unit,) * size,
            target="next",
            target_unit=self.unit,
            name=self.name,
            description=self.description,
            source=self.source,
            ordered=True,
        )


def sunspot_series() -> Series:
    """Return the yearly mean numbers of sunspots from 1700 to 2008.

    Errors: ModuleNotFoundError naming the extra `lab` without statsmodels.

    >>> series = sunspot_series()
    >>> series.times[0], series.times[-1], len(series)
    (1700, 2008, 309)
    """
    table = load("statsmodels.datasets", extra="lab").sunspots.load_pandas().data
    return Series(
        [int(year) for year in table["YEAR"].tolist()],
        table["SUNACTIVITY"].tolist(),
        name="sunspots",
        step="year",
        unit="sunspots",
        description="yearly numbers of sunspots, 1700 to 2008: predict the next year's",
        source="National Geophysical Data Center; statsmodels",
    )


def sunspots(window: int = 10) -> Dataset:
    """Return the numbers of sunspots of `window` years in a row, with the next year's to predict.

    Errors: as `sunspot_series` and `Series.windows`.

    >>> sunspots()
    Dataset('sunspots': 299 points, 10 columns, regression)
    """
    return sunspot_series().windows(window)
