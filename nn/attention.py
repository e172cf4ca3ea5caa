"""Attention: the rows of a sequence look at each other, alone and in a transformer's block."""

import math
import random
from collections.abc import Iterable
from typing import Any, TypeAlias

from engine import dot, softmax
from nn.activations import Activation
from nn.data.cells import listed
from nn.init import Initialiser
from nn.inputs import size
from nn.module import Module
from nn.nearest import pick
from nn.neuron import Layer, as_list
from nn.norms import LayerNorm, RMSNorm

Rows: TypeAlias = Iterable[Iterable[Any]]
"""A row of numbers or Values for each position: of a sequence, [time][feature]."""

NORMS: dict[str, type[RMSNorm] | type[LayerNorm]] = {"rms": RMSNorm, "layer": LayerNorm}

__all__ = ["Head", "MultiHeadAttention", "NORMS", "TransformerBlock", "attention", "attention_weights"]


def attention_weights(queries: Rows, keys: Rows, *, causal: bool = False) -> list[list[Any]]:
    """Return for each query the share of 1 that each key gets: softmax of their dot products over √width.

    `causal` lets query t see keys 0 ... t alone; it has t + 1 shares then. Vaswani et al. (2017), equation 1
    before the product with the values.

    Errors: TypeError for what are no rows; ValueError for no rows, rows of different widths, and causal ones
    of which there are not as many queries as keys.

    >>> [round(w, 3) for w in attention_weights([(1.0, 0.0)], [(2.0, 0.0), (0.0, 2.0), (1.0, 1.0)])[0]]
    [0.576, 0.14, 0.284]
    """
    return _shares(_checked("queries", queries), _checked("keys", keys), causal)


def attention(queries: Rows, keys: Rows, values: Rows, *, causal: bool = False) -> list[list[Any]]:
    """Return for each query the mean of the values, weighted by `attention_weights`: softmax(Q·Kᵀ/√d)·V.

    `queries` [time][d], `keys` [place][d] and `values` [place][of any width] are rows of numbers or Values.
    Vaswani et al. (2017), equation 1.

    Errors: those of `attention_weights`, and ValueError for another number of values than of keys.

    >>> keys, values = [(2.0, 0.0), (0.0, 2.0), (1.0, 1.0)], [(10.0,), (20.0,), (30.0,)]
    >>> round(attention([(1.0, 0.0)], keys, values)[0][0], 3)
    17.08
    """
    asking, asked, told = _checked("queries", queries), _checked("keys", keys), _checked("values", values)
    shares = _shares(asking, asked, causal)
    if len(told) != len(asked):
        raise ValueError(f"attention has a value a key, got {len(asked)} keys, {len(told)} values")
    columns = list(zip(*told, strict=True))
    return [[dot(row, column[: len(row)]) for column in columns] for row in shares]


class Head(Module):
    """One head: layers q, k and v ask each row of `width` numbers for a query, a key and a value of `depth`.

    Headᵢ of Vaswani et al. (2017), section 3.2.2, of a sequence that looks at itself: where it is `causal` a
    row sees itself and those before it.

    `init`, `rng` and `bias` are those of Neuron.

    Errors: as those of Layer; when it is called, TypeError for what are no rows, ValueError for no rows or
    one of another width.

    >>> len(Head(16, 4).parameters())
    192
    """

    def __init__(
        self,
        width: int,
        depth: int,
        *,
        causal: bool = True,
        bias: bool = False,
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        self.causal = causal
        self.q, self.k, self.v = (
            Layer(width, depth, activation="linear", bias=bias, init=init, rng=rng) for _ in range(3)
        )

    def weights(self, rows: Rows) -> list[list[Any]]:
        """Return how much each row takes from each that it sees, as shares of 1.

        >>> [[w.data for w in shares] for shares in Head(2, 1, init="zeros").weights([(1, 2), (3, 4)])]
        [[1.0], [0.5, 0.5]]
        """
        rows = _gone_through(rows)
        return attention_weights(mapped(self.q, rows), mapped(self.k, rows), causal=self.causal)

    def __call__(self, rows: Rows) -> list[list[Any]]:
        """Return the mean of the values that each row sees, [time][depth].

        >>> [[v.data for v in row] for row in Head(2, 1, init=lambda *_: 0.5)([(1, 2), (3, 4)])][0]
        [1.5]
        """
        rows = _gone_through(rows)
        queries, keys, values = (mapped(layer, rows) for layer in (self.q, self.k, self.v))
        return attention(queries, keys, values, causal=self.causal)

    def describe(self) -> str:
        """Return the head's width and depth, and whether it is causal.

        >>> Head(16, 4).describe()
        'Head(16, 4, causal)'
        """
        causal = ", causal" if self.causal else ""
        return f"{type(self).__name__}({len(self.q.neurons[0].w)}, {len(self.q.neurons)}{causal})"


class MultiHeadAttention(Module):
    """Heads side by side, each of width / heads numbers a row, and a layer `o` that mixes what they answer.

    Vaswani et al. (2017), section 3.2.2: MultiHead = Concat(head₁, ..., headₕ)·Wᴼ. `init` and `rng` are
    those of Neuron, `causal` is that of Head; with `bias` all layers have biases.

    Errors: as those of Head; ValueError for a width that the heads cannot share evenly.

    >>> attention = MultiHeadAttention(4, 2, rng=random.Random(0))
    >>> [len(row) for row in attention([(1, 2, 3, 4), (5, 6, 7, 8)])]
    [4, 4]
    """

    def __init__(
        self,
        width: int,
        heads: int,
        *,
        causal: bool = True,
        bias: bool = False,
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        width, heads = size("width", width), size("heads", heads)
        if width % heads:
            raise ValueError(f"the heads share the width evenly: {width} is not divisible by {heads} heads")
        depth = width // heads
        self.heads = [Head(width, depth, causal=causal, bias=bias, init=init, rng=rng) for _ in range(heads)]
        self.o = Layer(width, width, activation="linear", bias=bias, init=init, rng=rng)

    def __call__(self, rows: Rows) -> list[list[Any]]:
        """Return what the heads found for each row, mixed: [time][width].

        >>> [[v.data for v in row] for row in MultiHeadAttention(1, 1, init=lambda *_: 0.5)([(4.0,)])]
        [[1.0]]
        """
        rows = _gone_through(rows)
        answers = [head(rows) for head in self.heads]
        return mapped(self.o, [sum(parts, []) for parts in zip(*answers, strict=True)])

    def describe(self) -> str:
        """Return the width and the number of heads.

        >>> MultiHeadAttention(16, 4).describe()
        'MultiHeadAttention(16, 4)'
        """
        return f"{type(self).__name__}({len(self.o.neurons)}, {len(self.heads)})"


class TransformerBlock(Module):
    """Attention, then a perceptron of four times the width for each row; each adds to what it was given.

    Vaswani et al. (2017), figure 1 and section 3.3, with the norms where GPT-2 has them, before attention
    and perceptron in place of after the sum: Radford et al. (2019), section 2.3. `norm` is a name of NORMS,
    `gain` is that of the norms, `activation` the perceptron's; the rest is that of MultiHeadAttention.

    Errors: those of MultiHeadAttention, and ValueError for an unknown norm or activation.

    >>> block = TransformerBlock(4, 2, rng=random.Random(0))
    >>> [len(row) for row in block([(1, 2, 3, 4), (5, 6, 7, 8)])]
    [4, 4]
    """

    def __init__(
        self,
        width: int,
        heads: int,
        *,
        causal: bool = True,
        norm: str = "rms",
        gain: bool = True,
        activation: str | Activation = "relu",
        bias: bool = False,
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        kind, inner = pick("norm", norm, NORMS), 4 * size("width", width)
        self.attention_norm = kind(width, gain=gain)
        self.attention = MultiHeadAttention(width, heads, causal=causal, bias=bias, init=init, rng=rng)
        self.perceptron_norm = kind(width, gain=gain)
        self.up = Layer(width, inner, activation=activation, bias=bias, init=init, rng=rng)
        self.down = Layer(inner, width, activation="linear", bias=bias, init=init, rng=rng)

    def weights(self, rows: Rows) -> list[list[list[Any]]]:
        """Return for each head how much each row takes from each that it sees, as shares of 1.

        >>> len(TransformerBlock(4, 2).weights([(1, 2, 3, 4)]))
        2
        """
        normed = [self.attention_norm(row) for row in _gone_through(rows)]
        return [head.weights(normed) for head in self.attention.heads]

    def __call__(self, rows: Rows) -> list[list[Any]]:
        """Return the rows with what attention and perceptron add to each: [time][width].

        >>> [[v.data for v in row] for row in TransformerBlock(2, 1, init="zeros")([(3.0, 4.0)])]
        [[3.0, 4.0]]
        """
        rows = _gone_through(rows)
        seen = self.attention([self.attention_norm(row) for row in rows])
        rows = added(seen, rows)
        return added(mapped(self.down, [self.up(self.perceptron_norm(row)) for row in rows]), rows)

    def describe(self) -> str:
        """Return the width and the number of heads.

        >>> TransformerBlock(16, 4).describe()
        'TransformerBlock(16, 4)'
        """
        attention = self.attention
        return f"{type(self).__name__}({len(attention.o.neurons)}, {len(attention.heads)})"


def mapped(layer: Layer, rows: Rows) -> list[list[Any]]:
    """Return the list of what a layer answers to each row, be it of one number.

    >>> [[v.data for v in row] for row in mapped(Layer(2, 1, init="zeros"), [(1.0, 2.0)])]
    [[0.0]]
    """
    return [as_list(layer(row)) for row in rows]


def added(rows: Rows, others: Rows) -> list[list[Any]]:
    """Return the sums of two sequences of one shape, number by number.

    >>> added([[1.0, 2.0]], [[3.0, 4.0]])
    [[4.0, 6.0]]
    """
    return [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(rows, others, strict=True)]


def _shares(queries: list[list[Any]], keys: list[list[Any]], causal: bool) -> list[list[Any]]:
    width, other = len(queries[0]), len(keys[0])
    if width != other:
        raise ValueError(
            f"queries and keys have one width, got queries of {width} and keys of {other} numbers"
        )
    if causal and len(queries) != len(keys):
        raise ValueError(f"causal attention has as many queries as keys, got {len(queries)} and {len(keys)}")
    scale = 1 / math.sqrt(width)
    return [
        softmax([dot(query, key) * scale for key in (keys[: t + 1] if causal else keys)])
        for t, query in enumerate(queries)
    ]


def _gone_through(rows: Rows) -> list[Any]:
    """Return rows as lists, which can be gone through again where iterators cannot; no row stays as it is."""
    return [
        list(row) if isinstance(row, Iterable) and not isinstance(row, (str, bytes)) else row
        for row in listed("rows", rows)
    ]


def _checked(name: str, rows: Rows) -> list[list[Any]]:
    """Return rows as lists, all of one width."""
    found = _gone_through(rows)
    for row in found:
        if not isinstance(row, list):
            raise TypeError(f"{name} are rows, a list of numbers or Values for each position, got {row!r}")
    widths = sorted({len(row) for row in found})
    if len(widths) != 1 or not widths[0]:
        given = f"rows of {' and '.join(map(str, widths))} numbers" if widths else "none"
        raise ValueError(f"{name} are rows of one width, at least one of at least one number, got {given}")
    return found
