"""Words as a model of the next token reads and writes them."""

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

from engine import paused_gc, record, select, softmax
from engine.carrier import as_number
from nn.checked import function, of_kind, positive
from nn.data import Samples, Text
from nn.data.cells import listed
from nn.inputs import size, whole

__all__ = ["next_shares", "samples", "tokens", "words"]

Following: TypeAlias = Callable[[list[int]], Sequence[Any]]
"""What answers the logits of the token that follows those seen."""

TEXT = "a Text, such as nn.first_names()"
"""What a text is, in errors about what is none."""
LONGEST = 30
"""So many letters has a word at most where nothing else ends it."""


def samples(text: Text, context: int | None = None) -> Samples:
    """Return (tokens, targets, weights) for each word of a text, each of `context` entries.

    The tokens are the end of the word before and the letters, the targets the letters and the end: what
    comes next after each. A word with n targets has n weights of 1/n; after them tokens and targets are ends
    of weight 0. Left out, the context is that of the longest word.

    Errors: TypeError for what is no Text, or a context that is no whole number; ValueError for one too short
    for a word.

    >>> samples(Text(["no", "o"])).samples[1]
    ((2, 1, 2), (1, 2, 2), (0.5, 0.5, 0.0))
    """
    of_kind("text", text, Text, TEXT)
    longest = max(text.words, key=len)
    room = len(longest) + 1 if context is None else size("context", context)
    if room <= len(longest):
        raise ValueError(
            f"a context of {room} is too short for the word {longest!r}: with its end it has "
            f"{len(longest) + 1} tokens"
        )
    return Samples(
        [_sample(text.encode(word), text.end, room) for word in text.words],
        name=text.name,
        description=text.description,
        source=text.source,
    )


def _sample(targets: list[int], end: int, room: int) -> tuple[list[int], list[int], list[float]]:
    count, left = len(targets), room - len(targets)
    padding = [end] * left
    return [end, *targets[:-1], *padding], [*targets, *padding], [1 / count] * count + [0.0] * left


def next_shares(logits: Iterable[Any], *, temperature: float = 1.0, top_k: int | None = None) -> list[float]:
    """Return the probability of each token: softmax(logits / temperature) over the top_k largest, else 0.

    Below a temperature of 1 the likely ones become likelier, above it all become more alike: Ackley, Hinton
    & Sejnowski (1985). Of equal logits top_k (Fan, Lewis & Dauphin 2018) keeps the earlier ones.

    Errors: ValueError for a temperature that is not positive and finite, a top_k below 1, a nan or no
    finite number among the logits; TypeError for what are no numbers.

    >>> next_shares([0.0, 0.0, -5.0], top_k=2)
    [0.5, 0.5, 0.0]
    """
    temperature = positive("the temperature", temperature)
    numbers = [float(as_number(z, "next_shares")) for z in listed("logits", logits)]
    largest = max(numbers, default=math.nan)
    if any(map(math.isnan, numbers)) or not math.isfinite(largest):
        raise ValueError(f"the next token is drawn by logits that are numbers, got {numbers}")
    count = len(numbers) if top_k is None else size("top_k", top_k)
    ranked = sorted(range(len(numbers)), key=numbers.__getitem__, reverse=True)
    kept = set(ranked[:count])
    return softmax([(z - largest) / temperature if i in kept else -math.inf for i, z in enumerate(numbers)])


def tokens(
    model: Any,
    start: Sequence[int],
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
) -> Iterator[int]:
    """Return an iterator over the tokens that a model writes after those of `start`, by `next_shares`.

    `model(tokens)` answers logits for each position, as a GPT does. Where it has a `context`, the last token
    is the one that follows so many.

    Errors: those of `next_shares`, and of the model for what it does not take; ValueError for a start that is
    longer than the context; TypeError for what is no model, or a start that is no list of whole numbers.

    >>> from itertools import islice
    >>> list(islice(tokens(lambda seen: [[0.0, 9.0]] * len(seen), [0], top_k=1), 3))
    [1, 1, 1]
    """
    draw, room = drawing(temperature, top_k, random.Random(whole("seed", seed))), _room(model)
    start = [whole("a token", token) for token in listed("start", start)]
    if len(start) > room:
        raise ValueError(
            f"a start of {len(start)} tokens is longer than the model's context of {room}: cut it off"
        )
    return _written(_eager(model), draw, start, room)


def words(
    model: Any,
    text: Text,
    count: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    most: int | None = None,
    seed: int = 0,
    executor: str = "eager",
) -> list[str]:
    """Return words that a model writes in the letters of a text: `tokens` after an end, up to the next end.

    A word ends, too, after `most` letters, and where the context of the model is full. If `most` is left out,
    it is 30 for a model without a context. With an `executor` of `engine.record` in place of "eager" the
    model, a causal Module with a `context`, as a GPT is, is recorded and replayed for each letter: that takes
    a moment, and pays for many words.

    Errors: those of `tokens` and of `engine.record`; ValueError for a count or a `most` below 1, and for a
    model of another number of tokens than the text has; TypeError for what is no model or no Text, and for a
    model to be recorded that has no context.

    >>> words(lambda seen: [[0.0, 9.0, 9.0 * len(seen)]] * len(seen), Text(["no"]), 2, top_k=1)
    ['o', 'o']
    """
    of_kind("text", text, Text, TEXT)
    count = size("count", count)
    draw, room = drawing(temperature, top_k, random.Random(whole("seed", seed))), _room(model)
    if most is None:
        longest = LONGEST if room == math.inf else None
    else:
        longest = size("most", most)
    following = _eager(model) if executor == "eager" else _replayed(model, executor)
    known = len(following([text.end]))
    if known != text.tokens:
        raise ValueError(f"the model knows {known} tokens, but {text!r} has {text.tokens}: letters and end")
    written = (_written(following, draw, [text.end], room) for _ in range(count))
    return [text.decode(islice(letters, longest)) for letters in written]


def _room(model: Any) -> float:
    """Return how many tokens a model takes at most."""
    function("a model", model, "a function of tokens, such as a GPT")
    return getattr(model, "context", math.inf)


def _eager(model: Any) -> Following:
    def following(seen: list[int]) -> Any:
        with paused_gc():
            return model(seen)[-1]

    return following


def _replayed(model: Any, executor: str) -> Following:
    """Return what replays a model for the whole of its context, of which the first tokens have been seen."""
    room = getattr(model, "context", None)
    if room is None:
        raise TypeError(
            f"with executor={executor!r} the model is recorded for its context, but {type(model).__name__} "
            "has none; leave executor out"
        )
    program = record(
        lambda seen, last: select(model(seen), last),
        *([0] * room, 0),
        parameters=model.parameters(),
        executor=executor,
    )
    return lambda seen: program([(seen + [0] * (room - len(seen)), len(seen) - 1)])[0]


def drawing(temperature: float, top_k: int | None, rng: random.Random) -> Callable[[Iterable[Any]], int]:
    """Return what draws a token by its logits, with the probabilities of `next_shares`.

    Errors: those of `next_shares`.

    >>> drawing(1.0, 1, random.Random(0))([0.0, 9.0])
    1
    """
    next_shares([0.0], temperature=temperature, top_k=top_k)  # refuses these before the first token is asked

    def draw(logits: Iterable[Any]) -> int:
        shares = next_shares(logits, temperature=temperature, top_k=top_k)
        return rng.choices(range(len(shares)), shares)[0]

    return draw


def _written(
    following: Following, draw: Callable[[Iterable[Any]], int], start: Sequence[int], room: float
) -> Iterator[int]:
    seen = list(start)
    while len(seen) <= room:
        seen.append(draw(following(seen)))
        yield seen[-1]
