"""A stack of linear layers is one linear layer: the one that it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from engine import Value, dot
from engine.carrier import Floats
from nn.activations import linear
from nn.combination import combination
from nn.inputs import row
from nn.mlp import MLP
from nn.neuron import Layer, function_name


@dataclass(frozen=True, repr=False)
class Affine:
    """y = W x + b: W has a row of weights for each output, b a bias for each.

    >>> Affine(W=((5.0, -6.0),), b=(5.5,))
    y = 5 x1 − 6 x2 + 5.5
    """

    W: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]

    def __call__(self, x: Iterable[float | Value] | float | Value) -> Any:
        """Return W x + b for a row of numbers or Values: a list, or the bare number of a single output.

        Errors: ValueError for a row of another length or with nan, TypeError for what is no row of numbers.

        >>> Affine(W=((5.0, -6.0),), b=(5.5,))([1, 1])
        4.5
        """
        xs = row(x)
        if len(xs) != len(self.W[0]):
            raise ValueError(f"{self!r} takes {len(self.W[0])} inputs, got {len(xs)}")
        answers = [dot(Floats(w), xs) + b for w, b in zip(self.W, self.b, strict=True)]
        return answers[0] if len(answers) == 1 else answers

    def __repr__(self) -> str:
        names = ["y"] if len(self.b) == 1 else [f"y{i}" for i in range(1, len(self.b) + 1)]
        rows = zip(names, self.W, self.b, strict=True)
        return "\n".join(f"{name} = {combination(w, 'x', b)}" for name, w, b in rows)


def collapse(model: MLP | Layer) -> Affine:
    """Return the one linear layer that an MLP of linear layers amounts to, whatever its depth and width.

    Layer upon layer, y = V (W x + b) + c is (V W) x + (V b + c). The weight from an input to an output is the
    sum over all routes between them of the products of the weights on each, which `engine.paths` shows.

    Errors: TypeError for what is no MLP or Layer; ValueError naming the layer and its activation where one is
    not linear: there the substitution stops, and the model can be more than one linear layer.

    >>> model = MLP(2, [2, 1], activation="linear")
    >>> model.load_state(dict(zip(model.state(), [2, -1, 1, 1, 3, -2, 3, -1, 0.5])))
    >>> collapse(model)
    y = 5 x1 − 6 x2 + 5.5
    """
    if not isinstance(model, (MLP, Layer)):
        raise TypeError(f"collapse takes an MLP or a Layer, got {model!r}")
    layers = model.layers if isinstance(model, MLP) else [model]
    for i, layer in enumerate(layers):
        if layer.ending is not linear:
            raise ValueError(
                f"layers[{i}] of {model.describe()} ends in {function_name(layer.ending)}: its answers "
                "are no linear function of the inputs; collapse takes linear layers alone, such as those of "
                "MLP(2, [3, 1], activation='linear')"
            )
    first, *rest = [_affine(layer) for layer in layers]
    for after in rest:
        first = _after(first, after)
    return first


def _affine(layer: Layer) -> Affine:
    W = tuple([tuple([w.data for w in neuron.w]) for neuron in layer.neurons])
    return Affine(W, tuple([neuron.offset for neuron in layer.neurons]))


def _after(first: Affine, second: Affine) -> Affine:
    """Return what second does to the answers of first."""
    columns = [Floats(column) for column in zip(*first.W, strict=True)]
    W = tuple([tuple([dot(Floats(v), column) for column in columns]) for v in second.W])
    b = tuple(
        [dot(Floats((*v, c)), Floats((*first.b, 1.0))) for v, c in zip(second.W, second.b, strict=True)]
    )
    return Affine(W, b)
