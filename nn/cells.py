"""Cells: what reads a sequence step by step, a vector at a time, and carries a state along."""

import random
from collections.abc import Iterable
from typing import Any, TypeAlias

from engine import Value, tanh
from nn.activations import Activation
from nn.checked import finite
from nn.init import Initialiser
from nn.inputs import row, size
from nn.module import Module
from nn.neuron import Layer, as_list

__all__ = ["Cell", "GRUCell", "LSTMCell", "RNNCell"]

Numbers: TypeAlias = Iterable[float | Value] | float | Value
"""A vector [feature]; one of a single number may be that number."""


class Cell(Module):
    """What reads one vector at a time, cell(x, state) being the next state: RNNCell, LSTMCell or GRUCell.

    Its gates are Layers over [x, h], x before h, so that their weights are [W_x | W_h].

    Errors: TypeError for sizes that are no whole numbers, ValueError for one below 1.

    >>> cell: Cell = RNNCell(1, 2, init="zeros")
    >>> [h.data for h in cell(0.5, cell.start())]
    [0.0, 0.0]
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        self.inputs, self.hidden = size("inputs", inputs), size("hidden", hidden)

    def __call__(self, x: Numbers, state: Any) -> Any:
        """Return the state after x [inputs]; a bare number is an x of one."""
        raise NotImplementedError(f"{type(self).__name__} is a cell and must say what follows a state")

    def start(self) -> Any:
        """Return the state before the first time, all zeros.

        >>> GRUCell(1, 2).start()
        [0.0, 0.0]
        """
        return [0.0] * self.hidden

    def hidden_of(self, state: Any) -> list[Any]:
        """Return the hidden vector [hidden] of a state: what the layer above sees.

        >>> GRUCell(1, 2).hidden_of([0.5, 0.25])
        [0.5, 0.25]
        """
        return list(state)

    def describe(self) -> str:
        """Return the numbers of inputs and of hidden features.

        >>> GRUCell(1, 2).describe()
        'GRUCell(1, 2)'
        """
        return f"{type(self).__name__}({self.inputs}, {self.hidden})"

    def rows(self, x: Numbers, **state: Numbers) -> list[tuple[Any, ...]]:
        """Return x and the vectors of a state, by name, as rows of Floats or Values, their lengths checked.

        Errors: ValueError for a vector of another length or a nan, TypeError for no numbers.

        >>> GRUCell(1, 2).rows(0.5, h=[0.25, 0.0])
        [(0.5,), (0.25, 0.0)]
        """
        rows = [row(x), *map(row, state.values())]
        lengths = [self.inputs] + [self.hidden] * len(state)
        for name, given, known in zip(("x", *state), rows, lengths, strict=True):
            if len(given) != known:
                raise ValueError(f"{self.describe()} takes {name} of length {known}, got {len(given)}")
        return rows


class RNNCell(Cell):
    """Elman's cell (1990): h ← tanh(W_x x + W_h h + b). Its state is h.

    `activation` may take the place of tanh, as "sigmoid", which Elman used; `init` and `rng` are those of
    Neuron.

    Errors: as those of Layer, and ValueError for x or h of another length.

    >>> cell = RNNCell(1, 1, activation="linear")
    >>> cell.load_state({"layer.neurons[0].w[0]": 1.0, "layer.neurons[0].w[1]": 0.5, "layer.neurons[0].b": 0})
    >>> h = cell.start()
    >>> for x in (1.0, 2.0, 3.0):
    ...     h = cell(x, h)
    >>> h[0].data
    4.25
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        activation: str | Activation = "tanh",
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        super().__init__(inputs, hidden)
        self.layer = Layer(self.inputs + self.hidden, self.hidden, activation=activation, init=init, rng=rng)

    def __call__(self, x: Numbers, state: Any) -> Any:
        """Return h after x [inputs]."""
        x, h = self.rows(x, h=state)
        return as_list(self.layer((*x, *h)))


class LSTMCell(Cell):
    """The long short-term memory of Hochreiter & Schmidhuber (1997), with a forget gate: Gers et al. (2000).

    The gates i, f, o = sigmoid(W [x, h] + b) and the candidate g = tanh(W [x, h] + b) give the memory
    c ← f c + i g and h ← o tanh(c). Its state is (h, c). The biases of f start at `forget_bias`: at 1 most of
    the memory stays, before anything is learned (Jozefowicz et al. 2015). `init`, `rng`: those of Neuron.

    Errors: as those of Layer; ValueError for x, h or c of another length, or a bias that is not finite.

    >>> cell = LSTMCell(1, 2, init="zeros")
    >>> h, c = cell(0.0, ([0.0, 0.0], [1.0, 2.0]))
    >>> [round(v.data, 4) for v in c]  # sigmoid(1) of it
    [0.7311, 1.4621]
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        forget_bias: float = 1.0,
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        super().__init__(inputs, hidden)
        width = self.inputs + self.hidden
        self.input = Layer(width, self.hidden, activation="sigmoid", init=init, rng=rng)
        self.forget = Layer(width, self.hidden, activation="sigmoid", init=init, rng=rng)
        self.candidate = Layer(width, self.hidden, activation="tanh", init=init, rng=rng)
        self.output = Layer(width, self.hidden, activation="sigmoid", init=init, rng=rng)
        for neuron in self.forget.neurons:
            neuron.b = Value(finite("forget_bias", forget_bias))

    def start(self) -> Any:
        """Return h and c before the first time, all zeros.

        >>> LSTMCell(1, 2).start()
        ([0.0, 0.0], [0.0, 0.0])
        """
        return super().start(), super().start()

    def hidden_of(self, state: Any) -> list[Any]:
        """Return h of a state (h, c).

        >>> LSTMCell(1, 2).hidden_of(([0.5, 0.25], [1.0, 2.0]))
        [0.5, 0.25]
        """
        return list(state[0])

    def __call__(self, x: Numbers, state: Any) -> Any:
        """Return (h, c) after x [inputs]."""
        if not isinstance(state, (list, tuple)) or len(state) != 2:
            raise ValueError(f"{self.describe()} takes a state (h, c) of two vectors, got {state!r:.80}")
        x, h, c = self.rows(x, h=state[0], c=state[1])
        seen = row((*x, *h))
        i, f, o = as_list(self.input(seen)), as_list(self.forget(seen)), as_list(self.output(seen))
        g = as_list(self.candidate(seen))
        memory = [f * c + i * g for f, c, i, g in zip(f, c, i, g, strict=True)]
        return [o * tanh(c) for o, c in zip(o, memory, strict=True)], memory


class GRUCell(Cell):
    """The gated recurrent unit of Cho et al. (2014): h ← z h + (1 - z) n, equations 5 to 8. Its state is h.

    The gates are r, z = sigmoid(W [x, h] + b), the candidate is n = tanh(W_x x + b_x + r (W_h h + b_h)).
    Here, as in PyTorch, r acts on the product W_h h; in the paper it acts on h before. So no product waits
    for a gate and all of one time are a single one, and weights can be exchanged with PyTorch.
    `init` and `rng` are those of Neuron.

    Errors: as those of Layer, and ValueError for x or h of another length.

    >>> cell = GRUCell(1, 2, init="zeros")
    >>> [h.data for h in cell(0.0, [1.0, -2.0])]  # half of it: sigmoid(0)
    [0.5, -1.0]
    """

    def __init__(
        self,
        inputs: int,
        hidden: int,
        *,
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        super().__init__(inputs, hidden)
        width = self.inputs + self.hidden
        self.reset = Layer(width, self.hidden, activation="sigmoid", init=init, rng=rng)
        self.update = Layer(width, self.hidden, activation="sigmoid", init=init, rng=rng)
        self.from_x = Layer(self.inputs, self.hidden, activation="linear", init=init, rng=rng)
        self.from_h = Layer(self.hidden, self.hidden, activation="linear", init=init, rng=rng)

    def __call__(self, x: Numbers, state: Any) -> Any:
        """Return h after x [inputs]."""
        x, h = self.rows(x, h=state)
        seen = row((*x, *h))
        r, z = as_list(self.reset(seen)), as_list(self.update(seen))
        from_x, from_h = as_list(self.from_x(x)), as_list(self.from_h(h))
        n = [tanh(x + r * h) for x, r, h in zip(from_x, r, from_h, strict=True)]
        return [z * h + (1 - z) * n for z, h, n in zip(z, h, n, strict=True)]
