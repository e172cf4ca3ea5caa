"""What a recorded function must not do, refused with the line that does it, in the thread that records."""

import linecache
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from sys import _getframe as getframe
from types import CodeType
from typing import Any, NoReturn

from engine.see.excerpt import file_name
from engine.see.origin import outside
from engine.value import Value


class RecordError(TypeError):
    """A function cannot be recorded as a program: it says which line does what, and what to write.

    >>> from engine import RecordError, record
    >>> try:
    ...     record(lambda x: x if x > 0.0 else -x, 1.0)
    ... except RecordError as error:
    ...     print("compares a recorded number" in str(error))
    True
    """


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
    refused: RecordError | None = None
    """The first refusal of this recording: the function may have caught it, and gone on."""


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

    A refusal that is caught inside is raised again at the end.

    Errors: RecordError where the thread is recording already.

    >>> with guarded():
    ...     Value(1.0) > 0  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    engine.compile.guard.RecordError: <...>, line 2: `Value(1.0) > 0...
    """
    if _here.recording:
        refuse("record was called inside of a function that is being recorded")
    with _guard.lock:
        if not _guard.depth:
            _guard.undo = _begun()
        _guard.depth += 1
    _here.recording, _here.refused = True, None
    try:
        yield
        if _here.refused is not None:
            raise _here.refused
    except Exception as error:
        if _here.refused is None or error is _here.refused:
            raise
        raise _here.refused from error
    finally:
        _here.recording, _here.refused = False, None
        with _guard.lock:
            _guard.depth -= 1
            if not _guard.depth:
                _guard.undo.close()


def refuse(what: str) -> NoReturn:
    """Raise RecordError, and once more at the end of the recording, should the function catch it.

    >>> refuse("f.py, line 3 compares a recorded number")
    Traceback (most recent call last):
        ...
    engine.compile.guard.RecordError: f.py, line 3 compares a recorded number
    """
    error = RecordError(what)
    if _here.recording and _here.refused is None:
        _here.refused = error
    raise error


def refuse_index(name: str, number: int) -> NoReturn:
    """Raise RecordError for the use of an index as a whole number; it was given as `name`.

    >>> refuse_index("label", 3)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    engine.compile.guard.RecordError: ... label is given as the int 3, so it is an index; write 3.0 ...
    """
    refuse(
        f"{place(getframe(1))} uses a recorded index as a number, which would be frozen for all samples: "
        f"write select(table, index) in place of table[index]; {name} is given as the int {number}, so it is "
        f"an index; write {number}.0 for a number"
    )


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
            refuse(f"{place(getframe(1))} {what}")
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
    file = file_name(code.co_filename)
    text = linecache.getline(code.co_filename, number).strip()
    return f"{file}, line {number}: `{text}`" if text else f"{file}, line {number}"
