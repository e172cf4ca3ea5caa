"""Attention: the lecture's numbers, PyTorch's values and gradients, no route from the future, refusals."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine import Stepper, Value, chain_rule, dot, draw, paths, record, watch
from engine.check import check_gradients
from nn.attention import (
    Head,
    MultiHeadAttention,
    TransformerBlock,
    attention,
    attention_weights,
)
from tests.nn.torchs import (
    assert_same,
    biases,
    close,
    flat,
    numbers,
    rows,
    stirred,
    tensor,
    torch,
    weights,
)

seeds = st.integers(0, 10**6)
KEYS, VALUES = [(2.0, 0.0), (0.0, 2.0), (1.0, 1.0)], [(10.0,), (20.0,), (30.0,)]
"""Those of the lecture, for the query (1, 0)."""


def test_the_numbers_of_the_lecture():
    query = [Value(1.0), Value(0.0)]
    ((mean,),) = attention([query], KEYS, VALUES)
    assert mean.data == pytest.approx(17.080, abs=5e-4)
    (shares,) = attention_weights([query], KEYS)
    assert numbers(shares) == pytest.approx([0.576, 0.140, 0.284], abs=5e-4)
    mean.backward()
    exponentials = {step.node for step in chain_rule(mean) if step.node.op.name == "exp_sub"}
    scores = {round(node.x.data, 3): node.x.grad for node in exponentials}
    expected = {1.414: -4.078, 0.0: 0.409, 0.707: 3.669}
    assert scores == pytest.approx(expected, abs=5e-4)
    assert math.fsum(scores.values()) == pytest.approx(0.0, abs=1e-12)


def test_the_exercise_of_the_lecture():
    ((mean,),) = attention([(0.0, 1.0)], KEYS, VALUES)
    assert mean == pytest.approx(21.440, abs=5e-4)


@settings(max_examples=50)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.booleans(), seeds)
def test_attention_is_torchs(time, places, depth, width, causal, seed):
    rng = random.Random(seed)
    places = time if causal else places
    given = rows(rng, time, depth), rows(rng, places, depth), rows(rng, places, width)
    leaves = [tensor(part) for part in given]
    theirs = torch().nn.functional.scaled_dot_product_attention(*leaves, is_causal=causal)
    assert_same(attention(*given, causal=causal), theirs, list(zip(given, leaves, strict=True)))


@given(st.integers(1, 4), st.integers(1, 4), seeds)
def test_weights_are_shares_of_1(time, depth, seed):
    rng = random.Random(seed)
    queries, keys = numbers(rows(rng, time, depth)), numbers(rows(rng, time, depth))
    for t, shares in enumerate(attention_weights(queries, keys, causal=True)):
        assert len(shares) == t + 1 and min(shares) > 0 and math.fsum(shares) == pytest.approx(1.0)


def held_to_torch(ours, xs, *, bias=False, read=weights):
    """Hold a MultiHeadAttention to PyTorch's, its answers, weights and all gradients.

    `read` tells the weights of a layer of ours.
    """
    width, heads = len(xs[0]), ours.heads
    theirs = torch().nn.MultiheadAttention(
        width, len(heads), bias=bias, batch_first=True, dtype=torch().float64
    )
    layers = [[getattr(head, name) for head in heads] for name in "qkv"]
    leaves = [
        ([read(layer) for part in layers for layer in part], theirs.in_proj_weight),
        (read(ours.o), theirs.out_proj.weight),
    ]
    if bias:
        leaves.append(([biases(layer) for part in layers for layer in part], theirs.in_proj_bias))
        leaves.append((biases(ours.o), theirs.out_proj.bias))
    with torch().no_grad():
        for values, leaf in leaves:
            leaf.copy_(tensor(flat(values)).reshape(leaf.shape))
    x, time = tensor(xs), len(xs)
    mask = torch().ones(time, time, dtype=bool).triu(1) if heads[0].causal else None
    answer, shares = theirs(
        x[None], x[None], x[None], attn_mask=mask, need_weights=True, average_attn_weights=False
    )
    for head, theirs_of_head in zip(heads, shares[0], strict=True):
        for row, expected in zip(head.weights(xs), theirs_of_head.tolist(), strict=True):
            assert [*numbers(row), *[0.0] * (time - len(row))] == close(expected)
    assert_same(ours(xs), answer[0], [(xs, x), *leaves])


@settings(max_examples=50)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.booleans(), st.booleans(), seeds)
def test_multi_head_attention_is_torchs(time, heads, depth, causal, bias, seed):
    rng = random.Random(seed)
    ours = stirred(rng, MultiHeadAttention(heads * depth, heads, causal=causal, bias=bias))
    held_to_torch(ours, rows(rng, time, heads * depth), bias=bias)


@pytest.mark.parametrize("name", ["q", "k", "v", "o"])
def test_a_planted_transposed_weight_is_caught(name):
    rng = random.Random(0)
    ours, xs = stirred(rng, MultiHeadAttention(3, 1)), rows(rng, 4, 3)
    faulty = ours.o if name == "o" else getattr(ours.heads[0], name)

    def read(layer):
        return list(zip(*weights(layer), strict=True)) if layer is faulty else weights(layer)

    with pytest.raises(AssertionError):
        held_to_torch(ours, xs, read=read)


def test_a_planted_look_into_the_future_is_caught():
    rng = random.Random(0)
    ours = stirred(rng, MultiHeadAttention(4, 2, causal=True))
    ours.heads[1].causal = False
    with pytest.raises(AssertionError):
        held_to_torch(ours, rows(rng, 3, 4))


def block_in_torch(block, x, norm, activation, leaves):
    """Return what PyTorch's functions make of a block; note the leaves that they make."""
    functional, width = torch().nn.functional, x.shape[1]
    heads, time = block.attention.heads, len(x)

    def leaf(values):
        leaves.append((values, tensor(values)))
        return leaves[-1][1]

    def mapped(y, layer):
        bias = None if layer.neurons[0].b is None else leaf(biases(layer))
        return functional.linear(y, leaf(weights(layer)), bias)

    def normed(y, ours):
        if norm == "rms":
            return functional.rms_norm(y, (width,), leaf(ours.g), eps=1e-5)
        return functional.layer_norm(y, (width,), leaf(ours.rms.g), leaf(ours.b), eps=1e-5)

    y = normed(x, block.attention_norm)
    q, k, v = (torch().stack([mapped(y, getattr(head, name)) for head in heads]) for name in "qkv")
    seen = functional.scaled_dot_product_attention(q, k, v, is_causal=heads[0].causal)
    x = x + mapped(seen.transpose(0, 1).reshape(time, width), block.attention.o)
    inner = getattr(functional, activation)(mapped(normed(x, block.perceptron_norm), block.up))
    return x + mapped(inner, block.down)


@settings(max_examples=30)
@given(st.integers(1, 4), st.integers(1, 2), st.integers(1, 2), st.booleans(), st.booleans(), seeds)
@pytest.mark.parametrize(("norm", "activation"), [("rms", "relu"), ("layer", "gelu")])
def test_a_block_is_torchs(norm, activation, time, heads, depth, causal, bias, seed):
    rng = random.Random(seed)
    block = stirred(
        rng,
        TransformerBlock(
            heads * depth, heads, causal=causal, norm=norm, activation=activation, bias=bias
        ),
    )  # fmt: skip
    xs, leaves = rows(rng, time, heads * depth), []
    x = tensor(xs)
    theirs = block_in_torch(block, x, norm, activation, leaves)
    assert len(flat([values for values, _ in leaves])) == len(block.parameters())
    assert_same(block(xs), theirs, [(xs, x), *leaves])


@pytest.mark.parametrize("make", [Head, MultiHeadAttention, TransformerBlock])
def test_the_gradients_are_right(make):
    part = stirred(random.Random(3), make(2, 1))
    report = check_gradients(
        lambda xs: dot([1.0, -2.0], [v for row in part(xs) for v in row][-2:]), [[0.5, -1.5], [2.0, 0.25]]
    )
    assert report.verdict == "right"


@pytest.mark.parametrize("make", [MultiHeadAttention, TransformerBlock])
def test_no_route_leads_from_the_future(make):
    rng = random.Random(0)
    xs = rows(rng, 3, 4)
    answers = stirred(rng, make(4, 2))(xs)
    for t, row in enumerate(answers):
        for s, seen in enumerate(xs):
            counts = {paths(y, x).count for y in row for x in seen}
            assert counts == {0} if s > t else 0 not in counts


@pytest.mark.parametrize("form", [np.array, lambda xs: map(iter, xs), lambda xs: (row for row in xs)])
def test_rows_may_be_arrays_or_gone_through_once(form):
    rng = random.Random(0)
    queries, keys, values = (numbers(rows(rng, 3, width)) for width in (2, 2, 4))
    for causal in (False, True):
        expected = attention(queries, keys, values, causal=causal)
        assert attention(*map(form, (queries, keys, values)), causal=causal) == expected
        expected = attention_weights(queries, keys, causal=causal)
        assert attention_weights(form(queries), form(keys), causal=causal) == expected
    for make in (Head, MultiHeadAttention, TransformerBlock):
        part = stirred(rng, make(4, 2))
        assert numbers(part(form(values))) == numbers(part(values))
        if make is not MultiHeadAttention:
            assert numbers(part.weights(form(values))) == numbers(part.weights(values))


def test_the_order_of_rows_is_unknown_where_attention_is_not_causal():
    rng = random.Random(0)
    whole, xs = MultiHeadAttention(4, 2, causal=False, rng=rng), rows(rng, 3, 4)
    answers, turned = numbers(whole(xs)), numbers(whole(xs[::-1]))
    assert flat(turned[::-1]) == pytest.approx(flat(answers), rel=1e-12)


@pytest.mark.parametrize("make", [MultiHeadAttention, TransformerBlock])
def test_a_part_compiles(make):
    rng = random.Random(0)
    part = stirred(rng, make(4, 2))
    example, mix = numbers(rows(rng, 3, 4)), [rng.uniform(-1, 1) for _ in range(12)]

    def mixed(xs):
        return dot(mix, [v for row in part(xs) for v in row])

    program = record(mixed, example, parameters=part)
    expected = mixed(example)
    expected.backward()
    value, found = program.value_and_grad([example])
    assert value == pytest.approx(expected.data, rel=1e-12)
    assert list(found) == pytest.approx([p.grad for p in part.parameters()], rel=1e-10, abs=1e-12)


def test_a_head_is_stepped_and_drawn():
    rng = random.Random(0)
    head, xs = Head(2, 1, rng=rng), rows(rng, 2, 2)
    with watch():
        answers = head(xs)
    y = answers[1][0]
    stepper = Stepper(y).end()
    y.backward()
    assert stepper.gradients()["v.neurons[0].w[0]"] == head.v.neurons[0].w[0].grad != 0.0
    picture = draw(y).svg
    assert all(f">{text}<" in picture for text in ("Head(2, 1, causal), 6 parameters", "q", "k", "v"))


def test_the_tree():
    assert repr(MultiHeadAttention(4, 2)).splitlines()[:3] == [
        "MultiHeadAttention(4, 2)                              64",
        "├─ heads[0…1] Head(4, 2, causal) × 2                  24 each",
        "│  ├─ q Layer(4, 2)                                    8",
    ]
    assert Head(4, 2, causal=False).describe() == "Head(4, 2)"


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: MultiHeadAttention(6, 4), ValueError, "6 is not divisible by 4 heads"),
        (lambda: MultiHeadAttention(0, 1), ValueError, "width is at least 1, got 0"),
        (lambda: MultiHeadAttention(4, 0), ValueError, "heads is at least 1, got 0"),
        (lambda: TransformerBlock(4, 3), ValueError, "4 is not divisible by 3 heads"),
        (lambda: TransformerBlock(4, 2, norm="batch"), ValueError, "no norm is called 'batch'"),
        (lambda: TransformerBlock(4, 2)([]), ValueError, "queries are rows .* at least one .* got none"),
        (lambda: TransformerBlock(4, 2)([(1.0,)]), ValueError, r"RMSNorm\(4\) takes 4 numbers, got 1"),
        (lambda: attention([(1.0, 0.0)], KEYS, []), ValueError, "values are rows .* at least one"),
        (lambda: attention([(1.0,)], KEYS, VALUES), ValueError, "queries of 1 and keys of 2 numbers"),
        (lambda: attention([(1.0, 0.0)], KEYS, VALUES[:2]), ValueError, "got 3 keys, 2 values"),
        (
            lambda: attention([(1.0, 0.0)], KEYS, VALUES, causal=True),
            ValueError,
            "as many queries as keys, got 1 and 3",
        ),
        (lambda: attention(["12"], KEYS, VALUES), TypeError, "queries are rows, .* got '12'"),
        (lambda: attention([(1.0, 0.0)], KEYS, [10.0, 20.0, 30.0]), TypeError, "values are rows.* got 10.0"),
        (
            lambda: attention_weights([(1.0, 0.0)], [*KEYS, (1.0,)]),
            ValueError,
            r"keys are rows of one width.* got rows of 1 and 2 numbers",
        ),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
