"""The exercises of the notebooks: check_exercise("03.2", answer) says whether it is right, or where to look.

The truth of each is computed by the engine when it is asked for, so there is nothing to look up.
"""

from typing import Any

from nn.course import (
    lesson_01,
    lesson_02,
    lesson_03,
    lesson_04,
    lesson_05,
    lesson_06,
    lesson_07,
    lesson_08,
    lesson_09,
    lesson_10,
    lesson_11,
    lesson_12,
    lesson_13,
    lesson_14,
    lesson_15,
    lesson_16,
)
from nn.course.exercise import Judge, Verdict, judged

__all__ = ["EXERCISES", "Verdict", "check_exercise"]

EXERCISES: dict[str, Judge] = {
    **lesson_01.EXERCISES,
    **lesson_02.EXERCISES,
    **lesson_03.EXERCISES,
    **lesson_04.EXERCISES,
    **lesson_05.EXERCISES,
    **lesson_06.EXERCISES,
    **lesson_07.EXERCISES,
    **lesson_08.EXERCISES,
    **lesson_09.EXERCISES,
    **lesson_10.EXERCISES,
    **lesson_11.EXERCISES,
    **lesson_12.EXERCISES,
    **lesson_13.EXERCISES,
    **lesson_14.EXERCISES,
    **lesson_15.EXERCISES,
    **lesson_16.EXERCISES,
}
"""What judges an answer, by the exercise's number: that of the notebook, a dot, and its place there."""


def check_exercise(number: str, answer: Any) -> Verdict:
    """Return whether an answer to an exercise is right; if not, a hint at what went wrong.

    An answer is a number, a text, a row of them, a function or a graph, as the exercise says.

    Errors: ValueError for a number that no exercise has; TypeError for one that is no text.

    >>> check_exercise("01.1", 12.0)
    not yet: that is the slope of x³ alone: -4x has a share of its own
    """
    return judged(_found(number), answer)


def _found(number: Any) -> Judge:
    """Return what judges the exercise of that number: "01.1", not "1.1"."""
    notebook, _, place = str(number).strip().partition(".")
    meant = f"{notebook:0>2}.{place}"
    if not isinstance(number, str):
        such_as = meant if meant in EXERCISES else min(EXERCISES)
        raise TypeError(f'the number of an exercise is a text, such as "{such_as}", got {number!r}')
    if number in EXERCISES:
        return EXERCISES[number]
    there = [name for name in EXERCISES if name.startswith(f"{notebook:0>2}.")]
    if meant in EXERCISES:
        hint = f"did you mean {meant!r}?"
    elif there:
        hint = f"notebook {there[0][:2]} has {', '.join(there)}"
    else:
        hint = f"they are {min(EXERCISES)!r} to {max(EXERCISES)!r}"
    raise ValueError(f"no exercise is called {number!r}; {hint}")
