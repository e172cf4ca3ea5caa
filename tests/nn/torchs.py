"""Holding a layer to PyTorch: its values, and the gradients of a random mix of them."""

import random

import pytest

from engine import Value, dot
from tests.parts import needed


def torch():
    """Return PyTorch, or skip the test that asks for it."""
    return needed("torch", "oracle")


def numbers(nested):
    """Return the numbers of nested lists of Values."""
    if isinstance(nested, (list, tuple)):
        return [numbers(part) for part in nested]
    return nested.data if isinstance(nested, Value) else nested


def gradients(nested):
    return [gradients(part) for part in nested] if isinstance(nested, (list, tuple)) else nested.grad


def flat(nested):
    return [x for part in nested for x in flat(part)] if isinstance(nested, (list, tuple)) else [nested]


def tensor(nested):
    """Return a leaf of PyTorch of the numbers of nested lists."""
    return torch().tensor(numbers(nested), dtype=torch().float64, requires_grad=True)


def weights(layer):
    return [neuron.w for neuron in layer.neurons]


def biases(layer):
    return [neuron.b for neuron in layer.neurons]


def rows(rng, time, width):
    """Return Values [time][width], none of them small."""
    return [[Value(rng.choice([-1, 1]) * rng.uniform(0.2, 2.0)) for _ in range(width)] for _ in range(time)]


def stirred(rng, module):
    """Return a module none of whose parameters is 0, or where it began."""
    for p in module.parameters():
        p.data = rng.choice([-1, 1]) * rng.uniform(0.1, 1.0)
    return module


def close(x):
    return pytest.approx(x, rel=1e-10, abs=1e-10)


def assert_same(ours, theirs, leaves, seed=0):
    """Check nested lists of Values against a tensor, and the gradients of a mix of them at all leaves.

    `leaves` pairs nested lists of our Values with PyTorch's leaves.
    """
    assert flat(numbers(ours)) == close(theirs.flatten().tolist())
    rng, outputs = random.Random(seed), flat(ours)
    mix = [rng.uniform(-1, 1) for _ in outputs]
    dot(mix, outputs).backward()
    (theirs.flatten() * torch().tensor(mix, dtype=torch().float64)).sum().backward()
    for values, leaf in leaves:
        assert flat(gradients(values)) == close(leaf.grad.flatten().tolist())
