"""Neurons, and layers of them."""

import operator
import random
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

from engine import Value, dot, softmax
from engine.carrier import Floats
from engine.recording import Values
from nn.activations import Activation, activation as named, linear
from nn.init import INITIALISERS, Initialiser
from nn.inputs import row, size
from nn.module import Module
from nn.nearest import pick


class Neuron(Module):
    """activation(w·x + b), with `nin` weights `w`, uniform from -1 to 1, and a bias `b`, which starts at 0.

    It takes a row of `nin` numbers or Values. `init` draws the weights: a name of `nn.INITIALISERS` or a
    function of (rng, fan in, fan out), of which `fan_out` tells the last. Without `rng` they come from the
    `random` module, as micrograd's do. `nonlin=False` is short for `activation="linear"`. With `bias=False`
    there is no bias: `b` is None. With `explicit` the sum is recorded product by product, the bias first,
    where otherwise it is one `dot` and the bias.

    Errors: ValueError for a row of another length or with nan, for `nin` or `fan_out` below 1, for an unknown
    activation or initialiser; TypeError for what is no row of numbers, and for an `rng` that is a seed.

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
        init: str | Initialiser = "uniform",
        fan_out: int = 1,
        bias: bool = True,
        rng: random.Random | None = None,
        explicit: bool = False,
    ) -> None:
        nin, fan_out = size("nin", nin), size("fan_out", fan_out)
        self.activation = _chosen(activation, nonlin)
        self.nonlin = self.activation is not linear
        self.explicit = explicit
        if rng is not None and not callable(getattr(rng, "uniform", None)):
            raise TypeError(f"rng is a random.Random, such as random.Random(0), got {rng!r}")
        draw = init if callable(init) else pick("initialiser", init, INITIALISERS)
        source: Any = random if rng is None else rng
        self.w = [Value(draw(source, nin, fan_out)) for _ in range(nin)]
        self.b = Value(0.0) if bias else None

    @property
    def ending(self) -> Activation:
        """The activation that its answer ends in.

        >>> Neuron(1, activation="step").ending
        <op step>
        """
        return self.activation

    @property
    def offset(self) -> float:
        """The number of its bias: 0.0 where it has none.

        >>> Neuron(1, bias=False).offset
        0.0
        """
        return 0.0 if self.b is None else self.b.data

    def __call__(self, x: Iterable[float | Value]) -> Any:
        """Return the neuron's answer to a row of numbers or Values.

        >>> Neuron(1, rng=random.Random(0))([0.0]).data
        0.0
        """
        xs = x if type(x) is Values or type(x) is Floats else row(x)
        if len(xs) != len(self.w):
            raise _wrong_length(self, len(self.w), xs)
        z = self._summed(xs)
        return self.activation(z)

    def _summed(self, xs: Any) -> Any:
        if not self.explicit:
            z = dot(tuple(self.w), xs)
            return z if self.b is None else z + self.b
        products = map(operator.mul, self.w, xs)
        return reduce(operator.add, products) if self.b is None else reduce(operator.add, products, self.b)

    def describe(self) -> str:
        """Return the neuron's number of inputs and its activation, and that it has no bias if it has none.

        >>> Neuron(2).describe()
        'Neuron(2, relu)'
        """
        bare = ", no bias" if self.b is None else ""
        return f"{type(self).__name__}({len(self.w)}, {function_name(self.activation)}{bare})"


class Layer(Module):
    """A layer of `nout` neurons, which all see the same row of `nin` numbers; the rest goes to each Neuron.

    The activation "softmax" (or engine.softmax) is one of the whole layer: its neurons are linear, their
    answers become positive and sum to 1.

    Errors: as those of Neuron, and ValueError for `nout` below 1, or below 2 with softmax.

    >>> [y.data for y in Layer(1, 2, rng=random.Random(0))([0.0])]
    [0.0, 0.0]
    >>> [y.data for y in Layer(1, 2, activation="softmax", rng=random.Random(0))([0.0])]
    [0.5, 0.5]
    """

    def __init__(
        self, nin: int, nout: int, *, activation: str | Activation | None = None, **kwargs: Any
    ) -> None:
        nin, nout = size("nin", nin), size("nout", nout)
        self.shares = is_softmax(activation)
        if self.shares and nout < 2:
            raise ValueError(f"softmax shares 1 among neurons: it needs at least 2, got nout={nout}")
        if self.shares:
            activation = "linear"
        self.neurons = [Neuron(nin, activation=activation, fan_out=nout, **kwargs) for _ in range(nout)]

    @property
    def ending(self) -> Activation:
        """The activation that its answers end in: softmax, or that of its neurons.

        >>> Layer(1, 2, activation="softmax").ending is softmax
        True
        """
        return softmax if self.shares else self.neurons[0].ending

    def __call__(self, x: Iterable[float | Value] | float | Value) -> Any:
        """Return the neurons' answers to a row: a list, or the bare Value where there is one neuron.

        A layer of one input takes a bare number, too.

        >>> Layer(1, 1, rng=random.Random(0))(0.0).data
        0.0
        """
        xs = row(x)
        answers = [neuron(xs) for neuron in self.neurons]
        if self.shares:
            return softmax(answers)
        return answers[0] if len(answers) == 1 else answers

    def describe(self) -> str:
        """Return the layer's numbers of inputs and outputs, and that it ends in softmax if it does.

        >>> Layer(2, 16).describe()
        'Layer(2, 16)'
        """
        ending = ", softmax" if self.shares else ""
        return f"{type(self).__name__}({len(self.neurons[0].w)}, {len(self.neurons)}{ending})"


def as_list(answer: Any) -> list[Any]:
    """Return a layer's answer as a list, where one neuron answers a bare Value.

    >>> as_list(0.5), as_list([0.5, 0.25])
    ([0.5], [0.5, 0.25])
    """
    return answer if isinstance(answer, list) else [answer]


def is_softmax(activation: Any) -> bool:
    """Tell whether an activation is softmax, which is one of a whole layer.

    >>> is_softmax("softmax"), is_softmax("tanh")
    (True, False)
    """
    return activation is softmax or (isinstance(activation, str) and activation == "softmax")


def function_name(function: Callable[..., Any]) -> str:
    """Return what a function is called: its name, else that of its class.

    >>> function_name(linear)
    'linear'
    """
    return str(getattr(function, "__name__", None) or type(function).__name__)


def _wrong_length(module: Module, nin: int, xs: tuple[Any, ...]) -> ValueError:
    numbers = [x.data if isinstance(x, Value) else x for x in xs[:4]]
    shown = ", ".join([f"{x:g}" if isinstance(x, float) else repr(x) for x in numbers])
    more = ", ..." if len(xs) > 4 else ""
    return ValueError(f"{module.describe()} takes {nin} inputs, got {len(xs)}: ({shown}{more})")


def _chosen(choice: str | Activation | None, nonlin: bool) -> Activation:
    if not isinstance(nonlin, (bool, int)):
        raise TypeError(f"nonlin is True or False, got {nonlin!r}; did you mean activation={nonlin!r}?")
    if choice is None:
        return named("relu" if nonlin else "linear")
    if is_softmax(choice):
        raise ValueError(
            "softmax looks at a whole layer, not at one neuron: Layer(nin, nout, activation='softmax')"
        )
    chosen = named(choice)
    if not nonlin and chosen is not linear:
        raise ValueError(f"nonlin=False asks for no activation, but activation={choice!r} was given")
    return chosen
