"""What is wrong is refused at the door of each public function, by its name, with what came."""

import math
import random

import numpy as np
import pytest

import nn
from engine import RecordError, Value, record
from nn import MLP, SGD, Dataset, Layer, Neuron, ReluSum, Samples, Scaler, Split
from nn.answers import as_floats
from nn.attention import Head, TransformerBlock, attention
from nn.autoencoder import VAE, Autoencoder, normal_kl, reparameterise
from nn.characters import CharRNN
from nn.checked import real, shown
from nn.conv import Conv2d, LeNet, MaxPool2d, flatten
from nn.data import Graph, SampleSplit, Series, Text
from nn.exchange import load_state_dict, state_dict
from nn.gpt import GPT
from nn.lab import Laboratory, Record
from nn.message import GraphConvolution
from nn.node_classifier import GCN
from nn.recurrent import RNN, Forecaster
from nn.through_time import as_numbers, gradient_norms, truncated
from nn.writing import next_shares, samples, tokens, words

FLOWERS = Dataset([[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 3.0]], [0, 1, 0, 1], names=("a", "b"))
PATH = Graph(["a", "b", "c"], [(0, 1), (1, 2)], [0, 1, 1], names=("left", "right"))
LEARNER = MLP(2, [2, 2], rng=random.Random(0))
HALF = Samples([(0.5,)])
WORDS = Text(["no", "on"])


def updated(points, targets, optimizer=None, **more):
    """Update the learner once, by the two functions that do so."""
    optimizer = SGD(LEARNER.parameters()) if optimizer is None else optimizer
    return nn.learn(LEARNER, points, targets, optimizer, **more)


def trained(**more):
    return nn.fit(MLP(2, [2]), FLOWERS, epochs=1, executor="eager", **more).run()


def stepped(model=LEARNER, points=((0.0, 1.0),), targets=(1,), optimizer=None, loss="cross_entropy"):
    optimizer = SGD(LEARNER.parameters()) if optimizer is None else optimizer
    return nn.four_steps(model, points, targets, optimizer, loss)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        # data
        (lambda: FLOWERS.subset(None), TypeError, "places: a list is needed, got None"),
        (lambda: FLOWERS.subset(["0"]), TypeError, "a place is a whole number, got '0'"),
        (lambda: FLOWERS.subset([0.5]), TypeError, "a place is a whole number, got 0.5"),
        (lambda: FLOWERS.subset([True]), TypeError, "a place is a whole number, got True"),
        (lambda: FLOWERS.subset([4]), IndexError, "there are 4 points, got place 4"),
        (lambda: FLOWERS.split("0.5"), TypeError, "test is a number, got '0.5'"),
        (lambda: FLOWERS.split(0.5, None), TypeError, "validation is a number, got None"),
        (lambda: FLOWERS.split(0.5, seed=None), TypeError, "seed is a whole number, got None"),
        (lambda: FLOWERS.split(0.5, seed=0.5), TypeError, "seed is a whole number, got 0.5"),
        (lambda: FLOWERS.scaled(None), TypeError, "scaler is a Scaler.*got None"),
        (lambda: FLOWERS.scaled(Scaler(("x0", "x1"), (0, 0), (1, 1)), "y"), TypeError, "targets is a Scaler"),
        (lambda: Split(FLOWERS, None), TypeError, "test is a Dataset, got None"),
        (lambda: Split(FLOWERS, FLOWERS, [1]), TypeError, r"validation is a Dataset, got \[1\]"),
        (lambda: SampleSplit([(0.5,)], HALF), TypeError, r"train is Samples, got \[\(0.5,\)\]"),
        (lambda: SampleSplit(HALF, None), TypeError, "test is Samples, got None"),
        (lambda: SampleSplit(HALF, HALF, 0.5), TypeError, "validation is Samples, got 0.5"),
        (
            lambda: SampleSplit(HALF, HALF, Samples([(0.5, 1)])),
            ValueError,
            r"samples of one shape: .* of 1 × number\) to train on, validation is .*\(number, index\)",
        ),
        (lambda: Samples([(0.5,)]).subset("0"), TypeError, "places: a list is needed, got '0'"),
        (lambda: Samples([(0.5,)]).subset([1]), IndexError, "there are 1 samples, got place 1"),
        (
            lambda: Scaler.of([[1.0], [2.0, 3.0]], ["x"]),
            ValueError,
            "row 1 has 2 numbers, the first row has 1",
        ),
        (lambda: Scaler.of([], ["x"]), ValueError, "at least one point, got none"),
        (lambda: Scaler.of([["a"]], ["x"]), TypeError, "column 'x': 'a' is text"),
        (lambda: Scaler.of([[1.0]], ["x", "y"]), ValueError, "a point has 1 numbers, got 2 inputs"),
        (lambda: Scaler(None, (), ()), TypeError, "inputs: a list is needed, got None"),
        (lambda: Scaler.load([("inputs", 1)]), TypeError, "state is a dict, as Scaler.state gives"),
        (
            lambda: Scaler.load({1: 2}),
            ValueError,
            "the state of a Scaler has deviations, inputs, means; got 1",
        ),
        (lambda: nn.moons("10"), TypeError, "n is a whole number, got '10'"),
        (lambda: nn.moons(10, noise=None), TypeError, "the noise is a number, got None"),
        (lambda: nn.moons(10, noise=True), TypeError, "the noise is a number, got True"),
        (lambda: nn.moons(10, seed=None), TypeError, "seed is a whole number, got None"),
        (lambda: nn.circles(10, factor="0.5"), TypeError, "the factor is a number, got '0.5'"),
        (lambda: nn.spirals(10, turns=None), TypeError, "turns is a number, got None"),
        (lambda: nn.spirals(10, classes=2.0), TypeError, "classes is a whole number, got 2.0"),
        (lambda: nn.blobs(10, centres=None), TypeError, "centres is a whole number, got None"),
        (lambda: nn.square(10, interval=None), TypeError, "interval: a list is needed, got None"),
        (lambda: nn.square(10, interval=(1.0,)), ValueError, "an interval has two ends"),
        (lambda: nn.sine(10, interval=("a", "b")), TypeError, "the left end takes a number, got 'a'"),
        (
            lambda: Series([1, 2, 3], [1.0, 2.0, 3.0]).windows("1"),
            TypeError,
            "window is a whole number, got '1'",
        ),
        (lambda: WORDS.encode(None), TypeError, "a word is a text, got None"),
        (lambda: WORDS.decode(3), TypeError, "tokens is a list of whole numbers, got 3"),
        (lambda: WORDS.decode(["n"]), TypeError, "a token is a whole number, got 'n'"),
        (lambda: WORDS.split("0.5"), TypeError, "test is a number, got '0.5'"),
        (lambda: Text(["no"], 3), TypeError, "alphabet is a text of letters, got 3"),
        # models of points
        (lambda: Neuron(2, fan_out=0), ValueError, "fan_out is at least 1, got 0"),
        (lambda: Neuron(2, rng=0), TypeError, r"rng is a random.Random, such as random.Random\(0\), got 0"),
        (lambda: MLP(1, [2, 1], dropout=0.5).noise(None), TypeError, "rng is a random.Random.*got None"),
        (lambda: MLP(1, [2, 1])([1.0], 0.5), TypeError, "noise: a list is needed, got 0.5"),
        (lambda: MLP(1, [2, 1])([1.0], [0.5]), TypeError, "noise: a list is needed, got 0.5"),
        (lambda: Neuron(1).load_state(None), TypeError, "state is a dict of numbers by name.*got None"),
        (lambda: Neuron(1).load_state([1.0]), TypeError, r"state is a dict of numbers by name.*got \[1.0\]"),
        (lambda: SGD([Value(1.0)]).load_state(None), TypeError, "state is a dict, as Optimizer.state gives"),
        (
            lambda: nn.answers(None, []),
            TypeError,
            "a model is a function of a point, such as an MLP, got None",
        ),
        (lambda: nn.outputs(LEARNER, 3), TypeError, "points: a list is needed, got 3"),
        (lambda: nn.accuracy(None, [1]), TypeError, "predictions: a list is needed, got None"),
        (lambda: nn.predicted(["3", "4"]), TypeError, "predicted takes a number, got '3'"),
        (lambda: nn.load_parameters(None, "x"), TypeError, "model is a Module, such as .*got None"),
        (lambda: nn.save_parameters([], "x"), TypeError, r"model is a Module, such as .*got \[\]"),
        (
            lambda: nn.save_model(LEARNER, "x", about="notes"),
            TypeError,
            "about is a dict of notes, got 'notes'",
        ),
        # training
        (
            lambda: updated([(0.0, 1.0)] * 2, [1]),
            ValueError,
            "each point has a target, got 2 points, 1 targets",
        ),
        (
            lambda: updated([(0.0, 1.0)], [1, 0]),
            ValueError,
            "each point has a target, got 1 points, 2 targets",
        ),
        (
            lambda: updated([(0.0, 1.0)], [1], noises=[]),
            ValueError,
            "each point has a noise, got 1 points, 0",
        ),
        (
            lambda: updated([(0.0, 1.0)], [1], "sgd"),
            TypeError,
            "optimizer is an Optimizer, such as.*got 'sgd'",
        ),
        (
            lambda: updated([(0.0, 1.0)], [1], loss=lambda z, t: None),
            TypeError,
            "is a Value, got None",
        ),
        (lambda: updated([(0.0, 1.0)], [1], loss="mse"), TypeError, "loss is a function of .*got 'mse'"),
        (lambda: updated(None, [1]), TypeError, "points: a list is needed, got None"),
        (lambda: updated([(0.0, 1.0)], None), TypeError, "targets: a list is needed, got None"),
        (
            lambda: nn.outputs(lambda point: None, [(0.0,)]),
            TypeError,
            "a model answers a number or",
        ),
        (
            lambda: trained(metric=lambda ours, theirs: None),
            TypeError,
            "returns is a number, got None",
        ),
        (lambda: stepped(model=None), TypeError, "model is a Module, such as .*got None"),
        (lambda: stepped(points=3), TypeError, "points: a list is needed, got 3"),
        (lambda: stepped(optimizer="sgd"), TypeError, "optimizer is an Optimizer.*got 'sgd'"),
        (lambda: stepped(loss=None), TypeError, "loss is chosen by a name, got None"),
        (
            lambda: nn.fit(LEARNER, FLOWERS, epochs=1, seed=None),
            TypeError,
            "seed is a whole number, got None",
        ),
        (lambda: nn.gradient_sizes(None), TypeError, "model is a Module.*got None"),
        (lambda: nn.evaluate(LEARNER, [(0.0, 1.0)], None, None), TypeError, "data is a Dataset, such as"),
        (lambda: nn.survey(LEARNER, None), TypeError, "data is a Dataset, such as .*got None"),
        (lambda: nn.survey(None, FLOWERS), TypeError, "model is a Module, such as .*got None"),
        (
            lambda: nn.survey(LEARNER, FLOWERS, span="1"),
            TypeError,
            "span of a landscape is a number, got '1'",
        ),
        (lambda: nn.survey(LEARNER, FLOWERS, directions=[]), ValueError, "two directions, got 0"),
        (lambda: nn.survey(LEARNER, FLOWERS, states=[3]), TypeError, "a state is a dict of numbers.*got 3"),
        (lambda: nn.path_directions(LEARNER, None), TypeError, "states: a list is needed, got None"),
        # the lecture's functions
        (lambda: ReluSum([0], [1]).at([math.nan]), ValueError, "x of point 0 must be finite, got nan"),
        (lambda: ReluSum([0], [1]).at(3), TypeError, "xs: a list is needed, got 3"),
        (lambda: nn.least_squares([0.0], [0.0], 3), TypeError, "knots: a list is needed, got 3"),
        (lambda: nn.capacity_curve(3), TypeError, "capacities: a list is needed, got 3"),
        (lambda: nn.capacity_trials([]), ValueError, "at least one case to try, got none"),
        (lambda: nn.capacity_trials(["4"]), TypeError, "a width is a whole number, got '4'"),
        (lambda: nn.noise_trials(0.1), TypeError, "noises: a list is needed, got 0.1"),
        (lambda: nn.remedy_trials(seeds=3), TypeError, "seeds: a list is needed, got 3"),
        (lambda: nn.remedy_trials(seeds=[0.5]), TypeError, "a seed is a whole number, got 0.5"),
        (lambda: nn.contradiction([(0,), (1,)], [0, 1], None), TypeError, "multipliers: a list is needed"),
        (
            lambda: nn.contradiction([(0,), (1,)], [0, 1], ["1", 1]),
            TypeError,
            "multiplier 0 is a number, got '1'",
        ),
        (
            lambda: nn.contradiction([(0,), (1,)], [0, 1], [1, math.inf]),
            ValueError,
            "multiplier 1 is inf: it must be 0 or more and finite",
        ),
        # architectures
        (lambda: flatten(3), TypeError, "an image is a list of numbers, or of lists of them, got 3"),
        (lambda: Conv2d(1, 1, 2)(np.array(3.0)), TypeError, "takes an image .*got array"),
        (lambda: MaxPool2d(np.array([2, 2])), TypeError, "kernel_size is a whole number, or two"),
        (lambda: LeNet(2, channels=(2, 2), height=4, width=4)(np.array(3.0)), TypeError, "takes an image"),
        (lambda: RNN(1, 2)(None), TypeError, "a sequence is a list of numbers or vectors, got None"),
        (lambda: RNN(1, 2)([1.0], 0.5), TypeError, "a state: a list is needed, got 0.5"),
        (lambda: Forecaster("rnn", 2)(3), TypeError, "a sequence is a list of numbers or vectors, got 3"),
        (lambda: as_numbers([None]), TypeError, "a state takes a number, got None"),
        (lambda: gradient_norms(Value(1.0), 3), TypeError, "hidden: a list is needed, got 3"),
        (lambda: truncated(LEARNER, [1.0], [1.0], 1, loss=min), TypeError, "network is an RNN, LSTM or GRU"),
        (lambda: truncated(RNN(1, 1), 3, [1.0], 1, loss=min), TypeError, "sequence: a list is needed, got 3"),
        (lambda: truncated(RNN(1, 1), [1.0], [1.0], 1, loss="mse"), TypeError, "a loss is a function of"),
        (lambda: CharRNN(3, 2)(None), TypeError, "tokens: a list is needed, got None"),
        (lambda: CharRNN(3, 2).write(["no"], 1), TypeError, "text is a Text, such as nn.first_names"),
        (lambda: CharRNN(3, 2).write(WORDS, 1, seed=None), TypeError, "seed is a whole number, got None"),
        (lambda: CharRNN(3, 2).loss([0], None), TypeError, "targets: a list is needed, got None"),
        (lambda: GPT.micro(3)(3), TypeError, "tokens: a list is needed, got 3"),
        (lambda: attention(3, [[1.0]], [[1.0]]), TypeError, "rows: a list is needed, got 3"),
        (lambda: Head(2, 1)(None), TypeError, "rows: a list is needed, got None"),
        (lambda: TransformerBlock(2, 1).weights(None), TypeError, "rows: a list is needed, got None"),
        (lambda: samples(["no"]), TypeError, "text is a Text, such as nn.first_names"),
        (lambda: next_shares(["1", "2"]), TypeError, "next_shares takes a number, got '1'"),
        (lambda: next_shares(None), TypeError, "logits: a list is needed, got None"),
        (lambda: tokens(None, [0]), TypeError, "a model is a function of tokens, such as a GPT, got None"),
        (lambda: tokens(GPT.micro(3), ["n"]), TypeError, "a token is a whole number, got 'n'"),
        (lambda: words(GPT.micro(3), "no", 1), TypeError, "text is a Text, such as nn.first_names.*got 'no'"),
        (lambda: GraphConvolution(1, 2)(3, PATH), TypeError, "rows: a list is needed, got 3"),
        (lambda: GraphConvolution(1, 2)([1, 2, 3], PATH), TypeError, r"takes rows \[node\]\[feature\], got"),
        (lambda: GCN(PATH, [2], features=3), TypeError, "features: a list is needed, got 3"),
        (lambda: GCN(PATH, [2]).loss(None, [1.0]), TypeError, "labels: a list is needed, got None"),
        (lambda: GCN(PATH, [2]).show("1"), TypeError, "step is a whole number, got '1'"),
        (lambda: GCN(PATH, [2]).show(True), TypeError, "step is a whole number, got True"),
        (lambda: Autoencoder(2, [], 1).loss(3), TypeError, "a row: a list is needed, got 3"),
        (lambda: VAE(2, [], 1).sample(None), TypeError, "rng is a random.Random, such as .*got None"),
        (lambda: VAE(2, [], 1).loss([1.0, 0.0], 0.5), TypeError, "noise: a list is needed, got 0.5"),
        (lambda: normal_kl(None, [0.0]), TypeError, "means: a list is needed, got None"),
        (lambda: reparameterise([0.0], [0.0], None), TypeError, "noise: a list is needed, got None"),
        # other tools, and the lab
        (lambda: state_dict(None), TypeError, "module is a Module, such as .*got None"),
        (
            lambda: load_state_dict(MLP(1, [1]), None),
            TypeError,
            "state is a dict of arrays by name.*got None",
        ),
        (lambda: Laboratory(None), TypeError, "sets: a list is needed, got None"),
        (lambda: Laboratory(["iris"], 3), TypeError, "techniques: a list is needed, got 3"),
        (
            lambda: Record("x").add({"score": 1.0}),
            ValueError,
            "a result is a dict with the key of its job, got",
        ),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


def test_numpys_whole_numbers_are_seeds_and_sizes():
    assert nn.moons(np.int64(4), seed=np.int64(3)) == nn.moons(4, seed=3)
    assert WORDS.split(0.5, seed=np.int64(1)) == WORDS.split(0.5, seed=1)


def test_an_array_of_no_dimensions_is_a_number():
    assert Layer(1, 1, init="zeros")(np.array(3.0)).data == 0.0
    assert nn.mse(np.array(3.0), np.array(1.0)) == 4.0


def test_words_are_decoded_as_they_are_written_to_the_first_end():
    def letters():
        yield from WORDS.encode("no")
        raise AssertionError("nobody asks for more")

    assert WORDS.decode(letters()) == "no"


def test_parts_without_text_print_as_samples_do():
    assert repr(SampleSplit(HALF, HALF)) == "SampleSplit(1 to train, 1 to test)"


def test_a_recorded_answer_is_refused_as_such():
    with pytest.raises(RecordError, match="float"):
        record(lambda x: as_floats([x * x])[0], 1.0)


def test_errors_show_the_beginning_of_what_is_long():
    assert shown(MLP(2, [2, 1])) == "MLP(2, [2, 1]) 9 ..."
    assert shown(list(range(100))).endswith(" ...") and len(shown(list(range(100)))) == 80
    assert shown("no") == "'no'"


def test_a_number_that_is_no_float_is_refused():
    with pytest.raises(ValueError, match="the rate is too large for a float"):
        real("the rate", 10**400)
