"""Ragged loops in JAX: causal attention is slices and matrix products, and no hole of a box is heard of."""

import itertools
import math
import random

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import engine
from engine import Value, record
from engine.compile import careful, jax_boxes, jax_loops
from engine.compile.jax_boxes import box_of
from engine.compile.jax_products import product
from engine.compile.jax_program import to_jax
from nn.attention import MultiHeadAttention, attention
from nn.gpt import GPT
from tests.compile.agreement import furthest, largest
from tests.parts import needed

jax = needed("jax", "accelerate")
jnp = jax.numpy
pytestmark = pytest.mark.usefixtures("float64")

SHARE = 1e-12


# boxes
@given(st.integers(0, 10**9))
@settings(max_examples=40)
def test_a_box_reads_what_its_points_read(seed):
    rng = random.Random(seed)
    lengths = {axis: rng.randint(1, 4) for axis in "htjd"}
    arrays = ["".join(rng.sample(axes, len(axes))) for axes in ("htd", "hjd")]
    grid = [
        dict(zip("htj", at, strict=True)) for at in itertools.product(*[range(lengths[a]) for a in "htj"])
    ]
    nodes = [at for at in grid if at["j"] <= at["t"]]
    reads = []
    for axes in arrays:
        shape = [lengths[axis] for axis in axes]
        table = [
            [np.ravel_multi_index([(at | {"d": d})[axis] for axis in axes], shape) for at in nodes]
            for d in range(lengths["d"])
        ]
        is_one = axes[2] in "tj" and rng.random() < 0.5  # heads and features are told as one
        reads.append((np.array(table), (shape[0] * shape[1], shape[2]) if is_one else tuple(shape)))
    is_there = np.ones(reads[0][0].shape, dtype=bool)
    box = box_of(reads, is_there, np.arange(len(nodes)))
    assert box is not None or 2 * len(nodes) < lengths["t"] * lengths["j"] * lengths["h"]
    if box is not None:
        assert read_by(box) == [
            sorted(map(tuple, zip(*[r[:, n] for r, _ in reads], strict=True))) for n in range(len(nodes))
        ]


def read_by(box):
    """Return for each node of a box the places that its points read."""
    found = {node: [] for node in box.nodes.tolist() if node >= 0}
    is_point = True if box.holes is None else box.holes.is_point
    points = np.argwhere(np.broadcast_to(is_point, box.shape))
    for point in points.tolist():
        at = [n for axis, n in enumerate(point) if axis not in box.folded]
        node = int(box.nodes[np.ravel_multi_index(at, box.inner) if at else 0])
        places = [
            first + sum(map(math.prod, zip(point, steps, strict=True)))
            for first, steps in zip(box.firsts, box.strides, strict=True)
        ]
        found[node].append(tuple(places))
    return [sorted(found[node]) for node in sorted(found)]


def test_what_is_no_box():
    everywhere = np.ones((1, 4), dtype=bool)
    uneven = np.array([[0, 1, 2, 9]])
    assert box_of([(uneven, (10,))], everywhere, np.arange(4)) is None  # more holes than points
    twice = np.array([[0, 1, 1, 2]])
    assert box_of([(twice, (10,))], everywhere, np.arange(4)) is None
    turned = np.array([[0, 2, 1, 3]]), np.array([[0, 1, 2, 3]])
    box = box_of([(turned[0], (2, 2)), (turned[1], (4,))], everywhere, np.arange(4))
    assert box.shape == (2, 2) and box.strides == [(1, 2), (2, 1)]


# matrix products
@given(st.integers(0, 10**9))
@settings(max_examples=8)
def test_a_sum_of_products_as_a_product_of_matrices(seed):
    rng = np.random.default_rng(seed)
    shape, folded = rng.integers(1, 4, 5), rng.choice(5, size=2, replace=False).tolist()
    x, y = (rng.normal(size=[n if rng.random() < 0.7 else 1 for n in shape]) for _ in "xy")
    is_point = rng.random([n if rng.random() < 0.5 else 1 for n in shape]) < 0.5
    found = product(jnp.array(x), jnp.array(y), folded, is_point)
    every = np.broadcast_shapes(x.shape, y.shape)
    if found is not None and all(m <= n for m, n in zip(is_point.shape, every, strict=True)):
        there = is_point if max([is_point.shape[axis] for axis in folded]) > 1 else True
        assert np.allclose(found, np.where(there, x * y, 0.0).sum(axis=tuple(folded)), rtol=1e-13, atol=1e-13)


# attention
def numbers(rng, time, width):
    return [[rng.gauss() for _ in range(width)] for _ in range(time)]


def attended(time, heads, causal, width=4):
    """Return a program of attention, exported, and its batch."""
    rng = random.Random(time)
    model = MultiHeadAttention(width, heads, causal=causal, rng=rng)

    def loss(x):
        return engine.sum([engine.tanh(y) * (t + 1.0) for t, row in enumerate(model(x)) for y in row])

    samples = [numbers(rng, time, width) for _ in range(3)]
    return record(loss, samples[0], parameters=model), samples


def apart(program, samples):
    """Return how far JAX is from eager, of the largest that there is: losses, gradient."""
    rows = program.batch(samples).rows
    losses = careful.forward(program.graph, program.parameters, rows)[0]
    _, gradient = careful.value_and_grad(program.graph, program.parameters, rows)
    parameters, results, loss = to_jax(program)
    columns = samples if len(program.signature.trees) == 1 else zip(*samples, strict=True)
    arrays = [jnp.array(samples)] if len(program.signature.trees) == 1 else [jnp.array(c) for c in columns]
    found = jax.jit(results)(parameters, *arrays), jax.jit(jax.grad(loss))(parameters, *arrays)
    pairs = zip(found, (losses, gradient), strict=True)
    return [furthest(f.tolist(), expected) / largest(expected) for f, expected in pairs]


CASES = [(1, 2, True), (2, 1, True), (3, 4, True), (4, 2, True), (7, 1, True), (4, 2, False)]


@pytest.mark.parametrize(("time", "heads", "causal"), CASES)
def test_attention_is_what_eager_is(time, heads, causal):
    assert max(apart(*attended(time, heads, causal))) <= SHARE


def test_a_triangle_taken_for_a_square_is_caught(monkeypatch):
    monkeypatch.setattr(jax_boxes, "_thinned", np.ones_like)
    assert max(apart(*attended(4, 2, True))) > SHARE


@pytest.mark.parametrize("causal", [True, False])
def test_attention_gathers_nothing(causal):
    program, samples = attended(6, 2, causal)
    parameters, results, loss = to_jax(program)
    arrays = parameters, jnp.array(samples)
    assert (
        str(jax.make_jaxpr(results)(*arrays)).count("dot_general[") == 4
    )  # of q, k, v; scores; shares; of o
    text = str(jax.make_jaxpr(jax.grad(loss))(*arrays))
    assert "gather" not in text and "scatter" not in text
    assert text.count("dot_general[") == 4 + 2 * 4 - 1  # x has no gradient


def test_a_gpt_gathers_the_rows_of_its_tokens_alone():
    model = GPT(5, 4, 2, 2, 6, norm="layer", activation="gelu", bias=True, rng=random.Random(0))
    tokens = [0, 1, 2, 3, 4, 0]
    parameters, _, loss = to_jax(record(model.loss, tokens, tokens, parameters=model))
    text = str(jax.make_jaxpr(jax.grad(loss))(parameters, jnp.array([tokens]), jnp.array([tokens])))
    assert text.count(" gather[") == text.count(" scatter-add[") == 1


def alone(score_of):
    """Return a program of causal attention of width 1 whose keys are scaled, and its batch."""
    w = Value(1.0)

    def loss(keys):
        queries = [[w] for _ in keys]
        return engine.sum(
            [
                row[0] * row[0]
                for row in attention(
                    queries, [[score_of(k)] for k in keys], [[w * k] for k in keys], causal=True
                )
            ]
        )

    return record(loss, [0.1, 0.2, 0.3], parameters=[w])


def test_what_is_not_asked_for_may_overflow():
    program = alone(lambda key: key * 1000.0)
    batch = [[0.5, 2.0, 3.0], [-4.0, 0.0, 9.0]]
    assert max(apart(program, batch)) <= SHARE  # exp(1500) is inf


def roots():
    """Return a program of roots of w (x[t] - y[j]) for j up to t alone; y[t + 1] is x[t] in its batch."""
    w = Value(2.0)

    def loss(x, y):
        totals = [engine.sum([engine.sqrt(w * (a - b)) for b in y[: t + 1]]) for t, a in enumerate(x)]
        return engine.sum([total * total for total in totals])

    example = [0.0, 1.0, 2.0, 3.0], [-1.0, 0.0, 1.0, 2.0]
    return record(loss, *example, parameters=[w]), [example]


def test_a_partial_of_inf_where_nobody_asks():
    assert max(apart(*roots())) <= SHARE


def test_a_hole_that_is_not_filled_up_is_caught(monkeypatch):
    monkeypatch.setattr(jax_loops, "_filled_up", lambda x, holes: x)
    assert apart(*roots())[1] == math.inf


@pytest.mark.parametrize("fold", [engine.max, engine.min, engine.sum])
def test_lists_of_which_one_is_the_end_of_another(fold):
    ws = [Value(0.5), Value(-0.25), Value(1.0)]

    def loss(x):
        xs = [engine.tanh(w * y) for w, y in zip(ws, x, strict=True)]
        return engine.sum([fold(xs[n:]) * (n + 1.0) for n in range(3)])

    program = record(loss, [0.1, 0.2, 0.3], parameters=ws)
    assert max(apart(program, [[3.0, 2.0, 1.0], [-1.0, 0.5, 2.0], [0.3, -0.2, -4.0]])) <= SHARE


def test_inf_at_a_position_may_make_nan_of_those_before_it():
    model = MultiHeadAttention(2, 1, rng=random.Random(0))
    finite = [[1.0, 0.5], [0.0, 2.0], [0.5, 0.5], [-1.0, 1.0]]
    batch = [finite, [*finite[:3], [math.inf, 1.0]]]

    def f(x):
        return [y for row in model(x) for y in row]

    parameters, results, _ = to_jax(record(f, batch[0], parameters=model))
    eager = np.array([[y.data for y in f(x)] for x in batch])
    assert np.isfinite(eager[1][:6]).all() and np.isnan(eager[1][6:]).all()
    found = np.array(jax.jit(results)(parameters, jnp.array(batch)))
    assert np.allclose(found[0], eager[0], rtol=1e-14) and np.isnan(found[1]).all()
