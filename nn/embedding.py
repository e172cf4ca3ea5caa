"""Embedding: a table that has a row of numbers for each token."""

import random
from typing import Any

from engine import Value, select
from engine.index import Index
from nn.init import INITIALISERS, Initialiser
from nn.inputs import size, whole
from nn.module import Module
from nn.nearest import pick

__all__ = ["Embedding"]


class Embedding(Module):
    """A table of `tokens` rows of `width` Values; called with a token, 0 ... tokens - 1, it returns its row.

    It is what a Layer without biases does to a vector that is 1 at the token and 0 elsewhere, by looking up
    in place of multiplying: Bengio, Ducharme, Vincent & Jauvin (2003), their matrix C. `init` and `rng` are
    those of Neuron; the fan in is 1, as one row alone answers, and the fan out `width`.

    Errors: TypeError for sizes or a token that are no whole numbers; ValueError for sizes below 1, and for a
    token outside of the vocabulary.

    >>> letters = Embedding(27, 2, rng=random.Random(0))
    >>> [v.data for v in letters(0)]
    [0.6888437030500962, 0.515908805880605]
    """

    def __init__(
        self,
        tokens: int,
        width: int,
        *,
        init: str | Initialiser = "uniform",
        rng: random.Random | None = None,
    ) -> None:
        tokens, width = size("tokens", tokens), size("width", width)
        if rng is not None and not callable(getattr(rng, "uniform", None)):
            raise TypeError(f"rng is a random.Random, got {rng!r}")
        draw = init if callable(init) else pick("initialiser", init, INITIALISERS)
        source: Any = random if rng is None else rng
        self.rows = [[Value(draw(source, 1, width)) for _ in range(width)] for _ in range(tokens)]

    def __call__(self, token: Any) -> list[Value]:
        """Return the row of a token, a whole number or an index that is recorded.

        >>> table = Embedding(2, 3)
        >>> table(1) == table.rows[1]
        True
        """
        if not isinstance(token, Index):
            token = whole("a token", token)
            if not 0 <= token < len(self.rows):
                raise ValueError(
                    f"token {token} is outside the vocabulary: {self.describe()} knows the tokens "
                    f"0 ... {len(self.rows) - 1}"
                )
        return list(select(self.rows, token))

    def describe(self) -> str:
        """Return the numbers of tokens and of numbers for each.

        >>> Embedding(27, 16).describe()
        'Embedding(27, 16)'
        """
        return f"{type(self).__name__}({len(self.rows)}, {len(self.rows[0])})"
