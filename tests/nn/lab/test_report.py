"""The report and the command: whole files, the same bytes again, nothing fetched; refusals, kills."""

import argparse
import csv
import html.parser
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nn.lab import command
from nn.lab.laboratory import Laboratory
from nn.lab.record import Record
from nn.lab.report import save_report
from tests.parts import needed

needed("sklearn", "lab")
needed("matplotlib", "lab")
needed("jinja2", "lab")
ROOT = Path(__file__).parents[3]
PROGRAM = """
import argparse, sys
from nn.__main__ import _let_signals_stop
from nn.lab import add_parser, run
_let_signals_stop()
top = argparse.ArgumentParser()
add_parser(top.add_subparsers())
sys.exit(run(vars(top.parse_args(["lab", *sys.argv[1:]]))))
"""
SETS = ["moons", "sine", "<b>&.csv"]
TECHNIQUES = ["perceptron", "neighbours", "mlp-2-tanh"]


def without_times(text):
    """Return a page, or figures, with the times blanked."""
    text = re.sub(r'<td class="time">.*?</td>', "", text)
    return re.sub(r'"seconds": [\d.e-]+', "", text)


def options(*arguments):
    top = argparse.ArgumentParser()
    command.add_parser(top.add_subparsers())
    return vars(top.parse_args(["lab", *map(str, arguments)]))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with a CSV file whose names are no HTML and no TeX."""
    folder = tmp_path_factory.mktemp("lab")
    rows = "".join(f"{i % 7},{i % 5},{('<i>', '$x_$')[i % 2]}\n" for i in range(20))
    (folder / SETS[2]).write_text("$\\bad$,<script>,<u>kind$\n" + rows)
    return folder


@pytest.fixture(scope="module")
def made(place):
    lab = Laboratory([*SETS[:2], str(place / SETS[2])], TECHNIQUES, seeds=1, folds=2)
    record = Record(place / "jobs.jsonl")
    list(lab.run(record, progress=False))
    told = save_report(place, lab, record, slides=True)
    return lab, record, told


def page(place, name="report.html"):
    return (place / name).read_text(encoding="utf-8")


def test_it_leaves_whole_files(place, made):
    assert made[2]["files"] == ["report.html", "results.csv", "results.json", "slides.html"]
    assert json.loads(page(place, "results.json")) == made[2]
    rows = list(csv.DictReader(page(place, "results.csv").splitlines()))
    assert len(rows) == len(made[0].jobs) and rows[0]["set"] == "moons" and float(rows[0]["score"]) > 0.3


@pytest.mark.parametrize("name", ["report.html", "slides.html"])
def test_a_page_is_well_formed_and_holds_all_it_needs(place, made, name):
    opened, found = [], []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag, attributes):
            found.append((tag, dict(attributes)))
            if tag not in ("meta", "img"):
                opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    Reader().feed(page(place, name))
    assert opened == []
    tags = {tag for tag, _ in found}
    assert not tags & {"script", "link", "iframe", "i", "b>", "u"}
    ids = [attributes["id"] for _, attributes in found if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in found:
        if tag == "a":
            assert attributes["href"][1:] in ids
        if tag == "img":
            assert attributes["src"].startswith("data:image/png;base64,") and attributes["alt"]
    assert "url(" not in page(place, name) and "http" not in page(place, name)
    assert page(place, name).startswith("<!doctype html>")


def test_names_are_escaped(place, made):
    assert "&lt;b&gt;&amp;" in page(place) and "&lt;u&gt;kind$" in page(place)


def test_the_page_shows_each_set(place, made):
    text = page(place)
    assert text.count("<section") == 3 + 2
    for kind, count in {"dots": 3, "maps": 3, "curves": 3, "confusion": 2, "predicted": 1}.items():
        assert text.count(f'<figure class="{kind}">') == count
    assert text.count("highest mean</td>") == 3
    for one in made[2]["sets"]:
        assert one["headline"] in text


def test_again_and_in_another_order_it_is_the_same_to_the_byte(place, made, tmp_path):
    lab, record, _ = made
    other = Record(tmp_path / "jobs.jsonl")
    for line in reversed(record.path.read_text().splitlines()):
        result = json.loads(line)
        other.add(result | {"seconds": 2 * result["seconds"]})
    save_report(tmp_path, lab, other, slides=True)
    for name in ("report.html", "slides.html", "results.json"):
        assert without_times(page(tmp_path, name)) == without_times(page(place, name))
        assert page(tmp_path, name) != page(place, name)


def test_what_is_missing_is_told_and_slides_that_were_not_asked_for_go(made, tmp_path):
    lab, record, _ = made
    part = Record(tmp_path / "jobs.jsonl")
    for line in record.path.read_text().splitlines()[:-1]:
        part.add(json.loads(line))
    (tmp_path / "slides.html").write_text("old")
    save_report(tmp_path, lab, part)
    assert "1 of 2 runs are missing" in page(tmp_path)
    assert not (tmp_path / "slides.html").exists()


# The command


def test_it_says_what_it_does_and_what_follows(tmp_path, capsys):
    given = (
        "--sets",
        "iris",
        "--techniques",
        "tree",
        "--seeds",
        1,
        "--folds",
        2,
        "--folder",
        tmp_path / "a" / "lab",
    )
    assert command.run(options(*given)) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "2 techniques on 1 data set, 1 seed × 2 folds: 4 runs"
    assert said[1].startswith("iris: tree has the highest mean, 0.9") and len(said) == 3
    with pytest.raises(
        FileExistsError, match="jobs.jsonl holds the runs of a lab: keep them .* --resume, or begin"
    ):
        command.run(options(*given))
    assert command.run(options(*given, "--resume", "--json")) == 0
    assert json.loads(capsys.readouterr().out)["sets"][0]["name"] == "iris"
    before = page(tmp_path / "a" / "lab", "jobs.jsonl")
    assert command.run(options(*given, "--restart")) == 0
    assert "are there" not in capsys.readouterr().out
    assert page(tmp_path / "a" / "lab", "jobs.jsonl") != before


def test_refusals(tmp_path):
    with pytest.raises(
        FileNotFoundError, match="there is nothing to resume: no .*jobs.jsonl; leave --resume out"
    ):
        command.run(options("--sets", "iris", "--folder", tmp_path / "lab", "--resume"))
    with pytest.raises(ValueError, match="--jobs is a number of runs at a time, or -1, got 0"):
        command.run(options("--sets", "iris", "--folder", tmp_path / "lab", "--jobs", 0))
    with pytest.raises(ValueError, match="no data set is called 'irsi'; did you mean 'iris'"):
        command.run(options("--sets", "irsi", "--folder", tmp_path / "lab"))
    assert not (tmp_path / "lab").exists()


def start(folder, *more):
    given = ["--sets", "iris", "--techniques", "mlp-16-tanh", "tree", "--seeds", "2", "--folder", str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PROGRAM, *given, *more],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip


def test_a_worker_that_died_is_told(tmp_path, monkeypatch):
    def dies(*_, **__):
        raise RuntimeError("a process was killed")
        yield

    monkeypatch.setattr(Laboratory, "run", dies)
    with pytest.raises(OSError, match=r"a worker died \(a process was killed\); --resume goes on"):
        command.run(options("--sets", "iris", "--folder", tmp_path))


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    whole = start(folder)
    assert whole.communicate(timeout=300)[1] == "" and whole.returncode == 0
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("kill", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_stopped_by_a_signal_it_goes_on_to_the_same_report(undisturbed, tmp_path, kill, jobs):
    cut = start(tmp_path / "cut", "--jobs", jobs)
    record = tmp_path / "cut" / "jobs.jsonl"
    while not record.exists() or record.read_bytes().count(b"\n") < 12:
        time.sleep(0.02)
        assert cut.poll() is None
    # Ctrl-C reaches the workers, too; without their parent they would only end after five idle minutes
    (os.kill if kill is signal.SIGTERM else os.killpg)(cut.pid, kill)
    _, said = cut.communicate(timeout=60)
    if kill is not signal.SIGKILL:
        assert cut.returncode == 130
        assert re.search(r"^stopped after \d+ of 30 runs; --resume goes on$", said, re.MULTILINE)
        assert "Traceback" not in said
    assert not (tmp_path / "cut" / "report.html").exists()
    rest = start(tmp_path / "cut", "--jobs", jobs, "--resume")
    assert rest.communicate(timeout=300)[1] == "" and rest.returncode == 0
    for name in ("report.html", "results.json"):
        assert without_times(page(tmp_path / "cut", name)) == without_times(page(undisturbed, name))
