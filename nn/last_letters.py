"""LastLetters: a perceptron that tells the next letter of a word from the last few."""

import random
from collections.abc import Sequence
from typing import Any

from engine import Value
from nn.embedding import Embedding
from nn.inputs import size
from nn.losses import sequence_cross_entropy
from nn.mlp import MLP
from nn.module import Module


class LastLetters(Module):
    """An MLP on the rows of the last `seen` tokens, joined: Bengio, Ducharme, Vincent & Jauvin (2003).

    Each of `vocab` tokens has a learned row of `width` numbers; before the first token stand tokens 0 ...
    that of a word's end, the last of the vocabulary. One hidden layer of `hidden` tanh neurons gives a logit
    for each token. It has no other memory than the letters that it sees.

    Errors: ValueError for sizes below 1.

    >>> len(LastLetters(27, seen=3, width=8, hidden=32, rng=random.Random(0)).parameters())
    1907
    """

    def __init__(
        self, vocab: int, *, seen: int, width: int, hidden: int, rng: random.Random | None = None
    ) -> None:
        self.seen = size("seen", seen)
        self.tokens = Embedding(vocab, width, init="xavier", rng=rng)
        self.perceptron = MLP(seen * width, [hidden, vocab], activation="tanh", init="xavier", rng=rng)

    def __call__(self, tokens: Sequence[Any]) -> list[list[Any]]:
        """Return after each token a logit for each that may come next: [time][vocab].

        >>> len(LastLetters(3, seen=2, width=1, hidden=1)([2, 0]))
        2
        """
        end = len(self.tokens.rows) - 1
        rows = [self.tokens(token) for token in [*[end] * (self.seen - 1), *tokens]]
        return [
            self.perceptron([x for row in rows[t : t + self.seen] for x in row]) for t in range(len(tokens))
        ]

    def loss(self, tokens: Sequence[Any], targets: Sequence[Any], weights: Sequence[float | Value]) -> Any:
        """Return Σ weights[t] · cross entropy of the logits after token t for targets[t], in nats.

        >>> round(LastLetters(3, seen=1, width=1, hidden=1).loss([2], [0], [0.0]).data, 4)
        0.0
        """
        return sequence_cross_entropy(self(tokens), targets, weights)

    def describe(self) -> str:
        """Return how many letters it sees, and its perceptron.

        >>> LastLetters(27, seen=3, width=8, hidden=32).describe()
        'LastLetters(27, seen=3, MLP(24, [32, 27]))'
        """
        return (
            f"{type(self).__name__}({len(self.tokens.rows)}, seen={self.seen}, {self.perceptron.describe()})"
        )
