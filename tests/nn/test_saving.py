"""Models in files: the same bits, whole or not at all, and no file of another kind."""

import json
import random

import pytest
from hypothesis import given, strategies as st

from nn import ACTIVATIONS, MLP, Layer, Scaler, answers, fit, iris, load_model, save_model
from nn.documents import read_document, write_document


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3), st.sampled_from(sorted(ACTIVATIONS)), st.booleans(),
    st.sampled_from([0.0, 0.25]),
)  # fmt: skip
def test_a_model_comes_back_as_it_was(tmp_path_factory, nouts, activation, explicit, dropout):
    path = tmp_path_factory.mktemp("models") / "model.json"
    output = "softmax" if nouts[-1] > 1 else "tanh"
    model = MLP(
        3,
        nouts,
        activation=activation,
        output=output,
        explicit=explicit,
        dropout=dropout,
        rng=random.Random(1),
    )
    save_model(model, path, {"names": ["ναι", "no"]})
    loaded, about = load_model(path)
    assert repr(loaded) == repr(model) and about == {"names": ["ναι", "no"]}
    assert loaded.state() == model.state()
    x = [0.5, -1.0, 2.0]
    ours, theirs = model(x), loaded(x)
    assert str(ours) == str(theirs)


def test_what_a_saved_model_predicts_is_in_names_and_units(tmp_path):
    path = tmp_path / "model.json"
    split = iris().split().standardised()
    model = MLP(4, [3], rng=random.Random(0))
    fit(model, split, epochs=30, optimizer="adam", learning_rate=0.05).run()
    save_model(model, path, {"scaler": split.scaler.state(), "names": list(split.train.names)})
    raw = iris().split().test
    found = load_model(path).predict(raw.points)
    assert found == [raw.names[i] for i in answers(model, split.test.points)]
    numbers = {"target_scaler": Scaler(("y",), (10.0,), (2.0,)).state()}
    save_model(MLP(1, [1], init="zeros"), path, numbers)
    assert load_model(path).predict([[5.0]]) == [10.0]


def test_notes_with_keys_that_are_numbers_come_back_as_texts(tmp_path):
    save_model(MLP(1, [1]), tmp_path / "a.json", {2: "a", 10: "b"})
    assert load_model(tmp_path / "a.json").about == {"2": "a", "10": "b"}


def saved(path):
    save_model(MLP(2, [2], rng=random.Random(0)), path)
    return json.loads(path.read_text())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[:50], "no JSON, or only a part of it"),
        (lambda text: text.replace("0.", "1.", 1), "damaged or changed by hand"),
        (lambda text: text.encode("utf-16"), "no text in UTF-8|no JSON"),
        (lambda text: "null", "no kind, version, checksum and content"),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, damage, message):
    path = tmp_path / "model.json"
    saved(path)
    damaged = damage(path.read_text())
    path.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    with pytest.raises(ValueError, match=f"model.json cannot be used as a chainrule model: .*({message})"):
        load_model(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "holds no MLP of this program: 'nin'"),
        ({"nin": 2, "nouts": [2], "parameters": {}}, "missing: .layers"),
        ({"nin": 2, "nouts": [2, 2], "activation": "evil"}, "no activation is called 'evil'"),
        ({"nin": 2, "nouts": [2], "command": "rm"}, "unexpected keyword argument 'command'"),
    ],
)
def test_a_whole_file_that_holds_no_model_is_refused(tmp_path, content, message):
    write_document(tmp_path / "model.json", "chainrule model", content)
    with pytest.raises(ValueError, match=message):
        load_model(tmp_path / "model.json")


def test_what_no_file_can_name_is_refused_and_the_old_file_stays(tmp_path):
    path = tmp_path / "model.json"
    saved(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="the activation <lambda> is not among linear, step"):
        save_model(MLP(2, [3, 1], activation=lambda z: z * z), path)
    mixed = MLP(2, [3, 3, 1], activation="tanh")
    mixed.layers[1] = Layer(3, 3, activation="relu")
    with pytest.raises(ValueError, match="one activation for all hidden neurons .*, here are tanh and relu"):
        save_model(mixed, path)
    with pytest.raises(TypeError, match="writes an MLP, got Layer"):
        save_model(Layer(2, 1), path)
    model = MLP(1, [1])
    model.layers[0].neurons[0].b.data = float("nan")
    with pytest.raises(ValueError, match="model.json cannot be written: it holds a nan or an inf"):
        save_model(model, path)
    with pytest.raises(TypeError, match="JSON"):
        save_model(MLP(1, [1]), path, {"model": object()})
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["model.json"]


def test_documents_keep_every_bit(tmp_path):
    numbers = [5e-324, 1.7976931348623157e308, 0.1, -0.0, 1 / 3]
    write_document(tmp_path / "a", "numbers", {"numbers": numbers})
    found = read_document(tmp_path / "a", "numbers")["numbers"]
    assert list(map(float.hex, found)) == list(map(float.hex, numbers))


def test_an_mlp_that_a_file_would_not_give_back_is_refused_when_it_is_saved(tmp_path):
    shared, bare = MLP(2, [2, 1]), MLP(2, [2, 1])
    shared.layers[0].neurons[0].w[0] = shared.layers[0].neurons[1].w[0]
    bare.layers[0].neurons[1].b = None
    for model, told in (
        (shared, "here 1 are those of others, too"),
        (bare, r"some of layers\[0\] have none"),
    ):
        with pytest.raises(ValueError, match=told):
            save_model(model, tmp_path / "model.json")
    assert not list(tmp_path.iterdir())
