"""Parameters in safetensors files: the same bits, whole or not at all, and PyTorch reads them."""

import json
import random

import pytest
from hypothesis import given, settings, strategies as st

from nn import MLP, Layer, Module, Neuron
from nn.exchange import load_safetensors, save_safetensors, state_dict
from tests.nn.test_exchange_tensors import MODULES
from tests.parts import needed

np = pytest.importorskip("numpy")
needed("safetensors", "exchange")
reader = needed("safetensors.numpy", "exchange")


@settings(max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from(MODULES))
def test_a_file_comes_back_bit_for_bit(tmp_path_factory, seed, make):
    path = tmp_path_factory.mktemp("files") / "model.safetensors"
    module, other = make(seed), make(seed + 1)
    save_safetensors(module, path)
    load_safetensors(other, path)
    assert module.state() == other.state()
    found = reader.load_file(path)
    assert {name: (array.dtype, array.shape) for name, array in found.items()} == {
        name: (np.dtype("float64"), array.shape) for name, array in state_dict(module).items()
    }


def test_a_file_is_loaded_into_torch_as_it_is(tmp_path):
    torch = needed("torch", "oracle")
    model = MLP(2, [3, 3, 2], activation="tanh", rng=random.Random(0))
    save_safetensors(model, tmp_path / "m.safetensors")
    dense = torch.nn.Linear
    theirs = torch.nn.Sequential(
        dense(2, 3), torch.nn.Tanh(), dense(3, 3), torch.nn.Tanh(), dense(3, 2)
    ).double()
    theirs.load_state_dict(needed("safetensors.torch", "exchange").load_file(tmp_path / "m.safetensors"))
    with torch.no_grad():
        found = theirs(torch.tensor([[0.5, -1.0]], dtype=torch.float64))[0].tolist()
    assert found == pytest.approx([float(y) for y in model([0.5, -1.0])], abs=1e-12)


def test_a_file_in_float32_is_read(tmp_path):
    reader.save_file({"w": np.float32([0.1, 2.0]), "b": np.array(3.0, "float32")}, tmp_path / "n.safetensors")
    neuron = Neuron(2)
    load_safetensors(neuron, tmp_path / "n.safetensors")
    assert [p.data for p in neuron.parameters()] == [float(np.float32(0.1)), 2.0, 3.0]


def test_what_cannot_be_written_leaves_the_old_file(tmp_path):
    path = tmp_path / "m.safetensors"
    model = MLP(1, [2, 1], rng=random.Random(0))
    save_safetensors(model, path)
    before = path.read_bytes()
    model.layers[1].neurons[0].b.data = float("nan")
    with pytest.raises(ValueError, match=r"m.safetensors was not written: '2.bias' holds a nan or an inf"):
        save_safetensors(model, path)
    with pytest.raises(ValueError, match="Module has no parameters to write to"):
        save_safetensors(Module(), path)
    with pytest.raises(FileNotFoundError, match="there is no such folder"):
        save_safetensors(Neuron(1), tmp_path / "none" / "m.safetensors")
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["m.safetensors"]


def test_damaged_and_foreign_files_are_refused(tmp_path):
    path = tmp_path / "m.safetensors"
    model = MLP(2, [2, 1], rng=random.Random(0))
    save_safetensors(model, path)
    whole, before = path.read_bytes(), model.state()
    for damaged in (whole[:-1], whole[:20], b"", whole + b"\0", b"\x80\x04pickle", json.dumps({}).encode()):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"m.safetensors is no whole safetensors file: "):
            load_safetensors(model, path)
    path.write_bytes(whole)
    with pytest.raises(
        ValueError, match=r"m.safetensors: these tensors do not fit Layer, nothing was loaded; miss"
    ):
        load_safetensors(Layer(2, 2), path)
    with pytest.raises(FileNotFoundError):
        load_safetensors(model, tmp_path / "none.safetensors")
    assert model.state() == before


def test_a_dtype_that_numpy_has_not(tmp_path):
    header = json.dumps({"w": {"dtype": "BF16", "shape": [1], "data_offsets": [0, 2]}}).encode()
    path = tmp_path / "b.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\x80\x3f")
    with pytest.raises(
        ValueError, match="holds an array of dtype BF16, which numpy has not; write it in float32"
    ):
        load_safetensors(Neuron(1, bias=False), path)
