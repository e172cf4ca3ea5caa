"""Recurrence: torch's values and gradients, the laws of states and of padding, sunspots, every refusal."""

import math
import random
from statistics import fmean

import numpy as np
import pytest
from hypothesis import given, strategies as st

from engine import Value, draw, record, tanh, watch
from engine.check import check_gradients
from engine.ops import sum as total
from nn import MLP, AdamW, Layer, cosine, fit, sunspots
from nn.answers import outputs
from nn.cells import Cell
from nn.recurrent import GRU, LSTM, RECURRENT, RNN, Forecaster, GRUCell, LSTMCell, RNNCell

NAMES = sorted(RECURRENT)
sizes = st.integers(1, 3)


def drawn(rng, *shape):
    """Return nested lists of Values of a shape."""
    return [drawn(rng, *shape[1:]) if shape[1:] else Value(rng.gauss(0, 1)) for _ in range(shape[0])]


def moved(network, rng):
    """Give every parameter of a network, biases too, a number of its own."""
    for p in network.parameters():
        p.data = rng.gauss(0, 0.7)
    return network


def started(rng, network):
    """Return a random state of Values."""
    pair = isinstance(network, LSTM)
    return [
        (drawn(rng, cell.hidden), drawn(rng, cell.hidden)) if pair else drawn(rng, cell.hidden)
        for cell in network.cells
    ]


def flat(nested):
    if isinstance(nested, (list, tuple)):
        return [x for part in nested for x in flat(part)]
    return [nested]


def stacked(layers, what):
    return [x for layer in layers for neuron in layer.neurons for x in what(neuron)]


def torchs_tensors(torch, cell, of=lambda p: p.data):
    """Return W_x, W_h, b and torch's second b of a cell, as torch has them: numbers, or what `of` says."""
    gates = {
        RNNCell: lambda c: [c.layer],
        LSTMCell: lambda c: [c.input, c.forget, c.candidate, c.output],
        GRUCell: lambda c: [c.reset, c.update],
    }[next(kind for kind in type(cell).__mro__ if kind in (RNNCell, LSTMCell, GRUCell))](cell)
    wide = [[of(w) for w in neuron.w] for gate in gates for neuron in gate.neurons]
    of_x, of_h = [r[: cell.inputs] for r in wide], [r[cell.inputs :] for r in wide]
    b = [of(neuron.b) for gate in gates for neuron in gate.neurons]
    second = [0.0] * len(b)
    if isinstance(cell, GRUCell):
        of_x += [[of(w) for w in neuron.w] for neuron in cell.from_x.neurons]
        of_h += [[of(w) for w in neuron.w] for neuron in cell.from_h.neurons]
        b += [of(neuron.b) for neuron in cell.from_x.neurons]
        second += [of(neuron.b) for neuron in cell.from_h.neurons]
    return [torch.tensor(numbers, dtype=torch.float64) for numbers in (of_x, of_h, b, second)]


def close(x):
    return pytest.approx(x, rel=1e-10, abs=1e-10)


def assert_torchs(network, rng, times, theirs=None):
    """Check values and gradients of a network against torch's, which takes the weights of `theirs`."""
    torch = pytest.importorskip("torch")
    kind = {RNN: torch.nn.RNN, LSTM: torch.nn.LSTM, GRU: torch.nn.GRU}[type(network)]
    first = network.cells[0]
    other = kind(first.inputs, first.hidden, num_layers=len(network.cells)).double()
    tensors = [t for cell in (theirs or network).cells for t in torchs_tensors(torch, cell)]
    with torch.no_grad():
        for place, numbers in zip(other.parameters(), tensors, strict=True):
            place.copy_(numbers)
    sequence, state = drawn(rng, times, first.inputs), started(rng, network)
    hidden, final = network(sequence, state)
    results = flat(hidden) + flat(final)
    shares = [rng.uniform(-1, 1) for _ in results]
    total([share * y for share, y in zip(shares, results, strict=True)]).backward()

    def tensor(nested):
        numbers = np.vectorize(float, otypes=[float])(np.array(nested, dtype=object))
        return torch.tensor(numbers, requires_grad=True)

    xs = tensor(sequence)
    pair = isinstance(network, LSTM)
    states = [tensor(list(part)) for part in zip(*state, strict=True)] if pair else [tensor(state)]
    out, last = other(xs, tuple(states) if pair else states[0])
    # ours: the final states layer by layer, (h, c) each; theirs: all h, then all c
    ends = torch.stack(last, 1) if pair else last
    found = torch.cat([out.flatten(), ends.flatten()])
    assert [y.data for y in results] == close(found.tolist())
    (found * torch.tensor(shares, dtype=torch.float64)).sum().backward()
    assert [x.grad for x in flat(sequence)] == close(xs.grad.flatten().tolist())
    ends = torch.stack([s.grad for s in states], 1) if pair else states[0].grad
    assert [x.grad for x in flat(state)] == close(ends.flatten().tolist())
    ours = [t for cell in network.cells for t in torchs_tensors(torch, cell, of=lambda p: p.grad)]
    for i, (place, grads) in enumerate(zip(other.parameters(), ours, strict=True)):
        if i % 4 == 3 and not isinstance(network, GRU):
            continue  # torch's second bias, of which we have none
        got, expected = grads.flatten().tolist(), place.grad.flatten().tolist()
        if i % 4 == 3:  # of r and z, too
            skipped = 2 * first.hidden
            got, expected = got[skipped:], expected[skipped:]
        assert got == close(expected)


@pytest.mark.parametrize("name", NAMES)
@given(
    seed=st.integers(0, 999), inputs=sizes, hidden=sizes, layers=st.integers(1, 2), times=st.integers(1, 4)
)
def test_values_and_gradients_are_torchs(name, seed, inputs, hidden, layers, times):
    rng = random.Random(seed)
    network = RECURRENT[name](inputs, hidden, layers=layers, rng=rng)
    assert_torchs(moved(network, rng), rng, times)


def transposed(network):
    """Return a network whose W_h of each gate is transposed."""
    other = type(network)(network.cells[0].inputs, network.cells[0].hidden)
    other.load_state(network.state())
    for layer in vars(other.cells[0]).values():
        if isinstance(layer, Layer):
            before = [[w.data for w in neuron.w] for neuron in layer.neurons]
            first = len(before[0]) - len(before)  # where h begins
            for i, neuron in enumerate(layer.neurons):
                for j in range(len(before) if first >= 0 else 0):
                    neuron.w[first + j].data = before[j][first + i]
    return other


@pytest.mark.parametrize("name", NAMES)
def test_a_transposed_weight_is_caught(name):
    rng = random.Random(1)
    network = moved(RECURRENT[name](2, 3, rng=rng), rng)
    assert_torchs(network, random.Random(2), 3)
    with pytest.raises(AssertionError):
        assert_torchs(network, random.Random(2), 3, transposed(network))


def test_a_reset_gate_before_the_product_is_caught():
    class Papers(GRUCell):
        """Cho et al. (2014), equation 8: r acts on h before W_h."""

        def __call__(self, x, state):
            x, h = self.rows(x, h=state)
            r, z = self.reset((*x, *h)), self.update((*x, *h))
            reset = [r * h for r, h in zip(r, h, strict=True)]
            n = [tanh(a + b) for a, b in zip(self.from_x(x), self.from_h(reset), strict=True)]
            return [z * h + (1 - z) * n for z, h, n in zip(z, h, n, strict=True)]

    rng = random.Random(1)
    network = moved(GRU(2, 3, rng=rng), rng)
    assert_torchs(network, random.Random(2), 1)
    cell = Papers(2, 3)
    cell.load_state(network.cells[0].state())
    network.cells = [cell]
    with pytest.raises(AssertionError):
        assert_torchs(network, random.Random(2), 1)


@pytest.mark.parametrize("name", NAMES)
def test_the_gradients_are_right(name):
    rng = random.Random(0)
    network = moved(RECURRENT[name](2, 2, rng=rng), rng)

    def loss(sequence):
        hidden, _ = network(sequence)
        return hidden[-1][0] * hidden[0][1] + hidden[-1][1]

    report = check_gradients(loss, [[0.5, -1.0], [0.25, 2.0]])
    assert report.verdict == "right"


@pytest.mark.parametrize("executor", ["python", "numpy"])
@pytest.mark.parametrize("name", NAMES)
def test_recorded_it_is_the_same(name, executor):
    rng = random.Random(0)
    model = Forecaster(name, 3, layers=2, rng=rng)

    def loss(window, target):
        return (model(window) - target) ** 2

    windows = [([rng.gauss(0, 1) for _ in range(4)], rng.gauss(0, 1)) for _ in range(3)]
    program = record(loss, *windows[0], parameters=model.parameters(), executor=executor)
    value, gradient = program.value_and_grad(windows)
    mean = total([loss(*window) for window in windows]) / 3
    mean.backward()
    assert value == pytest.approx(mean.data, rel=1e-12)
    assert list(gradient) == pytest.approx([p.grad for p in model.parameters()], rel=1e-11, abs=1e-13)


# states and padding


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 999), times=st.integers(2, 6), data=st.data())
def test_a_sequence_may_be_read_in_parts(name, seed, times, data):
    rng = random.Random(seed)
    network = RECURRENT[name](2, 2, layers=2, rng=rng)
    sequence = [[rng.gauss(0, 1), rng.gauss(0, 1)] for _ in range(times)]
    cut = data.draw(st.integers(1, times - 1))
    whole, end = network(sequence)
    left, middle = network(sequence[:cut])
    right, after = network(sequence[cut:], middle)
    assert [v.data for v in flat(whole)] == [v.data for v in flat(left) + flat(right)]
    assert [v.data for v in flat(end)] == [v.data for v in flat(after)]
    assert [each.data for each in flat(list(network.states(sequence)))[-1:]] == [flat(end)[-1].data]


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 999), times=st.integers(1, 4), padding=st.integers(0, 3))
def test_padding_changes_neither_the_last_state_nor_a_gradient(name, seed, times, padding):
    rng = random.Random(seed)
    network = RECURRENT[name](1, 2, layers=2, rng=rng)
    sequence, filled = [Value(rng.gauss(0, 1)) for _ in range(times)], drawn(rng, padding)
    found = []
    for given_sequence, last in ((sequence, None), (sequence + filled, times - 1)):
        network.zero_grad()
        for x in sequence:
            x.grad = 0.0
        _, state = network(given_sequence, last=last)
        total(flat(state)).backward()
        found.append([v.data for v in flat(state)] + [v.grad for v in sequence + network.parameters()])
    assert found[0] == found[1]
    assert [x.grad for x in filled] == [0.0] * padding


@pytest.mark.parametrize("name", NAMES)
def test_sequences_of_different_length_are_one_program(name):
    rng = random.Random(0)
    network = RECURRENT[name](1, 2, rng=rng)

    def loss(sequence, last):
        return total(flat(network(sequence, last=last)[1]))

    batch = [([rng.gauss(0, 1) for _ in range(4)], last) for last in (3, 0, 2)]
    program = record(loss, *batch[0], parameters=network.parameters())
    assert program(batch) == pytest.approx([loss(xs[: last + 1], last).data for xs, last in batch])
    mean = total([loss(xs[: last + 1], last) for xs, last in batch]) / 3
    mean.backward()
    _, gradient = program.value_and_grad(batch)
    assert list(gradient) == pytest.approx([p.grad for p in network.parameters()], rel=1e-11)
    with pytest.raises(IndexError):
        program([(batch[0][0], 4)])


@pytest.mark.parametrize("name", NAMES)
def test_a_step_of_the_layer_is_a_call_of_its_cell(name):
    network = RECURRENT[name](2, 3, rng=random.Random(0))
    (cell,) = network.cells
    hidden, (end,) = network([[0.5, -1.0]])
    state = cell([0.5, -1.0], cell.start())
    assert [v.data for v in flat(state)] == [v.data for v in flat(end)]
    assert [v.data for v in cell.hidden_of(state)] == [v.data for v in hidden[0]]


@pytest.mark.parametrize("x", [[0.5, 1.0], [[0.5], [1.0]], ((0.5,), (1.0,)), np.array([[0.5], [1.0]])])
def test_one_feature_may_be_a_bare_number(x):
    hidden, _ = GRU(1, 2, rng=random.Random(0))(x)
    same, _ = GRU(1, 2, rng=random.Random(0))([Value(0.5), Value(1.0)])
    assert [v.data for v in flat(hidden)] == [v.data for v in flat(same)]


# parameters, names, pictures


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("rnn", lambda i, h: h * (i + h + 1)),
        ("lstm", lambda i, h: 4 * h * (i + h + 1)),
        ("gru", lambda i, h: 2 * h * (i + h + 1) + h * (i + 1) + h * (h + 1)),
    ],
)
def test_parameters_are_counted(name, count):
    network = RECURRENT[name](3, 5, layers=2)
    assert len(network.parameters()) == count(3, 5) + count(5, 5)
    assert len(Forecaster(name, 5).parameters()) == count(1, 5) + 6


def test_the_forget_gate_starts_open():
    for bias in (1.0, -2.5):
        cell = LSTMCell(2, 3, forget_bias=bias)
        assert [neuron.b.data for neuron in cell.forget.neurons] == [bias] * 3
        assert {n.b.data for gate in (cell.input, cell.candidate, cell.output) for n in gate.neurons} == {0.0}
    assert LSTM(2, 3, forget_bias=2.0).cells[0].forget.neurons[0].b.data == 2.0
    assert LSTMCell(2, 3).forget.neurons[0].b.data == 1.0


def test_the_same_rng_makes_the_same_network():
    first, second = (LSTM(2, 3, layers=2, rng=random.Random(4)).state() for _ in range(2))
    assert first == second
    assert "cells[1].forget.neurons[2].b" in first


def test_a_cell_is_drawn_by_its_gates():
    cell = LSTMCell(1, 1, rng=random.Random(1))
    x, h, c = Value(0.5, label="x"), Value(0.2, label="h"), Value(0.8, label="c")
    with watch():
        (h1,), (c1,) = cell([x], ([h], [c]))
    h1.backward()
    picture = draw(h1).svg
    for name in ("LSTMCell(1, 1)", "input", "forget", "candidate", "output", "sigmoid", "tanh"):
        assert name in picture
    assert c1.data == pytest.approx(0.605, abs=5e-4)


# refusals


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: GRU(0, 2), ValueError, "inputs is at least 1, got 0"),
        (lambda: LSTM(1, 2.5), TypeError, "hidden is a whole number, got 2.5"),
        (lambda: RNN(1, 2, layers=0), ValueError, "layers is at least 1, got 0"),
        (lambda: RNN(1, 2, activation="tahn"), ValueError, "did you mean 'tanh'"),
        (lambda: LSTMCell(1, 2, forget_bias=math.inf), ValueError, "forget_bias must be finite, got inf"),
        (lambda: GRU(1, 2)([]), ValueError, r"GRU\(1, 2\) reads a sequence of at least one time, got an emp"),
        (lambda: Forecaster()([]), ValueError, "at least one time"),
        (lambda: GRU(2, 2)([[1, 2], [1]]), ValueError, r"time 1: GRUCell\(2, 2\) takes x of length 2, got 1"),
        (lambda: GRU(1, 2)([0.5, math.nan]), ValueError, "time 1: input 0 of 1 is nan"),
        (lambda: GRU(1, 2)("ab"), TypeError, "time 0: a neuron takes a list of numbers"),
        (lambda: GRU(1, 2)([0.5], [[0.0], [0.0]]), ValueError, "takes a state for each layer, got 2"),
        (lambda: GRU(1, 2)([0.5], [[0.0]]), ValueError, r"GRUCell\(1, 2\) takes h of length 2, got 1"),
        (lambda: LSTMCell(1, 2)(0.5, ([0, 0], [0])), ValueError, "takes c of length 2, got 1"),
        (lambda: LSTMCell(1, 2)(0.5, [0.0]), ValueError, r"takes a state \(h, c\) of two vectors, got \[0.0"),
        (lambda: GRU(1, 2)([0.5], last=1), IndexError, r"index 1 is outside 0 \.\.\. 0"),
        (lambda: GRU(1, 2)([0.5], last=-1), IndexError, r"index -1 is outside 0 \.\.\. 0"),
        (lambda: Forecaster("lstn"), ValueError, "no cell is called 'lstn'; did you mean 'lstm'"),
        (lambda: Cell(1, 2)(0.5, [0.0, 0.0]), NotImplementedError, "must say what follows a state"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


# sunspots, one step ahead: the last 20 % are the test part, the 20 % before them choose the epoch

WINDOW, EPOCHS, BATCH = 10, 100, 16
SEEDS = range(5)
MODELS = {
    "MLP": lambda rng: MLP(WINDOW, [75, 1], activation="tanh", init="xavier", rng=rng),
    "RNN": lambda rng: Forecaster("rnn", 29, rng=rng),
    "LSTM": lambda rng: Forecaster("lstm", 14, rng=rng),
    "GRU": lambda rng: Forecaster("gru", 16, rng=rng),
}
"""Each of about 900 parameters."""


def root_mean_square(differences):
    return math.sqrt(fmean([x * x for x in differences]))


def autoregression(split, order):
    """Return the test error of least squares on the last `order` numbers, of training and validation part."""
    points = np.array([*split.train.points, *split.validation.points])
    targets = np.array([*split.train.targets, *split.validation.targets])
    made, *_ = np.linalg.lstsq(np.c_[points[:, -order:], np.ones(len(points))], targets, rcond=None)
    test = np.array(split.test.points)
    predicted = np.c_[test[:, -order:], np.ones(len(test))] @ made
    return root_mean_square(predicted - np.array(split.test.targets))


def forecast(make, split, seed):
    """Return a trained model's error on the test part, with the parameters of the best epoch."""
    model, updates = make(random.Random(seed)), EPOCHS * -(-len(split.train) // BATCH)
    optimizer = AdamW(model.parameters(), cosine(0.01, over=updates), weight_decay=0.01)
    fit(
        model, split, epochs=EPOCHS, batch_size=BATCH, optimizer=optimizer, patience=EPOCHS, clip=1.0,
        seed=seed, progress=False,
    ).run()  # fmt: skip
    found = outputs(model, split.test.points)
    scale = split.target_scaler.deviations[0]
    return scale * root_mean_square([z - y for z, y in zip(found, split.test.targets, strict=True)])


@pytest.mark.slow
def test_a_gru_forecasts_sunspots_better_than_a_linear_model_of_two_years():
    split = sunspots(WINDOW).split(test=0.2, validation=0.2)
    test = split.test
    persistence = root_mean_square([x[-1] - y for x, y in zip(test.points, test.targets, strict=True)])
    linear = {order: autoregression(split, order) for order in (2, 9)}
    print(f"\npersistence {persistence:.1f}", *[f"AR({k}) {x:.1f}" for k, x in linear.items()], sep="\n")
    errors = {}
    for name, make in MODELS.items():
        errors[name] = [forecast(make, split.standardised(target=True), seed) for seed in SEEDS]
        count = len(make(random.Random(0)).parameters())
        print(f"{name} ({count} parameters) {fmean(errors[name]):.1f}:", *[f"{x:.1f}" for x in errors[name]])
    assert linear[2] == pytest.approx(0.69 * persistence, rel=0.02)
    assert max(errors["GRU"]) < linear[2]
    assert fmean(errors["LSTM"]) < linear[2]
    assert fmean(errors["GRU"]) < fmean(errors["MLP"])
