"""Waiting: on a terminal, what takes a while says what it is, how long it takes, and how far it has come."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from engine.optional import load

EVERY = 0.25
"""Seconds from one look at the clock to the next."""


@contextlib.contextmanager
def announced(
    what: str,
    *,
    count: Callable[[], int] | None = None,
    total: int | None = None,
    after: float = 1.0,
    stream: TextIO | None = None,
) -> Iterator[None]:
    """Show a line on a terminal while this context lasts, once it has taken some time; it stays there.

    `count` gives the nodes that are done, of `total` if that is known: then the line is a bar.

    >>> with announced("recording"):
    ...     pass
    """
    target = sys.stderr if stream is None else stream
    if target is None or not target.isatty():
        yield
        return
    start = time.perf_counter()
    done = threading.Event()

    def show() -> None:
        if done.wait(after):
            return
        form = None if count else "{desc} ... {elapsed_s:.1f} s"
        bar = load("tqdm").tqdm(
            total=total, desc=f"chainrule: {what}", unit=" nodes", file=target, bar_format=form
        )
        with bar:
            bar.start_t -= time.perf_counter() - start
            while True:
                is_done = done.wait(EVERY)
                bar.n = count() if count else 0
                bar.refresh()
                if is_done:
                    return

    thread = threading.Thread(target=show, name="chainrule: waiting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
