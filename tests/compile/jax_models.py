"""Losses of nn's architectures with batches, held to eager in JAX on one device and on many.

`python -m tests.compile.jax_models` prints how far the devices that JAX finds are from eager, as JSON.
"""

import json
import random
import sys

import numpy as np

from engine import logsumexp, record, select
from engine.compile import careful
from engine.compile.jax_devices import over_devices
from engine.compile.jax_program import to_jax
from nn import MLP
from nn.autoencoder import VAE
from nn.conv import LeNet
from nn.data import karate_graph
from nn.gpt import GPT
from nn.node_classifier import GCN
from nn.recurrent import Forecaster
from tests.compile.agreement import furthest, largest

SAMPLES = 8


def classified(model, inputs, classes):
    """Return the cross entropy of a classifier as a loss, and what draws a sample."""

    def loss(x, label):
        logits = model(x)
        return logsumexp(logits) - select(logits, label)

    return loss, model, lambda rng: ([rng.gauss() for _ in range(inputs)], rng.randrange(classes))


def mlp(rng):
    return classified(MLP(8, [6, 5, 3], activation="tanh", rng=rng), 8, 3)


def lenet(rng):
    return classified(LeNet(rng=rng), 64, 10)


def gpt(rng):
    model = GPT(5, 4, 2, 1, 6, norm="layer", activation="gelu", bias=True, rng=rng)

    def sample(rng):
        tokens, targets = ([rng.randrange(5) for _ in range(6)] for _ in "tt")
        return tokens, targets, [rng.uniform(0.0, 1.0) for _ in range(6)]

    return model.loss, model, sample


def lstm(rng):
    model = Forecaster("lstm", 5, rng=rng)

    def loss(window, target):
        return (model(window) - target) ** 2

    return loss, model, lambda rng: ([rng.gauss() for _ in range(6)], rng.gauss())


def gcn(rng):
    club = karate_graph()
    model = GCN(club, [4], rng=rng)
    return model.loss, model, lambda rng: club.sample([0, 33, *rng.sample(range(1, 33), 4)])


def vae(rng):
    model = VAE(6, [5], 2, rng=rng)
    return model.loss, model, lambda rng: ([rng.random() for _ in range(6)], model.noise(rng))


MODELS = {make.__name__: make for make in (mlp, lenet, gpt, lstm, gcn, vae)}


class Case:
    """A model's program, its functions of JAX, its batch as arrays, and what eager makes of it."""

    def __init__(self, name):
        rng = random.Random(name)
        loss, self.model, draw = MODELS[name](rng)
        samples = [draw(rng) for _ in range(SAMPLES)]
        self.program = record(loss, *samples[0], parameters=self.model, executor="python")
        self.exported = to_jax(self.program)
        self.arrays = [np.array(column) for column in zip(*samples, strict=True)]
        graph, rows = self.program.graph, self.program.batch(samples).rows
        self.losses = careful.forward(graph, self.program.parameters, rows)[0]
        self.mean, self.gradient = careful.value_and_grad(graph, self.program.parameters, rows)

    def apart(self, jax, arrays=None):
        """Return how far results, loss and gradient are from eager, as shares of the largest there are."""
        parameters, results, loss = self.exported
        arrays = arrays if arrays is not None else self.arrays
        value, gradient = jax.jit(jax.value_and_grad(loss))(parameters, *arrays)
        found = jax.jit(results)(parameters, *arrays)
        return (
            furthest(found.tolist(), self.losses) / largest(self.losses),
            abs(float(value) - self.mean) / largest(self.losses),
            furthest(gradient.tolist(), self.gradient) / largest(self.gradient),
        )


def main(names):
    import jax

    jax.config.update("jax_enable_x64", True)
    for name in names:
        case = Case(name)
        arrays = over_devices(*case.arrays)
        devices = {len(array.sharding.device_set) for array in arrays}
        print(json.dumps([name, [*devices], case.apart(jax, arrays)]), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or MODELS)
