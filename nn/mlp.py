"""MLP: layers upon layers, each fully connected to the one before."""

import random
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from engine import Value
from nn.activations import Activation, activation as named
from nn.checked import from_zero, of_kind
from nn.data.cells import listed
from nn.init import Initialiser
from nn.inputs import layer_sizes, size
from nn.module import Module
from nn.neuron import Layer, is_softmax

Masks: TypeAlias = list[list[float]]
"""What each answer of each hidden layer is multiplied by: 0 where it is dropped, else 1/(1 - rate)."""


class MLP(Module):
    """A multilayer perceptron: `nin` inputs, then a Layer for each size in `nouts`.

    The hidden layers have the `activation`; the last one, which may be the only one, has the `output`
    activation, which may be "softmax". `init`, `rng` and `explicit` are those of Neuron. `dropout` is the
    share of each hidden layer's answers that is dropped while training (inverted dropout: Srivastava et al.
    2014): a call drops what `noise` says, and a call without it drops nothing.

    Errors: as those of Layer, and ValueError for sizes below 1 or none, softmax before the last layer, or a
    dropout outside of 0 ≤ rate < 1.

    >>> MLP(2, [16, 16, 1])
    MLP(2, [16, 16, 1])                        337
    ├─ layers[0] Layer(2, 16)                   48
    │  └─ neurons[0…15] Neuron(2, relu) × 16     3 each
    ├─ layers[1] Layer(16, 16)                 272
    │  └─ neurons[0…15] Neuron(16, relu) × 16   17 each
    └─ layers[2] Layer(16, 1)                   17
       └─ neurons[0] Neuron(16, linear)         17
    337 parameters
    """

    def __init__(
        self,
        nin: int,
        nouts: Iterable[int],
        *,
        activation: str | Activation = "relu",
        output: str | Activation = "linear",
        init: str | Initialiser = "uniform",
        dropout: float = 0.0,
        rng: random.Random | None = None,
        explicit: bool = False,
    ) -> None:
        sizes = [size("nin", nin), *layer_sizes("nouts", nouts, "[16, 16, 1]")]
        if len(sizes) == 1:
            raise ValueError("nouts needs the size of at least one layer, got an empty list")
        if is_softmax(activation):
            raise ValueError("softmax belongs to the last layer: MLP(..., output='softmax')")
        self.dropout = from_zero("dropout", dropout, below=1)
        hidden, last = named(activation), len(sizes) - 2
        final = output if is_softmax(output) else named(output)
        self.layers = [
            Layer(a, b, activation=final if i == last else hidden, init=init, rng=rng, explicit=explicit)
            for i, (a, b) in enumerate(zip(sizes, sizes[1:], strict=False))
        ]

    @property
    def ending(self) -> Activation:
        """The activation that its answers end in.

        >>> MLP(1, [2, 1]).ending(3.0)
        3.0
        """
        return self.layers[-1].ending

    def noise(self, rng: random.Random) -> Masks | None:
        """Return what one call with dropout multiplies the hidden layers by, None where there is no dropout.

        Errors: TypeError for what is no random.Random.

        >>> MLP(1, [4, 1], dropout=0.5).noise(random.Random(3))
        [[0.0, 2.0, 0.0, 2.0]]
        """
        if not self.dropout:
            return None
        of_kind("rng", rng, random.Random, "a random.Random, such as random.Random(0)")
        kept = 1 / (1 - self.dropout)
        return [
            [0.0 if rng.random() < self.dropout else kept for _ in layer.neurons]
            for layer in self.layers[:-1]
        ]

    def __call__(
        self, x: Iterable[float | Value] | float | Value, noise: Sequence[Sequence[float]] | None = None
    ) -> Any:
        """Return the last layer's answers to a row: a list, or the bare Value where there is one.

        `noise` multiplies the answers of the hidden layers, one list a layer.

        Errors: as those of Neuron for the row, ValueError for noise of another shape, TypeError for no noise.

        >>> MLP(2, [4, 1], rng=random.Random(0))([0.0, 0.0]).data
        0.0
        """
        if noise is None:
            for layer in self.layers:
                x = layer(x)
            return x
        *hidden, last = self.layers
        noise = [listed("noise", mask) for mask in listed("noise", noise)]
        sizes, given = [len(layer.neurons) for layer in hidden], list(map(len, noise))
        if given != sizes:
            raise ValueError(f"noise has a list for each hidden layer, of sizes {sizes}, got sizes {given}")
        for layer, mask in zip(hidden, noise, strict=True):
            answers = layer(x)
            x = [h * m for h, m in zip(answers if len(mask) > 1 else [answers], mask, strict=True)]
        return last(x)

    def describe(self) -> str:
        """Return the number of inputs and the sizes of the layers, and the dropout if there is one.

        >>> MLP(2, [4, 1]).describe()
        'MLP(2, [4, 1])'
        """
        sizes = [len(layer.neurons) for layer in self.layers]
        dropout = f", dropout={self.dropout:g}" if self.dropout else ""
        return f"{type(self).__name__}({len(self.layers[0].neurons[0].w)}, {sizes}{dropout})"
