"""Backpropagation through time: chunks against the whole, the lecture's numbers, gradients at each time."""

import math
import random

import pytest
from hypothesis import given, strategies as st

from engine import RecordError, Value, births, detach, paths, record
from engine.chain import order
from engine.ops import sum as total
from nn import Adam
from nn.recurrent import GRU, LSTM, RECURRENT, RNN, LSTMCell, RNNCell
from nn.through_time import as_numbers, gradient_norms, truncated

NAMES = sorted(RECURRENT)


def square(hidden, target):
    return (hidden[0] - target) ** 2


def detached(state):
    return type(state)(map(detached, state)) if isinstance(state, (list, tuple)) else detach(state)


def linear(w, x=1.0):
    """Return h ← w h + x · input, with no bias."""
    rnn = RNN(1, 1, activation="linear", init="zeros")
    rnn.cells[0].layer.neurons[0].w[0].data, rnn.cells[0].layer.neurons[0].w[1].data = x, w
    return rnn


# chunks


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 999), times=st.integers(1, 6), chunk=st.integers(1, 7))
def test_chunks_are_the_graph_with_detached_states(name, seed, times, chunk):
    rng = random.Random(seed)
    network = RECURRENT[name](1, 2, layers=2, rng=rng)
    xs, ys = ([rng.gauss(0, 1) for _ in range(times)] for _ in "xy")
    parts = list(truncated(network, xs, ys, chunk, loss=square))
    for part in parts:
        part.backward()
    got = [p.grad for p in network.parameters()]
    network.zero_grad()
    losses, state = [], None
    for first in range(0, times, chunk):
        hidden, state = network(xs[first : first + chunk], state)
        losses += [square(h, y) for h, y in zip(hidden, ys[first:], strict=False)]
        state = detached(state)
    whole = total(losses)
    whole.backward()
    assert len(parts) == -(-times // chunk)
    assert math.fsum(part.data for part in parts) == pytest.approx(whole.data, rel=1e-12)
    assert got == pytest.approx([p.grad for p in network.parameters()], rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 999), times=st.integers(1, 5))
def test_one_chunk_is_the_full_gradient(name, seed, times):
    rng = random.Random(seed)
    network = RECURRENT[name](1, 2, rng=rng)
    xs, ys = ([rng.gauss(0, 1) for _ in range(times)] for _ in "xy")
    hidden, _ = network(xs)
    total([square(h, y) for h, y in zip(hidden, ys, strict=True)]).backward()
    expected = [p.grad for p in network.parameters()]
    network.zero_grad()
    (loss,) = truncated(network, xs, ys, times, loss=square)
    loss.backward()
    assert [p.grad for p in network.parameters()] == expected
    assert any(expected)


def test_shorter_chunks_lose_what_lies_further_back():
    gradients = []
    for chunk in (3, 1):
        rnn = linear(0.5)
        for loss in truncated(rnn, [1.0, 2.0, 3.0], [0.0] * 3, chunk, loss=lambda h, y: h[0] - y):
            loss.backward()
        gradients.append(rnn.cells[0].layer.neurons[0].w[1].grad)
    # ∂h₂/∂w = h₁ = 1, ∂h₃/∂w = h₂ + w h₁ = 3; cut at each time: h₁ and h₂ alone
    assert gradients == [4.0, 3.5]


def test_the_graph_does_not_grow_and_the_parameters_may_move():
    network = GRU(1, 2, rng=random.Random(0))
    optimizer = Adam(network.parameters(), 0.05)
    xs = [math.sin(0.3 * t) for t in range(301)]
    losses, nodes = [], set()
    for loss in truncated(network, xs[:-1], xs[1:], 20, loss=square):
        nodes.add(len(order(loss)))
        network.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.data)
    assert len(losses) == 15 and len(nodes) <= 2  # the first chunk starts at plain zeros, too
    assert losses[-1] < 0.5 * losses[0]


def test_a_recording_refuses_what_would_be_frozen():
    rnn = linear(0.5)

    def loss(xs):
        return total(list(truncated(rnn, xs, [0.0] * 4, 2, loss=square)))

    with pytest.raises(RecordError, match="turns a recorded number into a plain one"):
        record(loss, [0.1, 0.2, 0.3, 0.4], parameters=rnn.parameters())


def test_numbers_keep_the_form_of_a_state():
    assert as_numbers([([Value(1.0)], [2]), [Value(3.0)]]) == [([1.0], [2.0]), [3.0]]


# the lecture's numbers


def test_a_recurrence_by_hand():
    rnn = linear(0.5)
    xs = [Value(1.0), Value(2.0), Value(3.0)]
    hidden, _ = rnn(xs)
    assert [h[0].data for h in hidden] == [1.0, 2.5, 4.25]
    hidden[-1][0].backward()
    w = rnn.cells[0].layer.neurons[0].w[1]
    assert w.grad == 3.0 and xs[0].grad == 0.25
    routes = paths(hidden[-1][0], w)
    assert routes.total == 3.0
    assert sorted(route.product for route in routes.routes) == [0.0, 0.5, 2.5]  # w·w·h₀, w·h₁, h₂


def test_the_weight_that_leaves_a_hundredth_of_the_gradient():
    xs = [Value(4.0), Value(0.0), Value(1.0)]
    rnn = linear(0.1)
    hidden, _ = rnn(xs)
    hidden[-1][0].backward()
    assert xs[0].grad == pytest.approx(0.01)
    half = linear(0.5)
    half([4.0, 0.0, 1.0])[0][-1][0].backward()
    assert half.cells[0].layer.neurons[0].w[1].grad == 4.0


@pytest.mark.parametrize(("w", "size"), [(0.9, 0.0052), (1.1, 117.0)])
def test_fifty_steps_vanish_or_explode(w, size):
    hidden, _ = linear(w)([1.0] * 51)
    norms = gradient_norms(hidden[-1][0], hidden)
    assert norms == pytest.approx([w ** (50 - t) for t in range(51)], rel=1e-12)
    assert norms[0] == pytest.approx(size, rel=0.01)


def test_tanh_saturates_and_vanishes_though_the_weight_is_above_1():
    cell = RNNCell(1, 1, init="zeros")
    cell.layer.neurons[0].w[1].data = 1.5
    vectors = [[Value(0.1)]]
    for _ in range(50):
        vectors.append(cell(0.0, vectors[-1]))
    norms = gradient_norms(vectors[-1][0], vectors)
    assert norms[0] == pytest.approx(8.6e-18, rel=0.01)
    assert vectors[-1][0].data == pytest.approx(0.8586, abs=1e-4)


@pytest.mark.parametrize(
    ("bias", "size", "off"),
    [(0.0, 8.9e-16, 0.01), (1.0, 1.6e-7, 0.03), (5.0, 0.71, 0.01), (4.272, 0.5, 1e-3)],
)
def test_a_forget_gate_decides_how_long_the_memory_lasts(bias, size, off):
    cell = LSTMCell(1, 1, forget_bias=bias, init="zeros")
    memories = [[Value(1.0)]]
    state = ([0.0], memories[0])
    for _ in range(50):
        state = cell(0.0, state)
        memories.append(state[1])
    norms = gradient_norms(memories[-1][0], memories)
    assert norms[0] == pytest.approx((1 / (1 + math.exp(-bias))) ** 50, rel=1e-12)
    assert norms[0] == pytest.approx(size, rel=off)


def test_the_first_infinity_is_told():
    hidden, _ = linear(1e200)([1.0] * 4)
    assert hidden[-1][0].data == math.inf
    assert "inf" in str(births(hidden[-1][0]))


# norms


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 999), times=st.integers(1, 5), hidden=st.integers(1, 3))
def test_norms_are_those_of_a_sweep_and_store_nothing(name, seed, times, hidden):
    rng = random.Random(seed)
    network = RECURRENT[name](1, hidden, rng=rng)
    vectors, _ = network([rng.gauss(0, 1) for _ in range(times)])
    loss = total([square(h, 0.5) for h in vectors])
    norms = gradient_norms(loss, vectors)
    assert all(p.grad == 0.0 for p in network.parameters())
    loss.backward()
    assert norms == pytest.approx([math.hypot(*[h.grad for h in vector]) for vector in vectors], rel=1e-12)


def test_the_vectors_may_be_gone_through_once():
    hidden, _ = LSTM(1, 2, rng=random.Random(0))([0.5, 1.0, 1.5])
    expected = gradient_norms(hidden[-1][0], hidden)
    assert len(expected) == 3 and all(expected)
    assert gradient_norms(hidden[-1][0], (vector for vector in hidden)) == expected
    assert gradient_norms(hidden[-1][0], map(iter, hidden)) == expected


def test_a_time_that_the_loss_does_not_see_has_no_gradient():
    hidden, _ = LSTM(1, 2, rng=random.Random(0))([0.5, 1.0, 1.5])
    norms = gradient_norms(hidden[1][0], hidden)
    assert norms[0] > 0 and norms[1:] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: truncated(RNN(1, 1), [1.0], [1.0], 0, loss=square), ValueError, "chunk is at least 1"),
        (lambda: truncated(RNN(1, 1), [1.0], [1.0], 1.5, loss=square), TypeError, "chunk is a whole"),
        (lambda: truncated(RNN(1, 1), [], [], 2, loss=square), ValueError, "got 0 times and 0 targets"),
        (lambda: truncated(RNN(1, 1), [1.0], [], 2, loss=square), ValueError, "got 1 times and 0 targ"),
        (lambda: gradient_norms(Value(1.0), []), ValueError, "at least one hidden vector, got none"),
        (lambda: gradient_norms(Value(1.0), iter([])), ValueError, "at least one hidden vector, got none"),
        (lambda: gradient_norms(Value(1.0), [[0.5]]), TypeError, "got 0.5 at time 0"),
        (lambda: gradient_norms(0.5, [[Value(0.5)]]), TypeError, "a loss is a Value, got 0.5"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()
