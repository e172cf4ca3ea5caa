"""The command line of the engine, as a user runs it: pictures, tables, checks, refusals."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from engine.__main__ import main
from engine.grammar import FUNCTIONS

ROOT = Path(__file__).parents[1]
NEURON = ["tanh(x*w + b)", "x=2", "w=-3", "b=6.5"]
COMMANDS = ["draw", "step", "check", "ledger"]


def run(*words: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "engine", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def test_step_prints_the_ledger_where_there_is_no_terminal() -> None:
    done = run("step", *NEURON)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run("ledger", *NEURON).stdout
    assert re.search(r"x\*w +\* +w +∂z/∂y = x +0.7864 × +2.0 += +1.5729 +1.5729 +x\*w$", done.stdout, re.M)


@pytest.mark.parametrize("command", COMMANDS)
def test_numbers_are_what_float_reads(command: str, capsys: pytest.CaptureFixture[str], tmp_path) -> None:
    more = ["-o", str(tmp_path / "x.dot")] if command == "draw" else []
    assert main([command, "x*w + seed", "x=-1e-3", "w= 1_0", "seed=.5", *more]) == 0
    assert "seed" in ((tmp_path / "x.dot").read_text() if more else capsys.readouterr().out)


def test_nan_and_inf_go_through_the_ledger(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "x*w - w", "x=nan", "w=-inf"]) == 0
    assert re.search(r" w +−inf$", capsys.readouterr().out, re.M)


@pytest.mark.parametrize("expression", ["-x*w", "-(x)*w", "-x", "-2*x", "- x", "-.5*x"])
def test_an_expression_may_begin_with_a_minus(expression: str, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"{name}=3" for name in "xw" if name in expression]
    assert main(["ledger", expression, *names]) == 0
    assert "neg" in capsys.readouterr().out or "2" in expression or ".5" in expression


def test_draw_writes_a_whole_picture_with_gradients(tmp_path: Path) -> None:
    done = run("draw", *NEURON, folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "graph.svg\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["graph.svg"]
    texts = "".join(ElementTree.fromstring((tmp_path / "graph.svg").read_bytes()).itertext())
    assert all(word in texts for word in ("tanh", "x*w", "−2.3593", "1.5729"))


@pytest.mark.parametrize(
    "text", ["--x", "---x", "--x*o", "-height*x", "-h*x", "-offset*x", "-o/2.e5", "-o*x"]
)
def test_an_expression_that_begins_like_an_option(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    numbers = [f"{name}=2" for name in ("height", "offset", "x", "h", "o") if re.search(rf"\b{name}\b", text)]
    assert main(["ledger", f" {text}", *numbers]) == 0
    meant = capsys.readouterr().out
    assert main(["ledger", text, *numbers]) == main(["step", "--plain", text, *numbers, "--expand"]) == 0
    assert capsys.readouterr().out == meant * 2


def test_options_stay_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "x.svg"
    for option in ([f"-o{picture}"], [f"-o={picture}"], ["-o", str(picture)], ["--out", str(picture)]):
        assert main(["draw", *option, "-offset*x", "offset=2", "x=3"]) == 0
        assert main(["draw", "--x", "x=3", *option]) == 0
        assert capsys.readouterr().out == f"{picture}\n" * 2
    for words, said in (
        (["-ofoo.txt", "x*w", "x=2", "w=3"], "a picture is one of"),
        (["x*w", "x=2", "w=3", "-ofoo"], "a picture is one of"),
        (["--themes", "x*w", "x=2", "w=3"], "unknown option --themes"),
        (["--x", "x=3", "--themes"], "unknown option --themes"),
    ):
        with pytest.raises(SystemExit):
            main(["draw", *words])
        assert said in capsys.readouterr().err


def test_options_of_draw(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "dot.dot"
    plain = ["draw", "dot([w, v], [x, y])"]
    numbers = ["w=1", "v=2", "x=3", "y=4"]
    assert main([*plain, "-o", str(picture), *numbers]) == 0  # numbers behind options, too
    assert capsys.readouterr().out == f"{picture}\n"
    light = picture.read_text()
    assert main([*plain, *numbers[:2], "--output", str(picture), "--theme", "dark", *numbers[2:]]) == 0
    assert picture.read_text() != light and "#15181c" in picture.read_text()
    assert main([*plain, *numbers, "-o", str(picture), "--rankdir", "TB", "--expand"]) == 0
    assert "TB" in picture.read_text() and "w*x" in picture.read_text() and "w*x" not in light
    assert main([*plain, *numbers, "-o", str(tmp_path / "dot.PNG")]) == 0
    assert (tmp_path / "dot.PNG").read_bytes()[:4] == b"\x89PNG"


def test_a_picture_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("here before")
    target = tmp_path / "file" / "x.svg"
    assert main(["draw", *NEURON, "-o", str(target)]) == 1
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("\n") == 1
    assert shown.err.startswith(f"python -m engine draw: cannot write {target}: ")
    assert (tmp_path / "file").read_text() == "here before"


def test_a_picture_too_large_to_read_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "x.svg"
    assert main(["draw", "+".join(["x"] * 400), "x=1", "-o", str(target), "--limit", "50"]) in (0, 2)
    assert target.exists() == (capsys.readouterr().err == "")


def test_check_says_right_and_how_exactly(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *NEURON]) == 0
    shown = capsys.readouterr().out
    assert "3 nodes, 3 leaves: right" in shown and re.search(r"^w +1\.57\S+ .* right$", shown, re.M)


def test_check_of_what_cannot_be_decided_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "(x + y) - x", "x=1e20", "y=1"]) == 0  # the gradient is right all the same
    assert main(["check", "exp(x)*(x + 1e17 - 1e17)", "x=1"]) == 1
    assert "undecided" in capsys.readouterr().out


def test_check_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = FUNCTIONS["tanh"].call
    monkeypatch.setattr(wrong, "dx", lambda z, x: 1.0 - z)
    monkeypatch.setattr(wrong, "partials", (lambda z, x: 1.0 - z,))
    assert main(["check", *NEURON]) == 1
    assert "tanh: ∂z/∂x at x = 0.5 is" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tanh(x*v + b)", "x=2", "w=-3", "b=1"], "unknown name 'v': give it a number, v=..."),
        (["tanh(x", "x=2"], "'(' was never closed"),
        (["", "x=2"], "the expression is empty"),
        (["x=2"], "the expression comes first"),
        (["x=2", "x*w"], "'x*w' is no name=number; the expression stands in quotes before them"),
        (["x*w", "x=2", "w=abc"], "'w=abc': 'abc' is no number; write w=2.5, w=-1e-3"),
        (["x*w", "x=2", "w="], "'w=': '' is no number"),
        (["x*w", "x=2", "w=3", "x=4"], "x is given twice: 2.0 and 4"),
        (["x*μ", "x=2", "μ=3", "µ=4"], "μ is given twice: 3.0 and 4"),
        (["x*w", "x=2", "2w=3"], "'2w=3' gives a number to '2w', which is no name"),
        (["x*w", "x=2", "lambda=3"], "gives a number to 'lambda', which is no name"),
        (["x", "*", "w", "x=2"], "'*' is no name=number; the expression stands in quotes"),
        (["x*weight", "x=2", "weight=1", "wieght=3"], "has no name 'wieght'; did you mean weight?"),
        (["x*w", "x=2", "w=1", "zzz=3"], "the expression x*w has no name 'zzz'\n"),
        (["2*pi"], "2*pi is 6.283185307179586 and has no names; there is nothing to differentiate by"),
        (["[x, 2][1]", "x=1"], "[x, 2][1] is 2.0 whatever x: no gradient flows"),
        (["x*w", "x=2", "w=1", "--what"], "unknown option --what"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", COMMANDS)
def test_wrong_input_is_said_in_a_few_lines(
    command: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code: object = main([command, *words])
    except SystemExit as stop:
        code = stop.code
    shown = capsys.readouterr()
    assert code == 2 and shown.out == ""
    assert message in shown.err and ("usage:" in shown.err or shown.err.count("\n") <= 3)


def test_an_error_points_at_the_place() -> None:
    done = run("step", "tanh(x*v + b)", "x=2", "w=-3", "b=1")
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr == (
        "    tanh(x*v + b)\n"
        "           ^ unknown name 'v': give it a number, v=...; known are x, w, b\n"
    )  # fmt: skip


def test_a_doubtful_text_is_one_error_without_a_warning_of_python() -> None:
    done = run("step", "1or x", "x=2")
    assert (
        done.returncode == 2 and done.stderr.splitlines()[0] == "    1or x" and done.stderr.count("\n") == 2
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["check", "x", "x=nan"], "gradients are checked at finite numbers"),
        (["check", "[x, y][0]", "x=1", "y=2"], "ignores its input y"),
        (["draw", "x", "x=1", "-o", "x.jpg"], "a picture is one of .svg, .png, .dot, got 'x.jpg'"),
        (["draw", "x", "x=1", "--theme", "pink"], "'pink'"),
    ],
)
def test_what_a_command_refuses(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code: object = main(words)
    except SystemExit as stop:
        code = stop.code
    assert code == 2 and message in capsys.readouterr().err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    shown = capsys.readouterr().out
    assert f'example: python -m engine {command} "tanh(x*w + b)" x=2 w=-3 b=6.5' in shown
    assert set(FUNCTIONS) <= set(re.findall(r"\w+", shown))
    assert max(map(len, shown.splitlines())) <= 112


def test_without_a_command_it_helps() -> None:
    done = run()
    assert done.returncode == 2 and done.stdout == ""
    assert all(f"    {command} " in done.stderr for command in COMMANDS)


def test_without_the_extra_check_names_it(tmp_path: Path) -> None:
    (tmp_path / "mpmath.py").write_text("raise ModuleNotFoundError('no mpmath', name='mpmath')")
    done = run("check", *NEURON, PYTHONPATH=os.pathsep.join([str(tmp_path), str(ROOT)]))
    assert done.returncode == 1 and done.stdout == ""
    assert "chainrule[check]" in done.stderr and done.stderr.count("\n") == 1


def test_a_terminal_without_the_symbols_still_gets_the_table() -> None:
    done = run("ledger", *NEURON, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\u2202z/\\u2202x" in done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="pipes as POSIX has them")
def test_a_reader_that_leaves_early_is_no_error() -> None:
    command = f"{sys.executable} -m engine ledger {'+'.join(['x'] * 2000)} x=1 | head -n 1"
    done = subprocess.run(
        command, shell=True, cwd=ROOT, capture_output=True, text=True, timeout=120,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"}, encoding="utf-8",
    )  # fmt: skip
    assert done.stdout.startswith("record") and done.stderr == ""
