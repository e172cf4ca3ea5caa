"""CharRNN: a recurrent model of words, letter by letter, which writes new ones."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

from engine import Value
from engine.collector import paused_gc
from engine.index import Index
from nn.checked import of_kind
from nn.data import Text
from nn.data.cells import listed
from nn.embedding import Embedding
from nn.init import Initialiser
from nn.inputs import size, whole
from nn.losses import sequence_cross_entropy
from nn.module import Module
from nn.nearest import pick
from nn.neuron import Layer
from nn.recurrent import RECURRENT
from nn.through_time import as_numbers
from nn.writing import LONGEST, drawing

__all__ = ["CharRNN"]


class CharRNN(Module):
    """A recurrent network that reads tokens and tells after each of them what the next may be.

    Each of so many `tokens` has a row of `width` numbers, learned, and `width` is `hidden` if it is left out;
    the `layers` of the `cell`, "rnn", "lstm" or "gru", with `hidden` features, read the rows; a linear layer
    gives a logit for each token. It trains on `nn.writing.samples(text)`. Mikolov et al. (2010), with letters
    in place of words: Sutskever, Martens & Hinton (2011). `init` and `rng` are those of Neuron.

    Errors: ValueError for another cell, sizes below 1, fewer than two tokens; as those of Neuron.

    >>> len(CharRNN(27, 16, cell="lstm").parameters())
    3003
    """

    def __init__(
        self,
        tokens: int,
        hidden: int,
        *,
        cell: str = "gru",
        layers: int = 1,
        width: int | None = None,
        init: str | Initialiser = "xavier",
        rng: random.Random | None = None,
    ) -> None:
        if size("tokens", tokens) < 2:
            raise ValueError(f"a model of the next token has at least 2 to choose from, got tokens={tokens}")
        width = size("hidden", hidden) if width is None else size("width", width)
        self.embedding = Embedding(tokens, width, init=init, rng=rng)
        self.recurrent = pick("cell", cell, RECURRENT)(width, hidden, layers=layers, init=init, rng=rng)
        self.output = Layer(hidden, tokens, activation="linear", init=init, rng=rng)

    def __call__(self, tokens: Sequence[int | Index]) -> list[list[Any]]:
        """Return after each of the tokens [time] a logit for each token that may come next: [time][token].

        Errors: ValueError for no tokens, or one outside of the vocabulary; TypeError for what is no list of
        whole numbers.

        >>> [len(logits) for logits in CharRNN(3, 4)([2, 0])]
        [3, 3]
        """
        return self._read(tokens, None)[0]

    def loss(
        self,
        tokens: Sequence[int | Index],
        targets: Sequence[Any],
        weights: Sequence[float | Value] | None = None,
    ) -> Any:
        """Return Σ weights[t] · cross entropy of the logits after tokens 0 ... t for targets[t], in nats.

        Without `weights` it is their mean. No token sees a later one: a sequence may be filled up with any,
        whose weights are 0.

        Errors: as for a call, and ValueError for another number of targets or weights than of tokens.

        >>> round(CharRNN(27, 4, init="zeros").loss([26, 0], [0, 26]).data, 4)  # log(27)
        3.2958
        """
        return sequence_cross_entropy(self(tokens), targets, weights)

    def write(
        self,
        text: Text,
        count: int,
        *,
        temperature: float = 1.0,
        top_k: int | None = None,
        most: int = LONGEST,
        seed: int = 0,
    ) -> list[str]:
        """Return so many new words in the letters of a text, each of at most `most` letters.

        Each letter is drawn by `nn.writing.next_shares`, from `seed`, and read in turn.

        Errors: ValueError for a text of another number of tokens, TypeError for what is no Text; as
        `next_shares`.

        >>> CharRNN(3, 4, init="zeros").write(Text(["no", "on"]), 2, seed=9)
        ['oon', 'no']
        """
        of_kind("text", text, Text, "a Text, such as nn.first_names()")
        known = len(self.output.neurons)
        if known != text.tokens:
            raise ValueError(f"{self.describe()} knows {known} tokens, but {text!r} has {text.tokens}")
        count, most = size("count", count), size("most", most)
        draw = drawing(temperature, top_k, random.Random(whole("seed", seed)))

        def letters() -> Iterator[int]:
            token, state = text.end, None
            for _ in range(most):
                with paused_gc():
                    (logits,), state = self._read([token], state)
                state = as_numbers(state)
                token = draw(logits)
                yield token

        return [text.decode(letters()) for _ in range(count)]

    def describe(self) -> str:
        """Return the number of tokens and what reads them.

        >>> CharRNN(27, 16).describe()
        'CharRNN(27, GRU(16, 16))'
        """
        return f"{type(self).__name__}({len(self.output.neurons)}, {self.recurrent.describe()})"

    def _read(self, tokens: Sequence[int | Index], state: Any) -> tuple[list[list[Any]], Any]:
        """Return the logits after each token, and the state after the last."""
        hidden, state = self.recurrent(map(self.embedding, listed("tokens", tokens)), state)
        return [self.output(h) for h in hidden], state
