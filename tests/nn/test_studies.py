"""The studies behind `python -m nn train --model`: what is trained, compared, drawn and written."""

import json
import math
import re
import signal
from dataclasses import replace

import pytest

from engine import draw
from nn import Dataset, digits, iris, load_parameters, sunspots
from nn.__main__ import main
from nn.conv import LeNet
from nn.data import dataset
from nn.references import autoregression, references
from nn.report import DRAWN
from nn.settings import Settings
from nn.studies import MODELS, open_study
from nn.study import Study

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
def test_a_model_is_trained_and_leaves_its_report(here, capsys, monkeypatch, data, model):
    monkeypatch.setattr("nn.experiment.MOST", 1)  # epochs of the perceptrons beside it
    assert train(data, model, "--compare") == 0
    folder = here / "runs" / f"{data}-{model}"
    figures = json.loads((folder / "results.json").read_text())
    assert {path.name for path in folder.iterdir()} == FILES | OWN[model] == set(figures["files"])
    own, *others = figures["comparison"]
    assert own["name"] == figures["model"] and own["parameters"] == figures["parameters"]
    assert others and all(one["figures"].keys() == own["figures"].keys() for one in others)
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


def test_an_mlp_has_nothing_beside_it_but_what_is_known_of_series(here, capsys):
    assert references(open_study("iris", iris, Settings(epochs=1))) == []
    assert main(["train", "xor_gate", "--epochs", "1", "--compare"]) == 0
    assert "nothing to compare MLP(2, [32, 1]) with" in capsys.readouterr().out
    found = references(open_study("sunspots", sunspots, Settings(epochs=1)))
    names = ["MLP(10, [32, 1])", "persistence", "AR(2), linear", "AR(9), linear"]
    assert [one.name for one in found] == names


def opened(name, **settings):
    return open_study(name, lambda: dataset(name), Settings(**settings), progress=False)


COMPARED = [
    ("names", {"model": "gpt", "hidden": (4,), "heads": 2, "country": "pt", "epochs": 2}),
    ("karate", {"model": "gcn", "hidden": (2,), "epochs": 2}),
    ("sunspots", {"model": "rnn", "hidden": (1,)}),
]


@pytest.mark.parametrize(("name", "settings"), COMPARED)
def test_a_comparison_that_is_interrupted_has_no_half_trained_model(monkeypatch, name, settings):
    study, fitted = opened(name, **settings), Study.fitted

    def stopped(*given, **more):
        return fitted(*given, callbacks=[lambda training: signal.raise_signal(signal.SIGINT)], **more)

    monkeypatch.setattr(Study, "fitted", stopped)
    with pytest.raises(KeyboardInterrupt):
        references(study)


def test_after_an_interrupted_comparison_the_report_is_there_to_be_written(here, monkeypatch, capsys):
    fitted = Study.fitted

    def stopped(self, model, *given, **more):
        if model is not self.model:
            more["callbacks"] = [lambda training: signal.raise_signal(signal.SIGINT)]
        return fitted(self, model, *given, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Study, "fitted", stopped)
        assert train("karate", "gcn", "--compare") == 130
    assert "trained; --resume writes the report" in capsys.readouterr().err
    assert [path.name for path in (here / "runs" / "karate-gcn").iterdir()] == ["checkpoint.json"]
    assert train("karate", "gcn", "--compare", "--resume") == 0


@pytest.mark.parametrize(("name", "settings"), COMPARED)
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_the_mlp_beside_a_model_is_trained_as_the_model_is(monkeypatch, name, settings, optimizer):
    validation = None if name == "karate" else 0.2
    study = opened(name, **settings, optimizer=optimizer, l1=0.125, validation=validation)
    met = []
    monkeypatch.setattr("nn.references._run", met.append)
    references(study)
    ours = study.training
    for other in met:
        assert type(other.optimizer) is type(ours.optimizer) and other.optimizer.l1 == 0.125
        assert other.optimizer.learning_rate == ours.optimizer.learning_rate
        assert "cosine(rate=" in repr(other.optimizer)
        assert (other.batch_size, other.clip, other.seed) == (ours.batch_size, ours.clip, ours.seed)
        assert (other.validation is None) == (ours.validation is None)
        if ours.validation is not None:
            assert len(other.validation) == len(ours.validation)
    assert met


def test_the_mlp_beside_a_model_reads_raw_columns_where_the_model_does(monkeypatch):
    met = []
    monkeypatch.setattr("nn.references._run", met.append)
    references(opened("sunspots", model="rnn", hidden=(1,), standardise=False))
    assert all(max(map(max, other.data.points)) > 100 for other in met)


@pytest.mark.slow
def test_the_mlp_that_sees_three_letters_knows_more_than_pairs_of_letters():
    study = opened("names", model="gpt", hidden=(4,), heads=2, epochs=40)
    losses = {one.name.split("(")[0]: one.figures["loss"] for one in references(study)}
    assert losses["LastLetters"] < losses["pairs of letters, counted"] - 0.05
    assert losses["pairs of letters, counted"] < losses["letters, counted"] < losses["chance"]


def test_nodes_between_two_labels_are_undecided():
    study = opened("karate", model="gcn", hidden=(2,), epochs=1)
    nearest = references(study)[-1]
    ties = sum(len(near) > 1 for near in study.data.nearest(study.labelled))
    assert nearest.name == f"nearest label, undecided at {ties}" and ties == 6
    right = sum(
        (label,) == near for label, near in zip(study.data.labels, study.data.nearest((0, 33)), strict=True)
    )
    assert nearest.figures["all"] == right / 34


@pytest.mark.parametrize("epochs", [5, 6])
def test_a_resumed_training_shows_all_steps_each_once(here, epochs):
    settings, path = Settings(model="gcn", hidden=(4,), epochs=epochs), here / "checkpoint.json"
    whole = open_study("karate", dict, settings)
    whole.training.run()
    begun = open_study("karate", dict, settings, checkpoint=path)
    for _ in range(epochs):
        next(begun.training)
    begun.training._save(always=True)
    resumed = open_study("karate", dict, settings, checkpoint=path, resume=True)
    resumed.training.run()
    steps = [
        [text.get_text() for text in study.pictures()["steps.png"].texts if "right" in text.get_text()]
        for study in (whole, resumed)
    ]
    assert steps[0] == steps[1]
    assert [step.split(":")[0] for step in steps[0]] == ["before", "after 5 epochs", "after 6 epochs"][
        : epochs - 3
    ]


def test_maps_show_the_image_as_it_was_and_say_what_it_is():
    data = digits().subset(range(80))
    study = open_study("digits", lambda: data, Settings(model="lenet", hidden=(2, 2), epochs=1))
    ax = study.pictures()["maps.png"]
    place, name, guess = re.search(
        r"test image (\d+), class '(\d)', (?:answered so|taken for '(\d)')$", ax.get_title(loc="left")
    ).groups()
    raw = data.split(validation=0.1).test
    point, target = raw[int(place)]
    assert target == int(name) != (None if guess is None else int(guess))
    image = ax.images[-1]
    assert image.get_array().ravel().tolist() == pytest.approx(point)
    assert image.get_clim() == (0.0, 1.0)


def test_states_name_what_was_read_in_its_own_unit():
    study = open_study("sunspots", lambda: sunspots(4), Settings(model="rnn", hidden=(2,), epochs=1))
    ax = study.pictures()["states.png"]
    assert ax.get_xlabel() == "what was read (sunspots)"
    read = [float(text.get_text()) for text in ax.get_xticklabels()]
    assert any(read == pytest.approx(point, rel=1e-3) for point in sunspots(4).points)


def test_of_several_blocks_the_attention_says_which(here):
    study = opened("names", model="gpt", hidden=(4, 4), heads=1, country="pt", epochs=1)
    assert re.fullmatch(
        r"attention of 1 head, block 0 of 2, in '\w+'; · is the end of a word",
        study.pictures()["attention.png"].get_title(loc="left"),
    )


@pytest.mark.parametrize(
    ("name", "settings"),
    [("names", {"model": "gpt"}), ("names", {"model": "gru"}), ("karate", {"model": "gcn"}),
     ("sunspots", {"model": "gru"}), ("digits", {"model": "vae", "hidden": (16,)})],
)  # fmt: skip
def test_the_model_is_drawn_in_few_boxes(name, settings):
    drawn = opened(name, **settings, epochs=1).drawn()
    boxes = int(re.search(r"(\d+) boxes", repr(draw(drawn.result, fold=DRAWN, collapse=drawn.collapse)))[1])
    assert boxes <= 32


def test_a_drawing_says_how_many_parameters_it_shows():
    """The rows of letters that are not read are in no graph."""
    study = opened("names", model="rnn", hidden=(4,), country="pt", epochs=1)
    told = re.search(r"shown '(\w+)', with (\d+) of (\d+) parameters", study.drawn().title)
    word, count, whole = told[1], int(told[2]), int(told[3])
    assert whole == len(study.model.parameters())
    unread = study.data.tokens - len({"", *word[:-1]}) - (word[-1] not in word[:-1])
    assert count == whole - 4 * unread


def test_empty_names_are_marked(monkeypatch):
    study = opened("names", model="rnn", hidden=(4,), country="pt", epochs=1)
    known = study.data.words[0]
    monkeypatch.setattr(study, "written", lambda: ["", "xyz", known])
    assert study.texts()["names.txt"] == f"(empty)\nxyz\n{known}  (in the list)\n"


def test_data_are_images_by_their_columns_not_by_their_name():
    points = [[float(i % (j + 2)) for j in range(64)] for i in range(40)]
    table = Dataset.labelled(points, [i % 2 for i in range(40)], name="digits")
    for model in ("lenet", "vae"):
        with pytest.raises(
            ValueError, match=f"{model} is for images, such as digits, whose columns are pixel 0,0"
        ):
            open_study("digits.csv", lambda: table, Settings(model=model, hidden=(2, 2)))
    assert open_study("digits.csv", lambda: table, Settings(epochs=1)).pictures()
    named = [f"pixel {i},{j}" for i in range(4) for j in range(16)]
    study = open_study("mine.csv", lambda: replace(table, inputs=named), Settings(model="vae", hidden=(2,)))
    assert study.shape == (4, 16)
    wrong = replace(table, inputs=named, points=tuple([tuple([x - 1.0 for x in p]) for p in table.points]))
    with pytest.raises(
        ValueError, match=r"pixels of images are from 0 on, and not all 0; those of digits are -1.0"
    ):
        open_study("mine.csv", lambda: wrong, Settings(model="vae"))


@pytest.mark.parametrize(
    ("name", "model", "wrong"),
    [("names", "gpt", {"heads": 0}), ("names", "gpt", {"epochs": 0}), ("names", "rnn", {"batch_size": 0}),
     ("karate", "gat", {"heads": 0}), ("karate", "gcn", {"epochs": 0}), ("digits", "vae", {"code": 0}),
     ("digits", "autoencoder", {"epochs": 0}), ("iris", "mlp", {"batch_size": 0})],
)  # fmt: skip
def test_a_count_of_0_is_refused_by_its_name(name, model, wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is at least 1, got 0"):
        opened(name, model=model, **wrong)


@pytest.mark.parametrize("wrong", [{"test": 7.0}, {"test": 0.0}, {"validation": -0.1}, {"validation": 1.0}])
def test_settings_refuse_what_is_no_share(wrong):
    ((name, share),) = wrong.items()
    with pytest.raises(ValueError, match=f"{name} is a share of the points.*got {share}"):
        Settings(**wrong)
    with pytest.raises(TypeError, match=f"{name} is a number, got '0.1'"):
        Settings(**{name: "0.1"})


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        ("iris", ["--model", "lenet"], "lenet is for images, such as digits, whose columns are pixel 0,0"),
        ("iris", ["--model", "gru"], "gru reads windows of a series"),
        ("iris", ["--model", "gcn"], "train karate --model gcn"),
        ("iris", ["--model", "gpt"], "train names --model gpt"),
        ("iris", ["--model", "vae"], "those of iris begin with sepal length"),
        ("names", ["--model", "mlp"], "no model of names is called 'mlp'"),
        ("iris", ["--model", "lenett"], "did you mean 'lenet'"),
        ("digits", ["--model", "lenet", "--hidden", "4"], "hidden are their channels, two numbers"),
        ("digits", ["--model", "lenet", "--code", "4"], "the model lenet has no code, got 4"),
        ("names", ["--hidden", "8", "4"], "have one width, once for each layer"),
        ("names", ["--country", "xx"], "no country is called 'xx'"),
        ("karate", ["--model", "gcn", "--dropout", "0.5"], "the model gcn has no dropout"),
        ("karate", ["--model", "gcn", "--patience", "3"], "the model gcn has no patience, got 3"),
        ("karate", ["--model", "gat", "--validation", "0.2"], "the model gat has no validation, got 0.2"),
        ("karate", ["--model", "gcn", "--test", "0.5"], "the model gcn has no test, got 0.5"),
        ("karate", ["--model", "gcn", "--test", "0.2"], "the model gcn has no test, got 0.2"),
        ("karate", ["--model", "gcn", "--validation", "0.1"], "the model gcn has no validation, got 0.1"),
        ("karate", ["--model", "gat", "--country", "us"], "the model gat has no country, got 'us'"),
        ("digits", ["--model", "lenet", "--dropout", "0"], "the model lenet has no dropout, got 0.0"),
        ("karate", ["--model", "gcn", "--batch-size", "4"], "the model gcn has no batch_size, got 4"),
        ("karate", ["--model", "gcn", "--raw"], "the model gcn has no columns to leave as they are (--raw)"),
        ("names", ["--raw"], "the model gpt has no columns to leave as they are (--raw)"),
        ("digits", ["--model", "vae", "--raw"], "the model vae has no columns to leave as they are (--raw)"),
        ("names", ["--target", "x"], "--target is for CSV files: what 'names' predicts is given"),
        ("karate", ["--model", "gcn", "--delimiter", ";"], "--delimiter is for CSV files"),
        ("nmes", ["--model", "gpt"], "no data set is called 'nmes'; did you mean 'names'?"),
    ],
)
def test_what_does_not_go_together_is_refused(here, capsys, data, options, message):
    assert main(["train", data, *options]) == 1
    assert message in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_every_model_is_trained_here():
    assert {model for _, model in SHORT} | {"mlp"} == set(MODELS)
