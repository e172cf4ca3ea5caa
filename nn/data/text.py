"""Text: words, their alphabet, and the tokens that they are for a model."""

import random
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from nn.checked import of_kind, real
from nn.data.cells import listed
from nn.inputs import whole


@dataclass(frozen=True)
class Text:
    """Words, sorted and each there once, with the letters that they are made of.

    Token i is the letter alphabet[i]; the token after the last letter, `end`, ends a word. The alphabet is
    that of the words, sorted, unless a larger one is given. Sorted is as in a dictionary: accents count only
    between words that are the same without them.

    Errors: TypeError for a word or an alphabet that is no text; ValueError for no words, an empty one, or a
    letter that is not in the alphabet given.

    >>> text = Text(["no", "on", "no"])
    >>> text.words, text.alphabet, text.encode("on"), text.decode([0, 1, 2])
    (('no', 'on'), 'no', [1, 0, 2], 'no')
    """

    words: Sequence[str]
    alphabet: str = ""
    name: str = "text"
    description: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        words = listed("words", self.words)
        for i, word in enumerate(words):
            if not isinstance(word, str):
                raise TypeError(f"words[{i}] is no text: {word!r}")
            if not word:
                raise ValueError(f"words[{i}] is empty")
        if not words:
            raise ValueError("a Text has at least one word, got none")
        letters = set().union(*words)
        of_kind("alphabet", self.alphabet, str, "a text of letters")
        alphabet = self.alphabet or "".join(sorted(letters, key=_rank))
        if len(set(alphabet)) != len(alphabet):
            raise ValueError(f"each letter of the alphabet is there once, got {alphabet!r}")
        object.__setattr__(self, "words", tuple(sorted(set(words), key=_rank)))
        object.__setattr__(self, "alphabet", alphabet)
        for word in self.words if letters - set(alphabet) else ():
            self.encode(word)

    def __len__(self) -> int:
        return len(self.words)

    @property
    def end(self) -> int:
        """The token that ends a word.

        >>> Text(["no"]).end
        2
        """
        return len(self.alphabet)

    @property
    def tokens(self) -> int:
        """How many tokens there are: the letters and the end.

        >>> Text(["no"]).tokens
        3
        """
        return len(self.alphabet) + 1

    def encode(self, word: str) -> list[int]:
        """Return the tokens of a word, the last one being `end`.

        Errors: ValueError for a letter that is not in the alphabet, TypeError for what is no text.

        >>> Text(["no"]).encode("on")
        [1, 0, 2]
        """
        of_kind("a word", word, str, "a text")
        places = [self.alphabet.find(letter) for letter in word]
        if -1 in places:
            letter = word[places.index(-1)]
            raise ValueError(f"the letter {letter!r} of {word!r} is not in the alphabet {self.alphabet!r}")
        return [*places, self.end]

    def decode(self, tokens: Iterable[int]) -> str:
        """Return the word that the tokens before the first `end` spell.

        Errors: ValueError for a token that is not there, TypeError for what is no list of whole numbers.

        >>> Text(["no"]).decode([1, 0, 2, 1])
        'on'
        """
        word = ""
        of_kind("tokens", tokens, Iterable, "a list of whole numbers")
        for token in map(partial(whole, "a token"), tokens):
            if not 0 <= token <= self.end:
                raise ValueError(f"the tokens are 0 ... {self.end}, got {token!r}")
            if token == self.end:
                break
            word += self.alphabet[token]
        return word

    def split(self, test: float = 0.2, seed: int = 0) -> tuple["Text", "Text"]:
        """Return two Texts of the same alphabet: the words to train on, and the share to test on.

        Which words is drawn by `random.Random(seed)`.

        Errors: ValueError for a share that leaves a part without words; TypeError for one that is no number,
        or a seed that is no whole one.

        >>> [len(part) for part in Text(["a", "b", "c", "d"]).split(test=0.25)]
        [3, 1]
        """
        count = round(test * len(self)) if 0 < real("test", test) < 1 else 0
        if not 0 < count < len(self):
            raise ValueError(f"test is a share that leaves words on both sides of {len(self)}, got {test!r}")
        testing = set(random.Random(whole("seed", seed)).sample(self.words, count))
        train = [word for word in self.words if word not in testing]
        return replace(self, words=train), replace(self, words=list(testing))

    def __repr__(self) -> str:
        return f"Text({self.name!r}: {len(self)} words, {len(self.alphabet)} letters)"


def bare(word: str) -> str:
    """Return a word without what Unicode's canonical decomposition (NFD) sets above or below its letters.

    >>> bare("άϊς")
    'αις'
    """
    letters = unicodedata.normalize("NFD", word)
    return unicodedata.normalize("NFC", "".join([c for c in letters if unicodedata.category(c) != "Mn"]))


def _rank(word: str) -> tuple[str, str, str]:
    return bare(word), unicodedata.normalize("NFD", word), word
