"""Batch: samples that were checked once, in the forms that the executors read."""

import itertools
import math
import operator
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, final

from engine.compile.signature import Signature
from engine.optional import load

if TYPE_CHECKING:
    import numpy

UNREAD = 1 << 63
"""An index that reads no table is less, so that an array holds it."""

Row = tuple[Any, ...]
"""A sample, flat: its numbers, then its indices."""


@final
class Batch:
    """Samples of one signature, checked: at least one, without nan, each index inside of its tables.

    It is made by a Program: `program.batch(samples)`; `batch.take(places)` are some of the samples, in any
    order, unchecked and cheap.

    >>> signature = Signature.of(lambda x, label: x, ([0.5, 1.0], 3))
    >>> batch = Batch.of([([0.0, 2.0], 1), ([1.0, 4.0], 0)], signature, limits=(2,))
    >>> batch.size, batch.rows
    (2, [(0.0, 2.0, 1), (1.0, 4.0, 0)])
    """

    __slots__ = ("_indices", "_numbers", "_origin", "_rows", "counts", "limits", "size")

    def __init__(
        self,
        size: int,
        counts: tuple[int, int],
        limits: tuple[int, ...],
        *,
        rows: list[Row] | None = None,
        numbers: "numpy.ndarray | None" = None,
        indices: "numpy.ndarray | None" = None,
    ) -> None:
        self.size, self.counts, self.limits = size, counts, limits
        self._rows, self._numbers, self._indices = rows, numbers, indices
        self._origin: tuple[Batch, list[int]] | None = None
        """The batch that this one was taken from, and at which places: its forms are made once for all."""

    @classmethod
    def of(
        cls,
        samples: Iterable[Any],
        signature: Signature,
        limits: tuple[int, ...],
        places: Iterable[int] | None = None,
    ) -> "Batch":
        """Return samples as a batch; `places` is where they stood, if not in order, to be named in errors.

        Errors: ValueError for none; TypeError, ValueError and IndexError that name the sample and the place.
        """
        if isinstance(samples, (str, bytes, dict)) or not isinstance(samples, Iterable):
            raise TypeError(f"a batch is a list of samples {signature!r}, got {samples!r}")
        rows: list[Row] = []
        for number, sample in zip(itertools.count() if places is None else places, samples, strict=False):
            try:
                numbers, indices = signature.flat(sample)
                if any(map(_is_outside, indices, limits)):
                    _refuse_index(indices, limits, signature)
            except (TypeError, ValueError, IndexError) as error:
                raise type(error)(f"sample {number} of the batch: {error}") from None
            rows.append((*numbers, *indices))
        if not rows:
            raise ValueError("a batch has at least one sample, got none")
        numbers_and_indices = len(rows[0]) - len(limits), len(limits)
        return cls(len(rows), numbers_and_indices, limits, rows=rows)

    @classmethod
    def columns(cls, arrays: Sequence[Any], signature: Signature, limits: tuple[int, ...]) -> "Batch":
        """Return a batch from an array for each argument, whose first axis counts the samples.

        Errors: ValueError for another shape, a nan or no samples; TypeError for another dtype; IndexError for
        an index that is outside of its table.
        """
        np = load("numpy")
        if len(arrays) != len(signature.trees):
            raise TypeError(f"columns takes an array for each of {signature!r}, got {len(arrays)}")
        numbers: list[Any] = []
        indices: list[Any] = []
        for array, tree, name in zip(arrays, signature.trees, signature.names, strict=True):
            shape, kind = _shape(tree, name)
            try:
                given = np.asarray(array)
            except ValueError as error:
                raise ValueError(f"{name} is no array: {error}") from None
            if given.shape[1:] != shape or given.ndim < 1:
                raise ValueError(
                    f"{name} is an array of shape {('samples', *shape)}, got one of {given.shape}"
                )
            whole = given.dtype.kind in "iu"
            if kind == "index" and not whole:
                raise TypeError(f"{name} holds indices, whole numbers, got an array of {given.dtype}")
            if not whole and given.dtype.kind not in "fb":
                raise TypeError(f"{name} holds numbers, got an array of {given.dtype}")
            flat = given.reshape(len(given), math.prod(shape))
            (indices if kind == "index" else numbers).append(flat)
        sizes = {len(array) for array in numbers + indices}
        if len(sizes) > 1:
            raise ValueError(f"the arrays of a batch have samples alike, got {sorted(sizes)}")
        size = sizes.pop() if sizes else 0
        if not size:
            raise ValueError("a batch has at least one sample, got none")
        numbers.append(np.zeros((size, 0)))
        indices.append(np.zeros((size, 0), dtype=np.intp))
        stacked = np.ascontiguousarray(np.concatenate(numbers, axis=1), dtype=np.float64).T
        columns = [column for array in indices for column in array.T]
        _check_columns(np, stacked, columns, signature, limits)
        narrow = [array.astype(np.intp) for array in indices]
        chosen = np.ascontiguousarray(np.concatenate(narrow, axis=1)).T
        return cls(size, (len(stacked), len(chosen)), limits, numbers=stacked, indices=chosen)

    def __len__(self) -> int:
        return self.size

    def __repr__(self) -> str:
        return f"<batch of {self.size:,} samples>"

    def refuse_unless(self, counts: tuple[int, int], limits: tuple[int, ...], name: str) -> None:
        """Refuse a batch that was made for another program than the one of this name.

        Errors: ValueError that says what both take.
        """
        if (self.counts, self.limits) != (counts, limits):
            raise ValueError(
                f"this batch was made for another program: it has {_told(self.counts, self.limits)} a "
                f"sample, {name} takes {_told(counts, limits)}; make it with this program's own batch(...)"
            )

    @property
    def rows(self) -> list[Row]:
        """The samples, each a flat tuple of its numbers and its indices."""
        if self._rows is None and self._origin is not None:
            rows, places = self._origin[0].rows, self._origin[1]
            self._rows = [rows[place] for place in places]
        elif self._rows is None:
            assert self._numbers is not None and self._indices is not None
            self._rows = [
                (*numbers, *indices)
                for numbers, indices in zip(self._numbers.T.tolist(), self._indices.T.tolist(), strict=True)
            ]
        return self._rows

    @property
    def numbers(self) -> "numpy.ndarray":
        """The numbers as an array of float64, [number, sample]; a view of one whose rows are the samples."""
        if self._numbers is None:
            self._split()
        assert self._numbers is not None
        return self._numbers

    @property
    def indices(self) -> "numpy.ndarray":
        """The indices as an array of intp, [index, sample], likewise."""
        if self._indices is None:
            self._split()
        assert self._indices is not None
        return self._indices

    def _split(self) -> None:
        if self._origin is not None:
            batch, places = self._origin
            self._numbers, self._indices = batch.numbers.T[places].T, batch.indices.T[places].T
            return
        np, count = load("numpy"), self.counts[0]
        numbers = np.array([row[:count] for row in self.rows], dtype=np.float64).reshape(self.size, count)
        indices = np.array([row[count:] for row in self.rows], dtype=np.intp).reshape(self.size, -1)
        self._numbers, self._indices = numbers.T, indices.T

    def take(self, places: Sequence[int]) -> "Batch":
        """Return the samples at some places, in that order.

        Errors: TypeError for what is no list of whole numbers, ValueError for none, IndexError for a place
        outside of the batch.

        >>> signature = Signature.of(lambda x: x, (0.5,))
        >>> Batch.of([1.0, 2.0, 3.0], signature, ()).take([2, 0]).rows
        [(3.0,), (1.0,)]
        """
        if not isinstance(places, Iterable):
            raise TypeError(f"take takes a list of places, such as [2, 0], got {places!r}")
        chosen = list(map(_place, places))
        if not chosen:
            raise ValueError("a batch has at least one sample, got none")
        if min(chosen) < 0 or max(chosen) >= self.size:
            raise IndexError(f"a place is one of 0 ... {self.size - 1}, got {min(chosen)} ... {max(chosen)}")
        made = Batch(len(chosen), self.counts, self.limits)
        made._origin = self, chosen
        return made


def _place(place: Any) -> int:
    try:
        number = None if isinstance(place, bool) else operator.index(place)
    except TypeError:
        number = None
    if number is None:
        raise TypeError(f"a place is a whole number, got {place!r}")
    return number


def _told(counts: tuple[int, int], limits: tuple[int, ...]) -> str:
    """Return in words what a sample has."""
    tables = f" (of {'tables' if len(limits) > 1 else 'a table'} of {', '.join(map(str, limits))})"
    plurals = "number" if counts[0] == 1 else "numbers", "index" if counts[1] == 1 else "indices"
    return f"{counts[0]} {plurals[0]} and {counts[1]} {plurals[1]}{tables if limits else ''}"


def _is_outside(index: int, limit: int) -> bool:
    return index >= (limit or UNREAD)


def _outside(name: str, index: int, limit: int) -> str:
    """Return in words that an index is outside of its table."""
    return f"{name} is {index}, outside of {f'its table: 0 ... {limit - 1}' if limit else '0 ... 2**63 - 1'}"


def _refuse_index(indices: Sequence[int], limits: Sequence[int], signature: Signature) -> None:
    for name, index, limit in zip(signature.places[1], indices, limits, strict=True):
        if _is_outside(index, limit):
            raise IndexError(_outside(name, index, limit))


def _shape(tree: Any, name: str) -> tuple[tuple[int, ...], str]:
    """Return the shape of an argument, which has to be a box of one kind, and that kind."""
    shape: list[int] = []
    while not isinstance(tree, str):
        if len(set(tree[1])) != 1:
            raise TypeError(f"{name} is no box of numbers or of indices: give a list of samples")
        shape.append(len(tree[1]))
        tree = tree[1][0]
    return tuple(shape), tree


def _check_columns(np: Any, numbers: Any, indices: Any, signature: Signature, limits: Sequence[int]) -> None:
    if np.isnan(numbers).any():
        place, sample = map(int, np.argwhere(np.isnan(numbers))[0])
        raise ValueError(f"sample {sample} of the batch: {signature.places[0][place]} is nan")
    for k, (column, limit) in enumerate(zip(indices, limits, strict=True)):
        low, high = int(column.min()), int(column.max())
        if low < 0 or _is_outside(high, limit):
            bad = low if low < 0 else high
            sample = int(np.argmax(column == bad))
            raise IndexError(f"sample {sample} of the batch: {_outside(signature.places[1][k], bad, limit)}")
