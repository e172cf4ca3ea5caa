"""Programs as functions of JAX: jitted, differentiated, mapped and sharded they compute what eager does."""

import itertools
import json
import math
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

import engine
from engine import Op, Value, ops, record, select
from engine.check.points import draw_points
from engine.check.programs import SMOOTH
from engine.compile.graph import run
from engine.compile.instructions import Dot
from engine.compile.jax_devices import over_devices
from engine.compile.jax_program import to_jax
from engine.compile.jax_rows import Array, computed
from engine.compile.jax_views import is_view, strided
from engine.compile.plan import plan
from nn import MLP, Adam
from tests.compile import jax_models
from tests.compile.agreement import disagreement, drawn
from tests.compile.as_programs import as_program, feeds
from tests.compile.structured import structured
from tests.parts import needed

jax = needed("jax", "accelerate")
jnp = jax.numpy
pytestmark = pytest.mark.usefixtures("float64")

SHARE = 1e-12
SIZE = 400
"""So many points is each row computed at: JAX compiles for each size anew."""
EDGES = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, math.inf, -math.inf, math.nan, 1e300, -1e300, 800.0, -800.0)
ROOT = Path(__file__).parents[2]


# the rows
def apart(found, expected):
    """Return whether numbers differ: by more than a share, or 1e-15; nan is nan."""
    same = (found == expected) | (np.isnan(found) & np.isnan(expected))
    with np.errstate(all="ignore"):
        return ~(same | (np.abs(found - expected) <= np.maximum(SHARE * np.abs(expected), 1e-15)))


def row_faults(op, points, like=None):
    """Return the points at which JAX's value of an op, or a slope, is not that of `like`, or the op."""
    like, points = like or op, [points[i % len(points)] for i in range(SIZE)]
    columns = [jnp.array(column) for column in zip(*points, strict=True)]
    one = jnp.ones(SIZE)
    found = [np.array(computed(op, tuple(columns)))]
    values = [like.evaluate(*point) for point in points]
    expected = [np.array(values)]
    for place in range(op.arity if op.partials != (None,) else 0):
        before, after = columns[:place], columns[place + 1 :]

        def along(x, before=before, after=after):
            return computed(op, (*before, x, *after))

        found.append(np.array(jax.jvp(along, (columns[place],), (one,))[1]))
        expected.append(
            np.array([like.float_slope(place, z, p) for z, p in zip(values, points, strict=True)])
        )
    return {
        (points[i], float(f[i]), float(e[i]))
        for f, e in zip(found, expected, strict=True)
        for i in np.flatnonzero(apart(f, e))
    }


def ordinary(point):
    """Return whether no number is so small that XLA takes it, or a result of it, for 0."""
    return all(x == 0.0 or 1e-100 < abs(x) < 1e100 for x in point)


ROWS = [op for op in ops.TABLE.values() if not any(op.lists)]


INFINITE = {ops.power, ops.power_x, ops.power_y}
"""Rows that may be nan where an exponent is infinite, or too large to be odd."""


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_a_row_and_its_slopes_are_the_tables(op):
    edges = [p for p in itertools.product(EDGES, repeat=op.arity) if op not in INFINITE or abs(p[1]) < 1e3]
    points = [p if isinstance(p, tuple) else (p,) for p in itertools.islice(draw_points(op, 300), 300)]
    assert len(edges) < SIZE and not row_faults(op, edges + [p for p in points if ordinary(p)])


def test_a_wrong_row_is_caught():
    points = [(0.5,), (-0.5,), (3.0,)]
    assert len(row_faults(ops.sinh, points, like=ops.cosh)) == 6
    wrong = Op("tanh", math.tanh, lambda z, x: 1.0 - z)
    assert len(row_faults(ops.tanh, points, like=wrong)) == 3


@pytest.mark.parametrize("xs", [(0.5, -1.0, 2.0), (2.0, 2.0, -1.0), (math.nan, 1.0, 2.0)])
@pytest.mark.parametrize("op", [ops.sum, ops.max, ops.min, ops.logsumexp], ids=lambda op: op.name)
def test_a_row_of_a_list(op, xs):
    leaves = [Value(x) for x in xs]
    expected = op([*leaves, 0.25])
    expected.backward()
    found, slopes = jax.value_and_grad(lambda xs: computed(op, ((*xs, 0.25),)))(jnp.array(xs))
    assert not apart(np.array([found, *slopes]), np.array([expected.data, *[v.grad for v in leaves]])).any()


def test_derivatives_of_every_order_are_the_tables():
    def f(x):
        return engine.gelu(x) * engine.tanh(x) + engine.silu(x) ** 3 + engine.maximum(x, 0.5) * x

    def on_arrays(x):
        return f(Array(x)).array

    first = jax.grad(on_arrays)
    found = jax.jit(lambda x: [first(x), jax.grad(first)(x), jax.jacfwd(jax.jacrev(first))(x)])(0.75)
    slope = engine.grad(f)
    curve = engine.grad(slope)
    assert found == pytest.approx([slope(0.75), curve(0.75), engine.grad(curve)(0.75)], rel=1e-12)


def test_kinks_ties_and_nan_are_as_in_eager():
    def slopes(f, *xs):
        return [float(s) for s in jax.grad(lambda *ys: f(*map(Array, ys)).array, range(len(xs)))(*xs)]

    assert slopes(engine.relu, 0.0) == slopes(abs, 0.0) == [0.0]
    assert slopes(engine.maximum, 2.0, 2.0) == [0.5, 0.5]
    assert slopes(lambda x, y: engine.max([x, y, y]), 1.0, 3.0) == [0.0, 1.0]
    assert slopes(lambda x, y: x**y, 0.0, 0.0) == [0.0, 0.0]
    assert slopes(lambda c, x, y: engine.where(c, x, y), 1.0, 2.0, 3.0) == [0.0, 1.0, 0.0]
    assert math.isnan(slopes(engine.relu, math.nan)[0])
    assert slopes(lambda x, y: engine.detach(x) * y, 2.0, 3.0) == [0.0, 2.0]


def test_a_decision_on_an_array_is_refused():
    with pytest.raises(TypeError, match="not known yet where JAX traces: decide with where or maximum"):
        bool(Array(jnp.ones(2)))
    with pytest.raises(TypeError, match="compute with engine's ops, not math's"):
        math.sin(Array(jnp.ones(2)))


# views
@given(st.integers(0, 10**9))
@settings(max_examples=6)
def test_rows_at_even_distances(seed):
    rng = random.Random(seed)
    shape = [rng.randint(1, 4) for _ in range(rng.randint(0, 4))]
    strides = [rng.choice([0, 1, 1, 2, 3, 5, -1, -4, 12, 20]) for _ in shape]
    offsets = np.zeros(shape, dtype=int)
    for axis, step in zip(np.indices(shape), strides, strict=True):
        offsets += axis * step
    first = -int(offsets.min()) + rng.randint(0, 3)
    x = np.arange(first + int(offsets.max()) + 1 + rng.randint(0, 5)) * np.array([[1], [10]])
    if is_view(shape, strides):
        found = strided(jnp.array(x), first, shape, strides)
        assert (np.broadcast_to(found, (2, *shape)) == x[:, offsets + first]).all()


def test_too_many_overlapping_slices_are_no_view():
    assert not is_view((100, 100), (1, 1)) and is_view((3, 3, 24, 24), (28, 1, 28, 1))


# random programs
class Jax:
    """A random graph in JAX, asked as the executors are."""

    def __init__(self, graph, parameters, batch):
        self.exported, self.graph = to_jax(as_program(graph, parameters, batch)), graph
        self.compiled = jax.jit

    def vector(self, parameters):
        return parameters

    def arrays(self, batch):
        return feeds(self.graph, batch, "float64").values()

    def forward(self, parameters, batch):
        return [self.compiled(self.exported.results)(jnp.array(parameters), *self.arrays(batch))]

    def value_and_grad(self, parameters, batch):
        gradient = self.compiled(jax.value_and_grad(self.exported.loss))
        return gradient(jnp.array(parameters), *self.arrays(batch))


CHOOSING = {"minimum", "maximum", "min", "max"}


def has_ties(graph, parameters, batch):
    """Tell whether an op chooses one of several equal numbers: XLA, computing them twice, may part them."""
    for row in batch.rows:
        numbers, indices = list(map(float, row[: graph.inputs])), list(map(int, row[graph.inputs :]))
        values = run(graph, list(map(float, parameters)), numbers, indices)
        for op, operands in zip(graph.ops, graph.operands, strict=True):
            if getattr(op, "name", "") in CHOOSING:
                places = operands[0] if isinstance(operands[0], tuple) else operands
                found = [values[i] if type(i) is int else i for i in places]
                if found.count(max(found) if op.name.startswith("max") else min(found)) > 1:
                    return True
    return False


def disagrees(graph, parameters, batch, fault=1.0):
    """Return what JAX gets wrong, from parameters that are off by a factor."""
    if not graph.inputs + graph.indices or not graph.parameters:
        return ""
    made = Jax(graph, parameters, batch)
    if has_ties(graph, parameters, batch):  # one op after the other, where a tie stays one
        made.compiled = lambda f: f
    made.vector = lambda parameters: [p * fault for p in parameters]
    return disagreement(made, graph, parameters, batch)


@settings(max_examples=4)
@given(st.integers(0, 10**9))
def test_random_graphs_with_structure(seed):
    assert disagrees(*structured(seed, 3 + seed % 8)) == ""


@settings(max_examples=4)
@given(st.integers(0, 10**9))
def test_random_programs_over_the_table(seed):
    assert disagrees(*drawn(seed, SMOOTH, 12)) == ""


@pytest.mark.slow
@settings(max_examples=100)
@given(st.integers(0, 10**9))
def test_more_random_graphs_with_structure(seed):
    assert disagrees(*structured(seed, 4 + seed % 12)) == ""


@pytest.mark.slow
@settings(max_examples=100)
@given(st.integers(0, 10**9))
def test_more_random_programs_over_the_table(seed):
    assert disagrees(*drawn(seed, SMOOTH, 20)) == ""


def test_a_planted_fault_is_caught():
    assert disagrees(*structured(7, 4)) == ""
    assert "shaken" in disagrees(*structured(7, 4), fault=1.0 + 1e-9)


# models
@pytest.mark.parametrize(
    "name", [n if n in ("mlp", "vae") else pytest.param(n, marks=pytest.mark.slow) for n in jax_models.MODELS]
)
def test_a_model_is_what_eager_is(name):
    case = jax_models.Case(name)
    assert max(case.apart(jax)) <= SHARE
    parameters, *functions = case.exported
    case.exported = parameters.at[0].multiply(1.0 + 1e-6), *functions
    assert max(case.apart(jax)) > SHARE


def on_eight_devices(*names):
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-m", "tests.compile.jax_models", *names]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | flags, capture_output=True, text=True, check=True
    )
    found = {name: (devices, shares) for name, devices, shares in map(json.loads, done.stdout.splitlines())}
    assert found.keys() == set(names)
    for devices, shares in found.values():
        assert devices == [8] and max(shares) <= SHARE


def test_a_batch_over_eight_devices():
    on_eight_devices("mlp")


@pytest.mark.slow
def test_every_model_over_eight_devices():
    on_eight_devices(*jax_models.MODELS)


def test_devices_that_do_not_divide_the_batch_are_refused():
    x = np.zeros((8, 2))
    with pytest.raises(
        ValueError, match="3 devices share out batches of a multiple of 3 samples, got 8; leave"
    ):
        over_devices(x, devices=jax.devices()[:1] * 3)
    with pytest.raises(ValueError, match="needs at least one device, got an empty list"):
        over_devices(x, devices=[])
    with pytest.raises(ValueError, match="array 1 is a number: over_devices shares out the samples"):
        over_devices(x, 3.0)
    (placed, listed) = over_devices(x, [1.0, 2.0], devices=jax.devices()[:1])
    assert placed.sharding.spec == jax.sharding.PartitionSpec("batch") and listed.shape == (2,)


# what JAX can do with it
def classifier():
    model = MLP(2, [4, 3], activation="tanh", rng=random.Random(1))

    def loss(x, label):
        scores = model(x)
        return engine.logsumexp(scores) - select(scores, label)

    return record(loss, [0.1, 0.2], 1, parameters=model)


def points(count=6):
    rng = random.Random(0)
    return [([rng.gauss(), rng.gauss()], rng.randrange(3)) for _ in range(count)]


def columns(samples):
    return [jnp.array(column) for column in zip(*samples, strict=True)]


def test_matrix_products_stay_matrix_products():
    program = classifier()
    parameters, results, loss = to_jax(program)
    dots = sum(isinstance(i, Dot) for i in plan(program.reduced, gradient=False).forward)
    text = str(jax.make_jaxpr(results)(parameters, *columns(points())))
    assert text.count("dot_general[") == dots == 2
    reverse = str(jax.make_jaxpr(jax.grad(loss))(parameters, *columns(points())))
    assert reverse.count("dot_general[") == 2 + 3 and "scatter" not in reverse


def test_it_is_mapped_by_vmap_and_differentiated_forward():
    parameters, results, loss = to_jax(classifier())
    arrays = columns(points())
    three = jnp.stack([parameters, 2.0 * parameters, parameters - 0.5])
    slope = jax.jit(jax.grad(loss))
    found = jax.jit(jax.vmap(jax.grad(loss), in_axes=(0, None, None)))(three, *arrays)
    expected = np.stack([slope(p, *arrays) for p in three])
    assert np.allclose(found, expected, rtol=1e-13, atol=1e-15)
    direction = np.cos(np.arange(len(parameters)))
    along = jax.jit(lambda p, d: jax.jvp(lambda p: loss(p, *arrays), (p,), (d,))[1])(parameters, direction)
    assert float(along) == pytest.approx(float(expected[0] @ direction), rel=1e-13)
    hessian = np.array(jax.jit(jax.hessian(loss))(parameters, *arrays))
    assert np.allclose(hessian, hessian.T, rtol=0.0, atol=1e-15) and np.abs(hessian).max() > 0.1


def test_a_step_of_optax_is_ours():
    optax = pytest.importorskip("optax", reason="needs optax: python -m pip install optax")
    program, samples = classifier(), points()
    parameters, _, loss = to_jax(program)
    optimizer = optax.adam(0.01)
    memory = optimizer.init(parameters)

    @jax.jit
    def step(parameters, memory, *arrays):
        value, gradient = jax.value_and_grad(loss)(parameters, *arrays)
        updates, memory = optimizer.update(gradient, memory, parameters)
        return value, optax.apply_updates(parameters, updates), memory

    ours = Adam(program.values, 0.01)
    for _ in range(5):
        value, parameters, memory = step(parameters, memory, *columns(samples))
        assert float(value) == pytest.approx(program.train_step(samples, ours), rel=1e-12)
    assert parameters.tolist() == pytest.approx(list(program.parameters), rel=1e-9)
    program.parameters = parameters.tolist()
    assert program(samples)


# tables, boxes and constants
def test_tables_that_are_read_at_an_index():
    table = [[Value(float(3 * i + j)) for j in range(2)] for i in range(3)]
    turned = [Value(float(i * i)) for i in range(6)]

    def f(x, i, j, k):
        embedded = [select([row[f] for row in table], n) for f in range(2) for n in (i, j)]
        ragged = select([turned[5], turned[0], turned[2]], i) + select([turned[1], turned[3]], k)
        mixed = select([x, -x, x * x], j) + select([1.0, 10.0, 100.0], i) + select([turned[4], x, 2.0], j)
        return engine.sum([n * (m + 1.0) for m, n in enumerate(embedded)]) + ragged * mixed

    program = record(f, 2.0, 0, 0, 0, parameters=[*table[0], *table[1], *table[2], *turned])
    parameters, results, loss = to_jax(program)
    batch = [(2.0, i, j, k) for i in range(3) for j in range(3) for k in range(2)]
    arrays = columns(batch)
    found = jax.jit(results)
    assert found(parameters, *arrays).tolist() == pytest.approx(program(batch), rel=1e-14)
    _, gradient = program.value_and_grad(batch)
    assert jax.jit(jax.grad(loss))(parameters, *arrays).tolist() == pytest.approx(list(gradient), rel=1e-13)
    outside = [
        (2.0, 3, 0, 0),
        (2.0, -1, 0, 0),
        (2.0, 0, 3, 0),
        (2.0, 0, -1, 0),
        (2.0, 0, 0, 2),
        (2.0, 0, 0, -1),
    ]
    assert np.isnan(found(parameters, *columns(outside * 3))).all()


def test_boxes_lists_and_what_is_not_used():
    def f(image, y, unused):
        return [image[1][0] * y, engine.tanh(image[0][2]), Value(0.5) + 0.0, y]

    program = record(f, [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], 2.0, [1.0, 2.0])
    parameters, results, loss = to_jax(program)
    arrays = np.arange(12.0).reshape(2, 2, 3), np.array([2.0, -3.0]), np.zeros((2, 2))
    expected = program(program.columns(*arrays))
    assert np.allclose(jax.jit(results)(parameters, *arrays), expected, rtol=1e-15, atol=0.0)
    with pytest.raises(ValueError, match="f returned a list; a loss is one number: use the results"):
        loss(parameters, *arrays)


def test_what_is_constant_is_one_number_for_each_sample():
    w = Value(3.0)
    parameters, results, _ = to_jax(record(lambda x: engine.tanh(w * w), 1.0, parameters=[w]))
    assert results(parameters, [1.0, 2.0]).tolist() == pytest.approx([math.tanh(9.0)] * 2)
    many = [Value(0.5) for _ in range(20)]
    parameters, results, _ = to_jax(record(lambda x: engine.max([v * v for v in many]), 1.0, parameters=many))
    assert results(parameters, [1.0, 2.0]).tolist() == [0.25] * 2


def test_an_exact_program_is_exported_as_recorded():
    program = record(lambda x: (x + 1e20) - 1e20 + (x - x), 1.0, exact=True)
    parameters, results, _ = to_jax(program)
    assert results(parameters, [3.0]).tolist() == [0.0]


@pytest.mark.parametrize("name", ["max", "min"])
@pytest.mark.parametrize(("size", "step"), [(2, 2), (3, 2), (3, 1)])
def test_nan_is_kept_by_pooling_however_large_the_batch(name, size, step):
    starts, fold = range(0, 9 - size, step), getattr(engine, name)

    def pooled(image):
        places = [(a, b) for a in range(size) for b in range(size)]
        return [fold([w * image[i + a][j + b] for a, b in places]) for i in starts for j in starts]

    w = Value(2.0)
    parameters, results, _ = to_jax(record(pooled, [[0.5] * 8] * 8, parameters=[w]))
    images = np.random.default_rng(0).normal(size=(64, 8, 8))
    images[:, 3, 4] = math.nan
    seen = sum(i <= 3 < i + size and j <= 4 < j + size for i in starts for j in starts)
    for run_on in (results, jax.jit(results)):
        found = np.asarray(run_on(parameters, images))
        assert np.isnan(found).sum() == 64 * seen and np.isfinite(found).sum() == found.size - 64 * seen


def test_nan_is_kept_by_what_is_less_its_maximum():
    """A softmax, of engine or by hand, a logsumexp, and a maximum that serves otherwise."""
    w = [Value(0.1 * i) for i in range(12)]

    def by_hand(scores):
        peak = engine.detach(engine.max(scores))
        shares = [engine.exp(z - peak) for z in scores]
        total = engine.sum(shares)
        return [share / total for share in shares]

    for f in (
        engine.softmax, by_hand, lambda scores: [engine.logsumexp(scores)],
        lambda scores: [z - engine.detach(engine.max(scores)) for z in scores],
        lambda scores: [engine.detach(engine.max(scores)), engine.min(scores)],
    ):  # fmt: skip
        program = record(
            lambda xs, f=f: f([p * x for p, x in zip(w, xs, strict=True)]), [0.5] * 12, parameters=w
        )
        parameters, results, _ = to_jax(program)
        xs = np.random.default_rng(0).normal(size=(64, 12))
        assert np.asarray(jax.jit(results)(parameters, xs)) == pytest.approx(np.array(program(xs)), rel=1e-12)
        xs[::2, 3] = math.nan
        found = np.isnan(np.asarray(jax.jit(results)(parameters, xs)))
        assert found[::2].all() and not found[1::2].any()


def test_logsumexp_of_what_is_infinite_is_as_in_eager():
    batch = [[1.0, 2.0, math.inf], [-math.inf] * 3, [math.inf, math.inf, -math.inf], [-math.inf, 1.0, 2.0]]
    batch += [[math.nan, math.inf, 1.0], [1e300, -1e300, 0.0]]
    parameters, results, loss = to_jax(record(engine.logsumexp, [0.1, 0.2, 0.3]))
    expected = [engine.logsumexp(xs) for xs in batch]
    found = jax.jit(results)(parameters, batch)
    assert np.array_equal(found, expected, equal_nan=True)
    slopes = jax.grad(lambda xs: loss(parameters, xs))(jnp.array(batch[3:4]))[0]
    leaves = list(map(Value, batch[3]))
    engine.logsumexp(leaves).backward()
    assert slopes.tolist() == pytest.approx([leaf.grad for leaf in leaves], rel=1e-14)


def test_jax_may_look_for_leaks_and_for_shapes_that_are_promoted():
    program = classifier()
    parameters, results, loss = to_jax(program)
    x, label = columns(points())
    with jax.checking_leaks(), jax.numpy_rank_promotion("raise"):
        found = jax.jit(jax.grad(loss))(parameters, x, label)
    assert found.tolist() == pytest.approx(list(program.value_and_grad(points())[1]), rel=1e-12)
    assert jax.jit(results)(parameters, [[x[0, 0], x[0, 1]]], [1]).shape == (1,)


# a user's ops
def test_a_users_op_whose_value_leaves_operands_out_has_their_shape():
    through = Op("through", lambda x, y: y, 1, 0)
    steady = Op("steady", lambda x: 3.0, 1)
    w = Value(0.5)
    program = record(
        lambda x: through(x * w, w) * x + steady(x * w) + through(x * w, 2.0), 1.0, parameters=[w]
    )
    parameters, results, loss = to_jax(program)
    batch = [1.0, -0.5, 2.0]
    assert jax.jit(results)(parameters, batch).tolist() == pytest.approx(program(batch), rel=1e-14)
    slopes = jax.jit(jax.grad(loss))(parameters, jnp.array(batch)).tolist()
    assert slopes == pytest.approx(list(program.value_and_grad(batch)[1]), rel=1e-14)


def test_a_users_op_that_runs_on_arrays_is_run():
    swish = Op("swish", lambda x: x * engine.sigmoid(x), lambda z, x: engine.sigmoid(x) * (1.0 + x - z))
    program = record(lambda x, y: swish(x * w) * y, 1.0, 2.0, parameters=[w := Value(0.5)])
    parameters, results, loss = to_jax(program)
    batch = [(1.0, 2.0), (-0.5, 3.0)]
    assert jax.jit(results)(parameters, *columns(batch)).tolist() == pytest.approx(program(batch), rel=1e-14)
    slopes = jax.jit(jax.grad(loss))(parameters, *columns(batch)).tolist()
    assert slopes == pytest.approx(list(program.value_and_grad(batch)[1]), rel=1e-14)


def test_a_users_op_that_does_not_is_refused_by_name():
    for value in (lambda x: math.sin(x), lambda x: x if x > 0.0 else -x):
        own = Op("own", value, 1)
        with pytest.raises(ValueError, match="JAX cannot run the op of one's own 'own': its function raised"):
            to_jax(record(lambda x, own=own: own(x), 1.0))
    decided = Op("decided", lambda x: x * x, lambda z, x: 2 * x if x > 0 else 2 * x)
    parameters, results, loss = to_jax(record(lambda x: decided(x * w), 1.0, parameters=[w := Value(2.0)]))
    assert results(parameters, [3.0]).tolist() == [36.0]
    with pytest.raises(
        ValueError, match="JAX cannot run the op of one's own 'decided': its partial 0 raised"
    ):
        jax.grad(loss)(parameters, [3.0])


# doors
def test_bad_arguments_are_refused():
    with pytest.raises(TypeError, match=r"takes a Program, which record\(f, ...\) returns, got MLP"):
        to_jax(MLP(1, [1]))
    w = Value(1.0)
    with pytest.raises(ValueError, match="has no argument, so it has no batch"):
        to_jax(record(lambda: w * 2.0, parameters=[w]))
    with pytest.raises(ValueError, match="x is no box of numbers or of indices, so it is no array; give its"):
        to_jax(record(lambda x: x[0][0] + x[1][1], [[1.0], [1.0, 2.0]]))
    parameters, results, _ = to_jax(classifier())
    x, label = columns(points(4))
    with pytest.raises(TypeError, match="loss takes an array for each of x, label, got 1"):
        results(parameters, x)
    with pytest.raises(ValueError, match=r"x is an array of shape \(samples, 2\), got one of \(4, 3\)"):
        results(parameters, jnp.zeros((4, 3)), label)
    with pytest.raises(ValueError, match=r"samples alike, at least one, got \[3, 4\]"):
        results(parameters, x, label[:3])
    with pytest.raises(ValueError, match=r"samples alike, at least one, got \[0\]"):
        results(parameters, x[:0], label[:0])
    with pytest.raises(TypeError, match="label holds indices, whole numbers, got an array of float64"):
        results(parameters, x, label * 1.0)
    with pytest.raises(TypeError, match="x holds numbers, got an array of complex128"):
        results(parameters, x * 1j, label)
    with pytest.raises(
        ValueError, match=r"parameters are a number for each of 27, got an array of shape \(3,\)"
    ):
        results(parameters[:3], x, label)
    for narrow in ("float32", "bfloat16"):
        with pytest.raises(TypeError, match=f"x is an array of {narrow}, but JAX has float64 enabled"):
            results(parameters, x.astype(narrow), label)
    for wrong in ([[1.0, 2.0], [3.0]], [["a", "b"]], None, {"x": 1.0}):
        with pytest.raises((TypeError, ValueError), match="x is no array of numbers: "):
            results(parameters, wrong, label[:2])


def test_float32_where_float64_is_not_enabled():
    jax.config.update("jax_enable_x64", False)
    program = classifier()
    parameters, results, loss = to_jax(program)
    x, label = columns(points())
    found = jax.jit(results)(parameters, x, label)
    assert parameters.dtype == found.dtype == "float32"
    assert found.tolist() == pytest.approx(program(points()), rel=1e-5)
    with pytest.raises(
        TypeError, match="x is an array of float64, but JAX has float32 enabled: jax.config.up"
    ):
        results(parameters, np.zeros((4, 2)), label)
    parameters, results, _ = to_jax(record(lambda x: x * 1e300, 1.0))
    with pytest.raises(
        ValueError, match=r"the number 1e\+300 is beyond what float32 can hold: jax.config.upd"
    ):
        results(parameters, [1.0])
