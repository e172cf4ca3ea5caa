"""The studies behind `python -m nn train --model`: what is trained, compared, drawn and written."""

import json
import math
from dataclasses import replace

import pytest

from nn import digits, iris, load_parameters, sunspots
from nn.__main__ import main
from nn.conv import LeNet
from nn.references import autoregression, references
from nn.settings import Settings
from nn.studies import MODELS, open_study

SHORT = {
    ("digits", "lenet"): ["--hidden", "2", "2"],
    ("sunspots", "gru"): ["--hidden", "2"],
    ("sunspots", "lstm"): ["--hidden", "2", "2"],
    ("names", "gpt"): ["--hidden", "4", "--heads", "2", "--country", "pt"],
    ("names", "rnn"): ["--hidden", "4", "--country", "pt"],
    ("karate", "gcn"): ["--hidden", "4"],
    ("karate", "gat"): ["--hidden", "2", "--heads", "2"],
    ("digits", "autoencoder"): ["--hidden", "4", "--code", "3"],
    ("digits", "vae"): ["--hidden", "4"],
}
FILES = {"loss.png", "model.svg", "model.png", "parameters.json", "history.json", "results.json"}
OWN = {
    "lenet": {"filters.png", "maps.png", "confusion.png"},
    "gru": {"states.png", "through_time.png", "predicted.png"},
    "lstm": {"states.png", "through_time.png", "predicted.png"},
    "gpt": {"attention.png", "names.txt"},
    "rnn": {"states.png", "through_time.png", "names.txt"},
    "gcn": {"graph.png", "steps.png"},
    "gat": {"graph.png", "steps.png"},
    "autoencoder": {"reconstructions.png"},
    "vae": {"reconstructions.png", "codes.png", "grid.png"},
}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def train(data, model, *options):
    return main(["train", data, "--model", model, "--epochs", "1", *SHORT[data, model], *options])


@pytest.mark.parametrize(("data", "model"), SHORT)
def test_a_model_is_trained_and_leaves_its_report(here, capsys, data, model):
    assert train(data, model, "--compare") == 0
    folder = here / "runs" / f"{data}-{model}"
    figures = json.loads((folder / "results.json").read_text())
    assert {path.name for path in folder.iterdir()} == FILES | OWN[model] == set(figures["files"])
    assert figures["comparison"] and all(one["figures"] for one in figures["comparison"])
    assert all(map(math.isfinite, (x for one in figures["comparison"] for x in one["figures"].values())))
    told = capsys.readouterr().out
    assert f"{figures['parameters']:,} parameters" in told and "beside it" in told
    assert all(math.isfinite(x) for x in figures["test"].values())


@pytest.mark.parametrize(("data", "model"), [("names", "gpt"), ("karate", "gcn"), ("digits", "vae")])
def test_the_same_seed_gives_the_same_model(here, data, model):
    states = []
    for folder in ("one", "two"):
        assert train(data, model, "--seed", "3", "--folder", folder) == 0
        states.append(json.loads((here / folder / "parameters.json").read_text())["content"])
    assert states[0] == states[1]


def test_an_interrupted_training_goes_on_to_the_same_bits(here):
    settings = Settings(model="vae", hidden=(4,), epochs=3)
    whole = open_study("digits", digits, settings)
    whole.training.run()
    path = here / "checkpoint.json"
    begun = open_study("digits", digits, settings, checkpoint=path)
    next(begun.training)
    begun.training._save(always=True)
    resumed = open_study("digits", digits, settings, checkpoint=path, resume=True)
    resumed.training.run()
    assert resumed.model.state() == whole.model.state()


def test_parameters_come_back_from_their_file(here):
    assert train("digits", "lenet") == 0
    path = here / "runs" / "digits-lenet" / "parameters.json"
    model = LeNet(10, channels=(2, 2))
    about = load_parameters(model, path)
    assert about["names"] == [str(i) for i in range(10)]
    assert model.state() == json.loads(path.read_text())["content"]["parameters"]
    with pytest.raises(ValueError, match=r"holds the parameters of LeNet\(10, channels=\(2, 2\)\), not"):
        load_parameters(LeNet(10, channels=(3, 2)), path)


def test_an_earlier_report_goes_and_other_files_stay(here):
    assert train("names", "gpt", "--folder", "report") == 0
    (here / "report" / "mine.txt").write_text("mine")
    assert train("names", "rnn", "--folder", "report") == 0
    assert {path.name for path in (here / "report").iterdir()} == FILES | OWN["rnn"] | {"mine.txt"}


def test_a_linear_autoregression_finds_a_linear_rule():
    data = sunspots(3)
    made = replace(data, targets=tuple([2.0 + p[-1] - 0.5 * p[-2] for p in data.points]))
    guesses = autoregression(made, [[0.0, 10.0, 20.0]], 2)
    assert guesses == pytest.approx([17.0])


def test_an_mlp_has_nothing_beside_it():
    assert references(open_study("iris", iris, Settings(epochs=1))) == []


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ("iris", ["--model", "lenet"], "lenet looks at images: digits, not at iris"),
        ("iris", ["--model", "gru"], "gru reads windows of a series"),
        ("iris", ["--model", "gcn"], "train karate --model gcn"),
        ("iris", ["--model", "gpt"], "train names --model gpt"),
        ("iris", ["--model", "vae"], "vae draws images: digits, not iris"),
        ("names", ["--model", "mlp"], "no model of names is called 'mlp'"),
        ("iris", ["--model", "lenett"], "did you mean 'lenet'"),
        ("digits", ["--model", "lenet", "--hidden", "4"], "hidden are their channels, two numbers"),
        ("digits", ["--model", "lenet", "--code", "4"], "the model lenet has no code, got 4"),
        ("names", ["--hidden", "8", "4"], "have one width, once for each layer"),
        ("names", ["--country", "xx"], "no country is called 'xx'"),
        ("karate", ["--model", "gcn", "--dropout", "0.5"], "the model gcn has no dropout"),
    ],
)
def test_what_does_not_go_together_is_refused(here, capsys, data, options, message):
    assert main(["train", data, *options]) == 1
    assert message in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_every_model_is_trained_here():
    assert {model for _, model in SHORT} | {"mlp"} == set(MODELS)
