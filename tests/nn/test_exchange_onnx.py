"""Models as ONNX files: onnxruntime answers as the model does, and gives a classifier's labels."""

import random
import sys

import pytest
from hypothesis import given, settings, strategies as st

import nn.exchange
from engine import Value, erfc, record, relu, where
from nn import (
    ACTIVATIONS,
    MLP,
    Layer,
    Neuron,
    accuracy,
    answers,
    digits,
    fit,
    load_model,
    outputs,
    predicted,
    save_model,
)
from nn.exchange import from_torch, save_onnx, state_dict, to_onnx
from tests.parts import needed

np = pytest.importorskip("numpy")
onnx = needed("onnx", "exchange")
runtime = needed("onnxruntime", "exchange")
runtime.set_default_logger_severity(4)

CLOSE = {"float32": 1e-6, "float64": 1e-12}


def answered(content, points, dtype="float32"):
    """Return what onnxruntime makes of a file's bytes for points [batch, nin]."""
    session = runtime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(["output"], {"x": np.array(points, dtype)})[0].astype(np.float64)


def farthest(model, made, dtype="float32"):
    """Return how far ONNX is from an MLP at random points, as a share of the largest sum on the way."""
    rng = random.Random(0)
    nin = len(model.layers[0].neurons[0].w)
    points = np.float32([[rng.uniform(-1.0, 1.0) for _ in range(nin)] for _ in range(7)]).tolist()
    found = answered(made.SerializeToString(), points, dtype)
    ours = np.array([z if isinstance(z, tuple) else (z,) for z in outputs(model, points)])
    assert found.shape == ours.shape
    return float(np.abs(found - ours).max()) / max(1.0, largest_sum(model, points))


def largest_sum(model, points):
    """Return the largest Σ |w x| + |b| of any neuron: what rounding is a share of."""
    largest = 0.0
    for x in points:
        for layer in model.layers:
            sums = [
                abs(n.offset) + sum(abs(w.data * v) for w, v in zip(n.w, x, strict=True))
                for n in layer.neurons
            ]
            largest = max([largest, *sums])
            answer = layer(x)
            x = [float(y) for y in (answer if isinstance(answer, list) else [answer])]
    return largest


def mlps(activations):
    return st.builds(
        lambda nin, nouts, activation, output, seed: MLP(
            nin, nouts, activation=activation,
            output=output if output != "softmax" or nouts[-1] > 1 else "tanh",
            dropout=0.25, init="he", rng=random.Random(seed),
        ),
        st.integers(1, 8), st.lists(st.integers(1, 12), min_size=1, max_size=4), st.sampled_from(activations),
        st.sampled_from([*activations, "softmax"]), st.integers(0, 10**6),
    )  # fmt: skip


SMOOTH = sorted(set(ACTIVATIONS) - {"step"})


@settings(max_examples=80)
@given(mlps(SMOOTH))
def test_random_mlps(model):
    assert farthest(model, to_onnx(model)) <= CLOSE["float32"]


@settings(max_examples=40)
@given(mlps([name for name in SMOOTH if name != "gelu"]))
def test_random_mlps_in_float64(model):
    assert farthest(model, to_onnx(model, dtype="float64"), "float64") <= CLOSE["float64"]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation(name):
    model = MLP(2, [6, 3], activation=name, output=name, rng=random.Random(1))
    assert farthest(model, to_onnx(model)) <= CLOSE["float32"]


def test_the_file_says_what_it_is():
    made = to_onnx(MLP(3, [4, 2], activation="tanh", output="softmax"))
    told = [
        (
            v.name,
            v.type.tensor_type.elem_type,
            [d.dim_param or d.dim_value for d in v.type.tensor_type.shape.dim],
        )
        for v in [*made.graph.input, *made.graph.output]
    ]
    kind = onnx.TensorProto.FLOAT
    assert told == [("x", kind, ["batch", 3]), ("output", kind, ["batch", 2])]
    assert [node.op_type for node in made.graph.node] == ["Gemm", "Tanh", "Gemm", "Softmax", "Identity"]
    model = MLP(3, [4, 2], activation="relu", rng=random.Random(0))
    held = {c.name: onnx.numpy_helper.to_array(c) for c in to_onnx(model, dtype="float64").graph.initializer}
    assert {name: a.tolist() for name, a in held.items()} == {
        k: a.tolist() for k, a in state_dict(model).items()
    }
    assert to_onnx(model).graph.name == "MLP(3, [4, 2])" and to_onnx(model).producer_name == "chainrule"


def test_a_transposed_weight_is_caught():
    model = MLP(3, [3, 2], activation="tanh", rng=random.Random(0))
    made = to_onnx(model)
    assert farthest(model, made) <= CLOSE["float32"]
    weight = next(c for c in made.graph.initializer if c.name == "0.weight")
    weight.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(weight).T.copy(), "0.weight"))
    assert farthest(model, made) > 1e-3


def test_activations_of_ones_own_and_layers_without_bias():
    slope = Value(0.2)
    model = MLP(
        2, [3, 3, 1], activation=lambda z: where(z, z, slope * z) + relu(z) ** 2, rng=random.Random(0)
    )
    model.layers[1] = Layer(3, 3, activation="silu", bias=False, rng=random.Random(1))
    model.layers[0].neurons[1] = Neuron(2, activation=model.layers[0].neurons[0].activation, bias=False)
    assert farthest(model, to_onnx(model)) <= CLOSE["float32"]


def test_a_program_goes_through_the_same_door(tmp_path):
    model = MLP(2, [3, 2], rng=random.Random(0))
    program = record(model, [0.1, 0.2], parameters=model)
    points = [(0.5, -1.0), (2.0, 0.25)]
    assert np.abs(answered(to_onnx(program).SerializeToString(), points) - program(points)).max() <= 1e-6
    save_onnx(program, tmp_path / "p.onnx", dtype="float64")
    found = answered((tmp_path / "p.onnx").read_bytes(), points, "float64")
    assert np.abs(found - program(points)).max() <= 1e-12


def test_a_classifier_of_digits_gives_the_same_labels(tmp_path):
    split = digits().split().standardised()
    model = MLP(64, [16, 10], rng=random.Random(0))
    fit(model, split, epochs=5, batch_size=32, optimizer="adam", learning_rate=0.01).run()
    save_onnx(model, tmp_path / "digits.onnx")
    found = answered((tmp_path / "digits.onnx").read_bytes(), split.test.points)
    assert [predicted(row) for row in found.tolist()] == answers(model, split.test.points)
    assert accuracy(answers(model, split.test.points), split.test.targets) > 0.85


def test_what_onnx_has_not_is_refused_and_the_old_file_stays(tmp_path):
    path = tmp_path / "m.onnx"
    save_onnx(MLP(1, [1]), path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="ONNX has no counterpart of the op 'erfc'; what it has: abs, acos"):
        save_onnx(MLP(1, [2, 1], activation=erfc), path)
    with pytest.raises(ValueError, match="the activation <lambda> gives 3.0, whatever it is given"):
        save_onnx(MLP(1, [2, 1], activation=lambda z: 3.0), path)
    with pytest.raises(TypeError, match="decide with where or maximum, not if"):
        save_onnx(MLP(1, [2, 1], activation=lambda z: z if z else 0.0), path)
    with pytest.raises(
        TypeError, match=r"to_onnx takes an MLP or a Program, got Layer; record it: to_onnx\(record"
    ):
        save_onnx(Layer(1, 1), path)
    mixed = MLP(1, [2, 1])
    mixed.layers[0].neurons[1] = Neuron(1, activation="tanh")
    with pytest.raises(
        ValueError, match=r"layers\[0\] has neurons that end in relu and tanh.*to_onnx takes the prog"
    ):
        save_onnx(mixed, path)
    assert answered(to_onnx(record(mixed, [0.1], parameters=mixed)).SerializeToString(), [[0.5]]).shape == (
        1,
    )
    large = MLP(1, [1])
    large.layers[0].neurons[0].w[0].data = -1e39
    with pytest.raises(
        ValueError, match=r"the number -1e\+39 is beyond what float32 can hold: dtype='float64'"
    ):
        save_onnx(large, path)
    with pytest.raises(ValueError, match="dtype is one of 'float32', 'float64', got 'half'"):
        save_onnx(MLP(1, [1]), path, dtype="half")
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        save_onnx(MLP(1, [1]), tmp_path / "none" / "m.onnx")
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["m.onnx"]


def test_the_same_model_gives_the_same_bytes(tmp_path):
    for name in "ab":
        save_onnx(MLP(2, [3, 1], rng=random.Random(0)), tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_model_goes_round_all_tools(tmp_path):
    torch = needed("torch", "oracle")
    model = MLP(2, [4, 2], activation="elu", output="softmax", rng=random.Random(0))
    save_model(from_torch(nn.exchange.to_torch(model)), tmp_path / "m.json")
    again = load_model(tmp_path / "m.json").model
    assert again.state() == model.state() and isinstance(nn.exchange.to_torch(again), torch.nn.Module)
    assert farthest(model, to_onnx(again)) <= CLOSE["float32"]


@pytest.mark.parametrize(
    ("package", "extra", "act"),
    [
        ("onnx", "exchange", lambda path: save_onnx(MLP(1, [1]), path)),
        ("safetensors.numpy", "exchange", lambda path: nn.exchange.save_safetensors(MLP(1, [1]), path)),
        ("torch", "oracle", lambda path: nn.exchange.to_torch(MLP(1, [1]))),
    ],
)
def test_a_missing_package_is_named_with_its_extra(tmp_path, monkeypatch, package, extra, act):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=rf"needs the package '{package}'.*'chainrule\[{extra}\]'"):
        act(tmp_path / "file")
    assert not list(tmp_path.iterdir())


def test_the_door():
    assert list(nn.exchange.__all__) == sorted(nn.exchange.__all__)
    public = {n for n, thing in vars(nn.exchange).items() if n[0] != "_" and not isinstance(thing, type(nn))}
    assert public == set(nn.exchange.__all__) and all(getattr(nn.exchange, n).__doc__ for n in public)
