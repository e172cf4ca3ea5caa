"""Parts: which points are for training, which for validation, which for testing."""

import random
from collections.abc import Sequence

from nn.checked import real
from nn.inputs import whole


def parted(
    labels: Sequence[int], ordered: bool, test: float, validation: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    """Return the places to train, to validate and to test on, given the points' labels.

    Each label keeps its share. Where the points are `ordered`, nothing is drawn.

    Errors: ValueError for shares that leave nothing to train on, and for a part that would be empty;
    TypeError for shares that are no numbers, or a seed that is no whole number.

    >>> parted([0, 1, 0, 1], True, 0.25, 0.25, seed=0)
    ([0, 1], [2], [3])
    """
    seed = whole("seed", seed)
    shares(test, validation)
    if not test + validation < 1:
        raise ValueError(f"test={test} and validation={validation} leave no points to train on")
    groups = [[i for i, one in enumerate(labels) if one == label] for label in sorted(set(labels))]
    places = (
        chronological(len(labels), test, validation) if ordered else drawn(groups, test, validation, seed)
    )
    for part, share, chosen in zip(
        ("train", "validation", "test"), (1, validation, test), places, strict=True
    ):
        if share and not chosen:
            each = f" in {len(groups)} classes" if len(groups) > 1 else ""
            raise ValueError(
                f"the {part} part would be empty: {len(labels)} points{each}, test={test}, "
                f"validation={validation}; take other shares or more points"
            )
    return places


def shares(test: float, validation: float) -> None:
    """Refuse shares of the points to test on, between 0 and 1, and to validate on, from 0 to below 1.

    Errors: ValueError for a number outside, TypeError for what is no number.

    >>> shares(test=0.2, validation=0.0)
    """
    if not 0 < real("test", test) < 1:
        raise ValueError(f"test is a share of the points, between 0 and 1, got {test!r}")
    if not 0 <= real("validation", validation) < 1:
        raise ValueError(f"validation is a share of the points, from 0 to below 1, got {validation!r}")


def drawn(
    groups: Sequence[Sequence[int]], test: float, validation: float, seed: int
) -> tuple[list[int], list[int], list[int]]:
    """Return the places to train, validate and test on: of each group its share, drawn by the seed.

    A group keeps at least one place to train on. The test part does not depend on `validation`.

    >>> drawn([range(5), range(5, 10)], test=0.2, validation=0.2, seed=0)
    ([1, 2, 4, 5, 6, 9], [0, 7], [3, 8])
    """
    rng = random.Random(seed)
    testing: set[int] = set()
    validating: set[int] = set()
    for places in groups:
        testing.update(rng.sample(places, min(round(test * len(places)), len(places) - 1)))
    for places in groups:
        left = [place for place in places if place not in testing]
        validating.update(rng.sample(left, min(round(validation * len(places)), len(left) - 1)))
    rest = {place for places in groups for place in places} - testing - validating
    return sorted(rest), sorted(validating), sorted(testing)


def chronological(count: int, test: float, validation: float) -> tuple[list[int], list[int], list[int]]:
    """Return the places to train, validate and test on: three stretches, one after the other.

    >>> chronological(10, test=0.2, validation=0.1)
    ([0, 1, 2, 3, 4, 5, 6], [7], [8, 9])
    """
    third = count - round(test * count)
    second = max(third - round(validation * count), 0)
    return list(range(second)), list(range(second, third)), list(range(third, count))
