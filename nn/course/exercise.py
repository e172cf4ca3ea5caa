"""An exercise of the course: what makes an answer right, and what to say to one that is not."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine import Value, chain_rule

Judge = Callable[[Any], str]
"""A function of an answer: "" where it is right, otherwise a hint at what went wrong."""
DIGITS = 3
"""A number that is not whole is asked for to so many digits; one that is whole, exactly."""
COARSE = 2
"""To so many digits an answer is near enough to be told that it is, and a mistake is recognised."""
ROUNDING = 1e-9
"""What the rounding of floats may amount to, as a share of a number, and of 1 at least."""


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
    """Return what the function that was handed in gives for inputs, arrays as lists.

    Errors: NotRight where the answer is no function, or raises.

    >>> tried(lambda x: x * x, 3)
    9
    """
    if not callable(answer):
        raise NotRight(f"a function is asked for, such as lambda x: x * x, got {_kind(answer)}")
    try:
        return _plain(answer(*inputs))
    except Exception as error:  # whatever the reader's own function raises
        shown = ", ".join([f"{x!r:.40}" for x in inputs])
        raise NotRight(f"your function, tried on {shown}, raised {type(error).__name__}: {error}") from None


def leaf(answer: Any, number: float, such_as: str) -> Value:
    """Return the one leaf that the result of a computation was made from.

    Errors: NotRight where the answer is no such result, was made from several leaves, or from another number.

    >>> x = Value(3.0)
    >>> leaf(x * x, 3.0, "a*a") is x
    True
    """
    if type(answer) is not Value:
        wanted = f"the result of a computation with Value({number}), such as {such_as}"
        raise NotRight(f"hand in {wanted}, got {_kind(answer)}")
    if answer.op is None:
        raise NotRight(f"nothing is computed with it yet; hand in the result, such as {such_as}")
    found = {part for step in chain_rule(answer) for part in (step.node, step.input) if part.op is None}
    if len(found) != 1:
        raise NotRight(f"one Value is to be used, however often; here are {len(found)}")
    (x,) = found
    if x.data != number:
        raise NotRight(f"start from Value({number}); here it is {x.data:g}")
    return x


def number(answer: Any, wanted: str) -> float:
    """Return an answer as a float.

    Errors: NotRight, with what is wanted, where it is no number; a text is none.

    >>> number(3, "one number, the bias")
    3.0
    """
    if _kind(answer) != "a number":
        raise NotRight(f"hand in {wanted}, got {_kind(answer)}")
    return float(answer)


def numbers(answer: Any, count: int, wanted: str) -> list[float]:
    """Return an answer as so many floats.

    Errors: NotRight, with what is wanted, where it is no row of so many numbers.

    >>> numbers((1, 2), 2, "two numbers")
    [1.0, 2.0]
    """
    if not isinstance(answer, (list, tuple)) or len(answer) != count:
        raise NotRight(f"hand in {wanted}, got {_kind(answer)}")
    return [number(x, wanted) for x in answer]


def judged(judge: Judge, answer: Any) -> Verdict:
    """Return the verdict of a judge on an answer; numpy's arrays and numbers are taken as lists and numbers.

    >>> judged(lambda answer: "" if tried(answer, 2) == 4 else "try it on 2", lambda x: x * x)
    right
    """
    if answer is ...:
        return Verdict(False, "write your answer where the dots are")
    try:
        hint = judge(_plain(answer))
    except NotRight as why:
        hint = str(why)
    return Verdict(not hint, hint or "right")


def value(
    truth: Callable[[], Any],
    mistakes: Mapping[str, Callable[[], Any]] | None = None,
    *,
    digits: int = DIGITS,
    otherwise: str = "that is not the number; take it step by step, as the cells above do",
) -> Judge:
    """Return the judge of a number, a text, or a row of them, whose truth is computed when it is asked for.

    A whole number is right where it is equal, another one where so many of its digits are; texts may differ
    in capitals. Each of `mistakes` is a hint, and what someone who needs it would answer; `otherwise` is the
    hint to all other answers.

    >>> judge = value(lambda: 8.0, {"x occurs three times, not once": lambda: 2.0})
    >>> judge(8), judge(2), judge("eight")
    ('', 'x occurs three times, not once', 'a number is asked for, without quotes, got a text')
    >>> value(lambda: 2 / 3)(0.667), value(lambda: 2 / 3)(0.67)
    ('', 'that is near, but three correct digits are asked for')
    """

    def judge(answer: Any) -> str:
        expected = truth()
        unlike = _unlike(answer, expected)
        if unlike:
            return unlike
        if _agree(answer, expected, digits):
            return ""
        known = {hint: wrong() for hint, wrong in (mistakes or {}).items()}
        for hint, wrong in known.items():
            if _agree(answer, wrong, digits):
                return hint
        if _agree(answer, expected, COARSE, roughly=True):
            asked = "the exact number is" if _exact(expected) else "three correct digits are"
            return f"that is near, but {asked} asked for"
        coarse = (hint for hint, wrong in known.items() if _agree(answer, wrong, COARSE, roughly=True))
        return next(coarse, otherwise)

    return judge


def _plain(answer: Any) -> Any:
    """Return an answer with arrays, and what an array is made of, as lists and numbers of Python."""
    if hasattr(type(answer), "tolist"):
        return answer.tolist()
    return type(answer)(map(_plain, answer)) if type(answer) in (list, tuple) else answer


def _unlike(answer: Any, expected: Any) -> str:
    """Return in what an answer is of another kind than the truth, "" where it is of the same."""
    wanted, got = _kind(expected), _kind(answer)
    if isinstance(expected, (list, tuple)):
        nested = isinstance(expected[0], (list, tuple))
        parts = "rows" if nested else f"{_kind(expected[0]).removeprefix('a ')}s in a row"
        if not isinstance(answer, (list, tuple)) or len(answer) != len(expected):
            return f"{len(expected)} {parts} are asked for, got {got}; write {_form(expected)}"
        return next(filter(None, map(_unlike, answer, expected)), "")
    if got == wanted:
        return ""
    quotes = ", in quotes" if wanted == "a text" else ", without quotes" if got == "a text" else ""
    return f"{wanted} is asked for{quotes}, got {got}"


def _form(expected: Any) -> str:
    """Return a row with dots for what stands in it: "(..., (..., ...))"."""
    return f"({', '.join(map(_form, expected))})" if isinstance(expected, (list, tuple)) else "..."


def _kind(x: Any) -> str:
    if isinstance(x, str):
        return "a text"
    if isinstance(x, bool):
        return "yes or no, True or False"
    if isinstance(x, (list, tuple)):
        return f"a row of {len(x)}"
    try:
        float(x)
    except OverflowError:
        return "more than any float"
    except (TypeError, ValueError):
        return f"a {type(x).__name__}"
    return "a number"


def _agree(answer: Any, expected: Any, digits: int, *, roughly: bool = False) -> bool:
    """Tell whether an answer is the expected one, to so many digits.

    A whole number is to be met exactly; roughly, a number with a fraction may stand for it.
    """
    if isinstance(expected, (list, tuple)):
        return len(answer) == len(expected) and all(
            _agree(a, e, digits, roughly=roughly) for a, e in zip(answer, expected, strict=True)
        )
    if isinstance(expected, str):
        return bool(answer.strip().casefold() == expected.casefold())
    if isinstance(expected, bool):
        return bool(answer == expected)
    number, given = float(expected), float(answer)
    exactly = _whole(number) and (_whole(given) or not roughly)
    room = 0.0 if exactly or number == 0 else 10.0 ** (math.floor(math.log10(abs(number))) + 1 - digits) / 2
    return abs(given - number) <= room + ROUNDING * max(1.0, abs(number))


def _whole(number: float) -> bool:
    return math.isfinite(number) and math.isclose(number, round(number), rel_tol=ROUNDING, abs_tol=ROUNDING)


def _exact(expected: Any) -> bool:
    """Tell whether all numbers of a truth are whole."""
    return all(map(_exact, expected)) if isinstance(expected, (list, tuple)) else _whole(float(expected))
