"""Compiled training: the eager one but for rounding, for every loss and optimizer; told where it is not."""

import random
from importlib.util import find_spec

import pytest

from engine import Value, sin, where
from nn import LOSSES, MLP, OPTIMIZERS, Dataset, Module, blobs, cosine, cross_entropy, fit, moons, mse, sine
from nn.replay import length

COMPILED = ["python", "numpy", *(["llvm"] if find_spec("llvmlite") else [])]
OF_CLASSES = ["cross_entropy", "multiclass_hinge", "mse", "mae", "huber", "binary_cross_entropy", "hinge"]


def both(data, sizes, executor, *, dropout=0.0, output="linear", activation="tanh", **options):
    runs = []
    for name in ("eager", executor):
        model = MLP(
            data.width, sizes, activation=activation, output=output, dropout=dropout, rng=random.Random(1)
        )
        training = fit(
            model, data, epochs=3, batch_size=7, learning_rate=0.02, validation=0.3, executor=name, **options
        )
        assert training.run().history[-1].loss > 0
        runs.append((training.history, list(model.state().values())))
    return runs


def assert_same(runs):
    (eager, ours), (compiled, theirs) = runs
    for a, b in zip(eager, compiled, strict=True):
        pairs = [(x, y) for x, y in zip(a[:-1], b[:-1], strict=True) if x is not None or y is not None]
        assert all(x == pytest.approx(y, rel=1e-9) for x, y in pairs)
    assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-11)


def test_all_losses_are_tried():
    assert {*OF_CLASSES, "kl_divergence"} == set(LOSSES)


@pytest.mark.parametrize("executor", COMPILED)
@pytest.mark.parametrize("loss", [*OF_CLASSES, "kl_divergence"])
def test_every_loss_trains_as_eagerly(loss, executor):
    assert_same(both(blobs(40, seed=3), [5, 3], executor, loss=loss))


@pytest.mark.parametrize("executor", COMPILED)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_trains_as_eagerly(optimizer, executor):
    assert_same(both(moons(40, seed=3), [6, 2], executor, optimizer=optimizer, clip=0.5))


@pytest.mark.parametrize("executor", COMPILED)
@pytest.mark.parametrize(
    ("data", "sizes", "options"),
    [
        (moons(40, seed=3), [6, 1], {"dropout": 0.3}),
        (moons(40, seed=3), [6, 6, 2], {"dropout": 0.3, "activation": "relu"}),
        (moons(40, seed=3), [6, 2], {"output": "softmax", "loss": "mse"}),
        (moons(40, seed=3), [6, 1], {"output": "sigmoid", "loss": "mse"}),
        (sine(30, seed=3), [8, 1], {"activation": "gelu", "metric": "r2"}),
        (sine(30, seed=3), [1], {"loss": "huber"}),
    ],
)
def test_every_kind_of_model_trains_as_eagerly(data, sizes, options, executor):
    assert_same(both(data, sizes, executor, **options))


@pytest.mark.parametrize("executor", COMPILED)
def test_a_loss_of_ones_own_is_recorded_too(executor):
    def pinball(answer, target):
        return where(target - answer, 0.9 * (target - answer), 0.1 * (answer - target))

    assert_same(both(sine(30, seed=3), [4, 1], executor, loss=pinball))


def test_what_was_learned_goes_to_the_values_after_each_epoch():
    model, seen = MLP(2, [4, 2], rng=random.Random(0)), []
    training = fit(
        model, moons(30), epochs=3, callbacks=[lambda t: seen.append(model.state())], executor="numpy"
    )
    for _ in training:
        assert model.state() == seen[-1]
    assert len({tuple(state.values()) for state in seen}) == 3
    assert all(type(x) is float for state in seen for x in state.values())


def test_a_change_between_epochs_is_seen():
    model, data = MLP(2, [4, 2], rng=random.Random(0)), moons(30)
    training = fit(model, data, epochs=2, executor="numpy", learning_rate=1e-12)
    first = next(training).loss
    for p in model.parameters():
        p.data *= 3.0
    assert next(training).loss > 1.2 * first


def test_a_schedule_is_followed():
    model = MLP(2, [4, 2], rng=random.Random(0))
    rate = cosine(0.1, over=8)
    training = fit(model, moons(32), epochs=2, batch_size=8, learning_rate=rate, executor="numpy").run()
    assert [epoch.learning_rate for epoch in training.history] == [rate(3), rate(7)]
    assert training.optimizer.updates == 8


@pytest.mark.parametrize("executor", COMPILED)
def test_labels_that_a_loss_of_ones_own_counts_with_are_numbers(executor):
    def off(answer, label):
        return (answer - label) ** 2 + 0.1 * label

    assert_same(both(moons(30, seed=3), [4, 1], executor, loss=off))


def test_a_loss_that_asks_for_the_label_trains_eagerly():
    def asking(answer, label):
        return answer if label == 1 else -answer

    with pytest.warns(UserWarning, match="(?s)runs eagerly.*cannot be recorded"):
        training = fit(
            MLP(2, [4, 1], activation="tanh"), moons(20), epochs=2, loss=asking, learning_rate=0.01
        )
    assert training.run().history[1].loss < training.history[0].loss


def test_a_model_that_changes_between_epochs_is_recorded_anew():
    runs = []
    for executor in ("eager", "numpy"):
        model = MLP(2, [4, 2], rng=random.Random(0))

        def change(training):
            for neuron in training.model.layers[0].neurons:
                neuron.activation = sin

        training = fit(model, moons(30), epochs=3, callbacks=[change], learning_rate=0.1, executor=executor)
        runs.append([epoch.loss for epoch in training])
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)


class Branching(Module):
    """|w·x|, by a comparison, or by a peep at the data."""

    def __init__(self, peep, limit=0.0):
        self.w = [Value(0.5), Value(-0.25)]
        self.peep, self.limit = peep, limit

    def __call__(self, x):
        z = self.w[0] * x[0] + self.w[1] * x[1]
        number = z.data if self.peep and type(z) is Value else z
        return z if number > self.limit else -z


CLOSE_TOGETHER = Dataset([[5.0, 1.0], [5.1, 1.1], [-5.0, 1.0], [-5.1, 1.2]], [1.0, 2.0, 3.0, 4.0])


def test_what_cannot_be_recorded_trains_eagerly_and_says_why():
    model = Branching(peep=False)
    with pytest.warns(UserWarning, match="(?s)runs eagerly.*cannot be recorded.*number > self.limit"):
        training = fit(model, CLOSE_TOGETHER, epochs=2, loss=mse, learning_rate=0.001)
    assert training.run().history[-1].loss < training.history[0].loss


def test_a_branch_that_a_recording_does_not_see_is_found_by_the_first_batch():
    model = Branching(peep=True, limit=-20.0)
    far = Dataset([[5.0, 1.0], [5.1, 1.1], [-50.0, 1.0], [-51.0, 1.2]], [1.0, 2.0, 3.0, 4.0])
    with pytest.warns(UserWarning, match="gradient of the first batch differs by .* decides by the numbers"):
        fit(model, far, epochs=1, batch_size=4, loss=mse, learning_rate=0.001)


def test_a_nan_is_born_in_the_same_place():
    model = MLP(1, [1], init="zeros")

    def loss(answer, target):
        return (answer - target).log()

    with pytest.raises(FloatingPointError, match="(?s)is nan.*Born at point 0 of the batch.*log.*is nan at"):
        fit(model, Dataset([[0.0], [1.0]], [1.0, 2.0]), epochs=1, loss=loss, executor="numpy").run()


def test_an_unknown_executor_is_refused():
    with pytest.raises(ValueError, match="nump"):
        fit(MLP(2, [2]), moons(20), epochs=1, executor="nump")


def test_the_length_of_a_gradient_needs_no_square():
    np = pytest.importorskip("numpy")
    for gradient in ([3e-200, 4e-200], [3e200, 4e200], [0.0, 0.0], [3.0, 4.0]):
        expected = 5 / 3 * gradient[0]
        assert length(gradient) == pytest.approx(expected, rel=1e-15)
        assert length(np.array(gradient)) == pytest.approx(expected, rel=1e-15)


def test_the_losses_are_those_of_the_point_before_the_update():
    model, data = MLP(2, [4, 2], rng=random.Random(0)), moons(16)
    expected = [cross_entropy(model(point), target).data for point, target in data]
    training = fit(model, data, epochs=1, batch_size=16, learning_rate=0.5, executor="numpy").run()
    assert training.history[0].loss == pytest.approx(sum(expected) / 16, rel=1e-12)


def test_an_executor_that_is_not_installed_is_named(monkeypatch):
    def load(name, extra=None):
        raise ModuleNotFoundError(f"this needs the package {name!r}", name=name)

    monkeypatch.setattr("engine.compile.llvm_executor.load", load)
    with pytest.raises(ModuleNotFoundError, match="this needs the package 'llvmlite'"):
        fit(MLP(2, [2]), moons(20), epochs=1, executor="llvm")


class Turning(Module):
    """Its answer depends on a threshold that a callback may set; point 0 does not tell."""

    def __init__(self):
        self.w, self.threshold = Value(0.5), 1.0

    def __call__(self, x):
        return self.w * where(x[0] - self.threshold, x[0], 0.5)


@pytest.mark.parametrize("executor", COMPILED)
def test_an_attribute_set_between_epochs_counts_from_then_on(executor):
    data = Dataset([[0.0], [1.5], [3.0]], [1.0, 2.0, 3.0])

    def turn(training):
        training.model.threshold = 2.0

    runs = []
    for chosen in ("eager", executor):
        model = Turning()
        fit(model, data, epochs=4, batch_size=1, learning_rate=0.01, callbacks=[turn], executor=chosen).run()
        runs.append(model.w.data)
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)


@pytest.mark.parametrize("executor", COMPILED)
def test_an_attribute_of_the_class_counts_too(executor):
    data = Dataset([[1.0], [2.0]], [1.0, 2.0])
    runs = []
    for chosen in ("eager", executor):

        class Rated(Module):
            rate = 1.0

            def __init__(self):
                self.w = Value(0.1)

            def __call__(self, x):
                return self.w * x[0] * self.rate

        def change(training, kind=Rated):
            kind.rate = 2.0

        model = Rated()
        fit(
            model, data, epochs=3, batch_size=1, learning_rate=0.01, callbacks=[change], executor=chosen
        ).run()
        runs.append(model.w.data)
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)


@pytest.mark.parametrize("executor", COMPILED)
@pytest.mark.parametrize(("before", "after"), [(0.5, 0.0), (0.0, 0.5)])
def test_dropout_may_be_switched_between_epochs(executor, before, after):
    runs = []
    for chosen in ("eager", executor):
        model = MLP(2, [4, 1], dropout=before, activation="tanh", rng=random.Random(3))

        def switch(training):
            training.model.dropout = after

        fit(model, moons(20, seed=1), epochs=3, batch_size=5, callbacks=[switch], executor=chosen).run()
        runs.append([p.data for p in model.parameters()])
    assert runs[0] == pytest.approx(runs[1], rel=1e-9)
