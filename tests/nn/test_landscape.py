"""The loss around the parameters: its numbers against formulas, and parameters that come back bit for bit."""

import math
import random
import struct

import pytest
from hypothesis import given, strategies as st

from nn.data import Dataset
from nn.landscape import path_directions, survey
from nn.losses import mse
from nn.mlp import MLP
from nn.neuron import Neuron

LINE = Dataset([(0.0,), (1.0,), (3.0,)], [1.0, -2.0, 0.5])
numbers = st.floats(-5, 5)


def line(w, b):
    neuron = Neuron(1, nonlin=False)
    neuron.w[0].data, neuron.b.data = w, b
    return neuron


def bits(model):
    return [struct.pack("d", p.data) for p in model.parameters()]


@given(numbers, numbers, st.sampled_from([0.5, 2.0]))
def test_along_two_parameters_it_is_the_loss_by_formula(w, b, span):
    plane = survey(line(w, b), LINE, directions=("w[0]", "b"), span=span, steps=3)
    assert plane.alphas == plane.betas == (-span, 0.0, span)
    assert plane.names == ("change along w[0]", "change along b")
    for i, beta in enumerate(plane.betas):
        for j, alpha in enumerate(plane.alphas):
            residuals = [(w + alpha) * x + (b + beta) - y for (x,), y in LINE]
            assert plane.losses[i][j] == pytest.approx(
                sum(r * r for r in residuals) / 3, rel=1e-12, abs=1e-12
            )
    assert plane.centre == plane.losses[1][1]


def test_given_directions_are_taken_as_they_are():
    plane = survey(line(1.0, 0.0), LINE, directions=([2.0, 0.0], [1.0, 1.0]), steps=2)
    assert plane.names == ("change along direction 1", "change along direction 2")
    assert plane.losses[1][1] == pytest.approx(mse([1, 5, 13], LINE.targets))  # w 1 + 2 + 1, b 1


def test_random_directions_are_normalised_neuron_by_neuron():
    """A loss of its own notes the parameters: each neuron moves by alpha times its length."""
    model = MLP(2, [3, 1], rng=random.Random(0))
    neurons = [neuron for layer in model.layers for neuron in layer.neurons]
    start = [[p.data for p in neuron.parameters()] for neuron in neurons]
    seen = []

    def loss(answer, target):
        moved = [[p.data for p in neuron.parameters()] for neuron in neurons]
        shares = [math.dist(a, b) / math.hypot(*a) for a, b in zip(start, moved, strict=True)]
        seen.append([round(share, 9) for share in shares])
        return answer

    survey(model, Dataset([(1.0, 2.0)], [0.0]), loss, steps=3, span=0.5)
    assert [seen.count([share] * 4) for share in (0.0, 0.5)] == [2, 4]


def test_a_seed_gives_the_same_bits_and_another_seed_another_plane():
    model = MLP(1, [2, 1], rng=random.Random(0))
    assert survey(model, LINE, steps=3) == survey(model, LINE, steps=3)
    assert survey(model, LINE, steps=3) != survey(model, LINE, steps=3, seed=1)


@given(st.lists(st.sampled_from([-0.0, 0.1, 1e-310, 1e300, -7.3]), min_size=2, max_size=2))
def test_parameters_come_back_bit_for_bit(data):
    model = line(*data)
    before = bits(model)
    survey(model, LINE, directions=("w[0]", "b"), steps=2)
    assert bits(model) == before


@pytest.mark.parametrize("stop", [KeyboardInterrupt, ValueError])
def test_parameters_come_back_when_it_is_interrupted(stop):
    model = MLP(1, [2, 1], rng=random.Random(0))
    before, calls = bits(model), []

    def loss(answer, target):
        calls.append(bits(model))
        if len(calls) == 8:
            raise stop("enough")
        return answer

    with pytest.raises(stop, match="enough"):
        survey(model, LINE, loss)
    assert calls[-1] != before and bits(model) == before


@given(st.lists(st.tuples(numbers, numbers), min_size=1, max_size=4))
def test_a_path_in_the_plane_is_where_it_is(places):
    model = line(1.0, 2.0)
    first, second = [2.0, 1.0], [0.0, -1.0]
    states = [{"w[0]": 1 + 2 * a, "b": 2 + a - b} for a, b in places]
    plane = survey(model, LINE, directions=(first, second), steps=2, states=states)
    for found, place in zip(plane.path, places, strict=True):
        assert found == pytest.approx(place, abs=1e-9)


def test_path_directions_are_those_of_the_largest_spread():
    model = MLP(2, [2, 1], rng=random.Random(0))
    now = model.state()
    away = list(now)[0], list(now)[4]
    states = [now | {away[0]: now[away[0]] + 8.0 * t, away[1]: now[away[1]] + t * t} for t in (-1, 0.5, 1)]
    first, second = path_directions(model, states)
    assert len(first) == len(now)
    plane = survey(model, LINE_2, directions=(first, second), steps=2, states=[*states, now])
    reach = [max(abs(place[k]) for place in plane.path) for k in (0, 1)]
    assert reach == pytest.approx([1.0, 1.0])
    assert math.hypot(*first) > math.hypot(*second)
    assert plane.path[-1] == pytest.approx((0.0, 0.0))


LINE_2 = Dataset([(0.0, 1.0), (1.0, 0.0)], [1.0, -2.0])


def test_far_away_a_loss_may_be_infinite():
    plane = survey(line(0.0, 0.0), LINE, directions=("w[0]", "b"), span=1e200, steps=2)
    assert all(math.isinf(x) for row in plane.losses for x in row)


@pytest.mark.parametrize(
    "options, message",
    [
        ({"steps": 1}, "at least 2 steps a side, got 1"),
        ({"span": 0.0}, r"the span of a landscape must be positive and finite, got 0\.0"),
        ({"span": math.inf}, "positive and finite, got inf"),
        ({"directions": ("w[0]", "w[1]")}, r"no parameter is called 'w\[1\]'; did you mean 'w\[0\]'"),
        ({"directions": ("b", "b")}, r"the two directions are parallel \(cosine 1\)"),
        ({"directions": ([1.0, 1.0], [-2.0, -2.0])}, "parallel"),
        ({"directions": ([1.0], "b")}, "a number for each of 2 parameters, got 1"),
        ({"directions": ([0.0, 0.0], "b")}, "is 0 in every parameter: it leads nowhere"),
        ({"states": [{"w[0]": 1.0}]}, "a state of another model: 'b' stands in one of the two only"),
        ({"loss": "cross_entropy"}, "are numbers"),
    ],
)
def test_what_is_refused(options, message):
    model = line(1.0, 1.0)
    with pytest.raises(ValueError, match=message):
        survey(model, LINE, **options)
    assert model.state() == {"w[0]": 1.0, "b": 1.0}


def test_random_directions_from_zero_and_paths_without_a_plane_are_refused():
    with pytest.raises(ValueError, match="is 0 in every parameter"):
        survey(line(0.0, 0.0), LINE)
    model = line(1.0, 1.0)
    with pytest.raises(ValueError, match="2 states do not span a plane with the model"):
        path_directions(model, [{"w[0]": 2.0, "b": 1.0}, {"w[0]": 3.0, "b": 1.0}])
