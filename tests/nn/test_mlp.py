"""MLPs beyond the plain ones: softmax at the end, dropout, initialisers."""

import math
import random

import pytest
from hypothesis import given, strategies as st

from engine import softmax, tanh
from nn import INITIALISERS, MLP, Layer, Neuron


def test_softmax_at_the_end_is_that_of_the_linear_scores():
    scores = MLP(2, [5, 3], rng=random.Random(0))
    shares = MLP(2, [5, 3], output="softmax", rng=random.Random(0))
    x = [0.5, -2.0]
    expected = [z.data for z in softmax(scores(x))]
    assert [z.data for z in shares(x)] == expected
    assert sum(expected) == pytest.approx(1.0)
    assert shares.ending is softmax
    assert MLP(2, [3], output=softmax).ending is softmax
    assert "Layer(5, 3, softmax)" in repr(shares)
    assert shares.layers[-1].neurons[0].describe() == "Neuron(5, linear)"


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (
            lambda: Neuron(2, activation="softmax"),
            r"looks at a whole layer.*Layer\(nin, nout, activation='softmax'\)",
        ),
        (lambda: Layer(2, 1, activation="softmax"), "needs at least 2, got nout=1"),
        (
            lambda: MLP(2, [3, 2], activation="softmax"),
            r"belongs to the last layer: MLP\(..., output='softmax'\)",
        ),
        (lambda: MLP(2, [2], init="hee"), "no initialiser is called 'hee'; did you mean 'he'"),
        (lambda: MLP(2, [2], dropout=1.0), "at least 0 and below 1, got 1.0"),
        (lambda: MLP(2, [2], dropout=-0.1), "at least 0 and below 1, got -0.1"),
        (lambda: MLP(2, [2], dropout=math.nan), "at least 0 and below 1, got nan"),
        (lambda: MLP(2, [4, 2])([0.0, 1.0], noise=[[1.0]]), r"of sizes \[4\], got sizes \[1\]"),
        (lambda: MLP(2, [4, 2])([0.0, 1.0], noise=[]), r"of sizes \[4\], got sizes \[\]"),
    ],
)
def test_refuses(act, message):
    with pytest.raises(ValueError, match=message):
        act()


def test_dropout_is_a_number():
    with pytest.raises(TypeError, match="dropout is a number, got '0.5'"):
        MLP(2, [2], dropout="0.5")


@given(st.floats(0.05, 0.9), st.integers(0, 999))
def test_noise_drops_its_share_and_scales_up_the_rest(rate, seed):
    model = MLP(2, [60, 40, 2], dropout=rate, init="zeros")
    masks = model.noise(random.Random(seed))
    assert [len(mask) for mask in masks] == [60, 40]
    kept = [m for mask in masks for m in mask if m]
    assert set(kept) == {1 / (1 - rate)}
    assert len(kept) / 100 == pytest.approx(1 - rate, abs=6 * math.sqrt(0.25 / 100))
    assert sum(kept) / 100 == pytest.approx(1.0, abs=6 * math.sqrt(rate / (1 - rate) / 100))


def test_a_call_with_noise_multiplies_the_hidden_answers_and_passes_gradients_the_same_way():
    model = MLP(2, [3, 1], activation="tanh", dropout=0.5, rng=random.Random(1))
    x, mask = [1.0, -0.5], [0.0, 2.0, 2.0]
    hidden = [tanh(sum(w.data * v for w, v in zip(n.w, x, strict=True))) for n in model.layers[0].neurons]
    out = model.layers[1].neurons[0]
    expected = sum(w.data * h * m for w, h, m in zip(out.w, hidden, mask, strict=True))
    answer = model(x, noise=[mask])
    assert answer.data == pytest.approx(expected, rel=1e-14)
    answer.backward()
    dropped, kept, _ = model.layers[0].neurons
    assert dropped.b.grad == 0.0 and [w.grad for w in out.w][0] == 0.0
    assert kept.b.grad == pytest.approx(2 * out.w[1].data * (1 - hidden[1] ** 2), rel=1e-12)


def test_the_mean_over_masks_is_the_call_without():
    model = MLP(1, [1, 1], activation="linear", dropout=0.25, rng=random.Random(1))
    rng = random.Random(0)
    answers = [model([1.0], noise=model.noise(rng)).data for _ in range(4000)]
    assert math.fsum(answers) / 4000 == pytest.approx(model([1.0]).data, rel=0.05)


def test_without_dropout_there_is_no_noise():
    assert MLP(2, [4, 1]).noise(random.Random(0)) is None
    assert "dropout" not in repr(MLP(2, [4, 1])) and "dropout=0.5" in repr(MLP(2, [4, 1], dropout=0.5))


@pytest.mark.parametrize("name", INITIALISERS)
def test_every_initialiser_by_name_is_its_function_with_the_layers_fans(name):
    model = MLP(3, [4, 2], init=name, rng=random.Random(5))
    rng = random.Random(5)
    expected = [INITIALISERS[name](rng, fan_in, fan_out) for fan_in, fan_out in [(3, 4)] * 12 + [(4, 2)] * 8]
    found = [w.data for layer in model.layers for neuron in layer.neurons for w in neuron.w]
    assert found == expected


def test_an_initialiser_of_ones_own():
    model = MLP(2, [2], init=lambda rng, fan_in, fan_out: fan_in / fan_out)
    assert {w.data for neuron in model.layers[0].neurons for w in neuron.w} == {1.0}
