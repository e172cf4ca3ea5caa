"""The steps of tests.benchmarks.compiled in JAX: jit of value_and_grad and the update, in float64.

Each is made of a workload's numbers and returns step(), as in tests.benchmarks.by_hand.
"""

import math
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


def lenet(jax: Any, workload: Workload) -> Step:
    """The step of nn's LeNet on images of 8 × 8, of 16 and 32 maps."""
    jnp, lax = jax.numpy, jax.lax
    x, labels = jnp.array(workload.numbers.T), jnp.array(workload.indices[0])
    flat = jnp.array([p.data for p in workload.parameters])
    first, second, last = flat[:160].reshape(16, 10), flat[160:4800].reshape(32, 145), flat[4800:]

    def halved(x: Any, filters: Any) -> Any:
        kernels = filters[:, :-1].reshape(len(filters), -1, 3, 3)
        x = lax.conv_general_dilated(x, kernels, (1, 1), "SAME", dimension_numbers=("NCHW", "OIHW", "NCHW"))
        x = jax.nn.relu(x + filters[:, -1][:, None, None])
        return lax.reduce_window(x, -np.inf, lax.max, (1, 1, 2, 2), (1, 1, 2, 2), "VALID")

    def loss(layers: tuple[Any, ...]) -> Any:
        first, second, last = layers
        maps = halved(halved(x.reshape(-1, 1, 8, 8), first), second)
        logits = maps.reshape(len(x), -1) @ last[:, :-1].T + last[:, -1]
        chosen = jnp.take_along_axis(logits, labels[:, None], 1)[:, 0]
        return (jax.scipy.special.logsumexp(logits, axis=1) - chosen).mean()

    return trained(jax, (first, second, last.reshape(10, 129)), loss)


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


def transformer_weights(jax: Any, workload: Workload, layers: int) -> dict[str, Any]:
    """Return the weights and biases of nn's GPT from its flat parameters."""
    flat, first = jax.numpy.array([p.data for p in workload.parameters]), 0
    length, width = len(workload.indices) // 2, WIDTH

    def taken(*shape: int) -> Any:
        nonlocal first
        first += math.prod(shape)
        return flat[first - math.prod(shape) : first].reshape(shape)

    def layer(rows: Any) -> dict[str, Any]:
        return {"w": rows[:, :-1], "b": rows[:, -1]}

    def block() -> dict[str, Any]:
        norm, heads = taken(2, width), taken(HEADS, 3, width // HEADS, width + 1)
        made = {name: layer(heads[:, i].reshape(width, width + 1)) for i, name in enumerate("qkv")}
        made |= {"o": layer(taken(width, width + 1)), "norm": norm, "between": taken(2, width)}
        made["up"] = layer(taken(4 * width, width + 1))
        return made | {"down": layer(taken(width, 4 * width + 1))}

    made = {"wte": taken(VOCABULARY, width), "wpe": taken(length, width)}
    made["blocks"] = [block() for _ in range(layers)]
    return made | {"norm": taken(2, width), "head": layer(taken(VOCABULARY, width + 1))}


def transformer(jax: Any, workload: Workload, layers: int) -> Step:
    jnp = jax.numpy
    tokens, targets = (jnp.array(part.T) for part in np.split(workload.indices, 2))
    size, length = tokens.shape
    mask = jnp.array(np.triu(np.full((length, length), -np.inf), 1))

    def linear(w: Any, x: Any) -> Any:
        return x @ w["w"].T + w["b"]

    def normed(w: Any, x: Any) -> Any:
        x = x - x.mean(axis=-1, keepdims=True)
        return x * ((x * x).mean(axis=-1, keepdims=True) + 1e-5) ** -0.5 * w[0] + w[1]

    def loss(w: Any) -> Any:
        x = w["wte"][tokens] + w["wpe"]
        for block in w["blocks"]:
            inner = normed(block["norm"], x)
            q, k, v = (linear(block[n], inner).reshape(size, length, HEADS, -1).swapaxes(1, 2) for n in "qkv")
            shares = jax.nn.softmax(q @ k.swapaxes(-1, -2) * (WIDTH // HEADS) ** -0.5 + mask)
            x = linear(block["o"], (shares @ v).swapaxes(1, 2).reshape(size, length, WIDTH)) + x
            hidden = jax.nn.gelu(linear(block["up"], normed(block["between"], x)), approximate=False)
            x = linear(block["down"], hidden) + x
        logits = linear(w["head"], normed(w["norm"], x)).reshape(-1, VOCABULARY)
        return -jnp.take_along_axis(jax.nn.log_softmax(logits), targets.reshape(-1, 1), 1).mean()

    return trained(jax, transformer_weights(jax, workload, layers), loss)
