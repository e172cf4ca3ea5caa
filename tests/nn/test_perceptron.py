"""The perceptron: the lecture's gates to the figure, its rule as a law, its hyperplane, every refusal."""

import copy
import itertools
import math
import pickle
import random

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st

from engine import Dual, Value, chain_rule, paths, step
from nn.data.dataset import Dataset
from nn.hyperplane import Hyperplane, two_classes
from nn.neuron import Neuron
from nn.perceptron import Perceptron

CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]
AND, OR, XOR = [0, 0, 0, 1], [0, 1, 1, 1], [0, 1, 1, 0]
eighths = st.integers(-40, 40).map(lambda n: n / 8)
small = st.integers(-3, 3)


def answers(perceptron, points=CORNERS):
    return [perceptron(point).data for point in points]


def test_and_is_learned_with_the_figures_of_the_lecture():
    perceptron = Perceptron(2)
    learning = perceptron.fit(CORNERS, AND)
    assert learning.converged and learning.cycle == ()
    assert learning.mistakes == (1, 3, 3, 2, 1, 0)
    assert len(learning.corrections) == 10
    assert learning.weights == perceptron.weights == (-2, 2, 1)
    assert answers(perceptron) == AND
    assert perceptron.hyperplane.distance((1, 1)) == pytest.approx(1 / math.sqrt(5))
    assert perceptron.hyperplane.distance((1, 0)) == 0  # right only because step(0) is 0


def test_or_is_learned_with_the_figures_of_the_lecture():
    perceptron = Perceptron(2)
    learning = perceptron.fit(CORNERS, OR)
    assert learning.mistakes == (1, 2, 1, 0)
    assert learning.weights == (0, 1, 1)
    assert answers(perceptron) == OR
    assert perceptron.hyperplane.distance((0, 0)) == 0


def test_xor_goes_round_for_ever_and_that_is_proved():
    learning = Perceptron(2).fit(CORNERS, XOR)
    assert not learning.converged
    assert learning.mistakes == (2, 3, 4)
    assert learning.cycle == (2, 3)
    round_trip = [(0, -1, 0), (1, -1, 1), (2, 0, 1), (1, -1, 0)]
    assert [correction.weights for correction in learning.passes[2].corrections] == round_trip
    assert "more passes will not help: the weights after pass 3 are those after pass 2" in repr(learning)


def test_the_passes_over_xor_never_end():
    passes = list(itertools.islice(Perceptron(2).passes(CORNERS, XOR), 50))
    assert [done.mistakes for done in passes] == [2, 3] + [4] * 48
    assert len({done.weights for done in passes[1:]}) == 1


def test_a_cycle_that_begins_with_the_start():
    learning = Perceptron.of(1, [-1, 0]).fit(CORNERS, XOR)
    assert learning.cycle == (0, 1) and learning.start == learning.weights == (1, -1, 0)
    assert "those at the start" in repr(learning)


def test_too_few_passes_are_said_to_prove_nothing():
    learning = Perceptron(2).fit(CORNERS, AND, epochs=3)
    assert not learning.converged and learning.cycle == () and learning.mistakes == (1, 3, 3)
    assert "not converged in 3 passes: more may help" in repr(learning)
    assert "nn.separable" in repr(learning)


@pytest.mark.parametrize("labels", [AND, OR, XOR])
@pytest.mark.parametrize("rate", [0.5, 2.0, 0.125])
def test_from_zero_the_rate_only_rescales(labels, rate):
    plain, scaled = Perceptron(2), Perceptron(2)
    first, second = plain.fit(CORNERS, labels), scaled.fit(CORNERS, labels, learning_rate=rate)
    assert first.mistakes == second.mistakes
    assert second.weights == tuple(rate * w for w in first.weights)


def test_learning_goes_on_from_the_weights_at_hand():
    perceptron = Perceptron(2)
    perceptron.fit(CORNERS, AND)
    assert perceptron.fit(CORNERS, AND).mistakes == (0,)


def test_examples_of_the_lecture_by_hand():
    # no football if it rains or I am injured; a loan with an income and no debt: a negative weight is a NOT
    assert answers(Perceptron.of(-0.5, [1, 1])) == OR
    assert answers(Perceptron.of(-1.5, [1, 1])) == AND
    assert answers(Perceptron.of(-0.5, [1, -1])) == [0, 0, 1, 0]


def test_a_dataset_brings_its_labels():
    data = Dataset(CORNERS, AND, names=("no", "yes"))
    assert Perceptron(2).fit(data) == Perceptron(2).fit(CORNERS, AND)


@given(
    st.lists(st.tuples(small, small), min_size=2, max_size=8, unique=True),
    small, st.tuples(small, small).filter(any),
)  # fmt: skip
def test_what_a_line_separates_is_learned(points, b, w):
    """The convergence theorem: labels given by any perceptron are learned from zero, without a mistake."""
    teacher = Perceptron.of(b, w)
    labels = answers(teacher, points)
    assume(len(set(labels)) == 2)
    learner = Perceptron(2)
    learning = learner.fit(points, labels)
    assert learning.converged
    assert answers(learner, points) == labels


@given(st.lists(st.tuples(small, small), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_each_correction_is_the_rule(points, rng):
    labels = [0, 1, *[rng.randint(0, 1) for _ in points[2:]]]
    learning = Perceptron(2).fit(points, labels, epochs=4)
    weights = learning.start
    for correction in learning.corrections:
        xs = (1, *points[correction.place])
        answer = 1 if sum(w * x for w, x in zip(weights, xs, strict=True)) > 0 else 0
        assert (correction.answer, correction.label) == (answer, labels[correction.place])
        assert answer != correction.label
        weights = tuple(w + (correction.label - answer) * x for w, x in zip(weights, xs, strict=True))
        assert correction.weights == weights
    assert learning.weights == weights


@given(eighths, st.lists(eighths, min_size=3, max_size=3), st.lists(eighths, min_size=3, max_size=3))
def test_the_augmented_vector_means_what_a_bias_means(b, w, x):
    """Sums of eighths are exact, so both ways must agree bit for bit."""
    perceptron, neuron = Perceptron.of(b, w), Neuron(3, activation="step")
    for parameter, number in zip(neuron.parameters(), [*w, b], strict=True):
        parameter.data = number
    assert perceptron(x).data == neuron(x).data
    assert perceptron.height(x).data == b + sum(wi * xi for wi, xi in zip(w, x, strict=True))


def test_the_edge_into_the_bias_carries_x0():
    perceptron = Perceptron.of(-1.5, [2, 3])
    for x in ([5.0, 7.0], [Value(5.0), Value(7.0)]):
        into = {id(edge.input): edge.partial for edge in chain_rule(perceptron.height(x))}
        assert [into[id(v)] for v in (perceptron.b, *perceptron.w)] == [1.0, 5.0, 7.0]


def test_a_call_records_a_dot_and_a_step_and_no_gradient_passes():
    x = [Value(1.0), Value(1.0)]
    perceptron = Perceptron.of(-0.5, [1, 1])
    y = perceptron(x)
    assert (y.op, y.x.op.name) == (step, "dot")
    y.backward()
    assert [p.grad for p in perceptron.parameters()] == [0, 0, 0]
    assert paths(y, perceptron.b).count == 1 and paths(y, perceptron.b).total == 0
    assert perceptron.ending is step


def test_it_runs_on_duals():
    assert float(Perceptron.of(-0.5, [3, 1]).height([Dual(1.0, 1.0), Dual(0.0, 0.0)]).rate) == 3.0


def test_parameters_begin_at_zero_or_as_the_generator_says():
    assert Perceptron(3).weights == (0, 0, 0, 0)
    rng = random.Random(0)
    assert Perceptron(2, rng=random.Random(0)).weights == (0, rng.uniform(-1, 1), rng.uniform(-1, 1))
    assert list(Perceptron(2).state()) == ["b", "w[0]", "w[1]"]
    assert repr(Perceptron(2)).splitlines()[-1] == "3 parameters"


def test_copies_and_pickles():
    perceptron = Perceptron.of(1, [2, 3])
    for twin in (copy.deepcopy(perceptron), pickle.loads(pickle.dumps(perceptron))):
        assert twin.weights == (1, 2, 3)


@given(eighths, st.tuples(eighths, eighths).filter(any), st.tuples(eighths, eighths))
def test_the_distance_leads_to_the_line(b, w, point):
    plane = Hyperplane(w, b)
    away, length = plane.distance(point), math.hypot(*w)
    foot = [x - away * c / length for x, c in zip(point, w, strict=True)]
    assert plane.height(foot) == pytest.approx(0, abs=1e-12 * max(1, abs(b), length) * 40)
    assert (away > 0) == (plane.side(point) == 1) == (Perceptron.of(b, w)(point).data == 1)
    assert (-plane).distance(point) == -away  # the same line, the classes swapped
    if away:
        assert (-plane).side(point) == 1 - plane.side(point)


REFUSALS = [
    (lambda: Perceptron(0), ValueError, "nin is at least 1, got 0"),
    (lambda: Perceptron(2, rng=3), TypeError, "rng is a random.Random, got 3"),
    (lambda: Perceptron(2)([1.0]), ValueError, r"Perceptron\(2\) takes 2 inputs, got 1"),
    (lambda: Perceptron(2)([1.0, math.nan]), ValueError, "input 1 of 2 is nan"),
    (lambda: Perceptron(2)("ab"), TypeError, "takes a list of numbers"),
    (lambda: Perceptron.of(math.nan, [1]), ValueError, "b must be finite, got nan"),
    (lambda: Perceptron.of(0, [1, math.inf]), ValueError, "w2 must be finite, got inf"),
    (lambda: Perceptron.of(0, []), ValueError, "nin is at least 1, got 0"),
    (lambda: Perceptron(2).hyperplane, ValueError, r"w = \(0.0, 0.0\) has no direction"),
    (lambda: Hyperplane((), 1.0), ValueError, "has no direction"),
    (lambda: Hyperplane((1, 2), 0).distance((1,)), ValueError, "points of 2 numbers, got 1"),
    (lambda: Hyperplane((1, 2), 0).side((1, math.nan)), ValueError, "x2 must be finite, got nan"),
    (lambda: Perceptron(2).fit(CORNERS, [0, 1, 2, 2]), ValueError, "label of point 2 is 2; .*label == 2 for"),
    (lambda: Perceptron(2).fit(CORNERS, ["a", "b", "a", "b"]), ValueError, "label of point 0 is 'a'"),
    (lambda: Perceptron(2).fit(CORNERS, [0, 1, 0.5, 1]), ValueError, "label of point 2 is 0.5"),
    (lambda: Perceptron(2).fit(CORNERS, [0, 1, math.nan, 1]), ValueError, "label of point 2 is nan"),
    (lambda: Perceptron(2).fit(CORNERS, [0, 1]), ValueError, "got 4 points, 2 labels"),
    (lambda: Perceptron(2).fit(CORNERS), TypeError, "points without labels: give both, or a Dataset"),
    (lambda: Perceptron(2).fit(CORNERS, 3), TypeError, "labels.* a list"),
    (lambda: Perceptron(2).fit([], []), ValueError, "at least one point, got none"),
    (lambda: Perceptron(3).fit(CORNERS, AND), ValueError, "takes points of 3 numbers, got 2"),
    (lambda: Perceptron(2).fit([(0, 1), (0, math.nan)], [0, 1]), ValueError, "row 1, column 'x1'.*nan"),
    (lambda: Perceptron(2).fit([(0, 1), (0,)], [0, 1]), ValueError, "row 1 has 1 numbers"),
    (lambda: Perceptron(2).fit(CORNERS, AND, learning_rate=0), ValueError, "learning rate must be positive"),
    (lambda: Perceptron(2).fit(CORNERS, AND, learning_rate="1"), TypeError, "learning rate is a number"),
    (lambda: Perceptron(2).fit(CORNERS, AND, epochs=0), ValueError, "epochs is at least 1, got 0"),
    (
        lambda: Perceptron(1).fit([[1e308], [0]], [1, 0], learning_rate=10),
        FloatingPointError,
        "0 makes the w",
    ),
    (lambda: Perceptron(1).fit([[0], [1]], [1, 1]), ValueError, "all 2 points have the label 1: there is"),
]


@pytest.mark.parametrize(("act", "error", "message"), REFUSALS)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_labels_of_many_kinds_are_zero_or_one():
    for labels in ([False, True], [0.0, 1.0], np.array([0, 1]), np.array([False, True])):
        assert two_classes([[1], [2]], labels) == (((1.0,), (2.0,)), (0, 1))
