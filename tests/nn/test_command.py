"""The command line, as a user runs it: files, figures, interrupts, refusals."""

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

from nn import MLP

ROOT = Path(__file__).parents[2]
FILES = {
    "loss.png",
    "confusion.png",
    "neuron.svg",
    "neuron.png",
    "neuron.txt",
    "weights.json",
    "history.json",
}
COMMAND = [sys.executable, "-W", "error", "-m", "nn", "train", "digits"]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(ROOT)}


def run(folder, *options):
    command = [*COMMAND, "--folder", "report", *options]
    return subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return run(folder, "--epochs", "1", "--batch-size", "64", "--seed", "7"), folder / "report"


def test_it_trains_with_a_bar_and_says_the_accuracy_of_each_epoch(done):
    result, _ = done
    assert result.returncode == 0, result.stderr
    assert re.search(r"^epoch  1  loss \d\.\d{4}  test accuracy 0\.\d{4}  ", result.stdout, re.MULTILINE)
    assert "epoch 1/1" in result.stderr
    assert "loss=" in result.stderr


def test_it_leaves_whole_files_and_nothing_else(done):
    _, folder = done
    assert {path.name for path in folder.iterdir()} == FILES
    for path in folder.glob("*.png"):
        assert path.read_bytes()[:4] == b"\x89PNG"
    ElementTree.fromstring((folder / "neuron.svg").read_bytes())


def test_the_weights_load_and_the_history_reads(done):
    _, folder = done
    model = MLP(64, [32, 10])
    model.load_state(json.loads((folder / "weights.json").read_text()))
    (epoch,) = json.loads((folder / "history.json").read_text())
    assert (epoch["number"], epoch["samples"]) == (1, 1438)


def test_the_ledger_adds_up(done):
    _, folder = done
    lines = (folder / "neuron.txt").read_text().splitlines()
    assert lines[0].startswith("the neuron of ")
    assert lines[2].split() == ["record", "node", "op", "value", "source"]
    assert any(line.split()[:4] == ["sweep", "node", "op", "input"] for line in lines)
    assert sum(re.search(r" dot +w\d+ ", line) is not None for line in lines) == 32
    assert sum(re.search(r" dot +h\d+ ", line) is not None for line in lines) == 32


@pytest.mark.slow
def test_same_seed_same_weights(done, tmp_path):
    _, folder = done
    run(tmp_path, "--epochs", "1", "--batch-size", "64", "--seed", "7")
    for name in ("weights.json", "neuron.txt", "neuron.svg"):
        assert (tmp_path / "report" / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.skipif(sys.platform == "win32", reason="signals as POSIX has them")
@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interrupt_keeps_the_work(tmp_path, number):
    process = subprocess.Popen(
        [*COMMAND, "--folder", "report", "--epochs", "1000", "--batch-size", "64"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        for line in process.stdout:
            if line.startswith("epoch  1"):
                break
        time.sleep(0.2)
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.wait(timeout=60) == 130
    assert "interrupted: the report is of what has been trained so far" in rest
    assert {path.name for path in (tmp_path / "report").iterdir()} == FILES
    history = json.loads((tmp_path / "report" / "history.json").read_text())
    assert [epoch["number"] for epoch in history][0] == 1
    assert len(history) < 1000


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--epochs", "0"], "--epochs: at least 1 is needed, got 0"),
        (["--epochs", "x"], "--epochs: a whole number is needed, got 'x'"),
        (["--batch-size", "-1"], "--batch-size: at least 1 is needed, got -1"),
        (["--learning-rate", "nan"], "--learning-rate: a positive, finite number is needed, got nan"),
        (["--learning-rate", "x"], "--learning-rate: a positive, finite number is needed, got x"),
    ],
)
def test_refuses(options, message, capsys):
    from nn.__main__ import main

    with pytest.raises(SystemExit, match="2"):
        main(["train", "digits", *options])
    assert message in capsys.readouterr().err


def test_help_teaches(capsys):
    from nn.__main__ import main

    with pytest.raises(SystemExit, match="0"):
        main(["train", "--help"])
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("neuron.txt", "--learning-rate", "0.25", "Ctrl-C"))


def test_a_folder_that_cannot_be_made_is_said_before_training(tmp_path):
    (tmp_path / "report").write_text("a file")
    result = run(tmp_path)
    assert result.returncode == 1
    assert "report" in result.stderr
    assert "epoch" not in result.stdout
    assert "Traceback" not in result.stderr


def test_divergence_is_one_line_and_the_exit_code_1(tmp_path):
    result = run(tmp_path, "--learning-rate", "1e300", "--epochs", "1")
    assert result.returncode == 1
    assert "smaller learning rate" in result.stderr
    assert "Traceback" not in result.stderr
