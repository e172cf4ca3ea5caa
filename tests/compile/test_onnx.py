"""Programs as ONNX graphs: onnx's checker passes them, and onnxruntime computes what eager does."""

import itertools
import math
import random

import pytest
from hypothesis import given, settings, strategies as st

import engine
from engine import Op, Value, logsumexp, ops, record, select, tanh
from engine.check.points import draw_points
from engine.check.programs import SMOOTH, seeded
from engine.compile import careful
from engine.compile.batch import Batch
from engine.compile.graph import CONSTANT, INDEX, LEAVES, run
from engine.compile.instructions import flat
from engine.compile.onnx_nodes import Nodes
from engine.compile.onnx_program import onnx_program
from engine.compile.onnx_rows import FORMULAS, OPERATORS, Tensor
from engine.compile.record import Sample, recorded
from engine.compile.signature import Signature
from nn import MLP
from tests.compile import gpt
from tests.compile.agreement import drawn, furthest, largest
from tests.compile.as_programs import as_program, feeds
from tests.compile.structured import structured
from tests.parts import needed

np = pytest.importorskip("numpy")
onnx = needed("onnx", "exchange")
runtime = needed("onnxruntime", "exchange")
runtime.set_default_logger_severity(4)

REFUSED = {"atan2", "erfc", "normal_cdf", "power_derivative_0_1", "power_derivative_1_0"}
NARROW = {
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atanh",
    "cosh",
    "erf",
    "gelu",
    "gelu_slope",
    "sinh",
    "tan",
}
"""Rows for which onnxruntime has no kernel in float64."""
EXACT = {"float32": 1e-6, "float64": 1e-13}
UNIT = {"float32": 2.0**-23, "float64": 2.0**-52}
EXPORTED = tuple(op for op in SMOOTH if op.name not in REFUSED)
EDGES = (0.0, -0.0, 1.0, -1.0, 2.0, 0.5, math.inf, -math.inf, math.nan, 1e30, -1e30, 1e-40, 800.0, -800.0)


def answered(model, **feeds):
    """Return what onnxruntime makes of a model, as float64."""
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, feeds)[0].astype(np.float64)


# the rows
def of_row(op, dtype):
    nodes = Nodes(op.name, dtype)
    names = [nodes.input(f"x{i}", []) for i in range(op.arity)]
    nodes.output("z", op(*[Tensor(nodes, name) for name in names]).name, [])
    return nodes.model()


def row_faults(model, op, points, dtype, share):
    """Return the points at which a model is not what the op's own function is on the same numbers."""
    columns = [np.array(column).astype(dtype) for column in zip(*points, strict=True)]
    found = answered(model, **{f"x{i}": column for i, column in enumerate(columns)})
    wrong = []
    for point, z in zip(zip(*columns, strict=True), found.tolist(), strict=True):
        expected = float(np.array(op.evaluate(*map(float, point))).astype(dtype))
        same = z == expected or (math.isnan(z) and math.isnan(expected))
        if not same and not abs(z - expected) <= share * max(1.0, abs(expected)):
            wrong.append((point, z, expected))
    return wrong


ROWS = [op for op in ops.TABLE.values() if op.name not in REFUSED and not any(op.lists)]


@pytest.mark.parametrize("dtype", EXACT)
@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_a_row_is_what_its_function_is(op, dtype):
    model = of_row(op, dtype)
    if dtype == "float64" and op.name in NARROW:
        with pytest.raises(Exception, match="NOT_IMPLEMENTED"):
            answered(model)
        return
    drawn_points = itertools.islice(draw_points(op, 400), 400)
    points = [p for p in drawn_points if all(x == 0.0 or 1e-6 <= abs(x) <= 4.0 for x in p)]
    assert len(points) > 20 and row_faults(model, op, points, dtype, EXACT[dtype]) == []
    with np.errstate(over="ignore"):
        edges = list(itertools.product(EDGES, repeat=op.arity))
        wrong = row_faults(model, op, edges, dtype, 10 * EXACT[dtype])
    if op is ops.hypot:  # C's hypot does not look at nan beside inf
        wrong = [fault for fault in wrong if not (math.isnan(fault[1]) and fault[2] == math.inf)]
    assert wrong == []


@pytest.mark.parametrize("op", [ops.sum, ops.max, ops.min, ops.logsumexp], ids=lambda op: op.name)
def test_a_row_of_a_list_on_tensors(op):
    nodes = Nodes(op.name, "float64")
    xs = [Tensor(nodes, nodes.input(f"x{i}", [])) for i in range(3)]
    nodes.output("z", op([*xs, 0.25]).name, [])
    rng = random.Random(0)
    points = [[rng.gauss(0.0, 3.0) for _ in range(3)] for _ in range(20)]
    found = answered(nodes.model(), **{f"x{i}": np.array([p[i] for p in points]) for i in range(3)})
    assert found.tolist() == pytest.approx([op([*p, 0.25]) for p in points], rel=1e-14)


def test_dot_on_tensors_and_a_value_is_its_number():
    nodes = Nodes("dot", "float64")
    x = Tensor(nodes, nodes.input("x", []))
    nodes.output("z", (ops.dot([x, 2.0], [Value(3.0), x]) + Value(1.0)).name, [])
    assert answered(nodes.model(), x=np.array([1.0, -2.0])).tolist() == [6.0, -9.0]


def test_every_row_is_exported_or_refused_by_name():
    assert {*OPERATORS, *FORMULAS} | REFUSED == set(ops.TABLE)
    assert not {*OPERATORS} & {*FORMULAS} and not REFUSED & {*OPERATORS, *FORMULAS}
    for name in REFUSED:
        with pytest.raises(
            ValueError, match=f"ONNX has no counterpart of the op '{name}'; what it has: abs, "
        ):
            of_row(ops.TABLE[name], "float32")


def test_a_wrong_row_is_caught():
    points = [(0.5,), (-0.5,), (3.0,)]
    assert row_faults(of_row(ops.sinh, "float32"), ops.cosh, points, "float32", 1e-6)
    wrong = of_row(ops.softplus, "float64")
    next(node for node in wrong.graph.node if node.op_type == "Relu").op_type = "Abs"
    assert [p for (p,), _, _ in row_faults(wrong, ops.softplus, points, "float64", 1e-13)] == [-0.5]


def test_a_decision_on_a_tensor_is_refused():
    nodes = Nodes("f", "float32")
    x = Tensor(nodes, nodes.input("x", []))
    with pytest.raises(
        TypeError, match="not known yet where a function is exported: decide with where or max"
    ):
        bool(x)
    with pytest.raises(TypeError, match="compute with engine's ops, not math's"):
        math.sin(x)


# random programs
def rounded(graph, seed, unit):
    """Return a graph in which all leaves are rounded, and each result is off by some of their last places."""
    rng = random.Random(seed)
    made, operands, moved = [], [], []

    def at(operand):
        if type(operand) is tuple:
            return tuple(map(at, operand))
        return moved[operand] if type(operand) is int else operand

    for op, given_operands in zip(graph.ops, graph.operands, strict=True):
        made.append(op)
        operands.append(given_operands if op in LEAVES else tuple(map(at, given_operands)))
        if op is not CONSTANT and op is not INDEX:
            made.append(ops.mul)
            operands.append((len(made) - 2, 1.0 + rng.uniform(-4.0, 4.0) * unit))
        moved.append(len(made) - 1)
    return graph._replace(ops=made, operands=operands, outputs=tuple([moved[n] for n in graph.outputs]))


def disagreement(graph, parameters, batch, dtype, spoilt=None):
    """Return how far onnxruntime is from eager; 0 within EXACT, or what eager moves by when it rounds so."""
    if not graph.inputs + graph.indices:
        return 0.0
    model = onnx_program(as_program(graph, parameters, batch), dtype=dtype)
    if spoilt:
        spoilt(model)
    found = answered(model, **feeds(graph, batch, dtype)).tolist()
    expected = careful.forward(graph, parameters, batch.rows)[0]
    apart, allowed = furthest(found, expected), EXACT[dtype] * max(1.0, largest(expected))
    for seed in range(8) if apart > allowed else ():
        moved = careful.forward(rounded(graph, seed, UNIT[dtype]), parameters, batch.rows)[0]
        allowed = max(allowed, 4.0 * furthest(moved, expected))
    return 0.0 if apart <= allowed else apart


@settings(max_examples=60)
@given(st.integers(0, 10**9), st.sampled_from(sorted(EXACT)))
def test_random_graphs_with_structure(seed, dtype):
    assert disagreement(*structured(seed, 4 + seed % 12), dtype) == 0.0


def of_inputs(seed, chosen, size):
    """Return a random program as a graph without parameters, and its batch of numbers of ordinary size."""
    program, rng = seeded(seed, chosen, size), random.Random(seed)
    example = list(program.inputs)

    def f(*xs):
        return program(*xs)

    graph = recorded(f, Sample(example, []), [], Signature.of(f, example)).graph
    rows = [tuple([rng.uniform(0.25, 2.0) for _ in example]) for _ in range(3)]
    return graph, [], Batch(3, (len(example), 0), (), rows=rows)


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_random_programs_over_the_table(seed):
    chosen = [op for op in EXPORTED if op.name not in NARROW]
    assert disagreement(*drawn(seed, chosen, 20), "float64") == 0.0


def fits_float32(graph, parameters, batch):
    """Return whether float32 holds every number on the way."""
    numbers = [x for operands in graph.operands for x in flat(operands) if type(x) is float]
    numbers += [x for row in batch.rows for x in run(graph, parameters, row, [])]
    return all(x == 0.0 or 1e-30 < abs(x) < 1e30 for x in numbers)


@settings(max_examples=60)
@given(st.integers(0, 10**9))
def test_random_programs_over_the_table_in_float32(seed):
    found = of_inputs(seed, [op for op in EXPORTED if op is not ops.gelu], 15)  # its tail has no digits
    if fits_float32(*found):
        assert disagreement(*found, "float32") == 0.0


def test_a_planted_fault_is_caught():
    def spoilt(model):
        name = next(n.input[0] for n in model.graph.node if n.op_type == "MatMul")
        weights = next(c for c in model.graph.initializer if c.name == name)
        array = onnx.numpy_helper.to_array(weights) * (1.0 + 1e-9)
        weights.CopyFrom(onnx.numpy_helper.from_array(array, name))

    assert disagreement(*structured(7, 8), "float64") == 0.0
    assert disagreement(*structured(7, 8), "float64", spoilt) > 0.0


# doors
def test_inputs_are_the_arguments_by_name_and_the_batch_is_free():
    model = MLP(2, [3, 3], activation="tanh", rng=random.Random(1))

    def loss(x, label):
        scores = model(x)
        return logsumexp(scores) - select(scores, label)

    program = record(loss, [0.1, 0.2], 1, parameters=model)
    made = onnx_program(program)
    told = [
        (
            v.name,
            v.type.tensor_type.elem_type,
            [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim],
        )
        for v in [*made.graph.input, *made.graph.output]
    ]
    kinds = onnx.TensorProto
    assert told == [
        ("x", kinds.FLOAT, ["batch", 2]),
        ("label", kinds.INT64, ["batch"]), ("output", kinds.FLOAT, ["batch"]),
    ]  # fmt: skip
    assert made.graph.name == "loss"
    rng = random.Random(0)
    for size in (1, 2, 7):
        batch = [([rng.gauss(0, 1), rng.gauss(0, 1)], rng.randrange(3)) for _ in range(size)]
        found = answered(made, x=np.float32([x for x, _ in batch]), label=np.array([i for _, i in batch]))
        assert found.tolist() == pytest.approx(program(batch), abs=1e-6)


def test_an_index_outside_of_its_table_fails_there_too():
    table = [Value(float(k)) for k in range(6)]
    program = record(
        lambda x, i, j: select(table[:3], i) + select([x, -x, x * x], j) + select(table[3:], i),
        2.0, 0, 0, parameters=table,
    )  # fmt: skip
    made = onnx_program(program)

    def ask(i, j):
        return answered(made, x=np.float32([2.0]), i=np.array([i]), j=np.array([j])).tolist()

    assert ask(2, 1) == program([(2.0, 2, 1)]) == [5.0]
    for i, j in ((3, 0), (-1, 0), (0, 3), (0, -1)):
        with pytest.raises(Exception, match="out of|bounds|range"):
            ask(i, j)


@pytest.mark.parametrize("dtype", EXACT)
def test_a_small_gpt(dtype):
    model, rng = gpt.small(), random.Random(0)
    batch = [gpt.document(rng, 3, 5) for _ in range(6)]
    program = record(model.loss, *batch[0], parameters=model.parameters())
    tokens, targets = map(np.array, zip(*batch, strict=True))
    found = answered(onnx_program(program, dtype=dtype), tokens=tokens, targets=targets)
    assert np.allclose(found, program(batch), rtol=EXACT[dtype], atol=0.0)


def test_boxes_lists_and_what_is_not_used():
    def f(image, y, unused):
        return [image[1][0] * y, tanh(image[0][2]), Value(0.5) + 0.0, y]

    program = record(f, [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], 2.0, [1.0, 2.0])
    made = onnx_program(program, dtype="float64")
    image, y = np.arange(12.0).reshape(2, 2, 3), np.array([2.0, -3.0])
    found = answered(made, image=image, y=y, unused=np.zeros((2, 2)))
    assert np.allclose(found, program(program.columns(image, y, np.zeros((2, 2)))), rtol=1e-15, atol=0.0)


def test_what_is_constant_is_one_number_for_each_sample():
    w = Value(3.0)
    made = onnx_program(record(lambda x: tanh(w * w), 1.0, parameters=[w]), dtype="float64")
    assert answered(made, x=np.array([1.0, 2.0])).tolist() == [math.tanh(9.0)] * 2
    both = onnx_program(record(lambda x: [w * w, x], 1.0, parameters=[w]), dtype="float64")
    assert answered(both, x=np.array([1.0, 2.0])).tolist() == [[9.0, 1.0], [9.0, 2.0]]


def test_the_parameters_are_those_of_the_program_now():
    w = Value(3.0)
    program = record(lambda x: w * x, 1.0, parameters=[w])
    program.parameters = [5.0]
    assert answered(onnx_program(program), x=np.float32([2.0])).tolist() == [10.0]


def test_a_nan_is_not_passed_over():
    program = record(lambda x: engine.max([engine.log(x), x]) + engine.min([x, engine.log(x)]), 1.0)
    assert math.isnan(answered(onnx_program(program), x=np.float32([-1.0]))[0]) and math.isnan(
        program([-1.0])[0]
    )


def test_an_exact_program_is_exported_as_recorded():
    def f(x):
        return (x + 1e20) - 1e20 + (x - x)

    assert answered(
        onnx_program(record(f, 1.0, exact=True), dtype="float64"), x=np.array([3.0])
    ).tolist() == [0.0]


def test_what_has_no_counterpart_is_refused_by_name():
    own = Op("own", lambda x: 2 * x, 2)
    for f, name in (
        (lambda x: own(x), "an op of one's own, 'own'"),
        (lambda x: engine.erfc(x), "the op 'erfc'"),
    ):
        with pytest.raises(ValueError, match=f"ONNX has no counterpart of {name}; what it has: abs, acos"):
            onnx_program(record(f, 1.0))
    w = Value(2.0)  # but what does not depend on the sample is computed here
    made = onnx_program(record(lambda x: own(w) * x, 1.0, parameters=[w]))
    assert answered(made, x=np.float32([3.0])).tolist() == [12.0]


def test_bad_arguments_are_refused():
    with pytest.raises(TypeError, match=r"takes a Program, which record\(f, ...\) returns, got MLP"):
        onnx_program(MLP(1, [1]))
    double = record(lambda x: x * 2.0, 1.0)
    with pytest.raises(ValueError, match="dtype is one of 'float32', 'float64', got 'float16'"):
        onnx_program(double, dtype="float16")
    with pytest.raises(
        ValueError, match=r"the number 1e\+300 is beyond what float32 can hold: dtype='float64'"
    ):
        onnx_program(record(lambda x: x * 1e300, 1.0))
    w = Value(1.0)
    with pytest.raises(ValueError, match="a function of no argument has no batch"):
        onnx_program(record(lambda: w * 2.0, parameters=[w]))
    with pytest.raises(ValueError, match="x is no box of numbers or of indices, so it is no tensor of ONNX"):
        onnx_program(record(lambda x: x[0][0] + x[1][1], [[1.0], [1.0, 2.0]]))
    with pytest.raises(ValueError, match="x is no box of numbers"):
        onnx_program(record(lambda x: select([x[0], 1.0], x[1]), [1.0, 0]))
