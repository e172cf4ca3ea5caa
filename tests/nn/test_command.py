"""The command line, as a user runs it: files, figures, interrupts, kills, refusals."""

import json
import math
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import pytest

import nn.__main__
from nn import DATASETS, Dataset, Scaler, answers, dataset, digits, iris, load_model, xor_gate
from nn.__main__ import main
from nn.experiment import Experiment, Settings

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


def test_it_trains_and_says_what_each_epoch_came_to(done):
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
    assert result.stderr == ""


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
    options = ["moons", "--hidden", "16", "16", "--epochs", "300", "--seed", "3", "--dropout", "0.1"]
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    whole.mkdir(), parts.mkdir()
    assert train(whole, *options).returncode == 0
    command = [*COMMAND, "train", *options, "--folder", "report"]
    process = subprocess.Popen(
        command, cwd=parts, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        for line in process.stdout:
            if line.startswith("epoch   1 "):
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
        assert figures(parts)["interrupted"] and 1 <= figures(parts)["epochs"] < 300
    refused = train(parts, *options)
    assert refused.returncode == 1 and "go on with --resume, or begin anew with --restart" in refused.stderr
    other = train(parts, *options, "--resume", "--batch-size", "5")
    assert other.returncode == 1 and "batch_size is 16 there, 5 here" in other.stderr
    assert train(parts, *options, "--resume").returncode == 0
    assert timeless(parts) == timeless(whole)
    assert not (report / "checkpoint.json").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
def test_sigterm_stops_a_job_that_a_script_has_started_in_the_background(tmp_path):
    """Its SIGINT is ignored, as POSIX has it for `python -m nn train ... &` in a script."""
    script = f"{shlex.join([*COMMAND, 'train', 'moons', '--epochs', '100000'])} & echo $!; wait $!"
    with subprocess.Popen(
        ["sh", "-c", script], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True
    ) as shell:
        job = int(shell.stdout.readline())
        while not (tmp_path / "runs" / "moons" / "checkpoint.json").exists():
            assert shell.poll() is None
            time.sleep(0.05)
        os.kill(job, signal.SIGTERM)
        told = shell.stdout.read()
        assert shell.wait(timeout=60) == 130
    assert "interrupted: the report is of what has been trained so far" in told


@pytest.mark.skipif(sys.platform == "win32", reason="pipes as POSIX has them")
def test_a_pipe_that_is_closed_does_not_end_the_training(tmp_path):
    command = [*COMMAND, "train", "xor_gate", "--epochs", "20", "--folder", "report"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 0
    assert figures(tmp_path)["epochs"] == 20


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder to run `main` in, which leaves the signals of the tests alone."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return tmp_path


def test_a_mistyped_option_touches_no_file(here, capsys):
    assert main(["train", "iris", "--optimizer", "adma"]) == 1
    assert not list(here.iterdir())
    checkpoint = here / "report" / "checkpoint.json"
    checkpoint.parent.mkdir()
    checkpoint.write_text("of an interrupted training")
    wrong = ["train", "iris", "--folder", "report", "--restart", "--loss", "mes"]
    assert main(wrong) == 1
    assert checkpoint.read_text() == "of an interrupted training"


def test_where_nothing_was_interrupted_there_is_nothing_to_resume(here, capsys):
    assert main(["train", "xor_gate", "--resume"]) == 1
    told = capsys.readouterr().err
    assert "there is nothing to resume: no runs/xor_gate/checkpoint.json" in told.replace(os.sep, "/")
    assert not list(here.iterdir())
    assert main(["train", "xor_gate", "--epochs", "2"]) == 0
    before = (here / "runs" / "xor_gate" / "results.json").read_bytes()
    assert main(["train", "xor_gate", "--epochs", "3", "--resume"]) == 1
    assert (here / "runs" / "xor_gate" / "results.json").read_bytes() == before


def test_interrupted_between_two_epochs_it_writes_the_report(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    command, line = ["train", "xor_gate", "--epochs", "5", "--folder", "report"], nn.__main__._line

    def interrupted(epoch, training):
        if epoch.number == 2:
            signal.raise_signal(signal.SIGINT)
        return line(epoch, training)

    before = signal.getsignal(signal.SIGTERM)
    with monkeypatch.context() as patch:
        patch.setattr("nn.__main__._line", interrupted)
        assert main(command) == 130
    assert "interrupted: the report is of what has been trained so far" in capsys.readouterr().out
    assert figures(tmp_path)["interrupted"] and figures(tmp_path)["epochs"] == 2
    assert main([*command, "--resume"]) == 0
    signal.signal(signal.SIGTERM, before)
    assert figures(tmp_path)["epochs"] == 5


def test_a_report_interrupted_is_written_when_resumed(here, monkeypatch, capsys):
    command = ["train", "xor_gate", "--epochs", "2", "--folder", "report"]

    def interrupted(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("nn.point_study.save_model", interrupted)
        assert main(command) == 130
    assert "trained; --resume writes the report" in capsys.readouterr().err
    assert [path.name for path in (here / "report").iterdir()] == ["checkpoint.json"]
    assert main([*command, "--resume"]) == 0
    assert {path.name for path in (here / "report").iterdir()} == FILES | {"confusion.png", "boundary.png"}
    assert figures(here)["epochs"] == 2


def test_a_report_replaces_an_earlier_one_whole_or_not_at_all(here, monkeypatch, capsys):
    folder = here / "report"
    common = ["--epochs", "1", "--folder", "report"]
    assert main(["train", "xor_gate", *common]) == 0
    (folder / "notes.txt").write_text("mine")
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def full(*_):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("nn.point_study.save_model", full)
        assert main(["train", "sine", *common]) == 1
    (folder / "checkpoint.json").unlink()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert main(["train", "sine", *common]) == 0
    assert {path.name for path in folder.iterdir()} == FILES | {"predicted.png", "fitted.png", "notes.txt"}


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
        ("moons", 0.95), ("iris", 0.93), ("wine", 0.95), ("breast_cancer", 0.95),
        pytest.param("digits", 0.96, marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_the_known_sets_are_learned(tmp_path, name, least):
    result = train(tmp_path, name, "--json")
    assert result.returncode == 0, result.stderr
    assert result.stderr == ""
    assert json.loads(result.stdout)["test"]["accuracy"] >= least


@pytest.mark.parametrize("rows", [2, 10, 13])
def test_few_numbers_are_learned_r2_where_they_differ(here, capsys, rows):
    """Of 10 rows 1 is to validate on: its r2 is not defined, its rmse is."""
    (here / "few.csv").write_text("x,y\n" + "".join(f"{i},{1.5 * i + 0.25}\n" for i in range(rows)))
    assert main(["train", "few.csv", "--epochs", "3", "--folder", "report"]) == 0
    parts = figures(here)
    assert "r2" in parts["train"] and "rmse" in parts["test"]
    if rows > 2:
        assert parts["validation"]["points"] == 1 and "r2" not in parts["validation"]
        assert "  rmse " in capsys.readouterr().out


def test_one_number_to_test_on_has_no_picture_of_many(here):
    (here / "few.csv").write_text("x,z,y\n" + "".join(f"{i},{i % 3},{1.5 * i}\n" for i in range(10)))
    assert main(["train", "few.csv", "--test", "0.1", "--epochs", "1", "--folder", "report"]) == 0
    assert {path.name for path in (here / "report").iterdir()} == FILES


def test_rmse_is_told_in_the_unit_of_the_target(here):
    points = [[float(i)] for i in range(10)]
    experiment = Experiment(
        Dataset(points, [1000.0 * i for i in range(10)]), Settings(epochs=1, init="zeros")
    )
    (epoch,) = experiment.training
    assert experiment.training.scoring.name == "rmse"
    assert epoch.validation_metric == pytest.approx(experiment.figures()["validation"]["rmse"])
    assert epoch.validation_metric > 100


def test_a_constant_target_is_refused_by_its_name():
    data = Dataset([[0.0], [1.0]], [5.0, 5.0], target="price")
    with pytest.raises(ValueError, match="the target 'price' is 5.0 at all 2 points: nothing to learn"):
        Experiment(data, Settings())


def test_the_schedule_begins_after_the_warm_up_and_ends_with_the_training():
    settings = Settings(epochs=10, batch_size=4, warm_up=4, learning_rate=0.5)
    rates = [epoch.learning_rate for epoch in Experiment(xor_gate(), settings).training]
    falling = [0.25 * (1 + math.cos(math.pi * k / 6)) for k in range(6)]
    assert rates == pytest.approx([0.125, 0.25, 0.375, 0.5, *falling])
    with pytest.raises(
        ValueError, match=r"warm_up takes 10 updates, the whole training has 10 \(10 epochs\)"
    ):
        Experiment(xor_gate(), replace(settings, warm_up=10))


@pytest.mark.parametrize(
    ("options", "kept"),
    [({}, "best"), ({"patience": 3}, "best"), ({"validation": 0.0}, "last")],
)
def test_the_figures_say_of_which_epoch_the_model_is(options, kept):
    """At a constant rate as large as this the validation loss of iris goes up and down."""
    settings = Settings(epochs=12, learning_rate=0.3, schedule="constant", **options)
    experiment = Experiment(iris(), settings)
    experiment.training.run()
    told = experiment.figures()
    if kept == "last":
        assert told["lowest_validation_epoch"] is None and told["model_of_epoch"] == told["epochs"] == 12
        return
    losses = [epoch.validation_loss for epoch in experiment.training.history]
    best = losses.index(min(losses)) + 1
    assert told["lowest_validation_epoch"] == told["model_of_epoch"] == best < len(losses)
    assert told["validation"]["loss"] == pytest.approx(min(losses))


def test_without_validation_patience_watches_the_loss():
    settings = Settings(epochs=400, learning_rate=0.5, schedule="constant", patience=2, validation=0.0)
    experiment = Experiment(iris(), settings)
    told = [epoch.loss for epoch in experiment.training]
    assert len(told) < 400 and min(told[-2:]) >= min(told[:-2])
    assert experiment.figures()["model_of_epoch"] == len(told)


def test_of_many_epochs_some_are_told(here, capsys):
    assert main(["train", "xor_gate", "--epochs", "203"]) == 0
    told = [int(line.split()[1]) for line in capsys.readouterr().out.splitlines() if line[:6] == "epoch "]
    assert told == [1, *range(11, 203, 11), 203]


def test_a_csv_file_has_options_and_says_how_it_was_taken(here, capsys):
    (here / "marks.csv").write_text("x;mark\n" + "".join(f"{i};{i % 2}\n" for i in range(20)))
    common = ["train", "marks.csv", "--epochs", "1", "--folder", "report"]
    assert main(common) == 1
    assert "(--delimiter ';' on the command line)" in capsys.readouterr().err
    assert main([*common, "--delimiter", ";"]) == 0
    assert capsys.readouterr().out.startswith(
        "'mark' is taken for classes: it has 2 different whole numbers; "
    )
    assert figures(here)["task"] == "classification"
    assert main([*common, "--delimiter", ";", "--task", "regression"]) == 0
    assert capsys.readouterr().out.startswith("'mark' is taken for numbers to predict, as asked")
    assert figures(here)["task"] == "regression"
    (here / "tabs.csv").write_text((here / "marks.csv").read_text().replace(";", "\t"))
    assert main(["train", "tabs.csv", "--epochs", "1", "--delimiter", r"\t"]) == 0


def test_a_warning_is_a_note_of_one_line(tmp_path):
    command = [sys.executable, "-m", "nn", "train", "xor_gate", "--activation", "step", "--epochs", "1"]
    result = subprocess.run(
        command, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0
    assert re.fullmatch("note: .* have the activation step: .*\n", result.stderr)


def test_datasets_are_listed(tmp_path):
    told = run(tmp_path, "datasets").stdout
    assert all(re.search(rf"^{name} +\d", told, re.MULTILINE) for name in DATASETS)
    rows = json.loads(run(tmp_path, "datasets", "--json").stdout)
    assert [row["name"] for row in rows] == [*DATASETS, "names"]
    assert rows[-1]["countries"]["el"] == "Greece"
    assert re.search(r"^names +first names of a country, .*: --country el, cz, .*, us$", told, re.MULTILINE)
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
        (["--hidden", "16", "iris"], "got 'iris'; DATASET goes first, all numbers after --hidden are its"),
        (["iris", "--warm-up", "-1"], "--warm-up: at least 0 is needed, got -1"),
        (["iris", "--task", "classes"], "--task: invalid choice: 'classes'"),
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
        (["iris", "--task", "regression"], "--task is for CSV files: what 'iris' predicts is given"),
        (
            ["iris", "--epochs", "1", "--warm-up", "7"],
            "warm_up takes 7 updates, the whole training has 7 (1 epoch)",
        ),
        (["mnist"], "no data set is called 'mnist'; there are"),
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
        (["iris", "--dropout", "1"], "dropout must be at least 0 and below 1, got 1"),
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


def test_the_first_help_names_the_commands_and_shows_two(capsys):
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    shown = capsys.readouterr().out
    assert (
        "datasets " in shown
        and "train " in shown
        and "lab " in shown
        and shown.count("\n  python -m nn train ") == 2
    )


def test_no_warm_up_may_be_said(here):
    assert main(["train", "xor_gate", "--epochs", "1", "--warm-up", "0"]) == 0


def test_the_lab_is_a_command(here, capsys):
    options = ["--sets", "iris", "--techniques", "tree", "--seeds", "1", "--folds", "2", "--folder", "lab"]
    assert main(["lab", *options]) == 0
    assert "the report" in capsys.readouterr().out and (here / "lab" / "results.json").exists()
    assert main(["lab", "--sets", "irs"]) == 1
    assert "did you mean 'iris'" in capsys.readouterr().err


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
