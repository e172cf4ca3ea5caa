"""Programs of many outputs, which have no gradient: every executor answers as eager does."""

import random

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine import Value, dot, max as largest, relu
from engine.compile.doors import record
from tests.parts import needed

EXECUTORS = ["python", "numpy", "llvm"]


def windows(image, kernel, padding):
    """The windows of a square image, filled up with zeros."""
    size = len(image)
    padded = [[0.0] * padding + list(row) + [0.0] * padding for row in image]
    blank = [[0.0] * (size + 2 * padding)] * padding
    padded = [*blank, *padded, *blank]
    places = range(len(padded) - kernel + 1)
    return [
        [[padded[i + u][j + v] for u in range(kernel) for v in range(kernel)] for j in places] for i in places
    ]


def poisoned(shape):
    return np.full(shape, 1e300)


def answers(f, parameters, samples, executor):
    if executor == "llvm":
        needed("llvmlite")
    program = record(f, samples[0], parameters=parameters, executor=executor)
    if executor == "llvm":
        program.executor.fresh = poisoned
    return program(samples)


@pytest.mark.parametrize("executor", EXECUTORS)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_rows_of_shared_weights(executor, data):
    """Sums of some of the weights times some of the inputs: what a padded convolution is at its edges."""
    rng = random.Random(data.draw(st.integers(0, 999)))
    count, width = data.draw(st.integers(4, 12)), data.draw(st.integers(2, 7))
    weights = [Value(rng.gauss()) for _ in range(count)]
    rows = [rng.sample(range(count), min(width, count)) for _ in range(data.draw(st.integers(2, 9)))]

    def f(x):
        return [dot(tuple([weights[i] for i in row]), x[: len(row)]) for row in rows]

    samples = [[rng.gauss() for _ in range(width)] for _ in range(data.draw(st.sampled_from([1, 2, 9])))]
    found = answers(f, weights, samples, executor)
    expected = [[float(z) for z in f(x)] for x in samples]
    assert np.array(found) == pytest.approx(np.array(expected), rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("executor", EXECUTORS)
@pytest.mark.parametrize(
    ("size", "padding", "pooled"), [(4, 0, False), (4, 1, False), (4, 1, True), (6, 1, True)]
)
@pytest.mark.parametrize("batch", [1, 7, 16])
def test_two_convolutions(executor, size, padding, pooled, batch):
    rng = random.Random(size + padding)
    first = [[Value(rng.gauss()) for _ in range(9)] for _ in range(2)]
    second = [[Value(rng.gauss()) for _ in range(4)] for _ in range(3)]

    def f(x):
        image = [x[i : i + size] for i in range(0, size * size, size)]
        maps = [
            [[relu(dot(tuple(w), tuple(see))) for see in row] for row in windows(image, 3, padding)]
            for w in first
        ]
        if pooled:
            maps = [
                [[largest([m[i][j], m[i + 1][j], m[i][j + 1], m[i + 1][j + 1]]) for j in range(0, len(m), 2)]
                 for i in range(0, len(m), 2)]
                for m in maps
            ]  # fmt: skip
        return [
            dot(tuple(w), tuple(see)) for w in second for m in maps for row in windows(m, 2, 1) for see in row
        ]

    samples = [[rng.gauss() for _ in range(size * size)] for _ in range(batch)]
    found = answers(f, [w for row in first + second for w in row], samples, executor)
    expected = [[float(z) for z in f(x)] for x in samples]
    assert np.array(found) == pytest.approx(np.array(expected), rel=1e-12, abs=1e-12)
