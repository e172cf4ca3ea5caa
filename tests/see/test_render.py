import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import graphviz
import pytest
from graphviz.backend import dot_command

from engine.see.render import find, program, render

ROOT = Path(__file__).parents[2]
SCRIPT = """
import engine.chain
from engine import ops
from engine.see import draw, draw_dot
from engine.value import Value
a, b, c, d = [Value(float(i), label=label) for i, label in enumerate(["θ", "σ²", "ŷ", "漢字 ∇"])]
y = ops.dot([a, b], [c, d])
y.label = "ℒ"
draw(y)._repr_mimebundle_()
y.backward()
print("θ" in draw(y).svg, draw(y, theme="dark", rankdir="TB").png[:4])
picture = draw_dot(y)
print(sorted(picture._repr_mimebundle_()), picture.pipe("png")[:4], "θ" in picture.pipe(encoding="utf-8"))
"""


def test_no_system_graphviz_and_not_a_word_on_stderr() -> None:
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT],
        cwd=ROOT,
        env={**os.environ, "PATH": "/nonexistent", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert result.stderr == ""
    assert (
        result.stdout == "True b'\\x89PNG'\n['image/png', 'image/svg+xml', 'text/plain'] b'\\x89PNG' True\n"
    )


def test_seeing_loads_graphviz_only_when_it_renders() -> None:
    script = "import sys, engine.see; print('graphviz' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, text=True) == "False\n"


def test_the_path_of_the_program_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dot_command.DOT_BINARY
    render("digraph {}", "svg")
    assert dot_command.DOT_BINARY is before
    with pytest.raises(graphviz.CalledProcessError):
        render("this is no graph", "svg")
    assert dot_command.DOT_BINARY is before
    own = Path(find())
    monkeypatch.setattr(dot_command, "DOT_BINARY", own)
    with program():
        assert dot_command.DOT_BINARY == str(own)
    assert dot_command.DOT_BINARY is own


def test_threads_render_side_by_side() -> None:
    before = dot_command.DOT_BINARY
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(lambda i: render(f"digraph {{ x{i} }}", "svg"), range(16)))
    assert [f">x{i}<".encode() in picture for i, picture in enumerate(pictures)] == [True] * 16
    assert dot_command.DOT_BINARY is before


def test_a_system_graphviz_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dot = tmp_path / "dot"
    dot.write_text("#!/bin/sh\n")
    dot.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find() == str(dot)


def test_without_any_program_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path=None: None)
    with pytest.raises(FileNotFoundError, match="pip install graphviz-pure"):
        render("digraph {}", "svg")
