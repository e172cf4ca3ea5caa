"""Running Graphviz, quietly: the `dot` of this machine, else the one in the wheel graphviz-pure."""

import os
import shutil
import sysconfig
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from engine.optional import load

_lock = threading.RLock()


def graphviz(module: str = "graphviz") -> ModuleType:
    """Return the package graphviz, or a module of it, loaded when it is first used.

    >>> graphviz().Digraph.__name__
    'Digraph'
    """
    return load(module, extra="lab")


def find(preferred: str | os.PathLike[str] = "dot") -> str:
    """Return the path of a Graphviz program: `preferred` if it is there, else graphviz-pure.

    FileNotFoundError, naming what to install, where there is neither.

    >>> os.path.isfile(find())
    True
    """
    user = sysconfig.get_path("scripts", sysconfig.get_preferred_scheme("user"))
    folders = (None, sysconfig.get_path("scripts"), user)
    for name, folder in [(os.fspath(preferred), None), *(("graphviz-pure", folder) for folder in folders)]:
        found = shutil.which(name, path=folder)
        if found is not None:
            return found
    raise FileNotFoundError(
        "drawing needs a Graphviz program, and neither `dot` nor `graphviz-pure` was found; "
        "run: python -m pip install graphviz-pure (or install Graphviz, https://graphviz.org/download)"
    )


@contextmanager
def program() -> Iterator[None]:
    """Within this context the package graphviz runs the program of `find`.

    The package keeps the program's path in a global of one of its modules, which other code may use, too: it
    is set for one rendering at a time, and put back.
    """
    command: Any = graphviz("graphviz.backend.dot_command")
    with _lock:
        before = command.DOT_BINARY
        command.DOT_BINARY = find(before)
        try:
            yield
        finally:
            command.DOT_BINARY = before


def render(source: str, kind: str) -> bytes:
    """Return a picture of DOT text, `kind` being "svg" or "png".

    >>> render("digraph { x -> y }", "svg")[:5]
    b'<?xml'
    """
    with program():
        picture: bytes = graphviz().backend.pipe("dot", kind, source.encode(), quiet=True)
    return picture
