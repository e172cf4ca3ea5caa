"""The course: every notebook runs, says again what is stored in it, and has the form that all have."""

import json
import re
import subprocess
import sys

import pytest

from nn.course import EXERCISES
from tests import notebooks
from tests.notebooks import FOLDER, NOT_COMPARED, PATHS
from tests.parts import needed

LARGEST = 500_000
"""Bytes of a notebook, at most."""
LECTURE = range(1, 56)
"""The statements of the lecture, each of which a notebook shows."""
NUMBERS = [f"{i:02}" for i in range(1, 17)]

each = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def test_there_are_sixteen():
    assert [path.name[:2] for path in PATHS] == NUMBERS


def test_every_statement_of_the_lecture_is_shown():
    shown = set().union(*(notebooks.lecture_items(notebooks.read(path)) for path in PATHS))
    assert shown == set(LECTURE)


def test_every_exercise_is_asked_once():
    asked = [number for path in PATHS for number in notebooks.exercises(notebooks.read(path))]
    assert sorted(asked) == sorted(EXERCISES)


@each
def test_form(path):
    notebook = notebooks.read(path)
    assert notebook.cells[0].source.startswith(f"# {path.name[:2]} · ")
    assert path.stat().st_size < LARGEST
    assert any(notebooks.pictures(cell) for cell in notebook.cells[:3] if cell.cell_type == "code")
    assert len(notebooks.exercises(notebook)) >= 3
    assert all(number.startswith(path.name[:2]) for number in notebooks.exercises(notebook))
    assert notebooks.defined(notebook) == []
    assert all(cell.execution_count for cell in notebooks.code_cells(notebook)), "run it before it is stored"
    assert notebooks.printed_errors(notebook) == []


@each
def test_nothing_of_a_machine_is_stored(path):
    text = path.read_text()
    assert not re.search(r"/(home|root|tmp|work|Users|usr/lib)/|[A-Z]:\\\\Users", text)
    assert set(json.loads(text)["metadata"]) <= {"kernelspec", "language_info"}


@each
def test_links_lead_somewhere(path):
    for link in notebooks.links(notebooks.read(path)):
        assert (FOLDER / link.partition("#")[0]).exists(), link


@pytest.mark.slow
@each
def test_a_fresh_run_says_the_same(path):
    stored, fresh = notebooks.read(path), notebooks.executed(path)
    assert notebooks.printed_errors(fresh) == []
    for before, after in zip(notebooks.code_cells(stored), notebooks.code_cells(fresh), strict=True):
        assert notebooks.pictures(before) == notebooks.pictures(after), before.source
        if not before.source.startswith(NOT_COMPARED):
            assert notebooks.told(before) == notebooks.told(after), before.source


@pytest.mark.slow
def test_spelling():
    """What codespell takes for a misspelling, in the notebooks' text and in the README."""
    needed("codespell_lib", "dev")
    text = "\n\n".join(notebooks.text(notebooks.read(path)) for path in PATHS)
    text += (FOLDER.parent / "README.md").read_text()
    ran = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "-"], input=text, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
