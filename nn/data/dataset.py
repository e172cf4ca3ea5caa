"""A Dataset: points with what is to be predicted for each, and the names and units of everything in it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from nn.checked import of_kind
from nn.data.cells import Label, Point, label, listed, places_of, plain, sorted_labels
from nn.data.describing import sized, spanned, spans
from nn.data.form import form, texts
from nn.data.parts import parted
from nn.data.scaler import Scaler
from nn.nearest import pick

STANDARDISED = "standard deviations"
"""The unit of what has been standardised."""


@dataclass(frozen=True, init=False, repr=False)
class Dataset:
    """Points (rows of numbers of one length) and their targets: labels of classes, or numbers to predict.

    With `names` it is a classification: a target is a label 0 ... k-1, names[label] is that class's name and
    classes[label] the label that the user had for it. Without, a target is a number (regression). False and
    True are 0 and 1, as in numpy and scikit-learn.
    `inputs` and `units` are those of the columns, `target` and `target_unit` say what is predicted; a unit is
    "" where there is none. `ordered` says that the points follow each other in time.

    Errors: ValueError, naming row (from 0) and column, for a cell that is missing or not finite, for a row of
    another length, a label without a name, or lists whose lengths do not match; TypeError for what is no
    number.

    >>> Dataset([[1, 2], [3, 4]], [0, 1], names=("low", "high"), name="two")
    Dataset('two': 2 points, 2 columns, 2 classes)
    >>> Dataset([[1.0], [2.0]], [1.5, 2.5]).targets
    (1.5, 2.5)
    """

    points: tuple[Point, ...]
    targets: tuple[Any, ...]
    names: tuple[str, ...]
    classes: tuple[Label, ...]
    inputs: tuple[str, ...]
    units: tuple[str, ...]
    target: str
    target_unit: str
    name: str
    description: str
    source: str
    ordered: bool

    def __init__(
        self,
        points: Iterable[Iterable[float]],
        targets: Iterable[float],
        *,
        names: Iterable[str] = (),
        classes: Iterable[Label] = (),
        inputs: Iterable[str] = (),
        units: Iterable[str] = (),
        target: str = "",
        target_unit: str = "",
        name: str = "data",
        description: str = "",
        source: str = "",
        ordered: bool = False,
    ) -> None:
        fields = form(points, targets, names, classes, inputs, units, target) | {
            "target_unit": target_unit,
            "name": name,
            "description": description,
            "source": source,
            "ordered": bool(ordered),
        }
        for field, value in fields.items():
            object.__setattr__(self, field, value)

    @classmethod
    def labelled(
        cls,
        points: Iterable[Iterable[float]],
        labels: Iterable[Label],
        *,
        names: Iterable[str] = (),
        **more: Any,
    ) -> "Dataset":
        """Return a classification whose labels are texts, or whole numbers of any size, or False and True.

        In sorted order they become 0 ... k-1, so False 0 and True 1; `classes` keeps them. `names` are the
        classes' names in that order (left out, the labels as text); `more` is what Dataset takes.

        Errors: ValueError for a missing label, a fraction, or labels that are all the same; as Dataset.

        >>> data = Dataset.labelled([[0.0], [1.0], [2.0]], ["no", "yes", "no"])
        >>> data.targets, data.original([1, 0])
        ((0, 1, 0), ['yes', 'no'])
        """
        given = [plain(one) for one in listed("labels", labels)]
        found = sorted_labels(given)
        if len(found) == 1:
            raise ValueError(
                f"a classification needs at least two classes, all {len(given)} labels are {found[0]!r}"
            )
        place = {one: i for i, one in enumerate(found)}
        called = texts("names", names) or tuple([str(one) for one in found])
        return cls(points, [place[one] for one in given], names=called, classes=found, **more)

    @property
    def is_classification(self) -> bool:
        """Whether the targets are labels of classes; otherwise they are numbers.

        >>> Dataset([[0.0]], [1.5]).is_classification
        False
        """
        return bool(self.names)

    @property
    def width(self) -> int:
        """How many numbers a point has.

        >>> Dataset([[0.0, 1.0]], [1.5]).width
        2
        """
        return len(self.inputs)

    def __len__(self) -> int:
        return len(self.points)

    def __iter__(self) -> Iterator[tuple[Point, Any]]:
        return iter(zip(self.points, self.targets, strict=True))

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return self.subset(range(len(self))[place])
        return self.points[place], self.targets[place]

    def subset(self, places: Iterable[int]) -> "Dataset":
        """Return the points at these places, in the order in which the places are given.

        Errors: ValueError for no places, IndexError for one that is not there, TypeError for no whole number.

        >>> Dataset([[0.0], [1.0], [2.0]], [5, 6, 7]).subset([2, 0]).targets
        (7.0, 5.0)
        """
        chosen = places_of("points", len(self), places)
        return replace(
            self,
            points=tuple([self.points[i] for i in chosen]),
            targets=tuple([self.targets[i] for i in chosen]),
        )

    def columns(self, *inputs: str) -> "Dataset":
        """Return the same points with these columns alone, in this order.

        Errors: ValueError for a name that is no column, with the nearest one.

        >>> Dataset([[0.0, 1.0]], [5.0], inputs=("length", "width")).columns("width").points
        ((1.0,),)
        """
        places = [pick("column", name, {name: i for i, name in enumerate(self.inputs)}) for name in inputs]
        return replace(
            self,
            points=tuple([tuple([point[i] for i in places]) for point in self.points]),
            inputs=inputs,
            units=tuple([self.units[i] for i in places]),
        )

    def original(self, labels: Iterable[int]) -> list[Label]:
        """Return labels 0 ... k-1, such as a model's answers, as the user's own labels.

        Errors: ValueError for a regression or a label out of range.

        >>> Dataset.labelled([[0.0], [1.0]], [-1, 1]).original([1, 1, 0])
        [1, 1, -1]
        """
        if not self.is_classification:
            raise ValueError("the targets of a regression are numbers: there are no labels to map back")
        return [self.classes[label(i, one, self.names)] for i, one in enumerate(listed("labels", labels))]

    def split(self, test: float = 0.2, validation: float = 0.0, seed: int = 0) -> "Split":
        """Return a Split: shares of the points to test and to validate on, the rest to train on.

        Each class keeps its share, and at least one point to train on; which points is drawn by
        `random.Random(seed)`. Parts keep the order of the points. Of an `ordered` Dataset the last points
        are the test part, those before them the validation part; nothing is drawn.

        Errors: ValueError for shares outside 0 ... 1 and a part that would be empty, TypeError for no number.

        >>> Dataset([[0], [1], [2], [3]], [0, 0, 1, 1], names=("a", "b")).split(test=0.5)
        Split(2 to train, 2 to test)
        """
        labels = self.targets if self.is_classification else [0] * len(self)
        train, validating, testing = parted(labels, self.ordered, test, validation, seed)
        return Split(
            self.subset(train), self.subset(testing), self.subset(validating) if validating else None
        )

    def scaled(self, scaler: Scaler, targets: Scaler | None = None) -> "Dataset":
        """Return the same points, standardised by a scaler that was learned from these or others.

        `targets` is a scaler of the one column that is to be predicted, for a regression.

        Errors: ValueError for a scaler of other columns or one of labels, TypeError for what is no Scaler.

        >>> Dataset([[10.0]], [1.5]).scaled(Scaler(("x0",), (2.0,), (4.0,))).points
        ((2.0,),)
        """
        of_kind("scaler", scaler, Scaler, "a Scaler, such as Split.standardised makes")
        if scaler.inputs != self.inputs:
            raise ValueError(f"the scaler is one of columns {scaler.inputs}, the data has {self.inputs}")
        data = replace(self, points=tuple(map(scaler.apply, self.points)), units=(STANDARDISED,) * self.width)
        if targets is None:
            return data
        of_kind("targets", targets, Scaler, "a Scaler of the target, or None")
        if self.is_classification:
            raise ValueError("labels of classes are not standardised: only the targets of a regression are")
        if targets.inputs != (self.target,):
            raise ValueError(f"the scaler is one of {targets.inputs}, the target is {self.target!r}")
        answers = tuple([targets.apply([one])[0] for one in self.targets])
        return replace(data, targets=answers, target_unit=STANDARDISED)

    def describe(self) -> str:
        """Return a text of several lines: what it is, where it comes from, columns with units, targets.

        >>> print(Dataset([[0.5], [2.0]], [1.5, 2.5], name="two", inputs=["x"], units=["cm"]).describe())
        two: 2 points, 1 column, regression
          x (cm): 0.5 ... 2
          to predict: y: 1.5 ... 2.5
        """
        told = spanned(self.target, self.target_unit, self.targets)
        if self.is_classification:
            counts = Counter(self.targets)
            told = f"{self.target}: {', '.join([f'{name} {counts[i]}' for i, name in enumerate(self.names)])}"
        source = self.source and f"source: {self.source}"
        columns = spans(self.inputs, self.units, self.points)
        lines = [self.description, source, *columns, f"to predict: {told}"]
        return "\n  ".join(
            [f"{self.name}: {sized(len(self), self.width, len(self.names))}", *filter(None, lines)]
        )

    def __repr__(self) -> str:
        return f"Dataset({self.name!r}: {sized(len(self), self.width, len(self.names))})"


@dataclass(frozen=True, repr=False)
class Split:
    """A Dataset in parts: some points to train on, others to test on, and perhaps some to validate on.

    `scaler` and `target_scaler` are those that standardised the parts, None where nothing did.

    Errors: ValueError for parts that differ in columns or classes, TypeError for parts that are no Dataset.

    >>> data = Dataset([[0.0], [1.0]], [0, 1], names=("low", "high"))
    >>> Split(data, data)
    Split(2 to train, 2 to test)
    """

    train: Dataset
    test: Dataset
    validation: Dataset | None = None
    scaler: Scaler | None = None
    target_scaler: Scaler | None = None

    def __post_init__(self) -> None:
        for part, data in (("train", self.train), ("test", self.test), ("validation", self.validation)):
            if data is not None or part != "validation":
                of_kind(part, data, Dataset, "a Dataset")
            for field in ("inputs", "names", "classes", "target"):
                ours = getattr(self.train, field)
                if data is not None and getattr(data, field) != ours:
                    raise ValueError(
                        f"the parts of a Split are of one kind: {field} are {ours} in train, "
                        f"{getattr(data, field)} in {part}"
                    )

    def standardised(self, *, target: bool = False) -> "Split":
        """Return the Split with columns of mean 0 and standard deviation 1 in the train part.

        Mean and deviation (population, as scikit-learn's StandardScaler) of the train part are applied to
        every part; columns that are constant in it become 0, `scaler.constant` lists them. With `target` the
        numbers to predict are standardised too; `target_scaler.undo` maps predictions back.

        Errors: ValueError for target=True in a classification.

        >>> data = Dataset([[1.0], [3.0], [5.0]], [0, 1, 0], names=("a", "b"))
        >>> Split(data[:2], data[2:]).standardised().test.points
        ((3.0,),)
        """
        scaler = Scaler.of(self.train.points, self.train.inputs)
        answers = Scaler.of([[one] for one in self.train.targets], [self.train.target]) if target else None
        validation = self.validation.scaled(scaler, answers) if self.validation else None
        return Split(
            self.train.scaled(scaler, answers), self.test.scaled(scaler, answers), validation, scaler, answers
        )

    def __repr__(self) -> str:
        validation = f"{len(self.validation)} to validate, " if self.validation else ""
        return f"Split({len(self.train)} to train, {validation}{len(self.test)} to test)"
