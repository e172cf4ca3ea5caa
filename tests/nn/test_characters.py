"""CharRNN: torch's loss and gradients, padding, what it learns and writes, every refusal."""

import math
import random
from collections import Counter
from statistics import fmean

import pytest
from hypothesis import given, settings, strategies as st

from engine import Value, record
from nn import Adam, AdamW, cosine, first_names, fit
from nn.characters import CharRNN
from nn.data import Text
from nn.recurrent import GRU, LSTM, RECURRENT, RNN
from nn.writing import samples, words
from tests.nn.test_recurrent import moved, torchs_tensors

NAMES = sorted(RECURRENT)
TEXT = Text(["anna", "nana", "mina", "nina"])


def made(rng, cell, tokens=4, hidden=3, **options):
    return moved(CharRNN(tokens, hidden, cell=cell, rng=rng, **options), rng)


def assert_torchs(model, tokens, targets, weights, shifted=0):
    """Check a model's loss and gradients against torch's; `shifted` turns torch's targets into others."""
    torch = pytest.importorskip("torch")
    kind = {RNN: torch.nn.RNN, LSTM: torch.nn.LSTM, GRU: torch.nn.GRU}[type(model.recurrent)]
    rows = torch.tensor([[v.data for v in r] for r in model.embedding.rows], dtype=torch.float64)
    (cell,) = model.recurrent.cells
    network = kind(cell.inputs, cell.hidden).double()
    with torch.no_grad():
        for place, numbers in zip(network.parameters(), torchs_tensors(torch, cell), strict=True):
            place.copy_(numbers)
    head = [
        torch.tensor([[w.data for w in neuron.w] for neuron in model.output.neurons], dtype=torch.float64),
        torch.tensor([neuron.b.data for neuron in model.output.neurons], dtype=torch.float64),
    ]
    for leaf in (rows, *head):
        leaf.requires_grad_()
    hidden, _ = network(rows[tokens])
    logits = torch.nn.functional.linear(hidden, *head)
    aims = torch.tensor([(target + shifted) % len(rows) for target in targets])
    losses = torch.nn.functional.cross_entropy(logits, aims, reduction="none")
    expected = (losses * torch.tensor(weights, dtype=torch.float64)).sum()
    expected.backward()
    model.zero_grad()
    loss = model.loss(tokens, targets, weights)
    loss.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-10)
    for ours, theirs in zip(
        [
            [[v.grad for v in r] for r in model.embedding.rows],
            [[w.grad for w in neuron.w] for neuron in model.output.neurons],
            [neuron.b.grad for neuron in model.output.neurons],
            *[t.tolist() for t in torchs_tensors(torch, cell, of=lambda p: p.grad)[:2]],
        ],
        [rows.grad, head[0].grad, head[1].grad, network.weight_ih_l0.grad, network.weight_hh_l0.grad],
        strict=True,
    ):
        assert torch.tensor(ours, dtype=torch.float64).flatten().tolist() == pytest.approx(
            theirs.flatten().tolist(), rel=1e-10, abs=1e-10
        )


token = st.integers(0, 3)
lessons = st.lists(st.tuples(token, token, st.floats(0, 1)), min_size=1, max_size=5)


@pytest.mark.parametrize("cell", NAMES)
@settings(max_examples=25)
@given(seed=st.integers(0, 999), lesson=lessons, width=st.integers(1, 3))
def test_loss_and_gradients_are_torchs(cell, seed, lesson, width):
    assert_torchs(made(random.Random(seed), cell, width=width), *map(list, zip(*lesson, strict=True)))


@pytest.mark.parametrize("cell", NAMES)
def test_a_shifted_target_is_caught(cell):
    model = made(random.Random(0), cell)
    lesson = [3, 0, 1], [0, 1, 3], [0.5, 0.25, 0.25]
    assert_torchs(model, *lesson)
    with pytest.raises(AssertionError):
        assert_torchs(model, *lesson, shifted=1)


@pytest.mark.parametrize("cell", NAMES)
@given(seed=st.integers(0, 999), padding=st.lists(token, max_size=3))
def test_padding_changes_nothing(cell, seed, padding):
    model, found = made(random.Random(seed), cell, layers=2), []
    for filling in ([], padding):
        model.zero_grad()
        loss = model.loss([3, 0, *filling], [0, 1, *filling], [0.5, 0.5, *[0.0] * len(filling)])
        loss.backward()
        found.append([loss.data, *[p.grad for p in model.parameters()]])
    assert found[0] == found[1]


def test_no_logits_depend_on_a_later_token():
    model = made(random.Random(0), "gru")
    whole, part = model([3, 0, 1]), model([3, 0])
    assert [[z.data for z in logits] for logits in whole[:2]] == [[z.data for z in logits] for logits in part]


@pytest.mark.parametrize("executor", ["python", "numpy"])
@pytest.mark.parametrize("cell", NAMES)
def test_recorded_it_is_the_same(cell, executor):
    model = made(random.Random(0), cell, TEXT.tokens)
    batch = samples(TEXT).samples
    program = record(model.loss, *batch[0], parameters=model.parameters(), executor=executor)
    value, gradient = program.value_and_grad(list(batch))
    losses = [model.loss(*sample) for sample in batch]
    sum(losses, Value(0.0)).backward()
    assert value == pytest.approx(fmean(loss.data for loss in losses), rel=1e-12)
    expected = [p.grad / len(batch) for p in model.parameters()]
    assert list(gradient) == pytest.approx(expected, rel=1e-11, abs=1e-13)


def test_without_weights_it_is_the_mean():
    model = made(random.Random(0), "lstm")
    assert model.loss([3, 0], [0, 3]).data == model.loss([3, 0], [0, 3], [0.5, 0.5]).data


def test_it_learns_words_by_heart_and_writes_them():
    model = CharRNN(TEXT.tokens, 12, rng=random.Random(0))
    training = fit(
        model, samples(TEXT), epochs=120, batch_size=4, optimizer=Adam(model.parameters(), 0.05),
        executor="numpy", progress=False,
    ).run()  # fmt: skip
    assert training.history[0].loss == pytest.approx(math.log(TEXT.tokens), abs=0.3)
    assert training.history[-1].loss < 0.45  # no model knows the first letter: log(4) / 5 is 0.28, and more
    written = model.write(TEXT, 40)
    assert set(TEXT.words) <= set(written)
    assert written.count("anna") + sum(word in TEXT.words for word in written) > 20
    assert set(model.write(TEXT, 3, top_k=1)) <= set(TEXT.words)


def test_writing_is_reading_again_what_was_written():
    model = made(random.Random(0), "lstm", TEXT.tokens)
    for options in ({}, {"most": 4}, {"temperature": 3.0, "top_k": 3, "most": 40}):
        for seed in range(5):
            assert model.write(TEXT, 3, seed=seed, **options) == words(model, TEXT, 3, seed=seed, **options)


def test_a_seed_a_temperature_and_the_longest_word():
    model = made(random.Random(0), "gru", TEXT.tokens)
    assert model.write(TEXT, 5, seed=1) == model.write(TEXT, 5, seed=1) != model.write(TEXT, 5, seed=2)
    cold = model.write(TEXT, 3, temperature=1e-3, most=8)
    assert len(set(cold)) == 1 and cold[:1] == model.write(TEXT, 1, top_k=1, most=8)
    assert max(map(len, model.write(TEXT, 30, temperature=100.0, most=3))) == 3


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: CharRNN(1, 4), ValueError, "at least 2 to choose from, got tokens=1"),
        (lambda: CharRNN(4, 0), ValueError, "hidden is at least 1, got 0"),
        (lambda: CharRNN(4, 2, cell="gur"), ValueError, "no cell is called 'gur'; did you mean 'gru'"),
        (lambda: CharRNN(4, 2)([]), ValueError, "a sequence of at least one time"),
        (lambda: CharRNN(4, 2)([4]), ValueError, "token 4 is outside the vocabulary"),
        (lambda: CharRNN(4, 2)("ab"), TypeError, "tokens: a list is needed, got 'ab'"),
        (lambda: CharRNN(4, 2)([True]), TypeError, "a token is a whole number, got True"),
        (lambda: CharRNN(4, 2).loss([0], [1, 2], [1.0]), ValueError, "has a target, got 1 times, 2 targets"),
        (lambda: CharRNN(4, 2).loss([0], [4]), ValueError, r"label 4 is outside 0 \.\.\. 3"),
        (lambda: CharRNN(4, 2).write(TEXT, 1), ValueError, "knows 4 tokens, but Text.* has 5"),
        (lambda: CharRNN(5, 2).write(TEXT, 0), ValueError, "count is at least 1, got 0"),
        (lambda: CharRNN(5, 2).write(TEXT, 1, most=0), ValueError, "most is at least 1, got 0"),
        (lambda: CharRNN(5, 2).write(TEXT, 1, temperature=0.0), ValueError, "temperature must be positive"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


def bigrams(text, others):
    """Return the loss on `others` of the share that each letter has after the one before it in a text."""
    pairs, firsts = Counter(), Counter()
    for tokens, targets, weights in samples(text).samples:
        for pair in [(a, b) for a, b, w in zip(tokens, targets, weights, strict=True) if w]:
            pairs[pair] += 1
            firsts[pair[0]] += 1
    return fmean(
        -math.fsum(
            w * math.log(pairs[a, b] / firsts[a])
            for a, b, w in zip(tokens, targets, weights, strict=True)
            if w
        )
        for tokens, targets, weights in samples(others).samples
    )


@pytest.mark.slow
def test_greek_names_are_better_foretold_than_by_the_letter_before():
    text = first_names("el", accents=False)
    train, held = text.split(test=0.1, seed=0)
    model, epochs, size = CharRNN(text.tokens, 32, rng=random.Random(0)), 10, 16
    updates = epochs * -(-len(train) // size)
    training = fit(
        model, samples(train, 16), epochs=epochs, batch_size=size, validation=samples(held, 16), clip=5.0,
        optimizer=AdamW(model.parameters(), cosine(0.01, over=updates), weight_decay=0.01), progress=False,
    ).run()  # fmt: skip
    written, bar = model.write(text, 200), bigrams(text, held)
    print(f"\nheld out: {training.history[-1].validation_loss:.3f}, bigrams of all names: {bar:.3f}")
    print(*written[:20])
    assert training.history[-1].validation_loss < bar
    assert fmean("ς" not in word[:-1] for word in written) > 0.95
    assert sum(word in text.words for word in written) < 20
