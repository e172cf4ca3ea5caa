"""What a recorded function must not do, refused with the line that does it, in the thread that records."""

import linecache
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from sys import _getframe as getframe
from types import CodeType
from typing import Any

from engine.see.origin import outside
from engine.value import Value


class RecordError(TypeError):
    """A function cannot be recorded as a program: it says which line does what, and what to write."""


ADVICE = (
    "write where(x, a, b), maximum, minimum, engine.max, relu or step, which decide for each sample, or "
    "detach(x) for a number that takes no part in the derivative"
)
COMPARES = f"compares a recorded number, and the outcome would be frozen for all samples; {ADVICE}"
REFUSED = {
    **dict.fromkeys(("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"), COMPARES),
    "__bool__": COMPARES.replace("compares a recorded number", "asks whether a recorded number is true"),
    **dict.fromkeys(
        ("__float__", "__int__", "__round__"),
        "turns a recorded number into a plain one (float, int, round, or a function of math), which would be "
        "frozen for all samples; write the op of engine in place of math's, engine.exp(x) for math.exp(x), "
        "or detach(x) for a number that takes no part in the derivative",
    ),
    "__format__": "formats a recorded number, which a program cannot repeat; print outside of the function",
    "backward": "sweeps inside of a function that is recorded; return the loss: a program's value_and_grad "
    "gives its gradient",
}
"""The methods of Value that would freeze a number, and what their use does."""


class _Here(threading.local):
    recording = False


class _Guard:
    """How many recordings are under way in all threads, and what to undo after the last."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.depth = 0
        self.undo = ExitStack()


_here, _guard = _Here(), _Guard()


@contextmanager
def guarded() -> Iterator[None]:
    """Within this context the thread records: what would freeze a number raises RecordError.

    Errors: RecordError where the thread is recording already.

    >>> with guarded():
    ...     Value(1.0) > 0  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    engine.compile.guard.RecordError: <...>, line 2: `Value(1.0) > 0...
    """
    if _here.recording:
        raise RecordError("record was called inside of a function that is being recorded")
    with _guard.lock:
        if not _guard.depth:
            _guard.undo = _begun()
        _guard.depth += 1
    _here.recording = True
    try:
        yield
    finally:
        _here.recording = False
        with _guard.lock:
            _guard.depth -= 1
            if not _guard.depth:
                _guard.undo.close()


def _begun() -> ExitStack:
    """Swap the methods, and return what swaps them back."""
    undo = ExitStack()
    for name, what in REFUSED.items():
        original = vars(Value).get(name)
        ours = _refusing(name, what, original or getattr(object, name, None))
        setattr(Value, name, ours)
        undo.callback(_restore, name, ours, original)
    return undo


def _restore(name: str, ours: Any, original: Any) -> None:
    """Put a method back, unless something else has taken its place, as a watch of another thread."""
    if vars(Value).get(name) is ours:
        delattr(Value, name) if original is None else setattr(Value, name, original)


def _refusing(name: str, what: str, original: Callable[..., Any] | None) -> Callable[..., Any]:
    identity = name in ("__eq__", "__ne__")

    def method(self: Value, *others: Any) -> Any:
        if _here.recording and not (identity and _goes_by_identity(others[0])):
            raise RecordError(f"{place(getframe(1))} {what}")
        if original is None:
            raise TypeError(f"type Value doesn't define {name} method")
        return original(self, *others)

    return method


def _goes_by_identity(other: Any) -> bool:
    return type(other) is Value or not hasattr(other, "__float__")


def place(frame: Any) -> str:
    """Return where the code outside of the engine is, from this frame outward: file, line and its text."""
    frame = outside(frame)
    return line_of(frame.f_code, frame.f_lineno)


def line_of(code: CodeType, number: int) -> str:
    """Return a line of some code: the file, its number, and its text where that can be had.

    >>> line_of(compile("x", "f.py", "eval"), 3)
    'f.py, line 3'
    """
    file = code.co_filename.replace("\\", "/").rpartition("/")[2]
    text = linecache.getline(code.co_filename, number).strip()
    return f"{file}, line {number}: `{text}`" if text else f"{file}, line {number}"
