"""Autoencoders: PyTorch's numbers, bounds and divergences known in closed form, digits, every refusal."""

import math
import random
import statistics
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine import Value, chain_rule, exp, paths, record, watch
from engine.chain import order
from engine.check import assert_gradients
from engine.see.origin import origin
from nn import MLP, Adam, Samples, cosine, digits, fit
from nn.answers import outputs
from nn.autoencoder import VAE, Autoencoder, Elbo, normal_kl, reparameterise
from nn.neuron import Layer

OUTPUTS = ["gaussian", "bernoulli"]
MODELS = {f"{make.__name__}, {output}": (make, output) for make in (Autoencoder, VAE) for output in OUTPUTS}


def layers(model: Autoencoder | VAE) -> list[Layer]:
    """Return the layers in the order in which a row meets them."""
    if isinstance(model, VAE):
        return [*model.encoder, model.mean, model.log_variance, *model.decoder.layers]
    return [*model.encoder.layers, *model.decoder.layers]


def tensors(torch: Any, model: Autoencoder | VAE) -> list[tuple[Any, Any]]:
    """Return the weights [out, in] and biases of a model's layers as leaves of PyTorch."""
    return [
        tuple(
            torch.tensor(numbers, dtype=torch.float64, requires_grad=True)
            for numbers in (
                [[w.data for w in neuron.w] for neuron in layer.neurons],
                [neuron.offset for neuron in layer.neurons],
            )
        )
        for layer in layers(model)
    ]


def torchs(
    torch: Any, model: Autoencoder | VAE, weights: list[tuple[Any, Any]], x: Any, noise: Any, act: Any
) -> Any:
    """Return the mean loss of rows [row, number] in PyTorch, with the layers' weights."""
    functional, left = torch.nn.functional, iter(weights)

    def hidden(x: Any) -> Any:
        for _ in model.hidden:
            x = act(functional.linear(x, *next(left)))
        return x

    h = hidden(x)
    code = functional.linear(h, *next(left))
    if isinstance(model, VAE):
        means, log_variances = code, functional.linear(h, *next(left))
        code = means + torch.exp(0.5 * log_variances) * noise
    answers = functional.linear(hidden(code), *next(left))
    if isinstance(model, Autoencoder):
        measure = {
            "gaussian": functional.mse_loss,
            "bernoulli": functional.binary_cross_entropy_with_logits,
        }
        return measure[model.output](answers, x)
    if model.output == "gaussian":
        nats = functional.gaussian_nll_loss(answers, x, torch.ones_like(x), full=True, reduction="sum")
    else:
        nats = functional.binary_cross_entropy_with_logits(answers, x, reduction="sum")
    kl = -0.5 * torch.sum(1 + log_variances - means**2 - torch.exp(log_variances))
    return (nats + model.beta * kl) / len(x)


def assert_torchs(
    model: Autoencoder | VAE, x: list[float], noise: list[float], act: str, transposed: int = -1
) -> None:
    """Check a model's loss and all its gradients against PyTorch's; of one layer there W may stand as Wᵀ."""
    torch = pytest.importorskip("torch")
    weights = tensors(torch, model)
    if transposed >= 0:
        w, b = weights[transposed]
        weights[transposed] = w.detach().T.clone().requires_grad_(), b
    row, noises = (torch.tensor([numbers], dtype=torch.float64) for numbers in (x, noise))
    expected = torchs(torch, model, weights, row, noises, getattr(torch, act))
    expected.backward()
    model.zero_grad()
    loss = model.loss(x, noise) if isinstance(model, VAE) else model.loss(x)
    loss.backward()
    assert loss.data == pytest.approx(expected.item(), rel=1e-10, abs=1e-10)
    for layer, (w, b) in zip(layers(model), weights, strict=True):
        assert [p.grad for neuron in layer.neurons for p in neuron.w] == pytest.approx(
            w.grad.flatten().tolist(), rel=1e-10, abs=1e-10
        )
        assert [neuron.b.grad for neuron in layer.neurons] == pytest.approx(
            b.grad.tolist(), rel=1e-10, abs=1e-10
        )


def filled(model: Any, rng: random.Random) -> Any:
    """Return the model with biases that are not 0."""
    for layer in layers(model):
        for neuron in layer.neurons:
            neuron.b.data = rng.uniform(-1, 1)
    return model


def case(
    make: Any, nin: int, hidden: list[int], code: int, output: str, seed: int, **more: Any
) -> tuple[Any, list[float], list[float]]:
    """Return a model of non-zero weights, a row and noise, drawn by the seed."""
    rng = random.Random(seed)
    model = filled(make(nin, hidden, code, output=output, init="uniform", rng=rng, **more), rng)
    return model, [rng.random() for _ in range(nin)], [rng.gauss() for _ in range(code)]


def with_noise(model: Any, noise: list[float]) -> list[list[float]]:
    return [noise] if isinstance(model, VAE) else []


@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=60)
@given(
    nin=st.integers(1, 5),
    hidden=st.lists(st.integers(1, 4), max_size=2),
    code=st.integers(1, 3),
    act=st.sampled_from(["relu", "tanh", "sigmoid"]),
    beta=st.sampled_from([0.0, 0.5, 1.0, 4.0]),
    seed=st.integers(0, 2**32),
)
def test_values_and_gradients_are_torchs(name, nin, hidden, code, act, beta, seed):
    make, output = MODELS[name]
    more = {"beta": beta} if make is VAE else {}
    model, x, noise = case(make, nin, hidden, code, output, seed, activation=act, **more)
    assert_torchs(model, x, noise, act)


@pytest.mark.parametrize("name", MODELS)
def test_a_transposed_weight_is_caught(name):
    make, output = MODELS[name]
    model, x, noise = case(make, 3, [3], 3, output, 5, activation="tanh")
    assert_torchs(model, x, noise, "tanh")
    for place in range(len(layers(model))):
        with pytest.raises(AssertionError):
            assert_torchs(model, x, noise, "tanh", transposed=place)


@pytest.mark.parametrize("name", MODELS)
def test_every_gradient_is_checked(name):
    make, output = MODELS[name]
    model, x, noise = case(make, 3, [2], 2, output, 7, activation="tanh")
    assert_gradients(lambda *row: model.loss(row, *with_noise(model, noise)), *x)


def test_the_gradients_of_code_and_divergence_are_checked():
    means, log_variances, noise = [0.5, -1.5], [0.25, -2.0], [0.75, -0.5]

    def both(means, log_variances):
        first, second = reparameterise(means, log_variances, noise)
        return first * second + normal_kl(means, log_variances)

    assert_gradients(both, means, log_variances, order=2)


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("executor", ["python", "numpy", "auto"])
def test_the_recorded_loss_is_the_eager_one(name, executor):
    make, output = MODELS[name]
    model, x, noise = case(make, 6, [5], 2, output, 3)
    program = record(
        model.loss, x, *with_noise(model, noise), parameters=model.parameters(), executor=executor
    )
    rows = [case(make, 6, [5], 2, output, seed)[1:] for seed in range(4)]
    samples = [(x, noise) if make is VAE else x for x, noise in rows]
    loss, gradient = program.value_and_grad(samples)
    model.zero_grad()
    losses = [model.loss(x, *with_noise(model, noise)) for x, noise in rows]
    for one in losses:
        (one / len(rows)).backward()
    assert loss == pytest.approx(statistics.fmean(one.data for one in losses), rel=1e-12)
    assert list(gradient) == pytest.approx([p.grad for p in model.parameters()], rel=1e-12, abs=1e-12)


# codes by chance


@given(st.floats(-3, 3), st.floats(0.05, 5), st.floats(-4, 4))
def test_the_routes_of_a_code_lead_to_its_mean_and_deviation_alone(mean, deviation, noise):
    mu, log_variance = Value(mean), Value(2 * math.log(deviation))
    (z,) = reparameterise([mu], [log_variance], [noise])
    z.backward()
    assert z.data == pytest.approx(mean + deviation * noise, rel=1e-12, abs=1e-12)
    assert {v for v in order(z) if v.op is None} == {mu, log_variance}  # ε is a number, no leaf
    sigma = next(v for v in order(z) if v.op is exp)
    partials = {step.input: step.partial for step in chain_rule(z)}
    assert (partials[mu], mu.grad) == (1, 1.0)
    assert sigma.grad == noise
    assert log_variance.grad == pytest.approx(noise * deviation / 2, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("log_variance", "noise", "expected"),
    [(1419.0, 0.0, 0.0), (1420.0, 1.0, math.inf), (1420.0, -1.0, -math.inf), (2000.0, 0.0, math.nan)],
)
def test_a_deviation_that_overflows(log_variance, noise, expected):
    """A known sharp edge: an infinite σ times an ε of 0 is nan, which is not hidden."""
    assert reparameterise([0.0], [log_variance], [noise]) == pytest.approx([expected], nan_ok=True)


def test_the_square_of_a_code_by_hand():
    """∂z²/∂(μ, σ) at μ 1, σ 0.5, ε 2 is (4, 8), and its one route from log σ² passes through σ."""
    mu, log_variance = Value(1.0), Value(2 * math.log(0.5))
    (z,) = reparameterise([mu], [log_variance], [2.0])
    square = z**2
    square.backward()
    sigma = next(v for v in order(z) if v.op is exp)
    assert (mu.grad, sigma.grad) == (4.0, 8.0)
    (route,) = paths(square, log_variance).routes
    assert sigma in [step.node for step in route.steps] and route.product == log_variance.grad


@pytest.mark.parametrize(
    ("mean", "deviation", "nats"),
    [(0, 1, 0.0), (1, 1, 0.5), (0, 0.5, 0.3181), (1, 0.5, 0.8181), (0, 2, 0.8069)],
)
def test_the_divergence_by_hand(mean, deviation, nats):
    assert normal_kl([mean], [2 * math.log(deviation)]) == pytest.approx(nats, abs=5e-5)


normals = st.tuples(st.floats(-10, 10), st.floats(-10, 5))


@given(st.lists(normals, min_size=1, max_size=5))
def test_the_divergence_is_torchs_and_never_negative(drawn):
    torch = pytest.importorskip("torch")
    means, log_variances = map(list, zip(*drawn, strict=True))
    normal = torch.distributions.Normal
    mu, v = (torch.tensor(numbers, dtype=torch.float64) for numbers in (means, log_variances))
    expected = torch.distributions.kl_divergence(normal(mu, (v / 2).exp()), normal(0.0, 1.0)).sum().item()
    found = normal_kl(means, log_variances)
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-12)
    assert found >= 0


@pytest.mark.parametrize(("mean", "deviation"), [(0.0, 1.0), (1.0, 1.0), (1.0, 0.5), (-2.0, 1.5)])
def test_the_divergence_is_the_mean_of_log_ratios(mean, deviation):
    """By sampling: log q(z) - log p(z) at 20,000 draws of q, within four standard errors."""
    q, p, rng = statistics.NormalDist(mean, deviation), statistics.NormalDist(), random.Random(0)
    v = 2 * math.log(deviation)
    draws = [reparameterise([mean], [v], [rng.gauss()])[0] for _ in range(20_000)]
    ratios = [math.log(q.pdf(z)) - math.log(p.pdf(z)) for z in draws]
    error = statistics.stdev(ratios) / math.sqrt(len(ratios))
    assert abs(statistics.fmean(ratios) - normal_kl([mean], [v])) <= 4 * error + 1e-12


def test_the_divergence_keeps_its_digits_near_the_prior():
    """(σ² - 1 - log σ²) / 2 is v²/4 + v³/12 for small v = log σ²: as exp(v) - 1 - v it would be noise."""
    assert normal_kl([0.0], [2e-6]) == pytest.approx(1e-12 + 8e-18 / 12, rel=1e-9)
    assert normal_kl([0.0], [-2e-6]) == pytest.approx(1e-12 - 8e-18 / 12, rel=1e-9)


def evidence(x, w, b):
    """Return log p(x) where x = w z + b + noise: N(b, w wᵀ + I)."""
    covariance = np.outer(w, w) + np.eye(len(w))
    away = np.array(x) - b
    _, logdet = np.linalg.slogdet(covariance)
    distance = away @ np.linalg.solve(covariance, away)
    return -0.5 * (len(x) * math.log(2 * math.pi) + logdet + distance)


@given(st.integers(0, 999), st.floats(-2, 2), st.floats(-2, 2))
def test_the_bound_is_log_p_at_the_true_posterior_and_below_it_elsewhere(seed, off_mean, off_variance):
    """For a linear Gaussian decoder log p(x) and p(z | x) are known; two noises, 1 and -1, give the mean."""
    model, x, _ = case(VAE, 3, [], 1, "gaussian", seed)
    w = np.array([neuron.w[0].data for neuron in model.decoder.layers[0].neurons])
    b = np.array([neuron.offset for neuron in model.decoder.layers[0].neurons])
    variance = 1 / (1 + w @ w)
    mean, log_variance = model.mean.neurons[0], model.log_variance.neurons[0]

    def bound(more_mean, more_variance):
        for i in range(3):
            mean.w[i].data, log_variance.w[i].data = variance * w[i], 0.0
        mean.b.data = -variance * (w @ b) + more_mean
        log_variance.b.data = math.log(variance) + more_variance
        return statistics.fmean(float(model.elbo(x, [noise]).bound) for noise in (1.0, -1.0))

    assert bound(0.0, 0.0) == pytest.approx(evidence(x, w, b), rel=1e-10)
    assert bound(off_mean, off_variance) <= evidence(x, w, b) + 1e-10


def test_the_parts_of_the_bound_make_the_loss():
    for beta in (0.0, 1.0, 4.0):
        model, x, noise = case(VAE, 4, [3], 2, "bernoulli", 2, beta=beta)
        parts = model.elbo(x, noise)
        assert isinstance(parts, Elbo)
        assert parts.bound.data == parts.reconstruction.data - parts.divergence.data
        assert model.loss(x, noise).data == pytest.approx(
            beta * parts.divergence.data - parts.reconstruction.data, rel=1e-14
        )
    assert model.loss(x).data == model.loss(x, [0.0, 0.0]).data


def test_beta_stands_for_the_variance_of_a_gaussian_output():
    model, x, noise = case(VAE, 4, [3], 2, "gaussian", 2, beta=0.04)
    answers = outputs(lambda z: model.decode(reparameterise(*model.encode(z), noise)), [x])[0]
    nats = -math.fsum(math.log(statistics.NormalDist(y, 0.2).pdf(t)) for y, t in zip(answers, x, strict=True))
    divergence = model.elbo(x, noise).divergence.data
    constant = 2 * (math.log(2 * math.pi) - 0.04 * math.log(2 * math.pi * 0.04))
    assert model.loss(x, noise).data == pytest.approx(0.04 * (nats + divergence) + constant, rel=1e-12)


# what they are made of


@pytest.mark.parametrize("name", MODELS)
def test_what_is_drawn_again_are_means(name):
    make, output = MODELS[name]
    model, x, _ = case(make, 5, [4], 2, output, 1)
    code = model.encode(x)[0] if make is VAE else model.encode(x)
    drawn = outputs(model, [x])[0]
    assert drawn == outputs(model.decode, [[float(z) for z in code]])[0]
    assert len(code) == 2 and len(drawn) == 5
    if output == "bernoulli":
        assert all(0 < y < 1 for y in drawn)


def test_the_decoder_mirrors_the_encoder():
    shapes = [(len(one.neurons[0].w), len(one.neurons)) for one in layers(Autoencoder(9, [7, 5], 3))]
    assert shapes == [(9, 7), (7, 5), (5, 3), (3, 5), (5, 7), (7, 9)]
    shapes = [(len(one.neurons[0].w), len(one.neurons)) for one in layers(VAE(9, [7, 5], 3))]
    assert shapes == [(9, 7), (7, 5), (5, 3), (5, 3), (3, 5), (5, 7), (7, 9)]


def test_state_names_and_modules():
    model = VAE(2, [2], 1, rng=random.Random(0))
    assert list(model.state())[6:9] == ["mean.neurons[0].w[0]", "mean.neurons[0].w[1]", "mean.neurons[0].b"]
    other = VAE(2, [2], 1, rng=random.Random(1))
    other.load_state(model.state())
    assert other.sample(random.Random(0)) == model.sample(random.Random(0))
    with watch():
        drawn = model([1.0, 0.0])
    scopes = {repr(origin(v).scope) for v in order(drawn[0]) if v.op is None}
    assert {"model.encoder[0].neurons[1]", "model.mean.neurons[0]"} < scopes
    assert not any("log_variance" in name for name in scopes)


def test_noise_and_samples_come_from_the_rng_alone():
    model = VAE(3, [4], 200, rng=random.Random(0))
    noise = model.noise(random.Random(3))
    assert noise == model.noise(random.Random(3)) != model.noise(random.Random(4))
    assert statistics.fmean(noise) == pytest.approx(0.0, abs=4 / math.sqrt(200))
    assert statistics.stdev(noise) == pytest.approx(1.0, abs=4 / math.sqrt(400))
    assert model.sample(random.Random(3)) == list(outputs(model.decode, [noise])[0])


@pytest.mark.parametrize("make", [Autoencoder, VAE])
@pytest.mark.parametrize(
    ("arguments", "more", "error", "message"),
    [
        ((64, 32, 2), {}, TypeError, r"hidden is a list of layer sizes, such as \[32\] or \[\], got 32"),
        ((64, "32", 2), {}, TypeError, "hidden is a list of layer sizes.*, got '32'"),
        ((64, [32, 0], 2), {}, ValueError, r"hidden\[1\] is at least 1, got 0"),
        ((0, [32], 2), {}, ValueError, "nin is at least 1, got 0"),
        ((64, [32], 0), {}, ValueError, "code is at least 1, got 0"),
        ((64, [32], 2.5), {}, TypeError, "code is a whole number, got 2.5"),
        (
            (64, [32], 2),
            {"output": "gausian"},
            ValueError,
            "no output is called 'gausian'; did you mean 'gaussian'",
        ),
        ((64, [32], 2), {"activation": "rleu"}, ValueError, "did you mean 'relu'"),
        ((64, [32], 2), {"init": "hee"}, ValueError, "did you mean 'he'"),
    ],
)
def test_models_refuse(make, arguments, more, error, message):
    with pytest.raises(error, match=message):
        make(*arguments, **more)


@pytest.mark.parametrize(
    ("act", "error", "message"),
    [
        (lambda: VAE(4, [], 2, beta=-1.0), ValueError, "beta must be 0 or more and finite, got -1.0"),
        (lambda: VAE(4, [], 2, beta=math.nan), ValueError, "beta must be 0 or more and finite, got nan"),
        (
            lambda: VAE(2, [], 2).loss([0.0, 1.0], [0.5]),
            ValueError,
            "each mean takes one log variance and one number of noise, got 2 means, 2 log variances and "
            "noise of 1",
        ),
        (lambda: VAE(2, [], 1).loss([0.0, 1.5], [0.5]), ValueError, "from 0 to 1, got 1.5 at position 1"),
        (lambda: VAE(2, [], 1).loss([0.0], [0.5]), ValueError, r"takes 2 inputs, got 1: \(0\)"),
        (lambda: VAE(2, [], 1).decode([0.0, 1.0]), ValueError, "takes 1 inputs, got 2"),
        (lambda: Autoencoder(2, [], 1).loss([0.0, math.nan]), ValueError, "input 1 of 2 is nan"),
        (
            lambda: Autoencoder(2, [], 1, output="bernoulli").loss([-0.5, 0.0]),
            ValueError,
            "from 0 to 1, got -0.5 at position 0",
        ),
        (lambda: normal_kl([0.0], []), ValueError, "each mean takes one log variance, got 1 and 0"),
    ],
)
def test_refuses(act, error, message):
    with pytest.raises(error, match=message):
        act()


# learning


def rows(points: Any) -> Samples:
    return Samples([(point,) for point in points])


def test_a_code_of_one_number_is_enough_for_points_on_a_line():
    """As in the course: a code and a decoder that are exact on y = 3x."""
    points = [(t, 3 * t) for t in (-1.0, -0.5, 0.25, 0.5, 1.0)]
    model = Autoencoder(2, [], 1, rng=random.Random(0))
    fit(model, rows(points), epochs=300, batch_size=5, learning_rate=0.05, executor="python").run()
    assert statistics.fmean(model.loss(point).data for point in points) < 1e-9


def test_a_vae_learns_and_the_same_seed_gives_the_same_bits():
    points = [(1.0, 1.0, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0)] * 8

    def trained():
        model = VAE(4, [6], 1, rng=random.Random(0))
        training = fit(
            model, rows(points), epochs=60, batch_size=8, optimizer="adam", learning_rate=0.03,
            executor="python",
        ).run()  # fmt: skip
        return model, [epoch.loss for epoch in training.history]

    (model, losses), (_, again) = trained(), trained()
    assert losses == again
    assert statistics.fmean(losses[-10:]) < 0.7 * statistics.fmean(losses[:5])
    assert [round(y) for y in outputs(model, [points[0]])[0]] == list(points[0])


@cache
def parts() -> Any:
    return digits().split(test=0.2, seed=0)


def trained(model: Any, epochs: int, rate: float, batch_size: int = 32) -> Any:
    """Train a model on the digits of the training part, with Adam at a rate that falls as a cosine."""
    points = parts().train.points
    updates = epochs * -(-len(points) // batch_size)
    optimizer = Adam(model.parameters(), cosine(rate, over=updates))
    return fit(model, rows(points), epochs=epochs, batch_size=batch_size, optimizer=optimizer).run()


def replayed(function: Any, model: Any, samples: Any, *example: Any) -> Any:
    """Return what a function of a model answers to samples, recorded on the arguments of an example."""
    return np.array(record(function, *example, parameters=model.parameters())(samples))


def of_pca(points: Any) -> float:
    """Return the mean squared error a pixel of PCA with 8 components, fitted to the training part."""
    pca = pytest.importorskip("sklearn.decomposition").PCA(8).fit(np.array(parts().train.points))
    again = pca.inverse_transform(pca.transform(np.array(points)))
    return float(((again - np.array(points)) ** 2).mean())


def error(model: Autoencoder, points: Any) -> float:
    return float(replayed(model.loss, model, points, points[0]).mean())


@pytest.mark.slow
def test_eight_numbers_draw_unseen_digits_better_than_eight_components():
    train, test = parts().train.points, parts().test.points
    assert of_pca(test) == pytest.approx(0.0238, abs=5e-5)
    model = Autoencoder(64, [64], 8, rng=random.Random(0))
    training = trained(model, epochs=60, rate=5e-3)
    assert error(model, test) < 0.8 * of_pca(test)
    assert error(model, train) == pytest.approx(training.history[-1].loss, rel=0.05)


@pytest.mark.slow
def test_a_linear_autoencoder_comes_to_what_pca_does_and_no_further():
    train, test = parts().train.points, parts().test.points
    model = Autoencoder(64, [], 8, rng=random.Random(0))
    trained(model, epochs=100, rate=1e-2)
    assert of_pca(train) <= error(model, train) <= 1.02 * of_pca(train)
    assert error(model, test) == pytest.approx(of_pca(test), rel=0.03)


def held_out(model: VAE) -> float:
    """Return the mean bound of unseen digits, each with a noise of its own."""
    rng = random.Random(0)
    samples = [(point, model.noise(rng)) for point in parts().test.points for _ in range(3)]
    return -float(replayed(model.loss, model, samples, *samples[0]).mean())


@pytest.mark.slow
def test_a_vae_draws_digits_that_a_classifier_knows():
    """From N(0, I), 1,000 codes of two numbers; the classifier has learned from real digits alone."""
    train, test = parts().train, parts().test
    judge = MLP(64, [64, 10], init="he", rng=random.Random(0))
    fit(judge, train, epochs=40, batch_size=32, optimizer="adam", learning_rate=3e-3).run()
    assert np.mean(shares(judge, test.points).argmax(axis=1) == np.array(test.targets)) > 0.97

    model = VAE(64, [128, 64], 2, rng=random.Random(0))
    before = held_out(model)
    training = trained(model, epochs=100, rate=5e-3)
    bounds = [-epoch.loss for epoch in training.history]
    tenths = [statistics.fmean(bounds[i : i + 10]) for i in range(0, 100, 10)]
    assert tenths == sorted(tenths)
    assert held_out(model) > before + 10
    assert held_out(model) == pytest.approx(bounds[-1], abs=0.6)

    rng = random.Random(1)
    codes = [model.noise(rng) for _ in range(1000)]
    drawn = replayed(model.decode, model, codes, codes[0])
    found = shares(judge, drawn.tolist())
    assert np.mean(found.max(axis=1) >= 0.8) >= 0.7
    assert min(np.bincount(found.argmax(axis=1), minlength=10)) >= 20


def shares(judge: MLP, points: Any) -> Any:
    """Return the probability that a classifier gives to each class."""
    logits = replayed(judge, judge, points, points[0])
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
