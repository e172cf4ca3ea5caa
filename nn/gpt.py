"""GPT: a transformer that tells the next token of a sequence."""

import random
from collections.abc import Sequence
from typing import Any

from engine import Value
from nn.activations import Activation
from nn.attention import NORMS, TransformerBlock, added, mapped
from nn.data.cells import listed
from nn.embedding import Embedding
from nn.init import Initialiser
from nn.inputs import size
from nn.losses import sequence_cross_entropy
from nn.module import Module
from nn.nearest import pick
from nn.neuron import Layer

__all__ = ["GPT", "normal"]


def normal(rng: random.Random, fan_in: int, fan_out: int) -> float:
    """Return a number of the normal distribution with mean 0 and deviation 0.08, whatever the fans.

    It is the initialiser of Karpathy's microgpt.

    >>> normal(random.Random(0), 1, 1) == random.Random(0).gauss(0.0, 0.08)
    True
    """
    return rng.gauss(0.0, 0.08)


class GPT(Module):
    """A transformer that sees tokens 0 ... t of a sequence and tells, for each t, what token t + 1 may be.

    `vocab` tokens, `layers` TransformerBlocks of a `width` that `heads` share, sequences of up to `context`
    tokens. The row of a token and the row of its position, both learned, are added; the blocks, each causal,
    follow, and a linear layer gives a logit for each token. Radford et al. (2018), section 3.1, where the
    last layer has the tokens' rows for its weights, here its own, and the activation is GELU, here relu
    unless `activation` is given; (2019), section 2.3, for the norm after the last block, which
    `output_norm=False` leaves out; with `input_norm` there is one before the first. The rest is that of
    TransformerBlock.

    Errors: those of TransformerBlock, and ValueError for sizes below 1.

    >>> model = GPT(27, 16, 4, layers=2, context=16, norm="layer", rng=random.Random(0))
    >>> len(model([26, 0, 13])), len(model.parameters())
    (3, 7424)
    """

    def __init__(
        self,
        vocab: int,
        width: int,
        heads: int,
        layers: int,
        context: int,
        *,
        norm: str = "rms",
        gain: bool = True,
        input_norm: bool = False,
        output_norm: bool = True,
        activation: str | Activation = "relu",
        bias: bool = False,
        init: str | Initialiser = normal,
        rng: random.Random | None = None,
    ) -> None:
        kind = pick("norm", norm, NORMS)
        self.context = size("context", context)
        self.tokens = Embedding(size("vocab", vocab), width, init=init, rng=rng)
        self.positions = Embedding(context, width, init=init, rng=rng)
        self.input_norm = kind(width, gain=gain) if input_norm else None
        self.blocks = [
            TransformerBlock(
                width, heads, norm=norm, gain=gain, activation=activation, bias=bias, init=init, rng=rng
            )
            for _ in range(size("layers", layers))
        ]
        self.output_norm = kind(width, gain=gain) if output_norm else None
        self.head = Layer(width, vocab, activation="linear", bias=bias, init=init, rng=rng)

    @classmethod
    def micro(cls, vocab: int, *, rng: random.Random | None = None) -> "GPT":
        """Return the model of Karpathy's microgpt: 4,192 parameters for 27 tokens.

        Width 16, 4 heads, 1 block, 16 positions; RMS norms without gain, one of them on the sum of token and
        position and none before the last layer; relu; no biases; weights of deviation 0.08.

        >>> len(GPT.micro(27).parameters())
        4192
        """
        return cls(vocab, 16, 4, 1, 16, gain=False, input_norm=True, output_norm=False, rng=rng)

    def __call__(self, tokens: Sequence[Any]) -> list[list[Any]]:
        """Return for each position a logit for each token that may come next: [time][vocab].

        The tokens are whole numbers from 0, or indices that are recorded.

        Errors: ValueError for no tokens, more than the context has room for, or one outside the vocabulary;
        TypeError for tokens that are no list of whole numbers.

        >>> [len(logits) for logits in GPT.micro(27)([26, 0, 13])]
        [27, 27, 27]
        """
        rows = self._embedded(tokens)
        for block in self.blocks:
            rows = block(rows)
        if self.output_norm is not None:
            rows = [self.output_norm(row) for row in rows]
        return mapped(self.head, rows)

    def weights(self, tokens: Sequence[Any]) -> list[list[list[list[Any]]]]:
        """Return how much each position takes from each up to itself, as shares of 1: [block][head][t][≤ t].

        Errors: as for a call.

        >>> [[w.data for w in shares] for shares in GPT.micro(27).weights([26])[0][0]]
        [[1.0]]
        """
        rows, found = self._embedded(tokens), []
        for block in self.blocks:
            found.append(block.weights(rows))
            rows = block(rows)
        return found

    def loss(
        self,
        tokens: Sequence[Any],
        targets: Sequence[Any],
        weights: Sequence[float | Value] | None = None,
    ) -> Any:
        """Return Σ weights[t] · cross entropy of the logits after tokens 0 ... t for targets[t], in nats.

        Without `weights` it is their mean. Tokens see none that come later: a sequence may be filled up with
        any, whose weights are 0.

        Errors: as for a call, and ValueError for another number of targets or weights than of tokens.

        >>> round(GPT.micro(27, rng=random.Random(0)).loss([26, 0], [0, 26]).data, 3)
        3.395
        """
        return sequence_cross_entropy(self(tokens), targets, weights)

    def describe(self) -> str:
        """Return the arguments that the model was made of.

        >>> GPT.micro(27).describe()
        'GPT(27, 16, 4, layers=1, context=16)'
        """
        width, heads = len(self.head.neurons[0].w), len(self.blocks[0].attention.heads)
        sizes = f"{len(self.head.neurons)}, {width}, {heads}, layers={len(self.blocks)}"
        return f"{type(self).__name__}({sizes}, context={self.context})"

    def _embedded(self, tokens: Sequence[Any]) -> list[list[Any]]:
        """Return the rows for the first block: those of the tokens plus those of their positions."""
        tokens = listed("tokens", tokens)
        if not len(tokens):
            raise ValueError(f"{self.describe()} takes at least one token, got an empty sequence")
        if len(tokens) > self.context:
            raise ValueError(
                f"a sequence of {len(tokens)} tokens is longer than the context of {self.describe()}: cut it "
                f"off, or make a GPT of context={len(tokens)}"
            )
        rows = added(list(map(self.tokens, tokens)), self.positions.rows[: len(tokens)])
        return rows if self.input_norm is None else [self.input_norm(row) for row in rows]
