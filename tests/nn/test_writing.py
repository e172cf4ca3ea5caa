"""Writing: samples padded to one shape, shares by temperature and rank, drawn as often, every refusal."""

import math
import random
from collections import Counter
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Value, softmax
from nn import first_names
from nn.characters import CharRNN
from nn.data import Text
from nn.gpt import GPT
from nn.writing import next_shares, samples, tokens, words

logits = st.lists(st.floats(-50, 50), min_size=1, max_size=8)
TEXT = Text(["no", "on", "one"])


@given(st.lists(st.text("abc", min_size=1, max_size=6), min_size=1, max_size=5), st.integers(0, 3))
def test_samples_are_the_words_padded(given, more):
    text = Text(given)
    context = max(map(len, given)) + 1 + more
    made = samples(text, context)
    assert len(made) == len(text)
    for word, (seen, targets, weights) in zip(text.words, made.samples, strict=True):
        count = len(word) + 1
        assert len(seen) == len(targets) == len(weights) == context
        assert seen == (text.end, *targets[: count - 1], *[text.end] * (context - count))
        assert text.decode(targets) == word and targets[count - 1 :] == (text.end,) * (context - count + 1)
        assert weights == (1 / count,) * count + (0.0,) * (context - count)


def test_samples_know_where_they_are_from():
    names = first_names("el")
    made = samples(names)
    assert (made.name, made.source) == (names.name, names.source)
    assert len(made.samples[0][0]) == max(map(len, names.words)) + 1


@given(logits, st.floats(0.01, 100))
def test_shares_are_the_softmax_of_logits_over_temperature(logits, temperature):
    found = next_shares(logits, temperature=temperature)
    assert found == pytest.approx(softmax([z / temperature for z in logits]), rel=1e-9, abs=1e-12)
    assert math.fsum(found) == pytest.approx(1.0)


@given(logits, st.integers(1, 10))
def test_top_k_keeps_the_largest(logits, k):
    found = next_shares(logits, top_k=k)
    kept = [i for i, share in enumerate(found) if share > 0]
    assert len(kept) == min(k, len(logits)) and math.fsum(found) == pytest.approx(1.0)
    assert min(logits[i] for i in kept) >= max(
        (z for i, z in enumerate(logits) if i not in kept), default=-99
    )
    whole = next_shares(logits)
    assert [found[i] / found[kept[0]] for i in kept] == pytest.approx(
        [whole[i] / whole[kept[0]] for i in kept]
    )


def test_equal_logits_rank_by_their_place():
    assert next_shares([1.0, 1.0, 1.0], top_k=1) == [1.0, 0.0, 0.0]


def test_extreme_temperatures_and_logits():
    assert next_shares([1.0, 2.0, 2.0], temperature=1e-300) == [0.0, 0.5, 0.5]
    assert next_shares([-800.0, 800.0], temperature=1e300) == [0.5, 0.5]
    assert next_shares([-math.inf, 0.0]) == [0.0, 1.0]
    assert next_shares([Value(1.0), np.float64(1.0)]) == [0.5, 0.5]


def frequent(seen):
    """A model of three tokens, the next by shares 0.5, 0.3, 0.2 whatever was seen."""
    return [[math.log(0.5), math.log(0.3), math.log(0.2)]] * len(seen)


def test_tokens_are_drawn_as_often_as_their_shares_say():
    drawn = Counter(islice(tokens(frequent, [0], seed=3), 20_000))
    assert [drawn[i] / 20_000 for i in range(3)] == pytest.approx([0.5, 0.3, 0.2], abs=0.015)


def test_the_seed_decides():
    first, again, other = (list(islice(tokens(frequent, [0], seed=seed), 50)) for seed in (1, 1, 2))
    assert first == again != other


def test_tokens_end_where_the_context_is_full():
    model = GPT(3, 4, 2, 1, 4, rng=random.Random(0))
    assert len(list(tokens(model, [0]))) == 4
    assert len(list(tokens(model, [0, 1, 2, 0]))) == 1


def test_each_token_is_told_by_those_before():
    seen = []

    def model(given):
        seen.append(list(given))
        return [[-99.0] * given[-1] + [0.0] + [-99.0] * (2 - given[-1])] * len(given)

    assert list(islice(tokens(model, [1, 2], top_k=1), 2)) == [2, 2]
    assert seen == [[1, 2], [1, 2, 2]]


def learnt(seen):
    """A model that knows the words of TEXT by heart: each letter that may follow is as likely."""
    word = "".join(TEXT.alphabet[token] for token in seen[1:])
    follow = {w[len(word)] if len(w) > len(word) else "" for w in TEXT.words if w.startswith(word)}
    right = {TEXT.alphabet.index(letter) if letter else TEXT.end for letter in follow}
    return [[0.0 if token in right else -math.inf for token in range(TEXT.tokens)]] * len(seen)


def test_words_are_written_to_their_end():
    found = words(learnt, TEXT, 50)
    assert set(found) == set(TEXT.words) and len(found) == 50
    assert words(learnt, TEXT, 20) == found[:20]


def test_a_word_ends_where_the_context_is_full():
    model = GPT(TEXT.tokens, 4, 2, 1, 4, rng=random.Random(0))
    for neuron in model.head.neurons[-1:]:
        for w in neuron.w:
            w.data = 0.0
    assert max(map(len, words(model, TEXT, 30))) == 4


def endless(seen):
    """A model without a context that never tells an end."""
    return [[0.0] + [-math.inf] * (TEXT.tokens - 1)] * len(seen)


def test_a_word_without_an_end_ends():
    assert words(endless, TEXT, 2) == [TEXT.alphabet[0] * 30] * 2
    assert words(CharRNN(TEXT.tokens, 4, init="zeros"), TEXT, 1, top_k=1) == [TEXT.alphabet[0] * 30]
    assert words(endless, TEXT, 2, most=3) == [TEXT.alphabet[0] * 3] * 2
    model = GPT(TEXT.tokens, 4, 2, 1, 40, init="zeros")
    assert words(model, TEXT, 1, top_k=1) == [TEXT.alphabet[0] * 40]  # so far its context goes
    assert words(model, TEXT, 1, top_k=1, most=5) == [TEXT.alphabet[0] * 5]
    assert words(model, TEXT, 1, top_k=1, most=50) == [TEXT.alphabet[0] * 40]


@pytest.mark.parametrize("count", [5, 9])
def test_a_start_longer_than_the_context_is_refused_as_the_model_does(count):
    model = GPT(3, 4, 2, 1, 4, rng=random.Random(0))
    with pytest.raises(ValueError, match=f"sequence of {count} tokens is longer than the context"):
        model([0] * count)
    with pytest.raises(ValueError, match=f"start of {count} tokens is longer than the model's context of 4"):
        tokens(model, [0] * count)


@pytest.mark.parametrize("executor", ["numpy", "python"])
def test_replayed_words_are_those_of_eager(executor):
    model = GPT(TEXT.tokens, 4, 2, 1, 6, rng=random.Random(0))
    eager = words(model, TEXT, 20, temperature=0.7, top_k=3, seed=5)
    assert words(model, TEXT, 20, temperature=0.7, top_k=3, seed=5, executor=executor) == eager


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: samples(TEXT, 3), ValueError, "context of 3 is too short for the word 'one'.* 4 tokens"),
        (lambda: samples(TEXT, 0), ValueError, "context is at least 1, got 0"),
        (lambda: samples(TEXT, 3.0), TypeError, "context is a whole number, got 3.0"),
        (lambda: next_shares([1.0], temperature=0), ValueError, "temperature must be positive .* got 0"),
        (lambda: next_shares([1.0], temperature=-1.0), ValueError, "temperature must be positive"),
        (lambda: next_shares([1.0], temperature="hot"), TypeError, "temperature is a number, got 'hot'"),
        (lambda: next_shares([1.0], top_k=0), ValueError, "top_k is at least 1, got 0"),
        (lambda: next_shares([1.0], top_k=1.5), TypeError, "top_k is a whole number, got 1.5"),
        (lambda: next_shares([]), ValueError, r"logits that are numbers, got \[\]"),
        (lambda: next_shares([0.0, math.nan]), ValueError, r"got \[0.0, nan\]"),
        (lambda: next_shares([-math.inf]), ValueError, r"got \[-inf\]"),
        (lambda: next_shares([0.0, math.inf]), ValueError, r"got \[0.0, inf\]"),
        (lambda: tokens(frequent, [0], temperature=0.0), ValueError, "temperature must be positive"),
        (lambda: words(frequent, Text(["no"]), 1, top_k=-1), ValueError, "top_k is at least 1, got -1"),
        (lambda: words(frequent, Text(["no"]), 0), ValueError, "count is at least 1, got 0"),
        (lambda: words(frequent, Text(["no"]), 1, most=0), ValueError, "most is at least 1, got 0"),
        (lambda: words(frequent, Text(["no"]), 1, most=2.5), TypeError, "most is a whole number, got 2.5"),
        (lambda: words(frequent, TEXT, 1), ValueError, r"knows 3 tokens, but Text\(.*\) has 4"),
        (lambda: words(frequent, TEXT, 1, executor="python"), TypeError, "but function has none; leave"),
        (lambda: list(tokens(GPT.micro(3), [])), ValueError, "at least one token, got an empty sequence"),
        (lambda: list(tokens(GPT.micro(3), [3])), ValueError, "token 3 is outside the vocabulary"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
