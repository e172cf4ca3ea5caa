"""Alone: one thread at a time in a program."""

import threading


class Alone:
    """Keeps other threads out of a program; two at once would write to the same buffers."""

    __slots__ = ("_lock", "name")

    def __init__(self, name: str) -> None:
        self.name, self._lock = name, threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(
                f"the program {self.name} is at work in another thread; record a program for each thread"
            )

    def __exit__(self, *_: object) -> None:
        self._lock.release()
