"""Embedding: PyTorch's rows and gradients, the recorded token, every refusal."""

import random

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import dot, record
from engine.check import check_gradients
from nn.embedding import Embedding
from nn.neuron import Layer
from tests.nn.torchs import assert_same, numbers, stirred, tensor, torch


def held_to_torch(table, tokens, weight):
    """Hold the rows of tokens, and their gradients, to PyTorch's embedding by a weight."""
    theirs = torch().nn.functional.embedding(torch().tensor(tokens), weight)
    assert_same([table(token) for token in tokens], theirs, [(table.rows, weight)])


@given(st.integers(1, 5), st.integers(1, 4), st.data(), st.integers())
def test_values_and_gradients_are_torchs(tokens, width, data, seed):
    table = stirred(random.Random(seed), Embedding(tokens, width))
    seen = data.draw(st.lists(st.integers(0, tokens - 1), min_size=1, max_size=6))
    held_to_torch(table, seen, tensor(table.rows))


def test_a_planted_transposed_table_is_caught():
    table = stirred(random.Random(0), Embedding(3, 3))
    with pytest.raises(AssertionError):
        held_to_torch(table, [0, 2, 2], tensor(list(zip(*table.rows, strict=True))))


def test_it_is_a_layer_without_biases_on_a_vector_that_is_1_at_the_token():
    table = Embedding(3, 2, rng=random.Random(0))
    layer = Layer(3, 2, activation="linear", bias=False)
    for neuron, column in zip(layer.neurons, zip(*table.rows, strict=True), strict=True):
        neuron.w = list(column)
    assert numbers(layer([0.0, 1.0, 0.0])) == numbers(table(1))


def test_the_token_may_be_recorded():
    table = Embedding(4, 3, rng=random.Random(0))
    program = record(lambda token: dot([1.0, 2.0, 4.0], table(token)), 0, parameters=table)
    value, gradient = program.value_and_grad([2])
    assert value == pytest.approx(sum(f * v.data for f, v in zip((1, 2, 4), table.rows[2], strict=True)))
    assert list(gradient) == [*[0.0] * 6, 1.0, 2.0, 4.0, *[0.0] * 3]
    with pytest.raises(IndexError, match=r"token is 4, outside of its table: 0 \.\.\. 3"):
        program.value_and_grad([4])


def test_the_gradients_are_right():
    table = Embedding(3, 2, rng=random.Random(0))
    report = check_gradients(lambda x: dot(table(1), table(1)) * x + dot(table(0), table(1)), 1.5)
    assert report.verdict == "right"


def test_initialisers_are_told_the_fans():
    assert (
        numbers(Embedding(2, 3, init=lambda rng, fan_in, fan_out: 10.0 * fan_in + fan_out).rows)
        == [[13.0] * 3] * 2
    )


def test_names_and_numpys_tokens():
    table = Embedding(2, 2)
    assert list(table.named_parameters()) == ["rows[0][0]", "rows[0][1]", "rows[1][0]", "rows[1][1]"]
    assert table(np.int64(1)) == table.rows[1]
    assert repr(table).startswith("Embedding(2, 2)  4")


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (
            lambda: Embedding(3, 2)(3),
            ValueError,
            r"token 3 is outside the vocabulary: Embedding\(3, 2\) knows the tokens 0 \.\.\. 2",
        ),
        (lambda: Embedding(3, 2)(-1), ValueError, "token -1 is outside the vocabulary"),
        (lambda: Embedding(3, 2)("a"), TypeError, "a token is a whole number, got 'a'"),
        (lambda: Embedding(3, 2)(1.0), TypeError, "a token is a whole number, got 1.0"),
        (lambda: Embedding(3, 2)(True), TypeError, "a token is a whole number, got True"),
        (lambda: Embedding(3, 2)(np.bool_(True)), TypeError, "a token is a whole number, got .*True"),
        (lambda: Embedding(0, 2), ValueError, "tokens is at least 1, got 0"),
        (lambda: Embedding(2, 0), ValueError, "width is at least 1, got 0"),
        (lambda: Embedding(2, 2, init="xavir"), ValueError, "no initialiser is called 'xavir'"),
        (lambda: Embedding(2, 2, rng=5), TypeError, r"rng is a random.Random, got 5"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
