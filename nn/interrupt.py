"""Ctrl-C noted, so that the step of training that has begun can end."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any


class Interrupt:
    """While it is entered, the first Ctrl-C is noted in `met`; the second raises KeyboardInterrupt.

    Within another, it has met what that one has: around a loop of steps that can each be stopped, a Ctrl-C
    between two of them stops the next. Signals reach the main thread alone; elsewhere, and where a program
    handles SIGINT in its own way, nothing is changed.

    >>> with Interrupt() as interrupt:
    ...     signal.raise_signal(signal.SIGINT)
    ...     with Interrupt() as within:
    ...         print(within.met)
    True
    >>> interrupt.met
    True
    """

    def __init__(self) -> None:
        self._met = False
        self._before: Any = None
        self._around: Interrupt | None = None

    @property
    def met(self) -> bool:
        """Whether a Ctrl-C has come."""
        return self._met if self._around is None else self._around.met

    def __enter__(self) -> "Interrupt":
        if threading.current_thread() is threading.main_thread():
            before = signal.getsignal(signal.SIGINT)
            around = getattr(before, "__self__", None)
            if before is signal.default_int_handler:
                self._before = before
                signal.signal(signal.SIGINT, self._note)
            elif isinstance(around, Interrupt):
                self._around = around
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._met:
            raise KeyboardInterrupt
        self._met = True
