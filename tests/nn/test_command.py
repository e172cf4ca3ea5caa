"""The command line, as a user runs it: files, figures, interrupts, kills, refusals."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from nn import DATASETS, Scaler, answers, dataset, digits, load_model
from nn.__main__ import main

ROOT = Path(__file__).parents[2]
FILES = set(
    "loss.png weights.png gradients.png neuron.svg neuron.png neuron.txt "
    "model.json results.json history.json".split()
)
COMMAND = [sys.executable, "-W", "error", "-m", "nn"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def run(folder, *options):
    return subprocess.run(
        [*COMMAND, *options], cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=300
    )


def train(folder, *options):
    return run(folder, "train", *options, "--folder", "report")


def figures(folder):
    return json.loads((folder / "report" / "results.json").read_text())


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return train(folder, "digits", "--epochs", "2", "--batch-size", "2", "--seed", "7"), folder / "report"


def test_it_trains_with_a_bar_and_says_what_each_epoch_came_to(done):
    result, _ = done
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(
        "digits: 1259 points to train on, 179 to validate, 359 to test\nMLP(64, [32, 10])"
    )
    line = r"^epoch   2  loss \d\.\d{4}  accuracy 0\.\d{4}  validation \d\.\d{4}, 0\.\d{4}  \d+\.\d s$"
    assert re.search(line, result.stdout, re.MULTILINE)
    assert re.search(
        r"^test +359 points  loss \d\.\d{4}  accuracy 0\.\d{4}  f1 0\.\d{4}$", result.stdout, re.MULTILINE
    )
    assert "epoch 2/2" in result.stderr and "loss=" in result.stderr and "accuracy=" in result.stderr


def test_constant_columns_are_listed_once(done):
    result, _ = done
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("constant columns, set to 0: ")]
    assert line.count(",") >= 2


def test_it_leaves_whole_files_and_nothing_else(done):
    _, folder = done
    assert {path.name for path in folder.iterdir()} == FILES | {"confusion.png"}
    for path in folder.glob("*.png"):
        assert path.read_bytes()[:4] == b"\x89PNG"
    ElementTree.fromstring((folder / "neuron.svg").read_bytes())


def test_the_model_loads_and_gives_the_accuracy_that_is_told(done):
    _, folder = done
    model, about = load_model(folder / "model.json")
    scaler = Scaler.load(about["scaler"])
    raw = digits().split(validation=0.1, seed=7).test
    guesses = answers(model, map(scaler.apply, raw.points))
    right = sum(a == b for a, b in zip(guesses, raw.targets, strict=True)) / len(raw)
    results = json.loads((folder / "results.json").read_text())
    assert right == results["test"]["accuracy"] > 0.6
    assert about["names"] == list("0123456789")


def test_the_history_reads(done):
    _, folder = done
    first, last = json.loads((folder / "history.json").read_text())
    assert (first["number"], first["samples"], last["number"]) == (1, 1259, 2)
    assert last["validation_loss"] < first["validation_loss"]


def test_the_ledger_adds_up(done):
    _, folder = done
    lines = (folder / "neuron.txt").read_text().splitlines()
    assert lines[0].startswith("an output neuron, shown test point ")
    assert lines[2].split() == ["record", "node", "op", "value", "source"]
    assert any(line.split()[:4] == ["sweep", "node", "op", "input"] for line in lines)
    assert sum(re.search(r" dot +w\d+ ", line) is not None for line in lines) == 32
    assert sum(re.search(r" dot +h\d+ ", line) is not None for line in lines) == 32


@pytest.mark.parametrize(
    ("options", "more"),
    [
        (["moons", "--hidden", "4", "4"], {"confusion.png", "boundary.png"}),
        (["sine", "--hidden", "--activation", "relu"], {"predicted.png", "fitted.png"}),
        (["diabetes", "--loss", "huber", "--raw", "--batch-size", "200", "--learning-rate", "1e-5"],
         {"predicted.png"}),
        (["iris", "--optimizer", "nesterov", "--dropout", "0.1", "--warm-up", "3", "--schedule", "step",
          "--l1", "0.01", "--clip", "1", "--patience", "1", "--init", "he"], {"confusion.png"}),
        (["wine", "--loss", "multiclass_hinge", "--validation", "0"], {"confusion.png"}),
        (["breast_cancer", "--loss", "mse", "--hidden", "2"], {"confusion.png"}),
        (["xor_gate", "--loss", "hinge"], {"confusion.png", "boundary.png"}),
    ],
)  # fmt: skip
def test_every_kind_of_data_has_its_pictures(tmp_path, monkeypatch, capsys, options, more):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert main(["train", *options, "--epochs", "2", "--folder", "report", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == figures(tmp_path)
    assert {path.name for path in (tmp_path / "report").iterdir()} == FILES | more


def test_a_file_of_ones_own(tmp_path):
    rows = [f"{i},{i % 7},{'yes' if i % 7 > 3 else 'no'}" for i in range(60)]
    (tmp_path / "mine.csv").write_text("\n".join(["time,day,open", *rows]))
    result = train(tmp_path, "mine.csv", "--epochs", "30")
    assert result.returncode == 0, result.stderr
    assert figures(tmp_path)["dataset"] == "mine" and figures(tmp_path)["test"]["accuracy"] > 0.7
    result = train(tmp_path, "mine.csv", "--target", "day", "--epochs", "1")
    assert result.returncode == 1
    assert "line 2, column 'open': 'no'" in result.stderr and "Traceback" not in result.stderr


@pytest.mark.slow
def test_same_seed_same_files(done, tmp_path):
    _, folder = done
    train(tmp_path, "digits", "--epochs", "2", "--batch-size", "2", "--seed", "7")
    for name in ("model.json", "neuron.txt", "neuron.svg", "weights.png", "gradients.png"):
        assert (tmp_path / "report" / name).read_bytes() == (folder / name).read_bytes()


def timeless(folder):
    epochs = json.loads((folder / "report" / "history.json").read_text())
    return [epoch | {"seconds": 0} for epoch in epochs], (folder / "report" / "model.json").read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)]
)
def test_interrupted_or_killed_and_resumed_it_ends_as_if_it_had_never_stopped(tmp_path, number):
    """SIGINT ends after the batch that has begun; SIGKILL, between checkpoints, loses the epoch that has."""
    options = ["moons", "--hidden", "16", "16", "--epochs", "60", "--seed", "3", "--dropout", "0.1"]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    assert train(whole, *options).returncode == 0
    command = [*COMMAND, "train", *options, "--folder", "report"]
    process = subprocess.Popen(
        command, cwd=parts, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        for line in process.stdout:
            if line.startswith("epoch   3 "):
                break
        time.sleep(0.05)
        process.send_signal(number)
        rest = process.stdout.read()
        code = process.wait(timeout=60)
    report = parts / "report"
    assert (report / "checkpoint.json").exists()
    if number == signal.SIGKILL:
        assert code == -signal.SIGKILL and not (report / "results.json").exists()
    else:
        assert code == 130
        assert "interrupted: the report is of what has been trained so far; --resume goes on" in rest
        assert {path.name for path in report.iterdir()} == FILES | {
            "confusion.png",
            "boundary.png",
            "checkpoint.json",
        }
        assert figures(parts)["interrupted"] and 3 <= figures(parts)["epochs"] < 60
    refused = train(parts, *options)
    assert refused.returncode == 1 and "go on with --resume, or begin anew with --restart" in refused.stderr
    other = train(parts, *options, "--resume", "--batch-size", "5")
    assert other.returncode == 1 and "batch_size is 16 there, 5 here" in other.stderr
    assert train(parts, *options, "--resume").returncode == 0
    assert timeless(parts) == timeless(whole)
    assert not (report / "checkpoint.json").exists()


def test_restart_forgets_an_interrupted_training(tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "checkpoint.json").write_text("damaged")
    options = ["xor_gate", "--epochs", "1"]
    result = train(tmp_path, *options, "--resume")
    assert result.returncode == 1 and "it is no JSON" in result.stderr
    assert train(tmp_path, *options, "--restart").returncode == 0


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("iris", 0.93), ("wine", 0.95), ("breast_cancer", 0.95),
        pytest.param("digits", 0.96, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_the_known_sets_are_learned(tmp_path, name, least):
    result = train(tmp_path, name, "--json")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert json.loads(result.stdout)["test"]["accuracy"] >= least


def test_datasets_are_listed(tmp_path):
    told = run(tmp_path, "datasets").stdout
    assert all(re.search(rf"^{name} +\d", told, re.MULTILINE) for name in DATASETS)
    rows = json.loads(run(tmp_path, "datasets", "--json").stdout)
    assert [row["name"] for row in rows] == list(DATASETS)
    iris = next(row for row in rows if row["name"] == "iris")
    assert iris["columns"]["petal width"] == "cm" and iris["points"] == 150 and "Fisher" in iris["source"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["iris", "--epochs", "0"], "--epochs: at least 1 is needed, got 0"),
        (["iris", "--epochs", "x"], "--epochs: a whole number is needed, got 'x'"),
        (["iris", "--batch-size", "-1"], "--batch-size: at least 1 is needed, got -1"),
        (["iris", "--learning-rate", "nan"], "--learning-rate: a positive, finite number is needed, got nan"),
        (["iris", "--learning-rate", "0"], "--learning-rate: a positive, finite number is needed, got 0"),
        (["iris", "--hidden", "0"], "--hidden: at least 1 is needed, got 0"),
        (["iris", "--resume", "--restart"], "--restart: not allowed with argument --resume"),
    ],
)
def test_the_parser_refuses(options, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["train", *options])
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["irs"], "no data set is called 'irs'; did you mean 'iris'?"),
        (["nowhere.csv"], "nowhere.csv"),
        (["iris", "--target", "species"], "--target is for CSV files"),
        (["iris", "--activation", "tahn"], "no activation is called 'tahn'; did you mean 'tanh'?"),
        (["iris", "--optimizer", "adamm"], "no optimizer is called 'adamm'; did you mean 'adam'?"),
        (
            ["iris", "--loss", "cross_entrpy"],
            "no loss is called 'cross_entrpy'; did you mean 'cross_entropy'?",
        ),
        (["iris", "--schedule", "cosin"], "no schedule is called 'cosin'; did you mean 'cosine'?"),
        (["iris", "--init", "xaver"], "no initialiser is called 'xaver'; did you mean 'xavier'?"),
        (["sine", "--loss", "cross_entropy"], "the loss is one of mse, mae, huber, got 'cross_entropy'"),
        (["iris", "--test", "1.5"], "between 0 and 1, got 1.5"),
        (["iris", "--l2", "-1"], "l2 must be 0 or more and finite, got -1"),
        (["iris", "--dropout", "1"], "dropout is a share from 0 to below 1, got 1"),
        (["iris", "--patience", "3", "--validation", "0"], "patience watches the validation loss"),
        (["iris", "--activation", "softmax"], "softmax belongs to the last layer"),
        (
            ["iris", "--learning-rate", "1e300", "--optimizer", "sgd", "--activation", "relu"],
            "smaller learning rate",
        ),
    ],
)
def test_what_is_wrong_is_one_line_and_the_exit_code_1(options, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    assert main(["train", *options]) == 1
    told = capsys.readouterr().err
    assert "python -m nn: " in told and message in told and "Traceback" not in told
    assert not list(tmp_path.rglob("*.png"))


def test_help_teaches(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["train", "--help"])
    shown = capsys.readouterr().out
    words = (
        "neuron.txt --learning-rate --resume Ctrl-C adamw xavier multiclass_hinge examples houses.csv cosine"
    )
    assert all(word in shown for word in words.split())


def test_a_folder_that_cannot_be_made_is_said_before_training(tmp_path):
    (tmp_path / "report").write_text("a file")
    result = train(tmp_path, "xor_gate")
    assert result.returncode == 1
    assert "report" in result.stderr and "Traceback" not in result.stderr
    assert "epoch" not in result.stdout


def test_the_names_of_the_data_sets_are_those_of_their_loaders():
    assert all(dataset(name).name == name for name in DATASETS)
