"""An exercise of the course: what makes an answer right, and what to say to one that is not."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Judge = Callable[[Any], str]
"""A function of an answer: "" where it is right, otherwise a hint at what went wrong."""


class Verdict(NamedTuple):
    """Whether an answer is right, and what there is to say; in a condition it stands for whether it is.

    >>> Verdict(False, "count the arrows into x")
    not yet: count the arrows into x
    """

    right: bool
    text: str

    def __bool__(self) -> bool:
        return self.right

    def __repr__(self) -> str:
        return self.text if self.right else f"not yet: {self.text}"


class NotRight(Exception):
    """An answer cannot even be tried; the message is the hint."""


def tried(answer: Any, *inputs: Any) -> Any:
    """Return what the function that was handed in gives for inputs.

    Errors: NotRight where the answer is no function, or raises.

    >>> tried(lambda x: x * x, 3)
    9
    """
    if not callable(answer):
        raise NotRight(f"a function is asked for, such as lambda x: x * x, got {_kind(answer)}")
    try:
        return answer(*inputs)
    except Exception as error:  # whatever the reader's own function raises
        shown = ", ".join([f"{x!r:.40}" for x in inputs])
        raise NotRight(f"your function, tried on {shown}, raised {type(error).__name__}: {error}") from None


def judged(judge: Judge, answer: Any) -> Verdict:
    """Return the verdict of a judge on an answer.

    >>> judged(lambda answer: "" if tried(answer, 2) == 4 else "try it on 2", lambda x: x * x)
    right
    """
    if answer is ...:
        return Verdict(False, "write your answer where the dots are")
    try:
        hint = judge(answer)
    except NotRight as why:
        hint = str(why)
    return Verdict(not hint, hint or "right")


def value(
    truth: Callable[[], Any],
    mistakes: Mapping[str, Callable[[], Any]] | None = None,
    *,
    within: float = 2e-3,
    otherwise: str = "that is not the number; take it step by step, as the cells above do",
) -> Judge:
    """Return the judge of a number, a text, or a row of them, whose truth is computed when it is asked for.

    A number is right within so large a share of the truth. Each of `mistakes` is a hint, and what someone
    who needs it would answer; `otherwise` is the hint to all other answers.

    >>> judge = value(lambda: 8.0, {"x occurs three times, not once": lambda: 2.0})
    >>> judge(8), judge(2), judge("eight")
    ('', 'x occurs three times, not once', 'a number is asked for, got a text')
    """

    def judge(answer: Any) -> str:
        expected = truth()
        unlike = _unlike(answer, expected)
        if unlike:
            return unlike
        if _close(answer, expected, within):
            return ""
        known = mistakes or {}
        return next((hint for hint, wrong in known.items() if _close(answer, wrong(), within)), otherwise)

    return judge


def _unlike(answer: Any, expected: Any) -> str:
    """Return in what an answer is of another kind than the truth, "" where it is of the same."""
    if isinstance(expected, (list, tuple)):
        if not isinstance(answer, (list, tuple)):
            return f"{len(expected)} numbers in a row are asked for, got {_kind(answer)}"
        if len(answer) != len(expected):
            return f"{len(expected)} numbers in a row are asked for, got {len(answer)}"
        return next(filter(None, map(_unlike, answer, expected)), "")
    wanted = _kind(expected)
    return "" if _kind(answer) == wanted else f"{wanted} is asked for, got {_kind(answer)}"


def _kind(x: Any) -> str:
    if isinstance(x, str):
        return "a text"
    if isinstance(x, bool):
        return "yes or no, True or False"
    if isinstance(x, (list, tuple)):
        return "a row"
    try:
        float(x)
    except (TypeError, ValueError):
        return f"a {type(x).__name__}"
    return "a number"


def _close(answer: Any, expected: Any, within: float) -> bool:
    if isinstance(expected, (list, tuple)):
        return len(answer) == len(expected) and all(
            _close(a, e, within) for a, e in zip(answer, expected, strict=True)
        )
    if isinstance(expected, (str, bool)):
        return bool(answer == expected)
    return math.isclose(float(answer), float(expected), rel_tol=within, abs_tol=within * 1e-3)
