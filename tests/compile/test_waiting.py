"""What a terminal shows while something is recorded, planned or compiled."""

import io
import sys
import time

import pytest

from engine import Value, record, tanh
from engine.compile import waiting
from engine.compile.waiting import announced


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def last_line(terminal: Terminal) -> str:
    """Return what stands on the last line in the end: a carriage return begins it anew."""
    assert terminal.getvalue().count("\n") == 1 and terminal.getvalue().endswith("\n")
    return terminal.getvalue().rstrip("\n").rpartition("\r")[2]


def test_a_wait_is_shown_in_one_line() -> None:
    terminal = Terminal()
    with announced("compiling 3 kernels", after=0.01, stream=terminal):
        time.sleep(0.1)
    assert last_line(terminal).startswith("chainrule: compiling 3 kernels ... 0.")


def test_what_can_be_counted_is_shown_as_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "EVERY", 0.02)
    terminal, done = Terminal(), [0]
    with announced("numbering f", count=lambda: done[0], total=1000, after=0.01, stream=terminal):
        for _ in range(4):
            time.sleep(0.05)
            done[0] += 250
    shown = terminal.getvalue()
    assert "chainrule: numbering f" in shown and " 500/1000 " in shown
    assert "100%" in last_line(terminal) and "1000/1000" in last_line(terminal)


def test_a_short_wait_and_no_terminal_show_nothing() -> None:
    terminal, file = Terminal(), io.StringIO()
    with announced("compiling", after=5.0, stream=terminal):
        pass
    with announced("compiling", after=0.0, stream=file):
        time.sleep(0.02)
    assert terminal.getvalue() == file.getvalue() == ""


def test_the_line_ends_when_what_is_waited_for_fails() -> None:
    terminal = Terminal()
    with pytest.raises(KeyError), announced("compiling", after=0.0, stream=terminal):
        time.sleep(0.05)
        raise KeyError
    assert last_line(terminal).endswith(" s")


def test_a_long_recording_tells_of_its_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)

    def slow(x: Value) -> Value:
        time.sleep(1.2)
        return tanh(x)

    record(slow, 0.5)
    assert terminal.getvalue().count("chainrule: recording slow ... 1.") >= 3
    assert terminal.getvalue().count("\n") == 3
