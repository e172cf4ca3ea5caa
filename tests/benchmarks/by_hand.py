"""The steps of tests.benchmarks.compiled, written by hand: in numpy with its reverse pass, and in PyTorch.

Each is made of a workload's numbers and returns step(), which trains once by gradient descent and gives the
loss before, as a float.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.compiled import RATE, Workload
from tests.compile.gpt import HEADS, VOCABULARY, WIDTH

Step = Callable[[], float]


def matrices(workload: Workload, sizes: list[int]) -> list[tuple[Any, Any]]:
    """Return the weights [out, in] and biases of a multilayer perceptron from its flat parameters."""
    flat, layers, first = np.array([p.data for p in workload.parameters]), [], 0
    for nin, nout in zip(sizes, sizes[1:], strict=False):
        rows = flat[first : first + nout * (nin + 1)].reshape(nout, nin + 1)
        layers.append((rows[:, :-1].copy(), rows[:, -1].copy()))
        first += rows.size
    return layers


def moons_in_numpy(workload: Workload) -> Step:
    (w1, b1), (w2, b2), (w3, b3) = matrices(workload, [2, 16, 16, 1])
    x, y = workload.numbers[:2].T.copy(), workload.numbers[2].copy()
    size = len(x)

    def step() -> float:
        nonlocal b1, b2, b3, w1, w2, w3
        h1 = np.maximum(x @ w1.T + b1, 0.0)
        h2 = np.maximum(h1 @ w2.T + b2, 0.0)
        margin = 1.0 - y * (h2 @ w3[0] + b3[0])
        loss = np.maximum(margin, 0.0).sum() / size
        dz3 = (-y / size) * (margin > 0.0)
        dw3, db3 = dz3 @ h2, dz3.sum()
        dz2 = np.outer(dz3, w3[0]) * (h2 > 0.0)
        dw2, db2 = dz2.T @ h1, dz2.sum(axis=0)
        dz1 = (dz2 @ w2) * (h1 > 0.0)
        dw1, db1 = dz1.T @ x, dz1.sum(axis=0)
        w1 -= RATE * dw1
        b1 -= RATE * db1
        w2 -= RATE * dw2
        b2 -= RATE * db2
        w3 -= RATE * dw3
        b3 -= RATE * db3
        return float(loss)

    return step


def classifier_in_numpy(workload: Workload, sizes: list[int]) -> Step:
    (w1, b1), (w2, b2) = matrices(workload, sizes)
    x, labels = workload.numbers.T.copy(), workload.indices[0]
    size, rows = len(x), np.arange(len(x))

    def step() -> float:
        nonlocal b1, b2, w1, w2
        h = np.maximum(x @ w1.T + b1, 0.0)
        z = h @ w2.T + b2
        z -= z.max(axis=1, keepdims=True)
        e = np.exp(z)
        total = e.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[rows, labels]).sum() / size
        dz = e / total
        dz[rows, labels] -= 1.0
        dz /= size
        dw2, db2 = dz.T @ h, dz.sum(axis=0)
        dh = (dz @ w2) * (h > 0.0)
        dw1, db1 = dh.T @ x, dh.sum(axis=0)
        w1 -= RATE * dw1
        b1 -= RATE * db1
        w2 -= RATE * dw2
        b2 -= RATE * db2
        return float(loss)

    return step


def gpt_weights(workload: Workload) -> dict[str, Any]:
    """Return the matrices of a GPT from its flat parameters."""
    length = len(workload.indices) // 2
    shapes = {
        "wte": (VOCABULARY, WIDTH), "wpe": (length, WIDTH), "head": (VOCABULARY, WIDTH), "q": (WIDTH, WIDTH),
        "k": (WIDTH, WIDTH), "v": (WIDTH, WIDTH), "o": (WIDTH, WIDTH), "up": (4 * WIDTH, WIDTH),
        "down": (WIDTH, 4 * WIDTH),
    }  # fmt: skip
    flat, made, first = np.array([p.data for p in workload.parameters]), {}, 0
    for name, (rows, columns) in shapes.items():
        made[name] = flat[first : first + rows * columns].reshape(rows, columns).copy()
        first += rows * columns
    return made


def gpt_in_numpy(workload: Workload) -> Step:
    weights = gpt_weights(workload)
    wqkv = np.concatenate([weights.pop("q"), weights.pop("k"), weights.pop("v")])
    weights["qkv"] = wqkv
    tokens, targets = (part.T.copy() for part in np.split(workload.indices, 2))
    size, length = tokens.shape
    depth = WIDTH // HEADS
    mask = np.triu(np.full((length, length), -np.inf), 1)
    samples, places = np.arange(size)[:, None], np.arange(length)[None]

    def normed(x: Any) -> tuple[Any, Any]:
        scale = ((x * x).sum(axis=-1, keepdims=True) / WIDTH + 1e-5) ** -0.5
        return x * scale, scale

    def unnormed(dy: Any, x: Any, scale: Any) -> Any:
        inner = (dy * x).sum(axis=-1, keepdims=True)
        return dy * scale - x * (inner * scale**3 / WIDTH)

    def step() -> float:
        w = weights
        x0 = w["wte"][tokens] + w["wpe"][:length]
        x1, s1 = normed(x0)
        x2, s2 = normed(x1)
        flat2 = x2.reshape(-1, WIDTH)
        qkv = (flat2 @ w["qkv"].T).reshape(size, length, 3, HEADS, depth).transpose(2, 0, 3, 1, 4)
        q, k, v = qkv
        a = (q @ k.swapaxes(-1, -2)) * depth**-0.5 + mask
        a = np.exp(a - a.max(axis=-1, keepdims=True))
        a /= a.sum(axis=-1, keepdims=True)
        y = (a @ v).transpose(0, 2, 1, 3).reshape(-1, WIDTH)
        x3 = (y @ w["o"].T).reshape(x1.shape) + x1
        x4, s4 = normed(x3)
        flat4 = x4.reshape(-1, WIDTH)
        h = np.maximum(flat4 @ w["up"].T, 0.0)
        x5 = (h @ w["down"].T).reshape(x3.shape) + x3
        flat5 = x5.reshape(-1, WIDTH)
        z = (flat5 @ w["head"].T).reshape(size, length, VOCABULARY)
        p = np.exp(z - z.max(axis=-1, keepdims=True))
        p /= p.sum(axis=-1, keepdims=True)
        loss = -np.log(p[samples, places, targets]).sum() / (size * length)

        p[samples, places, targets] -= 1.0
        p /= size * length
        dz = p.reshape(-1, VOCABULARY)
        d = {"head": dz.T @ flat5}
        dx5 = dz @ w["head"]
        d["down"] = dx5.T @ h
        dh = (dx5 @ w["down"]) * (h > 0.0)
        d["up"] = dh.T @ flat4
        dx3 = unnormed((dh @ w["up"]).reshape(x3.shape), x3, s4) + dx5.reshape(x3.shape)
        flat3 = dx3.reshape(-1, WIDTH)
        d["o"] = flat3.T @ y
        dy = (flat3 @ w["o"]).reshape(size, length, HEADS, depth).transpose(0, 2, 1, 3)
        da = dy @ v.swapaxes(-1, -2)
        da = a * (da - (da * a).sum(axis=-1, keepdims=True)) * depth**-0.5
        dqkv = np.stack([da @ k, da.swapaxes(-1, -2) @ q, a.swapaxes(-1, -2) @ dy])
        dqkv = dqkv.transpose(1, 3, 0, 2, 4).reshape(-1, 3 * WIDTH)
        d["qkv"] = dqkv.T @ flat2
        dx1 = unnormed((dqkv @ w["qkv"]).reshape(x1.shape), x1, s2) + dx3
        dx0 = unnormed(dx1, x0, s1)
        d["wte"] = np.zeros_like(w["wte"])
        np.add.at(d["wte"], tokens, dx0)
        w["wpe"][:length] -= RATE * dx0.sum(axis=0)
        for name, gradient in d.items():
            w[name] -= RATE * gradient
        return float(loss)

    return step


def trained(torch: Any, parameters: list[Any], loss: Callable[[], Any]) -> Step:
    """Return the step of a loss in PyTorch, by its own optimizer."""
    torch.set_num_threads(1)
    optimizer = torch.optim.SGD(parameters, lr=RATE)

    def step() -> float:
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        return float(value.detach())

    return step


def perceptron_in_torch(torch: Any, workload: Workload, sizes: list[int]) -> tuple[Any, list[Any]]:
    """Return a multilayer perceptron as a function, and its parameters."""
    layers = [
        (torch.tensor(w, requires_grad=True), torch.tensor(b, requires_grad=True))
        for w, b in matrices(workload, sizes)
    ]

    def model(x: Any) -> Any:
        for w, b in layers[:-1]:
            x = torch.relu(torch.nn.functional.linear(x, w, b))
        return torch.nn.functional.linear(x, *layers[-1])

    return model, [p for layer in layers for p in layer]


def moons_in_torch(torch: Any, workload: Workload) -> Step:
    model, parameters = perceptron_in_torch(torch, workload, [2, 16, 16, 1])
    x, y = torch.tensor(workload.numbers[:2].T.copy()), torch.tensor(workload.numbers[2])
    return trained(torch, parameters, lambda: torch.relu(1 - y * model(x)[:, 0]).mean())


def classifier_in_torch(torch: Any, workload: Workload, sizes: list[int]) -> Step:
    model, parameters = perceptron_in_torch(torch, workload, sizes)
    x, labels = torch.tensor(workload.numbers.T.copy()), torch.tensor(workload.indices[0])
    return trained(torch, parameters, lambda: torch.nn.functional.cross_entropy(model(x), labels))


def gpt_in_torch(torch: Any, workload: Workload) -> Step:
    functional = torch.nn.functional
    w = {name: torch.tensor(x, requires_grad=True) for name, x in gpt_weights(workload).items()}
    tokens, targets = (torch.tensor(part.T.copy()) for part in np.split(workload.indices, 2))
    size, length = tokens.shape

    def normed(x: Any) -> Any:
        return functional.rms_norm(x, (WIDTH,), eps=1e-5)

    def loss() -> Any:
        x = normed(w["wte"][tokens] + w["wpe"][:length])
        before, x = x, normed(x)
        q, k, v = (
            functional.linear(x, w[name]).view(size, length, HEADS, -1).transpose(1, 2) for name in "qkv"
        )
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = functional.linear(y.transpose(1, 2).reshape(size, length, WIDTH), w["o"]) + before
        x = functional.linear(torch.relu(functional.linear(normed(x), w["up"])), w["down"]) + x
        logits = functional.linear(x, w["head"])
        return functional.cross_entropy(logits.view(-1, VOCABULARY), targets.reshape(-1))

    return trained(torch, list(w.values()), loss)
