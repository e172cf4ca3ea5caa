"""Neurons, layers of them, and layers upon layers."""

import math
import operator
import random
from collections.abc import Iterable
from functools import reduce
from typing import Any

from engine import Value, dot
from engine.carrier import Floats, as_number
from engine.recording import Values
from nn.activations import Activation, activation as named, linear
from nn.module import Module


class Neuron(Module):
    """activation(w·x + b), with `nin` weights `w`, uniform from -1 to 1, and a bias `b`, which starts at 0.

    It takes a row of `nin` numbers or Values. Without `rng` the weights come from the `random` module, as
    micrograd's do. `nonlin=False` is short for `activation="linear"`. With `explicit` the sum is recorded
    product by product, the bias first, where otherwise it is one `dot` and the bias.

    Errors: ValueError for a row of another length or with nan, for `nin` below 1 and for an unknown
    activation; TypeError for what is no row of numbers.

    >>> neuron = Neuron(2, activation="tanh", rng=random.Random(0))
    >>> [w.data for w in neuron.w]
    [0.6888437030500962, 0.515908805880605]
    >>> round(neuron([1.0, -1.0]).data, 6)
    0.171231
    """

    def __init__(
        self,
        nin: int,
        nonlin: bool = True,
        *,
        activation: str | Activation | None = None,
        rng: random.Random | None = None,
        explicit: bool = False,
    ) -> None:
        nin = size("nin", nin)
        self.activation = _chosen(activation, nonlin)
        self.nonlin = self.activation is not linear
        self.explicit = explicit
        if rng is not None and not callable(getattr(rng, "uniform", None)):
            raise TypeError(f"rng is a random.Random, got {rng!r}")
        uniform = random.uniform if rng is None else rng.uniform
        self.w = [Value(uniform(-1, 1)) for _ in range(nin)]
        self.b = Value(0.0)

    def __call__(self, x: Iterable[float | Value]) -> Any:
        """Return the neuron's answer to a row of numbers or Values.

        >>> Neuron(1, rng=random.Random(0))([0.0]).data
        0.0
        """
        xs = x if type(x) is Values or type(x) is Floats else row(x)
        if len(xs) != len(self.w):
            raise _wrong_length(self, len(self.w), xs)
        if self.explicit:
            z = reduce(operator.add, map(operator.mul, self.w, xs), self.b)
        else:
            z = dot(tuple(self.w), xs) + self.b
        return self.activation(z)

    def describe(self) -> str:
        """Return the neuron's number of inputs and its activation.

        >>> Neuron(2).describe()
        'Neuron(2, relu)'
        """
        return f"{type(self).__name__}({len(self.w)}, {_name(self.activation)})"


class Layer(Module):
    """A layer of `nout` neurons, which all see the same row of `nin` numbers; the rest goes to each Neuron.

    Errors: as those of Neuron, and ValueError for `nout` below 1.

    >>> [y.data for y in Layer(1, 2, rng=random.Random(0))([0.0])]
    [0.0, 0.0]
    """

    def __init__(self, nin: int, nout: int, **kwargs: Any) -> None:
        nin, nout = size("nin", nin), size("nout", nout)
        self.neurons = [Neuron(nin, **kwargs) for _ in range(nout)]

    def __call__(self, x: Iterable[float | Value] | float | Value) -> Any:
        """Return the neurons' answers to a row: a list, or the bare Value where there is one neuron.

        A layer of one input takes a bare number, too.

        >>> Layer(1, 1, rng=random.Random(0))(0.0).data
        0.0
        """
        xs = row(x)
        answers = [neuron(xs) for neuron in self.neurons]
        return answers[0] if len(answers) == 1 else answers

    def describe(self) -> str:
        """Return the layer's numbers of inputs and outputs.

        >>> Layer(2, 16).describe()
        'Layer(2, 16)'
        """
        return f"{type(self).__name__}({_nin(self.neurons)}, {len(self.neurons)})"


class MLP(Module):
    """A multilayer perceptron: `nin` inputs, then a Layer for each size in `nouts`.

    All layers have the `activation`, the last one the `output` activation.

    Errors: as those of Neuron, and ValueError for sizes below 1 or none.

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
        rng: random.Random | None = None,
        explicit: bool = False,
    ) -> None:
        if not isinstance(nouts, Iterable) or isinstance(nouts, (str, bytes)):
            raise TypeError(f"nouts is a list of layer sizes, such as [16, 16, 1], got {nouts!r}")
        sizes = [size("nin", nin), *(size(f"nouts[{i}]", nout) for i, nout in enumerate(nouts))]
        if len(sizes) == 1:
            raise ValueError("nouts needs the size of at least one layer, got an empty list")
        hidden, final, last = named(activation), named(output), len(sizes) - 2
        self.layers = [
            Layer(a, b, activation=final if i == last else hidden, rng=rng, explicit=explicit)
            for i, (a, b) in enumerate(zip(sizes, sizes[1:], strict=False))
        ]

    def __call__(self, x: Iterable[float | Value] | float | Value) -> Any:
        """Return the last layer's answers to a row: a list, or the bare Value where there is one.

        >>> MLP(2, [4, 1], rng=random.Random(0))([0.0, 0.0]).data
        0.0
        """
        for layer in self.layers:
            x = layer(x)
        return x

    def describe(self) -> str:
        """Return the number of inputs and the sizes of the layers.

        >>> MLP(2, [4, 1]).describe()
        'MLP(2, [4, 1])'
        """
        sizes = [len(layer.neurons) for layer in self.layers]
        return f"{type(self).__name__}({_nin(self.layers[0].neurons)}, {sizes})"


def size(name: str, given: int) -> int:
    """Return a size as an int; TypeError for what is not a whole number, ValueError for one below 1.

    >>> size("nin", 2)
    2
    """
    try:
        number = operator.index(given)
    except TypeError:
        raise TypeError(f"{name} is a whole number, got {given!r}") from None
    if isinstance(given, bool):
        raise TypeError(f"{name} is a whole number, got {given!r}")
    if number < 1:
        raise ValueError(f"{name} is at least 1, got {number}")
    return number


def row(x: Any) -> tuple[Any, ...]:
    """Return inputs as Floats, or as Values where one of them is a Value; a bare number as one.

    Errors: TypeError for what is no list of numbers, ValueError for nan, with its position. A nan that was
    recorded passes: its origin is for `engine.births` to tell.

    >>> row([1, 2])
    (1.0, 2.0)
    """
    if isinstance(x, (str, bytes)):
        raise TypeError(f"a neuron takes a list of numbers or Values, got {x!r}")
    if not isinstance(x, Iterable):
        x = (x,)
    xs = tuple(x)
    kinds = {*map(type, xs)}
    if not kinds <= {float, Value}:
        xs = tuple([as_number(v, "a neuron") for v in xs])
        kinds = {*map(type, xs)}
    if not kinds <= {float, Value}:
        return xs  # Duals: the ops know what to do
    if kinds == {float, Value}:
        xs = tuple([v if type(v) is Value else Value(v) for v in xs])
    made = Floats(xs) if kinds == {float} else Values.of(xs)
    if any(map(math.isnan, made if isinstance(made, Floats) else made.numbers)):
        _refuse_nan(xs)
    return made


def _refuse_nan(xs: tuple[Any, ...]) -> None:
    for i, x in enumerate(xs):
        if _is_nan(x):
            raise ValueError(f"input {i} of {len(xs)} is nan")


def _is_nan(x: Any) -> bool:
    if type(x) is float:
        return math.isnan(x)
    return type(x) is Value and x.op is None and math.isnan(x.data)


def _wrong_length(module: Module, nin: int, xs: tuple[Any, ...]) -> ValueError:
    shown = ", ".join(f"{float(x):g}" if isinstance(x, (float, Value)) else repr(x) for x in xs[:4])
    more = ", ..." if len(xs) > 4 else ""
    return ValueError(f"{module.describe()} takes {nin} inputs, got {len(xs)}: ({shown}{more})")


def _chosen(choice: str | Activation | None, nonlin: bool) -> Activation:
    if not isinstance(nonlin, (bool, int)):
        raise TypeError(f"nonlin is True or False, got {nonlin!r}; did you mean activation={nonlin!r}?")
    if choice is None:
        return named("relu" if nonlin else "linear")
    chosen = named(choice)
    if not nonlin and chosen is not linear:
        raise ValueError(f"nonlin=False asks for no activation, but activation={choice!r} was given")
    return chosen


def _name(function: Activation) -> str:
    return str(getattr(function, "__name__", None) or type(function).__name__)


def _nin(neurons: list[Neuron]) -> int:
    return len(neurons[0].w)
