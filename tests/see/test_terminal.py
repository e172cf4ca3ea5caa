"""The stepper in a terminal: its keys and questions, what is on the screen, and a real terminal."""

import asyncio
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st
from prompt_toolkit.application import create_app_session
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput

from engine import Stepper, exp, ledger, log, tanh
from engine.see.screen import Fragments, words
from engine.see.terminal import Screen
from engine.value import Value

ROOT = Path(__file__).parents[2]
HOME, END, LEFT, RIGHT, ESCAPE, CONTROL_C = "\x1b[H", "\x1b[F", "\x1b[D", "\x1b[C", "\x1b", "\x03"


def neuron() -> Stepper:
    return Stepper(lambda x, w, b: tanh(x * w + b), 2.0, -3.0, 6.5)


def played(keys: str, stepper: Stepper) -> Screen:
    """The screen after somebody has pressed these keys, and q."""
    screen = Screen(stepper)
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pipe.send_text(keys + "q")
        running = screen.application().run_async(set_exception_handler=False)
        asyncio.run(asyncio.wait_for(running, timeout=20))
    return screen


def shown(fragments: Fragments) -> str:
    return "".join(piece for _, piece in fragments)


@pytest.mark.parametrize(
    ("keys", "position"),
    [
        ("", 0),
        (RIGHT, 1),
        ("n", 1),
        (" ", 1),
        (3 * RIGHT + LEFT, 2),
        ("nnp", 1),
        (LEFT, 0),
        (END, 9),
        (END + RIGHT, 9),
        (END + HOME, 0),
        ("gw\r", 9),
        ("gx*w\r", 1),
        ("gx*w\rgx*w\r", 6),
        ("g  b \r", 7),
        ("/contribution < 0\r", 8),
        ("uabs(gradient) > 1\r", 8),
        ("unode == 'x*w'\r", 1),
        ("g\rn", 1),
        ("n?n", 2),
        ("gnpq\x03n", 1),
        ("gww\x7f\r", 9),
    ],
)
def test_keys(keys: str, position: int) -> None:
    assert played(keys, neuron()).stepper.position == position


@pytest.mark.parametrize("leave", ["q", ESCAPE, CONTROL_C])
def test_ways_to_quit(leave: str) -> None:
    assert played("nn" + leave + 5 * "n", neuron()).stepper.position == 2


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("gv99\r", "'v99' is no node of this computation; some of its nodes: x, w, b"),
        ("/nan\r", "no step after 1 of 9 fulfils 'nan'"),
        ("/foo bar\r", "this is no expression:\n    foo bar\n"),
        ("/__import__('os')\r", "this cannot stand in a condition"),
        ("/node < 3\r", "cannot be decided"),
    ],
)
def test_a_wrong_answer_is_told_and_moves_nothing(keys: str, message: str) -> None:
    screen = played("n" + keys, neuron())
    assert message in screen.message and screen.stepper.position == 1
    assert played("n" + keys + "n", neuron()).message == ""


KEYS = st.lists(
    st.sampled_from(
        [RIGHT, LEFT, HOME, END, "n", "p", " ", "?", "gw\r", "gx\r", "gzz\r", "/nan\r", "uvalue > 0\r",
         "g\x03", "g\r", "x", "\r", "\t", "\x7f", "\x1b[A", "\x1b[5~", "é"]
    ),
    max_size=12,
)  # fmt: skip


@settings(deadline=None, max_examples=30)
@given(KEYS)
def test_no_key_brings_it_down(keys: list[str]) -> None:
    stepper = Stepper(lambda x, w: log(x * w) + exp(x) * -w, -2.0, 1.0)
    screen = played("".join(keys), stepper)
    assert 0 <= stepper.position <= stepper.last and not screen.asking
    assert screen.helping or stepper.sentence.split()[0] in shown(screen.above())
    assert shown(screen.bar()).startswith(f" {stepper.position} of {stepper.last} ")


def at(width: int) -> Iterator[tuple[Screen, Stepper]]:
    """Every state of a screen of some width."""

    class Output(DummyOutput):
        def get_size(self):
            return super().get_size()._replace(columns=width)

    with create_pipe_input() as pipe, create_app_session(input=pipe, output=Output()):
        stepper = neuron()
        for position in range(stepper.last + 1):
            yield Screen(stepper.first().next(position)), stepper


@pytest.mark.parametrize("width", [200, 110, 80, 60, 40])
def test_what_is_shown_is_the_stepper_fitted_to_the_width(width: int) -> None:
    for screen, stepper in at(width):
        above, rows = shown(screen.above()), shown(screen.rows())
        told = " ".join(stepper.sentence.split())
        assert told in " ".join(above.split()) and stepper.rule in " ".join(above.split())
        assert max(map(len, above.splitlines())) <= width
        assert sum(line.startswith("▶") for line in rows.splitlines()) == (stepper.position > 0)
        if width >= 80:
            assert max(map(len, rows.splitlines())) <= width
        if width == 200 and stepper.position:
            lines = [line.rstrip() for line in f"{above}\n\n{rows}".splitlines()]
            assert lines == repr(stepper).splitlines()
        if width >= 80 and stepper.position > 3:
            assert "contribution  gradient of input" in rows


def test_derivatives_have_the_colour_of_their_sign_and_nothing_else_has_one() -> None:
    found = ledger(lambda x, w, b: tanh(x * w + b), 2.0, -3.0, 6.5)
    for screen, stepper in at(200):
        pieces = [*screen.above(), *screen.rows()]
        coloured = [(style, piece) for style, piece in pieces if "tive" in style]
        assert all(("negative" in style) == piece.startswith("−") for style, piece in coloured)
        if stepper.position <= 3:
            assert not coloured
        else:
            window = screen.rows()
            numbers = [piece for style, piece in window if "tive" in style]
            rows = shown(window).splitlines()[1:]
            swept = rows[: next(i for i, row in enumerate(rows) if row.startswith("▶")) + 1]
            seeds = sum(" seed " in row for row in swept)
            assert len(numbers) == 4 * len(swept) - 2 * seeds
            now = [piece for style, piece in window if "tive" in style and "now" in style]
            row = found.rows[stepper.position - 4]
            assert len(now) == (2 if row.is_seed else 4) and any("now" in style for style, _ in window)


def test_the_words_have_the_same_colours() -> None:
    pieces = words(neuron().next(8), 100)
    told = ["0.7864", "−3.0", "−2.3593", "−2.3593"]
    assert [piece for style, piece in pieces if "tive" in style] == told
    assert not any("tive" in style for style, _ in words(neuron().next(3), 100))
    narrow = words(neuron().next(8), 20)  # a number may stand on a line of its own
    assert [piece for style, piece in narrow if "tive" in style] == told


def test_zero_and_nan_have_no_colour_and_infinity_has() -> None:
    stepper = Stepper(lambda x: (x * 0.0) * log(x), 0.0).end()
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        pieces = Screen(stepper).rows()
    styles = {piece.strip(): style.removeprefix("class:now").strip() for style, piece in pieces}
    assert styles["nan"] == "" and styles["inf"] == "class:positive" and styles["−inf"] == "class:negative"


def test_a_long_line_of_source_is_shown_where_it_is_underlined() -> None:
    stepper = Stepper(lambda first, second, third, fourth: tanh(first) + tanh(second) + tanh(third) * tanh(fourth), 1.0, 2.0, 3.0, 4.0)  # noqa: E501  # fmt: skip
    for _ in range(stepper.last):
        line, mark = shown(words(stepper.next(), 50)).splitlines()[1:3]
        assert len(line) <= 50
        marked = line[mark.index("^") :][: mark.count("^")]
        assert marked.startswith(("tanh(", "first", "second", "third")) and mark.index("^") >= 4


@contextmanager
def terminal(*words: str, **environment: str) -> Iterator[int]:
    """A program in a terminal of its own of 24 lines; yields the file to read and write."""
    import fcntl
    import pty
    import struct
    import termios

    file, inner = pty.openpty()
    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    program = subprocess.Popen(
        [sys.executable, "-m", "engine", *words],
        stdin=inner, stdout=inner, stderr=inner, start_new_session=True,
        env=os.environ | {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | environment,
    )  # fmt: skip
    os.close(inner)
    with program:
        try:
            yield file
            assert program.wait(timeout=20) == 0
        finally:
            program.kill()
            os.close(file)


def read_until(file: int, end: str, seconds: float = 20.0) -> str:
    """What the program writes, up to a text."""
    written, deadline = "", time.monotonic() + seconds
    while end not in written and time.monotonic() < deadline:
        if select.select([file], [], [], 0.1)[0]:
            written += os.read(file, 65536).decode(errors="replace")
    assert end in written, written
    return written


@pytest.mark.skipif(sys.platform == "win32", reason="terminals as POSIX has them")
@pytest.mark.parametrize("no_color", ["", "1"])
def test_in_a_real_terminal(no_color: str) -> None:
    with terminal("step", "tanh(x*w + b)", "x=2", "w=-3", "b=6.5", NO_COLOR=no_color) as file:
        written = read_until(file, "0 of 9")
        assert (
            "\x1b[?1049h" in written and "Start: nothing is recorded yet" in written
        )  # on a screen of its own
        os.write(file, b"gw\r")
        written += read_until(file, "contribution  gradient of input")
        os.write(file, b"q")
        written += read_until(file, "\x1b[?1049l")
    assert "1.5729" in written
    assert bool(re.search(r"\x1b\[[\d;]*[34]8;", written)) != bool(no_color)


@pytest.mark.skipif(sys.platform == "win32", reason="terminals as POSIX has them")
@pytest.mark.parametrize(("option", "term"), [("--plain", "xterm"), ("--expand", "dumb")])
def test_a_terminal_gets_the_table_if_it_wants_or_needs_it(option: str, term: str) -> None:
    with terminal("step", "x*w", "x=2", "w=-3", option, TERM=term) as file:
        written = read_until(file, "−3.0  x*w\r\n")
    assert "\x1b" not in written


def test_values_come_as_they_are() -> None:
    x = Value(3.0, label="x")
    assert played("n", Stepper(x * x)).stepper.row == ledger(x * x).records[1]
