"""Recurrence: layers that use one cell again at each time of a sequence."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar

from engine import Value, select
from engine.index import Index
from nn.cells import Cell, GRUCell, LSTMCell, Numbers, RNNCell
from nn.checked import of_kind
from nn.data.cells import listed
from nn.init import Initialiser
from nn.inputs import size
from nn.module import Module
from nn.nearest import pick
from nn.neuron import Neuron

__all__ = [
    "Cell",
    "Forecaster",
    "GRU",
    "GRUCell",
    "LSTM",
    "LSTMCell",
    "RECURRENT",
    "RNN",
    "RNNCell",
    "Recurrent",
]


class Recurrent(Module):
    """Layers of cells: the first reads a sequence, each other one the hidden vectors of the one below.

    Abstract: RNN, LSTM and GRU say which `cell`, to which the `options` go. The sequence is [time][feature],
    of one feature also [time]; a state is a list of the states of the cells, one for each layer.

    Errors: as those of the cells, for a sequence with the time; ValueError for an empty sequence, or states
    of another number than there are layers; TypeError for what is no list.

    >>> [cell.describe() for cell in RNN(2, 3, layers=2).cells]
    ['RNNCell(2, 3)', 'RNNCell(3, 3)']
    """

    cell: ClassVar[Callable[..., Cell]]

    def __init__(self, inputs: int, hidden: int, *, layers: int = 1, **options: Any) -> None:
        self.cells = [
            type(self).cell(hidden if i else inputs, hidden, **options) for i in range(size("layers", layers))
        ]

    def states(self, sequence: Iterable[Numbers], state: Sequence[Any] | None = None) -> Iterator[list[Any]]:
        """Yield the state of each layer after each time, from the start or from the state that is given.

        >>> [len(states) for states in GRU(1, 2, layers=3).states([0.5, 1.0])]
        [3, 3]
        """
        of_kind("a sequence", sequence, Iterable, "a list of numbers or vectors")
        before = [cell.start() for cell in self.cells] if state is None else listed("a state", state)
        if len(before) != len(self.cells):
            raise ValueError(f"{self.describe()} takes a state for each layer, got {len(before)}")
        for time, x in enumerate(sequence):
            try:
                seen: Any = self.cells[0].rows(x)[0]
            except (TypeError, ValueError) as error:
                raise type(error)(f"time {time}: {error}") from None
            after = []
            for cell, one in zip(self.cells, before, strict=True):
                after.append(cell(seen, one))
                seen = cell.hidden_of(after[-1])
            before = after
            yield before

    def __call__(
        self,
        sequence: Iterable[Numbers],
        state: Sequence[Any] | None = None,
        *,
        last: int | Index | None = None,
    ) -> tuple[list[Any], list[Any]]:
        """Return the last layer's hidden vectors [time][hidden] and the final state.

        `last` is the place of the last time that is no padding: the final state is that after it, and the
        hidden vectors after it mean nothing. Left out, nothing is padding.

        Errors: IndexError for a `last` that is no time of the sequence.

        >>> gru = GRU(1, 2, rng=random.Random(0))
        >>> whole, padded = gru([0.5, 0.25]), gru([0.5, 0.25, 0.0], last=1)
        >>> [h.data for h in whole[1][0]] == [h.data for h in padded[1][0]]
        True
        """
        states = list(self.states(sequence, state))
        if not states:
            raise ValueError(f"{self.describe()} reads a sequence of at least one time, got an empty one")
        top = self.cells[-1]
        hidden = [top.hidden_of(each[-1]) for each in states]
        return hidden, states[-1] if last is None else _at(states, last)

    def describe(self) -> str:
        """Return the numbers of inputs and hidden features, and that of the layers if there are some.

        >>> LSTM(1, 4, layers=2).describe()
        'LSTM(1, 4, layers=2)'
        """
        first, count = self.cells[0], len(self.cells)
        layers = f", layers={count}" if count > 1 else ""
        return f"{type(self).__name__}({first.inputs}, {first.hidden}{layers})"


class RNN(Recurrent):
    """Layers of Elman's cells: RNN(inputs, hidden, layers=1, activation="tanh", init="xavier", rng=None).

    Errors: those of Recurrent.

    >>> hidden, state = RNN(1, 2, init="zeros")([0.5, 1.0, 1.5])
    >>> len(hidden), [h.data for h in hidden[-1]]
    (3, [0.0, 0.0])
    """

    cell = RNNCell


class LSTM(Recurrent):
    """Layers of LSTM cells: LSTM(inputs, hidden, layers=1, forget_bias=1.0, init="xavier", rng=None).

    Errors: those of Recurrent.

    >>> hidden, [(h, c)] = LSTM(1, 2)([0.5, 1.0, 1.5])
    >>> hidden[-1] == h
    True
    """

    cell = LSTMCell


class GRU(Recurrent):
    """Layers of gated recurrent units: GRU(inputs, hidden, layers=1, init="xavier", rng=None).

    Errors: those of Recurrent.

    >>> GRU(1, 2)
    GRU(1, 2)                                     26
    └─ cells[0] GRUCell(1, 2)                     26
       ├─ reset Layer(3, 2)                        8
       │  └─ neurons[0…1] Neuron(3, sigmoid) × 2   4 each
       ├─ update Layer(3, 2)                       8
       │  └─ neurons[0…1] Neuron(3, sigmoid) × 2   4 each
       ├─ from_x Layer(1, 2)                       4
       │  └─ neurons[0…1] Neuron(1, linear) × 2    2 each
       └─ from_h Layer(2, 2)                       6
          └─ neurons[0…1] Neuron(2, linear) × 2    3 each
    26 parameters
    """

    cell = GRUCell


RECURRENT: dict[str, type[Recurrent]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
"""The layers by the name of their cell."""


class Forecaster(Module):
    """Recurrent layers that read a window of a series, oldest number first, and a neuron for the next number.

    `cell` is "rnn", "lstm" or "gru", with `hidden` features in each of so many `layers`; the neuron is linear
    and sees the hidden vector after the last number. Windows may have any length. `init` and `rng` are those
    of Neuron. It trains on a Dataset of windows, such as `nn.sunspots(10)`, best standardised.

    Errors: ValueError for another cell, sizes below 1, an empty window; as those of Neuron.

    >>> model = Forecaster("lstm", 8, rng=random.Random(0))
    >>> [round(model(window).data, 4) for window in ([0.5, 0.25], [0.25, 0.5, 0.25])]
    [-0.0399, -0.0504]
    """

    def __init__(
        self,
        cell: str = "gru",
        hidden: int = 16,
        *,
        layers: int = 1,
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        self.recurrent = pick("cell", cell, RECURRENT)(1, hidden, layers=layers, init=init, rng=rng)
        self.output = Neuron(hidden, activation="linear", init=init, rng=rng)

    def __call__(self, window: Iterable[float | Value]) -> Any:
        """Return the number that follows a window [time].

        >>> Forecaster("lstm", 2, init="zeros")([0.5, 0.25, 0.125]).data
        0.0
        """
        hidden, _ = self.recurrent(window)
        return self.output(hidden[-1])

    def describe(self) -> str:
        """Return what reads the window.

        >>> Forecaster("lstm", 2).describe()
        'Forecaster(LSTM(1, 2))'
        """
        return f"{type(self).__name__}({self.recurrent.describe()})"


def _at(states: Sequence[Any], time: int | Index) -> Any:
    """Return the state at a time, Value by Value: `select` through lists and tuples."""
    if not isinstance(states[0], (list, tuple)):
        return select(states, time)
    return type(states[0])([_at(each, time) for each in zip(*states, strict=True)])
