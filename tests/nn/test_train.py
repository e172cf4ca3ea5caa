"""Training: it learns, repeats bit for bit, goes on where it stopped, and leaves nothing half done."""

import gc
import math
import random
import signal
import sys
import threading
from functools import partial
from importlib.util import find_spec

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import nn.__main__
import nn.interrupt
import nn.training
from engine import log
from nn import (
    MLP,
    SGD,
    Adam,
    Dataset,
    Epoch,
    Layer,
    Module,
    Neuron,
    Perceptron,
    Split,
    accuracy,
    answers,
    cosine,
    cross_entropy,
    digits,
    fit,
    learn,
    moons,
    mse,
    or_gate,
    square,
    xor_gate,
)
from nn.interrupt import Interrupt
from nn.objective import objective
from nn.training import Training

LOOP = [module.__file__ for module in (nn.__main__, nn.interrupt, nn.training)]
SETTINGS = {"epochs": 3, "batch_size": 8, "learning_rate": 0.1}
EXECUTORS = ["eager", "python", "numpy", *(["llvm"] if find_spec("llvmlite") else [])]


def two_moons(n=80):
    return moons(n, seed=1).split(seed=0)


def model(seed=0, **options):
    return MLP(2, [8, 2], rng=random.Random(seed), **options)


def timeless(history):
    return [epoch._replace(seconds=0.0) for epoch in history]


def run(seed=0, dropout=0.0, **more):
    trained = model(dropout=dropout)
    training = fit(trained, two_moons(), seed=seed, **(SETTINGS | more)).run()
    return timeless(training.history), trained.state()


def raising(*times, rate=0.1):
    """Return a schedule that interrupts, as Ctrl-C does, once at each of some updates."""
    left = list(times)

    def schedule(number):
        if left and number == left[0]:
            del left[0]
            signal.raise_signal(signal.SIGINT)
        return rate

    return schedule


def test_it_learns_two_moons():
    split = two_moons()
    training = fit(model(), split, epochs=100, batch_size=8, learning_rate=0.5, validation=None).run()
    history = training.history
    assert [epoch.number for epoch in history] == list(range(1, 101))
    assert history[-1].loss < history[0].loss / 3
    assert history[-1].metric >= 0.95


def test_numbers_are_learned_too():
    data = square(40, noise=0.0, seed=0)
    trained = MLP(1, [8, 1], activation="tanh", rng=random.Random(0))
    training = fit(
        trained, data, epochs=200, batch_size=8, optimizer="adam", learning_rate=0.02, metric="r2"
    ).run()
    assert training.history[-1].metric > 0.99
    assert training.objective.name == "mse"


def test_a_training_is_iterated_epoch_by_epoch_or_run():
    training = fit(model(), two_moons(), **SETTINGS)
    assert repr(training) == "Training of MLP(2, [8, 2]): epoch 0 of 3; iterate it, or call run()"
    first = next(training)
    assert isinstance(first, Epoch) and training.history == [first]
    assert [epoch.number for epoch in training] == [2, 3]
    assert list(training) == [] and training.run() is training
    assert repr(training).startswith("Training of MLP(2, [8, 2]): epoch 3 of 3, loss 0.")


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_same_seed_same_bits_another_seed_others(dropout, executor):
    same = run(seed=4, dropout=dropout, executor=executor)
    assert run(seed=4, dropout=dropout, executor=executor) == same
    assert run(seed=5, dropout=dropout, executor=executor) != same


def test_the_gradient_is_that_of_the_mean_loss():
    data, ours, theirs = two_moons().train, model(), model()
    points, labels = data.points[:5], data.targets[:5]
    batch = learn(ours, points, labels, SGD(ours.parameters(), 0.1))
    mean = sum(cross_entropy(theirs(p), n) for p, n in zip(points, labels, strict=True)) / 5
    mean.backward()
    SGD(theirs.parameters(), 0.1).step()
    assert math.fsum(batch.losses) / 5 == pytest.approx(mean.data, rel=1e-14)
    gradients = [p.grad for p in theirs.parameters()]
    assert [p.grad for p in ours.parameters()] == pytest.approx(gradients, rel=1e-12)
    assert batch.norm == pytest.approx(math.hypot(*gradients), rel=1e-12)
    assert list(ours.state().values()) == pytest.approx(list(theirs.state().values()), rel=1e-13)


def test_the_last_batch_may_be_smaller_and_every_point_is_met():
    history, _ = run(batch_size=60)
    assert [epoch.samples for epoch in history] == [64] * 3
    assert run(batch_size=1000)[0][0].samples == 64


def test_each_epoch_meets_every_point_once_in_an_order_of_its_own():
    met = []

    def loss(answer, target):
        met.append(target)
        return mse(answer, target)

    data = Dataset([[i / 10] for i in range(10)], range(10))
    trained = MLP(1, [1], rng=random.Random(0))
    fit(trained, data, epochs=2, batch_size=3, loss=loss, learning_rate=1e-6, executor="eager").run()
    first, second = met[1:11], met[11:]
    assert sorted(met[:10]) == sorted(met[10:]) == list(map(float, range(10)))
    assert met[:10] != met[10:] and first != second


def test_the_collector_runs_while_the_caller_has_the_epoch():
    assert gc.isenabled()
    for _ in fit(model(), two_moons(), **SETTINGS):
        assert gc.isenabled()


def test_the_random_module_is_left_alone():
    state = random.getstate()
    run(dropout=0.5)
    assert random.getstate() == state


def test_what_an_epoch_says():
    split = moons(100, seed=1).split(validation=0.2, seed=0)
    trained = model()
    training = fit(
        trained, split, epochs=2, batch_size=10, optimizer="adam", learning_rate=cosine(0.1, over=12)
    )
    first, last = training
    assert (first.number, first.samples, last.learning_rate) == (1, 60, cosine(0.1, over=12)(11))
    goal = objective(trained, split.train)
    losses = [goal.loss(trained(point), target).data for point, target in split.validation]
    assert last.validation_loss == math.fsum(losses) / len(losses)
    right = [max((0, 1), key=[z.data for z in trained(p)].__getitem__) == n for p, n in split.validation]
    assert last.validation_metric == sum(right) / len(right)
    assert 0 < last.gradient_norm < first.gradient_norm * 10


def test_clipping_bounds_the_step():
    trained, data = model(), two_moons().train
    before = list(trained.state().values())
    fit(trained, data, epochs=1, batch_size=64, learning_rate=1.0, clip=0.01).run()
    moves = [a - b for a, b in zip(trained.state().values(), before, strict=True)]
    assert math.hypot(*moves) == pytest.approx(0.01)


def test_early_stopping_keeps_the_best_parameters():
    states = []
    split = moons(60, noise=0.4, seed=2).split(validation=0.3, seed=0)
    trained = MLP(2, [16, 2], rng=random.Random(0))
    training = fit(
        trained, split, epochs=500, batch_size=8, optimizer="adam", learning_rate=0.1, patience=6,
        callbacks=[lambda training: states.append(training.model.state())],
    ).run()  # fmt: skip
    losses = [epoch.validation_loss for epoch in training.history]
    best = losses.index(min(losses))
    assert training.best.number == best + 1
    assert len(losses) == best + 1 + 6 < 500
    assert trained.state() == states[best] != states[-1]


def test_a_callback_that_returns_true_ends_the_training():
    seen = []

    def callback(training):
        seen.append(training.history[-1].number)
        return len(seen) == 2

    assert len(fit(model(), two_moons(), **SETTINGS | {"epochs": 9}, callbacks=[callback]).run().history) == 2
    assert seen == [1, 2]


# interrupted and resumed


@pytest.mark.parametrize("executor", EXECUTORS)
def test_ctrl_c_ends_after_the_batch_and_iterating_again_goes_on(capsys, executor):
    whole, expected = run(executor=executor)
    trained = model()
    more = SETTINGS | {"learning_rate": raising(2, 18)}
    training = fit(trained, two_moons(), **more, executor=executor)
    assert list(training) == [] and training.interrupted
    assert "interrupted after 24 of 64 points of epoch 1: what was learned stays" in capsys.readouterr().err
    assert trained.state() != model().state()
    assert [epoch.number for epoch in training] == [1, 2] and training.interrupted
    assert [epoch.number for epoch in training] == [3] and not training.interrupted
    assert (timeless(training.history), trained.state()) == (whole, expected)


@pytest.mark.parametrize("loop", [Training.run, partial(nn.__main__._train, say=lambda text: None)])
def test_a_ctrl_c_at_any_line_between_two_epochs_is_not_lost(loop):
    """Each line of the loop in turn meets the signal, until the training has no more of them."""
    met = 0

    def trace(frame, event, _):
        nonlocal lines
        behind = len(training.history)
        if event == "line" and frame.f_code.co_filename in LOOP and 0 < behind < training.epochs:
            if lines == met:
                signal.raise_signal(signal.SIGINT)
            lines += 1
        return trace

    while True:
        lines, before = 0, sys.gettrace()
        training = fit(model(), or_gate(), batch_size=4, epochs=2, executor="eager", progress=False)
        sys.settrace(trace)
        try:
            loop(training)
        finally:
            sys.settrace(before)
        if lines <= met:
            break
        assert training.interrupted
        met += 1
    assert met > 50 and not training.interrupted
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_ctrl_c_is_heeded_at_once():
    def loss(answer, label):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        fit(model(), two_moons(), **SETTINGS, loss=loss, executor="eager").run()
    assert gc.isenabled()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_ones_own_and_other_threads_are_left_alone():
    def handler(number, frame):
        met.append(number)

    met = []
    before = signal.signal(signal.SIGINT, handler)
    try:
        with Interrupt() as interrupt:
            signal.raise_signal(signal.SIGINT)
        assert met == [signal.SIGINT] and not interrupt.met
    finally:
        signal.signal(signal.SIGINT, before)
    thread = threading.Thread(target=lambda: met.append(len(run()[0])))
    thread.start()
    thread.join()
    assert met[-1] == 3


@given(
    st.integers(0, 23), st.sampled_from(["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"]),
    st.sampled_from([0.0, 0.4]), st.sampled_from(EXECUTORS),
)  # fmt: skip
@settings(max_examples=30)
def test_interrupted_anywhere_and_resumed_it_gives_the_same_bits(
    tmp_path_factory, update, optimizer, dropout, executor
):
    path = tmp_path_factory.mktemp("run") / "checkpoint.json"
    split = moons(106, seed=1).split(validation=0.2, seed=0)
    more = SETTINGS | {"optimizer": optimizer, "clip": 5.0, "patience": 9, "executor": executor}

    def training(trained, schedule, **resumed):
        options = more | {"learning_rate": schedule}
        return fit(trained, split, **options, checkpoint=path, **resumed)

    whole = model(dropout=dropout)
    expected = training(whole, raising(rate=0.05)).run()
    path.unlink()
    assert training(model(dropout=dropout), raising(update, rate=0.05)).run().interrupted
    again = model(seed=99, dropout=dropout)
    resumed = training(again, raising(rate=0.05), resume=True).run()
    assert timeless(resumed.history) == timeless(expected.history)
    assert again.state() == whole.state()
    assert resumed.optimizer.state() == expected.optimizer.state()


def test_more_epochs_go_on_from_a_finished_training(tmp_path):
    whole, expected = run(epochs=5)
    path = tmp_path / "checkpoint.json"
    trained = model()
    fit(trained, two_moons(), **SETTINGS, checkpoint=path).run()
    training = fit(trained, two_moons(), **SETTINGS | {"epochs": 5}, checkpoint=path, resume=True).run()
    assert (timeless(training.history), trained.state()) == (whole, expected)


@pytest.mark.parametrize("executor", ["eager", "python"])
def test_what_a_callback_changes_is_no_other_training(tmp_path, executor):
    def halve(training):
        training.optimizer.learning_rate /= 2

    path, histories = tmp_path / "checkpoint.json", []
    for kept in ({}, {"checkpoint": path}):
        for epochs in (2, 5):
            more = {"resume": True} if kept and epochs == 5 else {}
            options = SETTINGS | {"epochs": epochs, "callbacks": [halve], "executor": executor}
            training = fit(model(), two_moons(), **options, **kept, **more).run()
        histories.append(timeless(training.history))
    assert histories[0] == histories[1] and len(histories[0]) == 5


def test_a_metric_that_is_nan_is_kept_in_a_checkpoint(tmp_path):
    options = SETTINGS | {"metric": lambda answers, targets: math.nan, "checkpoint": tmp_path / "c.json"}
    fit(model(), two_moons(), **options | {"epochs": 1}).run()
    history = fit(model(), two_moons(), **options, resume=True).run().history
    assert [math.isnan(epoch.metric) for epoch in history] == [True] * 3


def own_loss(scale):
    return lambda answer, target: scale * cross_entropy(answer, target)


@pytest.mark.parametrize("make", [lambda scale: partial(weighed, scale), own_loss, lambda x: Scaled(x)])
def test_a_loss_with_other_parts_is_another_training(tmp_path, make):
    options = SETTINGS | {"checkpoint": tmp_path / "c.json", "epochs": 1}
    fit(model(), two_moons(), **options, loss=make(1.0)).run()
    with pytest.raises(ValueError, match="another training.* inner parts of the loss are others"):
        fit(model(), two_moons(), **options | {"epochs": 2}, loss=make(2.0), resume=True)
    fit(model(), two_moons(), **options | {"epochs": 2}, loss=make(1.0), resume=True).run()


def weighed(scale, answer, target):
    return scale * cross_entropy(answer, target)


class Scaled:
    """A loss as an object."""

    def __init__(self, scale):
        self.scale = scale

    def __call__(self, answer, target):
        return self.scale * cross_entropy(answer, target)


def test_resume_without_a_file_is_refused(tmp_path):
    path = tmp_path / "a.json"
    with pytest.raises(FileNotFoundError, match="no checkpoint .*a.json to go on from: leave resume out"):
        fit(model(), two_moons(), **SETTINGS, checkpoint=path, resume=True)


def test_fewer_epochs_than_a_checkpoint_holds_are_refused(tmp_path):
    path = tmp_path / "a.json"
    fit(model(), two_moons(), **SETTINGS, checkpoint=path).run()
    with pytest.raises(ValueError, match="holds 3 epochs, more than epochs=2"):
        fit(model(), two_moons(), **SETTINGS | {"epochs": 2}, checkpoint=path, resume=True)


@pytest.fixture
def interrupted(tmp_path):
    path = tmp_path / "checkpoint.json"
    fit(model(), two_moons(), **SETTINGS | {"epochs": 1}, checkpoint=path).run()
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"batch_size": 4}, "batch_size is 8 there, 4 here"),
        ({"seed": 1}, "seed is 0 there, 1 here"),
        ({"model": MLP(2, [9, 2])}, r"model is 'MLP\(2, \[8, 2\]\)' there, 'MLP\(2, \[9, 2\]\)' here"),
        ({"model": model(activation="tanh")}, "the inner parts of the model are others"),
        ({"learning_rate": 0.2}, r"learning_rate=0.1.*there.*learning_rate=0.2"),
        ({"optimizer": "adam"}, "optimizer is 'SGD.*there, 'Adam"),
        ({"loss": "multiclass_hinge"}, "loss is 'cross_entropy' there, 'multiclass_hinge' here"),
        ({"clip": 1.0}, "clip is None there, 1.0 here"),
        ({"data": moons(80, seed=2).split(seed=0)}, "the inner parts of the data are others"),
        ({"data": moons(90, seed=1).split(seed=0)}, "64 points.*there.*72 points"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused_and_kept(interrupted, change, message):
    before = interrupted.read_bytes()
    arguments = {"model": model(), "data": two_moons()} | SETTINGS | change
    state = arguments["model"].state()
    with pytest.raises(
        ValueError, match="(?s)is a checkpoint of another training, nothing was loaded.*" + message
    ):
        fit(**arguments, checkpoint=interrupted, resume=True)
    assert interrupted.read_bytes() == before
    assert arguments["model"].state() == state


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "it is no JSON, or only a part of it"),
        (lambda text: "", "it is no JSON"),
        (lambda text: "[" * 100_000, "it is (no JSON|nested too deeply)"),
        (lambda text: "[1, 2]", "it has no kind, version, checksum and content"),
        (lambda text: text.replace('"batch_size": 8', '"batch_size": 9'), ".*damaged or changed by hand"),
        (lambda text: text.replace("chainrule checkpoint", "chainrule model"), "it is a 'chainrule model'"),
        (lambda text: text.replace('"version": 1', '"version": 2'), "it is of version 2"),
    ],
)
def test_a_damaged_checkpoint_is_refused(interrupted, damage, message):
    interrupted.write_text(damage(interrupted.read_text()))
    before = interrupted.read_bytes()
    trained = model()
    with pytest.raises(ValueError, match=f"cannot be used as a chainrule checkpoint: {message}"):
        fit(trained, two_moons(), **SETTINGS, checkpoint=interrupted, resume=True)
    assert interrupted.read_bytes() == before
    assert trained.state() == model().state()


def test_a_checkpoint_is_not_overwritten_unasked(interrupted):
    with pytest.raises(FileExistsError, match="resume=True goes on from it, or remove it"):
        fit(model(), two_moons(), **SETTINGS, checkpoint=interrupted)


def test_a_checkpoint_that_cannot_be_written_is_refused_at_the_call(tmp_path):
    with pytest.raises(FileNotFoundError, match="needs the folder .*nowhere: it is not there"):
        fit(model(), two_moons(), **SETTINGS, checkpoint=tmp_path / "nowhere" / "a.json")


# what goes wrong


def test_the_bar_is_drawn_where_it_is_asked_for(capsys):
    run(progress=True)
    shown = capsys.readouterr().err
    assert "epoch 3/3" in shown
    run(progress=False)
    run()
    assert capsys.readouterr().err == ""


# the model that others look at
@pytest.mark.parametrize("iterates", [False, True])
@pytest.mark.parametrize("executor", EXECUTORS)
def test_who_looks_at_the_model_meanwhile_sees_it_as_it_is_and_changes_nothing(executor, iterates):
    """A schedule evaluates amid an epoch, a metric of one's own asks the model after each."""
    trained, split, seen = model(), moons(64, seed=1).split(test=0.25, seed=0), []
    data = split.train

    def rate(number):
        if number % 3 == 2:
            training.evaluate(split.test)
        return 0.1

    def metric(predictions, targets):
        if len(targets) == len(data):
            seen.append([p.data for p in trained.parameters()])
        return 0.5

    options = SETTINGS | {"learning_rate": rate, "metric": metric, "executor": executor}
    training = fit(trained, data, **options, progress=False)
    for _ in training if iterates else training.run().history:
        pass
    other = model()
    expected = fit(other, data, **SETTINGS, executor="eager")
    history, states = [], []
    for epoch in expected:
        history.append(epoch.loss)
        states.append([p.data for p in other.parameters()])
    assert [epoch.loss for epoch in training.history] == pytest.approx(history, rel=1e-9)
    assert len(seen) == len(states)
    for one, two in zip(seen, states, strict=True):
        assert one == pytest.approx(two, rel=1e-9)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_parameters_that_are_not_trained_may_change(executor):
    found = []
    for how in ("eager", executor):
        trained = model()
        head, body = (
            fit(trained, two_moons(), epochs=3, optimizer=SGD(layer.parameters(), 0.2), executor=how)
            for layer in reversed(trained.layers)
        )
        for _ in zip(head, body, strict=True):
            pass
        trained.layers[0].neurons[0].w[0].data = 5.0
        found.append([head.history[-1].loss, body.history[-1].loss, *head.evaluate(two_moons().test)])
    assert found[1] == pytest.approx(found[0], rel=1e-9)


class Weighed:
    """A loss with a weight of its own."""

    def __init__(self):
        self.weight = [1.0]

    def __call__(self, answer, target):
        return self.weight[0] * cross_entropy(answer, target)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_loss_or_an_array_that_a_callback_changes_is_recorded_anew(executor):
    class Masked(Module):
        def __init__(self):
            self.inner, self.mask = model(), np.ones(2)

        def __call__(self, x):
            return self.inner([float(m) * v for m, v in zip(self.mask, x, strict=True)])

    found = []
    for how in ("eager", executor):
        loss, trained = Weighed(), Masked()

        def change(training, loss=loss, trained=trained):
            loss.weight[0] *= 2.0
            trained.mask[0] = 0.5

        options = SETTINGS | {"loss": loss, "callbacks": [change], "executor": how}
        found.append([epoch.loss for epoch in fit(trained, two_moons(), **options)])
    assert found[1] == pytest.approx(found[0], rel=1e-9)


@pytest.mark.parametrize("executor", EXECUTORS)
def test_a_list_of_one_answer_is_that_answer(executor):
    class Single(Module):
        def __init__(self):
            self.inner = MLP(2, [8, 1], rng=random.Random(0))

        def __call__(self, x):
            return [self.inner(x)]

    trained, data = Single(), two_moons().train
    options = SETTINGS | {"epochs": 20, "loss": lambda answer, target: (answer[0] - 2.0 * target + 1.0) ** 2}
    training = fit(trained, data, **options, executor=executor).run()
    expected = accuracy(answers(trained.inner, data.points), data.targets)
    assert (
        training.evaluate(data)[1] == accuracy(answers(trained, data.points), data.targets) == expected > 0.8
    )


def test_a_bar_does_not_ask_more_of_a_metric_than_the_whole_epoch_has(capsys):
    """Of the first points none may be of a class."""
    data = Dataset([[i / 9] for i in range(10)], [int(i == 5) for i in range(10)])

    def recall(predictions, targets):
        hits = sum(a == b == 1 for a, b in zip(predictions, targets, strict=True))
        return hits / sum(targets)

    for progress in (False, True):
        training = fit(MLP(1, [1]), data, epochs=3, batch_size=1, metric=recall, progress=progress)
        assert len(training.run().history) == 3


def test_a_metric_of_ones_own_takes_what_the_model_answers():
    data = Dataset([[i / 9] for i in range(10)], [float(i) for i in range(10)])

    def gap(answers, targets):
        return max(abs(mean - target) for (mean, _), target in zip(answers, targets, strict=True))

    training = fit(MLP(1, [2]), data, epochs=2, loss=lambda a, t: (a[0] - t) ** 2 + a[1] ** 2, metric=gap)
    assert training.run().history[-1].metric > 0.0


def test_divergence_is_said_and_the_last_good_parameters_stay():
    trained = model()
    with pytest.raises(FloatingPointError, match="smaller learning rate than 1e"):
        fit(trained, two_moons(), **SETTINGS | {"learning_rate": 1e200}).run()
    assert all(map(math.isfinite, trained.state().values()))
    assert gc.isenabled()


class Logarithm(Module):
    """log(w·x), whose argument may become negative."""

    def __init__(self):
        self.neuron = Neuron(1, activation="linear", init="zeros")

    def __call__(self, x):
        return log(self.neuron(x))


def test_the_birth_of_a_nan_is_told():
    trained = Logarithm()
    trained.neuron.b.data = -1.0
    data = Dataset([[0.0], [1.0]], [0.0, 1.0])
    with pytest.raises(
        FloatingPointError, match=r"(?s)a point with target \d.0 is nan.*Born at point 0.*log.*is nan at"
    ):
        fit(trained, data, epochs=1, batch_size=2, learning_rate=0.1).run()
    assert trained.neuron.b.data == -1.0


def test_the_birth_of_a_gradient_that_is_no_number_is_told():
    trained = Logarithm()
    data = Dataset([[1e300], [1e300]], [0.0, 1.0])
    trained.neuron.w[0].data, trained.neuron.b.data = 0.0, 5e-324
    before = trained.state()
    with pytest.raises(
        FloatingPointError, match="(?s)parameter 0 .*Born at point 0 of the batch:\n(inf|nan) gradient"
    ):
        fit(trained, data, epochs=1, batch_size=2, learning_rate=0.1).run()
    assert trained.state() == before


def test_step_is_warned_of_or_refused_when_training_starts():
    stepped = MLP(2, [3, 1], activation="step", rng=random.Random(0))
    with pytest.warns(
        UserWarning, match=r"layers\[0\].neurons\[0\], .* have the activation step: the derivative"
    ):
        fit(stepped, xor_gate(), epochs=1)
    for last in (
        MLP(2, [3, 1], output="step"),
        Neuron(2, activation="step"),
        Layer(2, 1, activation="step"),
        Perceptron(2),
    ):
        with pytest.raises(
            ValueError, match="ends in the activation step: the derivative of step is 0 everywhere"
        ):
            fit(last, xor_gate(), epochs=1)


def test_a_stepped_layer_and_what_stands_before_it_really_stay():
    stepped = MLP(2, [3, 3, 1], rng=random.Random(0))
    for neuron in stepped.layers[1].neurons:
        neuron.activation = Neuron(1, activation="step").activation
    before = stepped.state()
    with pytest.warns(UserWarning, match="step"):
        fit(stepped, xor_gate(), epochs=5, learning_rate=0.5).run()
    moved = {name.partition(".")[0] for name, x in stepped.state().items() if x != before[name]}
    assert moved == {"layers[2]"}


ONE_CLASS = Split(Dataset([[0.0], [1.0]], [0, 0], names=list("ab")), Dataset([[0.0]], [0], names=list("ab")))
THREE = Dataset([[0.0, 1.0]] * 3, [0, 1, 2], names=list("abc"))
NUMBERS = Dataset([[0.0, 1.0]] * 3, [0.0, 1.0, 2.0])


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs is at least 1, got 0"),
        ({"batch_size": 0}, ValueError, "batch_size is at least 1, got 0"),
        ({"batch_size": 2.5}, TypeError, "batch_size is a whole number, got 2.5"),
        ({"learning_rate": 0}, ValueError, "positive and finite, got 0"),
        ({"learning_rate": -0.1}, ValueError, "positive and finite, got -0.1"),
        ({"clip": 0.0}, ValueError, "positive and finite, got 0"),
        ({"model": Module()}, TypeError, "can be called on a point"),
        ({"model": "MLP"}, TypeError, "can be called on a point"),
        ({"data": [[0.0], [1.0]]}, TypeError, r"a Dataset or a Split, got list; make one: Dataset\(points"),
        ({"data": ONE_CLASS, "model": MLP(1, [2])}, ValueError, "all 2 points have the label 'a'"),
        ({"data": THREE}, ValueError, r"3 classes \(a, b, c\) need 3 outputs, the model has 2"),
        ({"data": NUMBERS}, ValueError, "the model needs 1 output, it has 2"),
        ({"data": NUMBERS, "model": MLP(2, [1]), "loss": "hinge"}, ValueError, "huber, got 'hinge'"),
        ({"model": MLP(2, [1]), "loss": "cross_entropy"}, ValueError, "with the loss binary_cross_entropy"),
        ({"loss": "mee"}, ValueError, "no loss is called 'mee'; did you mean 'mse'"),
        ({"loss": 3}, TypeError, "a loss is a name or a function"),
        ({"optimizer": "adm"}, ValueError, "no optimizer is called 'adm'; did you mean 'adam'"),
        ({"optimizer": SGD(model().parameters())}, ValueError, "leave learning_rate out"),
        ({"optimizer": SGD(model().parameters()), "learning_rate": None}, ValueError, "none of the model"),
        ({"metric": "acuracy"}, ValueError, "no metric is called 'acuracy'; did you mean 'accuracy'"),
        ({"metric": "r2"}, ValueError, "metric 'r2' is one of numbers; for classes there are"),
        ({"data": NUMBERS[:1], "model": MLP(2, [1]), "metric": "r2"}, ValueError, "training data have no r2"),
        ({"callbacks": print}, TypeError, "callbacks is a list of functions"),
        ({"metric": 3}, TypeError, "metric is chosen by a name, got 3"),
        ({"validation": 0.2}, ValueError, "a Split brings its validation part"),
        ({"tol": -1.0}, ValueError, "tol must be 0 or more"),
        ({"data": moons(20), "validation": 1.5}, ValueError, "between 0 and 1, got 1.5"),
        ({"data": moons(20), "validation": NUMBERS}, ValueError, "other columns or classes"),
        ({"data": moons(20), "validation": 0.2, "patience": 0}, ValueError, "patience is at least 1"),
        ({"resume": True}, ValueError, "give its file, checkpoint="),
        ({"model": model(output="softmax")}, ValueError, "takes logits .* the model ends in softmax"),
        ({"model": MLP(2, [2], output="sigmoid")}, ValueError, "the model ends in sigmoid"),
    ],
)  # fmt: skip
def test_fit_refuses_at_the_call(change, error, message):
    with pytest.raises(error, match=message):
        fit(**({"model": model(), "data": two_moons()} | SETTINGS | change))


def test_probabilities_are_trained_by_mse():
    trained = model(output="softmax")
    training = fit(trained, two_moons(), epochs=60, batch_size=8, learning_rate=1.0, loss="mse").run()
    assert training.history[-1].metric > 0.8


@pytest.mark.parametrize(
    ("options", "loss", "encoded"),
    [
        ({}, None, [-0.0, 1.0]),
        ({}, "hinge", [-1.0, 1.0]),
        ({}, "mse", [-1.0, 1.0]),
        ({"output": "sigmoid"}, "mse", [0.0, 1.0]),
    ],
)
def test_a_single_output_tells_two_classes_whatever_the_loss(options, loss, encoded):
    trained = MLP(2, [6, 1], activation="tanh", rng=random.Random(3), **options)
    training = fit(
        trained, xor_gate(), epochs=400, batch_size=4, loss=loss, optimizer="adam", learning_rate=0.05
    )
    assert [training.objective.encode(label) for label in (0, 1)] == encoded
    assert training.run().history[-1].metric == 1.0


def test_learn_refuses_an_empty_batch():
    with pytest.raises(ValueError, match="at least one point"):
        learn(model(), [], [], Adam(model().parameters()))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_digits_reach_95_percent(seed):
    split = digits().split(seed=seed)
    trained = MLP(64, [32, 10], init="he", rng=random.Random(seed))
    training = fit(trained, split, epochs=12, batch_size=8, learning_rate=0.25, seed=seed).run()
    right = [max(range(10), key=[z.data for z in trained(p)].__getitem__) == n for p, n in split.test]
    assert sum(right) / len(right) >= 0.95
    assert training.history[-1].metric > 0.98
