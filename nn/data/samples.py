"""Samples: what a model with a loss of its own is trained on, a text, an image or a whole graph each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from engine.compile.signature import Signature
from nn.checked import of_kind
from nn.data.cells import listed, places_of, plain
from nn.data.parts import parted


@dataclass(frozen=True, repr=False)
class Samples:
    """Tuples of arguments for `model.loss`, all of one shape: a float is a number, an int is an index.

    Lists and arrays in them are kept as tuples, so that nothing changes them later. Texts of different
    lengths become one shape by padding, with weights of 0 where the padding is. `ordered` says that the
    samples follow each other in time.

    Errors: ValueError for no samples; TypeError, ValueError and IndexError, naming the place, for a sample
    that is no tuple, has another shape than the first, or holds a nan or a negative index.

    >>> Samples([([0, 1], [1.0, 0.0]), ([1, 1], [0.5, 0.5])], name="two")
    Samples('two': 2 samples of (2 indices, 2 numbers))
    """

    samples: Sequence[tuple[Any, ...]]
    name: str = "data"
    description: str = ""
    source: str = ""
    ordered: bool = False

    def __post_init__(self) -> None:
        samples = tuple(listed("samples", self.samples))
        if not samples:
            raise ValueError("Samples has at least one sample, got none")
        signature = Signature.of(_sample, samples[:1])
        for i, sample in enumerate(samples):
            if not isinstance(sample, tuple):
                raise TypeError(f"samples[{i}] is no tuple of arguments of model.loss: {sample!r:.80}")
            try:
                signature.flat(sample)
            except (TypeError, ValueError, IndexError) as error:
                raise type(error)(f"samples[{i}]: {error}") from None
        object.__setattr__(self, "samples", _kept(samples))

    @property
    def signature(self) -> Signature:
        """The shape of a sample.

        >>> Samples([(0.5, 2)]).signature
        (sample: (number, index))
        """
        return Signature.of(_sample, (self.samples[0],))

    @property
    def points(self) -> Sequence[tuple[Any, ...]]:
        """The samples, by the name that a Dataset has for what a model is shown.

        >>> Samples([(0.5, 2)]).points
        ((0.5, 2),)
        """
        return self.samples

    @property
    def targets(self) -> Sequence[tuple[()]]:
        """Nothing for each sample: what is to be predicted is for the model's own loss to know.

        >>> Samples([(0.5, 2)]).targets
        ((),)
        """
        return ((),) * len(self)

    def __len__(self) -> int:
        return len(self.samples)

    def subset(self, places: Iterable[int]) -> "Samples":
        """Return the samples at these places, in the order in which the places are given.

        Errors: ValueError for no places, IndexError for one that is not there, TypeError for no whole number.

        >>> Samples([(0.5,), (2.5,)]).subset([1]).samples
        ((2.5,),)
        """
        chosen = places_of("samples", len(self), places)
        return replace(self, samples=tuple([self.samples[i] for i in chosen]))

    def split(self, test: float = 0.2, validation: float = 0.0, seed: int = 0) -> "SampleSplit":
        """Return shares of the samples to test and to validate on, the rest to train on.

        Which samples is drawn by `random.Random(seed)`; of `ordered` ones the last are the test part, those
        before them the validation part.

        Errors: ValueError for shares outside 0 ... 1 and a part that would be empty, TypeError for no number.

        >>> Samples([(0.0,), (1.0,), (2.0,), (3.0,)]).split(test=0.25)
        SampleSplit(3 to train, 1 to test)
        """
        train, validating, testing = parted([0] * len(self), self.ordered, test, validation, seed)
        return SampleSplit(
            self.subset(train), self.subset(testing), self.subset(validating) if validating else None
        )

    def __repr__(self) -> str:
        shape = repr(self.signature)[1:-1].partition(": ")[2]
        return f"Samples({self.name!r}: {len(self)} samples of {shape})"


class _Parts(NamedTuple):
    train: Samples
    test: Samples
    validation: Samples | None = None


class SampleSplit(_Parts):
    """Samples in parts: some to train on, others to test on, and perhaps some to validate on.

    Errors: ValueError for parts whose samples differ in shape, TypeError for parts that are no Samples.

    >>> one = Samples([(0.5,)])
    >>> SampleSplit(one, one)
    SampleSplit(1 to train, 1 to test)
    """

    __slots__ = ()

    def __new__(cls, train: Samples, test: Samples, validation: Samples | None = None) -> "SampleSplit":
        """Make a split of parts that have been looked at."""
        for part, data in (("train", train), ("test", test), ("validation", validation)):
            if data is not None or part != "validation":
                of_kind(part, data, Samples, "Samples")
            if data is not None and data.signature != train.signature:
                raise ValueError(
                    f"the parts of a SampleSplit have samples of one shape: {train!r} to train on, {part} is "
                    f"{data!r}"
                )
        return super().__new__(cls, train, test, validation)

    def __repr__(self) -> str:
        validation = f"{len(self.validation)} to validate, " if self.validation else ""
        return f"SampleSplit({len(self.train)} to train, {validation}{len(self.test)} to test)"


def _kept(given: Any) -> Any:
    """Return lists and arrays, those in them too, as tuples; they are no deeper than a Signature is."""
    given = plain(given)
    return tuple([_kept(one) for one in given]) if isinstance(given, (list, tuple)) else given


def _sample(sample: Any) -> None:
    """Stand for model.loss, so that errors name the place as in `sample[2][0]`."""
