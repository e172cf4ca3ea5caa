"""The steps of tests.benchmarks.compiled in JAX: jit of value_and_grad and the update, in float64.

Each is made of a workload's numbers and returns step(), as in tests.benchmarks.by_hand.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.by_hand import RATE, Step, gpt_weights, matrices
from tests.benchmarks.compiled import Workload
from tests.compile.gpt import HEADS, VOCABULARY, WIDTH


def trained(jax: Any, parameters: Any, loss: Callable[[Any], Any]) -> Step:
    """Return the step of a loss, compiled as one function."""

    @jax.jit
    def update(parameters: Any) -> Any:
        value, gradient = jax.value_and_grad(loss)(parameters)
        return value, jax.tree.map(lambda p, g: p - RATE * g, parameters, gradient)

    held = parameters

    def step() -> float:
        nonlocal held
        value, held = update(held)
        return float(value)

    return step


def perceptron(jax: Any, layers: Any, x: Any) -> Any:
    for w, b in layers[:-1]:
        x = jax.nn.relu(x @ w.T + b)
    w, b = layers[-1]
    return x @ w.T + b


def moons(jax: Any, workload: Workload) -> Step:
    jnp = jax.numpy
    x, y = jnp.array(workload.numbers[:2].T), jnp.array(workload.numbers[2])
    layers = [(jnp.array(w), jnp.array(b)) for w, b in matrices(workload, [2, 16, 16, 1])]
    return trained(jax, layers, lambda layers: jax.nn.relu(1.0 - y * perceptron(jax, layers, x)[:, 0]).mean())


def classifier(jax: Any, workload: Workload, sizes: list[int]) -> Step:
    jnp = jax.numpy
    x, labels = jnp.array(workload.numbers.T), jnp.array(workload.indices[0])
    layers = [(jnp.array(w), jnp.array(b)) for w, b in matrices(workload, sizes)]

    def loss(layers: Any) -> Any:
        logits = perceptron(jax, layers, x)
        chosen = jnp.take_along_axis(logits, labels[:, None], 1)[:, 0]
        return (jax.scipy.special.logsumexp(logits, axis=1) - chosen).mean()

    return trained(jax, layers, loss)


def gpt(jax: Any, workload: Workload) -> Step:
    jnp = jax.numpy
    weights = {name: jnp.array(x) for name, x in gpt_weights(workload).items()}
    tokens, targets = (jnp.array(part.T) for part in np.split(workload.indices, 2))
    size, length = tokens.shape
    mask = jnp.array(np.triu(np.full((length, length), -np.inf), 1))

    def normed(x: Any) -> Any:
        return x * ((x * x).mean(axis=-1, keepdims=True) + 1e-5) ** -0.5

    def loss(w: Any) -> Any:
        before = normed(w["wte"][tokens] + w["wpe"][:length])
        x = normed(before)
        q, k, v = ((x @ w[name].T).reshape(size, length, HEADS, -1).swapaxes(1, 2) for name in "qkv")
        shares = jax.nn.softmax(q @ k.swapaxes(-1, -2) * (WIDTH // HEADS) ** -0.5 + mask)
        y = (shares @ v).swapaxes(1, 2).reshape(size, length, WIDTH)
        x = y @ w["o"].T + before
        x = jax.nn.relu(normed(x) @ w["up"].T) @ w["down"].T + x
        logits = (x @ w["head"].T).reshape(-1, VOCABULARY)
        chosen = jnp.take_along_axis(jax.nn.log_softmax(logits), targets.reshape(-1, 1), 1)
        return -chosen.mean()

    return trained(jax, weights, loss)
